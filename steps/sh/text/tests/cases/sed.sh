sed s/apple/pear/ fruit

sed 's/a/A/g' fruit; sed 's/a/A/2' fruit; sed 's/a/A/2g' fruit; sed -n 's/a/A/p' fruit; sed 's/A/x/I' fruit; sed 's/A/x/gi' fruit

sed 's/\(a\)\(n\)/\2\1/' fruit; sed -E 's/(a)(n)/\2\1/g' fruit; sed -r 's/(an)+/[&]/' fruit; sed 's/an/<&&>/g' fruit; sed 's/a/\&/' fruit

sed -n '2p' numbers; sed -n '2,4p' numbers; sed -n '$p' numbers; sed -n '/1/p' numbers; sed -n '/3/,/5/p' numbers; sed -n '2~5p' numbers; sed -n '0~7p' numbers

sed -n '3,+2p' numbers; sed -n '3,~4p' numbers; sed -n '5,2p' numbers; sed -n '2!p' blank; sed -n '/a/I,/b/p' fruit; sed -n '0,/1/p' numbers; sed -n '1,/1/p' numbers

sed '3d' a.txt; sed '2,4d' a.txt; sed '/t/d' a.txt; sed '/^$/d' blank; sed '$d' a.txt; sed '1!d' a.txt; sed '2,4!d' a.txt

sed '2q' a.txt; sed -n '2{p;q}' a.txt; sed '3q5' a.txt; sed 'Q' a.txt; sed '2Q7' a.txt

sed '2a added' a.txt; sed '2i before' a.txt; sed '2c changed' a.txt; sed '2,3c changed' a.txt; sed '$a end' open; sed '1i\  indented' open

sed '2a\
line one\
line two' open

sed '/two/i\
before two
/three/a\
after three' a.txt

sed -e '1a\' -e 'text' open; sed '1a\text' open; sed '1a   text' open; sed 'a\' open; sed a open

sed '2{s/o/0/;s/t/T/}' a.txt; sed -n '/two/{s/two/2/;p}' a.txt; sed '/o/{/n/d}' a.txt; sed '1{;p;}' open

sed '/two/,/four/{s/^/> /}' a.txt; sed '/a/!{s/$/!/}' fruit; sed -n '/b/{=;p}' fruit; sed = open

sed 'N;s/\n/ /' a.txt; sed '$!N;s/\n/-/' numbers; sed -n '$!{N;P;D}' a.txt; sed ':a;N;$!ba;s/\n/,/g' a.txt; sed -e :a -e '$!N;s/\n/ /;ta' a.txt

sed 'n;d' numbers; sed -n 'n;p' a.txt; sed '$!d' a.txt; sed -n 'h;n;G;p' a.txt; sed 'G' open; sed -n '1!G;h;$p' a.txt; sed 'x;1d' a.txt

sed '1!G;h;$!d' a.txt; sed -n 'H;${x;s/\n/|/g;p}' a.txt; sed 'x;p;x' open; sed '/^$/N;/\n$/D' blank

sed 'y/abc/xyz/' fruit; sed 'y/a\/b/x|y/' fruit; sed 'y/abc/ab/' fruit; sed 'y/\n/ /;N;y/\n/_/' a.txt

sed -n l words; sed -n 'l 20' words; sed -n l bytes; sed -l 30 -n l words

sed 's/.*/\U&/' fruit; sed 's/\w\+/\u&/g' words; sed 's/.*/\L\u&/' fruit; sed -E 's/(\w+) (\w+)/\U\1\E \2/' words; sed 's/./\l&/' fruit

sed 's,a,/,g' fruit; sed 's|a|\||g' fruit; sed 's#/#a\#b#' <<< x/y; sed '\,an,d' fruit; sed 's/a\/b/X/' <<< 'a/b'; sed 's.a\.b.X.' <<< $'a.b\naxb'

sed 's/[/]/x/' <<< a/b; echo $?

sed 's/a\nb/X/;N;s/a\nb/Y/' <<< $'a\nb'; sed 's/b/x\ny/' fruit; sed 's/b/x\
y/' fruit; sed 's/\t/TAB/' words; sed 's/ /\t/' words

sed 'w out' fruit; cat out; sed -n '/a/w one
/b/w two' fruit; cat one two; sed -n 's/a/A/w three' fruit; cat three; sed 'w /dev/stdout' open

sed 'r open' blank; sed '2r nothere' blank; sed '$r fruit' open; sed -n '2{r open
}' blank; sed '1R numbers' open; sed 'R numbers' fruit; sed '/b/r open' blank

