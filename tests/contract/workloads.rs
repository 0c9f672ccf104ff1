//! What controllers make of what is asked for.

use serde_json::{Value, json};

use crate::api::{Answer, Api, MERGE, STRATEGIC, deployment};

/// Whether a deployment has become what it should be.
fn rolled_out(deployment: &Value) -> bool {
    let (wanted, status) = (&deployment["spec"]["replicas"], &deployment["status"]);
    status["observedGeneration"] == deployment["metadata"]["generation"]
        && ["replicas", "updatedReplicas", "readyReplicas", "availableReplicas"]
            .iter()
            .all(|count| status[*count] == *wanted)
}

async fn roll_out(api: &Api) -> Value {
    api.until("the deployment is rolled out", &api.apps("deployments/web"), rolled_out).await
}

/// The replica sets of a deployment by revision: image and replicas.
async fn revisions(api: &Api) -> Vec<(String, String, i64)> {
    let list = api.get(&format!("{}?labelSelector=app%3Dweb", api.apps("replicasets"))).await.ok();
    let revision = |set: &Value| {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        (
            text(&set["metadata"]["annotations"]["deployment.kubernetes.io/revision"]),
            text(&set["spec"]["template"]["spec"]["containers"][0]["image"]),
            set["spec"]["replicas"].as_i64().unwrap_or_default(),
        )
    };
    let mut all: Vec<_> = list["items"].as_array().unwrap().iter().map(revision).collect();
    all.sort();
    all
}

fn image(image: &str) -> Value {
    json!({"spec": {"template": {"spec": {"containers": [{"name": "app", "image": image}]}}}})
}

fn revision(number: &str, tag: &str, replicas: i64) -> (String, String, i64) {
    (number.to_owned(), format!("example.com/web:{tag}"), replicas)
}

#[tokio::test]
async fn a_deployment_is_rolled_out_changed_and_changed_back() {
    let api = Api::new().await;
    api.create(&api.apps("deployments"), deployment("web", 2)).await;
    let first = roll_out(&api).await;
    assert_eq!(first["metadata"]["annotations"]["deployment.kubernetes.io/revision"], "1");
    assert_eq!(revisions(&api).await, [revision("1", "1", 2)]);

    api.patch(&api.apps("deployments/web"), STRATEGIC, image("example.com/web:2")).await.ok();
    let second = roll_out(&api).await;
    assert_eq!(second["metadata"]["annotations"]["deployment.kubernetes.io/revision"], "2");
    assert_eq!(second["metadata"]["generation"], 2);
    assert_eq!(revisions(&api).await, [revision("1", "1", 0), revision("2", "2", 2)]);

    // Undoing is patching the template of an older revision back.
    api.patch(&api.apps("deployments/web"), STRATEGIC, image("example.com/web:1")).await.ok();
    roll_out(&api).await;
    assert_eq!(revisions(&api).await, [revision("2", "2", 0), revision("3", "1", 2)]);
}

#[tokio::test]
async fn pods_of_a_deployment_run_and_are_replaced_when_they_go() {
    let api = Api::new().await;
    api.create(&api.apps("deployments"), deployment("web", 2)).await;
    roll_out(&api).await;
    let pods = format!("{}?labelSelector=app%3Dweb", api.core("pods"));
    let list = api.get(&pods).await.ok();
    let pod = &list["items"][0];
    assert_eq!(
        (&pod["status"]["phase"], &pod["metadata"]["ownerReferences"][0]["kind"]),
        (&json!("Running"), &json!("ReplicaSet"))
    );
    assert!(pod["spec"]["nodeName"].is_string() && pod["status"]["podIP"].is_string(), "{pod}");
    let name = pod["metadata"]["name"].as_str().unwrap();
    let going = api.delete(&api.core(&format!("pods/{name}")), json!({})).await.ok();
    assert_eq!((&going["kind"], going["metadata"]["deletionTimestamp"].is_string()), (&json!("Pod"), true));
    api.until("another runs in its place", &pods, |list| {
        let items = list["items"].as_array().unwrap();
        let runs = |pod: &&Value| pod["status"]["phase"] == "Running" && pod["metadata"]["name"] != name;
        items.len() == 2 && items.iter().filter(runs).count() == 2
    })
    .await;
}

