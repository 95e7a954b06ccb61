//! Writes values as YAML, as they were written where they come from a document.
//!
//! Knows the styles of go-yaml. What was not there before is written in blocks and as plain as it can be.

use super::node::{Node, Style, key_text, resolved};
use crate::jq::value::Value;
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

/// How values are written.
#[derive(Default)]
pub struct Emitter {
    /// How the containers of the input were written, by where they lie in memory.
    pub known: HashMap<usize, Rc<Node>>,
    /// Forgets styles.
    pub pretty: bool,
    pub indent: usize,
    pub no_comments: bool,
    /// Writes what stands for another value as that value.
    pub no_anchors: bool,
    /// Comments behind all of a document; what is new comes after them.
    pub foot: RefCell<Vec<String>>,
}

/// Where a container lies in memory.
pub fn address(value: &Value) -> Option<usize> {
    match value {
        Value::Array(list) => Some(Rc::as_ptr(list) as usize),
        Value::Object(map) => Some(Rc::as_ptr(map) as usize),
        _ => None,
    }
}

impl Emitter {
    /// Remembers how a document was written.
    pub fn learn(&mut self, node: &Rc<Node>) {
        if node.alias.is_none()
            && let Some(address) = address(&node.value)
        {
            self.known.insert(address, node.clone());
        }
        for (_, child) in &node.children {
            self.learn(child);
        }
    }

    fn node_of(&self, value: &Value, beside: Option<&Rc<Node>>) -> Option<Rc<Node>> {
        let stands = |node: &&Rc<Node>| node.alias.is_some() && address(&node.value) == address(value);
        if let Some(node) = beside.filter(stands).filter(|_| !self.no_anchors) {
            return Some(node.clone());
        }
        let known = address(value).and_then(|address| self.known.get(&address)).cloned();
        known.or_else(|| beside.filter(|node| node.value.kind() == value.kind() && node.alias.is_none()).cloned())
    }

    /// A whole document, with its end of line.
    pub fn document(&self, value: &Value, root: Option<&Rc<Node>>, out: &mut String) {
        let node = self.node_of(value, root);
        match value {
            Value::Array(_) | Value::Object(_) => {
                if self.is_flow(value, node.as_ref()) {
                    out.push_str(&self.properties(node.as_ref()));
                    self.flow(value, node.as_ref(), out);
                    out.push('\n');
                } else {
                    self.block(value, node.as_ref(), 0, out);
                }
            }
            scalar => {
                self.head(root, 0, out);
                let text = self.scalar(scalar, node.as_ref(), 0);
                out.push_str(&text);
                if !self.no_comments
                    && let Some(line) = node.as_ref().and_then(|node| node.line.as_ref())
                {
                    out.push(' ');
                    out.push_str(line);
                }
                out.push('\n');
            }
        }
    }

    fn is_flow(&self, value: &Value, node: Option<&Rc<Node>>) -> bool {
        let empty = match value {
            Value::Array(list) => list.is_empty(),
            Value::Object(map) => map.is_empty(),
            _ => return false,
        };
        empty || !self.pretty && node.is_some_and(|node| node.style == Style::Flow)
    }

    fn head(&self, node: Option<&Rc<Node>>, depth: usize, out: &mut String) {
        if self.no_comments {
            return;
        }
        for line in node.map(|node| node.head.as_slice()).unwrap_or_default() {
            if !line.is_empty() {
                out.push_str(&" ".repeat(depth));
                out.push_str(line);
            }
            out.push('\n');
        }
    }

    fn properties(&self, node: Option<&Rc<Node>>) -> String {
        let Some(node) = node else { return String::new() };
        let mut text = String::new();
        if let Some(anchor) = node.anchor.as_ref().filter(|_| !self.no_anchors) {
            text = format!("&{anchor} ");
        }
        if let Some(tag) = &node.tag {
            text.push_str(tag);
            text.push(' ');
        }
        text
    }

