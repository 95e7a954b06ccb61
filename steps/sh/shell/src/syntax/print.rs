//! Commands as text: what `declare -f` shows of functions, and what `jobs` shows of a command.
//!
//! Words are shown as they were written; everything between them is laid out anew, as bash lays it out.

use super::ast::{
    Argument, ArithWord, ArmEnd, Assign, Chain, Command, Compound, Cond, Function, List, Pipeline, Redirect,
    RedirectFd, RedirectKind, Simple, Timed, Value, Word,
};

/// How far bodies are moved in.
const STEP: usize = 4;

/// A function as `declare -f` prints it.
#[must_use]
pub fn function(function: &Function) -> String {
    let mut printer = Printer::default();
    printer.put(&format!("{} () \n", function.name));
    printer.body(function);
    printer.here_bodies("");
    printer.out.push('\n');
    printer.out
}

/// A command on its own.
#[must_use]
pub fn command(command: &Command) -> String {
    let mut printer = Printer::default();
    printer.command(command);
    printer.here_bodies("");
    printer.out
}

/// A compound command without redirections.
#[must_use]
pub fn compound(compound: &Compound) -> String {
    let mut printer = Printer::default();
    printer.compound(compound);
    printer.out
}

/// An assignment as it was written.
#[must_use]
pub fn assign(assign: &Assign) -> String {
    let mut printer = Printer::default();
    printer.assign(assign);
    printer.out
}

/// A chain, as jobs are called.
#[must_use]
pub fn chain(chain: &Chain) -> String {
    let mut printer = Printer::default();
    printer.chain(chain);
    printer.here_bodies("");
    printer.out
}

#[derive(Default)]
struct Printer {
    out: String,
    indent: usize,
    /// How many functions this is within: there commands stand on lines of their own.
    functions: u32,
    /// Here-documents whose bodies come at the end of the line.
    bodies: Vec<String>,
}

impl Printer {
    fn put(&mut self, text: &str) {
        self.out.push_str(text);
    }

    fn line(&mut self, text: &str) {
        self.out.push('\n');
        self.put(&" ".repeat(self.indent));
        self.put(text);
    }

    /// A semicolon, unless what stands there ends the command already.
    fn semicolon(&mut self) {
        if !self.out.ends_with(['&', '\n']) {
            self.out.push(';');
        }
    }

    /// A connection, and behind it the here-documents that began before it.
    fn here_bodies(&mut self, connection: &str) {
        let bodies = std::mem::take(&mut self.bodies);
        if bodies.is_empty() {
            return self.put(connection);
        }
        if connection != ";" {
            self.put(connection);
        }
        self.out.push('\n');
        self.put(&bodies.concat());
        if !matches!(connection, "" | ";") {
            self.out.push(' ');
        }
    }

    /// A function's body in its braces.
    fn body(&mut self, function: &Function) {
        self.put(&" ".repeat(self.indent));
        self.put("{ \n");
        self.functions += 1;
        self.indent += STEP;
        let redirects: &[Redirect] = match &function.body {
            Command::Compound(Compound::Brace(list), redirects, _) => {
                self.indented(list);
                redirects
            }
            command => {
                self.put(&" ".repeat(self.indent));
                self.command(command);
                self.here_bodies("");
                &[]
            }
        };
        self.indent -= STEP;
        self.functions -= 1;
        self.line("}");
        self.compound_redirects(redirects);
    }

    /// A list that begins on a line of its own.
    fn indented(&mut self, list: &List) {
        if list.0.is_empty() {
            return;
        }
        self.put(&" ".repeat(self.indent));
        self.list(list);
    }

    fn list(&mut self, list: &List) {
        let count = list.0.len();
        for (at, item) in list.0.iter().enumerate() {
            self.chain(&item.chain);
            let is_last = at + 1 == count;
            match (item.background, is_last) {
                (true, true) => self.here_bodies(" &"),
                (true, false) => {
                    self.here_bodies(" &");
                    self.out.push(' ');
                }
                (false, true) => self.here_bodies(""),
                (false, false) => {
                    self.here_bodies(";");
                    match self.functions {
                        0 => self.out.push(' '),
                        _ => self.line(""),
                    }
                }
            }
        }
    }

    fn chain(&mut self, chain: &Chain) {
        self.pipeline(&chain.first);
        for (and, pipeline) in &chain.rest {
            self.here_bodies(if *and { " && " } else { " || " });
            self.pipeline(pipeline);
        }
    }

