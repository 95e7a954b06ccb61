//! `select`: a menu on standard error, and choices from standard input.
//!
//! Knows no terminal: a menu is as wide as `COLUMNS` says, or 80.

use super::Ran;
use super::compound::Turn;
use crate::shell::Shell;
use crate::syntax::ast::{List, Word};
use crate::vars::Text;

impl Shell {
    /// `select NAME in WORDS; do BODY; done`
    pub(super) fn run_select(&mut self, name: &str, words: Option<&[Word]>, body: &List) -> Ran<()> {
        if !self.takes_values(name)? {
            return Ok(());
        }
        let offered = self.offered(words)?;
        if offered.is_empty() {
            self.state.status = 0;
            return Ok(());
        }
        self.looping(|shell| {
            let mut shows = true;
            loop {
                let Some(chosen) = shell.choose(&offered, shows)? else {
                    shell.state.status = 1;
                    return Ok(());
                };
                if !shell.take_turn_value(name, &chosen)? || shell.turn(body)? == Turn::Over {
                    return Ok(());
                }
                shows = shell.var_text("REPLY").is_some_and(|reply| reply.is_empty());
            }
        })
    }

    /// Asks until there is an answer: the choice, nothing for what is none, and no choice at the end of the input.
    fn choose(&mut self, offered: &[Text], mut shows: bool) -> Ran<Option<Text>> {
        loop {
            let mut text = if shows { menu(offered, self.columns()) } else { String::new() };
            let prompt = self.var_text("PS3").unwrap_or_else(|| "#? ".into());
            text.push_str(&self.expand_prompt(&prompt)?);
            // Who closed standard error sees no menu.
            let _ = self.write(2, &text);
            let status = self.state.status;
            let Some(read) = crate::builtins::find("read") else { return Ok(None) };
            if read(self, &["read".into()])? != 0 {
                let _ = self.write(1, "\n");
                return Ok(None);
            }
            self.state.status = status;
            let reply = self.var_text("REPLY").unwrap_or_else(|| "".into());
            if !reply.is_empty() {
                let number = reply.trim().parse::<usize>().ok().and_then(|number| number.checked_sub(1));
                return Ok(Some(number.and_then(|at| offered.get(at).cloned()).unwrap_or_else(|| "".into())));
            }
            shows = true;
        }
    }

    fn columns(&mut self) -> usize {
        self.var_text("COLUMNS").and_then(|text| text.parse().ok()).filter(|columns| *columns > 0).unwrap_or(80)
    }
}

fn digits(number: usize) -> usize {
    number.to_string().len()
}

/// The choices with their numbers, in columns from top to bottom.
fn menu(offered: &[Text], width: usize) -> String {
    let count = offered.len();
    let longest = offered.iter().map(|text| text.chars().count()).max().unwrap_or(0);
    let column = longest + digits(count) + 4;
    let columns = (width / column).max(1);
    let mut rows = count.div_ceil(columns).max(1);
    if rows == 1 {
        rows = count.div_ceil(rows);
    }
    let mut text = String::new();
    for row in 0..rows {
        let mut place = 0;
        for at in (row..count).step_by(rows) {
            let wide = if at == row { digits(rows) } else { digits(count) };
            text.push_str(&format!("{:wide$}) {}", at + 1, offered[at]));
            if at + rows < count {
                indent(&mut text, place + wide + 2 + offered[at].chars().count(), place + column);
                place += column;
            }
        }
        text.push('\n');
    }
    text
}

/// From one place to another with tabs as far as they reach.
fn indent(text: &mut String, mut from: usize, to: usize) {
    while from < to {
        if to / 8 > from / 8 {
            text.push('\t');
            from += 8 - from % 8;
        } else {
            text.push(' ');
            from += 1;
        }
    }
}
