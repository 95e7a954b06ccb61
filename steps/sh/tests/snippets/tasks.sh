#!/usr/bin/env bash
# release: bump version in several files
set -euo pipefail
cat > package.json <<'J'
{
  "name": "app",
  "version": "1.4.9",
  "dependencies": {
    "left-pad": "1.4.9"
  }
}
J
printf 'VERSION = "1.4.9"\n' > version.py
printf 'version: 1.4.9 # keep\nappVersion: "1.4.9"\n' > Chart.yaml
part=${1:-minor}
cur=$(jq -r .version package.json)
IFS=. read -r major minor patch <<<"$cur"
case $part in
  major) major=$((major + 1)) minor=0 patch=0 ;;
  minor) minor=$((minor + 1)) patch=0 ;;
  patch) patch=$((patch + 1)) ;;
  *) echo "usage: $0 major|minor|patch" >&2; exit 2 ;;
esac
new="$major.$minor.$patch"
sed -i -E "0,/\"version\": \"[^\"]+\"/s//\"version\": \"$new\"/" package.json
sed -i "s/^VERSION = .*/VERSION = \"$new\"/" version.py
sed -i -E "s/^(version:) [0-9.]+/\1 $new/; s/^(appVersion:) \"[^\"]*\"/\1 \"$new\"/" Chart.yaml
grep -Hn "$new" package.json version.py Chart.yaml
git_tag="v${new}"
[[ $git_tag =~ ^v[0-9]+\.[0-9]+\.[0-9]+$ ]] && echo "tag ok: $git_tag"
diff <(echo "$cur") <(echo "$new") || true
#---
#!/bin/bash
# changelog out of fragments
set -eu
mkdir -p changes.d
echo "Fix crash on empty input" > changes.d/12.bugfix
echo "Add --json flag" > changes.d/15.feature
echo "Drop py2" > changes.d/9.removal
printf 'Speed up\nthe parser' > changes.d/20.feature
declare -A title=([feature]="Features" [bugfix]="Bug fixes" [removal]="Removals")
{
  echo "## 2.0.0 ($(date -u -d @1700000000 +%F))"
  for kind in feature bugfix removal; do
    files=(changes.d/*."$kind")
    [[ -e ${files[0]} ]] || continue
    printf '\n### %s\n\n' "${title[$kind]}"
    for f in "${files[@]}"; do
      n=${f##*/}; n=${n%.*}
      printf -- '- %s (#%d)\n' "$(tr '\n' ' ' < "$f" | sed 's/ *$//')" "$n"
    done
  done
} > new.md
printf '# Changelog\n\n## 1.9.0\n\n- old\n' > CHANGELOG.md
{ head -n 2 CHANGELOG.md; cat new.md; echo; tail -n +3 CHANGELOG.md; } > tmp && mv tmp CHANGELOG.md
cat CHANGELOG.md
awk '/^## /{n++} n==1' CHANGELOG.md | wc -l
#---
#!/bin/bash
# retry with backoff
retry() {
  local max=$1 delay=$2 n=1; shift 2
  until "$@"; do
    rc=$?
    if (( n >= max )); then
      echo "giving up after $n attempts (last rc=$rc)" >&2
      return "$rc"
    fi
    echo "attempt $n failed (rc=$rc); sleeping ${delay}s" >&2
    sleep "$delay"
    n=$((n + 1)); delay=$(awk -v d="$delay" 'BEGIN { print d * 2 }')
  done
  echo "succeeded on attempt $n"
}
count=0
flaky() { count=$((count + 1)); [ "$count" -ge 3 ] || return 7; }
retry 5 0.01 flaky
retry 2 0.01 false
echo "rc=$?"
#---
#!/bin/bash
# json parsing
set -euo pipefail
cat > r.json <<'J'
{"items":[{"name":"a","labels":{"env":"prod","tier":"web"},"replicas":3},{"name":"b c","labels":{"env":"dev"},"replicas":0},{"name":"d","labels":{},"replicas":null}],"total":3}
J
jq -r '.items[] | [.name, (.labels.env // "-"), (.replicas // 0 | tostring)] | @tsv' r.json | while IFS=$'\t' read -r name env rep; do
  printf '%-6s|%-5s|%3d\n' "$name" "$env" "$rep"
