echo '1+2*3' | bc
echo '10/3; scale=4; 10/3; 2/3; -1/3' | bc
echo '10/3' | bc -l
echo '1.5*2.25; .5+.5; 0.1*0.1; scale=1; 0.15*0.15; 7%3; -7%3; scale=2; 7.5%2' | bc
echo '2^10; 2^100; 2^-1; scale=5; 2^-1; 1.5^3; 10^0; (-2)^3; -2^2; 2^3^2' | bc
echo 'sqrt(2); scale=10; sqrt(2); sqrt(16); length(12.345); scale(12.345); length(0)' | bc
echo '1<2; 2<=1; 3==3; 3!=3; 1&&0; 1||0; !1; !0' | bc
echo '3.14 > 3' | bc; echo '1.0 == 1' | bc -l; echo '0.5 < 0.25' | bc -l
echo 'a=5; b=a*2; b; a+=3; a; a-=1; a; a*=2; a; a/=3; a; a%=3; a; a^=2; a; a++; ++a; a--; --a; a' | bc
echo 'if (1) 5; if (0) 6; if (0) 1 else 2; for (i=0;i<3;i++) i; i=3; while (i>0) { i; i=i-1 }' | bc
printf 'define f(x) {\n  if (x<=1) return (1)\n  return (x*f(x-1))\n}\nf(5); f(20)\nf(50)\n' | bc
printf 'define g(a,b) {\nauto c\nc=a+b\nreturn c*2\n}\ng(1,2)\nc\n' | bc
echo 'obase=16; 255; 10; obase=2; 5; obase=8; 64' | bc
echo 'ibase=16; FF; A; ibase=A; 10; ibase=2; 1010' | bc
echo 'obase=16; ibase=16; FF+1' | bc; echo 'obase=20; 399' | bc; echo 'obase=16; 10.5; obase=2; .75' | bc
echo 'scale=20; e(1); l(2); s(1); c(1); a(1)*4' | bc -l
echo 'e(0.5); e(-1); e(10); l(10); l(0.1); s(0); c(0); s(3); c(-2); a(0.5); a(2); a(-3)' | bc -l
echo '4*a(1)' | bc -l; echo 'scale=50; 4*a(1)' | bc -l; echo 'scale=3; l(2)/l(10)' | bc -l
echo '"hello"; "x y
"; print "a\tb\n", 1+1, "\n"' | bc
echo 'a[1]=5; a[2]=6; a[1]+a[2]; a[3]; i=1; a[i]' | bc
printf 'a=1 /* comment */\na\n# comment\n2\n' | bc
~echo '1/0' | bc; echo $?
echo '1+' | bc; echo $?
~echo 'foo(1)' | bc; echo $?
echo '2^200; 3^200' | bc
echo '2^300' | BC_LINE_LENGTH=0 bc
echo 'scale=2; 100*1.1/3' | bc; echo 'scale=2; (5+3)/2' | bc; echo '(1+2)*(3+4)' | bc
echo '5; last+1; .+1' | bc
echo 'quit' | bc; echo 'halt' | bc; printf '1\nquit\n2\n' | bc
echo 'x=0.1+0.2; x; scale=3; x/3; -x' | bc
echo '0.00; 00012; 1.500; -0.5; 1.; .0' | bc
echo 'for(i=1;i<=3;i++){ if(i==2) continue; i; }; while(1){ break; }; 9' | bc
echo 'scale=0; 17/5; 17%5; 1.9/1; -17/5; -17%5' | bc
printf '3+4\n' > f.bc; bc -q f.bc </dev/null; bc nope </dev/null; echo $?
echo '100 * 0.25' | bc; echo '1 - .9' | bc -l; echo '12345678901234567890 * 98765432109876543210' | bc
echo 'define f(x){return x*x;} f(3); f(1.5)' | bc; echo 'x = y = 3; x; y' | bc; echo '(x=5); x' | bc
