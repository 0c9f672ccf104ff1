//! The columns of built-in kinds that the program itself does not know.

use serde_json::{Value, json};

use super::Definition;
use super::cells::{
    access_modes, age, completions, conditions_of_request, containers, created, duration, endpoints, hosts,
    images, job_status, joined, labels, metrics, names, or, ports, quota, role, selector, since, subjects,
    targets_of_claim, tls_ports, unset, versions,
};
use crate::demo::world::Moment;
use crate::demo::world::value::{flag, int, list, map, text};

/// A column: its title, and what it reads off an object.
pub(super) struct Column {
    name: &'static str,
    kind: &'static str,
    wide: bool,
    read: Read,
}

type Read = fn(&Value, Moment) -> Value;

impl Column {
    /// How the table describes it.
    pub(super) fn definition(&self) -> Definition {
        let mut definition = Definition::new(self.name, self.kind);
        // As the server has it.
        if self.name == "Attacher" {
            definition.format = "name";
        }
        Definition { priority: i64::from(self.wide), ..definition }
    }

    /// Its value.
    pub(super) fn read(&self, object: &Value, now: Moment) -> Value {
        (self.read)(object, now)
    }

    const fn wide(mut self) -> Column {
        self.wide = true;
        self
    }
}

const fn words(name: &'static str, read: Read) -> Column {
    Column { name, kind: "string", wide: false, read }
}

const fn number(name: &'static str, read: Read) -> Column {
    Column { name, kind: "integer", wide: false, read }
}

const fn truth(name: &'static str, read: Read) -> Column {
    Column { name, kind: "boolean", wide: false, read }
}

const fn date(name: &'static str, read: Read) -> Column {
    Column { name, kind: "date", wide: false, read }
}

const NAME: Column = words("Name", |o, _| json!(text(o, "/metadata/name")));
const AGE: Column = words("Age", |o, now| age(o, "/metadata/creationTimestamp", now));
const CREATED: Column = date("Created At", |o, _| created(o));
const CONTAINERS: Column = words("Containers", |o, _| containers(o, "/spec/template")).wide();
const IMAGES: Column = words("Images", |o, _| images(o, "/spec/template")).wide();
const SELECTOR: Column = words("Selector", |o, _| selector(o, "/spec/selector")).wide();
const WEBHOOKS: Column = number("Webhooks", |o, _| json!(list(o, "/webhooks").len()));
const ROLE: &[Column] = &[NAME, CREATED];
const BINDING: &[Column] = &[
    NAME,
    words("Role", |o, _| role(o)),
    AGE,
    words("Users", |o, _| subjects(o, "User")).wide(),
    words("Groups", |o, _| subjects(o, "Group")).wide(),
    words("ServiceAccounts", |o, _| subjects(o, "ServiceAccount")).wide(),
];

/// Plurals and their columns.
type Tables = &'static [(&'static str, &'static [Column])];

/// The columns of the tables of the built-in type `plural`.
pub(super) fn columns(plural: &str) -> Option<&'static [Column]> {
    let mut all = [CORE, WORKLOADS, EXTENSIONS].into_iter().flatten();
    all.find(|(known, _)| *known == plural).map(|(_, columns)| *columns)
}

