//! What happens after the list, with servers that end, fail, fall silent or talk nonsense.

use std::time::Duration;

use kittiwake::cluster::listwatch::Tuning;
use kittiwake::cluster::{Class, Link};
use kittiwake::resources::{Selection, find};
use serde_json::json;
use tokio::time::Instant;

use crate::rig::{Rig, at, bookmark, event, pod, status};
use crate::table::Table;

#[tokio::test(start_paused = true)]
async fn events_change_the_rows() {
    let mut rig = Rig::pods();
    let flow = rig.settled("7", &[pod("a", "one"), pod("b", "one")]).await;
    flow.event("ADDED", &at("8", pod("c", "one"))).await;
    flow.event("MODIFIED", &at("9", pod("a", "two"))).await;
    flow.event("DELETED", &at("10", pod("b", "one"))).await;
    rig.table.until_rows(&["a", "c"]).await;
    assert_eq!(rig.table.rows["a"], "two");
}

#[tokio::test(start_paused = true)]
async fn an_event_may_arrive_in_any_pieces() {
    let mut rig = Rig::pods();
    let flow = rig.settled("7", &[]).await;
    let text = event("ADDED", &pod("a", "é\u{1F426}")) + "\n" + &event("ADDED", &pod("b", ""));
    for byte in text.as_bytes() {
        flow.send([*byte]).await;
    }
    rig.table.until_rows(&["a", "b"]).await;
    assert_eq!(rig.table.rows["a"], "é\u{1F426}");
}

