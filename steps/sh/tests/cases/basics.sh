x=5; echo "x=$x ${x:-7} ${y:-8} ${#x}"
f() { echo "f: $1 $#"; return 3; }
f a b; echo $?
for i in 1 2 3; do echo -n; echo $i; done
echo $(echo hi; echo there) "$(echo "a  b")"
a=(1 2 "3 4"); echo "${a[@]}" ${#a[@]} "${a[2]}"; for e in "${a[@]}"; do echo "<$e>"; done
case foo.txt in *.txt) echo txt;; *) echo other;; esac
echo one two three | cat | wc -w
seq 5 | while read n; do echo "n=$n"; done
if [ 3 -gt 2 ]; then echo gt; fi
[[ foo == f* ]] && echo match
[[ abc =~ ^a(b)c$ ]] && echo ${BASH_REMATCH[1]}
echo $((2+3*4)) $((x++)) $x
(( x > 5 )) && echo bigger
cat <<EOF
here $x
EOF
cat <<'EOF'
raw $x
EOF
echo {a,b}{1..3}
set -- a b c; echo "$@" "$*" $#
(cd /tmp; echo sub $PWD); 
false || echo or
! false && echo not
v=hello; echo ${v^^} ${v:1:3} ${v/l/L} ${v//l/L} ${v#he} ${v%lo}
declare_x() { local z=1; }; 
sleep 0.1 & wait; echo waited
echo a > f1; cat f1; cat < f1; echo b >> f1; wc -l < f1; rm f1
nosuchcmd; echo $?
cat <(echo procsub)
echo $0 $$ >/dev/null
x=$(false); echo $?
set -e
false
echo notreached
