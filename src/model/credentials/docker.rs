//! `.docker/config.json` of Secrets with a name and a password, and of those that hold such a file already.
//!
//! Knows the file as Tekton writes it: servers sorted, and of each what Tekton's own type has. Does not know which
//! Secrets are for docker.

use super::{MOST_BYTES, Room, SecretSource};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;

/// The largest file that is read; Kubernetes has no larger Secrets.
const LARGEST_FILE: usize = 1 << 20;

/// What is known of a server.
#[derive(Default)]
struct Server {
    username: Vec<u8>,
    password: Vec<u8>,
    auth: Vec<u8>,
    email: Vec<u8>,
}

/// The servers, and the files that others wrote.
#[derive(Default)]
pub(super) struct Entries<'a> {
    basic: BTreeMap<&'a str, Server>,
    /// With `auths` around their servers, or without.
    files: Vec<(SecretSource<'a>, bool)>,
}

impl<'a> Entries<'a> {
    /// Adds a server by its URL.
    pub(super) fn add_basic(
        &mut self,
        place: &'a str,
        secret: SecretSource<'a>,
        room: &mut Room,
    ) -> Result<(), String> {
        if self.basic.contains_key(place) {
            return Err(format!("multiple entries for url: {place}"));
        }
        let (name, password) = (secret.read("username")?, secret.read("password")?);
        room.take(place.len() + 4 * (name.len() + password.len()))?;
        let server = Server {
            username: name.to_vec(),
            password: password.to_vec(),
            auth: BASE64.encode([name, b":", password].concat()).into_bytes(),
            email: b"not@val.id".to_vec(),
        };
        self.basic.insert(place, server);
        Ok(())
    }

    /// Adds a file that others wrote: a `config.json` with `auths`, or the older `.dockercfg`.
    pub(super) fn add_file(&mut self, secret: SecretSource<'a>, is_config: bool) {
        self.files.push((secret, is_config));
    }

    /// Writes the file; none where no server is known. A later server stands before an earlier one of its name: first
    /// the older files, then the newer ones, then those of names and passwords.
    ///
    /// # Errors
    /// A file that cannot be read. Tekton: then nothing is written, and the step runs. What is wrong in it is not said:
    /// that could quote it.
    pub(super) fn write(self, files: &mut BTreeMap<String, Vec<u8>>) -> Result<(), String> {
        let mut servers: BTreeMap<String, Server> = BTreeMap::new();
        for newer in [false, true] {
            for (secret, _) in self.files.iter().filter(|(_, is_config)| *is_config == newer) {
                servers.extend(read_file(*secret, newer)?);
            }
        }
        servers.extend(self.basic.into_iter().map(|(place, server)| (place.to_owned(), server)));
        if servers.is_empty() {
            return Ok(());
        }
        let mut text = String::from("{\"auths\":{");
        for (at, (place, server)) in servers.iter().enumerate() {
            if at > 0 {
                text.push(',');
            }
            string(&mut text, place.as_bytes());
            text.push_str(":{");
            for (key, value) in [("username", &server.username), ("password", &server.password)] {
                if !value.is_empty() {
                    text.push_str(&format!("\"{key}\":"));
                    string(&mut text, value);
                    text.push(',');
                }
            }
            text.push_str("\"auth\":");
            string(&mut text, &server.auth);
            if !server.email.is_empty() {
                text.push_str(",\"email\":");
                string(&mut text, &server.email);
            }
            text.push('}');
            if text.len() > MOST_BYTES {
                return Err(format!("the file for docker has more than {} MiB", MOST_BYTES >> 20));
            }
        }
        text.push_str("}}");
        files.insert(".docker/config.json".to_owned(), text.into_bytes());
        Ok(())
    }
}

/// The servers of a file that others wrote.
fn read_file(secret: SecretSource<'_>, is_config: bool) -> Result<BTreeMap<String, Server>, String> {
    let key = if is_config { ".dockerconfigjson" } else { ".dockercfg" };
    let wrong = || format!("{key} of the Secret {} is not a file that docker reads", secret.name);
    let bytes = secret.read(key)?;
    if bytes.len() > LARGEST_FILE {
        return Err(format!("{key} of the Secret {} has more than {} MiB", secret.name, LARGEST_FILE >> 20));
    }
    let read: Json = serde_json::from_slice(bytes).map_err(|_| wrong())?;
    let servers = match (&read, is_config) {
        (Json::Object(file), true) => field(file, "auths").unwrap_or(&Json::Null),
        (file, _) => file,
    };
    let servers = match servers {
        Json::Object(servers) => servers,
        Json::Null => return Ok(BTreeMap::new()),
        _ => return Err(wrong()),
    };
    servers.iter().map(|(place, server)| Ok((place.clone(), server_of(server).ok_or_else(wrong)?))).collect()
}

fn server_of(json: &Json) -> Option<Server> {
    let fields = match json {
        Json::Object(fields) => fields,
        Json::Null => return Some(Server::default()),
        _ => return None,
    };
    let text = |name: &str| match field(fields, name) {
        None | Some(Json::Null) => Some(Vec::new()),
        Some(Json::String(text)) => Some(text.clone().into_bytes()),
        Some(_) => None,
    };
    Some(Server {
        username: text("username")?,
        password: text("password")?,
        auth: text("auth")?,
        email: text("email")?,
    })
}

/// A field of an object. Go reads names in any case, the last one of several.
fn field<'j>(object: &'j Map<String, Json>, name: &str) -> Option<&'j Json> {
    object.iter().filter(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value).next_back()
}

/// A string as Go's `json.Marshal` writes it: safe to stand in HTML too, with a mark for each byte that is no text.
fn string(text: &mut String, bytes: &[u8]) {
    text.push('"');
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                '"' | '\\' => text.extend(['\\', c]),
                '\n' => text.push_str("\\n"),
                '\r' => text.push_str("\\r"),
                '\t' => text.push_str("\\t"),
                '\u{8}' => text.push_str("\\b"),
                '\u{c}' => text.push_str("\\f"),
                '\0'..='\u{1f}' | '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                    text.push_str(&format!("\\u{:04x}", u32::from(c)));
                }
                c => text.push(c),
            }
        }
        chunk.invalid().iter().for_each(|_| text.push_str("\\ufffd"));
    }
    text.push('"');
}
