setup: mkdir -p d/e d/.h o; touch d/a d/b.txt d/e/c d/.h/x; ln -s a d/l; ln -s e d/m; chmod 755 d/a; printf 12345 > d/b.txt
tree d
tree -a d
tree -d d
tree -L 1 d
tree -f d
tree -i d
tree -if --noreport d
tree -F d
tree -I '*.txt' d
tree -P '*.txt' d
tree -r d
tree --dirsfirst d
tree -p d/e
tree -s d/e
tree -h d/e
tree --noreport d
tree o
tree d o
tree nope; echo $?
tree -L 0 d; echo $?
tree
tree --prune -P '*.txt' d
