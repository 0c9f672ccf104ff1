//! Deployments with the history of their releases, down to the pods, as the controllers would have left them.

use std::sync::Arc;

use serde_json::{Value, json};

use super::app::App;
use super::builder::{Builder, meta, owned_by};
use super::pods::{Made, Plan, State};
use super::template::{labels, requests, selector, template};
use crate::demo::world::naming::template_hash;
use crate::demo::world::{Moment, Object, TypeId};

/// One release of an application.
struct Release {
    version: [u32; 3],
    at: Moment,
    cause: String,
}

impl Builder {
    /// A deployment of which the last `kept` releases are remembered.
    pub(super) fn deployment(&mut self, app: &App, kept: usize) -> Vec<Made> {
        let releases = self.releases(app, kept);
        let first = 1 + self.draw(&[&app.namespace, &app.name, "revision"], 9) as usize;
        let revision = first + releases.len() - 1;
        let template_now = template(&self.world, app, app.version);
        let current = set_name(app, &template_now);
        let created = self.ago(app.released + 60.0 + self.draw(&[&app.name, "created"], 80) as f64);
        let mut metadata = meta(&app.namespace, &app.name, created, &labels(app));
        metadata["annotations"] = json!({
            "deployment.kubernetes.io/revision": revision.to_string(),
            "kubernetes.io/change-cause": releases.last().map_or("", |release| &release.cause),
        });
        metadata["generation"] = (revision + 1).into();
        let released = releases.last().map_or(created, |release| release.at);
        let object = self.insert(
            TypeId::DEPLOYMENTS,
            json!({
                "metadata": metadata,
                "spec": {
                    "replicas": app.replicas, "selector": {"matchLabels": selector(app)}, "template": template_now,
                    "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": "25%"}},
                },
                "status": deployment_status(app.replicas, revision + 1, &current, created, released),
            }),
        );
        let mut made = Vec::new();
        for (at, release) in releases.iter().enumerate() {
            let last = at + 1 == releases.len();
            let set = self.replica_set(app, &object, release, first + at, last);
            if last {
                made = self.replicas(app, &set.0, &set.1, release.at);
            }
        }
        made
    }

    /// The releases that are remembered, oldest first.
    fn releases(&self, app: &App, kept: usize) -> Vec<Release> {
        (0..kept as u32)
            .rev()
            .map(|back| {
                let version = app.version_before(back);
                let [major, minor, patch] = version;
                let what =
                    CHANGES[self.draw(&[&app.name, &minor.to_string()], CHANGES.len() as u64) as usize];
                let cause = format!("release {} {major}.{minor}.{patch}: {what}", app.name);
                let later = f64::from(back) * (7.0 + self.draw(&[&app.name, "pace"], 14) as f64);
                Release { version, at: self.ago(app.released + later), cause }
            })
            .collect()
    }

    fn replica_set(
        &mut self,
        app: &App,
        deployment: &Object,
        release: &Release,
        revision: usize,
        last: bool,
    ) -> (Arc<Object>, Value) {
        let mut template = template(&self.world, app, release.version);
        let hash = template_hash(&template, 0);
        let name = set_name(app, &template);
        template["metadata"]["labels"]["pod-template-hash"] = hash.clone().into();
        let replicas = if last { app.replicas } else { 0 };
        let mut metadata = meta(&app.namespace, &name, release.at, &template["metadata"]["labels"]);
        metadata["annotations"] = json!({
            "deployment.kubernetes.io/desired-replicas": app.replicas.to_string(),
            "deployment.kubernetes.io/max-replicas": surged(app.replicas).to_string(),
            "deployment.kubernetes.io/revision": revision.to_string(),
            "kubernetes.io/change-cause": release.cause,
        });
        metadata["ownerReferences"] = owned_by(deployment, "apps/v1", "Deployment");
        let generation = if last { 2 } else { 4 };
        metadata["generation"] = generation.into();
        let mut matched = selector(app);
        matched["pod-template-hash"] = hash.into();
        let mut status =
            json!({"replicas": replicas, "terminatingReplicas": 0, "observedGeneration": generation});
        if last {
            for count in ["fullyLabeledReplicas", "readyReplicas", "availableReplicas"] {
                status[count] = replicas.into();
            }
        }
        let spec = json!({"replicas": replicas, "selector": {"matchLabels": matched}, "template": template});
        let set =
            self.insert(TypeId::REPLICA_SETS, json!({"metadata": metadata, "spec": spec, "status": status}));
        (set, template)
    }

    fn replicas(&mut self, app: &App, set: &Object, template: &Value, since: Moment) -> Vec<Made> {
        let (cpu, memory) = requests(app);
        let mut made = Vec::new();
        for number in 0..app.replicas {
            let Some(place) = self.place(cpu, memory, app.graphics) else { break };
            let name = format!("{}-{}", set.name(), self.world.chance.suffix(5));
            let created = self.moved(&name, since.plus(number as i64 * 7), place.host);
            let plan = Plan {
                namespace: &app.namespace,
                generate_name: Some(format!("{}-", set.name())),
                owners: owned_by(set, "apps/v1", "ReplicaSet"),
                template,
                labels: Vec::new(),
                created,
                state: State::Running { restarts: self.restarts(&name, created) },
                name,
            };
            made.push(self.pod(plan, &place));
        }
        made
    }

    /// When a pod came that could have been there `since`: one in four was moved to another node later.
    fn moved(&self, name: &str, since: Moment, host: usize) -> Moment {
        let since = since.max(self.hosts[host].created.plus(300));
        let age = self.world.now.since(since) as u64;
        match self.draw(&[name, "moved"], 4) {
            0 => since.plus_ms(self.draw(&[name, "when"], age) as i64 * 9 / 10),
            _ => since,
        }
    }

    /// One pod in nine was started again, some time ago.
    pub(super) fn restarts(&self, name: &str, created: Moment) -> Option<(i64, Moment, &'static str)> {
        let age = self.world.now.since(created);
        let restarted = self.draw(&[name, "restarted"], 9) == 0 && age > 3_600_000 * 24;
        restarted.then(|| {
            let count = 1 + self.draw(&[name, "restarts"], 3) as i64;
            let reason = ["Error", "OOMKilled", "Completed"][self.draw(&[name, "why"], 3) as usize];
            let last = created.plus_ms(age / 3 + self.draw(&[name, "last"], age as u64 / 3) as i64);
            (count, last, reason)
        })
    }
}

