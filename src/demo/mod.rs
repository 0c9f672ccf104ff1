//! The embedded cluster: a simulated Kubernetes API server on loopback, and a world behind it that lives by itself.
//!
//! The rest of the program knows nothing of it: it connects by a kubeconfig, as to any other server. Requests come in
//! through `api` and change the [`world`]; the [`controllers`] do what follows, now and as time passes.

pub mod controllers;
pub mod logs;
pub mod metrics;
pub mod scenario;
pub mod world;
