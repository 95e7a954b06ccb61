set -e
f() { false; echo "after false in f"; }
f || echo "not reached"
if f; then echo cond; fi
! f; echo "neg $?"
x=$(false) || echo "sub failed"
(set -e; false; echo no) || echo "subshell $?"
g() { local v=$(false); echo "local masks: $?"; local w; w=$(false); echo no; }
(g) || echo "g failed"
false | true; echo pipe ok; set -o pipefail; false | true || echo pipefail; { false; echo brace; } || true; echo $(false; echo inside); [ 1 = 2 ] || [ 2 = 2 ] && echo chain; while false; do :; done; until true; do :; done; ((0)) || echo arith; let 0 || echo let; export v=$(false); echo export; a=1 b=$(true) false || echo pre; true && false || echo tf; [[ a = b ]] && echo x; echo survived; (exit 4); echo no
#---
# nested functions, recursion, returns
fact() { (( $1 <= 1 )) && { echo 1; return; }; echo $(( $1 * $(fact $(( $1 - 1 ))) )); }; fact 10
fib() { local n=$1; if ((n<2)); then REPLY=$n; else fib $((n-1)); local a=$REPLY; fib $((n-2)); REPLY=$((a+REPLY)); fi; }; fib 12; echo $REPLY
outer() { inner() { echo "inner of ${FUNCNAME[1]}"; }; inner; local x=1; mid; echo "x=$x"; }; mid() { x=2; local x=3; echo "mid $x"; }; outer; inner 2>&1; echo "${x-unset}"
r() { return $1; }; r 300; echo $?; r -1; echo $?; r abc; echo $?; ret() { for i in 1 2 3; do [ $i = 2 ] && return 5; done; }; ret; echo $?; sub() ( exit 7 ); sub; echo $?; unset -f sub; sub 2>/dev/null; echo $?; f() { echo $#; shift 2 || echo noshift; echo "$@"; }; f 1; f 1 2 3; f() { echo "$0" | grep -c script; }; f; function g { echo kw; }; g; h() { set -- new args; echo "$@"; }; set -- o; h; echo "$@"; k() { while :; do break 2; done; echo k; }; for i in 1; do k; echo after; done; depth() { if (( $1 > 0 )); then depth $(( $1 - 1 )); else echo bottom; fi; }; depth 100
#---
# printf and read corners
printf '%s %s\n' a b c; printf '%d %s\n' 3; printf '%5.1f|%-6d|%06.2f|%+.3e|%g|%g\n' 2.25 42 3.14159 12345.678 0.0001 1234567; printf '%s\n' "$(printf 'a\n\n')" x; printf '%b' 'a\\n\x41\0101\n'; printf '%q %q %q\n' '' 'a b' $'x\ny'; printf '%x %X %o %#x %#o\n' 255 255 8 255 8; printf '%c%c\n' hello w; printf '%%|%5s|%-5s|%.2s|%*s|%-*s|\n' a b cde 4 f 4 g; printf -v out '%s-' 1 2 3; echo "$out"; printf '%(%Y)T\n' 0; printf 'no newline'; echo; printf '\101\x42\u0043\n'; printf '%s' ; printf '\n'; printf '%i\n' '"A'; printf '%s\n' -- x; printf -- '-%s\n' y; printf '%d\n' abc; printf '%d\n' 08; printf '%d\n' 9223372036854775808; printf '%u\n' -1; printf '%5%|\n' ; printf '%z\n'; printf '%.3d|%+d|% d\n' 5 5 5; printf "%s\n" {a,b}{1,2}; printf '%.10s|\n' 'unicode é ü'; printf '%-10s|\n' 'é'; printf '%3s|%-3s|\n' 'ab' 'cd'
read -r a b c <<< "1 2 3 4 5"; echo "$c"; read -ra w <<< "  x   y "; echo "${#w[@]}"; IFS=: read -r u _ id _ <<< root:x:0:0; echo "$u $id"; read -d ';' v <<< "a;b"; echo "$v"; read -n 2 v <<< xyz; echo "$v"; read -N 4 v <<< "a
bc"; echo "$v"; echo 'a\tb\' | { read v; echo "$v"; }; read -r v < /dev/null; echo $?; printf 'x' | { read v; echo "$? $v"; }; read -p prompt v <<< z; echo $v; IFS= read -r v <<< "  sp  "; echo "[$v]"; read -a arr -d '' < <(printf '1\n2\n'); echo "${arr[*]}"; read x y <<< "only"; echo "[$x][$y]"; read -t 0.1 v < <(sleep 1); echo $?; IFS=, read -r a b <<< "1,,3"; echo "[$a][$b]"; while IFS=$'\t' read -r a b; do echo "$a=$b"; done <<< $'k\tv w\nk2\t'; read -i def v <<< q; echo $v; read -u 9 v; echo $?; read 1bad <<< x; echo $?; mapfile -t -d : m <<< "a:b:c"; echo "${m[2]}"; read -s v <<< hid; echo $v
#---
# glob and expansions
mkdir -p d/sub; touch d/{a,b,c}.txt d/.hid d/sub/x.txt 'd/sp ace.txt' d/'[q].txt'; cd d
echo *; echo .*; echo */; echo *.txt; echo [ab]*; echo [!ab]*; echo ?.txt; echo 'q'*; echo "*"; echo \*; for f in *.txt; do printf '<%s>' "$f"; done; echo; ls -d \[q\]*; x='*.txt'; echo $x "$x"; echo {a,b}.txt {z..w} {1..3}{a,b} pre{,1,2}; echo ~ ~root | sed "s|$HOME|H|g"; echo $(echo '*'); set -f; echo *; set +f; shopt -s extglob nullglob; echo !(a*|b*); echo *.none; echo @(a|b).txt; shopt -u nullglob; echo *.none; echo [[:lower:]].txt; echo **/; a=x; echo ${a}{1,2}; echo "${a}"{1,2}; echo a{1..3}b{x,y}c | wc -w; echo {001..003} {a..e..2} {10..0..-5}; echo {a}{b} {,} x{1..}y {1..a}; y="a b  c"; echo $y "$y"; IFS=,; z=1,2,3; echo $z "$z" ${z//,/;}; set -- $z; echo $#; unset IFS; echo "${y// /_}" "${y%% *}" "${y#* }"; v=$(printf 'a\nb\n\n'); echo "$v" $v; echo "`echo \`echo nested\``"; echo $((1+2))$((3)); echo ${#y} ${y:2} ${y: -1} ${y:0:1}; echo "${nope-default}" "${nope:+alt}" "${y:+alt}"; echo ${nope?custom msg} ; echo after
#---
printf 'b 2\na 1\nc 3\na 1\n' > f; sort -u -k1,1 f; sort -k2,2nr -k1,1 f; sort -c f; echo $?; sort -s -k1,1 f; sort -t' ' -k2n f | uniq -c; sort -R f | wc -l; sort -h <<< $'2K\n1M\n10'; sort -M <<< $'Feb\nJan'; sort -z <<< x | tr '\0' '\n'; sort -o f f; sort -m f f | wc -l; sort --check=quiet f; echo $?; sort -b -f -d <<< $' b\nA'; sort -k1.2,1.3 <<< $'xb\nya'
#---
mkdir -p t/a/b; echo 1 > t/a/x; echo 2 > t/a/b/y.log; ln -s x t/a/l; tar -cf o.tar --exclude='*.log' t; tar -tf o.tar | sort; tar -cf p.tar -C t a/x; tar tf p.tar; printf 't/a/x\n' > list; tar cf q.tar -T list; tar xf q.tar -C /tmp --to-stdout; tar -tvf o.tar | awk '{print $1}' | sort | uniq -c; mkdir e; tar xf o.tar -C e t/a/x; find e | sort; tar xf o.tar --wildcards '*/x' -O; tar czf z.tgz t && tar tzf z.tgz | wc -l; tar -cJf z.txz t; tar tf z.txz | wc -l; tar cf - t | tar xf - -C e; find e -type l; tar --transform 's|^t|new|' -cf n.tar t; tar tf n.tar | head -1; tar rf p.tar t/a/l; tar tf p.tar; rm -f *.t*; tar tf nope.tar; echo $?; rm -rf ./*
#---
echo 1 > a; echo 2 > b; cp -n a b; cat b; cp -u a b; cat b; cp -v a c; cp -b a b; ls; cp --backup=numbered a b; ls; mkdir d; cp -t d a b; ls d; cp -r d e; cp -rT d e; ls e; cp -a d/. g; ls g; cp a nope/x; echo $?; cp d x; echo $?; cp a b d/nope; echo $?; mv -v a z; mv -n z b; ls; mv -t d z; mv d/z d/zz; mv nope q; echo $?; ln -s d link; cp -r link l2; readlink l2; cp -rL link l3; ls -d l3; ln -sfn e link; readlink link; ln b hard; stat -c %h b; ln -s b b; echo $?; cp -l b hl; stat -c %h b; cp --parents d/a g; ls g/d; install -D -m 600 b i/n/s; stat -c %a i/n/s; install -d m/n; install -m 755 -t m b hard; ls m; cp -p b pp; cmp b pp; mv d/a d/b e; ls e; cp b b; echo $?; mv b b; echo $?
#---
seq 10 > f; head -n -7 f; head -c 4 f; tail -n +8 f; tail -c 3 f; tail -n 2 -q f f; head -n1 f script.sh | head -2; head -5q f 2>&1 | head -1; tail -3 f; sed -n '2{p;q}' f; sed -n '$=' f; sed '1~3d' f | tr '\n' ' '; sed -z 's/\n/,/g' f; echo; awk 'NR%2' f | paste -sd+ | bc; paste - - - < f; paste -d'\n' f f | head -4; pr -T -3 f 2>/dev/null | wc -l >/dev/null; split -n l/3 f s.; wc -l s.*; split -b 5 f b.; cat b.* | cmp - f; split -l 4 --numeric-suffixes=1 --additional-suffix=.txt f n; ls n*; csplit -s -f c. f 3 6; wc -l c.*; nl -v5 -i2 -nrz f | head -2; fold -s -w 10 <<< 'the quick brown'; tac f | head -1; rev <<< 'ab cd'; expand -t 2 <<< $'\ta'; cut -d' ' -f2- <<< 'a b c'; cut -b1,3 <<< abc; cut --complement -d, -f2 <<< a,b,c; cut -sd: -f1 <<< nodelim; tr -s ' ' <<< 'a   b'; tr -cd '0-9\n' <<< a1b2; tr -d a-c <<< abcd; tr '[:lower:]' '[:upper:]' <<< x; tr a-z A-Z < f | head -1; comm -3 <(seq 3) <(seq 2 4); join <(echo a 1) <(echo a 2); join -a1 -e- -o0,1.2,2.2 <(printf 'a 1\nb 2\n') <(echo a x); column -t <<< $'a bb\nccc d'; column -s, -t <<< 'a,b'; uniq -c -i <<< $'a\nA\nb'; uniq -u f | wc -l; wc -L f; wc -c < f; tee -a f < /dev/null; od -An -c <<< hi; od -tx1 -N2 f; hexdump -C <<< hi; xxd -p <<< hi; xxd -r -p <<< 6869; echo; base64 -w0 f; echo; base64 -d <<< aGk=; echo; base32 <<< hi; cksum <<< x; sum <<< x; md5sum f | cut -c1-8; sha1sum < f; sha512sum f | cut -c1-8; b2sum f | cut -c1-8; sha256sum f > s; sha256sum -c s; sha256sum --status -c s; echo $?; sha256sum --tag f; echo 'bad  f' | sha256sum -c; echo $?
#---
#!/bin/bash
# stack trace on error
set -Eeuo pipefail
trap 'on_err $? $LINENO' ERR
on_err() { echo "ERR rc=$1 line=$2 cmd=$BASH_COMMAND" ; local i=0; while caller $i; do i=$((i+1)); done; }
a() { b "$@"; }
b() { c; }
c() { ls /nonexistent-dir 2>/dev/null; }
a 1
echo unreachable
#---
#!/bin/bash
# env files
cat > .env <<'E'
# comment
A=1
B="two words"
export C='x$y'
D=$A-suffix
E
set -a; . ./.env; set +a; env | grep -E '^[ABCD]=' | sort
export $(grep -E '^A=' .env | xargs) Z=9; echo "$A $Z"
declare -p A B > saved; unset A B; source saved; echo "$A $B"
while IFS='=' read -r k v; do [ -z "$k" ] || [ "${k#\#}" != "$k" ] && continue; printf '%s->%s\n' "$k" "$v"; done < .env
x=$(<.env); echo "${#x}"; echo "$(< .env)" | wc -l; BASH_ENV=./.env bash -c 'echo "$B"'; env -i PATH="$PATH" bash -c 'echo "${A-unset}"'; A=5 B=6 bash -c 'echo $A $B'; (export Q=1; bash -c 'echo $Q'); bash -c 'echo ${Q-none}'; printenv A; env A=7 sh -c 'echo $A'; cat <<-'X' | bash -s -- arg1 "arg 2"
	echo "$# $2"
	X
bash <(echo 'echo from fd'); echo 'echo piped $1' | bash -s x; bash -c 'echo "$0 $@"' name p q; bash -xc 'echo t' 2>&1; bash -euo pipefail -c 'false | true; echo no' || echo rc=$?; sh -c 'echo $0'; bash --norc -c 'echo norc'; bash -c 'exit 3' || echo $?; bash nofile.sh 2>&1; echo $?; bash -c 'syntax ((' 2>&1 | head -1; echo 'exit 4' > x.sh; bash x.sh; echo $?; chmod +x x.sh; ./x.sh; echo $?; ./nope 2>&1; echo $?; ./saved 2>&1; echo $?; . nofile 2>&1; echo $?; cmd_not_found 2>/dev/null; echo $?
#---
#!/bin/bash
# worker pool by fifo
mkfifo pipe; exec 5<>pipe; for i in 1 2; do echo >&5; done
for i in 1 2 3 4; do read -u 5; { sleep 0.02; echo "w$i" >> done.txt; echo >&5; } & done; wait; sort done.txt | tr '\n' ' '; echo; rm done.txt; exec 5>&-
mkfifo q; (for i in 1 2 3; do echo $i; done > q) & while read n; do echo "got $n"; done < q; wait
producer() { for i in a b c; do echo $i; done; }; consumer() { while read x; do echo "c:$x"; done; }; producer | consumer; consumer < <(producer)
out=$( { echo so; echo se >&2; } 2>&1 >/dev/null ); echo "$out"; { out=$( { echo so; echo se >&3; } 3>&1 1>&4 ); } 4>&1; echo "captured $out"
#---
#!/bin/bash
# args loop with shift
IFS=$'\n\t'
parse() {
  local pos=() force=0 name='' tags=()
  while (( $# )); do
    case "$1" in
      -f|--force) force=1 ;;
      -n|--name) name=${2:?missing}; shift ;;
      --name=*) name=${1#*=} ;;
      -t*) t=${1#-t}; [[ -z $t ]] && { t=$2; shift; }; tags+=("$t") ;;
      --) shift; pos+=("$@"); break ;;
      -*) echo "bad: $1" >&2; return 2 ;;
      *) pos+=("$1") ;;
    esac
    shift
  done
  printf 'force=%d name=%s tags=%s pos=%s\n' "$force" "$name" "$(IFS=,; echo "${tags[*]-}")" "${pos[*]-}"
}
parse -f --name=x -ta -t b one -- -two 'th ree'; parse -n; echo $?; parse --zzz; echo $?; parse
set -- a b c d; echo "${@:2:2}" "${*: -1}" "$#"; shift 2; echo "$1"; set -- "$@" e; echo "$*"; for a; do printf '[%s]' "$a"; done; echo; set -- 'x y' z; printf '<%s>' $@; echo; printf '<%s>' "$@"; echo; printf '<%s>' "$*"; echo; f() { echo "$#"; }; f $*; f "$*"; f "$@"; f ""; unset IFS; f $*; eval "f \"\$@\""; set --; f "$@"; f "${@:-default}"; ${nothing:-echo} dflt; [ $# -eq 0 ] && echo none
#---
#!/bin/bash
# text table of files, tmp dir, checks
d=$(mktemp -d) && trap 'rm -rf "$d"' EXIT; printf 'x%.0s' {1..100} > "$d/a"; : > "$d/empty"; mkdir "$d/sub"; ln -s a "$d/l"; chmod 600 "$d/a"
for f in "$d"/*; do n=${f##*/}; if [ -L "$f" ]; then t=link; elif [ -d "$f" ]; then t=dir; elif [ -s "$f" ]; then t=file; else t=empty; fi; printf '%-6s %s\n' "$n" "$t"; done
[ -e "$d/nope" ] || echo missing; [ -r "$d/a" ] && [ -w "$d/a" ] && [ ! -x "$d/a" ] && echo rw; [ "$d/a" -ef "$d/l" ] && echo same; [ -z "" ] && [ -n x ] && [ a != b ] && [ 1 -lt 2 ] && [ 2 -ge 2 ] && echo cmp; [ a = a -a b = b ] && [ x = y -o z = z ] && [ ! x = y ] && echo logic; [ "(" = "(" ] && echo paren; [ -t 0 ] || echo notty; [[ -f $d/a && ( -d $d/sub || 1 == 2 ) ]] && echo dbl; [ abc \< abd ] && echo lt; [[ abc =~ ^a.c$ ]] && echo re; [[ "a b" == a* ]] && echo glob; [ 1 -eq one ] 2>/dev/null; echo $?; [ 1 2 3 ] 2>&1; [ a ] && echo one; [ ]; echo $?; test; echo $?; [ -v HOME ] && echo v; [[ -o errexit ]] || echo noerr; [[ x ]] && echo x; [ "" ]; echo $?; [ 1 = 1 2>&1; echo $?; [ -n ] && echo n; [ ! ] && echo bang; [ = ]; echo $?; [ -f = ] ; echo $?; [[ 2 -gt 1 && 10 -gt 9 ]] && echo num; [[ a > B ]]; echo $?; [[ 5 == 05 ]]; echo $?; [[ 5 -eq 05 ]] && echo eq; [[ $undefined == "" ]] && echo empty; find "$d" -type l | wc -l; du -b "$d/a" | cut -f1; wc -c < "$d/a"
#---
#!/bin/bash
# math, date, string building in loops
declare -i n=0; for ((i=1, j=10; i<j; i+=3, j--)); do n+=i*j; echo "$i $j $n"; done; for i in {5..1..2}; do printf '%s ' $i; done; echo; s=""; for w in the quick fox; do s+="${s:+ }${w^}"; done; echo "$s"; i=0; until ((i>=3)); do ((i++)) || true; [[ $i == 2 ]] && continue; echo $i; done; for x in a b c; do for y in 1 2; do [[ $y == 2 ]] && continue 2; [[ $x == c ]] && break 2; echo $x$y; done; done; while :; do break; done; echo $((a=5, a*2)) $((a++)) $a $((++a)) $((a--)) $((!a)) $((~a)) $((a>3&&a<10)) $((a==6?100:200)); echo $((1+2*3-4/2%3)) $(((1+2)*3)) $((2**3**2)) $((7&3)) $((7|8)) $((7^2)) $((1<<3>>1)) $((5,6)); b=10; ((b*=2, b-=5, b/=3, b%=4, b<<=2, b|=1, b&=7, b^=2)); echo $b; echo $((0x1f)) $((017)) $((2#1010)) $((36#z)) $((-5/2)) $((-5%2)); arr=(3 1 2); echo $((arr[0]+arr[1])) $((${#arr[@]}*2)) ; ((arr[1]+=10)); echo ${arr[1]}; x=3; echo $((x+$x+x)); printf '%d\n' $((9223372036854775807+1)); echo $((08)) 2>&1; echo $((1 +)) 2>&1; echo $((x y)) 2>&1; let y=5 z=y+1; echo $y $z; ((0)); echo $?; ((1)); echo $?; let 0; echo $?; k="2+3"; echo $((k*2)) $(($k*2)); echo $[1+1]; v=abc; echo $((v)) $((undefined_x)); declare -i q; q="3*4"; echo $q; q=foo; echo $q; echo "$((1.5))" 2>&1; echo next
#---
#!/bin/bash
# dry-run wrapper, quoting logs
DRY=1; run() { if ((DRY)); then printf 'DRY:'; printf ' %q' "$@"; echo; else "$@"; fi; }
run rm -rf "/tmp/a b" '*.txt' $'x\ty' "it's" 'a"b' "" '$HOME' '!x' '~' 'a;b' 'a=b' '[x]' '#c' 'é'
run kubectl apply -f - <<< "x"; confirm() { read -rp "sure? [y/N] " a; [[ $a == [yY]* ]]; }; confirm <<< yes && echo ok; confirm <<< "" || echo no
log() { printf '[%s] %-5s %s\n' "$(date -u +%H | tr '0-9' 'N')" "$1" "${*:2}"; }; log INFO a "b c"; die() { log ERROR "$@" >&2; exit "${RC:-1}"; }; (RC=7 die boom); echo $?; try() { "$@" && return; local rc=$?; echo "failed($rc): $*"; return $rc; }; try true; try false x; echo $?
#---
#!/bin/bash
# matrix build with associative results & summary
declare -A res; for os in linux darwin; do for arch in amd64 arm64; do key=$os/$arch; if [[ $os == darwin && $arch == amd64 ]]; then res[$key]=fail; else res[$key]=ok; fi; done; done
for k in $(printf '%s\n' "${!res[@]}" | sort); do printf '%-14s %s\n' "$k" "${res[$k]}"; done; n=0; for v in "${res[@]}"; do [[ $v == fail ]] && ((n++)); done; echo "failures: $n"; unset 'res[linux/amd64]'; echo ${#res[@]}; [[ -n ${res[linux/arm64]+x} ]] && echo has; declare -A copy; for k in "${!res[@]}"; do copy[$k]=${res[$k]}; done; echo ${#copy[@]}; res+=([new]=1); echo ${res[new]}; declare -A cnt; for w in a b a c a; do ((cnt[$w]++)); done; for w in a b c; do echo $w ${cnt[$w]}; done; key='a b'; cnt["$key"]=5; cnt[$key]+=1; echo "${cnt[a b]}"; i=2; arr[i]=x; arr[i+1]=y; echo "${!arr[@]}" "${arr[@]}"; arr2=("${arr[@]/x/z}"); echo "${arr2[@]}"; IFS=/ read -r o a <<< "linux/arm"; echo $o-$a; printf -v 'arr[7]' %s set; echo ${arr[7]}; read -r 'arr[8]' <<< rd; echo ${arr[8]}
#---
#!/bin/bash
# yes/no: string case conversions, here-doc to function, nested quotes
upper() { tr '[:lower:]' '[:upper:]'; }; upper <<E
a $(echo "b \"c\" $(echo 'd e')") `echo f`
E
q="outer 'inner' \"dq\" \$x \`bt\` \\ \\n"; echo "$q"; echo 'a'\''b'; echo "a"'b'c; echo a\ b; echo "$(echo "nested $(echo "deep \"q\"")")"; echo "${q:+"has q"}"; echo "${undefined:-"def 'x' \"y\""}"; x='a*b'; echo "${x%'*b'}" "${x#"a*"}"; y="${x/\*/star}"; echo $y; echo ${x//[*]/-}; z=${x:-`echo no`}; echo "$z"; cat <<"E2"
$no `no` \no
E2
cat << E3 ; echo after
$(cat <<E4
inner $x
E4
)
E3
f() { cat <<E5
func $1
E5
}; f A; f B | cat; while read l; do echo "l:$l"; done <<E6
1
2
E6
if true; then cat <<-E7
	tabbed
	E7
fi; echo "multi
line" | wc -l; v=$(cat <<'E8'
it's "here"
E8
); echo "$v"; eval "$(cat <<'E9'
echo evald "$x"
E9
)"; echo "a\
b"; echo 'a\
b'; printf '%s\n' "tab	x" $'nl\nx'; echo "${x@Q}" ; echo ${x}{1,2}; echo "$((1+1))$(echo x)`echo y`${x}"; : "${A:=b c}"; echo $A; set -- "a b" c; echo "$@" "$*" "${@:1:1}" "${#@}"; echo "\a\$\"\`\\"; echo \\a \$x \"; echo "!x" '!y'; echo {a,"b c",d}e; echo "{a,b}"; a=1; echo {$a,2}; echo $'\'' "'" '"'; echo "a" > "sp ace"; cat "sp ace"; ls "sp ace" sp\ ace; rm sp*; [[ "a b" == "a b" ]] && echo eq; case "a b" in "a b") echo c1;; esac; case x in "$x"|x) echo c2;; esac; for i in "a b" c; do echo "$i"; done; echo ${#x} ${#@} $# "$#"
#---
#!/bin/bash
# signals in scripts, background cleanup
trap 'echo usr1' USR1; kill -USR1 $$; echo after; trap 'echo int; exit 3' INT; (trap - INT; kill -INT $BASHPID; echo no) ; echo sub $?; trap '' TERM; kill -TERM $$; echo ignored; trap - TERM; trap; trap -p USR1; trap 'echo a; echo b' USR1; kill -s USR1 $$; f() { trap 'echo in f' USR2; kill -USR2 $$; }; f; sleep 0.01 & wait; sleep 5 & p=$!; trap 'kill $p; echo cleaned' EXIT; ( trap 'echo child exit' EXIT; exit 4 ); echo $?; bash -c 'trap "echo c; exit 5" TERM; kill $$; echo no'; echo $?; kill -l 9 15 TERM; kill -0 $$ && echo alive; kill -0 999999 2>/dev/null || echo dead; trap 'echo debug' DEBUG; : ; trap - DEBUG; kill -KILL $p; wait $p 2>/dev/null; echo $?; exit 6
