//! The files that a pattern stands for.

use crate::pattern::{Pattern, is_pattern};
use crate::state::Shopts;

/// The paths that match, sorted; none where nothing does. The pattern has backslashes before what is quoted.
pub fn files(pattern: &str, shopts: &Shopts) -> Vec<String> {
    let mut found = Vec::new();
    let (root, rest) = match pattern.strip_prefix('/') {
        Some(rest) => {
            (format!("/{}", "/".repeat(rest.len() - rest.trim_start_matches('/').len())), rest.trim_start_matches('/'))
        }
        None => (String::new(), pattern),
    };
    let parts: Vec<&str> = split(rest);
    walk(&root, &parts, shopts, &mut found);
    found.sort();
    found.dedup();
    found
}

/// At slashes, but not within brackets that are a set, where none can match.
fn split(pattern: &str) -> Vec<&str> {
    pattern.split('/').collect()
}

fn unescape(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(char) = chars.next() {
        plain.push(if char == '\\' { chars.next().unwrap_or('\\') } else { char });
    }
    plain
}

fn has_pattern(part: &str, shopts: &Shopts) -> bool {
    let mut bare = String::with_capacity(part.len());
    let mut chars = part.chars();
    while let Some(char) = chars.next() {
        if char == '\\' {
            chars.next();
            bare.push('x');
        } else {
            bare.push(char);
        }
    }
    if !shopts.extglob && !bare.contains(['*', '?', '[']) {
        return false;
    }
    is_pattern(&bare)
}

fn walk(base: &str, parts: &[&str], shopts: &Shopts, found: &mut Vec<String>) {
    let Some((part, rest)) = parts.split_first() else { return };
    if part.is_empty() && !rest.is_empty() {
        // Slashes one after another stay as they were written.
        walk(&format!("{base}/"), rest, shopts, found);
        return;
    }
    if *part == "**" && shopts.globstar {
        star_star(base, rest, shopts, found);
        return;
    }
    if !has_pattern(part, shopts) {
        let path = format!("{base}{}", unescape(part));
        if rest.is_empty() {
            if part.is_empty() {
                if std::fs::metadata(if base.is_empty() { "." } else { base }).is_ok_and(|data| data.is_dir()) {
                    found.push(path);
                }
            } else if std::fs::symlink_metadata(&path).is_ok() {
                found.push(path);
            }
        } else if std::fs::metadata(&path).is_ok_and(|data| data.is_dir()) {
            walk(&format!("{path}/"), rest, shopts, found);
        }
        return;
    }
    let pattern = Pattern::new(part, shopts.extglob, shopts.nocaseglob);
    let dots = part.starts_with('.') || part.starts_with("\\.") || (shopts.extglob && group_has_dot(part));
    for name in names(base) {
        if name.starts_with('.') && !dots && !shopts.dotglob {
            continue;
        }
        if !pattern.matches(&name) {
            continue;
        }
        let path = format!("{base}{name}");
        if rest.is_empty() {
            found.push(path);
        } else if std::fs::metadata(&path).is_ok_and(|data| data.is_dir()) {
            walk(&format!("{path}/"), rest, shopts, found);
        }
    }
}

/// An alternative of a group that begins with a dot asks for hidden files.
fn group_has_dot(part: &str) -> bool {
    let inside = part.split_once('(');
    inside.is_some_and(|(kind, inside)| {
        kind.len() == 1 && !kind.starts_with('!') && (inside.starts_with('.') || inside.contains("|."))
    })
}

fn star_star(base: &str, rest: &[&str], shopts: &Shopts, found: &mut Vec<String>) {
    if rest.is_empty() {
        if !base.is_empty() {
            found.push(base.to_owned());
        }
    } else if !(base.is_empty() && rest == [""]) {
        walk(base, rest, shopts, found);
    }
    for name in names(base) {
        if name.starts_with('.') && !shopts.dotglob {
            continue;
        }
        let path = format!("{base}{name}");
        let is_directory = std::fs::symlink_metadata(&path).is_ok_and(|data| data.is_dir());
        if rest.is_empty() && !is_directory {
            found.push(path);
        } else if is_directory {
            if rest.is_empty() {
                found.push(path.clone());
            }
            let mut below = Vec::new();
            star_star(&format!("{path}/"), rest, shopts, &mut below);
            found.extend(below.into_iter().filter(|below| *below != format!("{path}/") || !rest.is_empty()));
        }
    }
}

fn names(directory: &str) -> Vec<String> {
    let path = if directory.is_empty() { "." } else { directory };
    let Ok(entries) = std::fs::read_dir(path) else { return Vec::new() };
    entries
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| name != "." && name != "..")
        .collect()
}
