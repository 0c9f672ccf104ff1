//! Watches: what they tell, from where on, and how they end.

use serde_json::{Value, json};

use crate::api::{Api, MERGE, TABLE, name, version};

#[tokio::test]
async fn a_watch_goes_on_where_a_list_ended() {
    let api = Api::new().await;
    let maps = api.core("configmaps");
    api.config_map("before", json!({"app": "web"})).await;
    let list = api.get(&format!("{maps}?labelSelector=app")).await.ok();
    let created = api.config_map("a", json!({"app": "web"})).await;
    let changed = api.patch(&api.core("configmaps/a"), MERGE, json!({"data": {"x": "y"}})).await.ok();
    api.delete(&api.core("configmaps/a"), json!({})).await.ok();
    let from = format!("resourceVersion={}&labelSelector=app", version(&list));
    let mut watch = api.watch(&maps, &from).await;
    assert_eq!(watch.event().await, ("ADDED".to_owned(), created));
    assert_eq!(watch.event().await, ("MODIFIED".to_owned(), changed.clone()));
    let (kind, last) = watch.event().await;
    assert_eq!((&*kind, name(&last), &last["data"]), ("DELETED", "a", &changed["data"]));
    let number = |object: &Value| version(object).parse::<u64>().unwrap();
    assert!(number(&last) > number(&changed), "the version is that of the deletion");
    let mut resumed =
        api.watch(&maps, &format!("resourceVersion={}&labelSelector=app", version(&changed))).await;
    assert_eq!(resumed.events(1).await, ["DELETED a"]);
}

#[tokio::test]
async fn what_happens_is_told_as_it_happens() {
    let api = Api::new().await;
    let maps = api.core("configmaps");
    let list = api.get(&maps).await.ok();
    let mut watch = api.watch(&maps, &format!("resourceVersion={}&labelSelector=app", version(&list))).await;
    api.config_map("a", json!({"app": "web"})).await;
    assert_eq!(watch.events(1).await, ["ADDED a"]);
    api.config_map("b", json!({"app": "web"})).await;
    assert_eq!(watch.events(1).await, ["ADDED b"]);
}

#[tokio::test]
async fn objects_enter_and_leave_a_selection() {
    let api = Api::new().await;
    let maps = api.core("configmaps");
    let list = api.get(&maps).await.ok();
    let mut watch =
        api.watch(&maps, &format!("resourceVersion={}&labelSelector=app%3Dweb", version(&list))).await;
    api.config_map("a", json!({"app": "api"})).await;
    let label = |app: &str| json!({"metadata": {"labels": {"app": app}}});
    api.patch(&api.core("configmaps/a"), MERGE, label("web")).await.ok();
    let left = api.patch(&api.core("configmaps/a"), MERGE, label("api")).await.ok();
    api.delete(&api.core("configmaps/a"), json!({})).await.ok();
    api.config_map("end", json!({"app": "web"})).await;
    assert_eq!(watch.events(1).await, ["ADDED a"]);
    let (kind, last) = watch.event().await;
    assert_eq!((&*kind, &last["metadata"]["labels"]["app"]), ("DELETED", &json!("web")), "as it was within");
    assert_eq!(version(&last), version(&left), "with the version at which it left");
    assert_eq!(watch.events(1).await, ["ADDED end"]);
}

#[tokio::test]
async fn a_watch_from_anywhere_begins_with_what_there_is() {
    let api = Api::new().await;
    let maps = api.core("configmaps");
    for name in ["b", "a"] {
        api.config_map(name, json!({"app": "web"})).await;
    }
    for from in ["", "&resourceVersion=0"] {
        let mut watch = api.watch(&maps, &format!("labelSelector=app{from}")).await;
        let mut first = watch.events(2).await;
        first.sort();
        assert_eq!(first, ["ADDED a", "ADDED b"], "{from}");
    }
}

#[tokio::test]
async fn a_watch_says_when_it_has_told_what_there_is() {
    let api = Api::new().await;
    let maps = api.core("configmaps");
    api.config_map("a", json!({"app": "web"})).await;
    let streaming =
        "labelSelector=app&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true";
    let mut watch = api.watch(&maps, streaming).await;
    assert_eq!(watch.events(1).await, ["ADDED a"]);
    let (kind, mark) = watch.event().await;
    assert_eq!((&*kind, &mark["kind"]), ("BOOKMARK", &json!("ConfigMap")));
    assert_eq!(mark["metadata"]["annotations"], json!({"k8s.io/initial-events-end": "true"}));
    let created = api.config_map("b", json!({"app": "web"})).await;
    assert_eq!(watch.event().await, ("ADDED".to_owned(), created));
    let mut resumed =
        api.watch(&maps, &format!("labelSelector=app&resourceVersion={}", version(&mark))).await;
    assert_eq!(resumed.events(1).await, ["ADDED b"]);
}

#[tokio::test]
async fn a_watch_ends_when_its_time_is_over() {
    let api = Api::new().await;
    let mut watch = api.watch(&api.core("secrets"), "timeoutSeconds=1").await;
    assert_eq!(watch.next().await, None);
}

#[tokio::test]
async fn a_watch_from_a_forgotten_version_is_told_so() {
    let api = Api::alone().await;
    let created = api.config_map("a", json!({"app": "web"})).await;
    api.patch(&api.core("configmaps/a"), MERGE, json!({"data": {"x": "y"}})).await.ok();
    api.target.forget();
    let mut watch =
        api.watch(&api.core("configmaps"), &format!("resourceVersion={}", version(&created))).await;
    let (kind, status) = watch.event().await;
    assert_eq!((&*kind, &status["kind"]), ("ERROR", &json!("Status")));
    assert_eq!(
        (&status["code"], &status["reason"], &status["status"]),
        (&json!(410), &json!("Expired"), &json!("Failure"))
    );
    assert_eq!(watch.next().await, None);
}

#[tokio::test]
async fn a_watch_of_tables_tells_the_columns_once() {
    let api = Api::new().await;
    let maps = api.core("configmaps");
    api.config_map("a", json!({"app": "web"})).await;
    let mut watch = api.lines(&format!("{maps}?watch=true&labelSelector=app"), TABLE).await;
    let (kind, table) = watch.event().await;
    assert_eq!(
        (&*kind, &table["kind"], &table["apiVersion"]),
        ("ADDED", &json!("Table"), &json!("meta.k8s.io/v1"))
    );
    assert_eq!(table["columnDefinitions"][0]["name"], "Name");
    assert_eq!(table["rows"][0]["cells"][0], "a");
    assert_eq!(table["rows"][0]["object"]["kind"], "PartialObjectMetadata");
    api.config_map("b", json!({"app": "web"})).await;
    let (kind, table) = watch.event().await;
    assert_eq!((&*kind, &table["columnDefinitions"]), ("ADDED", &Value::Null));
    assert_eq!(table["rows"][0]["cells"][0], "b");
    assert_eq!(
        table["metadata"]["resourceVersion"],
        table["rows"][0]["object"]["metadata"]["resourceVersion"]
    );
}

#[tokio::test]
async fn a_watch_of_metadata_tells_nothing_else() {
    let api = Api::new().await;
    let created = api.config_map("a", json!({"app": "web"})).await;
    let accept = "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io";
    let mut watch =
        api.lines(&format!("{}?watch=true&labelSelector=app", api.core("configmaps")), accept).await;
    let (kind, object) = watch.event().await;
    let metadata = json!({
        "kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": created["metadata"],
    });
    assert_eq!((&*kind, object), ("ADDED", metadata));
}
