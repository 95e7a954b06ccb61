//! How the builtins are used: their synopses, and their options as bash reads them.

use crate::run::Ran;
use crate::shell::Shell;
use crate::vars::Text;

/// The synopsis of each builtin, sorted by name.
pub const SYNOPSES: &[(&str, &str)] = &[
    (".", ". filename [arguments]"),
    (":", ":"),
    ("[", "[ arg... ]"),
    ("alias", "alias [-p] [name[=value] ... ]"),
    ("bg", "bg [job_spec ...]"),
    (
        "bind",
        "bind [-lpsvPSVX] [-m keymap] [-f filename] [-q name] [-u name] [-r keyseq] [-x keyseq:shell-command] [keyseq:readline-function or readline-command]",
    ),
    ("break", "break [n]"),
    ("builtin", "builtin [shell-builtin [arg ...]]"),
    ("caller", "caller [expr]"),
    ("cd", "cd [-L|[-P [-e]] [-@]] [dir]"),
    ("command", "command [-pVv] command [arg ...]"),
    (
        "compgen",
        "compgen [-abcdefgjksuv] [-o option] [-A action] [-G globpat] [-W wordlist] [-F function] [-C command] [-X filterpat] [-P prefix] [-S suffix] [word]",
    ),
    (
        "complete",
        "complete [-abcdefgjksuv] [-pr] [-DEI] [-o option] [-A action] [-G globpat] [-W wordlist] [-F function] [-C command] [-X filterpat] [-P prefix] [-S suffix] [name ...]",
    ),
    ("compopt", "compopt [-o|+o option] [-DEI] [name ...]"),
    ("continue", "continue [n]"),
    ("declare", "declare [-aAfFgiIlnrtux] [name[=value] ...] or declare -p [-aAfFilnrtux] [name ...]"),
    ("dirs", "dirs [-clpv] [+N] [-N]"),
    ("disown", "disown [-h] [-ar] [jobspec ... | pid ...]"),
    ("echo", "echo [-neE] [arg ...]"),
    ("enable", "enable [-a] [-dnps] [-f filename] [name ...]"),
    ("eval", "eval [arg ...]"),
    ("exec", "exec [-cl] [-a name] [command [argument ...]] [redirection ...]"),
    ("exit", "exit [n]"),
    ("export", "export [-fn] [name[=value] ...] or export -p"),
    ("false", "false"),
    ("fc", "fc [-e ename] [-lnr] [first] [last] or fc -s [pat=rep] [command]"),
    ("fg", "fg [job_spec]"),
    ("getopts", "getopts optstring name [arg ...]"),
    ("hash", "hash [-lr] [-p pathname] [-dt] [name ...]"),
    ("help", "help [-dms] [pattern ...]"),
    ("history", "history [-c] [-d offset] [n] or history -anrw [filename] or history -ps arg [arg...]"),
    ("jobs", "jobs [-lnprs] [jobspec ...] or jobs -x command [args]"),
    ("kill", "kill [-s sigspec | -n signum | -sigspec] pid | jobspec ... or kill -l [sigspec]"),
    ("let", "let arg [arg ...]"),
    ("local", "local [option] name[=value] ..."),
    ("logout", "logout [n]"),
    ("mapfile", "mapfile [-d delim] [-n count] [-O origin] [-s count] [-t] [-u fd] [-C callback] [-c quantum] [array]"),
    ("popd", "popd [-n] [+N | -N]"),
    ("printf", "printf [-v var] format [arguments]"),
    ("pushd", "pushd [-n] [+N | -N | dir]"),
    ("pwd", "pwd [-LP]"),
    (
        "read",
        "read [-ers] [-a array] [-d delim] [-i text] [-n nchars] [-N nchars] [-p prompt] [-t timeout] [-u fd] [name ...]",
    ),
    (
        "readarray",
        "readarray [-d delim] [-n count] [-O origin] [-s count] [-t] [-u fd] [-C callback] [-c quantum] [array]",
    ),
    ("readonly", "readonly [-aAf] [name[=value] ...] or readonly -p"),
    ("return", "return [n]"),
    ("set", "set [-abefhkmnptuvxBCEHPT] [-o option-name] [--] [-] [arg ...]"),
    ("shift", "shift [n]"),
    ("shopt", "shopt [-pqsu] [-o] [optname ...]"),
    ("source", "source filename [arguments]"),
    ("suspend", "suspend [-f]"),
    ("test", "test [expr]"),
    ("times", "times"),
    ("trap", "trap [-lp] [[arg] signal_spec ...]"),
    ("true", "true"),
    ("type", "type [-afptP] name [name ...]"),
    ("typeset", "typeset [-aAfFgiIlnrtux] name[=value] ... or typeset -p [-aAfFilnrtux] [name ...]"),
    ("ulimit", "ulimit [-SHabcdefiklmnpqrstuvxPRT] [limit]"),
    ("umask", "umask [-p] [-S] [mode]"),
    ("unalias", "unalias [-a] name [name ...]"),
    ("unset", "unset [-f] [-v] [-n] [name ...]"),
    ("wait", "wait [-fn] [-p var] [id ...]"),
];