done
mapfile -t names < <(jq -r '.items[].name' r.json); echo "${#names[@]}: ${names[*]@Q}"
jq -c '.items | map({(.name): .replicas}) | add' r.json
jq --arg e prod '[.items[] | select(.labels.env == $e)] | length' r.json
jq -e '.missing' r.json > /dev/null || echo "missing rc=$?"
jq -n --argjson n 5 --arg s 'x"y' '{n: $n, s: $s, d: (now | type)}' -c
jq -r '.items[] | "\(.name)=\(.replicas)"' r.json | sort -r
jq '.items[0].labels | to_entries | map("\(.key)=\(.value)") | join(",")' r.json
jq -r 'paths(scalars) as $p | "\($p | map(tostring) | join(".")) = \(getpath($p))"' r.json | head -4
echo '{"a":1}{"a":2}' | jq -s 'map(.a) | add'
jq -r '.items | group_by(.labels.env) | map({env: .[0].labels.env, n: length}) | .[] | "\(.env) \(.n)"' r.json
jq '.x.y' <<< '{"x":' 2>/dev/null || echo bad
#---
#!/bin/bash
# build a tarball with checksums, verify
set -euo pipefail
export TZ=UTC
mkdir -p dist/app/bin
printf '#!/bin/sh\necho hi\n' > dist/app/bin/app; chmod +x dist/app/bin/app
echo readme > dist/app/README; ln -s bin/app dist/app/run
find dist -exec touch -h -d @1600000000 {} +
tar --sort=name --mtime=@1600000000 --owner=0 --group=0 --numeric-owner -C dist -czf app-1.0.tar.gz app
tar -tvzf app-1.0.tar.gz | awk '{print $1, $2, $4, $5, $6, $7, $8}'
sha256sum app-1.0.tar.gz README 2>/dev/null > SUMS || true
(cd dist && sha256sum app/README app/bin/app) > SHA256SUMS
(cd dist && sha256sum -c ../SHA256SUMS)
(cd dist && sha256sum --quiet -c ../SHA256SUMS && echo all good)
echo tampered >> dist/app/README
(cd dist && sha256sum -c ../SHA256SUMS) || echo "verify rc=$?"
mkdir out; tar -xzf app-1.0.tar.gz -C out --strip-components=1
ls -l out | awk 'NR>1{print $1, $NF}'; out/run
tar -xOzf app-1.0.tar.gz app/README
tar -xzf missing.tar.gz 2>/dev/null || echo "rc=$?"
rm -rf ./*
#---
#!/bin/bash
# dates
export TZ=UTC
d=2024-02-28
for i in 0 1 2; do date -d "$d + $i days" +'%F %a %j'; done
date -d '2024-03-01 -1 day' +%F
date -d '2024-01-31 +1 month' +%F
a=$(date -d 2024-03-10 +%s); b=$(date -d 2024-02-01 +%s); echo $(( (a - b) / 86400 )) days
date -d '@1700000000' '+%Y%m%dT%H%M%SZ'; date -u -d 2024-01-01T12:34:56Z +%s; date -d 'Tue, 05 Mar 2024 10:00:00 +0200' -u +%FT%TZ
date -d 2024-12-30 +'%G-W%V-%u'; date -d '2024-05-05 10:00 next monday' +%F; date -d 'last day' +%F >/dev/null && echo ok
date -I -d 2024-02-03; date -Iseconds -d @0; date -R -d @0; date -d 'not a date' ; echo $?
date -d '1 week ago' +%s | grep -Eq '^[0-9]+$' && echo num
date +%Y -d '2024-06-15 +18 months'; date -d 20240115 +%B; date -d '10:30 PM' +%H:%M
#---
#!/bin/bash
# find|xargs
mkdir -p src/a src/b/node_modules src/.git
for f in src/a/x.js src/a/'y z.js' src/b/w.ts src/b/node_modules/m.js src/.git/c.js src/b/big.bin; do echo "// $f LATER x" > "$f"; done
truncate -s 3000 src/b/big.bin
find src -name '*.js' -not -path '*/node_modules/*' -print0 | sort -z | xargs -0 -n1 echo lint:
find src \( -name node_modules -o -name .git \) -prune -o -type f -print | sort
find src -type f -size +2k -printf '%f %s\n'; find src -type f -name '*.js' -exec grep -l LATER {} + | sort
find . -name '*.js' | sed 's|.*/||' | sort | uniq -c | awk '{print $2": "$1}'
find src -mindepth 1 -maxdepth 1 -type d | sort | while read -r d; do echo "$d $(find "$d" -type f | wc -l)"; done
printf 'a\nb\nc\nd\n' | xargs -n2 -P2 sh -c 'echo "$#"' _ | sort; printf 'a b\nc\n' | xargs -I{} echo "<{}>"; echo | xargs -r echo none; seq 5 | xargs -L2 echo
find src -name '*.ts' -delete; find src -type f | wc -l; find nosuch; echo $?; find src -empty -type d; echo "1 2 3" | xargs -n1 sh -c 'exit $(( $0 == 2 ))'; echo $?
grep -rn --include='*.js' LATER src | sort | cut -d: -f1,2; grep -rc LATER src/a | sort; grep -rLq zzz src; echo $?
#---
#!/bin/bash
# template by here-doc
set -eu
APP=web REPLICAS=2 IMAGE=reg.io/web:1.2
render() {
cat <<YAML
apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${APP}
  labels: {app: "${APP}", rev: '$(echo "$IMAGE" | cut -d: -f2)'}
spec:
  replicas: ${REPLICAS:-1}
  template:
    spec:
      containers:
$(for c in main side; do printf '      - name: %s-%s\n        image: %s\n' "$APP" "$c" "$IMAGE"; done)
      literal: "\$HOME \`x\` \\n"
YAML
}
render | tee out.yaml | grep -c name
cat out.yaml
cat <<'RAW' | sed "s|@APP@|$APP|g; s|@IMAGE@|$IMAGE|g"
app=@APP@ image=@IMAGE@ $APP
RAW
cat <<-TAB
	indented $APP
		twice
	TAB
