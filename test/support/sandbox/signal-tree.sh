# signal-tree.sh SIGNAL PID: sends SIGNAL to PID and to everything it has started, and prints their ids, one a line.
# Each is stopped before its children are listed, so that it cannot start another one meanwhile.
tree() {
  kill -STOP "$1" && echo "$1"
  for child in $(cat "/proc/$1/task/"*/children || pgrep -P "$1"); do
    tree "$child"
  done
}
ids=$(tree "$2" 2>/dev/null)
[ -z "$ids" ] || kill "-$1" $ids 2>/dev/null
echo "$ids"
