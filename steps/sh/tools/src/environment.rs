//! `env`, `printenv`, `nohup`, `nice`, `which`: what starts other programs, and where they are.
//!
//! Knows that a tool is another instance of this program, that other modules go by name, and that a script is a file.

use crate::options::{Given, Table};
use crate::outcome::{Failed, Outcome, output, quoted, reason};
use crate::status::{Kind, Status};
use std::ffi::OsString;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use userland_sys::{Ended, Start};

static KNOWN: OnceLock<fn(&str) -> bool> = OnceLock::new();

/// Tells which names are tools of the whole userland; without it, those of this crate.
pub fn set_known(known: fn(&str) -> bool) {
    let _ = KNOWN.set(known);
}

fn is_tool(name: &str) -> bool {
    match KNOWN.get() {
        Some(known) => known(name),
        None => crate::find(name).is_some(),
    }
}

/// Where tools are said to be.
const PLACES: [&str; 6] = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

/// Where a command comes from.
pub enum Found {
    /// A tool of the userland.
    Tool,
    /// A module that goes by name.
    Module,
    /// A file to be run.
    File(PathBuf),
}

/// Whether a path is one where a system has a tool that the userland has, or a module for it.
pub fn is_installed(path: &str) -> bool {
    path.rsplit_once('/').is_some_and(|(place, name)| {
        PLACES.contains(&place) && (is_tool(name) || userland_sys::commands().iter().any(|command| command == name))
    })
}

/// Looks a command up. The error is the exit code and the reason.
pub fn look_up(name: &str) -> Result<Found, (i32, String)> {
    let missing = || (127, "No such file or directory".to_owned());
    if name.contains('/') {
        let path = Path::new(name);
        return match Status::of(path, true) {
            Ok(status) if status.is_directory() => Err((126, "Permission denied".to_owned())),
            Ok(status) if status.mode & 0o111 == 0 => Err((126, "Permission denied".to_owned())),
            Ok(_) => Ok(Found::File(path.to_owned())),
            Err(_) => match name.rsplit_once('/') {
                Some((place, tool)) if PLACES.contains(&place) && is_tool(tool) => Ok(Found::Tool),
                _ => Err(missing()),
            },
        };
    }
    if userland_sys::commands().iter().any(|command| command == name) {
        return Ok(Found::Module);
    }
    if let Some(path) = in_path(name).next() {
        return Ok(Found::File(path));
    }
    if is_tool(name) { Ok(Found::Tool) } else { Err(missing()) }
}

/// The files of that name in `PATH` that can be run. Natively the system's own tools are no part of the userland.
fn in_path(name: &str) -> impl Iterator<Item = PathBuf> + use<'_> {
    let paths = std::env::var("PATH").unwrap_or_default();
    let places: Vec<PathBuf> = paths.split(':').filter(|place| !place.is_empty()).map(PathBuf::from).collect();
    let places = places
        .into_iter()
        .filter(|place| cfg!(target_os = "wasi") || !PLACES.iter().any(|own| Path::new(own) == place));
    places
        .map(move |place| place.join(name))
        .filter(|path| Status::of(path, true).is_ok_and(|status| status.kind == Kind::File && status.mode & 0o111 != 0))
}

/// A command to be started with our handles.
pub struct Command {
    arguments: Vec<String>,
    environment: Vec<String>,
    directory: String,
}

impl Command {
    pub fn new(words: &[OsString]) -> Self {
        Self {
            arguments: words.iter().map(|word| word.to_string_lossy().into_owned()).collect(),
            environment: std::env::vars_os()
                .map(|(name, value)| format!("{}={}", name.to_string_lossy(), value.to_string_lossy()))
                .collect(),
            directory: std::env::current_dir()
                .map_or_else(|_| "/".to_owned(), |path| path.to_string_lossy().into_owned()),
        }
    }

