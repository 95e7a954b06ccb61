echo $((1<<4)) $((255>>2)) $((5&3)) $((5|3)) $((5^3)) $((~5)) $((!5)) $((!0)) $((1&&0)) $((1||0)) $((3>2?10:20)) $((1,2,3))
#---
x=5; echo $((x++)) $x $((++x)) $((x--)) $((--x)) $((x+=3)) $((x*=2)) $((x%=5)) $((x<<=2)) $x
#---
echo $((0x1f)) $((017)) $((2#101)) $((16#ff)) $((36#z)) $((64#_))
#---
((5>3)); echo $?; ((0)); echo $?; ((x=7)); echo $x; if ((x==7)); then echo y; fi; let y=x+1 z=y*2; echo $y $z
#---
for ((i=0;i<3;i++)); do echo $i; done; for ((;;)); do break; done; for ((i=0,j=5;i<j;i++,j--)); do echo $i $j; done
#---
a=3; b=a; echo $((b+1)); c='1+2'; echo $((c*2)) $(($c*2)); echo $((unset_var+1))
#---
echo $((9223372036854775807+1)) $((-9223372036854775808)) $((2**63-1))
#---
i=0; while ((i<5)); do ((i++)); ((i==3)) && continue; echo $i; done
#---
echo $((1/0)); echo after $?
#---
x=08; echo $((10#$x+1)); echo $((x)); echo st $?
#---
echo $(( 3 + $(echo 4) * ${#HOME} / ${#HOME} ))
#---
((a=1, b=a+1, c=a+b)); echo $a $b $c; echo $((a>b?a:b)) $((a<b&&b<c)) $((-3**2)) $((2**3**2))
#---
echo $((1 == 1)) $((1 != 1)) $((1 <= 1)) $((1 >= 2)) $(( 5 - -3 )) $((- -3)) $((+3))
#---
n=10; until ((n<=7)); do ((n--)); done; echo $n; echo $(( (n) )); (( n += 1 )) && echo $n
#---
echo $(( 1 + )) ; echo st $?
#---
let 'x = 3' "x += 4"; echo $x; let x-- || echo no; let 0 || echo zero
