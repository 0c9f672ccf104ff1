//! From flags and files to an answer of an API server: every way that people are let in, and every way that it goes
//! wrong. The servers, proxies and plugins are doubles on loopback.

#![expect(clippy::unwrap_used, reason = "the helpers of tests panic as the tests do")]

#[path = "../support/connect_home.rs"]
mod connect_home;
#[path = "../support/connect_pki.rs"]
mod connect_pki;
#[path = "../support/connect_proxy.rs"]
mod connect_proxy;
#[path = "../support/connect_server.rs"]
mod connect_server;

mod faults;
mod kubeconfig;
mod oidc;
mod plugins;
mod proxies;
mod terminal;
mod users;
