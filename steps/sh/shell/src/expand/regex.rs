//! Extended regular expressions of POSIX, for an engine with Perl's.

/// The same expression as that engine writes it.
#[must_use]
pub fn translate(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len() + 8);
    let chars: Vec<char> = pattern.chars().collect();
    let mut at = 0;
    while let Some(&char) = chars.get(at) {
        at += 1;
        match char {
            '[' => at = bracket(&chars, at, &mut out),
            '\\' => {
                let next = chars.get(at).copied().unwrap_or('\\');
                at += 1;
                // Perl gives letters a meaning that POSIX does not know, but for those that GNU adds.
                match next {
                    'b' | 'B' | 'w' | 'W' | 's' | 'S' | '1'..='9' => out.extend(['\\', next]),
                    '<' => out.push_str("\\b(?=\\w)"),
                    '>' => out.push_str("\\b(?<=\\w)"),
                    next if next.is_alphanumeric() => out.push(next),
                    next => out.extend(['\\', next]),
                }
            }
            // A brace that is no repetition stands for itself.
            '{' if !repeats(&chars, at) => out.push_str("\\{"),
            '}' if !out.contains('{') => out.push_str("\\}"),
            '.' => out.push_str("(?s:.)"),
            char => out.push(char),
        }
    }
    out
}

fn repeats(chars: &[char], at: usize) -> bool {
    let rest: String = chars.get(at..).unwrap_or_default().iter().collect();
    let Some((inside, _)) = rest.split_once('}') else { return false };
    let (least, most) = inside.split_once(',').unwrap_or((inside, ""));
    at > 1
        && !least.is_empty()
        && least.bytes().all(|byte| byte.is_ascii_digit())
        && most.bytes().all(|byte| byte.is_ascii_digit())
}

/// A bracket expression; gives where it ends.
fn bracket(chars: &[char], mut at: usize, out: &mut String) -> usize {
    let start = at;
    let mut set = String::from("[");
    if chars.get(at) == Some(&'^') {
        set.push('^');
        at += 1;
    }
    let first = at;
    loop {
        let Some(&char) = chars.get(at) else {
            // It never ends, which the engine finds wrong.
            out.push('[');
            return start;
        };
        at += 1;
        match char {
            ']' if at - 1 > first => break,
            '[' if chars.get(at).is_some_and(|next| matches!(next, ':' | '.' | '=')) => {
                let kind = chars.get(at).copied().unwrap_or(':');
                let mut end = at + 1;
                while end + 1 < chars.len() && !(chars[end] == kind && chars[end + 1] == ']') {
                    end += 1;
                }
                let name: String = chars.get(at + 1..end).unwrap_or_default().iter().collect();
                match kind {
                    ':' => set.push_str(&format!("[:{name}:]")),
                    _ => name.chars().for_each(|char| escaped(char, &mut set)),
                }
                at = end + 2;
            }
            '-' => set.push(if at - 1 == first || chars.get(at) == Some(&']') { '\u{1}' } else { '-' }),
            char => escaped(char, &mut set),
        }
    }
    out.push_str(&set.replace('\u{1}', "\\-"));
    out.push(']');
    at
}

fn escaped(char: char, set: &mut String) {
    if matches!(char, '[' | ']' | '\\' | '&' | '~' | '^') {
        set.push('\\');
    }
    set.push(char);
}
