//! Readiness probes of sidecars: what is asked, and how often.
//!
//! Knows Kubernetes' fields and defaults. Does not know how the program is run. A probe that asks over the network is
//! refused: there is none.

use serde_json::Value as Json;

const SECOND: u64 = 1_000_000_000;

/// A probe that runs a program in the sidecar.
#[derive(Debug, PartialEq, Eq)]
pub struct Probe {
    /// The program and its arguments.
    pub command: Vec<String>,
    /// All in nanoseconds.
    pub initial_delay: u64,
    pub period: u64,
    pub timeout: u64,
}

impl Probe {
    /// Reads a probe; the error says what cannot be done.
    pub fn read(probe: &Json) -> Result<Self, String> {
        for kind in ["httpGet", "tcpSocket", "grpc"] {
            if probe.get(kind).is_some() {
                return Err(format!("`{kind}` needs a network, which no step has; use `exec`"));
            }
        }
        let command = probe.pointer("/exec/command").and_then(Json::as_array).filter(|words| !words.is_empty());
        let command = command.ok_or("it has no `exec.command`")?;
        let words = command.iter().map(|word| word.as_str().map(str::to_owned)).collect::<Option<Vec<_>>>();
        let seconds = |field: &str, default: u64| match probe.get(field) {
            None | Some(Json::Null) => Ok(default * SECOND),
            Some(value) => match value.as_u64() {
                // Kubernetes: 0 stands for the default.
                Some(0) => Ok(default * SECOND),
                Some(seconds) => Ok(seconds.saturating_mul(SECOND)),
                None => Err(format!("`{field}` is a number of seconds")),
            },
        };
        Ok(Self {
            command: words.ok_or("`exec.command` holds texts")?,
            initial_delay: seconds("initialDelaySeconds", 0)?,
            period: seconds("periodSeconds", 10)?,
            timeout: seconds("timeoutSeconds", 1)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn probes_have_the_defaults_of_kubernetes() {
        let probe =
            Probe::read(&json!({"exec": {"command": ["sh", "-c", "true"]}, "periodSeconds": 2})).expect("is one");
        let command = vec!["sh".to_owned(), "-c".to_owned(), "true".to_owned()];
        assert_eq!(probe, Probe { command, initial_delay: 0, period: 2 * SECOND, timeout: SECOND });
        for wrong in [
            json!({}),
            json!({"httpGet": {"port": 80}}),
            json!({"exec": {"command": []}}),
            json!({"exec": {"command": [1]}}),
        ] {
            assert!(Probe::read(&wrong).is_err(), "{wrong}");
        }
    }
}
