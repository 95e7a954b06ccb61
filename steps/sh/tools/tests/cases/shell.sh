setup: printf hello > a; mkdir d; ln -s a l; mkfifo p; chmod 755 d; touch -d @1600000000 a; touch -d @1500000000 old; printf '#!/bin/sh\necho script "$@"\n' > s.sh; chmod +x s.sh
/usr/bin/env echo hello world
env echo -n a b; env echo -e 'a\tb\n\x41\101\0101'; env echo -E 'a\tb'; env echo -ne 'x\c y'; env echo -q; env echo --
env printf '\u00e9\u20ac\U0001F600\n'
env printf '\u00e9\u20ac\U0001F600\n'
env printf '\u00e9\u20ac\U0001F600\n'
env printf '\u00e9\u20ac\U0001F600\n'
env printf '\u00e9\u20ac\U0001F600\n'
env printf '\u00e9\u20ac\U0001F600\n'
env printf '\u00e9\u20ac\U0001F600\n'
env printf '\u00e9\u20ac\U0001F600\n'
env printf '\u00e9\u20ac\U0001F600\n'
env printf '\u00e9\u20ac\U0001F600\n'
env printf '\u00e9\u20ac\U0001F600\n'
env printf '\u00e9\u20ac\U0001F600\n'
env printf; echo $?
env printf '\u00e9\u20ac\U0001F600\n'
env printf '\u00e9\u20ac\U0001F600\n'
env printf '\u00e9\u20ac\U0001F600\n'
env printf '\u00e9\u20ac\U0001F600\n'
env test 1 -eq 1; echo $?; env test a = b; echo $?; env test -f a; echo $?; env test -d a; echo $?; env test -e nope; echo $?
env test -L l; echo $?; env test -p p; echo $?; env test -x s.sh; echo $?; env test -x a; echo $?; env test -s a; echo $?; env test -z ''; echo $?; env test -n ''; echo $?
env test a -nt old; echo $?; env test a -ot old; echo $?; env test a -ef l; echo $?
env test 1 -lt 2 -a 3 -gt 2; echo $?; env test 1 -gt 2 -o 1 = 1; echo $?; env test ! 1 = 1; echo $?; env test '(' 1 = 1 ')'; echo $?
env test; echo $?; env test x; echo $?; env test ''; echo $?; env test -f; echo $?; env test ! ''; echo $?
env test a -eq 1; echo $?
env [ 1 = 1 ]; echo $?; env [ 1 = 1; echo $?
env test 1 2 3; echo $?
env test a b; echo $?
env test -r a -a -w a; echo $?; env test 3 -ge 3; echo $?; env test 5 -ne 5; echo $?
env test -t 0; echo $?; env test -O a; echo $?; env test -k d; echo $?
expr 1 + 2; expr 2 '*' 3; expr 7 / 2; expr 7 % 3; expr 5 - 8; expr 1 + 2 '*' 3; expr '(' 1 + 2 ')' '*' 3
expr abc : 'a\(.\)c'; expr abc : 'a.'; expr abc : x; echo $?; expr abc : '\(x\)'; echo $?
expr length hello; expr substr hello 2 3; expr index hello lo; expr match hello 'h.*l'; expr + length
expr 1 = 1; expr a '<' b; expr 10 '>' 9; expr a = b; echo $?; expr 0; echo $?; expr ''; echo $?
expr 1 '|' 2; expr 0 '|' 2; expr '' '|' ''; expr 1 '&' 2; expr 0 '&' 2; echo $?
expr 1 / 0; echo $?; expr a + 1; echo $?; expr; echo $?; expr 1 +; echo $?; expr 1 2; echo $?; expr '(' 1; echo $?
expr 99999999999999999999 + 1; expr -- -1 + 2; expr -5 / 2; expr -5 % 3
expr v1.2.3 : 'v\([0-9]*\)\.'; expr foo.tar.gz : '.*\.\(.*\)'; expr aaa : 'a*'; expr aab : 'a\{2\}'; expr /usr/bin : '/\([^/]*\)'; expr abab : '\(ab\)*'
seq 3; seq 2 4; seq 1 2 7; seq 5 1; seq 5 -2 1; seq -2 2
seq -w 8 11; seq -s, 3; seq -s ' ' -w 9 10; seq -f %03g 3; seq -f '%.1f' 1 0.5 2; seq 1.5; seq 0.1 0.1 0.5; seq 1e2 101
seq; echo $?; seq a; echo $?; seq 1 0 5; echo $?; seq 1 2 3 4; echo $?; seq -f %d 3; echo $?; seq 0; seq 1 1; seq -5 -3; seq -w -5 5 5
yes | head -2; yes a b | head -2; env true; echo $?; env false; echo $?
sleep 0; sleep 0.01; sleep x; echo $?; sleep; echo $?; sleep 0.001s 0.00001m
factor 12 1 97 1000000007 18446744073709551615 600851475143; echo 30 | factor; factor x
env -i A=1 B=2 printenv | sort; env -i printenv; echo $?; A=1 env printenv A; env -u HOME printenv HOME; echo $?
env -i A=1 env; env A=2 printenv A; printenv NOPE; echo $?; env -0 -i A=1 B=2 | tr '\0' ,
env nope; echo $?; env ./a; echo $?; env -C d pwd; env -C nope pwd; echo $?
env -S 'printf %s-%s\n a "b c"'; env -i -S 'A=1 printenv A'; env -q; echo $?
~timeout 5 env true; echo $?; timeout 5 env false; echo $?; timeout 0.1 sleep 5; echo $?; timeout -s KILL 0.1 sleep 5; echo $?
timeout --preserve-status 0.1 sleep 5; echo $?; timeout -k 1 0.1 sleep 5; echo $?; timeout 0 env true; echo $?
timeout; echo $?; timeout x env true; echo $?; timeout 5; echo $?; timeout 1 nope; echo $?; timeout -s FOO 1 env true; echo $?
timeout -v 0.1 sleep 5; echo $?
nohup env echo hi 2>/dev/null; nice env echo hi; nice -n 5 env echo hi; nice -5 env echo hi; nice | wc -l; nice -n x env true; echo $?; nice nope; echo $?
id -u; id -g; id -un; id -gn; id -G; id; id root; id -u root; id nouser; echo $?; id -n; echo $?; whoami; groups; groups root
logname nope; echo $?; tty < /dev/null; echo $?; tty -s < /dev/null; echo $?; whoami x; echo $?
uname; uname -s; uname -o; uname x; echo $?; getconf PAGE_SIZE; getconf ARG_MAX; nproc --ignore=500
env pwd; cd d; env pwd; env pwd -P
date -u -d @0; date -d @0 +%Y-%m-%d; date -u -d '2024-01-15 10:20:30' '+%Y %m %d %H %M %S %j %a %A %b %B %e %k %l %I %p %P %y %C %u %w %U %W %V %G %g %s %Z %z %:z %D %F %T %R %r %c %x %X %n%t%% %h %N %q'
date -d '2024-02-28 +1 day' +%F; date -d '2024-01-31 +1 month' +%F; date -d '2024-03-01 -1 day' +%F; date -d '2024-01-01 2 weeks ago' +%F; date -d '2024-01-01 + 1 year' +%F; date -d '2024-01-01 10:00 +90 minutes' +%T
date -d '2024-01-01T10:20:30Z' +%s; date -d '2024-01-01T10:20:30+02:00' +%s; date -d '2024-01-01 10:20:30 UTC' +%s; date -d '20240101' +%F; date -d 'Jan 5 2024' +%F; date -d '5 Jan 2024' +%F; date -d '5 January 2024 3pm' '+%F %T'; date -d '1/2/2024' +%F
date -d 'Mon, 15 Jan 2024 10:00:00 +0100' +%s; date -d '2024-01-15 next monday' +%F; date -d '2024-01-15 last friday' +%F; date -d 'monday 2024-01-17' +%F; date -d '2024-01-15 tomorrow' +%F; date -d '2024-01-15 yesterday' +%F; date -d '12:34 2024-01-15' '+%F %T'; date -d '2024-01-15 12:34:56.789' +%T.%3N
date -d garbage; echo $?; date -d 2024-13-01; echo $?; date -d '2024-02-30'; echo $?; date +%Y x; echo $?; date -d @1.5 +%s.%N; date -d @-1 +%F
date -I -d 2024-01-02; date -Iseconds -u -d '2024-01-02 3:4:5'; date -Ihours -d @0; date -Ins -d @0; date -R -u -d @0; date --rfc-3339=seconds -d @0; date --rfc-3339=ns -d @0; date --iso-8601=minutes -d @0
date -r a; date -r nope; echo $?; date -u -r old +%s; date -d @0 '+%-d %_d %05d %^a %#b %-H %_H %3N %10Y|%-j %_m'; printf '@0\n@86400\n' | date -f - +%F
date -d '2024-01-15 00:00:00 -3 days' +%F; date -d '-1 day 2024-01-15' +%F; date -d '2024-01-15 1 hour ago' '+%F %H'; date -d 'next month 2024-01-15' +%F; date -d 'Thu Jan  1 00:00:00 UTC 1970' +%s; date -d '2 days ago 2024-01-15' +%F; date -d '2024-06-01 3 months' +%F
env chmod 644 s.sh; env ./s.sh; echo $?
TZ=America/New_York date -d @0; TZ=Europe/Berlin date -d '2024-07-01 12:00' +'%F %T %Z %z %s'; TZ=Europe/Berlin date -d '2024-01-01 12:00 UTC' +'%c %:z'; TZ=Asia/Kolkata date -d @1700000000 '+%F %T %:::z %Z'
TZ=EST5EDT date -d @1720000000; TZ=Europe/Berlin date -u -d @0; TZ=America/New_York date -d '2024-03-10 +1 day' +'%F %T %Z'; TZ=America/New_York ls -l --time-style=full-iso old; TZ=Asia/Tokyo date -Iseconds -d @0; TZ=Asia/Tokyo date -R -d @0; TZ=Asia/Tokyo touch -t 202001020304 n; stat -c %Y n
expr abc : 'a\(.*\)'; expr abc : 'b'; expr foobar : '.*b'; expr a.b : 'a\.b'; expr aab : '\(a\)\1'; expr ab : 'a\|b'; expr abc : '.\{2\}'; expr abc : '[[:alpha:]]*'; expr abc : ''; expr '' : 'a*'; expr abc : '^a'; expr a : '\(b\)*a'; expr abcabc : '\(abc\)\{2\}'; expr x : '\('; expr aXb : 'a\(x\)'; expr v1.2.3 : 'v\([0-9.]*\)$'; expr a+b : 'a+b'; expr aa : 'a\+'; expr ab : 'a?b'; expr ab : 'ac\?b'
setup:
env -v A=1 echo x
env -v -u HOME -i B=2 printenv B
env -v -u HOME -C / true
env -vS 'echo a b'
seq 18446744073709551610 18446744073709551617
seq 99999999999999999998 100000000000000000001
seq -w 1.5 10
seq -w 1.5 0.25 10 | head -n 3
seq -w 1 10.5; seq -w 8 10; seq -w -- -5 5
seq -w 098 101; seq -w 1e2 101; seq 1e3 1002
seq 1.0 3; seq -w 0.5 1 3.25; seq 0.1 0.1 0.5; seq .5 2
seq 1 inf | head -n 2; seq 5 1; seq 5 -2 1; seq -f %.2f 1 3
seq 0 0.000001 0.000003; seq 1e-3 0.002 0.01
env printf '\u00e9\u20ac\U0001F600\n'
