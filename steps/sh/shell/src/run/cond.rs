//! `[[ ]]`.

use super::Ran;
use crate::pattern::Pattern;
use crate::shell::Shell;
use crate::syntax::ast::{Cond, Piece, Word};
use crate::vars::Text;

impl Shell {
    /// The status of a condition: 0, 1, or 2 where it cannot be asked.
    pub fn cond(&mut self, cond: &Cond) -> Ran<i32> {
        match self.holds(cond, false)? {
            Some(holds) => Ok(i32::from(!holds)),
            None => Ok(2),
        }
    }

    /// `negated` says that it is asked for the opposite, which only the trace shows.
    fn holds(&mut self, cond: &Cond, negated: bool) -> Ran<Option<bool>> {
        Ok(match cond {
            Cond::Group(inner) => self.holds(inner, false)?,
            Cond::Not(inner) => self.holds(inner, !negated)?.map(|holds| !holds),
            Cond::And(left, right) => match self.holds(left, false)? {
                Some(true) => self.holds(right, false)?,
                other => other,
            },
            Cond::Or(left, right) => match self.holds(left, false)? {
                Some(false) => self.holds(right, false)?,
                other => other,
            },
            Cond::Word(word) => {
                let Some(text) = self.operand(word)? else { return Ok(None) };
                self.trace_cond(negated, &["-n", &text]);
                Some(!text.is_empty())
            }
            Cond::Unary(operator, word) => {
                let Some(operand) = self.operand(word)? else { return Ok(None) };
                self.trace_cond(negated, &[operator, &operand]);
                self.test_unary(operator, &operand)?
            }
            Cond::Binary(operator, left, right) => {
                let Some(text) = self.operand(left)? else { return Ok(None) };
                match &**operator {
                    "=" | "==" | "!=" => {
                        let pattern = self.expand_pattern(right)?;
                        self.trace_cond(negated, &[&text, operator, &pattern]);
                        let (extglob, fold) = (true, self.state.shopts.nocasematch);
                        let matches = Pattern::new(&pattern, extglob, fold).matches(&text);
                        Some(matches == (&**operator != "!="))
                    }
                    "=~" => {
                        let pattern = self.expand_regex(right)?;
                        self.trace_cond(negated, &[&text, "=~", &pattern]);
                        return self.matches_regex(&text, &pattern);
                    }
                    "-eq" | "-ne" | "-lt" | "-le" | "-gt" | "-ge" => {
                        let other = self.expand_text(right)?;
                        self.trace_cond(negated, &[&text, operator, &other]);
                        let before = self.arith_command.replace("[[".into());
                        let numbers = self.arith_text(&text).and_then(|left| Ok((left, self.arith_text(&other)?)));
                        self.arith_command = before;
                        let (left, right) = match numbers {
                            Ok(numbers) => numbers,
                            // It was said; what is no number is not equal to anything.
                            Err(super::Flow::Discard(_)) => return Ok(Some(false)),
                            Err(flow) => return Err(flow),
                        };
                        Some(match &**operator {
                            "-eq" => left == right,
                            "-ne" => left != right,
                            "-lt" => left < right,
                            "-le" => left <= right,
                            "-gt" => left > right,
                            _ => left >= right,
                        })
                    }
                    operator => {
                        let other = self.expand_text(right)?;
                        self.trace_cond(negated, &[&text, operator, &other]);
                        self.test_binary(operator, &text, &other)?
                    }
                }
            }
        })
    }

    /// An operand's text. To `ash` the words of `[[` are like any command's: one that stands for nothing is not there, and
    /// what is left is no question.
    fn operand(&mut self, word: &Word) -> Ran<Option<Text>> {
        if self.state.options.posix && matches!(word.pieces.as_slice(), [Piece::Param(_) | Piece::Command(_)]) {
            let fields = self.expand_words(std::slice::from_ref(word))?;
            if fields.is_empty() {
                self.complain("[[: argument expected");
                return Ok(None);
            }
            return Ok(Some(fields.join(" ").into()));
        }
        self.expand_text(word).map(Some)
    }

    fn trace_cond(&mut self, negated: bool, words: &[&str]) {
        if self.state.options.xtrace {
            let words: Vec<&str> = words.iter().map(|word| if word.is_empty() { "''" } else { word }).collect();
            let sign = if negated { "! " } else { "" };
            self.trace(&format!("[[ {sign}{} ]]", words.join(" ")));
        }
    }

    /// Matches an extended regular expression, and sets `BASH_REMATCH`.
    fn matches_regex(&mut self, text: &str, pattern: &str) -> Ran<Option<bool>> {
        let fold = if self.state.shopts.nocasematch { "(?i)" } else { "" };
        let Ok(regex) = fancy_regex::Regex::new(&format!("{fold}{}", crate::expand::regex::translate(pattern))) else {
            return Ok(None);
        };
        let groups = groups(&regex, text);
        let matches = groups.is_some();
        let groups = groups.and_then(|(start, groups)| {
            let end = start + groups.first().map_or(0, |whole| whole.len());
            longest(fold, pattern, text, start, end).or(Some(groups))
        });
        let groups = groups.unwrap_or_default();
        self.set_array("BASH_REMATCH", groups)?;
        Ok(Some(matches))
    }
}

/// Where a text matches, and what its groups are.
fn groups(regex: &fancy_regex::Regex, text: &str) -> Option<(usize, Vec<Text>)> {
    let found = regex.captures(text).ok().flatten()?;
    let group = |group: Option<&str>| group.map_or_else(|| "".into(), Text::from);
    Some((found.get(0)?.start(), found.iter().map(|found| group(found.map(|found| found.as_str()))).collect()))
}

/// As far as a text is looked at for a longer match.
const LOOKED_AT: usize = 2000;

/// POSIX takes the longest of the matches that begin first, the engine the first alternative that matches: the groups of
/// a longer one that begins at the same place, if there is one.
fn longest(fold: &str, pattern: &str, text: &str, start: usize, end: usize) -> Option<Vec<Text>> {
    // Without alternatives the first is the longest; where the end is asked for, it cannot be moved.
    if !pattern.contains('|') || pattern.contains('$') || text.len() > LOOKED_AT {
        return None;
    }
    let whole = format!("{fold}\\A(?:{})\\z", crate::expand::regex::translate(pattern));
    let regex = fancy_regex::Regex::new(&whole).ok()?;
    let mut ends = (end + 1..=text.len()).rev().filter(|end| text.is_char_boundary(*end));
    ends.find_map(|end| groups(&regex, &text[start..end])).map(|(_, groups)| groups)
}
