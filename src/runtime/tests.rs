//! The interface when the program itself is at fault. There is no way to make the program panic, so these tests run
//! themselves once more in a pseudo-terminal, with a kind that does not keep to the rules.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;

use super::*;
use crate::resources::{Interner, Kind, Row};

#[path = "../../tests/support/pty.rs"]
mod pty;

use pty::Pty;

/// Says which of the programs below to be, and where the server is.
const ROLE: &str = "KW_TEST_ROLE";
const SERVER: &str = "KW_TEST_SERVER";

/// Runs the test binary once more, in a terminal and as this program.
fn program(role: &str, server: &str) -> Pty {
    let this = std::env::current_exe().unwrap();
    let test = "runtime::tests::not_a_test_but_the_programs_under_test";
    Pty::start(&this, &["--exact", test, "--nocapture"], &[(ROLE, role), (SERVER, server)], (120, 20))
}

#[test]
fn not_a_test_but_the_programs_under_test() {
    let role = std::env::var(ROLE).unwrap_or_default();
    let pods = resources::find("pods").unwrap();
    match &*role {
        // Drawing the name of the column that sorts fails.
        "draws" => interface(Kind { sort: Some((usize::MAX, false)), ..*pods }),
        "decodes" => interface(Kind { decode: panics, ..*pods }),
        _ => {}
    }
}

fn panics(_: &[u8], _: &mut Interner, _: &mut Vec<Box<dyn Row>>) -> Result<(), serde_json::Error> {
    panic!("there is no such thing")
}

/// The interface as [`run`] begins it, on a kind of our own.
fn interface(kind: Kind) {
    let path = std::env::temp_dir().join(format!("kw-test-{}", std::process::id()));
    let server = std::env::var(SERVER).unwrap();
    let config = format!(
        "clusters: [{{name: c, cluster: {{server: 'http://{server}'}}}}]\nusers: [{{name: u, user: {{}}}}]\n\
         contexts: [{{name: here, context: {{cluster: c, user: u}}}}]\ncurrent-context: here\n"
    );
    std::fs::write(&path, config).unwrap();
    let options = Options { kubeconfig: Some(path.clone()), ..Options::default() };
    let kubeconfig = Kubeconfig::load(&options).unwrap();
    std::fs::remove_file(path).unwrap();
    let start = Start {
        kind: Box::leak(Box::new(kind)),
        scope: app::Scope::All,
        filter: String::new(),
        context: "here".into(),
        contexts: contexts(&kubeconfig),
        theme: Theme::load("plain", Depth::None).unwrap(),
        depth: Depth::None,
        zone: jiff::tz::TimeZone::UTC,
        hint: None,
        tempo: Tempo::default(),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(interactive(start, Driver::new(kubeconfig, options), 60)).unwrap();
}

#[test]
fn a_panic_gives_the_terminal_back_and_is_reported() {
    let mut kw = program("draws", "127.0.0.1:1");
    let (code, screen) = kw.wait_for_end();
    assert_ne!(code, 0);
    assert!(!kw.on_alternate_screen(), "{screen}");
    assert!(screen.contains("kw: a mistake in kw ended it; please report this: panicked at src"), "{screen}");
    assert!(screen.contains("index out of bounds"), "{screen}");
    let begins = |line: &str| line.starts_with("index out of bounds");
    assert!(screen.lines().any(begins), "lines begin at the left, as they do when it is not raw: {screen}");
}

/// A server that lists one pod, and sends nothing more.
fn server_of_one_pod() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    std::thread::spawn(move || {
        let mut open = Vec::new();
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut line = String::new();
            BufReader::new(stream.try_clone().unwrap()).read_line(&mut line).unwrap();
            let list =
                r#"{"metadata":{"resourceVersion":"7"},"items":[{"metadata":{"name":"a","namespace":"b"}}]}"#;
            let body = if line.contains("watch=true") { "" } else { list };
            let length = if body.is_empty() { 1000 } else { body.len() };
            let head = format!("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n");
            stream.write_all((head + body).as_bytes()).unwrap();
            open.push(stream);
        }
    });
    address
}

#[test]
fn a_panic_that_is_caught_leaves_the_screen_alone() {
    let mut kw = program("decodes", &server_of_one_pod());
    let screen = kw.wait_for("● live, 1 not readable");
    assert!(kw.on_alternate_screen());
    assert!(screen.contains("pod b/a cannot be read: a mistake in kw: there is no such thing"), "{screen}");
    assert!(!screen.contains("panicked at"), "{screen}");
    kw.send("?");
    kw.wait_for("Keys and commands");
    kw.send("\x03");
    assert_eq!(kw.wait_for_end().0, 0);
}
