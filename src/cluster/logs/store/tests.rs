//! The store against a list that keeps everything.

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

const SMALL: usize = 64 << 10;

#[derive(Debug, Clone)]
enum Op {
    Push(Vec<u8>),
    Prepend(Vec<Vec<u8>>),
    Many(usize),
}

fn text() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        4 => vec(any::<u8>().prop_filter("no line feed", |byte| *byte != b'\n'), 0..200),
        1 => Just(Vec::new()),
        1 => (0usize..20_000).prop_map(|length| vec![b'x'; length]),
    ]
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        6 => text().prop_map(Op::Push),
        1 => vec(text(), 0..50).prop_map(Op::Prepend),
        1 => (1usize..2_000).prop_map(Op::Many),
    ]
}

/// A line as the naive list keeps it, by number.
type Kept = std::collections::BTreeMap<u64, (SourceId, Stamp, Vec<u8>)>;

fn check(store: &LineStore, kept: &Kept) -> Result<(), TestCaseError> {
    prop_assert!(store.bytes() <= store.budget(), "{} of {}", store.bytes(), store.budget());
    prop_assert_eq!(store.end(), kept.last_key_value().map_or(LineStore::ORIGIN, |(number, _)| number + 1));
    prop_assert!(store.get(store.end()).is_none() && store.get(store.first() - 1).is_none());
    for (number, (source, at, text)) in kept.range(store.first()..) {
        let line = store.get(*number).unwrap();
        prop_assert_eq!((line.number, line.source, line.at), (*number, *source, *at));
        prop_assert_eq!(line.text, &text[..text.len().min(store.budget() / 4)]);
    }
    prop_assert_eq!(store.lines(0..u64::MAX).count(), store.len());
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn it_keeps_what_a_list_keeps_but_for_what_it_says_it_dropped(ops in vec(op(), 1..60)) {
        let mut store = LineStore::new(SMALL);
        let mut kept = Kept::new();
        let mut pushed = 0u32;
        let mut whole = 0;
        for op in ops {
            let mut push = |store: &mut LineStore, text: Vec<u8>| {
                pushed += 1;
                let number = store.push(SourceId(pushed), Stamp(i64::from(pushed)), &text);
                whole += 1;
                kept.insert(number, (SourceId(pushed), Stamp(i64::from(pushed)), text));
            };
            match op {
                Op::Push(text) => push(&mut store, text),
                Op::Many(count) => (0..count).for_each(|at| push(&mut store, vec![b'a'; at % 60])),
                Op::Prepend(texts) => {
                    let mut lines = Lines::default();
                    texts.iter().for_each(|text| lines.push(SourceId(7), Stamp(-1), text));
                    let (first, open) = (store.first(), store.takes_earlier());
                    let taken = store.prepend(&lines);
                    prop_assert!(open && store.dropped() == 0 || taken == 0);
                    prop_assert_eq!(store.takes_earlier(), open && taken == lines.len());
                    whole += taken as u64;
                    prop_assert_eq!(store.first(), first - taken as u64);
                    for (place, text) in texts.into_iter().rev().take(taken).enumerate() {
                        kept.insert(first - 1 - place as u64, (SourceId(7), Stamp(-1), text));
                    }
                }
            }
            check(&store, &kept)?;
        }
        prop_assert_eq!(store.len() as u64 + store.dropped(), whole);
    }
}

#[test]
fn one_long_line_leaves_room_for_others() {
    let mut store = LineStore::new(4 << 20);
    for _ in 0..1_000 {
        store.push(SourceId(0), Stamp(0), b"before");
    }
    let number = store.push(SourceId(0), Stamp(0), &vec![b'x'; 1 << 20]);
    assert_eq!(store.get(number).unwrap().text.len(), 1 << 20);
    assert_eq!((store.dropped(), store.len()), (0, 1_001));
    store.push(SourceId(0), Stamp(0), &vec![b'x'; 100 << 20]);
    assert!(store.bytes() <= 4 << 20 && store.get(number).is_some());
}

#[test]
fn earlier_lines_leave_no_hole() {
    let earlier = |count: usize| {
        let mut lines = Lines::default();
        (0..count).for_each(|_| lines.push(SourceId(0), Stamp(0), &[b'x'; 100]));
        lines
    };
    let mut store = LineStore::new(SMALL);
    store.push(SourceId(0), Stamp(1), b"first");
    assert_eq!(store.prepend(&earlier(10)), 10);
    let fits = store.prepend(&earlier(5_000));
    assert!((100..5_000).contains(&fits));
    assert_eq!((store.prepend(&earlier(1)), store.len()), (0, fits + 11));
    let mut store = LineStore::new(SMALL);
    while store.dropped() == 0 {
        store.push(SourceId(0), Stamp(1), b"a line");
    }
    assert_eq!(store.prepend(&earlier(1)), 0);
    store.clear();
    assert_eq!(store.prepend(&earlier(1)), 0, "nothing comes before what was cleared");
}

#[test]
fn lines_are_found_by_their_time() {
    let mut store = LineStore::new(SMALL);
    for at in [10, 20, 20, 30] {
        store.push(SourceId(0), Stamp(at), b"");
    }
    let found = [0, 10, 15, 20, 25, 31].map(|at| store.at_time(Stamp(at)) - LineStore::ORIGIN);
    assert_eq!(found, [0, 0, 1, 1, 3, 4]);
}

#[test]
fn a_notice_stands_among_the_lines_and_is_none() {
    let mut store = LineStore::new(SMALL);
    store.push(SourceId(3), Stamp(1), b"level=warn msg=x");
    store.push_notice(SourceId::NONE, Stamp(2), Level::Error, "ended");
    let line = store.get(LineStore::ORIGIN).unwrap();
    assert_eq!((line.source, line.level, line.notice), (SourceId(3), Some(Level::Warn), false));
    let notice = store.get(LineStore::ORIGIN + 1).unwrap();
    assert_eq!((notice.source, notice.level, notice.notice), (SourceId::NONE, Some(Level::Error), true));
}
