//! The log of pods: what arrives, what is seen of it, and what keys do to that.

use std::sync::Arc;
use std::time::Duration;

use kittiwake::app::{Effect, Msg};
use kittiwake::cluster::logs::Lines;
use kittiwake::cluster::logs::{
    Containers, Ending, LogBatch, LogEvent, LogId, LogRequest, Notice, Role, Since, Source, SourceId,
    SourceState, Stamp,
};
use kittiwake::cluster::{Class, Link};

use crate::harness::{NOON, Screen, error, some_pods};

const SECOND: i64 = 1_000_000_000;

/// The log of the first pod of [`some_pods`], with two sources.
struct Log {
    screen: Screen,
    id: LogId,
    written: i64,
}

impl Log {
    fn open(size: (u16, u16)) -> Log {
        let mut screen = Screen::live("pods", size, &some_pods());
        screen.press("l");
        let id = opened(&mut screen).expect("a log is opened").0;
        let mut log = Log { screen, id, written: 0 };
        log.say(vec![
            source(0, "api-7df9c-r2m9x"),
            source(1, "api-7df9c-x8kfw"),
            LogEvent::Pods(Link::Live),
            LogEvent::Found(2),
        ]);
        log
    }

    fn say(&mut self, events: Vec<LogEvent>) {
        self.screen.tell(Msg::Logs(LogBatch { id: self.id, events }));
    }

    /// Lines arrive, a tenth of a second apart, of both sources by turns.
    fn write(&mut self, texts: &[&str]) {
        let mut lines = Lines::default();
        for text in texts {
            let at = Stamp((NOON - 600) * SECOND + self.written * SECOND / 10);
            lines.push(SourceId((self.written % 2) as u32), at, text.as_bytes());
            self.written += 1;
        }
        self.say(vec![LogEvent::Lines(lines)]);
    }

    fn write_numbers(&mut self, numbers: std::ops::Range<usize>) {
        let texts: Vec<String> = numbers.map(|n| format!("line number {n}")).collect();
        self.write(&texts.iter().map(String::as_str).collect::<Vec<_>>());
    }

    fn press(&mut self, keys: &str) {
        self.screen.press(keys);
    }

    fn text(&mut self) -> String {
        self.screen.text()
    }
}

fn source(id: u32, pod: &str) -> LogEvent {
    let source = Source {
        namespace: "payments".into(),
        pod: pod.into(),
        container: "app".into(),
        role: Role::App,
        one_of_many: false,
    };
    LogEvent::Source(SourceId(id), Arc::new(source))
}

/// The log that was opened last.
fn opened(screen: &mut Screen) -> Option<(LogId, LogRequest)> {
    let opened = |effect: &Effect| match effect {
        Effect::OpenLogs(id, request) => Some((*id, request.clone())),
        _ => None,
    };
    screen.take_effects().iter().rev().find_map(opened)
}

fn story(log: &mut Log) {
    log.write(&[
        r#"{"ts":"2026-11-24T11:50:00Z","level":"info","msg":"listening","port":8080}"#,
        r#"{"ts":"2026-11-24T11:50:00Z","level":"debug","msg":"cache warmed","entries":1200,"took":"31ms"}"#,
        "level=warn msg=\"retrying\" attempt=3 upstream=cart",
        r#"{"level":"error","msg":"request failed","path":"/checkout","status":502,"took":"3012ms","user":"alice b"}"#,
        "E1124 11:50:00.221000       1 pod.go:42] \"Sync failed\" pod=\"shop/web-1\" err=\"no such host\"",
        "\u{1b}[32mgreen\u{1b}[0m and \u{1b}[2Jplain, \r with bytes \u{7} of all sorts, 左右",
        "Traceback (most recent call last):",
        "  File \"main.py\", line 7, in <module>",
    ]);
    let end = Ending::Terminated { reason: "OOMKilled".into(), code: 137 };
    log.say(vec![
        LogEvent::Notice(SourceId(0), Notice::State(SourceState::Ended(end))),
        LogEvent::Notice(SourceId(1), Notice::State(SourceState::Waiting("CrashLoopBackOff".into()))),
        LogEvent::Notice(
            SourceId(1),
            Notice::State(SourceState::Refused(error(
                Class::Forbidden,
                "reading logs is forbidden for alice",
            ))),
        ),
    ]);
}

