awk '{print $1}' words; awk '{print $NF}' words; awk '{print NF}' words; awk '{print NR": "$0}' fruit; awk 'END{print NR}' fruit

awk -F: '{print $1, $3}' table; awk -F: -v OFS=- '{$1=$1}1' table; awk -F: '$2>26' table; awk -F: '$2>26{print $1}' table; awk -F: '{s+=$2}END{print s, s/NR}' table

awk '/apple/' fruit; awk '!/a/' fruit; awk '/b/,/c/' fruit; awk 'NR==2' fruit; awk 'NR>1&&NR<4' fruit; awk 'NR%2' numbers; awk '$1~/an/' fruit; awk '$1!~/an/' fruit; awk 'length>5' fruit; awk 'length($0)==4' fruit

awk 'BEGIN{print "hi"; print 1+2*3, 2^10, 7%3, -2^2, 1/4; print 1e6, 1000000, 1234567.8, 0.1+0.2, 1e300*10, 100000*100000, 2^53}'

awk 'BEGIN{print 1==1.0, "a"<"b", "10"<"9", 10<9, "abc"~"b", "x" "y", 1 " " 2, -1 " " -1; print !0, !1, !"", !"a"; print (1>2?"y":"n")}' ; ls

awk 'BEGIN{x["a"]=1;x["b"]=2; for(k in x) s+=x[k]; print s, length(x), ("a" in x), ("c" in x); delete x["a"]; print length(x); delete x; print length(x)}'

awk '{c[$1]++}END{for(k in c)print k, c[k]}' fruit | sort; awk '!seen[$0]++' fruit; awk '{a[NR]=$0}END{for(i=NR;i>0;i--)print a[i]}' fruit; awk -F: '{a[$1]=$2}END{n=asorti(a,b);for(i=1;i<=n;i++)print b[i],a[b[i]]}' table

awk 'BEGIN{a[1,2]=3; for(k in a){split(k,p,SUBSEP);print p[1],p[2]}; if((1,2) in a)print "in"; print a[1,2]}'

awk 'BEGIN{printf "%d %5d|%-5d|%05d %+d %x %X %o %c %c %s %10s|%-10s|%.2s %e %f %g %G %%\n", 42, 42, 42, 42, 42, 255, 255, 8, 65, "hello", "str", "right", "left", "trunc", 1234.5, 3.14159, 0.0001, 1e10}'

awk 'BEGIN{printf "%5.2f|%-8.3f|%08.3f|%.0f|%.10g|%g|%g|%g\n", 3.14159, 2.5, -2.5, 2.5, 1/3, 1e-5, 123456789, 100000}'

awk 'BEGIN{printf "%*d|%-*d|%.*f\n", 5, 42, 5, 42, 2, 3.14159; printf "%i %u\n", -3.9, 3; printf "%s %d\n", "3x", "3x"; printf "%c%c", "", 256; printf "%5c|%-5c|\n", "x", "y"; printf "%#x %#o % d\n", 255, 8, 5}' | od -c

awk 'BEGIN{print length("hello"), substr("hello",2,3), substr("hello",0,2), substr("hello",-1), substr("hello",4,100), substr("hello",2), index("hello","ll"), index("x","y"), toupper("abC"), tolower("ABc")}'

awk 'BEGIN{n=split("a:b:c",a,":"); print n,a[1],a[3]; n=split("  a b  c ",a); print n,a[1],a[3]; n=split("abc",a,""); print n,a[2]; n=split("",a); print n, length(a); n=split("a1b22c",a,/[0-9]+/,s); print n,a[2],s[1],s[2]; n=split("a.b",a,"."); print n}'

awk 'BEGIN{s="hello world"; n=gsub(/o/,"0",s); print n,s; sub(/w/,"[&]",s); print s; gsub(/l/,"\\&",s); print s; t="aaa"; gsub(/x*/,"-",t); print t; t="abc"; gsub("","-",t); print t; u="a.b.c"; gsub(".","x",u); print u; v="a.b.c"; gsub("\\.","x",v); print v; gsub(/b/,"\\\\&",s); print s}'

