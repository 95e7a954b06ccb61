if true; then echo a
#---
for i in 1 2; do echo $i
#---
echo "unterminated
#---
echo 'unterminated
#---
echo `unterminated
#---
echo ${unterminated
#---
case x in x) echo a
#---
f() { echo a
#---
echo a | | b
#---
echo a && && b
#---
echo a;; b
#---
fi
#---
done
#---
echo a
then
#---
}
#---
if; then echo; fi
#---
while do done
#---
for in a; do echo; done
#---
for x y; do echo; done
#---
for x in a b echo; done
#---
case in x) ;; esac
#---
case x x) ;; esac
#---
echo a )
#---
( echo a
#---
{ echo a
#---
echo a > 
#---
echo a < ; b
#---
echo <<
#---
f( { echo; }
#---
f() 
#---
f() ;
#---
function { echo; }
#---
select
#---
! 
#---
echo ok
echo $(if)
echo next
#---
echo ok; if true; then
echo x
fi fi
#---
echo line1
echo line2 | | echo
echo line3
#---
echo "$(echo a
#---
x=$(case a in a) echo b;; esac
#---
eval 'echo a; )'; echo $?
eval 'if true'; echo $?
echo end
#---
echo 'if true; then' > s; . ./s; echo $?; echo 'echo a; fi' > s; . ./s; echo $?; bash s; echo $?; sh -c 'fi' 2>/dev/null; echo $?
#---
bash -c 'echo a; fi'; echo $?; bash -c 'if true'; echo $?; bash -c 'echo "abc'; echo $?; bash -c 'echo $('; echo $?; bash -c 'a b )'; echo $?; bash -c 'for'; echo $?
#---
trap 'echo trap fi; fi' EXIT; exit 3
#---
alias x='if'; echo ${x:; echo next
#---
echo ${x-${y}; echo next
#---
echo ${a b}; echo next
#---
echo ${-a}; echo ${a-}; echo ${@}; echo ${#}; echo ${##}; echo ${#-}; echo ${?}; echo ${$}x | tr -d 0-9; echo ${!-none}; echo ${0##*/}
#---
echo ${#x-1} ; echo next
#---
echo ${!}; echo ${!x}; echo next $?
#---
echo $[1+1]; echo $[ 1 + ]; echo next
#---
echo > a b c; cat a; echo >a >b x; cat a b; > c < c cat; echo x >&2 2>/dev/null; 2>&1 echo y; echo 1>&2 z 2>/dev/null
#---
exec 3>&2 2>/dev/null; nosuch; exec 2>&3; nosuch2
echo $?