#[test]
fn lines_of_every_form_are_readable_at_80_columns() {
    let mut log = Log::open((80, 24));
    story(&mut log);
    insta::assert_snapshot!(log.text());
}

#[test]
fn lines_of_every_form_are_readable_at_200_columns() {
    let mut log = Log::open((200, 50));
    story(&mut log);
    insta::assert_snapshot!(log.text());
}

#[test]
fn long_lines_are_broken_on_w_and_scrolled_sideways_otherwise() {
    let mut log = Log::open((80, 14));
    let long: String = (0..400).map(|n| format!("{n} ")).collect();
    log.write(&["before", &long, "behind"]);
    assert!(log.text().contains('…'), "what is cut says so");
    log.press("w");
    insta::assert_snapshot!(log.text());
    log.press("w right right");
    assert!(!log.text().contains(" 0 1 2") && log.text().contains(" 20 21 "), "{}", log.text());
    log.press("left left left");
    assert!(log.text().contains(" 0 1 2"));
}

#[test]
fn a_line_of_a_megabyte_is_a_line_like_others() {
    let mut log = Log::open((80, 24));
    let long = "x".repeat(1 << 20);
    log.write(&["before", &long, "behind"]);
    assert!(log.text().contains("before") && log.text().contains("behind"));
    log.press("w");
    assert!(log.text().contains("before") && log.text().contains("behind"), "{}", log.text());
    log.press("r");
    assert!(log.text().contains("behind"));
}

#[test]
fn l_on_a_pod_opens_all_its_containers_and_on_a_container_that_one() {
    let mut screen = Screen::live("pods", (100, 12), &some_pods());
    screen.press("l");
    let (_, request) = opened(&mut screen).unwrap();
    assert_eq!(request.pods[0].fields, "metadata.name=api-66b47-2q6h2");
    assert_eq!((request.containers, request.previous, request.follow), (Containers::All, false, true));
    assert!(screen.shows("prod ▸ all namespaces ▸ pods ▸ api-66b47-2q6h2 ▸ logs"), "{}", screen.text());
    screen.press("esc enter");
    assert!(matches!(screen.take_effects().first(), Some(Effect::CloseLogs(_))));
    screen.sync(&some_pods()[..1]);
    screen.press("j p");
    let (_, request) = opened(&mut screen).unwrap();
    assert_eq!(request.pods[0].kind.plural, "pods");
    assert_eq!((request.containers, request.previous), (Containers::Named("proxy".into()), true));
    assert!(screen.shows("▸ proxy ▸ previous logs"));
}

#[test]
fn l_says_where_there_are_no_logs() {
    let event = serde_json::json!({
        "metadata": {"name": "e.1", "namespace": "shop", "uid": crate::harness::uid(9)},
        "involvedObject": {"kind": "Node", "name": "node-1"}, "reason": "Rebooted", "message": "again",
    });
    let mut screen = Screen::live("events", (100, 12), &[event]);
    screen.press("l");
    assert!(screen.shows("event e.1 has no logs of its own"), "{}", screen.text());
}

#[test]
fn while_paused_lines_are_kept_and_counted_and_what_is_in_sight_stays() {
    let mut log = Log::open((100, 12));
    log.write_numbers(0..100);
    assert!(log.text().contains("▶ following · 2 pods · 100 lines"), "{}", log.text());
    assert!(log.text().contains("line number 99"));
    log.press("f");
    log.write_numbers(100..1304);
    let text = log.text();
    assert!(text.contains("‖ paused, 1,204 new") && text.contains("▌"), "{text}");
    assert!(text.contains("line number 99") && !text.contains("line number 100"), "{text}");
    log.press("j");
    assert!(log.text().contains("line number 100"));
    log.press("G");
    assert!(log.text().contains("▶ following") && log.text().contains("line number 1303"));
    log.press("k");
    assert!(log.text().contains("‖ paused, 0 new"));
    log.press("g");
    assert!(log.screen.highlighted().contains("line number 0"));
    log.press("ctrl-f");
    assert!(log.screen.highlighted().contains("line number 8"), "{}", log.screen.highlighted());
}

