//! What the shell says of scripts that it only reads: syntax errors, and commands that nobody has. Knows the command line
//! and the lines of JSON. What a script may bring itself must not be named.

use std::io::Write;
use std::process::{Command, Stdio};

/// The findings as `LINE KIND NAME-OR-MESSAGE`, a line each.
fn check(script: &[u8], commands: &[&str]) -> String {
    let mut child = Command::new(env!("CARGO_BIN_EXE_sh"))
        .args(["--check", "bash"])
        .args(commands)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("starts");
    child.stdin.take().expect("a pipe").write_all(script).expect("is read");
    let output = child.wait_with_output().expect("ends");
    assert!(matches!(output.status.code(), Some(0 | 1)), "{output:?}");
    let text = String::from_utf8(output.stdout).expect("is text");
    let field = |line: &str, name: &str| {
        let rest = line.split(&format!("\"{name}\":")).nth(1).expect("has it");
        match rest.strip_prefix('"') {
            Some(text) => text.split("\",\"").next().unwrap_or_default().trim_end_matches("\"}").to_owned(),
            None => rest.split(',').next().unwrap_or_default().to_owned(),
        }
    };
    let lines = text.lines().map(|line| {
        let kind = field(line, "kind");
        let what = field(line, if kind == "syntax" { "message" } else { "name" });
        format!("{} {kind} {what}", field(line, "line"))
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn what_is_wrong_is_named_with_its_line() {
    for (script, wanted) in [
        ("docker ps\nif x=$(kubectl get); then :; fi\ndocker ps\n", "1 command docker\n2 command kubectl"),
        ("echo \"a\nb\n", "1 syntax unexpected EOF while looking for matching `\\\"'"),
        ("if true; then\necho\n", "3 syntax syntax error: unexpected end of file"),
        ("echo a\n)\n", "2 syntax syntax error near unexpected token `)'"),
        ("f() { helm up; }\nf | terraform plan <(gh api)\n", "1 command helm\n2 command terraform\n2 command gh"),
        ("list=($(aws s3))\n", "1 command aws"),
        ("tool a\nother b\n", "2 command other"),
    ] {
        assert_eq!(check(script.as_bytes(), &["tool"]), wanted, "{script}");
    }
}

#[test]
fn what_may_be_there_is_not_named() {
    for script in [
        "grep a b | sort; [ -f x ] && . ./env.sh; bash -c true; /bin/cat; ./build.sh; sub/tool",
        "f() { :; }\nf\ng\nfunction g { :; }\n",
        "PATH=$PATH:/opt/x\ntool\n",
        "export PATH=$PATH:/opt/x\ntool\n",
        "declare -x PATH=/opt/x; tool\n",
        "if command -v docker >/dev/null; then docker ps; fi\n",
        "type -P gh && gh api; [ -x \"$(which helm)\" ] && helm up\n",
        "cat > /usr/local/bin/tool <<'EOF'\nEOF\nchmod +x /usr/local/bin/tool; tool\n",
        "tar xf tool.tar -C /usr/local/bin && tool\n",
        "eval \"$(cat functions)\"\ntool\n",
        "alias ll='ls -l'\nll\n",
        "command_not_found_handle() { echo no $1; }\ntool\n",
        "${TOOL} a; \"$tool\" b; $(echo tool) c; tool-$x; ~/tool\n",
        "true\nexit 0\n)) not a \"script\n",
        "exec cat\n)) not a \"script\n",
        // Extended patterns, on and off.
        "if !(test x); then :; fi\n",
        "shopt -s extglob\ncase a in @(a|b)) ;; esac\nrm !(x)\n",
    ] {
        assert_eq!(check(script.as_bytes(), &[]), "", "{script}");
    }
}

#[test]
fn no_text_is_too_much() {
    assert_eq!(check("(".repeat(100_000).as_bytes(), &[]), "1 syntax syntax error: commands nested too deep");
    assert_eq!(check("$(".repeat(100_000).as_bytes(), &[]), "1 syntax syntax error: commands nested too deep");
    assert_eq!(check("\"${x:-".repeat(100_000).as_bytes(), &[]).lines().count(), 1);
    for endless in ["[[ ", "[[ a && ", "[[ a || "] {
        let (start, more) = endless.split_once(' ').expect("a word");
        let more = if more.is_empty() { "! " } else { more };
        let found = check(format!("{start} {}", more.repeat(500_000)).as_bytes(), &[]);
        assert!(found.starts_with("1 syntax syntax error: co"), "{endless}: {found}");
    }
    assert_eq!(check(b"cat <<EOF\nnever ended", &[]), "");
    check(b"echo a\0b \xff\xfe\n", &[]);
    let many: String = (0..20_000).map(|number| format!("tool{number} a b c\n")).collect();
    assert_eq!(check(many.as_bytes(), &[]).lines().count(), 50);
    let installed: String = (0..20_000).map(|number| format!("t{number} bin/t{number}\n")).collect();
    assert_eq!(check(installed.as_bytes(), &[]), "");
}
