//! Both ends of a log: the server's, which a test plays itself, and the reader's.

use std::collections::BTreeMap;

use kittiwake::cluster::logs::{
    Containers, Log, LogBatch, LogEvent, LogFeed, LogId, LogRequest, LogTuning, Since, TailHandle, open,
};
use kittiwake::resources::{Selection, find};
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio::time::timeout;

use crate::server::{Asked, Flow, LONG, at, client, event};

/// A log under test.
pub(crate) struct Rig {
    pub(crate) handle: TailHandle,
    requests: mpsc::UnboundedReceiver<Asked>,
    pub(crate) batches: mpsc::Receiver<LogBatch>,
    pub(crate) log: Log,
    /// Every state and word so far, `source: notice`.
    pub(crate) said: Vec<String>,
    pub(crate) pods: BTreeMap<String, Value>,
    watch: Option<Flow>,
    version: u64,
    /// Requests for logs that were met while something else was waited for.
    met: Vec<Asked>,
}

/// Everything that is asked for by default.
pub(crate) fn everything() -> LogRequest {
    LogRequest {
        pods: vec![Selection::all(find("pods").unwrap(), Some("default".into()))],
        containers: Containers::All,
        since: Since::All,
        previous: false,
        follow: true,
    }
}

impl Rig {
    /// The logs of these pods, followed from their beginnings with the program's own figures.
    pub(crate) fn follow(pods: &[Value]) -> Rig {
        Rig::open(pods, everything(), LogTuning::default())
    }

    pub(crate) fn open(pods: &[Value], request: LogRequest, tuning: LogTuning) -> Rig {
        let (client, requests) = client();
        let (sender, batches) = mpsc::channel(4);
        let pods = pods.iter().map(|pod| (name(pod), pod.clone())).collect();
        Rig {
            handle: open(client, LogId(1), request, LogFeed::new(sender), tuning),
            requests,
            batches,
            log: Log::new(16 << 20),
            said: Vec::new(),
            pods,
            watch: None,
            version: 1,
            met: Vec::new(),
        }
    }

    /// Plays one step: a batch is read, or a request comes; one for a log is put aside.
    async fn step(&mut self, what: &str) {
        tokio::select! {
            batch = self.batches.recv() => {
                let batch = batch.unwrap_or_else(|| panic!("the log has ended: {what}; {:#?}", self.said));
                self.take(batch);
            }
            asked = self.requests.recv() => self.meet(asked.unwrap()).await,
        }
    }

    fn take(&mut self, batch: LogBatch) {
        for event in &batch.events {
            if let LogEvent::Notice(id, notice) = event {
                let source = self.log.source(*id).map_or("log".to_owned(), |entry| entry.source.to_string());
                self.said.push(format!("{source}: {notice}"));
            }
        }
        self.log.receive(batch.events);
    }

    async fn meet(&mut self, asked: Asked) {
        if asked.uri.path().ends_with("/log") {
            self.met.push(asked);
        } else if asked.query("watch").is_some() {
            self.watch = Some(asked.ok());
        } else {
            let pods: Vec<Value> = self.pods.values().cloned().collect();
            asked.list(&self.version.to_string(), "", &pods).await;
        }
    }

    /// The next request for a log.
    pub(crate) async fn asked(&mut self) -> Asked {
        let wait = async {
            while self.met.is_empty() {
                self.step("no request for a log").await;
            }
        };
        let waited = timeout(LONG, wait).await;
        assert!(waited.is_ok(), "no request for a log: {:#?}", self.said);
        self.met.remove(0)
    }

    /// The next request for a log, which must be for this container of this pod.
    pub(crate) async fn asked_for(&mut self, pod: &str, container: &str) -> Asked {
        let asked = self.asked().await;
        assert_eq!(asked.uri.path(), format!("/api/v1/namespaces/default/pods/{pod}/log"));
        assert_eq!(asked.query("container"), Some(container));
        asked
    }

    /// Makes sure that no log is asked for, for a long time.
    pub(crate) async fn silence(&mut self) {
        let wait = async {
            while self.met.is_empty() {
                self.step("silence").await;
            }
        };
        assert!(timeout(LONG / 20, wait).await.is_err(), "asked {}", self.met[0].uri);
    }

