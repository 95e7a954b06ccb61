find tree | sort; find tree -type f | sort; find tree -type d | sort; find . -name '*.rs' | sort; find tree -iname 'README*'; find tree -name x\ y.txt; cd tree; find | sort | head -3

find tree -maxdepth 1 | sort; find tree -mindepth 2 | sort; find tree -mindepth 1 -maxdepth 2 -type f | sort; find tree/ -maxdepth 1 | sort; find ./tree/src | sort; find tree -maxdepth 0

find tree -path '*/src/*' | sort; find tree -not -path '*/.git/*' -type f | sort; find tree ! -name '*.rs' -type f | sort; find tree -name .git -prune -o -type f -print | sort; find tree -path tree/src -prune -o -print | sort; find . -path ./tree -prune -o -name '*.txt' -print | sort

find tree \( -name '*.rs' -o -name '*.md' \) | sort; find tree -name '*.rs' -o -name '*.md' | sort; find tree -type f -a -name 'l*'; find tree -type f -name '*.rs' -print0 | sort -z | tr '\0' '\n'; find tree -name '*.rs' , -name blob | sort

find tree -empty | sort; find tree -size 0 | sort; find tree -type f -size -2c | sort; find tree -size +30c -type f | sort; find . -size 1k -name fruit; find . -size +1M; find tree -type f -size 12c; find tree -type f -size -1k

find tree -type f -exec echo found {} \; | sort; find tree -name '*.rs' -exec cat {} + | sort; find tree -name '*.rs' -exec echo {} + | tr ' ' '\n' | sort; find tree -name '*.rs' -exec grep -l LATER {} \; ; find tree -type f -exec test -s {} \; -print | sort; find tree -name lib.rs -exec echo a{}b {} \;

find tree -name main.rs -execdir echo {} \; ; find tree -name main.rs -execdir pwd \; | sed 's|.*/tree|tree|'; find tree -name '*.rs' -exec false {} \; ; echo $?; find tree -name '*.rs' -exec false {} + ; echo $?; find tree -name lib.rs -exec sh -c 'echo "$0" "$1"' {} x \;

find tree -name '*.rs' -delete; find tree | sort; find tree/docs -delete; find tree | sort; find tree -type f -name '*.txt' -print -delete | sort

find tree -printf '%f %h %p %P %d %y %s\n' | sort; find tree -name lib.rs -printf '[%-10f|%10f] %m %M %n\t%%\\\n'; find fruit -printf '%H %P %f %u\n'; touch -d '2024-03-05 06:07:08 UTC' fruit; find fruit -printf '%TY-%Tm-%Td %TH:%TM %T+ %T@\n%t\n'; find tree/src/deep -printf '%k %y\n' | cut -d' ' -f2

touch -d '3 days ago' fruit; touch -d '10 minutes ago' open; find fruit open words -mtime +1; find fruit open words -mtime -1; find fruit -mtime 3; find fruit open words -mmin +5; find open words -mmin -5; find . -maxdepth 1 -newer open -name words; find . -maxdepth 1 -newer words -name fruit; find fruit open -mmin 10; find words -mtime 0

chmod 644 fruit; chmod 755 open; chmod 600 words; find fruit open words -perm 644; find fruit open words -perm -u+x; find fruit open words -perm /111; find fruit open words -perm -600; find fruit open words -perm u=rw,g=r,o=r; find fruit open words -executable; find fruit open words ! -perm -044; find fruit -perm -a=r

find tree -regex '.*\.rs' | sort; find tree -regex '.*/[a-z]+\.md'; find tree -regextype posix-extended -regex '.*/(main|lib)\.rs' | sort; find tree -iregex '.*README.*'; find tree -regex 'main'; find tree -regex '.*/\(main\|lib\).rs' | sort

ln -s ../fruit tree/link; ln -s nowhere tree/dangling; find tree -type l | sort; find -L tree -type f | sort; find tree -xtype f -name link; find tree -lname '*fruit'; find -L tree -type l; find tree/link; find -H tree/link -type f; find tree -name link -printf '%l %y %Y\n'; find tree -follow -name link -type f

