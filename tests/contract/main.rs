//! What an API server does, told as tests that the simulated server of the demo passes as well as a real one.
//!
//! This entry runs them against the simulated server; `real.rs` runs the same tests against a real control plane. Each
//! test makes a namespace of its own and leaves nothing else behind. Where the two differ, the simulated one is wrong.

#![expect(clippy::unwrap_used, reason = "a panic is how a test reports")]

mod api;
mod catalogue;
mod demo;
mod errors;
mod lists;
mod patches;
#[path = "../support/demo.rs"]
mod simulation;
mod tables;
#[path = "simulated.rs"]
mod target;
mod watches;
mod workloads;
mod writes;