    /// Reads until the log looks like this.
    pub(crate) async fn until(&mut self, what: &str, looks: impl Fn(&Rig) -> bool) {
        let wait = async {
            while !looks(self) {
                self.step(what).await;
            }
        };
        let waited = timeout(LONG, wait).await;
        assert!(waited.is_ok(), "never: {what}; lines {:?}; said {:#?}", self.lines(), self.said);
    }

    /// Reads until these are the lines.
    pub(crate) async fn until_lines(&mut self, lines: &[&str]) {
        self.until(&format!("the lines are {lines:?}"), |rig| rig.lines() == lines).await;
    }

    /// Reads until this was said so often.
    pub(crate) async fn until_said(&mut self, part: &str, times: usize) {
        self.until(part, |rig| rig.said.iter().filter(|said| said.contains(part)).count() >= times).await;
    }

    /// The lines, without notices.
    pub(crate) fn lines(&self) -> Vec<String> {
        let lines = self.log.store().lines(0..u64::MAX).filter(|line| !line.notice);
        lines.map(|line| String::from_utf8_lossy(line.text).into_owned()).collect()
    }

    /// What stands among the lines, notices in brackets.
    pub(crate) fn text(&self) -> Vec<String> {
        let text = |line: kittiwake::cluster::logs::Line<'_>| {
            let text = String::from_utf8_lossy(line.text);
            if line.notice { format!("[{text}]") } else { text.into_owned() }
        };
        self.log.store().lines(0..u64::MAX).map(text).collect()
    }

    /// Whether anything was said that has this in it.
    pub(crate) fn has_said(&self, part: &str) -> bool {
        self.said.iter().any(|said| said.contains(part))
    }

    /// Says that a pod is there and looks like this now.
    pub(crate) async fn change(&mut self, pod: Value) {
        self.tell("MODIFIED", pod).await;
    }

    /// Says that a pod is gone.
    pub(crate) async fn delete(&mut self, name: &str) {
        let pod = self.pods.remove(name).unwrap();
        self.tell("DELETED", pod).await;
    }

    async fn tell(&mut self, kind: &str, pod: Value) {
        self.until_watched().await;
        self.version += 1;
        if kind != "DELETED" {
            self.pods.insert(name(&pod), pod.clone());
        }
        let event = event(kind, &at(&self.version.to_string(), pod));
        assert!(self.watch.as_ref().unwrap().send(event).await, "nobody watches");
    }

    async fn until_watched(&mut self) {
        while self.watch.is_none() {
            self.step("a watch").await;
        }
    }
}

fn name(pod: &Value) -> String {
    pod["metadata"]["name"].as_str().unwrap().to_owned()
}

/// A pod with these containers, which run.
pub(crate) fn pod(name: &str, containers: &[&str]) -> Value {
    let declared: Vec<Value> = containers.iter().map(|name| json!({ "name": name })).collect();
    let running = |name: &&str| json!({ "name": name, "restartCount": 0, "state": { "running": {} } });
    let statuses: Vec<Value> = containers.iter().map(running).collect();
    json!({
        "metadata": { "name": name, "namespace": "default", "uid": format!("uid-of-{name}") },
        "spec": { "containers": declared },
        "status": { "phase": "Running", "containerStatuses": statuses },
    })
}

/// The pod whose only container was started so often again and is in this state, `last` before that.
pub(crate) fn in_state(name: &str, restarts: i32, state: &Value, last: &Value) -> Value {
    let mut pod = pod(name, &["app"]);
    pod["status"]["containerStatuses"] =
        json!([{ "name": "app", "restartCount": restarts, "state": state, "lastState": last }]);
    pod
}

pub(crate) fn running() -> Value {
    json!({ "running": {} })
}

pub(crate) fn ended(code: i32) -> Value {
    json!({ "terminated": { "reason": if code == 0 { "Completed" } else { "Error" }, "exitCode": code } })
}

pub(crate) fn waiting(reason: &str) -> Value {
    json!({ "waiting": { "reason": reason } })
}

/// A line as the kubelet sends it: written so many milliseconds after a certain moment.
pub(crate) fn line(millis: u64, text: &str) -> String {
    format!("{} {text}\n", time(millis))
}

pub(crate) fn time(millis: u64) -> String {
    format!("2026-11-24T14:{:02}:{:02}.{:03}000000Z", millis / 60_000, millis / 1_000 % 60, millis % 1_000)
}
