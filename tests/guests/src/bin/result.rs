//! Writes texts to files, exactly as given: `result PATH TEXT [PATH TEXT]...`. A step that gives results.

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (pairs, odd) = arguments.as_chunks::<2>();
    if pairs.is_empty() || !odd.is_empty() {
        eprintln!("usage: result PATH TEXT [PATH TEXT]...");
        std::process::exit(2);
    }
    for [path, text] in pairs {
        if let Err(error) = std::fs::write(path, text) {
            eprintln!("result: {path}: {error}");
            std::process::exit(1);
        }
    }
}