static CORE: Tables = &[
    (
        "configmaps",
        &[
            NAME,
            words("Data", |o, _| {
                json!(
                    ["/data", "/binaryData"]
                        .iter()
                        .filter_map(|at| map(o, at))
                        .map(serde_json::Map::len)
                        .sum::<usize>()
                )
            }),
            AGE,
        ],
    ),
    (
        "secrets",
        &[
            NAME,
            words("Type", |o, _| json!(text(o, "/type"))),
            words("Data", |o, _| json!(map(o, "/data").map_or(0, serde_json::Map::len))),
            AGE,
        ],
    ),
    ("serviceaccounts", &[NAME, AGE]),
    (
        "persistentvolumeclaims",
        &[
            NAME,
            words("Status", |o, _| {
                let going = !text(o, "/metadata/deletionTimestamp").is_empty();
                json!(if going { "Terminating" } else { text(o, "/status/phase") })
            }),
            words("Volume", |o, _| json!(text(o, "/spec/volumeName"))),
            words("Capacity", |o, _| {
                let bound = !text(o, "/spec/volumeName").is_empty();
                json!(if bound { text(o, "/status/capacity/storage") } else { "" })
            }),
            words("Access Modes", |o, _| {
                let bound = !text(o, "/spec/volumeName").is_empty();
                if bound { access_modes(o, "/status/accessModes") } else { json!("") }
            }),
            words("StorageClass", |o, _| json!(text(o, "/spec/storageClassName"))),
            words("VolumeAttributesClass", |o, _| unset(o, "/spec/volumeAttributesClassName")),
            AGE,
            words("VolumeMode", |o, _| unset(o, "/spec/volumeMode")).wide(),
        ],
    ),
    (
        "persistentvolumes",
        &[
            NAME,
            words("Capacity", |o, _| json!(text(o, "/spec/capacity/storage"))),
            words("Access Modes", |o, _| access_modes(o, "/spec/accessModes")),
            words("Reclaim Policy", |o, _| json!(text(o, "/spec/persistentVolumeReclaimPolicy"))),
            words("Status", |o, _| {
                let going = !text(o, "/metadata/deletionTimestamp").is_empty();
                json!(if going { "Terminating" } else { text(o, "/status/phase") })
            }),
            words("Claim", |o, _| targets_of_claim(o)),
            words("StorageClass", |o, _| json!(text(o, "/spec/storageClassName"))),
            words("VolumeAttributesClass", |o, _| unset(o, "/spec/volumeAttributesClassName")),
            words("Reason", |o, _| json!(text(o, "/status/reason"))),
            AGE,
            words("VolumeMode", |o, _| unset(o, "/spec/volumeMode")).wide(),
        ],
    ),
    (
        "resourcequotas",
        &[NAME, words("Request", |o, _| quota(o, false)), words("Limit", |o, _| quota(o, true)), AGE],
    ),
    ("limitranges", &[NAME, CREATED]),
    (
        "replicationcontrollers",
        &[
            NAME,
            number("Desired", |o, _| json!(int(o, "/spec/replicas"))),
            number("Current", |o, _| json!(int(o, "/status/replicas"))),
            number("Ready", |o, _| json!(int(o, "/status/readyReplicas"))),
            AGE,
            CONTAINERS,
            IMAGES,
            words("Selector", |o, _| labels(o, "/spec/selector")).wide(),
        ],
    ),
];

