//! A git server's URL with a user's name and password in it, as Go's `net/url` writes it: Tekton makes the lines of
//! `.git-credentials` so.
//!
//! Knows Go's rules of what is a URL and which bytes are escaped where. Does not know what the URL is for.

use core::net::{Ipv4Addr, Ipv6Addr};

/// What is wrong with a URL, in Go's words.
type Fault = String;

/// Where in a URL a byte stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    User,
    Host,
    Path,
    Fragment,
}

/// The URL with `user` and `password` instead of what it names. One without a scheme, or with nothing behind it that
/// begins with a slash, comes out as Go leaves it: without a user where it has no place for one.
///
/// # Errors
/// A URL that Go does not read.
pub(super) fn with_user(url: &str, user: &[u8], password: &[u8]) -> Result<String, Fault> {
    let text = parsed(url, user, password);
    text.map_err(|fault| format!("parse {}: {fault}", super::quoted(url)))
}

fn parsed(url: &str, user: &[u8], password: &[u8]) -> Result<String, Fault> {
    if url.bytes().any(|byte| byte < b' ' || byte == 0x7f) {
        return Err("net/url: invalid control character in URL".to_owned());
    }
    let (before, fragment) = url.split_once('#').unwrap_or((url, ""));
    let (scheme, rest) = scheme(before)?;
    let (rest, query) = rest.split_once('?').map_or((rest, None), |(rest, query)| (rest, Some(query)));
    let mut text = String::new();
    if !scheme.is_empty() {
        text.push_str(&scheme);
        text.push(':');
    }
    let opaque = !scheme.is_empty() && !rest.starts_with('/');
    if opaque && !rest.is_empty() {
        text.push_str(rest);
    } else {
        if !rest.starts_with('/') && rest.split('/').next().is_some_and(|first| first.contains(':')) {
            return Err("first path segment in URL cannot contain colon".to_owned());
        }
        let has_host = rest.starts_with("//") && !(scheme.is_empty() && rest.starts_with("///"));
        let (host, path) = match rest.strip_prefix("//").filter(|_| has_host) {
            Some(rest) => rest.split_at(rest.find('/').unwrap_or(rest.len())),
            None => ("", rest),
        };
        text.push_str("//");
        escape(&mut text, user, Part::User);
        text.push(':');
        escape(&mut text, password, Part::User);
        text.push('@');
        let host = authority(&scheme, host)?;
        escape(&mut text, &host, Part::Host);
        let path = rewritten(path, Part::Path)?;
        if !path.is_empty() && !path.starts_with('/') && !host.is_empty() {
            text.push('/');
        }
        text.push_str(&path);
    }
    if let Some(query) = query {
        text.push('?');
        text.push_str(query);
    }
    if !fragment.is_empty() {
        text.push('#');
        text.push_str(&rewritten(fragment, Part::Fragment)?);
    }
    Ok(text)
}

/// The scheme in lower case, and what follows its colon; no scheme where none is written.
fn scheme(url: &str) -> Result<(String, &str), Fault> {
    for (at, byte) in url.bytes().enumerate() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' => {}
            b'0'..=b'9' | b'+' | b'-' | b'.' if at > 0 => {}
            b':' if at == 0 => return Err("missing protocol scheme".to_owned()),
            b':' => {
                let (scheme, rest) = url.split_at(at);
                return Ok((scheme.to_ascii_lowercase(), rest.get(1..).unwrap_or_default()));
            }
            _ => break,
        }
    }
    Ok((String::new(), url))
}

/// The host and port of an authority, with what is escaped in it unescaped. The user that it names is only checked.
fn authority(scheme: &str, authority: &str) -> Result<Vec<u8>, Fault> {
    let (user, host) = authority.rsplit_once('@').map_or((None, authority), |(user, host)| (Some(user), host));
    let host = self::host(scheme, host)?;
    if let Some(user) = user {
        let plain = |c: char| c.is_ascii_alphanumeric() || "-._:~!$&'()*+,;=%@".contains(c);
        if !user.chars().all(plain) {
            return Err("net/url: invalid userinfo".to_owned());
        }
        unescape(user, Part::User)?;
    }
    Ok(host)
}

