//! mikefarah's expressions in jq's words.
//!
//! Knows where the two differ: keys with hyphens, `env(X)`, `ireduce`, names of operators, styles and comments. What
//! it does not know it leaves as it is, and jq then says that it is not there.

/// An expression for jq, with what it says of the output.
#[derive(Debug, Default)]
pub struct Translated {
    pub code: String,
    /// `... comments=""`
    pub no_comments: bool,
    /// `... style=""`
    pub pretty: bool,
    /// `explode(.)`
    pub exploded: bool,
}

/// What yq has and jq has not, in jq.
pub const DEFINITIONS: &str = r#"
def type_of: if . == null then "null" elif . == true or . == false then "boolean" elif (. > true and . < "") then "number" elif (. >= "" and . < []) then "string" elif (. >= [] and . < {}) then "array" else "object" end;
def tag_of: type_of as $t | if $t == "null" then "!!null" elif $t == "boolean" then "!!bool" elif $t == "string" then "!!str" elif $t == "array" then "!!seq" elif $t == "object" then "!!map" elif . == floor then "!!int" else "!!float" end;
def tag: tag_of;
def type: tag_of;
def kind: type_of as $t | if $t == "array" then "seq" elif $t == "object" then "map" else "scalar" end;
def keys: if type_of == "object" then keys_unsorted elif type_of == "array" then [range(length)] else error("cannot get keys of \(tag_of), keys only works for maps and arrays") end;
def unique_by(f): reduce .[] as $x ([[], []]; ($x | [f]) as $k | if (.[0] | any(. == $k)) then . else [.[0] + [$k], .[1] + [$x]] end) | .[1];
def unique: unique_by(.);
def kept(f): [f] as $new | if ($new | length) == 0 then . else $new[0] end;
def with(path; change): path |= kept(change);
def map_values(f): .[] |= kept(f);
def upcase: ascii_upcase;
def downcase: ascii_downcase;
def to_number: tonumber;
def to_string: tostring;
def to_json: json_indented(2);
def to_json($n): json_indented($n);
def tojson: json_indented(2);
def from_json: fromjson;
def any_c(f): any(.[]; f);
def all_c(f): all(.[]; f);
def sort_map: to_entries | sort_by(.key) | from_entries;
def sort_keys(f): f |= (if type_of == "object" then sort_map else . end);
def filter(f): map(select(f));
def contains_value(x): contains(x);
def sub_all(re; text): gsub(re; text);
def split_doc: .;
def splitDoc: .;
def replaced($places; f): . as $s | reduce $places[] as $p (["", 0]; [.[0] + $s[.[1]:$p.offset] + ($p | f), $p.offset + $p.length]) | .[0] + $s[.[1]:];
def go_sub($re; $text): replaced([match($re; "g")]; . as $m | $text | replaced([match("[$](?:([0-9]+)|[{]([0-9]+)[}])"; "g")]; [.captures[].string | values][0] | tonumber | if . == 0 then $m.string else $m.captures[. - 1].string // "" end));
def pivot: transpose;
def omit($names): with_entries(select(.key as $k | $names | index($k) | not));
def pick_keys($names): . as $in | reduce $names[] as $n ({}; if ($in | has($n)) then .[$n] = $in[$n] else . end);
def @yaml: to_yaml;
def from_yaml: yaml_value;
def envsubst: error("envsubst is not supported here");
def capture_all(re): [capture(re; "g")];
"#;

/// Names that stand for what the caller knows.
const VARIABLES: [(&str, &str); 8] = [
    ("filename", "$__filename"),
    ("document_index", "$__di"),
    ("documentIndex", "$__di"),
    ("di", "$__di"),
    ("file_index", "$__fi"),
    ("fileIndex", "$__fi"),
    ("fi", "$__fi"),
    ("toyaml", "to_yaml"),
];

/// Translates an expression.
pub fn translate(expression: &str) -> Result<Translated, String> {
    let mut translated = Translated::default();
    let mut rest = expression.to_owned();
    for (pattern, what) in [
        ("... comments=\"\"", 'c'),
        ("... comments = \"\"", 'c'),
        ("... style=\"\"", 's'),
        (".. style=\"\"", 's'),
        ("... style = \"\"", 's'),
    ] {
        if rest.contains(pattern) {
            rest = rest.replace(pattern, ".");
            translated.no_comments |= what == 'c';
            translated.pretty |= what == 's';
        }
    }
    for word in [
        "style",
        "lineComment",
        "headComment",
        "footComment",
        "line_comment",
        "head_comment",
        "foot_comment",
        "anchor",
        "alias",
    ] {
        if words(&rest).any(|one| one == word) {
            return Err(format!("'{word}' is not supported here"));
        }
    }
    for form in ["explode(.)", "explode( . )", "explode(..)"] {
        translated.exploded |= rest.contains(form);
        rest = rest.replace(form, "exploded");
    }
    if words(&rest).any(|one| one == "explode") {
        return Err("'explode' is supported here for all of a document only: explode(.)".to_owned());
    }
    let code = spelled(&rest)?;
    translated.code = reduced(&keeping(&code));
    Ok(translated)
}

/// The words of an expression that are no keys, outside of quotes.
fn words(expression: &str) -> impl Iterator<Item = &str> {
    expression.split('"').step_by(2).flat_map(|part| {
        part.split(|one: char| !one.is_alphanumeric() && one != '_' && one != '.' && one != '$')
            .filter(|word| !word.starts_with(['.', '$']))
    })
}

fn is_key(one: char) -> bool {
    one.is_alphanumeric() || matches!(one, '_' | '-')
}

/// With keys in quotes, variables and functions as jq has them.
fn spelled(expression: &str) -> Result<String, String> {
    let text: Vec<char> = expression.chars().collect();
    let mut out = String::new();
    let mut at = 0;
    while at < text.len() {
        let one = text[at];
        match one {
            '"' => {
                let begin = at;
                at += 1;
                while at < text.len() && text[at] != '"' {
                    at += if text[at] == '\\' { 2 } else { 1 };
                }
                at = (at + 1).min(text.len());
                quoted(&text[begin..at], &mut out);
            }
            '*' if merging(&text[at + 1..]) > 0 => {
                let end = at + 1 + merging(&text[at + 1..]);
                let way: String = text[at + 1..end].iter().collect();
                out.push_str(&format!("* {{\"\\u0000\": \"{way}\"}} * "));
                at = end;
            }
            '.' if text.get(at + 1).is_some_and(|next| is_key(*next) && !next.is_ascii_digit()) => {
                let end =
                    text[at + 1..].iter().position(|one| !is_key(*one)).map_or(text.len(), |length| at + 1 + length);
                let key: String = text[at + 1..end].iter().collect();
                out.push_str(&format!(".\"{key}\""));
                at = end;
            }
            '.' if text.get(at + 1) == Some(&'[')
                && at > 0
                && (is_key(text[at - 1]) || matches!(text[at - 1], ']' | '"' | ')')) =>
            {
                at += 1
            }
            '#' => at = text[at..].iter().position(|one| *one == '\n').map_or(text.len(), |length| at + length),
            one if one.is_alphabetic() || one == '_' => {
                at = word(&text, at, &mut out)?;
            }
            one => {
                out.push(one);
                at += 1;
            }
        }
    }
    Ok(out)
}

/// How many letters behind a `*` say how it merges.
fn merging(text: &[char]) -> usize {
    let length = text.iter().take_while(|one| "+?dn".contains(**one)).count();
    let ends = text.get(length).is_none_or(|next| next.is_whitespace() || "(.{[$\"".contains(*next));
    if ends { length } else { 0 }
}

/// A text: yq knows few escapes, and leaves a backslash before anything else as it is.
fn quoted(text: &[char], out: &mut String) {
    let mut at = 0;
    while at < text.len() {
        out.push(text[at]);
        if text[at] == '\\' {
            match text.get(at + 1) {
                Some(next @ ('\\' | '"' | 'n' | '(')) => {
                    out.push(*next);
                    at += 1;
                }
                _ => out.push('\\'),
            }
        }
        at += 1;
    }
}

/// A word at a place: a variable, a function, or what that is in jq. Gives where it ends.
fn word(text: &[char], mut at: usize, out: &mut String) -> Result<usize, String> {
    let end = text[at..]
        .iter()
        .position(|one| !(one.is_alphanumeric() || *one == '_'))
        .map_or(text.len(), |length| at + length);
    let word: String = text[at..end].iter().collect();
    let variable = at > 0 && matches!(text[at - 1], '$' | '@');
    at = end;
    if variable {
        out.push_str(&word);
    } else if matches!(word.as_str(), "env" | "strenv") && text.get(at) == Some(&'(') {
        let close =
            text[at..].iter().position(|one| *one == ')').ok_or("bad expression, please check expression syntax")?;
        let name: String = text[at + 1..at + close].iter().collect();
        out.push_str(&format!("{word}_of(\"{}\")", name.trim()));
        at += close + 1;
    } else if let Some((_, instead)) = VARIABLES.iter().find(|(name, _)| *name == word) {
        out.push_str(instead);
    } else if matches!(word.as_str(), "sub" | "test" | "match" | "capture" | "split" | "join" | "load")
        && text.get(at) == Some(&'(')
    {
        let (inside, used) = parentheses(&text[at..])?;
        let inside = spelled(&inside)?;
        let parts = split_arguments(&inside);
        // Substitutions are all made, as in Go.
        let name = if word == "sub" { "go_sub" } else { word.as_str() };
        out.push_str(&format!("{name}({})", parts.join("; ")));
        at += used;
    } else if word == "pick" && text.get(at) == Some(&'(') {
        out.push_str("pick_keys");
    } else {
        out.push_str(&word);
    }
    Ok(at)
}

/// What stands in parentheses, and how long it is with them.
fn parentheses(text: &[char]) -> Result<(String, usize), String> {
    let (mut depth, mut quoted) = (0, false);
    for (at, one) in text.iter().enumerate() {
        match one {
            '"' if at == 0 || text[at - 1] != '\\' => quoted = !quoted,
            '(' if !quoted => depth += 1,
            ')' if !quoted => {
                depth -= 1;
                if depth == 0 {
                    return Ok((text[1..at].iter().collect(), at + 1));
                }
            }
            _ => {}
        }
    }
    Err("bad expression, please check expression syntax".to_owned())
}

/// Arguments with a comma or a semicolon between.
fn split_arguments(text: &str) -> Vec<String> {
    let (mut parts, mut part) = (Vec::new(), String::new());
    let (mut depth, mut quoted, mut escaped) = (0, false, false);
    for one in text.chars() {
        match one {
            '"' if !escaped => quoted = !quoted,
            '(' | '[' | '{' if !quoted => depth += 1,
            ')' | ']' | '}' if !quoted => depth -= 1,
            ',' | ';' if depth == 0 && !quoted => {
                parts.push(part.trim().to_owned());
                part.clear();
                continue;
            }
            _ => {}
        }
        escaped = one == '\\' && !escaped;
        part.push(one);
    }
    parts.push(part.trim().to_owned());
    parts
}

/// With every `|= F` as `|= kept(F)`: where nothing comes out of `F`, a value stays as it is.
fn keeping(code: &str) -> String {
    let Some(at) = end_of(code, |rest| rest.starts_with("|=")) else { return code.to_owned() };
    let (before, after) = code.split_at(at + 2);
    let ends = |rest: &str| rest.starts_with(['|', ',', ';', ')', ']', '}']);
    let end = end_of_part(after, ends);
    format!("{before} kept({}){}", keeping(&after[..end]), keeping(&after[end..]))
}

/// Where something first stands that is in no text.
fn end_of(code: &str, is_it: impl Fn(&str) -> bool) -> Option<usize> {
    let (mut quoted, mut escaped) = (false, false);
    for (at, one) in code.char_indices() {
        if !quoted && is_it(&code[at..]) {
            return Some(at);
        }
        quoted ^= one == '"' && !escaped;
        escaped = one == '\\' && !escaped;
    }
    None
}

/// The same, outside of brackets too; or else the end.
fn end_of_part(code: &str, is_it: impl Fn(&str) -> bool) -> usize {
    let depth = std::cell::Cell::new(0);
    let found = end_of(code, |rest| {
        let ends = depth.get() == 0 && is_it(rest);
        depth.set(match rest.chars().next() {
            Some('(' | '[' | '{') => depth.get() + 1,
            Some(')' | ']' | '}') => depth.get() - 1,
            _ => depth.get(),
        });
        ends
    });
    found.unwrap_or(code.len())
}

/// `X as $y ireduce (A; B)` is `reduce X as $y (A; B)`.
fn reduced(code: &str) -> String {
    let Some(at) = code.find(" ireduce ") else { return code.to_owned() };
    let (before, after) = (&code[..at], &code[at + " ireduce ".len()..]);
    let Some(name) = before.rfind(" as $") else { return code.to_owned() };
    let begin = before[..name].rfind('|').map_or(0, |at| at + 1);
    let (lead, source) = before[..name].split_at(begin);
    let answer = format!("{lead} reduce ({}) {} {after}", source.trim(), &before[name + 1..]);
    reduced(&answer)
}
