umask 077; touch a; mkdir d; mkdir -p e/f/g; echo x > r; cp r c; echo y | tee t > /dev/null; dd if=r of=dd 2>/dev/null; install r i; install -d id/x; mkfifo ff; ln -s r l; m=$(mktemp -d m.XXXX); truncate -s 3 tr; sort -o so r; split -l1 r sp.; awk '{print > "aw"}' r; gzip -k r; stat -c '%a %n' a d e e/f e/f/g r c t dd i id id/x ff tr so sp.* aw r.gz; stat -c %a $m; rmdir $m
#---
umask 002; touch a; mkdir d; mkdir -p e/f; mkdir -m 750 g; mkdir -m g-w,o+w h; echo r > r; chmod 700 r; cp r c; chmod +w r; cp -p r p; cp -r d d2; cp --parents d/../r e; tar cf t.tar d r; tar xf t.tar -C e; stat -c '%a %n' a d e e/f g h r c p d2 t.tar e/r e/d
#---
umask 027; bash -c 'umask; touch a; sh -c "mkdir b"'; echo c | xargs touch; find . -name a -exec cp {} d \; ; env touch e; env -i touch f; timeout 5 touch g; (umask 0; touch h; mkdir i); touch j; { touch k; } & wait; echo | touch l; x=$(touch m; umask); echo $x; awk 'BEGIN { system("touch n") }'; nohup touch o 2>/dev/null; printf '#!/bin/sh\ntouch p\numask\n' > s; chmod +x s; ./s; stat -c '%a %n' *; env | grep -c SH_UMASK; export -p | grep SH_
#---
umask 000; touch a; mkdir b; echo > c; mkdir -p d/e; sed 's/x/y/' c > f; sed -n w\ g c; tee h < c; diff -u /dev/null script.sh > p; mkdir pp; cd pp; patch -s < ../p; cd ..; stat -c '%a %n' * pp/*; rm p
#---
umask 077; exec 3> f; echo x >&3; set -C; echo y > g; set +C; echo z >> h; : <> i; stat -c '%a %n' *; chmod 755 f; cp f k; cp /dev/null new; cat f > old; stat -c '%a %n' *; env | grep SH_
#---
umask u=rwx,g=,o=; touch x; stat -c %a x; umask -S; trap 'touch y; stat -c %a y' EXIT; umask 022

#---
exec 3>&1 4>f; timeout 5 bash -c 'echo t >&3'; env bash -c 'echo e >&3'; echo x | xargs sh -c 'echo xargs $0 >&3'; find . -name f -exec sh -c 'echo find >&3' \; ; echo a | awk '{print "awk" > "/dev/fd/4"}'; (bash -c 'echo nested >&4'); nice bash -c 'bash -c "echo deep >&4"'; exec 3>&-; timeout 5 bash -c 'echo t >&3'; env | grep SH_; exec 4>&-; cat f
#---
printf 'a\nb\n' > f; exec 5<f; read x <&5; echo $x; env bash -c 'read y <&5; echo $y'; exec 5>&-; exec 6>g; echo tee | tee -a /dev/fd/6 > /dev/null; exec 6>&-; cat g
