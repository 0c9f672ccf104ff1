//! Patches of every kind.

use serde_json::{Value, json};

use crate::api::{Api, MERGE, OPERATIONS, STRATEGIC, deployment, version};

#[tokio::test]
async fn a_merge_patch_sets_fields_and_takes_away_those_that_are_null() {
    let api = Api::new().await;
    api.config_map("a", json!({"app": "web", "tier": "front"})).await;
    let patch = json!({"metadata": {"labels": {"tier": null, "new": "x"}}, "data": {"other": "1"}});
    let patched = api.patch(&api.core("configmaps/a"), MERGE, patch).await.ok();
    assert_eq!(patched["metadata"]["labels"], json!({"app": "web", "new": "x"}));
    assert_eq!(patched["data"], json!({"key": "value", "other": "1"}));
    assert_eq!(api.get(&api.core("configmaps/a")).await.ok(), patched);
}

#[tokio::test]
async fn a_patch_that_changes_nothing_makes_no_version() {
    let api = Api::new().await;
    let created = api.config_map("a", json!({"app": "web"})).await;
    let same = api.patch(&api.core("configmaps/a"), MERGE, json!({"data": {"key": "value"}})).await.ok();
    assert_eq!(version(&same), version(&created));
}

#[tokio::test]
async fn a_patch_may_say_which_version_it_is_for() {
    let api = Api::new().await;
    let created = api.config_map("a", json!({})).await;
    let patch = |version: &str| json!({"metadata": {"resourceVersion": version}, "data": {"key": "new"}});
    let patched = api.patch(&api.core("configmaps/a"), MERGE, patch(version(&created))).await.ok();
    assert_eq!(patched["data"]["key"], "new");
    let answer = api.patch(&api.core("configmaps/a"), MERGE, patch(version(&created))).await;
    assert_eq!(answer.refused(), (409, "Conflict"));
}

#[tokio::test]
async fn a_json_patch_is_done_as_a_whole_or_not_at_all() {
    let api = Api::new().await;
    let created = api.config_map("a", json!({"app": "web"})).await;
    let path = api.core("configmaps/a");
    let patch = json!([
        {"op": "test", "path": "/data/key", "value": "value"},
        {"op": "add", "path": "/data/other", "value": "1"},
        {"op": "replace", "path": "/metadata/labels/app", "value": "api"},
        {"op": "remove", "path": "/data/key"},
    ]);
    let patched = api.patch(&path, OPERATIONS, patch).await.ok();
    assert_eq!(
        (&patched["data"], &patched["metadata"]["labels"]),
        (&json!({"other": "1"}), &json!({"app": "api"}))
    );
    assert_ne!(version(&patched), version(&created));
    for patch in [
        json!([{"op": "add", "path": "/data/more", "value": "1"}, {"op": "test", "path": "/data/other", "value": "2"}]),
        json!([{"op": "remove", "path": "/data/none"}]),
    ] {
        let answer = api.patch(&path, OPERATIONS, patch).await;
        assert_eq!(answer.refused(), (422, "Invalid"));
    }
    assert_eq!(api.patch(&path, OPERATIONS, json!({"op": "x"})).await.refused(), (400, "BadRequest"));
    assert_eq!(api.get(&path).await.ok(), patched);
}

