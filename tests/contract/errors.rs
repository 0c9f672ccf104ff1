//! How requests are refused.

use http::Method;
use serde_json::{Value, json};

use crate::api::{Answer, Api, JSON, version};

/// Reason and field of each cause of a refusal.
fn causes(answer: &Answer) -> Vec<(&str, &str)> {
    let causes = answer.1["details"]["causes"].as_array().map_or(&[][..], Vec::as_slice);
    fn text<'c>(cause: &'c Value, field: &str) -> &'c str {
        cause[field].as_str().unwrap_or_default()
    }
    causes.iter().map(|cause| (text(cause, "reason"), text(cause, "field"))).collect()
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let api = Api::new().await;
    let answer = api.get(&api.core("configmaps/none")).await;
    assert_eq!(answer.refused(), (404, "NotFound"));
    assert_eq!(answer.1["message"], r#"configmaps "none" not found"#);
    assert_eq!(answer.1["details"], json!({"name": "none", "kind": "configmaps"}));
    let answer = api.get(&api.apps("deployments/none")).await;
    assert_eq!(answer.1["message"], r#"deployments.apps "none" not found"#);
    assert_eq!(answer.1["details"], json!({"name": "none", "group": "apps", "kind": "deployments"}));
    let body = json!({"metadata": {"name": "a"}});
    let answer = api.post("/api/v1/namespaces/contract-none/configmaps", body).await;
    assert_eq!(answer.1["message"], r#"namespaces "contract-none" not found"#);
    for path in
        ["/api/v1/nothings", "/apis/apps/v1/nothings", "/api/v1/configmaps/a", "/api/v1/namespaces/a/nodes"]
    {
        let answer = api.get(path).await;
        assert_eq!(answer.refused(), (404, "NotFound"), "{path}");
        assert_eq!(answer.1["details"], json!({}), "{path}");
    }
}

#[tokio::test]
async fn what_is_there_already_or_was_changed_meanwhile_conflicts() {
    let api = Api::new().await;
    let old = api.config_map("a", json!({})).await;
    let answer = api.post(&api.core("configmaps"), json!({"metadata": {"name": "a"}})).await;
    assert_eq!(answer.refused(), (409, "AlreadyExists"));
    assert_eq!(answer.1["message"], r#"configmaps "a" already exists"#);
    let mut changed = old.clone();
    changed["data"] = json!({"key": "other"});
    api.put(&api.core("configmaps/a"), changed).await.ok();
    let answer = api.put(&api.core("configmaps/a"), old.clone()).await;
    assert_eq!(answer.refused(), (409, "Conflict"));
    let message = r#"Operation cannot be fulfilled on configmaps "a": the object has been modified; please apply your changes to the latest version and try again"#;
    assert_eq!(answer.1["message"], message);
    let late = json!({"preconditions": {"resourceVersion": version(&old)}});
    let answer = api.delete(&api.core("configmaps/a"), late).await;
    assert_eq!(answer.refused(), (409, "Conflict"));
    assert_eq!(answer.1["details"], json!({"name": "a", "kind": "ConfigMap"}));
    let other = json!({"preconditions": {"uid": "01234567-89ab-4def-8123-456789abcdef"}});
    let answer = api.delete(&api.core("configmaps/a"), other).await;
    assert_eq!(answer.refused(), (409, "Conflict"));
    let start = "Operation cannot be fulfilled on ConfigMap \"a\": the UID in the precondition";
    assert!(answer.1["message"].as_str().unwrap().starts_with(start), "{answer:?}");
}

#[tokio::test]
async fn what_is_not_valid_is_named_field_by_field() {
    let api = Api::new().await;
    let answer = api.post(&api.core("configmaps"), json!({"metadata": {"name": "A_b"}})).await;
    assert_eq!(answer.refused(), (422, "Invalid"));
    assert_eq!(causes(&answer), [("FieldValueInvalid", "metadata.name")]);
    assert_eq!(
        (&answer.1["details"]["name"], &answer.1["details"]["kind"]),
        (&json!("A_b"), &json!("ConfigMap"))
    );
    let answer = api.post(&api.core("configmaps"), json!({})).await;
    assert_eq!(answer.refused(), (422, "Invalid"));
    assert_eq!(causes(&answer), [("FieldValueRequired", "metadata.name")]);
    assert_eq!(answer.1["details"]["name"], Value::Null);
    let mut apart = crate::api::deployment("web", 1);
    apart["spec"]["template"]["metadata"]["labels"] = json!({"app": "other"});
    let answer = api.post(&api.apps("deployments"), apart).await;
    assert_eq!(causes(&answer), [("FieldValueInvalid", "spec.template.metadata.labels")]);
    let mut negative = crate::api::deployment("web", -1);
    negative["spec"]["template"]["spec"]["containers"] = json!([{"name": "app"}]);
    let answer = api.post(&api.apps("deployments"), negative).await;
    let fields = [
        ("FieldValueInvalid", "spec.replicas"),
        ("FieldValueRequired", "spec.template.spec.containers[0].image"),
    ];
    assert_eq!(causes(&answer), fields);
    let answer = api
        .post(&format!("{}?dryRun=Some", api.core("configmaps")), json!({"metadata": {"name": "a"}}))
        .await;
    assert_eq!(answer.refused(), (422, "Invalid"));
    assert_eq!(causes(&answer), [("FieldValueNotSupported", "dryRun")]);
}

#[tokio::test]
async fn what_does_not_fit_the_path_is_a_bad_request() {
    let api = Api::new().await;
    let maps = api.core("configmaps");
    api.config_map("a", json!({})).await;
    let bad = [
        json!({"kind": "Pod", "apiVersion": "v1", "metadata": {"name": "b"}}),
        json!({"metadata": {"name": "b", "namespace": "elsewhere"}}),
    ];
    for body in bad {
        assert_eq!(api.post(&maps, body).await.refused(), (400, "BadRequest"));
    }
    let answer = api.put(&api.core("configmaps/a"), json!({"metadata": {"name": "b"}})).await;
    assert_eq!(answer.refused(), (400, "BadRequest"));
    assert_eq!(answer.1["message"], "the name of the object (b) does not match the name on the URL (a)");
    let torn = api.send(Method::POST, &maps, [JSON, JSON], b"{\"metadata\":".to_vec()).await;
    assert_eq!(torn.refused(), (400, "BadRequest"));
}

#[tokio::test]
async fn methods_and_formats_that_there_are_not_are_refused() {
    let api = Api::new().await;
    let maps = api.core("configmaps");
    api.config_map("a", json!({})).await;
    for (method, path) in [
        (Method::PUT, maps.clone()),
        (Method::POST, api.core("configmaps/a")),
        (Method::POST, "/api/v1/configmaps".to_owned()),
    ] {
        let answer = api.send(method, &path, [JSON, JSON], b"{}".to_vec()).await;
        assert_eq!(answer.refused(), (405, "MethodNotAllowed"), "{path}");
    }
    let answer = api.send(Method::POST, &maps, ["text/plain", JSON], b"{}".to_vec()).await;
    assert_eq!(answer.refused(), (415, "UnsupportedMediaType"));
    let answer = api.patch(&api.core("configmaps/a"), JSON, json!({})).await;
    assert_eq!(answer.refused(), (415, "UnsupportedMediaType"));
    let answer = api.get_as(&maps, "text/html").await;
    assert_eq!(answer.refused(), (406, "NotAcceptable"));
}

#[tokio::test]
async fn parameters_that_cannot_be_read_are_refused() {
    let api = Api::new().await;
    let maps = api.core("configmaps");
    for query in [
        "labelSelector=a%3Db%3Dc",
        "labelSelector=a%20in%20b",
        "fieldSelector=a%3Db",
        "fieldSelector=a",
        "limit=x",
        "continue=x",
        "resourceVersion=x",
    ] {
        let answer = api.get(&format!("{maps}?{query}")).await;
        assert_eq!(answer.refused(), (400, "BadRequest"), "{query}");
    }
    for query in ["resourceVersionMatch=Exact", "watch=true&sendInitialEvents=true"] {
        let answer = api.get(&format!("{maps}?{query}")).await;
        assert_eq!(answer.refused(), (422, "Invalid"), "{query}");
        assert_eq!(causes(&answer), [("FieldValueForbidden", "resourceVersionMatch")], "{query}");
    }
    let answer = api.get(&format!("{maps}?resourceVersion=99999999")).await;
    assert_eq!(answer.refused(), (504, "Timeout"));
    assert_eq!(causes(&answer), [("ResourceVersionTooLarge", "")]);
    assert_eq!(answer.1["details"]["retryAfterSeconds"], 1);
}
