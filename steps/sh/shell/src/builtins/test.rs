//! `test` and `[`: POSIX's rules by the number of arguments, and bash's operators.
//!
//! `[[ ]]` asks the same operators.

use crate::run::Ran;
use crate::shell::Shell;
use crate::vars::{NAMEREF, Text, Value};
use std::fs::Metadata;
use userland_sys as sys;

/// What a question came to: an answer, or a message.
type Asked = Result<bool, String>;

const UNARY: &str = "abcdefghknoprstuvwxzGLNOSR";
const BINARY: [&str; 15] =
    ["=", "==", "!=", "<", ">", "-eq", "-ne", "-lt", "-le", "-gt", "-ge", "-nt", "-ot", "-ef", "=~"];

fn is_unary(text: &str) -> bool {
    text.len() == 2 && text.starts_with('-') && UNARY.contains(&text[1..])
}

fn is_binary(text: &str) -> bool {
    BINARY.contains(&text) && text != "=~"
}

/// A file's data, the end of a link followed.
fn data(path: &str) -> Option<Metadata> {
    std::fs::metadata(path).ok()
}

fn newer(left: &str, right: &str) -> bool {
    match (data(left).and_then(|data| data.modified().ok()), data(right).and_then(|data| data.modified().ok())) {
        (Some(left), Some(right)) => left > right,
        (Some(_), None) => true,
        _ => false,
    }
}

fn same_file(left: &str, right: &str) -> bool {
    match (std::fs::canonicalize(left), std::fs::canonicalize(right)) {
        (Ok(left), Ok(right)) => left == right,
        _ => false,
    }
}

fn mode(path: &str) -> u32 {
    sys::mode(path, true).unwrap_or(0)
}

fn is_socket(path: &str, wanted: char) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        data(path).is_some_and(|data| match wanted {
            'S' => data.file_type().is_socket(),
            'b' => data.file_type().is_block_device(),
            _ => data.file_type().is_char_device(),
        })
    }
    #[cfg(not(unix))]
    {
        wanted == 'c'
            && data(path).is_some_and(|data| {
                let kind = data.file_type();
                !kind.is_file() && !kind.is_dir() && !kind.is_symlink() && !sys::is_fifo(path, true)
            })
    }
}

impl Shell {
    /// A question of one operand; `None` where there is no such operator.
    pub fn test_unary(&mut self, operator: &str, operand: &str) -> Ran<Option<bool>> {
        let Some(letter) = operator.strip_prefix('-').and_then(|letter| letter.chars().next()) else { return Ok(None) };
        if operator.len() != 2 {
            return Ok(None);
        }
        Ok(Some(match letter {
            'z' => operand.is_empty(),
            'n' => !operand.is_empty(),
            // Where a system has its tools, ours are said to be: `[ -x "$(command -v jq)" ]`.
            'a' | 'e' | 'f' | 'r' | 's' | 'x' if data(operand).is_none() && self.is_installed(operand) => true,
            'a' | 'e' => data(operand).is_some() || sys::is_fifo(operand, true),
            'f' => data(operand).is_some_and(|data| data.is_file()) && !sys::is_fifo(operand, true),
            'd' => data(operand).is_some_and(|data| data.is_dir()),
            's' => data(operand).is_some_and(|data| data.is_dir() || data.len() > 0),
            'h' | 'L' => std::fs::symlink_metadata(operand).is_ok_and(|data| data.file_type().is_symlink()),
            'p' => sys::is_fifo(operand, true),
            'b' | 'c' | 'S' => is_socket(operand, letter),
            // User 0 reads and writes everything; it runs what anybody may.
            'r' | 'w' | 'O' | 'G' => data(operand).is_some(),
            'x' => data(operand).is_some_and(|data| data.is_dir()) || mode(operand) & 0o111 != 0,
            'u' | 'g' | 'k' | 'N' => false,
            't' => match operand.parse::<u32>() {
                Ok(fd) => self.fds.get(fd).and_then(crate::fds::Handle::real).is_some_and(is_terminal),
                Err(_) => false,
            },
            'o' => self.state.options.get(operand) == Some(true),
            'v' => self.is_set(operand)?,
            'R' => self.state.vars.get(operand).is_some_and(|var| var.has(NAMEREF)),
            _ => return Ok(None),
        }))
    }

    /// Whether a variable or an element has a value.
    fn is_set(&mut self, name: &str) -> Ran<bool> {
        if let Ok(number) = name.parse::<usize>() {
            return Ok(self.positional(number).is_some());
        }
        match name.split_once('[') {
            Some((array, index)) => {
                let index = index.trim_end_matches(']');
                if matches!(index, "@" | "*") {
                    return Ok(!self.elements(array).is_empty());
                }
                let key = self.index_key(array, index)?;
                Ok(self.element(array, &key).is_some())
            }
            None => Ok(match self.state.vars.get(name) {
                Some(var) if matches!(var.value, Value::Unset) => false,
                _ => self.var_text(name).is_some(),
            }),
        }
    }

    /// A question of two operands; `None` where there is no such operator.
    pub fn test_binary(&mut self, operator: &str, left: &str, right: &str) -> Ran<Option<bool>> {
        Ok(Some(match operator {
            "=" | "==" => left == right,
            "!=" => left != right,
            "<" => left < right,
            ">" => left > right,
            "-nt" => newer(left, right),
            "-ot" => newer(right, left),
            "-ef" => same_file(left, right),
            _ => return Ok(None),
        }))
    }
}

