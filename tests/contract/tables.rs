//! Tables: what kubectl prints is made by the server.

use serde_json::{Value, json};

use crate::api::{Api, TABLE, deployment, version};

/// The columns of built-in types: `#` is a number, `?` yes or no, `@` a date, `=` the name, `*` a wide column.
const COLUMNS: &[(&str, &str)] = &[
    ("/api/v1/pods", "Name=, Ready, Status, Restarts, Age, IP*, Node*, Nominated Node*, Readiness Gates*"),
    (
        "/api/v1/nodes",
        "Name=, Status, Roles, Age, Version, Internal-IP*, External-IP*, OS-Image*, Kernel-Version*, Container-Runtime*",
    ),
    ("/api/v1/namespaces", "Name=, Status, Age"),
    ("/api/v1/services", "Name=, Type, Cluster-IP, External-IP, Port(s), Age, Selector*"),
    (
        "/api/v1/events",
        "Last Seen, Type, Reason, Object, Subobject*, Source*, Message, First Seen*, Count*, Name=*",
    ),
    ("/api/v1/configmaps", "Name=, Data, Age"),
    ("/api/v1/secrets", "Name=, Type, Data, Age"),
    ("/api/v1/serviceaccounts", "Name=, Age"),
    (
        "/api/v1/persistentvolumeclaims",
        "Name=, Status, Volume, Capacity, Access Modes, StorageClass, VolumeAttributesClass, Age, VolumeMode*",
    ),
    (
        "/api/v1/persistentvolumes",
        "Name=, Capacity, Access Modes, Reclaim Policy, Status, Claim, StorageClass, VolumeAttributesClass, Reason, Age, VolumeMode*",
    ),
    ("/api/v1/resourcequotas", "Name=, Request, Limit, Age"),
    ("/api/v1/limitranges", "Name=, Created At@"),
    (
        "/api/v1/replicationcontrollers",
        "Name=, Desired#, Current#, Ready#, Age, Containers*, Images*, Selector*",
    ),
    (
        "/apis/apps/v1/deployments",
        "Name=, Ready, Up-to-date, Available, Age, Containers*, Images*, Selector*",
    ),
    ("/apis/apps/v1/replicasets", "Name=, Desired#, Current#, Ready#, Age, Containers*, Images*, Selector*"),
    ("/apis/apps/v1/statefulsets", "Name=, Ready, Age, Containers*, Images*"),
    (
        "/apis/apps/v1/daemonsets",
        "Name=, Desired#, Current#, Ready#, Up-to-date#, Available#, Node Selector, Age, Containers*, Images*, Selector*",
    ),
    ("/apis/apps/v1/controllerrevisions", "Name=, Controller, Revision, Age"),
    ("/apis/batch/v1/jobs", "Name=, Status, Completions, Duration, Age, Containers*, Images*, Selector*"),
    (
        "/apis/batch/v1/cronjobs",
        "Name=, Schedule, Timezone, Suspend?, Active#, Last Schedule, Age, Containers*, Images*, Selector*",
    ),
    (
        "/apis/autoscaling/v2/horizontalpodautoscalers",
        "Name=, Reference, Targets, MinPods, MaxPods, Replicas, Age",
    ),
    (
        "/apis/policy/v1/poddisruptionbudgets",
        "Name=, Min Available, Max Unavailable, Allowed Disruptions#, Age",
    ),
    ("/apis/discovery.k8s.io/v1/endpointslices", "Name=, AddressType, Ports, Endpoints, Age"),
    ("/apis/networking.k8s.io/v1/ingresses", "Name=, Class, Hosts, Address, Ports, Age"),
    ("/apis/networking.k8s.io/v1/ingressclasses", "Name=, Controller, Parameters, Age"),
    ("/apis/networking.k8s.io/v1/networkpolicies", "Name=, Pod-Selector, Age"),
    (
        "/apis/storage.k8s.io/v1/storageclasses",
        "Name=, Provisioner, ReclaimPolicy, VolumeBindingMode, AllowVolumeExpansion, Age",
    ),
    ("/apis/storage.k8s.io/v1/volumeattachments", "Name=, Attacher=, PV, Node, Attached?, Age"),
    ("/apis/rbac.authorization.k8s.io/v1/roles", "Name=, Created At@"),
    (
        "/apis/rbac.authorization.k8s.io/v1/rolebindings",
        "Name=, Role, Age, Users*, Groups*, ServiceAccounts*",
    ),
    ("/apis/rbac.authorization.k8s.io/v1/clusterroles", "Name=, Created At@"),
    (
        "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
        "Name=, Role, Age, Users*, Groups*, ServiceAccounts*",
    ),
    ("/apis/coordination.k8s.io/v1/leases", "Name=, Holder, Age"),
    ("/apis/scheduling.k8s.io/v1/priorityclasses", "Name=, Value#, Global-Default?, Age, PreemptionPolicy"),
    (
        "/apis/certificates.k8s.io/v1/certificatesigningrequests",
        "Name=, Age, SignerName, Requestor, RequestedDuration, Condition",
    ),
    ("/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations", "Name=, Webhooks#, Age"),
    ("/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations", "Name=, Webhooks#, Age"),
    ("/apis/apiregistration.k8s.io/v1/apiservices", "Name=, Service, Available, Age"),
    (
        "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
        "Name=, Scope, Versions, Created At@, Group*, Kind*, ShortNames*, Established?*",
    ),
];

