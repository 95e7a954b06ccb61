//! Commands as text again: what `declare -f` shows, and what a job is called.
//!
//! Knows the tree. Words are shown as they were written.

use super::ast::{
    Argument, ArmEnd, Assign, Chain, Command, Compound, Cond, Function, List, Pipeline, Redirect, RedirectFd, RedirectKind,
    Simple, Value, Word,
};

/// A function as `declare -f` shows it.
#[must_use]
pub fn function(function: &Function) -> String {
    let mut printer = Printer::default();
    printer.text.push_str(&format!("{} () \n", function.name));
    printer.body(&function.body);
    printer.text.push('\n');
    printer.text
}

/// A command on its own.
#[must_use]
pub fn command(command: &Command) -> String {
    let mut printer = Printer::default();
    printer.command(command);
    printer.text
}

/// A chain, as jobs are called.
#[must_use]
pub fn chain(chain: &Chain) -> String {
    let mut printer = Printer::default();
    printer.chain(chain);
    printer.text
}

#[derive(Default)]
struct Printer {
    text: String,
    depth: usize,
    /// Here-documents whose bodies follow the line.
    bodies: Vec<String>,
}

impl Printer {
    fn line(&mut self) {
        self.text.push('\n');
        for body in std::mem::take(&mut self.bodies) {
            self.text.push_str(&body);
        }
        self.text.push_str(&"    ".repeat(self.depth));
    }

    /// A function's body: in braces, whatever it is.
    fn body(&mut self, body: &Command) {
        match body {
            Command::Compound(Compound::Brace(list), redirects, _) => {
                self.text.push_str("{ ");
                self.inside(list);
                self.line();
                self.text.push('}');
                self.redirects(redirects);
            }
            other => {
                self.text.push_str("{ ");
                self.depth += 1;
                self.line();
                self.command(other);
                self.depth -= 1;
                self.line();
                self.text.push('}');
            }
        }
    }

    fn inside(&mut self, list: &List) {
        self.depth += 1;
        self.line();
        self.list(list, false);
        self.depth -= 1;
    }

    /// A list, each entry on its line.
    fn list(&mut self, list: &List, ends: bool) {
        let count = list.0.len();
        for (at, item) in list.0.iter().enumerate() {
            self.chain(&item.chain);
            if item.background {
                self.text.push_str(" &");
            } else if at + 1 < count || ends {
                self.text.push(';');
            }
            if at + 1 < count {
                self.line();
            }
        }
    }

    /// A list on one line, as a condition.
    fn on_line(&mut self, list: &List) {
        for item in &list.0 {
            self.chain(&item.chain);
            self.text.push_str(if item.background { " & " } else { "; " });
        }
    }

    fn chain(&mut self, chain: &Chain) {
        self.pipeline(&chain.first);
        for (and, pipeline) in &chain.rest {
            self.text.push_str(if *and { " && " } else { " || " });
            self.pipeline(pipeline);
        }
    }

    fn pipeline(&mut self, pipeline: &Pipeline) {
        if pipeline.timed.is_some() {
            self.text.push_str("time ");
        }
        if pipeline.negated {
            self.text.push_str("! ");
        }
        for (at, command) in pipeline.commands.iter().enumerate() {
            if at > 0 {
                self.text.push_str(" | ");
            }
            self.command(command);
        }
    }

    fn command(&mut self, command: &Command) {
        match command {
            Command::Simple(simple) => self.simple(simple),
            Command::Function(function) => {
                self.text.push_str(&format!("function {} () \n", function.name));
                self.text.push_str(&"    ".repeat(self.depth));
                self.body(&function.body);
            }
            Command::Compound(compound, redirects, _) => {
                self.compound(compound);
                self.redirects(redirects);
            }
        }
    }

    fn simple(&mut self, simple: &Simple) {
        let mut words: Vec<String> = simple.assigns.iter().map(assignment).collect();
        words.extend(simple.words.iter().map(|word| match word {
            Argument::Word(word) => word.source().to_owned(),
            Argument::Assign(assign) => assignment(assign),
        }));
        self.text.push_str(&words.join(" "));
        self.redirects(&simple.redirects);
    }

    fn redirects(&mut self, redirects: &[Redirect]) {
        for redirect in redirects {
            let sign = match redirect.kind {
                RedirectKind::Read => "<",
                RedirectKind::Write => ">",
                RedirectKind::Clobber => ">|",
                RedirectKind::Append => ">>",
                RedirectKind::ReadWrite => "<>",
                RedirectKind::DuplicateIn => "<&",
                RedirectKind::DuplicateOut => ">&",
                RedirectKind::Both => "&>",
                RedirectKind::AppendBoth => "&>>",
                RedirectKind::Here { .. } => "<<",
                RedirectKind::HereString => "<<<",
            };
            let fd = match &redirect.fd {
                RedirectFd::Default => String::new(),
                RedirectFd::Number(number) => number.to_string(),
                RedirectFd::Variable(name) => format!("{{{name}}}"),
            };
            let target = redirect.target.source();
            match redirect.kind {
                RedirectKind::Here { quoted, .. } => {
                    let quote = if quoted { "'" } else { "" };
                    self.text.push_str(&format!(" {fd}<<{quote}EOF{quote}"));
                    self.bodies.push(format!("{target}EOF\n"));
                }
                RedirectKind::DuplicateIn | RedirectKind::DuplicateOut => {
                    self.text.push_str(&format!(" {fd}{sign}{target}"));
                }
                _ => self.text.push_str(&format!(" {fd}{sign} {target}")),
            }
        }
    }

