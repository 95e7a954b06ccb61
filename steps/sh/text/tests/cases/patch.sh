diff() { command diff "$@" | sed 's/\t202[0-9]-[0-9].*//;s/\t[SMTWF].. [A-Z].. .* 202.$//'; }
diff -u a.txt b.txt > p; patch < p; cat a.txt; ls

diff() { command diff "$@" | sed 's/\t202[0-9]-[0-9].*//;s/\t[SMTWF].. [A-Z].. .* 202.$//'; }
diff -u a.txt b.txt > p; patch a.txt p; patch -R a.txt p; cat a.txt; patch -R b.txt < p; cat b.txt; ls

diff() { command diff "$@" | sed 's/\t202[0-9]-[0-9].*//;s/\t[SMTWF].. [A-Z].. .* 202.$//'; }
diff -c a.txt b.txt > p; patch a.txt < p; cat a.txt; patch -R a.txt < p; cat a.txt; diff a.txt b.txt > p; patch a.txt p; cat a.txt; patch -R a.txt p; cat a.txt

diff() { command diff "$@" | sed 's/\t202[0-9]-[0-9].*//;s/\t[SMTWF].. [A-Z].. .* 202.$//'; }
diff -u a.txt b.txt > p; patch -o out a.txt p; cat out a.txt; patch --dry-run a.txt p; cat a.txt; patch -i p a.txt; patch -N a.txt p; echo $?; ls; cat a.txt.rej; patch -s -R a.txt p; ls

diff() { command diff "$@" | sed 's/\t202[0-9]-[0-9].*//;s/\t[SMTWF].. [A-Z].. .* 202.$//'; }
mkdir -p x/a x/b; cp a.txt x/a/f; cp b.txt x/b/f; cd x; diff -u a/f b/f > p; cd a; patch -p1 < ../p; cat f; cd ..; patch -p0 -R < p; cat a/f; ls -R

diff() { command diff "$@" | sed 's/\t202[0-9]-[0-9].*//;s/\t[SMTWF].. [A-Z].. .* 202.$//'; }
mkdir -p a b; cp a.txt a/f; cp b.txt b/f; echo n > b/n; echo gone > a/gone; diff -ruN a b > p; cat p | grep -v '^[-+][-+]'; cd a; patch -p1 < ../p; ls; cat f n

diff() { command diff "$@" | sed 's/\t202[0-9]-[0-9].*//;s/\t[SMTWF].. [A-Z].. .* 202.$//'; }
seq 30 > f; sed '10s/$/x/;20s/$/y/' f > g; diff -u f g > p; (echo new; echo new2; cat f) > h; patch h p; cat h | head -14; seq 30 | sed '9s/.*/changed/' > k; patch k p; grep -n '[xy]' k; ls

diff() { command diff "$@" | sed 's/\t202[0-9]-[0-9].*//;s/\t[SMTWF].. [A-Z].. .* 202.$//'; }
seq 30 > f; sed '10s/$/x/;20s/$/y/' f > g; diff -u f g > p; seq 30 | sed '10s/.*/other/' > k; patch k < p; echo $?; cat k.rej; ls; patch -r rejected k < p; ls; seq 30 | sed '8,12d' > m; patch -F0 m p; echo $?; grep -n y m

diff() { command diff "$@" | sed 's/\t202[0-9]-[0-9].*//;s/\t[SMTWF].. [A-Z].. .* 202.$//'; }
printf 'a\nb' > x; printf 'a\nc' > y; diff -u x y > p; patch x p; od -c x; printf 'a\nb\n' > x; printf 'a\nb' > y; diff -u x y > p; patch x p; od -c x; diff -u /dev/null fruit > p; rm fruit; patch -p0 < p; cat fruit

diff() { command diff "$@" | sed 's/\t202[0-9]-[0-9].*//;s/\t[SMTWF].. [A-Z].. .* 202.$//'; }
diff -u fruit empty > p; patch fruit < p; ls fruit; patch -E words < /dev/null; echo $?; echo garbage | patch a.txt; echo $?; patch -i nothere a.txt; echo $?; diff -u a.txt b.txt | patch -b a.txt; ls; diff -u a.txt b.txt > p; cat p | patch -b -z .bak b.txt -R; ls; patch --bogus; echo $?

diff() { command diff "$@" | sed 's/\t202[0-9]-[0-9].*//;s/\t[SMTWF].. [A-Z].. .* 202.$//'; }
seq 10 > f; sed 2d f > g; diff f g > p; patch f p; cat f; seq 10 > f; printf 'x\n' | cat f - > g; diff f g > p; patch f p; tail -1 f; seq 10 > f; (echo 0; seq 10) > g; diff f g | patch f; head -1 f; seq 10 > f; sed '3,5c X' f > g; diff -c f g | patch f; cat f

diff() { command diff "$@" | sed 's/\t202[0-9]-[0-9].*//;s/\t[SMTWF].. [A-Z].. .* 202.$//'; }
seq 20 > f; sed 's/^5$/five/' f > g; diff -U0 f g > p; patch f p; grep five f; seq 20 > f; sed '/15/d' f > g; diff -u f g | sed 's/^ 12/ 12 changed/' > p; patch f p; seq 20 | diff - f; printf 'text before\n\n' | cat - p > q; seq 20 > f; patch -p0 f < q; cat f | wc -l; seq 20 > f; chmod 755 f; diff -u f g | patch -s f; stat -c %a f

diff() { command diff "$@" | sed 's/\t202[0-9]-[0-9].*//;s/\t[SMTWF].. [A-Z].. .* 202.$//'; }
diff -u /dev/null fruit > p; patch -N fruit < p; echo $?; cat fruit.rej; printf 'x\n' > only; diff -u only /dev/null > p; patch < p; ls only; diff -u /dev/null fruit > p; patch -p0 -R < p; ls fruit

mkdir q; echo x > q/a; printf -- '--- z/q/a\n+++ z/q/a\n@@ -1,2 +1,2 @@\n one\n-two\n+TWO\n' > p; patch -p1 < p; cat q/a.rej; patch -p2 < p; echo $?

printf 'Subject: x\n\ndiff --git a/n/f b/n/f\nindex 1..2 100644\n--- a/n/f\n+++ b/n/f\n@@ -1 +1 @@\n-a\n+b\ndiff --git a/m/f b/m/f\n--- a/m/f\n+++ b/m/f\n@@ -1 +1 @@\n-a\n+b\n' > g; patch -p1 < g; patch -p0 -f < g; patch < g; patch -s -p1 < g; patch -p1 -sf < g
