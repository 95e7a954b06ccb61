a= b=x; echo "${a:-1}|${a-2}|${b:-3}|${c-4}|${c:-5}|${a:+6}|${a+7}|${b:+8}|${c+9}"
#---
a=; : ${a:=n} ${d=m}; echo $a $d; echo "${e:="x  y"}"; echo $e; echo ${f:=a  b}; echo "$f"
#---
x=/a/b/c.tar.gz; echo ${x#*/} ${x##*/} ${x%.*} ${x%%.*} ${x#/a} ${x%gz} ${x#nope}
#---
x='a*b'; echo "${x#a\*}" "${x#'a*'}" "${x#"a*"}" ${x%'*b'}; y='*'; z=axxb; echo ${z#a$y} "${z#a"$y"}" ${z##a$y}
#---
x=abc; echo "${x#"a"}" "${x%'c'}" "${x#'a'}"
#---
echo "${x-'a'}" ${x-'a'} "${x-"a"}" "${x-\"a\"}" ${x-\"a\"} "${x-$'a'}" "${x-a\}b}" ${x-a\}b} "${x-"}"}"
#---
echo "${x-a b}" ${x-a   b} ${x-"a   b"} ; set -- ${x-"a b" c d}; echo $#; set -- "${x-"a b" c d}"; echo $#
#---
set -- a 'b c' d; for i in "$@"; do echo "[$i]"; done; for i in $@; do echo "<$i>"; done; for i in "$*"; do echo "($i)"; done; IFS=-; echo "$*"; IFS=; echo "$*"; unset IFS; echo "$*"
#---
set --; for i in "$@"; do echo x; done; for i in "$*"; do echo "[$i]"; done; for i in "$@$@" ; do echo y; done; for i in "a$@b"; do echo "$i"; done; for i in "$@"""; do echo "z$i"; done
#---
set -- a b; echo "x$@y"; for i in "x$@y"; do echo $i; done; for i in "$@$@"; do echo "[$i]"; done; for i in x"$*"y; do echo $i; done
#---
set -- 'a b' c; IFS=; for i in $*; do echo "[$i]"; done; for i in $@; do echo "<$i>"; done; x=$*; echo "$x"; x=$@; echo "$x"; x="$@"; echo "$x"
#---
set -- 'a b' c; IFS=:; x=$*; echo "$x"; x=$@; echo "$x"; echo ${1}$2; y=${*-z}; echo "$y"; echo "${*#a}" "${@%c}"
#---
echo $# ${#} ${##}; set -- 1 2 3 4 5 6 7 8 9 10 11; echo ${#} ${10} $10 ${11}; shift; echo $1 $#; shift 3; echo $*
#---
x=abc; echo ${#x} "${#x}"; set -- a bb; echo ${#1} ${#2} ${#@} ${#*}; echo ${#-} >/dev/null; echo ${#?} ${#nope}
#---
false; echo $?; true; echo "$?"; (exit 42); echo ${?}; echo ${#?}
#---
IFS=' '; x=' a  b '; set -- $x; echo $#; IFS=:; x=:a::b:; set -- $x; echo $#; for i; do echo "[$i]"; done; IFS=': '; x='a : b::c: '; set -- $x; echo $#; for i; do echo "[$i]"; done
#---
IFS=' :'; x=' : a'; set -- $x; echo $#; IFS='
'; x='a b
c'; set -- $x; echo $# "$1"; IFS=; x='a b'; set -- $x; echo $#
#---
IFS=0; x=10203; echo $x; echo $((100+203)); IFS=x; echo $(echo axbxc); echo "$(echo axb)"; set -- $((10)) ; echo $1
#---
IFS=/; x=a/b/c; set -- $x/d; echo $# $1; set -- "$x"/d$x; echo $#; for i; do echo "[$i]"; done
#---
IFS=:; p=a:b; set -- x$p'y'$p; for i; do echo "[$i]"; done; set -- $p$p; for i; do echo "<$i>"; done; set -- $p""; echo $#; e=; set -- $e; echo $#; set -- $e""; echo $#; set -- ""$e; echo $#
#---
IFS=\\; x='a\b'; set -- $x; echo $#; unset IFS; x='a\b'; echo $x; y='\*'; echo $y; z='a\ b'; set -- $z; echo $# "$1"
#---
echo $((1+2*3)) $((-5/2)) $((-5%3)) $((7&3)) $((1<<4)) $((1|6)) $((5^1)) $((!5)) $((~0)) $((1<2)) $((1?2:3)) $((0||0)) $((1&&0)) $((010)) $((0x1F)) $((2>1)) $((3==3)) $((3!=3)) $((2<=1)) $((2>=1))
#---
x=5; echo $((x+1)) $(($x+1)) $((x+=2)) $x $((x-=1)) $((x*=2)) $((x/=3)) $((x%=3)) $((x<<=2)) $((x>>=1)) $((x|=8)) $((x&=12)) $((x^=1)) $((x=9))
#---
echo $(( (1+2)*3 )) $((( 1 + 2 )*3)) $((1,2)) $((- -1)) $((+ +1)) $((-  1)) $((!0)) $(( 1 ? 0 ? 5 : 6 : 7 ))
#---
x=; echo $((x)); unset y; echo $((y)) $((y+1)); z=' 3 '; echo $((z+1)); w=x1; x1=4; echo $((w))
#---
x=1; echo $((x++ + ++x)) $x $((x-- - --x)) $x
#---
echo "$((1 + $(echo 2)))" $((`echo 3`)) "$(( "1" + 1 ))" $((${x:-5}*2)) $(( $((1+1)) + 1 ))
#---
echo $((9223372036854775807+1)) $((-9223372036854775807-1)) $((9223372036854775807)) 
#---
echo `echo a` `echo \`echo b\`` "`echo "c d"`" `echo '\\'` `echo \\\\` "`echo \"q\"`" `echo \$HOME` `echo '$HOME'`
#---
echo $(echo a; echo b) "$(echo a; echo b)" $(printf 'x\n\n\n')y $(echo 'a)b') $(echo "c)d") $(case a in a) echo e;; esac) $(case a in (a) echo e2;; esac)
#---
echo $(echo \\\\) "$(echo \\\\)" `echo \\\\\\\\` $(echo '\n') "$(echo "a \"b\" $(echo "c")")"
#---
echo $(# comment )
echo x)
#---
x=$(cat <<X
a $(echo b)
X
); echo "$x"; echo $(cat <<'X'
it's $y
X
)
#---
echo ~ ~/x ~root ~nosuchuser '~' "~" a~ a:~; x=~; echo $x; x=~/y:~/z; echo $x; x=a:~:b; echo $x; HOME=/h; echo ~; HOME='a b'; set -- ~; echo $#
#---
x=~root/a; echo $x; echo ~root; y="~"; echo $y; export E=~; echo $E; echo ${z-~} ${z-~/a} "${z-~}" ${z:=~}; case ~ in $HOME) echo y;; esac; unset HOME; echo ~
#---
mkdir d; touch d/a d/b d/.h; echo d/*; echo d/.*; echo d/?; echo d/[ab]; echo d/[!a]; echo d/[^a]; echo d/x*; echo "d/*"; echo d/\*; echo */a; echo *; cd d; echo *; echo [.]h
#---
touch 'a b' '*' 'a\b' '[x]'; echo *; for f in *; do echo "[$f]"; done; echo "*" \* '*'; echo [[]*; echo \[*; x='*'; echo $x "$x"; x='\*'; echo $x
#---
set -f; echo *; set +f; echo *; touch a1 a2; echo a[1-2]; echo a[12; echo [; echo a[]1]; echo a[1-]; echo a[!1]; echo a[[:digit:]]
#---
touch a; [ -f a* ] && echo y; for f in [a]; do echo $f; done; x=[a]; echo $x; echo $x"*"; > b*; ls
#---
echo 'a\b' "a\b" a\b "\$" "\\" "\`" "\"" "\a" '\$' "a\
b" a\
b 'c\
d'; echo "!" '!' "a'b" 'a"b' a"b"'c'd
#---
echo "a $x b" 'a $x' "$" "a$" $ a$; echo "$(echo "nested "q"")"; echo ''"" | cat; set -- '' "" a; echo $#
#---
printf '%s\n' "a
b" 'c
d'; echo \
 joined; ec\
ho joined2; echo a # comment
echo a#b '#c' \#d
#---
echo $'a\tb'; echo "$'a'"; echo $"hi"
#---
cat <<X
$((1+1)) $(echo sub) `echo bq` ${x-def} \$x \\ \a "q" 'q' \
joined
X
#---
cat <<'X'
$x \$ `a` \
X
cat <<\X
$x
X
cat <<"X"
$x
X
cat <<X"Y"
$x
XY
#---
cat <<-X
	tab
		two
	X
cat <<-'X'
	$t
	X
#---
cat <<A; cat <<B
a
A
b
B
cat <<A <<B
1
A
2
B
#---
cat <<X | tr a-z A-Z
abc
X
while read l; do echo "[$l]"; done <<X
1
 2 
X
if true; then cat <<X
in if
X
fi
#---
f() { cat <<X
$1
X
}; f a; f b; cat 3<<X <&3
three
X
#---
x='a  b'; cat <<X
$x "$x" ${x} ${y:-"q r"} ${y:-'q'} ${y:-\}}
X
#---
echo a >f; echo b >>f; cat <f; cat f - <<X
c
X
echo d 1>g 2>&1; cat g; { echo o; echo e >&2; } >h 2>&1; cat h; { echo o; echo e >&2; } 2>&1 >h | cat; cat h
#---
exec 3>f; echo x >&3; echo y >&3; exec 3>&-; cat f; echo z >&3; echo $?; exec 4<f; read a <&4; read b <&4; echo $a $b; exec 4<&-; read c <&4; echo $?
#---
echo a <>f; ls; echo abc >f; { read x; echo d >&0; } <>f; cat f; echo q 1<>f; cat f
#---
2>f echo a; >g; 3>f 4>g echo b; echo 2>f; echo 2 >f; cat f; echo a2>f; cat f; echo \2>f; cat f; echo "2">f; cat f
#---
x=f; echo a >$x; cat <$x; echo b >"$x y"; ls; echo c >"$(echo g)"; cat g; y='f g'; echo d >$y; echo $?; ls
#---
exec 5>&1; echo to5 >&5; (echo sub >&5); x=$(echo cap; echo out >&5); echo "[$x]"; exec 5>&-
#---
{ echo a; } >f; (echo b) >>f; if true; then echo c; fi >>f; while read l; do echo "<$l>"; done <f; for i in 1; do echo $i; done >>f; case a in a) echo d;; esac >>f; cat f; f() { echo fn; } >>f; f; f; cat f | wc -l
#---
exec >f; echo a; exec >/dev/null; cat f >&2
#---
read a b c <<X
1 2 3 4
X
echo "$a|$b|$c"; read a <<X
  lead trail  
X
echo "[$a]"; read a b <<X
x
X
echo "[$a][$b]" $?; read a </dev/null; echo $? "[$a]"; printf 'no newline' | { read a; echo $? "$a"; }
#---
read a <<'X'
a\
b
X
echo "$a"; read -r a <<'X'
a\
b
X
echo "$a"; read a b <<'X'
a\ b c
X
echo "$a|$b"; IFS=: read a b c <<X
1::3
X
echo "$a|$b|$c"; IFS=: read a b <<X
1:2:
X
echo "$a|$b"; IFS=: read a b <<X
1:2:3:
X
echo "$a|$b"; IFS=: read a <<X
1:
X
echo "$a"; IFS=' :' read a b <<X
 1 : 2 : 
X
echo "$a|$b"; IFS= read a <<X
  sp  
X
echo "[$a]"
#---
printf 'a\nb\nc\n' | { read x; read y; echo $x$y; cat; }; printf 'l1\nl2\n' >f; while read -r x; do echo $x; read -r z; echo "z$z"; done <f
#---
read; echo $?; echo q | { read; echo "$REPLY"; }; read 1a <<X
x
X
echo $?
