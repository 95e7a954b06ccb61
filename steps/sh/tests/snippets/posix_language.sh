alias a='echo hi'
a
#---
alias a='echo ' b='world'
a b
#---
alias a='echo '\'' x '\'''; alias a; alias
#---
alias if='echo IF'
if true; then echo t; fi
#---
alias x='if true'
x; then echo yes; fi
#---
alias x='echo a;'
x echo b
#---
alias p='echo "'
p hello"
#---
alias nl='echo 1
echo 2'
nl
#---
alias e=echo
\e x; 'e' y; e z
#---
alias e='e x'
e
#---
alias a=b b=a
a
#---
alias c='case x in x) echo m;; esac'
c
#---
alias f='for i in'
f 1 2; do echo $i; done
#---
alias f='for '
alias i=j
f i in 1 2; do echo ${j-nj}$i; done
#---
alias in='bad'
for i in 1 2; do echo $i; done
case a in a) echo ok;; esac
#---
unalias nope; echo $?
#---
alias a=1; unalias a a; echo $?; unalias -a; alias
#---
alias nosuch; echo $?
#---
alias x='echo al'
x=$(x); echo $x
eval x
#---
alias x='echo al' ; x
echo after $?
#---
alias r='>f echo '
r hi; cat f
#---
alias a='b '
alias b='c '
alias c='echo '
alias d='D'
a d
#---
alias v='X=1 '
alias w='sh -c "echo \$X"'
v w
#---
f() { alias q='echo q'; q; }
f
q
#---
alias a='echo #'
a foo
#---
alias a='echo a; '
a a
#---
alias begin='{' end='}'
begin echo x; end
#---
alias !='echo not'
! true
echo $?
#---
alias a='$('
echo one
#---
true && echo a || echo b; false && echo a || echo b; true || echo a && echo b
#---
! true; echo $?; ! false; echo $?; ! ! true; echo $?
#---
! false | true; echo $?; true | false; echo $?; false | true; echo $?
#---
true &&
echo a
false ||

