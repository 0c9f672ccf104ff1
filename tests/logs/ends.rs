//! Answers end when containers do, and for other reasons.

use kittiwake::cluster::logs::{Ending, LogRequest, LogTuning, Since, SourceId, SourceState};
use serde_json::json;

use crate::rig::{Rig, ended, everything, in_state, line, pod, running, waiting};

#[tokio::test(start_paused = true)]
async fn a_pod_that_is_deleted_says_so_and_its_last_line_needs_no_end() {
    let mut rig = Rig::follow(&[pod("web", &["app"])]);
    let flow = rig.asked().await.ok();
    flow.send(line(0, "a") + line(1, "good bye").trim_end()).await;
    rig.until_lines(&["a"]).await;
    drop(flow);
    rig.delete("web").await;
    rig.until_said("the pod is gone", 1).await;
    assert_eq!(rig.text(), ["a", "good bye", "[web: the pod is gone]"]);
    rig.silence().await;
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_goes_on_though_its_pod_is_gone_is_closed() {
    let mut rig = Rig::follow(&[pod("web", &["app"])]);
    let flow = rig.asked().await.ok();
    flow.send(line(0, "a")).await;
    rig.until_lines(&["a"]).await;
    rig.delete("web").await;
    flow.send(line(1, "b")).await;
    rig.until_said("the pod is gone", 1).await;
    assert_eq!(rig.lines(), ["a", "b"]);
    assert!(!flow.send("x").await);
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_breaks_with_the_pod_leaves_a_gap_that_is_told() {
    let mut rig = Rig::follow(&[pod("web", &["app"])]);
    let flow = rig.asked().await.ok();
    flow.send(line(0, "a")).await;
    rig.until_lines(&["a"]).await;
    flow.cut().await;
    rig.until_said("connection", 1).await;
    rig.delete("web").await;
    rig.until_said("the pod is gone", 1).await;
    assert_eq!(
        rig.text()[1..],
        ["[web: lines may be missing behind 2026-11-24T14:00:00.000000000Z]", "[web: the pod is gone]"]
    );
}

#[tokio::test(start_paused = true)]
async fn a_file_that_was_rotated_is_read_on_and_the_gap_is_told() {
    let mut rig = Rig::follow(&[pod("web", &["app"])]);
    let flow = rig.asked().await.ok();
    flow.send(line(0, "a") + &line(5, "b")).await;
    rig.until_lines(&["a", "b"]).await;
    // The kubelet has lost the file: it ends the answer though the container runs.
    drop(flow);
    rig.asked().await.ok().send(line(5, "b") + &line(7, "c")).await;
    rig.until_lines(&["a", "b", "c"]).await;
    assert!(!rig.has_said("missing"), "{:#?}", rig.said);
    let flow = rig.asked().await.ok();
    flow.send(line(2_000, "x")).await;
    rig.until_lines(&["a", "b", "c", "x"]).await;
    let gap = "[web: lines may be missing between 2026-11-24T14:00:00.007000000Z and 2026-11-24T14:00:02.000000000Z]";
    assert_eq!(rig.text(), ["a", "b", "c", gap, "x"]);
}

#[tokio::test(start_paused = true)]
async fn a_container_that_restarts_is_followed_and_the_rest_of_its_run_is_not_lost() {
    let mut rig = Rig::follow(&[pod("web", &["app"])]);
    let flow = rig.asked().await.ok();
    flow.send(line(0, "a") + &line(1, "b")).await;
    rig.until_lines(&["a", "b"]).await;
    flow.cut().await;
    rig.until_said("connection", 1).await;
    rig.change(in_state("web", 1, &running(), &ended(2))).await;
    let rest = rig.asked().await;
    assert_eq!((rest.query("previous"), rest.query("follow")), (Some("true"), None));
    assert_eq!(rest.query("sinceTime"), Some("2026-11-24T13%3A59%3A59Z"));
    rest.ok().send(line(0, "a") + &line(1, "b") + &line(2, "last words")).await;
    let next = rig.asked().await;
    assert_eq!((next.query("previous"), next.query("sinceTime")), (None, None));
    let flow = next.ok();
    flow.send(line(1, "b")).await;
    rig.until_lines(&["a", "b", "last words", "b"]).await;
    assert_eq!(rig.text()[3], "[web: started again, restart 1]");
    assert!(!rig.has_said("missing"), "{:#?}", rig.said);
    drop(flow);
}

#[tokio::test(start_paused = true)]
async fn a_run_that_crashed_is_read_to_its_end_before_the_next() {
    let mut rig = Rig::follow(&[pod("web", &["app"])]);
    let flow = rig.asked().await.ok();
    flow.send(line(0, "a")).await;
    rig.until_lines(&["a"]).await;
    drop(flow);
    rig.change(in_state("web", 0, &waiting("CrashLoopBackOff"), &ended(2))).await;
    rig.asked().await.ok().send(line(0, "a") + &line(1, "b")).await;
    rig.until_said("web: ended: Error, exit code 2", 1).await;
    assert_eq!(rig.lines(), ["a", "b"]);
    // The same run goes on to be what can be read, and is not read again.
    rig.silence().await;
    // One run was missed altogether.
    rig.change(in_state("web", 2, &running(), &ended(3))).await;
    let missed = rig.asked().await;
    assert_eq!((missed.query("previous"), missed.query("sinceTime")), (Some("true"), None));
    missed.ok().send(line(5_000, "missed")).await;
    rig.asked().await.ok().send(line(9_000, "c")).await;
    rig.until_lines(&["a", "b", "missed", "c"]).await;
    let notices = ["[web: started again, restart 1]", "[web: started again, restart 2]"];
    assert_eq!([&*rig.text()[3], &*rig.text()[5]], notices);
}

#[tokio::test(start_paused = true)]
async fn a_container_that_ended_long_ago_is_read_once() {
    let mut rig = Rig::follow(&[in_state("job", 0, &ended(0), &json!({}))]);
    rig.asked().await.ok().send(line(0, "a") + line(1, "b").trim_end()).await;
    rig.until_said("job: ended: Completed", 1).await;
    assert_eq!(rig.lines(), ["a", "b"]);
    rig.silence().await;
}

#[tokio::test(start_paused = true)]
async fn what_is_not_followed_ends_and_is_asked_for_again_when_it_is_cut() {
    let request = LogRequest { follow: false, since: Since::Tail(2), ..everything() };
    let mut rig = Rig::open(&[pod("a", &["app"]), pod("b", &["app"])], request, LogTuning::default());
    let (one, other) = (rig.asked().await, rig.asked().await);
    assert_eq!((one.query("tailLines"), one.query("follow")), (Some("2"), None));
    other.ok().send(line(1, "second") + line(4, "fourth").trim_end()).await;
    let flow = one.ok();
    flow.send(line(0, "first") + "2026-11-24T14:00:00.002").await;
    flow.cut().await;
    let again = rig.asked().await;
    assert_eq!(again.query("tailLines"), None);
    again.ok().send(line(0, "first") + &line(2, "third")).await;
    rig.until("the end", |rig| rig.log.is_over()).await;
    let mut lines = rig.lines();
    lines.sort();
    assert_eq!(lines, ["first", "fourth", "second", "third"]);
    let read = SourceState::Ended(Ending::Read);
    assert!(rig.log.sources().iter().all(|entry| entry.state == read));
    assert_eq!(rig.log.found(), Some(2));
}

#[tokio::test(start_paused = true)]
async fn what_is_not_followed_gives_up_at_last_and_says_why() {
    let request = LogRequest { follow: false, ..everything() };
    let tuning = LogTuning { attempts: 3, ..LogTuning::default() };
    let mut rig = Rig::open(&[pod("a", &["app"])], request, tuning);
    for _ in 0..3 {
        rig.asked().await.refuse(503, "the node is away").await;
    }
    rig.until("the end", |rig| rig.log.is_over()).await;
    assert!(
        matches!(&rig.log.source(SourceId(0)).unwrap().state, SourceState::Refused(error) if error.message.contains("away"))
    );
}

#[tokio::test(start_paused = true)]
async fn the_run_before_is_read_where_there_was_one() {
    let request = LogRequest { previous: true, ..everything() };
    let pods = [in_state("a", 3, &running(), &ended(1)), pod("b", &["app"])];
    let mut rig = Rig::open(&pods, request, LogTuning::default());
    let asked = rig.asked_for("a", "app").await;
    assert_eq!((asked.query("previous"), asked.query("follow")), (Some("true"), None));
    asked.ok().send(line(0, "last words")).await;
    rig.until("the end", |rig| rig.log.is_over()).await;
    assert_eq!((rig.lines(), rig.log.found()), (vec!["last words".to_owned()], Some(1)));
}
