//! What was written before the first line that was read.

use kittiwake::cluster::logs::{LogRequest, LogTuning, Since};

use crate::rig::{Rig, ended, everything, in_state, line, pod, running};
use crate::server::{Asked, Flow};

/// Answers with the last lines that are asked for of the first `written` lines of a log; its lines number `n`, and two
/// always have the same time.
async fn tail(asked: Asked, name: &str, written: u64, step: u64) -> Flow {
    let wanted: u64 = asked.query("tailLines").unwrap().parse().unwrap();
    let text: String = (written.saturating_sub(wanted)..written)
        .map(|n| line(n / 2 * step, &format!("{name}{n}")))
        .collect();
    let flow = asked.ok();
    flow.send(text).await;
    flow
}

fn last(lines: u64) -> LogRequest {
    LogRequest { since: Since::Tail(lines), ..everything() }
}

#[tokio::test(start_paused = true)]
async fn earlier_lines_are_put_in_front_until_there_are_no_others() {
    let mut rig = Rig::open(&[pod("web", &["app"])], last(5), LogTuning::default());
    let asked = rig.asked().await;
    let text: String = (195..200).map(|n| line(n / 2 * 10, &format!("n{n}"))).collect();
    let flow = asked.ok();
    flow.send(text).await;
    rig.until("the last lines", |rig| rig.lines().len() == 5).await;
    let mut first = 195;
    while first > 0 {
        rig.handle.earlier(10);
        let lines = rig.lines().len();
        let asked = rig.asked().await;
        assert_eq!(asked.query("follow"), None);
        tail(asked, "n", 200, 10).await;
        if first < 50 {
            tail(rig.asked().await, "n", 200, 10).await;
        }
        rig.until("earlier lines", |rig| rig.lines().len() > lines || rig.log.is_at_beginning()).await;
        first = 200 - rig.lines().len() as u64;
        let expected: Vec<String> = (first..200).map(|n| format!("n{n}")).collect();
        assert_eq!(rig.lines(), expected);
    }
    assert_eq!(rig.log.received(), 5);
    assert_eq!(rig.log.histogram().total().lines, 200);
    flow.send(line(99_000, "new")).await;
    rig.until("new lines arrive", |rig| rig.lines().last().is_some_and(|line| line == "new")).await;
}

#[tokio::test(start_paused = true)]
async fn earlier_lines_of_several_sources_are_in_order_as_far_as_all_were_read() {
    let mut rig = Rig::open(&[pod("a", &["app"]), pod("b", &["app"])], last(2), LogTuning::default());
    // One writes ten times as often as the other.
    let answer = async |asked: Asked| {
        let slow = asked.uri.path().contains("/b/");
        let (name, written, step) = if slow { ("b", 100, 100) } else { ("a", 1_000, 10) };
        tail(asked, name, written, step).await
    };
    let _followed = [answer(rig.asked().await).await, answer(rig.asked().await).await];
    rig.until("the last lines", |rig| rig.lines().len() == 4).await;
    while !rig.log.is_at_beginning() {
        rig.handle.earlier(300);
        let lines = rig.lines().len();
        for _ in 0..2 {
            answer(rig.asked().await).await;
        }
        // Where a source has few lines left, it is asked again.
        while let Ok(asked) = tokio::time::timeout(std::time::Duration::from_secs(2), rig.asked()).await {
            answer(asked).await;
        }
        rig.until("earlier lines", |rig| rig.lines().len() > lines || rig.log.is_at_beginning()).await;
        let times: Vec<i64> =
            rig.log.store().lines(0..u64::MAX).filter(|line| !line.notice).map(|line| line.at.0).collect();
        // The last lines of each, which were read first, reach back as far as they do.
        assert!(times[..times.len() - 4].is_sorted(), "{:?}", rig.lines());
    }
    let mut lines = rig.lines();
    assert_eq!(lines.len(), 1_100);
    lines.sort();
    lines.dedup();
    assert_eq!(lines.len(), 1_100);
}

#[tokio::test(start_paused = true)]
async fn earlier_lines_of_a_run_that_is_over_are_asked_of_the_previous_one() {
    let mut rig = Rig::open(&[pod("web", &["app"])], last(1), LogTuning::default());
    let flow = rig.asked().await.ok();
    flow.send(line(90, "n199")).await;
    rig.until_lines(&["n199"]).await;
    drop(flow);
    rig.change(in_state("web", 1, &running(), &ended(0))).await;
    rig.asked().await.ok().send(line(90, "n199")).await;
    let _next = rig.asked().await.ok();
    rig.until_said("started again", 1).await;
    rig.handle.earlier(10);
    let asked = rig.asked().await;
    assert_eq!(asked.query("previous"), Some("true"));
    asked.ok().send(line(80, "n198") + &line(90, "n199")).await;
    rig.asked().await.ok().send(line(80, "n198") + &line(90, "n199")).await;
    rig.until("the earlier line", |rig| rig.lines() == ["n198", "n199"]).await;
    assert!(rig.log.is_at_beginning());
}
