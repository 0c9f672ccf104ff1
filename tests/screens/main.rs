//! Keys to screens: the whole application, fed by hand, drawn on a buffer.

#![allow(clippy::unwrap_used, reason = "a panic here is the report")]

mod harness;
mod logs;
mod moving;
mod navigating;
mod saying;
