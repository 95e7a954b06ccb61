set -x; echo a 2>/dev/null; command -v nosuch 2>/dev/null; A=1 true 2>/dev/null; ls /nonexistent 2>/dev/null; { echo in; } 2>/dev/null; x=$(echo q 2>/dev/null); A=$(cat f) cat > f 2>/dev/null < /dev/null; : > f 2>&1; B=2 true 2>/dev/null; exec 3>&2 2>/dev/null; echo hidden; exec 2>&3; { set +x; } 2>/dev/null; echo end
#---
echo content > f; v=$(cat f) env > f; grep ^v= f; echo x > /nonexistent/y; echo $?; A=1 echo x > /nonexistent/y; echo "$? ${A-unset}"; f() { echo f; }; A=1 f > /nonexistent/z; echo $? ${A-unset}; export Q=1 > /nonexistent/q; echo $? ${Q-unset}