# comment
echo b
#---
echo a |
cat |
# comment
cat
#---
{ exit 3; } & wait $!; echo $?; (exit 4) & wait; echo $?
#---
cat <<X & wait
abc
X
#---
x=1 & wait; echo ${x-unset}
#---
false & echo $?
#---
if false; then echo a; fi; echo $?; if true; then false; fi; echo $?
#---
if false; then :; elif true; then echo e; else echo f; fi
#---
case a in esac; echo $?; false; case a in esac; echo $?; false; case a in b) ;; esac; echo $?; false; case a in a) ;; esac; echo $?
#---
case $(false) in a) ;; esac; echo $?; case "" in "") echo $?; esac
#---
case a in (a) echo p;; esac; case a in a|b) echo q; esac; case b in (a|b) echo r;; esac
#---
case in in in) echo in;; esac; case esac in (esac) echo esac;; esac; case if in if|then) echo kw;; esac
#---
case 'a b' in a\ b) echo 1;; esac; case '*' in \*) echo 2;; esac; case x in '*') echo no;; *) echo 3;; esac; x='*'; case abc in $x) echo 4;; esac; case abc in "$x") echo no;; *) echo 5;; esac
#---
case a in a) echo 1;& b) echo 2;; c) echo 3;; esac
#---
x=1; case $x in ${x:=2}) echo m;; esac; case ~ in ~) echo t;; esac; case ~ in "$HOME") echo h;; esac
#---
case a in [[:alpha:]]) echo 1;; esac; case ] in []]) echo 2;; esac; case a in [!b]) echo 3;; esac; case - in [a-]) echo 4;; esac; case b in [a-c]) echo 5;; esac; case '\' in [\\]) echo 6;; esac; case '[' in [[]) echo 7;; esac; case '[a' in [a) echo 8;; esac
#---
case a in [\a]) echo 1;; esac; case a in ["a"]) echo 2;; esac; case - in [a"-"z]) echo 3;; esac; case m in [a"-"z]) echo no;; *) echo 4;; esac; case m in [a\-z]) echo no;; *) echo 5;; esac; case '!' in ['!'a]) echo 6;; esac; case '!' in [\!a]) echo 7;; esac
#---
case .a in *) echo 1;; esac; case a/b in *) echo 2;; esac; case a/b in a?b) echo 3;; esac
#---
for i in a b; do echo $i; done; echo $?; for i in; do echo $i; done; echo $?; false; for i in; do :; done; echo $?
#---
set -- x 'y z'; for i do echo "$i"; done; for i
do echo "$i"; done; for i; do echo $i; done
#---
for i
in a b
do echo $i; done
#---
for i in 1 2 3; do for j in a b; do continue 2; done; echo no; done; echo $i$j; for i in 1 2; do break 5; done; echo $i
#---
for if in then; do echo $if; done; for i in do done; do echo $i; done
#---
i=0; while [ $i -lt 3 ]; do i=$((i+1)); [ $i = 2 ] && continue; echo $i; done; echo $?; while false; do :; done; echo $?
#---
until false; do break; done; echo $?; until true; do :; done; echo $?; i=0; until [ $i = 2 ]; do i=$((i+1)); (exit 5); done; echo $?
#---
while break; do :; done; echo $?; while continue; do :; done & kill $! ; echo k
#---
f() { break; }; for i in 1 2; do f; echo $i; done
#---
for i in 1 2; do (break); echo $i; done; for i in 1 2; do eval break; echo $i; done; echo 'break' >b; for i in 1 2; do . ./b; echo $i; done
#---
f() { return; }; false; f; echo $?; f() { false; return; }; f; echo $?; f() (exit 7); f; echo $?; f() { return 0; } ; f; echo $?
#---
f() if true; then echo iff; fi; f; f() for i in 1; do echo $i; done; f; f() case a in a) echo c;; esac; f; f() while false; do :; done; f; f() { echo x; } >out; f; cat out
#---
f () 
{ echo nl; }
f
#---
f() { echo $#,$*; set -- z; echo $1; }; set -- a b; f 1 2 3; echo $1
#---
x=1; f() { x=2; }; f; echo $x; y=5 f; echo ${y-unset}
#---
f() { echo "[$x]"; x=in; }; x=out; x=tmp f; echo $x
#---
f() { echo fn; }; unset f; f; unset -f f; f; echo $?
#---
x=v; x() { echo f; }; unset x; echo ${x-u}; x
#---
echo() { printf 'E\n'; }; echo a; command echo b; unset -f echo; echo c
#---
f() { g() { echo g1; }; g; }; f; g
#---
f() { f2; }; f2() { echo later; }; f
#---
a-b() { echo x; }; a-b; echo $?
#---
for() { echo; }; echo hi
#---
f() { echo $0; }; f | sed 's,.*/,,'
#---
{ echo a; echo b; } | wc -l; (echo a; echo b) | wc -l; { echo a;}
#---
(exit 3); echo $?; (x=5; echo $x); echo ${x-none}; (cd /; pwd); pwd | sed 's,.*/,,'
#---
((echo a); echo b); ( (echo c) )
#---
{echo a; }; echo $?
#---
echo }; echo {; echo if then; { echo }; }
#---
if
#---
echo a; if true; echo
#---
echo $(
#---
echo "abc
#---
cat <<X
abc
#---
echo a;; echo b
#---
) echo
#---
echo a & & echo b
#---
echo a && | b
#---
for 1a in b; do echo $1a; done; echo after
#---
1a=b; echo $?
#---
while :; do echo x; done <nofile; echo $?
#---
if true; then fi
#---
{ }
#---
() { echo; }
#---
f() echo hi
#---
case a in a echo;; esac
#---
foo=bar; foo=a echo $foo; foo=x sh -c 'echo $foo'; echo $foo
#---
a=1 b=$a; echo $b; a=2 b=$a; echo $b; a=3 c=$a sh -c 'echo $a$c'
#---
x=$(false); echo $?; x=$(exit 5) y=1; echo $?; x=$(exit 5) true; echo $?; x=1; echo $?; $(exit 6); echo $?; $(true); echo $?
#---
>f; ls f; >g echo x; cat g; >h x=1; ls h; echo $x
#---
nosuchcmd; echo $?; ./nosuch; echo $?; /; echo $?; echo >ne; ./ne; echo $?; '' ; echo $?
#---
PATH=; ls; echo $?
#---
: a b; : ; true x; false y; echo $?; : $(echo side >&2) ; : ${x:=val}; echo $x
