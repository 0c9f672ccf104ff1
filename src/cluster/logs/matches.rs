//! The numbers of the lines that pass a filter, kept up while lines come and go.
//!
//! A new filter is answered in slices, from the newest line back, so that what is in sight is right at once and nobody
//! waits for the rest. What arrives meanwhile is looked at first. A number costs eight bytes.

use std::collections::VecDeque;

use super::store::Segment;
use super::{LineStore, Query, SourceEntry};

/// The lines of one [`LineStore`] that pass one [`Query`].
#[derive(Debug, Default)]
pub struct Matches {
    query: Query,
    numbers: VecDeque<u64>,
    /// What was looked at: from this number on ...
    from: u64,
    /// ... to the one before this.
    to: u64,
}

impl Matches {
    /// How many bytes are looked at in a slice that nobody notices: some milliseconds' worth, whatever the filter.
    pub const SLICE: usize = 512 << 10;

    /// The lines that pass `query`, of which none is known yet.
    #[must_use]
    pub fn new(query: Query, store: &LineStore) -> Matches {
        Matches { query, numbers: VecDeque::new(), from: store.end(), to: store.end() }
    }

    /// The filter.
    #[must_use]
    pub const fn query(&self) -> &Query {
        &self.query
    }

    /// Looks at about `bytes` bytes of lines that were not looked at: new ones first, then from the newest back. Tells
    /// whether all that the store keeps is done. To be called again after each change of the store.
    pub fn advance(&mut self, store: &LineStore, sources: &[SourceEntry], bytes: usize) -> bool {
        self.forget(store);
        let mut left = bytes.max(1);
        while self.to < store.end() && left > 0 {
            let (segment, low) = place(store, self.to);
            let high = (low..segment.len()).find(|high| segment.start(*high) - segment.start(low) >= left);
            let high = high.unwrap_or(segment.len());
            left = left.saturating_sub(cost(segment, low, high));
            collect(&self.query, segment, (low, high), sources, |number| self.numbers.push_back(number));
            self.to = segment.first() + high as u64;
        }
        let mut found = Vec::new();
        while self.from > store.first() && left > 0 {
            let (segment, last) = place(store, self.from - 1);
            let end = segment.start(last + 1);
            let low = segment.line_at(end.saturating_sub(left.max(1))).min(last);
            left = left.saturating_sub(cost(segment, low, last + 1));
            collect(&self.query, segment, (low, last + 1), sources, |number| found.push(number));
            found.drain(..).rev().for_each(|number| self.numbers.push_front(number));
            self.from = segment.first() + low as u64;
        }
        self.is_done(store)
    }

    /// Whether all that the store keeps was looked at.
    #[must_use]
    pub fn is_done(&self, store: &LineStore) -> bool {
        self.to >= store.end() && self.from <= store.first()
    }

    /// How many lines of the store are still to be looked at.
    #[must_use]
    pub fn left(&self, store: &LineStore) -> u64 {
        store.end().saturating_sub(self.to) + self.from.saturating_sub(store.first())
    }

    /// How many lines pass, as far as is known.
    #[must_use]
    pub fn len(&self) -> usize {
        self.numbers.len()
    }

    /// Whether none passes, as far as is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.numbers.is_empty()
    }

    /// The number of the line that passes in this place, counted from the earliest that is known.
    #[must_use]
    pub fn get(&self, place: usize) -> Option<u64> {
        self.numbers.get(place).copied()
    }

    /// The place of the first line that passes and has this number or a greater one; [`Matches::len`] if there is
    /// none.
    #[must_use]
    pub fn place_of(&self, number: u64) -> usize {
        self.numbers.partition_point(|known| *known < number)
    }

    /// Forgets what the store has dropped.
    fn forget(&mut self, store: &LineStore) {
        let first = store.first();
        // Everything may be gone that was looked at, or the store was emptied.
        if self.to < first {
            self.numbers.clear();
            (self.from, self.to) = (store.end(), store.end());
            return;
        }
        while self.numbers.front().is_some_and(|number| *number < first) {
            self.numbers.pop_front();
        }
        self.from = self.from.max(first);
    }
}

/// The segment that has the line with this number, which is kept, and its place there.
fn place(store: &LineStore, number: u64) -> (&Segment, usize) {
    let segment = store.segment(store.segment_of(number).expect("the line is kept"));
    (segment, (number - segment.first()) as usize)
}

/// What it costs to look at these lines: their bytes, and something for each.
fn cost(segment: &Segment, low: usize, high: usize) -> usize {
    segment.start(high) - segment.start(low) + (high - low) * 16
}

