//! What the frame says of the connection, and when the screen changes by itself.

use kittiwake::app::{Effect, Level, Msg, Scope};
use kittiwake::cluster::{Class, Link};

use crate::harness::{Screen, error, pod, some_pods};

#[test]
fn rows_stay_through_an_interruption_and_their_age_is_told() {
    let mut screen = Screen::live("pods", (110, 12), &some_pods());
    screen
        .link(Link::Interrupted { error: error(Class::Unreachable, "connection refused"), retry_in_ms: 800 });
    screen.pass(12);
    assert!(screen.line("▸").contains("↻ reconnecting, data 12s old: unreachable"));
    assert!(screen.shows("api-66b47-2q6h2"));
    screen.link(Link::Live);
    assert!(screen.line("▸").contains("● live"));
}

#[test]
fn rows_that_cannot_be_watched_say_so_and_how_often_they_are_listed() {
    let mut screen = Screen::live("pods", (150, 12), &some_pods());
    let why = error(Class::Forbidden, "watching pods in all of the cluster is forbidden for alice");
    let polled = Link::Polled { error: why, every_ms: 30_000 };
    screen.link(polled.clone());
    assert!(screen.line("▸").contains("◷ not live, listed every 30s: forbidden"), "{}", screen.text());
    assert!(screen.shows("not live: watching pods in all of the cluster is forbidden for alice"));
    assert!(screen.shows("api-66b47-2q6h2"));
    screen.pass(30);
    screen.link(polled.clone());
    assert!(!screen.shows("not live: watching"), "said once");
    screen.pass(10);
    screen
        .link(Link::Interrupted { error: error(Class::Unreachable, "connection refused"), retry_in_ms: 800 });
    assert!(screen.line("▸").contains("data 10s old"), "as old as the last list: {}", screen.text());
    screen.sync(&[]);
    screen.link(polled);
    screen.pass(30);
    assert!(screen.line("no pods").contains("not live: watching pods"), "{}", screen.text());
}

#[test]
fn a_connection_that_cannot_be_made_says_why_and_ctrl_r_tries_again() {
    let mut screen = Screen::start("pods", Scope::All, (110, 12));
    let failure = error(Class::Credentials, "the plugin aws-login failed: token expired");
    screen.tell(Msg::NotConnected { error: failure, retry_in_ms: Some(800) });
    insta::assert_snapshot!(screen.text());
    screen.take_effects();
    screen.press("ctrl-r");
    assert_eq!(screen.take_effects(), [Effect::RetryNow]);
}

#[test]
fn an_old_screen_wants_no_wake_but_for_its_ages() {
    let screen = Screen::live("pods", (110, 12), &[pod(1, "a", "b", 9 * 86_400)]);
    let wake = screen.app.next_wake().unwrap().0 - screen.now;
    assert_eq!(wake, 86_400, "an age in days changes with the day");
    let mut screen = Screen::live("pods", (110, 12), &[]);
    screen.pass(3600);
    assert_eq!(screen.app.next_wake(), None);
}

#[test]
fn a_change_out_of_sight_does_not_draw() {
    let pods: Vec<_> = (0..200).map(|n| pod(n + 1, "ns", &format!("pod-{n:03}"), 9 * 86_400)).collect();
    let mut screen = Screen::live("pods", (110, 12), &pods);
    let (watch, selection) = screen.watching();
    let mut changed = pod(151, "ns", "pod-150", 9 * 86_400);
    changed["status"]["podIPs"][0]["ip"] = "10.64.9.9".into();
    let rows = screen.rows(selection.kind, &[changed]);
    let deltas = rows.into_iter().map(kittiwake::cluster::Delta::Upsert).collect();
    let now = kittiwake::resources::Time(screen.now);
    screen.app.update(Msg::Batch(kittiwake::cluster::Batch { watch, deltas }), now);
    assert!(!screen.app.is_dirty());
    screen.press("/");
    screen.type_text("pod-150");
    assert!(screen.shows("10.64.9.9"), "but it is there: {}", screen.text());
}

#[test]
fn a_message_stands_for_some_seconds_and_is_kept() {
    let mut screen = Screen::live("pods", (110, 12), &some_pods());
    screen.tell(Msg::Notice(Level::Info, "hello there".into()));
    assert!(screen.shows("hello there"));
    screen.pass(6);
    assert!(!screen.shows("hello there"));
    screen.press(":");
    screen.type_text("messages");
    screen.press("enter");
    assert!(screen.line("hello there").contains("6s ago"));
}

#[test]
fn what_cannot_be_shown_does_no_harm_to_the_terminal() {
    let mut screen = Screen::live("pods", (110, 12), &[pod(1, "a", "evil\u{1b}[2Jname", 5)]);
    assert!(screen.shows("evil·[2Jname"));
}

#[test]
fn help_is_made_from_the_table_of_keys() {
    let mut screen = Screen::live("pods", (100, 40), &some_pods());
    screen.press("?");
    insta::assert_snapshot!(screen.text());
    screen.press("esc");
    assert!(screen.shows("api-66b47"));
}

#[test]
fn an_unknown_command_is_answered_with_its_neighbours() {
    let mut screen = Screen::live("pods", (100, 12), &some_pods());
    screen.press(":");
    screen.type_text("pdos");
    screen.press("enter");
    assert!(screen.shows("there is no kind or command \"pdos\"; near to it: pods"));
}

#[test]
fn hints_are_given_only_for_what_does_something_on_the_highlighted_row() {
    let mut screen = Screen::live("pods", (110, 12), &some_pods());
    let hints = screen.line("? help");
    assert!(hints.contains("enter open") && hints.contains("l logs"), "{hints}");
    let event = serde_json::json!({
        "metadata": {"name": "e.1", "namespace": "shop", "uid": "u"},
        "involvedObject": {"kind": "Node", "name": "node-1"}, "reason": "Rebooted", "message": "again",
    });
    let mut screen = Screen::live("events", (110, 12), &[event]);
    let hints = screen.line("? help");
    assert!(hints.contains("enter open") && !hints.contains("l logs"), "an event has no logs: {hints}");
}

#[test]
fn hints_are_left_out_rather_than_cut() {
    let mut screen = Screen::live("pods", (110, 12), &some_pods());
    for width in 30..110 {
        screen.resize(width, 12);
        let hints = screen.line("? help");
        assert!(!hints.contains('…'), "{width}: {hints}");
    }
}

#[test]
fn a_count_is_left_out_rather_than_cut() {
    let mut screen = Screen::live("pods", (110, 12), &some_pods());
    screen.press("ctrl-z");
    let whole = screen.line("unhealthy only");
    screen.resize(50, 12);
    let narrow = screen.line("unhealthy only");
    assert!(whole.contains("healthy") && !narrow.contains('…'), "{whole}\n{narrow}");
    assert!(narrow.contains("failing"), "what is urgent stays: {narrow}");
}
