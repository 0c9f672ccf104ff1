//! Creating, replacing and deleting.

use serde_json::{Value, json};

use crate::api::{Answer, Api, MERGE, STRATEGIC, deployment, name, version};

#[tokio::test]
async fn a_created_object_has_an_identity_and_is_there() {
    let api = Api::new().await;
    let created = api.config_map("a", json!({"app": "web"})).await;
    let metadata = &created["metadata"];
    assert_eq!((name(&created), &metadata["namespace"]), ("a", &json!(api.namespace)));
    assert_eq!(metadata["uid"].as_str().map(str::len), Some(36));
    assert!(metadata["creationTimestamp"].as_str().unwrap().ends_with('Z'));
    assert_eq!(metadata["generation"], Value::Null, "a config map has nothing to be counted");
    assert_eq!(api.get(&api.core("configmaps/a")).await.ok(), created);
}

#[tokio::test]
async fn a_name_is_made_up_where_only_its_beginning_is_given() {
    let api = Api::new().await;
    let body = || json!({"metadata": {"generateName": "a-"}});
    let one = api.create(&api.core("configmaps"), body()).await;
    let other = api.create(&api.core("configmaps"), body()).await;
    assert!(name(&one).starts_with("a-") && name(&one).len() == 7, "{}", name(&one));
    assert_ne!(name(&one), name(&other));
}

#[tokio::test]
async fn what_a_deployment_leaves_out_is_filled_in() {
    let api = Api::new().await;
    let mut body = deployment("web", 0);
    body["status"] = json!({"replicas": 7});
    let created = api.create(&api.apps("deployments"), body).await;
    assert_eq!((&created["status"], &created["metadata"]["generation"]), (&json!({}), &json!(1)));
    let mut spec = created["spec"].clone();
    spec["template"]["metadata"].as_object_mut().unwrap().remove("creationTimestamp");
    let filled = json!({
        "replicas": 0, "revisionHistoryLimit": 10, "progressDeadlineSeconds": 600,
        "selector": {"matchLabels": {"app": "web"}},
        "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": "25%"}},
        "template": {
            "metadata": {"labels": {"app": "web"}},
            "spec": {
                "containers": [{
                    "name": "app", "image": "example.com/web:1", "imagePullPolicy": "IfNotPresent",
                    "resources": {}, "terminationMessagePath": "/dev/termination-log",
                    "terminationMessagePolicy": "File",
                }],
                "dnsPolicy": "ClusterFirst", "restartPolicy": "Always", "schedulerName": "default-scheduler",
                "securityContext": {}, "terminationGracePeriodSeconds": 30,
            },
        },
    });
    assert_eq!(spec, filled);
}

#[tokio::test]
async fn a_replacement_without_a_version_is_for_any_and_the_same_again_is_no_change() {
    let api = Api::new().await;
    let created = api.config_map("a", json!({})).await;
    let path = api.core("configmaps/a");
    let replaced = api.put(&path, json!({"metadata": {"name": "a"}, "data": {"x": "y"}})).await.ok();
    assert_eq!(
        (&replaced["data"], &replaced["metadata"]["uid"]),
        (&json!({"x": "y"}), &created["metadata"]["uid"])
    );
    assert_ne!(version(&replaced), version(&created));
    let again = api.put(&path, replaced.clone()).await.ok();
    assert_eq!(again, replaced);
}

