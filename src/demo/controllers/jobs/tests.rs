use super::*;
use crate::demo::controllers::testing::Cluster;
use crate::demo::world::{Behaviour, Life};

fn key() -> Key {
    Key::new(TypeId::JOBS, "shop", "once")
}

fn cluster(image: &str, more: &Value) -> Cluster {
    let mut cluster = Cluster::of_nodes(2);
    for (image, exit_code) in [("works", 0), ("fails", 3)] {
        let life = Life::Ends { after_ms: 5_000, exit_code };
        cluster.world.behaviours.set(image, Behaviour { life, ..Behaviour::default() });
    }
    let mut job = json!({
        "metadata": {"name": "once"},
        "spec": {"template": {"spec": {"restartPolicy": "Never", "containers": [{"name": "app", "image": image}]}}},
    });
    more.as_object().unwrap().iter().for_each(|(field, value)| job["spec"][field] = value.clone());
    cluster.create(TypeId::JOBS, job);
    cluster
}

fn number(world: &World, field: &str) -> i64 {
    world.get(&key()).map_or(-1, |job| int(&job.value(), &format!("/status/{field}")))
}

fn is(world: &World, of: &str) -> bool {
    world.get(&key()).is_some_and(|job| conditions::holds(&job.value()["status"], of))
}

fn conditions(cluster: &Cluster) -> Vec<(String, String)> {
    let status = cluster.value(&key())["status"].clone();
    let read = |known: &Value| (text(known, "/type").to_owned(), text(known, "/reason").to_owned());
    list(&status, "/conditions").iter().map(read).collect()
}

fn pairs(all: &[(&str, &str)]) -> Vec<(String, String)> {
    all.iter().map(|(of, reason)| ((*of).to_owned(), (*reason).to_owned())).collect()
}

#[test]
fn a_job_is_complete_when_enough_pods_have_ended_well() {
    let mut cluster = cluster("works:1", &json!({"completions": 5, "parallelism": 2}));
    cluster.until(60, |world| number(world, "ready") == 2);
    assert_eq!(number(&cluster.world, "active"), 2);
    cluster.until(120, |world| is(world, "Complete"));
    assert_eq!((number(&cluster.world, "succeeded"), number(&cluster.world, "active")), (5, 0));
    let wanted = pairs(&[("SuccessCriteriaMet", "CompletionsReached"), ("Complete", "CompletionsReached")]);
    assert_eq!(conditions(&cluster), wanted);
    assert_eq!(cluster.messages("once", "Completed"), ["Job completed"]);
    assert_eq!(cluster.messages("once", "SuccessfulCreate").len(), 5);
    cluster.pass(3_700);
    assert_eq!(cluster.world.queue.next_due(), None);
    assert_eq!(cluster.world.store.all(TypeId::PODS, "shop").count(), 5, "ended pods stay to be read");
}

#[test]
fn a_job_fails_after_as_many_failures_as_it_puts_up_with() {
    let mut cluster = cluster("fails:1", &json!({"backoffLimit": 2}));
    cluster.until(60, |world| number(world, "failed") == 1);
    let first = cluster.world.now;
    cluster.until(60, |world| number(world, "failed") == 2);
    assert!(cluster.world.now.since(first) >= 10_000, "it waits before it tries again");
    cluster.until(120, |world| is(world, "Failed"));
    assert_eq!(number(&cluster.world, "failed"), 3);
    let wanted = pairs(&[("FailureTarget", "BackoffLimitExceeded"), ("Failed", "BackoffLimitExceeded")]);
    assert_eq!(conditions(&cluster), wanted);
    let said = ["Job has reached the specified backoff limit"];
    assert_eq!(cluster.messages("once", "BackoffLimitExceeded"), said);
}

#[test]
fn a_job_that_restarts_its_containers_counts_the_restarts() {
    let template =
        json!({"spec": {"restartPolicy": "OnFailure", "containers": [{"name": "app", "image": "fails:1"}]}});
    let mut cluster = cluster("fails:1", &json!({"backoffLimit": 2, "template": template}));
    cluster.until(120, |world| is(world, "Failed"));
    assert_eq!(cluster.world.store.all(TypeId::PODS, "shop").count(), 0);
}

