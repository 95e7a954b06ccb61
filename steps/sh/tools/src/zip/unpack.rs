//! `unzip`.
//!
//! Knows its listings and questions. No member is made outside of where the archive is unpacked; links are made last.

use super::{DEFLATED, Member, STORED, directory};
use crate::options::{Given, Table};
use crate::outcome::{Failed, Outcome, name_of, output, reason};
use crate::status::{self, Status};
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, BufRead, BufWriter, Stdout, Write};
use std::path::{Path, PathBuf};
use userland_calendar as calendar;
use userland_text::glob;

const TABLE: Table = Table::new(
    "unzip",
    &[
        "o", "n", "q", "d=", "l", "v", "t", "p", "c", "j", "x", "u", "f", "C", "L", "a", "b", "X", "K", "D", "Z", "z",
        "1", "P=", "W", "O=", "I=", ":",
    ],
)
.code(10);

struct Unzip {
    given: Given,
    quiet: usize,
    wanted: Vec<Vec<u8>>,
    excluded: Vec<Vec<u8>>,
    place: PathBuf,
    out: BufWriter<Stdout>,
    code: i32,
    /// What was answered for all: whether to overwrite.
    all: Option<bool>,
    links: Vec<(PathBuf, PathBuf)>,
}

pub fn run(arguments: Vec<OsString>) -> Outcome {
    // Names behind -x are left out: they may be many, and -d may follow.
    let mut words = Vec::new();
    let mut excluded = Vec::new();
    let mut excluding = false;
    for word in arguments {
        let text = word.to_string_lossy().into_owned();
        match text.as_str() {
            "-x" => excluding = true,
            text if excluding && !text.starts_with('-') => excluded.push(text.as_bytes().to_vec()),
            _ => {
                excluding = false;
                words.push(word);
            }
        }
    }
    let mut given = TABLE.read(words)?;
    for key in ["a", "P", "z", "L", "W", "O", "I", "K", ":", "x"] {
        if given.has(key) {
            return Err(Failed::new(10, format!("option -{key} is not supported here")));
        }
    }
    if given.operands.is_empty() {
        if given.has("v") {
            println!("UnZip 6.00 (stepwell userland)");
            return Ok(0);
        }
        return Err(Failed::new(10, "an archive is missing"));
    }
    let name = given.operands.remove(0);
    let wanted = std::mem::take(&mut given.operands).iter().map(|name| name.as_encoded_bytes().to_vec()).collect();
    let (mut file, shown, members) = open(&name)?;
    let mut unzip = Unzip {
        quiet: given.all().filter(|(key, _)| *key == "q").count(),
        place: given.value("d").map(PathBuf::from).unwrap_or_default(),
        all: given.last(&["o", "n"]).map(|key| key == "o"),
        given,
        wanted,
        excluded,
        out: output(),
        code: 0,
        links: Vec::new(),
    };
    let answer = unzip.all(&mut file, &shown, &members);
    unzip.out.flush()?;
    answer?;
    Ok(unzip.code)
}

fn open(name: &OsString) -> Outcome<(File, String, Vec<Member>)> {
    let shown = name.to_string_lossy().into_owned();
    let mut tried = vec![shown.clone(), format!("{shown}.zip"), format!("{shown}.ZIP")];
    tried.retain(|path| Path::new(path).is_file());
    let Some(found) = tried.first() else {
        let text = format!("unzip:  cannot find or open {shown}, {shown}.zip or {shown}.ZIP.");
        eprintln!("{text}");
        return Err(Failed::silent(9));
    };
    let mut file = File::open(found).map_err(|error| Failed::new(9, format!("{found}: {}", reason(&error))))?;
    match directory(&mut file) {
        Ok(Some(members)) => Ok((file, found.clone(), members)),
        Ok(None) => {
            println!("Archive:  {found}");
            eprintln!(
                "  End-of-central-directory signature not found.  Either this file is not\n  a zipfile, or it constitutes one disk of a multi-part archive.  In the\n  latter case the central directory and zipfile comment will be found on\n  the last disk(s) of this archive."
            );
            eprintln!(
                "unzip:  cannot find zipfile directory in one of {shown} or\n        {shown}.zip, and cannot find {shown}.ZIP, period."
            );
            Err(Failed::silent(9))
        }
        Err(error) => Err(Failed::new(3, format!("{found}: {}", reason(&error)))),
    }
}