#[tokio::test]
async fn spec_and_status_are_changed_by_their_own_paths() {
    let api = Api::new().await;
    let created = api
        .create(
            &api.core("services"),
            json!({
                "metadata": {"name": "web"}, "spec": {"ports": [{"port": 80}]},
            }),
        )
        .await;
    let path = api.core("services/web");
    let both = json!({
        "metadata": {"labels": {"a": "b"}},
        "spec": {"sessionAffinity": "ClientIP"}, "status": {"loadBalancer": {"ingress": [{"ip": "10.9.8.7"}]}},
    });
    let main = api.patch(&path, MERGE, both).await.ok();
    assert_eq!((&main["spec"]["sessionAffinity"], &main["status"]), (&json!("ClientIP"), &created["status"]));
    let condition = json!({"type": "Checked", "status": "True", "reason": "X", "message": "", "lastTransitionTime": "2023-11-14T22:13:20Z"});
    let both = json!({"spec": {"sessionAffinity": "None"}, "status": {"conditions": [condition]}});
    let status = api.patch(&format!("{path}/status"), MERGE, both).await.ok();
    assert_eq!(
        (&status["spec"]["sessionAffinity"], &status["status"]["conditions"][0]["type"]),
        (&json!("ClientIP"), &json!("Checked"))
    );
    assert_eq!(api.get(&format!("{path}/status")).await.ok(), status);
}

#[tokio::test]
async fn a_deleted_object_is_gone_and_what_was_deleted_is_said() {
    let api = Api::new().await;
    let created = api.config_map("a", json!({})).await;
    let path = api.core("configmaps/a");
    let meant = json!({"preconditions": {"uid": created["metadata"]["uid"]}});
    let said = api.delete(&path, meant).await.ok();
    let details = json!({"name": "a", "kind": "configmaps", "uid": created["metadata"]["uid"]});
    let success = json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "details": details});
    assert_eq!(said, success);
    assert_eq!(api.get(&path).await.0, 404);
    assert_eq!(api.delete(&path, json!({})).await.refused(), (404, "NotFound"));
}

#[tokio::test]
async fn an_object_with_a_finalizer_goes_when_the_last_one_does() {
    let api = Api::new().await;
    let body = json!({"metadata": {"name": "a", "finalizers": ["example.com/hold"]}});
    api.create(&api.core("configmaps"), body).await;
    let path = api.core("configmaps/a");
    let going = api.delete(&path, json!({})).await.ok();
    assert!(going["metadata"]["deletionTimestamp"].is_string(), "{going}");
    assert_eq!(api.get(&path).await.ok(), going);
    let last = api.patch(&path, MERGE, json!({"metadata": {"finalizers": null}})).await.ok();
    assert!(last["metadata"]["deletionTimestamp"].is_string(), "{last}");
    assert_eq!(api.get(&path).await.0, 404);
}

#[tokio::test]
async fn what_cannot_change_does_not() {
    let api = Api::new().await;
    api.create(&api.apps("deployments"), deployment("web", 0)).await;
    let labels = json!({"app": "other"});
    let patch =
        json!({"spec": {"selector": {"matchLabels": labels}, "template": {"metadata": {"labels": labels}}}});
    let answer = api.patch(&api.apps("deployments/web"), MERGE, patch).await;
    assert_eq!(answer.refused(), (422, "Invalid"));
    assert_eq!(answer.1["details"]["causes"][0]["field"], "spec.selector");
}

#[tokio::test]
async fn little_of_a_pod_can_be_changed() {
    let api = Api::new().await;
    let body = json!({
        "metadata": {"name": "a"},
        "spec": {"nodeSelector": {"none": "such"}, "containers": [{"name": "app", "image": "example.com/web:1"}]},
    });
    // Pods are admitted only when there is an account for them.
    api.eventually("a pod is admitted", async || match api.post(&api.core("pods"), body.clone()).await {
        Answer(201, _) => Ok(()),
        refused => Err(format!("{refused:?}")),
    })
    .await;
    let container = |with: Value| {
        let mut container = json!({"name": "app"});
        container.as_object_mut().unwrap().extend(with.as_object().unwrap().clone());
        json!({"spec": {"containers": [container]}})
    };
    let path = api.core("pods/a");
    let image = container(json!({"image": "example.com/web:2"}));
    let patched = api.patch(&path, STRATEGIC, image).await.ok();
    assert_eq!(patched["spec"]["containers"][0]["image"], "example.com/web:2");
    let variable = container(json!({"env": [{"name": "A", "value": "1"}]}));
    for (kind, patch) in [(STRATEGIC, variable), (MERGE, json!({"spec": {"nodeName": "other"}}))] {
        let answer = api.patch(&path, kind, patch).await;
        assert_eq!(answer.refused(), (422, "Invalid"));
        let cause = &answer.1["details"]["causes"][0];
        assert_eq!((&cause["reason"], &cause["field"]), (&json!("FieldValueForbidden"), &json!("spec")));
    }
}

