//! The patterns of `grep` as one expression.
//!
//! Knows what `-F`, `-w`, `-x` and several patterns make of it.

use crate::options::{Bytes, Parsed};
use crate::regex::{Flavour, How, Lines, Node, Reading, Regex, parse};

/// One expression for all patterns; none where there is no pattern, which matches nothing.
pub fn compile(texts: &[Bytes], parsed: &Parsed) -> Result<Option<Regex>, String> {
    let kinds = ["extended-regexp", "fixed-strings", "basic-regexp", "perl-regexp"];
    let mut given: Vec<_> = parsed.options.iter().map(|(name, _)| *name).filter(|name| kinds.contains(name)).collect();
    given.dedup();
    if given.len() > 1 {
        return Err("conflicting matchers specified".to_owned());
    }
    let kind = parsed.options.iter().rev().map(|(name, _)| *name).find(|name| kinds.contains(name));
    let flavour = match kind {
        Some("extended-regexp") => Flavour::Extended,
        Some("perl-regexp") => Flavour::Perl,
        _ => Flavour::Basic,
    };
    if flavour == Flavour::Perl && texts.len() > 1 {
        return Err("the -P option only supports a single pattern".to_owned());
    }
    let last = |one: &str| parsed.options.iter().rposition(|(name, _)| *name == one);
    let ignores = last("ignore-case").max(last("y"));
    let mut how = How {
        flavour,
        escapes: false,
        ignore_case: ignores.is_some() && ignores > last("no-ignore-case"),
        lines: if parsed.has("null-data") { Lines::One } else { Lines::Many },
    };
    let mut nodes = Vec::new();
    let (mut groups, mut back, mut looks) = (0, false, false);
    for text in texts {
        if kind == Some("fixed-strings") {
            nodes.push(Node::Concat(text.iter().map(|byte| Node::Byte(*byte)).collect()));
            continue;
        }
        if flavour != Flavour::Perl && text.starts_with(b"[:") && text.ends_with(b":]") && text.len() > 4 {
            return Err("character class syntax is [[:space:]], not [:space:]".to_owned());
        }
        let mut tree = parse(text, Reading { flavour, escapes: false })?;
        renumber(&mut tree.node, groups);
        groups += tree.groups;
        back |= tree.has_back;
        looks |= tree.has_look;
        how.ignore_case |= tree.ignore_case;
        nodes.push(tree.node);
    }
    let Some(first) = nodes.pop() else { return Ok(None) };
    nodes.push(first);
    let all = if nodes.len() == 1 { nodes.remove(0) } else { Node::Alternate(nodes) };
    let all = if parsed.has("line-regexp") {
        Node::Concat(vec![Node::Start, all, Node::End])
    } else if parsed.has("word-regexp") {
        Node::Concat(vec![Node::WordStartHalf, all, Node::WordEndHalf])
    } else {
        all
    };
    Regex::of(&all, groups, back, looks, how).map(Some)
}

/// Groups of a later pattern have higher numbers than those before.
fn renumber(node: &mut Node, by: usize) {
    match node {
        Node::Group(number, inside) => {
            *number += by;
            renumber(inside, by);
        }
        Node::Back(number) => *number += by,
        Node::Concat(nodes) | Node::Alternate(nodes) => nodes.iter_mut().for_each(|node| renumber(node, by)),
        Node::Repeat { node, .. } | Node::Look { node, .. } => renumber(node, by),
        _ => {}
    }
}
