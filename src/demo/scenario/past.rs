//! Events of the last hour: what somebody who was not there can still read.

use serde_json::json;

use super::builder::Builder;
use crate::demo::world::naming::scatter;
use crate::demo::world::value::{list, text};
use crate::demo::world::{Moment, Object, TypeId};

/// Milliseconds for which an API server remembers events.
const REMEMBERED: i64 = 3_600_000;

/// Most pods whose start is told: a cluster that has more of them has said more than anybody remembers.
const MOST: usize = 500;

/// Something that was said about an object.
struct Said<'s> {
    component: &'s str,
    host: &'s str,
    field: &'s str,
    warning: bool,
    reason: &'s str,
    message: &'s str,
    first: Moment,
    last: Moment,
    count: i64,
}

impl<'s> Said<'s> {
    const fn normal(component: &'s str, reason: &'s str, message: &'s str) -> Said<'s> {
        let never = Moment(0);
        Said {
            component,
            host: "",
            field: "",
            warning: false,
            reason,
            message,
            first: never,
            last: never,
            count: 1,
        }
    }
}

impl Builder {
    /// Inserts the events of the last hour.
    pub(super) fn past(&mut self) {
        let earliest = self.world.now.plus_ms(-REMEMBERED + 300_000);
        let created = |pod: &Object| pod.pod().map_or(Moment(0), |facts| facts.created);
        let all = self.world.store.all(TypeId::PODS, "");
        let young: Vec<_> = all.filter(|pod| created(pod) > earliest).take(MOST).cloned().collect();
        for pod in young {
            self.started(&pod, &pod.value(), created(&pod));
        }
        self.hiccups();
    }

    /// What is said while a pod starts.
    fn started(&mut self, pod: &Object, value: &serde_json::Value, created: Moment) {
        let node = text(value, "/spec/nodeName").to_owned();
        let message = format!("Successfully assigned {}/{} to {node}", pod.namespace(), pod.name());
        let said = Said {
            first: created,
            last: created,
            ..Said::normal("default-scheduler", "Scheduled", &message)
        };
        self.event(pod, &said);
        for container in list(value, "/spec/containers") {
            let (name, image) = (text(container, "/name"), text(container, "/image"));
            let words = [
                (
                    "Pulled",
                    format!(
                        "Container image \"{image}\" already present on machine and can be accessed by the pod"
                    ),
                ),
                ("Created", "Container created".to_owned()),
                ("Started", "Container started".to_owned()),
            ];
            for (reason, message) in &words {
                let at = created.plus(2);
                let field = format!("spec.containers{{{name}}}");
                let plain = Said::normal("kubelet", reason, message);
                self.event(pod, &Said { host: &node, field: &field, first: at, last: at, ..plain });
            }
        }
    }

    /// Small things that went wrong in the last hour and are over.
    fn hiccups(&mut self) {
        let short = "Readiness probe failed: HTTP probe failed with statuscode: 503";
        let slow = "Readiness probe failed: Get \"http://10.128.2.9:8080/readyz\": context deadline exceeded \
                    (Client.Timeout exceeded while awaiting headers)";
        for (app, namespace, message, minutes, count) in [
            ("recommendations", "shop", short, 52, 3),
            ("fraud", "payments", slow, 47, 2),
            ("search", "search", short, 31, 1),
        ] {
            let named = |pod: &&std::sync::Arc<Object>| pod.label("app.kubernetes.io/name") == Some(app);
            let Some(pod) = self.world.store.all(TypeId::PODS, namespace).find(named).cloned() else {
                continue;
            };
            let value = pod.value();
            let created = Moment::parse(text(&value, "/metadata/creationTimestamp")).unwrap_or_default();
            let first = self.world.now.plus(-minutes * 60);
            if created >= first {
                continue;
            }
            let field = format!("spec.containers{{{app}}}");
            let node = text(&value, "/spec/nodeName").to_owned();
            let last = first.plus(5 * (count - 1));
            let plain = Said::normal("kubelet", "Unhealthy", message);
            self.event(
                &pod,
                &Said { host: &node, field: &field, warning: true, first, last, count, ..plain },
            );
        }
    }

    fn event(&mut self, about: &Object, said: &Said<'_>) {
        let kind = self.world.kind(about.key.of);
        let (api_version, kind) = (kind.api_version(), kind.kind.to_string());
        let uid = about.uid.to_string();
        let hash = scatter(self.world.seed, &[&uid, said.field, said.reason, said.message]);
        let mut involved = json!({
            "kind": kind, "namespace": about.namespace(), "name": about.name(), "uid": uid,
            "apiVersion": api_version, "resourceVersion": about.version.to_string(),
        });
        if !said.field.is_empty() {
            involved["fieldPath"] = said.field.into();
        }
        let mut source = json!({"component": said.component});
        if !said.host.is_empty() {
            source["host"] = said.host.into();
        }
        let body = json!({
            "metadata": {
                "name": format!("{}.{hash:016x}", about.name()), "namespace": about.namespace(),
                "creationTimestamp": said.first.rfc3339(),
            },
            "involvedObject": involved, "reason": said.reason, "message": said.message, "source": source,
            "firstTimestamp": said.first.rfc3339(), "lastTimestamp": said.last.rfc3339(), "count": said.count,
            "type": if said.warning { "Warning" } else { "Normal" }, "eventTime": null,
            "reportingComponent": said.component, "reportingInstance": said.host,
        });
        self.insert(TypeId::EVENTS, body);
    }
}
