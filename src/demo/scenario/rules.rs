//! What is allowed, and how much: quotas, limits, roles and who has them.

use serde_json::{Value, json};

use super::builder::{Builder, meta};
use crate::demo::world::TypeId;

const RBAC: &str = "rbac.authorization.k8s.io/v1";

impl Builder {
    /// Inserts them for the namespaces that teams work in.
    pub(super) fn rules(&mut self) {
        for (namespace, team) in super::ground::NAMESPACES {
            if matches!(*namespace, "shop" | "payments" | "search" | "staging") {
                self.limits(namespace);
                self.team(namespace, team);
            }
        }
        let created = self.ago(203.0);
        let all = |verbs: &[&str]| json!([{"apiGroups": ["*"], "resources": ["*"], "verbs": verbs}]);
        for (name, rules) in
            [("cluster-admin", all(&["*"])), ("view", all(&["get", "list", "watch"])), ("edit", all(&["*"]))]
        {
            let body = json!({"metadata": meta("", name, created, &Value::Null), "rules": rules});
            self.insert_as(RBAC, "ClusterRole", body);
        }
        let body = json!({
            "metadata": meta("", "platform-admins", created, &Value::Null),
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"},
            "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": "platform"}],
        });
        self.insert_as(RBAC, "ClusterRoleBinding", body);
    }

    fn limits(&mut self, namespace: &str) {
        let created = self.ago(170.0);
        let pods = self.world.store.all(TypeId::PODS, namespace).count();
        let hard = json!({"pods": "200", "requests.cpu": "64", "requests.memory": "128Gi"});
        let (cpu, memory) = self.requested(namespace);
        let used = json!({
            "pods": pods.to_string(), "requests.cpu": format!("{cpu}m"), "requests.memory": format!("{memory}Mi"),
        });
        self.insert(
            TypeId::QUOTAS,
            json!({
                "metadata": meta(namespace, "team", created, &Value::Null),
                "spec": {"hard": hard}, "status": {"hard": hard, "used": used},
            }),
        );
        let limits = json!([{
            "type": "Container", "default": {"memory": "256Mi"}, "defaultRequest": {"cpu": "50m", "memory": "128Mi"},
        }]);
        let body = json!({"metadata": meta(namespace, "defaults", created, &Value::Null), "spec": {"limits": limits}});
        self.insert_as("v1", "LimitRange", body);
    }

    /// What the pods of a namespace ask for: thousandths of a core and MiB.
    fn requested(&self, namespace: &str) -> (i64, i64) {
        use crate::demo::world::value::{list, quantity, text};
        let (mut cpu, mut memory) = (0.0, 0.0);
        for pod in self.world.store.all(TypeId::PODS, namespace) {
            for container in list(&pod.value(), "/spec/containers") {
                let asked = |what: &str| {
                    quantity(text(container, &format!("/resources/requests/{what}"))).unwrap_or_default()
                };
                cpu += asked("cpu") * 1_000.0;
                memory += asked("memory") / f64::from(1 << 20);
            }
        }
        (cpu.round() as i64, memory.round() as i64)
    }

    fn team(&mut self, namespace: &str, team: &str) {
        let created = self.ago(170.0);
        let role = json!({
            "metadata": meta(namespace, "release", created, &Value::Null),
            "rules": [
                {"apiGroups": ["apps"], "resources": ["deployments", "deployments/scale", "statefulsets"], "verbs": ["get", "list", "watch", "update", "patch"]},
                {"apiGroups": [""], "resources": ["pods", "pods/log", "events"], "verbs": ["get", "list", "watch", "delete"]},
            ],
        });
        self.insert_as(RBAC, "Role", role);
        let binding = json!({
            "metadata": meta(namespace, "release", created, &Value::Null),
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "release"},
            "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": team}],
        });
        self.insert_as(RBAC, "RoleBinding", binding);
    }
}
