export A=1 B='a b' C="q'q" D='$x' E='a"b'; unset F; export F; export -p | grep -E ' [A-F](=|$)'
#---
readonly A=1 B='a b' C="q'q"; readonly U; readonly -p | grep -E ' [A-CU](=|$)'
#---
A=1; B='a b'; C="q'q"; D='
'; E='$x"\`'; F=; G=a\\b; H='~'; I=a=b; J='*'; set | grep -E '^[A-J]='
#---
set -- -a b; echo $1; set - x; echo $1; set --; echo $#; set -e -- a; echo $- | tr -d hB; echo $1; set +e; set -x -; set a -b; echo $*
#---
set -o | sort | head -30
#---
set +o | sort
#---
set -eu; set +o | grep -E 'errexit|nounset'; saved=$(set +o); set +eu; eval "$saved"; case $- in *e*) echo e;; esac; case $- in *u*) echo u;; esac
#---
set -o noglob; echo *; set +o noglob; set -o noclobber -o nounset; case $- in *C*) echo C;; esac; echo ${x-ok}
#---
set -a; X=1; sh -c 'echo $X'; set +a; Y=2; sh -c 'echo [$Y]'; unset Z; set -a; for Z in q; do :; done; read W <<E
r
E
sh -c 'echo $Z$W'
#---
set -v; echo a
echo b; set +v
echo c
#---
set -x; echo a 'b c' "$x" ""; x=1; y='a b' z=3; x=2 true; for i in 1 2; do :; done; case a in a) ;; esac; if true; then :; fi; echo >f; (echo s); { :; }; f() { :; }; f x; [ a = b ]; while false; do :; done; eval 'echo e'
#---
set -x; echo "it's"; echo 'a
b'; echo '$x' '*' '~' '!' a=b; : $(echo sub); x=$(echo q); set +x; PS4='P '; set -x; : a
#---
set -n; echo no
#---
set -e; false; echo no
#---
set -e; if false; then :; fi; false || true; ! true; while false; do :; done; false && true; echo ok; { false; } && true; (false) || :; echo ok2; f() { false; echo inf; }; f || :; if f; then :; fi; f && :; (false; echo sub) || :; echo end; (false); echo no
#---
set -e; x=$(false); echo no
#---
set -e; echo $(false; echo a); x=$(false; echo b) || echo c$x; export y=$(false); echo y; local_() { local z=$(false); echo z; }; local_; true | false | true; echo p; false | true; echo q; true | false; echo no
#---
set -e; (set +e; false; echo a); false | true; { false; echo n; } | cat; echo b; f() { set +e; false; echo c; }; f; false; echo d
#---
set -e; trap 'echo exit $?' EXIT; f() { return 3; }; f; echo no
#---
set -e; case a in a) false;; esac; echo no
#---
set -e; for i in 1; do false; done; echo no
#---
set -e; eval false; echo no
#---
set -e; echo false >f; . ./f; echo no
#---
set -e; eval false || echo a; . /dev/null; command false || echo b; command false; echo no
#---
set -e; ! false; echo a; ! { false; echo b; }; echo c; until false; do break; done; ! (false; echo d); echo e
#---
set -e; { false; true; } ; echo no
#---
set -e; true && { false; echo no; }; echo no2
#---
set -e; false & wait $!; echo no
#---
set -e; false & wait; echo yes; exec 3</dev/null; readonly r; unset q; : >/nonexistent/x; echo no
#---
set -u; echo "$@" $* $# ; (echo $1) 2>/dev/null; echo $?; echo ${1-d} ${1:-e} ${x+y}; (echo ${#x}) 2>/dev/null; echo $?; (echo $((x))) 2>/dev/null; echo $?; (echo ${x%a}) 2>/dev/null; echo $?; (: ${x=1}; echo $x); (echo $!) 2>/dev/null; echo $?
#---
while getopts ab:c o -a -b arg -c x; do echo "$o ${OPTARG-none} $OPTIND"; done; echo $o $OPTIND $?
#---
set -- -ab arg -- -c; while getopts ab:c o; do echo "$o ${OPTARG-none}"; done; shift $((OPTIND-1)); echo "$@"
#---
while getopts :ab: o -a -x -b; do echo "$o ${OPTARG-none} $OPTIND"; done; echo $OPTIND
#---
while getopts ab: o -x -b; do echo "$o ${OPTARG-none}"; done; echo $OPTIND
#---
OPTERR=0; while getopts ab: o -x; do echo "$o ${OPTARG-none}"; done; getopts a o; echo $? $o; OPTIND=1; getopts a o -; echo $? $o $OPTIND; OPTIND=1; getopts a o x -a; echo $? $OPTIND
#---
f() { while getopts ab o; do echo $o $OPTIND; done; }; f -a; OPTIND=1; f -b -a; getopts; echo $?; getopts a; echo $?
#---
getopts a: o -afoo; echo $o $OPTARG $OPTIND; OPTIND=1; getopts a: o -a ''; echo $o "[$OPTARG]" $OPTIND; OPTIND=1; getopts 'a:b' o -a -b; echo $o "[$OPTARG]"; OPTIND=1; getopts a o -aa; getopts a o -aa; echo $o $OPTIND; getopts a o -aa; echo $? $o
#---
umask 022; umask; umask -S; umask u=rwx,g=rx,o=; umask; umask g+w; umask -S; umask 777; umask; umask a=; umask -S; umask -w 2>/dev/null; umask u+rw,go-rwx; umask; umask 8; echo $?
#---
umask 027; (umask 0; umask); umask; umask -- 077; umask; umask g=u; umask; umask o=g-w; umask
#---
kill -l 9; kill -l 15 2; kill -l 143; kill -l TERM; kill -l; echo $?
#---
kill; echo $?
#---
trap 'echo a; trap "echo b" EXIT' EXIT; exit 2
#---
trap 'exit 5' EXIT; exit 2
#---
trap 'echo $?; false' EXIT; (exit 4)
#---
trap 'echo x' EXIT; f() { exit 3; }; f; echo no
#---
trap 'echo x' EXIT; echo $(echo sub); (echo p; exit 2); echo $?; sh -c 'echo child'; echo a | cat
#---
(trap 'echo sub' EXIT; exit 3); echo $?; x=$(trap 'echo ct' EXIT; echo a); echo "$x"; { trap 'echo br' EXIT; } | cat; (trap 'echo q' EXIT); f() { trap 'echo fe' EXIT; }; f; echo last
#---
unset a; echo $?; a=1; unset a; echo ${a-u}; unset -v a b; echo $?; a=1 b=2; unset a b; echo ${a-u}${b-u}; f() { :; }; unset -f f g; echo $?; f 2>/dev/null; echo $?; unset; echo $?
#---
unset PATH; echo ${PATH-none}; unset IFS; x='a b:c'; set -- $x; echo $#; unset HOME; cd; echo $?; unset OPTIND; unset PWD; cd /; echo $PWD
#---
cd /; cd tmp; pwd; echo $OLDPWD; cd -; pwd; cd /usr/../tmp; pwd; cd -P /tmp/..; pwd; cd -L /tmp/./; pwd; cd ''; echo $?; pwd; cd /nonexistent; echo $?; cd a b; echo $?
#---
mkdir -p a/b; ln -s a/b l; cd l; pwd | sed 's,.*/,,'; pwd -P | sed 's,.*/,,'; cd ..; pwd | sed 's,.*/,,'; cd -P l; pwd | sed 's,.*/,,'; cd ..; pwd | sed 's,.*/,,'; cd ../l/..; cd -L l 2>/dev/null; pwd -L | sed 's,.*/,,'
#---
mkdir -p x/y; CDPATH=x; cd y | sed 's,.*/,,'; cd y >/dev/null; pwd | sed 's,.*/,,'; unset CDPATH; cd -- ..; pwd | sed 's,.*/,,'; >file; cd file; echo $?; CDPATH=:x; cd x; cd -e / ; echo $?; cd -Z; echo $?
#---
HOME=/tmp; cd; pwd; cd ~; pwd; HOME=; cd; echo $?; pwd; OLDPWD=/; cd -; unset OLDPWD; cd -; echo $?
#---
command -v ls cat; command -v echo if f nosuch; echo $?; f() { :; }; command -v f; alias al=x; command -v al; command -V al if f echo export; command -V nosuch; echo $?; command; echo $?; command -p echo hi; command -x; echo $?
#---
echo -n a; echo -e 'a\tb'; echo 'a\tb'; echo -E 'a\nb'; echo '\0101' '\c' x; echo -- a; echo - a; echo -nx; echo "a\\b"
#---
printf '%d %i %o %u %x %X %c %s %%\n' 10 -5 8 3 255 255 abc str; printf '%5s|%-5s|%05d|%+d|% d|%.2s|%5.1s|\n' a b 3 4 5 abc xyz; printf '%s %s\n' a b c; printf '%d\n' 0x10 010 "'a" '"b'; printf '%b' 'a\n\0101\tx\c' y; echo; printf '%s\n'; printf '%d\n'; printf 'x\n' a b
#---
printf '%d\n' abc; echo $?; printf '%d\n' 3x; echo $?; printf '%d\n' ''; echo $?; printf; echo $?; printf '%z\n'; echo $?; printf '\101\x41\e\a' | od -c | head -1; printf -- '%s\n' -x; printf '%*d|%-*d|%.*f\n' 5 1 5 2 2 3.14159; printf '%5%|\n'; printf '%s' "$(printf 'a\0b' | od -c | head -1)"
#---
[ a = a ] && [ a != b ] && [ -n x ] && [ -z '' ] && [ x ] && ! [ ] && ! [ '' ] && echo 1; [ 1 -eq 1 ] && [ 1 -lt 2 ] && [ 2 -ge 2 ] && [ ! a = b ] && echo 2; [ a -a b ] && [ '' -o b ] && echo 3; [ \( a \) ] && [ ! \( '' \) ] && echo 4; [ ! ] && [ -n ] && [ = ] && [ -a ] && [ \( ] && echo 5; [ = = = ] && [ -n = -n ] && [ ! = ! ] && [ \( = \( ] && echo 6; [ ! -n '' ] && echo 7
#---
[ a; echo $?; [ a b; echo $?; [ a b ]; echo $?; [ a b c ]; echo $?; [ 1 -eq x ]; echo $?; test a = ; echo $?; [ a = b c d ]; echo $?; [ -q x ]; echo $?; [ 1 -eq '' ]; echo $?; [ ' 1 ' -eq 1 ]; echo $?; [ 08 -eq 8 ]; echo $?
#---
>e; echo x >f; mkdir d; ln -s f l; ln -s no b; for o in e f d r w x s L h p S b c u g k; do for i in e f d l b no; do [ -$o $i ] && echo -n "$o:$i "; done; done; echo; [ e -ot f ] || [ e -nt f ] || true; [ f -ef l ] && echo ef; [ no -ot f ] && echo ot; [ f -nt no ] && echo nt; [ -t 0 ] || echo t; [ -t ] && echo tt
#---
printf 'echo a\nexit 3\necho b\n' | sh; echo $?; printf 'echo no newline' | sh; printf '' | sh; echo $?; printf '#!/bin/sh\n# c\n\n\n' | sh; echo $?; sh -c ''; echo $?; sh -c '
'; echo $?
#---
shift; echo $?; set -- a b c; shift 0; echo $*; shift 2; echo $*; shift 1; echo $#; set -- a; shift 3; echo $? $#; shift -1; echo $?
#---
eval; echo $?; false; eval; echo $?; false; eval ''; echo $?; false; eval ' '; echo $?; eval echo 'a   b' '"c  d"'; eval 'x=1; echo $x'; eval "exit 3"
#---
exit; echo no
#---
(exit 256); echo $?; (exit 255); echo $?; (exit -1); echo $?; (false; exit); echo $?; f() { false; exit; }; (f); echo $?; sh -c 'exit 3; echo'; echo $?
#---
exec echo a b; echo no
#---
exec 3>&1; exec; echo $?; (exec sh -c 'exit 9'); echo $?; exec >f; echo x; sh -c 'cat f >&2'
#---
x=1; X=$x exec sh -c 'echo $X'
#---
newline='
'; echo "a${newline}b"; x="a${newline}b"; echo $x; IFS=; echo $x
#---
true; echo ${-}; set -f; case ${-} in *f*) echo f;; esac; echo $! ; true & wait; [ -n "$!" ] && echo bg; echo "$0" | sed 's,.*/,,'
