echo $BASH_COMMAND; f() { echo "in: $BASH_COMMAND"; false; echo $BASH_COMMAND "$1"; }; f 1; x=$BASH_COMMAND; echo $x; [[ $BASH_COMMAND ]] && echo y; for i in a; do echo $i $BASH_COMMAND; done
#---
echo "before" > /dev/null; cmd=$BASH_COMMAND; echo "$cmd"; run() { local c=$BASH_COMMAND; "$@" || echo "failed: $c ($BASH_COMMAND)"; }; run false; echo a | cat - <(echo $BASH_COMMAND); (echo $BASH_COMMAND); echo $(echo $BASH_COMMAND); eval 'echo $BASH_COMMAND'; case $BASH_COMMAND in *) echo "$BASH_COMMAND";; esac
#---
set -e; trap 'echo "failed: $BASH_COMMAND at $LINENO"' ERR; ok() { true; }; ok; ls /nonexistent-x 2>/dev/null
#---
trap 'echo "exit: $BASH_COMMAND"' EXIT; foo=1; grep -q x /dev/null
#---
sleep 3 & kill -9 $!; wait $! 2>/dev/null; echo $?; bash -c 'kill -9 $$' 2>/dev/null; echo $?; env A=1 bash -c 'kill -9 $$' | cat; echo ${PIPESTATUS[@]}; x=$(bash -c 'kill -9 $$'; echo $?); echo $x
#---
exec 2>err; bash -c 'kill -9 $$'
f() {
  bash -c 'kill -KILL $$'
}
f; for i in 1; do
  bash -c 'kill -9 $$' | cat
  : | bash -c 'kill -9 $$' arg "$i"
done
sleep 5 & kill -9 $!; wait
timeout -s KILL 0.1 sleep 4; echo $?
nohup bash -c 'kill -9 $$' 2>&1 <&-
set -o pipefail; { bash -c 'kill -9 $$'; } | true
bash -c 'kill -9 $$' | cat | cat
sleep 2 & kill -TERM $!; wait $!; echo $?; sleep 2 & kill -HUP $!; wait $!; echo $?
while read x; do bash -c 'kill -9 $$'; done <<X
1
X
sed -E 's/: +[0-9]+ /: N /; s/^ +[0-9]+ /N /' err; rm err
#---
bash -c 'kill -TERM $$' 2>err; echo $?; { bash -c 'kill -TERM $$'; } 2>>err; cat err; x=$(bash -c 'kill -TERM $$' 2>&1); echo "[$x] $?"; bash -c 'kill -INT $$' 2>err; bash -c 'kill -PIPE $$' 2>>err; cat err
#---
f() { echo 2>&-; cat <&-; cat 0<&-; cat >&-; cat 3>&1-; cat 3<&4-; cat <&3; cat >&$x; cat <>a; cat >|b; cat &>c; cat &>>d; cat {fd}>e; cat {fd}>&-; cat 1>&2; cat >&2; cat |& wc; cat <<<x; cat > "a b" 2>/dev/null; }; declare -f f
#---
declare -f nof; f() ( cat 2>&1 | { wc; } ); declare -f f; g() { f & wait; }; declare -f g; type g
#---
f() { cat 0<f; cat 3<>f; cat <f; cat 1>f; cat 3<&-; cat <&$x; cat 2>&$x; cat <&$x-; cat <&3-; cat >&3-; cat >&word; cat 3>&$x; cat <&0; cat 0<>f; cat 1>>f; cat 1>|f; cat 0<<<x; }; declare -f f
