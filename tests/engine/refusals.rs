//! Answers that asking again does not change, and the person who asks again all the same.

use std::time::Duration;

use kittiwake::cluster::{Class, Link};
use tokio::time::Instant;

use crate::rig::{Rig, pod};
use crate::table::Table;

fn is_refused(table: &Table) -> bool {
    matches!(table.link, Link::Refused(_))
}

#[tokio::test(start_paused = true)]
async fn a_refused_list_is_not_asked_for_again_until_a_person_does() {
    for (code, class) in [(403, Class::Forbidden), (404, Class::NotFound), (400, Class::Rejected)] {
        let mut rig = Rig::pods();
        rig.asked_list().await.refuse(code, "no").await;
        rig.table.until(is_refused).await;
        assert_eq!(rig.table.faults[0].0, class);
        rig.silence().await;
        rig.handle.as_ref().unwrap().retry_now();
        rig.asked_list().await.list("7", "", &[pod("a", "")]).await;
        let _flow = rig.asked_watch().await.ok();
        rig.table.until(Table::is_live).await;
        assert_eq!(rig.table.rows.len(), 1);
    }
}

fn is_polled(table: &Table) -> bool {
    matches!(table.link, Link::Polled { every_ms: 30_000, .. })
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_watched_is_listed_again_and_again_until_it_can() {
    for code in [403, 404, 405] {
        let mut rig = Rig::pods();
        for round in 1..5 {
            let asked = rig.asked_list().await;
            let since = Instant::now();
            asked.list("7", "", &[pod(&format!("of-round-{round}"), "")]).await;
            rig.asked_watch().await.refuse(code, "no").await;
            rig.table.until(|table| is_polled(table) && table.lists == round).await;
            rig.table.until_rows(&[&format!("of-round-{round}")]).await;
            let asked = rig.asked_list().await;
            let waited = since.elapsed().as_secs_f64();
            assert!((30.0..37.6).contains(&waited), "{waited} s");
            drop(asked);
            assert_eq!(rig.table.until_faults(round).await.0, Class::Unreachable);
        }
        let flow = rig.settled("9", &[pod("a", "")]).await;
        flow.event("ADDED", &pod("b", "")).await;
        rig.table.until_rows(&["a", "b"]).await;
        assert!(rig.table.is_live());
    }
}

#[tokio::test(start_paused = true)]
async fn a_watch_that_is_refused_later_is_told_only_after_a_list() {
    let mut rig = Rig::pods();
    let flow = rig.settled("7", &[pod("a", "")]).await;
    flow.cut().await;
    rig.asked_watch().await.refuse(403, "pods is forbidden").await;
    rig.asked_list().await.refuse(403, "pods is forbidden").await;
    rig.table.until(is_refused).await;
    rig.silence().await;
    assert_eq!(rig.table.rows.len(), 1, "rows stay");
}

#[tokio::test(start_paused = true)]
async fn a_person_need_not_wait_for_the_next_list() {
    let mut rig = Rig::pods();
    rig.asked_list().await.list("7", "", &[]).await;
    rig.asked_watch().await.refuse(405, "no").await;
    rig.table.until(is_polled).await;
    let since = Instant::now();
    rig.handle.as_ref().unwrap().retry_now();
    rig.asked_list().await;
    assert!(since.elapsed() < Duration::from_millis(100), "waited {:?}", since.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_person_can_cut_a_wait_short() {
    let mut rig = Rig::pods();
    let flow = rig.settled("7", &[]).await;
    flow.cut().await;
    for fault in 1..8 {
        rig.table.until_faults(fault).await;
        drop(rig.asked_watch().await);
    }
    rig.table.until_faults(8).await;
    let since = Instant::now();
    rig.handle.as_ref().unwrap().retry_now();
    let watch = rig.asked_watch().await;
    assert!(since.elapsed() < Duration::from_millis(100), "waited {:?}", since.elapsed());
    assert_eq!(watch.query("resourceVersion"), Some("7"), "it resumes");
}

#[tokio::test(start_paused = true)]
async fn asking_while_all_is_well_changes_nothing_then_or_later() {
    let mut rig = Rig::pods();
    let flow = rig.settled("7", &[]).await;
    rig.handle.as_ref().unwrap().retry_now();
    flow.event("ADDED", &pod("a", "")).await;
    rig.table.until_rows(&["a"]).await;
    flow.cut().await;
    rig.table.until_faults(1).await;
    let since = Instant::now();
    rig.asked_watch().await;
    assert!(since.elapsed() >= Duration::from_millis(700), "the wait was not cut short");
}

#[tokio::test(start_paused = true)]
async fn nothing_is_asked_while_waiting() {
    let mut rig = Rig::pods();
    let asked = rig.asked_list().await;
    asked.answer(503, &[("retry-after", "250")]).send("starting").await;
    rig.table.until_faults(1).await;
    let since = Instant::now();
    rig.asked_list().await;
    assert!(since.elapsed() >= Duration::from_secs(249));
}