sed -i 's/apple/pear/' fruit; cat fruit; sed -i.bak 's/b/B/' open blank; ls; cat open.bak; sed -i -e 1d -e '$d' numbers; cat numbers

sed -i 's/x/y/' nothere; echo $?; sed -i p tree; echo $?; sed -n -i p fruit; cat fruit; sed --in-place=.orig s/a/b/ a.txt; ls a.txt*; chmod 640 open; sed -i s/a/b/ open; stat -c %a open; sed -i 2q blank; cat blank; sed -i '$!d' a.txt b.txt; cat a.txt b.txt

sed -s -n '$p;1p' a.txt b.txt; sed -n '$p;1p' a.txt b.txt; sed -n '$=' a.txt b.txt; sed -sn '$=' a.txt b.txt; sed F open; sed -n 1F fruit

sed p nothere open; echo $?; sed p open nothere; sed -n '$p' open nothere; sed -n '$p' open empty; cat open | sed 's/l/L/' | od -c | tail -2

sed -n '/one/,/three/p' a.txt b.txt; sed '/one/,/nothing/d' a.txt; sed -n '2,/o/p' a.txt; sed -n '/o/,3p' a.txt; sed -n '2,1p' a.txt; sed '2,3!s/o/0/' a.txt; sed '$!s/e/E/' a.txt

sed -z 's/\n/,/g' a.txt; printf 'a\0b\0' | sed -z 's/^/x/' | od -c; sed -z '$!d' a.txt | head -1; sed -z 's/^./X/mg' a.txt

sed 's/^/x/;s/$/y/' open; sed 's/x*/-/g' <<< abc; sed 's/b*/x/2' <<< abc; sed 's/a*/x/g' <<< baaac; sed 's/\b/|/g' <<< 'ab cd'; sed 's/\</</g;s/\>/>/g' <<< 'ab cd'; sed 's/$/\n/' <<< a; sed 's/^a*//g' <<< aab

sed -n '/^\[core\]/,/^\[/p' ini; sed -n 's/^version *= *//p' ini; sed -E 's/^(host|port) *= */\1: /' ini; sed 's/#.*//;/^ *$/d' ini; sed -E 's/([0-9]+)\.([0-9]+)\.([0-9]+)/\1.\2.99/' ini

sed -E 's/foo|foobar/X/' <<< foobar; sed -E 's/(a|ab)(c|bcd)/[\1][\2]/' <<< abcd; sed -E 's/(a*)(ab)*(b*)/[\1][\2][\3]/' <<< abb; sed -E 's/(a|b)*/[\1]/' <<< abab; sed -E 's/(x)?(y)?/[\1\2]/' <<< yx

sed 's/\(.\)\1/<\1\1>/g' fruit; sed -E 's/(.)(.)\2\1/X/' <<< abba; sed -E 's/^(.*)\n\1$/\1/;N' blank; sed -n '/\(an\)\1/p' fruit; sed -E '/^(.*)$/{N;s/^(.*)\n\1$/dup \1/}' <<< $'a\na\nb'

sed 's/a/b' fruit; sed 'k' fruit; sed 's/a/b/k' fruit; sed '{p' fruit; sed 'p}' fruit; sed 'b nolabel' fruit; sed '/a' fruit; sed 'y/a/b' fruit; sed '3' fruit; sed 's/\(a/b/' fruit; sed 's/a/\1/' fruit; sed ':' fruit; sed 'dp' fruit; sed '1,p' fruit; sed '0p' fruit

sed -e p -e 's/a/b' fruit; sed -n -f nothere fruit; printf 's/a/b/\nk\n' > bad.sed; sed -f bad.sed fruit; sed '1,2q' fruit; sed ':a #x' fruit | head -1; sed 'r' fruit; sed 's/a/b/gg' fruit; sed 's/a/b/0' fruit; sed '1#x' fruit; sed 's//x/' fruit; sed '}' fruit; sed '1!!p' fruit

#texts-differ
sed; sed --bogus p fruit; sed -X p fruit; sed p tree; echo $?; sed -n p tree open

printf 's/a/A/g # comment\n\n# whole line\n/b/ {\n  s/b/B/\n}\n$!N;P;D\n' > script.sed; sed -f script.sed fruit; printf '#n\n2p\n' > quiet.sed; sed -f quiet.sed fruit; printf '#!/bin/sed -f\ns/a/b/\n' > run.sed; sed -f run.sed fruit

