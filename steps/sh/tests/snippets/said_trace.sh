set -x; echo a 2>/dev/null; command -v nosuch 2>/dev/null; A=1 true 2>/dev/null; ls /nonexistent 2>/dev/null; { echo in; } 2>/dev/null; x=$(echo q 2>/dev/null); A=$(cat f) cat > f 2>/dev/null < /dev/null; : > f 2>&1; B=2 true 2>/dev/null; exec 3>&2 2>/dev/null; echo hidden; exec 2>&3; { set +x; } 2>/dev/null; echo end
#---
echo content > f; v=$(cat f) env > f; grep ^v= f; rm f; echo x > /nonexistent/y; echo $?; A=1 echo x > /nonexistent/y; echo "$? ${A-unset}"; f() { echo f; }; A=1 f > /nonexistent/z; echo $? ${A-unset}; export Q=1 > /nonexistent/q; echo $? ${Q-unset}
#---
set -x; x="a b"; declare -A m=([k]=$x ["q r"]='z'); declare -a a=(1 $x "$x" *.sh); local_f() { local -a l=("$@" end); local v=$x; }; local_f p 'q s'; declare -i n=5; readonly R=(1 2); export E=$x; b=(1 "$x"); b+=(3); b[1]=q; typeset -a e=(); declare -a g=([2]=x [5]="$x")
#---
trap 'echo "exit $LINENO"; nosuchcmd_a' EXIT
trap 'echo "usr $LINENO"
echo second $LINENO' USR1
trap 'echo "err $LINENO"' ERR
f() {
  false
  kill -USR1 $$
}
f
false
echo $LINENO
trap 'echo "dbg $LINENO"' DEBUG
:
trap - DEBUG
nosuchcmd_b
exit 3
