grep apple fruit

grep -n an fruit; grep -c a fruit; grep -v a fruit; grep -vn a fruit; grep -vc a fruit

grep -i banana fruit; grep -l apple fruit words; grep -L apple fruit words

grep nothing fruit; echo $?

grep -q apple fruit; echo $?; grep -q apple nothere fruit; echo $?

grep apple nothere; grep -s apple nothere

grep -H apple fruit; grep -h apple fruit words open; grep apple fruit words

grep -o 'an*' fruit; grep -on 'a.' fruit; grep -ob a fruit

grep -b apple fruit; grep -nb apple fruit

grep -w and words; grep -w an fruit; grep -x apple fruit; grep -xv apple fruit; grep -w 'a' blank

grep -F 'a.b' <<< $'a.b\naxb'; grep -F -e a -e b blank; fgrep . fruit open

grep -E 'apple|fig' fruit; egrep '(an){2}' fruit; grep -E '^$' fruit; grep -E 'a+' fruit | head -2

grep 'an\{2\}' fruit; grep '\(an\)\{2\}' fruit; grep 'apple\|fig' fruit; grep 'a\+n' fruit; grep 'ap\?p' fruit

grep '\(.\)\1' fruit; grep -E '(.)\1' fruit; grep -E '(.)(.)\2\1' <<< $'abba\nabab'; grep -o '\(.\)\1' fruit

grep '^a' fruit; grep 'e$' fruit; grep '^$' fruit; grep -n '^' fruit; grep -c '' fruit; grep -c '' empty; grep '' empty

grep '[[:upper:]]' fruit; grep '[^a-z]' fruit; grep '[]x]' <<< 'a]b'; grep '[a-]' <<< 'x-y'; grep '[[:space:]]' words

grep -A1 cherry fruit; grep -B1 cherry fruit; grep -C1 cherry fruit; grep -1 cherry fruit

grep -A1 -n apple fruit; grep -B2 -n apple fruit; grep -C1 3 numbers; grep -A1 -H apple fruit

grep -n -A2 5 numbers; grep -c -A2 5 numbers; grep -v -A1 1 numbers

grep -A0 1 numbers; grep -A 1 -e 3 -e 5 numbers; grep -A1 apple fruit open words

grep -m 2 a fruit; grep -m 1 -A 2 apple fruit; grep -m1 -c a fruit; grep -m 0 a fruit

(grep -m 2 1 ; echo rest; head -n 2) < numbers

grep -e apple -e fig fruit; printf 'fig\ndate\n' > pats; grep -f pats fruit; grep -f empty fruit; grep -vf empty fruit; grep -F -f pats fruit

grep $'apple\nfig' fruit

grep -r LATER tree | sort; grep -rl LATER tree | sort; grep -rn LATER tree --include='*.rs'; grep -r LATER tree --exclude-dir=.git | sort

grep -r LATER tree --include='*.md' --include='*.rs' | sort; grep -rL LATER tree --exclude='*.rs' | sort; grep -rc LATER tree | sort

cd tree && grep -r LATER | sort; grep -r LATER . | sort; grep -rh LATER src | sort

grep -rI LATER tree | sort; grep -a LATER tree/blob | od -c; grep LATER tree/blob; grep -c LATER tree/blob; grep -l LATER tree/blob; grep -q LATER tree/blob

grep -o LATER tree/blob; grep -v LATER tree/blob; cat tree/blob | grep LATER; grep --binary-files=text LATER tree/blob | od -c; grep --binary-files=without-match LATER tree/blob

grep LATER tree; grep LATER tree fruit; grep -s LATER tree; grep -d skip LATER tree

grep -rs LATER tree nothere | sort; grep -r LATER nothere

printf 'a\0b\0ab\0' | grep -z a | od -c; printf 'a\0b\n' | grep -zc b; printf 'x\ny\0z\0' | grep -z '^y' | od -c

grep -Z -l apple fruit words | od -c; grep -Zc a fruit open | od -c

grep --label=in -H apple - < fruit; grep -H apple < fruit; grep apple fruit -

grep -y BANANA fruit; grep --ignore-case --count banana fruit; grep -i -w BANANA fruit; grep -iF BANANA fruit; grep -i '[A-C]A' fruit

#texts-differ
grep -E 'a{2' <<< 'a{2'; grep -E 'a{,2}b' <<< 'aab'; grep -E '{1}a' <<< '{1}a'; grep -E 'a{1,2}{2}' <<< aaaa

#texts-differ
grep '*a' <<< '*a'; grep -E '*a' <<< 'xa'; grep 'a**' <<< aa; grep '\(*a\)' <<< '*a'; grep '^*' <<< '*x'; grep 'a\{1' fruit

