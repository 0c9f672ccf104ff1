//! How applications are reached: services with their endpoint slices, ingresses, and the policies of the network.

use serde_json::{Value, json};

use super::app::{App, Reach, Shape};
use super::builder::{Builder, meta, owned_by};
use super::pods::Made;
use super::template::{labels, port_name, selector};
use crate::demo::world::{Object, TypeId};

/// Most endpoints in one slice.
const ENDPOINTS: usize = 100;

impl Builder {
    /// The service of an application, with the endpoints of its pods.
    pub(super) fn service(&mut self, app: &App, pods: &[Made]) {
        if app.reach == Reach::Nobody {
            return;
        }
        let created = self.ago(app.released + 60.0);
        let mut spec = json!({"selector": selector(app), "ports": service_ports(app)});
        match app.reach {
            Reach::Headless => spec["clusterIP"] = "None".into(),
            Reach::NodePort => spec["type"] = "NodePort".into(),
            Reach::LoadBalancer => spec["type"] = "LoadBalancer".into(),
            Reach::Cluster | Reach::Nobody => {}
        }
        let mut value =
            json!({"metadata": meta(&app.namespace, &app.name, created, &labels(app)), "spec": spec});
        if app.reach == Reach::LoadBalancer {
            value["status"]["loadBalancer"]["ingress"] = json!([{"ip": "203.0.113.10", "ipMode": "VIP"}]);
        }
        let service = self.insert(TypeId::SERVICES, value);
        self.slices(app, &service, pods);
    }

    /// The endpoints of a service, in slices of a hundred; both in the order of their names.
    fn slices(&mut self, app: &App, service: &Object, pods: &[Made]) {
        let created = self.ago(app.released + 60.0);
        let mut labels = labels(app);
        labels["kubernetes.io/service-name"] = app.name.clone().into();
        labels["endpointslice.kubernetes.io/managed-by"] = "endpointslice-controller.k8s.io".into();
        if app.reach == Reach::Headless {
            labels["service.kubernetes.io/headless"] = "".into();
        }
        let ports: Vec<Value> = service_ports(app)
            .into_iter()
            .map(|port| {
                let number =
                    if port["targetPort"].is_u64() { port["targetPort"].clone() } else { app.port.into() };
                json!({"name": port["name"], "port": number, "protocol": port["protocol"]})
            })
            .collect();
        let mut pods: Vec<&Made> = pods.iter().collect();
        pods.sort_by(|one, other| one.name.cmp(&other.name));
        let chunks = pods.chunks(ENDPOINTS);
        let mut names: Vec<String> = chunks.clone().map(|_| self.world.chance.suffix(5)).collect();
        names.sort();
        for (pods, name) in chunks.zip(names) {
            let mut metadata = meta(&app.namespace, &format!("{}-{name}", app.name), created, &labels);
            metadata["generateName"] = format!("{}-", app.name).into();
            metadata["ownerReferences"] = owned_by(service, "v1", "Service");
            metadata["annotations"] =
                json!({"endpoints.kubernetes.io/last-change-trigger-time": created.rfc3339()});
            let mut slice = json!({"metadata": metadata, "addressType": "IPv4", "ports": ports});
            slice["endpoints"] = pods.iter().map(|pod| self.endpoint(app, pod)).collect();
            self.insert(TypeId::ENDPOINT_SLICES, slice);
        }
    }

    fn endpoint(&self, app: &App, made: &Made) -> Value {
        let host = &self.hosts[made.place.host];
        let mut endpoint = json!({
            "addresses": [made.place.address],
            "conditions": {"ready": true, "serving": true, "terminating": false},
            "nodeName": host.name, "zone": host.zone,
            "targetRef": {"kind": "Pod", "namespace": app.namespace, "name": made.name, "uid": made.uid},
        });
        if matches!(app.shape, Shape::StatefulSet { .. }) {
            endpoint["hostname"] = made.name.clone().into();
        }
        endpoint
    }

