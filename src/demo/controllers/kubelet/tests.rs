use super::super::conditions;
use super::*;
use crate::demo::controllers::testing::Cluster;
use crate::demo::world::{Behaviour, Image, Life, Load, POWER};

fn pod(image: &str) -> Value {
    json!({"metadata": {"name": "web"}, "spec": {"containers": [{"name": "app", "image": image}]}})
}

fn key() -> Key {
    Key::new(TypeId::PODS, "shop", "web")
}

/// A cluster whose images are named after what becomes of them.
fn cluster() -> Cluster {
    let mut cluster = Cluster::of_nodes(1);
    let lives = |life| Behaviour { life, ..Behaviour::default() };
    let behaviours = [
        ("crash", lives(Life::Ends { after_ms: 3_000, exit_code: 1 })),
        ("works", lives(Life::Ends { after_ms: 3_000, exit_code: 0 })),
        ("never", lives(Life::NeverReady)),
        ("missing", Behaviour { image: Image::Missing, ..Behaviour::default() }),
        ("denied", Behaviour { image: Image::Denied, ..Behaviour::default() }),
        (
            "leak",
            Behaviour { load: Load { leak_mib: 60.0, ..Behaviour::default().load }, ..Behaviour::default() },
        ),
    ];
    for (image, behaviour) in behaviours {
        cluster.world.behaviours.set(image, behaviour);
    }
    cluster
}

fn status(world: &World, pointer: &str) -> Value {
    let value = world.get(&key()).map(|pod| pod.value()).unwrap_or_default();
    value.pointer(&format!("/status/{pointer}")).cloned().unwrap_or_default()
}

fn is_condition(world: &World, of: &str) -> bool {
    let value = world.get(&key()).map(|pod| pod.value()).unwrap_or_default();
    conditions::holds(&value["status"], of)
}

fn waits_for(world: &World, reason: &str) -> bool {
    status(world, "containerStatuses/0/state/waiting/reason") == reason
}

#[test]
fn a_pod_comes_up_step_by_step() {
    let mut cluster = cluster();
    cluster.create(TypeId::PODS, pod("web:1"));
    cluster.settle();
    assert!(waits_for(&cluster.world, "ContainerCreating") && status(&cluster.world, "phase") == "Pending");
    assert!(is_condition(&cluster.world, "PodScheduled") && !is_condition(&cluster.world, "Ready"));
    cluster.until(10, |world| is_condition(world, "PodReadyToStartContainers"));
    assert!(status(&cluster.world, "podIP").as_str().is_some_and(|address| address.starts_with("10.")));
    cluster.until(10, |world| status(world, "phase") == "Running");
    assert!(!is_condition(&cluster.world, "Ready"));
    let value = cluster.value(&key());
    let ready = conditions::find(&value["status"], "Ready").unwrap();
    assert_eq!(ready["message"], "containers with unready status: [app]");
    cluster.until(10, |world| is_condition(world, "Ready") && is_condition(world, "ContainersReady"));
    for reason in ["Scheduled", "Pulling", "Pulled", "Created", "Started"] {
        assert_eq!(cluster.messages("web", reason).len(), 1, "{reason}");
    }
    let status = status(&cluster.world, "containerStatuses/0");
    assert_eq!(
        (&status["ready"], &status["started"], &status["restartCount"]),
        (&json!(true), &json!(true), &json!(0))
    );
    assert_eq!(status["image"], "docker.io/library/web:1");
    cluster.pass(3_600);
    assert_eq!(cluster.world.queue.next_due(), None, "a pod that is well needs no care");
    assert!(cluster.world.memory.pods.is_empty());
}

#[test]
fn an_image_is_pulled_once_on_a_node() {
    let mut cluster = cluster();
    cluster.create(TypeId::PODS, pod("web:1"));
    cluster.pass(20);
    let mut second = pod("web:1");
    second["metadata"]["name"] = json!("second");
    cluster.create(TypeId::PODS, second);
    cluster.pass(20);
    assert!(cluster.messages("second", "Pulled")[0].contains("already present on machine"));
    assert!(cluster.messages("second", "Pulling").is_empty());
}

