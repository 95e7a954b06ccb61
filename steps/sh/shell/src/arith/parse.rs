//! Reading an expression, by precedence.

use super::{Binary, Expr, Place, Unary};

/// What is wrong with an expression, and the text from where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    pub message: &'static str,
    pub rest: String,
}

struct Reader<'a> {
    text: &'a str,
    pos: usize,
    /// Where the token began that was read last.
    last: usize,
    depth: u32,
}

type Read<T> = Result<T, Wrong>;

const DEEPEST: u32 = 256;

/// Reads an expression; an empty one is 0.
pub fn parse(text: &str) -> Result<Expr, Wrong> {
    let mut reader = Reader { text, pos: 0, last: 0, depth: 0 };
    reader.blanks();
    if reader.pos == text.len() {
        return Ok(Expr::Number(0));
    }
    let expr = reader.comma()?;
    reader.blanks();
    if reader.pos < text.len() {
        let rest = reader.rest();
        let odd =
            rest.starts_with(|char: char| !char.is_ascii_alphanumeric() && !"_()=+-*/%&|^<>!~?:,$'\"".contains(char));
        let message = if odd { "syntax error: invalid arithmetic operator" } else { "syntax error in expression" };
        return Err(Wrong { message, rest: rest.to_owned() });
    }
    Ok(expr)
}

/// Binary operators by how strongly they bind.
const LEVELS: [&[(&str, Binary)]; 8] = [
    &[("|", Binary::Or)],
    &[("^", Binary::Xor)],
    &[("&", Binary::And)],
    &[("==", Binary::Equal), ("!=", Binary::NotEqual)],
    &[("<=", Binary::LessEqual), (">=", Binary::GreaterEqual), ("<", Binary::Less), (">", Binary::Greater)],
    &[("<<", Binary::Left), (">>", Binary::Right)],
    &[("+", Binary::Plus), ("-", Binary::Minus)],
    &[("*", Binary::Times), ("/", Binary::Divide), ("%", Binary::Remainder)],
];

const ASSIGNING: [(&str, Option<Binary>); 11] = [
    ("<<=", Some(Binary::Left)),
    (">>=", Some(Binary::Right)),
    ("+=", Some(Binary::Plus)),
    ("-=", Some(Binary::Minus)),
    ("*=", Some(Binary::Times)),
    ("/=", Some(Binary::Divide)),
    ("%=", Some(Binary::Remainder)),
    ("&=", Some(Binary::And)),
    ("^=", Some(Binary::Xor)),
    ("|=", Some(Binary::Or)),
    ("=", None),
];

