//! Lists: what is selected, in which order, and page by page.

use serde_json::{Value, json};

use crate::api::{Api, names, version};

#[tokio::test]
async fn a_list_has_a_version_and_items_that_do_not_repeat_their_kind() {
    let api = Api::new().await;
    for name in ["b", "a", "c"] {
        api.config_map(name, json!({"test": "list"})).await;
    }
    let list = api.get(&format!("{}?labelSelector=test", api.core("configmaps"))).await.ok();
    assert_eq!((&list["kind"], &list["apiVersion"]), (&json!("ConfigMapList"), &json!("v1")));
    assert!(version(&list).parse::<u64>().is_ok(), "{list}");
    assert_eq!(names(&list), ["a", "b", "c"]);
    assert_eq!((&list["items"][0]["kind"], &list["items"][0]["apiVersion"]), (&Value::Null, &Value::Null));
    let one = api.get(&api.core("configmaps/a")).await.ok();
    assert_eq!((&one["kind"], &one["apiVersion"]), (&json!("ConfigMap"), &json!("v1")));
    assert_eq!(list["items"][0]["metadata"], one["metadata"]);
    assert_eq!(list["metadata"]["continue"], Value::Null);
}

#[tokio::test]
async fn labels_and_fields_select() {
    let api = Api::new().await;
    api.config_map("a", json!({"app": "web", "tier": "front"})).await;
    api.config_map("b", json!({"app": "web"})).await;
    api.config_map("c", json!({"app": "api", "tier": "back"})).await;
    let maps = api.core("configmaps");
    for (query, wanted) in [
        ("labelSelector=app%3Dweb", &["a", "b"][..]),
        ("labelSelector=app%3D%3Dweb%2Ctier!%3Dfront", &["b"]),
        ("labelSelector=app%20in%20(api%2Cother)", &["c"]),
        ("labelSelector=app%2C!tier", &["b"]),
        ("labelSelector=app%2Ctier%20notin%20(back)", &["a", "b"]),
        ("labelSelector=app&fieldSelector=metadata.name%3Da", &["a"]),
        ("labelSelector=app&fieldSelector=metadata.name!%3Da", &["b", "c"]),
    ] {
        let list = api.get(&format!("{maps}?{query}")).await.ok();
        assert_eq!(names(&list), wanted, "{query}");
    }
    let everywhere = format!("/api/v1/configmaps?fieldSelector=metadata.namespace%3D{}", api.namespace);
    let list = api.get(&format!("{everywhere}&labelSelector=app")).await.ok();
    assert_eq!(names(&list), ["a", "b", "c"]);
}

#[tokio::test]
async fn pages_show_the_list_as_it_was_when_it_began() {
    let api = Api::new().await;
    for name in ["a", "b", "c", "d", "e"] {
        let account = json!({"metadata": {"name": name}, "data": {}});
        api.create(&api.core("secrets"), account).await;
    }
    let secrets = api.core("secrets");
    let first = api.get(&format!("{secrets}?limit=2")).await.ok();
    assert_eq!((names(&first), &first["metadata"]["remainingItemCount"]), (vec!["a", "b"], &json!(3)));
    api.delete(&api.core("secrets/d"), json!({})).await.ok();
    let token = |page: &Value| page["metadata"]["continue"].as_str().unwrap().to_owned();
    let second = api.get(&format!("{secrets}?limit=2&continue={}", token(&first))).await.ok();
    assert_eq!((names(&second), version(&second)), (vec!["c", "d"], version(&first)));
    let last = api.get(&format!("{secrets}?limit=2&continue={}", token(&second))).await.ok();
    assert_eq!((names(&last), &last["metadata"]["continue"]), (vec!["e"], &Value::Null));
    let selected = api.get(&format!("{secrets}?limit=2&labelSelector=!none")).await.ok();
    assert_eq!(selected["metadata"]["remainingItemCount"], Value::Null);
    assert_eq!(names(&selected).len(), 2);
}

#[tokio::test]
async fn a_collection_is_deleted_as_far_as_it_is_selected() {
    let api = Api::new().await;
    api.config_map("a", json!({"app": "web"})).await;
    api.config_map("b", json!({"app": "web"})).await;
    api.config_map("c", json!({"app": "api"})).await;
    let web = format!("{}?labelSelector=app%3Dweb", api.core("configmaps"));
    let gone = api.delete(&web, json!({})).await.ok();
    assert_eq!((&gone["kind"], names(&gone)), (&json!("ConfigMapList"), vec!["a", "b"]));
    let left = api.get(&format!("{}?labelSelector=app", api.core("configmaps"))).await.ok();
    assert_eq!(names(&left), ["c"]);
}
