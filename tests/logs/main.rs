//! Logs against servers that misbehave.
//!
//! The tests hold the server's end themselves, in memory and in tokio's paused time ([`rig`]): pods are listed and
//! watched as they say, and they answer each request for a log byte by byte. [`model`] lets chance choose where
//! connections are cut, and counts every line.

#![expect(clippy::unwrap_used, reason = "a panic is how a test reports")]

mod demo;
mod earlier;
mod ends;
mod faults;
mod model;
mod rig;
#[path = "../support/server.rs"]
mod server;
mod sources;
