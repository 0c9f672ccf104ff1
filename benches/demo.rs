//! What the embedded cluster costs: making it, small and large, and the logs of its containers.
//!
//! `cargo bench --bench demo` prints times, and before them what clusters take up.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a bench is no interface, and a panic in it is the report"
)]

use divan::{Bencher, black_box};
use kittiwake::demo::controllers::{CONTROLLERS, advance};
use kittiwake::demo::logs::{self, Next, Query};
use kittiwake::demo::metrics::node_usage;
use kittiwake::demo::scenario::{BuildOptions, build, find};
use kittiwake::demo::world::{Moment, TypeId, World};

const NOW: Moment = Moment(1_790_000_123_000);

fn main() {
    memory();
    divan::main();
}

fn made(name: &str, pods: Option<usize>) -> World {
    build(find(name).unwrap(), &BuildOptions { pods, seed: 7, now: NOW })
}

/// Prints the memory that this process takes up with a cluster of so many pods.
fn memory() {
    for pods in [None, Some(1_000), Some(100_000)] {
        let before = resident();
        let world = made("calm", pods);
        let (count, took) = (world.store.count(TypeId::PODS), resident().saturating_sub(before));
        let bytes: usize = world.store.all(TypeId::PODS, "").map(|pod| pod.json().len()).sum();
        println!("{count} pods of {} bytes each: {} MiB", bytes / count, took >> 20);
    }
}

/// Bytes of this process in memory; 0 where nobody can tell.
fn resident() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    statm.split(' ').nth(1).and_then(|pages| pages.parse::<usize>().ok()).unwrap_or(0) * 4096
}

#[divan::bench(args = ["calm", "bad-rollout"], sample_count = 20, sample_size = 1)]
fn start(name: &str) -> World {
    made(name, None)
}

#[divan::bench(args = [1_000, 100_000], sample_count = 3, sample_size = 1)]
fn start_large(pods: usize) -> World {
    made("calm", Some(pods))
}

#[divan::bench(args = ["checkout", "storefront", "orders-db", "gateway", "ingress-controller"])]
fn ten_thousand_log_lines(bencher: Bencher<'_, '_>, app: &str) {
    let world = made("calm", None);
    let of_app = |pod: &&std::sync::Arc<_>| {
        let pod: &kittiwake::demo::world::Object = pod;
        pod.label("app.kubernetes.io/name") == Some(app)
    };
    let pod = world.store.all(TypeId::PODS, "").find(of_app).unwrap();
    let query =
        Query { container: Some(app.to_owned()), tail: Some(10_000), timestamps: true, ..Query::default() };
    bencher.bench(|| {
        let mut out = Vec::new();
        let mut cursor = logs::open(&world, pod.namespace(), pod.name(), &query).unwrap();
        while cursor.next(&world, &mut out) == Next::Line {}
        black_box(out)
    });
}

/// What the controllers do when a cluster starts, and in its first minute.
#[divan::bench(args = ["calm", "noisy", "big"], sample_count = 2, sample_size = 1)]
fn first_minute(bencher: Bencher<'_, '_>, name: &str) {
    bencher.with_inputs(|| made(name, None)).bench_local_values(|mut world| {
        advance(&mut world, CONTROLLERS, NOW.plus(60));
        world
    });
}

/// What a request for the metrics of all nodes computes.
#[divan::bench(args = ["calm", "big"], sample_count = 3, sample_size = 1)]
fn usage_of_all_nodes(bencher: Bencher<'_, '_>, name: &str) {
    let world = made(name, None);
    bencher.bench(|| {
        world.store.all(TypeId::NODES, "").map(|node| node_usage(&world, node).cpu_milli).sum::<i64>()
    });
}
