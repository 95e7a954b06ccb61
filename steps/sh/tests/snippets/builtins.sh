printf '%s %d %5d|%-5d|%05d %x %X %o %c %% %e %.2f\n' str 42 7 7 7 255 255 8 char 1.5 3.14159
#---
printf '%s\n' a b c; printf '%s-%s\n' a b c; printf '\n'; printf 'no args\n'; printf '%b' 'a\tb\n'; printf '%q\n' 'a b' "it's" '' $'x\ny'; printf -v v '%03d' 5; echo $v
#---
printf '%5s|%-5s|%.2s|%*d\n' ab ab abc 4 9; printf '%i %u\n' -1 1; printf '%d\n' 0x1f 010 "'A"; printf '%s'; printf '[%s]\n'; printf '%d\n' abc; echo $?
#---
echo -n a; echo b; echo -e 'a\tb\c'; echo; echo -e '\x41\0101'; echo -E 'a\tb'; echo 'a\tb'; echo -ne 'x\n'; echo -z; echo --; echo -n
#---
echo 'a b c' | { read -r x y; echo "[$x][$y]"; }; echo 'a\b' | { read x; echo "$x"; }; echo 'a\b' | { read -r x; echo "$x"; }; echo abc | { read -n 2 x; echo $x; }; printf 'a:b' | { read -d : x; echo $x; }; echo '  x  ' | { read x; echo "[$x]"; }; echo '  x  ' | { IFS= read -r x; echo "[$x]"; }
#---
echo '1,2,,4' | { IFS=, read a b c d; echo "$a|$b|$c|$d"; }; echo 'a b c' | { read -a A; echo ${#A[@]}; }; read x < /dev/null; echo $?; echo -n partial | { read x; echo "$? $x"; }
#---
set -- -a -b val -c rest; while getopts ab:c o; do echo "$o ${OPTARG-none}"; done; shift $((OPTIND-1)); echo $1
#---
set -- -x -b; while getopts :ab: o; do case $o in \?) echo "bad $OPTARG";; :) echo "arg $OPTARG";; *) echo $o;; esac; done; OPTIND=1; set -- -abfoo x; while getopts ab: o; do echo $o $OPTARG; done; echo $OPTIND
#---
type cd; type -t cd if echo nosuch f; f() { :; }; type -t f; command -v cd; command -v f; command -v nosuch; echo $?; type nosuch; echo $?
#---
f() { echo "hi $1"; if true; then echo y; fi; }; type f; declare -f f
#---
cd /tmp; pwd; cd /; pwd; cd - ; echo $OLDPWD; cd /nonexistent; echo $?; cd /usr/../tmp; pwd; (cd /; pwd); pwd
#---
pushd /tmp >/dev/null; dirs; pushd / ; popd; dirs -v; popd >/dev/null; popd; echo $?
#---
export X=1; sh -c 'echo $X'; Y=2 sh -c 'echo $Y'; echo "[$Y]"; export -n X; sh -c 'echo "[$X]"'; unset X; echo "[$X]"; env -i A=b sh -c 'echo $A'
#---
alias ll='echo aliased'; shopt -s expand_aliases
ll x
unalias ll
ll 2>/dev/null; echo $?
#---
set -- a b c; shift; echo $1 $#; shift 2; echo $#; shift; echo $?; set -- -- x; echo $1; set x y; echo $2; set -- ; echo $#
#---
umask; umask 077; umask; umask -S; (umask 022); umask; f=$(mktemp -u); : > $f; ls -l $f | cut -c1-10; rm $f
#---
test -f /etc/passwd; echo $?; [ -d /tmp ]; echo $?; [ -x /bin/sh ]; echo $?; [ -s /dev/null ]; echo $?; [ -r /etc/passwd -a -w /tmp ]; echo $?; [ 1 -eq x ]; echo $?; [ a b c d ]; echo $?; [ -z ]; echo $?; [ = ]; echo $?; [ ! = x ]; echo $?
#---
d=$(mktemp -d); cd $d; touch a; sleep 0.05; touch b; [ b -nt a ] && echo nt; [ a -ot b ] && echo ot; [ a -ef a ] && echo ef; ln -s a l; [ -L l ] && echo link; [ -h a ] || echo nolink; rm -r $d
#---
x=5; unset x; echo ${x-gone}; f() { :; }; unset -f f; f 2>/dev/null; echo $?; unset nope; echo $?; x=(1 2); unset x[0]; echo ${x[@]}
#---
. /dev/stdin <<< 'y=sourced; echo "in source $1"'; echo $y; d=$(mktemp); echo 'echo "args $@"; return 3; echo no' > $d; . $d a b; echo $?; source $d; rm $d
#---
true; : ; false; echo $?; let 1; echo $?; builtin echo b; command echo c; command -p echo d; exec 2>&1; echo e >&2
#---
sleep 0.01 & wait $!; echo $?; (exit 7) & wait $!; echo $?; { sleep 0.02; exit 3; } & p=$!; wait $p; echo $?; wait; echo $?; wait 99999 2>/dev/null; echo $?
#---
sleep 5 & p=$!; kill $p; wait $p 2>/dev/null; echo $?; sleep 5 & kill -9 $!; wait $! 2>/dev/null; echo $?; kill -0 $$ && echo alive; kill -l 15; kill -l TERM
#---
(trap 'echo got; exit 9' TERM; while :; do sleep 0.05; done) & sleep 0.2; kill $!; wait $!; echo $?
#---
f() { sleep 0.05; echo bg; }; f & f2() { echo fg; }; f2; wait; echo end; for i in 1 2; do (sleep $((i-1)).2; exit $i) & done; wait -n; echo first $?; wait
#---
set -o | grep -E 'errexit|pipefail'; shopt extglob; shopt -s extglob; shopt -q extglob && echo on; set -o nounset; echo $-  | grep -o u; shopt -p nullglob
#---
hash sort; times | wc -l; ulimit -n >/dev/null; echo $?; caller; echo $?; f() { caller 0; }; f
#---
x=$RANDOM; [ $x -ge 0 ] && [ $x -lt 32768 ] && echo r; [ $SECONDS -ge 0 ] && echo s; echo $LINENO; echo $BASH_SUBSHELL; (echo $BASH_SUBSHELL); [ $$ = $BASHPID ] && echo same; [ -n "$PPID" ] && echo p; RANDOM=42; echo $RANDOM $RANDOM
#---
echo one; printf 'x%.0s' {1..5}; echo; printf '%(%Y)T\n' 0; printf '%s %s\n' "$UID" "$EUID"; echo ${#HOSTNAME} | grep -q . && echo h
#---
exec 3<<< 'l1
l2'; read -u 3 a; read -u 3 b; echo $a $b; read -t 0.05 x < <(sleep 1); echo $((  $? > 128 )); read -p prompt y <<< z; echo $y
#---
mapfile -d : -t A <<< 'a:b:c'; echo ${#A[@]} ${A[1]}; mapfile -s 1 -n 1 -t B < <(seq 5); echo ${B[@]}; printf -v arr[2] x; echo ${!arr[@]}
#---
set foo bar; echo $1; set -e; set +e; set - x y; echo $2; set -- -e; echo $1; echo "$-" | grep -c e
