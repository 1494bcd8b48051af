# launch.sh NAME COMMAND…: starts COMMAND in the background and returns at once.
# NAME.pid holds its id, NAME.log what it prints, NAME.exit its exit code once it has ended.
# The id is written before the command begins, so there is no moment at which the guard would not find it.
name=$1
shift
rm -f "$name.pid" "$name.exit"
{
  sh -c 'echo $$ >"$0" && exec "$@"' "$name.pid" "$@" >>"$name.log" 2>&1
  echo $? >"$name.exit"
} </dev/null >/dev/null 2>&1 &
