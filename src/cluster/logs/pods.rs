//! Pods as far as their logs need them: which containers there are, and which of them has something to read.

use std::any::Any;

use serde::Deserialize;

use super::Role;
use crate::resources::wire::{ContainerStatus, ObjectMeta, Str, nullable, one_row};
use crate::resources::{Cell, Health, Interner, Kind, Meta, Read, Resource, Row, Symbol};

/// Pods, decoded for their logs. No table shows it.
pub(super) static LOGGED_PODS: Kind = Kind {
    group: "",
    version: "v1",
    plural: "pods",
    singular: "pod",
    short: &[],
    kind: "Pod",
    namespaced: true,
    listed: false,
    path: "pods",
    headers: &[],
    sort: None,
    decode: |bytes, interner, rows| one_row(bytes, interner, rows, Wire::to_pod),
};

/// A pod.
#[derive(Debug, PartialEq)]
pub(super) struct Pod {
    meta: Meta,
    /// In the order of its spec: init containers and sidecars, the regular ones, ephemeral ones.
    pub(super) containers: Vec<Container>,
}

/// One of its containers.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Container {
    pub(super) name: Symbol,
    pub(super) role: Role,
    pub(super) state: State,
}

/// What a container's status says about its log.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct State {
    /// How often it was started again. The runs of a container are counted by this.
    pub(super) restarts: i32,
    /// Whether there was a run before.
    pub(super) has_previous: bool,
    pub(super) run: Run,
}

/// The run that the container is in, or was in last.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Run {
    /// It has never started; why.
    Waiting(Symbol),
    Running,
    Ended {
        reason: Symbol,
        code: i32,
    },
}

impl Pod {
    /// The pod that a row is.
    pub(super) fn of(row: &dyn Row) -> Option<&Pod> {
        (row as &dyn Any).downcast_ref()
    }
}

impl Resource for Pod {
    const CELLS: &'static [Read<Self>] = &[|_| Cell::None];

    fn meta(&self) -> &Meta {
        &self.meta
    }

    fn health(&self) -> Health {
        Health::Idle
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

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Declared<'a> {
    #[serde(borrow)]
    name: Str<'a>,
    #[serde(borrow)]
    restart_policy: Str<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Status<'a> {
    #[serde(borrow)]
    reason: Str<'a>,
    #[serde(borrow, deserialize_with = "nullable")]
    init_container_statuses: Vec<ContainerStatus<'a>>,
    #[serde(borrow, deserialize_with = "nullable")]
    container_statuses: Vec<ContainerStatus<'a>>,
    #[serde(borrow, deserialize_with = "nullable")]
    ephemeral_container_statuses: Vec<ContainerStatus<'a>>,
}

impl Wire<'_> {
    fn to_pod(&self, interner: &mut Interner) -> Pod {
        let (spec, status) = (&self.spec, &self.status);
        let lists = [
            (&spec.init_containers, &status.init_container_statuses, Role::Init),
            (&spec.containers, &status.container_statuses, Role::App),
            (&spec.ephemeral_containers, &status.ephemeral_container_statuses, Role::Ephemeral),
        ];
        let mut containers = Vec::new();
        for (declared, statuses, role) in lists {
            for container in declared {
                let role = match &*container.restart_policy {
                    "Always" if role == Role::Init => Role::Sidecar,
                    _ => role,
                };
                let known = statuses.iter().find(|status| status.name == container.name);
                let state = State::of(known, &status.reason, interner);
                containers.push(Container { name: interner.intern(&container.name), role, state });
            }
        }
        Pod { meta: self.metadata.to_meta(interner), containers }
    }
}

impl State {
    fn of(status: Option<&ContainerStatus<'_>>, pod_reason: &Str<'_>, interner: &mut Interner) -> State {
        let mut word = |text: &str| interner.intern(if text.is_empty() { "Pending" } else { text });
        let Some(status) = status else {
            return State { restarts: 0, has_previous: false, run: Run::Waiting(word(pod_reason)) };
        };
        let (state, last) = (&status.state, &status.last_state.terminated);
        let (run, has_previous) = match (&state.running, &state.terminated, last) {
            (Some(_), ..) => (Run::Running, last.is_some()),
            (None, Some(ended), _) => {
                (Run::Ended { reason: word(&ended.describe()), code: ended.exit_code }, last.is_some())
            }
            // Between two runs the latest one can still be read, and is the current one to the kubelet. It is also
            // the one before the next.
            (None, None, Some(ended)) => {
                (Run::Ended { reason: word(&ended.describe()), code: ended.exit_code }, true)
            }
            (None, None, None) => {
                (Run::Waiting(word(state.waiting.as_ref().map_or("", |waiting| &*waiting.reason))), false)
            }
        };
        State { restarts: status.restart_count, has_previous, run }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn containers_of_all_sorts_are_found_with_what_can_be_read() {
        let pod = json!({
            "metadata": { "name": "web", "namespace": "shop", "uid": "u" },
            "spec": {
                "initContainers": [{ "name": "setup" }, { "name": "mesh", "restartPolicy": "Always" }],
                "containers": [{ "name": "app" }, { "name": "slow" }],
                "ephemeralContainers": [{ "name": "debug" }],
            },
            "status": {
                "initContainerStatuses": [
                    { "name": "setup", "state": { "terminated": { "reason": "Completed", "exitCode": 0 } } },
                    { "name": "mesh", "state": { "running": {} } },
                ],
                "containerStatuses": [
                    {
                        "name": "app", "restartCount": 3, "state": { "waiting": { "reason": "CrashLoopBackOff" } },
                        "lastState": { "terminated": { "exitCode": 2 } },
                    },
                    { "name": "slow", "state": { "waiting": { "reason": "ContainerCreating" } } },
                ],
            },
        });
        let mut rows = Vec::new();
        (LOGGED_PODS.decode)(pod.to_string().as_bytes(), &mut Interner::default(), &mut rows).unwrap();
        let pod = Pod::of(&*rows[0]).unwrap();
        let state = |restarts, has_previous, run| State { restarts, has_previous, run };
        let ended = |reason: &str, code| Run::Ended { reason: reason.into(), code };
        let expected = [
            ("setup", Role::Init, state(0, false, ended("Completed", 0))),
            ("mesh", Role::Sidecar, state(0, false, Run::Running)),
            ("app", Role::App, state(3, true, ended("ExitCode:2", 2))),
            ("slow", Role::App, state(0, false, Run::Waiting("ContainerCreating".into()))),
            ("debug", Role::Ephemeral, state(0, false, Run::Waiting("Pending".into()))),
        ];
        let expected = expected.map(|(name, role, state)| Container { name: name.into(), role, state });
        assert_eq!(pod.containers, expected);
    }
}
