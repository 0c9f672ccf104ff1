//! DaemonSets: a pod on every node that it may run on.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};

use super::pods::{self, Name, scaled};
use super::replicasets::owner_of_type;
use super::revisions::{self, Revision};
use super::scheduler::Wants;
use crate::demo::world::value::{int, list, set, text};
use crate::demo::world::{Amount, Change, ControllerId, Key, Object, TypeId, World};

/// The source of its events.
pub(super) const NAME: &str = "daemonset-controller";

/// The label with the hash of a revision.
const HASH: &str = "controller-revision-hash";

/// The annotation with the number of its template.
const GENERATION: &str = "/metadata/annotations/deprecated.daemonset.template.generation";

/// What the pods of all DaemonSets put up with.
const TOLERATED: &[(&str, &str)] = &[
    ("node.kubernetes.io/not-ready", "NoExecute"),
    ("node.kubernetes.io/unreachable", "NoExecute"),
    ("node.kubernetes.io/disk-pressure", "NoSchedule"),
    ("node.kubernetes.io/memory-pressure", "NoSchedule"),
    ("node.kubernetes.io/pid-pressure", "NoSchedule"),
    ("node.kubernetes.io/unschedulable", "NoSchedule"),
];

/// A DaemonSet, the one that controls a pod, and all of them when a node comes, goes or is labelled.
pub(super) fn routes(world: &World, change: &Change, keys: &mut Vec<Key>) {
    let object = change.object();
    match object.key.of {
        TypeId::DAEMON_SETS if !change.is_end() => keys.push(object.key.clone()),
        TypeId::PODS => keys.extend(owner_of_type(world, change, TypeId::DAEMON_SETS)),
        TypeId::NODES => {
            let facts = |node: &Arc<Object>| {
                let facts = node.node().map(|facts| (facts.taints.clone(), facts.unschedulable));
                (facts, node.labels.clone())
            };
            if change.before.as_ref().map(facts) != change.after.as_ref().map(facts) {
                keys.extend(world.store.all(TypeId::DAEMON_SETS, "").map(|set| set.key.clone()));
            }
        }
        _ => {}
    }
}

/// Creates what is missing, ends what is too much or old, and counts.
pub(super) fn reconcile(world: &mut World, me: ControllerId, key: &Key) {
    let Some(object) = world.get(key).cloned() else { return };
    let value = object.value();
    pods::adopt(world, &object, &value, TypeId::CONTROLLER_REVISIONS);
    pods::adopt(world, &object, &value, TypeId::PODS);
    let all = revisions::sync(world, &object, &value, HASH);
    let Some(update) = all.last() else { return };
    if text(&value, GENERATION) != update.number.to_string() {
        world.modify(key, |value| set(value, GENERATION, update.number.to_string()));
    }
    let set = Set::of(world, &object, &value, update);
    if !object.deleting {
        set.place(world);
        set.replace(world);
    }
    let status = set.status(world, me);
    world.report(key, &value, status);
    let lives = |revision: &Revision| {
        set.on_nodes.values().flatten().any(|pod| pod.label(HASH) == Some(&*revision.hash))
    };
    revisions::clean_up(world, &value, &all, lives);
}

/// A DaemonSet as one pass sees it.
struct Set<'a> {
    object: &'a Arc<Object>,
    value: &'a Value,
    update: &'a Revision,
    template: Value,
    /// Its pods by node, also those that are not bound to theirs yet.
    on_nodes: BTreeMap<String, Vec<Arc<Object>>>,
    /// The nodes that are to have one.
    wanted: Vec<String>,
}