#[test]
fn earlier_lines_are_asked_for_at_the_top_and_put_in_front() {
    let mut log = Log::open((100, 12));
    log.write_numbers(10..30);
    log.press("g");
    log.screen.take_effects();
    log.press("k k");
    assert_eq!(log.screen.take_effects(), [Effect::EarlierLogs(log.id, 1_000)], "it is asked once");
    assert!(log.text().contains("reading earlier lines"));
    let mut lines = Lines::default();
    (0..10).for_each(|n| lines.push(SourceId(0), Stamp(0), format!("line number {n}").as_bytes()));
    log.say(vec![LogEvent::Earlier { lines, complete: true }]);
    assert!(log.screen.highlighted().contains("line number 10"), "what was in sight stays");
    log.press("k");
    assert!(log.screen.highlighted().contains("line number 9"));
    log.press("g k");
    assert!(log.text().contains("this is where the log begins"));
    assert_eq!(log.screen.take_effects(), []);
}

#[test]
fn a_filter_sees_all_lines_and_is_applied_while_it_is_typed() {
    let mut log = Log::open((100, 12));
    log.write(&["level=error msg=lost status=502", "level=info msg=fine status=200"]);
    log.write_numbers(0..2_000);
    log.press("/");
    log.screen.type_text("level>=warn");
    let text = log.text();
    assert!(text.contains("ERROR lost") && !text.contains("line number"), "{text}");
    assert!(text.contains("1 found") && text.contains("level>=warn  1 shown"), "{text}");
    log.press("enter esc");
    assert!(log.text().contains("line number 1999"));
    log.press("/");
    log.screen.type_text("!number status>=500");
    log.press("enter");
    assert!(log.text().contains("ERROR lost") && !log.text().contains("fine"));
    log.write(&["level=error msg=again status=503"]);
    assert!(log.text().contains("again"), "what arrives is filtered too");
}

#[test]
fn a_filter_that_cannot_be_read_says_so_where_it_is_typed() {
    let mut log = Log::open((100, 12));
    log.write_numbers(0..5);
    log.press("/");
    log.screen.type_text("/number [");
    insta::assert_snapshot!(log.text());
    log.press("esc");
    assert!(log.text().contains("line number 4"));
}

#[test]
fn x_shows_what_stands_around_matches() {
    let mut log = Log::open((100, 24));
    log.write_numbers(0..50);
    log.press("/");
    log.screen.type_text("/number 25/");
    log.press("enter");
    assert!(!log.text().contains("number 24"));
    log.press("x");
    let text = log.text();
    assert!(
        text.contains("number 22") && text.contains("number 28") && !text.contains("number 21"),
        "{text}"
    );
    assert!(text.contains("±3"));
    log.press("x x");
    assert!(!log.text().contains("number 24"));
}

#[test]
fn a_search_finds_lines_with_n_and_shift_n() {
    let mut log = Log::open((100, 12));
    log.write_numbers(0..300);
    log.press("s");
    log.screen.type_text("/number .*77/");
    log.press("enter");
    assert!(log.screen.highlighted().contains("line number 277"));
    assert!(log.text().contains("search /number .*77/  3 found"), "{}", log.text());
    log.press("N");
    assert!(log.screen.highlighted().contains("line number 177"));
    log.press("N N");
    assert!(log.screen.highlighted().contains("line number 77"));
    assert!(log.text().contains("is found no further above"));
    log.press("n");
    assert!(log.screen.highlighted().contains("line number 177"));
}

#[test]
fn times_are_local_or_utc_or_relative_or_none() {
    let mut log = Log::open((100, 12));
    log.write(&["hello"]);
    assert!(log.screen.line("hello").contains("12:50:00.000 "));
    log.press("t");
    assert!(log.screen.line("hello").contains("11:50:00.000Z"));
    log.press("t");
    assert!(log.screen.line("hello").contains(" 10m "));
    log.screen.pass(60);
    assert!(log.screen.line("hello").contains(" 11m "), "{}", log.screen.line("hello"));
    log.press("t o");
    assert_eq!(log.screen.line("hello").trim(), "hello");
}

