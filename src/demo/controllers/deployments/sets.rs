//! The ReplicaSets of a deployment: which one has its template, and their annotations.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{Deployment, HASH, NAME, REVISION, events, pods, progress};
use crate::demo::world::naming::template_hash;
use crate::demo::world::value::{int, map, remove, set, text};
use crate::demo::world::{Object, TypeId, World, Write};

const DESIRED: &str = "/metadata/annotations/deployment.kubernetes.io~1desired-replicas";
const MOST: &str = "/metadata/annotations/deployment.kubernetes.io~1max-replicas";
const REVISIONS_BEFORE: &str = "/metadata/annotations/deployment.kubernetes.io~1revision-history";

/// Annotations of a deployment that its ReplicaSets do not take over.
const ITS_OWN: &[&str] = &[
    "kubectl.kubernetes.io/last-applied-configuration",
    "deployment.kubernetes.io/revision",
    "deployment.kubernetes.io/revision-history",
    "deployment.kubernetes.io/desired-replicas",
    "deployment.kubernetes.io/max-replicas",
    "deprecated.deployment.rollback.to",
];

/// A ReplicaSet as one pass sees it.
#[derive(Debug, Clone)]
pub(super) struct Set {
    pub(super) object: Arc<Object>,
    pub(super) value: Value,
    /// How many pods it is to have.
    pub(super) replicas: i64,
    /// How many it has.
    pub(super) actual: i64,
    pub(super) available: i64,
    pub(super) revision: i64,
}

impl Set {
    fn of(object: Arc<Object>) -> Set {
        let value = object.value();
        Set {
            replicas: int(&value, "/spec/replicas"),
            actual: int(&value, "/status/replicas"),
            available: int(&value, "/status/availableReplicas"),
            revision: text(&value, REVISION).parse().unwrap_or_default(),
            object,
            value,
        }
    }

    fn age(&self) -> (String, String) {
        (text(&self.value, "/metadata/creationTimestamp").to_owned(), self.object.name().to_owned())
    }
}

/// All ReplicaSets of a deployment.
pub(super) struct Sets {
    /// The one that has its template.
    pub(super) new: Option<Set>,
    /// The others, oldest first.
    pub(super) old: Vec<Set>,
}

