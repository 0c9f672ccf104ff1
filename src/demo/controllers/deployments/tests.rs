use super::super::conditions;
use super::super::testing::{Cluster, deployment};
use super::*;
use crate::demo::world::value::set;
use crate::demo::world::{Behaviour, Life};

fn key() -> Key {
    Key::new(TypeId::DEPLOYMENTS, "shop", "web")
}

fn cluster(replicas: i64) -> Cluster {
    let mut cluster = Cluster::of_nodes(3);
    let crash = Behaviour { life: Life::Ends { after_ms: 2_000, exit_code: 1 }, ..Behaviour::default() };
    cluster.world.behaviours.set("web:crash", crash);
    cluster.create(TypeId::DEPLOYMENTS, deployment("web", replicas, "web:1"));
    cluster
}

fn image(cluster: &mut Cluster, image: &str) {
    cluster.change(&key(), |value| set(value, "/spec/template/spec/containers/0/image", image));
}

fn number(world: &World, field: &str) -> i64 {
    int(&world.get(&key()).unwrap().value(), &format!("/status/{field}"))
}

fn is_done(world: &World) -> bool {
    let value = world.get(&key()).unwrap().value();
    let wanted = int(&value, "/spec/replicas");
    let all = ["replicas", "updatedReplicas", "availableReplicas"];
    int(&value, "/status/observedGeneration") == int(&value, "/metadata/generation")
        && all.iter().all(|field| number(world, field) == wanted)
}

fn reason(world: &World, of: &str) -> String {
    let value = world.get(&key()).unwrap().value();
    let found = conditions::find(&value["status"], of);
    found.map_or("", |found| text(found, "/reason")).to_owned()
}

fn sets(cluster: &Cluster) -> Vec<(String, i64)> {
    let mut sets: Vec<(String, i64)> = cluster
        .world
        .store
        .all(TypeId::REPLICA_SETS, "shop")
        .map(|set| set.value())
        .map(|set| (text(&set, REVISION).to_owned(), int(&set, "/spec/replicas")))
        .collect();
    sets.sort();
    sets
}

#[test]
fn a_whole_story() {
    let mut cluster = cluster(3);
    cluster.until(60, is_done);
    assert_eq!(reason(&cluster.world, "Progressing"), "NewReplicaSetAvailable");
    assert_eq!(reason(&cluster.world, "Available"), "MinimumReplicasAvailable");
    assert_eq!(sets(&cluster), [("1".to_owned(), 3)]);

    image(&mut cluster, "web:crash");
    cluster.pass(120);
    // One more than wanted, as a quarter of three rounded up; and none less, as a quarter of three rounded down.
    assert_eq!(sets(&cluster), [("1".to_owned(), 3), ("2".to_owned(), 1)]);
    assert!(cluster.pods().contains("CrashLoopBackOff"), "{}", cluster.pods());
    assert_eq!(
        (number(&cluster.world, "availableReplicas"), number(&cluster.world, "unavailableReplicas")),
        (3, 1)
    );
    assert_eq!(reason(&cluster.world, "Progressing"), "ReplicaSetUpdated");
    cluster.until(600, |world| reason(world, "Progressing") == "ProgressDeadlineExceeded");

    image(&mut cluster, "web:1");
    cluster.until(60, is_done);
    assert_eq!(sets(&cluster), [("2".to_owned(), 0), ("3".to_owned(), 3)]);
    assert_eq!(text(&cluster.value(&key()), REVISION), "3");
    assert_eq!(reason(&cluster.world, "Progressing"), "NewReplicaSetAvailable");
    cluster.pass(10);
    let pods = cluster.pods();
    assert!(pods.lines().count() == 3 && !pods.contains("CrashLoop"), "{pods}");
    cluster.pass(3_700);
    assert_eq!(cluster.world.queue.next_due(), None, "nothing is left to be done");
}

