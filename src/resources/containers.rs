//! The containers of a pod: init containers, sidecars, regular and ephemeral ones, in the order of the pod's spec.
//! Decoded from the pod; kubectl has no table of them, so the words are those of `kubectl describe pod`.
//!
//! Health: a waiting container is failing unless it is on its usual way up (`ContainerCreating`, `PodInitializing`);
//! a running one is healthy once ready (a container that ends by nature is never asked: an init container is in
//! progress while it runs, an ephemeral one healthy); one that has ended is idle if it ended well or its pod succeeded,
//! else failing. Without a status, it is as the phase of its pod.

use std::borrow::Cow;
use std::fmt::Write as _;

use serde::Deserialize;

use super::wire::{ContainerStatus, ObjectMeta, Str, nullable};
use super::{Cell, Header, Health, Interner, Kind, Meta, Read, Resource, Row, Symbol, Time};

/// The kind.
pub(super) static CONTAINERS: Kind = Kind {
    group: "",
    version: "v1",
    plural: "containers",
    singular: "container",
    short: &[],
    kind: "Container",
    namespaced: true,
    listed: false,
    path: "pods",
    headers: &[
        Header::text("NAME", 0),
        Header::text("TYPE", 3),
        Header::text("READY", 1),
        Header::text("STATE", 1),
        Header::text("RESTARTS", 2).least(8),
        Header::text("AGE", 3),
        Header::text("IMAGE", 4).keeps_end(),
        Header::text("PORTS", 5),
    ],
    // The order of the spec, which the ranks of this column keep.
    sort: Some((1, false)),
    decode: |bytes, interner, rows| {
        let wire: Wire<'_> = serde_json::from_slice(bytes)?;
        wire.push_rows(interner, rows);
        Ok(())
    },
};

/// A row of the containers table.
#[derive(Debug, PartialEq)]
struct Container {
    meta: Meta,
    state: Symbol,
    image: Symbol,
    ports: Symbol,
    restarts: i32,
    last_restart: Option<Time>,
    started: Started,
    place: u16,
    role: Role,
    ready: bool,
    health: Health,
}

/// When the container that runs, or has ended, was started.
#[derive(Debug, PartialEq, Eq)]
enum Started {
    NotYet,
    At(Option<Time>),
}

/// What a container is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    /// Runs to its end before the regular ones start.
    Init,
    /// An init container that keeps running beside the regular ones.
    Sidecar,
    /// One of the pod's regular containers.
    App,
    /// Added to a running pod to look into it.
    Ephemeral,
}

impl Role {
    const fn word(self) -> &'static str {
        match self {
            Role::Init => "init",
            Role::Sidecar => "sidecar",
            Role::App => "app",
            Role::Ephemeral => "ephemeral",
        }
    }
}

impl Resource for Container {
    const CELLS: &'static [Read<Self>] = &[
        |c| Cell::text(&c.meta.name),
        |c| Cell::Ranked(c.place.into(), Cow::Borrowed(c.role.word())),
        |c| Cell::verbatim(if c.ready { "True" } else { "False" }),
        |c| Cell::Status(Cow::Borrowed(&c.state), c.health),
        |c| Cell::Restarts(c.restarts.into(), c.last_restart),
        |c| match c.started {
            Started::NotYet => Cell::None,
            Started::At(time) => Cell::Age(time),
        },
        |c| Cell::text(&c.image),
        |c| Cell::text(&c.ports),
    ];

    fn meta(&self) -> &Meta {
        &self.meta
    }

    fn health(&self) -> Health {
        self.health
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
    #[serde(borrow, deserialize_with = "nullable")]
    init_containers: Vec<Declared<'a>>,
    #[serde(borrow, deserialize_with = "nullable")]
    containers: Vec<Declared<'a>>,
    #[serde(borrow, deserialize_with = "nullable")]
    ephemeral_containers: Vec<Declared<'a>>,
}

/// A container as the spec declares it.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Declared<'a> {
    #[serde(borrow)]
    name: Str<'a>,
    #[serde(borrow)]
    image: Str<'a>,
    #[serde(borrow)]
    restart_policy: Str<'a>,
    #[serde(borrow, deserialize_with = "nullable")]
    ports: Vec<Port<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Port<'a> {
    #[serde(borrow)]
    name: Str<'a>,
    #[serde(deserialize_with = "nullable")]
    container_port: i32,
    #[serde(borrow)]
    protocol: Str<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Status<'a> {
    #[serde(borrow)]
    phase: Str<'a>,
    #[serde(borrow, deserialize_with = "nullable")]
    init_container_statuses: Vec<ContainerStatus<'a>>,
    #[serde(borrow, deserialize_with = "nullable")]
    container_statuses: Vec<ContainerStatus<'a>>,
    #[serde(borrow, deserialize_with = "nullable")]
    ephemeral_container_statuses: Vec<ContainerStatus<'a>>,
}

