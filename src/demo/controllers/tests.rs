use serde_json::Value;

use super::testing::{Cluster, deployment};
use super::{advance, pods};
use crate::demo::world::value::{int, remove, set, text};
use crate::demo::world::{Amount, Behaviour, Deletion, Key, Life, Propagation, TypeId};

/// What can be asked of a cluster.
const KINDS: &[TypeId] = &[TypeId::DEPLOYMENTS, TypeId::STATEFUL_SETS, TypeId::DAEMON_SETS, TypeId::JOBS];

fn workload(of: TypeId, name: &str, replicas: i64, image: &str) -> Value {
    let mut value = deployment(name, replicas, image);
    match of {
        TypeId::DAEMON_SETS | TypeId::JOBS => drop(remove(&mut value, "/spec/replicas")),
        _ => {}
    }
    if of == TypeId::JOBS {
        remove(&mut value, "/spec/selector");
        set(&mut value, "/spec/template/spec/restartPolicy", "Never");
        set(&mut value, "/spec/completions", replicas);
        set(&mut value, "/spec/parallelism", 2);
    }
    value
}

/// Asks for something by chance.
fn ask(cluster: &mut Cluster) {
    let mut below = |end: u64| cluster.world.chance.below(end);
    let (of, number, replicas, what) = (KINDS[below(4) as usize], below(4), below(6) as i64, below(5));
    let image = ["web:1", "web:2", "works:1", "crash:1"][below(4) as usize];
    let name = format!("{}-{number}", ["web", "db", "agent", "batch"][below(4) as usize]);
    let key = Key::new(of, "shop", &name);
    match (cluster.world.get(&key).is_some(), what) {
        (false, _) => drop(cluster.create(of, workload(of, &name, replicas, image))),
        (true, 0) => {
            let ways = [Propagation::Background, Propagation::Foreground];
            let how = Deletion { propagation: Some(ways[replicas as usize % 2]), ..Deletion::default() };
            cluster.world.delete(&key, &how).unwrap();
        }
        (true, 1) if of != TypeId::JOBS => {
            cluster.change(&key, |value| set(value, "/spec/template/spec/containers/0/image", image));
        }
        (true, 2) if matches!(of, TypeId::DEPLOYMENTS | TypeId::STATEFUL_SETS) => {
            cluster.change(&key, |value| set(value, "/spec/replicas", replicas));
        }
        (true, 3) => {
            let pod = cluster.world.store.all(TypeId::PODS, "shop").next().map(|pod| pod.key.clone());
            pod.into_iter().for_each(|pod| cluster.delete(&pod));
        }
        (true, _) => {
            let node = Key::new(TypeId::NODES, "", &format!("node-{}", number + 1));
            cluster.change(&node, |node| set(node, "/spec/unschedulable", replicas % 2 == 0));
        }
    }
}

/// Everything that is wanted is there, and nothing else.
fn check(cluster: &Cluster) {
    let world = &cluster.world;
    for pod in world.store.all(TypeId::PODS, "shop") {
        let owner = pod.controller().and_then(|owner| world.store.by_uid(owner));
        assert!(owner.is_some() && !pod.deleting, "{} has no owner\n{}", pod.name(), cluster.pods());
        assert!(!pods::facts(pod).node.is_empty(), "{} has no node", pod.name());
    }
    for of in [TypeId::DEPLOYMENTS, TypeId::STATEFUL_SETS] {
        for workload in world.store.all(of, "shop").map(|workload| workload.value()) {
            let (name, wanted) = (text(&workload, "/metadata/name"), int(&workload, "/spec/replicas"));
            let there = int(&workload, "/status/replicas");
            let rolls = of == TypeId::DEPLOYMENTS && there > wanted;
            let stuck = text(&workload, "/spec/template/spec/containers/0/image") != "web:1";
            assert!(
                there == wanted || stuck || rolls,
                "{name}: {there} pods of {wanted}\n{}",
                cluster.pods()
            );
            assert_eq!(int(&workload, "/status/observedGeneration"), int(&workload, "/metadata/generation"));
        }
    }
    for node in world.store.all(TypeId::NODES, "") {
        let tenants = world.store.on_node(node.name());
        let pods = tenants.pods.iter().filter_map(|key| world.get(key)).map(|pod| pods::facts(pod));
        let requests =
            pods.filter(|pod| !pod.ended()).fold(Amount::default(), |sum, pod| sum.plus(pod.requests));
        assert_eq!(tenants.requests, requests, "{}", node.name());
    }
}

#[test]
fn whatever_is_asked_for_the_cluster_comes_to_rest_as_it_should_be() {
    for seed in 0..4 {
        let mut cluster = Cluster::of_nodes(5);
        cluster.world.chance = crate::demo::world::Chance::new(seed);
        for (image, exit_code) in [("works", 0), ("crash", 1)] {
            let life = Life::Ends { after_ms: 4_000, exit_code };
            cluster.world.behaviours.set(image, Behaviour { life, ..Behaviour::default() });
        }
        for _ in 0..40 {
            ask(&mut cluster);
            let seconds = cluster.world.chance.below(20) as i64;
            cluster.pass(seconds);
        }
        // Nothing that crashes is left to be started again and again.
        cluster.world.behaviours.set("works", Behaviour::default());
        cluster.world.behaviours.set("crash", Behaviour::default());
        cluster.pass(1_200);
        check(&cluster);
        cluster.pass(4_000);
        assert_eq!(cluster.world.queue.next_due(), None, "seed {seed}");
        assert_eq!(cluster.world.store.count(TypeId::EVENTS), 0);
    }
}

#[test]
fn the_same_world_takes_the_same_course() {
    let course = || {
        let mut cluster = Cluster::of_nodes(5);
        for _ in 0..30 {
            ask(&mut cluster);
            cluster.pass(7);
        }
        let all = cluster
            .world
            .store
            .all(TypeId::PODS, "")
            .map(|pod| String::from_utf8_lossy(pod.json()).into_owned());
        (cluster.world.store.version(), all.collect::<Vec<String>>())
    };
    assert_eq!(course(), course());
}

#[test]
fn an_idle_cluster_of_a_thousand_pods_has_nothing_to_do() {
    let mut cluster = Cluster::of_nodes(12);
    for number in 0..20 {
        cluster.create(TypeId::DEPLOYMENTS, deployment(&format!("web-{number}"), 50, "web:1"));
    }
    cluster.pass(120);
    assert_eq!(
        cluster.world.store.all(TypeId::PODS, "shop").filter(|pod| pods::is_ready(pod)).count(),
        1_000
    );
    cluster.pass(3_700);
    let version = cluster.world.store.version();
    assert_eq!(cluster.world.queue.next_due(), None);
    let later = cluster.world.now.plus(86_400);
    advance(&mut cluster.world, super::CONTROLLERS, later);
    assert_eq!(cluster.world.store.version(), version);
}