#[test]
fn a_rollout_never_has_too_many_pods_nor_too_few() {
    let mut cluster = cluster(10);
    cluster.until(120, is_done);
    image(&mut cluster, "web:2");
    cluster.settle();
    while !is_done(&cluster.world) {
        let next = cluster.world.queue.next_due().expect("a rollout goes on");
        super::super::advance(&mut cluster.world, super::super::CONTROLLERS, next);
        let active = cluster.world.store.all(TypeId::PODS, "shop").filter(|pod| pods::is_active(pod));
        let (all, ready) =
            active.fold((0, 0), |(all, ready), pod| (all + 1, ready + i64::from(pods::is_ready(pod))));
        assert!(all <= 13 && ready >= 8, "{all} pods, {ready} of them ready");
    }
    let said = cluster.messages("web", "ScalingReplicaSet");
    assert!(said.iter().any(|message| message.contains("Scaled down replica set")), "{said:?}");
}

#[test]
fn all_old_pods_are_gone_before_the_first_new_one_where_they_are_recreated() {
    let mut cluster = cluster(3);
    cluster.change(&key(), |value| set(value, "/spec/strategy", json!({"type": "Recreate"})));
    cluster.until(60, is_done);
    image(&mut cluster, "web:2");
    cluster.settle();
    while !is_done(&cluster.world) {
        let next = cluster.world.queue.next_due().expect("a rollout goes on");
        super::super::advance(&mut cluster.world, super::super::CONTROLLERS, next);
        let images: std::collections::BTreeSet<String> = cluster
            .world
            .store
            .all(TypeId::PODS, "shop")
            .map(|pod| text(&pod.value(), "/spec/containers/0/image").to_owned())
            .collect();
        assert!(images.len() <= 1, "{images:?}");
    }
}

#[test]
fn old_replica_sets_are_forgotten_beyond_the_history() {
    let mut cluster = cluster(1);
    cluster.change(&key(), |value| set(value, "/spec/revisionHistoryLimit", 2));
    for version in 2..7 {
        cluster.until(60, is_done);
        image(&mut cluster, &format!("web:{version}"));
    }
    cluster.until(60, is_done);
    cluster.pass(10);
    assert_eq!(sets(&cluster), [("4".to_owned(), 0), ("5".to_owned(), 0), ("6".to_owned(), 1)]);
}

#[test]
fn a_paused_deployment_scales_but_does_not_roll_out() {
    let mut cluster = cluster(2);
    cluster.until(60, is_done);
    cluster.change(&key(), |value| set(value, "/spec/paused", true));
    image(&mut cluster, "web:2");
    cluster.change(&key(), |value| set(value, "/spec/replicas", 4));
    cluster.pass(30);
    assert_eq!(sets(&cluster), [("1".to_owned(), 4)]);
    assert_eq!(reason(&cluster.world, "Progressing"), "DeploymentPaused");
    cluster.change(&key(), |value| set(value, "/spec/paused", false));
    cluster.settle();
    cluster.until(60, is_done);
    assert_eq!(sets(&cluster), [("1".to_owned(), 0), ("2".to_owned(), 4)]);
}

#[test]
fn scaling_in_the_middle_of_a_rollout_is_shared() {
    let mut cluster = cluster(10);
    cluster.until(120, is_done);
    image(&mut cluster, "web:crash");
    cluster.pass(60);
    assert_eq!(sets(&cluster), [("1".to_owned(), 8), ("2".to_owned(), 5)]);
    cluster.change(&key(), |value| set(value, "/spec/replicas", 20));
    cluster.settle();
    assert_eq!(sets(&cluster), [("1".to_owned(), 15), ("2".to_owned(), 10)]);
}

#[test]
fn replica_sets_have_the_annotations_of_their_deployment() {
    let mut cluster = cluster(3);
    cluster.change(&key(), |value| {
        set(value, "/metadata/annotations/team", "a");
        set(value, "/metadata/annotations/kubectl.kubernetes.io~1last-applied-configuration", "{}");
    });
    cluster.until(60, is_done);
    let set = cluster.world.store.all(TypeId::REPLICA_SETS, "shop").next().unwrap().value();
    let wanted = json!({
        "team": "a",
        "deployment.kubernetes.io/revision": "1",
        "deployment.kubernetes.io/desired-replicas": "3",
        "deployment.kubernetes.io/max-replicas": "4",
    });
    assert_eq!(set["metadata"]["annotations"], wanted);
}