    fn child<'n>(node: Option<&'n Rc<Node>>, key: &str) -> Option<&'n (Option<Rc<Node>>, Rc<Node>)> {
        node?.children.iter().find(|(own, _)| own.as_ref().is_some_and(|own| key_text(own) == key))
    }

    /// A container in lines, each indented so deep.
    fn block(&self, value: &Value, node: Option<&Rc<Node>>, depth: usize, out: &mut String) {
        match value {
            Value::Object(map) => {
                for (key, value) in map.iter() {
                    let child = Self::child(node, key);
                    let key_node = child.and_then(|(key, _)| key.as_ref());
                    if depth == 0 && child.is_none() && node.is_some() {
                        let foot = self.foot.take();
                        let any = !foot.is_empty();
                        foot.iter().for_each(|line| out.push_str(&format!("{line}\n")));
                        out.push_str(if any { "\n" } else { "" });
                    }
                    self.head(key_node, depth, out);
                    out.push_str(&" ".repeat(depth));
                    self.pair(key, key_node, value, child.map(|(_, value)| value), depth, out);
                }
            }
            Value::Array(list) => {
                for (at, value) in list.iter().enumerate() {
                    let child = node.and_then(|node| self.item(node, at, value));
                    self.head(child, depth, out);
                    out.push_str(&" ".repeat(depth));
                    self.dash(value, child, depth, out);
                }
            }
            _ => {}
        }
    }

    /// The item that a value was: the one that is the same, or stands in its place.
    fn item<'n>(&self, node: &'n Rc<Node>, at: usize, value: &Value) -> Option<&'n Rc<Node>> {
        let same = |child: &&(Option<Rc<Node>>, Rc<Node>)| {
            address(value).is_some() && address(&child.1.value) == address(value)
        };
        let in_place = node.children.get(at).filter(|(_, child)| address(value).is_some() || child.value == *value);
        let equal = || node.children.iter().find(|(_, child)| address(value).is_none() && child.value == *value);
        node.children.iter().find(same).or(in_place).or_else(equal).map(|(_, child)| child)
    }

    fn dash(&self, value: &Value, beside: Option<&Rc<Node>>, depth: usize, out: &mut String) {
        let node = self.node_of(value, beside);
        let container = matches!(value, Value::Array(_) | Value::Object(_));
        let alias = node.as_ref().is_some_and(|node| node.alias.is_some());
        if !container || alias || self.is_flow(value, node.as_ref()) {
            out.push_str("- ");
            self.inline(value, node.as_ref(), depth, out);
            return;
        }
        let properties = self.properties(node.as_ref());
        if !properties.is_empty() {
            out.push_str("- ");
            out.push_str(properties.trim_end());
            out.push('\n');
            self.block(value, node.as_ref(), depth + 2, out);
            return;
        }
        // The first line of the block stands behind the dash.
        let mut inner = String::new();
        self.block(value, node.as_ref(), depth + 2, &mut inner);
        let lines: Vec<&str> = inner.split_inclusive('\n').collect();
        let first =
            lines.iter().position(|line| !line.trim_start().starts_with('#') && !line.trim().is_empty()).unwrap_or(0);
        if first > 0 {
            let prefix = " ".repeat(depth);
            let indent = out.len() - depth;
            out.truncate(indent);
            for line in &lines[..first] {
                out.push_str(&prefix);
                out.push_str(line.trim_start());
            }
            out.push_str(&prefix);
        }
        out.push_str("- ");
        out.push_str(&lines[first][depth + 2..]);
        lines[first + 1..].iter().for_each(|line| out.push_str(line));
    }

    fn pair(
        &self,
        key: &str,
        key_node: Option<&Rc<Node>>,
        value: &Value,
        beside: Option<&Rc<Node>>,
        depth: usize,
        out: &mut String,
    ) {
        let node = self.node_of(value, beside);
        let key_value = key_node.map_or_else(|| Value::text(key), |node| node.value.clone());
        out.push_str(&self.scalar(&key_value, key_node, 0));
        out.push(':');
        let container = matches!(value, Value::Array(_) | Value::Object(_));
        let alias = node.as_ref().is_some_and(|node| node.alias.is_some());
        let behind = key_node.and_then(|node| node.line.as_ref()).filter(|_| !self.no_comments);
        if !container || alias || self.is_flow(value, node.as_ref()) {
            out.push(' ');
            // A scalar that was changed keeps what stood behind it.
            let line = beside.and_then(|node| node.line.clone()).filter(|_| node.is_none());
            self.inline(value, node.as_ref(), depth, out);
            if let Some(line) = line.filter(|_| !self.no_comments && !container) {
                out.truncate(out.trim_end().len());
                out.push_str(&format!(" {line}\n"));
            }
            return;
        }
        let properties = self.properties(node.as_ref());
        if !properties.is_empty() {
            out.push(' ');
            out.push_str(properties.trim_end());
        }
        if let Some(line) = behind {
            out.push(' ');
            out.push_str(line);
        }
        out.push('\n');
        self.block(value, node.as_ref(), depth + self.indent, out);
    }

    /// What stands behind a dash or a colon, to the end of the line.
    fn inline(&self, value: &Value, node: Option<&Rc<Node>>, depth: usize, out: &mut String) {
        if let Some(alias) = node.and_then(|node| node.alias.as_ref()) {
            out.push_str(&format!("*{alias}"));
        } else if matches!(value, Value::Array(_) | Value::Object(_)) {
            out.push_str(&self.properties(node));
            self.flow(value, node, out);
        } else {
            out.push_str(&self.properties(node));
            out.push_str(&self.scalar(value, node, depth + self.indent));
        }
        if let Some(line) = node.and_then(|node| node.line.as_ref()).filter(|_| !self.no_comments) {
            out.push(' ');
            out.push_str(line);
        }
        out.push('\n');
    }

    fn flow(&self, value: &Value, node: Option<&Rc<Node>>, out: &mut String) {
        if let Some(alias) = node.and_then(|node| node.alias.as_ref()) {
            out.push_str(&format!("*{alias}"));
            return;
        }
        match value {
            Value::Array(list) => {
                out.push('[');
                for (at, value) in list.iter().enumerate() {
                    if at > 0 {
                        out.push_str(", ");
                    }
                    let child = node.and_then(|node| self.item(node, at, value));
                    self.flow(value, self.node_of(value, child).as_ref(), out);
                }
                out.push(']');
            }
            Value::Object(map) => {
                out.push('{');
                for (at, (key, value)) in map.iter().enumerate() {
                    if at > 0 {
                        out.push_str(", ");
                    }
                    let child = Self::child(node, key);
                    let key_node = child.and_then(|(key, _)| key.as_ref());
                    let key_value = key_node.map_or_else(|| Value::text(key), |node| node.value.clone());
                    out.push_str(&self.scalar(&key_value, key_node, 0));
                    out.push_str(": ");
                    let beside = child.map(|(_, value)| value);
                    self.flow(value, self.node_of(value, beside).as_ref(), out);
                }
                out.push('}');
            }
            scalar => {
                let text = self.scalar(scalar, node, 0);
                let quote = text.contains([',', '[', ']', '{', '}']) && !text.starts_with(['"', '\'']);
                out.push_str(&if quote { single(&text) } else { text });
            }
        }
    }

    /// A scalar in its own style; blocks are indented so deep.
    pub fn scalar(&self, value: &Value, node: Option<&Rc<Node>>, depth: usize) -> String {
        let node = node.filter(|_| !self.pretty);
        if let Some(node) =
            node.filter(|node| node.value == *value && node.style == Style::Plain && node.alias.is_none())
        {
            return node.text.clone();
        }
        let Value::Text(text) = value else {
            return match value {
                Value::Number(number) if number.is_nan() => ".nan".to_owned(),
                Value::Number(number) if number.is_infinite() => {
                    if *number > 0.0 { ".inf" } else { "-.inf" }.to_owned()
                }
                other => other.to_string(),
            };
        };
        match node.map_or(Style::Plain, |node| node.style) {
            Style::Single if !text.contains('\n') => single(text),
            Style::Double => double(text),
            Style::Folded if text.contains(' ') || text.contains('\n') => block_text(text, '>', depth),
            Style::Literal => block_text(text, '|', depth),
            _ if text.contains('\n') => block_text(text, '|', depth),
            _ => plain(text),
        }
    }
}

