//! `column`: a list in columns, or a table.

use crate::Exit;
use crate::number::plain;
use crate::options::{Bytes, Parsed, Spec};
use crate::stream::{Lines, Out, fail, file_reason, shown};

pub fn column(args: &[Bytes]) -> Exit {
    let spec = Spec {
        name: "column",
        usage: "[options] [<file>...]",
        options: "t,table n,table-name= O,table-order= N,table-columns= l,table-columns-limit= E,table-noextreme= \
                  d,table-noheadings H,table-hide= R,table-right= L,table-empty-lines c,output-width= \
                  o,output-separator= s,separator= x,fillrows J,json keep-empty-lines",
        wrong: 1,
        mixed: true,
    };
    let parsed = spec.parse(args)?;
    for name in ["table-name", "table-order", "table-noextreme", "json"] {
        if parsed.has(name) {
            return Err(fail("column", &format!("--{name} is not supported")));
        }
    }
    let width = match parsed.last("output-width") {
        None => std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok()).unwrap_or(80),
        Some(value) => match plain(value) {
            Some(width) => width as usize,
            None => return Err(fail("column", &format!("invalid columns argument: '{}'", shown(value)))),
        },
    };
    let keep = parsed.has("table-empty-lines") || parsed.has("keep-empty-lines");
    let (mut lines, mut code) = (Vec::new(), 0);
    for name in parsed.files() {
        let done = Lines::open(&name, b'\n').and_then(|mut input| {
            while let Some(line) = input.bare()? {
                let is_empty = line.iter().all(u8::is_ascii_whitespace);
                if !is_empty || keep {
                    lines.push(line.to_vec());
                }
            }
            Ok(())
        });
        if let Err(error) = done {
            code = fail("column", &file_reason(&name, &error));
        }
    }
    let mut out = Out::standard("column");
    if parsed.has("table") {
        table(&lines, &parsed, &mut out)?;
    } else {
        list(&lines, width, parsed.has("fillrows"), &mut out);
    }
    Ok(code)
}

fn cells(line: &[u8], separators: Option<&[u8]>, limit: usize) -> Vec<Bytes> {
    let mut cells = Vec::new();
    let mut rest = line;
    match separators {
        None => {
            let blank = |byte: &u8| *byte == b' ' || *byte == b'\t';
            loop {
                if cells.len() + 1 >= limit && !cells.is_empty() {
                    // The last one has all that is left, but the blank that ended the one before.
                    if rest.len() > 1 {
                        cells.push(rest[1..].to_vec());
                    }
                    return cells;
                }
                rest = &rest[rest.iter().position(|byte| !blank(byte)).unwrap_or(rest.len())..];
                if rest.is_empty() {
                    return cells;
                }
                let end = if cells.len() + 1 >= limit {
                    rest.len()
                } else {
                    rest.iter().position(blank).unwrap_or(rest.len())
                };
                cells.push(rest[..end].to_vec());
                rest = &rest[end..];
            }
        }
        Some(separators) => loop {
            let end = rest.iter().position(|byte| separators.contains(byte)).filter(|_| cells.len() + 1 < limit);
            match end {
                Some(end) => {
                    cells.push(rest[..end].to_vec());
                    rest = &rest[end + 1..];
                }
                None => {
                    cells.push(rest.to_vec());
                    return cells;
                }
            }
        },
    }
}

/// How wide a text is: characters of UTF-8 count once.
fn width(text: &[u8]) -> usize {
    text.iter().filter(|byte| **byte & 0xc0 != 0x80).count()
}

fn table(lines: &[Bytes], parsed: &Parsed, out: &mut Out) -> Result<(), i32> {
    let between = parsed.last("output-separator").unwrap_or(b"  ");
    let limit = match parsed.last("table-columns-limit") {
        None => usize::MAX,
        Some(value) => match plain(value).filter(|limit| *limit > 0) {
            Some(limit) => limit as usize,
            None => return Err(fail("column", "columns limit must be greater than zero")),
        },
    };
    let mut rows: Vec<Vec<Bytes>> = lines.iter().map(|line| cells(line, parsed.last("separator"), limit)).collect();
    let names: Vec<Bytes> = parsed
        .last("table-columns")
        .map_or(Vec::new(), |names| names.split(|byte| *byte == b',').map(<[u8]>::to_vec).collect());
    if !names.is_empty() && !parsed.has("table-noheadings") {
        rows.insert(0, names.clone());
    }
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let chosen = |option: &str| -> Result<Vec<usize>, i32> {
        let Some(list) = parsed.last(option) else { return Ok(Vec::new()) };
        let mut places = Vec::new();
        for part in list.split(|byte| *byte == b',') {
            match (part, plain(part), names.iter().position(|name| name == part)) {
                (_, _, Some(place)) => places.push(place),
                (_, Some(number @ 1..), _) => places.push(number as usize - 1),
                (b"-", ..) => places.extend(names.len()..columns),
                (b"0", ..) => places.extend(0..columns),
                _ => return Err(fail("column", &format!("undefined column name '{}'", shown(part)))),
            }
        }
        Ok(places)
    };
    let (hidden, right) = (chosen("table-hide")?, chosen("table-right")?);
    let widths: Vec<usize> = (0..columns)
        .map(|column| rows.iter().filter_map(|row| row.get(column)).map(|cell| width(cell)).max().unwrap_or(0))
        .collect();
    let shown_columns: Vec<usize> = (0..columns).filter(|column| !hidden.contains(column)).collect();
    for row in &rows {
        if row.is_empty() {
            out.byte(b'\n');
            continue;
        }
        for (at, column) in shown_columns.iter().enumerate() {
            let cell = row.get(*column).map_or(&b""[..], Vec::as_slice);
            let fill = " ".repeat(widths[*column] - width(cell));
            let is_last = at + 1 == shown_columns.len();
            if right.contains(column) {
                out.put(fill.as_bytes());
                out.put(cell);
            } else {
                out.put(cell);
                if !is_last {
                    out.put(fill.as_bytes());
                }
            }
            if !is_last {
                out.put(between);
            }
        }
        out.byte(b'\n');
    }
    Ok(())
}

fn list(lines: &[Bytes], total: usize, by_rows: bool, out: &mut Out) {
    let longest = lines.iter().map(|line| width(line)).max().unwrap_or(0);
    // Columns begin at tabs.
    let step = (longest + 8) & !7;
    if longest == 0 || step >= total {
        lines.iter().for_each(|line| out.line(line));
        return;
    }
    let columns = (total / step).max(1);
    let rows = lines.len().div_ceil(columns);
    for row in 0..rows {
        let at = |column: usize| if by_rows { row * columns + column } else { column * rows + row };
        let mut text = Bytes::new();
        let mut place = 0;
        for column in 0..columns {
            let Some(line) = lines.get(at(column)).filter(|_| !by_rows || at(column) < (row + 1) * columns) else {
                break;
            };
            while place < column * step {
                text.push(b'\t');
                place = (place + 8) & !7;
            }
            text.extend_from_slice(line);
            place += width(line);
        }
        out.line(&text);
    }
}
