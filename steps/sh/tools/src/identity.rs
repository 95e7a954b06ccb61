//! `id`, `whoami`, `groups`, `logname`, `hostname`, `uname`, `arch`, `nproc`, `tty`, `getconf`,
//! `getent`: what the sandbox is.
//!
//! Knows that its user is root where nobody says otherwise, that it has one processor and no terminal, and that its name is `stepwell`.

use crate::options::Table;
use crate::outcome::{Failed, Outcome, output, quoted};
use std::ffi::OsString;
use std::io::Write;

pub const HOST: &str = "stepwell";
const MACHINE: &str = "wasm32";
const RELEASE: &str = "6.1.0";
const BUILD: &str = "#1 stepwell sandbox";

const ID: Table = Table::new("id", &["u,user", "g,group", "G,groups", "n,name", "r,real", "z,zero", "a", "Z,context"]);

fn is_root(name: &std::ffi::OsStr) -> bool {
    matches!(name.to_str(), Some("root" | "0"))
}

pub fn id(arguments: Vec<OsString>) -> Outcome {
    let given = ID.read(arguments)?;
    if given.has("context") {
        return Err(Failed::from("--context (-Z) works only on an SELinux-enabled kernel"));
    }
    let kinds = ["user", "group", "groups"].iter().filter(|key| given.has(key)).count();
    if kinds > 1 {
        return Err(Failed::from("cannot print \"only\" of more than one choice"));
    }
    if kinds == 0 && (given.has("name") || given.has("real")) {
        return Err(Failed::from("cannot print only names or real IDs in default format"));
    }
    for name in &given.operands {
        if !is_root(name) {
            return Err(Failed::from(format!("{}: no such user", quoted(name))));
        }
    }
    let (user, group) = if given.operands.is_empty() { userland_sys::user() } else { (0, 0) };
    let (kind, number) = if given.has("user") { ("user", user) } else { ("group", group) };
    let shown = |number: u32| if number == 0 { "0(root)".to_owned() } else { number.to_string() };
    let text = match (kinds, given.has("name")) {
        (0, _) => format!("uid={} gid={} groups={}", shown(user), shown(group), shown(group)),
        (_, true) if number == 0 => "root".to_owned(),
        (_, _) => number.to_string(),
    };
    let mut out = output();
    write!(out, "{text}{}", if given.has("zero") { '\0' } else { '\n' })?;
    out.flush()?;
    if given.has("name") && number != 0 { Err(nameless(kind, number)) } else { Ok(0) }
}

fn nameless(kind: &str, number: u32) -> Failed {
    Failed::from(format!("cannot find name for {kind} ID {number}"))
}

/// The name of the step's own user.
fn own_name() -> Outcome {
    match userland_sys::user().0 {
        0 => line("root"),
        user => Err(nameless("user", user)),
    }
}

fn line(text: &str) -> Outcome {
    let mut out = output();
    writeln!(out, "{text}")?;
    out.flush()?;
    Ok(0)
}

fn without_operands(table: Table, arguments: Vec<OsString>) -> Outcome<()> {
    let given = table.read(arguments)?;
    match given.operands.first() {
        Some(extra) => Err(crate::options::extra(&table, extra)),
        None => Ok(()),
    }
}

pub fn whoami(arguments: Vec<OsString>) -> Outcome {
    without_operands(Table::new("whoami", &[]), arguments)?;
    own_name()
}

pub fn logname(arguments: Vec<OsString>) -> Outcome {
    without_operands(Table::new("logname", &[]), arguments)?;
    own_name()
}

pub fn groups(arguments: Vec<OsString>) -> Outcome {
    let given = Table::new("groups", &[]).read(arguments)?;
    for name in &given.operands {
        if !is_root(name) {
            return Err(Failed::from(format!("{}: no such user", quoted(name))));
        }
        line(&format!("{} : root", name.to_string_lossy()))?;
    }
    match (given.operands.is_empty(), userland_sys::user().1) {
        (false, _) => Ok(0),
        (true, 0) => line("root"),
        (true, group) => {
            line(&group.to_string())?;
            Err(nameless("group", group))
        }
    }
}

pub fn hostname(arguments: Vec<OsString>) -> Outcome {
    let table = Table::new(
        "hostname",
        &["s,short", "f,fqdn,long", "d,domain", "i,ip-address", "I,all-ip-addresses", "F,file="],
    );
    let given = table.read(arguments)?;
    if given.has("file") || !given.operands.is_empty() {
        return Err(Failed::from("you must be root to change the host name"));
    }
    match given.last(&["short", "long", "domain", "ip-address", "all-ip-addresses"]) {
        Some("domain") => line(""),
        Some("ip-address" | "all-ip-addresses") => line("127.0.0.1"),
        _ => line(HOST),
    }
}

