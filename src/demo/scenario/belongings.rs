//! What belongs to an application beside its workload: configuration, passwords, an account, rights, volumes, an
//! autoscaler, a disruption budget.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::app::{App, Shape};
use super::builder::{Builder, digest, meta};
use super::template::{labels, selector};
use crate::demo::metrics::usage;
use crate::demo::world::{Moment, Selector, TypeId};

/// The part of the requested processor time, in hundredths, that autoscalers want to be used.
const TARGET: i64 = 75;

impl Builder {
    /// Everything that the pods of an application need before they can run.
    pub(super) fn belongings(&mut self, app: &App) {
        let created = self.ago(app.released + 60.0);
        let place = |name: &str| meta(&app.namespace, name, created, &labels(app));
        self.insert(TypeId::SERVICE_ACCOUNTS, json!({"metadata": place(&app.name)}));
        let config = place(&format!("{}-config", app.name));
        self.insert(
            TypeId::CONFIG_MAPS,
            json!({"metadata": config, "data": {"settings.yaml": settings(app)}}),
        );
        if app.secret {
            let encode = |text: &str| STANDARD.encode(text);
            let password = digest(self.world.seed, &[&app.namespace, &app.name, "password"]);
            let data = json!({"username": encode(&app.name), "password": encode(&password[..24])});
            let metadata = place(&format!("{}-credentials", app.name));
            self.insert(TypeId::SECRETS, json!({"metadata": metadata, "type": "Opaque", "data": data}));
        }
    }

    /// How many pods of an application may be taken away at once.
    pub(super) fn budget(&mut self, app: &App) {
        let healthy = app.replicas as u64;
        if app.lean || app.namespace == "staging" || app.shape == Shape::DaemonSet || healthy < 2 {
            return;
        }
        let created = self.ago(app.released + 50.0);
        let body = json!({
            "metadata": meta(&app.namespace, &app.name, created, &labels(app)),
            "spec": {"maxUnavailable": 1, "selector": {"matchLabels": selector(app)}},
            "status": {
                "observedGeneration": 1, "currentHealthy": healthy, "desiredHealthy": healthy - 1,
                "expectedPods": healthy, "disruptionsAllowed": 1,
                "conditions": [{
                    "type": "DisruptionAllowed", "status": "True", "reason": "SufficientPods", "message": "",
                    "observedGeneration": 1, "lastTransitionTime": created.plus(60).rfc3339(),
                }],
            },
        });
        self.insert(TypeId::BUDGETS, body);
    }

