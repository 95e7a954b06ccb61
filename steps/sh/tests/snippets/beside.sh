coproc cat; echo hi >&${COPROC[1]}; read -u ${COPROC[0]} x; echo $x; exec {COPROC[1]}>&-; wait $COPROC_PID; echo $?
#---
coproc UP { tr a-z A-Z; }; echo hello >&"${UP[1]}"; eval "exec ${UP[1]}>&-"; cat <&"${UP[0]}"; wait; echo done
#---
coproc { while read l; do echo "got $l"; done; echo bye; exit 3; }; for i in 1 2; do echo $i >&${COPROC[1]}; read -r r <&${COPROC[0]}; echo "$r"; done; p=$COPROC_PID; exec {COPROC[1]}>&-; read -r r <&${COPROC[0]}; echo $r; wait $p; echo $?
#---
coproc BC (exec awk '{ print $1 * 2; fflush() }'); echo '2+3' >&${BC[1]}; read -u ${BC[0]} r; echo $r; echo '4*5' >&${BC[1]}; read -u ${BC[0]} r; echo $r; sh -c 'echo x' | cat; kill $BC_PID; wait $BC_PID; echo $?
#---
f() { coproc X { cat; }; }; declare -f f; g() { coproc cat -n; }; declare -f g; a=(); exec {a[2]}>f; echo y >&${a[2]}; cat f; exec {a[2]}>&-; echo z >&${a[2]}; echo $?
#---
v="it's a \"test\""; declare -A m=([x]=1 ["y z"]='a "q"' ); echo "${m[@]@K}"; a=(1 'b "c'); echo "${a[@]@K}"; set -T; trap 'echo T $BASH_COMMAND' DEBUG; g() { echo g; }; g; g 2; trap - DEBUG
#---
hash ls; hash -t ls; hash -r; hash nosuchx; echo $?; f1() { :; }; f2() { :; }; compgen -A function; x1=1 x2=2; compgen -v x; compgen -b | head -5; compgen -k; compgen -W "apple banana avocado" a; compgen -c nosuchcmd; echo $?; compgen -a; alias foo=bar; compgen -a; compgen -e HO; touch aa ab; mkdir ac; compgen -f a | sort; compgen -d a; compgen -P pre- -S -suf -W "a b" ; compgen -X 'b*' -W "bar foo";  compgen -G 'a*' | sort; compgen -A setopt err; compgen -A shopt ext; compgen -A signal SIGK; compgen -u roo; compgen -z; echo $?; compgen -A nosuch; echo $?
#---
complete -F _foo foo; complete -o default -W "a b" -A function -fd bar; complete -p foo; complete -p; complete -r foo; complete -p foo; echo $?; complete; compopt -o nospace; echo $?; complete -C cmd x; complete -p x; complete -r; complete; echo $?; complete -F f 2>&1 | head -1