impl Wire<'_> {
    fn push_rows(&self, interner: &mut Interner, rows: &mut Vec<Box<dyn Row>>) {
        let pod = self.metadata.to_meta(interner);
        let (spec, status) = (&self.spec, &self.status);
        let lists = [
            (&spec.init_containers, &status.init_container_statuses, Role::Init),
            (&spec.containers, &status.container_statuses, Role::App),
            (&spec.ephemeral_containers, &status.ephemeral_container_statuses, Role::Ephemeral),
        ];
        let mut place = 0;
        for (declared, statuses, role) in lists {
            for container in declared {
                let role = match &*container.restart_policy {
                    "Always" if role == Role::Init => Role::Sidecar,
                    _ => role,
                };
                let status = statuses.iter().find(|s| s.name == container.name);
                rows.push(Box::new(self.row(&pod, container, role, place, status, interner)));
                place += 1;
            }
        }
    }

    fn row(
        &self,
        pod: &Meta,
        container: &Declared<'_>,
        role: Role,
        place: u16,
        status: Option<&ContainerStatus<'_>>,
        interner: &mut Interner,
    ) -> Container {
        let unknown = ContainerStatus::default();
        let seen = status.unwrap_or(&unknown);
        let last_end = seen.last_state.terminated.as_ref();
        let now = Now::of(status, role, &self.status.phase);
        Container {
            meta: Meta {
                id: pod.id.part(&container.name),
                namespace: pod.namespace.clone(),
                name: Box::from(&*container.name),
                created: pod.created,
            },
            state: interner.intern(&now.state),
            image: interner.intern(&container.image),
            ports: interner.intern(&container.ports()),
            restarts: seen.restart_count,
            last_restart: last_end.and_then(|ended| Time::parse(&ended.finished_at)),
            started: now.started,
            place,
            role,
            ready: seen.ready,
            health: now.health,
        }
    }
}

impl Declared<'_> {
    /// `port/protocol (name)`, with commas between.
    fn ports(&self) -> String {
        let mut text = String::new();
        for port in &self.ports {
            let separator = if text.is_empty() { "" } else { ", " };
            let _ = write!(text, "{separator}{}/{}", port.container_port, &*port.protocol);
            if !port.name.is_empty() {
                let _ = write!(text, " ({})", &*port.name);
            }
        }
        text
    }
}

/// How a container is now.
struct Now<'a> {
    state: Cow<'a, str>,
    started: Started,
    health: Health,
}

impl<'a> Now<'a> {
    fn of(status: Option<&'a ContainerStatus<'_>>, role: Role, phase: &str) -> Now<'a> {
        let now =
            |state: &'a str, health| Now { state: Cow::Borrowed(state), started: Started::NotYet, health };
        let Some(status) = status else {
            return match phase {
                "Failed" => now("Unknown", Health::Failing),
                "Succeeded" => now("Unknown", Health::Idle),
                _ => now("Waiting", Health::Progressing),
            };
        };
        let state = &status.state;
        if let Some(running) = &state.running {
            let health = match role {
                Role::Init => Health::Progressing,
                Role::Ephemeral => Health::Healthy,
                Role::App | Role::Sidecar if status.ready => Health::Healthy,
                Role::App | Role::Sidecar => Health::Progressing,
            };
            return Now { started: Started::At(Time::parse(&running.started_at)), ..now("Running", health) };
        }
        if let Some(ended) = &state.terminated {
            let well = ended.exit_code == 0 || phase == "Succeeded";
            return Now {
                state: ended.describe(),
                started: Started::At(Time::parse(&ended.started_at)),
                health: if well { Health::Idle } else { Health::Failing },
            };
        }
        match state.waiting.as_ref().map_or("", |waiting| &*waiting.reason) {
            "" => now("Waiting", Health::Progressing),
            reason @ ("ContainerCreating" | "PodInitializing") => now(reason, Health::Progressing),
            reason => now(reason, Health::Failing),
        }
    }
}
