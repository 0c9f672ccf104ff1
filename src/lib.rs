//! kittiwake (`kw`): a terminal interface for Kubernetes.
//!
//! The code flows one way, left to right, and imports only leftwards:
//! `resources ← cluster ← actions ← ui ← views ← app ← runtime ← main`.
//!
//! Two walks show how it works: *bytes from the API server → row → screen* goes through
//! [`cluster`] (bytes, watch), [`resources`] (decoding) and [`cluster::store`];
//! *a key → what comes of it* through `runtime`, `app` and `views`.

pub mod cluster;
pub mod resources;
pub mod ui;
