use serde_json::{Value, json};

use super::*;
use crate::demo::world::value::set;
use crate::demo::world::{Format, Load, Trouble, Voice};

const START: Moment = Moment(1_700_000_000_000);

fn world() -> World {
    let mut world = World::new(1, START);
    let voice = Voice { topic: "carts", per_minute: 60.0, last_words: &["out of ink"], ..Voice::default() };
    let behaviour = Behaviour {
        voice,
        load: Load { leak_mib: 0.0, ..Behaviour::default().load },
        ..Behaviour::default()
    };
    let ends = Behaviour { life: Life::Ends { after_ms: 10_000, exit_code: 1 }, ..behaviour.clone() };
    world.behaviours.set("web", behaviour);
    world.behaviours.set("web:broken", ends);
    world
}

fn pod(world: &mut World, image: &str, state: &Value) {
    world.insert(
        TypeId::PODS,
        json!({
            "metadata": {"name": "web-1", "namespace": "shop", "uid": "01234567-89ab-4def-8123-456789abcdef"},
            "spec": {"nodeName": "node-1", "containers": [{"name": "app", "image": image}]},
            "status": {"phase": "Running", "containerStatuses": [state]},
        }),
    );
}

fn running(world: &mut World) {
    pod(world, "web", &json!({"name": "app", "state": {"running": {"startedAt": START.rfc3339()}}}));
}

fn read(world: &World, cursor: &mut Cursor) -> (Vec<String>, Next) {
    let mut out = Vec::new();
    loop {
        let next = cursor.next(world, &mut out);
        if next != Next::Line {
            return (String::from_utf8(out).unwrap().lines().map(str::to_owned).collect(), next);
        }
    }
}

fn all(world: &World, query: &Query) -> Vec<String> {
    read(world, &mut open(world, "shop", "web-1", query).unwrap()).0
}

#[test]
fn what_was_read_once_reads_the_same_again_and_goes_on() {
    let mut world = world();
    running(&mut world);
    world.now = START.plus(30);
    let first = all(&world, &Query::default());
    world.now = START.plus(60);
    let later = all(&world, &Query::default());
    assert!(later.len() > first.len() && later[..first.len()] == first, "{} {}", first.len(), later.len());
    assert!((50..=70).contains(&later.len()), "{} lines in a minute of sixty", later.len());
}

#[test]
fn a_follower_sees_each_line_once() {
    let mut world = world();
    running(&mut world);
    let mut cursor = open(&world, "shop", "web-1", &Query::default()).unwrap();
    let mut seen = Vec::new();
    for _ in 0..40 {
        let (lines, next) = read(&world, &mut cursor);
        seen.extend(lines);
        let Next::At(at) = next else { panic!("{next:?}") };
        assert!(at > world.now);
        world.now = at;
    }
    world.now = world.now.plus_ms(-1);
    assert_eq!(seen, all(&world, &Query::default()));
}

#[test]
fn the_end_of_a_log_can_be_asked_for_alone() {
    let mut world = world();
    running(&mut world);
    world.now = START.plus(600);
    let whole = all(&world, &Query { timestamps: true, ..Query::default() });
    let tail = all(&world, &Query { tail: Some(7), timestamps: true, ..Query::default() });
    assert_eq!(whole[whole.len() - 7..], tail);
    let since = all(&world, &Query { since: Some(START.plus(590)), timestamps: true, ..Query::default() });
    assert!(!since.is_empty() && whole.ends_with(&since));
    let stamp = |line: &str| Moment::parse(line.split(' ').next().unwrap()).unwrap();
    assert!(since.iter().all(|line| stamp(line) >= START.plus(590)));
    assert!(whole.windows(2).all(|pair| stamp(&pair[0]) <= stamp(&pair[1])), "in the order of time");
}

