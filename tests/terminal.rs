//! The binary in a pseudo-terminal without a cluster: input, and the first frame.

#![allow(clippy::unwrap_used, reason = "a panic here is the report")]

#[path = "support/pty.rs"]
mod pty;

use std::net::TcpListener;
use std::path::Path;

use pty::Pty;
use tempfile::TempDir;

/// `kw` on a server at this address.
fn kw(dir: &TempDir, address: &str, size: (u16, u16)) -> Pty {
    let path = dir.path().join("config");
    let config = format!(
        "apiVersion: v1\nkind: Config\nclusters: [{{name: c, cluster: {{server: 'http://{address}'}}}}]\n\
         users: [{{name: u, user: {{}}}}]\ncontexts: [{{name: prod, context: {{cluster: c, user: u}}}}]\n\
         current-context: prod\n"
    );
    std::fs::write(&path, config).unwrap();
    let program = Path::new(env!("CARGO_BIN_EXE_kw"));
    Pty::start(program, &["--kubeconfig", path.to_str().unwrap()], &[], size)
}

#[test]
fn the_first_frame_is_there_while_the_server_says_nothing() {
    let dir = TempDir::new().unwrap();
    // It accepts connections (the kernel does) and never answers.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut kw = kw(&dir, &silent.local_addr().unwrap().to_string(), (80, 24));
    kw.wait("the frame", |screen| screen.contains("prod ▸ default ▸ pods") && screen.contains("connecting"));
    kw.send("?");
    kw.wait_for("Keys and commands");
    kw.send("\x03");
    assert_eq!(kw.wait_for_end().0, 0, "and it leaves at once");
}

#[test]
fn a_server_that_refuses_is_told_and_tried_again() {
    let dir = TempDir::new().unwrap();
    let mut kw = kw(&dir, "127.0.0.1:1", (100, 24));
    kw.wait("the badge and the cause", |screen| {
        screen.contains("↻ reconnecting") && screen.contains("refused")
    });
    kw.send("\x12");
    kw.wait_for("reconnecting");
    kw.send("q");
    assert_eq!(kw.wait_for_end().0, 0);
}

#[test]
fn no_key_is_lost_when_the_terminal_changes_its_size() {
    let dir = TempDir::new().unwrap();
    let mut kw = kw(&dir, "127.0.0.1:1", (80, 24));
    kw.wait_for("prod ▸");
    for round in 0..100 {
        kw.resize(80 + round % 7, 24);
        kw.send("?");
        kw.wait_for("Keys and commands");
        kw.resize(100 - round % 5, 24);
        kw.send("?");
        kw.wait("the table", |screen| !screen.contains("Keys and commands"));
    }
}

#[test]
fn keys_that_come_in_one_burst_are_all_taken() {
    let dir = TempDir::new().unwrap();
    let mut kw = kw(&dir, "127.0.0.1:1", (200, 24));
    kw.wait_for("prod ▸");
    let text = "abcdefghij".repeat(12);
    kw.send(&format!("/{text}"));
    kw.wait("all of it", |screen| screen.contains(&text));
    // Longer than what is read at once.
    kw.send(&"\x7f".repeat(3000));
    kw.wait("nothing of it", |screen| !screen.contains("abc"));
}
