//! Everything that talks to an API server, and the store that its answers build.
//!
//! Knows nothing of terminals. What a server says arrives as [`Delta`]s; nothing above this folder can tell whether
//! they come from a live server, a recording or a test.

pub mod connect;
mod delta;
mod error;
pub mod listwatch;
pub mod logs;
pub mod store;
pub mod terms;
pub use delta::{Batch, Delta, Link, WatchId};
pub use error::{Class, Error};
