split numbers; ls x*; cat xaa; rm x*; split -l 5 numbers; ls x*; head xaa xad; split -5 numbers p; ls p*; split -l 3 -d numbers q; ls q*; split -b 10 numbers r; ls r*; cat rab; split -C 12 numbers s; ls s*; cat sab

split -n 3 numbers; ls x*; cat xab; split -n l/3 numbers y; cat yab; split -n r/3 numbers z; cat zab; split -n 2/3 numbers; split -n l/2/3 numbers; split -n r/1/4 numbers; split -a 3 -l 10 numbers w; ls w*; split -l 10 --additional-suffix=.txt numbers v; ls v*; split -l 7 --numeric-suffixes=5 numbers u; ls u*; split -x -l 2 numbers t; ls t*

cat numbers | split -l 8 - in_; ls in_*; split --verbose -l 10 numbers; split -l 5 --filter='cat > $FILE.f; echo $FILE' numbers; ls *.f; split -l 0 numbers; split -l x numbers; split nothere; split -b 1K numbers k; ls k*; split -n 25 -e open e; ls e*; split -l 1 -a 1 fruit o; ls o?; seq 700 | split -l 1; ls x* | wc -l; ls xz* | head -3; printf 'a:b:c:' | split -t: -l 1 - c_; cat c_ab; split -n 0 numbers; split -l 2 -b 3 numbers; split a b c; split -b 1 -a 1 numbers; echo $?; split empty; ls x | wc -l

csplit numbers 5; ls xx*; cat xx00; csplit numbers 5 10; ls xx*; csplit numbers /7/; cat xx01; csplit numbers /1/ '{2}'; csplit -s numbers /5/ '{*}'; ls xx*; csplit numbers %10%; cat xx00; csplit -f part -n 3 numbers 3 6; ls part*; csplit numbers /7/+1; cat xx00; csplit numbers /7/-2; cat xx00; csplit -k numbers /99/; ls xx*; csplit numbers 100; echo $?

csplit -z ini '/^\[/' '{*}'; cat xx00; csplit -s -b '%03d.txt' numbers 5; ls *.txt; csplit --suppress-matched numbers /5/; cat xx01; csplit numbers; csplit; csplit nothere 1; csplit numbers xyz; csplit numbers '/1'; csplit numbers 0; csplit -n x numbers 3; csplit numbers 5 '{1}'; ls xx*; csplit -q log '/ERROR/' '{1}'; cat xx01; csplit numbers '/\(/'; cat numbers | csplit - 4; csplit numbers /3/ '{x}'

column fruit; column numbers; column -c 40 numbers; column -x -c 40 numbers; column -t table; column -t -s: table; column -t -s: -o ' | ' table; column -t words; column -t -s: -N name,age,city table; column -t -s: -N name,age,city -R age table; column -t -s: -R 2 table; column -t -l 2 words; column -c 10 fruit; column nothere; column empty; seq 100 | column; seq 100 | column -c 60; column -t log; printf 'a,,b\nc,d,e\n' | column -t -s,; column -t -s: -H 2 table; printf 'a b\n\nc d\n' | column -t; printf 'x\n\ny\n' | column; column -t -s: -d -N a,b,c table

head -5c fruit; echo; head -1k fruit | wc -c; head -1b fruit | wc -c; head -2l fruit; tail -3c fruit; tail -1l fruit; head -5c nothere; tail --retry -n1 fruit; tail --retry -c2 open
