echo before; if true; then echo x
#---
echo one
fi
echo two
#---
echo "unterminated
#---
echo ok; echo )
#---
x=$(echo 'a'; echo); for; do
#---
nosuch_a; echo $?
#---
readonly r=1; r=2; echo after
#---
cd /nonexistent/dir; echo $?; cd a b; echo $?
#---
unset_fn; ./nofile; echo $?; /etc/passwd; echo $?; /; echo $?
#---
echo ${bad!x}; echo after
#---
return 1; echo $?; break; echo $?; shift 5; echo $?; exit abc
#---
kill -BAD 1; echo $?; kill; trap x BADSIG; echo $?; set -Z; echo $?; set -o nope; echo $?
#---
[ 1 -foo 2 ]; echo $?; [ a; echo $?
#---
printf; echo $?; read -Z; echo $?; type; echo $?; wait abc; echo $?; let; echo $?; getopts; echo $?
#---
f() { echo $1; nosuch_in_f; }
f x
#---
local x=1; echo $?; declare -Z; echo $?; export 1a=2; echo $?; unset 1a; echo $?; 1a=3; echo $?
