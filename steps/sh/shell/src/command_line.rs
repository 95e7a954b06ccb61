//! The command line of the shell, and a script from its first line to its status.

use crate::fds::{Fds, Handle};
use crate::run::{DEFAULT_PATH, Flow, PARENT, resume};
use crate::shell::{Shell, Tools};
use crate::special;
use crate::state::{LETTERS, Options, Shopts, State};
use crate::syntax::Parser;
use crate::vars::{EXPORT, Text, Value, Var, is_name};
use rustc_hash::FxHashMap;
use std::rc::Rc;
use userland_sys as sys;

/// What a command line asks for.
struct Asked {
    options: Options,
    shopts: Shopts,
    command: bool,
    stdin: bool,
    rest: Vec<String>,
}

/// Runs the shell with these words, its own name first; gives the status.
#[must_use]
pub fn main(words: &[String], tools: Tools) -> i32 {
    let zero = words.first().map_or("sh", String::as_str);
    match words.get(1).map(String::as_str) {
        Some(word) if word == crate::run::RESUME => return resume(tools),
        Some("--check") => return crate::check::main(words.get(2..).unwrap_or_default(), tools),
        _ => {}
    }
    let (called, rest) = match words {
        [_, mark, called, rest @ ..] if mark == crate::run::CALLED => (called.as_str(), rest),
        _ => (zero, words.get(1..).unwrap_or_default()),
    };
    match read_line(zero, rest) {
        Ok(asked) => serve(called, asked, tools),
        Err(status) => status,
    }
}

fn base(zero: &str) -> &str {
    zero.rsplit('/').next().unwrap_or(zero).trim_start_matches('-')
}

fn read_line(zero: &str, words: &[String]) -> Result<Asked, i32> {
    let (options, shopts) = first_options(zero);
    let mut asked = Asked { options, shopts, command: false, stdin: false, rest: Vec::new() };
    let mut at = 0;
    while let Some(word) = words.get(at) {
        let (on, letters) = match (word.strip_prefix('-'), word.strip_prefix('+')) {
            _ if word == "--" || word == "-" => {
                at += 1;
                break;
            }
            (Some(long), _) if long.starts_with('-') => {
                match long.trim_start_matches('-') {
                    "posix" => asked.options.posix = true,
                    "norc" | "noprofile" | "login" | "noediting" | "restricted" => {}
                    "verbose" => asked.options.verbose = true,
                    "version" => {
                        println!(
                            "GNU bash, version {} (x86_64-pc-linux-gnu), as Stepwell's userland speaks it",
                            special::VERSION
                        );
                        return Err(0);
                    }
                    _ => return Err(invalid(zero, word)),
                }
                at += 1;
                continue;
            }
            (Some(letters), _) if !letters.is_empty() => (true, letters),
            (_, Some(letters)) if !letters.is_empty() => (false, letters),
            _ => break,
        };
        for letter in letters.chars() {
            match letter {
                'c' if on => asked.command = true,
                's' if on => asked.stdin = true,
                'l' | 'i' | 'r' => {}
                'o' | 'O' => {
                    at += 1;
                    let name = words.get(at).map(String::as_str).unwrap_or_default();
                    let known = if letter == 'o' { asked.options.set(name, on) } else { asked.shopts.set(name, on) };
                    if !known {
                        eprintln!("{zero}: {name}: invalid option name");
                        return Err(2);
                    }
                }
                letter => {
                    let name = LETTERS.iter().find(|(known, _)| *known == letter).map(|(_, name)| *name);
                    if !name.is_some_and(|name| asked.options.set(name, on)) {
                        return Err(invalid(zero, &format!("-{letter}")));
                    }
                }
            }
        }
        at += 1;
    }
    asked.rest = words.get(at..).unwrap_or_default().to_vec();
    Ok(asked)
}

