//! StatefulSets: pods with a number and a name that stays, started and ended in order.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};

use super::events;
use super::pods::{self, Name};
use super::replicasets::owner_of_type;
use super::revisions::{self, Revision};
use crate::demo::world::value::{int, list, set, text};
use crate::demo::world::{Change, ControllerId, Deletion, Key, Object, TypeId, World, Write};

/// The source of its events.
pub(super) const NAME: &str = "statefulset-controller";

/// The label with the hash of a revision.
const HASH: &str = "controller.kubernetes.io/hash";

/// A StatefulSet as one pass sees it.
struct Set {
    object: Arc<Object>,
    value: Value,
    /// Its pods, by number.
    pods: BTreeMap<i64, Arc<Object>>,
    start: i64,
    replicas: i64,
    /// The first number whose pod gets the new template.
    partition: i64,
    /// Whether one pod is waited for before the next.
    ordered: bool,
    current: Revision,
    update: Revision,
}

/// A StatefulSet, and the one that controls a pod.
pub(super) fn routes(world: &World, change: &Change, keys: &mut Vec<Key>) {
    let object = change.object();
    match object.key.of {
        TypeId::STATEFUL_SETS if !change.is_end() => keys.push(object.key.clone()),
        TypeId::PODS => keys.extend(owner_of_type(world, change, TypeId::STATEFUL_SETS)),
        _ => {}
    }
}

/// Takes one step towards what is wanted, and counts.
pub(super) fn reconcile(world: &mut World, me: ControllerId, key: &Key) {
    let Some(object) = world.get(key).cloned() else { return };
    let value = object.value();
    pods::adopt(world, &object, &value, TypeId::CONTROLLER_REVISIONS);
    pods::adopt(world, &object, &value, TypeId::PODS);
    let all = revisions::sync(world, &object, &value, HASH);
    let Some(set) = Set::of(world, object, value, &all) else { return };
    if !set.object.deleting {
        set.act(world);
    }
    let status = set.status(world, me);
    world.report(key, &set.value, status);
    let lives = |revision: &Revision| {
        revision.name == set.current.name
            || set.pods.values().any(|pod| pod.label("controller-revision-hash") == Some(&*revision.name))
    };
    revisions::clean_up(world, &set.value, &all, lives);
}

impl Set {
    fn of(world: &World, object: Arc<Object>, value: Value, revisions: &[Revision]) -> Option<Set> {
        let update = revisions.last()?.clone();
        let known = text(&value, "/status/currentRevision");
        let current = revisions.iter().find(|revision| revision.name == known).unwrap_or(&update).clone();
        let number = |pod: &Arc<Object>| {
            let (begin, end) = pod.name().rsplit_once('-')?;
            if begin == object.name() { end.parse::<i64>().ok() } else { None }
        };
        let pods = pods::of(world, object.uid);
        let pods = pods.into_iter().filter_map(|pod| Some((number(&pod)?, pod))).collect();
        let start = int(&value, "/spec/ordinals/start");
        let rolls = text(&value, "/spec/updateStrategy/type") != "OnDelete";
        let partition = int(&value, "/spec/updateStrategy/rollingUpdate/partition");
        Some(Set {
            pods,
            start,
            replicas: int(&value, "/spec/replicas"),
            partition: if rolls { start + partition } else { i64::MAX },
            ordered: text(&value, "/spec/podManagementPolicy") != "Parallel",
            current,
            update,
            object,
            value,
        })
    }

    fn end(&self) -> i64 {
        self.start + self.replicas
    }

    /// Whether the pod of this number is there and has been ready for long enough.
    fn is_available(&self, world: &World, number: i64) -> bool {
        let min_ready = int(&self.value, "/spec/minReadySeconds");
        self.pods.get(&number).is_some_and(|pod| {
            pods::is_active(pod) && pods::available_at(pod, min_ready).is_some_and(|at| at <= world.now)
        })
    }

    /// Creates what is missing, ends what is too much, replaces what is old: one after the other where it is to be so.
    fn act(&self, world: &mut World) {
        for number in self.start..self.end() {
            match self.pods.get(&number) {
                None => {
                    self.create(world, number);
                    if self.ordered {
                        return;
                    }
                }
                Some(pod) if pods::facts(pod).ended() && !pod.deleting => {
                    self.delete(world, pod);
                    if self.ordered {
                        return;
                    }
                }
                Some(_) if self.ordered && !self.is_available(world, number) => return,
                Some(_) => {}
            }
        }
        let beyond = self.pods.iter().rev().filter(|(number, _)| !(self.start..self.end()).contains(number));
        for (_, pod) in beyond {
            if !pod.deleting {
                self.delete(world, pod);
            }
            if self.ordered {
                return;
            }
        }
        for number in (self.start.max(self.partition)..self.end()).rev() {
            let Some(pod) = self.pods.get(&number) else { return };
            if pod.label("controller-revision-hash") != Some(&*self.update.name) && !pod.deleting {
                return self.delete(world, pod);
            }
            if !self.is_available(world, number) {
                return;
            }
        }
    }

