//! What the server says it serves.

use serde_json::{Value, json};

use crate::api::Api;

const VERBS: [&str; 8] = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];

/// The entries of a list whose `field` is `name` or a part of it.
fn entries(list: &Value, field: &str, name: &str) -> Vec<Value> {
    let own = |entry: &&Value| {
        let said = entry[field].as_str().unwrap_or_default();
        said == name || said.strip_prefix(name).is_some_and(|rest| rest.starts_with('/'))
    };
    let mut entries: Vec<Value> = list.as_array().unwrap().iter().filter(own).cloned().collect();
    for entry in entries.iter_mut().filter_map(Value::as_object_mut) {
        entry.remove("storageVersionHash");
    }
    entries
}

#[tokio::test]
async fn a_version_of_a_group_lists_its_resources_and_their_parts() {
    let api = Api::new().await;
    let list = api.get("/apis/apps/v1").await.ok();
    assert_eq!((&list["kind"], &list["groupVersion"]), (&json!("APIResourceList"), &json!("apps/v1")));
    let some = ["get", "patch", "update"];
    let wanted = json!([
        {"name": "deployments", "singularName": "deployment", "namespaced": true, "kind": "Deployment",
         "verbs": VERBS, "shortNames": ["deploy"], "categories": ["all"]},
        {"name": "deployments/scale", "singularName": "", "namespaced": true, "group": "autoscaling", "version": "v1",
         "kind": "Scale", "verbs": some},
        {"name": "deployments/status", "singularName": "", "namespaced": true, "kind": "Deployment", "verbs": some},
    ]);
    assert_eq!(Value::from(entries(&list["resources"], "name", "deployments")), wanted);
    assert_eq!(api.get("/apis/apps/v9").await.refused(), (404, "NotFound"));
}

#[tokio::test]
async fn groups_are_listed_with_their_versions() {
    let api = Api::new().await;
    let group = json!({"groupVersion": "apps/v1", "version": "v1"});
    let apps = json!({"name": "apps", "versions": [group], "preferredVersion": group});
    let list = api.get("/apis").await.ok();
    assert_eq!(Value::from(entries(&list["groups"], "name", "apps")), json!([apps]));
    let mut one = apps;
    one["kind"] = json!("APIGroup");
    one["apiVersion"] = json!("v1");
    assert_eq!(api.get("/apis/apps").await.ok(), one);
    let core = api.get("/api").await.ok();
    assert_eq!((&core["kind"], &core["versions"]), (&json!("APIVersions"), &json!(["v1"])));
}

#[tokio::test]
async fn the_whole_catalogue_is_one_document_for_who_takes_it() {
    let api = Api::new().await;
    let accept = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json";
    let all = api.get_as("/apis", accept).await.ok();
    assert_eq!(
        (&all["kind"], &all["apiVersion"]),
        (&json!("APIGroupDiscoveryList"), &json!("apidiscovery.k8s.io/v2"))
    );
    let groups = all["items"].as_array().unwrap();
    let apps = groups.iter().find(|group| group["metadata"]["name"] == "apps").unwrap();
    let version = &apps["versions"][0];
    assert_eq!((&version["version"], &version["freshness"]), (&json!("v1"), &json!("Current")));
    let some = ["get", "patch", "update"];
    let kind =
        |group: &str, version: &str, kind: &str| json!({"group": group, "version": version, "kind": kind});
    let wanted = json!([{
        "resource": "statefulsets", "responseKind": kind("", "", "StatefulSet"), "scope": "Namespaced",
        "singularResource": "statefulset", "verbs": VERBS, "shortNames": ["sts"], "categories": ["all"],
        "subresources": [
            {"subresource": "scale", "responseKind": kind("autoscaling", "v1", "Scale"), "verbs": some},
            {"subresource": "status", "responseKind": kind("", "", "StatefulSet"), "verbs": some},
        ],
    }]);
    assert_eq!(Value::from(entries(&version["resources"], "resource", "statefulsets")), wanted);
    let core = api.get_as("/api", accept).await.ok();
    let resources = &core["items"][0]["versions"][0]["resources"];
    assert_eq!(entries(resources, "resource", "nodes")[0]["scope"], "Cluster");
}
