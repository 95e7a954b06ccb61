printf '%s-%d-%05.2f|%-5s|%5s|%x\n' a 5 3.14159 ab cd 255
printf '%b' 'a\tb\n'; printf '%q\n' "a b'c"
echo -e 'x\ty'; echo -n no; echo
read -r a b <<< "one two three"; echo "$a/$b"
IFS=, read -ra parts <<< "x,y,,z"; echo "${#parts[@]} ${parts[3]}"
while IFS= read -r line; do echo "<$line>"; done < <(printf 'a\n b \n')
mapfile -t lines < <(seq 3); echo "${lines[@]}"
declare -A map=([k]=v [other]="a b"); echo "${map[k]} ${#map[@]}"; for k in "${!map[@]}"; do echo "$k=${map[$k]}"; done | sort
declare -i n=3; n+=4; echo $n
readonly r=1; declare -p r n
set -- -a -b val rest; while getopts "ab:" o; do echo "$o ${OPTARG-}"; done; shift $((OPTIND-1)); echo "$@"
[ -n "x" -a 1 -lt 2 ] && echo and; [ ! -e /nope ] && echo absent
test -d / && echo dir
type -t echo cd if; command -v printf
alias ll='ls'; alias
cd /tmp && pwd; cd - >/dev/null; pushd / >/dev/null; dirs -l | head -c 1; popd >/dev/null; echo
umask; umask 077; umask
eval 'echo evaluated $((1+1))'
let z=5*3; echo $z
unset z; echo "${z-unset}"
shopt -s nullglob; echo none*.zip; shopt -u nullglob
set -o | grep -c on >/dev/null && echo options
kill -l 15; trap 'echo usr' USR1; kill -USR1 $$; echo after
times >/dev/null; ulimit -n >/dev/null
local x 2>/dev/null || echo "local outside"
wait 99999; echo $?
