//! How a tool ends and what it says of failures: `name: text` on standard error, the system's reasons in GNU's words.
//!
//! Knows nothing of any tool.

use std::ffi::{OsStr, OsString};
use std::io::{self, BufWriter, Stdout, Write};

/// The exit code of one whose output nobody reads: 128 and the number of SIGPIPE.
const BROKEN_PIPE: i32 = 141;

/// Why a tool stops at once: its exit code, and what is still to be said.
#[derive(Debug)]
pub struct Failed {
    pub code: i32,
    pub message: Option<String>,
}

/// How the work of a tool ends.
pub type Outcome<T = i32> = Result<T, Failed>;

impl Failed {
    /// Ends with `code`; all has been said.
    pub fn silent(code: i32) -> Self {
        Self { code, message: None }
    }

    /// Ends with `code` after `name: message`.
    pub fn new(code: i32, message: impl Into<String>) -> Self {
        Self { code, message: Some(message.into()) }
    }
}

impl From<String> for Failed {
    fn from(message: String) -> Self {
        Self::new(1, message)
    }
}

impl From<&str> for Failed {
    fn from(message: &str) -> Self {
        Self::new(1, message)
    }
}

impl From<io::Error> for Failed {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            return broken_pipe();
        }
        Self::new(1, format!("write error: {}", reason(&error)))
    }
}

/// Ends as one that nobody reads from does: silently, by the signal where the system delivers it.
pub fn broken_pipe() -> Failed {
    let _ = userland_sys::kill(0, 13);
    Failed::silent(BROKEN_PIPE)
}

/// Runs a tool's work, says what stopped it and gives its exit code.
pub fn run(arguments: Vec<OsString>, work: fn(Vec<OsString>) -> Outcome) -> i32 {
    let name = own_name(&arguments);
    match work(arguments) {
        Ok(code) => code,
        Err(Failed { code, message }) => {
            if let Some(message) = message {
                say(&name, &message);
            }
            code
        }
    }
}

/// The tool's name as its messages begin with it.
pub fn own_name(arguments: &[OsString]) -> String {
    let whole = arguments.first().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    whole.rsplit('/').next().unwrap_or_default().to_owned()
}

/// `name: message` on standard error.
pub fn say(name: &str, message: &str) {
    let _ = writeln!(io::stderr(), "{name}: {message}");
}

/// A line on standard output.
pub fn line(text: std::fmt::Arguments<'_>) {
    if let Err(error) = writeln!(io::stdout(), "{text}")
        && error.kind() == io::ErrorKind::BrokenPipe
    {
        std::process::exit(broken_pipe().code);
    }
}

/// What a tool that goes on after failures keeps: its name and the exit code so far.
#[derive(Debug)]
pub struct Report {
    pub name: &'static str,
    pub code: i32,
}

impl Report {
    pub fn new(name: &'static str) -> Self {
        Self { name, code: 0 }
    }

    /// Says it and remembers exit code 1.
    pub fn fail(&mut self, message: impl AsRef<str>) {
        self.fail_with(1, message);
    }

    /// Says it and remembers the exit code where it is worse.
    pub fn fail_with(&mut self, code: i32, message: impl AsRef<str>) {
        say(self.name, message.as_ref());
        self.code = self.code.max(code);
    }

    /// Says it without failing.
    pub fn warn(&self, message: impl AsRef<str>) {
        say(self.name, message.as_ref());
    }
}

/// The system's reason in GNU's words, without the number.
pub fn reason(error: &io::Error) -> String {
    let Some(number) = error.raw_os_error() else {
        return match error.kind() {
            io::ErrorKind::NotFound => "No such file or directory".to_owned(),
            io::ErrorKind::AlreadyExists => "File exists".to_owned(),
            io::ErrorKind::PermissionDenied => "Permission denied".to_owned(),
            io::ErrorKind::UnexpectedEof => "unexpected end of file".to_owned(),
            _ => error.to_string(),
        };
    };
    match number {
        libc::EXDEV => return "Invalid cross-device link".to_owned(),
        libc::ELOOP => return "Too many levels of symbolic links".to_owned(),
        libc::ENAMETOOLONG => return "File name too long".to_owned(),
        libc::EIO => return "Input/output error".to_owned(),
        _ => {}
    }
    let text = error.to_string();
    text.rsplit_once(" (os error").map(|(text, _)| text.to_owned()).unwrap_or(text)
}

/// A name in a message as GNU quotes it, always in quotes.
pub fn quoted(name: impl AsRef<OsStr>) -> String {
    let text = name.as_ref().to_string_lossy();
    if text.chars().any(char::is_control) {
        return escaped(&text);
    }
    if text.contains('\'') {
        if !text.contains(['"', '$', '`', '\\', '!']) {
            return format!("\"{text}\"");
        }
        return format!("'{}'", text.replace('\'', "'\\''"));
    }
    format!("'{text}'")
}

/// With `$'\n'` for what can't be shown.
fn escaped(text: &str) -> String {
    let mut answer = String::from("'");
    let mut inside = false;
    for one in text.chars() {
        if one.is_control() != inside {
            answer.push_str(if inside { "''" } else { "'$'" });
            inside = !inside;
        }
        match one {
            '\n' => answer.push_str("\\n"),
            '\t' => answer.push_str("\\t"),
            '\r' => answer.push_str("\\r"),
            '\'' => answer.push_str("'\\''"),
            one if one.is_control() => answer.push_str(&format!("\\{:03o}", one as u32)),
            one => answer.push(one),
        }
    }
    if !answer.ends_with("''") || inside {
        answer.push('\'');
    }
    answer
}

/// A name in a message, in quotes only where it needs them.
pub fn plain(name: impl AsRef<OsStr>) -> String {
    let text = name.as_ref().to_string_lossy();
    let odd = |one: char| one.is_control() || " '\"$`\\!*?[]{}()<>|;&~#=^".contains(one);
    if text.is_empty() || text.contains(odd) { quoted(name) } else { text.into_owned() }
}

/// Standard output in large pieces. It is to be flushed by who made it.
pub fn output() -> BufWriter<Stdout> {
    BufWriter::with_capacity(64 * 1024, io::stdout())
}

/// The bytes of a name.
pub fn bytes(name: &OsStr) -> &[u8] {
    name.as_encoded_bytes()
}

/// A name from its bytes.
pub fn name_of(bytes: Vec<u8>) -> OsString {
    #[cfg(unix)]
    use std::os::unix::ffi::OsStringExt;
    #[cfg(target_os = "wasi")]
    use std::os::wasi::ffi::OsStringExt;
    OsString::from_vec(bytes)
}