#[test]
fn a_process_that_ends_by_itself_says_why_and_can_be_read_afterwards() {
    let mut world = world();
    let ended = json!({"exitCode": 1, "startedAt": START.rfc3339(), "finishedAt": START.plus(10).rfc3339()});
    let state = json!({"name": "app", "state": {"waiting": {"reason": "CrashLoopBackOff"}}, "lastState": {"terminated": ended}});
    pod(&mut world, "web:broken", &state);
    world.now = START.plus(60);
    let previous = all(&world, &Query { previous: true, ..Query::default() });
    assert!(previous.last().unwrap().contains("out of ink"));
    assert_eq!(previous, all(&world, &Query::default()), "between two runs");
}

#[test]
fn a_follower_hears_of_the_end() {
    let mut world = world();
    running(&mut world);
    let mut cursor = open(&world, "shop", "web-1", &Query { tail: Some(0), ..Query::default() }).unwrap();
    assert!(matches!(read(&world, &mut cursor).1, Next::At(_)));
    let key = Key::new(TypeId::PODS, "shop", "web-1");
    world.now = START.plus(5);
    world.modify(&key, |pod| {
        let end = json!({"terminated": {"startedAt": START.rfc3339(), "finishedAt": START.plus(5).rfc3339(), "exitCode": 0}});
        set(pod, "/status/containerStatuses/0/state", end);
    });
    assert_eq!(read(&world, &mut cursor).1, Next::End);
}

#[test]
fn what_cannot_be_read_is_refused_with_the_reason() {
    let mut world = world();
    pod(&mut world, "web", &json!({"name": "app", "state": {"waiting": {"reason": "ContainerCreating"}}}));
    let why = |query: &Query| open(&world, "shop", "web-1", query).unwrap_err().message;
    assert_eq!(
        why(&Query::default()),
        "container \"app\" in pod \"web-1\" is waiting to start: ContainerCreating"
    );
    let other = Query { container: Some("db".to_owned()), ..Query::default() };
    assert_eq!(why(&other), "container db is not valid for pod web-1");
    let previous = Query { previous: true, ..Query::default() };
    assert_eq!(why(&previous), "previous terminated container \"app\" in pod \"web-1\" not found");
    assert_eq!(open(&world, "shop", "none", &Query::default()).unwrap_err().code, 404);
}

/// A minute of what a voice says, a thousand lines.
fn said(voice: Voice) -> Vec<String> {
    let mut world = World::new(1, START);
    let voice = Voice { per_minute: 1_000.0, ..voice };
    world.behaviours.set("web", Behaviour { voice, ..Behaviour::default() });
    running(&mut world);
    world.now = START.plus(60);
    all(&world, &Query::default())
}

const TOPICS: &[&str] =
    &["checkout", "orders", "payments", "gateway", "worker", "database", "access", "proxy", "leak"];

#[test]
fn lines_of_json_are_json_and_have_a_time_a_level_and_a_message() {
    for topic in TOPICS {
        for line in said(Voice { format: Format::Json, topic, ..Voice::default() }) {
            let value: Value = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"));
            assert!(Moment::parse(text(&value, "/time")).is_some(), "{line}");
            assert!(matches!(text(&value, "/level"), "info" | "warn" | "error"), "{line}");
            assert!(!text(&value, "/msg").is_empty(), "{line}");
        }
    }
}

#[test]
fn other_formats_look_as_they_do_elsewhere() {
    let first = |format| said(Voice { format, topic: "proxy", ..Voice::default() }).swap_remove(0);
    assert_eq!(
        first(Format::Logfmt),
        "time=2023-11-14T22:13:20.000Z level=info msg=\"Version info\" version=v1.37.0"
    );
    let klog = first(Format::Klog);
    assert!(klog.starts_with("I1114 22:13:20.000000       1 "), "{klog}");
    assert!(klog.ends_with("] \"Version info\" version=\"v1.37.0\""), "{klog}");
    assert_eq!(first(Format::Plain), "2023-11-14 22:13:20.000 INFO  Version info version=v1.37.0");
    assert!(first(Format::Colour).contains("\x1b[32mINFO \x1b[0m Version info"));
    assert_eq!(first(Format::Bare), "Version info");
}

