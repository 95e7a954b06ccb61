sort fruit; sort -r fruit; sort -u fruit; sort -f fruit; sort -fu fruit; sort -n numbers; sort numbers; sort -rn numbers; sort -nr -u numbers

sort -t: -k2 table; sort -t: -k2n table; sort -t: -k2,2n -k1,1r table; sort -t: -k3 table; sort -t : -k 2nr table; sort -k2 words; sort -k2,2 log; sort -k 2.2,2.3 log; sort -s -k2,2 log; sort -t: -k1.2,1.3 table

sort -b words; sort -d words; sort -i fruit; printf '10K\n2M\n1G\n512\n-3K\n0\n' | sort -h; printf 'Feb\nJan\nxxx\ndec\nMAR\n' | sort -M; printf '1e3\n20\n-5\nabc\nnan\n0x10\ninf\n' | sort -g; printf 'v1.10\nv1.9\nv1.2.3\nv2\nv1.2\n' | sort -V; printf 'a-1.tar.gz\na-10.tar.gz\na-2.tar.gz\na.txt\n.hid\na~\na\n' | sort -V

sort -c numbers; sort -c -n numbers; echo $?; sort -C numbers; echo $?; sort -cu fruit; sort -cn -u numbers; printf 'a\na\n' | sort -cu; sort --check=quiet numbers; echo $?; sort -nc numbers

sort -m a.txt b.txt; printf 'a\nc\n' > m1; printf 'b\nd\n' > m2; sort -m m1 m2; sort -mu m1 m1 m2; sort -o fruit fruit; cat fruit; sort fruit -o out; cat out; sort --output=out2 -r fruit; cat out2

printf 'b\0a\0' | sort -z | od -c; printf 'no newline\nat end' | sort; sort empty; printf '\n\n' | sort; sort open fruit; cat fruit | sort - open

sort nothere; sort fruit nothere; sort tree; sort -k 0 fruit; sort -k x fruit; sort -t ab fruit; sort -k1.0 fruit; sort -nM fruit; sort -k1,2x fruit; sort -S x fruit; sort --bogus

printf '3 b\n1 a\n3 a\n2 c\n' | sort -k1,1n -s; printf '3 b\n1 a\n3 a\n2 c\n' | sort -k1,1nr -k2; printf '1.5\n1.25\n-1.5\n.5\n-.5\n00\n0\n01\n' | sort -n; printf '1.5\n1.25\n-1.5\n.5\n-.5\n00\n0\n01\n' | sort -nu; printf 'a 10\nb 9\n' | sort -k2; printf 'a 10\nb 9\n' | sort -k2n; printf 'a  2\nb 10\n' | sort -k2b; printf 'x:b\nx:a\n' | sort -t: -k1,1 -u

seq 100000 | sort | md5sum; seq 100000 | sort -rn | md5sum; seq 100000 | sort -R | sort -n | md5sum; seq 200000 | awk '{print ($1*7919)%100003}' > r; sort r | md5sum; sort -n r | md5sum; sort -u r | md5sum; sort -nu r | md5sum; sort -k1.2,1.3 r | md5sum; sort -s -k1.2,1.3 r | md5sum; sort -r -k1.2,1.2n r | md5sum

seq 400000 | awk '{print ($1*7919)%400009 " text to make it longer"}' > r; sort -S 1M r | md5sum; sort -S 1M -u -k1,1 r | md5sum; sort -S 1M -s -k1.3,1.3 r | md5sum; sort -S 1M -T . -rn r | md5sum; ls | grep sort

LC_ALL=C sort -t, -k2,2 -k1,1 <<< $'b,1\na,1\nc,0'; sort -t $'\t' -k2 <<< $'a\t2\nb\t1'; sort --key=2 --field-separator=: table; sort --reverse --numeric-sort numbers | head -3; sort --unique --ignore-case fruit; sort -k2,2nr -k3,3 -t: table; sort --sort=numeric numbers | tail -1; sort -bf -k 1,1 fruit; sort -t '\0' fruit | head -2; sort --parallel=2 fruit | head -1

sort -k1,1 -k2,2n <<< $'a 10\na 9\nb 1'; sort -k3 <<< $'a b c\na b\na'; sort -k 1.3 <<< $'abz\nzza\nxxm'; sort -k1.2b,1.3b <<< $' abz\n  zza\nxxm'; sort -n -k2 <<< $'a -1\nb -10\nc 5\nd'; sort -h -r <<< $'1.5G\n900M\n2G\n1K'; sort -fr fruit; sort -df words

uniq fruit; sort fruit | uniq; sort fruit | uniq -c; sort fruit | uniq -d; sort fruit | uniq -u; sort fruit | uniq -D; sort -f fruit | uniq -i; sort -f fruit | uniq -ic

printf 'a 1\nb 1\nc 2\n' | uniq -f 1; printf 'xa\nya\nzb\n' | uniq -s 1; printf 'abc\nabd\nxyz\n' | uniq -w 2; printf 'a\0a\0b\0' | uniq -z | od -c; uniq blank; uniq -c blank; uniq fruit out; cat out; uniq nothere; uniq -c open; uniq -f x fruit; uniq a b c; printf 'a\na\nb\nc\nc\n' | uniq --group; printf 'a\na\nb\nc\nc\n' | uniq --all-repeated=separate; printf 'a\na\nb\nc\nc\n' | uniq -D --all-repeated=prepend; printf 'a\na\nb\n' | uniq -cd; printf 'a\na\nb\n' | uniq -cu; uniq -du fruit; printf 'a\na' | uniq; printf ' a b\n\ta b\n' | uniq -f1 -c
