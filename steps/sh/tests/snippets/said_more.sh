TZ=America/New_York; printf '%(%F %T %Z %z)T\n' 0 86400; TZ=UTC printf '%(%H)T\n' 3600; export TZ=Asia/Tokyo; printf '%(%F %T %z)T\n' 1e9 2>/dev/null; printf '%(%H:%M)T|%10(%Y)T|\n' 0 0; printf '%(%Y %j %U %W %V %G %g %u %w %a %A %b %B %C %y)T|%(%e %k %l %p %I %M %S %s %n%t%% %D %r %R)T|%(%c %x %X %h)T\n' 1000000000 5 6
#---
TZ=EST5EDT printf '%(%H %Z)T\n' 0; unset TZ; printf '%(%c)T\n' 0; printf '%()T\n' 0; printf '%(%Y)T %s\n' 0 x; TZ=:Europe/Berlin printf '%(%z)T\n' 1700000000; TZ=UTC+3 printf '%(%z)T\n' 0; printf '%-8(%Y)T|%.2(%Y)T|\n' 0 0
#---
PS3='pick> '; select x in a b 'c d'; do echo "got [$x] $REPLY"; [ "$REPLY" = 3 ] && break; done <<< $'1\n\nz\n9\n3\n1'; echo $?; select y; do :; done </dev/null; echo $?; set -- p q; select y; do echo $y; break; done <<< 2; f() { select z in 1 2; do return 5; done; }; f <<< 1; echo $?; select w in; do :; done; echo $?; COLUMNS=20; select v in one two three four five six seven; do echo $v; done <<< 7 2>&1
#---
[[ x =~ (a|x)(b)? ]]; echo "${#BASH_REMATCH[@]}" "${BASH_REMATCH[@]}"; [[ aaa =~ a{2} ]] && echo "$BASH_REMATCH"; [[ "a b" =~ a[[:space:]]b ]] && echo sp; r='^[0-9]+$'; [[ 123 =~ $r ]] && echo num; [[ 12a =~ $r ]] || echo nonum; [[ foo.bar =~ ^foo\.bar$ ]] && echo dot; [[ fooXbar =~ ^foo\.bar$ ]] || echo nodot; [[ 'a$b' =~ a\$b ]] && echo dol; [[ ab =~ "a." ]] || echo lit; [[ $'a\nb' =~ a.b ]] && echo nl; [[ é =~ ^.$ ]] && echo uni; [[ abc =~ (b)(c) ]] && declare -p BASH_REMATCH; [[ x =~ [ ]] 2>/dev/null; echo $?; [[ "" =~ ^$ ]] && echo empty; [[ A =~ [[:upper:]] ]] && echo up; [[ a-b =~ [a-] ]] && echo dash; [[ "]" =~ []] ]] && echo br; [[ 2024-01-15 =~ ^([0-9]+)-([0-9]+)-([0-9]+)$ ]] && echo ${BASH_REMATCH[3]}/${BASH_REMATCH[2]}; [[ foobar =~ o+ ]]; echo $BASH_REMATCH; [[ x =~ y ]]; echo "${#BASH_REMATCH[@]}"; [[ aXbX =~ X$ ]] && echo end; [[ 'a\b' =~ a\\b ]] && echo bs; [[ "(x)" =~ \(x\) ]] && echo par; [[ ab =~ a|b ]] && echo alt; [[ ab =~ ^(ab|cd)$ && ! cd =~ ^ab$ ]] && echo and
#---
shopt -s extglob; x=aabbcc; echo ${x#+(a)} ${x##+(a)} ${x%+(c)} ${x%%+(c)} ${x/+(b)/-} ${x//@(a|c)/.} ${x/#*(a)/^} ${x/%?(c)/$} ${x//!(b)/z}; y='  trim  '; y=${y##+([[:space:]])}; y=${y%%+([[:space:]])}; echo "[$y]"; z=a.b.c; echo ${z//[!a-z]/_} ${z//+([a-z])/W}; case foo.tar.gz in *.tar.@(gz|bz2)) echo t;; esac; [[ 007 == +(0)7 ]] && echo seven; [[ x == !(y) ]] && echo neg; [[ file1 == file?([0-9]) ]] && [[ file == file?([0-9]) ]] && echo opt; p='@(a|b)'; [[ a == $p ]] && echo pv; [[ 'a b' == @(a b|c) ]] && echo spc; echo @(nomatch|none); [[ a*b == a\*b ]] && echo esc; [[ abab == *(ab) ]] && echo rep; [[ ab == *(a|b) ]] && echo ab; [[ '' == *(x) ]] && echo e; [[ a == @() ]] || echo nempty; [[ foo/bar == foo/!(baz) ]] && echo slash; echo ${x/@(bb|cc)/[&]}
#---
[[ abcd =~ a|ab|abc ]]; echo $BASH_REMATCH; [[ xfoobar =~ (foo|foobar)(bar)? ]]; echo "${BASH_REMATCH[@]}"; [[ abc =~ ^(a|ab)(c|bcd)?$ ]]; echo "${BASH_REMATCH[@]}"; [[ x =~ [ ]]; echo $?; [[ "a[" =~ a\[ ]]; echo $?; [[ aab =~ (a|b)+ ]]; echo "${BASH_REMATCH[@]}"
#---
x=$(echo a; echo b >&2) 2>/dev/null; echo $x; { x=$(echo c >&2; echo d); } 2>&1; echo $x; echo $(echo e 2>&1 >&2) 2>/dev/null; f() { echo out; echo err >&2; }; x=$(f 2>&1 >/dev/null); echo $x; x=$(f 2>/dev/null); echo $x; exec 3>&1; x=$(f 2>&1 >&3); echo "[$x]"; exec 3>&-
#---
echo "$(echo "a
b")" "$(printf '%s' 'x"y')" "$(echo '$(nested)')" "$(echo \$x)" "$(echo \\)" $(echo "a)b" 'c)d' e\)f) "$(echo ${x:-")"})"; echo $(echo \# not comment) $(: # comment )
echo after); echo "$(
echo multi
)"; echo $( ( echo a ) ) $( { echo b; } ) $((( 1 + 1 ))) $(( (1) )) "$( (exit 3); echo $?)"
#---
cat <<EOF
$(cat <<IN
inner $((1+1))
IN
)
EOF
x="$(cat <<'IN'
quo"te ' ) $x
IN
)"; echo "$x"; cat <<EOF
a"b'c\d\\e\$f\`g
${x:+"q" 'r'}
$(echo "x")`echo 'y'`
EOF
cat <<"E"F
$z
EF
cat <<-E
	$(echo	tab)
	E
