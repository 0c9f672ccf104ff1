//! kittiwake (`kw`): a terminal interface for Kubernetes.
//!
//! The code flows one way, left to right, and imports only leftwards:
//! `resources ← cluster ← ui ← views ← app ← runtime ← main`.
//!
//! Two walks show how it works: *bytes from the API server → row → screen* goes through [`cluster::listwatch`] (bytes,
//! watch), [`resources`] (decoding), [`cluster::store`] and [`views`]; *a key → what comes of it* through [`runtime`],
//! [`app`] and [`views`].

pub mod app;
pub mod cli;
pub mod cluster;
pub mod demo;
pub mod resources;
pub mod runtime;
pub mod ui;
pub mod views;
pub mod yaml;
