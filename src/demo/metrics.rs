//! What containers use, computed from how their image behaves whenever somebody asks: nothing is sampled or stored.

use serde_json::Value;

use super::world::naming::scatter;
use super::world::value::{list, text};
use super::world::{Moment, World};

/// What a container uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Usage {
    /// Processor time, in thousandths of a core.
    pub cpu_milli: i64,
    /// Memory, in bytes.
    pub memory: i64,
}

/// What each running container of a pod uses now, with its name.
#[must_use]
pub fn usage(world: &World, pod: &Value) -> Vec<(String, Usage)> {
    let uid = text(pod, "/metadata/uid");
    let running = |status: &Value| {
        let name = text(status, "/name");
        let started = Moment::parse(text(status, "/state/running/startedAt"))?;
        let declared =
            list(pod, "/spec/containers").iter().find(|declared| text(declared, "/name") == name)?;
        Some((name.to_owned(), container(world, uid, declared, started)))
    };
    list(pod, "/status/containerStatuses").iter().filter_map(running).collect()
}

fn container(world: &World, uid: &str, declared: &Value, started: Moment) -> Usage {
    let load = world.behaviours.of(text(declared, "/image")).load;
    let (seconds, minutes) = (world.now.0 as f64 / 1_000.0, world.now.since(started) as f64 / 60_000.0);
    let name = text(declared, "/name");
    let own = fraction(scatter(world.seed, &[uid, name]));
    // Two slow waves of different length, out of step between pods, and a little noise every fifteen seconds.
    let wave = |length: f64| ((seconds / length + own) * std::f64::consts::TAU).sin() / 2.0 + 0.5;
    let step = (world.now.0 / 15_000).to_string();
    let noise = fraction(scatter(world.seed, &[uid, name, &step]));
    let more = load.swing * (0.5 * wave(900.0) + 0.3 * wave(140.0) + 0.2 * noise);
    let memory = load.memory_mib * (1.0 + 0.1 * (own + 0.3 * noise)) + load.leak_mib * minutes;
    let bytes = memory * f64::from(1 << 20);
    let limit = super::world::value::quantity(text(declared, "/resources/limits/memory")).unwrap_or(f64::MAX);
    Usage { cpu_milli: (load.cpu_milli * (1.0 + more)).round() as i64, memory: bytes.min(limit) as i64 }
}

/// A number from 0 to 1.
fn fraction(number: u64) -> f64 {
    (number >> 11) as f64 / (1u64 << 53) as f64
}