/// Tells the numbers of those lines of a segment that pass, in order.
fn collect(
    query: &Query,
    segment: &Segment,
    (low, high): (usize, usize),
    sources: &[SourceEntry],
    mut each: impl FnMut(u64),
) {
    let Some((anchor, term)) = query.anchor() else {
        let lines = (low..high).filter_map(|place| segment.line(place));
        return lines.filter(|line| query.matches(line, sources)).for_each(|line| each(line.number));
    };
    let text = &segment.text()[..segment.start(high)];
    let mut at = segment.start(low);
    while at < text.len()
        && let Some(found) = anchor.find(text, at)
        && let place = segment.line_at(found.start)
        && let Some(line) = segment.line(place)
        && place < high
    {
        at = segment.start(place + 1);
        // It may have been found across the end of the line.
        let within = found.end < at || anchor.is_in(line.text);
        if within && query.confirms(&line, sources, term) {
            each(line.number);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;
    use crate::cluster::logs::{Level, Lines, SourceId, Stamp};

    #[derive(Debug, Clone)]
    enum Op {
        Push(String),
        Many(usize),
        Prepend(Vec<String>),
        Notice,
        Advance(usize),
    }

    fn text() -> impl Strategy<Value = String> {
        prop_oneof![
            "[ab ]{0,6}",
            Just(String::new()),
            Just("level=warn a=1 b=22".to_owned()),
            Just(r#"{"level":"error","a":30}"#.to_owned()),
            "x{200,900}a?",
        ]
    }

    fn op() -> impl Strategy<Value = Op> {
        prop_oneof![
            6 => text().prop_map(Op::Push),
            1 => (1usize..500).prop_map(Op::Many),
            1 => vec(text(), 0..20).prop_map(Op::Prepend),
            1 => Just(Op::Notice),
            3 => (0usize..3_000).prop_map(Op::Advance),
        ]
    }

    fn query() -> impl Strategy<Value = &'static str> {
        proptest::sample::select(vec![
            "",
            "a",
            "!a",
            "ab b",
            r"/a\s*b/",
            "/^a/",
            "/a$/",
            "/^$/",
            r"/\Aa/",
            "/b*/",
            "/[^x]/",
            "level>=warn",
            "a>=1",
            "a>=30",
            "a=1 b>20",
            r"/\bb/",
            "/(?R)^a$/",
        ])
    }

    proptest! {
        #[test]
        fn they_are_those_that_each_line_by_itself_would_be(ops in vec(op(), 1..60), text in query()) {
            let query = Query::parse(text).unwrap();
            let mut store = LineStore::new(0);
            let mut matches = Matches::new(query.clone(), &store);
            for op in ops {
                match op {
                    Op::Push(text) => drop(store.push(SourceId(0), Stamp(0), text.as_bytes())),
                    Op::Many(count) => (0..count).for_each(|n| {
                        store.push(SourceId(0), Stamp(0), format!("a={n} b").as_bytes());
                    }),
                    Op::Prepend(texts) => {
                        let mut lines = Lines::default();
                        texts.iter().for_each(|text| lines.push(SourceId(0), Stamp(0), text.as_bytes()));
                        store.prepend(&lines);
                    }
                    Op::Notice => drop(store.push_notice(SourceId(0), Stamp(0), Level::Warn, "ab a=30")),
                    Op::Advance(bytes) => {
                        matches.advance(&store, &[], bytes);
                        let known: Vec<u64> = matches.numbers.iter().copied().collect();
                        let right = store.lines(matches.from..matches.to).filter(|line| query.matches(line, &[]));
                        prop_assert_eq!(known, right.map(|line| line.number).collect::<Vec<u64>>());
                    }
                }
            }
            while !matches.advance(&store, &[], 1_000) {}
            let right = store.lines(0..u64::MAX).filter(|line| query.matches(line, &[]));
            let right: Vec<u64> = right.map(|line| line.number).collect();
            prop_assert_eq!(matches.numbers.iter().copied().collect::<Vec<u64>>(), right);
        }
    }

    #[test]
    fn the_newest_lines_come_first_and_new_ones_before_all() {
        let mut store = LineStore::new(LineStore::BUDGET);
        for number in 0..100_000 {
            store.push(SourceId(0), Stamp(0), format!("line {number}").as_bytes());
        }
        let mut matches = Matches::new(Query::parse("/7$/").unwrap(), &store);
        assert!(!matches.advance(&store, &[], 10_000));
        assert_eq!(matches.get(matches.len() - 1), Some(LineStore::ORIGIN + 99_997));
        let new = store.push(SourceId(0), Stamp(0), b"line 100007");
        assert!(!matches.advance(&store, &[], 1));
        assert_eq!(matches.get(matches.len() - 1), Some(new));
        while !matches.advance(&store, &[], Matches::SLICE) {}
        assert_eq!((matches.len(), matches.left(&store)), (10_001, 0));
        assert_eq!(matches.place_of(LineStore::ORIGIN + 18), 2);
    }
}