impl<'a> Set<'a> {
    fn of(world: &World, object: &'a Arc<Object>, value: &'a Value, update: &'a Revision) -> Set<'a> {
        let mut template = value["spec"]["template"].clone();
        let mut tolerations = list(&template, "/spec/tolerations").to_vec();
        for (key, effect) in TOLERATED {
            let toleration = json!({"key": key, "operator": "Exists", "effect": effect});
            if !tolerations.contains(&toleration) {
                tolerations.push(toleration);
            }
        }
        set(&mut template, "/spec/tolerations", tolerations);
        set(&mut template, "/metadata/labels/controller-revision-hash", &*update.hash);
        set(&mut template, "/metadata/labels/pod-template-generation", update.number.to_string());
        let wants = Wants::of(&template, Amount::default());
        let may = |node: &&Arc<Object>| wants.may_run_on(node);
        let wanted =
            world.store.all(TypeId::NODES, "").filter(may).map(|node| node.name().to_owned()).collect();
        let mut on_nodes: BTreeMap<String, Vec<Arc<Object>>> = BTreeMap::new();
        for pod in pods::of(world, object.uid) {
            on_nodes.entry(node_of(&pod)).or_default().push(pod);
        }
        Set { object, value, update, template, on_nodes, wanted }
    }

    fn pods_on(&self, node: &str) -> &[Arc<Object>] {
        self.on_nodes.get(node).map_or(&[], Vec::as_slice)
    }

    fn wants(&self, node: &str) -> bool {
        self.wanted.binary_search_by(|wanted| (**wanted).cmp(node)).is_ok()
    }

    /// One pod for every node that is to have one, none elsewhere.
    fn place(&self, world: &mut World) {
        for (node, pods) in &self.on_nodes {
            let keep = usize::from(self.wants(node));
            let active: Vec<&Arc<Object>> = pods.iter().filter(|pod| pods::is_active(pod)).collect();
            for pod in active.iter().skip(keep) {
                pods::delete(world, NAME, self.object, pod);
            }
            for pod in pods.iter().filter(|pod| pods::facts(pod).ended() && !pod.deleting) {
                let (name, namespace) = (pod.name(), pod.namespace());
                let message =
                    format!("Found failed daemon pod {namespace}/{name} on node {node}, will try to kill it");
                super::events::warning(world, NAME, self.object, "FailedDaemonPod", &message);
                pods::delete(world, NAME, self.object, pod);
            }
        }
        for node in self.wanted.iter().filter(|node| self.pods_on(node).is_empty()) {
            let begin = format!("{}-", self.object.name());
            let mut pod = pods::from_template(world, self.object, &self.template, Name::Beginning(&begin));
            bind_to(&mut pod, node);
            if pods::create(world, NAME, self.object, pod).is_err() {
                return;
            }
        }
    }

    /// Ends old pods, as many as may be missing at a time. A surge is played as so many missing ones.
    fn replace(&self, world: &mut World) {
        if text(self.value, "/spec/updateStrategy/type") == "OnDelete" {
            return;
        }
        let at = |field: &str| {
            let value = self.value.pointer(&format!("/spec/updateStrategy/rollingUpdate/{field}"));
            scaled(value, self.wanted.len() as i64, true)
        };
        let allowed = at("maxUnavailable").max(at("maxSurge")).max(1);
        let (mut missing, mut old) = (0, Vec::new());
        for node in &self.wanted {
            let pod = self.pods_on(node).iter().find(|pod| pods::is_active(pod));
            let is_old = pod.filter(|pod| pod.label(HASH) != Some(&*self.update.hash));
            match (pod.is_some_and(|pod| self.is_available(world, pod)), is_old) {
                (true, Some(pod)) => old.push(pod),
                (true, None) => {}
                (false, Some(pod)) => {
                    missing += 1;
                    pods::delete(world, NAME, self.object, pod);
                }
                (false, None) => missing += 1,
            }
        }
        for pod in old.into_iter().take((allowed - missing).max(0) as usize) {
            pods::delete(world, NAME, self.object, pod);
        }
    }

    fn is_available(&self, world: &World, pod: &Object) -> bool {
        let min_ready = int(self.value, "/spec/minReadySeconds");
        pods::available_at(pod, min_ready).is_some_and(|at| at <= world.now)
    }

    fn status(&self, world: &mut World, me: ControllerId) -> Value {
        let min_ready = int(self.value, "/spec/minReadySeconds");
        let (mut current, mut ready, mut available, mut updated) = (0, 0, 0, 0);
        for node in &self.wanted {
            let Some(pod) = self.pods_on(node).iter().find(|pod| pods::is_active(pod)) else { continue };
            current += 1;
            updated += i64::from(pod.label(HASH) == Some(&*self.update.hash));
            let Some(at) = pods::available_at(pod, min_ready) else { continue };
            ready += 1;
            if at <= world.now {
                available += 1;
            } else {
                world.look_at(me, &self.object.key, at);
            }
        }
        let misplaced = self
            .on_nodes
            .iter()
            .filter(|(node, pods)| !self.wants(node) && pods.iter().any(|pod| pods::is_active(pod)));
        let desired = self.wanted.len() as i64;
        let mut status = json!({
            "observedGeneration": int(self.value, "/metadata/generation"),
            "currentNumberScheduled": current,
            "desiredNumberScheduled": desired,
            "numberMisscheduled": misplaced.count(),
            "numberReady": ready,
        });
        let numbers = [
            ("numberAvailable", available),
            ("numberUnavailable", desired - available),
            ("updatedNumberScheduled", updated),
        ];
        for (field, number) in numbers {
            pods::put(&mut status, field, number);
        }
        status
    }
}

const AFFINITY: &str =
    "/spec/affinity/nodeAffinity/requiredDuringSchedulingIgnoredDuringExecution/nodeSelectorTerms";

/// Lets the scheduler put a pod on this node only.
fn bind_to(pod: &mut Value, node: &str) {
    let field = json!([{"key": "metadata.name", "operator": "In", "values": [node]}]);
    let mut terms = list(pod, AFFINITY).to_vec();
    if terms.is_empty() {
        terms.push(json!({}));
    }
    for term in &mut terms {
        term["matchFields"] = field.clone();
    }
    set(pod, AFFINITY, terms);
}

/// The node that a pod is bound to, or is to be.
fn node_of(pod: &Object) -> String {
    let bound = &pods::facts(pod).node;
    if !bound.is_empty() {
        return bound.to_string();
    }
    text(&pod.value(), &format!("{AFFINITY}/0/matchFields/0/values/0")).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::controllers::testing::{Cluster, node};

    fn key() -> Key {
        Key::new(TypeId::DAEMON_SETS, "shop", "agent")
    }

    fn cluster(nodes: usize) -> Cluster {
        let mut cluster = Cluster::of_nodes(nodes);
        cluster.create(
            TypeId::DAEMON_SETS,
            json!({
                "metadata": {"name": "agent"},
                "spec": {
                    "selector": {"matchLabels": {"app": "agent"}},
                    "template": {
                        "metadata": {"labels": {"app": "agent"}},
                        "spec": {"containers": [{"name": "app", "image": "agent:1"}]},
                    },
                },
            }),
        );
        cluster
    }

    fn number(world: &World, field: &str) -> i64 {
        int(&world.get(&key()).unwrap().value(), &format!("/status/{field}"))
    }

    #[test]
    fn every_node_has_one_also_a_cordoned_and_a_new_one_but_not_a_tainted_one() {
        let mut cluster = cluster(3);
        cluster.change(&Key::new(TypeId::NODES, "", "node-1"), |node| set(node, "/spec/unschedulable", true));
        let taint = json!([{"key": "gpu", "effect": "NoSchedule"}]);
        cluster.change(&Key::new(TypeId::NODES, "", "node-3"), |node| set(node, "/spec/taints", taint));
        cluster.until(60, |world| number(world, "numberAvailable") == 2);
        assert_eq!(cluster.world.store.on_node("node-3").pods.len(), 0);
        cluster.world.insert(TypeId::NODES, node("node-4"));
        cluster.until(60, |world| number(world, "numberAvailable") == 3);
        assert_eq!(cluster.world.store.on_node("node-4").pods.len(), 1);
        let wanted = json!({
            "observedGeneration": 1, "currentNumberScheduled": 3, "desiredNumberScheduled": 3,
            "numberMisscheduled": 0, "numberReady": 3, "numberAvailable": 3, "updatedNumberScheduled": 3,
        });
        assert_eq!(cluster.value(&key())["status"], wanted);
    }

    #[test]
    fn a_new_template_is_rolled_out_node_by_node() {
        let mut cluster = cluster(4);
        cluster.until(60, |world| number(world, "numberAvailable") == 4);
        cluster.change(&key(), |value| set(value, "/spec/template/spec/containers/0/image", "agent:2"));
        cluster.settle();
        while !(number(&cluster.world, "updatedNumberScheduled") == 4
            && number(&cluster.world, "numberAvailable") == 4)
        {
            let next = cluster.world.queue.next_due().expect("a rollout goes on");
            crate::demo::controllers::advance(
                &mut cluster.world,
                crate::demo::controllers::CONTROLLERS,
                next,
            );
            assert!(number(&cluster.world, "numberAvailable") >= 3, "{}", cluster.pods());
        }
        assert_eq!(cluster.world.store.count(TypeId::CONTROLLER_REVISIONS), 2);
        cluster.pass(3_700);
        assert_eq!(cluster.world.queue.next_due(), None);
    }
}