    fn create(&self, world: &mut World, number: i64) {
        let rolls = self.partition != i64::MAX;
        let revision = if rolls && number < self.partition { &self.current } else { &self.update };
        let name = format!("{}-{number}", self.object.name());
        let mut pod = pods::from_template(world, &self.object, &revision.template, Name::Exactly(&name));
        set(&mut pod, "/metadata/generateName", format!("{}-", self.object.name()));
        set(&mut pod, "/spec/hostname", &*name);
        set(&mut pod, "/spec/subdomain", text(&self.value, "/spec/serviceName"));
        let labels = [
            ("statefulset.kubernetes.io~1pod-name", &name),
            ("apps.kubernetes.io~1pod-index", &number.to_string()),
            ("controller-revision-hash", &revision.name),
        ];
        for (label, said) in labels {
            set(&mut pod, &format!("/metadata/labels/{label}"), &**said);
        }
        self.claim(world, &mut pod, &name);
        match world.create(TypeId::PODS, self.object.namespace(), pod, Write::default()) {
            Ok(_) => self.say(
                world,
                "SuccessfulCreate",
                &format!("Create Pod {name} in StatefulSet {} successful", self.object.name()),
            ),
            Err(failure) => {
                let set = self.object.name();
                let message =
                    format!("Create Pod {name} in StatefulSet {set} failed error: {}", failure.message);
                events::warning(world, NAME, &self.object, "FailedCreate", &message);
            }
        }
    }

    /// Makes the claims of a pod that are not there, and mounts them.
    fn claim(&self, world: &mut World, pod: &mut Value, name: &str) {
        let mut volumes = list(pod, "/spec/volumes").to_vec();
        for template in list(&self.value, "/spec/volumeClaimTemplates") {
            let volume = text(template, "/metadata/name");
            let claim = format!("{volume}-{name}");
            volumes.retain(|known| text(known, "/name") != volume);
            volumes.push(json!({"name": volume, "persistentVolumeClaim": {"claimName": claim}}));
            let mut value = template.clone();
            set(&mut value, "/metadata/name", &*claim);
            set(
                &mut value,
                "/metadata/labels",
                self.value.pointer("/spec/selector/matchLabels").cloned().unwrap_or_default(),
            );
            if world.create(TypeId::CLAIMS, self.object.namespace(), value, Write::default()).is_ok() {
                let set = self.object.name();
                let message = format!("Create Claim {claim} Pod {name} in StatefulSet {set} success");
                self.say(world, "SuccessfulCreate", &message);
            }
        }
        if !volumes.is_empty() {
            set(pod, "/spec/volumes", volumes);
        }
    }

    fn delete(&self, world: &mut World, pod: &Object) {
        if world.delete(&pod.key, &Deletion::default()).is_ok() {
            let (pod, set) = (pod.name(), self.object.name());
            self.say(world, "SuccessfulDelete", &format!("Delete Pod {pod} in StatefulSet {set} successful"));
        }
    }

    fn say(&self, world: &mut World, reason: &str, message: &str) {
        events::normal(world, NAME, &self.object, reason, message);
    }

