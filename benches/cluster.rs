//! Times the release build as a person meets it: in a terminal of 200 by 50, on a real control plane.
//!
//! Run by `tests/cluster/bench.sh`, which starts the control plane and fills it. Prints a table in Markdown, with the
//! peer beside it where it is installed.

#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a program that prints its results")]

#[path = "../tests/support/measure.rs"]
mod measure;
#[path = "../tests/support/pty.rs"]
mod pty;

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use measure::{Usage, middle, resident};
use pty::Pty;

const SIZE: (u16, u16) = (200, 50);
/// Runs of which the middle one counts.
const STARTS: usize = 5;
/// How long idling and churning are measured.
const SPAN: Duration = Duration::from_secs(20);

/// A program to measure.
struct Program {
    name: &'static str,
    path: PathBuf,
    args: Vec<String>,
    env: Vec<(&'static str, String)>,
    /// Whether this screen shows the first pods.
    first: fn(&str) -> bool,
    /// Whether this screen shows that all `pods` are there.
    all: fn(&str, pods: &str) -> bool,
}

fn main() {
    let lab = PathBuf::from(std::env::var_os("KW_LAB").expect("run by tests/cluster/bench.sh"));
    let lab_bin = PathBuf::from(std::env::var_os("KW_LAB_BIN").expect("run by tests/cluster/bench.sh"));
    let config = lab.join("admin.conf").display().to_string();
    let pods = count_pods(&lab, &lab_bin);
    let kw = Program {
        name: "kw",
        path: PathBuf::from(env!("CARGO_BIN_EXE_kw")),
        args: ["pods", "-A", "--kubeconfig", &config].map(str::to_owned).to_vec(),
        env: vec![("COLORTERM", "truecolor".to_owned())],
        first: |screen| screen.contains("Running"),
        all: |screen, pods| screen.contains(&format!(" {pods} pods")) && screen.contains("● live"),
    };
    let home = std::env::var("HOME").unwrap_or_default();
    let sofka = Program {
        name: "sofka",
        path: PathBuf::from(
            std::env::var_os("SOFKA").unwrap_or_else(|| format!("{home}/.cargo/bin/sofka").into()),
        ),
        args: vec!["-A".to_owned()],
        env: vec![("KUBECONFIG", config.clone()), ("HOME", lab.display().to_string())],
        first: |screen| screen.contains("Running"),
        all: |screen, pods| screen.contains(pods) || screen.contains(&pods.replace(',', "")),
    };
    let with_peer = std::env::args().any(|arg| arg == "--peer");
    println!(
        "\n{pods} pods\n\n| program | first pods, s | all rows, s | memory, MiB | idle CPU, % | idle, B/s | wakeups/s | CPU at 100 events/s, % | key to frame, ms | binary, MB |"
    );
    println!("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
    for program in [Some(kw), with_peer.then_some(sofka)].into_iter().flatten() {
        if program.path.exists() {
            measure(&program, pods, &lab, &lab_bin);
        } else {
            println!("| {} | not installed at {} |", program.name, program.path.display());
        }
    }
}

/// How many pods the API server has.
fn count_pods(lab: &Path, lab_bin: &Path) -> usize {
    let mut command = Command::new(lab_bin.join("lab"));
    command.args(["kubectl", "--dir"]).arg(lab).args(["--", "get", "--raw", "/api/v1/pods?limit=1"]);
    let output = command.output().expect("lab kubectl starts");
    let list: serde_json::Value = serde_json::from_slice(&output.stdout).expect("a list of pods");
    let left = list["metadata"]["remainingItemCount"].as_u64().unwrap_or(0) as usize;
    left + list["items"].as_array().map_or(0, Vec::len)
}

fn measure(program: &Program, pods: usize, lab: &Path, lab_bin: &Path) {
    let grouped = grouped(pods);
    let mut firsts = Vec::new();
    let mut alls = Vec::new();
    let mut pty = None;
    for _ in 0..STARTS {
        drop(pty.take());
        let started = start(program);
        let (_, first) = started.wait("the first pods", program.first);
        let (_, all) = started.wait("all pods", |screen| (program.all)(screen, &grouped));
        firsts.push((first - started.started).as_secs_f64());
        alls.push((all - started.started).as_secs_f64());
        pty = Some(started);
    }
    let mut pty = pty.unwrap();
    let key = key_to_frame(&mut pty);
    settle();
    let idle = Usage::over(&pty, SPAN);
    let memory = resident(pty.pid());
    let mut churn = churn(lab, lab_bin);
    settle();
    let busy = Usage::over(&pty, SPAN);
    churn.kill().unwrap();
    churn.wait().unwrap();
    let binary = std::fs::metadata(&program.path).unwrap().len() as f64 / 1e6;
    println!(
        "| {} | {:.3} ({:.3}–{:.3}) | {:.2} ({:.2}–{:.2}) | {memory:.1} | {:.2} | {:.0} | {:.1} | {:.2} | {key} | {binary:.1} |",
        program.name,
        middle(&mut firsts),
        firsts[0],
        firsts[STARTS - 1],
        middle(&mut alls),
        alls[0],
        alls[STARTS - 1],
        idle.cpu,
        idle.bytes,
        idle.wakeups,
        busy.cpu,
    );
}

fn start(program: &Program) -> Pty {
    let args: Vec<&str> = program.args.iter().map(String::as_str).collect();
    let env: Vec<(&str, &str)> = program.env.iter().map(|(name, value)| (*name, value.as_str())).collect();
    Pty::start(&program.path, &args, &env, SIZE)
}

/// Presses down and up many times; the time until the screen changes, as median and 99th percentile.
fn key_to_frame(pty: &mut Pty) -> String {
    let mut times: Vec<f64> = (0..200)
        .map(|n| {
            let before = pty.text_with_looks();
            let pressed = Instant::now();
            pty.send(if n % 20 < 10 { "j" } else { "k" });
            let (_, seen) = pty.wait_looks("the highlight moves", |looks| looks != before);
            (seen - pressed).as_secs_f64() * 1e3
        })
        .collect();
    times.sort_by(f64::total_cmp);
    format!("{:.1}, 99th {:.1}", times[100], times[197])
}

/// Lets what was begun come to rest, or up to its rate.
fn settle() {
    std::thread::sleep(Duration::from_secs(3));
}

fn churn(lab: &Path, lab_bin: &Path) -> Child {
    let mut command = Command::new(lab_bin.join("lab"));
    command.arg("churn").arg("--dir").arg(lab).args(["--rate", "100", "--seconds", "60", "--visible"]);
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("lab churn starts")
}

/// A count as `kw` writes it: `12,345`.
fn grouped(number: usize) -> String {
    kittiwake::ui::text::grouped(number)
}
