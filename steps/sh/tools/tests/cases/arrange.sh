# Lines in another order, options of scripts, variables in texts, numbers as people write them.
setup: seq 20 > f; printf 'a b\nc d\nb c\nx x\nb e\na e\n' > t; printf 'a b\nb c\nc a\nd e\n' > l
shuf f | sort -n | tail -n 3
shuf -n 5 f | sort -u | wc -l
shuf -e x y z | sort
shuf -i 5-9 | sort
shuf -i 1-100000000 -n 3 | wc -l
shuf -n 0 f; shuf /dev/null
shuf -r -n 30 -e a | sort | uniq -c
shuf -zn 20 f | tr '\0' '\n' | sort -n | head -n 2
shuf -o f f; sort -n f -o f
shuf -i 9-5
shuf -i x-5
shuf -n x f
shuf -e -i 1-2 x
shuf f f
shuf nothere
shuf -i 3-3
tsort t
tsort < t
printf 'shirt tie tie jacket trousers shoes socks shoes trousers belt belt jacket' | tsort
echo 'a b c' | tsort
tsort l
tsort nothere
tsort t t
getopt -o ab:c:: -- -a -b 1 -c2 x y
getopt -o ab: -l long,req:,opt:: -n prog -- -a --long --req=v --opt --opt=z file 'a b' "it's"
getopt -o ab: -l long,req: -n prog -- --req v -bval -- -a
getopt -o ab: -l long,req: -n prog -- --lon --re x
getopt -o a -n prog -- -x
getopt -o b: -n prog -- -b
getopt -o a -l req: -n prog -- --req
getopt -o a -l long -n prog -- --long=x
getopt -o a -l long -n prog -- --nope y
getopt -o a -l lone,long -n prog -- --lo
getopt -o +ab -- x -a
getopt -o -ab -- x -a y
getopt -q -o a -- -x; echo $?
getopt -Q -o a -- -a; echo $?
getopt -T; echo $?
getopt ab: -a -b x y
getopt ab: -a -z y
getopt -u -o ab: -- -b 'x y' z
getopt -a -o a -l long -- -long -a
getopt -o '' -l one,two: -- --one --two 'x  y' z
getopt
eval set -- "$(getopt -o vf: -l verbose,file: -n s -- -v --file 'a b' rest 'm n')"; for x; do echo "<$x>"; done
getopt -s csh -o a -- -a 2>/dev/null | head -n 0
getopt -l a,b -l c -o d -- --a --b --c -d
setup: export A=1; printf 'x $A ${B} $C ${D:-e} $1 $$ ${A}b $A_ \\$A ${ $' > t
A=1 B='two words' envsubst < t
A=1 B=2 envsubst '$A' < t
A=1 B=2 envsubst '$A ${B}' < t
envsubst -v 'a $X b ${Y} $X'
A=1 envsubst '' < t
envsubst a b < t
numfmt --to=iec 0 1 999 1000 1023 1024 1500 10239 10240 1048576 123456789 99999999999
numfmt --to=si 0 1 999 1000 1500 999999 1000000 123456789
numfmt --to=iec-i 1024 2000 5368709120
numfmt --from=iec 1K 1.5M 2G 10
numfmt --from=si 1K 1.5M 2G
numfmt --from=iec-i 1Ki 3Mi
numfmt --from=auto 1K 1Ki 1M 1Mi 5
numfmt 1K
numfmt --from=iec 1Kx
numfmt --from=iec-i 1K
numfmt abc
numfmt --from=si 1Q
numfmt -- -1500 2.5
numfmt --to=si -- -1500 -999999
numfmt --suffix=B 100 200B
numfmt --to=iec --suffix=B 2048
numfmt --padding=8 5 | cat -A
numfmt --padding=-8 5 | cat -A
numfmt --to=iec --format='%.2f' 123456 1024
numfmt --format='%08.2f' 3.14159
numfmt --format='[%10f]' 5
numfmt --format='[%-10.1f]' 5
numfmt --to=si --round=down 1999 1501
numfmt --to=si --round=nearest 1949 1950
numfmt --to=si --round=up 1001
numfmt --to=si --round=towards-zero 1999
numfmt --to-unit=1024 4096 5000
numfmt --from-unit=1K 5
numfmt --from-unit=512 --to=iec 4
printf 'a 1000 b\nc 2000000 d\n' | numfmt --field=2 --to=si
printf 'size  1000\nx     2048\n' | numfmt --header --field=2 --to=iec
printf '1000,2000,3000\n' | numfmt -d, --field=2- --to=si
printf '1000:2000\n' | numfmt -d: --field=1,2 --to=si
printf '5\nx\n7\n' | numfmt --to=si --invalid=warn
printf '5\nx\n7\n' | numfmt --to=si --invalid=ignore
printf '5\nx\n7\n' | numfmt --to=si --invalid=fail
printf '5\nx\n7\n' | numfmt --to=si
printf '1024\n2048' | numfmt --to=iec
numfmt --to=bogus 1
numfmt --field=0 1
numfmt --format=x 1
numfmt 1234567890123456789
stdbuf -oL echo x
stdbuf -o0 -e0 expr 0
stdbuf -oL
stdbuf echo x
stdbuf -iL cat f
stdbuf -o x echo
setsid -w expr 1 - 1
getent passwd root
getent passwd 0; getent group root
getent passwd nosuchuser; echo $?
getent group nosuchgroup; echo $?