#[tokio::test]
async fn a_strategic_patch_merges_lists_by_their_keys() {
    let api = Api::new().await;
    let mut body = deployment("web", 0);
    body["spec"]["template"]["spec"] = json!({
        "containers": [
            {"name": "app", "image": "web:1", "env": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}],
             "ports": [{"containerPort": 80}]},
            {"name": "proxy", "image": "proxy:1"},
        ],
        "tolerations": [{"key": "a", "operator": "Exists"}],
        "volumes": [{"name": "tmp", "emptyDir": {}}],
    });
    api.create(&api.apps("deployments"), body).await;
    let patch = json!({"spec": {"template": {"spec": {
        "$setElementOrder/containers": [{"name": "log"}, {"name": "app"}],
        "containers": [
            {"name": "log", "image": "log:1"},
            {"name": "app", "image": "web:2", "ports": [{"containerPort": 81}],
             "env": [{"name": "A", "$patch": "delete"}, {"name": "C", "value": "3"}]},
            {"name": "proxy", "$patch": "delete"},
        ],
        "tolerations": [{"key": "b", "operator": "Exists"}],
        "volumes": [{"name": "more", "emptyDir": {}}],
    }}}});
    let patched = api.patch(&api.apps("deployments/web"), STRATEGIC, patch).await.ok();
    let spec = &patched["spec"]["template"]["spec"];
    let all = |list: &Value, field: &str| -> Vec<Value> {
        list.as_array().unwrap().iter().map(|item| item[field].clone()).collect()
    };
    assert_eq!(all(&spec["containers"], "name"), ["log", "app"]);
    let app = &spec["containers"][1];
    assert_eq!(
        (&app["image"], all(&app["ports"], "containerPort")),
        (&json!("web:2"), vec![json!(81), json!(80)])
    );
    assert_eq!(app["env"], json!([{"name": "C", "value": "3"}, {"name": "B", "value": "2"}]));
    assert_eq!(spec["tolerations"], json!([{"key": "b", "operator": "Exists"}]));
    assert_eq!(all(&spec["volumes"], "name"), ["more", "tmp"]);
    let replace = json!({"spec": {"template": {"spec": {
        "containers": [{"$patch": "replace"}, {"name": "only", "image": "only:1"}],
    }}}});
    let patched = api.patch(&api.apps("deployments/web"), STRATEGIC, replace).await.ok();
    assert_eq!(all(&patched["spec"]["template"]["spec"]["containers"], "name"), ["only"]);
}

#[tokio::test]
async fn a_strategic_patch_adds_to_lists_of_words_and_takes_from_them() {
    let api = Api::new().await;
    let finalizers =
        |names: &[&str]| -> Value { names.iter().map(|name| format!("example.com/{name}")).collect() };
    let body = json!({"metadata": {"name": "a", "finalizers": finalizers(&["a", "b"])}});
    api.create(&api.core("configmaps"), body).await;
    let patch = json!({"metadata": {
        "finalizers": finalizers(&["c"]), "$deleteFromPrimitiveList/finalizers": finalizers(&["a"]),
    }});
    let patched = api.patch(&api.core("configmaps/a"), STRATEGIC, patch).await.ok();
    assert_eq!(patched["metadata"]["finalizers"], finalizers(&["c", "b"]));
    // Nothing is left behind that keeps the namespace.
    api.patch(&api.core("configmaps/a"), MERGE, json!({"metadata": {"finalizers": null}})).await.ok();
}

#[tokio::test]
async fn the_strategy_of_a_deployment_keeps_only_what_belongs_to_its_type() {
    let api = Api::new().await;
    let created = api.create(&api.apps("deployments"), deployment("web", 0)).await;
    let rolling =
        json!({"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": "25%"}});
    assert_eq!(created["spec"]["strategy"], rolling);
    let patch = json!({"spec": {"strategy": {"$retainKeys": ["type"], "type": "Recreate"}}});
    let patched = api.patch(&api.apps("deployments/web"), STRATEGIC, patch).await.ok();
    assert_eq!(patched["spec"]["strategy"], json!({"type": "Recreate"}));
}

#[tokio::test]
async fn a_dry_run_answers_what_would_be_and_changes_nothing() {
    let api = Api::new().await;
    let created = api.config_map("a", json!({})).await;
    let path = api.core("configmaps/a");
    let dry = format!("{path}?dryRun=All");
    let patched = api.patch(&dry, MERGE, json!({"data": {"key": "new"}})).await.ok();
    assert_eq!((&patched["data"]["key"], version(&patched)), (&json!("new"), version(&created)));
    let gone = api.delete(&path, json!({"dryRun": ["All"]})).await.ok();
    assert_eq!((&gone["kind"], &gone["status"]), (&json!("Status"), &json!("Success")));
    let body = json!({"metadata": {"name": "b"}});
    api.post(&format!("{}?dryRun=All", api.core("configmaps")), body).await.ok();
    assert_eq!(api.get(&api.core("configmaps/b")).await.0, 404);
    assert_eq!(api.get(&path).await.ok(), created);
}
