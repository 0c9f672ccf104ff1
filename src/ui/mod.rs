//! What views share: how things look and what is typed, without knowledge of a kind of object or of a verb.
//!
//! Nothing here does I/O.

pub mod filter;
