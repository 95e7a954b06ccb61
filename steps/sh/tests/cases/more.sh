set -u
f() { local a=1 b; b=2; echo $a $b; g; echo $a; }
g() { a=9; }
f
a="x y"; set -- $a "$a" ''; echo $#
IFS=:; p=a:b::c; for i in $p; do echo "[$i]"; done; unset IFS
e() { exit 7; }; (e); echo $?
r() { for i in 1 2 3; do for j in a b; do [ $i = 2 ] && continue 2; [ $i = 3 ] && break 2; echo $i$j; done; done; }; r
echo "${undefd-default}" "${undefd:=set}" $undefd
declare -A m 2>/dev/null
case x in (x) echo paren;; esac
case abc in a*) echo 1;;& *c) echo 2;& zzz) echo 3;; esac
for ((i=0;i<3;i++)); do echo -; done
until false; do echo once; break; done
{ echo grouped; echo err >&2; } 2>&1 | cat
exec 3>out3; echo to3 >&3; exec 3>&-; cat out3; rm out3
x=$( { echo a; echo b; } | { read q; echo "q=$q"; cat; } ); echo "$x"
echo ${a/x/\&} ${a/x/"&"} ${a/x/[&]}
echo "a\$b\`c\"d" 'single $x' $'tab\there'
n=3; while [ $n -gt 0 ]; do n=$((n-1)); done; echo $n
echo $((16#ff)) $((010)) $((1<<4)) $((5%3)) $((2**10)) $((1?2:3))
t="a b c"; echo ${t// /-} ${#t} ${t:2} ${t: -1}
arr=(x y z); arr+=(w); arr[7]=q; echo ${!arr[@]} ${arr[@]:1:2} ${arr[-1]}
unset 'arr[1]'; echo ${arr[@]}
cat <<-X
	tabbed $((1+1))
	X
cat <<<"here string"
(trap 'echo bye' EXIT; echo in)
echo "$(trap 'echo t' EXIT; echo x)"
true && { false || echo deep; }
! true; echo $?
v=$(echo "nested $(echo "deep $(echo deeper)")"); echo "$v"
echo `echo back \`echo tick\``
pf() { return $1; }; pf 3 | pf 4; echo ${PIPESTATUS[@]}
set -o pipefail; pf 3 | true; echo $?
[[ -z "" && ( a == a || b == c ) ]] && echo cond
[[ "a b" == "a b" ]] && echo eq
[[ 5 -gt 3 ]] && echo num
echo *.sh | head -1
echo "done" >/dev/null
type_x=1; echo ${!type*}
ref=a; echo ${!ref}
printf '%s\n' "$@" > /dev/null
echo $LINENO
if false; then :; elif true; then echo elif; fi
time_x=1 env | grep -c time_x
A=1 B=2 sh -c 'echo $A$B'
echo a; echo b & wait $!; echo $?
sleep 5 & kill $!; wait $! ; echo killed $?