    /// The applications that the Internet reaches, by host.
    pub(super) fn ingress(&mut self, app: &App) {
        let Some((host, path)) = app.public.filter(|_| app.namespace != "staging") else { return };
        let mut metadata = meta(&app.namespace, &app.name, self.ago(app.released + 58.0), &labels(app));
        metadata["annotations"] = json!({"certs.example.com/issuer": "public"});
        let backend = json!({"service": {"name": app.name, "port": {"name": port_name(app)}}});
        let body = json!({
            "metadata": metadata,
            "spec": {
                "ingressClassName": "public",
                "rules": [{"host": host, "http": {"paths": [{"path": path, "pathType": "Prefix", "backend": backend}]}}],
                "tls": [{"hosts": [host], "secretName": format!("{}-tls", app.name)}],
            },
            "status": {"loadBalancer": {"ingress": [{"ip": "203.0.113.10"}]}},
        });
        self.insert_as("networking.k8s.io/v1", "Ingress", body);
        let certificate = json!({
            "metadata": meta(&app.namespace, &format!("{}-tls", app.name), self.ago(41.0), &labels(app)),
            "type": "kubernetes.io/tls",
            "data": {"tls.crt": "bm90IGEgcmVhbCBjZXJ0aWZpY2F0ZQ==", "tls.key": "bm90IGEgcmVhbCBrZXk="},
        });
        self.insert(TypeId::SECRETS, certificate);
    }

    /// What there is besides the services of applications.
    pub(super) fn network(&mut self) {
        let created = self.ago(204.0);
        let kubernetes = json!({"component": "apiserver", "provider": "kubernetes"});
        self.insert(
            TypeId::SERVICES,
            json!({
                "metadata": meta("default", "kubernetes", created, &kubernetes),
                "spec": {"clusterIP": "10.96.0.1", "ports": [{"name": "https", "port": 443, "protocol": "TCP", "targetPort": 6443}]},
            }),
        );
        self.insert(
            TypeId::ENDPOINT_SLICES,
            json!({
                "metadata": meta("default", "kubernetes", created, &json!({"kubernetes.io/service-name": "kubernetes"})),
                "addressType": "IPv4",
                "endpoints": [{"addresses": ["10.20.0.5"], "conditions": {"ready": true}}],
                "ports": [{"name": "https", "port": 6443, "protocol": "TCP"}],
            }),
        );
        let outside =
            meta("payments", "card-network", self.ago(120.0), &json!({"example.com/team": "payments"}));
        self.insert(
            TypeId::SERVICES,
            json!({"metadata": outside, "spec": {"type": "ExternalName", "externalName": "api.cards.example.net"}}),
        );
        self.insert_as(
            "networking.k8s.io/v1",
            "IngressClass",
            json!({
                "metadata": meta("", "public", created, &Value::Null),
                "spec": {"controller": "example.com/ingress-controller"},
            }),
        );
        for namespace in ["shop", "payments", "search"] {
            self.policies(namespace);
        }
    }

    fn policies(&mut self, namespace: &str) {
        let created = self.ago(140.0);
        let deny = json!({
            "metadata": meta(namespace, "deny-by-default", created, &Value::Null),
            "spec": {"podSelector": {}, "policyTypes": ["Ingress"]},
        });
        let same = json!({"podSelector": {}});
        let of =
            |name: &str| json!({"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": name}}});
        let allow = json!({
            "metadata": meta(namespace, "allow-callers", created, &Value::Null),
            "spec": {
                "podSelector": {}, "policyTypes": ["Ingress"],
                "ingress": [{"from": [same, of("ingress"), of("platform"), of("shop"), of("monitoring")]}],
            },
        });
        for policy in [deny, allow] {
            self.insert_as("networking.k8s.io/v1", "NetworkPolicy", policy);
        }
    }
}

fn service_ports(app: &App) -> Vec<Value> {
    let port = |name: &str, number: u16, target: Value, protocol: &str| json!({"name": name, "port": number, "targetPort": target, "protocol": protocol});
    match app.port {
        53 => vec![
            port("dns", 53, 53.into(), "UDP"),
            port("dns-tcp", 53, 53.into(), "TCP"),
            port("metrics", 9153, 9153.into(), "TCP"),
        ],
        8443 => vec![port("http", 80, 8080.into(), "TCP"), port("https", 443, 8443.into(), "TCP")],
        number => vec![port(port_name(app), number, port_name(app).into(), "TCP")],
    }
}