unset APP; (render) 2>&1 | tail -1; echo end
#---
#!/bin/bash
# getopts CLI
usage() { cat <<U
Usage: ${0##*/} [-v] [-o FILE] [-n NUM] ARG...
U
}
main() {
  local verbose=0 out= num=1 OPTIND=1 opt
  while getopts ':vo:n:h' opt; do
    case $opt in
      v) verbose=$((verbose+1)) ;;
      o) out=$OPTARG ;;
      n) [[ $OPTARG =~ ^[0-9]+$ ]] || { echo "bad number: $OPTARG" >&2; return 64; }; num=$OPTARG ;;
      h) usage; return 0 ;;
      :) echo "-$OPTARG needs a value" >&2; usage >&2; return 64 ;;
      \?) echo "unknown -$OPTARG" >&2; usage >&2; return 64 ;;
    esac
  done
  shift $((OPTIND - 1))
  echo "v=$verbose out=${out:-none} n=$num args=$#:$*"
}
main -vv -o f -n3 a b; main -x; echo $?; main -o; echo $?; main -n abc; echo $?; main -h; main -- -v; main a -v
#---
#!/bin/bash
# arrays
set -u
servers=(web1 web2 "db 1")
servers+=(cache)
echo "${#servers[@]} ${servers[-1]} ${servers[@]:1:2}"
declare -A port=([web1]=80 [cache]=6379)
for s in "${servers[@]}"; do echo "$s -> ${port[$s]:-none}"; done
unset 'servers[1]'; echo "${!servers[@]}"; servers=("${servers[@]}"); echo "${!servers[@]}"
printf '%s\n' "${servers[@]}" | sort; joined=$(IFS=,; echo "${servers[*]}"); echo "$joined"
IFS=, read -ra parts <<< "$joined"; echo "${#parts[@]}"; echo "${parts[@]/#/x-}" "${parts[@]%1}" "${parts[@]^^}"
contains() { local x; for x in "${@:2}"; do [[ $x == "$1" ]] && return 0; done; return 1; }
contains cache "${servers[@]}" && echo yes; contains nope "${servers[@]}" || echo no
matrix=([0]="1 2 3" [1]="4 5 6"); for r in "${matrix[@]}"; do for c in $r; do printf '%d ' $((c*c)); done; echo; done
empty=(); echo "${empty[@]}" "${#empty[@]}"; echo ${empty[0]-unset}; stack=(); stack+=(1); stack+=(2); echo ${stack[${#stack[@]}-1]}; unset 'stack[-1]'; echo ${#stack[@]}
keys=("${!port[@]}"); echo "${#keys[@]}"; [[ -v port[web1] ]] && echo set; [[ -v port[zz] ]] || echo unset; declare -p servers port | sed 's/ *)/)/' | head -1
mapfile -t sorted < <(printf '%s\n' "${!port[@]}" | sort); echo "${sorted[@]}"
#---
#!/bin/bash
# parallel jobs with exit codes
set -u
run() { local n=$1; sleep "0.0$n"; [ "$n" -ne 2 ]; }
declare -A pids=()
for n in 1 2 3; do run "$n" & pids[$!]=$n; done
fail=0
for pid in "${!pids[@]}"; do
  if wait "$pid"; then echo "job ${pids[$pid]} ok"; else echo "job ${pids[$pid]} failed rc=$?"; fail=1; fi
done | sort
echo "fail=$fail"
max=2; running=0
for i in 1 2 3 4 5; do
  ( sleep 0.01; echo "task $i" >> log ) &
  running=$((running + 1))
  if [ "$running" -ge "$max" ]; then wait -n; running=$((running - 1)); fi
done
wait; sort log; rm log
seq 4 | xargs -P 3 -I{} sh -c 'echo p{}; [ {} != 3 ]' | sort; echo "${PIPESTATUS[@]}"
#---
#!/bin/bash
# trap cleanup
set -euo pipefail
tmp=$(mktemp -d)
cleanup() { rc=$?; rm -rf "$tmp"; echo "cleanup rc=$rc"; exit "$rc"; }
trap cleanup EXIT
trap 'echo "error on line $LINENO: $BASH_COMMAND" >&2' ERR
trap 'echo interrupted; exit 130' INT TERM
echo data > "$tmp/f"
step() { echo "step $1"; grep -q "$2" "$tmp/f"; }
step one data
step two nothere
echo unreachable
#---
#!/bin/bash
# lock directories
lock=./lock.d
acquire() { local t=0; while ! mkdir "$lock" 2>/dev/null; do t=$((t+1)); [ $t -gt 3 ] && { echo "timeout waiting for $(cat $lock/owner)" >&2; return 1; }; sleep 0.01; done; echo me > $lock/owner; }
release() { rm -rf "$lock"; }
acquire && echo got; acquire || echo "busy $?"; release; acquire && echo again; (acquire; echo sub $?); release
set -C; { echo $$ > pidfile; } 2>/dev/null && echo locked; { echo x > pidfile; } 2>/dev/null || echo held; set +C; rm pidfile
ln -s target lnk && (ln -s other lnk 2>&1 || echo exists)
#---
#!/bin/bash
# csv
cat > d.csv <<'C'
id,name,amount,"note, quoted"
1,Alice,10.50,"a, b"
2,Bob,3,plain
3,"O'Neil, Pat",7.25,"say ""hi"""
C
tail -n +2 d.csv | while IFS=, read -r id name amt rest; do echo "[$id][$name][$amt][$rest]"; done
awk -F, 'NR>1 {sum+=$3; n++} END {printf "n=%d sum=%.2f avg=%.3f\n", n, sum, sum/n}' d.csv
awk -v FPAT='([^,]*)|("([^"]|"")*")' 'NR>1 {print NF, $2, $4}' d.csv
cut -d, -f1,2 d.csv | column -t -s,; sort -t, -k3,3nr d.csv | head -2; paste -d, <(cut -d, -f1 d.csv) <(cut -d, -f3 d.csv); tr -d '\r"' < d.csv | tail -1
awk -F, 'BEGIN{OFS=";"} {$1=$1; print}' d.csv | head -2; join -t, <(sort -t, -k1,1 d.csv) <(printf '1,x\n2,y\n'); sed -n '2s/,.*//p' d.csv; IFS=, ; set -- 1,2,3; echo $1 ; echo "$#"
#---
#!/bin/bash
# awk reports
cat > access.log <<'L'
10.0.0.1 - - [10/Oct/2023:13:55:36 +0000] "GET /a HTTP/1.1" 200 2326 0.120
10.0.0.2 - - [10/Oct/2023:13:56:36 +0000] "POST /b HTTP/1.1" 500 12 1.5
10.0.0.1 - - [10/Oct/2023:14:01:00 +0000] "GET /a?x=1 HTTP/1.1" 404 0 0.003
10.0.0.3 - - [10/Oct/2023:14:02:00 +0000] "GET /c HTTP/1.1" 200 100 0.5
L
awk '{c[$9]++; b[$1]+=$10} END {for (s in c) print s, c[s] | "sort"; close("sort"); for (i in b) printf "%-10s %6d\n", i, b[i] | "sort -k2nr"}' access.log
awk -F'"' '{split($2, r, " "); sub(/\?.*/, "", r[2]); print r[2]}' access.log | sort | uniq -c | sort -rn | awk '{printf "%s %s\n", $1, $2}'
awk '{match($0, /\[[^:]+:([0-9]+)/, m); h[m[1]]++} END {n = asorti(h, k); for (i=1;i<=n;i++) print k[i], h[k[i]]}' access.log
awk 'BEGIN {print strftime("%Y-%m-%d", 0, 1); print toupper("abc") substr("hello", 2, 3) index("hello","l") length("xyz"); x = "a.b.c"; n = gsub(/\./, "-", x); print x, n; printf "%05.1f|%-5s|%x|%e\n", 3.14159, "ab", 255, 12345.678}'
awk '$NF > 0.1 {t += $NF; c++} END {print (c ? t/c : 0)}' access.log; awk 'length > 70' access.log | wc -l; awk 'NR==FNR {seen[$1]; next} !($1 in seen)' <(head -1 access.log) access.log | wc -l
awk -v RS= '{print NR": "$1}' <<< $'p1 a\nx\n\n\np2 b'; awk '/POST/,/404/ {print NR}' access.log; awk '{ a[NR] = $1 } END { for (i = NR; i > 0; i--) print a[i] }' access.log; echo "a b c" | awk '{ $2 = ""; print; print NF }'; awk 'BEGIN { while (("echo x; echo y" | getline l) > 0) print "got " l; exit 3 }'; echo $?
#---
#!/bin/bash
# diff/patch flow
printf 'one\ntwo\nthree\nfour\nfive\n' > a.txt; sed 's/two/TWO/; /four/d; $a six' a.txt > b.txt
diff -u --label a/a.txt --label b/a.txt a.txt b.txt > p.diff; echo "diff rc=$?"; cat p.diff
cp a.txt orig.txt; patch -p1 < p.diff; cmp a.txt b.txt && echo same; patch -p1 -R < p.diff; cmp a.txt orig.txt && echo restored
patch -p1 --dry-run < p.diff; printf 'x\n' > a.txt; patch -p1 < p.diff; echo rc=$?; ls | sort; cat a.txt.rej | head -3
diff -q a.txt b.txt; diff -r --brief . . ; mkdir d1 d2; echo 1 > d1/x; echo 2 > d2/x; echo 3 > d2/y; diff -r d1 d2; diff -rq d1 d2; diff --suppress-common-lines -y -W 30 orig.txt b.txt; diff -c orig.txt b.txt | tail -n +3; comm -13 <(sort orig.txt) <(sort b.txt); cmp -s orig.txt b.txt || echo differ; diff orig.txt nothere; echo $?
#---
#!/bin/bash
# process substitution loops
total=0; while read -r n; do total=$((total + n)); done < <(seq 1 10); echo $total
while read -r a b; do echo "$a:$b"; done < <(paste -d' ' <(seq 3) <(printf '%s\n' x y z))
while IFS= read -r line || [ -n "$line" ]; do printf '<%s>\n' "$line"; done < <(printf ' lead\ntrail \nno newline')
while IFS== read -r k v; do [[ $k == \#* || -z $k ]] && continue; k=${k// /}; declare "cfg_$k=$v"; done <<'C'
# comment
host=localhost
port = 8080
opts=a=b=c

C
echo "$cfg_host|$cfg_port|$cfg_opts"; diff <(printf 'a\nb\n') <(printf 'a\nc\n') | tail -n +2
exec 3< <(seq 3); read -u3 x; read -u3 y; echo $x$y; exec 3<&-; readarray -t arr < <(find . -name 'script*' -printf '%f\n'); echo "${arr[@]}"; cat <(echo 1) - <(echo 3) <<< 2; i=0; while read -r -d '' f; do i=$((i+1)); done < <(printf 'a\0b\0'); echo $i
while read -r -n1 c; do printf '[%s]' "$c"; done <<< abc; echo; while read -rsp "x" -t 1 l; do echo $l; done <<< q
#---
#!/bin/sh
# Tekton catalog style: git-clone like, params by env
set -eu
PARAM_VERBOSE="true" PARAM_DEPTH="1" PARAM_SUBDIRECTORY="src" PARAM_DELETE_EXISTING="true" WORKSPACE_OUTPUT_PATH="$PWD/ws"
mkdir -p "$WORKSPACE_OUTPUT_PATH/src/.hidden" results; touch "$WORKSPACE_OUTPUT_PATH/src/x" "$WORKSPACE_OUTPUT_PATH/src/..odd"
CHECKOUT_DIR="${WORKSPACE_OUTPUT_PATH}/${PARAM_SUBDIRECTORY}"
cleandir() {
  if [ -d "${CHECKOUT_DIR}" ] ; then
    rm -rf "${CHECKOUT_DIR:?}"/*
    rm -rf "${CHECKOUT_DIR}"/.[!.]*
    rm -rf "${CHECKOUT_DIR}"/..?*
  fi
}
if [ "${PARAM_DELETE_EXISTING}" = "true" ] ; then cleandir || true; fi
ls -A "$CHECKOUT_DIR" | wc -l
test -z "${PARAM_HTTP_PROXY:-}" || export HTTP_PROXY="${PARAM_HTTP_PROXY}"
RESULT_SHA="$(printf abc | sha1sum | cut -d' ' -f1)"; EXIT_CODE="$?"
if [ "${EXIT_CODE}" != 0 ] ; then exit "${EXIT_CODE}" ; fi
printf "%s" "${RESULT_SHA}" > results/commit; cat results/commit; echo
[ "${PARAM_VERBOSE}" = "true" ] && set -x
RESULT_COMMITTER_DATE="$(date -u -d @0 +%s)"
printf "%s" "${RESULT_COMMITTER_DATE}" > results/date
#---
#!/usr/bin/env bash
# args to array, tekton buildah style
set -euo pipefail
args=(--verbose --set "key=a b"); set -- one "two words" --flag=x
phase() { printf '---> %s\n' "$*"; }
inspect() { [[ "${#}" -gt 0 ]] && printf '%q ' "$@"; echo; }
phase "Arguments: ${*}"; inspect "$@" "${args[@]}"
declare -a BUILD_ARGS=(); while [[ $# -gt 0 && "$1" != --* ]]; do BUILD_ARGS+=("--build-arg" "${1}"); shift; done
inspect "${BUILD_ARGS[@]}"; echo "rest: $*"
fail() { printf 'ERROR: %s\n' "$*" >&2; exit 1; }
[[ -n "${MISSING:-}" ]] || echo "unset ok"; : "${DEFAULTED:=val}"; echo "$DEFAULTED"
declare -rx PARAMS_X="${PARAMS_X:-}"; env | grep PARAMS_X
for kv in A=1 B='x y' C=; do export "${kv?}"; done; env | grep -E '^[ABC]=' | sort
IMAGE=reg.io:5000/ns/app:1.2@sha256:abc; echo "${IMAGE##*/} ${IMAGE%%@*} ${IMAGE%:*} ${IMAGE%@*}"; name=${IMAGE##*/}; name=${name%%[:@]*}; echo "$name"
[[ -d nope ]] || fail "no dir"
#---
#!/bin/bash
# github action: outputs, env files, groups, masks
GITHUB_OUTPUT=out.txt GITHUB_ENV=env.txt GITHUB_STEP_SUMMARY=sum.md GITHUB_REF=refs/tags/v1.2.3 GITHUB_SHA=0123456789abcdef
echo "::group::Build"; echo "tag=${GITHUB_REF#refs/tags/}" >> "$GITHUB_OUTPUT"; echo "sha_short=${GITHUB_SHA::7}" >> "$GITHUB_OUTPUT"; echo "::endgroup::"
{ echo 'changelog<<EOF_X'; printf 'l1\nl2\n'; echo EOF_X; } >> "$GITHUB_OUTPUT"
cat "$GITHUB_OUTPUT"; echo "PATH_X=$HOME/bin" | tee -a "$GITHUB_ENV"
if [[ $GITHUB_REF == refs/tags/v* ]]; then echo release; elif [[ $GITHUB_REF =~ ^refs/heads/ ]]; then echo branch; fi
matrix=$(jq -nc '{include: [{os: "linux", arch: ("amd64","arm64")}]}'); echo "matrix=$matrix"
printf '| a | b |\n|---|---|\n' > $GITHUB_STEP_SUMMARY; for i in 1 2; do printf '| %s | %s |\n' $i $((i*i)) >> $GITHUB_STEP_SUMMARY; done; cat $GITHUB_STEP_SUMMARY
changed="a.go docs/x.md b/c.go"; for f in $changed; do case $f in *.go) go+=" $f";; docs/*|*.md) docs+=" $f";; esac; done; echo "go:$go docs:$docs"
echo "$changed" | tr ' ' '\n' | xargs -n1 dirname | sort -u; echo "${GITHUB_REF//\//-}" | tr '[:upper:]' '[:lower:]' | sed -E 's/[^a-z0-9-]+/-/g'; version=${GITHUB_REF##*/v}; printf '%s\n' 1.2.10 1.2.3 1.10.0 1.2.3-rc1 | sort -V; [ "$(printf '%s\n' 1.2.3 "$version" | sort -V | head -1)" = 1.2.3 ] && echo ">= 1.2.3"
#---
#!/bin/bash
# string handling and logging
log() { local lvl=$1; shift; printf '%s [%-5s] %s\n' "$(date -u -d @0 +%T)" "$lvl" "$*" >&2; }
log INFO start "$@"; log WARN "two  spaces"; 
s="  trim me  "; t="${s#"${s%%[![:space:]]*}"}"; t="${t%"${t##*[![:space:]]}"}"; echo "[$t]"
path=/usr/local/lib/file.tar.gz; echo "${path##*/} ${path%/*} ${path##*.} ${path%%.*} $(basename $path .gz) $(dirname $path)"
rev <<< abc; str=hello; for ((i=${#str}-1; i>=0; i--)); do printf %s "${str:i:1}"; done; echo; printf '%s' abc | od -An -tx1; printf '%03d|%+d|%5.2f|%-8s|%8s|%x|%o|%c|%%|%e\n' 7 5 3.14159 left right 255 8 xyz 12345.678
echo "a,b;c d" | tr ',;' '\n\n'; echo "Hello World" | tr 'A-Za-z' 'N-ZA-Mn-za-m'; fold -w 5 <<< "abcdefghijkl"; printf 'x%.0s' {1..10}; echo; printf -v line '%*s' 20 ''; echo "${line// /-}"; echo "${str^} ${str^^[aeiou]}"; [[ $str == h*o ]] && echo glob; [[ $str < world ]] && echo lt; case $str in [a-h]*) echo a-h;; esac; expr "$str" : '.*l' ; expr length "$str"; echo $((16#ff)) $((2#101)) $((010)) $((5/2)) $((-7%3)) $((1<<4)) $((5>3?1:0)); bc <<< 'scale=3; 10/3'; printf "%s\n" "${str/l/L}" "${str//l/L}" "${str/#h/H}"; echo "$(( $(printf '%d' "'A") ))"; printf '%b\n' 'tab\there'; printf '%q\n' "a b'c"; echo -e "a\tb\nc"; echo 'single'"double"$'ansi\n'
#---
#!/bin/bash
# menu-driven config parse of ini
cat > c.ini <<'I'
; comment
[db]
host = localhost
port=5432

[web]
port = 80
name = "my site"
I
section=
declare -A ini
while IFS= read -r line; do
  line=${line%%;*}
  [[ $line =~ ^[[:space:]]*$ ]] && continue
  if [[ $line =~ ^\[([a-z]+)\]$ ]]; then section=${BASH_REMATCH[1]}; continue; fi
  if [[ $line =~ ^[[:space:]]*([a-z_]+)[[:space:]]*=[[:space:]]*(.*)$ ]]; then ini[$section.${BASH_REMATCH[1]}]=${BASH_REMATCH[2]//\"/}; fi
done < c.ini
for k in $(printf '%s\n' "${!ini[@]}" | sort); do echo "$k=${ini[$k]}"; done
sed -n '/^\[web\]/,/^\[/{/^port/s/.*= *//p}' c.ini
awk -F ' *= *' '/^\[/{s=$0} s=="[db]" && $1=="port"{print $2}' c.ini
#---
#!/bin/bash
# wait for service with timeout
wait_for() { local t=$1; shift; local end=$((SECONDS + t)); until "$@" >/dev/null 2>&1; do (( SECONDS >= end )) && { echo "timed out"; return 124; }; sleep 0.05; done; echo ready; }
( sleep 0.2; touch up ) & wait_for 5 test -f up; wait; wait_for 1 test -f never; echo $?
timeout 0.1 sleep 5; echo "timeout rc=$?"; timeout 5 true && echo fast; timeout -s INT 0.1 sleep 5; echo $?; timeout --preserve-status 0.1 sleep 5; echo $?; timeout 1 nosuchcmd; echo $?
{ sleep 0.3; echo late; } & bg=$!; kill $bg; wait $bg 2>/dev/null; echo "killed $?"; kill -0 $bg 2>/dev/null || echo gone
#---
#!/bin/bash
# semver compare and sort
vercmp() { [ "$1" = "$2" ] && { echo eq; return; }; local IFS=.; local i a=($1) b=($2); for ((i=0; i<${#a[@]} || i<${#b[@]}; i++)); do if ((10#${a[i]:-0} > 10#${b[i]:-0})); then echo gt; return; elif ((10#${a[i]:-0} < 10#${b[i]:-0})); then echo lt; return; fi; done; echo eq; }
vercmp 1.2.3 1.2.3; vercmp 1.10 1.9; vercmp 1.2 1.2.1; vercmp 1.08 1.7; printf '%s\n' v1.2 v1.10 v1.9.1 | sort -V | tail -1; printf '%s\n' 1.0.0 1.0.0-rc.1 1.0.0-alpha 0.9 | sort -t. -k1,1n -k2,2n -k3,3n; echo "1.2.3-SNAPSHOT" | sed 's/-SNAPSHOT//' | awk -F. -v OFS=. '{$NF=$NF+1; print}'; echo v1.2.3 | grep -oE '[0-9]+' | paste -sd.; IFS=.-+ read -r ma mi pa pre meta <<< "2.3.4-beta+b7"; echo "$ma $mi $pa $pre $meta"; printf 'v%s\n' {1..3}.{0..1}.0
#---
#!/bin/bash
# lint: check scripts for shebang, trailing spaces, tabs, crlf
mkdir s; printf '#!/bin/sh\necho a \n' > s/a.sh; printf 'echo b\r\n' > s/b.sh; printf '#!/bin/bash\n\techo c\n' > s/c.sh; printf 'no newline' > s/d.txt
rc=0
for f in s/*; do
  head -n1 "$f" | grep -q '^#!' || { echo "$f:1: no shebang"; rc=1; }
  grep -nE '[[:blank:]]+$' "$f" | sed "s|^|$f:|" && rc=1
  grep -q $'\r' "$f" && { echo "$f: CRLF"; rc=1; }
  grep -nP '^\t' "$f" | cut -d: -f1 | xargs -r -I{} echo "$f:{}: tab"
  [ -n "$(tail -c1 "$f")" ] && echo "$f: no newline at end"
done
echo rc=$rc; sed -i 's/[[:space:]]*$//' s/a.sh; cat -A s/a.sh; tr -d '\r' < s/b.sh | cat -A; expand -t4 s/c.sh; unexpand -a <<< '        x'; file=s/a.sh; [[ -x $file ]] || chmod u+x "$file"; stat -c '%A %s %n' "$file"; bash -n s/c.sh && echo syntax ok; echo 'if then' > s/bad.sh; bash -n s/bad.sh 2>&1 | head -1 | sed 's/^bash: //'; wc -l s/* | tail -1; wc -lwc < s/a.sh; md5sum s/a.sh | cut -c1-8
#---
#!/bin/bash
# docker-like arg builder and eval, quoting
cmd=(echo run --rm -e "A=x y" -v "$PWD:/w:ro" 'img:1'); printf '%q ' "${cmd[@]}" | sed "s|$PWD|PWD|"; echo; "${cmd[@]}" | sed "s|$PWD|PWD|"
opts=""; [ -n "${DEBUG:-}" ] && opts="$opts --debug"; opts="$opts --x=1"; set -- $opts; echo "$#:$1"; eval "set -- 'a b' c"; echo "$#:$1"; q=$(printf '%q' "it's; rm -rf"); eval "echo $q"; str='a "b c" d'; eval "arr=($str)"; echo "${#arr[@]} ${arr[1]}"; declare -p arr; x='$(echo pwned)'; echo "$x" "${x@Q}"; f() { local -n out=$1; out=("${@:2}"); }; f res 1 "2 3"; echo "${#res[@]}:${res[1]}"; v=name; declare "$v=val"; echo "${!v}"; printf -v "$v" '%s' new; echo $name; export -f f; bash -c 'declare -F f'; alias x=y 2>/dev/null; g() { echo "${FUNCNAME[0]} $# $*"; }; g "$@"; set -- "${@:1:1}" mid "${@:2}"; echo "$*"; echo "${@: -1}" "${*:2}"
#---
#!/bin/bash
# numbers and units
human() { local b=$1 u=(B K M G T) i=0; while ((b >= 1024 && i < 4)); do b=$((b/1024)); ((i++)); done; echo "$b${u[i]}"; }
human 512; human 2048; human 5368709120; numfmt --to=iec 5368709120; du -b script.sh | cut -f1 | grep -Eq '^[0-9]+$' && echo du; printf '%.2f\n' "$(echo '10/3' | bc -l)"; awk 'BEGIN{printf "%.1f%%\n", 45/60*100}'; echo $((RANDOM % 1 )) $((2**10)) $((7/2)) $((7%2)) $((-7/2)); printf "%'d\n" 1234567; i=5; echo $((i++ + ++i)) $i; ((i+=3)); echo $i; ((i == 10)) && echo ten; let "j=i*2"; echo $j; echo $(( 0x1F + 010 + 2#11 )); a=3; b=a; echo $((b)) $((a<b)); printf '%d\n' 0x10 010 "'a"; printf '%d\n' 12abc; echo $?; echo $((1/0)); echo "rc $?"; expr 3 \* 4; expr 5 - 7; expr 1 / 0; echo $?; seq -s+ 5 | tee /dev/stderr | bc; printf '%s\n' 10 9 100 | sort -n | tr '\n' ' '; factor 12 97; echo '2^10; 5%3; sqrt(2)' | bc; echo "scale=2; 7/3" | bc; printf '%5d|%-5d|%05d\n' 42 42 42
#---
#!/bin/bash
set -euo pipefail
# idempotent line in file, block replace
f=conf; printf 'a=1\n# BEGIN x\nold\n# END x\nz=9\n' > $f
ensure() { grep -qxF -- "$1" "$2" || echo "$1" >> "$2"; }
ensure 'b=2' $f; ensure 'b=2' $f; ensure '-v' $f; tail -n2 $f
sed -i '/^# BEGIN x/,/^# END x/{//!d}' $f; sed -i '/^# BEGIN x/a new1\nnew2' $f; cat $f
sed -i.bak -e 's/^a=.*/a=10/' -e '$ s/$/ # last/' $f; diff $f.bak $f || true
awk -v k=z -v v=42 'BEGIN{FS=OFS="="} $1==k{$2=v; f=1} {print} END{if(!f) print k,v}' $f > t; mv t $f; grep ^z $f
sed -n '/BEGIN/,/END/p;$=' $f; sed '1i\header' $f | head -2; sed '2,3d' $f | wc -l; sed -E 's/(.*)=(.*)/\2=\1/' $f | head -1; sed 'y/abc/ABC/' $f | head -1; sed -n 'h;n;G;p' <<< $'1\n2\n3\n4'; sed ':a;N;$!ba;s/\n/,/g' <<< $'x\ny\nz'; sed '/^$/d;s/^[ \t]*//' <<< $'\n  q'; sed -e '/a/!s/$/!/' <<< $'a\nb'; printf 'k: v\n' | sed 's/\(k\): \(v\)/\U\1\E: \u\2/'; sed 's/x/y/w out.txt' <<< xx; cat out.txt; sed --expression='s/a/b/;tq;s/c/d/;:q' <<< $'ac\nc'; sed '0~2d' <<< $'1\n2\n3'; sed '$!N;P;D' <<< $'a\nb'; sed 5q /dev/null; sed 'nonsense' <<< x 2>&1 || echo rc=$?
#---
#!/bin/bash
# cron-like report, printf tables, here strings
rows=("alpha|3|ok" "beta|12|failed" "gamma|7|ok")
printf '%-10s %5s %s\n' NAME COUNT STATUS; printf -- '-%.0s' {1..25}; echo
fails=0 total=0
for r in "${rows[@]}"; do IFS='|' read -r n c s <<< "$r"; printf '%-10s %5d %s\n' "$n" "$c" "$s"; ((total += c)); [[ $s == failed ]] && ((++fails)); done
printf '%-10s %5d %d failed\n' TOTAL $total $fails; ((fails)) && status=1 || status=0; echo "status=$status"
IFS=$'\n' sorted=($(sort -t'|' -k2,2nr <<< "${rows[*]}")); unset IFS; printf '%s\n' "${sorted[0]}"; column -t -s'|' <<< "$(printf '%s\n' "${rows[@]}")"; tr '|' '\t' <<< "${rows[0]}" | expand -t 8; nl -ba -w2 -s': ' <<< $'a\n\nb'; paste -sd' ' <<< $'a\nb\nc'; fmt -w 20 <<< "the quick brown fox jumps over the lazy dog"; cat -n <<< x; tac <<< $'1\n2'; printf '%s\n' "${rows[@]}" | awk -F'|' '{a[$3]+=$2} END{for(k in a) print k, a[k]}' | sort; join -t'|' -1 1 -2 1 <(printf '%s\n' "${rows[@]}") <(echo 'beta|x'); head -c 3 <<< abcdef; echo; tail -c +4 <<< abcdef; split -l 1 -d - part. <<< $'p\nq'; cat part.01; csplit -s - '/b/' <<< $'a\nb\nc'; cat xx01; od -c <<< hi | head -1; xxd <<< hi; base64 <<< "hello world" | base64 -d; strings -n 3 <<< $'\x01abc\x02de'; uniq -c <<< $'a\na\nb'; uniq -d <<< $'a\na\nb'; shuf -i 1-3 -n 3 | sort | tr -d '\n'; echo; comm -12 <(echo a) <(echo a); tsort <<< $'a b\nb c'; truncate -s 5 t5; stat -c %s t5; cut -c2-3 <<< abcd; cut -d: -f1,7 --output-delimiter=, <<< root:x:0:0:r:/root:/bin/sh; grep -c . <<< $'a\n\nb'; grep -oP '(?<=v)\d+' <<< v12; grep -A1 -B1 b <<< $'a\nb\nc\nd'; grep -w foo <<< $'foo\nfoobar'; grep -vE '^(#|$)' <<< $'#c\n\nx'; tee a b <<< t; ls -1 a b; touch -d '2020-01-01' old; [ old -ot a ] && echo older; ln -sf a l; readlink l; readlink -f l | xargs basename; realpath --relative-to=/tmp /tmp/x/../y; basename -a /x/1 /y/2; dirname /a/b/; pathx=$(cd . && pwd); [ "$pathx" = "$PWD" ] && echo pwd; mktemp -u XXXX | wc -c; seq 3 | sed '$!s/$/,/' | tr -d '\n'; echo; yes | head -2; sleep 0; nproc > /dev/null; date +%Y > /dev/null; env -i A=1 sh -c 'echo $A'; printenv HOME; id -u; whoami; uname -s; tty; echo $?
