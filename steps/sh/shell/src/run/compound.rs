//! Loops, branches and groups.

use super::{Flow, Ran};
use crate::pattern::Pattern;
use crate::shell::Shell;
use crate::syntax::ast::{ArithWord, Arm, ArmEnd, Compound, List, Word};
use crate::syntax::print;
use crate::vars::{NAMEREF, READONLY, Text, Value};

/// What a turn of a loop came to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Turn {
    Next,
    Over,
}

impl Shell {
    /// A compound command, its redirections done.
    pub fn run_compound(&mut self, compound: &Compound) -> Ran<()> {
        self.deeper()?;
        let ran = self.compound(compound);
        self.depth -= 1;
        ran
    }

    fn compound(&mut self, compound: &Compound) -> Ran<()> {
        match compound {
            Compound::Brace(list) => self.run_list(list),
            Compound::Subshell(list) => self.run_subshell(list),
            Compound::If(branches, last) => self.run_if(branches, last.as_ref()),
            Compound::While(until, condition, body) => self.run_while(*until, condition, body),
            Compound::For(name, words, body) => self.at_own_line(|shell| shell.run_for(name, words.as_deref(), body)),
            Compound::Select(name, words, body) => {
                self.at_own_line(|shell| shell.run_select(name, words.as_deref(), body))
            }
            Compound::CountingFor(parts, body) => self.at_own_line(|shell| shell.run_counting(parts, body)),
            Compound::Case(word, arms) => self.at_own_line(|shell| shell.run_case(word, arms)),
            Compound::Coproc(name, command) => self.run_coproc(name, command),
            Compound::Cond(cond) => {
                self.before_command(|| print::compound(compound))?;
                let ran = self.cond(cond)?;
                self.state.status = ran;
                Ok(())
            }
            Compound::Arith(word) => {
                self.before_command(|| format!("(({}))", word.word.source()))?;
                // An expression that is none has failed, and the script goes on.
                self.state.status = match self.arith_command("((", word) {
                    Ok(value) => i32::from(value == 0),
                    Err(Flow::Discard(status)) => status,
                    Err(flow) => return Err(flow),
                };
                Ok(())
            }
        }
    }

    /// Runs what programs that signals end are named with the line of.
    fn at_own_line(&mut self, run: impl FnOnce(&mut Self) -> Ran<()>) -> Ran<()> {
        let outer = std::mem::replace(&mut self.state.outer_line, self.state.line);
        let ran = run(self);
        self.state.outer_line = outer;
        ran
    }

    /// An expression of a command of this name.
    fn arith_command(&mut self, name: &str, word: &ArithWord) -> Ran<i64> {
        if self.state.options.xtrace {
            self.trace(&format!("(( {} ))", word.word.source()));
        }
        let before = self.arith_command.replace(name.into());
        let value = self.arith_word(word);
        self.arith_command = before;
        value
    }

    fn run_if(&mut self, branches: &[(List, List)], last: Option<&List>) -> Ran<()> {
        for (condition, body) in branches {
            self.unchecked(|shell| shell.run_list(condition))?;
            if self.state.status == 0 {
                return self.run_list(body);
            }
        }
        match last {
            Some(body) => self.run_list(body),
            None => {
                self.state.status = 0;
                Ok(())
            }
        }
    }

    /// Runs a loop's body once.
    pub(super) fn turn(&mut self, body: &List) -> Ran<Turn> {
        match self.run_list(body) {
            Ok(()) | Err(Flow::Continue(0 | 1)) => Ok(Turn::Next),
            Err(Flow::Break(0 | 1)) => Ok(Turn::Over),
            Err(Flow::Break(levels)) => Err(Flow::Break(levels - 1)),
            Err(Flow::Continue(levels)) => Err(Flow::Continue(levels - 1)),
            Err(flow) => Err(flow),
        }
    }

    /// Runs something that is a loop, which `break` may name.
    pub(super) fn looping(&mut self, run: impl FnOnce(&mut Self) -> Ran<()>) -> Ran<()> {
        self.state.loops += 1;
        let ran = run(self);
        self.state.loops -= 1;
        ran
    }

    fn run_while(&mut self, until: bool, condition: &List, body: &List) -> Ran<()> {
        self.looping(|shell| {
            let mut status = 0;
            loop {
                let asked = shell.unchecked(|shell| shell.turn(condition))?;
                if matches!(asked, Turn::Over) || (shell.state.status == 0) == until {
                    break;
                }
                let turn = shell.turn(body)?;
                status = shell.state.status;
                if matches!(turn, Turn::Over) {
                    break;
                }
                shell.run_pending_traps()?;
            }
            shell.state.status = status;
            Ok(())
        })
    }

