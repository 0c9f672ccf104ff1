//! A small cluster for tests of controllers.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{CONTROLLERS, advance, settle};
use crate::demo::world::value::{list, text};
use crate::demo::world::{Deletion, Key, Moment, Object, TypeId, World, Write};

/// A cluster whose controllers run.
pub(super) struct Cluster {
    pub(super) world: World,
}

impl Cluster {
    /// A cluster without nodes, with the namespaces `default` and `shop`.
    pub(super) fn empty() -> Cluster {
        let mut cluster = Cluster { world: World::new(1, Moment(1_700_000_000_000)) };
        for name in ["default", "shop"] {
            cluster.world.insert(TypeId::NAMESPACES, json!({"metadata": {"name": name}}));
        }
        cluster
    }

    /// A cluster of nodes named `node-1` and so on, of 4 cores and 8 GiB each.
    pub(super) fn of_nodes(count: usize) -> Cluster {
        let mut cluster = Cluster::empty();
        for number in 1..=count {
            cluster.world.insert(TypeId::NODES, node(&format!("node-{number}")));
        }
        cluster.settle();
        cluster
    }

    /// Creates an object in the namespace `shop`.
    pub(super) fn create(&mut self, of: TypeId, value: Value) -> Arc<Object> {
        let namespace = if self.world.kind(of).namespaced { "shop" } else { "" };
        self.world.create(of, namespace, value, Write::default()).unwrap()
    }

    /// Changes an object.
    pub(super) fn change(&mut self, key: &Key, change: impl FnOnce(&mut Value)) {
        self.world.modify(key, change).unwrap();
    }

    /// Deletes an object.
    pub(super) fn delete(&mut self, key: &Key) {
        self.world.delete(key, &Deletion::default()).unwrap();
    }

    /// The object.
    pub(super) fn value(&self, key: &Key) -> Value {
        self.world.get(key).unwrap().value()
    }

    /// Lets the controllers do what follows, in no time.
    pub(super) fn settle(&mut self) {
        settle(&mut self.world, CONTROLLERS);
    }

    /// Lets so many seconds pass.
    pub(super) fn pass(&mut self, seconds: i64) {
        let now = self.world.now.plus(seconds);
        advance(&mut self.world, CONTROLLERS, now);
    }

    /// Lets time pass until it is so, for so many seconds at most.
    pub(super) fn until(&mut self, seconds: i64, so: impl Fn(&World) -> bool) {
        let end = self.world.now.plus(seconds);
        self.settle();
        while !so(&self.world) {
            let next = self.world.queue.next_due().filter(|next| *next <= end);
            let Some(next) = next else { panic!("it is not so after {seconds} seconds: {}", self.pods()) };
            advance(&mut self.world, CONTROLLERS, next);
        }
    }

    /// The pods of the namespace `shop`, a line each.
    pub(super) fn pods(&self) -> String {
        let line = |pod: &Arc<Object>| {
            let (name, value) = (pod.name(), pod.value());
            let statuses = list(&value, "/status/containerStatuses");
            let states: Vec<String> = statuses.iter().map(|status| status["state"].to_string()).collect();
            let phase = text(&value, "/status/phase");
            format!("{name} {phase} deleting={} {}\n", pod.deleting, states.join(" "))
        };
        self.world.store.all(TypeId::PODS, "shop").map(line).collect()
    }

    /// What was said with this reason about the object of this name, in the order in which it was said.
    pub(super) fn messages(&self, name: &str, reason: &str) -> Vec<String> {
        let mut all: Vec<_> = self.world.store.all(TypeId::EVENTS, "").collect();
        all.sort_by_key(|event| event.version);
        let values = all.into_iter().map(|event| event.value());
        values
            .filter(|event| text(event, "/involvedObject/name") == name && text(event, "/reason") == reason)
            .map(|event| text(&event, "/message").to_owned())
            .collect()
    }
}

/// A node that is ready.
pub(super) fn node(name: &str) -> Value {
    json!({
        "metadata": {"name": name, "labels": {"kubernetes.io/hostname": name}},
        "status": {
            "allocatable": {"cpu": "4", "memory": "8Gi", "pods": "110"},
            "conditions": [{"type": "Ready", "status": "True", "reason": "KubeletReady"}],
            "addresses": [{"type": "InternalIP", "address": "192.168.0.7"}],
        },
    })
}

/// A deployment whose one container runs `image`.
pub(super) fn deployment(name: &str, replicas: i64, image: &str) -> Value {
    json!({
        "metadata": {"name": name},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": {"app": name}},
            "template": {
                "metadata": {"labels": {"app": name}},
                "spec": {"containers": [{"name": "app", "image": image}]},
            },
        },
    })
}