    /// An autoscaler that has found for some time that the fewest pods that it may have are enough.
    pub(super) fn autoscaler(&mut self, app: &App) {
        let Some(most) = app.most else { return };
        let created = self.ago(app.released + 50.0);
        let metadata = meta(&app.namespace, &app.name, created, &labels(app));
        let condition = |kind: &str, status: &str, reason: &str, message: &str| {
            json!({
                "type": kind, "status": status, "reason": reason, "message": message,
                "lastTransitionTime": created.plus(90).rfc3339(),
            })
        };
        let average = self.average_cpu(app);
        let percent = 100 * average.0 / average.1;
        let ratio = percent as f64 / TARGET as f64;
        let enough = (ratio * app.replicas as f64).ceil() as usize;
        let limited = if ratio < 0.9 && enough < app.replicas {
            let why = "the desired replica count is less than the minimum replica count";
            condition("ScalingLimited", "True", "TooFewReplicas", why)
        } else {
            let why = "the desired count is within the acceptable range";
            condition("ScalingLimited", "False", "DesiredWithinRange", why)
        };
        let computed = "the HPA was able to successfully calculate a replica count from cpu resource utilization \
                        (percentage of request)";
        let scaled = self.ago(0.15).rfc3339();
        let body = json!({
            "metadata": metadata,
            "spec": {
                "minReplicas": app.replicas, "maxReplicas": most,
                "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": app.name},
                "metrics": [{"type": "Resource", "resource": {
                    "name": "cpu", "target": {"type": "Utilization", "averageUtilization": TARGET},
                }}],
            },
            "status": {
                "observedGeneration": 1, "currentReplicas": app.replicas, "desiredReplicas": app.replicas,
                "lastScaleTime": scaled,
                "currentMetrics": [{"type": "Resource", "resource": {"name": "cpu", "current": {
                    "averageUtilization": percent, "averageValue": format!("{}m", average.0 / app.replicas as i64),
                }}}],
                "conditions": [
                    condition("AbleToScale", "True", "ReadyForNewScale", "recommended size matches current size"),
                    condition("ScalingActive", "True", "ValidMetricFound", computed),
                    limited,
                ],
            },
        });
        let scaler = self.insert(TypeId::AUTOSCALERS, body);
        // It wanted no more pods of late.
        self.world.memory.wanted.insert(scaler.uid, Vec::new());
    }

    /// What the pods of an application use and request, in thousandths of a core.
    fn average_cpu(&self, app: &App) -> (i64, i64) {
        let labels = selector(app);
        let selector = Selector::of_value(&json!({"matchLabels": labels}));
        let pods = self.world.store.all(TypeId::PODS, &app.namespace).filter(|pod| selector.matches(pod));
        let used =
            pods.flat_map(|pod| usage(&self.world, &pod.value())).map(|(_, usage)| usage.cpu_milli).sum();
        (used, i64::from(app.cpu) * app.replicas as i64)
    }

    /// The claim of one pod of a stateful set, with the volume that was made for it.
    pub(super) fn claim(&mut self, app: &App, pod: &str, gib: u32, created: Moment) {
        let uid = self.world.chance.uid().to_string();
        let (name, volume) = (format!("data-{pod}"), format!("pvc-{uid}"));
        let storage = json!({"storage": format!("{gib}Gi")});
        let mut metadata = meta(&app.namespace, &name, created, &selector(app));
        metadata["uid"] = uid.clone().into();
        metadata["finalizers"] = json!(["kubernetes.io/pvc-protection"]);
        metadata["annotations"] = json!({
            "pv.kubernetes.io/bind-completed": "yes", "pv.kubernetes.io/bound-by-controller": "yes",
            "volume.kubernetes.io/storage-provisioner": "disks.csi.example.com",
        });
        let claim = json!({
            "metadata": metadata,
            "spec": {
                "accessModes": ["ReadWriteOnce"], "storageClassName": "fast", "volumeMode": "Filesystem",
                "resources": {"requests": storage}, "volumeName": volume,
            },
            "status": {"phase": "Bound", "accessModes": ["ReadWriteOnce"], "capacity": storage},
        });
        let claim = self.insert(TypeId::CLAIMS, claim);
        let mut metadata = meta("", &volume, created.plus(4), &Value::Null);
        metadata["annotations"] = json!({"pv.kubernetes.io/provisioned-by": "disks.csi.example.com"});
        metadata["finalizers"] = json!(["kubernetes.io/pv-protection"]);
        let handle = digest(self.world.seed, &[&volume]);
        let body = json!({
            "metadata": metadata,
            "spec": {
                "accessModes": ["ReadWriteOnce"], "capacity": storage, "storageClassName": "fast",
                "volumeMode": "Filesystem", "persistentVolumeReclaimPolicy": "Delete",
                "claimRef": {
                    "apiVersion": "v1", "kind": "PersistentVolumeClaim", "namespace": app.namespace, "name": name,
                    "uid": uid, "resourceVersion": claim.version.to_string(),
                },
                "csi": {"driver": "disks.csi.example.com", "fsType": "ext4", "volumeHandle": &handle[..20]},
            },
            "status": {"phase": "Bound"},
        });
        self.insert(TypeId::VOLUMES, body);
    }
}

/// The configuration file of an application.
fn settings(app: &App) -> String {
    let mut text = format!(
        "service: {}\nteam: {}\nlisten: \":{}\"\nlog:\n  level: info\n",
        app.name, app.team, app.port
    );
    if !app.calls.is_empty() {
        text.push_str("upstreams:\n");
        for called in app.calls {
            text.push_str(&format!("  - address: {called}\n    timeout: 2s\n    retries: 1\n"));
        }
    }
    text
}
