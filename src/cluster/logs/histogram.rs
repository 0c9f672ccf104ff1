//! How many lines there were when, in buckets that widen as the log grows.

use std::collections::VecDeque;

use super::stamp::SECOND;
use super::{Level, Stamp};

/// Counts of lines over time: at most [`Histogram::MOST`] buckets of equal width.
#[derive(Debug, Clone)]
pub struct Histogram {
    buckets: VecDeque<Bucket>,
    /// The number of the first bucket, counted from the epoch in buckets of this width.
    first: i64,
    /// In nanoseconds.
    width: i64,
}

/// The lines of one span of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Bucket {
    /// All of them.
    pub lines: u64,
    /// Those that are warnings.
    pub warnings: u64,
    /// Those that are errors or worse.
    pub errors: u64,
}

impl Bucket {
    fn add(&mut self, other: Bucket) {
        self.lines += other.lines;
        self.warnings += other.warnings;
        self.errors += other.errors;
    }
}

impl Default for Histogram {
    fn default() -> Histogram {
        Histogram { buckets: VecDeque::new(), first: 0, width: SECOND }
    }
}

impl Histogram {
    /// The most buckets: more than a terminal has columns for.
    pub const MOST: usize = 512;

    /// Counts a line.
    pub fn count(&mut self, at: Stamp, level: Option<Level>) {
        let mut number = at.0.div_euclid(self.width);
        if self.buckets.is_empty() {
            self.first = number;
        }
        let end = |histogram: &Histogram| histogram.first + histogram.buckets.len() as i64;
        while number.max(end(self) - 1) - number.min(self.first) >= Self::MOST as i64 {
            self.widen();
            number = at.0.div_euclid(self.width);
        }
        while number < self.first {
            self.buckets.push_front(Bucket::default());
            self.first -= 1;
        }
        while number >= end(self) {
            self.buckets.push_back(Bucket::default());
        }
        self.buckets[(number - self.first) as usize].add(Bucket {
            lines: 1,
            warnings: u64::from(level == Some(Level::Warn)),
            errors: u64::from(level >= Some(Level::Error)),
        });
    }

    /// The buckets, the earliest first, and when the first begins.
    #[must_use]
    pub fn buckets(&self) -> (Stamp, impl ExactSizeIterator<Item = Bucket>) {
        (Stamp(self.first * self.width), self.buckets.iter().copied())
    }

    /// How long a bucket is, in nanoseconds.
    #[must_use]
    pub const fn width(&self) -> i64 {
        self.width
    }

    /// All lines that were counted.
    #[must_use]
    pub fn total(&self) -> Bucket {
        self.buckets.iter().fold(Bucket::default(), |mut all, bucket| {
            all.add(*bucket);
            all
        })
    }

    /// At most `columns` buckets (but 2 at least) that together are all of it, each the sum of as many neighbours as need be; and when
    /// the first begins and how long each is, in nanoseconds.
    #[must_use]
    pub fn columns(&self, columns: usize) -> (Stamp, i64, Vec<Bucket>) {
        let mut together = 1;
        let start = |together: i64| self.first.div_euclid(together);
        let end = self.first + self.buckets.len() as i64;
        while (end - 1).div_euclid(together) - start(together) >= columns.max(2) as i64 {
            together *= 2;
        }
        let (first, width) = (start(together), self.width * together);
        let count = if self.buckets.is_empty() { 0 } else { (end - 1).div_euclid(together) - first + 1 };
        let mut sums = vec![Bucket::default(); count as usize];
        for (number, bucket) in (self.first..).zip(&self.buckets) {
            sums[(number.div_euclid(together) - first) as usize].add(*bucket);
        }
        (Stamp(first * width), width, sums)
    }

    /// Makes each bucket as wide as two.
    fn widen(&mut self) {
        let mut pairs: VecDeque<Bucket> = VecDeque::with_capacity(self.buckets.len() / 2 + 1);
        let first = self.first.div_euclid(2);
        for (number, bucket) in (self.first..).zip(&self.buckets) {
            let place = (number.div_euclid(2) - first) as usize;
            if place == pairs.len() {
                pairs.push_back(Bucket::default());
            }
            pairs[place].add(*bucket);
        }
        (self.buckets, self.first, self.width) = (pairs, first, self.width * 2);
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_line_is_counted_where_it_belongs(
            seconds in vec(prop_oneof![0i64..100, 0i64..100_000, -4_000_000_000i64..4_000_000_000], 1..200),
            columns in 1usize..100,
        ) {
            let mut histogram = Histogram::default();
            for at in &seconds {
                histogram.count(Stamp(at * SECOND), Some(Level::Error));
            }
            let expect = |start: Stamp, width: i64, buckets: &[Bucket]| {
                for (place, bucket) in buckets.iter().enumerate() {
                    let from = start.0 + place as i64 * width;
                    let inside = seconds.iter().filter(|at| (from..from + width).contains(&(*at * SECOND)));
                    prop_assert_eq!(bucket.lines, inside.count() as u64);
                }
                Ok(())
            };
            let (start, buckets) = histogram.buckets();
            let buckets: Vec<Bucket> = buckets.collect();
            prop_assert!(buckets.len() <= Histogram::MOST);
            expect(start, histogram.width(), &buckets)?;
            let (start, width, sums) = histogram.columns(columns);
            prop_assert!(!sums.is_empty() && sums.len() <= columns.max(2));
            expect(start, width, &sums)?;
            prop_assert_eq!(sums.iter().map(|sum| sum.lines).sum::<u64>(), seconds.len() as u64);
            prop_assert_eq!(histogram.total().errors, seconds.len() as u64);
        }
    }
}
