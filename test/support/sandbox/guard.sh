# guard.sh FOLDER: waits until its standard input closes, which is when its starter has ended, however that came about;
# then kills every process that launch.sh started in FOLDER, with all that those started, and removes FOLDER.
trap '' HUP INT QUIT TERM
while read -r _; do :; done

# Postgres ends at once by itself when asked so, and only then gives back the shared memory that outlives its processes.
if [ -e "$1/postgres.pid" ] && [ ! -e "$1/postgres.exit" ]; then
  kill -QUIT "$(cat "$1/postgres.pid")" 2>/dev/null
  tries=0
  while [ ! -e "$1/postgres.exit" ] && [ "$tries" -lt 40 ]; do
    sleep 0.05
    tries=$((tries + 1))
  done
fi

tries=0
while [ -e "$1" ] && [ "$tries" -lt 50 ]; do
  for file in "$1"/*.pid; do
    [ ! -e "$file" ] || [ -e "${file%.pid}.exit" ] || sh "$(dirname "$0")/signal-tree.sh" KILL "$(cat "$file")"
  done >/dev/null 2>&1
  # What has just been killed may still be writing, which can make a removal fail.
  rm -rf "$1" 2>/dev/null || sleep 0.1
  tries=$((tries + 1))
done