fn is_terminal(fd: sys::Fd) -> bool {
    // Nothing of a step's is one; natively only the shell's own streams may be.
    use std::io::IsTerminal;
    match fd {
        0 => std::io::stdin().is_terminal(),
        1 => std::io::stdout().is_terminal(),
        2 => std::io::stderr().is_terminal(),
        _ => false,
    }
}

/// Reads an expression of more arguments than POSIX has rules for.
struct Reader<'a> {
    shell: &'a mut Shell,
    words: &'a [Text],
    at: usize,
}

fn integer(text: &str) -> Result<i64, String> {
    text.trim().parse::<i64>().map_err(|_| format!("{text}: integer expression expected"))
}

fn unary(shell: &mut Shell, operator: &str, operand: &str) -> Asked {
    if operator == "-t" && operand.parse::<i64>().is_err() {
        return Err(format!("{operand}: integer expression expected"));
    }
    match shell.test_unary(operator, operand) {
        Ok(Some(answer)) => Ok(answer),
        Ok(None) => Err(format!("{operator}: unary operator expected")),
        Err(_) => Err(String::new()),
    }
}

fn binary(shell: &mut Shell, left: &str, operator: &str, right: &str) -> Asked {
    let compare = |holds: fn(&i64, &i64) -> bool| Ok(holds(&integer(left)?, &integer(right)?));
    match operator {
        "-eq" => compare(i64::eq),
        "-ne" => compare(i64::ne),
        "-lt" => compare(i64::lt),
        "-le" => compare(i64::le),
        "-gt" => compare(i64::gt),
        "-ge" => compare(i64::ge),
        operator => match shell.test_binary(operator, left, right) {
            Ok(Some(answer)) => Ok(answer),
            Ok(None) => Err(format!("{operator}: binary operator expected")),
            Err(_) => Err(String::new()),
        },
    }
}

impl Reader<'_> {
    fn word(&self, ahead: usize) -> Option<&str> {
        self.words.get(self.at + ahead).map(|word| &**word)
    }

    fn or(&mut self) -> Asked {
        let mut answer = self.and()?;
        while self.word(0) == Some("-o") {
            self.at += 1;
            let other = self.and()?;
            answer |= other;
        }
        Ok(answer)
    }

    fn and(&mut self) -> Asked {
        let mut answer = self.not()?;
        while self.word(0) == Some("-a") {
            self.at += 1;
            let other = self.not()?;
            answer &= other;
        }
        Ok(answer)
    }

    fn not(&mut self) -> Asked {
        if self.word(0) == Some("!") && self.word(1).is_some() {
            self.at += 1;
            return Ok(!self.not()?);
        }
        self.primary()
    }

    fn primary(&mut self) -> Asked {
        let Some(first) = self.word(0).map(str::to_owned) else { return Err("argument expected".to_owned()) };
        if let (Some(operator), Some(right)) = (self.word(1).map(str::to_owned), self.word(2).map(str::to_owned))
            && is_binary(&operator)
        {
            self.at += 3;
            return binary(self.shell, &first, &operator, &right);
        }
        if first == "(" {
            self.at += 1;
            let answer = self.or()?;
            if self.word(0) != Some(")") {
                return Err("`)' expected".to_owned());
            }
            self.at += 1;
            return Ok(answer);
        }
        if is_unary(&first)
            && let Some(operand) = self.word(1).map(str::to_owned)
        {
            self.at += 2;
            return unary(self.shell, &first, &operand);
        }
        self.at += 1;
        Ok(!first.is_empty())
    }
}

/// The answer to an expression of these words.
fn ask(shell: &mut Shell, words: &[Text]) -> Asked {
    match words {
        [] => Ok(false),
        [one] => Ok(!one.is_empty()),
        [not, one] if &**not == "!" => Ok(one.is_empty()),
        [operator, operand] if is_unary(operator) => unary(shell, operator, operand),
        [operator, _] => Err(format!("{operator}: unary operator expected")),
        [left, operator, right] if is_binary(operator) => binary(shell, left, operator, right),
        [left, operator, right] if &**operator == "-a" => Ok(!left.is_empty() && !right.is_empty()),
        [left, operator, right] if &**operator == "-o" => Ok(!left.is_empty() || !right.is_empty()),
        [not, rest @ ..] if &**not == "!" && rest.len() <= 3 => ask(shell, rest).map(|answer| !answer),
        [open, one, close] if &**open == "(" && &**close == ")" => Ok(!one.is_empty()),
        [_, operator, _] => Err(format!("{operator}: binary operator expected")),
        [open, inner @ .., close] if inner.len() == 2 && &**open == "(" && &**close == ")" => ask(shell, inner),
        words => {
            let mut reader = Reader { shell, words, at: 0 };
            let answer = reader.or()?;
            if reader.at < words.len() { Err("too many arguments".to_owned()) } else { Ok(answer) }
        }
    }
}

fn answer(shell: &mut Shell, name: &str, words: &[Text]) -> Ran<i32> {
    match ask(shell, words) {
        Ok(answer) => Ok(i32::from(!answer)),
        Err(message) => {
            if !message.is_empty() {
                shell.complain(&format!("{name}: {message}"));
            }
            Ok(2)
        }
    }
}

pub fn test(shell: &mut Shell, words: &[Text]) -> Ran<i32> {
    answer(shell, "test", words.get(1..).unwrap_or_default())
}

pub fn bracket(shell: &mut Shell, words: &[Text]) -> Ran<i32> {
    match words {
        [_, inner @ .., last] if &**last == "]" => answer(shell, "[", inner),
        _ => {
            shell.complain("[: missing `]'");
            Ok(2)
        }
    }
}
