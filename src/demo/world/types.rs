//! The types of objects that the simulated API server serves: built-in ones, and those that custom resource
//! definitions add.

use std::borrow::Cow;
use std::collections::HashMap;

/// Text that built-in types have in the program and custom ones on the heap.
pub type Text = Cow<'static, str>;

/// Names a type of objects for as long as the world lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TypeId(u16);

/// A type of objects.
#[derive(Debug, Clone)]
pub struct Type {
    /// API group; empty for the core group.
    pub group: Text,
    /// API version.
    pub version: Text,
    /// Plural, as in paths.
    pub plural: Text,
    /// Singular, lower case.
    pub singular: Text,
    /// Kind, camel case.
    pub kind: Text,
    /// Whether objects live in namespaces.
    pub namespaced: bool,
    /// Short names.
    pub short: Vec<Text>,
    /// Categories, such as `all`.
    pub categories: Vec<Text>,
    /// What the path may go on with: `status`, `scale`, `log`, `eviction`.
    pub subresources: Vec<Text>,
    /// The fields besides name and namespace that field selectors may name, as pointers.
    pub selectable: &'static [&'static str],
    /// The columns that a custom resource definition defines; empty for built-in types.
    pub columns: Vec<Column>,
    /// Whether a custom resource definition defines it.
    pub custom: bool,
}

/// A column of a custom resource's table.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// Its title, as the definition writes it.
    pub name: String,
    /// `string`, `integer`, `number`, `boolean` or `date`.
    pub kind: String,
    /// Where its value is, as a simple JSONPath: `.status.phase`.
    pub path: String,
    /// What it says about itself.
    pub description: String,
    /// Above 0 it is a wide column.
    pub priority: i64,
}

impl Type {
    /// `apps/v1`, or `v1` for the core group.
    #[must_use]
    pub fn api_version(&self) -> String {
        if self.group.is_empty() {
            self.version.to_string()
        } else {
            format!("{}/{}", self.group, self.version)
        }
    }

    /// `deployments.apps`, or `pods` for the core group: how messages call it.
    #[must_use]
    pub fn resource(&self) -> String {
        qualified(&self.plural, &self.group)
    }

    /// `Deployment.apps`, or `Pod`: how messages about fields call it.
    #[must_use]
    pub fn qualified_kind(&self) -> String {
        qualified(&self.kind, &self.group)
    }

    /// Whether changes of what is wanted are counted in `metadata.generation`.
    #[must_use]
    pub fn counts_generations(&self) -> bool {
        self.custom
            || matches!(
                &*self.plural,
                "pods"
                    | "replicationcontrollers"
                    | "deployments"
                    | "replicasets"
                    | "statefulsets"
                    | "daemonsets"
                    | "jobs"
                    | "cronjobs"
                    | "horizontalpodautoscalers"
                    | "poddisruptionbudgets"
                    | "ingresses"
                    | "ingressclasses"
                    | "networkpolicies"
                    | "endpointslices"
                    | "priorityclasses"
                    | "validatingwebhookconfigurations"
                    | "mutatingwebhookconfigurations"
                    | "customresourcedefinitions"
            )
    }

    /// Whether the path may go on with `name`.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.subresources.iter().any(|known| known == name)
    }
}

fn qualified(name: &str, group: &str) -> String {
    if group.is_empty() { name.to_owned() } else { format!("{name}.{group}") }
}

/// A built-in type, in the program text.
struct BuiltIn {
    group: &'static str,
    version: &'static str,
    plural: &'static str,
    kind: &'static str,
    namespaced: bool,
    short: &'static [&'static str],
    subresources: &'static [&'static str],
    selectable: &'static [&'static str],
}

const fn built_in(
    group: &'static str,
    version: &'static str,
    plural: &'static str,
    kind: &'static str,
    namespaced: bool,
) -> BuiltIn {
    BuiltIn { group, version, plural, kind, namespaced, short: &[], subresources: &[], selectable: &[] }
}