    fn run_for(&mut self, name: &str, words: Option<&[Word]>, body: &List) -> Ran<()> {
        let line = self.state.line;
        if !self.takes_values(name)? {
            return Ok(());
        }
        let fields = self.offered(words)?;
        self.looping(|shell| {
            if fields.is_empty() {
                shell.state.status = 0;
            }
            for field in fields {
                shell.state.line = line;
                let head = || {
                    let words = words.map(|words| words.iter().map(Word::source).collect::<Vec<_>>().join(" "));
                    format!("for {name} in {}", words.unwrap_or_else(|| "\"$@\"".into()))
                };
                if shell.state.options.xtrace {
                    shell.trace(&head());
                }
                shell.before_command(head)?;
                if !shell.take_turn_value(name, &field)? || matches!(shell.turn(body)?, Turn::Over) {
                    break;
                }
            }
            Ok(())
        })
    }

    /// Whether a loop's variable can be one; where it cannot, that has been said.
    pub(super) fn takes_values(&mut self, name: &str) -> Ran<bool> {
        if crate::vars::is_name(name) {
            return Ok(true);
        }
        self.complain(&format!("`{name}': not a valid identifier"));
        if self.state.options.posix {
            return Err(Flow::Exit(2));
        }
        self.state.status = 1;
        Ok(false)
    }

    /// The values that a loop goes through: its words', or the positional parameters.
    pub(super) fn offered(&mut self, words: Option<&[Word]>) -> Ran<Vec<Text>> {
        match words {
            Some(words) => self.expand_words(words),
            None => Ok(self.state.positional.to_vec()),
        }
    }

    /// Sets a loop's variable; a reference leads to each value's variable in its turn. Whether that was possible.
    pub(super) fn take_turn_value(&mut self, name: &str, value: &Text) -> Ran<bool> {
        let is_reference = self.state.vars.get(name).is_some_and(|var| var.has(NAMEREF) && !var.has(READONLY));
        if is_reference {
            self.put(name, Value::Text(value.clone()), 0);
            return Ok(true);
        }
        match self.assign_text(name, value) {
            Ok(()) => Ok(true),
            Err(Flow::Discard(status)) if !self.state.options.posix => {
                self.state.status = status;
                Ok(false)
            }
            Err(flow) => Err(flow),
        }
    }

    fn run_counting(&mut self, parts: &[Option<ArithWord>; 3], body: &List) -> Ran<()> {
        let [first, condition, step] = parts;
        self.looping(|shell| {
            if let Some(first) = first {
                shell.arith_command("((", first)?;
            }
            let mut begun = false;
            loop {
                if let Some(condition) = condition
                    && shell.arith_command("((", condition)? == 0
                {
                    if !begun {
                        shell.state.status = 0;
                    }
                    return Ok(());
                }
                begun = true;
                if matches!(shell.turn(body)?, Turn::Over) {
                    return Ok(());
                }
                if let Some(step) = step {
                    shell.arith_command("((", step)?;
                }
            }
        })
    }

    fn run_case(&mut self, word: &Word, arms: &[Arm]) -> Ran<()> {
        self.before_command(|| format!("case {} in ", word.source()))?;
        let text = self.expand_text(word)?;
        if self.state.options.xtrace {
            self.trace(&format!("case {} in", word.source()));
        }
        let mut falls = false;
        let mut ran = false;
        for arm in arms {
            if !falls && !self.arm_matches(arm, &text)? {
                continue;
            }
            ran = !arm.body.0.is_empty();
            self.run_list(&arm.body)?;
            if !ran {
                self.state.status = 0;
            }
            match arm.end {
                ArmEnd::Break => return Ok(()),
                ArmEnd::Fall => falls = true,
                ArmEnd::Test => falls = false,
            }
        }
        if !ran {
            self.state.status = 0;
        }
        Ok(())
    }

    fn arm_matches(&mut self, arm: &Arm, text: &str) -> Ran<bool> {
        for pattern in &arm.patterns {
            let matches = match pattern.as_literal() {
                Some(literal) if !literal.contains(['*', '?', '[', '\\', '(']) && !self.state.shopts.nocasematch => {
                    literal == text
                }
                _ => {
                    let pattern = self.expand_pattern(pattern)?;
                    let (extglob, fold) = (self.state.shopts.extglob, self.state.shopts.nocasematch);
                    Pattern::new(&pattern, extglob, fold).matches(text)
                }
            };
            if matches {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
