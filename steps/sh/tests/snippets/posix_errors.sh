set -o bad; echo after $?
#---
set -Z; echo after
#---
command set -o bad; echo after $?
#---
trap 'echo x' INT TERM EXIT; trap; trap - EXIT
#---
trap 'echo x' SIGINT; trap -p INT; trap -p
#---
return 3; echo after $?
#---
return; echo after $?
#---
readonly x=1; command eval x=2; echo after $?
#---
readonly x=1; eval x=2; echo after $?
#---
readonly x=1; x=2; echo after $?
#---
readonly x=1; x=2 true; echo after $?
#---
readonly x=1; x=2 :; echo after $?
#---
readonly x=1; x=2 cat /dev/null; echo after $?
#---
readonly x=1; for x in a b; do echo $x; done; echo after $?
#---
readonly x=1; (x=2; echo no); echo after $?
#---
readonly x=1; export x=2; echo after $?
#---
readonly x=1; command export x=2; echo after $?
#---
readonly x=1; readonly x=2; echo after $?
#---
readonly x=1; read x <<X
a
X
echo after $?
#---
readonly x=1; unset x; echo after $?
#---
readonly x=1; command unset x; echo after $?
#---
readonly x=1; getopts a x -a; echo after $?
#---
readonly x=1; echo ${x:=2} ; unset y; readonly y; echo ${y:=3}; echo after $?
#---
readonly x=1; : $((x=2)); echo after $?
#---
exec </nonexistent; echo after $?
#---
command exec </nonexistent; echo after $?
#---
: </nonexistent; echo after $?
#---
command : </nonexistent; echo after $?
#---
true </nonexistent; echo after $?
#---
cat </nonexistent; echo after $?
#---
f() { :; }; f </nonexistent; echo after $?
#---
{ :; } </nonexistent; echo after $?
#---
eval ':' </nonexistent; echo after $?
#---
. /nonexistent/file; echo after $?
#---
command . /nonexistent/file; echo after $?
#---
. nofile; echo after $?
#---
shift 5; echo after $?
#---
command shift 5; echo after $?
#---
shift x; echo after $?
#---
break x; echo after $?
#---
for i in 1; do break x; done; echo after $?
#---
for i in 1; do break 0; done; echo after $?
#---
for i in 1; do continue 0; done; echo after $?
#---
for i in 1; do break -1; done; echo after $?
#---
for i in 1 2; do break 1 2; done; echo after $?
#---
exit x; echo after $?
#---
exit 1 2; echo after
#---
f() { return x; echo in; }; f; echo after $?
#---
f() { return 1 2; echo in; }; f; echo after $?
#---
eval 'if'; echo after $?
#---
command eval 'if'; echo after $?
#---
eval 'fi'; echo after
#---
echo 'if' >f; . ./f; echo after $?
#---
echo 'fi' >f; command . ./f; echo after $?
#---
echo ${x?}; echo after
#---
echo ${x?msg here}; echo after
#---
(echo ${x?msg here}); echo after $?
#---
echo ${x!y}; echo after
#---
set -u; echo $x; echo after
#---
set -u; (echo $x); echo after $?
#---
echo $((1/0)); echo after
#---
echo $((1+)); echo after
#---
(echo $((1+))); echo after $?
#---
export -x; echo after $?
#---
export 1a=b; echo after $?
#---
command export 1a=b; echo after $?
#---
readonly 1a=b; echo after $?
#---
unset -x; echo after $?
#---
unset 1a; echo after $?
#---
unset -f 1a; echo after $?
#---
trap 'x' BAD; echo after $?
#---
trap '' BAD INT; echo after $?; trap
#---
command trap x BAD; echo after $?
#---
trap; trap -- 'a' HUP; trap; trap - HUP; trap; trap '' HUP; trap; trap HUP; trap
#---
trap 'echo t' 1; trap 1; trap
#---
trap 'echo t' 0; (trap); (exit 2); trap 0; echo end
#---
trap 'echo t' EXIT; (trap - EXIT; trap); x=$(trap); echo "$x"
#---
trap 'echo "a'"'"'b"' USR1; trap
#---
trap 'echo
b' USR1; trap
#---
exec nonexistentcmd; echo after
#---
(exec nonexistentcmd; echo no); echo after $?
#---
command exec nonexistentcmd; echo after $?
#---
exec -a foo sh -c 'echo $0'
#---
f() { exec echo hi; }; (f; echo no); trap 'echo tr' EXIT; exec echo last
#---
. 2>/dev/null; echo after $?
#---
exec 3</nonexistent; echo after
#---
exec 9<&8; echo after
#---
echo x >&8; echo after $?
#---
set -C; echo a >f; echo b >f; echo $?; cat f; echo c >|f; cat f; : >f; echo after
#---
set -C; echo b >/dev/null; echo $?; ln -s nofile l; echo x >l; echo $?; ls