impl BuiltIn {
    const fn short(mut self, short: &'static [&'static str]) -> BuiltIn {
        self.short = short;
        self
    }

    const fn with(mut self, subresources: &'static [&'static str]) -> BuiltIn {
        self.subresources = subresources;
        self
    }

    const fn selectable(mut self, fields: &'static [&'static str]) -> BuiltIn {
        self.selectable = fields;
        self
    }

    fn to_type(&self) -> Type {
        let all = |names: &'static [&'static str]| names.iter().map(|name| Text::Borrowed(*name)).collect();
        let in_all = matches!(
            self.plural,
            "pods"
                | "services"
                | "replicationcontrollers"
                | "deployments"
                | "replicasets"
                | "statefulsets"
                | "daemonsets"
                | "jobs"
                | "cronjobs"
                | "horizontalpodautoscalers"
        );
        Type {
            group: self.group.into(),
            version: self.version.into(),
            plural: self.plural.into(),
            singular: self.kind.to_ascii_lowercase().into(),
            kind: self.kind.into(),
            namespaced: self.namespaced,
            short: all(self.short),
            categories: if in_all { vec!["all".into()] } else { Vec::new() },
            subresources: all(self.subresources),
            selectable: self.selectable,
            columns: Vec::new(),
            custom: false,
        }
    }
}

const PODS_FIELDS: &[&str] = &["/spec/nodeName", "/status/phase", "/spec/restartPolicy", "/status/podIP"];
const EVENT_FIELDS: &[&str] = &[
    "/involvedObject/kind",
    "/involvedObject/namespace",
    "/involvedObject/name",
    "/involvedObject/uid",
    "/involvedObject/apiVersion",
    "/involvedObject/fieldPath",
    "/reason",
    "/type",
];
const SCALED: &[&str] = &["status", "scale"];
const STATUS: &[&str] = &["status"];

