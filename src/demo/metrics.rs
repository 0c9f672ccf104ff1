//! What containers and nodes use, computed from how their images behave whenever somebody asks: nothing is sampled or
//! stored.

use std::f64::consts::TAU;

use fastrand::Rng;
use serde::Deserialize;
use serde_json::Value;

use super::world::naming::scatter;
use super::world::value::quantity;
use super::world::{Load, Moment, Object, World};

/// What a container uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Usage {
    /// Processor time, in thousandths of a core.
    pub cpu_milli: i64,
    /// Memory, in bytes.
    pub memory: i64,
}

impl std::ops::AddAssign for Usage {
    fn add_assign(&mut self, other: Usage) {
        self.cpu_milli += other.cpu_milli;
        self.memory += other.memory;
    }
}

/// What each running container of a pod uses now, with its name.
#[must_use]
pub fn usage(world: &World, pod: &Value) -> Vec<(String, Usage)> {
    let pod = Pod::deserialize(pod).unwrap_or_default();
    pod.running(world).map(|(name, usage)| (name.to_owned(), usage)).collect()
}

/// What a node uses now: its pods, and what runs beside them. It costs one look at each of its pods.
#[must_use]
pub fn node_usage(world: &World, node: &Object) -> Usage {
    let own = scatter(world.seed, &[node.name(), "system"]);
    let beat = wave(world.now, 240.0, fraction(own));
    let mut sum = Usage {
        cpu_milli: 140 + (own % 60) as i64 + (80.0 * beat) as i64,
        memory: (900 + (own % 200) as i64) * MIB as i64,
    };
    for key in &world.store.on_node(node.name()).pods {
        let Some(pod) = world.get(key) else { continue };
        let pod: Pod<'_> = serde_json::from_slice(pod.json()).unwrap_or_default();
        pod.running(world).for_each(|(_, usage)| sum += usage);
    }
    sum
}

const MIB: f64 = 1_048_576.0;