impl Reader<'_> {
    fn rest(&self) -> &str {
        &self.text[self.pos..]
    }

    fn blanks(&mut self) {
        self.pos = self.text.len() - self.rest().trim_start_matches([' ', '\t', '\n', '\r']).len();
    }

    fn wrong<T>(&self, message: &'static str, at: usize) -> Read<T> {
        Err(Wrong { message, rest: self.text[at..].to_owned() })
    }

    fn peek(&mut self) -> Option<u8> {
        self.blanks();
        self.text.as_bytes().get(self.pos).copied()
    }

    fn take(&mut self, token: &str) -> bool {
        self.blanks();
        let there = self.rest().starts_with(token);
        if there {
            self.last = self.pos;
            self.pos += token.len();
        }
        there
    }

    fn comma(&mut self) -> Read<Expr> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return self.wrong("expression recursion level exceeded", self.pos);
        }
        let mut left = self.assignment()?;
        while self.take(",") {
            left = Expr::Comma(Box::new(left), Box::new(self.assignment()?));
        }
        self.depth -= 1;
        Ok(left)
    }

    fn assignment(&mut self) -> Read<Expr> {
        let start = self.pos;
        let left = self.choice()?;
        self.blanks();
        let rest = self.rest();
        if rest.starts_with("==") {
            return Ok(left);
        }
        let Some((token, operator)) = ASSIGNING.into_iter().find(|(token, _)| rest.starts_with(token)) else {
            return Ok(left);
        };
        match left {
            Expr::Variable(place) => {
                self.last = self.pos;
                self.pos += token.len();
                let value = self.assignment()?;
                Ok(Expr::Assign(operator, place, Box::new(value)))
            }
            _ => {
                let _ = start;
                self.wrong("attempted assignment to non-variable", self.pos)
            }
        }
    }

    fn choice(&mut self) -> Read<Expr> {
        let condition = self.or()?;
        if !self.take("?") {
            return Ok(condition);
        }
        if self.peek().is_none_or(|byte| byte == b':') {
            return self.wrong("expression expected", self.pos);
        }
        let yes = self.comma()?;
        if !self.take(":") {
            return self.wrong("`:' expected for conditional expression", self.last);
        }
        if self.peek().is_none() {
            return self.wrong("expression expected", self.last);
        }
        let no = self.assignment()?;
        Ok(Expr::Choice(Box::new(condition), Box::new(yes), Box::new(no)))
    }

    fn or(&mut self) -> Read<Expr> {
        let mut left = self.and()?;
        while self.take("||") {
            left = Expr::Or(Box::new(left), Box::new(self.and()?));
        }
        Ok(left)
    }

    fn and(&mut self) -> Read<Expr> {
        let mut left = self.level(0)?;
        while self.take("&&") {
            left = Expr::And(Box::new(left), Box::new(self.level(0)?));
        }
        Ok(left)
    }

    fn level(&mut self, level: usize) -> Read<Expr> {
        let Some(operators) = LEVELS.get(level) else { return self.power() };
        let mut left = self.level(level + 1)?;
        loop {
            self.blanks();
            let rest = self.rest();
            let Some((token, operator)) = operators.iter().find(|(token, _)| is_operator(rest, token)) else {
                return Ok(left);
            };
            self.last = self.pos;
            self.pos += token.len();
            let right = self.level(level + 1)?;
            left = Expr::Binary(*operator, Box::new(left), Box::new(right));
        }
    }

    fn power(&mut self) -> Read<Expr> {
        let left = self.unary()?;
        self.blanks();
        if self.rest().starts_with("**") {
            self.last = self.pos;
            self.pos += 2;
            let right = self.power()?;
            return Ok(Expr::Binary(Binary::Power, Box::new(left), Box::new(right)));
        }
        Ok(left)
    }

    fn unary(&mut self) -> Read<Expr> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return self.wrong("expression recursion level exceeded", self.pos);
        }
        self.blanks();
        for (token, by) in [("++", 1), ("--", -1)] {
            if self.rest().starts_with(token) {
                let pos = self.pos;
                self.last = pos;
                self.pos += 2;
                if let Expr::Variable(place) = self.unary()? {
                    self.depth -= 1;
                    return Ok(Expr::Step(place, by, false));
                }
                // `--5` is a sign, twice.
                self.pos = pos;
                break;
            }
        }
        let operator = match self.peek() {
            Some(b'-') => Some(Unary::Minus),
            Some(b'+') => Some(Unary::Plus),
            Some(b'!') => Some(Unary::Not),
            Some(b'~') => Some(Unary::Complement),
            _ => None,
        };
        let expr = match operator {
            Some(operator) => {
                self.last = self.pos;
                self.pos += 1;
                Expr::Unary(operator, Box::new(self.unary()?))
            }
            None => self.postfix()?,
        };
        self.depth -= 1;
        Ok(expr)
    }

    fn postfix(&mut self) -> Read<Expr> {
        let expr = self.primary()?;
        if let Expr::Variable(place) = &expr {
            for (token, by) in [("++", 1), ("--", -1)] {
                if self.take(token) {
                    return Ok(Expr::Step(place.clone(), by, true));
                }
            }
        }
        Ok(expr)
    }

    fn primary(&mut self) -> Read<Expr> {
        match self.peek() {
            Some(b'(') => {
                self.last = self.pos;
                self.pos += 1;
                let inner = self.comma()?;
                if !self.take(")") {
                    return self.wrong("missing `)'", self.last);
                }
                // What is in parentheses is no variable to be set.
                Ok(match inner {
                    Expr::Variable(_) => Expr::Unary(Unary::Plus, Box::new(inner)),
                    inner => inner,
                })
            }
            Some(b'0'..=b'9') => self.number(),
            Some(byte) if byte == b'_' || byte.is_ascii_alphabetic() => Ok(Expr::Variable(self.place()?)),
            _ => {
                let at = if self.pos >= self.text.len() { self.last } else { self.pos };
                self.wrong("syntax error: operand expected", at)
            }
        }
    }

    fn place(&mut self) -> Read<Place> {
        self.last = self.pos;
        let rest = self.rest();
        let length = rest.find(|char: char| !(char == '_' || char.is_ascii_alphanumeric())).unwrap_or(rest.len());
        let name = rest[..length].into();
        let mut index = None;
        if rest[length..].starts_with('[') {
            let mut depth = 0;
            let end = rest[length..].bytes().position(|byte| {
                depth += i32::from(byte == b'[') - i32::from(byte == b']');
                depth == 0
            });
            let Some(end) = end else { return self.wrong("bad array subscript", self.pos) };
            index = Some(rest[length + 1..length + end].into());
            self.pos += length + end + 1;
        } else {
            self.pos += length;
        }
        Ok(Place { name, index })
    }

    fn number(&mut self) -> Read<Expr> {
        self.last = self.pos;
        let rest = self.rest();
        let length = rest
            .find(|char: char| !(char.is_ascii_alphanumeric() || matches!(char, '#' | '@' | '_')))
            .unwrap_or(rest.len());
        let text = &rest[..length];
        match number(text) {
            Ok(number) => {
                self.pos += length;
                Ok(Expr::Number(number))
            }
            Err(message) => self.wrong(message, self.pos),
        }
    }
}

