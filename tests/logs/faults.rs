//! Servers and connections that fail, and containers that are not there yet.

use std::time::Duration;

use kittiwake::cluster::logs::{Containers, LogRequest, LogTuning, SourceId, SourceState};
use tokio::time::Instant;

use crate::rig::{Rig, everything, in_state, line, pod, running, time, waiting};

#[tokio::test(start_paused = true)]
async fn lines_may_arrive_in_any_pieces() {
    let mut rig = Rig::follow(&[pod("web", &["app"])]);
    let flow = rig.asked_for("web", "app").await.ok();
    let text = line(0, "é\u{1F426} \u{1b}[31mred\u{1b}[0m\r") + &line(1, "") + &line(2, "b");
    for byte in text.as_bytes() {
        flow.send([*byte]).await;
    }
    rig.until_lines(&["é\u{1F426} \u{1b}[31mred\u{1b}[0m\r", "", "b"]).await;
    flow.send([line(3, "").as_bytes(), b"\n"].concat().as_slice()).await;
    rig.until_lines(&["é\u{1F426} \u{1b}[31mred\u{1b}[0m\r", "", "b", "", ""]).await;
}

#[tokio::test(start_paused = true)]
async fn a_body_that_is_cut_leaves_no_half_line_and_is_resumed_behind_the_last_whole_one() {
    let whole = line(1_500, "first") + &line(1_600, "the \u{e9}nd");
    let start = line(1_500, "first").len();
    for cut in [start + 1, start + 15, whole.find('é').unwrap() + 1, whole.len() - 1] {
        for broken in [true, false] {
            let mut rig = Rig::follow(&[pod("web", &["app"])]);
            let flow = rig.asked().await.ok();
            flow.send(&whole.as_bytes()[..cut]).await;
            rig.until_lines(&["first"]).await;
            if broken {
                flow.cut().await;
            } else {
                drop(flow);
            }
            let again = rig.asked().await;
            assert_eq!(again.query("sinceTime"), Some("2026-11-24T14%3A00%3A01Z"));
            let flow = again.ok();
            flow.send(&whole).await;
            rig.until_lines(&["first", "the énd"]).await;
            flow.send(line(1_700, "next")).await;
            rig.until_lines(&["first", "the énd", "next"]).await;
            assert_eq!(rig.has_said("connection"), broken, "{:#?}", rig.said);
            assert!(!rig.has_said("missing"), "{:#?}", rig.said);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_refusal_says_what_to_ask_for_and_is_not_asked_again_by_itself() {
    let mut rig = Rig::follow(&[pod("web", &["app"])]);
    let said = "pods \"web\" is forbidden: User \"bob\" cannot get resource \"pods/log\" in API group \"\" in the \
                namespace \"default\"";
    rig.asked().await.refuse(403, said).await;
    rig.until_said("ask for the \"get\" verb on pods/log", 1).await;
    rig.silence().await;
    rig.handle.retry_now();
    rig.asked().await.ok().send(line(0, "a")).await;
    rig.until_lines(&["a"]).await;
}

#[tokio::test(start_paused = true)]
async fn a_container_that_has_not_started_is_waited_for() {
    let nothing = serde_json::json!({});
    let mut rig = Rig::follow(&[in_state("web", 0, &waiting("ContainerCreating"), &nothing)]);
    rig.until_said("web: not started yet: ContainerCreating", 1).await;
    rig.silence().await;
    rig.change(in_state("web", 0, &waiting("PodInitializing"), &nothing)).await;
    rig.until_said("web: not started yet: PodInitializing", 1).await;
    assert_eq!(rig.text(), ["[web: not started yet: ContainerCreating]"]);
    rig.change(in_state("web", 0, &waiting("ImagePullBackOff"), &nothing)).await;
    rig.until_said("web: not started yet: ImagePullBackOff", 1).await;
    rig.change(in_state("web", 0, &running(), &nothing)).await;
    // The kubelet may know less than the status.
    let said = "container \"app\" in pod \"web\" is waiting to start: ContainerCreating";
    rig.asked().await.refuse(400, said).await;
    rig.asked().await.ok().send(line(0, "a")).await;
    rig.until_lines(&["a"]).await;
    assert!(matches!(rig.log.source(SourceId(0)).unwrap().state, SourceState::Live));
}

#[tokio::test(start_paused = true)]
async fn a_container_that_is_not_there_is_named_with_those_that_are() {
    let request = LogRequest { containers: Containers::Named("ap".into()), ..everything() };
    let mut rig = Rig::open(&[pod("web", &["app", "proxy"])], request, LogTuning::default());
    rig.until_said("log: pod web in default has no container ap; it has app, proxy", 1).await;
    rig.until("that no container matches", |rig| rig.log.found() == Some(0)).await;
    rig.silence().await;
}

#[tokio::test(start_paused = true)]
async fn failures_that_may_pass_are_tried_again_later_and_later() {
    let mut rig = Rig::follow(&[pod("web", &["app"])]);
    let mut waits = Vec::new();
    let mut failed = Instant::now();
    for code in [500, 503, 0, 504] {
        let asked = rig.asked().await;
        waits.push(failed.elapsed().as_secs_f64());
        if code == 0 {
            drop(asked);
        } else {
            asked.refuse(code, "not now").await;
        }
        failed = Instant::now();
    }
    rig.asked().await.ok().send(line(0, "a")).await;
    waits.push(failed.elapsed().as_secs_f64());
    for (wait, expected) in waits[1..].iter().zip([0.8, 1.6, 3.2, 6.4]) {
        assert!((expected..expected * 1.26).contains(wait), "{waits:?}");
    }
    rig.until_lines(&["a"]).await;
}

#[tokio::test(start_paused = true)]
async fn a_server_that_asks_for_time_gets_it() {
    let mut rig = Rig::follow(&[pod("web", &["app"])]);
    let asked = rig.asked().await;
    let status = crate::server::status(429, "too many requests").to_string();
    asked.answer(429, &[("retry-after", "20")]).send(status).await;
    let refused = Instant::now();
    rig.until_said("too many requests", 1).await;
    rig.asked().await.ok();
    assert!((20.0..25.1).contains(&refused.elapsed().as_secs_f64()), "{:?}", refused.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_dead_connection_is_told_from_a_quiet_log_by_asking() {
    let mut rig = Rig::follow(&[pod("web", &["app"])]);
    let flow = rig.asked().await.ok();
    flow.send(line(0, "a")).await;
    rig.until_lines(&["a"]).await;
    let since = Instant::now();
    for silence in [60, 120] {
        let probe = rig.asked().await;
        assert_eq!((probe.query("follow"), probe.query("tailLines")), (None, Some("1")));
        probe.ok().send(line(0, "a")).await;
        assert!(since.elapsed() >= Duration::from_secs(silence));
    }
    flow.send(line(1, "b")).await;
    rig.until_lines(&["a", "b"]).await;
    rig.asked().await.ok().send(line(2, "c")).await;
    let again = rig.asked().await;
    assert!(again.query("follow").is_some() && again.query("sinceTime").is_some());
    again.ok().send(line(0, "a") + &line(1, "b") + &line(2, "c")).await;
    rig.until_lines(&["a", "b", "c"]).await;
    assert!(!flow.send("x").await, "the dead connection is closed");
}

#[tokio::test(start_paused = true)]
async fn a_log_whose_first_line_takes_hours_is_waited_for() {
    let mut rig = Rig::follow(&[pod("web", &["app"])]);
    // The kubelet sends the head with the first line.
    let asked = rig.asked().await;
    rig.until("live", |rig| {
        rig.log.source(SourceId(0)).is_some_and(|entry| entry.state == SourceState::Live)
    })
    .await;
    for _ in 0..4 {
        rig.asked().await.ok();
    }
    asked.ok().send(line(0, "at last")).await;
    rig.until_lines(&["at last"]).await;
}

#[tokio::test(start_paused = true)]
async fn a_server_that_ends_each_answer_at_once_is_not_asked_in_a_loop() {
    let mut rig = Rig::follow(&[pod("web", &["app"])]);
    let since = Instant::now();
    for _ in 0..10 {
        rig.asked().await.ok();
    }
    assert!(since.elapsed() > Duration::from_secs(60), "10 requests in {:?}", since.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_line_that_is_too_long_is_cut_and_says_so() {
    let tuning = LogTuning { line_bytes: 100, ..LogTuning::default() };
    let mut rig = Rig::open(&[pod("web", &["app"])], everything(), tuning);
    let flow = rig.asked().await.ok();
    flow.send(line(0, &"x".repeat(1_000)) + &line(1, "b")).await;
    let kept = "x".repeat(100 - time(0).len() - 1);
    rig.until("all", |rig| rig.lines() == [&kept, "b"]).await;
    let left_out = 1_000 - kept.len();
    assert_eq!(rig.text()[1], format!("[web: {left_out} bytes of a line are left out]"));
}

#[tokio::test(start_paused = true)]
async fn words_of_the_kubelet_are_shown_and_do_not_disturb_the_order() {
    let mut rig = Rig::follow(&[pod("web", &["app"])]);
    let flow = rig.asked().await.ok();
    flow.send(line(0, "a") + "failed to watch file: too many open files\n").await;
    rig.until_lines(&["a", "failed to watch file: too many open files"]).await;
    flow.cut().await;
    rig.asked().await.ok().send(line(0, "a") + &line(1, "b")).await;
    rig.until_lines(&["a", "failed to watch file: too many open files", "b"]).await;
}

#[tokio::test(start_paused = true)]
async fn a_reader_that_is_behind_is_waited_for() {
    let tuning = LogTuning { held_bytes: 256 << 10, ..LogTuning::default() };
    let mut rig = Rig::open(&[pod("web", &["app"])], everything(), tuning);
    let flow = rig.asked().await.ok();
    let text = line(0, &"x".repeat(1_000)).repeat(30);
    let mut sent = 0;
    // Nobody reads: at some time nothing more is taken.
    while tokio::time::timeout(Duration::from_secs(20), flow.send(&text)).await.is_ok() {
        sent += 1;
        assert!(sent < 1_000, "everything is taken");
    }
    rig.until("all of it", |rig| rig.log.received() >= sent * 30).await;
    assert!(sent * 30_000 < 8 << 20, "{sent} pieces are held");
}
