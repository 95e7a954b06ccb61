exec 3<<<"a b"; read -u 3 x y; echo $y; exec 3<&-; { echo 1; echo 2 >&2; } 2>/dev/null; { echo 1; echo 2 >&2; } >/dev/null 2>&1; (echo sub >&2) 2>&1 | cat; f() { echo out; echo err >&2; }; f 2>/dev/null; f 2>&1 >/dev/null; x=$(f 2>&1); echo $x; { f; } 2>&1 | sort; f &>/dev/null; echo a >f1 >f2; cat f1 f2; cat < f2 < f2; >f3 cat f2; cat f3
#---
exec {a}>x1 {b}>x2; echo 1 >&$a; echo 2 >&$b; exec {a}>&- {b}>&-; cat x1 x2; { echo in; } {c}>x3; echo $((c>=10)); echo >&$c 2>/dev/null; echo $?; exec 9>&1 1>x4; echo to4; exec 1>&9 9>&-; cat x4; echo "$(exec 2>&1; echo e >&2)"; ls /dev/fd/ >/dev/null && echo fd; echo d > /dev/stderr 2>/dev/null; echo o > /dev/stdout; cat /dev/stdin <<< st; cat <<< fd0 /dev/fd/0
#---
cat <<A <<B; echo x
1
A
2
B
cat <<-EOF
	a
	  b
		c
EOF
cat <<"E O F"
$x
E O F
cat <<'' 
line

