a=(1 2 3); a+=(4); a[10]=x; echo ${a[@]} ${#a[@]} ${!a[@]}; unset 'a[1]'; echo ${!a[@]}; unset a; echo ${#a[@]}
#---
declare -A m; m[a]=1; m["b c"]=2; m[d]=3; for k in "${!m[@]}"; do echo "$k=${m[$k]}"; done | sort; echo ${#m[@]}; unset 'm[a]'; echo ${#m[@]}
#---
declare -A m=([one]=1 [two]=2 [three]=3 [four]=4 [five]=5); echo "${!m[@]}"; echo "${m[@]}"; declare -p m
#---
a=([5]=five [2]=two six); echo ${!a[@]} "${a[@]}"; declare -p a
#---
a=(a b c); b=("${a[@]}"); b[0]=z; echo ${a[0]} ${b[0]}; a=("${a[@]:1}"); echo ${a[@]}
#---
f() { local -a l=(1 2); local -A m=([k]=v); echo ${l[1]} ${m[k]}; declare -p l m; }; f; echo "[${l[*]}]"
#---
a=(3 1 2); IFS=$'\n' s=($(sort <<< "${a[*]}")); echo "${s[@]}"
#---
mapfile -t L < <(printf 'a\nb b\nc\n'); echo ${#L[@]} "${L[1]}"; readarray -n 1 M <<< $'x\ny'; echo "${#M[@]} [${M[0]}]"
#---
a=(); echo ${#a[@]}; a+=(x); echo ${a[0]}; a[0]+=y; echo $a; declare -i n; n=1; n+=2; echo $n
#---
declare -a a; a=1; echo ${a[0]}; x=s; x[1]=t; echo ${x[@]}
#---
declare -n r=target; target=5; echo $r; r=6; echo $target; f() { local -n q=$1; q=changed; }; f target; echo $target; echo ${!r}
#---
a=(1 2 3); for i in ${!a[@]}; do ((a[i]*=2)); done; echo ${a[@]}; echo $((a[0]+a[1])) $((a[-1]))
#---
declare -A c; for w in a b a c a; do ((c[$w]++)); done; echo ${c[a]} ${c[b]} ${c[c]}; [[ -v c[a] ]] && echo y; [[ -v c[z] ]] || echo n
#---
declare -r R=1; R=2; echo "status $?"; echo $R
#---
readonly X=1; (X=2) 2>/dev/null; echo $?; unset X 2>/dev/null; echo $? $X
#---
declare -x E=1; declare -p E; export F=2; declare -i I=3+4; declare -p I; declare -l L=ABC; declare -u U=abc; echo $I $L $U; declare -p L U
#---
s='a,b,c'; IFS=, read -ra p <<< "$s"; echo ${#p[@]} ${p[2]}
#---
a=(x); a[3]=y; echo "${a[@]}" "${a[*]}" ${#a[@]}; printf '[%s]' "${a[@]}"; echo; for e in "${a[@]}"; do echo $e; done
#---
set -- a b c; a=("$@"); echo ${#a[@]}; a=("${a[@]:0:1}" new "${a[@]:1}"); echo "${a[@]}"
#---
declare -A m=([a b]='c d'); for k in "${!m[@]}"; do echo "<$k> <${m[$k]}>"; done; m=(); echo ${#m[@]}
#---
a=(one two); echo "${a[@]@Q}"; echo "${a[@]@A}"; declare -A m=([x]=y); echo "${m[@]@K}"; echo ${a[@]@k}
#---
a[0]=x; a[2]=y; echo "${#a[@]}:${a[*]:1}"; a=([1]=p); echo ${a[1]}; echo "[${a[0]}]"
#---
f() { echo "${FUNCNAME[0]} ${#FUNCNAME[@]}"; g; }; g() { echo "${FUNCNAME[@]}"; }; f
#---
true | false | true; echo "${PIPESTATUS[@]}"; false; echo ${PIPESTATUS[0]}
#---
f() { local x=1; g; echo $x; }; g() { x=2; }; x=0; f; echo $x
#---
f() { declare v=1; declare -g w=2; }; f; echo "[$v] [$w]"
#---
f() { local x=1; unset x; echo "[${x-unset}]"; }; x=0; f; echo $x
#---
x=1 y=2; f() { local x=$x$y y=3; echo $x $y; }; f; echo $x $y
#---
export A=1; B=2 ; (echo $A $B); A=3 eval 'echo $A'; echo $A; f() { echo $A; }; A=4 f; echo $A
#---
typeset -i k=10; k+=5; k=k*2; echo $k; declare +i k; k=1+1; echo $k