impl Unzip {
    fn chosen<'m>(&mut self, members: &'m [Member]) -> Vec<&'m Member> {
        let fits = |pattern: &Vec<u8>, name: &[u8]| glob::matches(pattern, name, self.given.has("C"));
        let chosen = members.iter().filter(|member| {
            let wanted = self.wanted.is_empty() || self.wanted.iter().any(|pattern| fits(pattern, &member.name));
            wanted && !self.excluded.iter().any(|pattern| fits(pattern, &member.name))
        });
        let chosen: Vec<&Member> = chosen.collect();
        let lost = |patterns: &[Vec<u8>]| -> Vec<String> {
            let lost = patterns.iter().filter(|pattern| !members.iter().any(|member| fits(pattern, &member.name)));
            lost.map(|pattern| String::from_utf8_lossy(pattern).into_owned()).collect()
        };
        let (lost_wanted, lost_excluded) = (lost(&self.wanted), lost(&self.excluded));
        for name in lost_wanted {
            eprintln!("caution: filename not matched:  {name}");
            self.code = 11;
        }
        for name in lost_excluded {
            eprintln!("caution: excluded filename not matched:  {name}");
        }
        chosen
    }

    fn all(&mut self, file: &mut File, shown: &str, members: &[Member]) -> Outcome<()> {
        if self.given.has("Z") || self.given.has("1") {
            if !self.given.has("1") {
                return Err(Failed::new(10, "of -Z only -Z1 is supported here"));
            }
            for member in self.chosen(members) {
                self.out.write_all(&member.name)?;
                writeln!(self.out)?;
            }
            return Ok(());
        }
        let piped = self.given.has("p");
        if !piped && self.quiet == 0 || self.given.has("l") && self.quiet < 2 {
            writeln!(self.out, "Archive:  {shown}")?;
        }
        if self.given.has("l") || self.given.has("v") {
            return self.list(members);
        }
        self.out.flush()?;
        for member in self.chosen(members) {
            if member.is_encrypted() || !matches!(member.method, STORED | DEFLATED) {
                let why = if member.is_encrypted() {
                    "unable to get password".to_owned()
                } else {
                    format!("unsupported compression method {}", member.method)
                };
                self.out.flush()?;
                eprintln!("   skipping: {:<22}  {why}", String::from_utf8_lossy(&member.name));
                self.code = self.code.max(if member.is_encrypted() { 82 } else { 81 });
                continue;
            }
            match () {
                () if self.given.has("t") => self.test(file, member)?,
                () if piped || self.given.has("c") => self.print(file, member)?,
                () => self.make(file, member)?,
            }
        }
        if self.given.has("t") {
            let errors = if self.code == 0 { "No errors detected" } else { "At least one error was detected" };
            if self.quiet < 2 {
                writeln!(self.out, "{errors} in compressed data of {shown}.")?;
            }
        }
        self.tie()
    }

    fn test(&mut self, file: &mut File, member: &Member) -> Outcome<()> {
        let answer = member.copy(file, &mut io::sink());
        if self.quiet == 0 || answer.is_err() {
            let verdict = answer.as_ref().map_or_else(ToString::to_string, |()| "OK".to_owned());
            writeln!(self.out, "    testing: {:<22}   {verdict}", String::from_utf8_lossy(&member.name))?;
        }
        if answer.is_err() {
            self.code = 2;
        }
        Ok(())
    }

    fn print(&mut self, file: &mut File, member: &Member) -> Outcome<()> {
        if member.is_directory() {
            return Ok(());
        }
        if self.given.has("c") && self.quiet == 0 {
            self.say(
                member,
                if member.method == STORED { " extracting" } else { "  inflating" },
                &String::from_utf8_lossy(&member.name),
            )?;
        }
        member.copy(file, &mut self.out).map_err(|error| match error.kind() {
            io::ErrorKind::BrokenPipe => crate::outcome::broken_pipe(),
            _ => Failed::new(3, reason(&error)),
        })?;
        if self.given.has("c") && self.quiet == 0 {
            writeln!(self.out)?;
        }
        Ok(())
    }

    fn say(&mut self, member: &Member, what: &str, name: &str) -> Outcome<()> {
        if self.quiet == 0 {
            let width = if member.is_directory() { 0 } else { 22 };
            let end = if member.is_directory() { "" } else { "  " };
            writeln!(self.out, "{what}: {name:<width$}{end}")?;
        }
        Ok(())
    }

    fn make(&mut self, file: &mut File, member: &Member) -> Outcome<()> {
        let (safe, taken) = crate::tar::safe_name(&member.name);
        if !taken.is_empty() {
            self.out.flush()?;
            eprintln!("warning:  stripped absolute path spec from {}", String::from_utf8_lossy(&member.name));
            self.code = self.code.max(1);
        }
        let name =
            if self.given.has("j") { safe.rsplit(|byte| *byte == b'/').next().unwrap_or_default() } else { safe };
        if name.is_empty() {
            return Ok(());
        }
        let path = self.place.join(name_of(name.to_vec()));
        let shown = path.to_string_lossy().into_owned();
        if member.is_directory() {
            if self.given.has("j") || path.is_dir() {
                return Ok(());
            }
            userland_sys::making::create_dir_all(&path).map_err(|error| {
                Failed::new(50, format!("checkdir error:  cannot create {shown}: {}", reason(&error)))
            })?;
            self.say(member, "   creating", &shown)?;
            if let Some(mode) = member.mode {
                let _ = status::set_mode(&path, true, mode & 0o777);
            }
            return Ok(());
        }
        if let Ok(there) = Status::of(&path, false) {
            let newer = member.time > there.modified.0;
            if (self.given.has("u") || self.given.has("f")) && !newer {
                return Ok(());
            }
            if !self.may_overwrite(&shown)? {
                return Ok(());
            }
            fs::remove_file(&path)
                .map_err(|error| Failed::new(50, format!("cannot delete old {shown}: {}", reason(&error))))?;
        } else if self.given.has("f") {
            return Ok(());
        }
        if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
            userland_sys::making::create_dir_all(parent).map_err(|error| {
                Failed::new(50, format!("checkdir error:  cannot create {}: {}", parent.display(), reason(&error)))
            })?;
        }
        if member.is_link() {
            let mut target = Vec::new();
            member.copy(file, &mut target).map_err(|error| Failed::new(3, reason(&error)))?;
            let text = String::from_utf8_lossy(&target).into_owned();
            if self.quiet == 0 {
                writeln!(self.out, "    linking: {shown:<22}  -> {text} ")?;
            }
            self.links.push((PathBuf::from(name_of(target)), path));
            return Ok(());
        }
        self.say(member, if member.method == STORED { " extracting" } else { "  inflating" }, &shown)?;
        let mut out = userland_sys::making::create(&path)
            .map_err(|error| Failed::new(50, format!("error:  cannot create {shown}: {}", reason(&error))))?;
        if let Err(error) = member.copy(file, &mut out) {
            self.out.flush()?;
            eprintln!("  error:  {shown}: {}", reason(&error));
            self.code = 2;
        }
        drop(out);
        if let Some(mode) = member.mode {
            let _ = status::set_mode(&path, true, mode & 0o777);
        }
        let _ = status::set_times(&path, Some((member.time, 0)), Some((member.time, 0)), true);
        Ok(())
    }

    fn may_overwrite(&mut self, shown: &str) -> Outcome<bool> {
        if let Some(all) = self.all {
            return Ok(all);
        }
        self.out.flush()?;
        loop {
            eprint!("replace {shown}? [y]es, [n]o, [A]ll, [N]one, [r]ename: ");
            let mut answer = String::new();
            if io::stdin().lock().read_line(&mut answer)? == 0 {
                eprintln!(" NULL\n(EOF or read error, treating as \"[N]one\" ...)");
                self.all = Some(false);
                self.code = self.code.max(1);
                return Ok(false);
            }
            match answer.trim() {
                "y" | "Y" | "yes" => return Ok(true),
                "n" | "no" => return Ok(false),
                "A" => {
                    self.all = Some(true);
                    return Ok(true);
                }
                "N" => {
                    self.all = Some(false);
                    return Ok(false);
                }
                other => eprintln!("error:  invalid response [{other}]"),
            }
        }
    }

    fn tie(&mut self) -> Outcome<()> {
        if self.links.is_empty() {
            return Ok(());
        }
        if self.quiet == 0 {
            writeln!(self.out, "finishing deferred symbolic links:")?;
        }
        for (target, path) in std::mem::take(&mut self.links) {
            if self.quiet == 0 {
                writeln!(self.out, "  {:<22} -> {}", path.display(), target.display())?;
            }
            if let Err(error) = status::symlink(&target, &path) {
                self.out.flush()?;
                eprintln!("symlink error: {}", reason(&error));
                self.code = self.code.max(1);
            }
        }
        Ok(())
    }

    fn list(&mut self, members: &[Member]) -> Outcome<()> {
        let whole = self.given.has("v") && !self.given.has("l");
        let headed = self.quiet < 2;
        if headed && whole {
            writeln!(
                self.out,
                " Length   Method    Size  Cmpr    Date    Time   CRC-32   Name\n--------  ------  ------- ---- ---------- ----- --------  ----"
            )?;
        } else if headed {
            writeln!(self.out, "  Length      Date    Time    Name\n---------  ---------- -----   ----")?;
        }
        let (mut size, mut packed, mut count) = (0, 0, 0);
        for member in self.chosen(members) {
            let time = calendar::format("%Y-%m-%d %H:%M", (member.time, 0));
            let name = String::from_utf8_lossy(&member.name);
            if whole {
                let method = match member.method {
                    STORED => "Stored",
                    DEFLATED => "Defl:N",
                    _ => "Unk",
                };
                writeln!(
                    self.out,
                    "{:>8}  {method:<6} {:>8} {:>3}% {time} {:08x}  {name}",
                    member.size,
                    member.packed,
                    saved(member.size, member.packed),
                    member.crc
                )?;
            } else {
                writeln!(self.out, "{:>9}  {time}   {name}", member.size)?;
            }
            (size, packed, count) = (size + member.size, packed + member.packed, count + 1);
        }
        let plural = if count == 1 { "" } else { "s" };
        if headed && whole {
            writeln!(
                self.out,
                "--------          -------  ---                            -------\n{size:>8}         {packed:>8} {:>3}%                            {count} file{plural}",
                saved(size, packed)
            )?;
        } else if headed {
            writeln!(
                self.out,
                "---------                     -------\n{size:>9}                     {count} file{plural}"
            )?;
        }
        Ok(())
    }
}

/// How many of a hundred parts were saved.
pub fn saved(size: u64, packed: u64) -> u64 {
    if size == 0 || packed > size { 0 } else { ((size - packed) * 200 / size).div_ceil(2) }
}
