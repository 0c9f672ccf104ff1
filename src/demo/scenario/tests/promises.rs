//! What each story promises is there, and can be put right in the way it suggests.

use std::sync::Arc;

use super::*;
use crate::demo::logs::{self, Next, Query};
use crate::demo::world::value::{int, list, text};
use crate::demo::world::{Key, Object, TypeId};

fn pods<'w>(world: &'w World, namespace: &str, app: &'w str) -> Vec<&'w Arc<Object>> {
    let of_app = |pod: &&Arc<Object>| pod.label("app.kubernetes.io/name") == Some(app);
    world.store.all(TypeId::PODS, namespace).filter(of_app).collect()
}

fn ready(pods: &[&Arc<Object>]) -> usize {
    pods.iter().filter(|pod| pod.value()["status"]["containerStatuses"][0]["ready"] == true).count()
}

/// Why the first container of a pod waits.
fn waits(pod: &Object) -> String {
    text(&pod.value(), "/status/containerStatuses/0/state/waiting/reason").to_owned()
}

fn log(world: &World, pod: &Object, query: &Query) -> String {
    let mut cursor = logs::open(world, pod.namespace(), pod.name(), query).unwrap();
    let mut out = Vec::new();
    while cursor.next(world, &mut out) == Next::Line {}
    String::from_utf8(out).unwrap()
}

/// What is said about objects whose names begin like this.
fn said(world: &World, namespace: &str, about: &str) -> Vec<(String, String)> {
    let read = |event: &Arc<Object>| {
        let value = event.value();
        let meant = text(&value, "/involvedObject/name").starts_with(about);
        meant.then(|| (text(&value, "/reason").to_owned(), text(&value, "/message").to_owned()))
    };
    world.store.all(TypeId::EVENTS, namespace).filter_map(read).collect()
}

#[test]
fn the_bad_release_hangs_says_why_and_can_be_rolled_back() {
    let mut world = made("bad-rollout");
    let key = Key::new(TypeId::DEPLOYMENTS, "shop", "checkout");
    let all = pods(&world, "shop", "checkout");
    let bad: Vec<_> = all.iter().filter(|pod| waits(pod) == "CrashLoopBackOff").collect();
    assert_eq!((bad.len(), ready(&all)), (2, 3), "a quarter more came, and a quarter went");
    let value = bad[0].value();
    assert!(int(&value, "/status/containerStatuses/0/restartCount") >= 3);
    let last = log(&world, bad[0], &Query { previous: true, ..Query::default() });
    assert!(last.contains("payments.retry.max_elapsed") && last.contains("goroutine 1"), "{last}");
    assert!(said(&world, "shop", "checkout-").iter().any(|(reason, _)| reason == "BackOff"));

    let sets: Vec<_> = world.store.owned_by(world.get(&key).unwrap().uid).map(|set| set.value()).collect();
    let revision = |set: &&serde_json::Value| {
        text(set, "/metadata/annotations/deployment.kubernetes.io~1revision").parse::<u32>().unwrap()
    };
    let mut sets: Vec<_> = sets.iter().collect();
    sets.sort_by_key(revision);
    let mut before = sets[sets.len() - 2]["spec"]["template"].clone();
    before["metadata"]["labels"].as_object_mut().unwrap().remove("pod-template-hash");
    world.modify(&key, |deployment| deployment["spec"]["template"] = before);
    pass(&mut world, 120);
    let all = pods(&world, "shop", "checkout");
    assert_eq!((all.len(), ready(&all)), (4, 4));
    let images: Vec<String> = all
        .iter()
        .flat_map(|pod| list(&pod.value(), "/spec/containers").to_vec())
        .map(|container| text(&container, "/image").to_owned())
        .collect();
    assert!(images.iter().all(|image| image.ends_with("checkout:2.14.3")), "{images:?}");
}
