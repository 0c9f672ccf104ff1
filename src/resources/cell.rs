//! What a column makes of a row: a typed value, formatted only when it is drawn and compared by value when it is
//! sorted.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt::Write as _;
use std::net::Ipv4Addr;

use super::{Health, Time};

/// One value of a table.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell<'a> {
    /// No value. Written as kubectl writes it, `<none>`.
    None,
    /// Plain text.
    Text(Cow<'a, str>),
    /// Text that says how the object is doing, drawn in the colour of its health and sorted by it: what needs a person
    /// comes first.
    Status(Cow<'a, str>, Health),
    /// Text whose order is not that of the alphabet: it is sorted by the number.
    Ranked(u32, Cow<'a, str>),
    /// An address, sorted by number.
    Ip(Ipv4Addr),
    /// A number.
    Int(i64),
    /// So many of so many, written `1/2`.
    Ratio(i64, i64),
    /// A moment, shown as the time since. `None` is a moment nobody recorded, `<unknown>`.
    Age(Option<Time>),
    /// A count of restarts, and when the last one was.
    Restarts(i64, Option<Time>),
}

impl<'a> Cell<'a> {
    /// Text, or [`Cell::None`] when it is empty.
    #[must_use]
    pub fn text(text: &'a str) -> Cell<'a> {
        if text.is_empty() { Cell::None } else { Cell::Text(Cow::Borrowed(text)) }
    }

    /// Text, empty where it is empty: kubectl writes `<none>` in some columns and nothing in others.
    #[must_use]
    pub const fn verbatim(text: &'a str) -> Cell<'a> {
        Cell::Text(Cow::Borrowed(text))
    }

    /// Writes the value as kubectl would, as seen at `now`.
    pub fn write(&self, now: Time, out: &mut String) {
        match self {
            Cell::None => out.push_str("<none>"),
            Cell::Text(text) | Cell::Status(text, _) | Cell::Ranked(_, text) => out.push_str(text),
            Cell::Ip(ip) => write_ip(*ip, out),
            Cell::Int(number) => {
                let _ = write!(out, "{number}");
            }
            Cell::Ratio(have, want) => {
                let _ = write!(out, "{have}/{want}");
            }
            Cell::Age(None) => out.push_str("<unknown>"),
            Cell::Age(Some(time)) => time.write_age(now, out),
            Cell::Restarts(count, last) => {
                let _ = write!(out, "{count}");
                if let (1.., Some(last)) = (*count, last) {
                    out.push_str(" (");
                    last.write_age(now, out);
                    out.push_str(" ago)");
                }
            }
        }
    }

    /// The moment in this value whose age it shows, if any: its text changes by itself.
    #[must_use]
    pub fn ticking(&self) -> Option<Time> {
        match self {
            Cell::Age(time) => *time,
            Cell::Restarts(1.., last) => *last,
            _ => None,
        }
    }

    /// The order of two values of one column: numbers by value, ages youngest first, ratios by share and then by
    /// size, nothing before something.
    #[must_use]
    pub fn compare(&self, other: &Cell<'_>) -> Ordering {
        let share = |have: i64, want: i64| (have as f64) / (want.max(1) as f64);
        match (self, other) {
            (Cell::Text(a), Cell::Text(b)) => a.cmp(b),
            (Cell::Status(a, health_a), Cell::Status(b, health_b)) => {
                health_a.cmp(health_b).then_with(|| a.cmp(b))
            }
            (Cell::Ranked(a, text_a), Cell::Ranked(b, text_b)) => a.cmp(b).then_with(|| text_a.cmp(text_b)),
            (Cell::Ip(a), Cell::Ip(b)) => a.cmp(b),
            (Cell::Int(a), Cell::Int(b)) => a.cmp(b),
            (Cell::Ratio(a, of_a), Cell::Ratio(b, of_b)) => {
                share(*a, *of_a).total_cmp(&share(*b, *of_b)).then(of_a.cmp(of_b))
            }
            (Cell::Age(a), Cell::Age(b)) => b.cmp(a),
            (Cell::Restarts(a, last_a), Cell::Restarts(b, last_b)) => a.cmp(b).then(last_a.cmp(last_b)),
            _ => self.rank().cmp(&other.rank()),
        }
    }

    /// Orders values of different types, so that [`Cell::compare`] is a total order.
    fn rank(&self) -> u8 {
        match self {
            Cell::None => 0,
            Cell::Int(_) => 1,
            Cell::Ratio(..) => 2,
            Cell::Restarts(..) => 3,
            Cell::Age(_) => 4,
            Cell::Ranked(..) => 5,
            Cell::Ip(_) => 6,
            Cell::Text(_) => 7,
            Cell::Status(..) => 8,
        }
    }
}

/// Does what `write!` does, several times faster: a filter for an address writes that of every row.
fn write_ip(ip: Ipv4Addr, out: &mut String) {
    let digit = |number: u8| char::from(b'0' + number % 10);
    for (at, octet) in ip.octets().into_iter().enumerate() {
        if at > 0 {
            out.push('.');
        }
        if octet >= 100 {
            out.push(digit(octet / 100));
        }
        if octet >= 10 {
            out.push(digit(octet / 10));
        }
        out.push(digit(octet));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(cell: &Cell<'_>) -> String {
        let mut out = String::new();
        cell.write(Time(1000), &mut out);
        out
    }

    #[test]
    fn values_are_written_as_kubectl_writes_them() {
        assert_eq!(written(&Cell::text("")), "<none>");
        assert_eq!(written(&Cell::Ratio(1, 2)), "1/2");
        assert_eq!(written(&Cell::Restarts(0, Some(Time(1)))), "0");
        assert_eq!(written(&Cell::Restarts(3, None)), "3");
        assert_eq!(written(&Cell::Restarts(3, Some(Time(990)))), "3 (10s ago)");
        assert_eq!(written(&Cell::Age(None)), "<unknown>");
    }

    #[test]
    fn values_are_compared_by_value_not_by_text() {
        assert_eq!(Cell::Int(9).compare(&Cell::Int(10)), Ordering::Less);
        assert_eq!(Cell::Ratio(1, 2).compare(&Cell::Ratio(10, 10)), Ordering::Less);
        assert_eq!(Cell::Age(Some(Time(50))).compare(&Cell::Age(Some(Time(10)))), Ordering::Less);
        assert_eq!(Cell::None.compare(&Cell::Int(0)), Ordering::Less);
        let (init, app) = (Cell::Ranked(0, "init".into()), Cell::Ranked(1, "app".into()));
        assert_eq!(init.compare(&app), Ordering::Less);
    }

    proptest::proptest! {
        #[test]
        fn an_address_is_written_as_everybody_does(bits: u32) {
            proptest::prop_assert_eq!(written(&Cell::Ip(bits.into())), Ipv4Addr::from(bits).to_string());
        }
    }
}
