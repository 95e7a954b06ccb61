setup: echo '{"name":"x","n":1,"list":[3,1,2],"o":{"b":2,"a":1},"s":"a b","t":true,"z":null}' > a.json; printf '[{"k":"a","v":1},{"k":"b","v":2},{"k":"a","v":3}]' > b.json; printf '1\n2\n3\n' > n; printf 'l1\nl2\n' > t; echo '.name' > f.jq
jq . a.json
jq -c . a.json
jq -r .name a.json
jq .name a.json
jq -S . a.json
jq -Sc . a.json
jq --tab . a.json
jq --indent 4 . a.json
jq --indent 0 . a.json
jq --indent 1 .o a.json
jq -j '.name,.n' a.json
jq -a . n; echo '"é😀"' | jq -a .
jq -n '1+2'
jq -n '[inputs]' n -c
jq -s . n -c
jq -s 'add' n
jq -R . t
jq -Rs . t
jq -Rn '[inputs]' -c t
jq -Rr 'ascii_upcase' t
jq -e .t a.json; echo $?
jq -e .z a.json; echo $?
jq -e .nope a.json >/dev/null; echo $?
jq -e empty a.json; echo $?
jq --arg v hello -n '$v'
jq --argjson v '{"a":1}' -n -c '$v.a, $v'
jq -n --slurpfile f n -c '$f'
jq -n --rawfile f t '$f'
jq -n '$ARGS' -c --args a b
jq -n '$ARGS.positional' -c --jsonargs 1 '{"a":2}'
jq -nc '$ARGS.named' --arg a b
jq -n '$__prog_args' >/dev/null 2>&1; true
jq -f f.jq a.json
jq -r '.list | @csv' a.json
jq -r '.list | @tsv' a.json
jq -r '@sh "echo \(.s)"' a.json
jq -r '[.s, 1, null] | @csv, @tsv' a.json
jq -r '.s | @uri, @base64, (@base64|@base64d), @json, @text' a.json
jq -c '.list | sort, reverse, min, max, add, length' a.json
jq -c 'keys, keys_unsorted, length' a.json
jq -c 'to_entries' a.json
jq -c '.o | with_entries(.value += 1)' a.json
jq -c 'map(select(.v > 1))' b.json
jq -c 'group_by(.k)' b.json
jq -c 'group_by(.k) | map({k: .[0].k, s: map(.v) | add})' b.json
jq -c 'unique_by(.k), sort_by(-.v), min_by(.v), max_by(.v)' b.json
jq -c '[.[].v]' b.json
jq -r '.[] | "\(.k)=\(.v)"' b.json
jq -c 'map({(.k): .v}) | add' b.json
jq -c 'del(.list, .o.a)' a.json
jq -c 'del(.list[0,2])' a.json
jq -c 'del(.[0], .[1])' b.json
jq -c '.n |= . + 1 | .list[0] = 9 | .new.deep = 1' a.json
jq -c '.list += [4] | .n -= 1 | .n *= 2 | .n //= 5 | .z //= 7' a.json
jq -c '[paths]' a.json
jq -c '[leaf_paths]' a.json
jq -c '[paths(type == "number")]' a.json
jq -c 'getpath(["o","a"]), setpath(["o","c"]; 1).o, delpaths([["o"],["list"]])' a.json
jq -c '[..]' b.json
jq -c '[.. | numbers]' a.json
jq -c '.list | first, last, nth(1), .[1:], .[:1], .[-1:], .[-1]' a.json
jq -c 'has("n"), has("q")' a.json
jq -c '.list | contains([1]), inside([1,2,3,4]), index(1), any(. > 2), all(. > 0)' a.json
jq -c '.list | to_entries' a.json
jq -c '[limit(2; .list[])], first(.list[]), [range(5)], [range(2;5)], [range(0;10;3)]' a.json
jq -c 'reduce .list[] as $x (0; . + $x), [foreach .list[] as $x (0; . + $x)]' a.json
jq -c 'if .n == 1 then "one" elif .n == 2 then "two" else "many" end' a.json
jq -c 'try error("x") catch ., (.s | try tonumber catch "bad")' a.json
jq -c '.list as [$a, $b] | {$a, $b}, (. as {n: $n} | $n)' a.json
jq -c '[.list[] | . * 2], [.list[] | tostring], ([.list[]] | join("-"))' a.json
jq -c '.s | split(" "), length, explode, ascii_upcase, ltrimstr("a "), rtrimstr(" b"), startswith("a"), endswith("b"), test("a"), [match("[a-z]";"g").string]' a.json
jq -c '"foo bar" | sub("o"; "0"), gsub("o"; "0"), [scan("o")], capture("(?<x>[a-z]+) (?<y>.*)"), [splits(" ")], split("o+";null)' -n
jq -nc '"test" | gsub("(?<l>[a-z])"; "\(.l)-")'
jq -nc '"aXbX" | ascii_downcase, [match("x";"ig").offset], test("X$"), (.[1:3]), index("X"), rindex("X"), indices("X")'
jq -nc '"abc" | match("b") '
jq -nc '1/3, 10/4, 10/2, 7%3, -7%3, 5%-2, 1e3, 1.0, 1.5+1.5, 0.1+0.2, 1e17, 1e-5, 3.14, -0, 100000000000, [0.1]'
jq -nc '[1,2] - [2], {"a":1} + {"b":2}, {"a":{"b":1}} * {"a":{"c":2}}, "ab" * 3, "a,b" / ","'
jq -nc 'null + 1, [1,[2]] == [1,[2]], {} < [], 1 < "a", ([3,1] | sort), ({"b":1,"a":2} | keys)'
jq -nc '[1,[2,[3]]] | flatten, flatten(1)'
jq -nc '[[1,2],[3,4]] | transpose, combinations'
jq -nc '{"a":[1,2]} | [tostream], [paths(..)]'
jq -nc 'fromjson? // "bad", ("[1,2]" | fromjson), ([1,{"a":2}] | tojson, tostring)'
jq -nc '[1,null,2] | map(values), any, all, (map(. // 0))'
jq -nc '"\u00e9" | @uri, length, utf8bytelength, ascii_downcase, explode, ([233] | implode)'
jq -nc '1700000000 | todate, (todate | fromdate), gmtime, strftime("%Y-%m-%d %H:%M:%S %j %a %b"), (strftime("%Y") | tonumber)'
jq -nc '"2024-01-02T03:04:05Z" | fromdateiso8601, strptime("%Y-%m-%dT%H:%M:%SZ"), (strptime("%Y-%m-%dT%H:%M:%SZ") | mktime)'
jq -nc '[3.7, -3.7] | map(floor), map(ceil), map(round), map(fabs), map(sqrt?), (.[0] | pow(.;2))'
jq -nc 'infinite, -infinite, nan, ([nan] | sort), (nan < 1), (infinite | isinfinite), (nan | isnan)'
jq -nc 'def f(x): x * 2; def g: f(.); 3 | g, f(. + 1)'
jq -nc '[recurse(if . < 3 then . + 1 else empty end)]' 2>/dev/null; jq -nc '2 | [recurse(if . < 5 then . + 1 else empty end)]'
jq -nc '[1,2,3] | IN(2), (.[] | IN(2,3))' ; jq -nc 'INDEX({"id":1},{"id":2}; .id)'
jq -nc '[1,2] | .[0] as $x | $x, (. as [$a] | $a), ($ENV | type), (env | type)'
FOO=bar jq -nr 'env.FOO, $ENV.FOO'
jq -nc 'label $out | 1, break $out, 2'
jq -nc '[1,2,3] | until(length < 2; .[1:]), [while(length > 0; .[1:])], [limit(3; repeat(1))]'
jq -nc '{"a":1,"b":[1,2]} | walk(if type == "number" then . + 1 else . end), map_values(type), [.[] | type]'
jq -nc '@json "x\([1,2])", @base64 "\("a")", @text "\(1)", "a\("b" + "c")d"'
jq -nc '[splits("a")]?, ("a1b2" | [splits("[0-9]")]), ("x" | ascii_downcase), ([1,2]|implode|explode)'
jq -nc '[1,2,3,4] | .[1:3] = ["x"], (.[2:] |= map(.*2)), del(.[1:3])'
jq -nc '[{"a":1,"b":2},{"a":1}] | map(.b?), map(has("b")), (map(.a) | unique), .[0].b'
jq -nc '{a: 1, "b": 2, "c d": 3, (("e","f")): 4, @base64 "g": 5}' 2>&1 | head -3
jq -nc '{"a b":1} | ."a b", .["a b"], ."a b"?'
jq -nc '[.[]?], (1 as $x | 2 as $y | [$x,$y,$__loc__])'
jq -nc '[1,2,3] | bsearch(2), bsearch(0), bsearch(4)'
jq -nc 'getpath(["a","b"]), ({"a":{"b":5}} | getpath(["a","b"])), (try getpath(["a"]) catch "x")'
jq -nc 'splits' ; echo $?
jq .foo n; echo $?
jq '.[]' n; echo $?
jq '.a.b' a.json; echo $?
jq '.name.b' a.json; echo $?
jq '.list.b' a.json; echo $?
jq '.o[0]' a.json; echo $?
jq '.name + 1' a.json; echo $?
jq '.o - 1' a.json; echo $?
jq '{} * 2' -n; echo $?
jq -n '"a" | tonumber' ; echo $?
jq -n '[] | implode' 
jq -n 'error("boom")'; echo $?
jq -n 'error({"a":1})'; echo $?
jq -n '"x" | halt_error'; echo $?
jq -n '{"a":1} | halt_error(3)'; echo $?
jq -n 'halt'; echo $?
jq -n '1, halt, 2'
jq 'error' a.json; echo $?
jq -n '[1] | has("a")'; echo $?
jq -n '{} | keys | length, ([] | length), (null | length), (-5 | length), ("é" | length)'
jq -n 'true | length'; echo $?
jq -n '5 | keys'; echo $?
jq -n '5 | join(",")'; echo $?
jq -n '[[1]] | join(",")'; echo $?
jq . nope; echo $?
jq . nope a.json -c; echo $?
~jq '.[' a.json; echo $?
jq 'foo' a.json; echo $?
jq 'foo(1)' a.json; echo $?
jq '$x' a.json; echo $?
~jq --nope . a.json; echo $?
echo '1 2 3' | jq -c '[., 1]'
printf '%s' '"a\tb\u0001\\ \" / \u00e9"' | jq .
printf '%s' '"a\tb"' | jq -r .
echo '[1,[],{},{"a":[]}]' | jq .
echo '' | jq .
echo '{"a":1,"a":2}' | jq -c .
echo '1.10 1.0 1e2 0.00001 1E-7' | jq -c .
echo '{"b":1,"a":{"d":1,"c":2}}' | jq -S .
echo '[{"a":1},{"a":2}]' | jq -r '.[] | [.a, "x"] | @tsv'
echo '{"version":"1.2.3"}' | jq -r '.version | split(".") | map(tonumber) | .[2] += 1 | join(".")'
echo '{"a":{"b":1}}' | jq -c 'to_entries[] | {key, v: .value.b}'
echo '[1,2,3]' | jq 'map(. as $x | {x: $x})' -c
echo '{"items":[{"metadata":{"name":"p1"},"status":{"phase":"Running"}},{"metadata":{"name":"p2"},"status":{"phase":"Failed"}}]}' | jq -r '.items[] | select(.status.phase=="Running") | .metadata.name'
echo '{"a":"x"}' | jq '.a as $v | {"k": $v, n: ($v | length)}' -c
echo '"2015-03-05T23:51:47Z"' | jq -c 'fromdate, strptime("%Y-%m-%dT%H:%M:%SZ")'
echo '[3,[1,2],{"a":1},"x",null,true,false]' | jq -c 'sort, map(type)'
echo '{"a":[{"b":1},{"b":2}]}' | jq -c '.a[].b, [.a[] | .b] , .a[1:][0].b, .a | length'
echo '{"a":1}' | jq '.b.c = 1 | .d[1] = 2' -c
echo '{}' | jq '.a += 1, .a -= 1, (.a |= 3), (.["x"] = 1)' -c
echo '[[1,"a"],[2,"b"]]' | jq -r '.[] | @csv'
echo '{"a":1,"b":2}' | jq -c 'with_entries(select(.key == "a")), map(. + 1), (to_entries | map(.key)), [.[]]'
echo '1' | jq 'debug'
echo '1' | jq -c 'debug | stderr'
echo 'a,b' | jq -Rc 'split(",")'
printf 'k=v\nx=y\n' | jq -Rn -c '[inputs | split("=") | {(.[0]): .[1]}] | add'
echo '{"a":"\u003cb\u003e"}' | jq .
echo '"x"' | jq -r '@text, @json, "\(.)-\(.)"'
echo '[1,2,3,4,5,6]' | jq -c '[.[] | select(. % 2 == 0)], (map(. * .) | add / length)'
echo '{"a":null}' | jq '.a // "d", .a?, (.b // empty), (.a | not)' -c
echo '[{"id":1,"n":"a"},{"id":2,"n":"b"}]' | jq -c 'INDEX(.id), (map({(.id|tostring): .n}) | add), [.[] | .n] '
