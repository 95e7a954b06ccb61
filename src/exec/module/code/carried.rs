//! Compiled code of the modules in this binary, carried behind its end: a fresh installation compiles nothing of its
//! own.
//!
//! Knows the layout: one piece after the other, then a table in JSON, then `Tail`. Does not know which modules there
//! are. What is found is trusted as this program itself is.

use super::compile::{CompileError, compile};
use super::{Digest, io};
use crate::exec::module::engine;
use serde::{Deserialize, Serialize};
use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;

/// The name under which the build starts this program to add the code to a copy of itself.
pub const COMMAND: &str = "__carry";

/// The last bytes of a binary with code behind its end: its own length, the table's, and this.
const MAGIC: &[u8; 16] = b"stepwell code v1";
/// Bytes of all that.
const TAIL: u64 = 32;
/// The longest table, in bytes.
const LONGEST_TABLE: u64 = 1 << 20;

/// One piece of code.
#[derive(Debug, Serialize, Deserialize)]
struct Piece {
    /// The module's digest.
    module: String,
    /// Where the code lies in the file.
    offset: u64,
    length: u64,
    /// The code's digest: damaged code is not run.
    code: String,
}

/// What stands at the end.
struct Tail {
    /// The binary's own bytes, before all code.
    own: u64,
    table: Vec<Piece>,
}

fn tail(file: &mut File) -> io::Result<Option<Tail>> {
    let size = file.metadata()?.len();
    let Some(start) = size.checked_sub(TAIL) else { return Ok(None) };
    file.seek(SeekFrom::Start(start))?;
    let mut words = [[0u8; 8]; 4];
    for word in &mut words {
        file.read_exact(word)?;
    }
    let [own, length, first, second] = words;
    let (own, length) = (u64::from_le_bytes(own), u64::from_le_bytes(length));
    if [first, second].concat() != MAGIC || length > LONGEST_TABLE {
        return Ok(None);
    }
    let Some(start) = start.checked_sub(length) else { return Ok(None) };
    file.seek(SeekFrom::Start(start))?;
    let mut table = Vec::new();
    file.take(length).read_to_end(&mut table)?;
    Ok(serde_json::from_slice(&table).ok().map(|table| Tail { own, table }))
}

/// The code of a module, where this program carries it.
pub fn find(module: &Digest) -> Option<Vec<u8>> {
    piece(&mut File::open("/proc/self/exe").ok()?, module)
}

/// The code of a module behind a program's end, where it is whole.
fn piece(file: &mut File, module: &Digest) -> Option<Vec<u8>> {
    let module = module.to_hex();
    let piece = tail(file).ok()??.table.into_iter().find(|piece| piece.module == module.as_str())?;
    let rest = file.metadata().ok()?.len().checked_sub(piece.offset)?;
    file.seek(SeekFrom::Start(piece.offset)).ok()?;
    // No more is made room for than there is.
    let mut code = Vec::with_capacity(usize::try_from(piece.length.min(rest)).ok()?);
    file.take(piece.length).read_to_end(&mut code).ok()?;
    (blake3::hash(&code).to_hex().as_str() == piece.code && code.len() as u64 == piece.length).then_some(code)
}

/// What the process does that [`COMMAND`] makes of this program: its one argument is the program to add code to.
/// Gives the exit code.
#[must_use]
pub fn serve(arguments: &[OsString], modules: &[(&str, &[u8], [u8; 32])]) -> u8 {
    let words = match arguments {
        [path] => match carry(Path::new(path), modules) {
            Ok(()) => return 0,
            Err(error) => error.to_string(),
        },
        _ => format!("{COMMAND} is for the build: {COMMAND} PROGRAM"),
    };
    // Who cannot hear it sees the code.
    let _ = writeln!(io::stderr(), "{words}");
    1
}

