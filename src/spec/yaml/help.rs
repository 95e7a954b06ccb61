//! What to do about broken YAML: the usual causes, told from the parser's words and the line.
//!
//! Knows habits of people and generators. Does not parse.

const IN_FLOW: &str =
    "inside {...} and [...] a value that holds [ ] { } or , needs quotes, such as \"$(params.list[*])\"";
const TEMPLATE: &str = "this looks like a template: render it first, or put the text in quotes";

fn is_template(line: &str) -> bool {
    line.contains("{{") || line.contains("{%")
}

/// What to do about a key, on `line`, that is not a text.
pub(super) fn for_key(line: &str) -> &'static str {
    if is_template(line) { TEMPLATE } else { "keys are texts; put quotes around it if that is what you mean" }
}

/// What to do about `info` (the parser's message) at `column` (from 0) of `line`.
pub(super) fn for_syntax(info: &str, line: &str, column: usize) -> String {
    let indent = line.get(..line.len() - line.trim_start().len()).unwrap_or_default();
    if indent.contains('\t') || info.contains("tab") {
        return "indent with spaces; YAML does not allow tabs there".to_owned();
    }
    if is_template(line) {
        return TEMPLATE.to_owned();
    }
    if info.contains("recursion") {
        return "nest fewer lists and mappings".to_owned();
    }
    if info.contains("mapping values are not allowed") || (info.contains("simple key") && line.contains(": ")) {
        return "a value that holds `: ` needs quotes; a key needs the same indentation as its neighbours".to_owned();
    }
    if info.contains("quoted scalar") || (info.contains("end of stream") && line.contains(['"', '\''])) {
        return "close the quote; in '...' a quote is written twice, in \"...\" as \\\"".to_owned();
    }
    if line.contains("[*]") && line.contains("$(") && (info.contains("alias") || info.contains("flow")) {
        return IN_FLOW.to_owned();
    }
    if info.contains("alias") || info.contains("anchor") {
        return "an alias `*name` needs an anchor `&name` before it in the same document; a text that starts with * or & needs quotes".to_owned();
    }
    if info.contains("flow")
        || info.contains("',' or")
        || info.contains("bracket")
        || info.contains("illegal placement")
    {
        if line.contains("$(") {
            return IN_FLOW.to_owned();
        }
        return "check that every { and [ is closed, and quote values that hold [ ] { } or ,".to_owned();
    }
    let at = line.chars().nth(column);
    if matches!(at, Some('%' | '@' | '`')) || info.contains("unexpected character") {
        return "a value cannot start with this character; put it in quotes".to_owned();
    }
    if info.contains("escape") {
        return "in \"...\" a backslash starts an escape: double it, or use '...'".to_owned();
    }
    "check the indentation of this line and of the one before it".to_owned()
}
