//! The full list, from servers that answer it well or badly.

use std::time::Duration;

use kittiwake::cluster::Class;
use kittiwake::cluster::listwatch::{Feed, Paging, Tuning, Watch, list_once};
use kittiwake::cluster::{Link, WatchId};
use kittiwake::resources::{Selection, find};
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::rig::{Rig, client, gzip, list, pod};
use crate::table::Table;

fn pods(count: usize) -> Vec<Value> {
    (0..count).map(|n| pod(&format!("pod-{n:04}"), "node-é")).collect()
}

fn paged() -> Rig {
    let tuning = Tuning { paging: Paging::Pages { first: 2, rest: 3 }, ..Tuning::default() };
    Rig::open(Selection::all(find("pods").unwrap(), None), tuning, 64)
}

#[tokio::test(start_paused = true)]
async fn everything_is_asked_for_at_once_and_then_watched() {
    let mut rig = Rig::pods();
    let asked = rig.asked().await;
    assert_eq!(asked.uri, "/api/v1/pods");
    assert_eq!(asked.headers["accept-encoding"], "gzip");
    assert_eq!(asked.headers["accept"], "application/json;drop=metadata.managedFields");
    asked.list("7", "", &[pod("a", "one"), pod("b", "two")]).await;
    let watch = rig.asked_watch().await;
    assert_eq!(watch.query("resourceVersion"), Some("7"));
    assert_eq!(watch.query("allowWatchBookmarks"), Some("true"));
    let life: u64 = watch.query("timeoutSeconds").unwrap().parse().unwrap();
    assert!((300..=600).contains(&life), "{life} s");
    rig.table.until_rows(&["a", "b"]).await;
    assert_eq!(rig.table.link, Link::Connecting, "not live before the watch is established");
    let _flow = watch.ok();
    rig.table.until(Table::is_live).await;
    assert_eq!(rig.table.rows["b"], "two");
}

#[tokio::test(start_paused = true)]
async fn a_compressed_list_is_read_however_it_is_cut() {
    let mut rig = Rig::pods();
    let flow = rig.asked_list().await.answer(200, &[("content-encoding", "gzip")]);
    let pods = pods(50);
    for piece in gzip(list("7", "", &pods).as_bytes()).chunks(7) {
        assert!(flow.send(piece).await);
    }
    drop(flow);
    rig.table.until(|table| table.rows.len() == 50).await;
    assert!(rig.table.rows.values().all(|node| node == "node-é"));
}

#[tokio::test(start_paused = true)]
async fn rows_come_while_the_list_still_arrives_and_in_bounded_batches() {
    let mut rig = Rig::pods();
    let flow = rig.asked_list().await.ok();
    let text = list("7", "", &pods(3000));
    let half = text.len() / 2;
    flow.send(&text[..half]).await;
    rig.table.until(|table| table.rows.len() > 1400).await;
    flow.send(&text[half..]).await;
    drop(flow);
    rig.table.until(|table| table.rows.len() == 3000).await;
    assert!(rig.table.largest_batch <= 512, "a batch of {}", rig.table.largest_batch);
}