/// What is on in a shell of this name before anybody says anything.
fn first_options(zero: &str) -> (Options, Shopts) {
    let posix = base(zero) != "bash";
    let options = Options {
        braceexpand: !posix || base(zero) == "sh",
        hashall: true,
        interactive_comments: true,
        posix,
        ..Options::default()
    };
    let shopts = Shopts {
        checkwinsize: true,
        cmdhist: true,
        complete_fullquote: true,
        extquote: true,
        force_fignore: true,
        globasciiranges: true,
        globskipdots: true,
        hostcomplete: true,
        interactive_comments: true,
        patsub_replacement: true,
        progcomp: true,
        promptvars: true,
        sourcepath: true,
        ..Shopts::default()
    };
    (options, shopts)
}

fn invalid(zero: &str, option: &str) -> i32 {
    eprintln!("{zero}: {option}: invalid option");
    2
}

/// The state of a shell that starts: its variables are those of the environment.
fn first_state(zero: &str, asked: &Asked) -> State {
    let mut vars: FxHashMap<Text, Var> = FxHashMap::default();
    let mut foreign = Vec::new();
    for (name, value) in std::env::vars_os() {
        let (name, value) = (name.to_string_lossy().into_owned(), value.to_string_lossy().into_owned());
        match name.as_str() {
            PARENT | "_" => {}
            name if is_name(name) => {
                vars.insert(name.into(), Var::text(&value, EXPORT));
            }
            name => foreign.push(format!("{name}={value}")),
        }
    }
    for (name, value) in [("IFS", " \t\n"), ("OPTIND", "1"), ("OPTERR", "1"), ("PS4", "+ ")] {
        vars.insert(name.into(), Var::text(value, 0));
    }
    let level = vars.get("SHLVL").and_then(|var| var.scalar()?.parse::<i64>().ok()).unwrap_or(0);
    vars.insert("SHLVL".into(), Var::text(&(level + 1).to_string(), EXPORT));
    // Every shell tells its commands where it is, and where it was.
    vars.entry("PWD".into()).or_insert_with(|| Var::text("", EXPORT));
    vars.entry("OLDPWD".into()).or_insert(Var { value: Value::Unset, attributes: EXPORT });
    vars.entry("PATH".into()).or_insert_with(|| Var::text(DEFAULT_PATH, 0));
    State {
        vars: Rc::new(vars),
        functions: Rc::default(),
        function_marks: Rc::default(),
        aliases: Rc::default(),
        options: asked.options,
        shopts: asked.shopts,
        positional: Rc::default(),
        zero: zero.into(),
        label: zero.into(),
        source: zero.into(),
        frames: Vec::new(),
        traps: std::collections::BTreeMap::new(),
        ignored: 0,
        shown_traps: std::collections::BTreeMap::new(),
        status: 0,
        pipe_status: Vec::new(),
        background: None,
        number: sys::own_number(),
        parent: parent(),
        line: 0,
        outer_line: 0,
        asks_command: false,
        substitutes: false,
        level: 0,
        loops: 0,
        unchecked: 0,
        random: 0,
        since: special::seconds(),
        option_place: 0,
        umask: sys::making::mask(),
        directories: Vec::new(),
        foreign: Rc::new(foreign),
        hidden: Rc::default(),
        completions: Rc::default(),
        disabled: Rc::default(),
        last_argument: zero.into(),
        flags: flags(asked),
    }
}

/// The letters of `$-` that say where the script comes from.
fn flags(asked: &Asked) -> Text {
    match (asked.command, asked.stdin) {
        (true, _) => "c".into(),
        (_, true) => "s".into(),
        _ => "".into(),
    }
}

/// The process that started this shell. Whom nobody tells was started by the step itself, or is it.
fn parent() -> u32 {
    let told = std::env::var(PARENT).ok().and_then(|number| number.parse().ok());
    told.unwrap_or(u32::from(sys::own_number() != 1))
}

