//! `dd`.
//!
//! Knows blocks, offsets and the everyday conversions. Character sets other than ASCII's letters are refused, and so
//! are flags that ask the device for something.

use crate::outcome::{Failed, Outcome, own_name, quoted, reason};
use crate::sizes;
use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::time::Duration;

#[derive(Default)]
struct Plan {
    input: Option<String>,
    output: Option<String>,
    input_block: usize,
    output_block: usize,
    count: Option<u64>,
    skip: u64,
    seek: u64,
    conversions: Vec<String>,
    input_flags: Vec<String>,
    output_flags: Vec<String>,
    status: String,
}

impl Plan {
    fn read(arguments: &[OsString]) -> Outcome<Self> {
        let mut plan = Self { input_block: 512, output_block: 512, ..Self::default() };
        for argument in arguments {
            let text = argument.to_string_lossy();
            let misused = |what: String| Failed::from(format!("{what}\nTry 'dd --help' for more information."));
            let Some((key, value)) = text.split_once('=') else {
                return Err(misused(format!("unrecognized operand {}", quoted(argument))));
            };
            let number = || size(value).ok_or_else(|| Failed::from(format!("invalid number: {}", quoted(value))));
            let block = || match number()? {
                0 => Err(Failed::from(format!("invalid number: {}", quoted(value)))),
                size => usize::try_from(size).map_err(|_| Failed::from(format!("invalid number: {}", quoted(value)))),
            };
            let list = || value.split(',').map(ToOwned::to_owned).collect::<Vec<_>>();
            match key {
                "if" => plan.input = Some(value.to_owned()),
                "of" => plan.output = Some(value.to_owned()),
                "bs" => (plan.input_block, plan.output_block) = (block()?, block()?),
                "ibs" => plan.input_block = block()?,
                "obs" => plan.output_block = block()?,
                "count" => plan.count = Some(number()?),
                "skip" | "iseek" => plan.skip = number()?,
                "seek" | "oseek" => plan.seek = number()?,
                "conv" => plan.conversions = list(),
                "iflag" => plan.input_flags = list(),
                "oflag" => plan.output_flags = list(),
                "status" => plan.status = value.to_owned(),
                _ => return Err(misused(format!("unrecognized operand {}", quoted(argument)))),
            }
        }
        let known = |list: &[String], names: &[&str], what: &str| match list
            .iter()
            .find(|one| !names.contains(&one.as_str()))
        {
            Some(other) => {
                Err(Failed::from(format!("invalid {what}: {}\nTry 'dd --help' for more information.", quoted(other))))
            }
            None => Ok(()),
        };
        known(
            &plan.conversions,
            &[
                "notrunc",
                "sync",
                "noerror",
                "fsync",
                "fdatasync",
                "ucase",
                "lcase",
                "swab",
                "excl",
                "nocreat",
                "sparse",
            ],
            "conversion",
        )?;
        known(&plan.input_flags, &["fullblock", "count_bytes", "skip_bytes"], "input flag")?;
        known(&plan.output_flags, &["append", "seek_bytes", "sync", "dsync"], "output flag")?;
        if !matches!(plan.status.as_str(), "" | "none" | "noxfer" | "progress") {
            return Err(Failed::from(format!(
                "invalid status level: {}\nTry 'dd --help' for more information.",
                quoted(&plan.status)
            )));
        }
        Ok(plan)
    }

    fn converts(&self, name: &str) -> bool {
        self.conversions.iter().any(|one| one == name)
    }
}

/// `2x512`, `1M`.
fn size(text: &str) -> Option<u64> {
    text.split('x').try_fold(1u64, |whole, part| {
        let begins = part.starts_with(|one: char| one.is_ascii_digit());
        whole.checked_mul(sizes::parse(part).filter(|_| begins)?)
    })
}

#[derive(Default)]
struct Counts {
    whole_in: u64,
    part_in: u64,
    whole_out: u64,
    part_out: u64,
    bytes: u64,
}

pub fn run(arguments: Vec<OsString>) -> Outcome {
    if arguments.iter().any(|one| one == "--help" || one == "--version") {
        println!(
            "{}: operands as GNU's: if= of= bs= ibs= obs= count= skip= seek= conv= iflag= oflag= status=",
            own_name(&arguments)
        );
        return Ok(0);
    }
    let plan = Plan::read(&arguments[1..])?;
    #[expect(clippy::disallowed_methods, reason = "the time it took is part of what is told")]
    let began = std::time::Instant::now();
    let mut input = input(&plan)?;
    let mut output = open_output(&plan)?;
    let mut counts = Counts::default();
    let answer = copy(&plan, &mut *input, &mut *output, &mut counts);
    let answer = answer.and_then(|()| output.flush().map_err(Failed::from));
    if plan.status != "none" {
        tell(&plan, &counts, began.elapsed());
    }
    answer.map(|()| 0)
}

fn input(plan: &Plan) -> Outcome<Box<dyn Read>> {
    let bytes = if plan.input_flags.iter().any(|flag| flag == "skip_bytes") {
        plan.skip
    } else {
        plan.skip * plan.input_block as u64
    };
    match &plan.input {
        Some(path) => {
            let failed =
                |error: io::Error| Failed::from(format!("failed to open {}: {}", quoted(path), reason(&error)));
            let mut file = File::open(path).map_err(failed)?;
            if bytes > 0 && file.seek(SeekFrom::Start(bytes)).is_err() {
                io::copy(&mut (&mut file).take(bytes), &mut io::sink())?;
            }
            Ok(Box::new(file))
        }
        None => {
            let mut input = io::stdin();
            io::copy(&mut (&mut input).take(bytes), &mut io::sink())?;
            Ok(Box::new(input))
        }
    }
}

