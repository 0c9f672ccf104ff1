//! Which containers are read, and how many become one.

use std::time::Duration;

use kittiwake::cluster::Link;
use kittiwake::cluster::logs::{LogRequest, LogTuning, Role, Since, SourceId, SourceState};
use kittiwake::resources::{Selection, find};
use serde_json::json;

use crate::rig::{Rig, everything, in_state, line, pod, waiting};

#[tokio::test(start_paused = true)]
async fn containers_of_all_sorts_are_read() {
    let mut web = pod("web", &["app"]);
    web["spec"]["initContainers"] =
        json!([{ "name": "setup" }, { "name": "mesh", "restartPolicy": "Always" }]);
    web["spec"]["ephemeralContainers"] = json!([{ "name": "debug" }]);
    let running = |name: &str| json!({ "name": name, "state": { "running": {} } });
    web["status"]["initContainerStatuses"] = json!([
        { "name": "setup", "state": { "terminated": { "exitCode": 0, "reason": "Completed" } } },
        running("mesh"),
    ]);
    web["status"]["ephemeralContainerStatuses"] = json!([running("debug")]);
    let mut rig = Rig::follow(&[web]);
    for name in ["setup", "mesh", "app", "debug"] {
        rig.asked_for("web", name).await.ok().send(line(0, name)).await;
    }
    rig.until("all", |rig| rig.lines().len() == 4).await;
    let roles: Vec<Role> = rig.log.sources().iter().map(|entry| entry.source.role).collect();
    assert_eq!(roles, [Role::Init, Role::Sidecar, Role::App, Role::Ephemeral]);
    assert_eq!(rig.log.source(SourceId(2)).unwrap().source.to_string(), "web/app");
}

#[tokio::test(start_paused = true)]
async fn a_pod_that_appears_later_joins_by_itself() {
    let mut rig = Rig::follow(&[pod("a", &["app"])]);
    let first = rig.asked_for("a", "app").await.ok();
    first.send(line(0, "from a")).await;
    rig.until_lines(&["from a"]).await;
    rig.change(pod("b", &["app"])).await;
    rig.asked_for("b", "app").await.ok().send(line(1, "from b")).await;
    rig.until_lines(&["from a", "from b"]).await;
    // An ephemeral container is put into a pod that is there.
    let mut more = pod("a", &["app"]);
    more["spec"]["ephemeralContainers"] = json!([{ "name": "debug" }]);
    more["status"]["ephemeralContainerStatuses"] = json!([{ "name": "debug", "state": { "running": {} } }]);
    rig.change(more).await;
    rig.asked_for("a", "debug").await.ok().send(line(2, "from debug")).await;
    rig.until_lines(&["from a", "from b", "from debug"]).await;
}

#[tokio::test(start_paused = true)]
async fn what_starts_later_is_read_from_its_beginning() {
    let request = LogRequest { since: Since::Tail(5), ..everything() };
    let creating = in_state("b", 0, &waiting("ContainerCreating"), &json!({}));
    let mut rig = Rig::open(&[pod("a", &["app"]), creating], request, LogTuning::default());
    let first = rig.asked_for("a", "app").await;
    assert_eq!(first.query("tailLines"), Some("5"));
    let _open = first.ok();
    rig.until("both are listed", |rig| rig.log.found() == Some(2)).await;
    rig.change(pod("b", &["app"])).await;
    let started = rig.asked_for("b", "app").await;
    assert_eq!(started.query("tailLines"), None);
    let _open = started.ok();
    rig.change(pod("c", &["app"])).await;
    assert_eq!(rig.asked_for("c", "app").await.query("tailLines"), None);
}

#[tokio::test(start_paused = true)]
async fn lines_of_several_sources_are_in_the_order_of_their_times() {
    let mut rig = Rig::follow(&[pod("a", &["app"]), pod("b", &["app"])]);
    let (one, other) = (rig.asked().await.ok(), rig.asked().await.ok());
    one.send(line(0, "1") + &line(20, "3") + &line(40, "5")).await;
    other.send(line(10, "2") + &line(30, "4")).await;
    rig.until_lines(&["1", "2", "3", "4", "5"]).await;
}

#[tokio::test(start_paused = true)]
async fn a_source_that_is_quiet_holds_up_nobody_for_long() {
    let mut rig = Rig::follow(&[pod("a", &["app"]), pod("b", &["app"])]);
    let (one, _quiet) = (rig.asked().await.ok(), rig.asked().await.ok());
    one.send(line(0, "1")).await;
    let sent = tokio::time::Instant::now();
    rig.until_lines(&["1"]).await;
    assert!(sent.elapsed() <= Duration::from_millis(400), "{:?}", sent.elapsed());
}

#[tokio::test(start_paused = true)]
async fn only_so_many_streams_are_open_and_the_others_get_their_turn() {
    let tuning = LogTuning { streams: 2, ..LogTuning::default() };
    let pods = [pod("a", &["app"]), pod("b", &["app"]), pod("c", &["app"])];
    let mut rig = Rig::open(&pods, everything(), tuning);
    let (_one, other) = (rig.asked_for("a", "app").await.ok(), rig.asked_for("b", "app").await.ok());
    rig.until_said("log: one more container waits for its turn", 1).await;
    rig.until("c waits", |rig| {
        rig.log.source(SourceId(2)).is_some_and(|entry| entry.state == SourceState::Queued)
    })
    .await;
    drop(other);
    rig.delete("b").await;
    rig.asked_for("c", "app").await.ok().send(line(0, "c")).await;
    rig.until_lines(&["c"]).await;
}

#[tokio::test(start_paused = true)]
async fn a_pod_in_several_selections_is_read_once() {
    let pods = find("pods").unwrap();
    let named = |name: &str| Selection::named(pods, Some("default".into()), name);
    let request = LogRequest { pods: vec![named("a"), named("a")], ..everything() };
    let mut rig = Rig::open(&[pod("a", &["app"])], request, LogTuning::default());
    rig.asked_for("a", "app").await.ok().send(line(0, "once")).await;
    rig.until("both are listed", |rig| rig.log.found() == Some(1)).await;
    rig.until_lines(&["once"]).await;
}

#[tokio::test(start_paused = true)]
async fn that_pods_cannot_be_listed_is_said() {
    let (client, mut requests) = crate::server::client();
    let (sender, mut batches) = tokio::sync::mpsc::channel(4);
    let feed = kittiwake::cluster::logs::LogFeed::new(sender);
    let id = kittiwake::cluster::logs::LogId(1);
    let request = LogRequest { follow: false, ..everything() };
    let _handle = kittiwake::cluster::logs::open(client, id, request, feed, LogTuning::default());
    let said = "pods is forbidden: User \"bob\" cannot list resource \"pods\" in API group \"\" in the namespace \"default\"";
    requests.recv().await.unwrap().refuse(403, said).await;
    let mut log = kittiwake::cluster::logs::Log::new(0);
    while !log.is_over() {
        log.receive(batches.recv().await.unwrap().events);
    }
    assert!(matches!(log.pods(), Link::Refused(error) if error.message.contains("listing pods")));
    assert_eq!(log.found(), Some(0));
}