/// Runs what the command line asks for.
fn serve(zero: &str, mut asked: Asked, tools: Tools) -> i32 {
    let state = first_state(zero, &asked);
    let mut fds = Fds::standard();
    fds.0.extend(crate::run::given_handles());
    let mut shell = Shell::new(state, fds, tools);
    if let Some(here) = shell.var_text("PWD").filter(|here| same_directory(here, &shell.directory)) {
        shell.directory = here;
    }
    let here = shell.directory.clone();
    shell.set_own("PWD", &here);
    if matches!(base(zero), "bash" | "sh") {
        shell.import_functions();
    }
    let mut rest = std::mem::take(&mut asked.rest).into_iter();
    let parser = if asked.command {
        let Some(text) = rest.next() else {
            eprintln!("{zero}: -c: option requires an argument");
            return 2;
        };
        if let Some(name) = rest.next() {
            shell.state.zero = name.as_str().into();
            shell.state.label = name.as_str().into();
        }
        shell.state.source = "environment".into();
        Parser::new(&text, 1, shell.settings())
    } else if let Some(path) = (!asked.stdin).then(|| rest.next()).flatten() {
        match script(&mut shell, zero, &path) {
            Ok(text) => Parser::new(&text, 1, shell.settings()),
            Err(status) => return status,
        }
    } else {
        shell.state.source = "main".into();
        shell.state.flags = "s".into();
        Parser::reading(lines(shell.fds.get(0).cloned()), shell.settings())
    };
    shell.state.positional = Rc::new(rest.map(Text::from).collect());
    let what = if asked.command { "-c" } else { "" };
    let ran = run_all(&mut shell, parser, what);
    shell.leave(ran)
}

/// Runs a whole script: an error ends a command line, and the script goes on with the next.
fn run_all(shell: &mut Shell, mut parser: Parser, what: &str) -> Result<(), Flow> {
    loop {
        let next = parser.next_command();
        shell.warn(&mut parser, what);
        match next {
            Ok(None) => {
                shell.show_source(&parser);
                return Ok(());
            }
            Ok(Some(list)) => {
                shell.show_source(&parser);
                shell.reads(&parser);
                if !shell.state.options.noexec {
                    match shell.run_list(&list) {
                        Ok(()) => {}
                        Err(Flow::Discard(status)) => {
                            shell.state.status = status;
                            shell.state.unchecked = 0;
                            if shell.state.options.errexit || shell.state.options.posix || what == "-c" {
                                return Err(Flow::Exit(status));
                            }
                        }
                        Err(flow) => return Err(flow),
                    }
                }
            }
            Err(error) => {
                // What `-c` was given is named so in the message.
                shell.complain_syntax(&error, what);
                return Err(Flow::Exit(2));
            }
        }
        parser.settings = shell.settings();
    }
}

fn same_directory(one: &str, other: &str) -> bool {
    one.starts_with('/')
        && match (std::fs::canonicalize(one), std::fs::canonicalize(other)) {
            (Ok(one), Ok(other)) => one == other,
            _ => one == other,
        }
}

/// The text of a script in a file.
fn script(shell: &mut Shell, zero: &str, path: &str) -> Result<String, i32> {
    let found = match std::fs::read(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && !path.contains('/') => {
            let directories = shell.var_text("PATH").unwrap_or_default();
            directories.split(':').find_map(|dir| std::fs::read(format!("{dir}/{path}")).ok()).ok_or(error)
        }
        found => found,
    };
    match found {
        Ok(bytes) if bytes.iter().take(80).take_while(|byte| **byte != b'\n').any(|byte| *byte == 0) => {
            eprintln!("{path}: {path}: cannot execute binary file");
            Err(126)
        }
        Ok(bytes) => {
            shell.state.zero = path.into();
            shell.state.label = path.into();
            shell.state.source = path.into();
            Ok(crate::bytes::decode_owned(bytes))
        }
        Err(error) => {
            let why = crate::run::reason(&error);
            eprintln!("{zero}: {path}: {why}");
            Err(if error.kind() == std::io::ErrorKind::NotFound { 127 } else { 126 })
        }
    }
}

/// The lines of standard input, each read when it is needed and not a byte further: commands may read on.
fn lines(input: Option<Handle>) -> crate::syntax::More {
    Box::new(move || {
        let fd = input.as_ref()?.real()?;
        let mut line = Vec::new();
        let mut byte = [0];
        loop {
            match sys::read(fd, &mut byte) {
                Ok(0) => break,
                Ok(_) => {
                    line.push(byte[0]);
                    if byte[0] == b'\n' {
                        break;
                    }
                }
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(_) => break,
            }
        }
        (!line.is_empty()).then(|| crate::bytes::decode_owned(line))
    })
}
