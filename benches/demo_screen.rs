//! Times `kw demo` as a person meets it: in a terminal of 120 by 40, with nothing else on the machine.
//!
//! Prints a table in Markdown.

#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a program that prints its results")]

#[path = "../tests/support/measure.rs"]
mod measure;
#[path = "../tests/support/pty.rs"]
mod pty;

use std::path::Path;
use std::time::Duration;

use measure::{Usage, middle, resident};
use pty::Pty;

const SIZE: (u16, u16) = (120, 40);
/// Runs of which the middle one counts.
const STARTS: usize = 5;
/// How long idling is measured.
const SPAN: Duration = Duration::from_secs(20);

fn main() {
    println!(
        "\n| `kw demo` | first frame, s | first pods, s | all rows, s | memory, MiB | idle CPU, % | wakeups/s |"
    );
    println!("| --- | --- | --- | --- | --- | --- | --- |");
    measure(&[]);
    measure(&["--scenario", "bad-rollout"]);
    measure(&["--pods", "1000"]);
    measure(&["--scenario", "big"]);
}

fn measure(args: &[&str]) {
    let args: Vec<&str> = std::iter::once("demo").chain(args.iter().copied()).collect();
    let (mut frames, mut firsts, mut alls) = (Vec::new(), Vec::new(), Vec::new());
    let mut last = None;
    for _ in 0..STARTS {
        drop(last.take());
        let pty = Pty::start(Path::new(env!("CARGO_BIN_EXE_kw")), &args, &[], SIZE);
        let since = |at: std::time::Instant| (at - pty.started).as_secs_f64();
        frames.push(since(pty.wait("the first frame", |screen| screen.contains("demo ▸")).1));
        firsts.push(since(pty.wait("the first pods", |screen| screen.contains("Running")).1));
        alls.push(since(pty.wait("all pods", |screen| screen.contains("● live")).1));
        last = Some(pty);
    }
    let pty = last.unwrap();
    let idle = Usage::over(&pty, SPAN);
    let pods =
        pty.text().lines().nth(1).and_then(|line| line.split_whitespace().next()).unwrap_or("?").to_owned();
    println!(
        "| {} ({pods} pods) | {:.3} | {:.3} | {:.2} | {:.1} | {:.2} | {:.1} |",
        args[1..].join(" "),
        middle(&mut frames),
        middle(&mut firsts),
        middle(&mut alls),
        resident(pty.pid()),
        idle.cpu,
        idle.wakeups,
    );
}