fn host(scheme: &str, host: &str) -> Result<Vec<u8>, Fault> {
    let port = |text: &str| match text.strip_prefix(':').unwrap_or(text) {
        digits if digits.bytes().all(|byte| byte.is_ascii_digit()) => Ok(()),
        _ => Err(format!("invalid port {} after host", super::quoted(text))),
    };
    match host.rfind('[') {
        Some(0) => {
            let end = host.rfind(']').ok_or_else(|| "missing ']' in host".to_owned())?;
            let after = host.get(end + 1..).unwrap_or_default();
            if !after.is_empty() && !after.starts_with(':') {
                return Err(format!("invalid port {} after host", super::quoted(after)));
            }
            port(after)?;
            let literal = host.get(1..end).unwrap_or_default();
            if literal.parse::<Ipv4Addr>().is_ok() {
                return Err("invalid IP-literal".to_owned());
            }
            if literal.parse::<Ipv6Addr>().is_err() {
                return Err(format!("invalid host: {} is no IPv6 address without a zone", super::quoted(literal)));
            }
        }
        Some(_) => return Err("invalid IP-literal".to_owned()),
        None => {
            let strict = scheme == "http" || scheme == "https";
            let colon = if strict { host.find(':') } else { host.rfind(':') };
            port(colon.and_then(|at| host.get(at..)).unwrap_or_default())?;
        }
    }
    unescape(host, Part::Host)
}

/// A path or fragment as it was written where that is a way to write it, else escaped anew.
fn rewritten(written: &str, part: Part) -> Result<String, Fault> {
    let bytes = unescape(written, part)?;
    let as_is = |byte: u8| b"!$&'()*+,;=:@[]%".contains(&byte) || !must_escape(byte, part);
    if written.bytes().all(as_is) {
        return Ok(written.to_owned());
    }
    let mut text = String::new();
    escape(&mut text, &bytes, part);
    Ok(text)
}

fn unescape(text: &str, part: Part) -> Result<Vec<u8>, Fault> {
    let digit = |byte: Option<&u8>| byte.and_then(|byte| char::from(*byte).to_digit(16));
    let bytes = text.as_bytes();
    let mut found = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        if *byte == b'%' {
            let escaped = || String::from_utf8_lossy(bytes.get(at..bytes.len().min(at + 3)).unwrap_or_default());
            let bad = || format!("invalid URL escape {}", super::quoted(&escaped()));
            let (high, low) = digit(bytes.get(at + 1)).zip(digit(bytes.get(at + 2))).ok_or_else(bad)?;
            // Go: in a host, escapes are for bytes beyond ASCII.
            if part == Part::Host && high < 8 && escaped() != "%25" {
                return Err(bad());
            }
            found.push(u8::try_from(high * 16 + low).unwrap_or_default());
            at += 3;
            continue;
        }
        if part == Part::Host && byte.is_ascii() && must_escape(*byte, part) {
            let character = char::from(*byte).to_string();
            return Err(format!("invalid character {} in host name", super::quoted(&character)));
        }
        found.push(*byte);
        at += 1;
    }
    Ok(found)
}

fn escape(text: &mut String, bytes: &[u8], part: Part) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    for byte in bytes {
        if must_escape(*byte, part) {
            text.push('%');
            for digit in [byte >> 4, byte & 15] {
                text.push(DIGITS.get(usize::from(digit)).map_or('0', |digit| char::from(*digit)));
            }
        } else {
            text.push(char::from(*byte));
        }
    }
}

