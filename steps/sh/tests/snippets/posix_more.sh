f() { echo "$@"; }; f "$@" "" ; set -- "" x; f "$@"; f $@; f "$*"; IFS=; f $*; f "$*"; unset IFS; set -- "a  b" c; f $1 "$1"; for x in "$@"; do f "$x"; done; f "${1}" "${2:+y}" "${3-d}"
#---
echo "a\"b" 'a"b' "a'b" a\'b \"a\" "\\" '\' "\a" '\a' a\ b "a\
b" 'a\
b' "$" \$ '$x' "\$x" '"' "'"
#---
x='$(echo no) `echo no` $y'; echo $x "$x"; eval echo "$x" 2>/dev/null; y=\$x; echo $y; eval echo $y 
#---
while getopts ab: o; do echo $o; done -a 2>/dev/null; echo syntax
#---
if :; then echo a; fi >f; cat f; { echo b; } >>f; (echo c) >>f; for i in d e; do echo $i; done >>f; while read l; do echo "<$l>"; done <f; case x in x) echo g;; esac >f; cat f; f() { echo h; } >f; f; cat f; if :; then cat; fi <f; until false; do cat; break; done <f
#---
cat <<a; cat <<b; echo end
1
a
2
b
cat <<a && echo and || echo or
x
a
cat <<a | cat
y
a
(cat <<a
z
a
)
f() { cat <<a
in f $1
a
}
f 1; f 2
cat <<'a b'
quoted delim
a b
cat <<a\ b
esc delim
a b
#---
set -- 1 2 3; while [ $# -gt 0 ]; do echo $1; shift; done; set -- -a -b x; for arg; do case $arg in -*) echo opt $arg;; *) echo arg $arg;; esac; done; i=0; while :; do i=$((i+1)); case $i in 2) continue;; 4) break;; esac; echo $i; done; until [ $i -le 0 ]; do i=$((i-2)); done; echo $i
#---
(trap 'echo sub' EXIT); (trap 'echo T' TERM; trap); trap 'echo P' EXIT; (trap); (trap - EXIT; trap); x=$(trap); echo "$x"; trap -- '-' INT 2>/dev/null; trap; trap 0; trap
#---
a=1 b=2; a=$b b=$a; echo $a $b; x=1 y=$x; echo $y; x=2 y=$x :; echo $y; unset z; z=1 eval 'echo $z'; echo ${z-unset}; z=1 :; echo $z; z=2 true; echo $z; z=3 command :; echo $z; f() { :; }; z=4 f; echo $z; z=5 export q; echo $z
#---
echo ${x=a b} "$x"; echo ${y:="c  d"} "$y"; unset x; echo ${x-"$(echo sub)"} ${x-`echo bq`} ${x-$((1+1))} ${x-${y}} "${x-"$y"}" ${x:+no} "${y:+"yes  sir"}"; echo ${#y} ${y%d} ${y#c} ${y%% *} ${y##* }; a=a.b.c; echo ${a%.*} ${a%%.*} ${a#*.} ${a##*.}; p=.; echo ${a%$p*} ${a%"$p"*}; s='*x*'; echo "${s#'*'}" "${s%"*"}" "${s#\*}"; echo "${a#?}" "${a%?}" "${a#[a-c]}" "${a%[!a]}"
#---
echo $((1)) $((-1)) $((+1)) $((1 - -1)) $(( 2 * ( 3 + 4 ) )) $((7/2)) $((-7/2)) $((7%3)) $((1<2)) $((2<=1)) $((1==1)) $((1!=1)) $((1&&0)) $((1||0)) $((!1)) $((~1)) $((1&3)) $((1|2)) $((1^3)) $((1<<3)) $((8>>1)) $((1?2:3)) $((x=5)) $x $((x+=1)) $((x-=2)) $((x*=3)) $((x/=4)) $((x%=2)) $((x<<=3)) $((x>>=1)) $((x|=3)) $((x&=6)) $((x^=5)) $((0x10)) $((010)); y=3; echo $((y)) $(($y)) $((y*y)) $((-y)) $(( y > 2 ? y : 0 ))
#---
f() { echo "f:$1"; [ "$1" -gt 0 ] && f $(($1-1)); return $1; }; f 2; echo $?; g() { x=inner; h; echo $x; }; h() { x=h$x; }; x=outer; g; echo $x; k() { unset -f k; echo once; }; k; k 2>/dev/null; echo $?; m() { m() { echo second; }; echo first; }; m; m; n() { return; echo no; }; false; n; echo $?; o() { (return 3); echo $?; }; o; p() { eval 'return 5'; }; p; echo $?; echo 'return 6' >r; q() { . ./r; echo $?; return 7; }; q; echo $?
#---
for f in a b; do :; done; echo $f; for x in; do echo no; done; echo ${x-unset}; for x in $none; do echo no; done; for x in "$none"; do echo "[$x]"; done; for x in 'a b' c; do echo "$x"; done; for x in *; do echo $x; done; for i in 1 2 3; do for j in 1 2; do [ $j = 2 ] && continue 2; echo $i$j; done; done; for x in a; do break; done; echo $?; for x in a; do false; done; echo $?
#---
case abc in a*) echo 1;; *b*) echo 2;; esac; case abc in b*|*c) echo 3;; esac; case 'a b' in "a b") echo 4;; esac; x='a*'; case abc in $x) echo 5;; esac; case abc in "$x") echo 6;; *) echo 7;; esac; case a in [a-c]) echo 8;; esac; case d in [!a-c]) echo 9;; esac; case '' in '') echo 10;; esac; case x in ?) echo 11;; esac; case xy in ?) echo 12;; ??) echo 13;; esac; case - in [-a]) echo 14;; esac; case ']' in []]) echo 15;; esac; case a in (a) echo 16;; esac; case $(echo z) in z) echo 17;; esac; case ~ in /*) echo 18;; esac; case a.b in *.*) echo 19;; esac; case .x in *) echo 20;; esac; case \* in \*) echo 21;; esac; case '\' in '\') echo 22;; esac; case '\\' in \\\\) echo 23;; esac; case 5 in [[:digit:]]) echo 24;; esac; case A in [[:lower:]]) echo no;; [[:upper:]]) echo 25;; esac
#---
mkdir d; cd d; >a; >b; >.h; >'x y'; echo *; echo .*; echo ?; echo [ab]; echo [!a]; echo a* b*; echo *z; echo "*"; echo '*'; echo \*; x='*'; echo $x "$x"; echo "a"*; echo a"*"; for i in *; do echo "<$i>"; done; cd ..; echo d/*; echo */a; echo */*; echo d/.h; echo d/.*; echo ./d/a; echo d//a; set -f; echo *; set +f; echo [d]; echo d/[x]*; echo nosuch*/x; echo d/*/
#---
read a b c <<E
 1  2   3 4 
E
echo "[$a][$b][$c]"; IFS=: read a b c <<E
x::y:z
E
echo "[$a][$b][$c]"; read a <<E
back\\slash con\\
tinued
E
echo "[$a]"; read -r a <<E
raw\\slash
E
echo "[$a]"; printf 'a\nb\n' | while read x; do echo "<$x>"; done; printf 'last' | { read x || echo "eof:$x"; }; IFS=' :' read a b <<E
 p : q r
E
echo "[$a][$b]"; IFS=: read a <<E
:lead:trail:
E
echo "[$a]"; IFS= read -r a <<E
  spaces  
E
echo "[$a]"; read a b <<E

E
echo "[$a][$b]$?"
