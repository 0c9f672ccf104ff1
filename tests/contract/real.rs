//! The tests of the contract against a real control plane: `tests/cluster/run.sh cargo test --features e2e`.

#![expect(clippy::unwrap_used, reason = "a panic is how a test reports")]

mod api;
mod catalogue;
mod errors;
mod lists;
mod patches;
mod tables;
#[path = "cluster.rs"]
mod target;
mod watches;
mod workloads;
mod writes;
