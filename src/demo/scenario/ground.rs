//! What everything else stands on: nodes in zones, namespaces, classes of storage and of priority.

use serde_json::{Value, json};

use super::builder::{Builder, DAY, Host, digest, meta};
use super::pods::PRIORITIES;
use crate::demo::world::{Moment, TypeId, World};

/// The namespaces, with the team that each belongs to.
pub(super) const NAMESPACES: &[(&str, &str)] = &[
    ("default", "platform"),
    ("kube-system", "platform"),
    ("kube-public", "platform"),
    ("kube-node-lease", "platform"),
    ("ingress", "platform"),
    ("monitoring", "observability"),
    ("payments", "payments"),
    ("platform", "platform"),
    ("search", "discovery"),
    ("shop", "shop"),
    ("staging", "shop"),
];

const ZONES: [&str; 3] = ["eu-west-a", "eu-west-b", "eu-west-c"];
/// Nodes of a cluster of usual size.
const NODES: usize = 8;
/// Pods that such a cluster has room for in any case.
const ROOM: usize = 260;
/// Pods of further teams for which there is one node more.
const PER_NODE: usize = 70;
/// What pods may use of a node: thousandths of a core, MiB, number.
const FREE: [i64; 3] = [15_800, 62_464, 110];

/// The nodes of a cluster of about so many pods.
pub(super) fn hosts(world: &World, pods: usize) -> Vec<Host> {
    let count = NODES + pods.saturating_sub(ROOM).div_ceil(PER_NODE);
    (0..count)
        .map(|at| {
            let graphics = at == NODES - 1;
            let (zone, number) = (ZONES[at % 3], if graphics { 1 } else { at / 3 + 1 });
            let letter = &zone[zone.len() - 1..];
            let name = if graphics {
                format!("graphics-{letter}{number}")
            } else {
                format!("worker-{letter}{number}")
            };
            // One came lately, the rest when the cluster did.
            let days = if at == 5 { 11.4 } else { (204.0 - at as f64 / 40.0).max(160.0) };
            let created = world.now.plus_ms(-(days * DAY) as i64);
            let address = format!("10.{}.{}.{}", 20 + at % 3, at / 3 / 200, 10 + at / 3 % 200);
            let network = format!("10.{}.{}", 128 + at / 256, at % 256);
            Host::new(name, zone, (address, network), (created, graphics), FREE)
        })
        .collect()
}

impl Builder {
    /// Inserts the nodes, with the leases by which they say that they are there.
    pub(super) fn nodes(&mut self) {
        for host in self.hosts.clone() {
            let node = node(self.world.seed, self.world.now, &host);
            let object = self.insert(TypeId::NODES, node);
            let mut metadata = meta("kube-node-lease", &host.name, host.created, &Value::Null);
            metadata["ownerReferences"] = json!([
                {"apiVersion": "v1", "kind": "Node", "name": host.name, "uid": object.uid.to_string()},
            ]);
            let spec = json!({
                "holderIdentity": host.name, "leaseDurationSeconds": 40,
                "renewTime": self.world.now.micro(),
            });
            self.insert(TypeId::LEASES, json!({"metadata": metadata, "spec": spec}));
        }
    }

    pub(super) fn namespace(&mut self, name: &str, team: &str) {
        let created = self.ago(204.1);
        let metadata = meta("", name, created, &json!({"example.com/team": team}));
        self.insert(TypeId::NAMESPACES, json!({"metadata": metadata}));
        let metadata = meta(name, "default", created, &Value::Null);
        self.insert(TypeId::SERVICE_ACCOUNTS, json!({"metadata": metadata}));
        let mut metadata = meta(name, "kube-root-ca.crt", created, &Value::Null);
        metadata["annotations"] = json!({
            "kubernetes.io/description": "Contains a CA bundle that can be used to verify the kube-apiserver when \
                                          using internal endpoints such as the internal service IP.",
        });
        let authority = "-----BEGIN CERTIFICATE-----\nbm90IGEgcmVhbCBvbmU=\n-----END CERTIFICATE-----\n";
        self.insert(TypeId::CONFIG_MAPS, json!({"metadata": metadata, "data": {"ca.crt": authority}}));
    }

