nl fruit; nl -ba fruit; nl -bn fruit; nl -bpan fruit; nl -w3 -s': ' fruit; nl -nln fruit; nl -nrz -w4 fruit; nl -v10 -i5 fruit; nl -ba -l2 blank; nl open fruit; nl -ba open; nl -bx fruit; nl nothere; nl -i x fruit; nl -s '' -w1 open; nl -v -2 open; nl -nx fruit

printf 'h\n\\:\\:\\:\nhead\n\\:\\:\nbody\n\nmore\n\\:\nfoot\n' | nl; printf '\\:\\:\\:\nhead\n\\:\\:\nbody\n\\:\nfoot\n' | nl -ha -fa -p; printf 'x\n--\ny\n' | nl -d - ; cat fruit | nl - open

fold -w 5 fruit; fold -w5 words; fold -s -w 10 words; fold -b -w 7 words; fold -5 fruit; fold -sw 20 words log; fold -w 0 fruit; fold -w x fruit; fold nothere; printf 'abc\tdef\n' | fold -w 8; printf 'abcdef' | fold -w 4; printf 'a b c d e f g\n' | fold -s -w 4; printf 'ab\bcd\re\n' | fold -w 2 | od -c; seq 30 | paste -sd' ' | fold -s -w 20; fold -w 3 -s <<< 'abcdef gh'

expand words; expand -t 4 words; expand -4 words; expand -i code.c; expand -t 2,6 words; printf '\ta\tb\n' | expand -t 3,10; printf '\ta\tb\tc\n' | expand -t 2,/5; printf '\ta\tb\tc\n' | expand -t 2,+5; expand code.c; expand nothere; expand -t 0 words; expand -t x words; expand -t 5,3 words; printf 'a\tb' | expand --tabs=6; printf '\t\n' | expand -t1

printf '        a       b\n  c     d e        f\n' | unexpand | cat -A; printf '        a       b\n  c     d e        f\n' | unexpand -a | cat -A; printf '    a   b\n' | unexpand -t 4 | cat -A; printf '    a   b\n' | unexpand -t 4 --first-only | cat -A; printf ' \ta \t b\n' | unexpand -a | cat -A; printf '          x\n' | unexpand | cat -A; expand code.c | unexpand | cat -A; printf 'a b       c\n' | unexpand -a | cat -A; unexpand nothere; printf '        ' | unexpand | cat -A

fmt words; fmt -w 20 words; fmt -w 30 log; seq 100 | fmt; seq 100 | fmt -w 40; fmt -s -w 20 words; fmt -u words; fmt blank; fmt -20 log; fmt nothere; fmt -w x words; printf 'This is a sentence.  And another one, which is longer than the first. Then\na third (with parentheses) follows here.\n\nSecond paragraph\n  indented line\n  another\n' > para; fmt para; fmt -w 30 para; fmt -c -w 30 para; fmt -t -w 30 para; fmt -u -w 40 para; fmt -w 50 -g 40 para; fmt -s para

printf '# a comment that is quite long and needs to be filled again\n# and more of it\ncode stays\n' | fmt -p '# ' -w 30; printf '  lead one two three four five six seven eight nine ten\n' | fmt -w 25; printf 'word\n' | fmt; printf 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa bbb\n' | fmt -w 10; yes 'lorem ipsum dolor sit amet, consectetur adipiscing elit. Sed do' | head -20 | fmt | md5sum