#[test]
fn a_process_that_ends_is_started_again_later_and_later() {
    let mut cluster = cluster();
    cluster.create(TypeId::PODS, pod("crash:1"));
    cluster.until(20, |world| status(world, "containerStatuses/0/restartCount") == 1);
    assert_eq!(status(&cluster.world, "containerStatuses/0/lastState/terminated/exitCode"), 1);
    assert_eq!(status(&cluster.world, "containerStatuses/0/lastState/terminated/reason"), "Error");
    let mut pauses = Vec::new();
    for times in 2..6 {
        cluster.until(60, |world| waits_for(world, "CrashLoopBackOff"));
        let since = cluster.world.now;
        assert_eq!(status(&cluster.world, "phase"), "Running");
        cluster.until(400, |world| status(world, "containerStatuses/0/restartCount") == times);
        pauses.push(cluster.world.now.since(since) / 1_000);
    }
    let about = |wanted: i64, pause: i64| (wanted - 3..=wanted).contains(&pause);
    assert!(pauses.iter().zip([10, 20, 40, 80]).all(|(pause, wanted)| about(wanted, *pause)), "{pauses:?}");
    let said = cluster.messages("web", "BackOff");
    assert!(said[0].starts_with("Back-off restarting failed container app in pod web_shop("), "{said:?}");
}

#[test]
fn an_image_that_cannot_be_pulled_is_tried_again_and_pulled_when_it_is_there() {
    for (image, why) in [("missing:1", "not found"), ("denied:1", "authorization failed")] {
        let mut cluster = cluster();
        cluster.create(TypeId::PODS, pod(image));
        cluster.until(10, |world| waits_for(world, "ErrImagePull"));
        cluster.until(20, |world| waits_for(world, "ImagePullBackOff"));
        assert_eq!(status(&cluster.world, "phase"), "Pending");
        let said = cluster.messages("web", "Failed").join("\n");
        assert!(said.contains(why) && said.contains("Error: ImagePullBackOff"), "{said}");
        cluster.until(30, |world| waits_for(world, "ErrImagePull"));
        cluster.world.behaviours.set(image, Behaviour::default());
        cluster.until(300, |world| is_condition(world, "Ready"));
    }
}

#[test]
fn a_process_that_takes_too_much_memory_is_killed() {
    let mut cluster = cluster();
    let mut leak = pod("leak:1");
    leak["spec"]["containers"][0]["resources"] = json!({"limits": {"memory": "128Mi"}});
    cluster.create(TypeId::PODS, leak);
    cluster.until(180, |world| status(world, "containerStatuses/0/restartCount") == 1);
    let ended = status(&cluster.world, "containerStatuses/0/lastState/terminated");
    assert_eq!((&ended["exitCode"], &ended["reason"]), (&json!(137), &json!("OOMKilled")));
}

#[test]
fn a_process_that_is_never_ready_says_so_again_and_again() {
    let mut cluster = cluster();
    cluster.create(TypeId::PODS, pod("never:1"));
    cluster.pass(120);
    assert!(!is_condition(&cluster.world, "Ready") && status(&cluster.world, "phase") == "Running");
    assert_eq!(
        cluster.messages("web", "Unhealthy"),
        ["Readiness probe failed: HTTP probe failed with statuscode: 503"]
    );
    let count = cluster.world.store.all(TypeId::EVENTS, "shop").map(|event| event.value());
    let count =
        count.filter(|event| event["reason"] == "Unhealthy").map(|event| int(&event, "/count")).sum::<i64>();
    assert!((10..=12).contains(&count), "{count} in two minutes");
}

#[test]
fn a_pod_ends_as_its_policy_says() {
    for (image, policy, phase) in [
        ("works:1", "Never", "Succeeded"),
        ("works:1", "OnFailure", "Succeeded"),
        ("crash:1", "Never", "Failed"),
    ] {
        let mut cluster = cluster();
        let mut pod = pod(image);
        pod["spec"]["restartPolicy"] = json!(policy);
        cluster.create(TypeId::PODS, pod);
        cluster.until(20, |world| status(world, "phase") == phase);
        assert!(!is_condition(&cluster.world, "Ready"));
    }
}