awk '{gsub(/a/,"A")}1' fruit; awk '{sub(/an/,"<&>");print}' fruit; awk '{$2="X"}1' words; awk '{$5="five"; print; print NF}' words; awk '{NF=2}1' words; awk '{$0="a b c"; print $2, NF}' words; awk 'gsub(/a/,"b",$1)' fruit

awk 'BEGIN{print gensub(/a(.)/,"<\\1>","g","abacad"); print gensub(/a/,"X",2,"aaa"); print gensub(/(.)(.)/,"\\2\\1","g","abcd"); print gensub(/b/,"[&]","g","abc"); print gensub("x","y","g","axb"); print gensub(/a/,"\\0\\0",1,"bab")}'

awk 'BEGIN{print match("foobar",/o+/), RSTART, RLENGTH; print match("x",/y/), RSTART, RLENGTH; if(match("key=val",/([a-z]+)=([a-z]+)/,m)) print m[0],m[1],m[2],m[1,"start"],m[2,"length"]}'

awk 'function f(x,y){return x+y} BEGIN{print f(1,2)}'; awk 'function fact(n){return n<=1?1:n*fact(n-1)} BEGIN{print fact(10)}'; awk 'function g(a,k){a[k]=1} BEGIN{g(arr,"z"); for(k in arr)print k}'; awk 'function h(n,  i,s){for(i=0;i<n;i++)s=s i;return s} BEGIN{print h(5); print h(3)}'

awk 'function fib(n){return n<2?n:fib(n-1)+fib(n-2)} BEGIN{print fib(18)}'; awk 'function fill(a,n){if(n>0){a[n]=n;fill(a,n-1)}} BEGIN{fill(z,5);print length(z)}'; awk 'function f(){} BEGIN{x=f(); print "[" x "]"}'; awk 'function f(a){a["x"]=1} function g(  l){f(l);return length(l)} BEGIN{print g(), g()}'

awk 'BEGIN{while(i<3){i++; if(i==2)continue; print i}; do{print "d" i; i--}while(i>1); for(;;){if(++n>3)break}; print n; for(i=0;i<3;i++)for(j=0;j<3;j++)if(j==1)break; print i,j}'

awk 'BEGIN{while((getline line < "fruit")>0)n++; print n; close("fruit"); getline line < "fruit"; print line; print (getline x < "nothere")}'; awk 'NR==1{getline; print "skipped to " $0} END{print NR}' fruit; awk 'NR==2{getline x; print x, NR}' fruit

awk 'BEGIN{"echo hi; echo there" | getline a; print a; "echo hi; echo there" | getline; print $0; close("echo hi; echo there"); cmd="echo x y z"; cmd | getline; print $2, NF; while(("seq 3" | getline l)>0) t=t l; print t}'

awk '{print > "out_" NR%2}' numbers; cat out_0 out_1; awk '{print $1 >> "fruit2"}' fruit; wc -l fruit2; awk 'BEGIN{print "b\na" | "sort"; close("sort"); print "done"}'; awk 'BEGIN{print "err" > "/dev/stderr"; print "out" > "/dev/stdout"; printf("%s-%s\n", "a", "b") > "pf"}'; cat pf

awk '{print $1 | "sort -r"} END{print "end"}' fruit; awk 'BEGIN{r=system("exit 3"); print r; system("echo from sh")}'; awk 'BEGIN{printf "before "; system("echo mid"); print "after"}'; awk 'BEGIN{print "x" | "cat 1>&2"; r=close("cat 1>&2"); print r; print close("nope")}'

awk 'BEGIN{exit 3} END{print "end runs"}'; echo $?; awk '{exit 4}' fruit; echo $?; awk 'NR==2{exit} {print} END{print "e"}' fruit; awk 'BEGIN{exit} END{exit 7}'; echo $?; awk 'function f(){exit 5} BEGIN{f(); print "no"}'; echo $?; awk 'END{exit}' fruit; echo $?

