//! What all that fills a cluster shares: the world, how late it is, and which nodes have room.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::demo::world::naming::scatter;
use crate::demo::world::{Moment, Object, TypeId, World};

/// Milliseconds in a day.
pub(super) const DAY: f64 = 86_400_000.0;

/// Fills a world.
pub(super) struct Builder {
    pub(super) world: World,
    pub(super) hosts: Vec<Host>,
    /// The host that is asked first for the next pod.
    turn: usize,
}

/// A node, while pods are laid out on it.
#[derive(Debug, Clone)]
pub(super) struct Host {
    pub(super) name: String,
    pub(super) zone: &'static str,
    pub(super) address: String,
    /// The first three numbers of its pods' addresses.
    pub(super) network: String,
    pub(super) created: Moment,
    /// Whether it is kept for what needs its graphics processors.
    pub(super) graphics: bool,
    /// Thousandths of a core, MiB and pods that are not spoken for.
    pub(super) free: [i64; 3],
    /// How many addresses are given to pods.
    given: usize,
}

impl Host {
    pub(super) fn new(
        name: String,
        zone: &'static str,
        (address, network): (String, String),
        (created, graphics): (Moment, bool),
        free: [i64; 3],
    ) -> Host {
        Host { name, zone, address, network, created, graphics, free, given: 0 }
    }

    /// Takes room and an address for a pod with these requests.
    fn take(&mut self, cpu: i64, memory: i64) -> String {
        self.free[0] -= cpu;
        self.free[1] -= memory;
        self.free[2] -= 1;
        self.given += 1;
        format!("{}.{}", self.network, self.given + 1)
    }

    const fn fits(&self, cpu: i64, memory: i64) -> bool {
        self.free[0] >= cpu && self.free[1] >= memory && self.free[2] >= 1
    }
}

/// Where a pod is.
#[derive(Debug, Clone)]
pub(super) struct Place {
    /// The number of its host.
    pub(super) host: usize,
    /// Its own address.
    pub(super) address: String,
}

impl Builder {
    pub(super) fn new(world: World, hosts: Vec<Host>) -> Builder {
        Builder { world, hosts, turn: 0 }
    }

    /// So many days before the world's now.
    pub(super) fn ago(&self, days: f64) -> Moment {
        self.world.now.plus_ms(-(days * DAY) as i64)
    }

    pub(super) fn insert(&mut self, of: TypeId, value: Value) -> Arc<Object> {
        self.world.insert(of, value)
    }

    /// Inserts an object of a type that has no constant.
    pub(super) fn insert_as(&mut self, api_version: &str, kind: &str, value: Value) -> Option<Arc<Object>> {
        let of = self.world.types.of_kind(api_version, kind)?;
        Some(self.insert(of, value))
    }

    /// A number below `end` that depends on the seed and on what is given.
    pub(super) fn draw(&self, parts: &[&str], end: u64) -> u64 {
        scatter(self.world.seed, parts) % end.max(1)
    }

    /// A place for a pod with these requests: the hosts take turns, but for those that are full.
    pub(super) fn place(&mut self, cpu: i64, memory: i64, graphics: bool) -> Option<Place> {
        let count = self.hosts.len();
        let suits = |at: &usize| {
            let host = &self.hosts[at % count];
            host.graphics == graphics && host.fits(cpu, memory)
        };
        let at = (self.turn..self.turn + count).find(suits)?;
        self.turn = (at + 1) % count;
        Some(self.place_on(at % count, cpu, memory))
    }

    /// The same on this host, as the pods of daemon sets have it.
    pub(super) fn place_on(&mut self, host: usize, cpu: i64, memory: i64) -> Place {
        Place { host, address: self.hosts[host].take(cpu, memory) }
    }
}

/// Metadata of an object that has been there since `created`.
pub(super) fn meta(namespace: &str, name: &str, created: Moment, labels: &Value) -> Value {
    let mut meta = json!({"name": name, "creationTimestamp": created.rfc3339()});
    if !namespace.is_empty() {
        meta["namespace"] = namespace.into();
    }
    if labels.is_object() {
        meta["labels"] = labels.clone();
    }
    meta
}

/// The reference to the controller that owns something.
pub(super) fn owned_by(owner: &Object, api_version: &str, kind: &str) -> Value {
    json!([{
        "apiVersion": api_version, "kind": kind, "name": owner.name(), "uid": owner.uid.to_string(),
        "controller": true, "blockOwnerDeletion": true,
    }])
}

/// 64 hexadecimal digits, as digests and container ids have them; of an image, with seed 0, those that kubelets find.
pub(super) fn digest(seed: u64, parts: &[&str]) -> String {
    (0..4).map(|part: u64| format!("{:016x}", scatter(seed ^ part, parts))).collect()
}