    fn compound(&mut self, compound: &Compound) {
        match compound {
            Compound::Brace(list) => {
                self.text.push_str("{ ");
                self.inside(list);
                self.line();
                self.text.push('}');
            }
            Compound::Subshell(list) => {
                self.text.push_str("( ");
                self.list(list, false);
                self.text.push_str(" )");
            }
            Compound::If(branches, last) => self.branches(branches, last.as_ref()),
            Compound::While(until, condition, body) => {
                self.text.push_str(if *until { "until " } else { "while " });
                self.on_line(condition);
                self.looped(body);
            }
            Compound::For(name, words, body) => self.each("for", name, words.as_deref(), body),
            Compound::Select(name, words, body) => self.each("select", name, words.as_deref(), body),
            Compound::CountingFor(parts, body) => {
                let parts = parts.each_ref().map(|part| part.as_ref().map_or("", |part| part.word.source()));
                self.text.push_str(&format!("for (({}))", parts.join("; ")));
                self.line();
                self.looped(body);
            }
            Compound::Case(word, arms) => {
                self.text.push_str(&format!("case {} in ", word.source()));
                self.depth += 1;
                for arm in arms {
                    self.line();
                    let patterns: Vec<&str> = arm.patterns.iter().map(Word::source).collect();
                    self.text.push_str(&format!("{})", patterns.join(" | ")));
                    self.inside(&arm.body);
                    self.line();
                    self.text.push_str(match arm.end {
                        ArmEnd::Break => ";;",
                        ArmEnd::Fall => ";&",
                        ArmEnd::Test => ";;&",
                    });
                }
                self.depth -= 1;
                self.line();
                self.text.push_str("esac");
            }
            Compound::Cond(cond) => self.text.push_str(&format!("[[ {} ]]", condition(cond))),
            Compound::Arith(word) => self.text.push_str(&format!("(({}))", word.word.source())),
        }
    }

    fn branches(&mut self, branches: &[(List, List)], last: Option<&List>) {
        for (at, (condition, body)) in branches.iter().enumerate() {
            self.text.push_str(if at == 0 { "if " } else { "elif " });
            self.on_line(condition);
            self.text.push_str("then");
            self.depth += 1;
            self.line();
            self.list(body, true);
            self.depth -= 1;
            self.line();
        }
        if let Some(body) = last {
            self.text.push_str("else");
            self.depth += 1;
            self.line();
            self.list(body, true);
            self.depth -= 1;
            self.line();
        }
        self.text.push_str("fi");
    }

    fn looped(&mut self, body: &List) {
        self.text.push_str("do");
        self.depth += 1;
        self.line();
        self.list(body, true);
        self.depth -= 1;
        self.line();
        self.text.push_str("done");
    }

    fn each(&mut self, keyword: &str, name: &str, words: Option<&[Word]>, body: &List) {
        let words = words.map_or_else(|| "\"$@\"".to_owned(), |words| {
            words.iter().map(Word::source).collect::<Vec<_>>().join(" ")
        });
        self.text.push_str(&format!("{keyword} {name} in {words};"));
        self.line();
        self.looped(body);
    }
}

fn assignment(assign: &Assign) -> String {
    let index = assign.index.as_ref().map(|index| format!("[{}]", index.source())).unwrap_or_default();
    let sign = if assign.append { "+=" } else { "=" };
    let value = match &assign.value {
        Value::Scalar(word) => word.source().to_owned(),
        Value::Array(elements) => {
            let elements: Vec<String> = elements
                .iter()
                .map(|element| match &element.index {
                    Some(index) => format!("[{}]={}", index.source(), element.value.source()),
                    None => element.value.source().to_owned(),
                })
                .collect();
            format!("({})", elements.join(" "))
        }
    };
    format!("{}{index}{sign}{value}", assign.name)
}

fn condition(cond: &Cond) -> String {
    match cond {
        Cond::And(left, right) => format!("{} && {}", condition(left), condition(right)),
        Cond::Or(left, right) => format!("{} || {}", condition(left), condition(right)),
        Cond::Not(inner) => format!("! {}", condition(inner)),
        Cond::Group(inner) => format!("( {} )", condition(inner)),
        Cond::Unary(operator, word) => format!("{operator} {}", word.source()),
        Cond::Binary(operator, left, right) => format!("{} {operator} {}", left.source(), right.source()),
        Cond::Word(word) => word.source().to_owned(),
    }
}
