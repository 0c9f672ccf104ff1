//! A set of numbers as jobs write it: `0-2,5`.

use std::collections::BTreeSet;
use std::fmt;

/// The numbers of pods that have ended well.
#[derive(Debug, Default)]
pub(super) struct Indexes(BTreeSet<i64>);

impl Indexes {
    /// Reads what was written.
    pub(super) fn parse(text: &str) -> Indexes {
        let range = |part: &str| {
            let (first, last) = part.split_once('-').unwrap_or((part, part));
            Some(first.parse::<i64>().ok()?..=last.parse::<i64>().ok()?)
        };
        Indexes(text.split(',').filter_map(range).flatten().collect())
    }

    /// How many there are.
    pub(super) fn count(&self) -> i64 {
        self.0.len() as i64
    }

    /// Adds numbers.
    pub(super) fn extend(&mut self, more: impl IntoIterator<Item = i64>) {
        self.0.extend(more);
    }

    /// Adds the lowest number that is not there, and answers it.
    pub(super) fn take_first_free(&mut self) -> i64 {
        let free = (0..).zip(&self.0).find(|(wanted, there)| wanted != *there).map(|(free, _)| free);
        let free = free.unwrap_or(self.count());
        self.0.insert(free);
        free
    }
}

impl fmt::Display for Indexes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut ranges: Vec<(i64, i64)> = Vec::new();
        for &number in &self.0 {
            match ranges.last_mut() {
                Some((_, last)) if *last + 1 == number => *last = number,
                _ => ranges.push((number, number)),
            }
        }
        let write = |(first, last): &(i64, i64)| match last - first {
            0 => first.to_string(),
            1 => format!("{first},{last}"),
            _ => format!("{first}-{last}"),
        };
        f.write_str(&ranges.iter().map(write).collect::<Vec<_>>().join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_they_are_read() {
        for text in ["", "0", "0-2,5", "0,1,7-9"] {
            assert_eq!(Indexes::parse(text).to_string(), text);
        }
        let mut indexes = Indexes::parse("0-2,4");
        assert_eq!(
            (indexes.take_first_free(), indexes.take_first_free(), indexes.to_string()),
            (3, 5, "0-5".to_owned())
        );
    }
}
