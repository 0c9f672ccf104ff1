//! The binary in a pseudo-terminal without a cluster: input, the first frame, and who has the terminal.

#![allow(clippy::unwrap_used, reason = "a panic here is the report")]

#[allow(dead_code, reason = "shared with the tests of connecting")]
#[path = "support/connect_home.rs"]
mod connect_home;
#[allow(dead_code, reason = "shared with the tests of connecting")]
#[path = "support/connect_pki.rs"]
mod connect_pki;
#[allow(dead_code, reason = "shared with the tests of connecting")]
#[path = "support/connect_server.rs"]
mod connect_server;
#[path = "support/pty.rs"]
mod pty;

use std::net::TcpListener;
use std::path::Path;
use std::sync::mpsc;

use connect_home::{Cluster, Home};
use connect_server::{Answer, Seen, who};
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

/// `kw` on an API server of ours, as this user of a kubeconfig.
fn kw_as(home: &Home, cluster: &Cluster, user: &str) -> Pty {
    let options = home.config(&cluster.entry(), user);
    let path = options.kubeconfig.unwrap();
    let program = Path::new(env!("CARGO_BIN_EXE_kw"));
    Pty::start(program, &["--kubeconfig", path.to_str().unwrap()], &[], (140, 24))
}

/// An API server in a thread of its own: waiting for a screen would hold up one beside the test.
fn serve(respond: fn(&Seen) -> Answer) -> Cluster {
    let (sender, cluster) = mpsc::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            sender.send(Cluster::new(respond).await).unwrap();
            std::future::pending::<()>().await;
        });
    });
    cluster.recv().unwrap()
}

/// A watch on which nothing ever happens.
fn quiet_watch() -> Answer {
    Answer { owed: 1, ..Answer::json("") }
}

/// One pod, for who has the code.
fn a_pod_for_4711(seen: &Seen) -> Answer {
    match seen.path.split('?').next().unwrap() {
        _ if who(seen) != "4711" => Answer::unauthorized(),
        "/api/v1/namespaces/ns/pods" if seen.path.contains("watch=true") => quiet_watch(),
        "/api/v1/namespaces/ns/pods" => {
            let pod =
                r#"{"metadata":{"name":"web-0","namespace":"ns","uid":"1"},"status":{"phase":"Running"}}"#;
            Answer::json(format!(r#"{{"metadata":{{"resourceVersion":"7"}},"items":[{pod}]}}"#))
        }
        _ => Answer::status(404, ""),
    }
}

#[test]
fn a_plugin_that_asks_a_person_has_the_terminal_until_it_is_answered() {
    let (cluster, home) = (serve(a_pod_for_4711), Home::new());
    let plugin = home.plugin(
        "plugin",
        "printf 'one-time code: ' >&2; read code\n\
         printf '{\"apiVersion\":\"client.authentication.k8s.io/v1\",\"kind\":\"ExecCredential\",' \n\
         printf '\"status\":{\"token\":\"%s\"}}' \"$code\"",
    );
    let user = format!(
        "{{exec: {{apiVersion: client.authentication.k8s.io/v1, command: '{}', interactiveMode: Always}}}}",
        plugin.display()
    );
    let mut kw = kw_as(&home, &cluster, &user);
    kw.wait_for("one-time code:");
    assert!(!kw.on_alternate_screen(), "the interface has stepped aside");
    kw.send("47?");
    kw.wait_for("one-time code: 47?");
    kw.send("\x7f11\r");
    let screen = kw.wait_for("● live");
    assert!(kw.on_alternate_screen() && screen.contains("web-0") && !screen.contains("code"), "{screen}");
    kw.send("?");
    kw.wait_for("Keys and commands");
    kw.send("?q");
    let (code, left) = kw.wait_for_end();
    assert!(
        code == 0 && left.contains("one-time code: 4711"),
        "what was there before is there again: {left}"
    );
    assert_eq!(home.runs("plugin").len(), 1, "it was asked once");
}

#[test]
fn a_program_that_was_stopped_draws_everything_when_it_goes_on() {
    let dir = TempDir::new().unwrap();
    let mut kw = kw(&dir, "127.0.0.1:1", (80, 24));
    kw.wait_for("prod ▸");
    // As a shell leaves the terminal to which it brings the program back.
    kw.scribble("\x1b[?1049l\x1b[2J\x1b[Hsomething else");
    kw.wait_for("something else");
    let pid = rustix::process::Pid::from_raw(kw.pid() as i32).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::CONT).unwrap();
    kw.wait("the frame", |screen| screen.contains("prod ▸") && !screen.contains("something else"));
    kw.send("q");
    assert_eq!(kw.wait_for_end().0, 0);
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