static BUILT_IN: &[BuiltIn] = &[
    built_in("", "v1", "pods", "Pod", true)
        .short(&["po"])
        .with(&["status", "log", "eviction", "ephemeralcontainers", "resize"])
        .selectable(PODS_FIELDS),
    built_in("", "v1", "nodes", "Node", false)
        .short(&["no"])
        .with(STATUS)
        .selectable(&["/spec/unschedulable"]),
    built_in("", "v1", "namespaces", "Namespace", false)
        .short(&["ns"])
        .with(&["status", "finalize"])
        .selectable(&["/status/phase"]),
    built_in("", "v1", "services", "Service", true).short(&["svc"]).with(STATUS),
    built_in("", "v1", "events", "Event", true).short(&["ev"]).selectable(EVENT_FIELDS),
    built_in("", "v1", "configmaps", "ConfigMap", true).short(&["cm"]),
    built_in("", "v1", "secrets", "Secret", true).selectable(&["/type"]),
    built_in("", "v1", "serviceaccounts", "ServiceAccount", true).short(&["sa"]),
    built_in("", "v1", "persistentvolumeclaims", "PersistentVolumeClaim", true).short(&["pvc"]).with(STATUS),
    built_in("", "v1", "persistentvolumes", "PersistentVolume", false).short(&["pv"]).with(STATUS),
    built_in("", "v1", "resourcequotas", "ResourceQuota", true).short(&["quota"]).with(STATUS),
    built_in("", "v1", "limitranges", "LimitRange", true).short(&["limits"]),
    built_in("", "v1", "replicationcontrollers", "ReplicationController", true).short(&["rc"]).with(SCALED),
    built_in("apps", "v1", "deployments", "Deployment", true).short(&["deploy"]).with(SCALED),
    built_in("apps", "v1", "replicasets", "ReplicaSet", true).short(&["rs"]).with(SCALED),
    built_in("apps", "v1", "statefulsets", "StatefulSet", true).short(&["sts"]).with(SCALED),
    built_in("apps", "v1", "daemonsets", "DaemonSet", true).short(&["ds"]).with(STATUS),
    built_in("apps", "v1", "controllerrevisions", "ControllerRevision", true),
    built_in("batch", "v1", "jobs", "Job", true).with(STATUS).selectable(&["/status/successful"]),
    built_in("batch", "v1", "cronjobs", "CronJob", true).short(&["cj"]).with(STATUS),
    built_in("autoscaling", "v2", "horizontalpodautoscalers", "HorizontalPodAutoscaler", true)
        .short(&["hpa"])
        .with(STATUS),
    built_in("policy", "v1", "poddisruptionbudgets", "PodDisruptionBudget", true)
        .short(&["pdb"])
        .with(STATUS),
    built_in("discovery.k8s.io", "v1", "endpointslices", "EndpointSlice", true),
    built_in("networking.k8s.io", "v1", "ingresses", "Ingress", true).short(&["ing"]).with(STATUS),
    built_in("networking.k8s.io", "v1", "ingressclasses", "IngressClass", false),
    built_in("networking.k8s.io", "v1", "networkpolicies", "NetworkPolicy", true).short(&["netpol"]),
    built_in("storage.k8s.io", "v1", "storageclasses", "StorageClass", false).short(&["sc"]),
    built_in("storage.k8s.io", "v1", "volumeattachments", "VolumeAttachment", false),
    built_in("rbac.authorization.k8s.io", "v1", "roles", "Role", true),
    built_in("rbac.authorization.k8s.io", "v1", "rolebindings", "RoleBinding", true),
    built_in("rbac.authorization.k8s.io", "v1", "clusterroles", "ClusterRole", false),
    built_in("rbac.authorization.k8s.io", "v1", "clusterrolebindings", "ClusterRoleBinding", false),
    built_in("coordination.k8s.io", "v1", "leases", "Lease", true),
    built_in("scheduling.k8s.io", "v1", "priorityclasses", "PriorityClass", false).short(&["pc"]),
    built_in("certificates.k8s.io", "v1", "certificatesigningrequests", "CertificateSigningRequest", false)
        .short(&["csr"])
        .with(&["status", "approval"])
        .selectable(&["/spec/signerName"]),
    built_in(
        "admissionregistration.k8s.io",
        "v1",
        "validatingwebhookconfigurations",
        "ValidatingWebhookConfiguration",
        false,
    ),
    built_in(
        "admissionregistration.k8s.io",
        "v1",
        "mutatingwebhookconfigurations",
        "MutatingWebhookConfiguration",
        false,
    ),
    built_in("apiregistration.k8s.io", "v1", "apiservices", "APIService", false).with(STATUS),
    built_in("apiextensions.k8s.io", "v1", "customresourcedefinitions", "CustomResourceDefinition", false)
        .short(&["crd", "crds"])
        .with(STATUS),
];

/// The identity of a built-in type. It is looked up while compiling: a name that is not in the table does not compile.
const fn id(plural: &str) -> TypeId {
    let mut at = 0;
    while at < BUILT_IN.len() {
        if same(BUILT_IN[at].plural.as_bytes(), plural.as_bytes()) {
            return TypeId(at as u16);
        }
        at += 1;
    }
    panic!("no such built-in type");
}

const fn same(one: &[u8], other: &[u8]) -> bool {
    if one.len() != other.len() {
        return false;
    }
    let mut at = 0;
    while at < one.len() {
        if one[at] != other[at] {
            return false;
        }
        at += 1;
    }
    true
}

macro_rules! built_in_ids {
    ($($name:ident = $plural:literal;)*) => { impl TypeId { $(
        #[doc = concat!("`", $plural, "`")]
        pub const $name: TypeId = id($plural);
    )* } };
}