const UNAME: Table = Table::new(
    "uname",
    &[
        "a,all",
        "s,kernel-name",
        "n,nodename",
        "r,kernel-release",
        "v,kernel-version",
        "m,machine",
        "p,processor",
        "i,hardware-platform",
        "o,operating-system",
    ],
);

pub fn uname(arguments: Vec<OsString>) -> Outcome {
    let given = UNAME.read(arguments)?;
    if let Some(extra) = given.operands.first() {
        return Err(crate::options::extra(&UNAME, extra));
    }
    let parts = [
        ("kernel-name", "Linux"),
        ("nodename", HOST),
        ("kernel-release", RELEASE),
        ("kernel-version", BUILD),
        ("machine", MACHINE),
        ("processor", "unknown"),
        ("hardware-platform", "unknown"),
        ("operating-system", "GNU/Linux"),
    ];
    let all = given.has("all");
    let shown = parts.iter().filter(|(key, text)| given.has(key) || all && *text != "unknown");
    let mut texts: Vec<&str> = shown.map(|(_, text)| *text).collect();
    if texts.is_empty() {
        texts.push("Linux");
    }
    line(&texts.join(" "))
}

pub fn arch(arguments: Vec<OsString>) -> Outcome {
    without_operands(Table::new("arch", &[]), arguments)?;
    line(MACHINE)
}

pub fn nproc(arguments: Vec<OsString>) -> Outcome {
    let table = Table::new("nproc", &["all", "ignore="]);
    let given = table.read(arguments)?;
    if let Some(extra) = given.operands.first() {
        return Err(crate::options::extra(&table, extra));
    }
    if let Some(text) = given.text("ignore")
        && text.parse::<u64>().is_err()
    {
        return Err(Failed::from(format!("invalid number: {}", quoted(text))));
    }
    line("1")
}

pub fn tty(arguments: Vec<OsString>) -> Outcome {
    let table = Table::new("tty", &["s,silent,quiet"]).code(2);
    let given = table.read(arguments)?;
    if let Some(extra) = given.operands.first() {
        return Err(crate::options::extra(&table, extra));
    }
    if !given.has("quiet") {
        line("not a tty")?;
    }
    Ok(1)
}

pub fn getconf(arguments: Vec<OsString>) -> Outcome {
    let names: Vec<_> = arguments.iter().skip(1).map(|name| name.to_string_lossy()).collect();
    let text = match names.first().map(AsRef::as_ref) {
        Some("_NPROCESSORS_ONLN" | "_NPROCESSORS_CONF" | "NPROCESSORS_ONLN" | "NPROCESSORS_CONF") => "1",
        Some("PAGE_SIZE" | "PAGESIZE") => "4096",
        Some("LONG_BIT") => "32",
        Some("ARG_MAX") => "2097152",
        Some("PATH_MAX") => "4096",
        Some("NAME_MAX") => "255",
        Some("OPEN_MAX") => "1024",
        Some("CHAR_BIT") => "8",
        Some("INT_MAX") => "2147483647",
        Some("PATH") => "/bin:/usr/bin",
        Some(name) => return Err(Failed::new(2, format!("Unrecognized variable {}", quoted(name)))),
        None => return Err(Failed::new(2, "missing operand")),
    };
    line(text)
}

const GETENT: Table = Table::new("getent", &["i,no-idn", "s,service="]).in_order();

/// What systems keep in files: here there is one user and one group, and the host itself.
pub fn getent(arguments: Vec<OsString>) -> Outcome {
    let given = GETENT.read(arguments)?;
    let mut operands = given.operands.iter().map(|operand| operand.to_string_lossy().into_owned());
    let Some(database) = operands.next() else { return Err(GETENT.misused("wrong number of arguments")) };
    let (keys, entry): (&[&str], String) = match database.as_str() {
        "passwd" => (&["root", "0"], "root:x:0:0:root:/root:/bin/bash".to_owned()),
        "group" => (&["root", "0"], "root:x:0:".to_owned()),
        "hosts" | "ahosts" | "ahostsv4" => (&["localhost", "127.0.0.1", HOST], String::new()),
        other => {
            return Err(Failed::new(
                1,
                format!("Unknown database: {other}\nTry `getent --help' or `getent --usage' for more information."),
            ));
        }
    };
    let stream = if database == "hosts" { "" } else { "STREAM " };
    let shown = |key: &str| match entry.as_str() {
        "" => format!("{:<15} {stream}{}", "127.0.0.1", if key == "127.0.0.1" { "localhost" } else { key }),
        entry => entry.to_owned(),
    };
    let asked: Vec<String> = operands.collect();
    if asked.is_empty() {
        line(&shown("localhost"))?;
    }
    for key in asked {
        if !keys.contains(&key.as_str()) {
            return Ok(2);
        }
        line(&shown(&key))?;
    }
    Ok(0)
}
