//! Comparisons of a field with a value.

use std::cmp::Ordering;

use super::Text;
use crate::cluster::logs::parse;
use crate::cluster::terms::TermError;

/// How a field is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Compare {
    Is,
    IsNot,
    More,
    MoreOrEqual,
    Less,
    LessOrEqual,
    Like,
    NotLike,
}

impl Compare {
    /// How they are written; longer ones first.
    const SIGNS: [(&'static str, Compare); 9] = [
        (">=", Compare::MoreOrEqual),
        ("<=", Compare::LessOrEqual),
        ("!=", Compare::IsNot),
        ("!~", Compare::NotLike),
        ("==", Compare::Is),
        (">", Compare::More),
        ("<", Compare::Less),
        ("=", Compare::Is),
        ("~", Compare::Like),
    ];

    /// Finds the comparison in a word: the name of the field before it, and where the value begins.
    pub(super) fn find(word: &str) -> Option<(&str, Compare, usize)> {
        let in_key = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-@/".contains(&byte);
        let end = word.bytes().position(|byte| !in_key(byte))?;
        if !word.starts_with(|first: char| first.is_ascii_alphabetic() || matches!(first, '_' | '@')) {
            return None;
        }
        let (sign, compare) = Self::SIGNS.into_iter().find(|(sign, _)| word[end..].starts_with(sign))?;
        Some((&word[..end], compare, end + sign.len()))
    }

    pub(super) const fn is_pattern(self) -> bool {
        matches!(self, Compare::Like | Compare::NotLike)
    }

    /// Whether it holds for what is so ordered to the value.
    pub(super) fn orders(self, order: Ordering) -> bool {
        match self {
            Compare::Is | Compare::Like => order.is_eq(),
            Compare::IsNot | Compare::NotLike => order.is_ne(),
            Compare::More => order.is_gt(),
            Compare::MoreOrEqual => order.is_ge(),
            Compare::Less => order.is_lt(),
            Compare::LessOrEqual => order.is_le(),
        }
    }
}

/// A comparison of a field with a value.
#[derive(Debug, Clone)]
pub(super) struct Field {
    path: Box<str>,
    /// The last part of the path, which stands in every line that has the field.
    key: Text,
    compare: Compare,
    wanted: Wanted,
}

#[derive(Debug, Clone)]
enum Wanted {
    Text(Box<[u8]>),
    Amount(Amount),
    Pattern(Text),
}

impl Field {
    /// The comparison of the field `path` with `value`, which is not empty.
    pub(super) fn new(path: &str, compare: Compare, value: &str) -> Result<Field, TermError> {
        let quoted = value.strip_prefix('"').map(|value| value.strip_suffix('"').unwrap_or(value));
        let text = quoted.unwrap_or(value);
        let amount = || Amount::of(text.as_bytes()).filter(|_| quoted.is_none());
        let wanted = if compare.is_pattern() {
            Text::pattern(text)?.map(Wanted::Pattern)
        } else {
            amount().map(Wanted::Amount)
        };
        let wanted = wanted.unwrap_or_else(|| Wanted::Text(text.as_bytes().into()));
        let last = path.rsplit('.').next().unwrap_or(path);
        let key = Text::exactly(last)
            .ok_or_else(|| TermError { at: 0, message: "the name of the field is too long".to_owned() })?;
        Ok(Field { path: path.into(), key, compare, wanted })
    }

    /// A text that every line contains which has the field.
    pub(super) const fn key(&self) -> &Text {
        &self.key
    }

    pub(super) fn holds(&self, line: &[u8]) -> bool {
        let Some(value) = parse::field(line, self.path.as_bytes()) else { return false };
        let value = value.bytes();
        match &self.wanted {
            Wanted::Pattern(pattern) => pattern.is_in(&value) == (self.compare == Compare::Like),
            Wanted::Amount(wanted) => match Amount::of(&value) {
                Some(has) => wanted.order(&has).is_some_and(|order| self.compare.orders(order)),
                None => self.compare == Compare::IsNot,
            },
            Wanted::Text(wanted) if matches!(self.compare, Compare::Is | Compare::IsNot) => {
                value.eq_ignore_ascii_case(wanted) == (self.compare == Compare::Is)
            }
            Wanted::Text(wanted) => self.compare.orders((*value).cmp(wanted)),
        }
    }
}

/// A number with or without a unit.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Amount {
    /// As it is written.
    number: f64,
    /// In seconds or bytes.
    measured: f64,
    unit: Unit,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    None,
    Time,
    Bytes,
}

impl Amount {
    /// Reads a number, or several with units of time as Go writes durations: `1m30.5s`.
    fn of(text: &[u8]) -> Option<Amount> {
        let (first, mut rest) = Amount::first(text)?;
        let mut sum = first;
        while !rest.is_empty() {
            let (next, more) = Amount::first(rest)?;
            if sum.unit != Unit::Time || next.unit != Unit::Time {
                return None;
            }
            sum.measured += next.measured;
            rest = more;
        }
        Some(sum)
    }

    fn first(text: &[u8]) -> Option<(Amount, &[u8])> {
        let is_number = |byte: &u8| byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'+');
        let digits = text.iter().position(|byte| !is_number(byte)).unwrap_or(text.len());
        let number: f64 = std::str::from_utf8(&text[..digits]).ok()?.parse().ok()?;
        let letters = text[digits..].iter().position(is_number).unwrap_or(text.len() - digits);
        let (factor, unit) = unit(&text[digits..digits + letters])?;
        Some((Amount { number, measured: number * factor, unit }, &text[digits + letters..]))
    }

    /// How `has` is ordered to this one; `None` if they measure different things. What has no unit is taken for
    /// seconds or bytes where this one has such a unit, and as it is written where this one has none.
    fn order(&self, has: &Amount) -> Option<Ordering> {
        match (self.unit, has.unit) {
            (Unit::None, _) => has.number.partial_cmp(&self.number),
            (one, other) if one == other || other == Unit::None => has.measured.partial_cmp(&self.measured),
            _ => None,
        }
    }
}

/// What a unit stands for.
fn unit(text: &[u8]) -> Option<(f64, Unit)> {
    const KIBI: f64 = 1024.0;
    Some(match text {
        b"" | b"%" => (1.0, Unit::None),
        b"ns" => (1e-9, Unit::Time),
        b"us" | b"\xc2\xb5s" | b"\xce\xbcs" => (1e-6, Unit::Time),
        b"ms" => (1e-3, Unit::Time),
        b"s" => (1.0, Unit::Time),
        b"m" | b"min" => (60.0, Unit::Time),
        b"h" => (3_600.0, Unit::Time),
        b"d" => (86_400.0, Unit::Time),
        b"B" => (1.0, Unit::Bytes),
        b"k" | b"kB" | b"KB" => (1e3, Unit::Bytes),
        b"M" | b"MB" => (1e6, Unit::Bytes),
        b"G" | b"GB" => (1e9, Unit::Bytes),
        b"Ki" | b"KiB" => (KIBI, Unit::Bytes),
        b"Mi" | b"MiB" => (KIBI * KIBI, Unit::Bytes),
        b"Gi" | b"GiB" => (KIBI * KIBI * KIBI, Unit::Bytes),
        _ => return None,
    })
}
