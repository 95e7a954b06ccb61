//! A tree as the automata want it.
//!
//! Knows `regex-syntax`'s own tree, in which a class is of bytes.

use super::Lines;
use super::brackets::Set;
use super::syntax::Node;
use regex_syntax::hir::{Capture, Class, ClassBytes, ClassBytesRange, Hir, Look, Repetition};

/// The bytes that a node for one byte stands for.
pub fn set_of(node: &Node, lines: Lines, ignore_case: bool) -> Set {
    let mut set = match node {
        Node::Byte(byte) => {
            let mut set = Set::none();
            set.add(*byte);
            set
        }
        Node::Set(set) => (**set).clone(),
        _ => Set([true; 256]),
    };
    if ignore_case {
        set.fold();
    }
    if lines == Lines::Many && !matches!(node, Node::Byte(_)) {
        set.remove(b'\n');
    }
    set
}

/// The tree; `inside` holds the contents of groups that back references stand for, roughly.
pub fn translate(node: &Node, lines: Lines, ignore_case: bool, captures: bool) -> Hir {
    let each = |nodes: &[Node]| nodes.iter().map(|node| translate(node, lines, ignore_case, captures)).collect();
    match node {
        Node::Empty | Node::Keep | Node::Look { .. } => Hir::empty(),
        Node::Byte(byte) if !ignore_case || !byte.is_ascii_alphabetic() => Hir::literal([*byte]),
        Node::Byte(_) | Node::Any | Node::Set(_) => class(&set_of(node, lines, ignore_case)),
        Node::Start if lines == Lines::One => Hir::look(Look::Start),
        Node::Start => Hir::look(Look::StartLF),
        Node::End if lines == Lines::One => Hir::look(Look::End),
        Node::End => Hir::look(Look::EndLF),
        Node::BufferStart if lines == Lines::Many => Hir::look(Look::StartLF),
        Node::BufferEnd if lines == Lines::Many => Hir::look(Look::EndLF),
        Node::BufferStart => Hir::look(Look::Start),
        Node::BufferEnd => Hir::look(Look::End),
        Node::WordStart => Hir::look(Look::WordStartAscii),
        Node::WordEnd => Hir::look(Look::WordEndAscii),
        Node::WordStartHalf => Hir::look(Look::WordStartHalfAscii),
        Node::WordEndHalf => Hir::look(Look::WordEndHalfAscii),
        Node::Word => Hir::look(Look::WordAscii),
        Node::NotWord => Hir::look(Look::WordAsciiNegate),
        Node::Concat(nodes) => Hir::concat(each(nodes)),
        Node::Alternate(nodes) => Hir::alternation(each(nodes)),
        Node::Repeat { node, least, most, greedy } => Hir::repetition(Repetition {
            min: *least,
            max: *most,
            greedy: *greedy,
            sub: Box::new(translate(node, lines, ignore_case, captures)),
        }),
        Node::Group(number, node) if captures => Hir::capture(Capture {
            index: *number as u32,
            name: None,
            sub: Box::new(translate(node, lines, ignore_case, captures)),
        }),
        Node::Group(_, node) => translate(node, lines, ignore_case, captures),
        // Only to find where a match may begin: it may be anything.
        Node::Back(_) => Hir::repetition(Repetition {
            min: 0,
            max: None,
            greedy: true,
            sub: Box::new(class(&set_of(&Node::Any, lines, false))),
        }),
    }
}

fn class(set: &Set) -> Hir {
    let mut ranges = Vec::new();
    let mut from = None;
    for byte in 0..=256usize {
        let inside = byte < 256 && set.0[byte];
        match (inside, from) {
            (true, None) => from = Some(byte),
            (false, Some(start)) => {
                ranges.push(ClassBytesRange::new(start as u8, (byte - 1) as u8));
                from = None;
            }
            _ => {}
        }
    }
    Hir::class(Class::Bytes(ClassBytes::new(ranges)))
}

/// Whether the first match that is found may be shorter than the longest one.
pub fn may_be_longer(node: &Node) -> bool {
    match node {
        Node::Alternate(nodes) => {
            // Alternatives of one byte each are a class.
            !nodes.iter().all(|node| matches!(node, Node::Byte(_) | Node::Any | Node::Set(_)))
        }
        Node::Concat(nodes) => nodes.iter().any(may_be_longer),
        Node::Group(_, node) => may_be_longer(node),
        Node::Repeat { node, .. } => !is_simple(node),
        _ => false,
    }
}

fn is_simple(node: &Node) -> bool {
    match node {
        Node::Byte(_) | Node::Any | Node::Set(_) => true,
        Node::Group(_, node) => is_simple(node),
        _ => false,
    }
}