    /// Starts it; the error has the exit code.
    pub fn start(&self, own: &str) -> Outcome<u32> {
        let name = self.arguments.first().map_or("", String::as_str);
        let failed = |(code, why): (i32, String)| Failed::new(code, format!("{}{why}", shown(own, name)));
        let found = look_up(name).map_err(failed)?;
        let mut arguments = self.arguments.clone();
        if let (Found::File(path), Some(first)) = (&found, arguments.first_mut()) {
            *first = path.to_string_lossy().into_owned();
        }
        let handles: Vec<(u32, u32)> = (0..16)
            .filter(|fd| *fd < 3 || cfg!(unix))
            .filter(|fd| userland_sys::is_open(*fd))
            .map(|fd| (fd, fd))
            .collect();
        let start = Start {
            program: matches!(found, Found::Module).then_some(name),
            arguments: &arguments,
            environment: &self.environment,
            directory: &self.directory,
            mask: userland_sys::making::mask(),
            handles: &handles,
        };
        let _ = io::stdout().flush();
        userland_sys::start(&start).map_err(|error| failed((126, reason(&error))))
    }
}

fn shown(own: &str, name: &str) -> String {
    match own {
        "timeout" | "nohup" => format!("failed to run command {}: ", quoted(name)),
        _ => format!("{}: ", quoted(name)),
    }
}

/// Waits for a command in whose place this program is.
pub fn ended(child: u32) -> Outcome {
    how(child).map(as_it)
}

/// Waits for a command; says how it ended.
pub fn how(child: u32) -> Outcome<Ended> {
    loop {
        match userland_sys::wait(Some(child), true) {
            Ok(Some((_, how))) => return Ok(how),
            Ok(None) => {}
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(Failed::new(125, format!("waiting: {}", reason(&error)))),
        }
    }
}

/// Ends as a command did in whose place this program is: by the same signal, or with its code.
fn as_it(how: Ended) -> i32 {
    if let Ended::Signalled(signal) = how {
        let _ = userland_sys::kill(0, signal);
    }
    i32::from(how.status())
}

const ENV: Table = Table::new(
    "env",
    &[
        "i,ignore-environment",
        "0,null",
        "u,unset=",
        "C,chdir=",
        "S,split-string=",
        "v,debug",
        "ignore-signal=?",
        "default-signal=?",
        "block-signal=?",
    ],
)
.code(125)
.in_order();

pub fn env(mut arguments: Vec<OsString>) -> Outcome {
    // A lone dash is -i.
    if arguments.get(1).is_some_and(|one| one == "-") {
        arguments[1] = OsString::from("-i");
    }
    let mut given = ENV.read(arguments)?;
    if let Some(text) = given.text("split-string") {
        given = with_split(&mut given, &text)?;
    }
    for key in ["ignore-signal", "default-signal", "block-signal"] {
        if given.has(key) {
            return Err(Failed::new(125, format!("--{key} is not supported here")));
        }
    }
    let tells = given.has("debug");
    let mut command = Command::new(&[]);
    take_away(&given, &mut command.environment);
    let mut words = given.operands.as_slice();
    while let Some(text) = words.first().map(|word| word.to_string_lossy()) {
        let Some((name, _)) = text.split_once('=') else { break };
        if name.is_empty() {
            return Err(Failed::new(125, format!("cannot set {}: Invalid argument", quoted(name))));
        }
        tell(tells, format_args!("setenv:   {text}"));
        set(&mut command.environment, name, Some(&text));
        words = &words[1..];
    }
    if words.is_empty() {
        if given.has("chdir") {
            return Err(Failed::new(
                125,
                "must specify command with --chdir (-C)\nTry 'env --help' for more information.",
            ));
        }
        let mut out = output();
        for one in &command.environment {
            write!(out, "{one}{}", if given.has("null") { '\0' } else { '\n' })?;
        }
        out.flush()?;
        return Ok(0);
    }
    if given.has("null") {
        return Err(Failed::new(
            125,
            "cannot specify --null (-0) with command\nTry 'env --help' for more information.",
        ));
    }
    if let Some(directory) = given.value("chdir") {
        tell(tells, format_args!("chdir:    {}", quoted(directory)));
        let whole = std::fs::canonicalize(directory).map_err(|error| {
            Failed::new(125, format!("cannot change directory to {}: {}", quoted(directory), reason(&error)))
        })?;
        command.directory = whole.to_string_lossy().into_owned();
        if cfg!(target_os = "wasi") {
            // There a program is told its working directory by the environment.
            let here = format!("PWD={}", command.directory);
            set(&mut command.environment, "PWD", Some(&here));
        }
    }
    command.arguments = Command::new(words).arguments;
    if let Some(name) = command.arguments.first() {
        tell(tells, format_args!("executing: {name}"));
    }
    for (at, argument) in command.arguments.iter().enumerate() {
        tell(tells, format_args!("   arg[{at}]= {}", quoted(argument)));
    }
    let child = command.start("env")?;
    ended(child)
}

