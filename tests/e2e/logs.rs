//! Logs through a real API server: what arrives is what was written, each line once, whatever happens to connections.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use kittiwake::cluster::logs::Stamp;

use crate::lab::{alone, binary, config, dir, eventually, kubectl, kw, lab};

/// The name of a running pod in this namespace whose container `app` logs text.
fn a_pod(namespace: &str) -> String {
    let names =
        kubectl(&["get", "pods", "-n", namespace, "--field-selector=status.phase=Running", "-o", "name"]);
    names.lines().next().and_then(|name| name.strip_prefix("pod/")).expect("a pod runs").to_owned()
}

/// Writes numbered lines into what every pod logs, so many a second, until this is stopped.
struct Writer {
    over: Arc<AtomicBool>,
    thread: Option<thread::JoinHandle<u64>>,
}

impl Writer {
    fn start(mark: &'static str, rate: u64) -> Writer {
        let over = Arc::new(AtomicBool::new(false));
        let seen = over.clone();
        let thread = thread::spawn(move || {
            let mut file = OpenOptions::new().append(true).open(dir().join("pod.log")).unwrap();
            let mut written = 0;
            while !seen.load(Ordering::Relaxed) {
                let mut text = Vec::new();
                let now = std::time::UNIX_EPOCH.elapsed().unwrap().as_nanos() as i64;
                // Two lines each have the same time.
                for place in 0..rate / 100 {
                    Stamp(now + place as i64 / 2).write(&mut text);
                    writeln!(text, " stdout F {mark} {written} é").unwrap();
                    written += 1;
                }
                file.write_all(&text).unwrap();
                thread::sleep(Duration::from_millis(10));
            }
            written
        });
        Writer { over, thread: Some(thread) }
    }

    /// Stops it; tells how many lines were written.
    fn stop(mut self) -> u64 {
        self.over.store(true, Ordering::Relaxed);
        self.thread.take().unwrap().join().unwrap()
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
    }
}

/// `kw logs` while it runs, and how often it has printed each number so far, by source.
struct Following {
    child: Child,
    counts: Arc<Mutex<BTreeMap<(String, u64), u64>>>,
    words: Arc<Mutex<String>>,
}

impl Following {
    fn start(kubeconfig: &str, mark: &'static str, args: &[&str]) -> Following {
        let mut child = Command::new(binary())
            .args(["logs", "--kubeconfig", kubeconfig, "-f", "--tail", "0"])
            .args(args)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (counts, words) = (Arc::new(Mutex::new(BTreeMap::new())), Arc::new(Mutex::new(String::new())));
        let (out, counted) = (child.stdout.take().unwrap(), counts.clone());
        thread::spawn(move || {
            for line in BufReader::new(out).lines().map_while(Result::ok) {
                if let Some((source, number)) = line.split_once(mark) {
                    let number = number.trim().strip_suffix(" é").and_then(|number| number.parse().ok());
                    let number = number.unwrap_or_else(|| panic!("half a line: {line}"));
                    *counted.lock().unwrap().entry((source.trim().to_owned(), number)).or_insert(0) += 1;
                }
            }
        });
        let (mut error, said) = (child.stderr.take().unwrap(), words.clone());
        thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(read @ 1..) = error.read(&mut buffer) {
                said.lock().unwrap().push_str(&String::from_utf8_lossy(&buffer[..read]));
            }
        });
        Following { child, counts, words }
    }

    /// How many numbers there are, over all sources.
    fn len(&self) -> usize {
        self.counts.lock().unwrap().len()
    }

    /// Waits until each source has printed every number below `written`, each once, from the first that it has on:
    /// what was written before it was read is not asked for.
    fn complete(&self, written: u64, sources: usize) {
        eventually("every number is there once", || {
            let counts = self.counts.lock().unwrap();
            let twice: Vec<_> = counts.iter().filter(|(_, count)| **count != 1).collect();
            assert!(twice.is_empty(), "more than once: {twice:?}\n{}", self.words.lock().unwrap());
            let mut ranges: BTreeMap<&str, (u64, u64, u64)> = BTreeMap::new();
            for (source, number) in counts.keys() {
                let range = ranges.entry(source).or_insert((*number, *number, 0));
                *range = (range.0.min(*number), range.1.max(*number), range.2 + 1);
            }
            let whole = |(first, last, count): &(u64, u64, u64)| {
                *last + 1 == written && *count == written - first && *first < written / 4
            };
            let done = ranges.len() == sources && ranges.values().all(whole);
            if done { Ok(()) } else { Err(format!("{written} were written: {ranges:?}")) }
        });
        let words = self.words.lock().unwrap();
        assert!(!words.contains("missing"), "{words}");
    }
}

