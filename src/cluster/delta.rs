//! What a source of rows says.

use std::sync::Arc;

use super::Error;
use crate::resources::{Row, RowId};

/// Names one opened watch for the life of the program. A number is never used twice, so what arrives late from a
/// watch that was closed is told from what its successor says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct WatchId(pub u64);

/// Some deltas of one watch, in the order in which they happened.
#[derive(Debug)]
pub struct Batch {
    /// Which watch.
    pub watch: WatchId,
    /// What it says.
    pub deltas: Vec<Delta>,
}

/// One thing that a source of rows says.
#[derive(Debug)]
pub enum Delta {
    /// A full list begins (the first, or one after the server forgot where we were). Rows that are not mentioned
    /// until [`Delta::Synced`] are gone; until then they stay.
    Relist,
    /// This row is there and looks like this.
    Upsert(Box<dyn Row>),
    /// This row is gone.
    Delete(RowId),
    /// The full list is complete.
    Synced,
    /// The state of the connection behind the rows changed.
    Link(Link),
    /// Some objects could not be decoded: their rows are missing, or show an earlier state. Said again when the
    /// number changes; a full list begins again at none.
    Undecodable {
        /// How many objects there are now.
        count: usize,
        /// What is wrong with the latest of them, its name included.
        error: Arc<Error>,
    },
}

/// The state of the connection behind some rows.
#[derive(Debug, Clone, PartialEq)]
pub enum Link {
    /// Nothing has been heard yet.
    Connecting,
    /// What is shown is what is so.
    Live,
    /// The connection is down for a reason that may pass: it is tried again by itself, after this many
    /// milliseconds.
    Interrupted {
        /// What failed.
        error: Arc<Error>,
        /// When the next attempt starts, counted from now.
        retry_in_ms: u64,
    },
    /// The rows can be listed but not watched: they are listed again every so many milliseconds, and what is shown
    /// is what was so the last time. Said after each list.
    Polled {
        /// Why they cannot be watched.
        error: Arc<Error>,
        /// How far apart the lists are.
        every_ms: u64,
    },
    /// The server refuses, and asking again by itself would be a loop; a person can ask again.
    Refused(Arc<Error>),
}
