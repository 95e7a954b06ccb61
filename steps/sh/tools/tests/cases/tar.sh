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
setup: mkdir -p t/s; echo one > t/a; echo two > t/s/b; ln -s a t/l; ln t/a t/h; touch -d @1600000000 t/a t/s/b t/s t; printf 'x' > z; touch -d @1700000000 z
tar cf x.tar --transform 's,^t,demo-1.0,' t; tar tf x.tar | sort; tar cf y.tar --xform='s|^\./||' ./t ./z; tar tf y.tar | sort
tar cf x.tar --transform 's/a/X/g' --transform 's/X/Y/' t/a t/s/b; tar tf x.tar; tar cf y.tar --transform 's/[ab]$/<&>/;s,t,T,2' t/a t/s/b; tar tf y.tar; tar cf z.tar --transform 's,\(t\)/\(.\),\2-\1,' t/a; tar tf z.tar; tar cf w.tar --transform 's,(t)/(.),\2-\1\U\2,x' t/a; tar tf w.tar
tar cf x.tar --transform 's,^,pre/,' t/a t/l t/h; tar tvf x.tar | awk '{print $1,$6,$7,$8,$9}'; tar cf y.tar --transform 's,^,pre/,S' t/l; tar tvf y.tar | awk '{print $6,$7,$8}'; tar cf z.tar --transform 's,^,pre/,rSH' t/a t/h; tar tf z.tar; tar cf w.tar --transform 's,A,x,i' t/a; tar tf w.tar
tar cf x.tar --sort=name t z; tar xf x.tar --transform 's,^t,new,'; find new | sort; readlink new/l; tar xf x.tar --transform 's,^t/,,' t/s/b; cat s/b; tar tf x.tar --transform 's,^t,new,' | sort; tar tf x.tar --show-transformed-names --transform 's,^t,new,' | sort; tar xvf x.tar --transform 's,t,u,' t/a; ls u
tar cvf x.tar --transform 's,^t,new,' t/a; tar cvf x.tar --show-transformed-names --transform 's,^t,new,' t/a; tar cf x.tar --transform 's,a' t; echo $?; tar cf x.tar --transform 'y,a,b,' t; echo $?
tar cf x.tar --transform 's,^t/,,' -C . t/a t/s; tar tf x.tar | sort; tar czf x.tgz --transform "flags=r;s|a|b|" t 2>/dev/null; echo $?
rm t/h; tar cf x.tar t; mkdir d; tar xf x.tar --one-top-level -C d; find d | sort; tar xf x.tar --one-top-level=q/r; find q | sort; gzip -k x.tar; tar xf x.tar.gz --one-top-level; ls x; tar xf x.tar --one-top-level=t; find t | sort; cp x.tar noend.foo; tar xf noend.foo --one-top-level 2>/dev/null; echo $?
tar cf x.tar --remove-files t/a t/s; find t | sort; tar cf y.tar --remove-files t z; ls; tar tf y.tar | sort
tar cf x.tar --clamp-mtime --mtime=@1650000000 t/a z; tar tvf x.tar | awk '{print $4,$5,$6}'; tar cf y.tar --mtime=@1650000000 t/a z; tar tvf y.tar | awk '{print $4,$5,$6}'
tar cf x.tar --hard-dereference t/a t/h; tar tvf x.tar | awk '{print $1,$3}'; tar cf y.tar t/a t/h; tar tvf y.tar | cut -c1
tar cf x.tar --ignore-failed-read nope z; echo $?; tar tf x.tar; tar cf y.tar nope z; echo $?; tar --acls --selinux --xattrs -cf w.tar z; tar --acls --xattrs -xpf w.tar; tar --no-acls --no-xattrs -tf w.tar
: > e.tar; tar tf e.tar; echo $?; tar xf e.tar; echo $?; head -c 100 /dev/zero | tar tf -; echo $?; tar cf n.tar -T /dev/null; tar tf n.tar; echo $?; head -c 1024 /dev/zero | tar tf -; echo $?
setup: echo 1 > a; touch -d @1500000000 a
tar -cf x.tar --owner=u:1 --group=g:2 a; tar tvf x.tar; tar tvf x.tar --numeric-owner
tar -cf x.tar --owner=nobodyx --group=g a; tar tvf x.tar; tar tvf x.tar --numeric-owner
tar -cf x.tar --owner=root:0 --group=0 a; tar tvf x.tar
tar -cf x.tar --owner=u:1 --numeric-owner a; tar tvf x.tar
tar -Q
tar --nope
tar -cf
