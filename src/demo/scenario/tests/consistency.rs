use std::collections::HashSet;

use super::*;
use crate::demo::world::value::{int, list, map, text};
use crate::demo::world::{Key, Selector, TypeId, naming};

/// The types whose objects a controller keeps pods or others for.
const OWNERS: &[TypeId] = &[TypeId::REPLICA_SETS, TypeId::STATEFUL_SETS, TypeId::DAEMON_SETS, TypeId::JOBS];

fn worlds() -> impl Iterator<Item = (&'static str, World)> {
    all().iter().map(|scenario| {
        // Of the largest a small one does.
        let pods = scenario.pods.map(|_| 700);
        (scenario.name, build(scenario, &BuildOptions { pods, seed: 7, now: NOW }))
    })
}

#[test]
fn every_owner_is_there_and_is_who_it_is_said_to_be() {
    for (name, world) in worlds() {
        for (value, object) in everything(&world) {
            for reference in list(&value, "/metadata/ownerReferences") {
                let uid = crate::demo::world::Uid::parse(text(reference, "/uid")).unwrap();
                let owner = world
                    .store
                    .by_uid(uid)
                    .unwrap_or_else(|| panic!("{name}: {:?} has no owner", object.key));
                let owner = owner.value();
                for (said, there) in
                    [("/kind", "/kind"), ("/apiVersion", "/apiVersion"), ("/name", "/metadata/name")]
                {
                    assert_eq!(text(reference, said), text(&owner, there), "{name}: {:?}", object.key);
                }
            }
        }
    }
}

#[test]
fn every_namespaced_object_is_in_a_namespace_that_is_there() {
    for (name, world) in worlds() {
        for (_, object) in everything(&world) {
            let namespaced = world.kind(object.key.of).namespaced;
            assert_eq!(namespaced, !object.namespace().is_empty(), "{name}: {:?}", object.key);
            if namespaced {
                let key = Key::new(TypeId::NAMESPACES, "", object.namespace());
                assert!(world.get(&key).is_some(), "{name}: {:?}", object.key);
            }
        }
    }
}

#[test]
fn selectors_match_what_is_owned_and_counts_are_those_of_the_pods() {
    let world = made("calm");
    for of in OWNERS {
        for owner in world.store.all(*of, "") {
            let value = owner.value();
            let selector = Selector::of_value(&value["spec"]["selector"]);
            let pods: Vec<_> = world.store.owned_by(owner.uid).filter(|o| o.key.of == TypeId::PODS).collect();
            assert!(pods.iter().all(|pod| selector.matches(pod)), "{:?}", owner.key);
            let selected =
                world.store.all(TypeId::PODS, owner.namespace()).filter(|pod| selector.matches(pod)).count();
            assert_eq!(selected, pods.len(), "{:?} selects pods of others", owner.key);
            let counts: &[&str] = match *of {
                TypeId::DAEMON_SETS => &["/status/desiredNumberScheduled", "/status/numberReady"],
                TypeId::JOBS => &[],
                TypeId::REPLICA_SETS if pods.is_empty() => &["/status/replicas"],
                _ => &["/spec/replicas", "/status/replicas", "/status/readyReplicas"],
            };
            for count in counts {
                assert_eq!(int(&value, count), pods.len() as i64, "{:?} {count}", owner.key);
            }
        }
    }
}

#[test]
fn replica_sets_are_named_after_the_templates_that_deployments_have_or_had() {
    let world = made("calm");
    for deployment in world.store.all(TypeId::DEPLOYMENTS, "") {
        let value = deployment.value();
        let hash = naming::template_hash(&value["spec"]["template"], 0);
        let sets: Vec<_> = world.store.owned_by(deployment.uid).collect();
        let current = format!("{}-{hash}", deployment.name());
        assert!(sets.iter().any(|set| set.name() == current), "{:?}", deployment.key);
        assert!(sets.len() >= 3, "{:?} can be rolled back", deployment.key);
        let revision = |value: &Value| {
            text(value, "/metadata/annotations/deployment.kubernetes.io~1revision").to_owned()
        };
        let revisions: HashSet<String> = sets.iter().map(|set| revision(&set.value())).collect();
        assert_eq!(revisions.len(), sets.len(), "{:?}", deployment.key);
        let newest =
            world.get(&Key::new(TypeId::REPLICA_SETS, deployment.namespace(), &current)).unwrap().value();
        assert_eq!(revision(&value), revision(&newest));
    }
}

