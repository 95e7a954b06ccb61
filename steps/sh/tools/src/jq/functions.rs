//! The functions of jq that are not written in jq itself, beyond those of jaq.
//!
//! Knows values and what a run has: its inputs and its name for them. Regular expressions, mathematics and times are
//! jaq's.

use super::json;
use super::value::{Error, Value, error};
use jaq_core::data::HasLut;
use jaq_core::native::{Fun, bome, run, unary, v};
use jaq_core::{Bind, DataT, Lut};
use jaq_std::input::{HasInputs, Inputs};
use std::io::Write;

/// What a run works on.
pub struct Run;

/// What a run has beside its input.
#[derive(Clone)]
pub struct Data<'a> {
    pub lut: &'a Lut<Run>,
    pub inputs: Inputs<'a, Value>,
    pub name: &'a std::cell::RefCell<Option<String>>,
}

impl DataT for Run {
    type V<'a> = Value;
    type Data<'a> = Data<'a>;
}

impl<'a> HasLut<'a, Run> for Data<'a> {
    fn lut(&self) -> &'a Lut<Run> {
        self.lut
    }
}

impl<'a> HasInputs<'a, Value> for Data<'a> {
    fn inputs(&self) -> Inputs<'a, Value> {
        self.inputs
    }
}

/// Functions of jaq that have another meaning in jq, or are not wanted.
const REPLACED: [&str; 10] = [
    "ltrimstr",
    "rtrimstr",
    "debug_empty",
    "stderr_empty",
    "env",
    "escape_html",
    "unescape_html",
    "decode_base64",
    "input",
    "implode",
];

/// All functions.
pub fn all() -> impl Iterator<Item = Fun<Run>> {
    let others = jaq_core::funs::<Run>().chain(jaq_std::funs::<Run>()).filter(|(name, ..)| !REPLACED.contains(name));
    let inputs = jaq_std::input::funs::<Run>()
        .into_vec()
        .into_iter()
        .filter(|(name, ..)| !REPLACED.contains(name))
        .map(run::<Run>);
    others.chain(inputs).chain(own().into_iter().map(run::<Run>))
}

type Own = Vec<(&'static str, Box<[Bind]>, jaq_core::RunPtr<Run>)>;

fn own() -> Own {
    let mut own = of_values();
    own.extend(of_texts());
    own.extend(of_the_run());
    own
}

fn of_values() -> Own {
    vec![
        ("type", v(0), |cv| bome(Ok(Value::text(cv.1.kind())))),
        ("shown", v(0), |cv| bome(Ok(Value::from(cv.1.shown())))),
        ("length", v(0), |cv| bome(cv.1.length())),
        ("has", v(1), |cv| unary(cv, |value, key| value.has(&key))),
        ("contains", v(1), |cv| unary(cv, |value, other| value.contains(&other).map(Value::from))),
        ("indices", v(1), |cv| unary(cv, |value, what| value.indices(&what))),
        ("nan", v(0), |_| bome(Ok(Value::Number(f64::NAN)))),
        ("infinite", v(0), |_| bome(Ok(Value::Number(f64::INFINITY)))),
        ("isnan", v(0), |cv| {
            bome(match cv.1.number() {
                Some(number) => Ok(Value::Bool(number.is_nan())),
                None => Err(error(format!("{} number required", cv.1.shown()))),
            })
        }),
        ("del_sorted", v(1), |cv| {
            unary(cv, |value, paths| {
                let Value::Array(paths) = paths else { return Err(error("Paths must be specified as an array")) };
                let path = |path: &Value| match path {
                    Value::Array(path) => Ok((**path).clone()),
                    _ => Err(error("Path must be specified as an array")),
                };
                let paths = paths.iter().map(path).collect::<Result<Vec<_>, Error>>()?;
                value.without(&paths)
            })
        }),
        ("bsearch", v(1), |cv| {
            unary(cv, |value, what| match value {
                Value::Array(list) => Ok(match list.binary_search(&what) {
                    Ok(at) => Value::from(at),
                    Err(at) => Value::Number(-1.0 - at as f64),
                }),
                other => Err(error(format!("{} cannot be searched from", other.shown()))),
            })
        }),
        ("tojson", v(0), |cv| bome(Ok(Value::from(cv.1.to_string())))),
        ("fromjson", v(0), |cv| {
            let Some(text) = cv.1.as_text().map(ToOwned::to_owned) else {
                return bome(Err(error(format!("{} cannot be parsed as JSON", cv.1.shown()))));
            };
            let mut reader = json::Reader::new(text.as_bytes());
            let value = reader.next_value().unwrap_or(Ok(Value::Null));
            let value = value.map_err(|why| error(format!("{why} (while parsing '{text}')")));
            match (value, reader.next_value()) {
                (Ok(_), Some(_)) => bome(Err(error(format!("Unexpected extra JSON values (while parsing '{text}')")))),
                (value, _) => bome(value),
            }
        }),
        ("to_number", v(0), |cv| {
            let text = cv.1.as_text().unwrap_or_default();
            let fits = text.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte))
                && text.parse::<f64>().is_ok();
            bome(if fits {
                Ok(json::number(text))
            } else {
                Err(error(format!(
                    "Invalid numeric literal at EOF at line 1, column {} (while parsing '{text}')",
                    text.len()
                )))
            })
        }),
    ]
}

