//! `ps`: the programs of the step that this one knows, which are the step's own and itself.
//!
//! Knows procps' usual ways of asking (`ps`, `ps aux`, `ps -ef`, `-o FIELDS`, `-p NUMBERS`) and BusyBox' `ps`, which takes
//! any of them. Does not know the step's other programs, of which nobody tells, or how long one has run.

use crate::outcome::{Failed, Outcome, output, quoted};
use std::ffi::OsString;
use std::io::Write;

/// The number of the step's own program.
const FIRST: u32 = 1;

/// A column: the names that `-o` takes for it, its heading, and its width, negative where it stands on the left.
const COLUMNS: [(&[&str], &str, isize); 16] = [
    (&["pid", "tgid"], "PID", 7),
    (&["ppid"], "PPID", 7),
    (&["user", "euser", "ruser", "uname"], "USER", -8),
    (&["uid", "euid", "ruid"], "UID", 5),
    (&["group", "egroup"], "GROUP", -8),
    (&["tty", "tt", "tname"], "TTY", -8),
    (&["stat", "state", "s"], "STAT", -4),
    (&["time", "cputime"], "TIME", 8),
    (&["start", "stime", "start_time"], "STIME", 5),
    (&["%cpu", "pcpu"], "%CPU", 4),
    (&["%mem", "pmem"], "%MEM", 4),
    (&["vsz", "vsize"], "VSZ", 6),
    (&["rss", "rssize"], "RSS", 5),
    (&["c"], "C", 2),
    (&["comm", "ucmd", "ucomm"], "COMMAND", -15),
    (&["args", "cmd", "command"], "COMMAND", -27),
];

/// What is asked.
#[derive(Default)]
struct Asked {
    /// Fields with a heading each; none is the usual ones.
    fields: Vec<(String, Option<String>)>,
    numbers: Vec<u32>,
    is_full: bool,
    by_user: bool,
    without_heading: bool,
}

pub fn run(arguments: Vec<OsString>) -> Outcome {
    let words: Vec<String> = arguments.iter().map(|word| word.to_string_lossy().into_owned()).collect();
    let asked = read(words.get(1..).unwrap_or_default())?;
    let own = userland_sys::own_number().max(FIRST);
    let mut programs = vec![(FIRST, "sh".to_owned())];
    match own {
        FIRST => programs[0].1 = words.join(" "),
        own => programs.push((own, words.join(" "))),
    }
    programs.retain(|(number, _)| asked.numbers.is_empty() || asked.numbers.contains(number));
    let fields = match (asked.fields.is_empty(), asked.by_user, asked.is_full) {
        (false, ..) => asked.fields,
        (_, true, _) => {
            usual(&["user", "pid", "%cpu", "%mem", "vsz", "rss", "tty", "stat", "start=START", "time", "args"])
        }
        (_, _, true) => usual(&["user=UID", "pid", "ppid", "c", "stime", "tty", "time", "args=CMD"]),
        _ => usual(&["pid", "tty", "time", "comm=CMD"]),
    };
    let mut out = output();
    let headings: Vec<String> = fields.iter().map(|(field, heading)| said(field, heading.as_deref())).collect();
    if !asked.without_heading && headings.iter().any(|heading| !heading.is_empty()) {
        writeln!(out, "{}", line(&fields, &headings))?;
    }
    for (number, command) in &programs {
        let values: Vec<String> = fields.iter().map(|(field, _)| value(field, *number, command)).collect();
        writeln!(out, "{}", line(&fields, &values))?;
    }
    out.flush()?;
    Ok(i32::from(programs.is_empty()))
}

/// `NAME=HEADING`, or the name alone.
fn usual(fields: &[&str]) -> Vec<(String, Option<String>)> {
    fields.iter().map(|field| split(field)).collect()
}

fn split(field: &str) -> (String, Option<String>) {
    match field.split_once('=') {
        Some((name, heading)) => (name.to_owned(), Some(heading.to_owned())),
        None => (field.to_owned(), None),
    }
}

fn read(words: &[String]) -> Outcome<Asked> {
    let mut asked = Asked::default();
    let mut words = words.iter().map(String::as_str);
    while let Some(word) = words.next() {
        let mut letters = match word.strip_prefix("--") {
            Some("no-headers" | "no-headings" | "noheader") => {
                asked.without_heading = true;
                continue;
            }
            Some(long) => match long.split_once('=') {
                Some(("pid", value)) => {
                    numbers(value, &mut asked)?;
                    continue;
                }
                Some(("format", value)) => {
                    formats(value, &mut asked)?;
                    continue;
                }
                _ => return Err(unknown(word)),
            },
            None => word.strip_prefix('-').unwrap_or(word).chars(),
        };
        let has_dash = word.starts_with('-');
        while let Some(letter) = letters.next() {
            match letter {
                'o' | 'p' => {
                    let rest = letters.as_str();
                    let value = if rest.is_empty() { words.next() } else { Some(rest) };
                    let value = value.ok_or_else(|| Failed::from("list of process IDs or fields must follow"))?;
                    if letter == 'o' {
                        formats(value, &mut asked)?
                    } else {
                        numbers(value, &mut asked)?
                    }
                    break;
                }
                'f' | 'l' | 'F' => asked.is_full = true,
                'u' if !has_dash => asked.by_user = true,
                'h' if !has_dash => asked.without_heading = true,
                // All there are, wide: it is what is shown anyway.
                'a' | 'A' | 'e' | 'x' | 'w' | 'd' => {}
                digit if digit.is_ascii_digit() && !has_dash => {
                    numbers(word, &mut asked)?;
                    break;
                }
                _ => return Err(unknown(word)),
            }
        }
    }
    Ok(asked)
}

