# Runs each case of a folder ($1) in a folder of its own below another ($2), which afterwards holds what it printed
# (out), said (err) and ended with (code), and the files that it left (place).
set -u
mkdir -p "$2"
for case in "$1"/*/; do
    case=${case%/}
    answer=$2/${case##*/}
    place=$answer/place
    mkdir -p "$place" && cd "$place" || exit 1
    environment=()
    while IFS= read -r variable; do environment+=("$variable"); done <"$case/environment"
    clean() { timeout 200 env -i "${environment[@]}" PWD="$place" bash "$@" </dev/null; }
    if [ -d "$case/files" ]; then cp -R "$case/files/." .; fi
    if [ -f "$case/script.sh" ]; then
        cp "$case/script.sh" .
        set -- "$1" "$2" script.sh
    else
        set -- "$1" "$2" -c "$(<"$case/line")"
    fi
    if [ -f "$case/setup" ] && ! clean -c "$(<"$case/setup")" >"$answer/out" 2>"$answer/err"; then
        echo "the setup failed" >"$answer/code"
        continue
    fi
    clean "${@:3}" >"$answer/out" 2>"$answer/err"
    echo $? >"$answer/code"
done
