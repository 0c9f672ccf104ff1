//! The binary in a pseudo-terminal, reading logs of the embedded cluster: from a release that hangs to the line that
//! says why, and what leaves the screen.

#![allow(clippy::unwrap_used, reason = "a panic here is the report")]

#[path = "support/pty.rs"]
mod pty;

use std::path::Path;

use pty::Pty;
use tempfile::TempDir;

/// `kw demo` with a release that hangs, in a folder of its own, at the deployment that does.
fn bad_rollout(dir: &TempDir, env: &[(&str, &str)], size: (u16, u16)) -> Pty {
    let kw = env!("CARGO_BIN_EXE_kw");
    let command = format!("cd '{}' && exec '{kw}' demo --scenario bad-rollout", dir.path().display());
    let mut kw = Pty::start(Path::new("/bin/sh"), &["-c", &command], env, size);
    kw.wait_for("● live");
    kw.send(":deploy shop /checkout\r");
    kw.wait("the deployment", |screen| screen.contains("▌ ◐ checkout"));
    kw
}

/// Opens the log, and waits until there is something in it.
fn open_log(kw: &mut Pty) -> String {
    kw.send("l");
    kw.wait("lines", |screen| screen.contains("▶ following · 5 pods") && screen.contains(" INFO ")).0
}

#[test]
fn a_release_that_hangs_is_found_and_its_log_says_why() {
    let dir = TempDir::new().unwrap();
    let mut kw = bad_rollout(&dir, &[], (120, 30));
    let screen = open_log(&mut kw);
    assert!(screen.contains("shop ▸ deployments ▸ checkout ▸ logs"), "{screen}");
    kw.send("/level>=fatal\r");
    kw.wait_for("FATAL invalid configuration");
    kw.send("x");
    kw.wait("what led to it", |screen| screen.contains("ERROR payments client: configuration key"));
    kw.send("\x1b");
    kw.wait("no filter", |screen| !screen.contains("shown"));
    kw.send("q\r");
    kw.wait("its pods", |screen| screen.contains("CrashLoopBackOff"));
    kw.send("/CrashLoop\rp");
    let screen = kw.wait_for("FATAL invalid configuration");
    assert!(screen.contains("▸ previous logs"), "{screen}");
    assert!(screen.contains("goroutine 1 [running]"), "{screen}");
    kw.send("p");
    kw.wait("the current run", |screen| screen.contains("▸ logs") && screen.contains("lines"));
    kw.send("\x03");
    assert_eq!(kw.wait_for_end().0, 0);
}

#[test]
fn a_log_is_saved_to_a_file_that_says_who_wrote_what_when() {
    let dir = TempDir::new().unwrap();
    let mut kw = bad_rollout(&dir, &[], (160, 30));
    open_log(&mut kw);
    kw.send("/level>=fatal\r");
    kw.wait_for("FATAL invalid configuration");
    kw.send("\x13");
    kw.wait_for("what matches");
    kw.send("1");
    kw.wait_for("saved ");
    let file = std::fs::read_dir(dir.path()).unwrap().next().unwrap().unwrap().path();
    assert!(file.file_name().unwrap().to_str().unwrap().starts_with("checkout-"), "{}", file.display());
    let text = std::fs::read_to_string(file).unwrap();
    assert!(text.lines().count() > 0 && text.lines().all(|line| line.contains("invalid config")), "{text}");
    assert!(text.contains("Z checkout-"), "{text}");
}

#[test]
fn a_pager_has_the_terminal_until_it_ends() {
    let dir = TempDir::new().unwrap();
    let pager = "sh -c 'echo; echo the pager has it; grep -c checkout \"$0\"; read answer'";
    let mut kw = bad_rollout(&dir, &[("PAGER", pager)], (120, 30));
    open_log(&mut kw);
    kw.send("P");
    kw.wait_for("the pager has it");
    assert!(!kw.on_alternate_screen());
    kw.send("\r");
    kw.wait_for("▶ following");
    assert!(kw.on_alternate_screen());
    kw.send("\x03");
    assert_eq!(kw.wait_for_end().0, 0);
}

#[test]
fn a_pager_that_there_is_not_is_told() {
    let dir = TempDir::new().unwrap();
    let mut kw = bad_rollout(&dir, &[("PAGER", "no-such-pager")], (120, 30));
    open_log(&mut kw);
    kw.send("P");
    kw.wait_for("$PAGER (no-such-pager) does not run: it is not found");
    assert!(kw.on_alternate_screen());
}

/// How many lines have come since the log was paused, as its badge says.
fn new_lines(screen: &str) -> Option<usize> {
    let count = screen.split("‖ paused, ").nth(1)?.split(' ').next()?;
    count.replace(',', "").parse().ok()
}

#[test]
fn keys_are_answered_while_lines_pour_in_and_what_is_looked_at_stays() {
    let kw = Path::new(env!("CARGO_BIN_EXE_kw"));
    let mut kw = Pty::start(kw, &["demo", "--scenario", "noisy"], &[], (160, 30));
    kw.wait_for("● live");
    kw.send(":ns\r");
    kw.wait("the namespaces", |screen| screen.contains("staging"));
    kw.send("/staging\r");
    kw.wait("one namespace", |screen| screen.contains("1 shown"));
    kw.send("l");
    kw.wait("lines", |screen| screen.contains("▶ following") && screen.contains(" INFO "));
    kw.send("f");
    let (paused, _) = kw.wait("a pause", |screen| new_lines(screen).is_some());
    let line = paused.lines().nth(15).unwrap().to_owned();
    let more = |screen: &str| new_lines(screen).is_some_and(|new| new > 1_000);
    let (later, _) = kw.wait("a thousand more", more);
    assert_eq!(later.lines().nth(15), Some(&*line), "what is looked at stays");
    kw.send("/level>=error\r");
    kw.wait("errors", |screen| screen.contains("level>=error  ") && !screen.contains(" INFO "));
    kw.send("G");
    kw.wait_for("▶ following");
    kw.send("\x03");
    assert_eq!(kw.wait_for_end().0, 0);
}
