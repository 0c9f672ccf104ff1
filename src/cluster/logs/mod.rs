//! Logs: from a target (pods, however selected) to one merged stream of lines that misses none and repeats none, and
//! the bounded store that keeps them.
//!
//! The walk: `tail` (which containers there are) → `source` (the runs of one) → `stream` (bytes become lines) → `merge`
//! (time order) → [`LogFeed`] → [`Log`], which a view reads: the [`LineStore`], the [`Histogram`], and [`Matches`] of a
//! [`Query`].
//!
//! It knows no terminal and no key. Nothing is dropped before the store: a reader that is behind is waited for, up to
//! the container's own log file. What the store drops from its front is counted.

mod earlier;
mod event;
mod histogram;
mod level;
mod lines;
mod log;
mod matches;
mod merge;
mod outlet;
pub mod parse;
mod pods;
mod query;
mod request;
mod resume;
mod source;
mod splitter;
mod stamp;
mod store;
mod stream;
mod tail;
mod target;
mod tuning;

pub use event::{
    Containers, Ending, LogBatch, LogEvent, LogFeed, LogId, LogRequest, Notice, Role, Since, Source,
    SourceId, SourceState,
};
pub use histogram::{Bucket, Histogram};
pub use level::Level;
pub use lines::{LineRef, Lines};
pub use log::{Log, Received, SourceEntry};
pub use matches::Matches;
pub use query::Query;
pub use stamp::Stamp;
pub(crate) use stamp::civil;
pub use store::{Line, LineStore};
pub use tail::{TailHandle, open};
pub use target::{Owner, Target};
pub use tuning::LogTuning;