/// The options of a builtin's words.
#[derive(Debug, Default)]
pub struct Given {
    letters: Vec<Letter>,
    /// Where the words behind the options begin.
    pub operands: usize,
}

#[derive(Debug)]
pub struct Letter {
    pub letter: char,
    /// Whether it came with `+`.
    pub plus: bool,
    pub value: Option<Text>,
}

impl Given {
    pub fn has(&self, letter: char) -> bool {
        self.letters.iter().any(|given| given.letter == letter && !given.plus)
    }

    /// The last value given with an option.
    pub fn value(&self, letter: char) -> Option<Text> {
        self.letters.iter().rev().find(|given| given.letter == letter).and_then(|given| given.value.clone())
    }

    /// All of them in their order.
    pub fn all(&self) -> &[Letter] {
        &self.letters
    }
}

/// The synopsis of a builtin.
#[must_use]
pub fn synopsis(name: &str) -> &'static str {
    SYNOPSES.iter().find(|(known, _)| *known == name).map_or("", |(_, synopsis)| synopsis)
}

impl Shell {
    /// Shows how a builtin is used; the status of wrong use.
    pub fn usage(&mut self, name: &str) -> Ran<i32> {
        // Who closed standard error hears nothing.
        let _ = self.write(2, &format!("{name}: usage: {}\n", synopsis(name)));
        self.is_grave = true;
        Ok(2)
    }

    /// Says that there is no such option, and how the builtin is used.
    pub fn invalid_option(&mut self, name: &str, option: &str) -> Ran<i32> {
        self.complain(&format!("{name}: {option}: invalid option"));
        self.usage(name)
    }

    /// Reads a builtin's options. `spec` has the letters, a colon behind those that take a value; a plus first where
    /// `+x` is an option too. The error is the status of wrong use, which has been said.
    pub fn options(&mut self, words: &[Text], spec: &str) -> Result<Given, i32> {
        let name = words.first().cloned().unwrap_or_else(|| "".into());
        let (plus_too, spec) = spec.strip_prefix('+').map_or((false, spec), |spec| (true, spec));
        let mut given = Given { letters: Vec::new(), operands: 1 };
        while let Some(word) = words.get(given.operands) {
            let plus = plus_too && word.len() > 1 && word.starts_with('+');
            if !(plus || (word.len() > 1 && word.starts_with('-'))) {
                break;
            }
            given.operands += 1;
            if &**word == "--" {
                break;
            }
            if &**word == "--help" {
                let _ = self.put_out(&name, &format!("{name}: {}\n", synopsis(&name)));
                return Err(2);
            }
            let mut letters = word[1..].chars();
            while let Some(letter) = letters.next() {
                let known = spec.find(letter).filter(|_| letter != ':');
                let Some(known) = known else {
                    let sign = if plus { '+' } else { '-' };
                    return Err(self.invalid_option(&name, &format!("{sign}{letter}")).unwrap_or(2));
                };
                if spec.as_bytes().get(known + 1) != Some(&b':') {
                    given.letters.push(Letter { letter, plus, value: None });
                    continue;
                }
                let rest = letters.as_str();
                let value = if rest.is_empty() {
                    let next = words.get(given.operands).cloned();
                    given.operands += 1;
                    next
                } else {
                    Some(rest.into())
                };
                let Some(value) = value else {
                    self.complain(&format!("{name}: -{letter}: option requires an argument"));
                    return Err(self.usage(&name).unwrap_or(2));
                };
                given.letters.push(Letter { letter, plus, value: Some(value) });
                break;
            }
        }
        Ok(given)
    }
}