fn errors(voice: Voice) -> usize {
    said(Voice { format: Format::Plain, ..voice }).iter().filter(|line| line.contains(" ERROR ")).count()
}

#[test]
fn how_many_lines_are_errors_depends_on_the_trouble() {
    let of = |trouble| errors(Voice { topic: "search", trouble, ..Voice::default() });
    let (rare, often) = (of(Trouble::Rare), of(Trouble::Often));
    assert!((1..=20).contains(&rare), "{rare} errors in a thousand lines");
    assert!((200..=300).contains(&often), "{often} errors in a thousand lines");
}

#[test]
fn bursts_of_errors_come_and_go() {
    let mut world = World::new(1, START);
    let voice = Voice { topic: "search", per_minute: 60.0, trouble: Trouble::Bursts, ..Voice::default() };
    world.behaviours.set("web", Behaviour { voice, ..Behaviour::default() });
    running(&mut world);
    world.now = START.plus(3_600);
    let lines = all(&world, &Query::default());
    let bad: Vec<bool> =
        lines.chunks(20).map(|some| some.iter().filter(|l| l.contains(" ERROR ")).count() > 5).collect();
    let bursts = bad.iter().filter(|bad| **bad).count();
    assert!((5..=60).contains(&bursts), "{bursts} of {} spans", bad.len());
}

#[test]
fn a_stack_trace_is_written_line_by_line_as_it_stands() {
    let mut world = World::new(1, START);
    let voice = Voice { format: Format::Json, last_words: &["no", "|\tat main.go:7"], ..Voice::default() };
    let life = Life::Ends { after_ms: 10_000, exit_code: 2 };
    world.behaviours.set("web", Behaviour { life, voice, ..Behaviour::default() });
    let end = START.plus(10).rfc3339();
    let ended = json!({"terminated": {"exitCode": 2, "startedAt": START.rfc3339(), "finishedAt": end}});
    pod(&mut world, "web", &json!({"name": "app", "state": ended}));
    world.now = START.plus(60);
    let lines = all(&world, &Query::default());
    assert!(lines[lines.len() - 2].contains("\"level\":\"error\",\"msg\":\"no\""));
    assert_eq!(lines[lines.len() - 1], "\tat main.go:7");
    let timed = all(&world, &Query { timestamps: true, ..Query::default() });
    assert!(
        timed[timed.len() - 1].starts_with("2023-11-14T22:13:30.999"),
        "in the second of its end, the last"
    );
}

#[test]
fn times_never_go_back_even_where_a_process_ends_in_the_middle_of_a_second() {
    let mut world = world();
    pod(
        &mut world,
        "web:broken",
        &json!({"name": "app", "state": {"running": {"startedAt": START.rfc3339()}}}),
    );
    let query = Query { timestamps: true, ..Query::default() };
    let mut cursor = open(&world, "shop", "web-1", &query).unwrap();
    world.now = START.plus_ms(10_700);
    let (mut seen, _) = read(&world, &mut cursor);
    world.modify(&Key::new(TypeId::PODS, "shop", "web-1"), |pod| {
        let end =
            json!({"startedAt": START.rfc3339(), "finishedAt": START.plus(10).rfc3339(), "exitCode": 1});
        set(pod, "/status/containerStatuses/0/state", json!({"terminated": end}));
    });
    let (rest, end) = read(&world, &mut cursor);
    seen.extend(rest);
    assert_eq!(end, Next::End);
    let stamps: Vec<&str> = seen.iter().map(|line| line.split(' ').next().unwrap()).collect();
    assert!(stamps.is_sorted(), "{stamps:#?}");
    assert_eq!(seen, all(&world, &query), "and who reads it afterwards reads the same");
}