/// What `-v` says.
fn tell(tells: bool, text: std::fmt::Arguments<'_>) {
    if tells {
        eprintln!("{text}");
    }
}

/// Takes variables away, all or those that are named.
fn take_away(given: &Given, environment: &mut Vec<String>) {
    let tells = given.has("debug");
    if given.has("ignore-environment") {
        tell(tells, format_args!("cleaning environ"));
        return environment.clear();
    }
    for (_, value) in given.all().filter(|(key, _)| *key == "unset") {
        let name = value.unwrap_or_default().to_string_lossy();
        tell(tells, format_args!("unset:    {name}"));
        set(environment, &name, None);
    }
}

/// With the words of `-S` in its place.
fn with_split(given: &mut Given, text: &str) -> Outcome<Given> {
    let words = split(text)?;
    let mut all = vec![OsString::from("env")];
    if given.has("debug") {
        eprintln!("split -S:  {}", quoted(text));
        for (at, word) in words.iter().enumerate() {
            eprintln!("{}    {}", if at == 0 { " into:" } else { "     &" }, quoted(word));
        }
        all.push("-v".into());
    }
    all.extend(words);
    all.append(&mut given.operands);
    ENV.read(all)
}

/// Sets or takes away a variable.
fn set(list: &mut Vec<String>, name: &str, text: Option<&str>) {
    let begin = format!("{name}=");
    match (list.iter().position(|one| one.starts_with(&begin)), text) {
        (Some(at), Some(text)) => text.clone_into(&mut list[at]),
        (Some(at), None) => drop(list.remove(at)),
        (None, Some(text)) => list.push(text.to_owned()),
        (None, None) => {}
    }
}

/// The words of `-S`: blanks part them, quotes keep them together, `${NAME}` is a variable.
fn split(text: &str) -> Outcome<Vec<OsString>> {
    let mut words: Vec<String> = Vec::new();
    let mut word: Option<String> = None;
    let mut rest = text.chars().peekable();
    let mut quote = None;
    while let Some(one) = rest.next() {
        match (one, quote) {
            ('\'' | '"', None) => {
                quote = Some(one);
                word.get_or_insert_default();
            }
            (one, Some(mark)) if one == mark => quote = None,
            ('\\', mark) if mark != Some('\'') => {
                let next = match rest.next() {
                    Some('n') => '\n',
                    Some('t') => '\t',
                    Some('r') => '\r',
                    Some('_') if mark.is_none() => {
                        words.extend(word.take());
                        continue;
                    }
                    Some('_') => ' ',
                    Some('c') => break,
                    Some(next) => next,
                    None => return Err(Failed::new(125, "invalid backslash at end of string in -S")),
                };
                word.get_or_insert_default().push(next);
            }
            ('$', mark) if mark != Some('\'') => {
                if rest.next() != Some('{') {
                    return Err(Failed::new(125, "only ${VARNAME} expansion is supported"));
                }
                let name: String = rest.by_ref().take_while(|one| *one != '}').collect();
                word.get_or_insert_default().push_str(&std::env::var(name).unwrap_or_default());
            }
            ('#', None) if word.is_none() => break,
            (one, None) if one.is_whitespace() => words.extend(word.take()),
            (one, _) => word.get_or_insert_default().push(one),
        }
    }
    if quote.is_some() {
        return Err(Failed::new(125, "no terminating quote in -S string"));
    }
    words.extend(word);
    Ok(words.into_iter().map(OsString::from).collect())
}

