//! Namespaces: what every one of them has, and what becomes of their content when they go.

use serde_json::{Value, json};

use super::conditions;
use crate::demo::world::value::{list, set};
use crate::demo::world::{Change, ControllerId, Deletion, Key, Propagation, TypeId, World, Write};

/// A namespace, and the one of an object that is gone, if it waits for that.
pub(super) fn routes(world: &World, change: &Change, keys: &mut Vec<Key>) {
    let object = change.object();
    if object.key.of == TypeId::NAMESPACES && !change.is_end() {
        keys.push(object.key.clone());
    } else if change.is_end() && !object.namespace().is_empty() {
        let key = Key::new(TypeId::NAMESPACES, "", object.namespace());
        keys.extend(world.get(&key).filter(|namespace| namespace.deleting).map(|_| key.clone()));
    }
}

/// Gives a namespace what it has by default, or takes everything away and lets it go.
pub(super) fn reconcile(world: &mut World, _: ControllerId, key: &Key) {
    let Some(namespace) = world.get(key).cloned() else { return };
    if !namespace.deleting {
        return furnish(world, &key.name);
    }
    let types: Vec<TypeId> = world.types.served().filter(|(_, of)| of.namespaced).map(|(id, _)| id).collect();
    let with_dependents = Deletion { propagation: Some(Propagation::Background), ..Deletion::default() };
    let mut left = Vec::new();
    for of in types {
        let content: Vec<Key> = world.store.all(of, &key.name).map(|object| object.key.clone()).collect();
        for key in content {
            // What is going already is waited for.
            if !world.get(&key).is_some_and(|object| object.deleting) {
                let _ = world.delete(&key, &with_dependents);
            }
        }
        let count = world.store.all(of, &key.name).count();
        if count > 0 {
            left.push((of, count));
        }
    }
    if left.is_empty() {
        world.modify(key, |value| set(value, "/spec/finalizers", json!([])));
        return;
    }
    let remains = remains(world, key, &left);
    world.modify(key, |value| set(value, "/status/conditions", remains));
}

/// What every namespace has.
fn furnish(world: &mut World, namespace: &str) {
    let account = json!({"metadata": {"name": "default"}});
    let certificate = json!({
        "metadata": {
            "name": "kube-root-ca.crt",
            "annotations": {"kubernetes.io/description": DESCRIPTION},
        },
        "data": {"ca.crt": CERTIFICATE},
    });
    for (of, value) in [(TypeId::SERVICE_ACCOUNTS, account), (TypeId::CONFIG_MAPS, certificate)] {
        // It is there already, mostly.
        let _ = world.create(of, namespace, value, Write::default());
    }
}

const DESCRIPTION: &str = "Contains a CA bundle that can be used to verify the kube-apiserver when using internal \
                           endpoints such as the internal service IP or kubernetes.default.svc. No other usage is \
                           guaranteed across distributions of Kubernetes clusters.";

const CERTIFICATE: &str = "-----BEGIN CERTIFICATE-----\nsimulated\n-----END CERTIFICATE-----\n";

/// What a namespace that is going waits for.
fn remains(world: &World, key: &Key, left: &[(TypeId, usize)]) -> Value {
    let known = world.get(key).map(|namespace| namespace.value()).unwrap_or_default();
    let mut content: Vec<String> = left
        .iter()
        .map(|(of, count)| format!("{} has {count} resource instances", resource(world, *of)))
        .collect();
    content.sort();
    let mut finalizers = std::collections::BTreeMap::new();
    for object in left.iter().flat_map(|(of, _)| world.store.all(*of, &key.name)) {
        for finalizer in list(&object.value(), "/metadata/finalizers") {
            *finalizers.entry(finalizer.as_str().unwrap_or_default().to_owned()).or_insert(0) += 1;
        }
    }
    let finalizers: Vec<String> =
        finalizers.iter().map(|(name, count)| format!("{name} in {count} resource instances")).collect();
    let good = [
        ("NamespaceDeletionDiscoveryFailure", "ResourcesDiscovered", "All resources successfully discovered"),
        (
            "NamespaceDeletionGroupVersionParsingFailure",
            "ParsedGroupVersions",
            "All legacy kube types successfully parsed",
        ),
        (
            "NamespaceDeletionContentFailure",
            "ContentDeleted",
            "All content successfully deleted, may be waiting on finalization",
        ),
    ];
    let mut all: Vec<(&str, bool, &str, String)> =
        good.into_iter().map(|(of, reason, message)| (of, false, reason, message.to_owned())).collect();
    let remaining = format!("Some resources are remaining: {}", content.join(", "));
    all.push(("NamespaceContentRemaining", true, "SomeResourcesRemain", remaining));
    if finalizers.is_empty() {
        let message = "All content-preserving finalizers finished".to_owned();
        all.push(("NamespaceFinalizersRemaining", false, "ContentHasNoFinalizers", message));
    } else {
        let message =
            format!("Some content in the namespace has finalizers remaining: {}", finalizers.join(", "));
        all.push(("NamespaceFinalizersRemaining", true, "SomeFinalizersRemain", message));
    }
    let condition = |(of, holds, reason, message): (&str, bool, &str, String)| {
        let status = if holds { "True" } else { "False" };
        let since = conditions::since(conditions::find(&known["status"], of), status, world.now);
        json!({"type": of, "status": status, "reason": reason, "message": message, "lastTransitionTime": since})
    };
    all.into_iter().map(condition).collect()
}

fn resource(world: &World, of: TypeId) -> String {
    let of = world.kind(of);
    if of.group.is_empty() { format!("{}.", of.plural) } else { of.resource() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::controllers::testing::{Cluster, deployment};
    use crate::demo::world::value::text;

    #[test]
    fn a_namespace_has_a_service_account_and_the_certificate_of_the_cluster() {
        let mut cluster = Cluster::empty();
        cluster.settle();
        assert!(cluster.world.get(&Key::new(TypeId::SERVICE_ACCOUNTS, "shop", "default")).is_some());
        assert!(cluster.world.get(&Key::new(TypeId::CONFIG_MAPS, "shop", "kube-root-ca.crt")).is_some());
    }

    #[test]
    fn a_namespace_goes_when_its_content_is_gone_and_says_what_it_waits_for() {
        let mut cluster = Cluster::of_nodes(1);
        cluster.create(TypeId::DEPLOYMENTS, deployment("web", 2, "web:1"));
        let held = json!({"metadata": {"name": "kept", "finalizers": ["example.com/hold"]}});
        let held = cluster.create(TypeId::CONFIG_MAPS, held);
        cluster.pass(30);
        let key = Key::new(TypeId::NAMESPACES, "", "shop");
        cluster.delete(&key);
        cluster.pass(60);
        let value = cluster.value(&key);
        assert_eq!(text(&value, "/status/phase"), "Terminating");
        let status = &value["status"];
        let message = |of| text(conditions::find(status, of).unwrap(), "/message").to_owned();
        assert_eq!(
            message("NamespaceContentRemaining"),
            "Some resources are remaining: configmaps. has 1 resource instances"
        );
        assert!(
            message("NamespaceFinalizersRemaining").ends_with("example.com/hold in 1 resource instances")
        );
        cluster.change(&held.key, |value| set(value, "/metadata/finalizers", json!([])));
        cluster.settle();
        assert!(cluster.world.get(&key).is_none());
        assert_eq!(cluster.world.store.all(TypeId::PODS, "shop").count(), 0);
    }
}
