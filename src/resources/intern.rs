//! One copy of every string that repeats.
//!
//! In 10,000 pods there are some fifty node names, twenty namespaces and a dozen statuses. Rows share them
//! through [`Symbol`]; an [`Interner`] belongs to one store and lets go of strings that no row uses any more.

use std::collections::HashSet;
use std::sync::Arc;

use rustc_hash::FxBuildHasher;

/// A shared string. Cloning it copies no bytes.
pub type Symbol = Arc<str>;

/// Hands out one [`Symbol`] per distinct string.
#[derive(Debug)]
pub struct Interner {
    known: HashSet<Symbol, FxBuildHasher>,
    empty: Symbol,
    sweep_at: usize,
}

impl Default for Interner {
    fn default() -> Self {
        Interner { known: HashSet::default(), empty: Symbol::from(""), sweep_at: Self::FIRST_SWEEP }
    }
}

impl Interner {
    const FIRST_SWEEP: usize = 4096;

    /// The shared copy of `text`.
    pub fn intern(&mut self, text: &str) -> Symbol {
        if text.is_empty() {
            return self.empty.clone();
        }
        if let Some(known) = self.known.get(text) {
            return known.clone();
        }
        if self.known.len() >= self.sweep_at {
            self.sweep();
        }
        let symbol = Symbol::from(text);
        self.known.insert(symbol.clone());
        symbol
    }

    /// How many distinct strings it holds.
    #[must_use]
    pub fn len(&self) -> usize {
        self.known.len()
    }

    /// Whether it holds none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    /// Forgets what no row uses; the next sweep comes when the rest has doubled, so the cost per string stays
    /// constant.
    fn sweep(&mut self) {
        self.known.retain(|symbol| Arc::strong_count(symbol) > 1);
        self.sweep_at = (self.known.len() * 2).max(Self::FIRST_SWEEP);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_strings_share_one_copy() {
        let mut interner = Interner::default();
        assert!(Arc::ptr_eq(&interner.intern("node-1"), &interner.intern("node-1")));
        assert_eq!(interner.len(), 1);
    }

    #[test]
    fn strings_that_no_row_holds_are_forgotten() {
        let mut interner = Interner::default();
        let kept = interner.intern("kept");
        for n in 0..100_000 {
            interner.intern(&format!("pod-{n}"));
        }
        assert!(interner.len() <= Interner::FIRST_SWEEP, "{} strings kept", interner.len());
        assert!(Arc::ptr_eq(&kept, &interner.intern("kept")));
    }
}
