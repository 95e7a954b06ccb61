//! `{a,b}` and `{1..9}`: one word that stands for several.

use crate::syntax::ast::Piece;

/// A character that was written without quotes, or a piece as it is.
#[derive(Clone)]
enum Token {
    Char(char),
    Piece(Piece),
}

/// Most words that one may stand for.
const MOST: usize = 1 << 20;

/// The words, each as its pieces.
pub fn expand(pieces: &[Piece]) -> Vec<Vec<Piece>> {
    let mut tokens = Vec::new();
    for piece in pieces {
        match piece {
            Piece::Text(text) => tokens.extend(text.chars().map(Token::Char)),
            piece => tokens.push(Token::Piece(piece.clone())),
        }
    }
    all(&tokens).into_iter().map(|tokens| join(&tokens)).collect()
}

fn join(tokens: &[Token]) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut text = String::new();
    for token in tokens {
        match token {
            Token::Char(char) => text.push(*char),
            Token::Piece(piece) => {
                if !text.is_empty() {
                    pieces.push(Piece::Text(std::mem::take(&mut text).into()));
                }
                pieces.push(piece.clone());
            }
        }
    }
    if !text.is_empty() {
        pieces.push(Piece::Text(text.into()));
    }
    pieces
}

fn char_at(tokens: &[Token], at: usize) -> Option<char> {
    match tokens.get(at) {
        Some(Token::Char(char)) => Some(*char),
        _ => None,
    }
}

/// Where the brace that opens at `open` closes, and the commas at its own level.
fn matching(tokens: &[Token], open: usize) -> Option<(usize, Vec<usize>)> {
    let (mut depth, mut commas) = (0, Vec::new());
    for at in open..tokens.len() {
        match char_at(tokens, at) {
            Some('{') => depth += 1,
            Some('}') => {
                depth -= 1;
                if depth == 0 {
                    return Some((at, commas));
                }
            }
            Some(',') if depth == 1 => commas.push(at),
            _ => {}
        }
    }
    None
}

fn all(tokens: &[Token]) -> Vec<Vec<Token>> {
    for open in 0..tokens.len() {
        if char_at(tokens, open) != Some('{') {
            continue;
        }
        let Some((close, commas)) = matching(tokens, open) else { continue };
        let inside = &tokens[open + 1..close];
        let choices = if commas.is_empty() {
            match sequence(inside) {
                Some(choices) => choices,
                None => continue,
            }
        } else {
            let mut choices = Vec::new();
            let mut start = open + 1;
            for end in commas.into_iter().chain([close]) {
                choices.extend(all(&tokens[start..end]));
                start = end + 1;
            }
            choices
        };
        let rest = all(&tokens[close + 1..]);
        if choices.len().saturating_mul(rest.len()) > MOST {
            return vec![tokens.to_vec()];
        }
        let mut words = Vec::with_capacity(choices.len() * rest.len());
        for choice in &choices {
            for end in &rest {
                words.push([&tokens[..open], choice, end].concat());
            }
        }
        return words;
    }
    vec![tokens.to_vec()]
}

/// `1..9`, `a..e`, with a step.
fn sequence(inside: &[Token]) -> Option<Vec<Vec<Token>>> {
    let text: String = (0..inside.len()).map(|at| char_at(inside, at)).collect::<Option<_>>()?;
    let parts: Vec<&str> = text.split("..").collect();
    let (first, last, step) = match parts.as_slice() {
        [first, last] => (*first, *last, None),
        [first, last, step] => (*first, *last, Some(step.parse::<i64>().ok()?)),
        _ => return None,
    };
    let tokens = |text: String| text.chars().map(Token::Char).collect::<Vec<_>>();
    if let (Ok(from), Ok(to)) = (first.parse::<i64>(), last.parse::<i64>()) {
        let digits = |text: &str| text.trim_start_matches(['-', '+']).len();
        let padded = |text: &str| text.trim_start_matches('-').starts_with('0') && digits(text) > 1;
        let width = if padded(first) || padded(last) { first.len().max(last.len()) } else { 0 };
        let numbers = steps(from, to, step)?;
        return Some(numbers.into_iter().map(|number| tokens(format!("{number:0width$}"))).collect());
    }
    let (mut one, mut other) = (first.chars(), last.chars());
    match (one.next(), one.next(), other.next(), other.next()) {
        (Some(from), None, Some(to), None) if from.is_ascii_alphabetic() && to.is_ascii_alphabetic() => {
            let numbers = steps(from as i64, to as i64, step)?;
            let char = |number: i64| u8::try_from(number).ok().map(|byte| vec![Token::Char(char::from(byte))]);
            numbers.into_iter().map(char).collect()
        }
        _ => None,
    }
}

fn steps(from: i64, to: i64, step: Option<i64>) -> Option<Vec<i64>> {
    let size = step.unwrap_or(1).unsigned_abs().max(1);
    let count = from.abs_diff(to) / size;
    if count >= MOST as u64 {
        return None;
    }
    let size = i64::try_from(size).ok()?;
    let direction = if to >= from { size } else { -size };
    (0..=i64::try_from(count).ok()?).map(|at| from.checked_add(direction.checked_mul(at)?)).collect()
}
