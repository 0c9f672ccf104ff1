//! Stateful sets with their claims and daemon sets, down to the pods, as the controllers would have left them.

use serde_json::{Value, json};

use super::app::App;
use super::builder::{Builder, meta, owned_by};
use super::pods::{Made, Plan, State};
use super::template::{labels, requests, selector, template};
use crate::demo::world::naming::template_hash;
use crate::demo::world::{Object, TypeId};

impl Builder {
    /// A stateful set whose pods have a claim of so many GiB each.
    pub(super) fn stateful_set(&mut self, app: &App, gib: u32) -> Vec<Made> {
        let created = self.ago(app.released + 40.0);
        let template = template(&self.world, app, app.version);
        let revision = format!("{}-{}", app.name, template_hash(&template, 0));
        let claims = json!([{
            "apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "data"},
            "spec": {
                "accessModes": ["ReadWriteOnce"], "storageClassName": "fast", "volumeMode": "Filesystem",
                "resources": {"requests": {"storage": format!("{gib}Gi")}},
            },
            "status": {"phase": "Pending"},
        }]);
        let mut metadata = meta(&app.namespace, &app.name, created, &labels(app));
        metadata["generation"] = 3.into();
        let replicas = app.replicas;
        let set = self.insert(
            TypeId::STATEFUL_SETS,
            json!({
                "metadata": metadata,
                "spec": {
                    "replicas": replicas, "serviceName": app.name, "selector": {"matchLabels": selector(app)},
                    "template": template, "volumeClaimTemplates": claims,
                },
                "status": {
                    "observedGeneration": 3, "replicas": replicas, "readyReplicas": replicas,
                    "currentReplicas": replicas, "updatedReplicas": replicas, "availableReplicas": replicas,
                    "currentRevision": revision, "updateRevision": revision, "collisionCount": 0,
                },
            }),
        );
        self.revisions(app, &set, "StatefulSet");
        (0..replicas)
            .map_while(|number| {
                self.claim(app, &format!("{}-{number}", app.name), gib, created.plus(number as i64 * 40));
                self.member(app, number, &set, &template, &revision)
            })
            .collect()
    }

    /// A pod of a stateful set.
    fn member(
        &mut self,
        app: &App,
        number: usize,
        set: &Object,
        template: &Value,
        revision: &str,
    ) -> Option<Made> {
        let (cpu, memory) = requests(app);
        let place = self.place(cpu, memory, false)?;
        let name = format!("{}-{number}", app.name);
        let mut own = template.clone();
        let data = json!({"name": "data", "persistentVolumeClaim": {"claimName": format!("data-{name}")}});
        if let Some(volumes) = own["spec"]["volumes"].as_array_mut() {
            volumes.insert(0, data);
        }
        own["spec"]["hostname"] = name.clone().into();
        own["spec"]["subdomain"] = app.name.clone().into();
        // The last is replaced first.
        let replaced = self.ago(app.released).plus((app.replicas - number) as i64 * 50);
        let plan = Plan {
            namespace: &app.namespace,
            generate_name: Some(format!("{}-", app.name)),
            owners: owned_by(set, "apps/v1", "StatefulSet"),
            template: &own,
            labels: vec![
                ("controller-revision-hash", revision.to_owned()),
                ("statefulset.kubernetes.io/pod-name", name.clone()),
                ("apps.kubernetes.io/pod-index", number.to_string()),
            ],
            created: replaced.max(self.hosts[place.host].created.plus(300)),
            state: State::Running { restarts: None },
            name,
        };
        Some(self.pod(plan, &place))
    }

    /// A daemon set, on every node.
    pub(super) fn daemon_set(&mut self, app: &App) -> Vec<Made> {
        let created = self.ago(app.released + 90.0);
        let template = template(&self.world, app, app.version);
        let mut metadata = meta(&app.namespace, &app.name, created, &labels(app));
        metadata["annotations"] = json!({"deprecated.daemonset.template.generation": "2"});
        metadata["generation"] = 2.into();
        let nodes = self.hosts.len();
        let set = self.insert(
            TypeId::DAEMON_SETS,
            json!({
                "metadata": metadata,
                "spec": {"selector": {"matchLabels": selector(app)}, "template": template},
                "status": {
                    "currentNumberScheduled": nodes, "desiredNumberScheduled": nodes, "numberAvailable": nodes,
                    "numberMisscheduled": 0, "numberReady": nodes, "observedGeneration": 2,
                    "updatedNumberScheduled": nodes,
                },
            }),
        );
        self.revisions(app, &set, "DaemonSet");
        (0..nodes).map(|host| self.daemon(app, host, &set, &template)).collect()
    }

    /// The pod of a daemon set on this host.
    fn daemon(&mut self, app: &App, host: usize, set: &Object, template: &Value) -> Made {
        let (cpu, memory) = requests(app);
        let place = self.place_on(host, cpu, memory);
        let name = format!("{}-{}", app.name, self.world.chance.suffix(5));
        let released = self.ago(app.released).plus(host as i64 * 45);
        let created = released.max(self.hosts[host].created.plus(20));
        let mut own = template.clone();
        own["spec"]["affinity"] = on_node(&self.hosts[host].name);
        let plan = Plan {
            namespace: &app.namespace,
            generate_name: Some(format!("{}-", app.name)),
            owners: owned_by(set, "apps/v1", "DaemonSet"),
            template: &own,
            labels: vec![
                ("controller-revision-hash", template_hash(template, 0)),
                ("pod-template-generation", "2".to_owned()),
            ],
            created,
            state: State::Running { restarts: self.restarts(&name, created) },
            name,
        };
        self.pod(plan, &place)
    }

    /// The templates that a set has now and had before, as its history has them.
    fn revisions(&mut self, app: &App, set: &Object, kind: &str) {
        for (number, back) in [(1, 1), (2, 0)] {
            let mut template = template(&self.world, app, app.version_before(back));
            let hash = template_hash(&template, 0);
            let mut labels = template["metadata"]["labels"].clone();
            labels["controller.kubernetes.io/hash"] = hash.clone().into();
            let since = self.ago(app.released + 30.0 * f64::from(back));
            let mut metadata = meta(set.namespace(), &format!("{}-{hash}", set.name()), since, &labels);
            metadata["ownerReferences"] = owned_by(set, "apps/v1", kind);
            template["$patch"] = "replace".into();
            self.insert(
                TypeId::CONTROLLER_REVISIONS,
                json!({"metadata": metadata, "revision": number, "data": {"spec": {"template": template}}}),
            );
        }
    }
}

/// The affinity that keeps a daemon's pod on its node.
fn on_node(name: &str) -> Value {
    json!({"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [
        {"matchFields": [{"key": "metadata.name", "operator": "In", "values": [name]}]},
    ]}}})
}