#[test]
fn what_pods_refer_to_is_there() {
    for (name, world) in worlds() {
        for pod in world.store.all(TypeId::PODS, "") {
            let value = pod.value();
            let there = |of: TypeId, namespace: &str, wanted: &str| {
                let found = world.get(&Key::new(of, namespace, wanted)).is_some();
                assert!(found, "{name}: {:?} needs {} {wanted}", pod.key, world.kind(of).plural);
            };
            let node = text(&value, "/spec/nodeName");
            if !node.is_empty() {
                there(TypeId::NODES, "", node);
            }
            there(TypeId::SERVICE_ACCOUNTS, pod.namespace(), text(&value, "/spec/serviceAccountName"));
            for volume in list(&value, "/spec/volumes") {
                for (field, of) in [
                    ("/configMap/name", TypeId::CONFIG_MAPS),
                    ("/secret/secretName", TypeId::SECRETS),
                    ("/persistentVolumeClaim/claimName", TypeId::CLAIMS),
                ] {
                    let wanted = text(volume, field);
                    if !wanted.is_empty() {
                        there(of, pod.namespace(), wanted);
                    }
                }
            }
            for variable in list(&value, "/spec/containers").iter().flat_map(|c| list(c, "/env")) {
                let wanted = text(variable, "/valueFrom/secretKeyRef/name");
                if !wanted.is_empty() {
                    there(TypeId::SECRETS, pod.namespace(), wanted);
                }
            }
        }
    }
}

#[test]
fn services_find_pods_and_their_endpoints_are_these() {
    let world = made("calm");
    for service in world.store.all(TypeId::SERVICES, "") {
        let value = service.value();
        let Some(selector) = map(&value, "/spec/selector") else { continue };
        let selector = Selector::of_labels(selector);
        let pods: HashSet<String> = world
            .store
            .all(TypeId::PODS, service.namespace())
            .filter(|pod| selector.matches(pod))
            .map(|pod| pod.name().to_owned())
            .collect();
        assert!(!pods.is_empty(), "{:?}", service.key);
        let slice = world.store.owned_by(service.uid).next().unwrap().value();
        let said = list(&slice, "/endpoints").iter().map(|end| text(end, "/targetRef/name").to_owned());
        assert_eq!(said.collect::<HashSet<_>>(), pods, "{:?}", service.key);
    }
}

#[test]
fn no_two_pods_have_one_address_and_no_node_is_full() {
    for (name, world) in worlds() {
        let total = crowd(&world);
        assert!(name != "calm" || (150..=200).contains(&total), "{total} pods");
    }
}

/// How many pods there are, none of which is in the way of another.
fn crowd(world: &World) -> usize {
    let mut addresses = HashSet::new();
    let mut on = std::collections::HashMap::<String, usize>::new();
    for pod in world.store.all(TypeId::PODS, "") {
        let value = pod.value();
        let address = text(&value, "/status/podIP").to_owned();
        let own = value["spec"]["hostNetwork"] != true && !address.is_empty();
        assert!(!own || addresses.insert(address), "{:?}", pod.key);
        *on.entry(text(&value, "/spec/nodeName").to_owned()).or_default() += 1;
    }
    assert!(on.iter().all(|(node, pods)| *pods <= 110 || node.is_empty()), "{on:?}");
    on.values().sum()
}

/// A hundred thousand pods are measured by the bench; what they are made of is seen in a few thousand.
#[test]
fn the_pods_of_a_large_cluster_are_lean_and_have_nodes_in_proportion() {
    let big = find("big").unwrap();
    let world = build(big, &BuildOptions { pods: Some(3_000), seed: 7, now: NOW });
    let namespaces: HashSet<&str> = ground::NAMESPACES.iter().map(|(name, _)| *name).collect();
    let of_teams = world.store.all(TypeId::PODS, "").filter(|pod| !namespaces.contains(pod.namespace()));
    let sizes: Vec<usize> = of_teams.map(|pod| pod.json().len()).collect();
    let average = sizes.iter().sum::<usize>() / sizes.len();
    assert!(sizes.len() > 2_500 && (2_000..2_700).contains(&average), "{} of {average} bytes", sizes.len());
    assert!((30..60).contains(&world.store.count(TypeId::NODES)));
}

#[test]
fn templates_are_complete_so_that_they_are_hashed_as_they_are_stored() {
    let world = made("calm");
    for app in APPS {
        let of = match app.shape {
            Shape::Deployment => TypeId::DEPLOYMENTS,
            Shape::StatefulSet { .. } => TypeId::STATEFUL_SETS,
            Shape::DaemonSet => TypeId::DAEMON_SETS,
        };
        let stored = world.get(&Key::new(of, &app.namespace, &app.name)).unwrap().value();
        assert_eq!(stored["spec"]["template"], template::template(&world, app, app.version), "{}", app.name);
    }
}

#[test]
fn the_same_seed_and_time_make_the_same_world() {
    let json = |world: &World| -> Vec<Vec<u8>> {
        everything(world).into_iter().map(|(_, object)| object.json().to_vec()).collect()
    };
    for scenario in all().iter().filter(|scenario| scenario.pods.is_none()) {
        assert_eq!(json(&made(scenario.name)), json(&made(scenario.name)), "{}", scenario.name);
    }
    let other = build(&all()[0], &BuildOptions { pods: None, seed: 8, now: NOW });
    assert_ne!(json(&made("calm")), json(&other));
}
