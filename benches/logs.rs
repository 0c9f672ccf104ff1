//! What keeping and searching logs costs: a line into the store, its level, its parts, and a filter over a million.
//!
//! `cargo bench --bench logs` prints times, and before them what a million lines take up and how long the longest slice
//! of each filter takes.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    reason = "a bench is no interface, and a panic in it is the report"
)]

use std::time::{Duration, Instant};

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use kittiwake::cluster::logs::{
    Histogram, Level, LineStore, Lines, Log, LogEvent, Matches, Query, SourceId, Stamp, parse,
};

const MILLION: usize = 1_000_000;
const MANY: usize = 100_000;

/// Filters as people type them.
const QUERIES: [&str; 12] = [
    "failed",
    "e",
    "nowhere",
    "!request",
    "/status=5\\d\\d/",
    "/took=[5-9]\\d\\d?ms$/",
    "/(checkout|cart).*50[0-9]/",
    "/^\\S+ request id=\\d*7 /",
    "level>=warn",
    "status>=500",
    "took>800ms",
    "level>=warn status>=500 path~checkout",
];

/// A form of line.
#[derive(Debug, Clone, Copy)]
enum Form {
    Text,
    Json,
    Klog,
    Prose,
}

const FORMS: [Form; 4] = [Form::Text, Form::Json, Form::Klog, Form::Prose];

/// Line `n`, of about 110 bytes; one in fifty is an error.
fn line(form: Form, n: usize) -> String {
    let (error, took) = (n % 50 == 7, n * 7919 % 900);
    let status = if error { 502 } else { 200 };
    let path = if n.is_multiple_of(3) { "checkout" } else { "items" };
    match form {
        Form::Text => {
            let level = if error { "ERROR request failed" } else { "INFO request" };
            format!(
                "{level} id={n} path=/{path}/{} status={status} took={took}ms upstream=cart-{} user=u{} trace=4bf92f3577b34d{n:08}",
                n % 9999,
                n % 7,
                n % 977
            )
        }
        Form::Json => {
            let level = if error { "error" } else { "info" };
            format!(
                r#"{{"ts":"2026-11-24T14:31:07.221Z","level":"{level}","msg":"access","id":{n},"path":"/{path}","status":{status}}}"#
            )
        }
        Form::Klog => {
            let level = if error { 'E' } else { 'I' };
            format!(
                r#"{level}1124 14:31:07.221000       1 reflector.go:147] "Synced the cache" kind="pods" count={n} status={status}"#
            )
        }
        Form::Prose => format!(
            "the quick brown fox number {n} jumps over the lazy dog and says nothing of interest at all to anybody"
        ),
    }
}

fn lines(form: Form, count: usize) -> Lines {
    let mut lines = Lines::default();
    for n in 0..count {
        lines.push(SourceId(n as u32 % 12), Stamp(n as i64 * 1_000_000), line(form, n).as_bytes());
    }
    lines
}

fn store(count: usize) -> LineStore {
    let mut store = LineStore::new(256 << 20);
    for n in 0..count {
        store.push(SourceId(n as u32 % 12), Stamp(n as i64 * 1_000_000), line(Form::Text, n).as_bytes());
    }
    store
}

fn main() {
    report();
    divan::main();
}

/// Prints what a million lines take up, and the slices of each filter.
#[allow(clippy::print_stdout, reason = "that is what it is for")]
fn report() {
    let store = store(MILLION);
    let text: usize = store.lines(0..u64::MAX).map(|line| line.text.len()).sum();
    println!(
        "{} lines of {} bytes: {:.1} MiB, {:.1} bytes a line beside its text",
        store.len(),
        text / store.len(),
        store.bytes() as f64 / f64::from(1 << 20),
        (store.bytes() - text) as f64 / store.len() as f64,
    );
    for text in QUERIES {
        let mut matches = Matches::new(Query::parse(text).unwrap(), &store);
        let (mut longest, mut slices, began) = (Duration::ZERO, 0, Instant::now());
        loop {
            let slice = Instant::now();
            let done = matches.advance(&store, &[], Matches::SLICE);
            longest = longest.max(slice.elapsed());
            slices += 1;
            if done {
                break;
            }
        }
        let all = began.elapsed();
        println!(
            "{text:40} {:8} match, {slices} slices, all {all:.1?}, the longest {longest:.2?}",
            matches.len()
        );
    }
}

#[divan::bench(args = FORMS)]
fn push(bencher: Bencher<'_, '_>, form: Form) {
    let lines = lines(form, MANY);
    let mut store = LineStore::new(LineStore::BUDGET);
    bencher.counter(ItemsCount::new(MANY)).bench_local(|| {
        for line in lines.iter() {
            store.push(line.source, line.at, line.text);
        }
    });
}

#[divan::bench(args = FORMS)]
fn receive(bencher: Bencher<'_, '_>, form: Form) {
    let lines = lines(form, MANY);
    let mut log = Log::new(LineStore::BUDGET);
    bencher
        .counter(ItemsCount::new(MANY))
        .with_inputs(|| vec![LogEvent::Lines(lines.clone())])
        .bench_local_values(|events| log.receive(events));
}

#[divan::bench(args = FORMS)]
fn level(bencher: Bencher<'_, '_>, form: Form) {
    let lines = lines(form, 1_000);
    bencher.counter(ItemsCount::new(1_000usize)).bench_local(|| {
        for line in lines.iter() {
            black_box(parse::level(line.text));
        }
    });
}

#[divan::bench(args = FORMS)]
fn parse_with_fields(bencher: Bencher<'_, '_>, form: Form) {
    let lines = lines(form, 1_000);
    bencher.counter(ItemsCount::new(1_000usize)).bench_local(|| {
        for line in lines.iter() {
            black_box(parse::parse(line.text).fields().count());
        }
    });
}

#[divan::bench]
fn histogram(bencher: Bencher<'_, '_>) {
    let mut histogram = Histogram::default();
    let mut at = 0;
    bencher.counter(ItemsCount::new(1_000usize)).bench_local(|| {
        for _ in 0..1_000 {
            at += 1_000_000;
            histogram.count(Stamp(at), Some(Level::Info));
        }
    });
}

#[divan::bench(args = QUERIES, sample_count = 5, sample_size = 1)]
fn filter_a_million(bencher: Bencher<'_, '_>, text: &str) {
    let store = store(MILLION);
    let query = Query::parse(text).unwrap();
    bencher.bench_local(|| {
        let mut matches = Matches::new(query.clone(), &store);
        while !matches.advance(&store, &[], Matches::SLICE) {}
        matches.len()
    });
}

#[divan::bench]
fn a_screenful(bencher: Bencher<'_, '_>) {
    let store = store(MANY);
    let middle = store.first() + MANY as u64 / 2;
    bencher.bench_local(|| {
        for line in store.lines(middle..middle + 50) {
            black_box(parse::parse(line.text).fields().count());
        }
    });
}
