//! The embedded cluster: a simulated Kubernetes API server on loopback, and a world behind it that lives by itself.
//!
//! The rest of the program knows nothing of it: it connects by a kubeconfig, as to any other server. Requests come in
//! through [`api`] and change the [`world`]; the [`controllers`] do what follows, now and as time passes.

mod api;
mod clock;
pub mod controllers;
pub mod logs;
pub mod metrics;
pub mod scenario;
mod server;
pub mod world;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tempfile::TempDir;

pub use server::StartError;
use server::{Hub, Server};
use world::World;

/// How a simulated cluster is started.
#[derive(Debug, Clone, Copy)]
pub struct DemoOptions {
    /// How many times as fast as real time it runs; at 0 it stands still.
    pub speed: f64,
    /// The port on 127.0.0.1; 0 for any that is free.
    pub port: u16,
}

/// A simulated cluster that runs until this is dropped. It leaves nothing behind.
#[derive(Debug)]
pub struct Demo {
    /// There once the world is made.
    hub: Arc<OnceLock<Arc<Hub>>>,
    server: Server,
    files: TempDir,
}

impl Demo {
    /// Starts a cluster and its API server. The server listens when this returns; `build` makes what there is in the
    /// cluster meanwhile, on the server's thread, and who asks before that is done waits.
    ///
    /// # Errors
    /// When the port is in use, or the system refuses a socket, a thread or a temporary file.
    pub fn start(
        build: impl FnOnce() -> World + Send + 'static,
        options: DemoOptions,
    ) -> Result<Demo, StartError> {
        let hub = Arc::new(OnceLock::new());
        let made = hub.clone();
        let make = move || made.get_or_init(|| Hub::new(build(), options.speed)).clone();
        let server = Server::start(make, options.port)?;
        let files = TempDir::with_prefix("kw-demo-").map_err(StartError::Files)?;
        // Only its owner can look into the directory, and temporary files are for their owner alone.
        let path = files.path().join("kubeconfig");
        let mut file = tempfile::Builder::new().tempfile_in(files.path()).map_err(StartError::Files)?;
        file.write_all(server.kubeconfig.as_bytes()).map_err(StartError::Files)?;
        file.persist(path).map_err(|error| StartError::Files(error.error))?;
        Ok(Demo { hub, server, files })
    }

    /// The kubeconfig file. It is removed with this handle.
    #[must_use]
    pub fn kubeconfig_path(&self) -> PathBuf {
        self.directory().join("kubeconfig")
    }

    /// What is in the kubeconfig file.
    #[must_use]
    pub fn kubeconfig_text(&self) -> &str {
        &self.server.kubeconfig
    }

    /// The port that the server listens on.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.server.address.port()
    }

    /// The directory that is removed with this handle.
    #[must_use]
    pub fn directory(&self) -> &Path {
        self.files.path()
    }

    /// Reads or changes the world, as one request would: controllers do what follows, and watches tell of it.
    pub fn with_world<T>(&self, act: impl FnOnce(&mut World) -> T) -> T {
        self.hub.wait().with(act)
    }

    /// Changes how fast time runs from now on; at 0 it stands still.
    pub fn set_speed(&self, speed: f64) {
        self.hub.wait().set_clock(|clock| clock.set_speed(speed));
    }

    /// Lets time pass at once.
    pub fn advance(&self, by: Duration) {
        self.hub.wait().set_clock(|clock| clock.advance(by));
    }

    /// Forgets what happened so far, as etcd does when it is compacted: who resumes from before gets a 410.
    pub fn compact(&self) {
        self.hub.wait().with(|world| world.store.compact());
    }
}