const PRINTENV: Table = Table::new("printenv", &["0,null"]).code(2);

pub fn printenv(arguments: Vec<OsString>) -> Outcome {
    let given = PRINTENV.read(arguments)?;
    let end = if given.has("null") { '\0' } else { '\n' };
    let mut out = output();
    let mut code = 0;
    if given.operands.is_empty() {
        for (name, value) in std::env::vars_os() {
            write!(out, "{}={}{end}", name.to_string_lossy(), value.to_string_lossy())?;
        }
    }
    for name in &given.operands {
        match std::env::var_os(name) {
            Some(value) if !name.to_string_lossy().contains('=') => write!(out, "{}{end}", value.to_string_lossy())?,
            _ => code = 1,
        }
    }
    out.flush()?;
    Ok(code)
}

const NOHUP: Table = Table::new("nohup", &[]).code(125).in_order();

/// There are no terminals that could hang up: the command runs as it is.
pub fn nohup(arguments: Vec<OsString>) -> Outcome {
    let given = NOHUP.read(arguments)?;
    if given.operands.is_empty() {
        return Err(crate::options::missing(&NOHUP));
    }
    let child = Command::new(&given.operands).start("nohup")?;
    ended(child)
}

const NICE: Table = Table::new("nice", &["n,adjustment="]).code(125).in_order();

/// The sandbox has no priorities: a command runs as it would without.
pub fn nice(arguments: Vec<OsString>) -> Outcome {
    // -5 and --5 are old forms of -n 5 and -n -5.
    let old = |text: &OsString| {
        let text = text.to_string_lossy();
        text.len() > 1 && text.starts_with('-') && text[1..].trim_start_matches('-').parse::<u32>().is_ok()
    };
    let mut arguments = arguments;
    if arguments.get(1).is_some_and(old) {
        arguments.remove(1);
    }
    let given = NICE.read(arguments)?;
    if let Some(text) = given.text("adjustment")
        && text.parse::<i64>().is_err()
    {
        return Err(Failed::new(125, format!("invalid adjustment {}", quoted(&text))));
    }
    if given.operands.is_empty() {
        if given.has("adjustment") {
            return Err(NICE.misused("a command must be given with an adjustment"));
        }
        println!("0");
        return Ok(0);
    }
    let child = Command::new(&given.operands).start("nice")?;
    ended(child)
}

const WHICH: Table = Table::new("which", &["a,all", "s"]).code(2);

pub fn which(arguments: Vec<OsString>) -> Outcome {
    let given = WHICH.read(arguments)?;
    let mut out = output();
    let mut code = 0;
    for name in &given.operands {
        let name = name.to_string_lossy();
        let mut places: Vec<String> = Vec::new();
        if name.contains('/') {
            if look_up(&name).is_ok() {
                places.push(name.clone().into_owned());
            }
        } else {
            places.extend(in_path(&name).map(|path| path.to_string_lossy().into_owned()));
            if is_tool(&name) || userland_sys::commands().iter().any(|command| *command == name) {
                places.push(format!("/usr/bin/{name}"));
            }
        }
        if places.is_empty() {
            code = 1;
        }
        for place in places.iter().take(if given.has("all") { usize::MAX } else { 1 }).filter(|_| !given.has("s")) {
            writeln!(out, "{place}")?;
        }
    }
    out.flush()?;
    Ok(if given.operands.is_empty() { 1 } else { code })
}