fn columns(table: &Value) -> String {
    let column = |column: &Value| {
        let kind = match column["type"].as_str().unwrap() {
            "string" => "",
            "integer" => "#",
            "boolean" => "?",
            "date" => "@",
            other => other,
        };
        let name = if column["format"] == "name" { "=" } else { "" };
        let wide = if column["priority"] == 0 { "" } else { "*" };
        format!("{}{kind}{name}{wide}", column["name"].as_str().unwrap())
    };
    let columns = table["columnDefinitions"].as_array().unwrap().iter().map(column);
    columns.collect::<Vec<_>>().join(", ")
}

#[tokio::test]
async fn every_built_in_type_has_its_columns() {
    let api = Api::new().await;
    for (path, wanted) in COLUMNS {
        let table = api.get_as(&format!("{path}?limit=1"), TABLE).await.ok();
        assert_eq!(columns(&table), *wanted, "{path}");
    }
}

#[tokio::test]
async fn a_table_has_rows_and_the_metadata_of_what_they_show() {
    let api = Api::new().await;
    let created = api.config_map("a", json!({"app": "web"})).await;
    let path = format!("{}?labelSelector=app", api.core("configmaps"));
    let table = api.get_as(&path, TABLE).await.ok();
    assert_eq!((&table["kind"], &table["apiVersion"]), (&json!("Table"), &json!("meta.k8s.io/v1")));
    assert!(version(&table).parse::<u64>().is_ok(), "{table}");
    let row = &table["rows"][0];
    assert_eq!((&row["cells"][0], &row["cells"][1]), (&json!("a"), &json!(1)));
    let metadata = json!({
        "kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": created["metadata"],
    });
    assert_eq!(row["object"], metadata);
    let bare = api.get_as(&format!("{path}&includeObject=None"), TABLE).await.ok();
    assert_eq!(bare["rows"][0]["object"], Value::Null);
    let whole = api.get_as(&format!("{path}&includeObject=Object"), TABLE).await.ok();
    assert_eq!(whole["rows"][0]["object"], created);
    let one = api.get_as(&api.core("configmaps/a"), TABLE).await.ok();
    assert_eq!((version(&one), &one["rows"][0]["cells"][0]), (version(&created), &json!("a")));
}

