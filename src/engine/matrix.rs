//! Fan-out: the combinations that a matrix stands for.
//!
//! Knows Tekton's order (the first param varies fastest), how `include` changes or adds rows and
//! how rows are counted. Does not know tasks or names.

use crate::model::objects::{Matrix, Param};
use crate::model::substitute::{ResultRef, value_references};
use crate::model::value::ParamValue;
use std::collections::BTreeMap;

type Combination = BTreeMap<String, String>;

fn array(param: &Param) -> &[String] {
    match &param.value {
        Some(ParamValue::Array(items)) => items,
        Some(ParamValue::String(_) | ParamValue::Object(_)) | None => &[],
    }
}

fn string(param: &Param) -> &str {
    param.value.as_ref().and_then(ParamValue::as_str).unwrap_or_default()
}

/// What is wrong with the types of a matrix's params, in Tekton's words
/// (`ValidateParameterTypesInMatrix`); what still waits for a result is not looked at.
pub(super) fn wrong_type(task: &str, matrix: &Matrix) -> Option<String> {
    let text = |param: &Param, wanted: &str| {
        let found = param.value.as_ref().map(ParamValue::param_type).unwrap_or_default().name();
        format!(
            "parameters of type {wanted} only are allowed, but param \"{}\" has type \"{found}\" in pipelineTask \"{task}\"",
            param.name
        )
    };
    let mut included = matrix.include.iter().flat_map(|i| &i.params);
    if let Some(param) = included.find(|p| !matches!(&p.value, Some(ParamValue::String(_)) | None)) {
        return Some(text(param, "string"));
    }
    let waits = |value: &ParamValue| value_references(value).into_iter().any(|r| ResultRef::parse(r).is_some());
    let wrong = |p: &&Param| match &p.value {
        Some(ParamValue::Array(_)) => false,
        Some(value) => !waits(value),
        None => true,
    };
    matrix.params.iter().find(wrong).map(|param| text(param, "array"))
}

/// How many runs the matrix makes (Tekton: `CountCombinations`; an empty array doesn't count).
pub(super) fn count(matrix: &Matrix) -> usize {
    if matrix.params.is_empty() {
        return matrix.include.len();
    }
    let product = matrix.params.iter().map(|p| array(p).len().max(1)).fold(1usize, usize::saturating_mul);
    let mut added = 0;
    for include in &matrix.include {
        for param in &include.params {
            let Some(known) = matrix.params.iter().find(|p| p.name == param.name) else {
                continue;
            };
            if array(known).iter().any(|v| v == string(param)) {
                break;
            }
            added += 1;
        }
    }
    product.saturating_add(added)
}

/// Whether one of the matrix's arrays is empty, which skips the task.
pub(super) fn has_empty_array(matrix: &Matrix) -> bool {
    matrix.params.iter().any(|p| matches!(&p.value, Some(ParamValue::Array(items)) if items.is_empty()))
}

/// The params of each run, sorted by name within a run (Tekton: `FanOut`). Only for matrices
/// whose [`count`] has been found small enough.
pub(super) fn fan_out(matrix: &Matrix) -> Vec<Vec<Param>> {
    let include: Vec<Combination> = matrix
        .include
        .iter()
        .map(|i| i.params.iter().map(|p| (p.name.clone(), string(p).to_owned())).collect())
        .collect();
    if matrix.params.is_empty() {
        return include.into_iter().map(to_params).collect();
    }
    let mut rows: Vec<Combination> = Vec::new();
    for param in &matrix.params {
        let values = array(param);
        rows = if rows.is_empty() {
            values.iter().map(|v| [(param.name.clone(), v.clone())].into()).collect()
        } else {
            let with = |value: &String| {
                let value = value.clone();
                rows.iter().map(move |row| {
                    let mut row = row.clone();
                    row.insert(param.name.clone(), value.clone());
                    row
                })
            };
            values.iter().flat_map(with).collect()
        };
    }
    for row in &mut rows {
        for extra in &include {
            let fits = extra.iter().all(|(k, v)| row.get(k).is_none_or(|own| own == v));
            if fits {
                row.extend(extra.iter().map(|(k, v)| (k.clone(), v.clone())));
            }
        }
    }
    for extra in include {
        let known = rows.iter().any(|row| extra.iter().any(|(k, v)| row.get(k) == Some(v)));
        if !extra.is_empty() && !known {
            rows.push(extra);
        }
    }
    rows.into_iter().map(to_params).collect()
}

fn to_params(row: Combination) -> Vec<Param> {
    row.into_iter().map(|(name, value)| Param { name, value: Some(ParamValue::String(value)) }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::objects::MatrixInclude;

    fn param(name: &str, values: &[&str]) -> Param {
        let items = values.iter().map(|v| (*v).to_owned()).collect();
        Param { name: name.to_owned(), value: Some(ParamValue::Array(items)) }
    }

    fn include(pairs: &[(&str, &str)]) -> MatrixInclude {
        let params = pairs
            .iter()
            .map(|(k, v)| Param { name: (*k).to_owned(), value: Some(ParamValue::String((*v).to_owned())) })
            .collect();
        MatrixInclude { name: String::new(), params }
    }

    fn rows(matrix: &Matrix) -> Vec<String> {
        fan_out(matrix)
            .iter()
            .map(|row| {
                let cells: Vec<_> = row.iter().map(|p| format!("{}={}", p.name, string(p))).collect();
                cells.join(",")
            })
            .collect()
    }

    #[test]
    fn the_first_param_varies_fastest() {
        let matrix = Matrix { params: vec![param("b", &["1", "2"]), param("a", &["x", "y"])], include: vec![] };
        assert_eq!(rows(&matrix), ["a=x,b=1", "a=x,b=2", "a=y,b=1", "a=y,b=2"]);
        assert_eq!(count(&matrix), 4);
    }

    #[test]
    fn include_changes_fitting_rows_and_adds_the_others() {
        let matrix = Matrix {
            params: vec![param("os", &["linux", "mac"])],
            include: vec![
                include(&[("flag", "-v")]),
                include(&[("os", "mac"), ("extra", "1")]),
                include(&[("os", "bsd")]),
            ],
        };
        assert_eq!(rows(&matrix), ["flag=-v,os=linux", "extra=1,flag=-v,os=mac", "os=bsd"]);
        assert_eq!(count(&matrix), 3);
    }

    #[test]
    fn include_alone_is_a_list_and_an_empty_array_is_seen() {
        let matrix = Matrix { params: vec![], include: vec![include(&[("a", "1")]), include(&[("b", "2")])] };
        assert_eq!(rows(&matrix), ["a=1", "b=2"]);
        let empty = Matrix { params: vec![param("a", &[])], include: vec![] };
        assert!(has_empty_array(&empty) && !has_empty_array(&matrix));
    }
}