awk '{next; print "no"} END{print NR}' fruit; awk 'FNR==2{nextfile} {print FILENAME, FNR}' fruit open; awk 'function f(){next} /an/{f()} {print}' fruit; awk 'FNR==1{print FILENAME}' fruit words; awk 'NR==FNR{a[$1];next} $1 in a' fruit words open fruit

awk -v x=5 'BEGIN{print x+1}'; awk -v 's=a\tb' 'BEGIN{print s}'; awk '{print v, $0}' v=1 open v=2 open; awk 'BEGIN{print ARGC, ARGV[1], ARGV[2]}' a b; awk -v n=010 'BEGIN{print n+0, n}'; X=env awk 'BEGIN{print ENVIRON["X"]}'; awk -vOFS=: '{print $1,$2}' words

awk 'BEGIN{FS=":"} {print $1}' table; awk -F '[:,]' '{print $2}' table; awk -F'\t' '{print $1}' words; awk -Ft '{print $1}' words; awk -F '|' '{print $2}' <<< 'a|b|c'; awk -F. '{print $2}' <<< a.b.c; awk -F' ' '{print $2}' words; awk -F '' '{print $2}' <<< abc; awk -F ', *' '{print $2}' <<< 'a,   b, c'; awk -F'\\|' '{print $2}' <<< 'a|b'

awk 'BEGIN{RS=""}{print NR": "$1"/"NF; for(i=1;i<=NF;i++)printf "%s,",$i; print ""}' blank; awk -v RS= -F: '{print $1}' ini; awk 'BEGIN{RS=";"}{print NR,$0}' <<< 'a;b;c'; awk -v RS='[0-9]' '{print NR":"$0":"RT}' <<< 'a1b2c'; awk -v RS='\n\n' 'NR==1' blank; awk 'BEGIN{RS="";FS=":"}{print $1; print $2}' table; awk 'BEGIN{ORS="|"}1' fruit

awk 'BEGIN{CONVFMT="%.2g"; a=3.14159; b=a ""; print b; OFMT="%.3f"; print 3.14159, 3; x[0.1]=1; for(k in x)print k}'; awk 'BEGIN{print substr("hello", 1.5, 2), int(-3.7), int("3abc"), sqrt(16), exp(0), log(1), sin(0), cos(0), atan2(0,-1)}'

awk 'BEGIN{print strtonum("0x1F"), strtonum("017"), strtonum("12"), and(12,10), or(12,10), xor(12,10), lshift(1,4), rshift(16,2), compl(0)>0}'; awk 'BEGIN{print strftime("%Y-%m-%d %H:%M:%S",0), strftime("%j %U %W %V %G %a %A %b %B %y %p %I %e",86400*200), mktime("2024 02 29 12 30 45"), strftime("%F %T %D %R", 1e9)}'

awk 'BEGIN{srand(1); a=rand(); srand(1); b=rand(); print a==b, a>=0&&a<1; print srand(5), srand()}' | sed 's/[0-9]* *$//'; awk 'BEGIN{print (systime() > 1600000000)}'

awk 'BEGIN{print 1,2 > "f1"; print(1,2) > "f2"; print (1)(2); print (1,2)}'; cat f1 f2; awk 'BEGIN { if (!("x" in a)) print "no x"; if (1) ; else print "else"; if (0) print "a"; else if (1) print "b" }'; awk 'BEGIN{a="x"; b = a++; print a, b; print x++ + ++x; print 2 " " 3*4; print 10 % 4 * 2; print 2^3^2, -3 % 2}'

awk 'BEGIN {
  # comment
  x = 1; y = 2 # another
  if (x == 1 &&
      y == 2) {
    print "multi",
          "line"
  }
  else
    print "not"
  s = "con\
tinued"
  print s
}
'