    fn status(&self, world: &mut World, me: ControllerId) -> Value {
        let min_ready = int(&self.value, "/spec/minReadySeconds");
        let (mut replicas, mut ready, mut available, mut current, mut updated) = (0, 0, 0, 0, 0);
        for pod in self.pods.values().filter(|pod| !pods::facts(pod).ended()) {
            replicas += 1;
            if !pod.deleting {
                let of = pod.label("controller-revision-hash");
                current += i64::from(of == Some(&*self.current.name));
                updated += i64::from(of == Some(&*self.update.name));
            }
            let Some(at) = pods::available_at(pod, min_ready) else { continue };
            ready += 1;
            if at <= world.now {
                available += 1;
            } else {
                world.look_at(me, &self.object.key, at);
            }
        }
        let complete = updated == replicas && ready == replicas && replicas == self.replicas;
        let (current, revision) =
            if complete { (updated, &self.update.name) } else { (current, &self.current.name) };
        let mut status = json!({
            "observedGeneration": int(&self.value, "/metadata/generation"),
            "replicas": replicas,
            "availableReplicas": available,
            "collisionCount": int(&self.value, "/status/collisionCount"),
            "currentRevision": revision,
            "updateRevision": self.update.name,
        });
        let numbers = [("readyReplicas", ready), ("currentReplicas", current), ("updatedReplicas", updated)];
        for (field, number) in numbers {
            pods::put(&mut status, field, number);
        }
        status
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::controllers::testing::Cluster;

    fn key() -> Key {
        Key::new(TypeId::STATEFUL_SETS, "shop", "db")
    }

    fn cluster() -> Cluster {
        let mut cluster = Cluster::of_nodes(2);
        cluster.create(
            TypeId::STATEFUL_SETS,
            json!({
                "metadata": {"name": "db"},
                "spec": {
                    "replicas": 3,
                    "serviceName": "db",
                    "selector": {"matchLabels": {"app": "db"}},
                    "template": {
                        "metadata": {"labels": {"app": "db"}},
                        "spec": {"containers": [{"name": "app", "image": "db:1"}]},
                    },
                },
            }),
        );
        cluster
    }

    fn images(cluster: &Cluster) -> Vec<(String, String)> {
        let pods = cluster.world.store.all(TypeId::PODS, "shop");
        pods.map(|pod| (pod.name().to_owned(), text(&pod.value(), "/spec/containers/0/image").to_owned()))
            .collect()
    }

    fn number(world: &World, field: &str) -> i64 {
        int(&world.get(&key()).unwrap().value(), &format!("/status/{field}"))
    }

    fn is_done(world: &World) -> bool {
        let value = world.get(&key()).unwrap().value();
        number(world, "readyReplicas") == int(&value, "/spec/replicas")
            && number(world, "replicas") == int(&value, "/spec/replicas")
            && value["status"]["currentRevision"] == value["status"]["updateRevision"]
            && int(&value, "/status/observedGeneration") == int(&value, "/metadata/generation")
    }

    #[test]
    fn pods_start_one_after_the_other_and_end_in_the_opposite_order() {
        let mut cluster = cluster();
        cluster.settle();
        assert_eq!(images(&cluster).len(), 1);
        cluster.until(60, is_done);
        let names = |cluster: &Cluster| images(cluster).into_iter().map(|(name, _)| name).collect::<Vec<_>>();
        assert_eq!(names(&cluster), ["db-0", "db-1", "db-2"]);
        let pod = cluster.value(&Key::new(TypeId::PODS, "shop", "db-1"));
        assert_eq!(text(&pod, "/metadata/labels/apps.kubernetes.io~1pod-index"), "1");
        assert_eq!((text(&pod, "/spec/hostname"), text(&pod, "/spec/subdomain")), ("db-1", "db"));
        assert_eq!(
            cluster.messages("db", "SuccessfulCreate")[0],
            "Create Pod db-0 in StatefulSet db successful"
        );
        cluster.change(&key(), |value| set(value, "/spec/replicas", 1));
        cluster.settle();
        let going = |cluster: &Cluster| {
            cluster.world.store.all(TypeId::PODS, "shop").filter(|pod| pod.deleting).count()
        };
        assert_eq!(going(&cluster), 1);
        cluster.until(60, is_done);
        assert_eq!(names(&cluster), ["db-0"]);
        cluster.pass(3_700);
        assert_eq!(cluster.world.queue.next_due(), None);
    }

    #[test]
    fn a_new_template_reaches_the_pods_from_the_last_down_to_the_partition() {
        let mut cluster = cluster();
        cluster.until(60, is_done);
        cluster.change(&key(), |value| {
            set(value, "/spec/updateStrategy/rollingUpdate/partition", 2);
            set(value, "/spec/template/spec/containers/0/image", "db:2");
        });
        cluster
            .until(60, |world| number(world, "updatedReplicas") == 1 && number(world, "readyReplicas") == 3);
        let of = |images: [&str; 3]| -> Vec<(String, String)> {
            images.iter().enumerate().map(|(at, image)| (format!("db-{at}"), (*image).to_owned())).collect()
        };
        assert_eq!(images(&cluster), of(["db:1", "db:1", "db:2"]));
        cluster.delete(&Key::new(TypeId::PODS, "shop", "db-0"));
        cluster.until(60, |world| number(world, "readyReplicas") == 2);
        cluster.until(60, |world| number(world, "readyReplicas") == 3);
        assert_eq!(
            images(&cluster),
            of(["db:1", "db:1", "db:2"]),
            "what is below the partition comes back as it was"
        );
        cluster.change(&key(), |value| set(value, "/spec/updateStrategy/rollingUpdate/partition", 0));
        cluster.settle();
        cluster.until(120, is_done);
        assert_eq!(images(&cluster), of(["db:2", "db:2", "db:2"]));
        assert_eq!(cluster.world.store.count(TypeId::CONTROLLER_REVISIONS), 2);
    }
}
