//! What the operators of the platform brought along: two custom resource definitions, with objects.

use serde_json::{Value, json};

use super::app::Shape;
use super::builder::{Builder, meta};
use super::catalogue::APPS;
use crate::demo::world::{Type, TypeId};

/// A definition, in the program.
struct Definition {
    group: &'static str,
    plural: &'static str,
    kind: &'static str,
    short: &'static str,
    /// Name, type and path of each column.
    columns: &'static [(&'static str, &'static str, &'static str)],
}

const CERTIFICATES: Definition = Definition {
    group: "certs.example.com",
    plural: "certificates",
    kind: "Certificate",
    short: "cert",
    columns: &[
        ("Ready", "string", ".status.conditions[?(@.type==\"Ready\")].status"),
        ("Secret", "string", ".spec.secretName"),
        ("Expires", "date", ".status.notAfter"),
        ("Age", "date", ".metadata.creationTimestamp"),
    ],
};

const BACKUPS: Definition = Definition {
    group: "storage.example.com",
    plural: "backups",
    kind: "Backup",
    short: "bak",
    columns: &[
        ("Phase", "string", ".status.phase"),
        ("Source", "string", ".spec.source.name"),
        ("Size", "string", ".status.size"),
        ("Last", "date", ".status.lastSuccess"),
        ("Failures", "integer", ".status.failures"),
    ],
};

impl Builder {
    pub(super) fn custom_resources(&mut self) {
        let (certificates, backups) = (self.define(&CERTIFICATES), self.define(&BACKUPS));
        for app in APPS.iter().filter(|app| app.public.is_some()) {
            let Some((host, _)) = app.public else { continue };
            let body = json!({
                "metadata": meta(&app.namespace, &app.name, self.ago(app.released + 59.0), &Value::Null),
                "spec": {
                    "secretName": format!("{}-tls", app.name), "dnsNames": [host],
                    "issuerRef": {"kind": "Issuer", "name": "public"},
                },
                "status": {
                    "notBefore": self.ago(41.0).rfc3339(), "notAfter": self.ago(-49.0).rfc3339(), "revision": 3,
                    "conditions": [{
                        "type": "Ready", "status": "True", "reason": "Ready",
                        "message": "Certificate is up to date and has not expired",
                        "lastTransitionTime": self.ago(41.0).rfc3339(),
                    }],
                },
            });
            self.insert(certificates, body);
        }
        for app in APPS {
            let Shape::StatefulSet { gib } = app.shape else { continue };
            let failed = app.name == "index";
            let (phase, failures, hours) = if failed { ("Failed", 2, 50.0) } else { ("Completed", 0, 4.2) };
            let body = json!({
                "metadata": meta(&app.namespace, &app.name, self.ago(34.0), &Value::Null),
                "spec": {
                    "schedule": "0 */6 * * *", "retention": "14d",
                    "source": {"apiVersion": "apps/v1", "kind": "StatefulSet", "name": app.name},
                },
                "status": {
                    "phase": phase, "failures": failures, "lastSuccess": self.ago(hours / 24.0).rfc3339(),
                    "size": format!("{}Gi", gib * 2 / 5),
                },
            });
            self.insert(backups, body);
        }
    }

    /// Serves a type from now on, and inserts the definition that says so.
    fn define(&mut self, of: &Definition) -> TypeId {
        let column =
            |(name, kind, path): &(&str, &str, &str)| json!({"name": name, "type": kind, "jsonPath": path});
        let columns: Vec<Value> = of.columns.iter().map(column).collect();
        let (name, created) = (format!("{}.{}", of.plural, of.group), self.ago(74.0));
        let names = json!({
            "plural": of.plural, "singular": of.kind.to_ascii_lowercase(), "kind": of.kind,
            "listKind": format!("{}List", of.kind), "shortNames": [of.short], "categories": ["all"],
        });
        let established = |kind: &str, reason: &str, message: &str| {
            json!({
                "type": kind, "status": "True", "reason": reason, "message": message,
                "lastTransitionTime": created.plus(1).rfc3339(),
            })
        };
        let schema = json!({"type": "object", "x-kubernetes-preserve-unknown-fields": true});
        let definition = json!({
            "metadata": meta("", &name, created, &Value::Null),
            "spec": {
                "group": of.group, "scope": "Namespaced", "names": names,
                "conversion": {"strategy": "None"},
                "versions": [{
                    "name": "v1", "served": true, "storage": true, "subresources": {"status": {}},
                    "additionalPrinterColumns": columns, "schema": {"openAPIV3Schema": schema},
                }],
            },
            "status": {
                "acceptedNames": names, "storedVersions": ["v1"],
                "conditions": [
                    established("NamesAccepted", "NoConflicts", "no conflicts found"),
                    established("Established", "InitialNamesAccepted", "the initial names have been accepted"),
                ],
            },
        });
        let defined = Type::of_definition(&definition).expect("it has a stored version");
        let id = self.world.types.add(defined);
        self.insert(TypeId::DEFINITIONS, definition);
        id
    }
}
