//! What only the simulated server can be asked to do.

use std::time::Duration;

use kittiwake::demo::{Demo, DemoOptions, StartError};
use serde_json::json;

use crate::api::{Api, MERGE, version};
use crate::simulation::world;

#[tokio::test]
async fn a_half_read_list_is_forgotten_with_everything_else() {
    let api = Api::new().await;
    for name in ["a", "b", "c"] {
        api.config_map(name, json!({})).await;
    }
    let maps = api.core("configmaps");
    let page = api.get(&format!("{maps}?limit=1")).await.ok();
    api.target.forget();
    let token = page["metadata"]["continue"].as_str().unwrap();
    assert_eq!(api.get(&format!("{maps}?limit=1&continue={token}")).await.refused(), (410, "Expired"));
}

#[tokio::test]
async fn nobody_gets_in_without_the_token() {
    let demo = Demo::start(world, DemoOptions { speed: 1.0, port: 0 }).unwrap();
    for token in [None, Some("wrong")] {
        let text = demo.kubeconfig_text();
        let own = text.lines().find(|line| line.contains("token:")).unwrap();
        let text = text.replace(own, &token.map_or(String::new(), |token| format!("    token: {token}")));
        let text = if token.is_none() { text.replace("  user:\n", "  user: {}\n") } else { text };
        let path = demo.directory().join("other");
        std::fs::write(&path, text).unwrap();
        let options = kittiwake::cluster::connect::Options { kubeconfig: Some(path), ..Default::default() };
        let kubeconfig = kittiwake::cluster::connect::Kubeconfig::load(&options).unwrap();
        let (terminal, _) = tokio::sync::mpsc::channel(1);
        let client =
            kittiwake::cluster::connect::connect(&kubeconfig, &options, terminal).await.unwrap().client;
        let request = http::Request::get("/api/v1/pods").body(kube::client::Body::empty()).unwrap();
        assert_eq!(client.send(request).await.unwrap().status(), 401, "{token:?}");
    }
}

#[test]
fn nothing_is_left_behind_and_the_kubeconfig_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let demo = Demo::start(world, DemoOptions { speed: 1.0, port: 0 }).unwrap();
    let (path, port) = (demo.kubeconfig_path(), demo.port());
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), demo.kubeconfig_text());
    let taken = Demo::start(world, DemoOptions { speed: 1.0, port });
    assert!(matches!(&taken, Err(StartError::PortInUse(there)) if *there == port), "{taken:?}");
    assert_eq!(taken.unwrap_err().to_string(), format!("port {port} is in use"));
    drop(demo);
    assert!(!path.exists() && !path.parent().unwrap().exists());
    let again = Demo::start(world, DemoOptions { speed: 1.0, port }).unwrap();
    assert_eq!(again.port(), port);
}

#[tokio::test]
async fn changes_of_the_world_are_told_to_watches_and_time_can_be_moved() {
    let api = Api::new().await;
    let list = api.get(&api.core("configmaps")).await.ok();
    let mut watch = api.watch(&api.core("configmaps"), &format!("resourceVersion={}", version(&list))).await;
    let demo = &api.target.demo;
    demo.set_speed(0.0);
    let before = demo.with_world(|world| world.now);
    demo.advance(Duration::from_secs(3600));
    let created = demo.with_world(|world| {
        use kittiwake::demo::world::{TypeId, Write};
        assert_eq!(world.now.since(before), 3_600_000);
        world.create(
            TypeId::CONFIG_MAPS,
            &api.namespace,
            json!({"metadata": {"name": "a"}}),
            Write::default(),
        )
    });
    assert_eq!(watch.event().await, ("ADDED".to_owned(), created.unwrap().value()));
    api.patch(&api.core("configmaps/a"), MERGE, json!({"data": {"x": "y"}})).await.ok();
    assert_eq!(watch.events(1).await, ["MODIFIED a"]);
}

#[tokio::test]
async fn time_passes_while_nobody_asks_for_anything() {
    let api = Api::new().await;
    let mut watch = api.watch(&api.core("pods"), "labelSelector=app").await;
    api.create(&api.apps("deployments"), crate::api::deployment("web", 1)).await;
    let mut phase = String::new();
    while phase != "Running" {
        let (_, pod) = watch.event().await;
        phase = pod["status"]["phase"].as_str().unwrap_or_default().to_owned();
    }
    let pods = api.get(&api.core("pods")).await.ok();
    let log = format!("pods/{}/log?follow=true", crate::api::names(&pods)[0]);
    let mut log = api.lines(&api.core(&log), "*/*").await;
    for _ in 0..5 {
        assert!(log.next().await.is_some(), "the container goes on writing");
    }
    api.delete(&api.apps("deployments/web"), json!({})).await.ok();
    while log.next().await.is_some() {}
}

#[tokio::test]
async fn a_reader_that_is_too_slow_for_what_is_remembered_is_told_so() {
    let api = Api::new().await;
    let list = api.get(&api.core("configmaps")).await.ok();
    let mut watch = api.watch(&api.core("configmaps"), &format!("resourceVersion={}", version(&list))).await;
    // More than the connection holds and the world remembers, while nobody reads.
    let text = "x".repeat(4_000);
    api.target.demo.with_world(|world| {
        use kittiwake::demo::world::{TypeId, World};
        for number in 0..World::MEMORY * 2 {
            let metadata = json!({"name": format!("map-{}", number % 10), "namespace": api.namespace});
            world.insert(
                TypeId::CONFIG_MAPS,
                json!({"metadata": metadata, "data": {"x": text, "n": number.to_string()}}),
            );
        }
    });
    let (mut kind, mut last) = watch.event().await;
    while kind != "ERROR" {
        (kind, last) = watch.event().await;
    }
    assert_eq!((&last["code"], watch.next().await), (&json!(410), None));
}
