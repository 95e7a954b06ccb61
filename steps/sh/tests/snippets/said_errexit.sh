a=1; { a=2; b=3; }; echo $a$b; (a=4); echo $a; a=5 | a=6; echo $a; echo $(a=7; echo $a) $a; a=8 eval 'echo $a'; echo $a; a=9 :; echo $a; f() { a=10; }; a=11 f; echo $a; a=12 . /dev/stdin <<< 'echo $a; b=set'; echo $a $b; export a=13; bash -c 'echo $a'; a=14 bash -c 'echo $a'; echo $a; unset a; echo ${a-unset}; a= ; echo "[${a-unset}]"; a+=x a+=y; echo $a; a=15 b=$a; echo $b; c=$d d=1; echo "[$c]"
#---
echo one; exit 3; echo two
#---
exit_in_func() { exit 7; }; (exit_in_func; echo no); echo $?; x=$(exit_in_func); echo $?; exit_in_func | cat; echo $? ${PIPESTATUS[0]}; { exit_in_func; } & wait $!; echo $?; exit_in_func; echo no
#---
set -e; echo a; (exit 3) || echo b; (echo c; false; echo no) ; echo no
#---
set -e; f() { echo start; false; echo end; }; f || true; echo ok; if ! f; then echo neg; fi; x=$(f) || echo x; f; echo no
#---
set -e; a=$(false) || true; echo 1; b=`false` || :; echo 2; false | true; echo 3; ! true; echo 4; true && false || true; echo 5; [ 1 = 2 ] || echo 6; [[ 1 = 2 ]] || echo 7; ((0)) || echo 8; let 0 || echo 9; for i in 1; do false || break; done; echo 10; while false; do :; done; echo 11; case x in y) false;; esac; echo 12; if false; then :; elif false; then :; fi; echo 13; until true; do false; done; echo 14; true | (exit 1) | true; echo 15; cmd() { return 1; }; cmd || echo 16; test -z "" && test -n "" ; echo no
#---
set -e; ((0)); echo no
#---
set -e; [[ a = b ]]; echo no
#---
set -e; let 0; echo no
#---
set -e; false || false; echo no
#---
set -e; true && false; echo yes; false && true; echo yes2; (false && true); echo no
#---
set -e; f() { false && true; }; f; echo no
#---
set -e; if true; then false; fi; echo no
#---
set -e; { false; }; echo no
#---
set -e; while true; do false; done; echo no
#---
set -e; f() { if false; then :; fi; }; f; echo y; g() { return 0; false; }; g; echo y; h() ( false; echo no ); h; echo no
#---
set -e; trap 'echo E$?' EXIT; g() { trap 'echo R' RETURN; return 4; }; g
#---
set -e; echo $(exit 3); echo $?; a=$(echo x; exit 3)
echo no
#---
set -e; source /dev/stdin <<< 'false; echo no' ; echo no
#---
set -e; eval 'false || true; echo ok; false; echo no'; echo no
#---
set -e; exec 3< /nonexistent; echo no
#---
set -e; cat < /nonexistent || echo handled; : < /nonexistent; echo no
#---
set -e; x=1; readonly x; unset x || echo h; x=2 || echo no; echo no
#---
set -o pipefail; set -e; false | true || echo h; true | false | true || echo h2; echo a | grep -q b || echo h3; false | true; echo no
#---
set -u; f() { echo "$1"; }; (f) ; echo $?; echo "${a:-x}" "${a-}" "${a+y}" "${#}" "$*" "$@"; a=(); echo "${a[@]}" "${#a[@]}"; b[1]=x; (echo "${b[0]}"); echo $?; declare c; (echo "$c"); echo $?; ((d=1)); echo $d; (echo $((e+1))); echo $?; [[ -v f ]] || echo nv; [[ -z ${g:-} ]] && echo z; (unset h; echo ${h}); echo $?; i=$1
echo no
#---
set -u; (: ${x?}); echo $?; (: ${x:?msg}); echo $?; (echo ${x:1:2}); echo $?; (echo ${x/a/b}); echo $?; (echo ${x^^}); echo $?; (echo ${x#a}); echo $?; (echo ${!x}); echo $?; (echo ${x@Q}); echo $?; (for i in $x; do :; done); echo $?; (case $x in *) ;; esac); echo $?; ([[ $x ]]); echo $?; (echo "$x" | cat); echo $?; (local_=$x); echo $?; (cat <<< $x); echo $?; (cat <<E
$x
E
); echo $?
#---
IFS=:; set -- a:b c; echo $*; echo "$*"; for i in $1; do echo "<$i>"; done; x=$1; echo $x "$x"; y="p:q r"; for i in $y; do echo "[$i]"; done; echo ${y}; read a b <<< "1:2:3"; echo "$a|$b"; IFS=; for i in $y; do echo "{$i}"; done; IFS=' '; z='  lead'; echo $z; set -- $z; echo "$#$1"; unset IFS; echo $y
#---
test_args() { printf '<%s>' "$@"; echo; }; test_args $(echo 'a b') "$(echo 'a b')" `echo 'c d'` "`echo 'c d'`" ${x-e f} "${x-e f}" ${x-"e f"} $((1+1)) "$@" ''; v='a  b'; test_args $v "$v" x$v"y"; w=; test_args $w "$w" $w$w ""$w; n=$'1\n2'; test_args $n "$n"; g='*'; set -f; test_args $g; set +f; test_args "$g"; t=~; test_args $t ~ "~" ~/x; e='$HOME'; test_args $e "$e"; q="it's"; test_args $q "$q"; b='a\b'; test_args $b "$b"; d='"a b"'; test_args $d; eval "test_args $d"
#---
cd /tmp && pwd; cd - >/dev/null; mkdir -p "dir with space/sub"; cd "dir with space"; cd sub; cd ../..; ls; (cd "dir with space" && ls); cd nosuch 2>/dev/null || echo failed; cd . && echo same; cd ./"dir with space"/./sub/.. && basename "$PWD"; cd "$OLDPWD"; basename "$PWD" >/dev/null; d=$(cd / && pwd); echo $d; cd -P .. >/dev/null; cd -L - >/dev/null; pushd "dir with space" >/dev/null; popd >/dev/null; ls | wc -l
