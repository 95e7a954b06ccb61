//! Words that do not belong into the project's texts: places of one machine, leftovers of work, and the means by
//! which a text was made. They are put together from halves here, so that this file does not hold them.

use super::{Violation, violation};

/// Where texts of others are kept as they are.
const OF_OTHERS: &[&str] = &["tests/cases/", "LICENSE"];

/// Halves of paths that exist on one machine only. They count where no path goes before them.
const PLACES: &[(&str, &str)] = &[("/ro", "ot/"), ("/wo", "rk/"), ("/ho", "me/"), ("/Us", "ers/")];

/// Halves of marks that say that something is left to do. Written small they are other words.
const MARKS: &[(&str, &str)] = &[("TO", "DO"), ("FIX", "ME"), ("XX", "X")];

/// Halves of words, compared without case, that count where no letter stands beside them.
const WORDS: &[(&str, &str)] = &[
    ("arti", "factory"),
    ("cla", "ude"),
    ("anth", "ropic"),
    ("open", "ai"),
    ("chat", "gpt"),
    ("cop", "ilot"),
    ("sub", "agent"),
    ("the ", "brief"),
    ("language ", "model"),
    ("co-authored", "-by"),
];

pub(super) fn check(path: &str, text: &str) -> Vec<Violation> {
    let of_others = OF_OTHERS.iter().any(|place| path.starts_with(place));
    let mut wrong = Vec::new();
    for (index, line) in text.lines().enumerate().filter(|_| !of_others) {
        let places = joined(PLACES).filter(|place| has_place(line, place));
        wrong.extend(places.map(|place| violation(index + 1, format!("{place} is a place of one machine"))));
        let lower = line.to_lowercase();
        let marks = joined(MARKS).filter(|mark| has_word(line, mark));
        let words = joined(WORDS).filter(|word| has_word(&lower, word));
        wrong.extend(marks.chain(words).map(|word| violation(index + 1, format!("{word:?} does not belong here"))));
    }
    wrong
}

fn joined(halves: &'static [(&str, &str)]) -> impl Iterator<Item = String> {
    halves.iter().map(|(one, two)| format!("{one}{two}"))
}

fn has_place(line: &str, place: &str) -> bool {
    line.match_indices(place)
        .any(|(at, _)| !line[..at].ends_with(|before: char| before.is_alphanumeric() || "/._-})$".contains(before)))
}

fn has_word(line: &str, word: &str) -> bool {
    let letter = |sign: Option<char>| sign.is_some_and(char::is_alphanumeric);
    line.match_indices(word)
        .any(|(at, _)| !letter(line[..at].chars().next_back()) && !letter(line[at + word.len()..].chars().next()))
}

#[test]
fn words_that_do_not_belong_are_seen() {
    for (one, two) in PLACES {
        for text in [format!("see {one}{two}x"), format!("\"{one}{two}x\"")] {
            assert_eq!(check("README.md", &text).len(), 1, "{text}");
        }
        assert_eq!(check("README.md", &format!("/tekton{one}{two}x")), []);
    }
    for (one, two) in MARKS.iter().chain(WORDS) {
        assert_eq!(check("src/lib.rs", &format!("// {one}{two}: later")).len(), 1, "{one}{two}");
        assert_eq!(check("src/lib.rs", &format!("// a{one}{two}: later")), []);
        assert_eq!(check("tests/cases/x.yaml", &format!("# {one}{two}")), []);
    }
    assert_eq!(check("src/lib.rs", "// fine\n// /workspace/x"), []);
}
