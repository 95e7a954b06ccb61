setup: mkdir -p d/e; printf hello > a; seq 1 1000 > d/b; ln -s a l; chmod 755 a; touch -d @1500000000 a d/b d/e d; zip -qry t.zip a d l; zip -qr p.zip a d/b; mkdir o
unzip -l p.zip
unzip -l t.zip
unzip -v p.zip | sed 's/ [0-9]* *[0-9]*%/ N/'
~unzip t.zip -d o
unzip -q t.zip -d o
unzip -qq p.zip -d o; ls -lR o
unzip -o p.zip
unzip -n p.zip
~unzip p.zip </dev/null; echo $?
yes | unzip -q p.zip 2>/dev/null; echo $?
unzip -t p.zip
unzip -tq p.zip
unzip -p p.zip a
unzip -c p.zip a
unzip -j p.zip -d o
unzip -o p.zip -x a -d o
unzip p.zip 'd/*' -d o
unzip p.zip nope -d o; echo $?
unzip nope; echo $?
~unzip a; echo $?
unzip -Z1 p.zip
unzip p -d o
unzip -u p.zip
unzip -l p.zip d/b
zip n.zip a; unzip -l n.zip
zip -q n.zip a; unzip -p n.zip a
zip -qr n.zip d; unzip -l n.zip
zip -qj n.zip d/b a; unzip -l n.zip
zip -0 n.zip d/b; unzip -p n.zip d/b | cmp - d/b
zip -q9 n.zip d/b; unzip -p n.zip d/b | cmp - d/b
zip n.zip nope; echo $?
zip p.zip a; unzip -l p.zip | tail -1
~zip -d p.zip a; unzip -Z1 p.zip
zip -d p.zip nope; echo $?
zip -qm n.zip a; ls
zip -qr n.zip . -x '*.zip' 'o/*'; unzip -Z1 n.zip | sort
zip -qr n.zip d -i '*b'; unzip -Z1 n.zip
zip -qy n.zip l; unzip -q n.zip -d o
zip -qrD n.zip d; unzip -Z1 n.zip
zip -q - a | cat > n.zip; unzip -p n.zip
zip -q n a; ls
echo a | zip -q n.zip -@; unzip -Z1 n.zip
zip -qu p.zip a; zip -u p.zip a; echo $?
zip -f p.zip; echo $?
touch -d @1600000000 a; zip -f p.zip; unzip -l p.zip
setup: mkdir -p t/.git t/s; echo one > t/a.txt; echo two > t/s/b.rs; echo x > t/.git/config
zip -qr x.zip t --exclude='*.git*'; unzip -Z1 x.zip | sort; zip -qr y.zip t --exclude='*.rs' ; unzip -Z1 y.zip | sort; zip -r --include='*.rs' -q z.zip t; unzip -Z1 z.zip; zip -qr w.zip t --exclude '*.rs' --exclude='t/.git/*'; unzip -Z1 w.zip | sort; zip -qr v.zip t -x '*.rs' -x '*.txt'; unzip -Z1 v.zip | sort