#[test]
fn the_day_is_told_where_it_is_not_only_today() {
    let mut log = Log::open((100, 12));
    log.write(&["today"]);
    assert!(log.screen.line(" today").starts_with(" 12:50:00.000 "));
    let mut lines = Lines::default();
    lines.push(SourceId(0), Stamp((NOON - 86_400) * SECOND), b"yesterday");
    log.say(vec![LogEvent::Earlier { lines, complete: false }]);
    assert!(log.screen.line("yesterday").starts_with(" 11-22 13:00:00.000 "), "{}", log.text());
    assert!(log.screen.line(" today").starts_with(" 11-23 12:50:00.000 "));
    assert!(
        log.screen.line("█").ends_with(" 12:50"),
        "the histogram ends where the lines do: {}",
        log.text()
    );
}

#[test]
fn how_far_back_is_chosen_from_a_list() {
    let mut log = Log::open((100, 20));
    log.write_numbers(0..5);
    log.press("S");
    insta::assert_snapshot!(log.text());
    log.screen.take_effects();
    log.press("2");
    let effects = log.screen.take_effects();
    assert_eq!(effects[0], Effect::CloseLogs(log.id));
    let Effect::OpenLogs(id, request) = &effects[1] else { panic!("{effects:?}") };
    assert!(*id != log.id && request.since == Since::Ago(Duration::from_secs(300)));
    assert!(log.text().contains("since 5m") && !log.text().contains("line number"));
}

#[test]
fn marked_lines_are_copied_as_they_were_written() {
    let mut log = Log::open((100, 12));
    log.write(&["level=info msg=one", "level=info msg=two", "level=info msg=three"]);
    log.screen.take_effects();
    log.press("c");
    assert_eq!(log.screen.take_effects(), [Effect::Copy("level=info msg=three".into())]);
    log.press("g m j");
    assert!(log.text().contains('┃'), "{}", log.text());
    log.press("c");
    let both = "level=info msg=one\nlevel=info msg=two";
    assert_eq!(log.screen.take_effects(), [Effect::Copy(both.into())]);
    assert!(log.text().contains("copied 2 lines"));
}

#[test]
fn all_or_what_matches_is_saved() {
    let mut log = Log::open((100, 16));
    log.write_numbers(0..30);
    log.screen.take_effects();
    log.press("ctrl-s");
    let [Effect::Save { name, text, what }] = &log.screen.take_effects()[..] else { panic!() };
    assert_eq!((&**name, &**what), ("api-66b47-2q6h2-20261123T120000Z.log", "30 lines"));
    let text = String::from_utf8_lossy(text).into_owned();
    assert!(text.starts_with("2026-11-23T11:50:00.000000000Z api-7df9c-r2m9x line number 0\n"), "{text}");
    log.press("/");
    log.screen.type_text("/number 7$/");
    log.press("enter ctrl-s");
    assert!(log.text().contains("what matches") && log.text().contains("everything"));
    log.press("enter");
    let [Effect::Save { what, .. }] = &log.screen.take_effects()[..] else { panic!() };
    assert_eq!(what, "1 line");
}

#[test]
fn a_connection_that_is_down_is_said_and_lines_stay() {
    let mut log = Log::open((120, 12));
    log.write_numbers(0..5);
    let down = error(Class::Unreachable, "connection refused");
    log.say(vec![LogEvent::Pods(Link::Interrupted { error: down.clone(), retry_in_ms: 1000 })]);
    assert!(log.text().contains("↻ reconnecting: unreachable") && log.text().contains("line number 4"));
    log.say(vec![
        LogEvent::Pods(Link::Live),
        LogEvent::Notice(
            SourceId(0),
            Notice::State(SourceState::Interrupted { error: down, retry_in_ms: 1000 }),
        ),
    ]);
    assert!(log.text().contains("↻ reconnecting 1 stream"));
}

#[test]
fn an_empty_log_says_why() {
    let mut screen = Screen::live("pods", (100, 12), &some_pods());
    screen.press("l");
    assert!(screen.shows("connecting …"));
    let (id, _) = opened(&mut screen).unwrap();
    let mut say = |events| screen.tell(Msg::Logs(LogBatch { id, events }));
    say(vec![LogEvent::Found(0)]);
    say(vec![LogEvent::Pods(Link::Refused(error(Class::Forbidden, "watching pods is forbidden for alice")))]);
    assert!(screen.shows("✗ watching pods is forbidden for alice"));
}

