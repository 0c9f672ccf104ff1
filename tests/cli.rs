//! The command line without a cluster: every bad input ends in one clear line.

#![allow(clippy::unwrap_used, reason = "a panic here is the report")]

use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

/// Runs `kw` where there is nothing but what the test puts there; answers exit code, output and errors.
fn kw(home: &Path, env: &[(&str, &str)], args: &[&str]) -> (Option<i32>, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kw"));
    command.args(args).env_clear().env("HOME", home).envs(env.iter().copied());
    let output = command.output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

/// The one line that a failure ends in.
fn failure(home: &Path, env: &[(&str, &str)], args: &[&str]) -> String {
    let (code, out, error) = kw(home, env, args);
    assert_eq!((code, &*out), (Some(1), ""), "{error}");
    assert_eq!(error.lines().count(), 1, "{error}");
    assert!(error.starts_with("kw: "), "{error}");
    error
}

const CONFIG: &str = "
apiVersion: v1
kind: Config
clusters: [{name: c, cluster: {server: 'http://127.0.0.1:1'}}]
users: [{name: u, user: {}}]
contexts: [{name: prod, context: {cluster: c, user: u}}, {name: staging, context: {cluster: c, user: u}}]
current-context: prod
";

fn write(dir: &TempDir, name: &str, text: &str) -> String {
    let path = dir.path().join(name);
    std::fs::write(&path, text).unwrap();
    path.display().to_string()
}

#[test]
fn no_kubeconfig() {
    let home = TempDir::new().unwrap();
    let error = failure(home.path(), &[], &["--once"]);
    assert!(error.contains("kubeconfig"), "{error}");
}

#[test]
fn a_kubeconfig_that_is_empty_malformed_or_missing() {
    let home = TempDir::new().unwrap();
    for (name, text) in [("empty", ""), ("malformed", "clusters: [{"), ("wrong", "clusters: 5")] {
        let path = write(&home, name, text);
        let error = failure(home.path(), &[], &["--once", "--kubeconfig", &path]);
        assert!(error.contains(name), "{error}");
    }
    let error = failure(home.path(), &[], &["--once", "--kubeconfig", "/nowhere/config"]);
    assert!(error.contains("/nowhere/config"), "{error}");
}

#[test]
fn an_unknown_context_is_told_with_those_that_there_are() {
    let home = TempDir::new().unwrap();
    let path = write(&home, "config", CONFIG);
    let error = failure(home.path(), &[("KUBECONFIG", &path)], &["--once", "--context", "stagin"]);
    assert!(error.contains("stagin") && error.contains("staging"), "{error}");
}

#[test]
fn an_unknown_kind_is_told_with_its_neighbours() {
    let home = TempDir::new().unwrap();
    let error = failure(home.path(), &[], &["deploymnts", "--once"]);
    assert!(error.contains("near to it: deployments"), "{error}");
    let error = failure(home.path(), &[], &["xyzzyxyzzy", "--once"]);
    assert!(error.contains("there are pods, deployments"), "those that there are: {error}");
}

#[test]
fn a_server_that_is_not_there() {
    let home = TempDir::new().unwrap();
    let path = write(&home, "config", CONFIG);
    let error = failure(home.path(), &[("KUBECONFIG", &path)], &["--once"]);
    assert!(error.contains("refused") && error.contains("127.0.0.1:1"), "{error}");
}

#[test]
fn without_a_terminal_it_says_how_to_print() {
    let home = TempDir::new().unwrap();
    let path = write(&home, "config", CONFIG);
    let error = failure(home.path(), &[("KUBECONFIG", &path)], &["nodes"]);
    assert!(error.contains("not a terminal") && error.contains("kw nodes --once"), "{error}");
}

#[test]
fn wrong_usage_is_told_by_the_parser() {
    let home = TempDir::new().unwrap();
    for args in [&["-n", "a", "-A"][..], &["--theme", "neon"], &["--fps", "0"], &["--as-group", "g"]] {
        let (code, _, error) = kw(home.path(), &[], args);
        assert_eq!(code, Some(2), "{error}");
    }
    assert_eq!(kw(home.path(), &[], &["--version"]).0, Some(0));
}

#[test]
fn what_is_wrong_with_a_request_for_logs_is_said_before_anyone_is_asked() {
    let dir = TempDir::new().unwrap();
    let config = write(&dir, "config", CONFIG);
    let env = [("KUBECONFIG", &*config)];
    for (args, part) in [
        (&["logs", "web", "--grep", "a("][..], "--grep: unclosed group"),
        (&["logs", "ns/web"], "\"ns\" has no logs; there are pod/, deploy/"),
        (&["logs", "deploy/"], "\"deploy/\" names no object"),
        (&["logs", "web", "--context", "none"], "none"),
        (&["logs", "web"], "127.0.0.1:1"),
        (&["logs", "web", "-f"], "127.0.0.1:1"),
    ] {
        let error = failure(dir.path(), &env, args);
        assert!(error.contains(part), "{args:?}: {error}");
    }
    for args in [&["logs"][..], &["logs", "web", "--since", "soon"], &["logs", "web", "-l", "a=b"]] {
        assert_eq!(kw(dir.path(), &env, args).0, Some(2), "{args:?}");
    }
}
