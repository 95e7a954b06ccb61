a=(1 2 3); declare -p a; a[5]=x; declare -p a; unset 'a[1]'; declare -p a; declare -a e=(); declare -p e; declare -a u; declare -p u; echo $?
#---
declare -A m=([a]=1 ["b c"]='2"3' [d$]='$x'); for k in "${!m[@]}"; do echo "$k=${m[$k]}"; done | sort; declare -A e; declare -p e; declare -A one=([x]=y); declare -p one
#---
x=1; declare -p x; declare -i i=5; declare -p i; declare -r r=z; declare -p r; declare -x ex='a b'; declare -p ex; declare -l lo=ABC; declare -u up=abc; declare -p lo up; declare -n ref=x; declare -p ref; declare -irx all=3; declare -p all; declare u; declare -p u; declare -p nosuch; echo $?
#---
x=$'a\nb\t\'"\\'; declare -p x; y=$'\e\x01\u00e9'; declare -p y; a=($'a\nb' 'c d'); declare -p a; printf '%q\n' "$x" "$y" é 'a~b' '~a' 'a=b' '{a,b}' 'a#b' '#a' 'a!b' '^a'; echo "${x@Q}" "${y@Q}"
#---
x='a b'; echo ${x@Q} ${x@U} ${x@u} ${x@L} ${x@A} ${x@a} ${x@E} ${x@P} ${x@K}; a=(1 'b c'); echo ${a[@]@Q} ${a[@]@A} ${a[@]@a} "${a[@]@K}" "${a[@]@k}"; declare -A m=([k]='v w'); echo "${m[@]@K}" "${m[@]@Q}" "${m[@]@A}" ${m@a}; declare -irx n=3; echo ${n@a}; set -- x 'y z'; echo "${@@Q}" ${*@Q}; echo ${unset@Q} ${unset@A}
#---
x=hello; echo ${x^} ${x^^} ${x^^[el]} ${x^[h]} ${x^l}; y=HELLO; echo ${y,} ${y,,} ${y,,[EL]} ${y~} ${y~~}; a=(ab cd); echo ${a[@]^} ${a[@]^^} ; echo ${x^^?} ${x^^"l"}
#---
x=abcdef; echo ${x:1} ${x:1:2} ${x: -2} ${x:(-3):2} ${x:1:-1} ${x:0:-2} ${x:10} "${x:2:0}|" ${x::3} ${x:1+1:4/2}; a=(a b c d e); echo ${a[@]:1} ${a[@]:1:2} ${a[@]: -2} ${a[@]:0:2} "${a[@]:5}" ${a[*]:3:1}; set -- p q r; echo ${@:1} ${@:2:1} ${@:0:1} ${@: -1} ${*:2}; echo ${x:1:-10}; echo $?
#---
x=banana; echo ${x/a/o} ${x//a/o} ${x/#b/p} ${x/%a/e} ${x//an/} ${x//[an]/x} ${x/nope/y} ${x//a} ${x/#/pre} ${x/%/post} ${x//?/.} ${x/*/w}; y=a/b/c; echo ${y//\//-} ${y////_} "${y//"/"/+}"; a=(foo bar); echo ${a[@]/o/0} ${a[@]/#/x} ${a[@]//[oa]/_}; echo ${x/a/&&} "${x/a/[&]}" ${x/a/\&} "${x/a/"&"}"
#---
echo {a,b,c} {1..5} {5..1} {a..e} {1..10..3} {01..03} {a,b}{1,2} x{a,}y {a} {} {a,b {1..} {a..1} {1..2..0} {-2..2} {z..x} {a..g..2} {10..1..3} {001..10..5} a{b,c{d,e}f}g "{a,b}" \{a,b} {a\,b,c} {,} {,,} a{,b}c{,d} ${x-{a,b}} {"a b",c}
#---
x=1; echo {$x,2} {1..$x} {a..c}$x; y={a,b}; echo $y; for i in {1..3}; do echo -n $i; done; echo; echo {A..C}{1..2} {1,2}{3,4}{5,6}; echo {a..}{b,c}; echo a{1..3}b{x,y}; echo {0..-3} {-01..1} {a,b}.{c,d} {}a,b} {{a,b},c} {a,{b}} {a..b}..c
#---
shopt -s extglob; touch a ab abc b c.txt d.sh; echo @(a|b) ?(a)b *(a|b) +(a|b|c) !(*.txt|*.sh|script*) a!(b); case foobar in foo@(bar|baz)) echo 1;; esac; x=aaab; echo ${x##+(a)} ${x%%*(b)} ${x//+(a)/x} ${x/@(a)/y}; [[ abc == @(a|abc) ]] && echo 2; [[ a.b == !(*.c) ]] && echo 3; [[ "" == ?(x) ]] && echo 4; [[ ab == +([ab]) ]] && echo 5
#---
shopt -s globstar; mkdir -p d/e/f; touch d/1 d/e/2 d/e/f/3 .h d/.i; echo **; echo **/; echo d/**; echo **/[0-9]; echo d/**/3; shopt -s dotglob; echo **; shopt -u globstar; echo **
#---
shopt -s nullglob; echo x*nope y; shopt -u nullglob; shopt -s failglob; echo x*nope; echo $?; shopt -u failglob; shopt -s nocaseglob; touch ABC; echo a*; shopt -u nocaseglob; shopt -s nocasematch; [[ ABC == abc ]] && echo m; case ABC in abc) echo c;; esac; [[ ABC =~ b ]] && echo r
#---
GLOBIGNORE='*.o:b*'; touch a.c a.o b.c .d; echo *; unset GLOBIGNORE; echo *; shopt -s dotglob; echo *
#---
declare -n r=x; x=5; echo $r; r=6; echo $x; echo ${!r}; unset -n r; echo ${r-none}; f() { local -n l=$1; l=new; l2=${!l}; }; y=old; f y; echo $y $l2; declare -n ra='arr[1]'; arr=(a b c); echo $ra; ra=z; echo ${arr[@]}; declare -n e; e=x; echo $e; declare -n self=self; echo $?
#---
declare -n r=a; a=(1 2 3); echo ${r[1]} ${#r[@]} ${r[@]}; r+=(4); echo ${a[@]}; r[0]=x; echo $a; for r in x y; do x=1 y=2; echo $r; done; unset r; declare -p r
#---
printf -v x '%s-%d' a 5; echo $x; printf -v 'a[2]' z; echo ${a[2]}; printf '%(%Y)T\n' 0; printf '%(%F %T)T\n' 86400; printf -v y '%(%s)T' 5; echo $y; printf '%s %s\n' "${a[@]}" x; printf '%q %q\n' 'a b' ''; printf '%Q\n' 'a b'; printf '%.3q|\n' abcdef; printf '%b|%5b|\n' 'a\x41' 'b'
#---
read -a arr <<< "a b c"; declare -p arr; read -n 3 x <<< abcdef; echo $x; read -N 4 y <<< $'a\nbcd'; echo "$y"; read -d : z <<< 'p:q'; echo $z; IFS=, read -ra l <<< 'a,b,,c,'; declare -p l; read -r x <<< 'a\b'; echo $x; read -t 0 <<< x; echo $?; read -p prompt v <<< q; echo $v; read -s s <<< pw; echo $s; read x y <<< 'one'; echo "$x|$y"; read -e z <<< ed; echo $z; read -i def z <<< in; echo $z; read -u 5 z 2>/dev/null; echo $?
#---
mapfile -t a <<< $'x\ny\nz'; declare -p a; mapfile -n 2 -s 1 b <<< $'1\n2\n3\n4'; declare -p b; mapfile -d , -t c <<< 'a,b,c'; declare -p c; mapfile -O 3 -t a <<< q; declare -p a; readarray -t d < <(printf 'p\nq'); echo ${#d[@]} ${d[1]}; cb() { echo "cb $1 $2"; }; mapfile -t -C cb -c 2 e <<< $'1\n2\n3\n4'; mapfile <<< 'def'; declare -p MAPFILE; mapfile -t -u 7 x 2>/dev/null; echo $?
#---
[[ a < b ]] && echo 1; [[ b > a && ! a > b ]] && echo 2; [[ -z '' || x ]] && echo 3; [[ (a == a) && (b != c) ]] && echo 4; x='a b'; [[ $x == 'a b' ]] && echo 5; [[ $x == a* ]] && echo 6; p='a*'; [[ abc == $p ]] && echo 7; [[ abc == "$p" ]] || echo 8; [[ 5 -gt 3 ]] && echo 9; [[ 2+3 -eq 5 ]] && echo 10; y=4; [[ y -eq 4 ]] && echo 11; [[ -v y ]] && echo 12; [[ -v nope ]] || echo 13; a=(1 2); [[ -v a[1] ]] && echo 14; [[ -o errexit ]] || echo 15; [[ ! -e nofile ]] && echo 16; [[ a = a ]] && echo 17; [[ -n $nope ]] || echo 18; [[ "" ]] || echo 19; [[ -t 0 ]] || echo 20
#---
[[ 
a == a
&& b == b ||
c == d
]] && echo y; [[ a ]] && [[ ! '' ]] && echo z; if [[ x == x ]]; then echo i; fi; ! [[ a == b ]] && echo n
#---
echo $((2**10)) $((2**3**2)) $((16#ff)) $((2#1010)) $((36#z)) $((64#_)) $((64#@)) $((0x1F)) $((017)) $((1e3)) ; echo after $?
#---
((x=5)); echo $x $?; ((x==6)); echo $?; ((x++)); echo $x; ((y=x>3?10:20)); echo $y; ((a=1,b=2)); echo $a$b; ((!x)); echo $?; ((arr[2]=7)); echo ${arr[2]}; ((arr[2]++)); echo ${arr[@]}; let z=3*4 w=z+1; echo $z $w; let 'q = 1 + 2'; echo $q; let 0; echo $?
#---
echo $((7/0)); echo $?; echo next
#---
((1/0)); echo $?; let 1/0; echo $?; x=$((5%0)) ; echo $?
#---
echo $((1 +)); echo $?
#---
echo $((08)); echo $?
#---
echo $((1 2)); echo $((a b)); echo $?
#---
x=abc; echo $((x)); x='1+2'; echo $((x*2)) $((x)); x=y y=z z=5; echo $((x)); x=x; echo $((x)); echo $?
#---
i=5; echo $((i++)) $((++i)) $((i--)) $((--i)) $i $((i+++1)) $i $((- - 3)) $((~5)) $((!!5)) $((5--3)) $((i=i+1,i*2)); a=(1 2 3); echo $((a[1]+a[2])) $((a[i-6]++)) ${a[@]}; declare -A m=([k]=4); echo $((m[k]+1)) $((m["k"]*2)); ((m[k]+=5)); echo ${m[k]}
#---
for ((i=0;i<3;i++)); do echo $i; done; for ((;;)); do break; done; for ((i=0,j=5;i<j;i++,j--)) { echo $i$j; }; for ((i=0; i<2; i++))
do echo n$i; done
#---
select x in a b; do echo $x; done <<< 1
#---
true | false | true; echo "${PIPESTATUS[@]}"; (exit 3) | (exit 4); echo ${PIPESTATUS[0]} ${PIPESTATUS[1]}; false; echo ${PIPESTATUS[@]}; set -o pipefail; false | true; echo $?; (exit 2) | (exit 3) | true; echo $?; ! false | true; echo $? ${PIPESTATUS[@]}
#---
trap 'echo exit' EXIT; trap 'echo err $?' ERR; trap 'echo int' INT; trap -p; trap -p INT; trap -p EXIT ERR; trap - INT; trap -p INT; false; trap - ERR; false; trap BAD 2>/dev/null; echo $?; trap '' TERM; trap -p TERM; trap -- '' TERM; trap - TERM; trap -l | head -2
#---
f() { echo "${FUNCNAME[@]}" "${BASH_LINENO[@]}" "${#BASH_SOURCE[@]}"; g; }
g() { echo "${FUNCNAME[0]} ${FUNCNAME[1]}"; caller; caller 0; caller 1; caller 5; echo $?; }
f
echo ${FUNCNAME-none} ${FUNCNAME[0]}
#---
set -e; trap 'echo "err at $LINENO: $BASH_COMMAND"' ERR
f() {
  false
}
f
#---
local x; echo $?; f() { local x=1; g; echo $x; }; g() { x=2; echo $x; }; f; echo ${x-u}; h() { local x; echo ${x-u}; x=5; local x; echo $x; local x=6 y=$x; echo $y; }; x=g; h; echo $x; k() { local -i n=2+3; local -a a=(1 2); local -A m=([a]=b); local -r r=1; echo $n ${a[1]} ${m[a]}; r=2; echo no; }; k; echo $?
#---
f() { local IFS=,; echo "$*"; }; f a b; g() { local -; set -f; echo *; }; g; case $- in *f*) echo f;; *) echo nof;; esac; h() { local a=1 b=$a; echo $b; unset a; echo ${a-gone}; }; a=out; h; echo $a
#---
x='  a  b  '; for i in $x; do echo "[$i]"; done; IFS=:; for i in $x; do echo "[$i]"; done; y=a:b::c; for i in $y; do echo "<$i>"; done; set -- $y ""; echo $#; unset IFS; read -r a b <<< "$x"; echo "[$a][$b]"
#---
s1='a b'; s2='c d'; set -- $s1$s2; for i; do echo "[$i]"; done; set -- "$s1"$s2; for i; do echo "[$i]"; done; set -- x$s1'y'; for i; do echo "[$i]"; done; e=; set -- $e"" x; echo $#; set -- $e$e x; echo $#; set -- "$e$e"; echo $#
#---
set -- "1 2" 3; for i in x$@y; do echo "[$i]"; done; for i in "x$@y"; do echo "[$i]"; done; for i in "x$*y"; do echo "[$i]"; done; for i in x"$@"y; do echo "[$i]"; done; a=("$@" z); echo ${#a[@]}; for i in "${a[@]}$@"; do echo "<$i>"; done
#---
IFS=; x='a b'; set -- $x; echo $#; set -- 'p q' r; set -- $*; echo $#; echo "$*"; IFS=x; echo "$*" $*; IFS='xy'; echo "$*"; a=(1 2 3); echo "${a[*]}" "${!a[*]}" "${a[*]:1}"
#---
x=$'a\tb\nc'; echo $x; echo "$x"; IFS=$'\n'; echo $x; for i in $x; do echo "[$i]"; done; IFS=$'\t'; for i in $x; do echo "[$i]"; done
#---
IFS=b; x=abc; echo $x ${x} "$x"; echo ${y-abc} "${y-abc}" ${y:-"abc"}; for i in ${y-a b c}; do echo "[$i]"; done; IFS=' '; for i in ${y-a "b c" d}; do echo "[$i]"; done; for i in "${y-a "b c" d}"; do echo "[$i]"; done
#---
echo "${x:-"a"}" "${x:-'a'}" "${x:-\"a\"}" "${x:-\$a}" "${x:-$(echo "q")}" ${x:-'a b'} ${x:-"a b"} ${x:-a\ b} "${x:-a\ b}" "${x:-\}}" "${x:-{a}}" ${x:-{a,b}}
#---
x='a}b'; echo "${x%\}*}" ${x%\}b} "${x#*'}'}" "${x/\}/-}" "${x//[}]/_}"; y='a"b'; echo "${y//\"/Q}" ${y//\"/Q} "${y#*\"}"; z="a'b"; echo "${z//\'/Q}" ${z//\'/Q} "${z//"'"/W}"; w='a\b'; echo "${w//\\/S}" ${w//\\//} "${w%\\*}"
#---
v='/usr/local/bin'; echo "${v##*/}" "${v%/*}" "${v%%/*}" "${v#/}" "${v//\//:}" "${v/%bin/sbin}" "${v/#\/usr/\/opt}"; f=archive.tar.gz; echo "${f%%.*}" "${f%.*}" "${f#*.}" "${f##*.}"; p='*'; echo "${v//$p/x}" "${v//"$p"/x}"
#---
a='foo bar'; echo ${a/o/0} ${a//o/0} "${a/ /_}" "${a/#f/F}" "${a/%r/R}" ${a//[aeiou]} ${a/bar} "${a/x/y}" "${a//}" "${a/}"; echo "${a/o*/X}" "${a/*o/X}" "${a//?/x}" "${a//[^o]/.}"
#---
x=5; echo $((x<3||x>4)) $((x==5&&!0)) $((x?1:0)) "$((x))" $[x+1] $[ 2 * 3 ]; echo $(( (x+1) * 2 )) $((x--)) $((x)); a[3]=7; echo $((a[3]*2)) $((a[1+2])) ${a[1+2]}; ((a[0]=1,a[1]=a[0]+1)); echo ${a[@]}; let "b=5" c=b*2; echo $b $c; ((d+=5)); echo $d; echo $((0x10+010+2#11)) $((16#fF)) $((36#Zz)) $((62#zZ)); echo $(( 1 << 2 + 3 )) $((7 & 3 | 8 ^ 1)) $((!1)) $((- 5 % 3))
#---
echo $((1 ? 2 : 3 ? 4 : 5)) $((0 ? 1 : 0 ? 2 : 3)) $((2 ** 3 ** 0)) $((-2 ** 2)) $((2 * -3)) $((1 - -1)) $((~~5)) $((!-1)); i=1; echo $((i = i++ + ++i)) $i; j=3; ((j*=j+1)); echo $j; ((j<<=1, j|=1)); echo $j; ((k = j > 10 ? 1 : 0)); echo $k; echo $((10#010)) $((10#0x)) 2>&1
#---
echo $((3 > 2 > 1)) $((1 == 1 == 1)) $((5 & 3 == 3)) $((1 || 0 && 0)); x=7; (( x %= 4 )); echo $x; (( x ^= 5 )); echo $x; echo $((x, x+1)); unset u; echo $((u++)) $u $((u+=2)); s='2 + 3'; echo $((s * 2)); declare -i n='2 + 3'; echo $n; n+=4; echo $n; n='n * 2'; echo $n
#---
echo $((1.5)); echo $?
#---
echo $((a.b)); echo $?
#---
echo $((0xG)); echo $?
#---
echo $((2#2)); echo $?
#---
echo $((65#1)); echo $?
#---
echo $((1=2)); echo $?
#---
echo $((++1)) $((1++)); echo $?
#---
echo ${a[1+]}; echo $?
#---
x=abcdef; echo ${x:2:-1} ${x: -3} ${x:(-3)} ${x:0:1}${x: -1:1} ${x:${#x}} "${x:1:0}" ${x:1?2:3}; y=2; echo ${x:y} ${x:y:y} ${x:$y:$((y+1))} ${x: y - 1 : 1}; echo ${x:-1}; a=(a b c d e); echo ${a[@]:1:2} ${a[@]: -2:1} ${a[@]:y}; echo "${@:1}" ${#@}
#---
declare -a a=(1 2 3); declare -A h=([x]=1 [y]=2); echo ${#a[@]} ${#h[@]} ${#a} ${#a[1]} ${#h[x]}; for k in ${!h[@]}; do echo $k; done | sort; unset h[x]; echo ${!h[@]}; [[ -v h[y] ]] && echo set; [[ -v h[x] ]] || echo unset; h[z]+=a; h[z]+=b; echo ${h[z]}; declare -p h; h=(); echo ${#h[@]}; echo "${h[@]}"
#---
declare -A h; h[a.b]=1; h["x y"]=2; h['p$q']=3; h[$'t\tb']=4; k='x y'; echo ${h[a.b]} ${h[$k]} "${h[x y]}" ${h['p$q']} ${h[p\$q]}; for k in "${!h[@]}"; do printf '%q ' "$k"; done | tr ' ' '\n' | sort | tr '\n' ' '; h[1]=one; h[01]=two; echo ${h[1]} ${h[01]}; i=1; echo ${h[i]-none} ${h[$i]}; h[a]b=c 2>/dev/null; echo ${#h[@]}; ((h[n]++)); ((h[n]+=5)); echo ${h[n]}; unset 'h[x y]'; echo ${h["x y"]-gone}
#---
a=([10]=x y [5]=z w); echo ${!a[@]}; echo ${a[@]}; a+=(end); echo ${!a[@]}; unset a[10]; echo ${#a[@]}; b=(${a[@]:5:2}); echo ${b[@]}; c=("${a[@]/#/-}"); echo ${c[@]}; d=( {1..3} "$(echo q r)" $(echo s t) *.none ); echo ${#d[@]} ${d[3]}; e=(a
b # comment
c
); echo ${e[@]}
#---
f() { local -n arr=$1; arr+=(x); echo ${#arr[@]}; for i in "${arr[@]}"; do echo $i; done; arr[0]=changed; unset 'arr[1]'; }; z=(p q); f z; declare -p z; g() { local -n m=$1; m[k]=v; echo "${!m[@]}"; }; declare -A mm; g mm; declare -p mm; declare -n r2=z; echo ${#r2[@]} ${r2[0]} ${!r2}; unset r2; echo ${z-unset}; declare -n r3=nosuch; echo ${r3-none}; r3=made; echo $nosuch; [[ -R r3 ]] && echo isref; declare +n r3; declare -p r3
#---
mapfile -t l < <(printf '%s\n' a 'b c' ''); echo ${#l[@]}; printf '[%s]' "${l[@]}"; echo; IFS=, read -r -a f <<< "x,y z,"; echo ${#f[@]} "${f[1]}"; read -r -d '' -a w < <(printf 'a b\nc d\0'); echo ${w[@]} ${#w[@]}; while IFS=: read -r u _ id _; do echo "$u=$id"; done <<< $'root:x:0:0\nbin:x:1:1'; while read -r -d $'\0' n; do echo "<$n>"; done < <(printf 'a\0b c\0'); read -r -n1 c <<< xyz; echo $c; read -r -N2 c <<< xyz; echo $c; read a b c < <(echo 1 2); echo "$a$b[$c]"
#---
printf '%s\n' {a..c}; printf '%s=%d ' a 1 b 2; echo; printf '%-5s|%5s|\n' ab cd; printf '%05.1f %e\n' 3.14159 12345; printf '%x %o %X\n' 255 8 255; printf '%q\n' "it's" $'a\nb' 'x y'; printf '%b' 'a\tb\n'; printf '%%|%c\n' abc; printf '%3$s' 2>/dev/null a b c; echo; printf '%s' ; printf '\n'; printf '%d\n' "'A"; printf "%s\n" "-n"; printf -- '-%s\n' x; printf '%.3s|%.0s|\n' abcdef xyz; printf '%*s|%-*s|\n' 5 a 5 b; printf '%(%Y-%m-%d)T\n' 0; printf '%s %s\n' 1 2 3; printf 'no args %s %d\n'
#---
[ -n "$x" ] || echo e; [ "a" \< "b" ] && echo lt; [ "b" \> "a" ] && echo gt; [ 1 -eq 01 ] && echo eq; [ -v PATH ] && echo v; [ a == a ] && echo eqeq; [ ! -e /none ] && echo ne; [ -d / -a -r / ] && echo da; [ -f / -o -d / ] && echo fo; [ ! \( a = b -o c = d \) ] && echo par; [ -o errexit ] || echo noe; test -x /bin/sh && echo x; [ -s /etc/passwd ] && echo s; [ "(" = ")" ] || echo p; [ -z ] && echo z; [ -z "" -a -n "x" ] && echo zn; [ 5 -gt 3 -a 2 -lt 1 ] || echo no
#---
case "$x" in "") echo empty;; esac; case abc in [a-c]*) echo cls;; esac; case "a]b" in *]*) echo br;; esac; case $'a\nb' in a*b) echo nl;; esac; case 5 in [0-9]) echo dig;; esac; case -x in -*) echo opt;; esac; case a.b in *.*) echo dot;; esac; case "[x]" in "["*"]") echo lit;; esac; case x in x|y|z) echo alt;; esac; case yes in [Yy]*) echo Y;; esac; case é in ?) echo one;; esac; case foo in f@(oo|ee)) echo ext;; esac