fn unknown(word: &str) -> Failed {
    Failed::from(format!("this userland's ps does not know {}", quoted(word)))
}

fn numbers(value: &str, asked: &mut Asked) -> Outcome<()> {
    for part in value.split([',', ' ']).filter(|part| !part.is_empty()) {
        let number =
            part.parse().map_err(|_| Failed::from(format!("process ID list syntax error: {}", quoted(part))))?;
        asked.numbers.push(number);
    }
    Ok(())
}

fn formats(value: &str, asked: &mut Asked) -> Outcome<()> {
    for part in value.split([',', ' ']).filter(|part| !part.is_empty()) {
        let (field, heading) = split(part);
        if !COLUMNS.iter().any(|(names, ..)| names.contains(&field.as_str())) {
            return Err(Failed::from(format!("unknown user-defined format specifier {}", quoted(field))));
        }
        asked.fields.push((field, heading));
    }
    Ok(())
}

fn said(field: &str, heading: Option<&str>) -> String {
    let of_column = || COLUMNS.iter().find(|(names, ..)| names.contains(&field)).map_or("", |(_, heading, _)| heading);
    match (heading, field) {
        (Some(heading), _) => heading.to_owned(),
        (None, "cmd") => "CMD".to_owned(),
        (None, _) => of_column().to_owned(),
    }
}

fn value(field: &str, number: u32, command: &str) -> String {
    let column = COLUMNS.iter().find(|(names, ..)| names.contains(&field)).map_or("", |(names, ..)| names[0]);
    match column {
        "pid" => number.to_string(),
        "ppid" => u32::from(number != FIRST).to_string(),
        "user" => named(userland_sys::user().0),
        "group" => named(userland_sys::user().1),
        "uid" => userland_sys::user().0.to_string(),
        "tty" => "?".to_owned(),
        "stat" if number == userland_sys::own_number().max(FIRST) => "R".to_owned(),
        "stat" => "S".to_owned(),
        "time" => "00:00:00".to_owned(),
        "start" => "00:00".to_owned(),
        "%cpu" | "%mem" => "0.0".to_owned(),
        "comm" => {
            command.split([' ', '\t']).next().and_then(|word| word.rsplit('/').next()).unwrap_or_default().to_owned()
        }
        "args" => command.to_owned(),
        _ => "0".to_owned(),
    }
}

fn named(number: u32) -> String {
    if number == 0 { "root".to_owned() } else { number.to_string() }
}

fn line(fields: &[(String, Option<String>)], values: &[String]) -> String {
    let width = |field: &str| COLUMNS.iter().find(|(names, ..)| names.contains(&field)).map_or(0, |(.., width)| *width);
    let cell = |((field, _), value): (&(String, Option<String>), &String)| {
        let size = width(field).unsigned_abs();
        if width(field) < 0 { format!("{value:<size$}") } else { format!("{value:>size$}") }
    };
    let cells: Vec<String> = fields.iter().zip(values).map(cell).collect();
    cells.join(" ").trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_ways_of_asking_are_read() {
        let words = |text: &str| text.split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect::<Vec<_>>();
        for text in ["", "aux", "-ef", "-e -o pid,comm", "-o pid= -p 1", "auxww", "-p1", "--no-headers -A", "1", "ax"] {
            assert!(read(&words(text)).is_ok(), "{text}");
        }
        for text in ["-Z", "-o nope", "-p x", "-o", "--forest"] {
            assert!(read(&words(text)).is_err(), "{text}");
        }
        let asked = read(&words("-o pid=,args=WHAT -p 1,7")).unwrap_or_default();
        assert_eq!(asked.numbers, [1, 7]);
        assert_eq!(asked.fields, usual(&["pid=", "args=WHAT"]));
    }

    #[test]
    fn columns_stand_as_procps_puts_them() {
        let fields = usual(&["pid", "tty", "time", "comm=CMD"]);
        let headings: Vec<String> = fields.iter().map(|(field, heading)| said(field, heading.as_deref())).collect();
        assert_eq!(line(&fields, &headings), "    PID TTY          TIME CMD");
        let values: Vec<String> = fields.iter().map(|(field, _)| value(field, 1, "/bin/ps -e")).collect();
        assert_eq!(line(&fields, &values), "      1 ?        00:00:00 ps");
    }
}
