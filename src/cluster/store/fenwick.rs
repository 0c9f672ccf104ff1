//! Running totals over a list of counts, in logarithmic time.
//!
//! A Fenwick tree (P. M. Fenwick, "A new data structure for cumulative frequency tables", 1994): entry `i` holds
//! the sum of a stretch that ends at `i` and is as long as the lowest set bit of `i + 1`.

/// Counts that can be summed from the left, and searched by such a sum.
#[derive(Debug, Default)]
pub(super) struct Fenwick {
    stretches: Vec<usize>,
}

impl FromIterator<usize> for Fenwick {
    fn from_iter<T: IntoIterator<Item = usize>>(counts: T) -> Fenwick {
        let mut stretches: Vec<usize> = counts.into_iter().collect();
        for at in 0..stretches.len() {
            let parent = at | (at + 1);
            if parent < stretches.len() {
                stretches[parent] += stretches[at];
            }
        }
        Fenwick { stretches }
    }
}

impl Fenwick {
    /// Adds one to the count at `at`.
    pub(super) fn increment(&mut self, at: usize) {
        self.on_path(at, |stretch| *stretch += 1);
    }

    /// Takes one from the count at `at`, which must not be zero.
    pub(super) fn decrement(&mut self, at: usize) {
        self.on_path(at, |stretch| *stretch -= 1);
    }

    fn on_path(&mut self, mut at: usize, change: impl Fn(&mut usize)) {
        while let Some(stretch) = self.stretches.get_mut(at) {
            change(stretch);
            at |= at + 1;
        }
    }

    /// The sum of the first `end` counts.
    pub(super) fn before(&self, mut end: usize) -> usize {
        let mut sum = 0;
        while end > 0 {
            sum += self.stretches[end - 1];
            end &= end - 1;
        }
        sum
    }

    /// Which count the unit number `nth` (from zero) falls in, and how many units of that count lie before it.
    pub(super) fn find(&self, nth: usize) -> Option<(usize, usize)> {
        let (mut at, mut rest) = (0, nth);
        let mut step = self.stretches.len().checked_ilog2().map_or(0, |log| 1 << log);
        while step > 0 {
            if let Some(&stretch) = self.stretches.get(at + step - 1)
                && stretch <= rest
            {
                at += step;
                rest -= stretch;
            }
            step /= 2;
        }
        (at < self.stretches.len()).then_some((at, rest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn sums_and_searches_agree_with_counting(
            counts in proptest::collection::vec(0usize..4, 0..40),
            changes in proptest::collection::vec((0usize..40, proptest::bool::ANY), 0..40),
        ) {
            let mut tree: Fenwick = counts.iter().copied().collect();
            let mut counts = counts;
            for (at, up) in changes.into_iter().filter(|(at, _)| *at < counts.len()).collect::<Vec<_>>() {
                if up {
                    tree.increment(at);
                    counts[at] += 1;
                } else if counts[at] > 0 {
                    tree.decrement(at);
                    counts[at] -= 1;
                }
            }
            for end in 0..=counts.len() {
                proptest::prop_assert_eq!(tree.before(end), counts[..end].iter().sum::<usize>());
            }
            let units = counts.iter().enumerate().flat_map(|(at, &count)| (0..count).map(move |rest| (at, rest)));
            let units: Vec<(usize, usize)> = units.collect();
            for nth in 0..units.len() + 2 {
                proptest::prop_assert_eq!(tree.find(nth), units.get(nth).copied());
            }
        }
    }
}
