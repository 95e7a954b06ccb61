//! `gzip`, `bzip2`, `xz`, `lzma`, `zstd` and their names for reading.
//!
//! Knows their common options, what files are called and what becomes of them. Does not know the formats themselves.

use crate::gzip_ratio::{around, ratio};
use crate::options::{Given, Table};
use crate::outcome::{Failed, Outcome, Report, output, reason};
use crate::status::{self, Kind, Status};
use crate::streams::{Format, Packing, any_reader, reader, recognized};
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};

const OPTIONS: &[&str] = &[
    "c,stdout,to-stdout",
    "d,decompress,uncompress",
    "z,compress",
    "f,force",
    "k,keep",
    "t,test",
    "l,list",
    "n,no-name",
    "N,name",
    "q,quiet",
    "v,verbose",
    "r,recursive",
    "S,suffix=",
    "1,fast",
    "2",
    "3",
    "4",
    "5",
    "6",
    "7",
    "8",
    "9,best",
    "0",
    "T,threads=",
    "e,extreme",
    "F,format=",
    "o",
    "rm",
    "no-progress",
    "ultra",
    "rsyncable",
    "s,small",
];
const ZSTD: &[&str] = &[
    "c,stdout",
    "d,decompress,uncompress",
    "z,compress",
    "f,force",
    "k,keep",
    "t,test",
    "q,quiet",
    "v,verbose",
    "1,fast",
    "2",
    "3",
    "4",
    "5",
    "6",
    "7",
    "8",
    "9",
    "T,threads=",
    "o=",
    "rm",
    "no-progress",
    "progress",
    "ultra",
    "check",
    "no-check",
    "long=?",
];

struct Squeeze {
    name: &'static str,
    format: Format,
    given: Given,
    unpack: bool,
    to_output: bool,
    keep: bool,
    level: u32,
    suffix: String,
    report: Report,
}

fn endings(format: Format) -> &'static [(&'static str, &'static str)] {
    match format {
        Format::Gzip => &[(".gz", ""), (".tgz", ".tar"), (".taz", ".tar"), ("-gz", ""), (".z", ""), (".Z", "")],
        Format::Bzip2 => &[(".bz2", ""), (".bz", ""), (".tbz2", ".tar"), (".tbz", ".tar")],
        Format::Xz | Format::Lzma => &[(".xz", ""), (".lzma", ""), (".txz", ".tar"), (".tlz", ".tar")],
        Format::Zstd => &[(".zst", ""), (".tzst", ".tar")],
        Format::Plain => &[],
    }
}

macro_rules! squeezes {
    ($($work:ident $name:literal $format:ident $unpack:literal $output:literal,)*) => {
        $(pub fn $work(arguments: Vec<OsString>) -> Outcome {
            run($name, Format::$format, $unpack, $output, arguments)
        })*
    };
}

squeezes! {
    gzip "gzip" Gzip false false,
    gunzip "gzip" Gzip true false,
    zcat "gzip" Gzip true true,
    bzip2 "bzip2" Bzip2 false false,
    bunzip2 "bunzip2" Bzip2 true false,
    bzcat "bzcat" Bzip2 true true,
    xz "xz" Xz false false,
    unxz "unxz" Xz true false,
    xzcat "xzcat" Xz true true,
    lzma "lzma" Lzma false false,
    unlzma "unlzma" Lzma true false,
    zstd "zstd" Zstd false false,
    unzstd "unzstd" Zstd true false,
    zstdcat "zstdcat" Zstd true true,
}

fn run(name: &'static str, format: Format, unpack: bool, to_output: bool, arguments: Vec<OsString>) -> Outcome {
    let table = Table::new(name, if format == Format::Zstd { ZSTD } else { OPTIONS });
    // zstd's levels have two digits too.
    let arguments = arguments.into_iter().map(|one| match one.to_str() {
        Some(text)
            if format == Format::Zstd
                && text.len() == 3
                && text.starts_with("-")
                && text[1..].parse::<u32>().is_ok_and(|level| level <= 22) =>
        {
            OsString::from("-9")
        }
        _ => one,
    });
    let given = table.read(arguments.collect())?;
    let format = match given.text("format").as_deref() {
        None | Some("auto") => format,
        Some("xz") => Format::Xz,
        Some("lzma" | "alone") => Format::Lzma,
        Some(other) => return Err(Failed::from(format!("{other}: Unknown file format type"))),
    };
    let last = given.last(&["uncompress", "compress", "test", "list"]);
    let level = given.last(&["fast", "2", "3", "4", "5", "6", "7", "8", "best", "9", "0"]);
    let level = match (level, format) {
        (Some("fast"), _) => 1,
        (Some("best"), _) => 9,
        (Some(digit), _) => digit.parse().unwrap_or(6),
        (None, Format::Bzip2) => 9,
        (None, _) => 6,
    };
    let suffix = match format {
        Format::Gzip => ".gz",
        Format::Bzip2 => ".bz2",
        Format::Lzma => ".lzma",
        Format::Zstd => ".zst",
        _ => ".xz",
    };
    let mut suffix = given.text("suffix").unwrap_or_else(|| suffix.to_owned());
    if !suffix.starts_with('.') && format != Format::Gzip {
        suffix.insert(0, '.');
    }
    let mut squeeze = Squeeze {
        name,
        format,
        unpack: last.map_or(unpack, |last| last != "compress"),
        to_output: to_output || given.has("to-stdout") || given.has("stdout"),
        keep: given.has("keep") || format == Format::Zstd && !given.has("rm"),
        level,
        suffix,
        report: Report::new(name),
        given,
    };
    squeeze.all()
}

