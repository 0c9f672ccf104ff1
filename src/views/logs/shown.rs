//! Which lines of a log are shown: all of them, or those that a filter lets pass with some around each. All questions
//! are about numbers of lines, and each is answered in O(log n).

use crate::cluster::logs::{LineStore, Matches};

/// The lines that are shown.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shown<'a> {
    pub(super) store: &'a LineStore,
    /// Those that pass; all if there is no filter.
    pub(super) matches: Option<&'a Matches>,
    /// How many lines around each that passes are shown too.
    pub(super) around: u64,
}

impl Shown<'_> {
    /// The first one with this number or a greater one.
    pub(super) fn at_or_after(self, number: u64) -> Option<u64> {
        let number = number.max(self.store.first());
        let found = match self.matches {
            None => number,
            Some(matches) => {
                let near = matches.get(matches.place_of(number.saturating_sub(self.around)))?;
                number.max(near.saturating_sub(self.around))
            }
        };
        (found < self.store.end()).then_some(found)
    }

    /// The last one with this number or a smaller one.
    pub(super) fn at_or_before(self, number: u64) -> Option<u64> {
        let number = number.min(self.store.end().saturating_sub(1));
        let found = match self.matches {
            None => number,
            Some(matches) => {
                let place = matches.place_of(number.saturating_add(self.around + 1));
                let near = matches.get(place.checked_sub(1)?)?;
                number.min(near + self.around)
            }
        };
        (found >= self.store.first() && found < self.store.end()).then_some(found)
    }

    pub(super) fn next(self, number: u64) -> Option<u64> {
        self.at_or_after(number + 1)
    }

    pub(super) fn previous(self, number: u64) -> Option<u64> {
        self.at_or_before(number.checked_sub(1)?)
    }

    pub(super) fn first(self) -> Option<u64> {
        self.at_or_after(0)
    }

    pub(super) fn last(self) -> Option<u64> {
        self.at_or_before(u64::MAX - 1)
    }

    /// The one with this number or, where it is not shown, one near it.
    pub(super) fn near(self, number: u64) -> Option<u64> {
        self.at_or_after(number).or_else(|| self.at_or_before(number))
    }

    /// Whether the line passes, and is not only shown as one around another.
    pub(super) fn passes(self, number: u64) -> bool {
        self.matches.is_none_or(|matches| matches.get(matches.place_of(number)) == Some(number))
    }

    /// The numbers from one to another, both included.
    pub(super) fn between(self, from: u64, to: u64) -> impl Iterator<Item = u64> {
        std::iter::successors(self.at_or_after(from), move |number| self.next(*number))
            .take_while(move |number| *number <= to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::logs::{Query, SourceId, Stamp};

    proptest::proptest! {
        #[test]
        fn they_are_the_lines_that_pass_and_those_around_them(
            lines in proptest::collection::vec(0u8..4, 0..60), around in 0u64..4, filtered: bool,
        ) {
            let mut store = LineStore::new(LineStore::BUDGET);
            for line in &lines {
                store.push(SourceId(0), Stamp(0), if *line == 0 { b"yes" } else { b"no" });
            }
            let mut matches = Matches::new(Query::parse("yes").unwrap(), &store);
            matches.advance(&store, &[], usize::MAX);
            let shown = Shown { store: &store, matches: filtered.then_some(&matches), around };
            let near = |at: usize| {
                let (from, to) = (at.saturating_sub(around as usize), (at + around as usize).min(lines.len() - 1));
                !filtered || lines[from..=to].contains(&0)
            };
            let right: Vec<u64> =
                (0..lines.len()).filter(|at| near(*at)).map(|at| LineStore::ORIGIN + at as u64).collect();
            let forward: Vec<u64> = shown.between(0, u64::MAX).collect();
            let mut back: Vec<u64> =
                std::iter::successors(shown.last(), |number| shown.previous(*number)).collect();
            back.reverse();
            proptest::prop_assert_eq!(&forward, &right);
            proptest::prop_assert_eq!(&back, &right);
        }
    }
}