#[test]
fn init_containers_run_one_after_the_other_and_sidecars_beside() {
    let mut cluster = cluster();
    let mut pod = pod("works:1");
    pod["spec"]["restartPolicy"] = json!("Never");
    pod["spec"]["initContainers"] = json!([
        {"name": "migrate", "image": "works:2"},
        {"name": "proxy", "image": "proxy:1", "restartPolicy": "Always"},
    ]);
    cluster.create(TypeId::PODS, pod);
    let init = |world: &World, at: &str| status(world, &format!("initContainerStatuses/{at}"));
    cluster.until(20, |world| !init(world, "0/state/running").is_null());
    assert_eq!(init(&cluster.world, "1/state/waiting/reason"), "PodInitializing");
    assert!(waits_for(&cluster.world, "PodInitializing") && !is_condition(&cluster.world, "Initialized"));
    cluster.until(20, |world| !status(world, "containerStatuses/0/state/running").is_null());
    assert_eq!(init(&cluster.world, "0/state/terminated/reason"), "Completed");
    assert!(
        !init(&cluster.world, "1/state/running").is_null() && is_condition(&cluster.world, "Initialized")
    );
    cluster.until(20, |world| status(world, "phase") == "Succeeded");
    assert!(!init(&cluster.world, "1/state/terminated").is_null(), "{}", init(&cluster.world, "1"));
}

#[test]
fn a_container_to_look_into_a_pod_runs_beside_the_others() {
    let mut cluster = cluster();
    cluster.create(TypeId::PODS, pod("web:1"));
    cluster.until(20, |world| is_condition(world, "Ready"));
    let debugger = json!([{"name": "debugger", "image": "works:1"}]);
    cluster.change(&key(), |pod| set(pod, "/spec/ephemeralContainers", debugger));
    let at = |world: &World, field: &str| status(world, &format!("ephemeralContainerStatuses/0/{field}"));
    cluster.until(20, |world| !at(world, "state/running").is_null());
    cluster.until(20, |world| at(world, "state/terminated/exitCode") == 0);
    assert!(is_condition(&cluster.world, "Ready") && status(&cluster.world, "phase") == "Running");
}

#[test]
fn a_pod_that_is_deleted_ends_its_containers_and_goes() {
    let mut cluster = cluster();
    cluster.create(TypeId::PODS, pod("web:1"));
    cluster.pass(20);
    cluster.delete(&key());
    cluster.settle();
    assert_eq!(cluster.messages("web", "Killing"), ["Stopping container app"]);
    assert!(cluster.world.get(&key()).is_some());
    cluster.until(5, |world| world.get(&key()).is_none());
    assert!(cluster.world.memory.pods.is_empty());
}

#[test]
fn a_container_whose_image_is_changed_is_started_again_with_it() {
    let mut cluster = cluster();
    cluster.create(TypeId::PODS, pod("web:1"));
    cluster.pass(20);
    cluster.change(&key(), |pod| set(pod, "/spec/containers/0/image", "web:2"));
    cluster.until(20, |world| {
        status(world, "containerStatuses/0/image") == "docker.io/library/web:2"
            && is_condition(world, "Ready")
    });
    assert_eq!(status(&cluster.world, "containerStatuses/0/restartCount"), 1);
    assert_eq!(cluster.messages("web", "Killing"), ["Container app definition changed, will be restarted"]);
}

#[test]
fn nothing_happens_on_a_node_without_power_until_it_is_back() {
    let mut cluster = cluster();
    cluster.create(TypeId::PODS, pod("web:1"));
    cluster.pass(20);
    let node = Key::new(TypeId::NODES, "", "node-1");
    let annotation = format!("/metadata/annotations/{}", POWER.replace('/', "~1"));
    cluster.change(&node, |node| set(node, &annotation, "off"));
    cluster.delete(&key());
    cluster.pass(30);
    assert!(cluster.world.get(&key()).is_some());
    cluster.change(&node, |node| set(node, &annotation, "on"));
    cluster.settle();
    assert!(cluster.world.get(&key()).is_none());
}