/// Compiles modules for every machine of this kind, and puts the code behind the end of the program at `path`. One
/// that carries them already is left alone.
pub fn carry(path: &Path, modules: &[(&str, &[u8], [u8; 32])]) -> Result<(), CompileError> {
    let fault = |error: io::Error| CompileError::Fault(format!("{}: {error}", path.display()));
    let mut file = OpenOptions::new().read(true).write(true).open(path).map_err(fault)?;
    let digests: Vec<String> =
        modules.iter().map(|(.., digest)| Digest::from_bytes(*digest).to_hex().to_string()).collect();
    let old = tail(&mut file).map_err(fault)?;
    if old.as_ref().is_some_and(|old| old.table.iter().map(|piece| &piece.module).eq(&digests)) {
        return Ok(());
    }
    let meta = file.metadata().map_err(fault)?;
    let own = old.map_or(meta.len(), |old| old.own);
    let engine = engine::portable_compiler().map_err(|error| CompileError::Compiler(format!("{error:#}")))?;
    let mut table = Vec::new();
    let mut codes = Vec::new();
    let mut offset = own;
    for ((_, bytes, _), module) in modules.iter().zip(digests) {
        let code = compile(&engine, bytes)?;
        let length = code.len() as u64;
        table.push(Piece { module, offset, length, code: blake3::hash(&code).to_hex().to_string() });
        offset += length;
        codes.push(code);
    }
    let write = |mut file: File| -> io::Result<()> {
        file.set_len(own)?;
        file.seek(SeekFrom::Start(own))?;
        for code in &codes {
            file.write_all(code)?;
        }
        let table = serde_json::to_vec(&table)?;
        file.write_all(&table)?;
        file.write_all(&own.to_le_bytes())?;
        file.write_all(&(table.len() as u64).to_le_bytes())?;
        file.write_all(MAGIC)?;
        // Who builds the program compares times: it is no newer than it was.
        file.set_modified(meta.modified()?)
    };
    write(file).map_err(fault)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_is_put_behind_a_program_once() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let path = dir.path().join("program");
        std::fs::write(&path, b"a program").expect("is written");
        let module = wat::parse_str("(module (func (export \"_start\")))").expect("is WebAssembly");
        let other = wat::parse_str("(module (func (export \"_start\") nop))").expect("is WebAssembly");
        let [one, two] = [&module, &other].map(|bytes| *blake3::hash(bytes).as_bytes());
        carry(&path, &[("one", &module, one)]).expect("is carried");
        let once = std::fs::read(&path).expect("is there");
        carry(&path, &[("one", &module, one)]).expect("is carried");
        assert_eq!(std::fs::read(&path).expect("is there"), once);
        carry(&path, &[("one", &other, two), ("two", &module, one)]).expect("is carried");
        let Tail { own, table } = tail(&mut File::open(&path).expect("is there")).expect("is read").expect("has one");
        assert_eq!((own, table.len()), (9, 2));
        let bytes = std::fs::read(&path).expect("is there");
        let piece = &table[1];
        let code = &bytes[piece.offset as usize..][..piece.length as usize];
        assert!(wasmtime::Engine::detect_precompiled(code).is_some());
        // It can be run by the engine of this machine.
        let engine = engine::engine(1).expect("starts");
        // SAFETY: the code was made by our own compiler just now.
        unsafe { wasmtime::Module::deserialize(&engine, code) }.expect("fits");
    }

    /// A table that says more than there is, or code that is not what was put there.
    #[test]
    fn damaged_code_is_none() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let path = dir.path().join("program");
        std::fs::write(&path, b"a program").expect("is written");
        let module = wat::parse_str("(module (func (export \"_start\")))").expect("is WebAssembly");
        let digest = blake3::hash(&module);
        carry(&path, &[("one", &module, *digest.as_bytes())]).expect("is carried");
        let found = || piece(&mut File::open(&path).expect("is there"), &digest);
        assert!(found().is_some());
        let whole = std::fs::read(&path).expect("is there");
        let code = &tail(&mut File::open(&path).expect("is there")).expect("is read").expect("has one").table[0];
        let mut changed = whole.clone();
        changed[code.offset as usize + code.length as usize / 2] ^= 1;
        std::fs::write(&path, changed).expect("is written");
        assert!(found().is_none(), "another byte");
        for (offset, length) in [(code.offset, u64::MAX), (u64::MAX, 1), (code.offset, code.length + 1), (0, 9)] {
            let table = [Piece { module: code.module.clone(), code: code.code.clone(), offset, length }];
            let table = serde_json::to_vec(&table).expect("is JSON");
            let tail = [9, table.len() as u64].map(u64::to_le_bytes).concat();
            let bytes = [&whole[..(code.offset + code.length) as usize], &table, &tail, MAGIC].concat();
            std::fs::write(&path, bytes).expect("is written");
            assert!(found().is_none(), "{offset} {length}");
        }
    }

    #[test]
    fn what_is_no_table_is_none() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let path = dir.path().join("program");
        for bytes in
            [&b""[..], &[0; 40], &[[0xff; 16].as_slice(), MAGIC].concat(), &[[0; 16].as_slice(), MAGIC].concat()]
        {
            std::fs::write(&path, bytes).expect("is written");
            assert!(tail(&mut File::open(&path).expect("is there")).expect("is read").is_none());
        }
        assert!(find(&blake3::hash(b"nothing")).is_none());
    }
}
