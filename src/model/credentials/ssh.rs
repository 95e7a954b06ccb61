//! `.ssh` of Secrets with a private key: the keys, which host each is for, and the hosts that are known.
//!
//! Knows ssh's files as Tekton writes them. Does not know which Secrets are for ssh.

use super::{CREDENTIALS_DIR, Room, SecretSource, quoted};
use std::collections::BTreeMap;

/// ssh's own port, for a host without one.
const PORT: &str = "22";

/// The hosts, in the order in which they were first named, with their Secrets.
#[derive(Default)]
pub(super) struct Entries<'a> {
    hosts: Vec<(&'a str, Vec<SecretSource<'a>>)>,
    /// Where each stands among them.
    places: BTreeMap<&'a str, usize>,
}

impl<'a> Entries<'a> {
    /// Adds a host, perhaps with its port.
    pub(super) fn add(&mut self, place: &'a str, secret: SecretSource<'a>, room: &mut Room) -> Result<(), String> {
        let key = secret.read("ssh-privatekey")?;
        // Tekton writes it as it is, and every line of the file would be a setting of ssh.
        if place.contains(char::is_control) {
            return Err(format!("{} is not a host: it has control characters", quoted(place)));
        }
        let known = secret.read("known_hosts").unwrap_or_default();
        room.take(2 * place.len() + secret.name.len() + key.len() + known.len() + 100)?;
        let at = *self.places.entry(place).or_insert(self.hosts.len());
        match self.hosts.get_mut(at) {
            Some((_, secrets)) => secrets.push(secret),
            None => self.hosts.push((place, vec![secret])),
        }
        Ok(())
    }

    /// Writes the files; none where no host was named.
    pub(super) fn write(self, files: &mut BTreeMap<String, Vec<u8>>) {
        if self.hosts.is_empty() {
            return;
        }
        let mut config = String::new();
        let mut known_hosts: Vec<&[u8]> = Vec::new();
        for (place, secrets) in &self.hosts {
            let (host, port) = split_host(place).unwrap_or((place, PORT));
            config.push_str(&format!("Host {host}\n    HostName {host}\n    Port {port}\n"));
            for secret in secrets {
                let path = format!(".ssh/id_{}", secret.name);
                config.push_str(&format!("    IdentityFile {CREDENTIALS_DIR}/{path}\n"));
                files.insert(path, secret.read("ssh-privatekey").unwrap_or_default().to_vec());
                known_hosts.extend(secret.read("known_hosts").ok().filter(|known| !known.is_empty()));
            }
        }
        files.insert(".ssh/config".to_owned(), config.into_bytes());
        if !known_hosts.is_empty() {
            files.insert(".ssh/known_hosts".to_owned(), known_hosts.join(&b'\n'));
        }
    }
}

/// Host and port as Go's `net.SplitHostPort` tells them apart; none where it finds no port.
fn split_host(text: &str) -> Option<(&str, &str)> {
    let (before, port) = text.rsplit_once(':')?;
    let (host, rest) = match before.strip_prefix('[') {
        Some(inner) => (inner.strip_suffix(']')?, inner.strip_suffix(']')?),
        None if before.contains(':') => return None,
        None => (before, before),
    };
    let brackets = |text: &str| text.contains(['[', ']']);
    (!brackets(rest) && !brackets(port)).then_some((host, port))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What Go 1.26 says.
    #[test]
    fn hosts_and_ports_are_told_apart_as_go_does() {
        for (text, wanted) in [
            ("github.com", None),
            ("github.com:2222", Some(("github.com", "2222"))),
            ("[::1]:22", Some(("::1", "22"))),
            ("[::1]", None),
            ("::1", None),
            ("a:b:c", None),
            ("", None),
            ("[a:1", None),
            ("a]:1", None),
            ("[a]b:1", None),
            ("[[a]:1", None),
            ("https://github.com", Some(("https", "//github.com"))),
            (":22", Some(("", "22"))),
            ("h:", Some(("h", ""))),
        ] {
            assert_eq!(split_host(text), wanted, "{text}");
        }
    }
}