    fn pipeline(&mut self, pipeline: &Pipeline) {
        match pipeline.timed {
            Some(Timed::Bash) => self.put("time "),
            Some(Timed::Posix) => self.put("time -p "),
            None => {}
        }
        if pipeline.negated {
            self.put("! ");
        }
        for (at, command) in pipeline.commands.iter().enumerate() {
            if at > 0 {
                self.here_bodies(" |");
                self.out.push(' ');
            }
            self.command(command);
        }
    }

    fn command(&mut self, command: &Command) {
        match command {
            Command::Simple(simple) => self.simple(simple),
            Command::Compound(compound, redirects, _) => {
                self.compound(compound);
                self.compound_redirects(redirects);
            }
            Command::Function(function) => {
                self.put(&format!("function {} () \n", function.name));
                self.body(function);
            }
        }
    }

    fn compound_redirects(&mut self, redirects: &[Redirect]) {
        for redirect in redirects {
            self.out.push(' ');
            self.redirect(redirect);
        }
    }

    fn simple(&mut self, simple: &Simple) {
        let from = self.out.len();
        let space = |printer: &mut Self| {
            if printer.out.len() > from {
                printer.out.push(' ');
            }
        };
        for assign in &simple.assigns {
            space(self);
            self.assign(assign);
        }
        for word in &simple.words {
            space(self);
            match word {
                Argument::Word(word) => self.put(word.source()),
                Argument::Assign(assign) => self.assign(assign),
            }
        }
        for redirect in &simple.redirects {
            space(self);
            self.redirect(redirect);
        }
    }

    fn assign(&mut self, assign: &Assign) {
        self.put(&assign.name);
        if let Some(index) = &assign.index {
            self.put(&format!("[{}]", index.source()));
        }
        self.put(if assign.append { "+=" } else { "=" });
        match &assign.value {
            Value::Scalar(word) => self.put(word.source()),
            Value::Array(elements) => {
                let elements = elements.iter().map(|element| match &element.index {
                    Some(index) => {
                        let sign = if element.append { "+=" } else { "=" };
                        format!("[{}]{sign}{}", index.source(), element.value.source())
                    }
                    None => element.value.source().to_owned(),
                });
                let text = elements.collect::<Vec<_>>().join(" ");
                self.put(&format!("({text})"));
            }
        }
    }

    fn redirect(&mut self, redirect: &Redirect) {
        let kind = redirect.kind;
        let target = redirect.target.source();
        let duplicates = matches!(kind, RedirectKind::DuplicateIn | RedirectKind::DuplicateOut);
        // Bash keeps the numbers of handles that are duplicated, moved or closed, and drops others that go without saying.
        let is_handle = target.ends_with('-') || target.bytes().all(|byte| byte.is_ascii_digit());
        let shown = (duplicates && is_handle) || kind == RedirectKind::ReadWrite;
        let usual = match kind {
            RedirectKind::Write
            | RedirectKind::Clobber
            | RedirectKind::Append
            | RedirectKind::DuplicateOut
            | RedirectKind::Both
            | RedirectKind::AppendBoth => 1,
            _ => 0,
        };
        match &redirect.fd {
            RedirectFd::Default if shown => self.put(&usual.to_string()),
            RedirectFd::Number(number) if shown || *number != usual => self.put(&number.to_string()),
            RedirectFd::Default | RedirectFd::Number(_) => {}
            RedirectFd::Variable(name) => self.put(&format!("{{{name}}}")),
        }
        if duplicates && target == "-" {
            return self.put(">&-");
        }
        let sign = match kind {
            RedirectKind::Read => "< ",
            RedirectKind::Write => "> ",
            RedirectKind::Clobber => ">| ",
            RedirectKind::Append => ">> ",
            RedirectKind::ReadWrite => "<> ",
            RedirectKind::DuplicateIn => "<&",
            RedirectKind::DuplicateOut => ">&",
            RedirectKind::Both => "&> ",
            RedirectKind::AppendBoth => "&>> ",
            RedirectKind::HereString => "<<< ",
            RedirectKind::Here { strip, quoted } => return self.here_document(target, strip, quoted),
        };
        self.put(sign);
        self.put(target);
    }

    /// A here-document as it was written: the word, the lines, and the line that ends it.
    fn here_document(&mut self, source: &str, strip: bool, quoted: bool) {
        let text = source.split_once('\n').map_or("", |(_, text)| text);
        let mark = text.rsplit('\n').next().unwrap_or_default();
        let quote = if quoted { "'" } else { "" };
        self.put(&format!("<<{}{quote}{mark}{quote}", if strip { "-" } else { "" }));
        self.bodies.push(format!("{text}\n"));
    }