awk '
function max(a, b) {
  return a > b ? a : b
}
{ m = max(m, $1) }
END { print m }' numbers; awk '/a/ {x++} /b/ {y++} END {print x, y+0}' fruit; awk 'BEGIN{getline; print "got " $0; getline; print}' fruit; awk 'END{print $0, NF}' words

awk '$1=="apple"' fruit; awk '$2=="25"' FS=: table; awk -F: '$2==25' table; awk '$1>5' numbers; awk '{print ($1<10)}' numbers; echo '10 9' | awk '{print ($1>$2), ($1""<$2"")}'; echo 'abc 5' | awk '{print ($1>$2)}'; echo '+5 5.0 0x5 5' | awk '{print ($1==$2), ($3==$4), ($1==$4)}'; echo ' 3 ' | awk '{print ($0==3)}'; awk 'BEGIN{print (x==0), (x=="")}'

awk 'BEGIN{print length()}' ; awk '{print length}' fruit; awk '{print length, $1}' fruit; awk 'BEGIN{print -3 " " 4; print "a" > "/dev/stdout"; print 1 - 1, 1 -1, 2 - -1; x = 5; print x--, x, --x, x; x += 5; x -= 1; x *= 2; x /= 3; x %= 4; x ^= 2; print x; print x**2}'

awk '/^\[/{s=$0;next} /=/{split($0,p,/ *= */); print s, p[1], "->", p[2]}' ini; awk -F= '/^version/{gsub(/ /,"",$2);print $2}' ini; awk '{printf "%s%s", sep, $0; sep=","} END{print ""}' fruit; awk '{sum[$2]++} END{for(k in sum) print sum[k], k}' log | sort; awk 'NF' blank; awk 'NF{$1=$1;print}' words; awk '{for(i=NF;i>0;i--)printf "%s ",$i;print ""}' words

awk 'BEGIN{s=sprintf("%c", 228); printf "%s", s}' | od -c; awk '{print toupper(substr($0,1,1)) substr($0,2)}' fruit; awk 'BEGIN{print index("foo.bar","."); print "a\tb\\n\"q\" / \101 \x41"; print "A" ~ /^[[:upper:]]$/, "a]" ~ /[]]/, "a/b" ~ /a\/b/, "a/b" ~ "a/b", "+" ~ /\+/, "." ~ /[.]/}'

awk 'BEGIN{if("ab" ~ /^(a|ab)$/)print 1; if("aab" ~ /^a{2}b$/)print 2; if("foo bar" ~ /\<bar\>/)print 3; if("x" ~ /\y/)print 4; print match("xaab",/a+b?/), RLENGTH; print match("foobar",/foo|foobar/), RLENGTH; r="^[0-9]+$"; print ("123" ~ r), ("12a" ~ r); if (/x/) print "no"; print "a.b" ~ "a\\.b", "axb" ~ "a\.b"}' 2>/dev/null

awk 'BEGIN{PROCINFO["sorted_in"]="@ind_str_asc"; a["c"];a["a"];a["b"]; for(k in a)printf "%s ",k; PROCINFO["sorted_in"]="@ind_num_desc"; b[10];b[9];b[100]; for(k in b)printf "%s ",k; PROCINFO["sorted_in"]="@val_num_asc"; c["x"]=3;c["y"]=1;c["z"]=2; for(k in c)printf "%s ",k; print ""}'; awk 'BEGIN{n=split("c a b",a); asort(a); for(i=1;i<=n;i++)printf "%s ",a[i]; m=split("10 9 2",b); asort(b,d); print d[1],d[2],d[3],b[1]}'

awk 'BEGIN{switch("b"){case "a":print "a";break;case "b":print "b";case "c":print "c";break;default:print "d"}; switch(5){case /x/:print "x";default:print "def"}}'; awk 'BEGIN{FPAT="([^,]+)|(\"[^\"]+\")"}{print $2; print NF}' <<< 'a,"b,c",d'; awk 'BEGIN{FIELDWIDTHS="2 3 2"}{print $1"|"$2"|"$3}' <<< abcdefgh; awk 'BEGIN{print typeof(1), typeof("a"), typeof(x), typeof(a[1])}'

