//! What a program in a pseudo-terminal uses.

#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    reason = "shared by benches, each of which uses a part; a panic is a report"
)]

use std::path::Path;
use std::time::{Duration, Instant};

use super::pty::Pty;

/// What a program uses over a span.
pub struct Usage {
    /// Per cent of a core.
    pub cpu: f64,
    /// Bytes to the terminal a second.
    pub bytes: f64,
    /// Voluntary context switches a second.
    pub wakeups: f64,
}

impl Usage {
    /// Lets `span` pass and tells what was used meanwhile.
    pub fn over(pty: &Pty, span: Duration) -> Usage {
        let (cpu, bytes, wakeups, begun) =
            (cpu_seconds(pty.pid()), pty.bytes(), switches(pty.pid()), Instant::now());
        std::thread::sleep(span);
        let seconds = begun.elapsed().as_secs_f64();
        Usage {
            cpu: (cpu_seconds(pty.pid()) - cpu) / seconds * 100.0,
            bytes: (pty.bytes() - bytes) as f64 / seconds,
            wakeups: (switches(pty.pid()) - wakeups) as f64 / seconds,
        }
    }
}

/// Seconds on a core so far, from the scheduler's own count in nanoseconds.
fn cpu_seconds(pid: u32) -> f64 {
    let tasks = std::fs::read_dir(format!("/proc/{pid}/task")).unwrap().flatten();
    let spent = |task: std::fs::DirEntry| {
        let text = std::fs::read_to_string(task.path().join("schedstat")).unwrap_or_default();
        text.split_whitespace().next().and_then(|ns| ns.parse::<f64>().ok()).unwrap_or(0.0) / 1e9
    };
    tasks.map(spent).sum()
}

fn status(path: &Path, field: &str) -> u64 {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix(field)).unwrap_or_default();
    line.split_whitespace().find_map(|word| word.parse().ok()).unwrap_or(0)
}

fn switches(pid: u32) -> u64 {
    let tasks = std::fs::read_dir(format!("/proc/{pid}/task")).unwrap().flatten();
    tasks.map(|task| status(&task.path().join("status"), "voluntary_ctxt_switches:")).sum()
}

/// Resident memory, in MiB.
pub fn resident(pid: u32) -> f64 {
    status(Path::new(&format!("/proc/{pid}/status")), "VmRSS:") as f64 / 1024.0
}

/// The middle one; they are sorted.
pub fn middle(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
