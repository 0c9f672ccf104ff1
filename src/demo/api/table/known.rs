//! The columns of the kinds that the program itself knows, as the API server describes them.

use super::Definition;

/// The columns of the tables of `plural`, in the order of its [`headers`](crate::resources::Kind::headers).
pub(super) fn columns(plural: &str) -> Option<Vec<Definition>> {
    // An asterisk is a wide column, a hash a number.
    let names: &[&str] = match plural {
        "pods" => &[
            "Name",
            "Ready",
            "Status",
            "Restarts",
            "Age",
            "*IP",
            "*Node",
            "*Nominated Node",
            "*Readiness Gates",
        ],
        "deployments" => {
            &["Name", "Ready", "Up-to-date", "Available", "Age", "*Containers", "*Images", "*Selector"]
        }
        "replicasets" => {
            &["Name", "#Desired", "#Current", "#Ready", "Age", "*Containers", "*Images", "*Selector"]
        }
        "services" => &["Name", "Type", "Cluster-IP", "External-IP", "Port(s)", "Age", "*Selector"],
        "nodes" => &[
            "Name",
            "Status",
            "Roles",
            "Age",
            "Version",
            "*Internal-IP",
            "*External-IP",
            "*OS-Image",
            "*Kernel-Version",
            "*Container-Runtime",
        ],
        "namespaces" => &["Name", "Status", "Age"],
        "events" => &[
            "Last Seen",
            "Type",
            "Reason",
            "Object",
            "*Subobject",
            "*Source",
            "Message",
            "*First Seen",
            "*Count",
            "*Name",
        ],
        _ => return None,
    };
    Some(names.iter().map(|name| column(name)).collect())
}

fn column(name: &str) -> Definition {
    let kind = if name.starts_with('#') { "integer" } else { "string" };
    let priority = i64::from(name.starts_with('*'));
    Definition { priority, ..Definition::new(name.trim_start_matches(['*', '#']), kind) }
}
