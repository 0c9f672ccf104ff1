use serde_json::{Value, json};

use super::value::{int, text};
use super::*;

fn world() -> World {
    let mut world = World::new(1, Moment(1_700_000_000_000));
    world.create(TypeId::NAMESPACES, "", json!({"metadata": {"name": "shop"}}), Write::default()).unwrap();
    world
}

fn key(name: &str) -> Key {
    Key::new(TypeId::DEPLOYMENTS, "shop", name)
}

fn deployment(name: &str) -> Value {
    json!({
        "metadata": {"name": name},
        "spec": {
            "selector": {"matchLabels": {"app": name}},
            "template": {"metadata": {"labels": {"app": name}}, "spec": {"containers": [{"name": "app", "image": "web:1"}]}},
        },
    })
}

fn create(world: &mut World, name: &str) -> Arc<Object> {
    world.create(TypeId::DEPLOYMENTS, "shop", deployment(name), Write::default()).unwrap()
}

#[test]
fn a_created_object_has_an_identity_a_version_and_its_defaults() {
    let mut world = world();
    let before = world.store.version();
    let object = create(&mut world, "web");
    let value = object.value();
    assert_eq!(object.version, before + 1);
    assert_eq!(text(&value, "/metadata/resourceVersion"), object.version.to_string());
    assert_eq!(text(&value, "/metadata/uid"), object.uid.to_string());
    assert_eq!(text(&value, "/metadata/creationTimestamp"), "2023-11-14T22:13:20Z");
    assert_eq!((int(&value, "/spec/replicas"), int(&value, "/metadata/generation")), (1, 1));
    assert_eq!(text(&value, "/spec/template/spec/restartPolicy"), "Always");
}

#[test]
fn what_cannot_be_created_is_refused_with_the_reason() {
    let mut world = world();
    create(&mut world, "web");
    let mut refused = |namespace: &str, value: Value| {
        let failure = world.create(TypeId::DEPLOYMENTS, namespace, value, Write::default()).unwrap_err();
        (failure.code, failure.message)
    };
    assert_eq!(refused("shop", deployment("web")).0, 409);
    assert_eq!(refused("nowhere", deployment("api")), (404, "namespaces \"nowhere\" not found".to_owned()));
    assert_eq!(refused("shop", json!({"kind": "Pod", "metadata": {"name": "x"}})).0, 400);
    assert_eq!(refused("shop", deployment("Web")).0, 422);
    let mut apart = deployment("api");
    apart["spec"]["template"]["metadata"]["labels"] = json!({"app": "other"});
    let (code, message) = refused("shop", apart);
    assert!(code == 422 && message.contains("spec.template.metadata.labels"), "{message}");
}

#[test]
fn an_update_needs_the_latest_version_and_counts_changes_of_the_spec() {
    let mut world = world();
    let object = create(&mut world, "web");
    let mut value = object.value();
    value["spec"]["replicas"] = json!(3);
    let updated = world.update(&key("web"), value.clone(), Part::Main, Write::default()).unwrap();
    assert_eq!(int(&updated.value(), "/metadata/generation"), 2);
    let failure = world.update(&key("web"), value.clone(), Part::Main, Write::default()).unwrap_err();
    assert_eq!((failure.code, failure.reason), (409, "Conflict"));
    value["metadata"]["resourceVersion"] = Value::Null;
    value["metadata"]["uid"] = json!("01234567-89ab-4def-8123-456789abcdef");
    let failure = world.update(&key("web"), value, Part::Main, Write::default()).unwrap_err();
    assert!(failure.message.contains("UID in precondition"), "{}", failure.message);
}

#[test]
fn status_and_spec_change_only_through_their_own_door() {
    let mut world = world();
    let mut value = create(&mut world, "web").value();
    value["status"] = json!({"replicas": 5});
    value["metadata"]["annotations"] = json!({"a": "b"});
    let main = world.update(&key("web"), value, Part::Main, Write::default()).unwrap();
    assert_eq!(
        (int(&main.value(), "/status/replicas"), text(&main.value(), "/metadata/annotations/a")),
        (0, "b")
    );
    let mut value = main.value();
    value["status"] = json!({"replicas": 5});
    value["spec"]["replicas"] = json!(9);
    let status = world.update(&key("web"), value, Part::Status, Write::default()).unwrap().value();
    assert_eq!((int(&status, "/status/replicas"), int(&status, "/spec/replicas")), (5, 1));
    assert_eq!(int(&status, "/metadata/generation"), 1);
}

#[test]
fn an_update_that_changes_nothing_makes_no_version_and_a_dry_run_makes_none_either() {
    let mut world = world();
    let object = create(&mut world, "web");
    let same = world.update(&key("web"), object.value(), Part::Main, Write::default()).unwrap();
    assert_eq!(same.version, object.version);
    let mut value = object.value();
    value["spec"]["replicas"] = json!(3);
    let dry = world.update(&key("web"), value, Part::Main, Write { dry_run: true }).unwrap();
    assert_eq!(int(&dry.value(), "/spec/replicas"), 3);
    assert_eq!(world.get(&key("web")).unwrap().version, object.version);
}

