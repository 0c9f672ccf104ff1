//! A server that has a log which grows, and whose connections are cut wherever chance will have it: every line is to
//! arrive exactly once.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use kittiwake::cluster::logs::{LogTuning, Stamp};
use proptest::collection::vec;
use proptest::prelude::*;
use tokio::time::timeout;

use crate::rig::{Rig, everything, pod};
use crate::server::Asked;

/// How an answer ends.
#[derive(Debug, Clone)]
enum Fate {
    /// The connection breaks after so many bytes.
    Cut(usize),
    /// The server ends it after so many bytes, as if that were all.
    End(usize),
    /// There is no answer, but this code.
    Refused(u16),
    /// There is no connection.
    Unreachable,
}

/// What the container has written: times and texts.
type Written = Arc<Mutex<Vec<(i64, String)>>>;

/// The bytes that the kubelet sends of the lines from this second on.
fn bytes(written: &Written, since: Option<&str>) -> Vec<u8> {
    let since = since.map_or(i64::MIN, |since| Stamp::parse(since.replace("%3A", ":").as_bytes()).unwrap().0);
    let mut out = Vec::new();
    for (at, text) in written.lock().unwrap().iter().filter(|(at, _)| *at >= since) {
        Stamp(*at).write(&mut out);
        out.extend_from_slice(format!(" {text}\n").as_bytes());
    }
    out
}

async fn answer(asked: Asked, fate: &Fate, written: &Written) {
    let all = bytes(written, asked.query("sinceTime"));
    match fate {
        Fate::Refused(code) => asked.refuse(*code, "not now").await,
        Fate::Unreachable => drop(asked),
        Fate::End(at) => drop(asked.ok().send(&all[..*at % (all.len() + 1)]).await),
        Fate::Cut(at) => {
            let flow = asked.ok();
            flow.send(&all[..*at % (all.len() + 1)]).await;
            flow.cut().await;
        }
    }
}

fn fate() -> impl Strategy<Value = Fate> {
    prop_oneof![
        6 => any::<usize>().prop_map(Fate::Cut),
        3 => any::<usize>().prop_map(Fate::End),
        1 => proptest::sample::select(vec![500u16, 503, 429, 400]).prop_map(Fate::Refused),
        1 => Just(Fate::Unreachable),
    ]
}

/// Steps in time between two lines, in nanoseconds: many are equal, some step back.
fn steps() -> impl Strategy<Value = Vec<i64>> {
    vec(prop_oneof![4 => Just(0i64), 4 => 1i64..5_000, 1 => 1i64..2_000_000_000, 1 => -500i64..0], 0..40)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn every_line_arrives_exactly_once(rounds in vec((steps(), fate()), 0..12), last in steps()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let written = Written::default();
            let mut now = Stamp::parse(b"2026-11-24T14:00:00.9Z").unwrap().0;
            let mut write = |steps: &[i64]| {
                let mut written = written.lock().unwrap();
                for step in steps {
                    now += step;
                    let number = written.len();
                    written.push((now, format!("line {number} é")));
                }
            };
            let tuning = LogTuning { silence: Duration::from_secs(86_400), ..LogTuning::default() };
            let mut rig = Rig::open(&[pod("web", &["app"])], everything(), tuning);
            for (steps, fate) in rounds {
                write(&steps);
                // What is refused for good is asked for again by a person.
                let asked = loop {
                    match timeout(Duration::from_secs(400), rig.asked()).await {
                        Ok(asked) => break asked,
                        Err(_) => rig.handle.retry_now(),
                    }
                };
                answer(asked, &fate, &written).await;
            }
            write(&last);
            let asked = loop {
                match timeout(Duration::from_secs(400), rig.asked()).await {
                    Ok(asked) => break asked,
                    Err(_) => rig.handle.retry_now(),
                }
            };
            let since = asked.query("sinceTime").map(str::to_owned);
            let flow = asked.ok();
            flow.send(bytes(&written, since.as_deref())).await;
            let expected: Vec<String> = written.lock().unwrap().iter().map(|(_, text)| text.clone()).collect();
            rig.until("every line", |rig| rig.lines().len() >= expected.len()).await;
            assert_eq!(rig.lines(), expected);
            assert!(!rig.has_said("missing"), "{:#?}", rig.said);
        });
    }
}
