//! Output that is hard to bear: a line without an end, millions of empty lines. What they cost the process that
//! runs the step, shows its log, or prints it again. Knows the binary. Does not know how output is kept.

use super::place::{Place, task_run};
use std::io::Read;
use std::process::Stdio;

/// Most memory that a process may have had, in KiB: what it takes without any output, and then some.
const MOST: u64 = 300 << 10;

/// Prints 512 times 8 KiB of this byte, and fails.
fn floods(byte: u8) -> String {
    format!(
        r#"(module
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 2)
  (func (export "_start") (local $n i32)
    (memory.fill (i32.const 1024) (i32.const {byte}) (i32.const 8192))
    (i32.store (i32.const 0) (i32.const 1024))
    (i32.store (i32.const 4) (i32.const 8192))
    (loop $next
      (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 16)))
      (local.set $n (i32.add (local.get $n) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $n) (i32.const 512))))
    (call $exit (i32.const 3))))"#
    )
}

/// Exit code, bytes on standard output, and the most memory that was seen, in KiB.
fn call(place: &Place, arguments: &[&str]) -> (Option<i32>, usize, u64) {
    let mut child = place.command(arguments).stdout(Stdio::piped()).spawn().expect("is started");
    let mut stdout = child.stdout.take().expect("is piped");
    let status = format!("/proc/{}/status", child.id());
    let (mut printed, mut most) = (0, 0);
    let mut buffer = vec![0; 256 << 10];
    loop {
        let read = stdout.read(&mut buffer).expect("is read");
        printed += read;
        // As long as there is something to read, the one who writes it is there.
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let peak = text.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.parse().ok());
        most = most.max(peak.unwrap_or(0));
        if read == 0 {
            break;
        }
    }
    (child.wait().expect("ends").code(), printed, most)
}

#[test]
fn a_flood_of_output_costs_no_memory() {
    const BYTES: usize = 4 << 20;
    let place = Place::new();
    place.module("lines.wasm", &floods(b'\n')).module("line.wasm", &floods(b'x'));
    place.file("lines.yaml", &task_run("lines", "lines.wasm")).file("line.yaml", &task_run("line", "line.wasm"));
    for (name, least) in [("lines", 5 * BYTES), ("line", BYTES)] {
        let file = format!("{name}.yaml");
        for logs in ["failed", "all"] {
            let (code, printed, most) = call(&place, &["run", "-f", &file, "--logs", logs]);
            assert_eq!(code, Some(1));
            assert!(printed > least, "{name}, {logs}: {printed} bytes");
            assert!(most > 0 && most < MOST, "{name}, {logs}: {most} KiB");
        }
        for output in ["text", "json"] {
            let (code, printed, most) = call(&place, &["logs", name, "--output", output]);
            assert_eq!(code, Some(0));
            assert!(printed > BYTES && most > 0 && most < MOST, "{name}, {output}: {printed} bytes, {most} KiB");
        }
    }
}