impl Squeeze {
    fn all(&mut self) -> Outcome {
        let mut operands: Vec<PathBuf> = self.given.operands.iter().map(PathBuf::from).collect();
        if operands.is_empty() {
            operands.push(PathBuf::from("-"));
        }
        if self.given.has("list") {
            return self.list(&operands);
        }
        for path in operands {
            if path.as_os_str() == "-" {
                self.streams()?;
            } else {
                self.path(&path)?;
            }
        }
        Ok(self.report.code)
    }

    fn test(&self) -> bool {
        self.given.has("test")
    }

    fn streams(&mut self) -> Outcome<()> {
        let mut out = output();
        let answer = self.convert(Box::new(io::stdin()), &mut out, None, None);
        let flushed = out.flush();
        match answer {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Err(error.into()),
            Err(error) => self.broken("stdin", &error),
            Ok(()) => flushed?,
        }
        Ok(())
    }

    /// From one stream into another; a test writes nothing.
    fn convert(
        &self,
        input: Box<dyn Read + '_>,
        out: &mut dyn Write,
        name: Option<(&[u8], u32)>,
        size: Option<u64>,
    ) -> io::Result<()> {
        let mut input = input;
        if !self.unpack {
            let mut packing = Packing::new(self.format, self.level, name, size, out)?;
            io::copy(&mut input, &mut packing)?;
            packing.finish()?;
            return Ok(());
        }
        let mut input = BufReader::with_capacity(64 * 1024, input);
        let found = recognized(input.fill_buf()?);
        let alike = found == self.format
            || matches!((found, self.format), (Format::Lzma, Format::Xz) | (Format::Xz, Format::Lzma));
        let format = match (alike, found) {
            (true, found) => found,
            (false, Format::Plain) if self.given.has("force") && self.to_output => Format::Plain,
            (false, _) if self.format == Format::Gzip && found == Format::Plain && input.fill_buf()?.len() < 2 => {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            _ => return Err(io::Error::new(io::ErrorKind::InvalidData, self.not_this())),
        };
        let mut unpacked = reader(format, Box::new(input))?;
        if self.test() { io::copy(&mut unpacked, &mut io::sink()) } else { io::copy(&mut unpacked, out) }?;
        Ok(())
    }

    fn not_this(&self) -> &'static str {
        match self.format {
            Format::Gzip => "not in gzip format",
            Format::Bzip2 => "(stdin) is not a bzip2 file.",
            Format::Zstd => "unsupported format",
            _ => "File format not recognized",
        }
    }

    /// Says that a stream can't be read, as each of them says it.
    fn broken(&mut self, name: &str, error: &io::Error) {
        let code = if self.format == Format::Bzip2 { 2 } else { 1 };
        match self.format {
            Format::Gzip => {
                let text = match error.kind() {
                    io::ErrorKind::UnexpectedEof => "unexpected end of file".to_owned(),
                    io::ErrorKind::InvalidData if error.to_string() == self.not_this() => error.to_string(),
                    _ if error.raw_os_error().is_some() => reason(error),
                    _ => "invalid compressed data--format violated".to_owned(),
                };
                let _ = writeln!(io::stderr());
                self.report.fail_with(code, format!("{name}: {text}"));
            }
            Format::Xz | Format::Lzma => {
                let name = if name == "stdin" { "(stdin)" } else { name };
                let text = match error.kind() {
                    io::ErrorKind::UnexpectedEof => "Unexpected end of input".to_owned(),
                    _ if error.to_string() == self.not_this() => error.to_string(),
                    _ if error.raw_os_error().is_some() => reason(error),
                    _ => "Compressed data is corrupt".to_owned(),
                };
                self.report.fail_with(code, format!("{name}: {text}"));
            }
            _ => self.report.fail_with(code, format!("{name}: {}", reason(error))),
        }
    }

