readonly x=1; x=2; echo after $?
#---
readonly x=1; x=2 true; echo after $?
#---
readonly x=1; eval x=2; echo after $?
#---
readonly x=1; command eval x=2; echo after $?
#---
readonly x=1; for x in a; do :; done; echo after $?
echo next $?
#---
readonly x=1; f() { x=2; echo inf; }; f; echo after
echo next
#---
readonly x=1; (x=2; echo no); echo $?; read x <<< q; echo $?; unset x; echo $?; declare x=3; echo $?; export x=3; echo $?; local_f() { local x=5; echo $? $x; }; local_f; printf -v x q; echo $?; ((x=5)); echo next
#---
a=(1 2); readonly a; a[0]=5; echo $?
echo next; a+=(3)
echo next2; unset 'a[0]'; echo $?
#---
echo ${x?}; echo after
echo next
#---
echo ${x:?my msg}; echo after
#---
echo ${}; echo after
#---
echo ${x!y}; echo after
echo next
#---
set -u; echo $x; echo after
#---
set -u; echo ${a[0]}; echo after
#---
set -u; echo ${a[@]} "${a[*]}" ${#a[@]}; a=(); echo "${a[@]}"; declare -A m; echo ${m[x]-d}; echo ${m[x]}; echo after
#---
set -o bad; echo $?; set -Z; echo $?; shopt -s bad; echo $?; shopt bad; echo $?; set +o bad; echo $?
#---
return 3; echo $?; break; echo $?; continue; echo $?; shift 5; echo $?; exit abc; echo $?
#---
echo x >/nonexistent/f; echo $?; cat </nonexistent; echo $?; echo >&9; echo $?; >/etc; echo $?; exec 5</nonexistent; echo $?; exec >/nonexistent/x; echo here; : 2>&9; echo $?; echo <&abc; echo $?; x='a b'; echo >$x; echo $?; echo > *.none; echo >""; echo $?
#---
chmod() { command chmod "$@"; }; printf 'echo hi\n' >s; chmod +x s; ./s; printf '#!/bin/bash\necho $0 $1\n' >t; chmod +x t; ./t a; printf '#!/nonexistent/int\n' >u; chmod +x u; ./u; echo $?
#---
command_not_found_handle() { echo "nf: $*"; return 5; }; nosuch a b; echo $?
#---
export 1x=y; echo $?; readonly a-b=1; echo $?; declare 2=3; echo $?; unset 1x; echo $?; local x; echo $?; export -f nofn; echo $?; declare -Z; echo $?; f() { export -f f; }; f; bash -c 'type f' 2>/dev/null | head -1; read 1x <<< a; echo $?; typeset -i i=abc; echo $i; declare -i j=1+; echo $?
#---
a[]=1; echo $?
#---
a[-1]=5; echo $?
a=(1 2 3); a[-1]=x; echo ${a[@]}; echo ${a[-5]}; echo $?; echo ${a[-1]} ${a[99]-none}; a[-5]=y; echo after
#---
declare -A m; m=1; declare -p m; m[]=x; echo $?; m['']=y; echo $?; m=([a]=1 b); echo $?; declare -p m; m=(k1 v1 k2 v2); echo ${m[k1]} ${m[k2]} ${#m[@]}; m+=([k3]=v3); echo ${#m[@]}; unset 'm[k1]' m[k2]; echo ${!m[@]}; unset m; echo ${#m[@]}; declare -A n=([a]=1 [a]=2); echo ${n[a]}; x=a; echo ${n[$x]} ${n["$x"]} ${n['a']}; n[$x$x]=3; echo ${n[aa]}; n["a b"]=4; echo "${n[a b]}" ${n["a b"]}
#---
a=([2]=c [0]=a b [5]=f g); declare -p a; b=("${a[@]}"); declare -p b; c=(${a[*]/c/z} x); echo ${c[@]} ${#c[@]} ${#c[0]} ${c: -1} ${c[@]: -1}; d=([1+1]=x); declare -p d; i=3; d[i]=y; d[i+1]=z; declare -p d; echo ${d[i]} ${d[$i]} ${d[i-1]}; e+=(1); e+=(2 3); e+=4; declare -p e; f=(); f[3]=; declare -p f; echo ${#f[@]} ${!f[@]}
#---
a=(1 2 3); for i in "${!a[@]}"; do echo "$i:${a[i]}"; done; echo "${a[@]}x" "y${a[@]}"; IFS=,; echo "${a[*]}" ${a[*]}; x="${a[*]}"; echo $x; x=${a[@]}; echo "$x"; unset IFS; a=("a b" c); for i in ${a[@]}; do echo "[$i]"; done; for i in "${a[@]}"; do echo "<$i>"; done; for i in "${a[*]}"; do echo "($i)"; done; set -- "${a[@]}"; echo $#; b=(*); echo ${b[0]}; c=($(echo x y)); echo ${#c[@]}; d=("$(echo x y)"); echo ${#d[@]}; unset a[0]; echo ${a[@]}; a=; declare -p a
#---
x=(a b c); echo $x ${x} ${x[0]} ${#x} ${x[@]#a} ${x[@]%c} "${x[@]/b/}" ${x[@]:+set} ${x[1]:-d} ${x[9]:-d} ${x[@]-none} ${y[@]-none} "${y[@]}" ${#y[@]} ${!x[@]} ${!x*}; echo ${x[1]^} ${x[@]^^}; unset x; x=str; x[1]=b; declare -p x; s=abc; echo ${s[0]} ${s[1]-none} ${#s[@]} ${s[@]}
#---
abc=1 abd=2; echo ${!ab*} ${!ab@}; v=abc; echo ${!v} ${!v:-d} ${!nope-indir}; echo ${!v/1/x}; w=v; echo ${!w}; a=(1 2); p='a[1]'; echo ${!p}; p='a[@]'; echo ${!p}; set -- x y; n=2; echo ${!n} ${!#}; i=1; echo ${!i}; e=; echo ${!e}; echo $?
#---
f() { echo "$# $@ ${@:2} ${!#} ${*: -1}"; shift; echo "$1"; set -- n e w; echo $*; }; f a b c; echo $#; function g { echo g $1; }; g 1; function h() { echo h; }; h; function k-l.m { echo k; }; k-l.m; function n() ( echo n ); n; declare -f g; type h
#---
f() { local x=$1; if ((x>0)); then f $((x-1)); else echo bottom ${#FUNCNAME[@]}; fi; }; f 5; fact() { (( $1 <= 1 )) && echo 1 || echo $(( $1 * $(fact $(($1-1))) )); }; fact 10; fib() { local n=$1; ((n<2)) && { echo $n; return; }; echo $(( $(fib $((n-1))) + $(fib $((n-2))) )); }; fib 10
#---
case abc in a?c) echo 1;;& abc) echo 2;;& x) echo 3;; *) echo 4;; esac; case x in x) echo a;& y) echo b;; z) echo c;; esac; case "a b" in "a b"|c) echo sp;; esac; case a in (b) ;; (a) echo par; esac; shopt -s extglob; case file.tar.gz in *.@(tar.gz|tgz)) echo tar;; esac
#---
cat <<< "a  b" ; cat <<< $x; x='q  r'; cat <<< $x; cat <<< a\ b; read a b <<< "1 2"; echo $b; cat <<<'$x'; tr a-z A-Z <<< abc; cat - <<< x; cat <<< "$(echo multi; echo line)"; while read l; do echo "[$l]"; done <<< $'a\nb'
#---
echo a &>f; cat f; echo b &>>f; cat f; { echo o; echo e >&2; } &>g; cat g; echo x >& h; cat h; { echo o; echo e >&2; } |& cat; exec {fd}>i; echo $((fd>=10)); echo via >&$fd; exec {fd}>&-; cat i; exec 3<>j; echo rw >&3; exec 3>&-; cat j; echo z 3>&1 1>&2 2>&3 | cat; cat <<X >k 2>&1
hd
X
cat k; exec 6<k; exec 7<&6; read -u 7 q; echo $q; exec 6<&- 7<&-; exec 8>&1-; echo moved >&8
#---
shopt -s extglob nullglob; shopt extglob nullglob dotglob; shopt -q extglob; echo $?; shopt -u extglob; shopt -p extglob nullglob; shopt -q dotglob nullglob; echo $?; shopt | wc -l; shopt -o errexit; shopt -so errexit; shopt -po errexit; set +e; shopt -s | head -3
#---
set -o | head -5; set -o pipefail; set -o | grep pipefail; set +o | grep pipefail; echo $SHELLOPTS; echo $BASHOPTS | tr : '\n' | head -3; set -eEuo pipefail; echo $-; set +eEu
#---
echo $'\n\t\\\'\"\a\b\e\f\v\r' | od -c; echo $'\x41\101\u0041\U00000041\cA' | od -c; echo $'a\'b' $"loc $x" $'\xe9' | od -c; echo "$'no'" '$'x $'' | od -c; echo $'\x{41}' $'\u20ac' $'\8' $'\q'
#---
type -t if echo ls f nosuch '['; type -P ls | sed 's,.*/,,'; type -a echo | head -1; type -p echo; f() { :; }; type -t f; alias z=x; type -t z; shopt -s expand_aliases; type -t z; type z; command -V if; command -v if; type [[ { time; help nosuch; echo $?; enable -n test; type -t test; enable test; enable -n; builtin; echo $?; enable | head -2
#---
eval 'echo a
echo b'; eval "x=1" "y=2"; echo $x$y; eval 'for i in 1 2; do
echo $i
done'; eval 'syntax ( error'; echo $?; eval 'echo "unterminated'; echo $?; bash -c 'echo )'; echo $?
#---
getopts ':a:b' o -a; echo $o $OPTARG; while getopts 'ab:' o -a -b x -c 2>&1; do echo $o $OPTARG; done; f() { local OPTIND=1 o; while getopts 'x' o; do echo $o; done; }; f -x -x; f -x
#---
x=5; x+=3; echo $x; declare -i n=5; n+=3; echo $n; n=n*2; echo $n; s=a; s+=b s+=c; echo $s; a=(1); a+=2; echo ${a[0]}; a[0]+=x; echo ${a[0]}; declare -i b[1]=5; b[1]+=2; echo ${b[1]}; unset q; q+=z; echo $q; export v=1; v+=2 bash -c 'echo $v' ; echo $v; declare -a arr+=(x); echo ${arr[@]}
#---
f() { a; b
c; }; declare -f f; g() { if a
then b; fi; { c; } | d; (e) && f; }; declare -f g; h() { while read x; do echo $x; done < f > g; }; declare -f h; i() { case x in a) ;; b) c ;& d) e ;;& esac; }; declare -f i; j() { a && { b; c; }; if (d); then e; fi; }; declare -f j; k() { return; }; declare -f k nosuch; echo $?
#---
f() { local a; export b=1; declare -A c=([x]=1); readonly d; a+=1; a[1]=2; echo ${a[@]} >&2 2>/dev/null <<< "x" 3>&- {fd}>x; }; declare -f f; declare -F f; unset -f f; declare -f f; echo $?
#---
set -x; echo 'a b' "c'd" $'e\nf' '' '*' '~' 'a=b' '#x' '{a}' 'a;b' '$x' '!' 'é'; x='a b'; export z='1 2'; x+=c; unset x; readonly r=1; while false; do :; done; if true; then :; fi; { echo br; }; (echo sub); ! true; true && false || true
#---
PS4='+${LINENO}> '; set -x; echo a
echo b; f() { 
echo c; }; f; PS4='$(echo x) '; : d
#---
exec 2>&1; set -v; echo a; echo b
# comment
x=1; set +v; echo c
#---
echo 'x=from; return 7; echo no' > lib; . ./lib; echo $? $x; source ./lib arg; echo $1; f() { source ./lib; echo after $?; }; f; echo 'echo "${BASH_SOURCE[0]##*/} ${FUNCNAME[0]} $LINENO"; fn() { echo "${BASH_SOURCE[0]##*/}:$LINENO ${FUNCNAME[@]}"; }' > l2; . ./l2; fn; echo 'set -- new' > l3; set -- old; . ./l3; echo $1; set -- old; . ./l3 x; echo $1; echo 'exit 4' > l4; (. ./l4; echo no); echo $?; echo 'local v=1; echo $v' > l5; g() { . ./l5; echo $v; }; g; . ./l5; echo $?; . <(echo 'echo procsub'); echo 'echo heredoc <<X
X
echo stdin' | . /dev/stdin
#---
trap 'echo EXIT' EXIT; trap 'echo "ERR $?"' ERR; f() { false; echo in f; }; f; (false); false || true; if false; then :; fi; ! true; x=$(false); false | true; true | false; [[ a == b ]]; ((0)); false && true; { false; }; eval false; command false; trap - ERR; set -E; trap 'echo E2' ERR; f; x=$(false; echo y); echo "$x"; g() { return 3; }; g; echo end
#---
set -eE; trap 'echo "line $LINENO cmd $BASH_COMMAND status $?"' ERR; trap 'echo exit $?' EXIT; f() {
  local x=1
  ls /nonexistent 2>/dev/null
  echo no
}
f
#---
set -e; f() { false; echo "not reached"; }; g() { f; echo g; }; if g; then echo then; fi; g || echo or; ! g; echo bang; x=$(f) || echo cap; (f) || echo sub; f && echo and; echo here; while f; do break; done; { f; echo grp; } || :; g | cat; echo last; $(f); echo no
#---
set -e; local_test() { local x=$(false); echo lok; }; local_test; declare y=$(false); echo dok; export z=$(false); echo eok; readonly w=$(false); echo rok; a=($(false)); echo aok; echo $(false); : $(false); [ x = $(false; echo x) ]; echo tok; q=$(false); echo no
#---
set -euo pipefail; x=; echo "${x:-d}"; echo "${u:-d}"; a=(); echo "${#a[@]}" "${a[@]}" "${a[@]:-none}"; for i in "${a[@]}"; do :; done; f() { echo "${1:-def}" "$#" "$@"; }; f; false | true || echo pf; echo a | grep b || echo nomatch; y=$(echo a | grep b || true); echo "[$y]"; [[ -z ${v-} ]] && echo unset; (( 0 )) || echo zero; [ -n "" ] || echo emp; i=0; ((i++)) || true; echo $i; ((++i)); echo $i; echo "${u}"; echo no
#---
shopt -s inherit_errexit; set -e; x=$(false; echo a) || echo caught; echo $(false; echo b); echo next; y=$(false; echo c); echo no
#---
shopt -s lastpipe; echo a | read x; echo $x; printf '1\n2\n' | while read n; do s=$((s+n)); done; echo $s; echo z | { read q; w=$q; }; echo $w; seq 3 | mapfile -t m; echo ${m[@]}; true | false; echo $? ${PIPESTATUS[@]}; shopt -u lastpipe; echo b | read x; echo $x; f() { echo lp; }; f | read y; echo "[$y]"
