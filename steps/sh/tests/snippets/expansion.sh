x=abc; echo ${x} "${x}" ${#x} ${x:-d} ${y:-d} ${y-d} ${y:+s} ${x:+s} "${y:=new}" $y
#---
x=; echo "[${x:-e}]" "[${x-e}]" "[${x:+s}]" "[${x+s}]"
#---
p=/a/b/c.tar.gz; echo ${p##*/} ${p#*/} ${p%.*} ${p%%.*} ${p##*.} ${p%/*}
#---
x='a b  c'; set -- $x; echo $#; set -- "$x"; echo $#; set -- ''$x''; echo $#
#---
x=hello; echo ${x:1} ${x:1:3} ${x: -2} ${x:0:-1} ${x:(-3):2}
#---
x=aXbXc; echo ${x/X/-} ${x//X/-} ${x/#a/Z} ${x/%c/Z} ${x//X} ${x/[bc]/?}
#---
x='hello world'; echo ${x^} ${x^^} "${x^^[lo]}"; y=HELLO; echo ${y,} ${y,,} ${y,,[L]}
#---
set -- a b c d; echo ${@:2} ${@:2:2} ${*: -1} ${@:0:1} | wc -w
#---
set -- a 'b c' d; for i in "$@"; do echo "[$i]"; done; for i in $@; do echo "<$i>"; done; for i in "$*"; do echo "{$i}"; done
#---
IFS=,; set -- a b c; echo "$*"; x=1,2,3; echo $x; set -- $x; echo $#; IFS=; echo $x
#---
IFS=': '; x='a : b::c '; for i in $x; do echo "[$i]"; done
#---
a=b; b=c; echo ${!a}; arr=(x y z); r='arr[1]'; echo ${!r}; foo_1=1 foo_2=2; echo ${!foo_*} "${!foo_@}"
#---
x="it's"; echo ${x@Q}; y=$'a\tb'; echo "${y@Q}"; z='a\nb'; echo "${z@E}"; echo ${x@U} ${x@u} ${x@L}; declare -i n=5; echo ${n@a} "${n@A}"
#---
echo ~ ~/x "~" '~' a~ ~+ x=~ ; y=~/b:~/c; echo $y
#---
echo {a,b,c} x{1..5}y {01..10..3} {a..e..2} {5..1} {a,b}{c,d} {a,{b,c}} {} {a} "{a,b}" {a,b\,c} a{,b}
#---
echo "a $(echo b "$(echo c)") d" `echo e \`echo f\``
#---
x=$(printf 'a\n\n\n'); echo "[$x]"; x=$(printf '\n\na'); echo "[$x]"
#---
echo $'a\nb\tc\x41\u00e9\101' $'it\'s' "$'no'"
#---
x='*'; echo "$x" '*' \*; set -f; echo *; set +f
#---
x="a  b"; y=$x; echo "$y"; z=$(echo "$x"); echo "$z"
#---
unset u; echo "${u[@]}" ${#u[@]}; for i in "${u[@]}"; do echo never; done; echo "x${u[*]}x"
#---
set --; for i in "$@"; do echo never; done; echo "[$@]" "[$*]" $#; for i in "a$@b"; do echo "$i"; done
#---
x=é日本; echo ${#x} ${x:1:1} ${x^^}
#---
echo "${x:-"a b"}" ${x:-"a  b"} "${x:-'q'}" ${x:-'q  r'} "${x:-\}}" ${x:-a\}b}
#---
x=abc; echo "${x#"a"}" "${x#'a'}" ${x#a} "${x%[c]}" "${x%'[c]'}"
#---
x='a*b'; p='*'; echo "${x#a"*"}" "${x#a$p}" "${x#a"$p"}"
#---
v=1:2:3; echo ${v//:/ } "${v//:/$'\n'}"
#---
x='a b'; echo ${x:+"$x" "$x"}; set -- ${x:+"$x" "$x"}; echo $#
#---
f() { echo $#; }; f $nothing; f "$nothing"; f ''$nothing; f "" ''
#---
echo $((1+2)) $[3*4] $(( (1+2)*3 )) "$((7/2))" $((7%3)) $((2**10)) $((-7/2)) $((-7%3))
#---
x=foobar; echo ${x/o/[&]} ${x//o/<&>} ${x/o/\&}
#---
echo ${#} ${#@} ${?} ${-:+set} $0 | sed 's/ [^ ]*$//'
#---
a=(1 2 3); echo "${a[@]/#/p}" "${a[@]/%/s}" "${a[@]#1}" ${a[@]^^}
#---
x=$(exit 3); echo $?; echo $(exit 4); echo $?; local_=$(false) || echo failed
#---
echo "$(cat <<EOF
in "quotes" $((1+1))
EOF
)"
#---
x="a
b"; echo $x; echo "$x"; IFS=$'\n'; set -- $x; echo $#
#---
a='x y'; b=("$a" $a "${a}z"); echo ${#b[@]}; printf '<%s>' "${b[@]}"; echo
#---
x=abcdef; i=2; echo ${x:i:i} ${x:$i:$((i+1))} ${x:i-1}
#---
: ${v:=default}; echo $v; : "${w:=a b}"; echo "$w"; echo ${z?} ; echo not here
#---
set -u; x=1; echo $x ${y-ok} ${y:-ok} "${#x}"; echo $y; echo no
#---
echo a\
b "c\
d" 'e\
f'
#---
var=x; echo "$var's" "${var}s" "$var-1" $var.txt '$var' "\$var" \$var
#---
IFS=:; a=(a:b c); echo "${a[*]}"; x="a:b"; b=($x); echo ${#b[@]}
#---
echo "${BASH_VERSINFO[0]}" ${BASH_VERSION%%.*}
#---
a=(a b c); echo ${a[-1]} ${a[@]:1} ${a[@]:0:2} ${a[@]: -1} ${#a} ${#a[1]}
#---
x=' lead trail '; echo [$x] "[$x]"; read -r y <<< "$x"; echo "[$y]"
