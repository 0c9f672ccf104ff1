//! What runs and ends: cron jobs with their last runs, jobs of releases, and one that failed.

use std::sync::Arc;

use serde_json::{Value, json};

use super::builder::{Builder, meta, owned_by};
use super::pods::{Plan, State};
use crate::demo::world::{Behaviour, Format, Life, Load, Moment, Object, TypeId, Voice};

/// A cron job.
struct Regular {
    name: &'static str,
    namespace: &'static str,
    /// When, in the words of cron.
    schedule: &'static str,
    /// The same in seconds: how often, and how long after the beginning of that period.
    every: (i64, i64),
    /// Seconds that a run takes.
    takes: i64,
}

const HOUR: i64 = 3_600;

const REGULAR: &[Regular] = &[
    Regular { name: "sync-stock", namespace: "shop", schedule: "*/15 * * * *", every: (900, 0), takes: 48 },
    Regular { name: "expire-carts", namespace: "shop", schedule: "5 * * * *", every: (HOUR, 300), takes: 21 },
    Regular {
        name: "settle",
        namespace: "payments",
        schedule: "30 * * * *",
        every: (HOUR, 1_800),
        takes: 95,
    },
    Regular {
        name: "rebuild-suggestions",
        namespace: "search",
        schedule: "40 3 * * *",
        every: (24 * HOUR, 3 * HOUR + 2_400),
        takes: 610,
    },
    Regular {
        name: "report",
        namespace: "platform",
        schedule: "0 6 * * *",
        every: (24 * HOUR, 6 * HOUR),
        takes: 130,
    },
];

/// Jobs that ran once: name, namespace, days ago, seconds, whether they succeeded.
const ONCE: &[(&str, &str, f64, i64, bool)] = &[
    ("migrate-orders-6-0", "shop", 15.71, 74, true),
    ("migrate-catalogue-4-9", "shop", 2.91, 33, true),
    ("import-currencies", "payments", 0.6, 12, true),
    ("reindex-products", "search", 1.3, 340, false),
];

impl Builder {
    pub(super) fn batch(&mut self) {
        for regular in REGULAR {
            self.regular(regular);
        }
        for (name, namespace, days, takes, good) in ONCE {
            let fate = if *good { Fate::Succeeded } else { Fate::Failed };
            self.world.behaviours.set(image(name), behaviour(*takes, i64::from(!*good)));
            let (template, created) = (template(name, namespace), self.ago(*days));
            self.run(
                &Run { name: (*name).to_owned(), namespace, template, created, takes: *takes, fate },
                None,
            );
        }
    }

    fn regular(&mut self, regular: &Regular) {
        let template = template(regular.name, regular.namespace);
        self.world.behaviours.set(image(regular.name), behaviour(regular.takes, 0));
        let created = self.ago(90.0);
        let (period, offset) = regular.every;
        let now = self.world.now;
        // One that is due at this moment is left to the controller.
        let last = ((now.0 - STARTING) / 1_000 - offset).div_euclid(period) * period + offset;
        let at = |back: i64| Moment((last - back * period) * 1_000);
        let end = |at: Moment| at.plus(regular.takes + 3);
        let running = end(at(0)) > now;
        let run = |back: i64| Run {
            name: format!("{}-{}", regular.name, at(back).0 / 60_000),
            namespace: regular.namespace,
            template: template.clone(),
            created: at(back),
            takes: regular.takes,
            fate: if running && back == 0 { Fate::Running } else { Fate::Succeeded },
        };
        let mut metadata = meta(regular.namespace, regular.name, created, &named(regular.name));
        metadata["generation"] = 1.into();
        let cron = self.insert(
            TypeId::CRON_JOBS,
            json!({
                "metadata": metadata,
                "spec": {
                    "schedule": regular.schedule, "concurrencyPolicy": "Forbid",
                    "successfulJobsHistoryLimit": 3, "failedJobsHistoryLimit": 1,
                    "jobTemplate": {
                        "metadata": {"labels": named(regular.name)}, "spec": {"backoffLimit": 2, "template": template},
                    },
                },
                "status": {
                    "lastScheduleTime": at(0).rfc3339(),
                    "lastSuccessfulTime": end(at(i64::from(running))).rfc3339(),
                },
            }),
        );
        let past = i64::from(running);
        for back in (past..past + 3).rev() {
            self.run(&run(back), Some(&cron));
        }
        if running {
            let job = self.run(&run(0), Some(&cron));
            let active = json!([{
                "apiVersion": "batch/v1", "kind": "Job", "name": job.name(), "namespace": job.namespace(),
                "resourceVersion": job.version.to_string(), "uid": job.uid.to_string(),
            }]);
            self.world.modify(&cron.key, |cron| cron["status"]["active"] = active);
        }
    }