find nothere; echo $?; find fruit nothere tree/docs; echo $?; find tree -bogus; find tree -name; find tree -type x; find tree -maxdepth x; find tree '('; find tree -name a b; find tree -exec echo; find tree ')' | sort; find tree -size x; find tree '!' ; find tree '(' ')'; find tree -perm zzz

find tree -type f -quit; find tree -maxdepth 1 -name 'b*' -quit -o -name 'nope'; find tree -true -false; find tree -depth | tail -1; find tree -type f,l -name 'b*'; find tree -samefile tree/blob; find tree -name '[bm]*' | sort; find tree -name '[!a-m]*' -type f| sort; find . -maxdepth 1 -name '.*'; find tree -newer nothere

find tree -type d -empty; mkdir -p tree/void; find tree -type d -empty; find tree -links +0 -name lib.rs; find tree -user root -name lib.rs; find tree -readable -name lib.rs; find tree -fprint list; sort -o list list; cat list; find tree -name '*.rs' -fprintf out '%f\n'; sort out; find tree -type f -ls | awk '{print $3, $5, $6, $7, $NF}' | sort

echo a b c | xargs; echo a b c | xargs -n 1; echo a b c | xargs -n 2 echo x; printf 'a b\nc\n' | xargs -I{} echo '<{}>'; printf 'a\0b c\0' | xargs -0 -n1 echo; printf 'a\nb c\nd\n' | xargs -L 1 echo line; printf 'a,b,c' | xargs -d, -n1

xargs < empty; echo -; xargs -r echo x < empty; echo -; xargs echo x < empty; printf 'a b\n' | xargs -t echo; echo '"a b" c' | xargs -n1; echo "'a b' c\\ d" | xargs -n1; echo '"a' | xargs; echo $?; echo a | xargs false; echo $?; echo a | xargs nosuchcommand 2>/dev/null; echo $?; echo a | xargs sh -c 'exit 255'; echo $?

seq 5 | xargs -n2 -P2 echo | sort; seq 3 | xargs -I N sh -c 'echo n=N'; seq 3 | xargs -i echo x{}y; xargs -a numbers -n 10 echo; echo a b c d | xargs -n 3 echo | cat -A; printf '%s\n' a b | xargs -I% cp fruit %; ls a b; find tree -name '*.rs' -print0 | xargs -0 grep -l LATER; find tree -name '*.rs' | sort | xargs wc -l

seq 1000 | xargs | wc -w; seq 30000 | xargs echo | wc -w; seq 10 | xargs -s 20 echo; echo 'a b' | xargs -E b echo; printf 'a\nEND\nb\n' | xargs -E END; printf 'a  \nb\nc' | xargs -L1; printf 'a\n\nb\n' | xargs -L1; printf '  a  b \n' | xargs -I{} echo '[{}]'; printf 'x\ty\n' | xargs -n1; echo 3 | xargs seq; echo x | xargs cat; printf 'a\nb\n' | xargs -d '\n' -n1 echo; echo a | xargs -n 0; echo a | xargs -n x; xargs --bogus

touch -d '2024-03-05 06:07:08 UTC' fruit; touch -d '2023-01-01 UTC' open; find fruit open -newermt 2024-01-01; find fruit open ! -newermt '2024-01-01 00:00:00'; find fruit open -newermt '2024-03-05 06:07:08'; find fruit open -newermt @1700000000; find fruit open -newermt 2024-03-05T06:07; find fruit open -newermt '2024-03-05 06:07:08 UTC'

find tree -xdev -name '*.rs' | sort; find tree -mount -type d | sort; find / -maxdepth 1 -xdev -name proc; find /dev -xdev -maxdepth 1 -name null; find / -xdev -maxdepth 2 -path '/proc/*'; find / -maxdepth 2 -path /proc/self; find -O3 tree -name lib.rs; find -O2 -L tree -name lib.rs
