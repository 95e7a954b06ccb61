setup: mkdir -p d/e; printf hello > a; printf 'world\n' > d/b; seq 1 5000 > d/e/c; ln -s b d/l; ln a h; chmod 750 d/e; chmod 600 d/b; touch -d @1500000000 a d/b d/e/c d/e d; tar cf t.tar --sort=name a d h; tar czf t.tgz d; tar cjf t.tar.bz2 d; tar cJf t.tar.xz d; tar --zstd -cf t.tar.zst d; mkdir out
tar tf t.tar
tar -tvf t.tar
tar tzf t.tgz | sort
tar tf t.tgz | sort
tar tf t.tar.bz2 | sort
tar tf t.tar.xz | sort
tar tf t.tar.zst | sort
tar xf t.tar -C out
tar -x -f t.tgz -C out
tar xzf t.tgz --strip-components=1 -C out
tar xjf t.tar.bz2 -C out; tar -xJf t.tar.xz -C out
tar --zstd -xf t.tar.zst -C out
tar xvf t.tar -C out
tar xf t.tar -C out d/b
tar xf t.tar -C out d/e
tar xf t.tar -C out nope
tar xf t.tar -C out d/ --exclude='*.x' --exclude=e
tar xOf t.tar a d/b
tar -xf t.tar -C nope
tar xf nope.tar
tar tf a
tar xf t.tar -k
~tar xf t.tar --skip-old-files; cat a
tar xf t.tar --overwrite; cat a
tar xmf t.tar -C out
tar -C out -xf t.tar --wildcards '*/c'
cat t.tgz | tar xz -C out
cat t.tar | tar x -C out
tar c d | tar t | sort
tar cf n.tar d; tar tf n.tar | sort
tar cf n.tar -C d b e; tar tf n.tar | sort
tar cvf n.tar a
tar czf n.tgz a d; tar tzvf n.tgz | sort
tar cjf n.tar.bz2 a; tar tf n.tar.bz2
tar cJf n.tar.xz a; tar tf n.tar.xz
tar caf n.tar.gz a; gzip -t n.tar.gz; tar tf n.tar.gz
tar --zstd -cf n.tar.zst a; tar tf n.tar.zst
tar cf n.tar nope; echo $?
tar cf n.tar
tar
tar cf n.tar --exclude='*.txt' --exclude=e d; tar tf n.tar | sort
printf 'a\nd/b\n' > list; tar cf n.tar -T list; tar tf n.tar
~tar cf n.tar $PWD/a; tar tf n.tar | sed 's/.*HERE//;s/.*work..//'
tar cf n.tar ./d; tar tf n.tar | sort
tar cf n.tar d/; tar tf n.tar | sort
cd d; tar cf ../n.tar .; tar tf ../n.tar | sort
tar cf n.tar --owner=0 --group=0 --mtime=@0 --sort=name a d; tar tvf n.tar
tar cf n.tar --mode=a+rwx a; tar tvf n.tar
tar cf n.tar --no-recursion d; tar tf n.tar
tar chf n.tar d/l; tar tvf n.tar
tar rf t.tar a; tar tf t.tar
tar cf - d | (cd out && tar xf -)
tar czf - d | tar xzf - -C out
tar cf n.tar a h; tar tvf n.tar
mkfifo p; tar cf n.tar p; tar tf n.tar
tar --create --file=n.tar --verbose a d/b
tar xf t.tgz d/b -O
tar --list --file t.tar --verbose
n=$(printf 'x%.0s' $(seq 150)); mkdir -p out/$n; echo q > out/$n/$n; tar cf n.tar -C out $n; tar tf n.tar; rm -r out/*; tar xf n.tar -C out
tar cf n.tar -C d b -C e c; tar tf n.tar
tar xf t.tar -C out --no-same-owner -p
tar xpf t.tar --numeric-owner -C out
tar czvf n.tgz d/b
~head -c 3000 t.tar | tar t | head -3; echo