#[tokio::test]
async fn what_is_immutable_stays_as_it_is() {
    let api = Api::new().await;
    let body = json!({"metadata": {"name": "a"}, "immutable": true, "data": {"key": "value"}});
    api.create(&api.core("configmaps"), body).await;
    let answer = api.patch(&api.core("configmaps/a"), MERGE, json!({"data": {"key": "other"}})).await;
    assert_eq!(answer.refused(), (422, "Invalid"));
    let message = r#"ConfigMap "a" is invalid: data: Forbidden: field is immutable when `immutable` is set"#;
    assert_eq!(answer.1["message"], message);
    api.create(&api.core("secrets"), json!({"metadata": {"name": "a"}})).await;
    let answer = api.patch(&api.core("secrets/a"), MERGE, json!({"type": "example.com/other"})).await;
    let message = r#"Secret "a" is invalid: type: Invalid value: "example.com/other": field is immutable"#;
    assert_eq!(answer.1["message"], message);
}

#[tokio::test]
async fn nothing_is_created_in_a_namespace_that_goes() {
    let api = Api::new().await;
    let body = json!({"metadata": {"name": "a", "finalizers": ["example.com/hold"]}});
    api.create(&api.core("configmaps"), body).await;
    api.delete(&format!("/api/v1/namespaces/{}", api.namespace), json!({})).await.ok();
    let answer = api.post(&api.core("configmaps"), json!({"metadata": {"name": "b"}})).await;
    assert_eq!(answer.refused(), (403, "Forbidden"));
    let cause = &answer.1["details"]["causes"][0];
    assert_eq!(
        (&cause["reason"], &cause["field"]),
        (&json!("NamespaceTerminating"), &json!("metadata.namespace"))
    );
    api.patch(&api.core("configmaps/a"), MERGE, json!({"metadata": {"finalizers": null}})).await.ok();
    let namespace = format!("/api/v1/namespaces/{}", api.namespace);
    api.eventually("the namespace is gone", async || match api.get(&namespace).await.0 {
        404 => Ok(()),
        code => Err(code.to_string()),
    })
    .await;
}

#[tokio::test]
async fn a_scale_is_read_and_written_like_an_object() {
    let api = Api::new().await;
    let created = api.create(&api.apps("deployments"), deployment("web", 0)).await;
    let path = api.apps("deployments/web/scale");
    let scale = api.get(&path).await.ok();
    assert_eq!((&scale["kind"], &scale["apiVersion"]), (&json!("Scale"), &json!("autoscaling/v1")));
    assert_eq!((&scale["spec"], &scale["status"]["selector"]), (&json!({}), &json!("app=web")));
    assert_eq!(scale["metadata"]["uid"], created["metadata"]["uid"]);
    let patched = api.patch(&path, MERGE, json!({"spec": {"replicas": 2}})).await.ok();
    assert_eq!(patched["spec"], json!({"replicas": 2}));
    let mut late = scale;
    late["spec"] = json!({"replicas": 5});
    assert_eq!(api.put(&path, late).await.refused(), (409, "Conflict"));
    let answer = api.put(&path, json!({"metadata": {"name": "web"}, "spec": {"replicas": -1}})).await;
    assert_eq!(answer.refused(), (422, "Invalid"));
    assert_eq!(
        (&answer.1["details"]["kind"], &answer.1["details"]["group"]),
        (&json!("Scale"), &json!("autoscaling"))
    );
    api.put(&path, json!({"metadata": {"name": "web"}, "spec": {"replicas": 1}})).await.ok();
    let deployment = api.get(&api.apps("deployments/web")).await.ok();
    assert_eq!(deployment["spec"]["replicas"], 1);
}
