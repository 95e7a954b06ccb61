//! The messages are, byte for byte, what the API's own definitions make of them: the expected bytes were written by
//! the protobuf library of another language from the published files.

use super::action::{Action, ActionResult, Command, OutputDirectory, OutputFile};
use super::digest::{Digest, HASH_BYTES};
use super::directory::{Directory, DirectoryNode, FileNode, SymlinkNode, encode_tree};

/// A digest whose hash repeats one digit.
fn digest(digit: u8, size: u64) -> Digest {
    Digest { hash: [digit << 4 | digit; HASH_BYTES], size }
}

/// Bytes from hexadecimal, in which `<a>` stands for the 64 digits of a hash.
fn bytes(text: &str) -> Vec<u8> {
    let mut text = text.to_owned();
    for digit in ["a", "b", "c", "d", "e"] {
        let hex: String = digit.repeat(64).bytes().map(|byte| format!("{byte:02x}")).collect();
        text = text.replace(&format!("<{digit}>"), &hex);
    }
    let pairs = text.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).expect("digits"));
    pairs.map(|pair| u8::from_str_radix(pair, 16).expect("two digits")).collect()
}

const DIRECTORY: &str = "0a530a016112450a40<a>10ac02200132051a0308ed030a4b0a016212420a40<b>32021a0012490a016412440a40<c>10011a090a016c12042e2e2f782a051a0308e803";

fn directory() -> Directory {
    Directory {
        files: vec![
            FileNode::new("a".to_owned(), digest(10, 300), 0o755),
            FileNode::new("b".to_owned(), digest(11, 0), 0),
        ],
        directories: vec![DirectoryNode { name: "d".to_owned(), digest: digest(12, 1) }],
        symlinks: vec![SymlinkNode { name: "l".to_owned(), target: "../x".to_owned() }],
        mode: Some(0o750),
    }
}

#[test]
fn a_directory() {
    assert_eq!(directory().encode(), bytes(DIRECTORY));
    assert_eq!(Directory::decode(&bytes(DIRECTORY)), Ok(directory()));
    let mut turned = directory();
    turned.files.reverse();
    assert_eq!(turned.encode(), bytes(DIRECTORY), "whatever order its maker found");
}

#[test]
fn a_tree() {
    let encoded = directory().encode();
    assert_eq!(encode_tree(&encoded, &[Directory::default().encode(), encoded.clone()]), {
        let length = "ff01";
        bytes(&format!("0a{length}{DIRECTORY}120012{length}{DIRECTORY}"))
    });
}

#[test]
fn a_command() {
    let command = Command {
        arguments: ["sh", "", "-c"].map(str::to_owned).to_vec(),
        environment: [("B", ""), ("A", "1")].map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
        output_paths: ["out", "a"].map(str::to_owned).to_vec(),
        working_directory: "w".to_owned(),
    };
    let expected = "0a0273680a000a022d6312060a014112013112030a01423201773a01613a036f7574";
    assert_eq!(command.encode(), bytes(expected));
}

#[test]
fn an_action() {
    let platform = [("m", "2"), ("m", "1")].map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    let action = Action { command: digest(10, 5), input_root: digest(11, 6), salt: b"salt".to_vec(), platform };
    let expected = "0a440a40<a>100512440a40<b>10064a0473616c7452100a060a016d1201310a060a016d120132";
    assert_eq!(action.encode(), bytes(expected));
}

#[test]
fn a_result() {
    let directory = OutputDirectory { path: String::new(), tree: Some(digest(11, 1)), root: Some(digest(12, 2)) };
    let result = ActionResult {
        files: vec![OutputFile { path: "f".to_owned(), digest: digest(10, 5), executable: true }],
        directories: vec![directory],
        exit_code: -3,
        stdout: Some(digest(13, 7)),
        stderr: Some(digest(14, 8)),
        auxiliary: vec![("type/x".to_owned(), vec![0, 1])],
    };
    let expected = "124b0a016612440a40<a>100520011a8c011a440a40<b>10012a440a40<c>100220fdffffffffffffffff0132440a40<d>100742440a40<e>10084a0e5a0c0a06747970652f7812020001";
    assert_eq!(result.encode(), bytes(expected));
    assert_eq!(ActionResult::decode(&bytes(expected)), Ok(result));
}
