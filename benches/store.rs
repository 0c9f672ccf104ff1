//! What the store costs, on pods: a full list, one delta, an order, a filter, a screenful, and memory.
//!
//! `cargo bench --bench store` prints times, and before them what 100,000 pods take up.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    reason = "a bench is no interface, and a panic in it is the report"
)]

use divan::{Bencher, black_box};
use kittiwake::cluster::Delta;
use kittiwake::cluster::store::{Order, Sort, Store};
use kittiwake::ui::filter::Filter;

mod pods;

const MANY: usize = 100_000;
const PAGE: usize = 1000;

/// The order by the column with this title, or the natural order.
fn by(title: &str) -> Order {
    let column = pods::kind().headers.iter().position(|header| header.title == title);
    Order { sort: column.map_or(Sort::Natural, Sort::Column), descending: false }
}

fn main() {
    memory();
    divan::main();
}

/// So many pods as they arrive in the first list.
fn pages(n: usize) -> Vec<Vec<Delta>> {
    let mut rows = pods::rows(n).into_iter().map(Delta::Upsert);
    std::iter::repeat_with(|| rows.by_ref().take(PAGE).collect()).take(n.div_ceil(PAGE)).collect()
}

fn store_of(n: usize, order: &str) -> Store {
    let mut store = Store::new(by(order));
    for row in pods::rows(n) {
        let _ = store.apply(Delta::Upsert(row));
    }
    store
}

#[divan::bench(args = ["NATURAL", "AGE", "STATUS"], consts = [10_000, MANY], sample_count = 5, sample_size = 1)]
fn initial_sync<const N: usize>(bencher: Bencher<'_, '_>, order: &str) {
    bencher.with_inputs(|| pages(N)).bench_local_values(|pages| {
        let mut store = Store::new(by(order));
        let _ = store.apply(Delta::Relist);
        for page in pages {
            let _ = store.apply_all(page);
        }
        let _ = store.apply(Delta::Synced);
        store
    });
}

#[divan::bench]
fn decode_1000(bencher: Bencher<'_, '_>) {
    let objects = pods::objects(1000);
    bencher.bench_local(|| pods::decoded(&objects));
}

#[divan::bench(sample_count = 5, sample_size = 1)]
fn relist_of_the_same(bencher: Bencher<'_, '_>) {
    let mut store = store_of(MANY, "NATURAL");
    bencher.with_inputs(|| pods::rows(MANY)).bench_local_values(|rows| {
        let _ = store.apply(Delta::Relist);
        for row in rows {
            let _ = store.apply(Delta::Upsert(row));
        }
        store.apply(Delta::Synced)
    });
}

#[divan::bench(args = ["NATURAL", "AGE", "STATUS", "NODE"], sample_count = 10_000, sample_size = 1)]
fn one_delta(bencher: Bencher<'_, '_>, order: &str) {
    let mut store = store_of(MANY, order);
    let mut changes = pods::Changes::new(MANY);
    bencher.with_inputs(|| changes.next()).bench_local_values(|row| store.apply(Delta::Upsert(row)));
}

#[divan::bench(args = ["NATURAL", "NAME", "READY", "STATUS", "RESTARTS", "AGE", "NODE"])]
fn set_order(bencher: Bencher<'_, '_>, order: &str) {
    let mut store = store_of(MANY, order);
    let mut order = by(order);
    bencher.bench_local(|| {
        order.descending = !order.descending;
        store.set_order(order);
    });
}

#[divan::bench(args = ["", "crash", "nowhere", "10.1.2", "!running team-07", "/^pay.*00ff/", "/00f.*9$/", "/(ledger|crash).*0/", r"/\d\.1\.1/"])]
fn set_filter(bencher: Bencher<'_, '_>, text: &str) {
    let mut store = store_of(MANY, "NATURAL");
    let filter = Filter::parse(text).unwrap();
    bencher.bench_local(|| store.set_filter(filter.clone().into_predicate(pods::kind().headers.len())));
}

#[divan::bench]
fn set_filter_unhealthy_by_age(bencher: Bencher<'_, '_>) {
    let mut store = store_of(MANY, "AGE");
    bencher.bench_local(|| store.set_filter(Some(Box::new(|row| row.health().is_unhealthy()))));
}

#[divan::bench(args = ["NATURAL", "AGE"])]
fn window_of_50(bencher: Bencher<'_, '_>, order: &str) {
    let mut store = store_of(MANY, order);
    store.set_filter(Some(Box::new(|row| !row.health().is_unhealthy())));
    bencher.bench_local(|| {
        for row in store.window(store.shown() / 2, 50) {
            black_box(row.meta());
        }
    });
}

/// Prints what the process grew by per row: for the rows themselves, and for the store around them.
#[allow(clippy::print_stdout, reason = "that is what it is for")]
fn memory() {
    let Some(start) = resident() else { return };
    let rows = pods::rows(MANY);
    let with_rows = resident().unwrap_or_default();
    let mut store = Store::new(by("AGE"));
    for row in rows {
        let _ = store.apply(Delta::Upsert(row));
    }
    let with_store = resident().unwrap_or_default();
    let per_row = |bytes: usize| bytes / store.len();
    println!(
        "{} pods: {} bytes each for the rows, {} for the store, {} MiB in all",
        store.len(),
        per_row(with_rows - start),
        per_row(with_store - with_rows),
        (with_store - start) >> 20,
    );
}

/// The resident memory of this process in bytes, where the system tells (`/proc/self/statm`, in pages of 4 KiB).
fn resident() -> Option<usize> {
    let text = std::fs::read_to_string("/proc/self/statm").ok()?;
    let pages: usize = text.split(' ').nth(1)?.parse().ok()?;
    Some(pages * 4096)
}