    /// Classes of priority and of storage.
    pub(super) fn classes(&mut self) {
        let created = self.ago(204.0);
        for (name, value, description) in PRIORITIES {
            let body = json!({
                "metadata": meta("", name, created, &Value::Null), "value": value, "globalDefault": false,
                "description": description, "preemptionPolicy": "PreemptLowerPriority",
            });
            self.insert_as("scheduling.k8s.io/v1", "PriorityClass", body);
        }
        for (name, kind, default) in [("fast", "ssd", false), ("standard", "balanced", true)] {
            let mut metadata = meta("", name, created, &Value::Null);
            metadata["annotations"] =
                json!({"storageclass.kubernetes.io/is-default-class": default.to_string()});
            let body = json!({
                "metadata": metadata, "provisioner": "disks.csi.example.com", "parameters": {"type": kind},
                "reclaimPolicy": "Delete", "volumeBindingMode": "WaitForFirstConsumer", "allowVolumeExpansion": true,
            });
            self.insert_as("storage.k8s.io/v1", "StorageClass", body);
        }
    }
}

fn node(seed: u64, now: Moment, host: &Host) -> Value {
    let kind = if host.graphics { "graphics-16" } else { "general-16" };
    let mut labels = json!({
        "kubernetes.io/hostname": host.name, "kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64",
        "beta.kubernetes.io/os": "linux", "beta.kubernetes.io/arch": "amd64",
        "node.kubernetes.io/instance-type": kind, "topology.kubernetes.io/region": "eu-west",
        "topology.kubernetes.io/zone": host.zone, "node-role.kubernetes.io/worker": "",
    });
    let mut allocatable =
        json!({"cpu": "15800m", "memory": "62464Mi", "pods": "110", "ephemeral-storage": "95Gi"});
    let mut capacity = json!({"cpu": "16", "memory": "64Gi", "pods": "110", "ephemeral-storage": "100Gi"});
    let mut spec = json!({
        "podCIDR": format!("{}.0/24", host.network), "podCIDRs": [format!("{}.0/24", host.network)],
        "providerID": format!("example://{}/{}", host.zone, &digest(seed, &[&host.name, "machine"])[..12]),
    });
    if host.graphics {
        labels["example.com/accelerator"] = "graphics".into();
        spec["taints"] = json!([{"key": "dedicated", "value": "graphics", "effect": "NoSchedule"}]);
        for all in [&mut allocatable, &mut capacity] {
            all["example.com/gpu"] = "2".into();
        }
    }
    let metadata = meta("", &host.name, host.created, &labels);
    json!({
        "metadata": metadata, "spec": spec,
        "status": {
            "addresses": [
                {"type": "InternalIP", "address": host.address}, {"type": "Hostname", "address": host.name},
            ],
            "capacity": capacity, "allocatable": allocatable,
            "conditions": conditions(now, host.created),
            "daemonEndpoints": {"kubeletEndpoint": {"Port": 10250}},
            "nodeInfo": {
                "architecture": "amd64", "operatingSystem": "linux", "osImage": "Debian GNU/Linux 13 (trixie)",
                "kernelVersion": "6.12.48+deb13-amd64", "containerRuntimeVersion": "containerd://2.1.4",
                "kubeletVersion": "v1.37.0", "kubeProxyVersion": "",
                "machineID": &digest(seed, &[&host.name, "id"])[..32],
                "bootID": &digest(seed, &[&host.name, "boot"])[..32], "systemUUID": &digest(seed, &[&host.name, "system"])[..32],
            },
        },
    })
}

fn conditions(now: Moment, created: Moment) -> Value {
    let condition = |kind: &str, status: &str, reason: &str, message: &str| {
        json!({
            "type": kind, "status": status, "reason": reason, "message": message,
            "lastHeartbeatTime": now.rfc3339(), "lastTransitionTime": created.plus(40).rfc3339(),
        })
    };
    json!([
        condition(
            "MemoryPressure",
            "False",
            "KubeletHasSufficientMemory",
            "kubelet has sufficient memory available"
        ),
        condition("DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
        condition("PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
        condition("Ready", "True", "KubeletReady", "kubelet is posting ready status"),
    ])
}
