//! Artifacts: what a step or task says that it read and made, as Tekton has it in `provenance.json` and in a status.
//!
//! Knows the shape, how those of several steps become a task's, and how one is written where it is referred to. Does
//! not know where the files lie.

use serde::{Deserialize, Deserializer, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What was read and made.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Artifacts {
    #[serde(deserialize_with = "absent", skip_serializing_if = "Vec::is_empty")]
    pub inputs: Vec<Artifact>,
    #[serde(deserialize_with = "absent", skip_serializing_if = "Vec::is_empty")]
    pub outputs: Vec<Artifact>,
}

/// One of them, by name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Artifact {
    #[serde(deserialize_with = "absent", skip_serializing_if = "String::is_empty")]
    pub name: String,
    #[serde(deserialize_with = "absent", skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<ArtifactValue>,
    /// It is what the run is for.
    #[serde(deserialize_with = "absent", skip_serializing_if = "std::ops::Not::not")]
    pub build_output: bool,
}

/// A thing that an artifact stands for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ArtifactValue {
    /// Digests by algorithm.
    #[serde(deserialize_with = "absent", skip_serializing_if = "BTreeMap::is_empty")]
    pub digest: BTreeMap<String, String>,
    #[serde(deserialize_with = "absent", skip_serializing_if = "String::is_empty")]
    pub uri: String,
}

/// A field as Go reads it: `null` is as good as none.
fn absent<'d, D: Deserializer<'d>, T: Deserialize<'d> + Default>(deserializer: D) -> Result<T, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

impl Artifacts {
    /// Reads a `provenance.json`.
    ///
    /// # Errors
    /// Where it is not JSON of this shape, without a word of it: a step may have written anything there.
    pub fn parse(bytes: &[u8]) -> Result<Self, String> {
        let parsed = serde_json::from_slice(bytes);
        parsed
            .map_err(|error| format!("it is no JSON of artifacts at line {}, column {}", error.line(), error.column()))
    }

    /// Whether nothing is said.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.inputs.is_empty() && self.outputs.is_empty()
    }

    /// Takes in others. Tekton: by name; a value whose digest is there already is the same.
    pub fn merge(&mut self, others: &Self) {
        for (own, others) in [(&mut self.inputs, &others.inputs), (&mut self.outputs, &others.outputs)] {
            let mut places: BTreeMap<String, usize> =
                own.iter().enumerate().map(|(place, artifact)| (artifact.name.clone(), place)).collect();
            for other in others {
                let place = *places.entry(other.name.clone()).or_insert(own.len());
                if place == own.len() {
                    own.push(Artifact { name: other.name.clone(), ..Artifact::default() });
                }
                let Some(known) = own.get_mut(place) else { continue };
                known.build_output |= other.build_output;
                let mut digests: BTreeSet<_> = known.values.iter().map(|value| value.digest.clone()).collect();
                let new = other.values.iter().filter(|value| digests.insert(value.digest.clone()));
                known.values.extend(new.cloned());
            }
        }
    }

    /// What a reference's end stands for, `outputs`, `outputs.NAME` or the same with `inputs`: the values as JSON. Without
    /// a name it is the first one.
    #[must_use]
    pub fn referred(&self, rest: &str) -> Option<String> {
        let (side, name) = rest.split_once('.').map_or((rest, None), |(side, name)| (side, Some(name)));
        let list = match side {
            "inputs" => &self.inputs,
            "outputs" => &self.outputs,
            _ => return None,
        };
        let found = list.iter().find(|artifact| name.is_none_or(|name| artifact.name == name))?;
        serde_json::to_string(&found.values).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Artifacts {
        Artifacts::parse(text.as_bytes()).expect("is read")
    }

    #[test]
    fn artifacts_are_read_as_go_reads_them() {
        let read = read(r#"{"inputs":null,"outputs":[{"name":"a","x":1,"values":[{"uri":"u","digest":null}]}],"y":2}"#);
        assert_eq!(
            serde_json::to_string(&read).expect("is written"),
            r#"{"outputs":[{"name":"a","values":[{"uri":"u"}]}]}"#
        );
        for wrong in ["", "[", r#"{"outputs":{}}"#, r#"{"inputs":[{"name":1}]}"#, r#"{"inputs":"hush"}"#] {
            let why = Artifacts::parse(wrong.as_bytes()).expect_err("is wrong");
            assert!(why.starts_with("it is no JSON of artifacts at line ") && !why.contains("hush"), "{why}");
        }
    }

    #[test]
    fn values_are_merged_by_name_and_digest() {
        let mut all = read(r#"{"outputs":[{"name":"a","values":[{"uri":"1","digest":{"sha256":"x"}}]}]}"#);
        all.merge(&read(
            r#"{"inputs":[{"name":"i"}],"outputs":[
                {"name":"b","values":[{"uri":"4"}]},
                {"name":"a","buildOutput":true,"values":[{"uri":"2","digest":{"sha256":"x"}},{"uri":"3","digest":{"sha256":"y"}}]}
            ]}"#,
        ));
        let wanted = r#"{"inputs":[{"name":"i"}],"outputs":[
            {"name":"a","values":[{"digest":{"sha256":"x"},"uri":"1"},{"digest":{"sha256":"y"},"uri":"3"}],"buildOutput":true},
            {"name":"b","values":[{"uri":"4"}]}]}"#;
        assert_eq!(all, read(wanted));
    }

    #[test]
    fn a_reference_stands_for_values() {
        let all = read(r#"{"outputs":[{"name":"a"},{"name":"b","values":[{"uri":"u","digest":{"sha256":"x"}}]}]}"#);
        for (rest, wanted) in [
            ("outputs.b", Some(r#"[{"digest":{"sha256":"x"},"uri":"u"}]"#)),
            ("outputs", Some("[]")),
            ("outputs.c", None),
            ("inputs", None),
            ("results.b", None),
        ] {
            assert_eq!(all.referred(rest).as_deref(), wanted, "{rest}");
        }
    }
}