    fn compound(&mut self, compound: &Compound) {
        match compound {
            Compound::Brace(list) => self.group(list),
            Compound::Coproc(name, command) => {
                self.put(&format!("coproc {name} "));
                self.command(command);
            }
            Compound::Subshell(list) => {
                self.put("( ");
                self.list(list);
                self.put(" )");
            }
            Compound::If(arms, otherwise) => self.if_arms(arms, otherwise.as_ref()),
            Compound::While(until, condition, body) => {
                self.put(if *until { "until " } else { "while " });
                self.list(condition);
                self.semicolon();
                self.put(" do\n");
                self.loop_body(body);
            }
            Compound::For(name, words, body) => self.for_words("for", name, words.as_deref(), body),
            Compound::Select(name, words, body) => self.for_words("select", name, words.as_deref(), body),
            Compound::CountingFor(parts, body) => {
                let parts = parts.each_ref().map(|part| part.as_ref().map_or("1", |part| arith(part).trim()));
                self.put(&format!("for (({}))", parts.join("; ")));
                self.line("do\n");
                self.loop_body(body);
            }
            Compound::Case(word, arms) => {
                self.put(&format!("case {} in ", word.source()));
                self.indent += STEP;
                for arm in arms {
                    let patterns: Vec<&str> = arm.patterns.iter().map(Word::source).collect();
                    self.line(&format!("{})\n", patterns.join(" | ")));
                    self.indent += STEP;
                    self.indented(&arm.body);
                    self.indent -= STEP;
                    self.line(match arm.end {
                        ArmEnd::Break => ";;",
                        ArmEnd::Fall => ";&",
                        ArmEnd::Test => ";;&",
                    });
                }
                self.indent -= STEP;
                self.line("esac");
            }
            Compound::Cond(condition) => {
                self.put("[[ ");
                self.cond(condition);
                self.put(" ]]");
            }
            Compound::Arith(word) => self.put(&format!("(({}))", arith(word))),
        }
    }

    fn group(&mut self, list: &List) {
        self.put("{ ");
        if self.functions == 0 {
            self.list(list);
            self.semicolon();
            self.put(" }");
            return;
        }
        self.put("\n");
        self.indent += STEP;
        self.indented(list);
        self.indent -= STEP;
        self.line("}");
    }

    fn if_arms(&mut self, arms: &[(List, List)], otherwise: Option<&List>) {
        let Some(((condition, then), others)) = arms.split_first() else { return };
        self.put("if ");
        self.list(condition);
        self.semicolon();
        self.put(" then\n");
        self.indent += STEP;
        self.indented(then);
        self.indent -= STEP;
        if !others.is_empty() || otherwise.is_some() {
            self.semicolon();
            self.line("else\n");
            self.indent += STEP;
            match (others, otherwise) {
                ([], Some(list)) => self.indented(list),
                (others, otherwise) => {
                    self.put(&" ".repeat(self.indent));
                    self.if_arms(others, otherwise);
                }
            }
            self.indent -= STEP;
        }
        self.semicolon();
        self.line("fi");
    }

    fn for_words(&mut self, keyword: &str, name: &str, words: Option<&[Word]>, body: &List) {
        let words = match words {
            None => "\"$@\"".to_owned(),
            Some(words) => words.iter().map(Word::source).collect::<Vec<_>>().join(" "),
        };
        self.put(&format!("{keyword} {name} in {words};"));
        self.line("do\n");
        self.loop_body(body);
    }

    fn loop_body(&mut self, body: &List) {
        self.indent += STEP;
        self.indented(body);
        self.indent -= STEP;
        self.semicolon();
        self.line("done");
    }

    fn cond(&mut self, condition: &Cond) {
        match condition {
            Cond::And(left, right) | Cond::Or(left, right) => {
                self.cond(left);
                self.put(if matches!(condition, Cond::And(..)) { " && " } else { " || " });
                self.cond(right);
            }
            Cond::Not(inner) => {
                self.put("! ");
                self.cond(inner);
            }
            Cond::Group(inner) => {
                self.put("( ");
                self.cond(inner);
                self.put(" )");
            }
            Cond::Unary(operator, word) => self.put(&format!("{operator} {}", word.source())),
            Cond::Binary(operator, left, right) => {
                self.put(&format!("{} {operator} {}", left.source(), right.source()));
            }
            Cond::Word(word) => self.put(&format!("-n {}", word.source())),
        }
    }
}

fn arith(word: &ArithWord) -> &str {
    word.word.source()
}