built_in_ids! {
    PODS = "pods";
    NODES = "nodes";
    NAMESPACES = "namespaces";
    SERVICES = "services";
    EVENTS = "events";
    CONFIG_MAPS = "configmaps";
    SECRETS = "secrets";
    SERVICE_ACCOUNTS = "serviceaccounts";
    CLAIMS = "persistentvolumeclaims";
    VOLUMES = "persistentvolumes";
    QUOTAS = "resourcequotas";
    DEPLOYMENTS = "deployments";
    REPLICA_SETS = "replicasets";
    STATEFUL_SETS = "statefulsets";
    DAEMON_SETS = "daemonsets";
    CONTROLLER_REVISIONS = "controllerrevisions";
    JOBS = "jobs";
    CRON_JOBS = "cronjobs";
    AUTOSCALERS = "horizontalpodautoscalers";
    BUDGETS = "poddisruptionbudgets";
    ENDPOINT_SLICES = "endpointslices";
    LEASES = "leases";
    INGRESSES = "ingresses";
    NETWORK_POLICIES = "networkpolicies";
    ROLE_BINDINGS = "rolebindings";
    CLUSTER_ROLE_BINDINGS = "clusterrolebindings";
    DEFINITIONS = "customresourcedefinitions";
    STORAGE_CLASSES = "storageclasses";
}

/// All types, and how they are found.
#[derive(Debug)]
pub struct Types {
    all: Vec<Type>,
    by_path: HashMap<(Text, Text, Text), TypeId>,
}

impl Default for Types {
    fn default() -> Self {
        let mut types = Types { all: Vec::new(), by_path: HashMap::new() };
        for built_in in BUILT_IN {
            types.add(built_in.to_type());
        }
        types
    }
}

impl Types {
    /// Adds a type, or takes this for what it is from now on. Answers its identity.
    pub fn add(&mut self, new: Type) -> TypeId {
        let path = (new.group.clone(), new.version.clone(), new.plural.clone());
        if let Some(known) = self.by_path.get(&path) {
            self.all[usize::from(known.0)] = new;
            return *known;
        }
        let id = TypeId(self.all.len() as u16);
        self.all.push(new);
        self.by_path.insert(path, id);
        id
    }

    /// Takes a custom type away: it is not found any more.
    pub fn remove(&mut self, group: &str, plural: &str) {
        self.by_path.retain(|(of, _, name), _| !(of == group && name == plural));
    }

    /// The type behind `/apis/GROUP/VERSION/PLURAL`.
    #[must_use]
    pub fn at(&self, group: &str, version: &str, plural: &str) -> Option<TypeId> {
        // The map owns its keys; looked up by reference they would need the same lifetime.
        let path = (group.to_owned().into(), version.to_owned().into(), plural.to_owned().into());
        self.by_path.get(&path).copied()
    }

    /// The type of this kind, as `apiVersion` and `kind` name it.
    #[must_use]
    pub fn of_kind(&self, api_version: &str, kind: &str) -> Option<TypeId> {
        self.served().find(|(_, of)| of.kind == kind && of.api_version() == api_version).map(|(id, _)| id)
    }

    /// What is known of a type.
    #[must_use]
    pub fn get(&self, id: TypeId) -> &Type {
        &self.all[usize::from(id.0)]
    }

    /// All types that are served, in the order in which they were added.
    pub fn served(&self) -> impl Iterator<Item = (TypeId, &Type)> {
        let mut ids: Vec<TypeId> = self.by_path.values().copied().collect();
        ids.sort();
        ids.into_iter().map(|id| (id, self.get(id)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_found_by_path_and_by_kind() {
        let types = Types::default();
        assert_eq!(types.at("apps", "v1", "deployments"), Some(TypeId::DEPLOYMENTS));
        assert_eq!(types.of_kind("v1", "Pod"), Some(TypeId::PODS));
        assert_eq!(types.get(TypeId::DEPLOYMENTS).resource(), "deployments.apps");
        assert_eq!(types.get(TypeId::PODS).resource(), "pods");
        assert_eq!(types.at("", "v1", "deployments"), None);
    }
}
