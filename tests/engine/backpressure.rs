//! A program that is slow, or gone.

use std::time::Duration;

use kittiwake::cluster::listwatch::Tuning;
use kittiwake::resources::{Selection, find};

use crate::rig::{Rig, event, pod};

/// Sends events until nobody takes any for a long time; tells how many.
async fn flood(flow: &crate::rig::Flow) -> usize {
    for n in 0..10_000 {
        let event = event("ADDED", &pod(&format!("pod-{n:05}"), ""));
        if tokio::time::timeout(Duration::from_secs(600), flow.send(event)).await.is_err() {
            return n;
        }
    }
    panic!("read without end though nobody takes the rows");
}

#[tokio::test(start_paused = true)]
async fn a_slow_program_stops_the_reading_and_loses_nothing() {
    let mut rig = Rig::open(Selection::all(find("pods").unwrap(), None), Tuning::default(), 2);
    let flow = rig.settled("7", &[]).await;
    let sent = flood(&flow).await;
    rig.table.until(|table| table.rows.len() == sent).await;
    assert!(rig.table.faults.is_empty(), "being waited for is no fault of the server");
    flow.event("DELETED", &pod("pod-00000", "")).await;
    rig.table.until(|table| table.rows.len() == sent - 1).await;
}

#[tokio::test(start_paused = true)]
async fn dropping_the_handle_closes_the_connection() {
    let mut rig = Rig::pods();
    let flow = rig.settled("7", &[]).await;
    rig.handle = None;
    flow.closed().await;

    let mut rig = Rig::pods();
    let asked = rig.asked_list().await;
    rig.handle = None;
    asked.given_up().await;
}

#[tokio::test(start_paused = true)]
async fn a_receiver_that_is_gone_ends_the_watch_at_once() {
    let mut rig = Rig::pods();
    let flow = rig.settled("7", &[pod("a", "")]).await;
    rig.table.hang_up();
    flow.closed().await;
}