static WORKLOADS: Tables = &[
    (
        "statefulsets",
        &[
            NAME,
            words("Ready", |o, _| {
                json!(format!("{}/{}", int(o, "/status/readyReplicas"), int(o, "/spec/replicas")))
            }),
            AGE,
            CONTAINERS,
            IMAGES,
        ],
    ),
    (
        "daemonsets",
        &[
            NAME,
            number("Desired", |o, _| json!(int(o, "/status/desiredNumberScheduled"))),
            number("Current", |o, _| json!(int(o, "/status/currentNumberScheduled"))),
            number("Ready", |o, _| json!(int(o, "/status/numberReady"))),
            number("Up-to-date", |o, _| json!(int(o, "/status/updatedNumberScheduled"))),
            number("Available", |o, _| json!(int(o, "/status/numberAvailable"))),
            words("Node Selector", |o, _| labels(o, "/spec/template/spec/nodeSelector")),
            AGE,
            CONTAINERS,
            IMAGES,
            SELECTOR,
        ],
    ),
    (
        "controllerrevisions",
        &[
            NAME,
            words("Controller", |o, _| cells_controller(o)),
            words("Revision", |o, _| json!(int(o, "/revision"))),
            AGE,
        ],
    ),
    (
        "jobs",
        &[
            NAME,
            words("Status", |o, _| job_status(o)),
            words("Completions", |o, _| completions(o)),
            words("Duration", duration),
            AGE,
            CONTAINERS,
            IMAGES,
            SELECTOR,
        ],
    ),
    (
        "cronjobs",
        &[
            NAME,
            words("Schedule", |o, _| json!(text(o, "/spec/schedule"))),
            words("Timezone", |o, _| or(text(o, "/spec/timeZone"), "<none>")),
            truth("Suspend", |o, _| json!(if flag(o, "/spec/suspend") { "True" } else { "False" })),
            number("Active", |o, _| json!(list(o, "/status/active").len())),
            words("Last Schedule", |o, now| since(o, "/status/lastScheduleTime", now)),
            AGE,
            words("Containers", |o, _| containers(o, "/spec/jobTemplate/spec/template")).wide(),
            words("Images", |o, _| images(o, "/spec/jobTemplate/spec/template")).wide(),
            words("Selector", |o, _| selector(o, "/spec/jobTemplate/spec/selector")).wide(),
        ],
    ),
    (
        "horizontalpodautoscalers",
        &[
            NAME,
            words("Reference", |o, _| {
                json!(format!(
                    "{}/{}",
                    text(o, "/spec/scaleTargetRef/kind"),
                    text(o, "/spec/scaleTargetRef/name")
                ))
            }),
            words("Targets", |o, _| metrics(o)),
            words("MinPods", |o, _| match o.pointer("/spec/minReplicas").and_then(Value::as_i64) {
                Some(least) => json!(least.to_string()),
                None => json!("<unset>"),
            }),
            words("MaxPods", |o, _| json!(int(o, "/spec/maxReplicas"))),
            words("Replicas", |o, _| json!(int(o, "/status/currentReplicas"))),
            AGE,
        ],
    ),
    (
        "poddisruptionbudgets",
        &[
            NAME,
            words("Min Available", |o, _| share(o, "/spec/minAvailable")),
            words("Max Unavailable", |o, _| share(o, "/spec/maxUnavailable")),
            number("Allowed Disruptions", |o, _| json!(int(o, "/status/disruptionsAllowed"))),
            AGE,
        ],
    ),
];