sed -n '/a/{/p/{s/p/P/gp}}' fruit; sed '/banana/b;s/^/- /' fruit; sed '/b/bend;s/^/- /;:end' fruit; sed -E ':a;s/^([0-9]+)([0-9]{3})/\1,\2/;ta' <<< 1234567; sed 's/a/b/;T;s/^/changed /' fruit; sed -n '/x/!p' open; sed 's/a/b/;ta;s/$/ no/;:a' fruit

sed --expression='s/a/b/' --quiet --expression=p fruit; sed --quiet 1p fruit; sed -ne 1p fruit; sed -n -e '1p;2p' -- fruit; sed --regexp-extended 's/(a)/<\1>/' fruit; sed -nE '/^(a|b)/p' fruit

sed '1e echo hi' open; sed 's/.*/echo "<&>"/e' open; echo 'echo x' | sed e; sed '1~2d;2~4s/^/q/' numbers; sed '2,4{=;d}' a.txt; sed -u 1q open; sed -n '2{n;p}' a.txt

(sed 2q; echo --; cat) < a.txt; (sed -n 1p; echo --; cat) < open; seq 10 | sed '3,5!d'; seq 3 | sed 'i\\tx'; seq 2 | sed 'a a\tb'; seq 2 | sed 'a\ta'; seq 2 | sed 'c\'$'\n''  x'

seq 3 | sed 'a\  two spaces'; seq 2 | sed '1a hello \
world'; seq 2 | sed '1i \   x'; seq 2 | sed '$!{h;d};H;x'; seq 5 | sed -n '2{p}' ; seq 5 | sed -n '2{p};4p'; seq 3 | sed '2s/.*/a\tb/' ; seq 3 | sed $'2a\\\nx' ; seq 3 | sed '/2/a x' ; seq 3 | sed '1d;n;d'

seq 12 | sed -n '2,4p;6,$p' ; seq 12 | sed '/2/,/4/d'; seq 12 | sed '2,5{3,4d}' ; seq 20 | sed -n '/5/,/7/{//!p}'; seq 3 | sed 'N;N;s/\n/+/g'; seq 5 | sed '$!N;$!D'; seq 4 | sed -n '$!{h;d};G;p'; seq 3 | sed 'N;P;D'

echo 'a.b*c[d]' | sed 's/[.*[]/_/g'; echo 'x]y' | sed 's/[]]/_/'; echo 'a^b' | sed 's/a^b/X/;s/[a^]/Y/'; echo 'a$b' | sed 's/a$b/X/'; echo 'a+b' | sed 's/a+b/X/'; echo 'aab' | sed 's/a\+b/X/'; echo 'a{2}' | sed 's/a{2}/X/'; echo 'aa' | sed 's/a\{2\}/X/'; echo 'a|b' | sed 's/a|b/X/'; echo 'ab' | sed 's/a\|b/X/g'; echo '(a)' | sed 's/(a)/X/'

echo 'hello world' | sed 's/o/0/2; s/l/L/3'; echo 'path/to/file' | sed 's|.*/||; s|\..*||'; echo '  trim  ' | sed 's/^[ \t]*//;s/[ \t]*$//' ; echo 'CamelCaseString' | sed 's/\([A-Z]\)/_\l\1/g;s/^_//'; echo 'x' | sed 's/x/a\\b/'; echo "it's" | sed "s/'/\"/"; echo 'a&b' | sed 's/&/\&amp;/'; echo 'a b' | sed 's/\s/\n/'; echo 'tab	x' | sed 's/\x09/<tab>/;s/x/\x41/'

#texts-differ
echo a | sed --posix 's/a/b/'; echo abc | sed 's/b/\cA/' | od -c; sed --sandbox 'w x' fruit; echo $?; sed --help | head -1 | cut -c1-6; echo aXb | sed 's/x/-/I;s/A/_/i'; printf 'one\ntwo' | sed '$s/o/0/;$a three'; printf 'a\nb' | sed 'n;s/b/c/'; printf 'a\nb' | sed '$!d' | od -c; printf 'x' | sed 'p' | od -c; printf 'a' > n1; printf 'b' > n2; sed p n1 n2 | od -c

ln -s fruit link; ln -s link other; sed -i --follow-symlinks s/apple/pear/ link; readlink link; cat fruit; sed -i.bak --follow-symlinks s/pear/plum/ other; readlink other link; ls; cat fruit.bak; sed --follow-symlinks -n 1p link; sed -i s/plum/x/ link; test -L link; echo $?

sed 'b nope' fruit; echo $?; sed 't end;b end' fruit; echo $?; sed -i.d/x s/a/b/ fruit; echo $?; ls
