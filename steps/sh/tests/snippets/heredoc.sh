func() { cat <<EOF
in func $1
EOF
}
func x; func y | tr a-z A-Z
if true; then cat <<E; fi
heredoc in if
E
#---
x=$(cat <<'EOF'
it's "quoted" $(not run)
EOF
); echo "$x"; y=`cat <<EOF
bq
EOF
`; echo $y
#---
cat <<-'X' | sed 's/^/> /'
	tabbed $v
	  more
	X
cat <<EOF1; echo mid; cat <<EOF2
one
EOF1
two
EOF2
#---
while read l; do echo "[$l]"; done <<E
a
$(echo b)
E
cat <<EOF && echo and || echo or
x
EOF
for i in 1 2; do cat <<E
i $i
E
done
#---
cat <<EOF
a\
b \$c \`d\` \\ \"
"$(echo "q")" ${x:-"d q"} '$HOME_NONE'
EOF
cat <<"EOF"
a\
b
EOF
#---
f() {
  cat <<-END
	indented $1
		more
	END
}
f one | (read a; echo "<$a>"; cat)
#---
cat <<EOF | { read x; echo "$x"; cat; } | tr a-z A-Z
first
second
EOF
cat 3<<EOF <&3
three
EOF
#---
: <<'COMMENT'
ignored $(exit 1) `x
COMMENT
echo after; # comment
echo a#b '#' \# #c
#---
big=$(seq 20000); cat <<EOF | tail -1
$big
EOF
wc -l <<< "$big"; while read x; do n=$x; done <<< "$big"; echo $n