cat <<E\OF
$x `echo a` \$
EOF
x=5; cat <<EOF
$x ${x} $((x+1)) $(echo c) `echo d` \$x \\ \` "q" 'q' ${x:-"a"} ${y:-'b'} ${y:-"b c"}
a\
b
EOF
#---
case a in
  (a) echo one ;;
  b) echo two
esac; case b in a) ;; b) echo nosemi; esac; case c in a|b|c) echo alt;; esac; case "" in ?*) echo no;; *) echo star;; esac; case x in $(echo x)) echo cs;; esac; v=x; case x in "$v") echo q;; esac; case 'a*' in a\*) echo esc;; esac; case a in [^b]) echo neg;; esac; case $# in 0) echo zero;; esac; case "${x-}" in) ;; esac 2>/dev/null
echo after
#---
if (exit 1); then :; elif (exit 0); then echo el; fi; if ! false; then echo neg; fi; if true && false || true; then echo ch; fi; if [ 1 ] ; then echo one; fi; if test -z ""; then echo z; fi; while :; do break; done; i=3; while ((i--)); do echo $i; done; until ((i++ >= 2)); do echo u$i; done; for x in a b c; do [ $x = b ] && continue; echo $x; done; for ((;;)) do break; done; for i in 1 2; { echo br$i; }; while read x; do echo r$x; done < <(printf '1\n2\n'); if :; then :; else :; fi; echo $?
#---
f() { echo $FUNCNAME; return 3; }; f; echo $?; f() { [ $1 -gt 0 ] && { echo $1; f $(($1-1)); }; }; f 3; f() { local x=1; g() { echo $x; x=2; }; g; echo $x; }; f; unset -f f g; f() { set -- a b; echo $#; }; set -- 1 2 3; f; echo $#; f() { shift 2; echo $1; }; f 1 2 3; f() { trap 'echo RET' RETURN; }; f; g() { :; }; g; function f { echo kw; } ; f; f() { echo "$@"; } >&2; f redir 2>&1; h() { return $1; }; h 300; echo $?; h -1; echo $?; h; echo $?
#---
local_() { local a b=2 c; a=1; echo $a$b${c-u}; local a=x; echo $a; { local d=4; }; echo $d; (local e=5; echo $e); local -r ro=1; local -i i=1+1; echo $i; local -a arr=(a b); local -A m=([k]=v); echo ${arr[1]} ${m[k]}; local -x ex=1; bash -c 'echo $ex'; local -u up=abc; echo $up; unset b; echo ${b-unset}; local b; echo ${b-unset2}; }; b=global; local_; echo $b ${a-none} ${d-none}; f() { local x; x=1; unset x; x=2; }; f; echo ${x-nox}; f() { local PATH=/none; ls 2>/dev/null; echo $?; }; f; ls >/dev/null && echo ok; f() { local IFS=:; set -- $1; echo $#; }; f a:b:c; f() { declare v=1; declare -g w=2; typeset t=3; }; f; echo ${v-nv} $w ${t-nt}
#---
readonly a=1 b; echo $a; b=2; echo no
#---
readonly -a arr=(1 2); arr+=(3); echo no
#---
unset a; a[2]=x; unset 'a[2]'; echo ${#a[@]}; declare -p a; a=1; unset a[0]; echo ${a-gone}; readonly q=1; unset q; echo $? $q; unset -v nosuch; echo $?; f() { :; }; f=1; unset f; type -t f; unset f; type -t f; echo $?; unset -f nofn; echo $?; unset -n x; a=(1 2 3); unset 'a[-1]'; echo ${a[@]}; unset 'a[@]'; echo ${#a[@]}; unset "1a" 2>/dev/null; echo $?
#---
set -- a b c; echo $1 ${2} "$3" ${4-none} $# $* "$@"; set -- "$@" d; echo $#; shift 2; echo $@; set --; echo $#; set a b; echo $2; set -- -x; echo $1; set - y; echo $1; set +; echo $? >/dev/null; eval set -- '"a b" c'; echo $# $1; set -- $(echo x y); echo $2; set -- *.none; echo $1; set -- ; echo "[$@]" "[$*]"; set -- 1 2 3 4 5 6 7 8 9 10; echo $10 ${10}; echo "${@:2:3}" "${@: -2}" "${*:1:1}"; for a; do echo -n $a; done; echo; echo "${@/1/x}"; echo ${@#1} "${#@}" ${!#}
#---
echo "a\tb" 'a\tb' a\tb; echo -e "a\tb\0101\x41\u41\e[0m\c no"; echo; echo -n x; echo; echo -E 'a\tb'; echo -ne 'q\n'; echo -nE 'r\n'; echo; echo -x; echo --; echo -n -e 'z\n'; echo ''; echo "" ""; echo -e '\\ \" \a\b\f\v\r' | od -c | head -2; shopt -s xpg_echo; echo 'x\ty'; echo -e '\0'| od -c | head -1; echo -e '\777' | od -c | head -1; echo -e '\x' '\u' '\8'; echo -e '\1'
#---
alias ll='ls -l'; ll 2>/dev/null; echo $?; shopt -s expand_aliases
alias e='echo aliased'; e
e x
alias q='e '; alias w=world; q w; \e 2>/dev/null || echo noal; unalias e; e 2>/dev/null || echo gone; alias; type ll; alias ll; unalias -a; alias
#---
shopt -s expand_aliases; alias a='echo a;echo'
a b; alias f='for i in 1 2; do echo $i; done'
f; alias c='case x in x)'
c echo matched;; esac; alias s='sudo '; alias sudo='echo SUDO'
s sudo; alias x='echo "$@"'; set -- p q
x r
#---
shopt -s extglob; mkdir d; touch d/a.c d/b.c d/a.o d/Makefile d/.hid; cd d; echo !(*.o) ; echo *.@(c|o); echo ?(a).c; echo +([a-b]).c; echo !(a*|b*); echo *(a|b).c; echo .!(|.); echo @(Make*|x); ls !(*.c); for f in !(*.c|*.o); do echo $f; done; x='a.c'; [[ $x = !(*.o) ]] && echo nm; echo ${x//@(a|c)/_} ${x%%.@(c|o)} ${x##!(*.)}; case $x in !(b).c) echo case;; esac; shopt -u extglob; echo *.c; [[ ab == @(ab|cd) ]] && echo still
#---
touch 'a b' 'c*d' 'e?f' '[g]' -h; for f in *; do echo "<$f>"; done; echo c\*d e\?f \[g\] "c*d"; echo [[]*; echo *\ *; echo 'a b'*; p='a b'; echo $p* "$p"*; q='c\*'; echo $q*; echo ./-*; ls -- -h; echo [a-c]*; echo [!a-c]*; echo [^a]*; echo *[*]*; shopt -s failglob; echo *.zz; echo after
echo next
#---
mkdir -p x/.y; touch x/.z x/w; echo x/*; echo x/.*; echo x/.[!.]*; shopt -s dotglob; echo x/*; shopt -u dotglob; echo x/[.]z; echo */.z; cd x; echo .*; echo .?; set -f; echo *; set +f; echo *; GLOBIGNORE=w; echo *; unset GLOBIGNORE; echo *
#---
shopt -s nocasematch; case ABC in abc) echo c;; esac; [[ ABC == a* ]] && echo d; [[ FOO =~ fo+ ]] && echo r; x=ABC; echo ${x/b/X} ${x#a}; shopt -u nocasematch; shopt -s nocaseglob; touch Foo; echo f*; shopt -u nocaseglob; echo f*
#---
f() { echo "args: $#"; for a in "$@"; do echo "[$a]"; done; }; f a "b c" 'd "e"' f\ g "" $'h\ni' ~ {1,2} $((1+1)) "$(echo x y)" $(echo x y) *.sh; f "$@"; f $*; f "${@:-default}"; f ${nothing}; f "${nothing}"; f "a""b"'c'; f a=b "c"=d; f -n -- --x; f \$x "\$x" '\$x' \\ "\\" '\\' "a\nb" "\"" '"' \' "'"; f `echo 'a b'` "`echo 'a b'`"; f $'\x41\u00e9'; f "$(printf 'l1\nl2')"
#---
x=abc; y=x; echo ${!y} ${!y:1} ${!y^^} ${!y/b/B} ${#x} ${x:+yes} ${x:?err} ${z:=new} $z ${x-def}; echo "${x@U}" "${x@Q}"; a=(one two); echo ${a[@]^} ${a[*]@Q} ${#a[1]} ${a[1]:1:1} ${a[@]/o/0} ${a[-1]} "${a[@]:0:1}"; echo ${x:0:1}${x: -1} ${x%c}${x#a} ${x/b} ${x//[ac]}; p=PATH; [ -n "${!p}" ] && echo ind; declare -A m=([k]=v); i='m[k]'; echo ${!i}; i='a[0]'; echo ${!i}; echo ${!a@} ${!m[@]}; unset x; echo ${x-unset} ${x:-null} "${x+set}" "${x:+nonnull}"
#---
IFS=$' \t\n'; v=$'  lead\ttab  trail  \n'; read -r a b <<< "$v"; echo "[$a][$b]"; IFS= read -r l <<< "$v"; echo "[$l]"; read -r l <<< "$v"; echo "[$l]"; IFS=, read -r a b c <<< "1,2,3,4"; echo "$a|$b|$c"; IFS=, read -r a b <<< ",x"; echo "[$a][$b]"; IFS=' ,' read -r a b c <<< " 1 , 2 ,, 3 "; echo "[$a][$b][$c]"; printf 'a b\\\nc d\n' | { read x y z; echo "$x|$y|$z"; }; printf 'no newline' | { read x; echo "$? $x"; }; read -r -a arr <<< "  x  y  "; echo ${#arr[@]}; read <<< "  keep  "; echo "[$REPLY]"; while IFS='=' read -r k v; do echo "$k->$v"; done <<< $'a=1=2\nb=\n=c\nd'; read -r x < <(printf 'first\nsecond\n'); echo $x; read -r -d '' x <<< $'multi\nline' ; echo "$x"; read -n 2 x <<< abc; echo $x; read -r -n 1 -d '' x <<< $'\n'; echo "[$x]" $?
#---
[ "$(printf '%s' 'a')" = a ] && echo 1; test 1 -eq 1 -a 2 -eq 2 && echo 2; [ ! "" ] && echo 3; [ "a b" = "a b" ] && echo 4; [ -e . ] && [ -d . ] && echo 5; [ x != y ] && echo 6; [ 10 -gt 9 ] && echo 7; [ "10" \< "9" ] && echo 8; test -z "$nope" && echo 9; [ -n "$HOME" ] && echo 10; [ -f script.sh -a -r script.sh ] && echo 11; [ script.sh -nt /etc/passwd ] && echo 12; [ -h script.sh ] || echo 13; [ 1 = 1 -o x ] && echo 14; [ \( 1 = 2 -o 2 = 2 \) -a 3 = 3 ] && echo 15; [ -1 -lt 0 ] && echo 16; [ "-f" = "-f" ] && echo 17; [ "(" = "(" ] && echo 18; [ ! ! ] ; echo $?; [ -z "" "" ]; echo $?; [ 1 -eq 1.0 ]; echo $?; [ a -eq 1 ]; echo $?; [ -f ] && echo 19; [ -n ] && echo 20; [ ! -f ] ; echo $?; [ = ]; echo $?; [ a = ]; echo $?; [ ]; echo $?; [[ 010 -eq 8 ]] && echo 21; [ 010 -eq 10 ] && echo 22
#---
f() { local r=$?; echo "r=$r"; return $r; }; (exit 4); f; echo $?; false; f || echo or $?; g() { return; }; false; g; echo $?; h() { (exit 9); }; h; echo $?; i() { if false; then :; fi; }; i; echo $?; j() { for x in; do :; done; }; false; j; echo $?; k() { while false; do :; done; }; false; k; echo $?; l() { case x in y) ;; esac; }; false; l; echo $?; m() { :; }; false; m; echo $?; n() { return 256; }; n; echo $?; o() { local x=$(exit 3); echo $?; local y; y=$(exit 3); echo $?; }; o; ! p=1; echo $?; q=$(exit 7) r=$(exit 8); echo $?; s=1 t=$(false); echo $?
#---
readonly -f x; f() { echo 1; }; readonly -f f; f() { echo 2; }; echo after $?; f
#---
f() { echo 1; }; readonly -f f; unset -f f; echo $?; f; readonly -f; declare -fr; declare -F
#---
f() { echo 1; }; declare -fr f; eval 'f() { echo 2; }'; echo $?; (f() { echo 3; }; f); f
#---
f() { declare -n r=$1; r=5; local -n s=r; s=6; }; f q; echo $q; declare -n bad=1a; echo $?; declare -n e=''; echo $?; declare -n arr=a; arr=(1 2); declare -p a; for i in "${arr[@]}"; do echo $i; done; arr+=(3); echo ${#arr[@]} ${!arr}; unset arr; declare -p a 2>&1; declare -p arr
#---
a=(1 2 3); f() { local -a a=(x); echo ${a[@]}; a+=(y); }; f; echo ${a[@]}; g() { a[1]=z; }; g; echo ${a[@]}; h() { local a; a=(p q); echo ${#a[@]}; }; h; echo ${#a[@]}; i() { declare -ga b=(g l); }; i; echo ${b[@]}; j() { local -A m; m[k]=v; k; }; k() { echo ${m[k]}; m[n]=w; echo ${#m[@]}; }; j; echo ${#m[@]}
#---
printf '%s\n' "${a[@]:-empty}"; printf '[%s]\n' "${@:-none}"; a=(); printf '<%s>\n' "${a[@]}"; printf '%s %s\n' "a b" c; printf '%5d|%-5d|%05d\n' 42 42 42; printf '%x\n' -1; printf '%o\n' 8; printf '%e %E %g %G\n' 1 1 1e-5 1e20; printf '%10.3f|\n' 3.14159; printf '%+.2e\n' 12345.678; printf '%c|%5c|%-5c|\n' a b c; printf '%s' a b c; echo; printf '%2$s\n' a b; echo $?; printf '\x41\u0042\103\n'; printf '%b\n' '\x41\u0042\0103'; printf '%d\n' 0b11; printf '%d\n' '"a' "'é"; printf '%s\n' $'a\0b'; printf '%-10s|%10s|\n' é é; printf '%.2s|\n' éàü; printf '%d %s\n' 1 a 2; printf '%j\n' 1; printf '%' ; echo $?; printf '%5' ; echo $?; printf 'a\c'; printf 'b\n'; printf '%i %u\n' -3 3; printf '%*.*f\n' 8 2 3.14159; printf '%#x %#o %#X\n' 10 10 10; printf '% d\n' 5; printf "%'d\n" 1000; printf '%s\n' -- ; printf -- '%s\n' x
#---
x='a  b'; y="$x"; z=$x; echo "$y" "$z"; a=$(echo "x  y"); echo "$a"; b=`echo "p  q"`; echo "$b"; c=a\ b; echo "$c"; d="a"'b'c; echo $d; e=~/x; [ "$e" = "$HOME/x" ] && echo tilde; f=a:~:b; echo "$f" | grep -c "$HOME"; g=$((1+2)); echo $g; h=*; echo "$h"; i={a,b}; echo "$i"; j=$x$x; echo "$j"; k=${x/ /}; echo "$k"; l= m=1; echo "[$l]$m"; n='it'"'"'s'; echo "$n"; o="a
b"; echo "$o"; p=$'t\tb'; echo "$p"; q=(); echo ${#q[@]}; r+=x; r+=y; echo $r; s=1 t=$s; echo $t; u=$1; echo "[$u]"; v="$@"; echo "[$v]"; w=${undefined}; echo "[$w]"
#---
set -- a b; echo "$@" | cat; for x in "$@" "$#"; do echo $x; done; echo "${@}" "${*}" ${#*}; echo "pre$@post"; x="$*"; echo "$x"; IFS=,; echo "$*" "$@" $*; x=$*; echo "$x"; x="$@"; echo "$x"; unset IFS; set -- "a b" "" c; echo $#; for x in "$@"; do echo "[$x]"; done; for x in $@; do echo "<$x>"; done; f() { echo $#; }; f "$@"; f $@; f "$*"; f; f ""; f "$1$2"; f "${@:2}"; f "${@:4}"; set --; f "$@"; f "$*"; f "$@" "$@"; f "x$@"; f "${@-d}"; f ${@-d e}; f "${@+s}"
#---
echo $'\e[1m' | od -c | head -1; echo $'a\nb' | wc -l; echo $'\'' "'" '"' $'"'; echo $'\\' '\\' "\\"; echo $'\u263a' | od -t x1 | head -1; echo $'\101\x42\cC' | od -c | head -1; echo "$'x'" '$'"'x'"; echo $"hello $USER"; echo a$'b'c"d"'e'; echo $'a\
b'; x=$'multi
line'; echo "$x"; echo $'\z\400' | od -c | head -1; echo "${x//$'\n'/,}"; case $'\t' in $'\t') echo tab;; esac; [[ $'a\nb' == *$'\n'* ]] && echo nl; IFS=$'\n' read -d '' -ra l < <(printf 'a b\nc\0'); echo ${#l[@]}