#[tokio::test(start_paused = true)]
async fn an_empty_list_is_complete() {
    for body in [list("7", "", &[]), list("7", "", &[]).replace("[]", "null")] {
        let mut rig = Rig::pods();
        rig.asked_list().await.ok().send(body).await;
        let _flow = rig.asked_watch().await.ok();
        rig.table.until(Table::is_live).await;
        assert_eq!((rig.table.rows.len(), rig.table.lists), (0, 1));
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_does_not_stream_is_asked_for_pages() {
    let mut rig = paged();
    let asked = rig.asked_list().await;
    assert_eq!(asked.query("limit"), Some("2"));
    asked.list("7", "x=", &[pod("a", ""), pod("b", "")]).await;
    let asked = rig.asked().await;
    assert_eq!((asked.query("limit"), asked.query("continue")), (Some("3"), Some("x%3D")));
    rig.table.until(|table| table.rows.len() == 2).await;
    asked.list("7", "", &[pod("c", "")]).await;
    assert_eq!(rig.asked_watch().await.query("resourceVersion"), Some("7"));
    rig.table.until_rows(&["a", "b", "c"]).await;
}

#[tokio::test(start_paused = true)]
async fn a_list_that_expires_between_pages_is_begun_again_in_silence() {
    let mut rig = paged();
    rig.asked_list().await.list("7", "x", &[pod("a", ""), pod("b", "")]).await;
    rig.asked().await.refuse(410, "the provided continue parameter is too old").await;
    let again = rig.asked_list().await;
    rig.table.until(|table| table.rows.len() == 2).await;
    again.list("9", "", &[pod("b", ""), pod("c", "")]).await;
    rig.table.until_rows(&["b", "c"]).await;
    assert_eq!((rig.table.lists, rig.table.faults.len()), (2, 0));
}

#[tokio::test(start_paused = true)]
async fn a_list_that_expires_again_and_again_is_a_failure_that_waits() {
    let mut rig = paged();
    for _ in 0..4 {
        rig.asked_list().await.list("7", "x", &[pod("a", "")]).await;
        rig.asked().await.refuse(410, "too old").await;
    }
    let since = Instant::now();
    assert_eq!(rig.table.until_faults(1).await, (Class::Gone, "listing pods: too old"));
    rig.asked_list().await;
    assert!(since.elapsed() >= Duration::from_millis(800));
    assert_eq!(rig.table.rows.len(), 1, "rows stay");
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_breaks_in_the_middle_keeps_the_rows_and_is_tried_again() {
    let text = list("7", "", &pods(3));
    // In the first item, in the last one, in the middle of a character, and before the end of the list.
    let accent = text.rfind('é').unwrap() + 1;
    for cut in [text.find("pod-0000").unwrap(), text.rfind("pod-0002").unwrap(), accent, text.len() - 1] {
        for broken in [true, false] {
            let mut rig = Rig::pods();
            let flow = rig.asked_list().await.ok();
            flow.send(&text.as_bytes()[..cut]).await;
            if broken {
                flow.cut().await;
            } else {
                drop(flow);
            }
            let class = if broken { Class::Unreachable } else { Class::Protocol };
            assert_eq!(rig.table.until_faults(1).await.0, class, "cut at {cut}");
            let whole = text.match_indices("Running").filter(|(at, _)| *at < cut).count();
            assert_eq!(rig.table.rows.len(), whole, "cut at {cut}");
            rig.asked_list().await.ok().send(&text).await;
            rig.table.until(|table| table.rows.len() == 3 && table.lists == 2).await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_no_list_is_quoted_in_one_line() {
    let damaged = {
        let mut bytes = gzip(list("7", "", &pods(100)).as_bytes());
        let middle = bytes.len() / 2;
        bytes[middle..middle + 20].fill(0xff);
        bytes
    };
    let short = gzip(list("7", "", &pods(100)).as_bytes());
    type Headers<'a> = &'a [(&'a str, &'a str)];
    let cases: [(Headers<'_>, Vec<u8>, &str); 6] = [
        (&[], b"<html>\n<title>Log in".to_vec(), "the answer is not a list: <html> <title>Log in"),
        (&[], b"\x16\x03\x01\xff\xfe".to_vec(), "the answer is not a list: "),
        (&[], br#"{"kind":"Status","metadata":{}}"#.to_vec(), "the answer is not a list: {\"kind\""),
        (&[("content-encoding", "gzip")], damaged, "the compressed answer is damaged"),
        (
            &[("content-encoding", "gzip")],
            short[..short.len() / 2].to_vec(),
            "the answer ended in the middle",
        ),
        (&[("content-encoding", "br")], Vec::new(), "the answer has an encoding that was not asked for"),
    ];
    for (headers, body, expected) in cases {
        let mut rig = Rig::pods();
        rig.asked_list().await.answer(200, headers).send(body).await;
        let (class, message) = rig.table.until_faults(1).await;
        assert_eq!(class, Class::Protocol);
        let message = message.strip_prefix("listing pods: ").unwrap();
        assert!(message.starts_with(expected), "{message}");
        assert!(!message.contains(|c: char| c.is_control()), "{message}");
        rig.asked_list().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_failing_server_is_asked_again_and_may_say_when() {
    let cases = [
        (500, None, Class::Server, 0.8..1.1),
        (503, Some("7"), Class::Server, 7.0..9.0),
        (429, Some("3"), Class::Throttled, 3.0..4.0),
        (401, None, Class::Unauthorized, 0.8..1.1),
    ];
    for (code, retry_after, class, expected) in cases {
        let mut rig = Rig::pods();
        let asked = rig.asked_list().await;
        let since = Instant::now();
        let headers: Vec<(&str, &str)> = retry_after.iter().map(|value| ("retry-after", *value)).collect();
        asked.answer(code, &headers).send("no").await;
        assert_eq!(rig.table.until_faults(1).await.0, class);
        rig.asked_list().await;
        let waited = since.elapsed().as_secs_f64();
        assert!(expected.contains(&waited), "{code}: {waited} s");
    }
}

#[tokio::test(start_paused = true)]
async fn a_slow_server_is_waited_for_as_long_as_something_comes() {
    let mut rig = Rig::pods();
    let flow = rig.asked_list().await.ok();
    let text = list("7", "", &pods(1));
    for byte in text.as_bytes().chunks(5) {
        tokio::time::sleep(Duration::from_secs(29)).await;
        assert!(flow.send(byte).await, "given up");
    }
    drop(flow);
    rig.asked_watch().await;
    rig.table.until_rows(&["pod-0000"]).await;
    assert!(rig.table.faults.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_server_that_stops_in_the_middle_is_given_up() {
    let mut rig = Rig::pods();
    let flow = rig.asked_list().await.ok();
    let text = list("7", "", &pods(2));
    flow.send(&text[..text.len() - 10]).await;
    let since = Instant::now();
    flow.closed().await;
    assert_eq!(since.elapsed().as_secs(), 30);
    assert_eq!(
        rig.table.until_faults(1).await,
        (Class::Timeout, "listing pods: the server has sent nothing for 30 s")
    );
    assert!(!rig.table.rows.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_server_that_never_answers_is_given_up() {
    let mut rig = Rig::pods();
    let since = Instant::now();
    rig.asked_list().await.given_up().await;
    assert_eq!(since.elapsed().as_secs(), 20);
    let (class, message) = rig.table.until_faults(1).await;
    assert_eq!((class, message), (Class::Timeout, "listing pods: the server has not answered for 20 s"));
}

#[tokio::test(start_paused = true)]
async fn an_object_that_cannot_be_decoded_is_told_and_the_others_are_shown() {
    let mut rig = Rig::pods();
    let mut odd = pod("odd", "");
    odd["spec"]["containers"] = json!("none");
    let mut odder = odd.clone();
    odder["metadata"] = json!({ "name": "odder", "namespace": "shop", "uid": "2" });
    let flow = rig.settled("7", &[pod("a", ""), odd.clone(), odder, pod("b", "")]).await;
    rig.table.until_rows(&["a", "b"]).await;
    let (count, message) = rig.table.undecodable.clone().unwrap();
    assert_eq!(count, 2);
    assert!(message.starts_with("pod shop/odder cannot be read: "), "{message}");
    // What happens to it later changes the number, and only a change is told.
    rig.table.undecodable = None;
    flow.event("MODIFIED", &odd).await;
    flow.event("MODIFIED", &pod("a", "moved")).await;
    rig.table.until(|table| table.rows["a"] == "moved").await;
    assert_eq!(rig.table.undecodable, None);
    flow.event("MODIFIED", &pod("odd", "mended")).await;
    rig.table.until_rows(&["a", "b", "odd"]).await;
    rig.table.until(|table| table.undecodable.as_ref().is_some_and(|(count, _)| *count == 1)).await;
    assert!(rig.table.faults.is_empty());
}

#[tokio::test(start_paused = true)]
async fn an_object_larger_than_sensible_is_a_failure() {
    let tuning = Tuning { object_bytes: 1000, ..Tuning::default() };
    let mut rig = Rig::open(Selection::all(find("pods").unwrap(), None), tuning, 64);
    let large = pod("large", &"x".repeat(2000));
    rig.asked_list().await.list("7", "", &[pod("a", ""), large]).await;
    let (class, message) = rig.table.until_faults(1).await;
    assert_eq!(
        (class, message),
        (Class::Protocol, "listing pods: the server sent an object of more than 1000 bytes")
    );
    assert_eq!(rig.table.rows.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn listing_once_says_the_same_and_ends() {
    let (client, mut requests) = client();
    let (sender, batches) = mpsc::channel(64);
    let selection = Selection::all(find("pods").unwrap(), Some("shop".into()));
    let watch = Watch { id: WatchId(1), selection };
    let once = tokio::spawn(list_once(client.clone(), watch.clone(), Feed::new(sender), Tuning::default()));
    let asked = requests.recv().await.unwrap();
    assert_eq!(asked.uri, "/api/v1/namespaces/shop/pods");
    asked.list("7", "", &[pod("a", "")]).await;
    once.await.unwrap().unwrap();
    Table::new(batches).until_rows(&["a"]).await;

    let (sender, _batches) = mpsc::channel(64);
    let once = tokio::spawn(list_once(client, watch, Feed::new(sender), Tuning::default()));
    requests.recv().await.unwrap().refuse(500, "no").await;
    assert_eq!(once.await.unwrap().unwrap_err().message, "listing pods in shop: no");
}