#---
for i in 1 2 3; do for j in a b c; do [ $j = b ] && continue 2; [ $i = 3 ] && break 2; echo $i$j; done; done; while :; do while :; do break 2; done; echo no; done; i=0; until [ $((i+=1)) -gt 3 ]; do [ $i = 2 ] && continue; echo $i; done; for x in a; do (continue; echo c); (break; echo d); done 2>&1; f() { continue; }; for x in 1 2; do f; echo $x; done 2>&1; break 2>&1; continue 2>&1; for i in 1 2; do { break; }; done; echo $i; for i in 1; do if true; then break; fi; echo no; done; for i in 1 2; do case $i in 1) continue;; esac; echo $i; done
#---
declare -A a=([x y]=1 ["q"]=2 [$'t']=3); for k in "${!a[@]}"; do echo "$k=${a[$k]}"; done | sort; a+=([z]=4); unset 'a[x y]'; echo ${#a[@]}; [[ -v a[z] ]] && echo has; b=(); b+=("x y" z); b[10]=ten; echo "${#b[@]} ${!b[@]} ${b[-1]}"; c=("${b[@]:1}"); echo "${c[@]}"; d=("${b[@]/x/X}"); echo "${d[0]}"; IFS=,; echo "${b[*]}"; unset IFS; e=($(seq 3)); echo $((e[0]+e[2])); e[5]+=x; e[1]+=5; declare -p e; f=([3]=a b [1]=c d); declare -p f; unset f[3]; g=("${f[@]}"); declare -p g; h="${g[*]}"; echo "$h"; mapfile -t i <<< $'l1\nl2'; echo "${i[1]}"; j=(1 2 3); j=("${j[@]:0:1}" new "${j[@]:1}"); echo ${j[@]}; for ((k=0;k<${#j[@]};k++)); do echo -n "${j[k]},"; done; echo; echo "${j[@]: -2:1}" "${j[@]::2}"; l=(${j[@]%2}); echo ${#l[@]}
#---
func() { echo "in: $*"; local OPTIND opt; while getopts ":ab:c" opt; do case $opt in a) echo a;; b) echo "b=$OPTARG";; c) echo c;; \?) echo "bad -$OPTARG";; :) echo "need $OPTARG";; esac; done; shift $((OPTIND-1)); echo "rest: $*"; }; func -a -b val -c x y; func -abval -- -z; func -q; func -b; func -ca file -b; func; func - x; func -a- 
#---
a=5; b=3; echo $((a>b ? a : b)) $((a&b)) $((a|b)) $((a^b)) $((a<<b)) $((a>>1)) $((a%b)) $((a**b)) $((-a)) $((!a)) $((~a)) $((a&&0)) $((a||0)); ((a++)); ((b--)); echo $a $b; ((a+=b, b*=2)); echo $a $b; echo $(( a == 8 )) $(( a != 8 )) $(( (a+b)*2 )); c=$((a/b)); echo $c; echo $((0xff)) $((0377)) $((2#1111)) $((8#17)); d=08; echo $((10#$d+1)); e=; echo $((e+1)); unset f; echo $((f+1)); g=a; echo $((g)); echo $(($g)); h='1 + 1'; echo $((h)) $(($h*2)) $((h*2)); ((i=5)) && echo $i; ((0)) || echo zero; if ((a>b)); then echo gt; fi; while ((i-->3)); do echo $i; done; let j=5 k=j*2; echo $k; let "l = j > 3"; echo $l; declare -i m; m=3+4; echo $m; m+=1; echo $m; arr=(1 2 3); echo $((arr[0]+arr[1])) $((${#arr[@]}*2)) $((${arr[2]}-1)); ((arr[1]+=10)); echo ${arr[1]}; echo $((n[2]=7)) ${n[2]}
#---
[ -z "${BASH_ENV-}" ]; echo "${BASH_VERSINFO[0]}"; echo "${BASH_VERSION%%.*}"; [[ $BASH_VERSION == 5.* ]] && echo five; ((BASH_VERSINFO[0] >= 4)) && echo ok; echo ${BASH_SOURCE[0]}; echo $0; echo ${#FUNCNAME[@]}; f() { echo ${FUNCNAME[0]} ${FUNCNAME[1]} ${BASH_LINENO[0]} ${BASH_SOURCE[1]}; }; f; g() { f; }; g; echo $LINENO; echo ${BASH_SUBSHELL}; (echo ${BASH_SUBSHELL}); echo "$(echo $BASH_SUBSHELL)"; : | { echo $BASH_SUBSHELL; }; set -- x y; echo $# $*; h() { echo $# $FUNCNAME; }; h a b; declare -p BASH_VERSINFO | head -c 20; echo; echo ${!BASH_V*}; echo $-; echo $SHELLOPTS; echo $OSTYPE; echo ${GROUPS[0]} $UID $EUID; type -t source .; echo $COLUMNS$LINES; [ -n "$PWD" ] && echo pwd; [ -n "$HOSTNAME" ] && echo host; echo ${PS4@Q}; echo "$IFS" | od -c | head -1
