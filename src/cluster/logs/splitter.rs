//! From the bytes of a log to its lines, however they arrive.

use memchr::memchr;

use super::Stamp;

/// Splits one body into lines. A line that lies within one piece is not copied.
pub(super) struct Splitter {
    /// The beginning of a line whose end has not arrived.
    begun: Vec<u8>,
    /// How many bytes of it were left out.
    left_out: u64,
    /// The most bytes of a line that are kept.
    limit: usize,
}

/// A line as it arrives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Arrived<'a> {
    /// When it was written, unless it does not say: then it is not of the container, but a word of the kubelet's.
    pub(super) at: Option<Stamp>,
    /// Its text.
    pub(super) text: &'a [u8],
    /// How many bytes were left out of it.
    pub(super) left_out: u64,
}

impl Splitter {
    pub(super) const fn new(limit: usize) -> Splitter {
        Splitter { begun: Vec::new(), left_out: 0, limit }
    }

    /// Takes the next bytes and hands on each line that they complete.
    pub(super) fn push(&mut self, mut piece: &[u8], mut each: impl FnMut(Arrived<'_>)) {
        while let Some(at) = memchr(b'\n', piece) {
            let (line, rest) = (&piece[..at], &piece[at + 1..]);
            if self.begun.is_empty() && line.len() <= self.limit {
                each(Arrived::of(line, 0));
            } else {
                self.begin(line);
                each(Arrived::of(&self.begun, self.left_out));
                self.clear();
            }
            piece = rest;
        }
        self.begin(piece);
    }

    /// What stands behind the last line end, as a line; to be asked for when there is no more to come.
    pub(super) fn rest(&self) -> Option<Arrived<'_>> {
        (!self.begun.is_empty()).then(|| Arrived::of(&self.begun, self.left_out))
    }

    fn begin(&mut self, part: &[u8]) {
        let room = part.len().min(self.limit - self.begun.len());
        self.begun.extend_from_slice(&part[..room]);
        self.left_out += (part.len() - room) as u64;
    }

    fn clear(&mut self) {
        self.left_out = 0;
        self.begun.clear();
        // A long line is rare; its room is not kept for the next one.
        if self.begun.capacity() > 64 << 10 {
            self.begun = Vec::new();
        }
    }
}

impl<'a> Arrived<'a> {
    /// A line with the time that the kubelet puts before it: `2026-11-24T14:31:07.221000000Z text`.
    fn of(line: &'a [u8], left_out: u64) -> Arrived<'a> {
        match Stamp::at_start(line) {
            Some((at, length)) if line.get(length) == Some(&b' ') => {
                Arrived { at: Some(at), text: &line[length + 1..], left_out }
            }
            Some((at, length)) if line.len() == length => Arrived { at: Some(at), text: b"", left_out },
            _ => Arrived { at: None, text: line, left_out },
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn lines_are_the_same_however_they_are_cut(
            bytes in vec(prop_oneof![Just(b'\n'), any::<u8>()], 0..200),
            cut in 1usize..50,
            limit in 1usize..30,
        ) {
            let mut expected: Vec<&[u8]> = bytes.split(|byte| *byte == b'\n').collect();
            let rest = expected.pop().unwrap();
            let mut splitter = Splitter::new(limit);
            let mut seen = Vec::new();
            for piece in bytes.chunks(cut) {
                splitter.push(piece, |line| seen.push((line.text.to_vec(), line.left_out as usize)));
            }
            let kept = |line: &[u8]| (line[..line.len().min(limit)].to_vec(), line.len().saturating_sub(limit));
            prop_assert_eq!(seen, expected.into_iter().map(kept).collect::<Vec<_>>());
            prop_assert_eq!(splitter.rest().map_or(&b""[..], |line| line.text), &kept(rest).0);
        }
    }

    #[test]
    fn the_time_is_cut_off() {
        let at = Stamp::parse(b"2026-11-24T14:31:07.5Z");
        for (line, at, text) in [
            (&b"2026-11-24T14:31:07.5Z  two spaces"[..], at, &b" two spaces"[..]),
            (b"2026-11-24T14:31:07.5Z ", at, b""),
            (b"2026-11-24T14:31:07.5Z", at, b""),
            (b"2026-11-24T14:31:07.5Zx", None, b"2026-11-24T14:31:07.5Zx"),
            (b"rpc error: not found", None, b"rpc error: not found"),
        ] {
            assert_eq!(Arrived::of(line, 0), Arrived { at, text, left_out: 0 });
        }
    }
}
