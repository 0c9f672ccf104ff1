//! Sorting all rows at once, fast.
//!
//! Comparing two rows costs two walks through memory that is not in the cache, so comparing is what a sort of
//! 100,000 rows must not do. Instead each value is boiled down to a number whose order agrees with [`Cell::compare`],
//! and the numbers are sorted. Most say all there is to say; where a number leaves something out (a long text), the
//! rows that share it are sorted again by what follows.

use std::borrow::Cow;
use std::cmp::{Ordering, Reverse};

use super::order::{Order, Sort};
use super::slots::Slots;
use crate::resources::{Cell, Row};

/// Bytes of a text that fit in a key.
const TEXT: usize = 7;
/// Runs up to this length are sorted by comparing rows.
const SHORT: usize = 32;
/// How often a run is sorted by the next bytes of its texts; rows that agree in so many are mostly just equal.
const DEPTH: usize = 10;

/// Three bits of type, sixty of value, and one that says that equal keys do not mean equal values.
pub(super) type Key = u64;
const INEXACT: Key = 1;
const VALUE_BITS: u32 = 60;

/// The key of what a row is sorted by.
pub(super) fn of(row: &dyn Row, order: Order) -> Key {
    key(&order.value(row))
}

/// Whether another row with this key has an equal value.
pub(super) fn is_exact(key: Key) -> bool {
    key & INEXACT == 0
}

/// Sorts slots, given with their keys and in the natural order. The keys are spent.
pub(super) fn sort(keyed: &mut [(Key, u32)], slots: &Slots, order: Order) {
    if order.sort != Sort::Natural {
        by_key(keyed, order);
        refine(keyed, slots, order, 1);
    } else if order.descending {
        keyed.reverse();
    }
}

/// By key; equals stay as they are, which is in the natural order.
fn by_key(keyed: &mut [(Key, u32)], order: Order) {
    if order.descending {
        keyed.sort_by_key(|(key, _)| Reverse(*key));
    } else {
        keyed.sort_by_key(|(key, _)| *key);
    }
}

/// Sorts the runs of rows whose keys agree but do not say everything.
fn refine(keyed: &mut [(Key, u32)], slots: &Slots, order: Order, depth: usize) {
    for run in keyed.chunk_by_mut(|(a, _), (b, _)| a == b) {
        let key = run[0].0;
        if run.len() == 1 || is_exact(key) {
            continue;
        }
        if run.len() <= SHORT || depth > DEPTH || type_of(key) != TYPE_TEXT {
            run.sort_by(|(_, a), (_, b)| order.compare_values(slots.row(*a), slots.row(*b)));
        } else if !rekey(run, slots, order, depth) {
            by_key(run, order);
            refine(run, slots, order, depth + 1);
        }
    }
}

/// Makes the keys of rows with long texts from what follows the bytes of the keys they have. Returns whether the rows
/// are sorted already: many are equal, and names within a namespace are in order.
fn rekey(run: &mut [(Key, u32)], slots: &Slots, order: Order, depth: usize) -> bool {
    let mut last: Option<Cow<'_, str>> = None;
    let mut sorted = true;
    for (key, slot) in run {
        let (text, lead) = match order.value(slots.row(*slot)) {
            Cell::Text(text) => (text, 0),
            Cell::Status(text, _) => (text, 1),
            _ => unreachable!("the key says that it is a text"),
        };
        *key = text_key(None, &text.as_bytes()[depth * TEXT - lead..]);
        sorted = sorted && last.is_none_or(|last| order.directed(last.cmp(&text)).is_le());
        last = Some(text);
    }
    sorted
}

const TYPE_TEXT: u64 = 7;

fn type_of(key: Key) -> u64 {
    key >> (VALUE_BITS + 1)
}

fn assemble(of_type: u64, value: u64, exact: bool) -> Key {
    (of_type << (VALUE_BITS + 1)) | (value << 1) | if exact { 0 } else { INEXACT }
}