#[test]
fn a_log_goes_on_while_its_help_is_read_and_ends_where_a_table_lies_over_it() {
    let mut log = Log::open((100, 60));
    log.write_numbers(0..5);
    log.press("?");
    insta::assert_snapshot!(log.text());
    log.write_numbers(5..9);
    log.press("esc");
    assert!(log.text().contains("line number 8"));
    log.screen.take_effects();
    log.press(":");
    log.screen.type_text("pods");
    log.press("enter");
    assert!(log.screen.take_effects().contains(&Effect::CloseLogs(log.id)));
    log.press("esc");
    assert!(opened(&mut log.screen).is_some_and(|(id, _)| id != log.id), "and is read anew below");
}

#[test]
fn nothing_is_drawn_while_nothing_changes_and_frames_of_a_flood_have_time() {
    let mut log = Log::open((100, 12));
    log.write_numbers(0..5);
    log.text();
    assert!(!log.screen.app.is_dirty() && log.screen.app.next_wake().is_none());
    let mut lines = Lines::default();
    lines.push(SourceId(0), Stamp(NOON * SECOND), b"one more");
    let batch = LogBatch { id: log.id, events: vec![LogEvent::Lines(lines)] };
    log.screen.app.update(Msg::Logs(batch), kittiwake::resources::Time(NOON));
    assert!(log.screen.app.is_dirty() && log.screen.app.is_calm());
    log.screen.app.update(Msg::Key("f".parse().unwrap()), kittiwake::resources::Time(NOON));
    assert!(log.screen.app.is_dirty() && !log.screen.app.is_calm(), "a key is answered at once");
}

#[test]
fn a_filter_over_many_lines_is_answered_in_slices() {
    let mut log = Log::open((100, 12));
    let padding = "x".repeat(1_000);
    let texts: Vec<String> = (0..4_000).map(|n| format!("line number {n} {padding}")).collect();
    log.write(&texts.iter().map(String::as_str).collect::<Vec<_>>());
    log.press("/");
    log.screen.type_text("/number \\d*00 /");
    assert!(log.screen.app.is_busy(), "it does not hold up the next key");
    assert!(log.text().contains("line number 3900"), "the newest are looked at first: {}", log.text());
    while log.screen.app.is_busy() {
        log.screen.tell(Msg::Work);
    }
    assert!(log.text().contains("39 found"), "{}", log.text());
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]
    #[test]
    fn no_keys_and_no_lines_in_any_order_break_it(
        steps in proptest::collection::vec(0usize..34, 1..60),
        size in (20u16..120, 4u16..30),
    ) {
        const KEYS: [&str; 26] = [
            "j", "k", "g", "G", "ctrl-f", "ctrl-b", "f", "w", "r", "t", "o", "m", "c", "x", "n", "N", "left", "right",
            "/", "s", "enter", "backspace", "1", "ctrl-s", "S", "space",
        ];
        let mut log = Log::open(size);
        for step in steps {
            match step {
                26 => log.write(&["level=error msg=\"1 左右\" a=1", "", "\u{1b}[31mred"]),
                27 => log.write_numbers(0..40),
                28 => log.screen.resize(20 + log.written as u16 % 90, 4 + log.written as u16 % 20),
                29 => {
                    let lines = (0..9).map(|n| kittiwake::cluster::logs::LineRef {
                        source: SourceId(0),
                        at: Stamp(n),
                        text: b"earlier 1",
                    });
                    log.say(vec![LogEvent::Earlier { lines: lines.collect(), complete: false }]);
                }
                30 => log.write(&["x".repeat(5_000).as_str()]),
                31 => log.screen.tell(Msg::Work),
                32 => log.screen.pass(1),
                33 => log.press("esc"),
                key => log.press(KEYS[key]),
            }
            if let Some((id, _)) = opened(&mut log.screen) {
                log.id = id;
                log.say(vec![source(0, "api-7df9c-r2m9x"), source(1, "api-7df9c-x8kfw")]);
            }
            log.text();
        }
    }
}
