//! Inflates a gzip stream in pieces of bounded size, however much they inflate to.

use flate2::{Decompress, FlushDecompress, Status};

use super::fault;
use crate::cluster::Error;

/// The window of gzip, 32 KiB, as its binary logarithm.
const WINDOW_BITS: u8 = 15;

/// A gzip stream of one or several members.
pub(super) struct Inflate {
    inner: Decompress,
    out: Vec<u8>,
    /// The last piece was full: there may be more without further input.
    more: bool,
    complete: bool,
}

impl Inflate {
    /// A stream that is given out in pieces of about `piece` bytes.
    pub(super) fn new(piece: usize) -> Inflate {
        Inflate {
            inner: Decompress::new_gzip(WINDOW_BITS),
            out: Vec::with_capacity(piece),
            more: false,
            complete: false,
        }
    }

    /// The next piece of what `input[*at..]` inflates to; moves `at`. `None` when more input is needed.
    ///
    /// # Errors
    /// When the input is not gzip, or its checksum is wrong.
    pub(super) fn piece(&mut self, input: &[u8], at: &mut usize) -> Result<Option<&[u8]>, Error> {
        while *at < input.len() || self.more {
            if self.complete {
                self.inner = Decompress::new_gzip(WINDOW_BITS);
                self.complete = false;
            }
            self.out.clear();
            let before = self.inner.total_in();
            let status = self
                .inner
                .decompress_vec(&input[*at..], &mut self.out, FlushDecompress::None)
                .map_err(|_| fault::protocol("the compressed answer is damaged"))?;
            let taken = (self.inner.total_in() - before) as usize;
            *at += taken;
            self.complete = status == Status::StreamEnd;
            self.more = !self.complete && self.out.len() == self.out.capacity();
            if !self.out.is_empty() {
                return Ok(Some(&self.out));
            }
            if taken == 0 && !self.complete && *at < input.len() {
                return Err(fault::protocol("the compressed answer is damaged"));
            }
        }
        Ok(None)
    }

    /// Whether a member has just ended: the body may end here.
    pub(super) const fn is_complete(&self) -> bool {
        self.complete
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::GzEncoder;
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn inflate(chunks: &[&[u8]]) -> Result<(Vec<u8>, bool), Error> {
        let mut inflate = Inflate::new(64);
        let mut out = Vec::new();
        for chunk in chunks {
            let mut at = 0;
            while let Some(piece) = inflate.piece(chunk, &mut at)? {
                assert!(piece.len() <= 128, "a piece of {}", piece.len());
                out.extend_from_slice(piece);
            }
        }
        Ok((out, inflate.is_complete()))
    }

    proptest! {
        #[test]
        fn members_inflate_to_the_same_bytes_however_they_are_cut(
            members in vec(vec(0u8..4, 0..2000), 1..4),
            cut in 1usize..300,
        ) {
            let packed: Vec<u8> = members.iter().flat_map(|bytes| gzip(bytes)).collect();
            let chunks: Vec<&[u8]> = packed.chunks(cut).collect();
            prop_assert_eq!(inflate(&chunks).unwrap(), (members.concat(), true));
        }

        #[test]
        fn what_is_cut_short_is_not_complete(bytes in vec(0u8..4, 0..2000), part in 0.0f64..1.0) {
            let packed = gzip(&bytes);
            let kept = (packed.len() as f64 * part) as usize;
            prop_assert!(!inflate(&[&packed[..kept]]).unwrap().1);
        }
    }

    #[test]
    fn damage_is_an_error() {
        let mut packed = gzip(&[7; 1000]);
        let crc = packed.len() - 8;
        packed[crc] ^= 1;
        assert!(inflate(&[&packed]).is_err(), "a wrong checksum");
        assert!(inflate(&[b"HTTP/1.1 200 OK"]).is_err(), "no gzip at all");
    }
}
