//! The control plane that `tests/cluster/run.sh` started, and our programs beside it.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::pty::Pty;

/// A variable that `tests/cluster/run.sh` sets.
pub(crate) fn variable(name: &str) -> PathBuf {
    let hint =
        "end-to-end tests need a control plane: tests/cluster/run.sh cargo test --features e2e --test e2e";
    PathBuf::from(std::env::var_os(name).unwrap_or_else(|| panic!("{name} is not set; {hint}")))
}

/// The directory with the kubeconfigs.
pub(crate) fn dir() -> PathBuf {
    variable("KW_LAB")
}

/// A kubeconfig of the lab, as an argument.
pub(crate) fn config(name: &str) -> String {
    dir().join(format!("{name}.conf")).display().to_string()
}

/// Runs `lab` with these arguments.
pub(crate) fn lab(args: &[&str]) -> String {
    succeed(&mut lab_command(args))
}

fn lab_command(args: &[&str]) -> Command {
    let (command, rest) = args.split_first().unwrap();
    let mut lab = Command::new(variable("KW_LAB_BIN").join("lab"));
    lab.arg(command).arg("--dir").arg(dir()).args(rest);
    lab
}

/// Pods of a namespace that change all the time, as far as there is a server that lets them, until this is dropped.
pub(crate) struct Churn {
    over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Churn {
    pub(crate) fn start(namespace: &'static str) -> Churn {
        let over = Arc::new(AtomicBool::new(false));
        let seen = Arc::clone(&over);
        let args = ["churn", "--rate", "100", "--seconds", "2", "--visible", "--namespace", namespace];
        let run = move || {
            while !seen.load(Ordering::Relaxed) {
                // It fails when the server goes away, and begins anew.
                lab_command(&args).output().expect("it starts");
            }
        };
        Churn { over, thread: Some(std::thread::spawn(run)) }
    }
}

impl Drop for Churn {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

/// Runs kubectl, the oracle, as the administrator.
pub(crate) fn kubectl(args: &[&str]) -> String {
    let mut lab = Command::new(variable("KW_LAB_BIN").join("lab"));
    succeed(lab.arg("kubectl").arg("--dir").arg(dir()).arg("--").args(args))
}

fn succeed(command: &mut Command) -> String {
    let output = command.output().expect("it starts");
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The binary under test.
pub(crate) fn binary() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_kw"))
}

/// Runs `kw` with this kubeconfig, without a terminal.
pub(crate) fn kw(config_name: &str, args: &[&str]) -> Output {
    Command::new(binary())
        .args(["--kubeconfig", &config(config_name)])
        .args(args)
        .output()
        .expect("kw starts")
}

/// Starts `kw` as the administrator in a terminal.
pub(crate) fn screen(args: &[&str], size: (u16, u16)) -> Pty {
    screen_as("admin", args, size)
}

/// Starts `kw` with this kubeconfig in a terminal.
pub(crate) fn screen_as(config_name: &str, args: &[&str], size: (u16, u16)) -> Pty {
    let config = config(config_name);
    let args: Vec<&str> = ["--kubeconfig", &config].into_iter().chain(args.iter().copied()).collect();
    Pty::start(binary(), &args, &[], size)
}

/// Asks again until it is so, or for too long.
pub(crate) fn eventually<T>(what: &str, mut ask: impl FnMut() -> Result<T, String>) -> T {
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        match ask() {
            Ok(answer) => return answer,
            Err(why) => assert!(Instant::now() < deadline, "never: {what}: {why}"),
        }
    }
}

/// Taken by tests that stop components, and by those that could not bear it.
pub(crate) fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}
