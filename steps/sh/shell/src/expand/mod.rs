//! From words to fields: braces, tildes, parameters, substitutions, splitting, file names.
//!
//! `fields.rs` gathers text and knows what of it was quoted; `param.rs` and `ops.rs` know `${…}`. Here is what each piece of
//! a word becomes, and the ways in which words are expanded.

mod assign;
mod braces;
pub mod escapes;
mod fields;
mod ops;
mod param;
pub mod regex;

use crate::glob;
use crate::pattern::Pattern;
use crate::run::{Flow, Part, Ran};
use crate::shell::Shell;
use crate::state::Shopts;
use crate::syntax::ast::{ArithWord, List, Piece, Word};
use crate::vars::{Subscript, Text};
use fields::{Field, Fields, Quoting};
use param::Val;
use std::rc::Rc;
use userland_sys as sys;

pub use escapes::quote_if_needed as quote;

/// What becomes of what is not quoted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// Expansions are split into fields.
    Fields,
    /// All is one text.
    Text,
}

impl Shell {
    /// The fields of words, as a command's.
    pub fn expand_words(&mut self, words: &[Word]) -> Ran<Vec<Text>> {
        let mut fields = Vec::with_capacity(words.len());
        for word in words {
            self.expand_into(word, &mut fields)?;
        }
        Ok(fields)
    }

    /// The fields of one word, behind those that are there.
    pub fn expand_into(&mut self, word: &Word, into: &mut Vec<Text>) -> Ran<()> {
        // Most words are a text and nothing else.
        if let [Piece::Text(text)] = word.pieces.as_slice()
            && !word.braces
            && !text.contains(['*', '?', '[', '(', '~', '\\'])
        {
            into.push(text.clone());
            return Ok(());
        }
        if word.braces && self.state.options.braceexpand {
            for pieces in braces::expand(&word.pieces) {
                self.expand_pieces_into(&pieces, into)?;
            }
            return Ok(());
        }
        self.expand_pieces_into(&word.pieces, into)
    }

    fn expand_pieces_into(&mut self, pieces: &[Piece], into: &mut Vec<Text>) -> Ran<()> {
        let mut fields = Fields::new(self.separators());
        self.pieces(pieces, Quoting::None, Mode::Fields, &mut fields)?;
        for field in fields.finish() {
            self.files_into(field, into)?;
        }
        Ok(())
    }

    /// A field, or the files that it is a pattern of.
    fn files_into(&mut self, field: Field, into: &mut Vec<Text>) -> Ran<()> {
        if self.state.options.noglob || !field.may_be_pattern(self.state.shopts.extglob) {
            into.push(field.text.into());
            return Ok(());
        }
        let mut found = glob::files(&field.pattern(), &self.state.shopts);
        if let Some(ignored) = self.var_text("GLOBIGNORE").filter(|ignored| !ignored.is_empty()) {
            // Where some names are left out, those with a dot first are not.
            found = glob::files(&field.pattern(), &Shopts { dotglob: true, ..self.state.shopts });
            let ignored: Vec<Pattern> =
                ignored.split(':').map(|text| Pattern::new(text, self.state.shopts.extglob, false)).collect();
            found.retain(|name| !ignored.iter().any(|pattern| pattern.matches(name)));
        }
        if !found.is_empty() {
            into.extend(found.into_iter().map(Text::from));
        } else if self.state.shopts.failglob {
            self.complain(&format!("no match: {}", field.text));
            return Err(Flow::Discard(1));
        } else if !self.state.shopts.nullglob {
            into.push(field.text.into());
        }
        Ok(())
    }

    /// `IFS`, or what stands for it.
    fn separators(&mut self) -> Text {
        self.var_text("IFS").unwrap_or_else(|| " \t\n".into())
    }

    /// What stands between parameters that become one text: the first separator.
    fn joiner(&mut self) -> String {
        match self.var_text("IFS") {
            None => " ".to_owned(),
            Some(ifs) => ifs.chars().next().map(String::from).unwrap_or_default(),
        }
    }