fn is_operator(rest: &str, token: &str) -> bool {
    let Some(after) = rest.strip_prefix(token) else { return false };
    match token {
        "|" => !after.starts_with(['|', '=']),
        "&" => !after.starts_with(['&', '=']),
        "*" => !after.starts_with(['*', '=']),
        "<" => !after.starts_with(['<', '=']),
        ">" => !after.starts_with(['>', '=']),
        "==" | "!=" | "<=" | ">=" => true,
        _ => !after.starts_with('='),
    }
}

/// A number as C writes it, or as `base#digits`.
pub(super) fn number(text: &str) -> Result<i64, &'static str> {
    let (base, digits) = match text.split_once('#') {
        Some((base, digits)) => match base.parse::<u32>() {
            Ok(base) if (2..=64).contains(&base) => {
                if digits.is_empty() {
                    return Err("invalid integer constant");
                }
                (base, digits)
            }
            _ => return Err("invalid arithmetic base"),
        },
        None => match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
            Some(digits) => (16, digits),
            None if text.len() > 1 && text.starts_with('0') => (8, &text[1..]),
            None => (10, text),
        },
    };
    let mut value = 0i64;
    for char in digits.chars() {
        let digit = match char {
            '0'..='9' => char as u32 - 48,
            'a'..='z' => char as u32 - 97 + 10,
            'A'..='Z' if base <= 36 => char as u32 - 65 + 10,
            'A'..='Z' => char as u32 - 65 + 36,
            '@' => 62,
            '_' => 63,
            _ => return Err("invalid number"),
        };
        if digit >= base {
            return Err("value too great for base");
        }
        value = value.wrapping_mul(i64::from(base)).wrapping_add(i64::from(digit));
    }
    Ok(value)
}
