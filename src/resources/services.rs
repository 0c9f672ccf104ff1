//! Services, with the columns of `printService`.
//!
//! Health: in progress while its load balancer has no address, and while being deleted; else healthy. Whether anything
//! stands behind a service is a question about its endpoints, which are other objects.

use std::fmt::Write as _;

use serde::Deserialize;

use super::address::Address;
use super::pods::PODS;
use super::wire::{ObjectMeta, Pairs, Str, nullable, one_row};
use super::{Cell, Header, Health, Interner, Kind, Meta, Read, Resource, Selection, Symbol};

/// The kind.
pub(super) static SERVICES: Kind = Kind {
    group: "",
    version: "v1",
    plural: "services",
    singular: "service",
    short: &["svc"],
    kind: "Service",
    namespaced: true,
    listed: true,
    path: "services",
    headers: &[
        Header::text("NAME", 0),
        Header::text("TYPE", 1),
        Header::text("CLUSTER-IP", 3),
        Header::text("EXTERNAL-IP", 2).least(15),
        Header::text("PORT(S)", 1).least(16),
        Header::text("AGE", 4),
        Header::text("SELECTOR", 6).wide(),
    ],
    sort: None,
    decode: |bytes, interner, rows| one_row(bytes, interner, rows, Service::build),
};

/// What stands in the place of a load balancer's address before it has one.
const PENDING: &str = "<pending>";
const EXTERNAL_NAME: &str = "ExternalName";

/// A row of the services table.
#[derive(Debug, PartialEq)]
struct Service {
    meta: Meta,
    kind: Symbol,
    cluster_ip: Address,
    /// `None` when there is none; empty for an external name that is empty.
    external: Option<Box<str>>,
    ports: Symbol,
    selector: Box<str>,
    health: Health,
}

impl Resource for Service {
    const CELLS: &'static [Read<Self>] = &[
        |svc| Cell::text(&svc.meta.name),
        |svc| Cell::verbatim(&svc.kind),
        |svc| svc.cluster_ip.cell(),
        |svc| svc.external.as_deref().map_or(Cell::None, Cell::verbatim),
        |svc| Cell::text(&svc.ports),
        |svc| Cell::Age(svc.meta.created),
        |svc| Cell::text(&svc.selector),
    ];

    fn meta(&self) -> &Meta {
        &self.meta
    }

    fn health(&self) -> Health {
        self.health
    }

    /// The pods behind it. A service without a selector gets its endpoints from elsewhere, and one that is only a
    /// name for another host ignores its selector.
    fn enter(&self) -> Option<Selection> {
        if self.selector.is_empty() || &*self.kind == EXTERNAL_NAME {
            return None;
        }
        let pods = Selection::all(&PODS, Some(self.meta.namespace.clone()));
        Some(Selection { labels: self.selector.to_string(), ..pods })
    }
}

impl Service {
    fn build(wire: &Wire<'_>, interner: &mut Interner) -> Service {
        let spec = &wire.spec;
        let external = wire.external();
        let waits = wire.metadata.is_deleted() || external.as_deref() == Some(PENDING);
        Service {
            meta: wire.metadata.to_meta(interner),
            kind: interner.intern(&spec.kind),
            cluster_ip: Address::parse(spec.cluster_ips.first().map_or("", |ip| ip)),
            external: external.map(Into::into),
            ports: interner.intern(&spec.ports()),
            selector: spec.selector.to_text().into(),
            health: if waits { Health::Progressing } else { Health::Healthy },
        }
    }
}

#[derive(Debug, Deserialize)]
struct Wire<'a> {
    #[serde(borrow)]
    metadata: ObjectMeta<'a>,
    #[serde(borrow, default, deserialize_with = "nullable")]
    spec: Spec<'a>,
    #[serde(borrow, default, deserialize_with = "nullable")]
    status: Status<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Spec<'a> {
    #[serde(borrow, rename = "type")]
    kind: Str<'a>,
    #[serde(borrow, rename = "clusterIPs", deserialize_with = "nullable")]
    cluster_ips: Vec<Str<'a>>,
    #[serde(borrow, rename = "externalIPs", deserialize_with = "nullable")]
    external_ips: Vec<Str<'a>>,
    #[serde(borrow)]
    external_name: Str<'a>,
    #[serde(borrow, deserialize_with = "nullable")]
    ports: Vec<Port<'a>>,
    #[serde(borrow)]
    selector: Pairs<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Port<'a> {
    #[serde(deserialize_with = "nullable")]
    port: i32,
    #[serde(deserialize_with = "nullable")]
    node_port: i32,
    #[serde(borrow)]
    protocol: Str<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Status<'a> {
    #[serde(borrow, deserialize_with = "nullable")]
    load_balancer: LoadBalancer<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct LoadBalancer<'a> {
    #[serde(borrow, deserialize_with = "nullable")]
    ingress: Vec<Ingress<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Ingress<'a> {
    #[serde(borrow)]
    ip: Str<'a>,
    #[serde(borrow)]
    hostname: Str<'a>,
}

impl Spec<'_> {
    /// `port/protocol`, with a node port `port:node port/protocol`, with commas between.
    fn ports(&self) -> String {
        let mut text = String::new();
        for port in &self.ports {
            if !text.is_empty() {
                text.push(',');
            }
            let _ = match port.node_port {
                ..=0 => write!(text, "{}/{}", port.port, &*port.protocol),
                node_port => write!(text, "{}:{node_port}/{}", port.port, &*port.protocol),
            };
        }
        text
    }
}

impl Wire<'_> {
    /// Where the service is reached from outside the cluster, by its type.
    fn external(&self) -> Option<String> {
        let spec = &self.spec;
        let external_ips = spec.external_ips.iter().map(|ip| &**ip);
        let addresses: Vec<&str> = match &*spec.kind {
            "ClusterIP" | "NodePort" => external_ips.collect(),
            "LoadBalancer" => {
                let mut of_balancer: Vec<&str> =
                    self.status.load_balancer.ingress.iter().map(|i| i.ip.or(&i.hostname)).collect();
                of_balancer.retain(|address| !address.is_empty());
                of_balancer.sort_unstable();
                of_balancer.dedup();
                of_balancer.extend(external_ips);
                if of_balancer.is_empty() { vec![PENDING] } else { of_balancer }
            }
            EXTERNAL_NAME => vec![&*spec.external_name],
            _ => vec!["<unknown>"],
        };
        if addresses.is_empty() { None } else { Some(addresses.join(",")) }
    }
}
