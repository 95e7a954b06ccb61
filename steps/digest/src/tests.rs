//! Digests of known texts against values that others published, and the shape of what is printed.

use super::{parse, run};
use std::path::Path;

fn said(dir: &Path, words: &[&str]) -> Result<String, String> {
    let dir = dir.to_str().expect("a temporary path is UTF-8");
    let words: Vec<String> = words.iter().map(|word| word.replace('@', dir)).collect();
    let request = parse(lexopt::Parser::from_args(words)).map_err(|error| error.to_string())?;
    let mut out = Vec::new();
    run(&request, &mut out)?;
    Ok(String::from_utf8(out).expect("digests are text").replace(dir, "@"))
}

// The test vectors of FIPS 180-4 ("abc") and of BLAKE3's own repository (no input).
const SHA256_ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
const BLAKE3_NOTHING: &str = "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262";

#[test]
fn agrees_with_published_values() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    std::fs::write(dir.path().join("abc"), "abc").expect("a file");
    std::fs::write(dir.path().join("none"), "").expect("a file");
    assert_eq!(said(dir.path(), &["--sha256", "@/abc"]), Ok(format!("{SHA256_ABC}  @/abc\n")));
    assert_eq!(said(dir.path(), &["--bare", "@/none"]), Ok(format!("{BLAKE3_NOTHING}\n")));
}

#[test]
fn a_result_holds_the_digest_alone() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    std::fs::write(dir.path().join("none"), "").expect("a file");
    assert_eq!(said(dir.path(), &["--bare", "--to", "@/result", "@/none"]).as_deref(), Ok(""));
    assert_eq!(std::fs::read_to_string(dir.path().join("result")).expect("the result"), BLAKE3_NOTHING);
}

#[test]
fn a_folder_is_told_by_names_and_contents() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let write = |name: &str, text: &str| std::fs::write(dir.path().join(name), text).expect("a file");
    std::fs::create_dir_all(dir.path().join("a/b")).expect("folders");
    write("a/b/two", "2");
    write("a/one", "1");
    let first = said(dir.path(), &["@/a"]).expect("a digest");
    assert_eq!(said(dir.path(), &["@/a"]), Ok(first.clone()), "the same folder again");
    write("a/one", "changed");
    assert_ne!(said(dir.path(), &["@/a"]), Ok(first.clone()), "another content");
    write("a/one", "1");
    std::fs::rename(dir.path().join("a/one"), dir.path().join("a/uno")).expect("a rename");
    assert_ne!(said(dir.path(), &["@/a"]), Ok(first), "another name");
}

#[test]
fn says_what_is_wrong() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    assert_eq!(said(dir.path(), &[]), Err("a path is missing".into()));
    assert_eq!(said(dir.path(), &["--md5", "x"]), Err("invalid option '--md5'".into()));
    assert!(said(dir.path(), &["@/none"]).is_err_and(|text| text.contains("/none: ")), "the path is named");
}