impl Sets {
    pub(super) fn of(world: &World, deployment: &Deployment) -> Sets {
        let all = pods::owned(world, deployment.object.uid, TypeId::REPLICA_SETS);
        let mut old: Vec<Set> = all.into_iter().map(Set::of).collect();
        old.sort_by_key(Set::age);
        let wanted = plain(deployment.template());
        let at = old.iter().position(|set| plain(&set.value["spec"]["template"]) == wanted);
        Sets { new: at.map(|at| old.remove(at)), old }
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &Set> {
        self.old.iter().chain(&self.new)
    }

    /// A sum over all of them.
    pub(super) fn sum(&self, of: impl Fn(&Set) -> i64) -> i64 {
        self.all().map(of).sum()
    }

    /// Whether the deployment was scaled since its ReplicaSets were last.
    pub(super) fn is_scaled(&self, deployment: &Deployment) -> bool {
        let desired = |set: &Set| text(&set.value, DESIRED).parse::<i64>().ok();
        self.all()
            .filter(|set| set.replicas > 0)
            .any(|set| desired(set).is_some_and(|desired| desired != deployment.replicas))
    }

    /// The ReplicaSet of the template is the newest revision: one that is used again gets a new number.
    pub(super) fn known_as_newest(mut self, world: &mut World, deployment: &Deployment) -> Sets {
        let newest = self.old.iter().map(|set| set.revision).max().unwrap_or_default() + 1;
        if let Some(new) = &self.new {
            let key = new.object.key.clone();
            let updated = world.modify(&key, |value| {
                annotate(value, deployment, newest);
                let min_ready = deployment.value.pointer("/spec/minReadySeconds").cloned();
                if int(value, "/spec/minReadySeconds") != int(&deployment.value, "/spec/minReadySeconds") {
                    set(value, "/spec/minReadySeconds", min_ready.unwrap_or(json!(0)));
                }
            });
            self.new = updated.map(Set::of);
        }
        if let Some(new) = &self.new {
            let (revision, name) = (new.revision, new.object.name().to_owned());
            world.modify(&deployment.object.key, |value| set(value, REVISION, revision.to_string()));
            progress::note_found(world, deployment, &name);
        }
        self
    }

    /// As above, and there is one in any case.
    pub(super) fn with_new(self, world: &mut World, deployment: &Deployment) -> Sets {
        if self.new.is_some() {
            return self.known_as_newest(world, deployment);
        }
        let created = create(world, deployment, &self);
        Sets { new: created.map(Set::of), ..self }
    }
}

/// Creates the ReplicaSet of the template.
fn create(world: &mut World, deployment: &Deployment, others: &Sets) -> Option<Arc<Object>> {
    let object = &deployment.object;
    let collisions = int(&deployment.value, "/status/collisionCount");
    let hash = template_hash(deployment.template(), collisions);
    let mut template = deployment.template().clone();
    set(&mut template, &format!("/metadata/labels/{HASH}"), &*hash);
    let mut selector = deployment.value["spec"]["selector"].clone();
    set(&mut selector, &format!("/matchLabels/{HASH}"), &*hash);
    let replicas = super::rollout::new_size(deployment, others, 0);
    let mut value = json!({
        "metadata": {
            "name": format!("{}-{hash}", object.name()),
            "labels": template["metadata"]["labels"],
            "ownerReferences": [pods::controlled_by(world, object)],
        },
        "spec": {"replicas": replicas, "selector": selector, "template": template},
    });
    pods::put(&mut value["spec"], "minReadySeconds", int(&deployment.value, "/spec/minReadySeconds"));
    let revision = others.old.iter().map(|set| set.revision).max().unwrap_or_default() + 1;
    annotate(&mut value, deployment, revision);
    note_size(&mut value, deployment);
    let name = text(&value, "/metadata/name").to_owned();
    match world.create(TypeId::REPLICA_SETS, object.namespace(), value, Write::default()) {
        Ok(created) => {
            if replicas > 0 {
                let message = format!("Scaled up replica set {name} from 0 to {replicas}");
                events::normal(world, NAME, object, "ScalingReplicaSet", &message);
            }
            world.modify(&object.key, |value| set(value, REVISION, revision.to_string()));
            progress::note_created(world, deployment, &name);
            Some(created)
        }
        // Another template has the same hash: the next pass makes a different one of it.
        Err(failure) if failure.code == 409 => {
            world.modify(&object.key, |value| set(value, "/status/collisionCount", collisions + 1));
            None
        }
        Err(failure) => {
            let message = format!("Failed to create new replica set \"{name}\": {}", failure.message);
            events::warning(world, NAME, object, "ReplicaSetCreateError", &message);
            progress::note_failed(world, deployment, &message);
            None
        }
    }
}

/// Gives a ReplicaSet the annotations of its deployment, and its revision unless it has a later one.
fn annotate(value: &mut Value, deployment: &Deployment, revision: i64) {
    for (name, said) in map(&deployment.value, "/metadata/annotations").into_iter().flatten() {
        if !ITS_OWN.contains(&&**name) {
            let name = name.replace('~', "~0").replace('/', "~1");
            set(value, &format!("/metadata/annotations/{name}"), said.clone());
        }
    }
    let before = text(value, REVISION).to_owned();
    if before.parse::<i64>().unwrap_or_default() >= revision {
        return;
    }
    set(value, REVISION, revision.to_string());
    if !before.is_empty() {
        let history = text(value, REVISIONS_BEFORE);
        let history = if history.is_empty() { before } else { format!("{history},{before}") };
        set(value, REVISIONS_BEFORE, history);
    }
}

/// Notes on a ReplicaSet for which size of the deployment it was scaled.
pub(super) fn note_size(value: &mut Value, deployment: &Deployment) {
    set(value, DESIRED, deployment.replicas.to_string());
    set(value, MOST, (deployment.replicas + deployment.max_surge).to_string());
}

/// A template without what its ReplicaSet adds to it.
fn plain(template: &Value) -> Value {
    let mut template = template.clone();
    remove(&mut template, &format!("/metadata/labels/{HASH}"));
    remove(&mut template, "/metadata/creationTimestamp");
    template
}
