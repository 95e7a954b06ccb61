setup: printf hello > a; printf 'world!' > b.txt; mkdir d d/e; echo x > d/x; ln -s a l; ln -s nowhere broken; touch -d '2020-01-02 03:04:05' old; chmod 755 b.txt; echo h > .hidden; ln a hard; touch -d @1600000000 a b.txt d/x d/e d
ls
ls -a
ls -A
ls -1 d
ls -l old b.txt a
ls -ln old
ls -lg old; ls -lo old
ls -l l broken
ls -L l
~ls -L broken
ls -lL l
ls -F
ls -p
ls --file-type
ls -r
ls -t
ls -tr
ls -S
ls -Sr
ls -d d
ls -d */
ls -R
ls -R d
ls a d
ls a nope
ls nope; echo $?
ls -l nope d
ls -lh b.txt
ls -s a b.txt
ls -m
ls --color=never
ls --full-time old
ls -l --time-style=long-iso old a
ls -l --time-style=+%Y old
ls -l --time-style=full-iso old
ls -X
ls -I '*.txt'
ls --hide='b*'
ls -Q
ls -v; touch f10 f9 f1; ls -v
ls --group-directories-first
ls -lA
ls --sort=size
ls -q
ls -y
ls --nope
ls -l --block-size=1K b.txt
ls -U old
ls -la d | sed 1,3d
ls --zero | tr '\0' ,
setup: printf hello > a; printf 'world!' > b; mkdir d d/e; echo x > d/x; ln -s a l; touch -d @1600000000 a d/x d/e d
cp a c
cp a b
cp a b d
cp a d
cp -v a d
cp a b c
cp a
cp
cp nope c
cp d c
cp -r d c
cp -r d b
?cp -R d d/e
cp -a d c
cp -p a c
cp -n a b
cp -u a b
cp -r d nope/x
cp a nope/x
cp a a
cp -t d a b
cp -T a c
cp -T a d
cp -l a c
cp -s a c
cp -P l c
cp -L l c
cp -d l c
cp -rv d c | sort
cp --parents d/x e
mkdir t; cp --parents d/x t
cp -b a b
cp --backup=numbered a b; cp --backup=numbered a b
cp -S .bak a b
cp --preserve=mode,timestamps a c
cp -a d/. c
mkdir c; cp -r d/. c
cp -i a b </dev/null
echo y | cp -i a b
cp -f a b
chmod 700 a; cp a c
chmod 4755 a; cp -p a c
cp a b/x
cp --remove-destination a l
cp a l
cp -z a b
cp --attributes-only a c
mv a c
mv a b
mv a d
mv -v a d
mv a b d
mv a b c
mv nope c
mv d e
mv d a
mv a d/e
mv a a
mv d d/e
mv -n a b
mv -u a b
mv -T a d
mv -t d a b
mv -b a b
mv -f a b
mv
mv a
mv l m
mv a nope/x
mv -i a b </dev/null
echo y | mv -i a b
mkdir d/d2; mkdir d2; touch d2/q d/d2/q; mv d2 d
rm a
rm a b
rm nope
rm -f nope
rm
rm -f
rm d
rm -r d
rm -rf d nope
rm -rv d | sort
rm -v a
rm -d d
rm -d d/e
rm .
rm -r . ; rm -r ..
rm -i a </dev/null
echo y | rm -i a
echo y | rm -I a
rm l
rm -rf d/
rm l/
rm --nope a
rmdir d
rmdir d/e
rmdir nope
rmdir a
rmdir -p d/e
mkdir -p p/q/r; rmdir -p p/q/r
rmdir -v d/e
rmdir --ignore-fail-on-non-empty d
rmdir
unlink a
unlink nope
unlink
unlink a b
unlink d
mkdir n
mkdir d
mkdir a
mkdir -p d/e
mkdir -p x/y/z
mkdir -p a/b
mkdir x/y
mkdir -m 700 n
mkdir -m u=rwx,g=,o= n
mkdir -pm 700 n/m
mkdir -v n m
mkdir -pv n/m
mkdir
mkdir -m 999 n
mkfifo f; test -p f
mkfifo -m 600 f
mkfifo a
mkfifo
ln a n
ln -s a n
ln -s nowhere n
ln a b
ln -f a b
ln -s a b
ln -sf a b
ln -s a d
ln -sn d m; ln -sfn a m
ln -s d m; ln -sf a m
ln -sT a n
ln -st d a b
ln -v a n
ln -sv a n
ln -sr d/x d/e/n
ln -s ../a
ln d n
ln nope n
ln -b a b
ln
link a n
link a b
link a
readlink l
readlink a
readlink nope
readlink -f l
readlink -f nope
readlink -f nope/x
readlink -e l
readlink -e nope
readlink -m nope/x/../y
readlink -n l
readlink -z l
readlink -v a
readlink
readlink -f d/../l
realpath a
realpath l
realpath nope
realpath nope/x
realpath -e nope
realpath -m nope/x
realpath -s l
realpath --relative-to=d a
realpath --relative-to=. d/x
realpath --relative-base=d d/x a
realpath -q nope/x
realpath d/../a
realpath
touch n
touch a; test a -nt d
touch -c n
touch -d '2020-01-02 03:04:05' n a
touch -t 202001020304.05 n
touch -t 9912312359 n
touch -d @1234567890 n
touch -r d n
touch -a -d @1500000000 a; stat -c '%X %Y' a
touch -m -d @1500000000 a; stat -c %Y a
touch -h -d @1500000000 l; stat -c %Y l
touch nope/x
touch
touch -t 1 n
touch -d garbage n
touch d
chmod 600 a
chmod +x a
chmod u+x,g-r,o= a
chmod a=r a
chmod -x a
chmod -w a
chmod go-rwx a
chmod g=u a
chmod 0755 a
chmod u=rwx,go=rx d
chmod -R 700 d
chmod -R a+rX d
chmod +X a d
chmod -v 600 a; chmod -v 600 a
chmod -c 600 a; chmod -c 600 a
chmod --reference=d a
chmod 888 a
chmod a
chmod
chmod 600 nope
chmod -f 600 nope
chmod foo a
chmod =rw a
chmod o+w,o-r a
chown root a
chown 0:0 a
chown root:root a b
chown -R root d
chown root nope
chown root
chown
chgrp root a
chown nobodyhere a
stat -c '%a %A %F %s %n' a d l
stat -c %N l a
stat -L -c %F l
stat -c '%h %u %g %U %G %Y' a
stat --printf '%s\t%n\n' a b
stat --printf '%a\x41\101' a
stat -c '%010s|%-6s|%6s' a a
stat -c %y d
stat -c '%x %X' d
stat -c %.3Y d
stat -c %f a d l
stat -c '%i %d %D' a >/dev/null
stat a | head -2
stat a d | grep -v -e Change -e Birth -e Inode
stat -t a | cut -d' ' -f1-6
stat nope
stat
stat -c %b a
stat -c '%%' a
stat -c '%o %B' a
mktemp -u tmpXXX >/dev/null
mktemp tmpXX
?mktemp -d q.XXXXXX >/dev/null; ls | wc -l
?mktemp -p d x.XXXX | sed 's/x\..*/x/'
?mktemp --suffix=.txt fooXXXX | sed 's/foo..../foo/'; ls *.txt | wc -l
mktemp -t fooXXXX | sed 's/foo.*//'
mktemp foo
mktemp -q nope/xXXX
mktemp nope/xXXX
?mktemp --tmpdir=d | sed 's/tmp\..*//'
?mktemp fooXXX.c >/dev/null; ls foo* | sed 's/foo.../foo/'
mktemp a b
truncate -s 10 a
truncate -s +3 a
truncate -s -3 a
truncate -s 1K n
truncate -s 0 a b
truncate -s '<3' a
truncate -s '>30' a
truncate -s %4 a
truncate -c -s 3 n
truncate -r b a
truncate -s x a
truncate a
truncate
install a n
install -m 600 a n
install -d x/y
install -d -m 700 x
install -D a x/y/z
install -t d a b
install -v a n
install -p a n
install a b d
install d n
install nope n
install -Dm644 a x/y
install -vD a x/y/z
install -C a n; install -C a n
install
basename /usr/bin/sort
basename include/stdio.h .h
basename -s .h include/stdio.h a.h
basename -a any/str1 any/str2
basename / ; basename //; basename ''; basename a/
basename .h .h
basename -z a b
basename
basename a b c
dirname /usr/bin/
dirname dir1/str dir2/str
dirname stdio.h; dirname /; dirname //a; dirname a//b; dirname ''
dirname -z a/b c
dirname
du -s d
du -b a
du -sb d
du -ab d | sort -k2
du -sh d
du -c a b
du -k a
du -d 1 d
du -a d | sort -k2
du --apparent-size -a a
du -s nope
du -sc a b
du -B1 a
du -sm d
du -0 a
du --exclude=x -ab d | sort -k2
du -d0 d
sync a
sync
sync nope
dd if=a of=n bs=2 status=none
dd if=a of=n bs=2 count=1 status=noxfer
dd if=a of=n bs=1 skip=2 status=none
dd if=a of=b bs=1 seek=2 conv=notrunc status=none
dd if=a of=b bs=1 seek=2 status=none
dd if=/dev/zero of=n bs=1K count=3 status=noxfer
dd if=a conv=ucase status=none
dd if=a bs=2 conv=swab status=none
dd if=a of=n bs=8 conv=sync status=noxfer
echo abc | dd status=none
dd if=nope of=n
dd foo=1
dd bs=0
dd if=a ibs=2 obs=3 of=n status=noxfer
dd if=a of=n iflag=skip_bytes,count_bytes skip=1 count=2 status=none
dd if=a oflag=append conv=notrunc of=b status=none
dd if=a of=n conv=excl status=none; dd if=a of=n conv=excl status=none
setup: mkdir -p d/e; printf hello > a; printf x > d/e/f; chmod 600 a; chmod 700 d; chmod 755 d/e/f; ln -s a l
cp --no-preserve=mode a b; cp -r --no-preserve=mode d n; cp -a --no-preserve=mode d m; cp --no-preserve=mode d/e/f a; cp -p --no-preserve=mode a c; cp --no-preserve=all -r d q; cp --no-preserve=timestamps -p a z; find . -printf '%p %m\n' | sort
ln -L l hard; ln -P l same; ln -LP l b; ln -PL l c; ls -l hard same b c | cut -c1; ln -L gone x; ln -Lf l same; ls -l same | cut -c1
setup: touch aaaaaaaaaaaaaaaaaaaaaaaa bbbbbbbbbbbbbbbbbbbbbbbbbbb cccccccccccccccccccccccc dddddddddddddddddddd e; mkdir f; ln -s e g
ls -m
ls -m -w 30; ls -mF -w 10; ls -m -w 0; ls -ms e f
COLUMNS=40 ls -m; ls -m -w x
