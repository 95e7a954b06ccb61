set -euo pipefail
version="1.4.9"
IFS=. read -r major minor patch <<< "$version"
bump() { case "$1" in major) echo "$((major+1)).0.0";; minor) echo "$major.$((minor+1)).0";; patch) echo "$major.$minor.$((patch+1))";; *) echo "unknown: $1" >&2; return 2;; esac; }
for k in major minor patch; do echo "$k -> $(bump $k)"; done
bump nothing || echo "status $?"
#---
log() { local level=$1; shift; printf '[%-5s] %s\n' "$level" "$*"; }
log INFO starting "up now"
declare -A matrix=([lint]=0 [test]=0 [build]=1)
failed=()
for job in lint test build; do if (( matrix[$job] == 0 )); then log INFO "$job ok"; else log ERROR "$job failed"; failed+=("$job"); fi; done
(( ${#failed[@]} )) && log ERROR "failed: ${failed[*]}"
exit ${#failed[@]}
#---
usage() { cat <<EOF
Usage: $1 [-v] [-o file] args
EOF
}
verbose=0 out=-
while [[ $# -gt 0 ]]; do case $1 in -v|--verbose) verbose=1;; -o) out=$2; shift;; --) shift; break;; -*) usage prog; exit 1;; *) break;; esac; shift; done
echo $verbose $out; set -- -v -o f a b
while [ $# -gt 0 ]; do case "$1" in -v) verbose=1; shift;; -o) out="$2"; shift 2;; *) break;; esac; done
echo $verbose $out "$@"; usage me
#---
tmp=$(mktemp -d); trap 'rm -rf "$tmp"; echo cleaned' EXIT
mkdir -p "$tmp/src/a" "$tmp/src/b"; for f in a/1 a/2 b/3; do echo "content of $f" > "$tmp/src/$f.txt"; done
count=0; while IFS= read -r -d '' f; do count=$((count+1)); echo "${f#$tmp/}"; done < <(find "$tmp/src" -name '*.txt' -print0 | sort -z)
echo "total $count"
#---
n=0; max=4; until [ $n -ge $max ]; do n=$((n+1)); if [ $n -eq 3 ]; then echo "ok after $n"; break; fi; echo "attempt $n failed, retrying"; done
[ $n -lt $max ] || { echo gave up; exit 1; }
#---
printf 'name,age\nann,30\nbob,25\n' | { read -r header; while IFS=, read -r name age; do printf '%-5s %3d\n' "$name" "$age"; total=$((total+age)); done; echo "sum $total"; }
#---
json='{"a": "x", "n": 3}'; v=${json#*\"a\": \"}; echo "${v%%\"*}"; [[ $json =~ \"n\":\ ([0-9]+) ]] && echo "${BASH_REMATCH[1]}"
#---
greet() { local -r who=${1:?name needed}; echo "hi $who"; }; greet bob; (greet); echo "st $?"; greet al
#---
#!/bin/sh
set -eu
: "${NAME:=default}"
if [ "${DEBUG:-}" = "true" ]; then set -x; fi
list="a b c"; for i in $list; do
  case "$i" in
    a) printf 'first\n' ;;
    c) echo "last" ;;
    *) echo "mid $i"
  esac
done
echo "$NAME" | tr '[:lower:]' '[:upper:]'
#---
stack=(); push() { stack+=("$1"); }; pop() { local i=$(( ${#stack[@]} - 1 )); echo "${stack[i]}"; unset "stack[$i]"; }; push 1; push 2; push 3; pop; pop; echo "${#stack[@]}"
#---
declare -A deps=([app]="lib util" [lib]="base" [util]="base" [base]=""); seen=""; visit() { local d; for d in ${deps[$1]}; do visit $d; done; case " $seen " in *" $1 "*) ;; *) seen="$seen $1"; echo $1;; esac; }; visit app
#---
parallel() { local pids=() s=0; for i in "$@"; do ( sleep 0.0$i; exit $((i%2)) ) & pids+=($!); done; for p in "${pids[@]}"; do wait "$p" || s=$((s+1)); done; echo "failures $s"; }; parallel 1 2 3
#---
exec 3>&1 4>&2; out=$( { echo captured; echo direct >&3; } 2>&1 ); exec 3>&- 4>&-; echo "$out"
#---
a=1; b="$a"; c='$a'; d="\"$a\""; e=`echo $a`; f=$(( a + 1 )); g=${a}${b}; echo "$b $c $d $e $f $g"; h=$'\e[1m'; printf '%q\n' "$h"
#---
echo "line1
line2" | while IFS= read -r line; do echo ">$line"; done; x=$(for i in 1 2 3; do echo $i; done | tail -n 1); echo $x
#---
if command -v nosuchtool >/dev/null 2>&1; then echo have; else echo "no tool"; fi; command -v cd >/dev/null && echo builtin; nosuchtool --x 2>/dev/null || echo "status $?"
#---
f() { local IFS=,; echo "$*"; }; f a b c; echo "$*"; join() { local d=$1; shift; local first=$1; shift; printf %s "$first" "${@/#/$d}"; echo; }; join - x y z
#---
i=0; for f in {1..1000}; do i=$((i+f)); done; echo $i; s=; for c in a b c; do s+=$c; done; echo $s
#---
if true
then
  echo multi \
    line
fi
for i in 1 2
do
  echo $i
done
while false
do :
done
{
  echo group
}
foo ()
{
  echo foo
}
foo # comment
#---
echo $(if true; then echo nested; fi) $(case x in x) echo c;; esac) $(for i in 1 2; do echo $i; done) "$(f() { echo fn; }; f)"
#---
echo a;echo b&&echo c||echo d;(echo e);{ echo f;};! false;echo $?;[ a = a ]&&echo g
#---
fn() { echo "$FUNCNAME $LINENO"; }
fn
echo $LINENO
f2() {
  echo $LINENO
}
f2