/// A number that is less, or equal, or greater, where the value is less, or (unless it is inexact) equal, or greater.
fn key(cell: &Cell<'_>) -> Key {
    match cell {
        Cell::None => assemble(0, 0, true),
        Cell::Int(number) => {
            let (value, exact) = clamp(*number, VALUE_BITS);
            assemble(1, value, exact)
        }
        Cell::Ratio(have, want) => assemble(2, ordered((*have as f64) / ((*want).max(1) as f64)) >> 4, false),
        Cell::Restarts(count, last) => {
            let (count, exact) = clamp(*count, 24);
            let (last, last_exact) = last.map_or((0, true), |time| clamp(time.0, 36));
            // A number out of range hides what follows it.
            assemble(3, (count << 36) | if exact { last } else { 0 }, exact && last_exact)
        }
        // Shares its key with the moments that are too long ago for one.
        Cell::Age(None) => assemble(4, (1 << VALUE_BITS) - 1, false),
        Cell::Age(Some(time)) => {
            let (value, exact) = clamp(time.0, VALUE_BITS);
            assemble(4, (1 << VALUE_BITS) - 1 - value, exact)
        }
        Cell::Ranked(rank, _) => assemble(5, u64::from(*rank), false),
        Cell::Ip(ip) => assemble(6, u64::from(ip.to_bits()), true),
        Cell::Text(text) => text_key(None, text.as_bytes()),
        // No text begins with such a byte.
        Cell::Status(text, health) => text_key(Some(0xf8 + *health as u8), text.as_bytes()),
    }
}

/// The first bytes of a text, behind another one if there is a lead, and how many there are, so that the end of a text
/// comes before a zero byte.
fn text_key(lead: Option<u8>, text: &[u8]) -> Key {
    let mut bytes = [0; 8];
    let begin = usize::from(lead.is_some());
    bytes[0] = lead.unwrap_or(0);
    let length = (begin + text.len()).min(TEXT);
    bytes[begin..length].copy_from_slice(&text[..length - begin]);
    let exact = begin + text.len() <= TEXT;
    let ending = if exact { length as u64 } else { TEXT as u64 + 1 };
    assemble(TYPE_TEXT, (u64::from_be_bytes(bytes) >> 4) | ending, exact)
}

/// A signed number moved into the positive numbers of so many bits, and whether it fits. The least and the greatest
/// of them stand for all that do not fit.
fn clamp(number: i64, bits: u32) -> (u64, bool) {
    let half = 1i64 << (bits - 1);
    let fits = number.clamp(1 - half, half - 2);
    match number.cmp(&fits) {
        Ordering::Equal => ((number + half) as u64, true),
        Ordering::Less => (0, false),
        Ordering::Greater => ((2 * half - 1) as u64, false),
    }
}

/// Bits whose order is that of `f64::total_cmp`.
fn ordered(number: f64) -> u64 {
    let bits = number.to_bits();
    if bits >> 63 == 1 { !bits } else { bits | (1 << 63) }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use proptest::prelude::*;

    use super::*;
    use crate::resources::{Health, Time};

    fn numbers() -> impl Strategy<Value = i64> {
        let edges =
            [i64::MIN, -(1 << 59), -(1 << 35), -(1 << 23), -1, 0, 1 << 23, 1 << 35, 1 << 59, i64::MAX];
        let near = (proptest::sample::select(edges.to_vec()), -2i64..3);
        prop_oneof![any::<i64>(), -3i64..3, near.prop_map(|(edge, step)| edge.saturating_add(step))]
    }

    fn times() -> impl Strategy<Value = Option<Time>> {
        proptest::option::of(numbers().prop_map(Time))
    }

    fn cells() -> impl Strategy<Value = Cell<'static>> {
        prop_oneof![
            Just(Cell::None),
            numbers().prop_map(Cell::Int),
            (numbers(), numbers()).prop_map(|(have, want)| Cell::Ratio(have, want)),
            times().prop_map(Cell::Age),
            (numbers(), times()).prop_map(|(count, last)| Cell::Restarts(count, last)),
            "[ab\0é]{0,10}".prop_map(|text| Cell::Text(Cow::Owned(text))),
            any::<u32>().prop_map(|bits| Cell::Ip(bits.into())),
            (any::<u32>(), "[ab]{0,2}").prop_map(|(rank, text)| Cell::Ranked(rank, Cow::Owned(text))),
            (0..4usize, "[ab]{5,9}")
                .prop_map(|(health, text)| Cell::Status(Cow::Owned(text), Health::ALL[health])),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4096))]
        #[test]
        fn keys_are_ordered_as_values_are(a in cells(), b in cells()) {
            let expected = a.compare(&b);
            let (a, b) = (key(&a), key(&b));
            if a != b || is_exact(a) {
                prop_assert_eq!(a.cmp(&b), expected);
            }
        }
    }
}