    fn one_text(&mut self, pieces: &[Piece], quoting: Quoting) -> Ran<Field> {
        let mut fields = Fields::new("".into());
        self.pieces(pieces, quoting, Mode::Text, &mut fields)?;
        Ok(fields.one())
    }

    /// The text of a word that is neither split nor a pattern.
    pub fn expand_text(&mut self, word: &Word) -> Ran<Text> {
        if let [Piece::Text(text) | Piece::Quoted(text)] = word.pieces.as_slice() {
            return Ok(text.clone());
        }
        Ok(self.one_text(&word.pieces, Quoting::None)?.text.into())
    }

    /// The value of an assignment: as a text, with tildes after colons too (which the parser has found).
    pub fn expand_assigned(&mut self, word: &Word) -> Ran<Text> {
        self.expand_text(word)
    }

    /// A here-document's text.
    pub fn expand_here(&mut self, word: &Word) -> Ran<String> {
        Ok(self.one_text(&word.pieces, Quoting::Double)?.text)
    }

    /// The text of a pattern: what was quoted has backslashes.
    pub fn expand_pattern(&mut self, word: &Word) -> Ran<String> {
        Ok(self.one_text(&word.pieces, Quoting::None)?.pattern())
    }

    /// The text of a regular expression: what was quoted stands for itself.
    pub fn expand_regex(&mut self, word: &Word) -> Ran<String> {
        Ok(self.one_text(&word.pieces, Quoting::None)?.regex())
    }

    /// What a prompt says: parameters and substitutions in it are expanded.
    pub fn expand_prompt(&mut self, text: &str) -> Ran<String> {
        if !text.contains(['$', '`']) {
            return Ok(text.to_owned());
        }
        match crate::syntax::here_text(text, self.state.line, self.settings()) {
            Ok(word) => self.expand_here(&word),
            Err(_) => Ok(text.to_owned()),
        }
    }

    /// A subscript as it was written.
    pub fn subscript(&mut self, name: &str, word: &Word) -> Ran<Subscript> {
        let (target, _) = self.resolve(name);
        let text = self.expand_text(word)?;
        self.index_key(&target, &text)
    }

    /// The value of an arithmetic expression.
    pub fn arith_word(&mut self, word: &ArithWord) -> Ran<i64> {
        if let Some(expr) = &word.parsed {
            let expr = expr.clone();
            return self.arith(&expr, word.word.source());
        }
        let text = self.one_text(&word.word.pieces, Quoting::Double)?.text;
        self.arith_text(&text)
    }

    /// What pieces become.
    fn pieces(&mut self, pieces: &[Piece], quoting: Quoting, mode: Mode, fields: &mut Fields) -> Ran<()> {
        for piece in pieces {
            self.piece(piece, quoting, mode, fields)?;
        }
        Ok(())
    }

    fn piece(&mut self, piece: &Piece, quoting: Quoting, mode: Mode, fields: &mut Fields) -> Ran<()> {
        match piece {
            Piece::Text(text) if quoting == Quoting::Double => fields.quoted(text),
            Piece::Text(text) => fields.literal(text),
            Piece::Quoted(text) => fields.quoted(text),
            Piece::Double(inner) => self.double(inner, mode, fields)?,
            Piece::Param(param) => {
                let value = self.param(param, quoting)?;
                self.value(value, quoting, mode, fields)?;
            }
            Piece::Command(substitution) => {
                let text = self.substitute(substitution)?;
                self.value(Val::One(text.into()), quoting, mode, fields)?;
            }
            Piece::Arith(word) => {
                let value = self.arith_word(word)?;
                self.value(Val::One(value.to_string().into()), quoting, mode, fields)?;
            }
            Piece::Process(reads, list) => {
                let path = self.process(*reads, list)?;
                fields.quoted(&path);
            }
            Piece::Tilde(name) => {
                let home = self.home(name);
                fields.quoted(&home);
            }
            Piece::Bad(text) => {
                self.complain(&format!("{text}: bad substitution"));
                return Err(Flow::Discard(1));
            }
        }
        Ok(())
    }