fn single(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

fn double(text: &str) -> String {
    let mut answer = String::from("\"");
    for one in text.chars() {
        match one {
            '"' => answer.push_str("\\\""),
            '\\' => answer.push_str("\\\\"),
            '\n' => answer.push_str("\\n"),
            '\t' => answer.push_str("\\t"),
            '\r' => answer.push_str("\\r"),
            one if one.is_control() => answer.push_str(&format!("\\x{:02x}", one as u32)),
            one => answer.push(one),
        }
    }
    answer.push('"');
    answer
}

fn block_text(text: &str, mark: char, depth: usize) -> String {
    let depth = depth.max(2);
    let body = text.trim_end_matches('\n');
    let ends = text.len() - body.len();
    let chomp = match ends {
        0 => "-",
        1 => "",
        _ => "+",
    };
    let indentation = if text.starts_with(' ') { "2" } else { "" };
    let body = if mark == '>' { body.replace('\n', "\n\n") } else { body.to_owned() };
    let mut answer = format!("{mark}{indentation}{chomp}");
    for line in body.split('\n') {
        answer.push('\n');
        if !line.is_empty() {
            answer.push_str(&" ".repeat(depth));
            answer.push_str(line);
        }
    }
    (1..ends).for_each(|_| answer.push('\n'));
    if mark == '>' && ends == 1 {
        answer.push('\n');
    }
    answer
}

/// A text without quotes where it can be.
fn plain(text: &str) -> String {
    if text.is_empty() {
        return "\"\"".to_owned();
    }
    if text.chars().any(char::is_control) {
        return double(text);
    }
    let first = text.chars().next().unwrap_or(' ');
    if !matches!(resolved(text), Value::Text(_)) || is_date(text) {
        return double(text);
    }
    let begins = ",[]{}#&*!|>'\"%@`".contains(first)
        || matches!(first, '-' | '?' | ':') && text[1..].chars().next().is_none_or(|next| next == ' ')
        || text.starts_with("--- ")
        || text == "---"
        || text == "<<"
        || text == "=";
    let odd = text.contains(": ")
        || text.contains(" #")
        || text.ends_with(':')
        || text.starts_with(' ')
        || text.ends_with(' ');
    if begins || odd { single(text) } else { text.to_owned() }
}

/// Dates look like what they are: texts of that form need quotes.
fn is_date(text: &str) -> bool {
    let bytes = text.as_bytes();
    let shape =
        |at: usize| matches!((at, bytes[at]), (4 | 7, b'-')) || !matches!(at, 4 | 7) && bytes[at].is_ascii_digit();
    bytes.len() >= 10 && (0..10).all(shape) && (bytes.len() == 10 || matches!(bytes[10], b'T' | b't' | b' '))
}