#texts-differ
awk '{print' fruit; echo $?; awk 'BEGIN{x=0; print 1/x}'; echo $?; awk 'BEGIN{f(1)}'; echo $?; awk; echo $?; awk --bogus 1 fruit; echo $?; awk '/(/' fruit; echo $?; awk 'BEGIN{a[1]=1; print a}'; echo $?; awk -f nothere; echo $?; awk 1 nothere; echo $?; awk 1 nothere open; awk 'BEGIN{printf "%d %d\n", 1}'; echo $?; awk 'BEGIN{getline x < "tree"; print x}'; awk 1 tree open

printf 'BEGIN { print "from file" }\n{ print $1 }\n' > prog.awk; awk -f prog.awk open; awk -f prog.awk -v x=1 open; printf '#!/usr/bin/awk -f\nEND{print NR}\n' > p2; awk -f p2 fruit; awk -f prog.awk -f p2 open; awk -e 'BEGIN{print 1}' -e 'BEGIN{print 2}'

seq 100000 | awk '{s+=$1; if($1%3==0)c++} END{print s,c}'; seq 1 30000 | awk '{a[$1%7]+=$1} END{for(i=0;i<7;i++)print i,a[i]}'; seq 5000 | awk '{s=s $0 ","} END{print length(s)}'; seq 20000 | awk '{$3=$1*2}1' | md5sum; seq 50000 | awk '{print $1*0.37}' | md5sum

awk 'BEGIN { while (("cat fruit" | getline line) > 0) { n++; last = line }; print n, last; close("cat fruit"); "date +%Y" | getline y; print (y > 2000) }'; awk 'BEGIN { printf "a" > "x1"; close("x1"); getline l < "x1"; print l; close("x1"); print "b" > "x1"; close("x1"); while ((getline l < "x1") > 0) print l }'; echo 'a b' | awk '{ $3 = "c"; print; print NF; $7 = "g"; print; NF = 2; print }'; echo a:b:c | awk -F: -v OFS=/ '{ $1 = $1; print; $2 = ""; print; print $0 }'

echo "5 apples" | awk '{ print $1 * 2, $2; print $1 $2; print ($1 > 3 ? "many" : "few") }'; awk 'BEGIN { x = "A"; printf("%s %s\n", x, x == "A" ? "yes" : "no"); print x == "A" ? 1 : 2 }'; awk 'BEGIN { print substr("x", 2) "|" substr("", 1, 5) "|" ; print 1 " " 1.0 " " "1.0" " " 1e3 " " 0.1e1 }'; awk 'BEGIN { a = 1; a += a += 2; print a; i = 5; print i++ + i++ ; $3 = "x"; print NF, $0; print $(1+2) }'

awk 'BEGIN { $0 = "x y z"; print NF; $2 = ""; print; print NF; $0 = $0; print NF }'; awk '{ $1 = ""; print substr($0, 2) }' words; awk 'BEGIN { print length(12345), length(1/3); print 1/3; print 123456789012, 0.000001, 1e-7, 123456.789, 1e15, 1e16, 1e17, -0 }'; awk 'BEGIN { print toupper(x) "." ; print substr("hello", 2, -1) "." ; print 010 + 1, 1e2 + 1, .5 + .5, 0x10 }'; awk 'BEGIN{print > "o1"; print "x" > "o2" ; print "y" > "o2"}' ; cat o2; awk '{ print; fflush() }' open; awk '!a[$1]++{print NR}' fruit; awk 'a[$0]++==1' fruit

awk 'BEGIN { "echo a b c" | getline; print $2, NR; "echo q" | getline v; print v, NR }'; awk '{ print FILENAME, FNR }' < open; awk 'END { print FILENAME }' open; awk 'BEGIN { print FILENAME "." }' open; cat open | awk '{ print FILENAME }' - open