fn of_texts() -> Own {
    vec![
        ("implode", v(0), |cv| {
            let Value::Array(list) = &cv.1 else {
                return bome(Err(error(format!("{} cannot be imploded", cv.1.shown()))));
            };
            let one = |value: &Value| value.number().map(|code| char::from_u32(code as u32).unwrap_or('\u{fffd}'));
            let text: Option<String> = list.iter().map(one).collect();
            bome(text.map(Value::from).ok_or_else(|| error("Unicode codepoint must be numeric")))
        }),
        ("escape_markup", v(0), |cv| {
            let text = cv.1.as_text().unwrap_or_default();
            let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
            bome(Ok(Value::from(text.replace('\'', "&#39;").replace('"', "&quot;"))))
        }),
        ("base64_decoded", v(0), |cv| {
            let text = cv.1.as_text().unwrap_or_default();
            let bytes = decoded(text, b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", 6);
            bome(match bytes {
                Some(bytes) if !bytes.is_empty() || text.is_empty() => {
                    Ok(Value::from(String::from_utf8_lossy(&bytes).into_owned()))
                }
                _ => Err(error(format!("{} is not valid base64 data", cv.1.shown()))),
            })
        }),
        ("encode_base32", v(0), |cv| {
            let mut answer = String::new();
            for group in cv.1.as_text().unwrap_or_default().as_bytes().chunks(5) {
                let value = (0..5).fold(0u64, |value, at| value << 8 | u64::from(group.get(at).copied().unwrap_or(0)));
                let used = (group.len() * 8).div_ceil(5);
                for at in 0..8 {
                    let letter = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[(value >> (35 - 5 * at)) as usize & 31];
                    answer.push(if at < used { char::from(letter) } else { '=' });
                }
            }
            bome(Ok(Value::from(answer)))
        }),
        ("decode_base32", v(0), |cv| {
            let bytes = decoded(cv.1.as_text().unwrap_or_default(), b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 5);
            bome(match bytes {
                Some(bytes) => Ok(Value::from(String::from_utf8_lossy(&bytes).into_owned())),
                None => Err(error(format!("{} is not valid base32 data", cv.1.shown()))),
            })
        }),
        ("row_of", v(1), |cv| unary(cv, |value, name| row(&value, name.as_text() == Some("csv")))),
    ]
}

fn decoded(text: &str, alphabet: &[u8], bits: u32) -> Option<Vec<u8>> {
    let (mut value, mut have) = (0u32, 0);
    let mut bytes = Vec::new();
    for letter in text.bytes().filter(|byte| *byte != b'=') {
        value = value << bits | alphabet.iter().position(|one| *one == letter)? as u32;
        have += bits;
        if have >= 8 {
            have -= 8;
            bytes.push((value >> have) as u8);
        }
    }
    Some(bytes)
}

fn row(value: &Value, csv: bool) -> Result<Value, Error> {
    let name = if csv { "csv" } else { "tsv" };
    let Value::Array(list) = value else {
        return Err(error(format!("{} cannot be {name}-formatted, only an array can be", value.shown())));
    };
    let cell = |value: &Value| match value {
        Value::Null => Ok(String::new()),
        Value::Bool(_) | Value::Number(_) | Value::Long(_) => Ok(value.to_string()),
        Value::Text(text) if csv => Ok(format!("\"{}\"", text.replace('"', "\"\""))),
        Value::Text(text) => {
            Ok(text.replace('\\', "\\\\").replace('\t', "\\t").replace('\n', "\\n").replace('\r', "\\r"))
        }
        other => Err(error(format!("{} is not valid in a csv row", other.shown()))),
    };
    let cells = list.iter().map(cell).collect::<Result<Vec<_>, Error>>()?;
    Ok(Value::from(cells.join(if csv { "," } else { "\t" })))
}

fn of_the_run() -> Own {
    vec![
        ("debug_empty", v(0), |cv| {
            let _ = writeln!(std::io::stderr(), "[\"DEBUG:\",{}]", cv.1);
            Box::new(std::iter::empty())
        }),
        ("stderr_empty", v(0), |cv| {
            let _ = write!(std::io::stderr(), "{}", cv.1);
            Box::new(std::iter::empty())
        }),
        ("halt_text", v(0), |cv| {
            let _ = match &cv.1 {
                Value::Null => Ok(()),
                Value::Text(text) => write!(std::io::stderr(), "{text}"),
                other => writeln!(std::io::stderr(), "{other}"),
            };
            Box::new(std::iter::empty())
        }),
        ("input", v(0), |cv| {
            let mut inputs = cv.0.data().inputs;
            bome(match inputs.next() {
                Some(Ok(value)) => Ok(value),
                Some(Err(why)) => Err(error(why)),
                None => Err(error("No more inputs")),
            })
        }),
        ("input_filename", v(0), |cv| {
            let name = cv.0.data().name.borrow().clone();
            bome(Ok(name.map_or(Value::Null, Value::from)))
        }),
    ]
}
