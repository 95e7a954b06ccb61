//! What two final states differ in, reduced to what a user reads: conditions, results, skipped
//! tasks, children, step ends, retries. Not compared: times, uids, generated names, image ids, Pod
//! names, the order of children.

use serde_json::{Map, Value as Json, json};

fn filled(value: &Json) -> bool {
    match value {
        Json::Null => false,
        Json::Array(items) => !items.is_empty(),
        Json::Object(map) => !map.is_empty(),
        Json::Bool(_) | Json::Number(_) | Json::String(_) => true,
    }
}

fn list(value: &Json) -> &[Json] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn reduced_object(object: &Json) -> Json {
    let status = &object["status"];
    let mut keep = Map::new();
    let mut put = |key: &str, value: Json| {
        if filled(&value) {
            keep.insert(key.to_owned(), value);
        }
    };
    put("kind", object["kind"].clone());
    put("pipelineTask", object["metadata"]["labels"]["tekton.dev/pipelineTask"].clone());
    let conditions = list(&status["conditions"])
        .iter()
        .map(|c| json!({"type": c["type"], "status": c["status"], "reason": c["reason"], "message": c["message"]}));
    put("conditions", conditions.collect());
    for key in ["results", "skippedTasks", "artifacts"] {
        put(key, status[key].clone());
    }
    let mut children: Vec<String> = list(&status["childReferences"])
        .iter()
        .map(|c| {
            let text = |key: &str| c[key].as_str().unwrap_or_default().to_owned();
            format!("{}/{}", text("kind"), text("pipelineTaskName"))
        })
        .collect();
    children.sort();
    put("children", json!(children));
    let retries = list(&status["retriesStatus"]).len();
    if retries > 0 {
        put("retries", json!(retries));
    }
    let steps = list(&status["steps"]).iter().map(|s| {
        json!({
            "name": s["name"],
            "exitCode": s["terminated"]["exitCode"],
            "reason": s["terminationReason"],
            "results": s["results"],
        })
    });
    put("steps", steps.collect());
    put("sidecars", list(&status["sidecars"]).iter().map(|s| s["name"].clone()).collect());
    Json::Object(keep)
}

/// The objects, reduced, with names of runs replaced by what they are, in an order of their own.
pub(crate) fn reduced(objects: &[Json]) -> Json {
    let kept: Vec<Json> = objects.iter().map(reduced_object).collect();
    let mut text = Json::Array(kept).to_string();
    let mut names: Vec<(String, String)> = objects
        .iter()
        .map(|o| {
            let task = o["metadata"]["labels"]["tekton.dev/pipelineTask"].as_str();
            let name = o["metadata"]["name"].as_str().expect("objects have names");
            (name.to_owned(), format!("RUN:{}", task.unwrap_or("top")))
        })
        .collect();
    names.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
    for (name, kind) in names {
        text = text.replace(&name, &kind);
    }
    let Json::Array(mut all) = serde_json::from_str(&text).expect("JSON stays JSON") else {
        panic!("a list stays a list");
    };
    all.sort_by_key(order);
    Json::Array(all)
}

fn order(object: &Json) -> String {
    let task = object["pipelineTask"].as_str().unwrap_or_default();
    format!("{} {task} {}", object["kind"], sorted(object))
}

/// JSON text with sorted keys.
fn sorted(value: &Json) -> String {
    match value {
        Json::Object(map) => {
            let mut entries: Vec<_> = map.iter().map(|(k, v)| format!("{k:?}: {}", sorted(v))).collect();
            entries.sort();
            format!("{{{}}}", entries.join(", "))
        }
        Json::Array(items) => {
            format!("[{}]", items.iter().map(sorted).collect::<Vec<_>>().join(", "))
        }
        other => other.to_string(),
    }
}

/// One line for each difference.
pub(crate) fn differences(want: &Json, got: &Json) -> Vec<String> {
    let mut want = list(want).to_vec();
    want.sort_by_key(order);
    let mut found = Vec::new();
    collect(&Json::Array(want), got, "", &mut found);
    found
}

fn collect(want: &Json, got: &Json, path: &str, found: &mut Vec<String>) {
    match (want, got) {
        (Json::Object(w), Json::Object(g)) => {
            let keys = w.keys().chain(g.keys().filter(|k| !w.contains_key(*k)));
            for key in keys {
                collect(&want[key], &got[key], &format!("{path}.{key}"), found);
            }
        }
        (Json::Array(w), Json::Array(g)) if w.len() == g.len() => {
            for (at, (one, other)) in w.iter().zip(g).enumerate() {
                collect(one, other, &format!("{path}[{at}]"), found);
            }
        }
        _ if want == got => {}
        _ => found.push(format!("{path}: Tekton {want} | here {got}")),
    }
}
