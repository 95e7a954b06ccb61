d=$(mktemp -d); cd $d; touch a.txt b.txt c.sh .hid 'x y'; mkdir -p s/t; touch s/1 s/t/2; echo *; echo *.txt; echo [ab].*; echo ?.sh; echo .h*; echo s/*; echo */; echo nope*; echo "*" '*'; rm -r $d
#---
d=$(mktemp -d); cd $d; touch a b ab abc; shopt -s extglob; echo !(a); echo @(a|b); echo +(a|b); echo a?(b); echo *(a|b|c); shopt -u extglob; rm -r $d
#---
d=$(mktemp -d); cd $d; mkdir -p x/y/z; touch x/1.c x/y/2.c x/y/z/3.c; shopt -s globstar; echo **/*.c; echo **; echo x/**/; shopt -s nullglob; echo none*; shopt -s dotglob nocaseglob; touch .h UP; echo *; echo up*; rm -r $d
#---
d=$(mktemp -d); cd $d; touch 'a*b' axb; echo a\*b; x='a*b'; echo $x; echo "$x"; echo a[*]b; for f in a*; do echo "[$f]"; done; rm -r $d
#---
shopt -s extglob; x=foobarbaz; echo ${x#@(foo|bar)} ${x%%+(ba[rz])} ${x/!(foo)/-}; case abc in +([a-c])) echo all;; esac; [[ x.tar.gz == *.@(gz|xz) ]] && echo arch; v='  trim  '; v=${v##+( )}; echo "[${v%%+( )}]"
#---
case a5 in [[:alpha:]][[:digit:]]) echo class;; esac; case - in [a-]) echo dash;; esac; case ] in []]) echo br;; esac; case b in [!a]) echo neg;; esac; case x in [^y]) echo caret;; esac; [[ ab == [[:alpha:]]* ]] && echo y
#---
d=$(mktemp -d); cd $d; touch f1 f2 f10; for f in f*; do echo $f; done; set -- *; echo $#; a=(*); echo ${#a[@]} ${a[0]}; set -f; echo *; rm -r $d
#---
x='[a'; case '[a' in $x) echo lit;; esac; case abc in *b*) echo has;; esac; case a/b in */*) echo slash;; esac; case .x in *) echo dot;; esac; shopt -s nocasematch; case ABC in abc) echo nc;; esac; [[ Foo == foo ]] && echo nc2
