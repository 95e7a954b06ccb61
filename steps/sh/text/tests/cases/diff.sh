diff a.txt b.txt; echo $?; diff a.txt a.txt; echo $?; diff -q a.txt b.txt; diff -s a.txt a.txt; diff -u --label x --label y a.txt b.txt; diff -u1 --label x --label y a.txt b.txt; diff -U 0 -L x -L y a.txt b.txt; diff -c --label x --label y a.txt b.txt; diff -C 1 -L x -L y a.txt b.txt

touch -d '2024-03-05 06:07:08.5 UTC' a.txt b.txt; diff -u a.txt b.txt; diff -c a.txt b.txt; diff --unified=1 a.txt b.txt; diff -e a.txt b.txt; diff -U2 a.txt b.txt | head -1

printf 'a\nb' > x; printf 'a\nb\n' > y; diff x y; diff -u -L x -L y x y; diff -c -L x -L y x y; diff y x; diff empty x; diff -u -L x -L y empty x; diff x empty; diff -u -L x -L y x empty

printf 'a b\n\nC d\n' > x; printf 'a  b\nc d \n' > y; diff x y; diff -b x y; diff -w x y; diff -i x y; diff -B x y; diff -bB x y; diff -iwB x y; echo $?; diff -Z x y; printf 'a\r\nb\r\n' > w; printf 'a\nb\n' > v; diff w v; diff --strip-trailing-cr w v; echo $?; diff -a w v

printf 'a\0b\n' > x; printf 'a\0c\n' > y; diff x y; echo $?; diff -q x y; diff -a x y; diff x x; diff bytes x; diff -u a.txt nothere; echo $?; diff nothere a.txt; diff; diff a.txt; diff a.txt b.txt fruit; diff --bogus a b

mkdir d1 d2; cp a.txt d1/f; cp b.txt d2/f; echo x > d1/only1; echo y > d2/only2; mkdir d1/sub d2/sub; echo 1 > d1/sub/g; echo 2 > d2/sub/g; echo s > d1/same; echo s > d2/same; mkdir d1/mix; touch d2/mix; diff d1 d2; echo $?; diff -r d1 d2; diff -rq d1 d2; diff -rs d1 d2 | tail -3; diff -r -x sub d1 d2; diff -rN d1 d2 -x mix; diff a.txt d2 ; diff d2/f d1; diff -r --exclude='only*' d1 d2

mkdir d1 d2; cp a.txt d1/f; cp b.txt d2/f; echo n > d2/n; touch -d '2024-03-05 06:07:08 UTC' d1/f d2/f d2/n; diff -ruN d1 d2; diff -ru d1 d2; diff -ur d1 d1; echo $?; diff -r d1/ d2/

seq 100 > x; seq 100 | sed '5d;50s/$/x/;90a new' > y; diff x y; diff -u -L x -L y x y; diff -c -L x -L y x y; seq 1 3 100 > x; seq 1 2 100 > y; diff x y | md5sum; diff -u -L x -L y x y | md5sum

awk 'BEGIN{srand(1);for(i=0;i<300;i++)print int(i*i*7919%23)}' > x; awk 'BEGIN{for(i=0;i<300;i++)print int(i*i*104729%29)}' > y; diff x y | md5sum; diff -u -L x -L y x y | md5sum; diff -d x y | md5sum; diff -c -L x -L y x y | md5sum

awk 'BEGIN{for(i=0;i<2000;i++){x=(x*1103515245+12345)%2147483648;print x%50}}' > x; awk 'BEGIN{for(i=0;i<2000;i++){x=(x*1103515245+12345)%2147483648;if(i%17)print x%50; if(i%23==0)print "new"}}' > y; diff x y | md5sum; diff -u -L x -L y x y | md5sum; diff y x | md5sum

awk 'BEGIN{for(i=0;i<60;i++){print "int f" i "(void)"; print "{"; print "\treturn " i ";"; print "}"; print ""}}' > x; sed '/f7/,/^}/d;s/return 20/return 21/;/f30/i int g(void)\n{\n\treturn 0;\n}\n' x > y; diff -u -L x -L y x y; diff x y; diff -p -u -L x -L y x y; diff -u -F '^int' -L x -L y x y

printf '# v1\na\n' > x; printf '# v2\na\n' > y; diff -I '^#' x y; echo $?; printf '# v2\nb\n' > y; diff -I '^#' x y; diff - a.txt < b.txt; cat b.txt | diff a.txt -; diff --color=always x y; diff --color=never x y; diff --normal x y; diff -q x y -u; diff --brief x x; echo $?; diff <(echo a) <(echo b)

printf 'a\n\nb\n' > x; printf 'a\nb\n\nc\n' > y; diff -B x y; diff -u -B -L x -L y x y; printf '1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n' > x; printf '1\n2\n\n3\n4\n5\n6\n7\n8\n9\nX\n' > y; diff -B -u -L x -L y x y; diff -B x y

cmp a.txt b.txt; echo $?; cmp a.txt a.txt; echo $?; cmp -s a.txt b.txt; echo $?; cmp -l a.txt b.txt | head -5; cmp -b a.txt b.txt; cmp -lb a.txt b.txt | head -3; printf abc > x; printf abcd > y; cmp x y; cmp y x; cmp -i 1 x y; cmp -n 3 x y; echo $?; cmp x nothere; echo $?; cmp empty x; cmp - x < y; cmp -i 1:2 x y; cmp -s nothere x; echo $?; cmp; cmp a b c d e; cmp --bogus; cmp x y 1 1; cmp -n 0 x y; echo $?; cmp a.txt tree; cmp bytes <(tail -c +2 bytes); cmp -l bytes <(tail -c +2 bytes) | tail -2

diff -y a.txt b.txt; diff -y -W 40 a.txt b.txt; diff -W 41 -y a.txt b.txt; diff --side-by-side --suppress-common-lines a.txt b.txt; diff -y --left-column -W 60 a.txt b.txt; diff -y a.txt a.txt; echo $?; diff -y words open -W 30; diff -yi -W 50 fruit a.txt; diff -y empty a.txt; diff -y open fruit -W 20; diff -y code.c words; diff -y -W 0 a.txt b.txt; diff -yq a.txt b.txt; printf 'a\nb' > o1; printf 'a\nb\n' > o2; diff -y -W 30 o1 o2; diff -y -W 30 o2 o1; diff -y tree/src tree/docs

diff --new-line-format='+%L' --old-line-format='-%L' --unchanged-line-format='' a.txt b.txt; echo $?; diff --new-line-format='%dn:%l
' --old-line-format='' --unchanged-line-format='' a.txt b.txt; diff --line-format='%L' a.txt b.txt; diff --changed-group-format='%>' --unchanged-group-format='' a.txt b.txt; diff --changed-group-format='[%<|%>]' --unchanged-group-format='%=' a.txt b.txt; diff --old-group-format='-%<' --new-group-format='+%>' --unchanged-group-format='100%%
' a.txt b.txt; diff --unchanged-line-format='=%L' a.txt a.txt; echo $?; diff --old-line-format='< %l
' open fruit; diff --unchanged-group-format='' --changed-group-format='%<' a.txt b.txt | wc -l

diff -n a.txt b.txt; diff --rcs open fruit; diff -p code.c code.c; diff -p a.txt b.txt | tail -n +3; diff -p -U1 a.txt b.txt | tail -n +3

diff tree nothere; echo $?; diff nothere tree; diff -q tree nothere