fn open_output(plan: &Plan) -> Outcome<Box<dyn Write>> {
    let bytes = if plan.output_flags.iter().any(|flag| flag == "seek_bytes") {
        plan.seek
    } else {
        plan.seek * plan.output_block as u64
    };
    let Some(path) = &plan.output else { return Ok(Box::new(io::stdout())) };
    let failed = |error: io::Error| Failed::from(format!("failed to open {}: {}", quoted(path), reason(&error)));
    let append = plan.output_flags.iter().any(|flag| flag == "append");
    let mut options = OpenOptions::new();
    options.write(true).append(append).create(!plan.converts("nocreat")).create_new(plan.converts("excl"));
    let mut file = userland_sys::making::open(&options, path).map_err(failed)?;
    if !plan.converts("notrunc") && !append {
        // What is no file has no length to set.
        let _ = file.set_len(bytes);
    }
    if bytes > 0 && !append {
        file.seek(SeekFrom::Start(bytes))
            .map_err(|error| Failed::from(format!("{}: cannot seek: {}", quoted(path), reason(&error))))?;
    }
    Ok(Box::new(file))
}

fn copy(plan: &Plan, input: &mut dyn Read, output: &mut dyn Write, counts: &mut Counts) -> Outcome<()> {
    let in_bytes = plan.input_flags.iter().any(|flag| flag == "count_bytes");
    let full = plan.input_flags.iter().any(|flag| flag == "fullblock");
    let mut block = vec![0u8; plan.input_block];
    let mut waiting: Vec<u8> = Vec::new();
    let direct = plan.input_block == plan.output_block;
    let mut left = if in_bytes { plan.count.unwrap_or(u64::MAX) } else { u64::MAX };
    loop {
        let done = counts.whole_in + counts.part_in;
        if left == 0 || !in_bytes && plan.count.is_some_and(|count| done >= count) {
            break;
        }
        let room = plan.input_block.min(usize::try_from(left).unwrap_or(usize::MAX));
        let read = fill(input, &mut block[..room], full).map_err(|error| {
            Failed::from(format!(
                "error reading {}: {}",
                quoted(plan.input.as_deref().unwrap_or("standard input")),
                reason(&error)
            ))
        })?;
        if read == 0 {
            break;
        }
        left = left.saturating_sub(read as u64);
        let mut length = read;
        if read == plan.input_block {
            counts.whole_in += 1;
        } else {
            counts.part_in += 1;
            if plan.converts("sync") {
                block[read..].fill(0);
                length = plan.input_block;
            }
        }
        convert(plan, &mut block[..length]);
        if direct {
            put(output, &block[..length], plan.output_block, counts)?;
        } else {
            waiting.extend_from_slice(&block[..length]);
            while waiting.len() >= plan.output_block {
                put(output, &waiting[..plan.output_block], plan.output_block, counts)?;
                waiting.drain(..plan.output_block);
            }
        }
    }
    if !waiting.is_empty() {
        put(output, &waiting, plan.output_block, counts)?;
    }
    Ok(())
}

fn fill(input: &mut dyn Read, block: &mut [u8], full: bool) -> io::Result<usize> {
    let mut done = 0;
    while done < block.len() {
        match input.read(&mut block[done..]) {
            Ok(0) => break,
            Ok(read) => done += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        }
        if !full {
            break;
        }
    }
    Ok(done)
}

fn convert(plan: &Plan, block: &mut [u8]) {
    if plan.converts("ucase") {
        block.make_ascii_uppercase();
    }
    if plan.converts("lcase") {
        block.make_ascii_lowercase();
    }
    if plan.converts("swab") {
        for pair in block.chunks_exact_mut(2) {
            pair.swap(0, 1);
        }
    }
}

fn put(output: &mut dyn Write, block: &[u8], size: usize, counts: &mut Counts) -> Outcome<()> {
    output.write_all(block)?;
    counts.bytes += block.len() as u64;
    if block.len() == size {
        counts.whole_out += 1
    } else {
        counts.part_out += 1
    }
    Ok(())
}

fn tell(plan: &Plan, counts: &Counts, took: Duration) {
    let mut out = io::stderr();
    let _ = writeln!(
        out,
        "{}+{} records in\n{}+{} records out",
        counts.whole_in, counts.part_in, counts.whole_out, counts.part_out
    );
    if plan.status == "noxfer" {
        return;
    }
    let plural = if counts.bytes == 1 { "" } else { "s" };
    let decimal = short(counts.bytes as f64, 1000.0, &["B", "kB", "MB", "GB", "TB"]);
    let mut sizes = String::new();
    if counts.bytes >= 1000 {
        sizes = format!(" ({decimal}");
        if counts.bytes >= 1024 {
            sizes.push_str(&format!(", {}", short(counts.bytes as f64, 1024.0, &["B", "KiB", "MiB", "GiB", "TiB"])));
        }
        sizes.push(')');
    }
    let seconds = took.as_secs_f64().max(1e-9);
    let speed = short(counts.bytes as f64 / seconds, 1000.0, &["B", "kB", "MB", "GB", "TB"]);
    let _ = writeln!(out, "{} byte{plural}{sizes} copied, {seconds:.6} s, {speed}/s", counts.bytes);
}

fn short(mut value: f64, base: f64, units: &[&str]) -> String {
    let mut at = 0;
    while value >= base && at + 1 < units.len() {
        value /= base;
        at += 1;
    }
    if value < 9.95 && at > 0 { format!("{value:.1} {}", units[at]) } else { format!("{value:.0} {}", units[at]) }
}