grep '\(' fruit; grep -E '(' fruit; grep -E ')' <<< ')'; grep '\)' fruit; grep '[a' fruit; grep '[[:foo:]]' fruit; grep '\' fruit; grep '[z-a]' fruit; grep '\1' fruit; grep 'a\{2,1\}' fruit; grep -E 'a{1,2' <<< 'a{1,2'

grep '[:space:]' fruit

grep -E 'foo|foobar' -o <<< foobar; grep -oE 'a|ab|abc' <<< abcabc; grep -oE '(a|ab)(c|bcd)' <<< abcd; grep -oE 'x*' <<< xxaxx

grep '\<an' fruit; grep '\bapp' fruit; grep 'le\>' fruit; grep '\Ban' fruit; grep '\w\+' -o words; grep '\W' words; grep '\s\s' words; grep -o '\S*' words

grep -P '\d+-\d+' log; grep -oP 'ERROR \K\w+' log; grep -oP '(?<=ERROR )\w+' log; grep -oP '\w+(?= down)' log; grep -P '^(?!.*ERROR)' log; grep -oP '[\d-]+(?!\d)' log; grep -oP 'version = \K[0-9.]+' ini

grep -oP 'E.*?R' log; grep -P '(?i)error' log; grep -oP '"tag": *"\K[^"]+' <<< '{"tag": "v1.2"}'; grep -oP '(?:name|host)\s*=\s*\K\S+' ini; grep -oP '(?<n>a)n' fruit

grep -nE '^\[|=' ini; grep -v '^#' ini | grep -v '^$'; grep -oE '[0-9]+\.[0-9]+\.[0-9]+' ini; grep -E '^(name|host)' ini | cut -d= -f2

grep --color=always an fruit; grep --color=always -n apple fruit open; grep --color=never an fruit; grep --color=auto an fruit; grep --color=always -o an fruit; grep --color=always -A1 -n fig fruit

grep --bogus x; grep -A x y fruit; grep -m x y fruit; grep; grep -E

grep -e; grep --regexp; grep -E -F -G 'a.p' fruit; grep -d foo x fruit

grep -- -x <<< 'a-x'; grep -e -x <<< 'a-x'; grep -xF 'apple' fruit; grep -xE 'a|b|c' blank; grep -wF app fruit; grep -ow 'the' words

seq 1 100000 | grep -c 9; seq 1 100000 | grep -n 99999; seq 1 50000 | grep -v 1 | md5sum; seq 1 30000 | grep -B2 -A1 -n 999 | md5sum; seq 1 200000 | grep -b '^77777$'; seq 100000 | grep -m3 -A2 77

yes abcdefgh | head -c 300000 | tr -d '\n' > long; grep -c h long; grep -o 'hab' long | wc -l

grep -c . open; grep last open | od -c; grep -v zzz open | od -c; grep -n last open

#texts-differ
grep -E 'a\d' fruit; grep 'x\y' <<< xy

grep -e 'a' -e '\(n\)\1' fruit; grep -E -e '(p)\1' -e '(b)x\1' fruit

grep -rn --include '*.rs' -e 'fn ' tree | sort; grep -rlZ LATER tree/src | tr '\0' '\n' | sort; grep -rho 'LATER.*' tree --exclude-dir='.*' --exclude=blob| sort

grep -Ern 'add|main' tree | sort; grep -Rl LATER tree | sort; grep -rw add tree; ln -s ../fruit tree/link; grep -r apple tree; grep -R apple tree; grep apple tree/link

echo 'key: value' | grep -oE '[^: ]+$'; echo 'a,b;c' | grep -oE '[^,;]+'; grep -E '^.{5}$' fruit; grep -cE '^[[:alpha:]]{4,5}$' fruit

printf 'a\r\nb\r\n' | grep 'a$'; printf 'a\r\n' | grep $'a\r$' | od -c; printf 'caf\xc3\xa9\n' | grep 'caf..$' | od -c

grep -V | head -c 4

cat fruit | grep -A1 -m1 apple; grep -c apple fruit words open; grep -vL a fruit; grep -on '' fruit; grep -o '' fruit; grep -nv x open

grep --group-separator=XX -A0 -n apple fruit; grep --no-group-separator -A1 1 numbers | head -5; grep -A1 --group-separator= apple fruit

grep -L one a.txt b.txt; echo $?; grep -L two a.txt b.txt; echo $?; grep -L nothing a.txt; echo $?; grep --files-without-match e a.txt; echo $?; grep -Lv nothing a.txt; echo $?; grep -L x empty; echo $?; grep -qL one a.txt; echo $?

grep -oP '\p{L}+' log | head -4; grep -oP '\p{Lu}{2,}' log; grep -oP '\P{L}\d+' log | head -2; grep -oP '\pL\d*' table | head -2; grep -oP '\N+' open; printf 'a<b>\n' | grep -oP '\<b\>'
