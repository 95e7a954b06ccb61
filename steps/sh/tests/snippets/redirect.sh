d=$(mktemp -d); cd $d; echo a > f; echo b >> f; cat f; cat < f | tr ab xy; echo c >| f; set -C; echo d > f 2>/dev/null; echo $?; cat f; rm -r $d
#---
{ echo out; echo err >&2; } 2>&1 | sort; { echo out; echo err >&2; } 2>/dev/null; (echo x >&2) 2>&1
#---
exec 3>&1; echo to3 >&3; exec 3>&-; echo x >&3; echo $?
#---
d=$(mktemp -d); exec 4<> $d/f; echo hi >&4; exec 4<&-; cat $d/f; exec 5< $d/f; read x <&5; echo "[$x]"; rm -r $d
#---
cat <<EOF
$HOME_ `echo cmd` $((1+1)) \$x "q" 'q' \\
EOF
cat <<'EOF'
$x `no` \n
EOF
cat <<-EOF
	tab
		two
	EOF
#---
cat <<A; cat <<B
first
A
second
B
#---
cat <<< "here $((1+1))"; x='a  b'; cat <<< $x; cat <<< "$x"; read a b <<< "1 2 3"; echo $a/$b
#---
d=$(mktemp -d); echo x &> $d/f; { echo o; echo e >&2; } &>> $d/f; cat $d/f; rm -r $d; echo y >& /dev/null; echo z 1>&2 2>/dev/null
#---
exec {fd}>&1; echo fd >&$fd; [ $fd -ge 10 ] && echo ok; exec {fd}>&-
#---
cat < <(echo a; echo b); diff <(echo x) <(echo x) && echo same; while read l; do echo "l:$l"; done < <(printf '1\n2\n'); echo data > >(cat); sleep 0.1
#---
f() { cat; }; echo piped | f; f <<< hs; echo a | { read x; echo "got $x"; }; echo b | (read x; echo "sub $x"); echo c | while read x; do echo "w $x"; done
#---
echo a b c | { read x y; echo $y $x; }; printf 'l1\nl2\n' | { read a; cat; }; printf '1\n2\n3\n' | { read; echo "$REPLY"; read x; echo $x; }
#---
cat nofile 2>/dev/null || echo missing; cat < nofile; echo $?; : > /nonexistent/f; echo $?
#---
(echo a; echo b >&2) 2>&1 >/dev/null | cat; ls /nonexistent 2>&1 >/dev/null | wc -l
#---
for i in 1 2; do echo $i; done > /tmp/sh-r-$$; cat /tmp/sh-r-$$; if true; then echo x; fi >> /tmp/sh-r-$$; wc -l < /tmp/sh-r-$$; rm /tmp/sh-r-$$
#---
x=$(echo out; echo err >&2) 2>/dev/null; echo $x; y=$( { echo o; echo e >&2; } 2>&1 ); echo "$y"; z=$(cat <<< hi); echo $z
#---
yes | head -1; seq 100000 | tail -1; echo abc | sed s/b/X/ | tr a-z A-Z; printf 'b\na\n' | sort | head -1 | cat
#---
exec > /dev/null; echo gone
#---
echo a | cat - <(echo b); cat /dev/null; cat <<EOF | while read x; do echo "[$x]"; done
p
q
EOF
#---
x=5; cat << "E O F"
$x
E O F
cat <<EOF
${x:-"q"} ${x:+'s'} $(echo "in 'cs'")
EOF
#---
out=$(sh -c 'echo o; echo e >&2' 2>&1 >/dev/null); echo "$out"; sh -c 'echo "$0 $1"' a b; echo 'echo $1' | sh -s x
