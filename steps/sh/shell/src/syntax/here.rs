//! Here-documents: their bodies are read as soon as their operator is, and skipped when the line ends.

use super::ast::{Piece, Word};
use super::{Parsed, Parser};

impl Parser {
    /// Reads the body for a delimiter that was just read.
    pub(super) fn here_document(&mut self, delimiter: &str, strip: bool, quoted: bool) -> Parsed<Word> {
        let first = self.line;
        let (end_of_line, mut at, mut lines) = match self.bodies {
            Some(bodies) => bodies,
            None => {
                let end = self.end_of_line();
                (end, end + 1, 0)
            }
        };
        let body_line = first + lines + 1;
        let mut body = String::new();
        loop {
            let Some(line) = self.line_from(at) else {
                if !body.is_empty() && !body.ends_with('\n') {
                    body.push('\n');
                }
                self.warnings.push((
                    first + lines,
                    format!("here-document at line {first} delimited by end-of-file (wanted `{delimiter}')"),
                ));
                break;
            };
            at += line.len();
            lines += 1;
            let text = if strip { line.trim_start_matches('\t') } else { &line };
            if text.strip_suffix('\n').unwrap_or(text) == delimiter {
                break;
            }
            // In a command substitution the document may end with it.
            body.push_str(text);
            if !quoted && line.ends_with("\\\n") && !line.ends_with("\\\\\n") {
                // The next line is joined to this one and is not looked at.
                while let Some(next) = self.line_from(at) {
                    at += next.len();
                    lines += 1;
                    body.push_str(if strip { next.trim_start_matches('\t') } else { &next });
                    if !next.ends_with("\\\n") {
                        break;
                    }
                }
            }
        }
        self.bodies = Some((end_of_line, at.min(self.src.len()), lines));
        let raw = Some(body.as_str().into());
        if quoted {
            return Ok(Word { pieces: vec![Piece::Quoted(body.into())], braces: false, raw });
        }
        let pieces = self.part(&body, body_line).document_pieces()?;
        Ok(Word { pieces, braces: false, raw })
    }

    /// The line that begins at this place of the text.
    fn line_from(&mut self, at: usize) -> Option<String> {
        let ahead = at.checked_sub(self.pos)?;
        self.byte_at(ahead)?;
        let mut end = at;
        loop {
            match self.byte_at(end - self.pos) {
                None => break,
                Some(b'\n') => {
                    end += 1;
                    break;
                }
                Some(_) => end += 1,
            }
        }
        Some(self.src[at..end].to_owned())
    }

    /// Where the line ends that is being read: a line end within quotes is none, unless the quotes never end.
    fn end_of_line(&mut self) -> usize {
        let mut quote = None;
        let mut plain = None;
        let mut ahead = 0;
        while let Some(byte) = self.byte_at(ahead) {
            match byte {
                b'\n' if quote.is_none() => return self.pos + ahead,
                b'\n' => {
                    // Quotes that go on are more likely those around the command substitution that this is in.
                    plain = Some(self.pos + ahead);
                    break;
                }
                b'\\' if quote != Some(b'\'') => ahead += 1,
                b'\'' | b'"' if quote.is_none() => quote = Some(byte),
                byte if quote == Some(byte) => quote = None,
                _ => {}
            }
            ahead += 1;
        }
        plain.unwrap_or_else(|| {
            let mut ahead = 0;
            while self.byte_at(ahead).is_some_and(|byte| byte != b'\n') {
                ahead += 1;
            }
            self.pos + ahead
        })
    }
}

/// A text that is expanded as a here-document is.
pub fn here_text(text: &str, line: u32, settings: super::Settings) -> Parsed<Word> {
    let pieces = Parser::new(text, line, settings).document_pieces()?;
    Ok(Word { pieces, braces: false, raw: None })
}