impl Drop for Following {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Stands between `kw` and the API server, and cuts each connection after a while.
struct Cutter {
    kubeconfig: String,
    cuts: Arc<AtomicU64>,
}

impl Cutter {
    /// Cuts each connection once it has carried some hundred kilobytes: more than the API server repeats when it is
    /// asked from a second on, and not the same from one to the next.
    fn start() -> Cutter {
        let text = fs::read_to_string(config("admin")).unwrap();
        let server =
            text.split("https://").nth(1).unwrap().split(['"', '\n', ' ']).next().unwrap().to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let kubeconfig = config("cutter");
        fs::write(&kubeconfig, text.replace(&server, &format!("127.0.0.1:{port}"))).unwrap();
        let cuts = Arc::new(AtomicU64::new(0));
        let counted = cuts.clone();
        thread::spawn(move || {
            for (number, client) in listener.incoming().map_while(Result::ok).enumerate() {
                let Ok(server) = TcpStream::connect(&*server) else { continue };
                let cuts = counted.clone();
                let most = 200_000 + number * 7_919 % 60_000;
                let (mut from, mut to) = (client.try_clone().unwrap(), server.try_clone().unwrap());
                thread::spawn(move || drop(std::io::copy(&mut from, &mut to)));
                thread::spawn(move || {
                    let carried = std::io::copy(&mut (&server).take(most as u64), &mut &client).unwrap_or(0);
                    cuts.fetch_add(u64::from(carried == most as u64), Ordering::Relaxed);
                    let _ = (client.shutdown(Shutdown::Both), server.shutdown(Shutdown::Both));
                });
            }
        });
        Cutter { kubeconfig, cuts }
    }
}

#[test]
fn what_is_printed_is_what_kubectl_prints() {
    let _alone = alone();
    let pod = a_pod("team-1");
    let previous = ["running-restarts", "-n", "gallery", "--previous", "-c", "cache"];
    for args in [&[&*pod, "-n", "team-1", "-c", "app", "--tail", "5000"][..], &previous] {
        let args: Vec<&str> = std::iter::once("logs").chain(args.iter().copied()).collect();
        let ours = String::from_utf8(kw("admin", &args).stdout).unwrap();
        assert!(ours.lines().count() > 200, "{args:?}: {ours}");
        assert!(ours == kubectl(&args), "{args:?}");
    }
}

#[test]
fn every_line_arrives_once_though_connections_are_cut() {
    let _alone = alone();
    let cutter = Cutter::start();
    let pod = a_pod("team-1");
    let following = Following::start(&cutter.kubeconfig, "cut", &[&pod, "-n", "team-1", "-c", "app"]);
    let writer = Writer::start("cut", 2_000);
    eventually("connections are cut", || match cutter.cuts.load(Ordering::Relaxed) {
        6.. => Ok(()),
        cuts => Err(format!("{cuts} cuts, {} lines", following.len())),
    });
    let written = writer.stop();
    following.complete(written, 1);
}

#[test]
fn every_line_of_a_workload_arrives_once_though_the_server_restarts() {
    let _alone = alone();
    let ready = kubectl(&["get", "deploy", "api", "-n", "team-1", "-o", "jsonpath={.status.readyReplicas}"]);
    let pods: usize = ready.parse().unwrap();
    let following =
        Following::start(&config("admin"), "restart", &["deploy/api", "-n", "team-1", "-c", "app"]);
    let writer = Writer::start("restart", 500);
    eventually("lines arrive", || {
        if following.len() > 200 * pods { Ok(()) } else { Err(following.len().to_string()) }
    });
    lab(&["restart", "kube-apiserver"]);
    let before = following.len();
    eventually("lines arrive again", || {
        if following.len() > before + 2_000 * pods { Ok(()) } else { Err(following.len().to_string()) }
    });
    let written = writer.stop();
    following.complete(written, pods);
}

#[test]
fn refusals_say_what_to_do_in_one_line() {
    let pod = a_pod("team-1");
    for (user, args, part) in [
        ("viewer", vec!["logs", &pod, "-n", "team-1"], "listing pods"),
        (
            "admin",
            vec!["logs", "no-such-pod", "-n", "team-1"],
            "there are no logs: pod no-such-pod in team-1",
        ),
        ("admin", vec!["logs", "creating", "-n", "gallery"], "creating: not started yet: ContainerCreating"),
        ("admin", vec!["logs", "deploy/none", "-n", "team-1"], "\"none\" not found"),
        ("admin", vec!["logs", &pod, "-n", "team-1", "-c", "ap"], "has no container ap; it has app"),
    ] {
        let output = kw(user, &args);
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!((output.status.code(), error.lines().count()), (Some(1), 1), "{error}");
        assert!(error.contains(part), "{error}");
    }
}
