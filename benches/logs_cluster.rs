//! Times following logs through a real API server: reading, parsing and keeping every line, without a screen.
//!
//! `just bench-logs` starts the control plane and runs it. Prints a table in Markdown. All pods of the control plane
//! log one file, which is written here.

#![allow(
    missing_docs,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a program that prints its results"
)]

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, UNIX_EPOCH};

use kittiwake::cluster::connect::{Kubeconfig, Options, connect};
use kittiwake::cluster::logs::{
    Containers, LineStore, Log, LogFeed, LogId, LogRequest, LogTuning, Since, SourceState, Stamp, open,
};
use kittiwake::resources::{Selection, find};
use tokio::sync::mpsc;

/// How long lines are written.
const SECONDS: u64 = 10;
/// How many bytes of text a line has.
const BYTES: usize = 110;

fn main() {
    let lab = PathBuf::from(std::env::var_os("KW_LAB").expect("run by `just bench-logs`"));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    println!(
        "\n| containers | lines a second, each | lines in all | arrived | CPU, % of a core | wakeups/s | kept | memory, MiB | behind by at most, ms |"
    );
    println!("| --- | --- | --- | --- | --- | --- | --- | --- | --- |");
    for (containers, rate) in [(1, 0), (1, 20_000), (1, 100_000), (50, 0), (50, 400)] {
        runtime.block_on(measure(&lab, containers, rate));
    }
}

/// Follows the logs of so many containers, each of which writes so many lines a second.
async fn measure(lab: &Path, containers: usize, rate: u64) {
    let options = Options { kubeconfig: Some(lab.join("admin.conf")), ..Options::default() };
    let kubeconfig = Kubeconfig::load(&options).unwrap();
    let client = connect(&kubeconfig, &options, mpsc::channel(1).0).await.unwrap().client;
    let pods = pods(&client, containers).await;
    let request = LogRequest {
        pods,
        containers: Containers::Named("app".into()),
        since: Since::Tail(0),
        previous: false,
        follow: true,
    };
    let (sender, mut batches) = mpsc::channel(4);
    let _handle = open(client, LogId(1), request, LogFeed::new(sender), LogTuning::default());
    let mut log = Log::new(LineStore::BUDGET);
    let live = |log: &Log| {
        let is_live = log.sources().iter().filter(|entry| entry.state == SourceState::Live).count();
        is_live == containers
    };
    while !live(&log) {
        log.receive(batches.recv().await.unwrap().events);
    }
    let writer = std::thread::spawn({
        let file = lab.join("pod.log");
        move || write(&file, rate)
    });
    let (cpu, switches, began) = (cpu_seconds(), switches(), Instant::now());
    let wanted = rate * SECONDS * containers as u64;
    let mut behind = 0;
    // Where nothing is written, nothing comes.
    let patience = Duration::from_secs(if rate == 0 { SECONDS } else { 6 * SECONDS });
    let reading = async {
        while rate == 0 || log.received() < wanted {
            log.receive(batches.recv().await.unwrap().events);
            if let Some(last) = log.store().lines(log.store().end() - 1..u64::MAX).next() {
                behind = behind.max(now() - last.at.0);
            }
        }
    };
    let _ = tokio::time::timeout(patience, reading).await;
    let seconds = began.elapsed().as_secs_f64();
    let written = writer.join().unwrap();
    assert_eq!(written * containers as u64, wanted);
    let each = log.sources().iter().all(|entry| entry.lines == written);
    println!(
        "| {containers} | {rate} | {wanted} | {}{} | {:.1} | {:.0} | {} | {:.1} | {} |",
        log.received(),
        if each { "" } else { ", not all of each" },
        (cpu_seconds() - cpu) / seconds * 100.0,
        (self::switches() - switches) as f64 / seconds,
        log.store().len(),
        log.store().bytes() as f64 / f64::from(1 << 20),
        behind / 1_000_000,
    );
}

/// So many running pods of the lab's load, each as a selection of its own.
async fn pods(client: &kube::Client, count: usize) -> Vec<Selection> {
    let uri = "/api/v1/pods?fieldSelector=status.phase%3DRunning";
    let list: serde_json::Value =
        client.request(http::Request::get(uri).body(Vec::new()).unwrap()).await.unwrap();
    let kind = find("pods").unwrap();
    let items = list["items"].as_array().unwrap().iter();
    let loaded = items.filter(|pod| pod["metadata"]["namespace"].as_str().unwrap().starts_with("team-"));
    let pods: Vec<Selection> = loaded
        .take(count)
        .map(|pod| {
            let text = |name: &str| pod["metadata"][name].as_str().unwrap();
            Selection::named(kind, Some(text("namespace").into()), text("name"))
        })
        .collect();
    assert_eq!(pods.len(), count, "there are not so many pods");
    pods
}

/// Writes so many lines a second; tells how many.
fn write(path: &Path, rate: u64) -> u64 {
    let mut file = OpenOptions::new().append(true).open(path).unwrap();
    let (began, mut written) = (Instant::now(), 0);
    while written < rate * SECONDS {
        let due = (began.elapsed().as_secs_f64() * rate as f64) as u64;
        let (mut text, at) = (Vec::new(), now());
        while written < due.min(rate * SECONDS) {
            Stamp(at).write(&mut text);
            let line = format!(
                "INFO request id={written} path=/items/{} status=200 took={}ms ",
                written % 9999,
                written % 900
            );
            let _ = writeln!(text, " stdout F {line:x<BYTES$}");
            written += 1;
        }
        file.write_all(&text).unwrap();
        std::thread::sleep(Duration::from_millis(10));
    }
    written
}

fn now() -> i64 {
    UNIX_EPOCH.elapsed().unwrap().as_nanos() as i64
}

/// Seconds on a core of this thread so far: it does all the work, but for writing.
fn cpu_seconds() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    text.split_whitespace().next().unwrap().parse::<f64>().unwrap() / 1e9
}

/// How often this thread has gone to sleep so far.
fn switches() -> u64 {
    let text = std::fs::read_to_string("/proc/thread-self/status").unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix("voluntary_ctxt_switches:")).unwrap();
    line.trim().parse().unwrap()
}
