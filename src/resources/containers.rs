//! The containers of a pod: init, sidecar, regular and ephemeral. Decoded from the pod.
use super::{Header, Kind};
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
    headers: &[Header::text("NAME", 0)],
    sort: None,
    decode: |_, _, _| Ok(()),
};
