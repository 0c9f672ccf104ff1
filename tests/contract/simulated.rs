//! The simulated server, for each test one of its own.

use std::path::PathBuf;

use kittiwake::demo::Demo;

/// A server to be tested.
pub(crate) struct Target {
    pub(crate) demo: Demo,
}

impl Target {
    pub(crate) fn new() -> Target {
        Target { demo: crate::simulation::start() }
    }

    /// A server that no other test uses at the same time.
    pub(crate) fn alone() -> Target {
        Target::new()
    }

    pub(crate) fn kubeconfig(&self) -> PathBuf {
        self.demo.kubeconfig_path()
    }

    /// Makes the server forget what happened so far.
    pub(crate) fn forget(&self) {
        self.demo.compact();
    }
}