#[test]
fn what_cannot_change_is_named_when_it_does() {
    let mut world = world();
    let mut value = create(&mut world, "web").value();
    value["spec"]["selector"]["matchLabels"] = json!({"app": "api"});
    value["spec"]["template"]["metadata"]["labels"] = json!({"app": "api"});
    let failure = world.update(&key("web"), value, Part::Main, Write::default()).unwrap_err();
    assert_eq!(failure.details["causes"][0]["field"], "spec.selector");
}

#[test]
fn an_object_with_a_finalizer_goes_when_the_last_one_does() {
    let mut world = world();
    let mut value = deployment("web");
    value["metadata"]["finalizers"] = json!(["example.com/hold"]);
    world.create(TypeId::DEPLOYMENTS, "shop", value, Write::default()).unwrap();
    let deleted = world.delete(&key("web"), &Deletion::default()).unwrap();
    assert!(matches!(deleted, Deleted::Going(object) if object.deleting));
    world.modify(&key("web"), |value| drop(value::remove(value, "/metadata/finalizers")));
    assert!(world.get(&key("web")).is_none());
}

#[test]
fn a_deletion_happens_only_to_the_object_that_was_meant() {
    let mut world = world();
    let object = create(&mut world, "web");
    let meant = |uid: &str| Deletion {
        preconditions: Preconditions { uid: Some(uid.to_owned()), version: None },
        ..Deletion::default()
    };
    let failure = world.delete(&key("web"), &meant("01234567-89ab-4def-8123-456789abcdef")).unwrap_err();
    assert_eq!(failure.code, 409);
    assert!(matches!(world.delete(&key("web"), &meant(&object.uid.to_string())), Ok(Deleted::Gone(_))));
}

#[test]
fn a_running_pod_is_given_time_and_can_be_hurried() {
    let mut world = world();
    let pod = json!({
        "metadata": {"name": "web-1", "namespace": "shop"},
        "spec": {"nodeName": "node-1", "containers": [{"name": "app", "image": "web:1"}]},
        "status": {"phase": "Running"},
    });
    let object = world.insert(TypeId::PODS, pod);
    let going = world.delete(&object.key, &Deletion::default()).unwrap();
    let Deleted::Going(going) = going else { panic!("it goes at once") };
    assert_eq!(text(&going.value(), "/metadata/deletionTimestamp"), "2023-11-14T22:13:50Z");
    world.modify(&object.key, |value| value::set(value, "/status/reason", "x"));
    assert!(world.get(&object.key).is_some(), "a change of its status does not end it");
    let now = Deletion { grace: Some(0), ..Deletion::default() };
    assert!(matches!(world.delete(&object.key, &now), Ok(Deleted::Gone(_))));
}

#[test]
fn changes_are_remembered_until_they_are_compacted() {
    let mut world = world();
    let start = world.store.version();
    let object = create(&mut world, "web");
    world.delete(&object.key, &Deletion::default()).unwrap();
    let ends: Vec<bool> = world.store.after(start).unwrap().map(Change::is_end).collect();
    assert_eq!(ends, [false, true]);
    world.store.compact();
    assert_eq!(world.store.after(start).map(Iterator::count).unwrap_err().code, 410);
    assert_eq!(world.store.after(world.store.version()).unwrap().count(), 0);
}

#[test]
fn pages_show_the_list_as_it_was_when_it_began() {
    let mut world = world();
    for name in ["a", "b", "c", "d", "e"] {
        create(&mut world, name);
    }
    let everything = Selector::default();
    let first = world.store.list(TypeId::DEPLOYMENTS, "shop", &everything, 2);
    let (token, left) = first.rest.unwrap();
    assert_eq!((first.items.len(), left), (2, 3));
    world.delete(&key("d"), &Deletion::default()).unwrap();
    let second = world.store.list_on(&token, 2).unwrap();
    let names: Vec<&str> = second.items.iter().map(|object| object.name()).collect();
    assert_eq!((names, second.version), (vec!["c", "d"], first.version));
    let last = world.store.list_on(&second.rest.unwrap().0, 2).unwrap();
    assert_eq!((last.items.len(), last.rest), (1, None));
    world.store.compact();
    assert_eq!(world.store.list_on(&token, 2).unwrap_err().code, 410);
    assert_eq!(world.store.list_on("x", 2).unwrap_err().code, 400);
}

#[test]
fn lists_are_in_the_order_of_the_server_and_within_their_namespace() {
    let mut world = world();
    world.create(TypeId::NAMESPACES, "", json!({"metadata": {"name": "shop-eu"}}), Write::default()).unwrap();
    create(&mut world, "web");
    world.create(TypeId::DEPLOYMENTS, "shop-eu", deployment("api"), Write::default()).unwrap();
    let names = |namespace: &str| -> Vec<String> {
        world.store.all(TypeId::DEPLOYMENTS, namespace).map(|object| object.name().to_owned()).collect()
    };
    // `-` comes before `/`.
    assert_eq!(
        (names(""), names("shop")),
        (vec!["api".to_owned(), "web".to_owned()], vec!["web".to_owned()])
    );
}
