//! End to end: the real binary, mostly in a pseudo-terminal, against a real control plane.
//!
//! Run by `tests/cluster/run.sh cargo test --features e2e --test e2e`, which starts the control plane.

#![allow(clippy::unwrap_used, reason = "a panic here is the report")]

mod access;
mod demo;
mod faults;
mod lab;
mod logs;
#[path = "../support/pty.rs"]
mod pty;
mod screens;
#[path = "../support/demo.rs"]
mod simulation;
mod tables;