    fn path(&mut self, path: &Path) -> Outcome<()> {
        let mut path = path.to_owned();
        let mut shown = path.to_string_lossy().into_owned();
        let mut status = Status::of(&path, true);
        if status.is_err() && self.unpack {
            let with = PathBuf::from(format!("{shown}{}", self.suffix));
            if let Ok(found) = Status::of(&with, true) {
                (status, path, shown) = (Ok(found), with.clone(), with.to_string_lossy().into_owned());
            } else if self.format == Format::Gzip {
                shown.push_str(if self.to_output { ".gz" } else { "" });
            }
        }
        let status = match status {
            Ok(status) => status,
            Err(error) => {
                match self.format {
                    Format::Bzip2 => self.report.fail(format!("Can't open input file {shown}: {}.", reason(&error))),
                    _ => self.report.fail(format!("{shown}: {}", reason(&error))),
                }
                return Ok(());
            }
        };
        if status.is_directory() {
            return self.directory(&path, &shown);
        }
        let Some(target) = self.target(&shown) else { return Ok(()) };
        self.file(&path, &shown, &status, target.as_deref())
    }

    fn directory(&mut self, path: &Path, shown: &str) -> Outcome<()> {
        if self.given.has("recursive") {
            let mut names: Vec<_> = fs::read_dir(path)?.filter_map(Result::ok).map(|entry| entry.path()).collect();
            names.sort();
            for name in names {
                self.path(&name)?;
            }
        } else {
            match self.format {
                Format::Gzip if self.given.has("recursive") && !self.given.has("verbose") => {}
                Format::Gzip => self.report.fail_with(2, format!("{shown} is a directory -- ignored")),
                Format::Bzip2 => self.report.fail(format!("Input file {shown} is a directory.")),
                Format::Zstd => self.report.fail(format!("{shown} is a directory -- ignored")),
                _ => self.report.fail_with(2, format!("{shown}: Is a directory, skipping")),
            }
        }
        Ok(())
    }

    /// What the new file is called; the outer `None` says that the file is left alone.
    #[allow(clippy::option_option, reason = "one says whether, the other where")]
    fn target(&mut self, shown: &str) -> Option<Option<String>> {
        if self.to_output || self.test() {
            return Some(None);
        }
        if let Some(own) = self.given.text("o") {
            return Some(Some(own));
        }
        if !self.unpack {
            if let Some((ending, _)) = endings(self.format).iter().find(|(ending, _)| shown.ends_with(ending))
                && !self.given.has("force")
                && self.format != Format::Zstd
            {
                match self.format {
                    Format::Gzip => self.report.warn(format!("{shown} already has {ending} suffix -- unchanged")),
                    Format::Bzip2 => self.report.fail(format!("Input file {shown} already has {ending} suffix.")),
                    _ => self.report.fail_with(2, format!("{shown}: File already has `{ending}' suffix, skipping")),
                }
                return None;
            }
            return Some(Some(format!("{shown}{}", self.suffix)));
        }
        if let Some(bare) =
            shown.strip_suffix(self.suffix.as_str()).filter(|bare| !bare.is_empty() && !bare.ends_with('/'))
        {
            return Some(Some(bare.to_owned()));
        }
        for (ending, instead) in endings(self.format) {
            if let Some(bare) = shown.strip_suffix(ending).filter(|bare| !bare.is_empty()) {
                return Some(Some(format!("{bare}{instead}")));
            }
        }
        match self.format {
            Format::Gzip if self.given.has("recursive") && !self.given.has("verbose") => {}
            Format::Gzip => self.report.fail_with(2, format!("{shown}: unknown suffix -- ignored")),
            Format::Bzip2 => {
                self.report.warn(format!("Can't guess original name for {shown} -- using {shown}.out"));
                return Some(Some(format!("{shown}.out")));
            }
            Format::Zstd => self.report.fail(format!("{shown}: unknown suffix (.zst/.tzst expected). Can't derive the output file name. Specify it with -o dstFileName. Ignoring.")),
            _ if !begins_as(shown, self.format) => self.report.fail(format!("{shown}: {}", self.not_this())),
            _ => self.report.fail_with(2, format!("{shown}: Filename has an unknown suffix, skipping")),
        }
        None
    }