fn must_escape(byte: u8, part: Part) -> bool {
    let free: &[u8] = match part {
        Part::User => b"-_.~$&+,;=",
        Part::Host => b"-_.~!$&'()*+,;=:[]<>\"",
        Part::Path => b"-_.~$&+,/:;=@",
        Part::Fragment => b"-_.~$&+,/:;=?@!()*",
    };
    !byte.is_ascii_alphanumeric() && !free.contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What Go 1.26 prints for each, with a user and a password in which everything stands that can be escaped.
    #[test]
    fn a_url_gets_its_user_as_go_writes_it() {
        const USER: &str = "me%40corp:p%3A%2F%3F%23%5B%5D%20%C3%A9%5C+";
        for (url, wanted) in [
            ("https://github.com", "https://@U@github.com"),
            ("HTTPS://GitHub.com/", "https://@U@GitHub.com/"),
            ("http://github.com:8080/org/repo.git", "http://@U@github.com:8080/org/repo.git"),
            ("https://old:pw@github.com/a", "https://@U@github.com/a"),
            ("https://a@b@github.com", "https://@U@github.com"),
            ("github.com", "//@U@github.com"),
            ("github.com/org", "//@U@github.com/org"),
            ("github.com:22", "github.com:22"),
            ("ssh://git@host/x", "ssh://@U@host/x"),
            ("https://", "https://@U@"),
            ("https:", "https://@U@"),
            ("https:///p", "https://@U@/p"),
            ("//h/p", "//@U@h/p"),
            ("///p", "//@U@///p"),
            ("", "//@U@"),
            ("*", "//@U@*"),
            ("/abs", "//@U@/abs"),
            ("ssh://h:80:90/x", "ssh://@U@h:80:90/x"),
            ("https://[::1]:80/a", "https://@U@[::1]:80/a"),
            ("https://h/a b", "https://@U@h/a%20b"),
            ("https://h/%41\u{e9}", "https://@U@h/A%C3%A9"),
            ("https://h/\u{e9}", "https://@U@h/%C3%A9"),
            ("https://ex\u{e4}mple.com/", "https://@U@ex%C3%A4mple.com/"),
            ("https://h%25/", "https://@U@h%25/"),
            ("https://h%C3%A4/", "https://@U@h%C3%A4/"),
            ("https://h/a?b", "https://@U@h/a?b"),
            ("https://h?", "https://@U@h?"),
            ("https://h/a?b?c", "https://@U@h/a?b?c"),
            ("https://h/a#frag", "https://@U@h/a#frag"),
            ("https://h/a#", "https://@U@h/a"),
            ("https://h/a# b", "https://@U@h/a#%20b"),
            ("https://h/!*'()[];:@&+$,", "https://@U@h/!*'()[];:@&+$,"),
            ("a+b://h", "a+b://@U@h"),
            ("https://h:", "https://@U@h:"),
            ("https://h/^", "https://@U@h/%5E"),
            ("https://h/<x>", "https://@U@h/%3Cx%3E"),
            ("https://h/a?b c", "https://@U@h/a?b c"),
            ("https://h/a#!()*'\"[x]", "https://@U@h/a#!()*%27%22%5Bx%5D"),
        ] {
            let said = with_user(url, b"me@corp", "p:/?#[] \u{e9}\\+".as_bytes());
            assert_eq!(said, Ok(wanted.replace("@U@", &format!("{USER}@"))), "{url}");
        }
    }

    #[test]
    fn what_go_does_not_read_is_refused_in_its_words() {
        for (url, wanted) in [
            (
                "git@github.com:org/repo",
                r#"parse "git@github.com:org/repo": first path segment in URL cannot contain colon"#,
            ),
            ("https://h:80:90/x", r#"parse "https://h:80:90/x": invalid port ":80:90" after host"#),
            ("https://h:x", r#"parse "https://h:x": invalid port ":x" after host"#),
            ("https://[::1", r#"parse "https://[::1": missing ']' in host"#),
            ("https://[1.2.3.4]/", r#"parse "https://[1.2.3.4]/": invalid IP-literal"#),
            ("https://a[::1]", r#"parse "https://a[::1]": invalid IP-literal"#),
            ("https://[::1]x", r#"parse "https://[::1]x": invalid port "x" after host"#),
            ("https://h/%zz", r#"parse "https://h/%zz": invalid URL escape "%zz""#),
            ("https://h%41/", r#"parse "https://h%41/": invalid URL escape "%41""#),
            ("https://h h/", r#"parse "https://h h/": invalid character " " in host name"#),
            ("https://h\\x/", r#"parse "https://h\\x/": invalid character "\\" in host name"#),
            ("a\nb", r#"parse "a\nb": net/url: invalid control character in URL"#),
            ("https://h\u{7f}", r#"parse "https://h\x7f": net/url: invalid control character in URL"#),
            ("1a:b", r#"parse "1a:b": first path segment in URL cannot contain colon"#),
            (":a", r#"parse ":a": missing protocol scheme"#),
            ("https://u er@h/", r#"parse "https://u er@h/": net/url: invalid userinfo"#),
            ("https://u%zz@h", r#"parse "https://u%zz@h": invalid URL escape "%zz""#),
            ("https://h^/", r#"parse "https://h^/": invalid character "^" in host name"#),
            ("https://h/a#%zz", r#"parse "https://h/a#%zz": invalid URL escape "%zz""#),
        ] {
            assert_eq!(with_user(url, b"u", b"p"), Err(wanted.to_owned()), "{url:?}");
        }
    }
}
