//! A real control plane, as `tests/cluster/run.sh` starts it.

use std::path::PathBuf;
use std::process::Command;
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// Held by every test: by one that stops the server, alone.
static USED: RwLock<()> = RwLock::new(());

/// A server to be tested.
pub(crate) struct Target {
    _used: Used,
}

#[expect(dead_code, reason = "held, never looked at")]
enum Used {
    Shared(RwLockReadGuard<'static, ()>),
    Alone(RwLockWriteGuard<'static, ()>),
}

fn variable(name: &str) -> PathBuf {
    let hint =
        "the tests of the contract need a control plane: tests/cluster/run.sh cargo test --features e2e";
    PathBuf::from(std::env::var_os(name).unwrap_or_else(|| panic!("{name} is not set; {hint}")))
}

impl Target {
    pub(crate) fn new() -> Target {
        Target { _used: Used::Shared(USED.read().unwrap_or_else(PoisonError::into_inner)) }
    }

    /// A server that no other test uses at the same time.
    pub(crate) fn alone() -> Target {
        Target { _used: Used::Alone(USED.write().unwrap_or_else(PoisonError::into_inner)) }
    }

    pub(crate) fn kubeconfig(&self) -> PathBuf {
        variable("KW_LAB").join("admin.conf")
    }

    /// Makes the server forget what happened so far: one that begins anew knows only what there is.
    pub(crate) fn forget(&self) {
        let lab = |command: &str| {
            let mut lab = Command::new(variable("KW_LAB_BIN").join("lab"));
            let status = lab.args([command, "--dir"]).arg(variable("KW_LAB")).arg("kube-apiserver").status();
            assert!(status.unwrap().success(), "lab {command}");
        };
        lab("restart");
    }
}
