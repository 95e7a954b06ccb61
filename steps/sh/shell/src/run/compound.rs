//! Loops, branches and groups.

use super::{Flow, Ran};
use crate::pattern::Pattern;
use crate::shell::Shell;
use crate::syntax::ast::{ArithWord, Arm, ArmEnd, Compound, List, Word};
use crate::vars::Text;

/// What a turn of a loop came to.
enum Turn {
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
            Compound::For(name, words, body) => self.run_for(name, words.as_deref(), body),
            Compound::Select(..) => {
                self.complain("select: there is no terminal to choose at");
                self.state.status = 1;
                Ok(())
            }
            Compound::CountingFor(parts, body) => self.run_counting(parts, body),
            Compound::Case(word, arms) => self.run_case(word, arms),
            Compound::Cond(cond) => {
                let ran = self.cond(cond)?;
                self.state.status = ran;
                Ok(())
            }
            Compound::Arith(word) => {
                let value = self.arith_command("((", word)?;
                self.state.status = i32::from(value == 0);
                Ok(())
            }
        }
    }

    /// An expression of a command of this name.
    fn arith_command(&mut self, name: &str, word: &ArithWord) -> Ran<i64> {
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
        self.state.status = 0;
        match last {
            Some(body) => self.run_list(body),
            None => Ok(()),
        }
    }

    /// Runs a loop's body once.
    fn turn(&mut self, body: &List) -> Ran<Turn> {
        match self.run_list(body) {
            Ok(()) | Err(Flow::Continue(0 | 1)) => Ok(Turn::Next),
            Err(Flow::Break(0 | 1)) => Ok(Turn::Over),
            Err(Flow::Break(levels)) => Err(Flow::Break(levels - 1)),
            Err(Flow::Continue(levels)) => Err(Flow::Continue(levels - 1)),
            Err(flow) => Err(flow),
        }
    }

    /// Runs something that is a loop, which `break` may name.
    fn looping(&mut self, run: impl FnOnce(&mut Self) -> Ran<()>) -> Ran<()> {
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
        let fields: Vec<Text> = match words {
            Some(words) => self.expand_words(words)?,
            None => self.state.positional.to_vec(),
        };
        self.looping(|shell| {
            shell.state.status = 0;
            for field in fields {
                shell.state.line = line;
                if shell.state.options.xtrace {
                    let words = words.map(|words| words.iter().map(Word::source).collect::<Vec<_>>().join(" "));
                    shell.trace(&format!("for {name} in {}", words.unwrap_or_else(|| "\"$@\"".into())));
                }
                shell.assign_text(name, &field)?;
                if matches!(shell.turn(body)?, Turn::Over) {
                    break;
                }
            }
            Ok(())
        })
    }

    fn run_counting(&mut self, parts: &[Option<ArithWord>; 3], body: &List) -> Ran<()> {
        let [first, condition, step] = parts;
        self.looping(|shell| {
            if let Some(first) = first {
                shell.arith_command("((", first)?;
            }
            shell.state.status = 0;
            loop {
                if let Some(condition) = condition
                    && shell.arith_command("((", condition)? == 0
                {
                    return Ok(());
                }
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
        let text = self.expand_text(word)?;
        if self.state.options.xtrace {
            self.trace(&format!("case {text} in"));
        }
        self.state.status = 0;
        let mut falls = false;
        for arm in arms {
            if !falls && !self.arm_matches(arm, &text)? {
                continue;
            }
            self.run_list(&arm.body)?;
            match arm.end {
                ArmEnd::Break => return Ok(()),
                ArmEnd::Fall => falls = true,
                ArmEnd::Test => falls = false,
            }
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
