//! What each story promises is there, and can be put right in the way it suggests.

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
    let revision = |set: &&Value| {
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

#[test]
fn what_leaks_is_killed_again_and_again() {
    let mut world = made("out-of-memory");
    let of = |world: &World| -> Vec<(i64, String)> {
        let read = |pod: &&Arc<Object>| {
            let value = pod.value();
            let last = text(&value, "/status/containerStatuses/0/lastState/terminated/reason").to_owned();
            (int(&value, "/status/containerStatuses/0/restartCount"), last)
        };
        pods(world, "shop", "recommendations").iter().map(read).collect()
    };
    let before = of(&world);
    assert_eq!(before.len(), 3);
    assert!(before.iter().all(|(restarts, last)| *restarts >= 3 && last == "OOMKilled"), "{before:?}");
    pass(&mut world, 600);
    let after = of(&world);
    assert!(before.iter().zip(&after).all(|(before, after)| before.0 < after.0), "{before:?} {after:?}");
    let pods = pods(&world, "shop", "recommendations");
    let last = log(&world, pods[0], &Query { previous: true, ..Query::default() });
    assert!(last.contains("heap_mib="), "{last}");
}

#[test]
fn pods_that_fit_nowhere_say_why() {
    let world = made("pending");
    let why = |about: &str, namespace: &str| {
        let said = said(&world, namespace, about);
        said.into_iter().find(|(reason, _)| reason == "FailedScheduling").map(|(_, message)| message).unwrap()
    };
    assert!(why("forecast-", "platform").contains("Insufficient cpu"));
    assert!(why("training-", "search").contains("untolerated taint"));
    assert!(why("rehearsal-", "platform").contains("Insufficient cpu"));
    let phases = |app: &str, namespace: &str| -> Vec<String> {
        pods(&world, namespace, app)
            .iter()
            .map(|pod| text(&pod.value(), "/status/phase").to_owned())
            .collect()
    };
    assert_eq!(phases("forecast", "platform"), ["Pending"]);
    assert_eq!(phases("training", "search"), ["Pending", "Pending"]);
    let rehearsal = phases("rehearsal", "platform");
    let running = rehearsal.iter().filter(|phase| *phase == "Running").count();
    assert!(running > 3 && running < rehearsal.len() - 3, "{running} of {}", rehearsal.len());
}

#[test]
fn images_that_cannot_be_pulled_are_told_from_one_another_by_their_events() {
    let world = made("image-pull");
    for (app, why) in [("reviews", "revievs:2.4.0: not found"), ("loyalty", "pull access denied")] {
        let waiting: Vec<_> = pods(&world, "shop", app)
            .into_iter()
            .filter(|pod| matches!(&*waits(pod), "ImagePullBackOff" | "ErrImagePull"))
            .collect();
        assert!(!waiting.is_empty(), "{app}");
        let said = said(&world, "shop", &format!("{app}-"));
        assert!(said.iter().any(|(reason, message)| reason == "Failed" && message.contains(why)), "{said:?}");
    }
    assert_eq!(ready(&pods(&world, "shop", "reviews")), 2, "the old ones still serve");
}

#[test]
fn a_noisy_cluster_writes_thousands_of_lines_a_second_from_fifty_places() {
    let mut world = made("noisy");
    let all: Vec<Arc<Object>> = world.store.all(TypeId::PODS, "").cloned().collect();
    let query = |pod: &Object| Query {
        container: Some(text(&pod.value(), "/spec/containers/0/name").to_owned()),
        tail: Some(0),
        ..Query::default()
    };
    let running = |pod: &&Arc<Object>| text(&pod.value(), "/status/phase") == "Running";
    let mut cursors: Vec<_> = all
        .iter()
        .filter(running)
        .map(|pod| logs::open(&world, pod.namespace(), pod.name(), &query(pod)).unwrap())
        .collect();
    pass(&mut world, 60);
    let mut counts: Vec<usize> = Vec::new();
    let mut out = Vec::new();
    for cursor in &mut cursors {
        out.clear();
        while cursor.next(&world, &mut out) == Next::Line {}
        counts.push(out.iter().filter(|byte| **byte == b'\n').count());
    }
    let loud = counts.iter().filter(|lines| **lines > 300).count();
    let all: usize = counts.iter().sum();
    assert!(loud >= 50, "{loud} sources");
    assert!((2_000..20_000).contains(&(all / 60)), "{} lines a second", all / 60);
}

#[test]
fn a_name_that_is_almost_right_finds_its_scenario() {
    assert_eq!(nearest("bad-rolout").map(|scenario| scenario.name), Some("bad-rollout"));
    assert_eq!(nearest("node_down").map(|scenario| scenario.name), Some("node-down"));
    assert_eq!(nearest("xyzzy").map(|scenario| scenario.name), None);
    assert!(find("quiet").is_none());
}

#[test]
fn any_scenario_can_have_about_as_many_pods_as_somebody_wants() {
    for pods in [500, 2_000] {
        let options = BuildOptions { pods: Some(pods), seed: 7, now: NOW };
        let mut world = build(find("calm").unwrap(), &options);
        let there = world.store.count(TypeId::PODS);
        assert!(there.abs_diff(pods) < pods / 20, "{there} pods instead of {pods}");
        assert_eq!(looked_at(&mut world), Vec::<String>::new());
    }
}

#[test]
fn a_node_without_power_loses_its_pods_and_others_take_their_place() {
    let mut world = made("node-down");
    let node = Key::new(TypeId::NODES, "", "worker-b2");
    let is_ready = |world: &World| world.get(&node).unwrap().node().unwrap().ready;
    let urgent = |world: &World| -> usize {
        let urgent = |pod: &&Arc<Object>| text(&pod.value(), "/spec/priorityClassName") == "customer-facing";
        let tenants = &world.store.on_node("worker-b2").pods;
        tenants.iter().filter_map(|key| world.get(key)).filter(|pod| !pod.deleting).filter(urgent).count()
    };
    let serving = |world: &World, app: &str| {
        let pods = pods(world, "shop", app);
        pods.iter().filter(|pod| pod.pod().unwrap().ready_since.is_some()).count()
    };
    assert!(is_ready(&world) && urgent(&world) > 0, "something of importance runs there");
    pass(&mut world, 90);
    assert!(!is_ready(&world));
    assert!(said(&world, "default", "worker-b2").iter().any(|(reason, _)| reason == "NodeNotReady"));
    pass(&mut world, 60);
    assert_eq!(urgent(&world), 0, "what customers wait for went first");
    assert_eq!((serving(&world, "checkout"), serving(&world, "cart"), serving(&world, "orders")), (4, 3, 3));
    pass(&mut world, 600);
    let of_sets = |key: &&Key| {
        let pod = world.get(key).unwrap();
        !pod.deleting && world.store.by_uid(pod.controller().unwrap()).unwrap().key.of == TypeId::REPLICA_SETS
    };
    let left: Vec<_> = world.store.on_node("worker-b2").pods.iter().filter(of_sets).collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn what_to_look_for_fits_the_last_line_of_a_small_terminal() {
    for scenario in all() {
        assert!(crate::ui::text::width(scenario.look_for) <= 78, "{}", scenario.name);
    }
}