/// What a release was about.
const CHANGES: &[&str] = &[
    "connection pool per tenant",
    "retry idempotent calls once",
    "new libraries",
    "read configuration without a restart",
    "fewer allocations on the hot path",
    "structured logs",
    "time out calls after two seconds",
    "metrics for every upstream",
    "fix rounding of discounts",
    "translations for five languages",
    "cache misses are remembered",
    "drain connections before the end",
];

fn set_name(app: &App, template: &Value) -> String {
    format!("{}-{}", app.name, template_hash(template, 0))
}

/// How many pods there may be during a rollout: a quarter more.
const fn surged(replicas: usize) -> usize {
    replicas + replicas.div_ceil(4)
}

fn deployment_status(
    replicas: usize,
    generation: usize,
    set: &str,
    created: Moment,
    released: Moment,
) -> Value {
    let (created, done) = (created.plus(30).rfc3339(), released.plus(60).rfc3339());
    json!({
        "observedGeneration": generation, "replicas": replicas, "updatedReplicas": replicas,
        "readyReplicas": replicas, "availableReplicas": replicas, "terminatingReplicas": 0,
        "conditions": [
            {
                "type": "Available", "status": "True", "reason": "MinimumReplicasAvailable",
                "message": "Deployment has minimum availability.", "lastTransitionTime": created, "lastUpdateTime": created,
            },
            {
                "type": "Progressing", "status": "True", "reason": "NewReplicaSetAvailable",
                "message": format!("ReplicaSet \"{set}\" has successfully progressed."),
                "lastTransitionTime": created, "lastUpdateTime": done,
            },
        ],
    })
}
