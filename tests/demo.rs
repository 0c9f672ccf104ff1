//! `kw demo` as a person meets it: the binary, in a terminal and without one, with nothing else on the machine.

#![allow(clippy::unwrap_used, reason = "a panic here is the report")]

#[path = "support/pty.rs"]
mod pty;

use std::io::Read as _;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use pty::Pty;

fn binary() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_kw"))
}

/// `kw demo` in a terminal.
fn screen(args: &[&str], size: (u16, u16)) -> Pty {
    let args: Vec<&str> = std::iter::once("demo").chain(args.iter().copied()).collect();
    Pty::start(binary(), &args, &[], size)
}

/// `kw` where there is nothing: no home, no kubeconfig.
fn kw(args: &[&str]) -> Output {
    Command::new(binary()).args(args).env_clear().output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// The line that `kw` ends in when it fails.
fn failure(args: &[&str]) -> String {
    let output = kw(args);
    let error = text(&output.stderr);
    assert_eq!((output.status.code(), &*text(&output.stdout)), (Some(1), ""), "{error}");
    assert_eq!(error.lines().count(), 1, "{error}");
    error
}

#[test]
fn a_cluster_is_on_screen_without_anything_else() {
    let mut kw = screen(&[], (110, 30));
    let (text, _) =
        kw.wait("a live cluster", |screen| screen.contains("● live") && screen.contains("Running"));
    assert!(text.contains("demo ▸ all namespaces ▸ pods"), "{text}");
    kw.send(":deploy shop\r");
    kw.wait("the shop's deployments", |screen| screen.contains("checkout") && screen.contains("● live"));
    kw.send("q\x1b");
    kw.wait_for("▸ pods");
    kw.send(":q\r");
    assert_eq!(kw.wait_for_end().0, 0);
}

/// As far as the program goes: what hangs is found among the deployments, and its pods say how.
#[test]
fn the_story_of_a_bad_rollout_is_found_as_its_line_says() {
    let mut kw =
        screen(&["--scenario", "bad-rollout", "--speed", "20", "deployments", "-n", "shop"], (120, 40));
    kw.wait("what to look for", |screen| screen.lines().last().is_some_and(|line| line.contains("checkout")));
    kw.send("/checkout\r");
    kw.wait("the rollout hangs", |screen| {
        screen.lines().any(|line| line.contains("◐ checkout") || line.contains("✗ checkout"))
    });
    kw.send("\r");
    kw.wait("a pod crashes while others serve", |screen| {
        screen.contains("CrashLoopBackOff") && screen.contains("Running")
    });
    kw.send("\x1a");
    let (text, _) =
        kw.wait("the unhealthy alone", |screen| !screen.contains("Running") && screen.contains("✗"));
    assert!(text.contains("unhealthy only"), "{text}");
    kw.send("\r");
    kw.wait("its container", |screen| screen.contains("▸ containers") && screen.contains("/checkout:"));
    assert!(
        !kw.text().contains("<invalid>"),
        "time runs faster, and nothing is in the future: {}",
        kw.text()
    );
    kw.send(":q\r");
    assert_eq!(kw.wait_for_end().0, 0);
}

#[test]
fn it_prints_for_pipes_and_is_the_same_for_the_same_seed() {
    let names = || {
        let output = kw(&["demo", "deployments", "-A", "--once", "--seed", "7"]);
        assert!(output.status.success(), "{}", text(&output.stderr));
        text(&output.stdout)
            .lines()
            .map(|line| line.split_whitespace().take(3).collect::<Vec<_>>().join(" "))
            .collect::<Vec<String>>()
    };
    let first = names();
    assert!(first.len() > 15 && first[0] == "NAMESPACE NAME READY", "{first:?}");
    assert_eq!(first, names());
}

#[test]
fn the_scenarios_are_listed_with_what_to_look_for() {
    let output = kw(&["demo", "--list"]);
    let listed = text(&output.stdout);
    let names: Vec<&str> = listed.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert_eq!(
        names,
        ["calm", "bad-rollout", "node-down", "out-of-memory", "pending", "image-pull", "noisy", "big"]
    );
    assert!(listed.lines().all(|line| line.split_whitespace().count() > 4), "{listed}");
}

#[test]
fn bad_input_ends_in_one_line() {
    let error = failure(&["demo", "--scenario", "bad-rolout"]);
    assert!(error.contains("bad-rolout") && error.contains("bad-rollout"), "{error}");
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let error = failure(&["demo", "--port", &port, "--once"]);
    assert!(error.contains(&port) && error.contains("in use"), "{error}");
    for args in [&["demo", "--pods", "0"][..], &["demo", "--speed", "fast"], &["demo", "--serve", "--once"]] {
        assert_eq!(kw(args).status.code(), Some(2), "{args:?}");
    }
}

/// `kw demo --serve`, which ends with the test however that ends.
struct Serving(Child);

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn it_serves_other_tools_until_it_is_told_to_end_and_leaves_nothing_behind() {
    let dir = tempfile::TempDir::new().unwrap();
    let serving = Command::new(binary())
        .args(["demo", "--serve"])
        .env_clear()
        .env("TMPDIR", dir.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut serving = Serving(serving);
    let mut kubeconfig = String::new();
    let mut out = serving.0.stdout.take().unwrap();
    let mut buffer = [0; 4096];
    while !kubeconfig.contains("current-context") || !kubeconfig.ends_with('\n') {
        let read = out.read(&mut buffer).unwrap();
        assert!(read > 0, "it ended: {kubeconfig}");
        kubeconfig.push_str(&text(&buffer[..read]));
    }
    let path = dir.path().join("demo.conf");
    std::fs::write(&path, &kubeconfig).unwrap();
    let listed = kw(&["nodes", "--once", "--kubeconfig", path.to_str().unwrap()]);
    assert!(text(&listed.stdout).contains("Ready"), "{}", text(&listed.stderr));
    let (before, after) = kubeconfig.split_once("token: ").unwrap();
    let rest = after.split_once('\n').unwrap().1;
    std::fs::write(&path, format!("{before}token: guessed\n{rest}")).unwrap();
    let refused = kw(&["nodes", "--once", "--kubeconfig", path.to_str().unwrap()]);
    assert!(!refused.status.success() && text(&refused.stderr).contains("401"), "{}", text(&refused.stderr));
    std::fs::remove_file(&path).unwrap();
    let ended = Command::new("kill").args(["-INT", &serving.0.id().to_string()]).status().unwrap();
    assert!(ended.success());
    assert_eq!(serving.0.wait().unwrap().code(), Some(0));
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0, "nothing is left behind");
}
