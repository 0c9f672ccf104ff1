//! The list/watch engine against servers that misbehave.
//!
//! Most tests hold the server's end themselves, in memory and in tokio's paused time ([`rig`]): they see each
//! request, answer it byte by byte, and look at what a table would show. [`sockets`] does the same over real
//! connections, and [`model`] lets chance choose the faults.

#![expect(clippy::unwrap_used, reason = "a panic is how a test reports")]

mod backpressure;
mod lists;
mod mistakes;
mod model;
mod refusals;
mod rig;
#[path = "../support/server.rs"]
mod server;
mod sockets;
mod table;
mod watches;