    /// A job with its pods.
    fn run(&mut self, run: &Run<'_>, cron: Option<&Arc<Object>>) -> Arc<Object> {
        let attempts = if run.fate == Fate::Failed { 3 } else { 1 };
        let uid = self.world.chance.uid().to_string();
        let name = &run.name;
        let own = json!({
            "batch.kubernetes.io/controller-uid": uid, "controller-uid": uid,
            "batch.kubernetes.io/job-name": name, "job-name": name,
        });
        let mut template = run.template.clone();
        let mut metadata = meta(run.namespace, name, run.created, &template["metadata"]["labels"]);
        for (key, value) in own.as_object().into_iter().flatten() {
            template["metadata"]["labels"][key] = value.clone();
        }
        metadata["uid"] = uid.into();
        if let Some(cron) = cron {
            metadata["ownerReferences"] = owned_by(cron, "batch/v1", "CronJob");
            metadata["annotations"] =
                json!({"batch.kubernetes.io/cronjob-scheduled-timestamp": run.created.rfc3339()});
        }
        let ended = run.created.plus((run.takes + 3) * attempts + 30 * (attempts - 1));
        let body = json!({
            "metadata": metadata, "spec": {"backoffLimit": 2, "template": template},
            "status": job_status(run, attempts, ended),
        });
        let job = self.insert(TypeId::JOBS, body);
        if run.fate == Fate::Running {
            template["metadata"]["finalizers"] = json!(["batch.kubernetes.io/job-tracking"]);
        }
        for attempt in 0..attempts {
            let Some(place) = self.place(100, 128, false) else { break };
            let state = match run.fate {
                Fate::Running => State::Running { restarts: None },
                Fate::Succeeded => State::Ended { after_ms: run.takes * 1_000, exit_code: 0 },
                Fate::Failed => State::Ended { after_ms: run.takes * 1_000, exit_code: 1 },
            };
            if run.fate != Fate::Running {
                // A pod that has ended takes no room.
                let free = &mut self.hosts[place.host].free;
                *free = [free[0] + 100, free[1] + 128, free[2] + 1];
            }
            let plan = Plan {
                namespace: run.namespace,
                name: format!("{name}-{}", self.world.chance.suffix(5)),
                generate_name: Some(format!("{}-", run.name)),
                owners: owned_by(&job, "batch/v1", "Job"),
                template: &template,
                labels: Vec::new(),
                created: run.created.plus(attempt * (run.takes + 33)),
                state,
            };
            self.pod(plan, &place);
        }
        job
    }
}

/// Milliseconds that a job needs until its pod runs.
const STARTING: i64 = 4_000;

/// A run of a job.
struct Run<'n> {
    name: String,
    namespace: &'n str,
    template: Value,
    created: Moment,
    takes: i64,
    fate: Fate,
}

/// What has become of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Running,
    Succeeded,
    Failed,
}

fn job_status(run: &Run<'_>, attempts: i64, ended: Moment) -> Value {
    let ended = ended.rfc3339();
    let mut status = json!({
        "startTime": run.created.rfc3339(), "ready": 0, "terminating": 0,
        "uncountedTerminatedPods": {},
    });
    let condition = |kind: &str, reason: &str, message: &str| {
        json!({
            "type": kind, "status": "True", "reason": reason, "message": message, "lastProbeTime": ended,
            "lastTransitionTime": ended,
        })
    };
    match run.fate {
        Fate::Running => {
            status["active"] = 1.into();
            status["ready"] = 1.into();
        }
        Fate::Succeeded => {
            let (reason, message) = ("CompletionsReached", "Reached expected number of succeeded pods");
            status["succeeded"] = 1.into();
            status["completionTime"] = ended.clone().into();
            let conditions = ["SuccessCriteriaMet", "Complete"].map(|kind| condition(kind, reason, message));
            status["conditions"] = json!(conditions);
        }
        Fate::Failed => {
            let (reason, message) = ("BackoffLimitExceeded", "Job has reached the specified backoff limit");
            status["failed"] = attempts.into();
            let conditions = ["FailureTarget", "Failed"].map(|kind| condition(kind, reason, message));
            status["conditions"] = json!(conditions);
        }
    }
    status
}

fn named(name: &str) -> Value {
    json!({"app.kubernetes.io/name": name, "app.kubernetes.io/component": "batch"})
}

fn image(name: &str) -> String {
    format!("registry.example.com/batch/{name}:1.4.0")
}

fn template(name: &str, namespace: &str) -> Value {
    let mut container = json!({"name": name, "image": image(name)});
    container["args"] = json!(["--namespace", namespace]);
    container["resources"] =
        json!({"requests": {"cpu": "100m", "memory": "128Mi"}, "limits": {"memory": "256Mi"}});
    json!({
        "metadata": {"labels": named(name)},
        "spec": {"containers": [container], "restartPolicy": "Never"},
    })
}

fn behaviour(takes: i64, exit_code: i64) -> Behaviour {
    let last_words: &[&str] = if exit_code == 0 {
        &[]
    } else {
        &["product 48113: price is not a number: \"12,50\"", "giving up after 1 error"]
    };
    Behaviour {
        life: Life::Ends { after_ms: takes * 1_000, exit_code },
        load: Load { cpu_milli: 180.0, swing: 0.6, memory_mib: 90.0, leak_mib: 0.0 },
        voice: Voice {
            format: Format::Plain,
            topic: "batch",
            per_minute: 40.0,
            last_words,
            ..Voice::default()
        },
        ..Behaviour::default()
    }
}