#[tokio::test]
async fn a_list_of_metadata_has_nothing_else() {
    let api = Api::new().await;
    let created = api.config_map("a", json!({"app": "web"})).await;
    let accept = "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io";
    let list = api.get_as(&format!("{}?labelSelector=app", api.core("configmaps")), accept).await.ok();
    let one = json!({
        "kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": created["metadata"],
    });
    assert_eq!(list["items"], json!([one]));
    assert_eq!(
        (&list["kind"], &list["apiVersion"]),
        (&json!("PartialObjectMetadataList"), &json!("meta.k8s.io/v1"))
    );
    let accept = "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io";
    assert_eq!(api.get_as(&api.core("configmaps/a"), accept).await.ok(), one);
}

#[tokio::test]
async fn rows_say_what_kubectl_shows() {
    let api = Api::new().await;
    let app = json!({"containers": [{"name": "app", "image": "web:1"}], "restartPolicy": "Never"});
    let labels = json!({"metadata": {"labels": {"app": "web"}}, "spec": app});
    let jobs = format!("/apis/batch/v1/namespaces/{}", api.namespace);
    let net = format!("/apis/networking.k8s.io/v1/namespaces/{}", api.namespace);
    let cases = [
        (
            api.apps("deployments"),
            deployment("web", 0),
            json!(["web", "0/0", 0, 0, null, "app", "example.com/web:1", "app=web"]),
        ),
        (
            api.core("services"),
            json!({"metadata": {"name": "web"}, "spec": {"clusterIP": "None", "ports": [{"port": 80, "name": "y"}, {"port": 53, "protocol": "UDP", "name": "x"}]}}),
            json!(["web", "ClusterIP", "None", "<none>", "80/TCP,53/UDP", null, "<none>"]),
        ),
        (
            api.core("secrets"),
            json!({"metadata": {"name": "s"}, "data": {"a": "Yg=="}}),
            json!(["s", "Opaque", 1, null]),
        ),
        (
            format!("{jobs}/cronjobs"),
            json!({"metadata": {"name": "c"}, "spec": {"schedule": "0 3 * * *", "suspend": true, "jobTemplate": {"spec": {"template": labels}}}}),
            json!(["c", "0 3 * * *", "<none>", "True", 0, "<none>", null, "app", "web:1", "<none>"]),
        ),
        (
            format!("{net}/ingresses"),
            json!({"metadata": {"name": "i"}, "spec": {"ingressClassName": "x", "rules": [{"host": "a.example.com"}], "tls": [{"hosts": ["a.example.com"]}]}}),
            json!(["i", "x", "a.example.com", "", "80, 443", null]),
        ),
        (
            format!("{net}/networkpolicies"),
            json!({"metadata": {"name": "n"}, "spec": {"podSelector": {"matchLabels": {"app": "web"}}}}),
            json!(["n", "app=web", null]),
        ),
        (
            format!("/apis/policy/v1/namespaces/{}/poddisruptionbudgets", api.namespace),
            json!({"metadata": {"name": "p"}, "spec": {"minAvailable": "50%", "selector": {"matchLabels": {"app": "none"}}}}),
            json!(["p", "50%", "N/A", 0, null]),
        ),
        (
            format!("/apis/rbac.authorization.k8s.io/v1/namespaces/{}/rolebindings", api.namespace),
            json!({
                "metadata": {"name": "r"}, "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "x"},
                "subjects": [
                    {"kind": "User", "name": "ann", "apiGroup": "rbac.authorization.k8s.io"},
                    {"kind": "ServiceAccount", "name": "bot", "namespace": "x"},
                ],
            }),
            json!(["r", "Role/x", null, "ann", "", "x/bot"]),
        ),
        (
            format!("/apis/autoscaling/v2/namespaces/{}/horizontalpodautoscalers", api.namespace),
            json!({"metadata": {"name": "h"}, "spec": {
                "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "none"}, "maxReplicas": 4,
                "metrics": [{"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 80}}}],
            }}),
            json!(["h", "Deployment/none", "cpu: <unknown>/80%", "1", 4, 0, null]),
        ),
        (
            api.core("persistentvolumeclaims"),
            json!({"metadata": {"name": "v"}, "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}}),
            json!(["v", "Pending", "", "", "", "", "<unset>", null, "Filesystem"]),
        ),
    ];
    for (path, body, wanted) in cases {
        api.create(&path, body).await;
        let table = api.get_as(&path, TABLE).await.ok();
        let mut cells = table["rows"][0]["cells"].clone();
        // How old it is depends on when one looks.
        for (at, wanted) in
            wanted.as_array().unwrap().iter().enumerate().filter(|(_, wanted)| wanted.is_null())
        {
            cells[at] = wanted.clone();
        }
        assert_eq!(cells, wanted, "{path}");
    }
}

#[tokio::test]
async fn a_definition_makes_its_resources_served_and_takes_them_with_it() {
    let api = Api::new().await;
    let group = format!("{}.example.com", api.namespace);
    let definition = json!({
        "metadata": {"name": format!("boats.{group}")},
        "spec": {
            "group": group, "scope": "Namespaced",
            "names": {"plural": "boats", "singular": "boat", "kind": "Boat", "shortNames": ["bo"]},
            "versions": [{
                "name": "v1", "served": true, "storage": true,
                "schema": {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": true}},
                "subresources": {"status": {}},
                "additionalPrinterColumns": [
                    {"name": "Length", "type": "integer", "jsonPath": ".spec.length"},
                    {"name": "Ready", "type": "string", "jsonPath": ".status.conditions[?(@.type==\"Ready\")].status"},
                    {"name": "Crew", "type": "string", "jsonPath": ".spec.crew[0].name", "priority": 1},
                ],
            }],
        },
    });
    let definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
    api.create(definitions, definition).await;
    let path = format!("{definitions}/boats.{group}");
    let is_established = |value: &Value| {
        let conditions = value["status"]["conditions"].as_array();
        conditions
            .is_some_and(|all| all.iter().any(|one| one["type"] == "Established" && one["status"] == "True"))
    };
    api.until("the definition is established", &path, is_established).await;
    let boats = format!("/apis/{group}/v1/namespaces/{}/boats", api.namespace);
    api.until("boats are served", &boats, |_| true).await;
    let boat = json!({
        "apiVersion": format!("{group}/v1"), "kind": "Boat", "metadata": {"name": "a"},
        "spec": {"length": 12, "crew": [{"name": "ann"}]},
    });
    let created = api.create(&boats, boat).await;
    assert_eq!(created["metadata"]["generation"], 1);
    let status = json!({"status": {"conditions": [{"type": "Ready", "status": "True"}]}});
    api.patch(&format!("{boats}/a/status"), crate::api::MERGE, status).await.ok();
    let table = api.get_as(&boats, TABLE).await.ok();
    assert_eq!(columns(&table), "Name=, Length#, Ready, Crew*");
    assert_eq!(table["rows"][0]["cells"], json!(["a", 12, "True", "ann"]));
    let list = api.get(&boats).await.ok();
    assert_eq!((&list["kind"], &list["items"][0]["kind"]), (&json!("BoatList"), &json!("Boat")));
    let blind = json!({
        "apiVersion": format!("{group}/v1"), "kind": "Boat", "metadata": {"name": "a"}, "spec": {"length": 9},
    });
    let answer = api.put(&format!("{boats}/a"), blind).await;
    assert_eq!(answer.refused(), (422, "Invalid"), "a replacement says which version it is for");
    assert_eq!(answer.1["details"]["causes"][0]["field"], "metadata.resourceVersion");
    let answer = api.patch(&format!("{boats}/a"), crate::api::STRATEGIC, json!({})).await;
    assert_eq!(answer.refused(), (415, "UnsupportedMediaType"));
    let catalogue = api.get(&format!("/apis/{group}/v1")).await.ok();
    let resources: Vec<&str> =
        catalogue["resources"].as_array().unwrap().iter().map(|r| r["name"].as_str().unwrap()).collect();
    assert_eq!(resources, ["boats", "boats/status"]);
    api.delete(&path, json!({})).await.ok();
    api.eventually("boats are served no more", async || match api.get(&boats).await.0 {
        404 => Ok(()),
        code => Err(code.to_string()),
    })
    .await;
}