#[test]
fn a_job_ends_at_its_deadline() {
    let mut cluster = cluster("web:1", &json!({"activeDeadlineSeconds": 30}));
    cluster.until(60, |world| is(world, "Failed"));
    assert_eq!(conditions(&cluster)[1], ("Failed".to_owned(), "DeadlineExceeded".to_owned()));
}

#[test]
fn a_suspended_job_has_no_pods() {
    let mut cluster = cluster("works:1", &json!({"suspend": true}));
    cluster.pass(10);
    assert_eq!((is(&cluster.world, "Suspended"), number(&cluster.world, "active")), (true, 0));
    cluster.change(&key(), |job| set(job, "/spec/suspend", false));
    cluster.until(60, |world| is(world, "Complete"));
    assert!(!is(&cluster.world, "Suspended"));
}

#[test]
fn an_old_job_goes_with_its_pods() {
    let mut cluster = cluster("works:1", &json!({"ttlSecondsAfterFinished": 60}));
    cluster.until(60, |world| is(world, "Complete"));
    cluster.pass(59);
    assert!(cluster.world.get(&key()).is_some());
    cluster.pass(1);
    assert!(cluster.world.get(&key()).is_none());
    assert_eq!(cluster.world.store.all(TypeId::PODS, "shop").count(), 0);
}

#[test]
fn numbered_pods_each_end_once() {
    let mut cluster =
        cluster("works:1", &json!({"completions": 4, "parallelism": 4, "completionMode": "Indexed"}));
    cluster.until(60, |world| is(world, "Complete"));
    assert_eq!(text(&cluster.value(&key()), "/status/completedIndexes"), "0-3");
    let pods = cluster.world.store.all(TypeId::PODS, "shop");
    let begins: Vec<String> = pods.map(|pod| pod.name()[..7].to_owned()).collect();
    assert_eq!(begins, ["once-0-", "once-1-", "once-2-", "once-3-"]);
}

#[test]
fn a_deleted_pod_counts_as_failed_and_is_not_held() {
    let mut cluster = cluster("web:1", &json!({"backoffLimit": 3}));
    cluster.until(60, |world| number(world, "ready") == 1);
    let pod = cluster.world.store.all(TypeId::PODS, "shop").next().unwrap().key.clone();
    cluster.delete(&pod);
    cluster.until(10, |world| world.get(&pod).is_none());
    assert_eq!(number(&cluster.world, "failed"), 1);
    cluster.until(60, |world| number(world, "ready") == 1);
    let how = Deletion { propagation: Some(Propagation::Background), ..Deletion::default() };
    cluster.world.delete(&key(), &how).unwrap();
    cluster.pass(10);
    assert_eq!(cluster.world.store.all(TypeId::PODS, "shop").count(), 0);
}

#[test]
fn pods_that_a_job_leaves_behind_can_go() {
    let mut cluster = cluster("lasts:1", &json!({}));
    cluster.until(60, |world| number(world, "ready") == 1);
    cluster.delete(&key());
    cluster.settle();
    let pods = |world: &World| world.store.all(TypeId::PODS, "shop").cloned().collect::<Vec<_>>();
    let left = pods(&cluster.world);
    assert!(
        left.len() == 1 && left[0].controller().is_none(),
        "a job leaves its pods, unless told otherwise"
    );
    cluster.delete(&left[0].key);
    cluster.until(60, |world| pods(world).is_empty());
}

#[test]
fn a_namespace_goes_with_the_job_that_runs_in_it() {
    let mut cluster = cluster("lasts:1", &json!({}));
    cluster.until(60, |world| number(world, "ready") == 1);
    let namespace = Key::new(TypeId::NAMESPACES, "", "shop");
    cluster.delete(&namespace);
    cluster.until(120, |world| world.get(&namespace).is_none());
}
