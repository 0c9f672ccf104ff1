//! A person at the keyboard.

use std::collections::{BTreeMap, BTreeSet};

use crate::lab::{alone, kubectl, screen};

/// Names of objects as the API tells them.
fn names(args: &[&str]) -> BTreeSet<String> {
    let args: Vec<&str> = std::iter::once("get").chain(args.iter().copied()).chain(["-o", "name"]).collect();
    let name = |line: &str| line.rsplit('/').next().unwrap().to_owned();
    kubectl(&args).lines().map(name).collect()
}

/// The label selector of a deployment of team-1.
fn selector(deployment: &str) -> String {
    let path = "jsonpath={.spec.selector.matchLabels}";
    let labels: BTreeMap<String, String> =
        serde_json::from_str(&kubectl(&["get", "deployment", deployment, "-n", "team-1", "-o", path]))
            .unwrap();
    labels.iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join(",")
}

/// The names on a screen that shows one namespace: the word after the shape of the health.
fn shown(screen: &str) -> BTreeSet<String> {
    let rows = screen.lines().skip(3).filter_map(|line| line.split(['✗', '◐', '✓', '○']).nth(1));
    rows.filter_map(|row| row.split_whitespace().next()).map(str::to_owned).collect()
}

#[test]
fn from_a_deployment_to_its_pods_to_a_node_and_back() {
    let _alone = alone();
    let mut kw = screen(&["deployments", "-n", "team-1"], (200, 50));
    let deployments = names(&["deployments", "-n", "team-1"]);
    kw.wait("all deployments", |screen| screen.contains("● live") && shown(screen) == deployments);

    let first = deployments.first().unwrap().clone();
    kw.send("\r");
    let pods = names(&["pods", "-n", "team-1", "-l", &selector(&first)]);
    let (text, _) = kw.wait("its pods", |screen| screen.contains("pods") && shown(screen) == pods);
    assert!(text.contains(&format!("team-1 ▸ deployments ▸ {first} ▸ pods")), "{text}");

    kw.send("\r");
    kw.wait("the containers of a pod", |screen| {
        screen.contains("▸ containers") && shown(screen).contains("app")
    });

    kw.send(":nodes\r");
    let nodes = names(&["nodes"]);
    kw.wait("all nodes", |screen| shown(screen) == nodes);
    kw.send("/node-1\r\r");
    kw.wait("the pods of a node, in all namespaces", |screen| {
        screen.contains("nodes ▸ node-1 ▸ pods") && screen.contains("NAMESPACE") && screen.contains("● live")
    });

    // One by one: two escapes in one read are alt-escape to a terminal.
    kw.send("\x1b");
    kw.wait("the nodes, filtered", |screen| !screen.contains("node-1 ▸ pods") && screen.contains("/node-1"));
    kw.send("\x1b");
    kw.wait("all nodes again", |screen| shown(screen) == nodes);
    kw.send("\x1b");
    kw.wait_for("▸ containers");
    kw.send("\x1b");
    kw.wait("the pods again", |screen| !screen.contains("▸ containers") && shown(screen) == pods);
    kw.send("\x1b");
    kw.wait("the deployments again, the same highlighted", |screen| {
        screen.lines().any(|line| line.contains('▌') && line.contains(&first)) && shown(screen) == deployments
    });
    kw.send("q");
    assert_eq!(kw.wait_for_end().0, 0);
}

#[test]
fn what_happens_in_the_cluster_happens_on_screen() {
    let _alone = alone();
    let watched = &*format!("watched-{}", std::process::id());
    kubectl(&["create", "namespace", watched]);
    let mut kw = screen(&["pods", "-n", watched], (120, 30));
    kw.wait_for(&format!("no pods in {watched}"));
    kubectl(&["create", "deployment", "web", "--image=web:1", "--replicas=3", "-n", watched]);
    kw.wait("three pods run", |screen| {
        screen.matches("Running").count() == 3 && screen.contains("✓ 3 healthy")
    });
    kubectl(&["scale", "deployment", "web", "--replicas=1", "-n", watched]);
    kw.wait("one is left", |screen| screen.matches("Running").count() == 1 && screen.contains(" 1 pod"));
    kubectl(&["delete", "namespace", watched, "--wait=false"]);
    kw.wait_for(&format!("no pods in {watched}"));
    kw.send("q");
    assert_eq!(kw.wait_for_end().0, 0);
}

#[test]
fn the_header_says_which_server_and_who() {
    let _alone = alone();
    let kw = screen(&[], (120, 20));
    kw.wait_for("● live · v1.37.2 · admin");
}

#[test]
fn a_small_terminal_and_one_that_changes_its_size() {
    let _alone = alone();
    let mut kw = screen(&["pods", "-A"], (40, 10));
    kw.wait("rows", |screen| screen.contains('▌') && screen.contains("live"));
    kw.resize(200, 50);
    kw.wait_for("NODE");
    kw.resize(40, 10);
    kw.wait("the small screen", |screen| !screen.contains("NODE") && screen.contains('▌'));
    kw.send("?");
    kw.wait_for("Keys and commands");
}

#[test]
fn the_terminal_is_restored_on_every_way_out() {
    let _alone = alone();
    for way in ["q", "\x03", ":q\r", "TERM", "HUP", "INT"] {
        let mut kw = screen(&["pods", "-A"], (100, 20));
        kw.wait("rows", |screen| screen.contains('▌'));
        assert!(kw.on_alternate_screen());
        match way {
            "TERM" | "HUP" | "INT" => {
                let status = std::process::Command::new("kill")
                    .args([&format!("-{way}"), &kw.pid().to_string()])
                    .status();
                assert!(status.unwrap().success());
            }
            keys => kw.send(keys),
        }
        let (code, left) = kw.wait_for_end();
        assert_eq!(code, 0, "after {way:?}");
        assert!(!kw.on_alternate_screen(), "after {way:?}");
        assert_eq!(left.trim(), "", "after {way:?}");
    }
}