    fn file(&mut self, path: &Path, shown: &str, status: &Status, target: Option<&str>) -> Outcome<()> {
        let input = match File::open(path) {
            Ok(input) => input,
            Err(error) => {
                self.report.fail(format!("{shown}: {}", reason(&error)));
                return Ok(());
            }
        };
        let base = path.file_name().map(|name| name.as_encoded_bytes().to_vec()).unwrap_or_default();
        let time = u32::try_from(status.modified.0).unwrap_or(0);
        let name = (!self.given.has("no-name")).then_some((base.as_slice(), time));
        let size = (status.kind == Kind::File).then_some(status.size);
        let Some(target) = target else {
            let mut out = output();
            let answer = self.convert(Box::new(input), &mut out, name, size);
            out.flush()?;
            if let Err(error) = answer {
                if error.kind() == io::ErrorKind::BrokenPipe {
                    return Err(error.into());
                }
                self.broken(shown, &error);
            } else if self.test() && self.given.has("verbose") {
                let _ = writeln!(io::stderr(), "{shown}:\t OK");
            }
            return Ok(());
        };
        if Status::of(Path::new(target), false).is_ok() && !self.given.has("force") {
            match self.format {
                Format::Gzip if self.given.has("recursive") && !self.given.has("verbose") => {}
                Format::Gzip => self.report.fail_with(2, format!("{target} already exists;\tnot overwritten")),
                Format::Bzip2 => self.report.fail(format!("Output file {target} already exists.")),
                Format::Zstd => self.report.fail(format!("{target} already exists; not overwritten  ")),
                _ => self.report.fail(format!("{target}: File exists")),
            }
            return Ok(());
        }
        let mut out = match userland_sys::making::create(target) {
            Ok(out) => out,
            Err(error) => {
                self.report.fail(format!("{target}: {}", reason(&error)));
                return Ok(());
            }
        };
        if let Err(error) = self.convert(Box::new(input), &mut out, name, size) {
            let _ = fs::remove_file(target);
            self.broken(shown, &error);
            return Ok(());
        }
        drop(out);
        let _ = status::set_mode(Path::new(target), true, status.mode);
        let _ = status::set_times(Path::new(target), Some(status.accessed), Some(status.modified), true);
        if self.given.has("verbose") {
            self.tell(shown, target, status.size);
        }
        if !self.keep {
            fs::remove_file(path)?;
        }
        Ok(())
    }

    fn tell(&self, shown: &str, target: &str, before: u64) {
        let after = Status::of(Path::new(target), true).map_or(0, |status| status.size);
        let (packed, plain) = if self.unpack { (before, after) } else { (after, before) };
        let around = if self.format == Format::Gzip { around(if self.unpack { shown } else { target }) } else { 0 };
        let packed = packed.saturating_sub(around);
        let action = if self.keep { "created" } else { "replaced with" };
        let _ = writeln!(io::stderr(), "{shown}:\t{:>5}% -- {action} {target}", ratio(packed, plain));
    }

    fn list(&mut self, operands: &[PathBuf]) -> Outcome {
        if self.format != Format::Gzip {
            return Err(Failed::from(format!("{}: --list is not supported here", self.name)));
        }
        let mut out = output();
        writeln!(out, "         compressed        uncompressed  ratio uncompressed_name")?;
        let (mut all_packed, mut all_plain) = (0, 0);
        for path in operands {
            let shown = path.to_string_lossy().into_owned();
            let answer = File::open(path).and_then(|file| {
                let packed = file.metadata()?.len();
                let (format, mut plain) = any_reader(Box::new(file))?;
                if format != Format::Gzip {
                    return Err(io::Error::new(io::ErrorKind::InvalidData, self.not_this()));
                }
                Ok((packed, io::copy(&mut plain, &mut io::sink())?))
            });
            match answer {
                Ok((packed, plain)) => {
                    let bare = shown.strip_suffix(&self.suffix).unwrap_or(&shown);
                    writeln!(
                        out,
                        "{packed:>19} {plain:>19} {:>5}% {bare}",
                        ratio(packed.saturating_sub(around(&shown)), plain)
                    )?;
                    all_packed += packed;
                    all_plain += plain;
                }
                Err(error) if error.raw_os_error().is_some() => {
                    self.report.fail(format!("{shown}: {}", reason(&error)))
                }
                Err(error) => self.broken(&shown, &error),
            }
        }
        if operands.len() > 1 {
            writeln!(out, "{all_packed:>19} {all_plain:>19} {:>5}% (totals)", ratio(all_packed, all_plain))?;
        }
        out.flush()?;
        Ok(self.report.code)
    }
}

/// Whether a file begins as the format does.
fn begins_as(path: &str, format: Format) -> bool {
    let mut begin = [0; 6];
    let read = File::open(path).and_then(|mut file| file.read(&mut begin)).unwrap_or(0);
    let found = recognized(&begin[..read]);
    found == format || found == Format::Lzma
}