static EXTENSIONS: Tables = &[
    (
        "endpointslices",
        &[
            NAME,
            words("AddressType", |o, _| json!(text(o, "/addressType"))),
            words("Ports", |o, _| ports(o)),
            words("Endpoints", |o, _| endpoints(o)),
            AGE,
        ],
    ),
    (
        "ingresses",
        &[
            NAME,
            words("Class", |o, _| or(text(o, "/spec/ingressClassName"), "<none>")),
            words("Hosts", |o, _| hosts(o)),
            words("Address", |o, _| {
                let balancers = list(o, "/status/loadBalancer/ingress").iter();
                joined(balancers.map(|one| [text(one, "/ip"), text(one, "/hostname")].concat()))
            }),
            words("Ports", |o, _| tls_ports(o)),
            AGE,
        ],
    ),
    (
        "ingressclasses",
        &[
            NAME,
            words("Controller", |o, _| json!(text(o, "/spec/controller"))),
            words("Parameters", |o, _| {
                let (kind, name) = (text(o, "/spec/parameters/kind"), text(o, "/spec/parameters/name"));
                json!(if kind.is_empty() { "<none>".to_owned() } else { format!("{kind}/{name}") })
            }),
            AGE,
        ],
    ),
    ("networkpolicies", &[NAME, words("Pod-Selector", |o, _| selector(o, "/spec/podSelector")), AGE]),
    (
        "storageclasses",
        &[
            words("Name", |o, _| {
                let default = "/metadata/annotations/storageclass.kubernetes.io~1is-default-class";
                let mark = if text(o, default) == "true" { " (default)" } else { "" };
                json!(format!("{}{mark}", text(o, "/metadata/name")))
            }),
            words("Provisioner", |o, _| json!(text(o, "/provisioner"))),
            words("ReclaimPolicy", |o, _| or(text(o, "/reclaimPolicy"), "Delete")),
            words("VolumeBindingMode", |o, _| or(text(o, "/volumeBindingMode"), "Immediate")),
            words("AllowVolumeExpansion", |o, _| json!(flag(o, "/allowVolumeExpansion"))),
            AGE,
        ],
    ),
    (
        "volumeattachments",
        &[
            NAME,
            words("Attacher", |o, _| json!(text(o, "/spec/attacher"))),
            words("PV", |o, _| json!(text(o, "/spec/source/persistentVolumeName"))),
            words("Node", |o, _| json!(text(o, "/spec/nodeName"))),
            truth("Attached", |o, _| json!(flag(o, "/status/attached"))),
            AGE,
        ],
    ),
    ("roles", ROLE),
    ("clusterroles", ROLE),
    ("rolebindings", BINDING),
    ("clusterrolebindings", BINDING),
    ("leases", &[NAME, words("Holder", |o, _| json!(text(o, "/spec/holderIdentity"))), AGE]),
    (
        "priorityclasses",
        &[
            NAME,
            number("Value", |o, _| json!(int(o, "/value"))),
            truth("Global-Default", |o, _| json!(flag(o, "/globalDefault"))),
            AGE,
            words("PreemptionPolicy", |o, _| or(text(o, "/preemptionPolicy"), "PreemptLowerPriority")),
        ],
    ),
    (
        "certificatesigningrequests",
        &[
            NAME,
            AGE,
            words("SignerName", |o, _| or(text(o, "/spec/signerName"), "<none>")),
            words("Requestor", |o, _| json!(text(o, "/spec/username"))),
            words("RequestedDuration", |o, _| match int(o, "/spec/expirationSeconds") {
                0 => json!("<none>"),
                seconds => json!(crate::resources::Time(0).age(crate::resources::Time(seconds))),
            }),
            words("Condition", |o, _| conditions_of_request(o)),
        ],
    ),
    ("validatingwebhookconfigurations", &[NAME, WEBHOOKS, AGE]),
    ("mutatingwebhookconfigurations", &[NAME, WEBHOOKS, AGE]),
    (
        "apiservices",
        &[
            NAME,
            words("Service", |o, _| match map(o, "/spec/service") {
                Some(_) => {
                    let at = |field| text(o, field);
                    json!(format!("{}/{}", at("/spec/service/namespace"), at("/spec/service/name")))
                }
                None => json!("Local"),
            }),
            words("Available", |o, _| json!(super::cells::condition(o, "Available"))),
            AGE,
        ],
    ),
    (
        "customresourcedefinitions",
        &[
            NAME,
            words("Scope", |o, _| json!(text(o, "/spec/scope"))),
            words("Versions", |o, _| versions(o)),
            CREATED,
            words("Group", |o, _| json!(text(o, "/spec/group"))).wide(),
            words("Kind", |o, _| json!(text(o, "/spec/names/kind"))).wide(),
            words("ShortNames", |o, _| names(o, "/spec/names/shortNames")).wide(),
            truth("Established", |o, _| json!(super::cells::condition(o, "Established") == "True")).wide(),
        ],
    ),
];

/// A number or a share of pods, of which only one is ever set.
fn share(object: &Value, at: &str) -> Value {
    match object.pointer(at) {
        Some(Value::String(share)) => json!(share),
        Some(Value::Number(number)) => json!(number.to_string()),
        _ => json!("N/A"),
    }
}

fn cells_controller(object: &Value) -> Value {
    let owner = list(object, "/metadata/ownerReferences").iter().find(|owner| flag(owner, "/controller"));
    let name = |owner: &Value| {
        let kind = text(owner, "/kind").to_ascii_lowercase();
        let group = text(owner, "/apiVersion").split_once('/').map(|(group, _)| format!(".{group}"));
        format!("{kind}{}/{}", group.unwrap_or_default(), text(owner, "/name"))
    };
    json!(owner.map_or("<none>".to_owned(), name))
}