/// As much of a pod as its usage depends on. Nodes of a large cluster are asked for all at once: nothing else is read.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Pod<'p> {
    #[serde(borrow)]
    metadata: Metadata<'p>,
    spec: Spec<'p>,
    status: Status<'p>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Metadata<'p> {
    uid: &'p str,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Spec<'p> {
    #[serde(borrow)]
    containers: Vec<Declared<'p>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Declared<'p> {
    name: &'p str,
    image: &'p str,
    resources: Resources<'p>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Resources<'p> {
    #[serde(borrow)]
    limits: Limits<'p>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Limits<'p> {
    memory: Option<&'p str>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Status<'p> {
    #[serde(borrow)]
    container_statuses: Vec<ContainerStatus<'p>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ContainerStatus<'p> {
    name: &'p str,
    #[serde(borrow)]
    state: State<'p>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct State<'p> {
    #[serde(borrow)]
    running: Option<Running<'p>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Running<'p> {
    started_at: &'p str,
}

impl<'p> Pod<'p> {
    /// What each running container uses, with its name.
    fn running(&self, world: &World) -> impl Iterator<Item = (&'p str, Usage)> {
        let uid = self.metadata.uid;
        self.status.container_statuses.iter().filter_map(move |status| {
            let started = Moment::parse(status.state.running.as_ref()?.started_at)?;
            let declared = self.spec.containers.iter().find(|declared| declared.name == status.name)?;
            Some((status.name, declared.usage(world, uid, started)))
        })
    }
}

impl Declared<'_> {
    fn usage(&self, world: &World, pod: &str, started: Moment) -> Usage {
        let load = &world.behaviours.of(self.image).load;
        let own = scatter(world.seed, &[pod, self.name]);
        let cpu = load.cpu_milli * (1.0 + load.swing * busy(world, self.image, own, started));
        let limit = self.resources.limits.memory.and_then(quantity).unwrap_or(f64::MAX);
        let memory = memory(load, own, world.now, started) * MIB;
        Usage { cpu_milli: cpu.round() as i64, memory: memory.min(limit) as i64 }
    }
}

/// How busy a container is, from 0 to a little more than 1: by the time of day, with all of its image, and on its own.
fn busy(world: &World, image: &str, own: u64, started: Moment) -> f64 {
    let now = world.now;
    let image = scatter(world.seed, &[image]);
    // The evening is busy; the waves of an image have a length of five to twenty minutes.
    let day = wave(now, 86_400.0, -14.0 / 24.0);
    let together = wave(now, 300.0 + (image % 900) as f64, fraction(image));
    let alone = wave(now, 70.0 + (own % 120) as f64, fraction(own));
    // Measured every fifteen seconds, with a peak now and then.
    let mut chance = Rng::with_seed(own ^ (now.0 / 15_000) as u64);
    let noise = chance.f64();
    let peak = if chance.u8(..) < 6 { 0.5 } else { 0.0 };
    let starts = if now.since(started) < 20_000 { 1.0 } else { 0.0 };
    0.3 * day + 0.35 * together + 0.2 * alone + 0.15 * noise + peak + starts
}

/// Memory in MiB: it grows to a plateau within the first hour and is given back in part again and again; what leaks is not.
fn memory(load: &Load, own: u64, now: Moment, started: Moment) -> f64 {
    let minutes = now.since(started).max(0) as f64 / 60_000.0;
    let plateau = 0.8 + 0.2 * (1.0 - (-minutes / 20.0).exp());
    let saw = (minutes / (2.0 + (own % 5) as f64) + fraction(own)).fract();
    load.memory_mib * (plateau + 0.06 * saw + 0.08 * (fraction(own) - 0.5)) + load.leak_mib * minutes
}

/// A wave of this length in seconds, from 0 to 1.
fn wave(now: Moment, length: f64, shift: f64) -> f64 {
    ((now.0 as f64 / 1_000.0 / length + shift) * TAU).sin() / 2.0 + 0.5
}

/// A number from 0 to 1.
fn fraction(number: u64) -> f64 {
    (number >> 11) as f64 / (1u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::scenario::{BuildOptions, build, find};
    use crate::demo::world::{Key, TypeId};

    fn world() -> World {
        let now = Moment(1_790_000_123_000);
        build(find("calm").unwrap(), &BuildOptions { pods: None, seed: 1, now })
    }

    #[test]
    fn a_node_uses_what_its_pods_use_and_a_little_more() {
        let world = world();
        for node in world.store.all(TypeId::NODES, "") {
            let mut sum = Usage::default();
            for key in &world.store.on_node(node.name()).pods {
                usage(&world, &world.get(key).unwrap().value())
                    .into_iter()
                    .for_each(|(_, usage)| sum += usage);
            }
            let all = node_usage(&world, node);
            assert!((100..400).contains(&(all.cpu_milli - sum.cpu_milli)), "{}", node.name());
            assert!((800..1_200).contains(&((all.memory - sum.memory) >> 20)), "{}", node.name());
        }
    }

    #[test]
    fn containers_differ_stay_within_their_limits_and_change_with_time() {
        let mut world = world();
        let pods: Vec<Key> = world.store.all(TypeId::PODS, "shop").map(|pod| pod.key.clone()).collect();
        let all = |world: &World| -> Vec<Usage> {
            let of = |key: &Key| usage(world, &world.get(key).unwrap().value());
            pods.iter().flat_map(of).map(|(_, usage)| usage).collect()
        };
        let before = all(&world);
        world.now = world.now.plus(300);
        let after = all(&world);
        assert!(before.iter().all(|usage| usage.cpu_milli > 0 && usage.memory > 1 << 20));
        let changed = before.iter().zip(&after).filter(|(one, other)| one != other).count();
        assert_eq!(changed, before.len());
        let mut distinct = before.clone();
        distinct.sort_by_key(|usage| (usage.memory, usage.cpu_milli));
        distinct.dedup();
        assert_eq!(distinct.len(), before.len(), "no two are alike");
    }

    #[test]
    fn what_leaks_ends_at_its_limit() {
        let mut world = world();
        let pod =
            world.store.all(TypeId::PODS, "shop").find(|pod| pod.name().starts_with("wishlist")).unwrap();
        let value = pod.value();
        let image = value["spec"]["containers"][0]["image"].as_str().unwrap().to_owned();
        let mut behaviour = world.behaviours.of(&image).clone();
        behaviour.load.leak_mib = 1.0;
        world.behaviours.set(image, behaviour);
        assert_eq!(usage(&world, &value)[0].1.memory, 128 << 20);
    }
}