#[tokio::test]
async fn what_is_owned_goes_with_its_owner_unless_it_is_orphaned() {
    let api = Api::new().await;
    let count = async |what: &str| {
        let list = api.get(&format!("{what}?labelSelector=app%3Dweb")).await.ok();
        list["items"].as_array().unwrap().len()
    };
    let (sets, pods) = (api.apps("replicasets"), api.core("pods"));
    api.create(&api.apps("deployments"), deployment("web", 1)).await;
    roll_out(&api).await;
    api.delete(&api.apps("deployments/web"), json!({"propagationPolicy": "Orphan"})).await.ok();
    api.eventually("the deployment is gone", async || match api.get(&api.apps("deployments/web")).await.0 {
        404 => Ok(()),
        code => Err(code.to_string()),
    })
    .await;
    assert_eq!((count(&sets).await, count(&pods).await), (1, 1));
    let all = format!("{sets}?labelSelector=app%3Dweb");
    api.delete(&all, json!({"propagationPolicy": "Background"})).await.ok();
    api.eventually("sets and pods are gone", async || match (count(&sets).await, count(&pods).await) {
        (0, 0) => Ok(()),
        left => Err(format!("{left:?}")),
    })
    .await;
}

#[tokio::test]
async fn an_eviction_happens_only_as_far_as_a_budget_allows() {
    let api = Api::new().await;
    let budgets = format!("/apis/policy/v1/namespaces/{}/poddisruptionbudgets", api.namespace);
    let budget = json!({
        "metadata": {"name": "web"}, "spec": {"minAvailable": 2, "selector": {"matchLabels": {"app": "web"}}},
    });
    api.create(&budgets, budget).await;
    api.create(&api.apps("deployments"), deployment("web", 2)).await;
    roll_out(&api).await;
    let path = format!("{budgets}/web");
    api.until("the budget knows its pods", &path, |budget| budget["status"]["currentHealthy"] == 2).await;
    let list = api.get(&format!("{}?labelSelector=app%3Dweb", api.core("pods"))).await.ok();
    let name = list["items"][0]["metadata"]["name"].as_str().unwrap();
    let evict = async || {
        let body = json!({"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": name}});
        api.post(&api.core(&format!("pods/{name}/eviction")), body).await
    };
    let answer = evict().await;
    assert_eq!(answer.refused(), (429, "TooManyRequests"));
    assert_eq!(answer.1["message"], "Cannot evict pod as it would violate the pod's disruption budget.");
    let cause = json!({
        "reason": "DisruptionBudget", "message": "The disruption budget web needs 2 healthy pods and has 2 currently",
    });
    assert_eq!(answer.1["details"]["causes"], json!([cause]));
    api.patch(&path, MERGE, json!({"spec": {"minAvailable": 1}})).await.ok();
    api.until("the budget allows one", &path, |budget| budget["status"]["disruptionsAllowed"] == 1).await;
    let Answer(code, said) = evict().await;
    assert_eq!((code, &said["status"]), (201, &json!("Success")), "{said}");
    let pod = api.get(&api.core(&format!("pods/{name}"))).await;
    assert!(pod.0 == 404 || pod.1["metadata"]["deletionTimestamp"].is_string(), "{pod:?}");
}

#[tokio::test]
async fn logs_are_read_from_the_end_with_or_without_times() {
    let api = Api::new().await;
    api.create(&api.apps("deployments"), deployment("web", 1)).await;
    roll_out(&api).await;
    let list = api.get(&format!("{}?labelSelector=app%3Dweb", api.core("pods"))).await.ok();
    let pod = list["items"][0]["metadata"]["name"].as_str().unwrap();
    let log = api.core(&format!("pods/{pod}/log"));
    let text = async |query: &str| api.get(&format!("{log}?{query}")).await.ok().as_str().unwrap().to_owned();
    let three = api
        .eventually("three lines are written", async || match text("tailLines=3").await {
            three if three.lines().count() == 3 => Ok(three),
            fewer => Err(fewer),
        })
        .await;
    assert!(three.ends_with('\n'), "{three}");
    assert_eq!(text("tailLines=0").await, "");
    let timed = text("tailLines=1&timestamps=true&container=app").await;
    let (time, _) = timed.split_once(' ').unwrap();
    assert!(time.len() >= 20 && time.ends_with('Z') && time.as_bytes()[10] == b'T', "{timed}");
    assert!(text("limitBytes=10").await.len() <= 10);
    let mut follow = api.lines(&format!("{log}?follow=true"), "*/*").await;
    assert!(follow.next().await.is_some(), "what was written is there");
    let answer = api.get(&format!("{log}?container=none")).await;
    assert_eq!(answer.refused(), (400, "BadRequest"));
    assert_eq!(answer.1["message"], format!("container none is not valid for pod {pod}"));
    assert_eq!(api.get(&format!("{log}?tailLines=-1")).await.refused(), (422, "Invalid"));
}
