cat fruit open

cat -n fruit open

cat -b blank

cat -s blank

cat -A bytes words

cat -e words; cat -t words; cat -v bytes

cat -E blank; cat -T words; cat -ns blank

cat nothere

cat nothere fruit

cat tree

cat -z

cat --nonsense

cat --show-a

cat --number=3

echo hi | cat - fruit -

cat < fruit

printf 'a\r\nb\r\n' | cat -E

seq 1 3 | cat -n - numbers

tac fruit

tac open

tac -s : table

tac -b numbers

tac -s an fruit

seq 100000 > big; tac big | md5sum; tac < big | md5sum; cat big | tac | md5sum

tac nothere

printf 'abcabc' | tac -s c; printf 'abcabc' | tac -b -s c

head numbers

head -n 3 numbers

head -3 numbers

head -n -15 numbers

head -c 7 numbers; head -c -40 numbers

head -n 2 numbers fruit

head -q -n 1 numbers fruit; head -v -n 1 numbers

head -n x numbers

head nothere numbers

head -n 1k numbers | wc -l

(head -n 2; echo -; head -n 1) < numbers

head -c 2b bytes | od -c | tail -3

head tree

printf 'a\0b\0c\0' | head -z -n 2 | od -c

head -n0 numbers

tail numbers

tail -n 3 numbers

tail -3 numbers

tail -n +18 numbers

tail -c 7 numbers; tail -c +45 numbers

cat numbers | tail -n 4

cat numbers | tail -c 5

cat numbers | tail -n +19

seq 100000 | tail -n 3

seq 100000 > big; tail -n 3 big; tail -n 20000 big | md5sum

seq 100000 | tail -n 20000 | md5sum

tail -n 2 open; tail -n 1 open; cat open | tail -n 1

tail -n 2 numbers fruit; tail -q -n 2 numbers fruit

tail -v -n 1 numbers

tail nothere numbers

tail -n x numbers

tail +18 numbers

tail -n0 numbers; cat numbers | tail -n 0

wc fruit

wc fruit open words

wc -l fruit; wc -w words; wc -c bytes; wc -L words; wc -m bytes

wc < fruit; cat fruit | wc; cat fruit | wc -l

wc -lc fruit; wc -lw fruit nothere

wc nothere

wc -l - < fruit

wc bytes

printf 'fruit\0words\0' | wc --files0-from=-

wc tree

echo hello | tr a-z A-Z

echo hello | tr '[:lower:]' '[:upper:]'

echo hello | tr -d l; echo helllo | tr -s l; echo hello | tr -cd 'a-z'

echo hello | tr -c 'a-z\n' x; echo 'a  b   c' | tr -s ' ' '\n'

echo hello | tr 'a-y' 'b-z'; echo hello | tr elo '[x*]'; echo hello | tr elo 'a[b*2]'

echo hello world | tr -ds l o

echo 'a1b2' | tr '[:digit:]' X; echo 'a1b2' | tr '[=a=]' X; echo abc | tr -t abc xy

printf 'a\tb\n' | tr '\t' ' '; printf 'abc' | tr '\141' '\101'; echo 'a\b' | tr '\\' /

echo x | tr

echo x | tr a

echo x | tr -d a b

echo x | tr z-a b

echo x | tr a ''

echo x | tr '[:foo:]' b

echo x | tr -d '[:foo:]'

tr -dc 'A-Za-z0-9' < bytes

tr -d '\n' < numbers; echo abc-def_ghi | tr '\-_' '  '; echo a-b | tr - _; echo a-b | tr -- -b xy

echo 'Hello World' | tr '[:upper:]' '[:lower:]'; echo 'Hello' | tr '[:lower:]' '[:digit:]'

rev fruit; rev open; rev words

echo data | tee out1 out2 | cat; cat out1

echo more | tee -a fruit; tail -n 2 fruit

echo x | tee nodir/x

printf 'a\nb' | tee -a new