#[tokio::test(start_paused = true)]
async fn a_watch_that_ends_is_resumed_at_once_and_in_silence() {
    let mut rig = Rig::pods();
    let mut flow = rig.settled("7", &[pod("a", "")]).await;
    for version in ["8", "9", "10"] {
        flow.event("MODIFIED", &at(version, pod("a", version))).await;
        tokio::time::sleep(Duration::from_secs(6)).await;
        let ended = Instant::now();
        drop(flow);
        let watch = rig.asked_watch().await;
        assert_eq!(watch.query("resourceVersion"), Some(version));
        assert_eq!(ended.elapsed(), Duration::ZERO);
        flow = watch.ok();
    }
    assert!(rig.table.is_live() && rig.table.faults.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_bookmark_moves_the_version_and_no_row() {
    let mut rig = Rig::pods();
    let flow = rig.settled("7", &[pod("a", "")]).await;
    flow.event("BOOKMARK", &bookmark("99")).await;
    tokio::time::sleep(Duration::from_secs(6)).await;
    drop(flow);
    assert_eq!(rig.asked_watch().await.query("resourceVersion"), Some("99"));
    assert_eq!(rig.table.rows.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_broken_watch_keeps_the_rows_says_so_and_resumes_behind_the_last_whole_event() {
    let text = event("ADDED", &at("9", pod("c", "é")));
    for cut in [1, text.find('é').unwrap() + 1, text.len() - 1] {
        for broken in [true, false] {
            let mut rig = Rig::pods();
            let flow = rig.settled("7", &[pod("a", "")]).await;
            flow.event("ADDED", &at("8", pod("b", ""))).await;
            flow.send(&text.as_bytes()[..cut]).await;
            if broken {
                flow.cut().await;
            } else {
                drop(flow);
            }
            assert_eq!(rig.table.until_faults(1).await.0, Class::Unreachable);
            assert!(matches!(rig.table.link, Link::Interrupted { retry_in_ms: 800..=1000, .. }));
            rig.table.until_rows(&["a", "b"]).await;
            let watch = rig.asked_watch().await;
            assert_eq!(watch.query("resourceVersion"), Some("8"));
            let flow = watch.ok();
            rig.table.until(Table::is_live).await;
            flow.send(&text).await;
            rig.table.until_rows(&["a", "b", "c"]).await;
            assert_eq!(rig.table.lists, 1);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn waits_grow_and_a_healthy_watch_makes_them_short_again() {
    let mut rig = Rig::pods();
    rig.settled("7", &[]).await.cut().await;
    let mut waits = Vec::new();
    for fault in 1..8 {
        rig.table.until_faults(fault).await;
        let since = Instant::now();
        let watch = rig.asked_watch().await;
        waits.push(since.elapsed().as_secs_f64());
        drop(watch);
    }
    for (wait, expected) in waits.iter().zip([0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 30.0]) {
        assert!((expected..expected * 1.26).contains(wait), "{waits:?}");
    }
    rig.table.until_faults(8).await;
    let flow = rig.asked_watch().await.ok();
    flow.event("BOOKMARK", &bookmark("8")).await;
    tokio::time::sleep(Duration::from_secs(61)).await;
    flow.cut().await;
    rig.table.until_faults(9).await;
    assert!(matches!(rig.table.link, Link::Interrupted { retry_in_ms: 800..=1000, .. }));
}

#[tokio::test(start_paused = true)]
async fn a_server_that_ends_each_watch_at_once_is_not_asked_in_a_loop() {
    let mut rig = Rig::pods();
    drop(rig.settled("7", &[]).await);
    let since = Instant::now();
    for _ in 0..20 {
        rig.asked_watch().await.ok();
    }
    assert!(since.elapsed() > Duration::from_secs(60), "20 watches in {:?}", since.elapsed());
    assert_eq!(rig.table.until_faults(1).await.1, "the server ends each watch at once");
}

#[tokio::test(start_paused = true)]
async fn an_expired_version_is_listed_again_while_the_rows_stay() {
    for as_event in [true, false] {
        let mut rig = Rig::pods();
        let flow = rig.settled("7", &[pod("a", ""), pod("b", "")]).await;
        if as_event {
            flow.event("ERROR", &status(410, "too old resource version: 7 (9)")).await;
        } else {
            tokio::time::sleep(Duration::from_secs(6)).await;
            drop(flow);
            rig.asked_watch().await.refuse(410, "too old").await;
        }
        let asked = rig.asked_list().await;
        assert_eq!(rig.table.rows.len(), 2);
        asked.list("9", "", &[pod("b", ""), pod("c", "")]).await;
        assert_eq!(rig.asked_watch().await.query("resourceVersion"), Some("9"));
        rig.table.until_rows(&["b", "c"]).await;
        assert!(rig.table.faults.is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn versions_that_expire_again_and_again_are_not_listed_in_a_loop() {
    let mut rig = Rig::pods();
    let since = Instant::now();
    for _ in 0..10 {
        rig.asked_list().await.list("7", "", &[]).await;
        rig.asked_watch().await.refuse(410, "too old").await;
    }
    rig.asked_list().await;
    assert!(since.elapsed() > Duration::from_secs(30), "10 lists in {:?}", since.elapsed());
}

#[tokio::test(start_paused = true)]
async fn an_error_event_is_told_and_everything_is_listed_again() {
    let mut rig = Rig::pods();
    let flow = rig.settled("7", &[pod("a", "")]).await;
    flow.event("ADDED", &at("8", pod("b", ""))).await;
    flow.event("ERROR", &status(500, "etcd event received\nwith PrevKv=nil")).await;
    let fault = rig.table.until_faults(1).await;
    assert_eq!(fault, (Class::Server, "watching pods: etcd event received with PrevKv=nil"));
    rig.table.until_rows(&["a", "b"]).await;
    rig.asked_list().await;
}

#[tokio::test(start_paused = true)]
async fn nonsense_is_told_and_everything_is_listed_again() {
    let large = Tuning { object_bytes: 2000, ..Tuning::default() };
    let nonsense = [
        "HTTP/1.1 400 Bad Request\r\n".to_owned(),
        "{\"type\":\"ADDED\"}\n".to_owned(),
        event("ADDED", &json!("text")),
        event("REPLACED", &pod("b", "")),
        event("ERROR", &json!(7)),
        event("ADDED", &pod("b", &"x".repeat(3000))),
        "x".repeat(3000),
        "\u{0}\n".to_owned(),
    ];
    for text in nonsense {
        let mut rig = Rig::open(Selection::all(find("pods").unwrap(), None), large.clone(), 64);
        let flow = rig.settled("7", &[pod("a", "")]).await;
        flow.send(&text).await;
        let (class, message) = rig.table.until_faults(1).await;
        assert_eq!(class, Class::Protocol, "{text}");
        assert!(message.starts_with("watching pods: ") && message.chars().count() < 140, "{message}");
        rig.table.until_rows(&["a"]).await;
        rig.asked_list().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_falls_silent_between_bookmarks_is_taken_for_dead() {
    let mut rig = Rig::pods();
    let flow = rig.settled("7", &[pod("a", "")]).await;
    flow.event("BOOKMARK", &bookmark("8")).await;
    flow.event("BOOKMARK", &bookmark("9")).await;
    let since = Instant::now();
    flow.closed().await;
    assert_eq!(since.elapsed().as_secs(), 150);
    let fault = rig.table.until_faults(1).await;
    assert_eq!(fault, (Class::Timeout, "watching pods: the server has sent nothing for 150 s"));
    let watch = rig.asked_watch().await;
    assert_eq!(watch.query("resourceVersion"), Some("9"));
    let _flow = watch.ok();
    rig.table.until(Table::is_live).await;
    rig.table.until_rows(&["a"]).await;
}

#[tokio::test(start_paused = true)]
async fn a_server_without_bookmarks_is_asked_whether_it_is_there() {
    let mut rig = Rig::pods();
    let flow = rig.settled("7", &[]).await;
    flow.closed().await;
    let watch = rig.asked_watch().await;
    assert!(rig.table.is_live(), "nothing to tell yet");
    watch.given_up().await;
    assert_eq!(rig.table.until_faults(1).await.0, Class::Timeout);
}

#[tokio::test(start_paused = true)]
async fn the_parts_of_an_object_come_and_go_with_it() {
    let mut rig = Rig::open(containers_of("web"), Tuning::default(), 64);
    let with = |names: &[&str]| {
        let mut web = pod("web", "one");
        web["spec"]["containers"] = names.iter().map(|name| json!({ "name": name })).collect();
        web["status"]["containerStatuses"] =
            names.iter().map(|name| json!({ "name": name, "state": {} })).collect();
        web
    };
    let asked = rig.asked_list().await;
    assert_eq!(asked.uri, "/api/v1/namespaces/default/pods?fieldSelector=metadata.name%3Dweb");
    asked.list("7", "", &[with(&["app", "proxy", "log"])]).await;
    let flow = rig.asked_watch().await.ok();
    rig.table.until(|table| table.is_live() && table.count() == 3).await;
    flow.event("MODIFIED", &at("8", with(&["app", "debug"]))).await;
    rig.table.until(|table| table.count() == 2).await;
    // A list that begins again forgets what the object had.
    flow.event("ERROR", &status(410, "too old")).await;
    rig.asked_list().await.list("9", "", &[with(&["app", "log"])]).await;
    let flow = rig.asked_watch().await.ok();
    rig.table.until(|table| table.is_live() && table.lists == 2 && table.count() == 2).await;
    flow.event("DELETED", &at("10", with(&["app"]))).await;
    rig.table.until(|table| table.count() == 0).await;
}

/// The selection that Enter on a pod leads to.
fn containers_of(name: &str) -> Selection {
    let kind = find("pods").unwrap();
    let mut rows = Vec::new();
    let object = pod(name, "").to_string();
    (kind.decode)(object.as_bytes(), &mut kittiwake::resources::Interner::default(), &mut rows).unwrap();
    rows[0].enter().unwrap()
}
