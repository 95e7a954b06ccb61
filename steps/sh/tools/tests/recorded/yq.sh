setup: printf '# head\n\na: 1 # one\nb:\n- x\n- y: 2\n  z: "q"\n# before c\nc:\n    d: [1, 2, {k: v}]\n    e: |\n      text\n      more\nf: &x {m: 1}\ng: *x\n# end\n' > a.yaml; printf 'apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web # the name\n  labels:\n    app.kubernetes.io/name: web\nspec:\n  replicas: 2\n  template:\n    spec:\n      containers:\n        # first\n        - name: web\n          image: "nginx:1.2"\n          env:\n            - name: A\n              value: "1"\n        - name: side\n          image: busybox\n' > k.yaml; printf 'a: 1\n---\na: 2\nb: 3\n' > m.yaml; printf '{"a": [1, "x"], "b": {"c": true, "d": null}}\n' > j.json; printf 'a: 9\nn:\n  z: 1\n' > o.yaml
yq . a.yaml
yq a.yaml
yq '.a' a.yaml
yq '.b' a.yaml
yq '.b[0]' a.yaml
yq '.b[1].z' a.yaml
yq '.c.d' a.yaml
yq '.c.e' a.yaml
yq eval '.c.d[2].k' a.yaml
yq e '.f' a.yaml
yq '.a = 5' a.yaml
yq '.a = "true"' a.yaml
yq '.b[1].z = "new"' a.yaml
yq '.new.deep = "x"' a.yaml
yq 'del(.b)' a.yaml
yq 'del(.b[0])' a.yaml
yq -P . a.yaml
yq -o json . a.yaml
yq -o=json -I0 . a.yaml
yq -o json '.c.d' a.yaml
yq '.nope.x' a.yaml
yq -e '.nope' a.yaml; echo $?
yq '.a' m.yaml
yq . m.yaml
yq '.a += 1' m.yaml
yq -N '.a' m.yaml
yq 'select(.a == 2)' m.yaml
yq 'select(di == 0)' m.yaml
yq -i '.spec.replicas = 3' k.yaml; cat k.yaml
yq -i '.spec.template.spec.containers[0].image = "nginx:2"' k.yaml; cat k.yaml
yq '.spec.template.spec.containers[].name' k.yaml
yq '.spec.template.spec.containers[] | select(.name == "side") | .image' k.yaml
yq '(.spec.template.spec.containers[] | select(.name == "web") | .image) = "x:1"' k.yaml
yq '.metadata.labels."app.kubernetes.io/name"' k.yaml
yq '.metadata.labels["app.kubernetes.io/name"] = "n"' k.yaml
yq '.metadata.annotations.foo-bar = "v"' k.yaml
yq '.metadata.name |= . + "-x"' k.yaml
yq '.spec.replicas |= . * 2' k.yaml
yq '.spec.template.spec.containers += [{"name": "n", "image": "i"}]' k.yaml
yq '.spec.template.spec.containers[0].env += {"name": "B", "value": "2"}' k.yaml
V=hello yq '.a = strenv(V)' a.yaml | sed -n 3p
V=7 yq '.a = env(V)' a.yaml | sed -n 3p
V=7 yq '.a = strenv(V)' a.yaml | sed -n 3p
yq '.a = strenv(NOPE_X)' a.yaml; echo $?
yq -n '.a.b = 1'
yq -n '{"a": [1, 2]}'
yq 'with(.spec; .replicas = 9)' k.yaml | grep replicas
yq '.spec | keys' k.yaml
yq 'length' a.yaml
yq 'has("a")' a.yaml
yq '.b | length' a.yaml
yq '.metadata | to_entries | .[0].key' k.yaml
printf 'a: [3, 1, 2]\n' | yq '.a |= sort'
printf 'a: b,c\n' | yq '.a | split(",")'
printf 'a: [x, y]\n' | yq '.a | join("-")'
printf 'a: x\n' | yq '.a | upcase'
printf 'a: [1, 2, 3]\n' | yq '.a[] | select(. > 1)'
printf 'a: [1, 2, 3]\n' | yq '[.a[] | select(. > 1)]'
printf 'a: 1\n' | yq '.b = "x: y" | .c = "- a" | .d = "" | .e = "yes" | .f = "1.0" | .g = "a\nb" | .h = " lead" | .i = "null" | .j = "#x" | .k = [] | .l = {}'
printf 'a: 1\n' | yq '.m = "2024-01-01" | .n = "a#b" | .p = "y" | .q = "0x1f" | .r = "@x" | .s = "a: " | .u = null | .w = "on" | .x = "~" | .y = "{a" | .z = "100"'
yq . j.json
yq '.a[1]' j.json
yq -p json . j.json
yq -p json -o yaml . j.json
yq -P . j.json
yq -o json '.a[1]' j.json
yq '. * load("o.yaml")' a.yaml | head -4
yq ea '. as $item ireduce ({}; . * $item)' m.yaml o.yaml
yq eval-all 'select(fileIndex == 0) * select(fileIndex == 1)' m.yaml o.yaml 2>&1 | tail -3
printf 'a: [1,2,3]\n' | yq '.a[] as $i ireduce (0; . + $i)'
printf 'a: 1\nb: x\n' | yq '.[] | type'
printf 'a: 1\nb: x\n' | yq 'to_entries'
printf 'a: 1\nb: 2\n' | yq 'with_entries(.value += 1)'
printf 'b: 1\na: 2\n' | yq 'sort_keys(.)'
printf 'a: {b: 1}\n' | yq '.a.c = 2'
printf 'a: "x"\n' | yq '.a = "y"'
printf "a: 'x'\n" | yq '.a = "y"'
printf 'a: 0x1F\nb: 1.50\nc: ~\nd: yes\ne: 2024-01-01\n' | yq .
printf 'a: 1 # c\n' | yq '.a = 2'
printf '# c1\na: 1\n\n# c2\nb: 2\n' | yq .
printf '# c1\na: 1\n\n# c2\nb: 2\n' | yq '... comments=""'
printf 'a:\n  # in\n  b: 1\n  # tail\nc: 2\n' | yq .
printf 'a: >\n  one\n  two\n\n  three\nb: |-\n  x\n' | yq .
printf -- '- a\n- b: 1\n  c: 2\n- [x]\n' | yq .
printf -- '- a\n- b: 1\n  c: 2\n' | yq '.[1].c'
printf '' | yq '.a'
printf 'a: b: c\n' | yq . >/dev/null 2>&1; echo $?
yq . nope.yaml; echo $?
yq '.a[' a.yaml >/dev/null 2>&1; echo $?
printf 'a: true\nb: false\n' | yq '.a and .b, (.a | not), .a or .b'
printf 'a: null\n' | yq '.a // "d"'
printf 'a: {b: {c: 1}}\n' | yq '.. | select(. == 1)'
printf 'v: "1.2.3"\n' | yq '.v'
printf 'v: "1.2.3"\n' | yq -r '.v'
printf 'l: [a, b]\n' | yq '.l[]'
printf 'l: [a, b]\n' | yq '.l | contains(["a"])'
printf 'a: 1\n' | yq -o json
printf 'a: 1\n' | yq '.a' -
printf 'image: r:1\n' | yq '.image |= sub(":.*", ":2")'
printf 'a: [1, 2]\n' | yq '.a += 3'
printf 'a: x\n' | yq '.a == "x"'
printf 'a: [{n: 1}, {n: 2}]\n' | yq '.a[].n |= . + 1'
printf 'a: "{\\"x\\": 1}"\n' | yq '.a | from_json | .x'
printf 'a: {x: 1}\n' | yq '.a | to_json(0)'
printf 'a: {x: 1}\n' | yq '.a | @json'
printf 'a: aGk=\n' | yq '.a | @base64d'
printf 'a: [b, a, b]\n' | yq -o json -I0 '.a | unique'
printf 'on:\n  push:\n    branches: [main]\n' | yq '.on.push.branches[0]'
printf 'a: [3, 1, 2]\n' | yq -o json -I0 '.a | sort'
printf 'a: [1, 2]\nb: [3]\n' | yq -o json -I0 '.a + .b'
printf 'a: 1\nb: {c: [x, y]}\n' | yq -o props
printf 'x: dogs dogs\n' | yq '.x |= sub("dogs", "cats")'
setup: printf 'base: &b\n  a: 1\n  c: 2\nx:\n  <<: *b\n  a: 9\ny:\n  <<: [*b]\nz: *b\n' > m.yaml; printf -- '---\n# c\na: 1\nb: x\nl:\n  - s\n  - i: 2\n' > d.yaml; printf '# top\n---\na: 1\n---\na: 2\n' > dd.yaml; printf '# only\n' > c.yaml; : > e.yaml; printf 'a:\n  b: 1\nl: [q]\n' > o.yaml
yq '.x.c' m.yaml
yq '.x.a' m.yaml
yq '.y.a' m.yaml
yq '.z.a, .x.q' m.yaml
yq -o=json . m.yaml
yq -o=props . m.yaml
yq 'explode(.)' m.yaml
yq 'explode(.) | .x' m.yaml
yq 'explode(.) | .x.c = 5' m.yaml
yq '.x | has("c")' m.yaml
yq . d.yaml
yq .a d.yaml
yq -N . d.yaml
yq -o=json . d.yaml
yq '{"q": .a}' d.yaml
yq 'del(.l)' d.yaml
yq -i '.a = 2' d.yaml; cat d.yaml
yq . dd.yaml
yq '.a += 1' dd.yaml
yq . c.yaml
yq . e.yaml
yq '.a' e.yaml
yq '.l[] | select(.i == 2)' d.yaml
yq '.l[] | select(has("i"))' d.yaml
yq '.. | select(has("i")) | .i' d.yaml
yq '.l | sort_by(.i)' d.yaml
yq '.[0]' d.yaml
yq '.a[]' d.yaml
yq '.a |= select(. == 7)' d.yaml
yq '.. |= (select(. == "s") | . = "S")' d.yaml
yq '.l[] |= select(. == "nothing")' d.yaml
yq '.b |= sub("x", "y") | .a |= . + 1' d.yaml
yq -n '"v1.2.3" | sub("v(\d+)\.(\d+)", "${2}-$1")'
yq -n '"a\\.b", "a\.b", "a\tb\n", "\d \w"'
yq -n '{"a":[1,2],"c":{"d":1}} *? {"a":[3],"c":{"e":2,"d":5}}'
yq -n '{"a":[{"x":1},2]} *d {"a":[{"y":1}]}'
yq -n '{"a":[1]} *n {"a":[2],"b":1}'
yq -n '{"a":[1]} *+n {"a":[2],"b":[1]}'
yq -n '{"a":null} * {"a":{"b":1}}'
yq -n '.a * {"b":1}'
yq '.l *+ ["z"] | length' d.yaml
yq ea 'select(fi == 0) *+ select(fi == 1)' d.yaml o.yaml
yq -n '{"a":{"b":[1,"x"]}} | to_json'
yq -n '{"a":{"b":[1,"x"]}} | to_json(0)'
yq '.a | @json' o.yaml
