//! Services.

use super::*;

fn service(kind: &str, patch: &Value) -> Value {
    let mut object = json!({
        "metadata": metadata("web"),
        "spec": {
            "type": kind, "clusterIP": "10.96.0.17", "clusterIPs": ["10.96.0.17", "fd00::17"],
            "ports": [{"name": "http", "port": 80, "targetPort": "http", "protocol": "TCP"}],
            "selector": {"tier": "front", "app": "web"},
            "sessionAffinity": "None",
        },
        "status": {"loadBalancer": {}},
    });
    merge(&mut object, patch);
    object
}

#[test]
fn a_service_has_the_cells_of_kubectl() {
    let row = row("services", &service("ClusterIP", &json!({})));
    assert_eq!(line("services", &*row), "web|ClusterIP|10.96.0.17|<none>|80/TCP|15m|app=web,tier=front");
    assert_eq!(row.health(), Health::Healthy);
    assert_eq!(way(&*row).as_deref(), Some("pods shop [app=web,tier=front] []"));
}

#[test]
fn ports_are_written_with_their_node_ports() {
    let ports = json!({"spec": {"ports": [
        {"port": 80, "nodePort": 30080, "protocol": "TCP"}, {"port": 53, "protocol": "UDP"}, {"port": 9, "protocol": "SCTP", "nodePort": 0},
    ]}});
    let row = row("services", &service("NodePort", &ports));
    assert_eq!(cell("services", &*row, "PORT(S)"), "80:30080/TCP,53/UDP,9/SCTP");
}

#[test]
fn a_headless_service_and_one_without_anything_say_so() {
    let headless =
        service("ClusterIP", &json!({"spec": {"clusterIPs": ["None"], "ports": null, "selector": null}}));
    let headless = row("services", &headless);
    assert_eq!(line("services", &*headless), "web|ClusterIP|None|<none>|<none>|15m|<none>");
    assert_eq!(way(&*headless), None, "endpoints that someone else keeps");
    let bare = row("services", &json!({"metadata": {"name": "x"}}));
    assert_eq!(line("services", &*bare), "x||<none>|<unknown>|<none>|<unknown>|<none>");
}

#[test]
fn the_external_address_goes_by_the_type() {
    let ingress = |list: Value| json!({"status": {"loadBalancer": {"ingress": list}}});
    let own = json!({"spec": {"externalIPs": ["192.0.2.9", "192.0.2.1"]}});
    let both = |mut a: Value, b: &Value| {
        merge(&mut a, b);
        a
    };
    let balanced = ingress(
        json!([{"hostname": "b.example.com"}, {"ip": "198.51.100.7", "hostname": "x"}, {"ip": "198.51.100.7"}, {}]),
    );
    let cases = [
        ("NodePort", json!({}), "<none>"),
        ("ClusterIP", own.clone(), "192.0.2.9,192.0.2.1"),
        ("NodePort", own.clone(), "192.0.2.9,192.0.2.1"),
        ("LoadBalancer", json!({}), "<pending>"),
        ("LoadBalancer", json!({"status": {"loadBalancer": {"ingress": null}}}), "<pending>"),
        ("LoadBalancer", json!({"status": null}), "<pending>"),
        ("LoadBalancer", balanced.clone(), "198.51.100.7,b.example.com"),
        ("LoadBalancer", own.clone(), "192.0.2.9,192.0.2.1"),
        ("LoadBalancer", both(balanced, &own), "198.51.100.7,b.example.com,192.0.2.9,192.0.2.1"),
        ("ExternalName", json!({"spec": {"externalName": "db.example.com"}}), "db.example.com"),
        ("Novel", json!({}), "<unknown>"),
    ];
    for (kind, patch, text) in cases {
        let row = row("services", &service(kind, &patch));
        assert_eq!(cell("services", &*row, "EXTERNAL-IP"), text, "{kind} {patch}");
        let health = if text == "<pending>" { Health::Progressing } else { Health::Healthy };
        assert_eq!(row.health(), health, "{kind} {patch}");
    }
}

#[test]
fn a_name_for_another_host_has_no_pods() {
    let row = row("services", &service("ExternalName", &json!({"spec": {"externalName": "db.example.com"}})));
    assert_eq!(way(&*row), None);
}

#[test]
fn a_service_that_is_being_deleted_is_in_progress() {
    let deleted = json!({"metadata": {"deletionTimestamp": "2026-07-01T12:00:00Z"}});
    assert_eq!(row("services", &service("ClusterIP", &deleted)).health(), Health::Progressing);
}
