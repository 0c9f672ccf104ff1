//! Splits a watch into its events, one line each, while it arrives.

use memchr::memchr;

use super::fault;
use crate::cluster::Error;

/// A splitter for one watch. A line that lies within one chunk is not copied.
pub(super) struct Lines {
    /// The beginning of a line whose end has not arrived.
    begun: Vec<u8>,
    limit: usize,
}

impl Lines {
    /// A splitter that takes lines of up to `limit` bytes.
    pub(super) const fn new(limit: usize) -> Lines {
        Lines { begun: Vec::new(), limit }
    }

    /// Takes the next bytes and hands on each line that they complete, without its end.
    ///
    /// # Errors
    /// When a line is too large, and what `each` fails with.
    pub(super) fn push(
        &mut self,
        mut chunk: &[u8],
        mut each: impl FnMut(&[u8]) -> Result<(), Error>,
    ) -> Result<(), Error> {
        while let Some(at) = memchr(b'\n', chunk) {
            let (line, rest) = (&chunk[..at], &chunk[at + 1..]);
            self.check(line)?;
            if self.begun.is_empty() {
                each(line)?;
            } else {
                self.begun.extend_from_slice(line);
                each(&self.begun)?;
                self.begun.clear();
            }
            chunk = rest;
        }
        self.check(chunk)?;
        self.begun.extend_from_slice(chunk);
        Ok(())
    }

    /// What stands behind the last line end.
    pub(super) fn rest(&self) -> &[u8] {
        &self.begun
    }

    fn check(&self, more: &[u8]) -> Result<(), Error> {
        if self.begun.len() + more.len() > self.limit {
            return Err(fault::too_large("an event", self.limit));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn lines_are_the_same_however_they_are_cut(bytes in vec(prop_oneof![Just(b'\n'), any::<u8>()], 0..200), cut in 1usize..50) {
            let mut expected: Vec<&[u8]> = bytes.split(|byte| *byte == b'\n').collect();
            let rest = expected.pop().unwrap();
            let mut lines = Lines::new(1000);
            let mut seen = Vec::new();
            for chunk in bytes.chunks(cut) {
                lines.push(chunk, |line| {
                    seen.push(line.to_vec());
                    Ok(())
                }).unwrap();
            }
            prop_assert_eq!(seen, expected);
            prop_assert_eq!(lines.rest(), rest);
        }
    }

    #[test]
    fn a_line_is_bounded_even_when_it_never_ends() {
        let mut lines = Lines::new(10);
        assert!(lines.push(b"0123456789\n", |_| Ok(())).is_ok());
        assert!(lines.push(b"01234", |_| Ok(())).is_ok());
        assert!(lines.push(b"567890", |_| Ok(())).is_err());
    }
}
