//! Lines on their way: many in one buffer, so that a line costs no allocation.

use super::{SourceId, Stamp};

/// Some lines, in order. Their texts lie one behind the other.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lines {
    text: Vec<u8>,
    marks: Vec<Mark>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Mark {
    /// Where the text ends; it begins where the one before ends.
    end: u32,
    source: SourceId,
    at: Stamp,
}

/// One line of [`Lines`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LineRef<'a> {
    /// Whose line.
    pub source: SourceId,
    /// When it was written, as the container runtime says.
    pub at: Stamp,
    /// The text, without its end; any bytes but `\n`.
    pub text: &'a [u8],
}

impl Lines {
    /// The most bytes of text that it holds.
    pub const MOST: usize = u32::MAX as usize;

    /// Adds a line. Together the texts have at most [`Lines::MOST`] bytes.
    pub fn push(&mut self, source: SourceId, at: Stamp, text: &[u8]) {
        self.text.extend_from_slice(text);
        let end = u32::try_from(self.text.len()).expect("senders keep batches far below 4 GiB");
        self.marks.push(Mark { end, source, at });
    }

    /// How many lines.
    #[must_use]
    pub fn len(&self) -> usize {
        self.marks.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.marks.is_empty()
    }

    /// How many bytes of text.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.text.len()
    }

    /// The line in this place.
    #[must_use]
    pub fn get(&self, place: usize) -> Option<LineRef<'_>> {
        let Mark { end, source, at } = *self.marks.get(place)?;
        let start = place.checked_sub(1).map_or(0, |before| self.marks[before].end);
        Some(LineRef { source, at, text: &self.text[start as usize..end as usize] })
    }

    /// The lines in order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = LineRef<'_>> + ExactSizeIterator {
        (0..self.len()).map(|place| self.get(place).expect("the place is one of them"))
    }
}

impl<'a> Extend<LineRef<'a>> for Lines {
    fn extend<I: IntoIterator<Item = LineRef<'a>>>(&mut self, lines: I) {
        lines.into_iter().for_each(|line| self.push(line.source, line.at, line.text));
    }
}

impl<'a> FromIterator<LineRef<'a>> for Lines {
    fn from_iter<I: IntoIterator<Item = LineRef<'a>>>(lines: I) -> Lines {
        let mut all = Lines::default();
        all.extend(lines);
        all
    }
}