    /// What stands in double quotes: a field even if it is empty, but for `"$@"` without parameters.
    fn double(&mut self, inner: &[Piece], mode: Mode, fields: &mut Fields) -> Ran<()> {
        let before = fields.mark();
        let mut only_list = !inner.is_empty();
        for piece in inner {
            let is_list = matches!(piece, Piece::Param(param) if param.is_list());
            only_list &= is_list;
            self.piece(piece, Quoting::Double, mode, fields)?;
        }
        if !only_list || fields.mark() != before {
            fields.quoted("");
        }
        Ok(())
    }

    /// Puts the value of an expansion where it belongs.
    fn value(&mut self, value: Val, quoting: Quoting, mode: Mode, fields: &mut Fields) -> Ran<()> {
        let splits = quoting == Quoting::None && mode == Mode::Fields;
        match value {
            Val::Unset => {}
            Val::One(text) if quoting == Quoting::Double => fields.quoted(&text),
            Val::One(text) if splits => fields.split(&text),
            Val::One(text) => fields.literal(&text),
            // The text of an operand that is not quoted is split like a value.
            Val::Word(word) if splits => {
                for piece in &word.pieces {
                    match piece {
                        Piece::Text(text) => fields.split(text),
                        piece => self.piece(piece, quoting, mode, fields)?,
                    }
                }
            }
            Val::Word(word) => self.pieces(&word.pieces, quoting, mode, fields)?,
            Val::Many(texts, star) => {
                if mode == Mode::Text || (star && quoting == Quoting::Double) {
                    let joiner = if star { self.joiner() } else { " ".to_owned() };
                    let text = texts.join(&joiner);
                    if quoting == Quoting::Double {
                        fields.quoted(&text)
                    } else {
                        fields.literal(&text)
                    }
                    return Ok(());
                }
                for (at, text) in texts.iter().enumerate() {
                    if at > 0 {
                        fields.end();
                    }
                    if quoting == Quoting::Double { fields.quoted(text) } else { fields.split(text) }
                }
            }
        }
        Ok(())
    }

    /// Where `~` or `~name` is.
    fn home(&mut self, name: &str) -> String {
        let text = match name {
            "" => Some(self.var_text("HOME").unwrap_or_else(|| "/root".into())),
            "root" => Some("/root".into()),
            "+" => Some(self.var_text("PWD").unwrap_or_else(|| self.directory.clone())),
            "-" => self.var_text("OLDPWD"),
            _ => None,
        };
        text.map_or_else(|| format!("~{name}"), |text| text.to_string())
    }

    /// `<(…)` and `>(…)`: the path of a pipe that a command is at the other end of.
    fn process(&mut self, reads: bool, list: &Rc<List>) -> Ran<String> {
        let Ok((read, write)) = crate::fds::pipe() else { return Err(Flow::Exit(254)) };
        let (ours, theirs, number) = if reads { (read, write, 1) } else { (write, read, 0) };
        let Some(real) = ours.real() else { return Err(Flow::Exit(254)) };
        // Numbers that no script names, since a program opens it by its number: from 63 downwards, as bash's.
        let free = (10..64).rev().find(|number| !sys::is_open(*number));
        let high = match free {
            Some(number) => sys::replace(real, number).map(|()| number),
            None => sys::duplicate(real, 64),
        };
        let Ok(high) = high else { return Err(Flow::Exit(254)) };
        drop(ours);
        let outside = self.fds.clone();
        self.fds.0.insert(number, theirs);
        self.nesting += 1;
        let started = self.start_part(&Part::List(list.clone()));
        self.nesting -= 1;
        self.fds = outside;
        if let Ok(started) = started? {
            self.state.background = Some(started.number);
        }
        self.held.push(crate::fds::Handle::own(high));
        Ok(format!("/dev/fd/{high}"))
    }
}
