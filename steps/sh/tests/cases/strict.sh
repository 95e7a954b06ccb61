set -euo pipefail
f() { false; echo after; }
f || echo "f failed"
if f; then echo yes; fi
x=$(echo a; false) || echo "substitution $?"
echo "${y:-none}"
arr=()
echo "count ${#arr[@]}"
for i in "${arr[@]}"; do echo never; done
trap 'echo "exit $?"' EXIT
trap 'echo "error at $LINENO"' ERR
( exit 3 ) || echo sub $?
false | true || echo pipe
g() { local v; v=$(false); echo unreached; }
g
echo never
