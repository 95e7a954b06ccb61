f() { echo a; }; f() { echo b; }; f; unset -f f; type f 2>/dev/null || echo none
#---
x=1; f() { x=2; return 1; }; f || echo $x; y=$(f; echo $x); echo $y $x
#---
echo "$(echo "a b" | (read x y; echo $y))"; echo $( (echo sub) ); echo $((echo not arith) 2>/dev/null)
#---
a=1; { a=2; echo $a; } | cat; echo $a; shopt -s lastpipe; echo x | read v; echo "[$v]"
#---
set -- a b c; echo "${@: -1}" "${@:(-2):1}" "${*:2}"; echo "${#}"; set -- "${@:1:$#-1}"; echo "$@"
#---
x=abc; [[ $x =~ b ]] && echo "${BASH_REMATCH[0]}"; [[ "a b" =~ ^a\ b$ ]] && echo sp; [[ a =~ [[:alpha:]] ]] && echo cl; [[ "x.y" =~ ^x[.]y$ ]] && echo br; [[ 2024-01-02 =~ ^([0-9]{4})-([0-9]{2})-([0-9]{2})$ ]] && echo "${BASH_REMATCH[@]:1}"
#---
printf '%s\n' "${PATH:+set}" "${HOME:?}"; (: ${NOPE:?custom message}); echo $?
#---
for ((i=10; i>0; i-=3)); do printf '%d ' $i; done; echo; i=0; for ((; i<2; )); do echo $((i++)); done
#---
select_() { :; }; PS4='+$LINENO '; set -x; : a; set +x
#---
trap 'echo "L$LINENO"' ERR; false
(exit 2)
f() { false; }; f
set -E; g() { false; echo g; }; g
#---
trap 'echo dbg:$BASH_COMMAND' DEBUG; echo a; x=1; trap - DEBUG; echo b
#---
trap 'echo one' EXIT; trap 'echo two' EXIT; (exit 1); trap - EXIT; trap 'echo $?' EXIT; false
#---
set -e; trap 'echo trapped' ERR; f() { return 3; }; if f; then :; fi; f; echo no
#---
set -u; echo "${arr[@]}"; arr=(); echo "[${arr[@]}]" "${arr[*]}"; echo "$@" $*; f() { echo "${1-none}"; }; f
#---
set -u; a=(1); echo ${a[0]} ${a[5]-d}; echo ${a[5]}
#---
shopt -s nullglob; for f in /nonexistent/*; do echo $f; done; echo end; a=(/nonexistent/*); echo ${#a[@]}
#---
echo a >sn; cat <sn - <<<b; : >>sn; cat sn; rm sn; [ -e sn ] || echo gone
#---
readonly -a ra=(1 2); ra[0]=5; echo "${ra[0]}"; declare -r s=x; unset s; echo $s
#---
f() { local a b=2 c; a=1; echo "$a$b${c-unset}"; local; }; f
#---
declare -i x=5; x+=3; echo $x; x="2*3"; echo $x; declare -i y; y=abc; echo $y; declare -l low; low=ABC; echo $low; unset low; declare -u up=abc; echo $up
#---
declare -A m; m[x]=1; m[x]+=2; echo ${m[x]}; declare -A n=([a]=1); n+=([b]=2); echo ${#n[@]}; k='a b'; m[$k]=v; echo "${m[$k]}" "${m['a b']}" "${m["a b"]}"
#---
a=(1 2 3 4 5); echo "${a[@]:1:3}" "${a[@]: -2}" "${a[*]:0:1}"; unset 'a[2]'; echo "${a[@]}" "${#a[@]}" "${!a[@]}"; a=("${a[@]}"); echo "${!a[@]}"
#---
printf '%-10s|%+d|% d|%#x|%#o|%e|%g|%G\n' left 5 5 255 8 12345.678 0.0001 1e10; printf '%5.1f|%05.1f|%.0f\n' 3.14159 2.5 2.5; printf '%s %s\n' a; printf '%c%c\n' hello world
#---
printf '%q ' a 'b c' 'd"e' "f'g" '$h' '*' '~' ''; echo; printf '%b\n' 'a\nb' '\x41\0102' 'c\cd' more; printf '\101\x42\n'; printf 'a%%b\n'
#---
echo "a\nb" 'c\nd'; echo -e "a\\nb"; echo -e '\e[0m' | od -c | head -1; echo -e '\u00e9'; echo -n; echo -nn x; echo -en 'y\n'; echo - -n
#---
read -r a b c <<< "  one   two three four  "; echo "[$a][$b][$c]"; IFS=: read -r u p rest <<< "root:x:0:0:r"; echo "$u $p $rest"; IFS=, read a b <<< "x,,y"; echo "[$a][$b]"; read -d '' v <<< $'multi\nline'; echo "$v"
#---
while IFS='=' read -r k v; do echo "$k->$v"; done <<< $'a=1\nb=2=3\n#c'; while read -r line || [ -n "$line" ]; do echo "<$line>"; done < <(printf 'x\ny')
#---
exec 3< <(printf 'a\nb\n'); while read -u 3 l; do echo $l; done; exec 3<&-; exec 4>&1; echo hi >&4; exec 4>&-; { echo x >&2; } 2>&1 | tr x y
#---
case $- in *i*) echo int;; *) echo nonint;; esac; echo ${0##*/}; echo $#; [ -t 0 ] || echo notty; echo ${BASH_SOURCE[0]##*/} ${FUNCNAME[0]-none}
#---
echo ${x:=a}${x:+b}${#x}; echo ${x/a/${y:-c}}; echo "${x:-${y:-${z:-deep}}}" ${u:-$(echo cmd)} ${u:-`echo bq`} ${u:-$((1+1))}
#---
v="hello"; echo "${v:0:1}${v:1}" "${v: -3:2}" "${v:5}" "[${v:9}]" "${v::2}" "${v:1:-1}"
#---
echo $(( $(echo 2) + `echo 3` )); a=(5 6); echo $((${a[0]} + a[1])); ((a[0]+=10)); echo ${a[0]}; declare -i z=a[1]*2; echo $z; ((x=5,y=x*2)); echo $y; echo $((x>3&&y<20))
#---
let "a=1" "b = a + 1"; echo $b; ((!0)) && echo t; (( 3 > 2 )) && echo gt; if (( $(echo 1) )); then echo y; fi; echo $(( 010 )) $(( 0xA )) $((1?2:3)) $((-1>>1)) $((~0))
#---
alias hi='echo hello'; hi 2>/dev/null || echo noalias; shopt -s expand_aliases; alias g='echo g1' ; eval g; alias e2='echo '; alias w=world; eval 'e2 w'; \hi 2>/dev/null || echo esc; unalias -a; alias
#---
type -a echo | head -1; type -t while; type -t '[['; type -p cd; command -V cd; command -v while; builtin echo x; command -v /bin/sh; enable -n echo; type -t echo; enable echo; type -t echo
#---
getopts_test() { local OPTIND o; while getopts "x:y" o; do case $o in x) echo "x=$OPTARG";; y) echo y;; *) echo bad;; esac; done; shift $((OPTIND-1)); echo "rest: $*"; }; getopts_test -x1 -y rest; getopts_test -y -x 2 -- -z; getopts_test -q 2>/dev/null
#---
(exit 3); echo $?; { exit 4; } & wait $!; echo $?; bash_ () { return 256; }; bash_; echo $?; f() { return -1; }; f; echo $?; (exit -1); echo $?
#---
sleep 1 & jobs -p | wc -l; x=$(jobs -p); [ $x = $! ] && echo same; jobs %1 | sed 's/  */ /g'; kill %1; wait %1 2>/dev/null; echo $?
#---
(sleep 0.01; echo bg) & wait; echo done; x=$(sleep 0.01 & echo fg; wait); echo $x; y=$( (echo a; echo b) & wait ); echo $y
#---
mkdir -p /tmp/sn$$/a/b; cd /tmp/sn$$; cd a/b; echo ${PWD#/tmp/sn$$}; cd ../..; echo ${PWD##*sn$$}; cd a; cd ..; cd -P .; (cd a && echo in; pwd | sed "s/$$//"); cd; cd /tmp; rm -r /tmp/sn$$; CDPATH=/usr cd bin; cd ~; pwd
#---
echo one two | { read a; read b; echo "$a|$b|$?"; }; printf 'a b\\\nc d\n' | { read x y; echo "$x|$y"; }; printf 'x\n' | { IFS= read -r -n1 c; echo "$c"; }; printf '12345' | { read -N 3 v; echo $v; read w; echo $w; }
#---
IFS=' '; s=' a  b '; for w in $s; do echo "[$w]"; done; IFS=','; s=',a,,b,'; for w in $s; do echo "[$w]"; done; IFS=', '; s='a , b,c  d'; for w in $s; do echo "[$w]"; done; unset IFS; for w in a' 'b $s; do echo "[$w]"; done
#---
set -- 'a b' c; IFS=-; echo "$*" $* "$@"; x=$*; echo "$x"; y="$*"; echo "$y"; x="$@"; echo "$x"; IFS=; x=$*; echo "$x"; echo "$*"
#---
a=('x y' z); for i in "${a[@]/x/q}"; do echo "<$i>"; done; for i in ${a[@]}; do echo "($i)"; done; b=( ${a[@]+"${a[@]}"} ); echo ${#b[@]}; c=("${b[@]}" "${a[@]}"); echo ${#c[@]}
#---
if [[ -f /etc/passwd && ! -d /etc/passwd ]]; then echo file; fi; [[ a -ef a ]] || echo no; [[ -n "" ]] || echo empty; [[ "a" = [ab] ]] && echo pat; [[ $'\n' == *$'\n'* ]] && echo nl; x='*'; [[ abc == $x ]] && echo star; [[ abc == "$x" ]] || echo nostar
#---
t() { ( sleep 2 & p=$!; sleep 0.05; kill $p 2>/dev/null; wait $p 2>/dev/null; echo "st $?" ); }; t; timeout 0.1 sleep 3; echo $?; timeout 5 sh -c 'exit 7'; echo $?
#---
echo 'echo "script $1"; exit 5' > sc.sh; chmod +x sc.sh; ./sc.sh arg; echo $?; sh sc.sh b; echo $?; printf '#!/usr/bin/env bash\necho ${BASH_VERSION:+bash} $1\n' > sc2.sh; chmod +x sc2.sh; ./sc2.sh env; PATH=$PWD:$PATH; sc2.sh path; chmod -x sc.sh; ./sc.sh 2>/dev/null; echo $?; rm sc.sh sc2.sh
#---
printf '%s\n' a b c | xargs -n1 echo item; printf '1 2 3' | xargs -I{} sh -c 'echo "got {}"'; find /etc/passwd -exec echo found {} \;; env FOO=bar sh -c 'echo $FOO'; echo 'a b' | awk '{print $2}'
#---
f() { echo "${@:2}" "$#"; "$@"; }; f echo hi; g() { local cmd=(echo "a b" c); "${cmd[@]}"; }; g; cmd="echo x  y"; $cmd; eval "$cmd"; e=echo; $e z; "$e" w; ''"$e" q
#---
x=5 y=6 eval 'echo $x $y'; echo "[$x]"; x=1 true; echo "[$x]"; x=1 : ; echo "[$x]"; a=b c=$a; echo $c; unset c; f() { echo "$v"; }; v=tmp f; echo "[$v]"; v=1 v2=$v; echo "[$v2]"
#---
{ echo a; exit 3; echo b; } | cat; echo ${PIPESTATUS[@]}; (exit 1) | (exit 2) | (exit 3); echo "${PIPESTATUS[*]}" $?; ! (exit 1) | true; echo $?; if echo x | grep -q y; then :; else echo nomatch; fi
#---
echo {1..3}{a,b} {z..x} {1..10..4} {-1..1} {a..c}{1,2} pre{x,y}post '{a,b}' {a,b c} {,x}y {a}{b,c} {1..03}
#---
echo "nested \"quotes\" and 'single'" 'single "double"' "tab	end" "dollar \$ back \\ tick \`"; echo "a'b"'c"d'; echo a"b c"d; echo "" '' | wc -c; echo "line\
cont"; echo 'no\
cont'
#---
set -o posix; x=1; export x; type export; echo ok; f() { local y=2; echo $y; }; f; unset x; : ${x:=z}; echo $x
#---
echo "$-" | tr -d 'hBs\n' ; set -e; echo "$-" | grep -c e; set +e; set -o pipefail; set -o | grep -c "on$"; shopt -o pipefail; shopt -s nullglob; shopt nullglob
#---
f() { if [ "$1" -gt 0 ]; then f $(($1-1)); else echo bottom ${#FUNCNAME[@]}; fi; }; f 50; ack() { (( $1==0 )) && { echo $(( $2+1 )); return; }; (( $2==0 )) && { ack $(( $1-1 )) 1; return; }; ack $(( $1-1 )) $(ack $1 $(( $2-1 ))); }; ack 2 2
#---
exec 5>out.txt; echo one >&5; ( echo two >&5 ); { echo three; } >&5; echo four | cat >&5; exec 5>&-; cat out.txt; exec 6<out.txt; read a <&6; cat <&6 | wc -l; echo $a; rm out.txt
#---
a=1; ((a++)) || echo zero; ((a-=2)) || echo nz; b=$((a<0?-a:a)); echo $a $b; echo $((a=3)) $((a**2)) $(((1+2)*3)) $((5%-3)) $((-5%3)) $((7&~2)); printf '%d\n' $((2#1010)) $((8#17))
#---
x='a;b|c&d'; echo $x; eval "y='$x'"; echo "$y"; printf -v q %q "$x"; eval "z=$q"; echo "$z"; s='$(echo no)'; echo $s "$s"; echo '\n' "\n" $'\n' | od -c | head -2
#---
declare -f nofunc; echo $?; declare -F; f() { :; }; declare -F f; declare -p nope 2>/dev/null; echo $?; declare | grep -c '^f ()'; set | grep -c ^IFS; x=$'a\nb'; set | grep ^x=; export -p | grep -c PATH
#---
(sleep 0.2; echo late) & disown; echo early; wait; sleep 0.8; kill -0 99999999 2>/dev/null || echo gone; trap '' TERM; (kill -TERM $BASHPID 2>/dev/null; echo survived); trap - TERM
#---
mkfifo p; (echo through > p) & read x < p; echo $x; wait; [ -p p ] && echo fifo; cat p & echo hi > p; wait; rm p
#---
trap 'echo hup' HUP; trap 'echo term; exit 4' TERM; kill -HUP $$; sleep 0.05; (sleep 0.1; kill -TERM $$) & wait; echo not
#---
test -n "$BASH" && echo b; [ "$OSTYPE" ] && echo o; echo ${#BASH_VERSINFO[@]}; [ "$HOSTNAME" ] && echo h; [ "$EPOCHSECONDS" -gt 1000 ] && echo e; echo ${SHLVL:+lvl} $IFS; echo "${IFS@Q}" $OPTIND
#---
bash -c 'trap "echo cleanup" EXIT; (sleep 0.1; kill -TERM $$) & sleep 3; echo not reached' 2>/dev/null; echo $?
#---
trap 'echo "failed: $BASH_COMMAND at $LINENO"' ERR
true
[ 1 = 2 ]
echo $(</etc/hostname) | wc -l; x=$(< /dev/stdin) <<< in; read -r y < /dev/stdin <<< "z"; echo $y; f() { echo $(</dev/stdin); }; echo piped | f
#---
[ -x "$(command -v grep)" ] && echo grep; [[ -x $(command -v cat) ]] && echo cat; test -f /bin/sh && echo sh; [ -e /usr/bin/nothing-of-that-name ] || echo none; env test -x "$(command -v sed)" && echo sed
#---
echo <(true) <(true); echo <(true); f() { cat "$1" "$2"; }; f <(echo 1) <(echo 2); echo <(true); tee >(wc -c > count) <<< hello > copy; wait $!; cat count copy
