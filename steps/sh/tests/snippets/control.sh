if false; then echo a; elif true; then echo b; else echo c; fi; if false; then :; fi; echo $?
#---
for i in 1 2 3; do [ $i = 2 ] && continue; echo $i; done; for i in 1 2 3; do for j in a b; do [ $i$j = 2a ] && break 2; echo $i$j; done; done
#---
i=0; while [ $i -lt 3 ]; do i=$((i+1)); echo $i; done; until [ $i -eq 0 ]; do i=$((i-1)); done; echo $i
#---
for x in a.txt b.sh c; do case $x in *.txt) echo text;; *.sh|*.bash) echo script;; *) echo other;; esac; done
#---
case b in a) echo a;; b) echo b;& c) echo c;; d) echo d;; esac; case x in x) echo 1;;& y) echo 2;; *) echo 3;; esac
#---
case "a b" in "a b") echo q;; esac; case '*' in \*) echo star;; esac; case abc in a[b-d]c) echo range;; esac; case "" in "") echo empty;; esac; case x in (x) echo paren;; esac
#---
f() { return 5; }; f; echo $?; f() { false; }; f; echo $?; f() { return; }; false; f; echo $?
#---
f() { echo "$1 $2 $#"; shift; echo "$1 $#"; }; f a b c; set -- x; f y; echo $1
#---
fact() { [ $1 -le 1 ] && echo 1 && return; echo $(( $1 * $(fact $(($1-1))) )); }; fact 10
#---
function g { echo g; }; function h() { echo h; }; g; h; k() ( x=sub; echo $x ); k; echo "[$x]"
#---
f() { echo out; echo err >&2; } 2>/dev/null; f; { echo a; echo b; } | wc -l; (echo c; exit 3); echo $?
#---
true && echo a || echo b; false && echo a || echo b; ! true; echo $?; ! false && echo neg; true; ! :; echo $?
#---
x=0; (x=1; echo $x); echo $x; { x=2; }; echo $x; x=3 | :; echo $x
#---
echo a; exit 3; echo b
#---
set -e; false || true; if false; then :; fi; ! true; echo ok; false; echo never
#---
set -e; f() { false; echo in f; }; f || echo caught; f && echo x; echo y; f; echo never
#---
set -e; x=$(false); echo never
#---
set -e; echo $(false); echo ok; local_() { local v=$(false); echo local ok; }; local_; (false); echo never
#---
set -eo pipefail; true | true; false | true || echo caught; false | true; echo never
#---
set -o pipefail; false | true; echo $?; true | (exit 3) | (exit 0); echo $?; set +o pipefail; false | true; echo $?
#---
set -e; while false; do :; done; until true; do :; done; [ 1 = 2 ] && echo no; echo reached; { false; } ; echo never
#---
set -e; trap 'echo "exit $?"' EXIT; echo a; (exit 4); echo b
#---
trap 'echo bye' EXIT; echo hi; exit 2
#---
trap 'echo err $?' ERR; false; true; (exit 3); if false; then :; fi; echo done
#---
trap 'echo int' INT; kill -INT $$; echo after; trap - INT; trap; trap 'echo x' USR1 TERM; trap -p
#---
(trap 'echo sub' EXIT; echo in); echo out; f() { trap 'echo ret' RETURN; echo body; }; f
#---
eval 'x=1; echo $x'; eval echo '$x' "'a  b'"; eval; echo $?; eval false; echo $?
#---
while read -r a b; do echo "$b-$a"; done <<EOF
1 2 3
x
EOF
#---
for i; do echo $i; done; set -- p q; for i do echo $i; done; for i in; do echo never; done
#---
i=5; while :; do i=$((i-1)); [ $i -gt 2 ] || break; done; echo $i; while true; do while true; do break 2; done; done; echo out
#---
if [ -n "x" -a 1 -eq 1 ]; then echo a; fi; [ ! -e /nonexistent ] && echo b; test x = x -o y = z; echo $?; [ ]; echo $?; [ "" ]; echo $?; [ ! "" ]; echo $?
#---
[[ abc == a* ]] && echo glob; [[ abc == "a*" ]] || echo quoted; [[ abc < abd ]] && echo lt; [[ -z "" && -n x || 1 -eq 2 ]] && echo log; [[ ! x = y ]] && echo not; [[ (1 -lt 2) ]] && echo paren
#---
[[ foo123 =~ ([a-z]+)([0-9]+) ]] && echo ${BASH_REMATCH[@]}; re='^v?([0-9]+)\.([0-9]+)$'; [[ v1.22 =~ $re ]] && echo ${BASH_REMATCH[1]} ${BASH_REMATCH[2]}; [[ a.b =~ a\.b ]] && echo dot; [[ axb =~ "a.b" ]] || echo literal
#---
x='a b'; [[ $x == a\ b ]] && echo same; [[ -v x ]] && echo set; [[ -v nope ]] || echo unset; [[ $x ]] && echo nonempty; [[ 5 -gt 3 && a != b ]]; echo $?
#---
f() { for i in 1 2; do return 7; done; }; f; echo $?; f() { while :; do break; done; echo after; }; f
#---
g() { echo ${#@} "$@"; }; g "" a "b c"; g ${undefined}; g "${undefined}"; set -- "$@" z; echo $#
#---
time_() { :; }; { echo 1; echo 2; } > /tmp/sh-case-$$; while read l; do echo "r$l"; done < /tmp/sh-case-$$; cat < /tmp/sh-case-$$; rm /tmp/sh-case-$$
#---
false; echo $?; true; echo $?; (exit 255); echo $?; sh -c 'exit 300'; echo $?; nosuchcmd 2>/dev/null; echo $?; /nonexistent/x 2>/dev/null; echo $?; /tmp 2>/dev/null; echo $?
#---
x=1; while [ $x -lt 100 ]; do x=$((x*2)); if [ $x -gt 20 ]; then break; fi; done; echo $x
#---
if ! grep -q x /dev/null; then echo none; fi; a=1 b=2; [ "$a" -lt "$b" ] && echo lt; [ a \< b ] && echo alt
#---
retry() { local n=0; until "$@"; do n=$((n+1)); [ $n -ge 3 ] && return 1; done; }; try() { c=$((c+1)); echo try $c; [ $c -ge 2 ]; }; retry try; echo $? $c
#---
set -x; echo a 2>/dev/null; x=1; [ $x = 1 ] && echo "b c"; set +x; echo done
#---
set -euo pipefail; IFS=$'\n\t'; main() { local name="${1:-world}"; echo "hello $name"; }; main "$@"; main x
