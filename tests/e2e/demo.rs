//! kubectl against the simulated server, and beside it against the real one.

use std::process::{Command, Output, Stdio};

use kittiwake::demo::Demo;
use serde_json::Value;

use crate::lab::{config, eventually, variable};
use crate::simulation::start;
use crate::tables::Printed;

/// Objects of the kinds that people write most, with as little in them as will do.
const MANIFEST: &str = include_str!("demo.yaml");

/// kubectl with a kubeconfig and a namespace.
struct Kubectl {
    kubeconfig: String,
    namespace: String,
    cache: tempfile::TempDir,
}

impl Kubectl {
    fn new(kubeconfig: &str, namespace: &str) -> Kubectl {
        let kubectl = Kubectl {
            kubeconfig: kubeconfig.to_owned(),
            namespace: namespace.to_owned(),
            cache: tempfile::tempdir().unwrap(),
        };
        kubectl.apply(&format!("{{apiVersion: v1, kind: Namespace, metadata: {{name: {namespace}}}}}"));
        kubectl
    }

    fn of(demo: &Demo, namespace: &str) -> Kubectl {
        Kubectl::new(&demo.kubeconfig_path().display().to_string(), namespace)
    }

    fn output(&self, args: &str, input: Option<&str>) -> Output {
        let mut command = Command::new(variable("KW_LAB_BIN").join("kubectl"));
        command.args(["--kubeconfig", &self.kubeconfig, "--namespace", &self.namespace, "--cache-dir"]);
        command.arg(self.cache.path()).args(args.split_whitespace());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("kubectl starts");
        let mut stdin = child.stdin.take().unwrap();
        std::io::Write::write_all(&mut stdin, input.unwrap_or_default().as_bytes()).unwrap();
        drop(stdin);
        child.wait_with_output().unwrap()
    }

    /// Runs kubectl, which has nothing to complain about.
    #[track_caller]
    fn run(&self, args: &str) -> String {
        let output = self.output(args, None);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && said.is_empty(), "kubectl {args}: {said}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// Applies a manifest.
    #[track_caller]
    fn apply(&self, manifest: &str) -> String {
        let output = self.output("apply -f -", Some(manifest));
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    fn json(&self, args: &str) -> Value {
        serde_json::from_str(&self.run(&format!("get {args} -o json"))).unwrap()
    }
}

/// kubectl with the simulated server and with the real one.
fn both(demo: &Demo, namespace: &str) -> (Kubectl, Kubectl) {
    (Kubectl::of(demo, namespace), Kubectl::new(&config("admin"), namespace))
}

#[test]
fn kubectl_finds_its_way() {
    let demo = start();
    let kubectl = Kubectl::of(&demo, "shop");
    assert!(kubectl.run("version").contains("Server Version: v1.37.0+demo"));
    assert!(kubectl.run("cluster-info").contains("is running at"));
    let resources = kubectl.run("api-resources --no-headers");
    for line in ["deployments deploy apps/v1 true Deployment", "nodes no v1 false Node"] {
        let found = |known: &str| known.split_whitespace().collect::<Vec<_>>().join(" ") == line;
        assert!(resources.lines().any(found), "{line} is in {resources}");
    }
    assert!(kubectl.run("api-versions").lines().any(|line| line == "apps/v1"));
    assert!(kubectl.run("auth whoami").contains("demo"));
    assert_eq!(kubectl.run("auth can-i delete pods").trim(), "yes");
    assert_eq!(kubectl.run("get --raw /readyz"), "ok");
}

#[test]
fn kubectl_rolls_out_and_back() {
    let demo = start();
    let kubectl = Kubectl::of(&demo, "shop");
    assert!(kubectl.apply(MANIFEST).contains("deployment.apps/web created"));
    assert!(kubectl.apply(MANIFEST).contains("deployment.apps/web unchanged"));
    assert!(kubectl.run("rollout status deploy/web --timeout=60s").contains("successfully rolled out"));
    kubectl.run("set image deploy/web app=example.com/web:2");
    kubectl.run("rollout status deploy/web --timeout=60s");
    assert!(kubectl.run("rollout history deploy/web").contains("\n2 "));
    assert!(kubectl.output("rollout undo deploy/web", None).status.success());
    kubectl.run("rollout status deploy/web --timeout=60s");
    let image = "deploy web -o jsonpath={.spec.template.spec.containers[0].image}";
    assert_eq!(kubectl.run(&format!("get {image}")), "example.com/web:1");
    kubectl.run("rollout restart deploy/web");
    kubectl.run("rollout status deploy/web --timeout=60s");
    kubectl.run("scale deploy/web --replicas=3");
    kubectl.run("wait --for=jsonpath={.status.readyReplicas}=3 deploy/web --timeout=60s");
    kubectl.run("label deploy/web tier=front");
    kubectl.run("annotate deploy/web note=x");
    assert!(kubectl.run("get deploy -l tier=front -o wide").contains("example.com/web:1"));
    assert!(kubectl.run("describe deploy/web").contains("NewReplicaSetAvailable"));
    kubectl.run("delete deploy/web");
    assert_eq!(kubectl.run("get deploy -o name"), "");
}

#[test]
fn kubectl_looks_after_nodes_and_pods() {
    let demo = start();
    let kubectl = Kubectl::of(&demo, "shop");
    kubectl.apply(MANIFEST);
    kubectl.run("rollout status deploy/web --timeout=60s");
    let pod = kubectl.run("get pods -l app=web -o jsonpath={.items[0].metadata.name}");
    let node = kubectl.run(&format!("get pod {pod} -o jsonpath={{.spec.nodeName}}"));
    assert!(!kubectl.run(&format!("logs {pod} --tail=2")).is_empty());
    assert!(kubectl.run("top pods").contains(&pod));
    assert!(kubectl.run("top nodes").contains(&node));
    for kind in
        ["pod", "service", "configmap", "cronjob", "hpa", "pdb", "ingress", "statefulset", "daemonset"]
    {
        assert!(kubectl.run(&format!("describe {kind}")).contains("Name:"), "{kind}");
    }
    assert!(kubectl.run(&format!("describe node {node}")).contains(&pod));
    kubectl.run(&format!("cordon {node}"));
    assert!(kubectl.run("get nodes").contains("SchedulingDisabled"));
    assert!(
        kubectl.output(&format!("drain {node} --ignore-daemonsets --timeout=60s"), None).status.success()
    );
    let left = kubectl.run(&format!("get pods -l app=web --field-selector spec.nodeName={node} -o name"));
    assert_eq!(left, "");
}

/// What differs from one cluster to the next, or from one moment to the next.
fn lasting(mut object: Value) -> Value {
    let drop = |object: &mut Value, fields: &[&str]| {
        if let Some(map) = object.as_object_mut() {
            map.retain(|field, _| !fields.contains(&&**field));
        }
    };
    drop(&mut object, &["status"]);
    drop(
        &mut object["metadata"],
        &["uid", "resourceVersion", "creationTimestamp", "namespace", "managedFields"],
    );
    drop(&mut object["spec"], &["clusterIP", "clusterIPs"]);
    object
}

#[test]
fn objects_are_filled_in_as_the_real_server_does() {
    let demo = start();
    let (ours, theirs) = both(&demo, "demo-defaults");
    for kubectl in [&ours, &theirs] {
        kubectl.apply(MANIFEST);
    }
    for object in [
        "deploy/web",
        "sts/db",
        "ds/agent",
        "cronjob/report",
        "svc/web",
        "svc/headless",
        "svc/elsewhere",
        "cm/settings",
        "secret/password",
        "sa/shop",
        "pdb/web",
        "pdb/other",
        "hpa/web",
        "ingress/web",
        "netpol/web",
        "role/reader",
        "rolebinding/reader",
        "pvc/data",
    ] {
        // Controllers add to the annotations, each in its time.
        eventually(&format!("{object} is the same on both"), || {
            let (ours, theirs) = (lasting(ours.json(object)), lasting(theirs.json(object)));
            if ours == theirs { Ok(()) } else { Err(format!("{ours}\n{theirs}")) }
        });
    }
    theirs.output("delete namespace demo-defaults --wait=false", None);
}

#[test]
fn what_kubectl_creates_without_a_manifest_is_the_same_on_both() {
    let demo = start();
    let (ours, theirs) = both(&demo, "demo-created");
    let commands = [
        ("deploy/web", "create deployment web --image=example.com/web:1 --port=80"),
        ("cm/settings", "create configmap settings --from-literal=colour=blue"),
        ("secret/password", "create secret generic password --from-literal=a=b"),
        (
            "cronjob/report",
            "create cronjob report --image=example.com/report:1 --schedule=@daily -- report --all",
        ),
        ("pdb/web", "create pdb web --selector=app=web --min-available=50%"),
        ("sa/shop", "create sa shop"),
        ("role/reader", "create role reader --verb=get --resource=pods,deployments.apps"),
        (
            "rolebinding/reader",
            "create rolebinding reader --role=reader --user=ann --serviceaccount=shop:shop",
        ),
        ("ingress/web", "create ingress web --rule=web.example.com/*=web:80"),
        ("svc/web", "expose deployment web"),
        ("hpa/web", "autoscale deploy web --min=1 --max=1 --cpu=80%"),
    ];
    for (object, command) in commands {
        for kubectl in [&ours, &theirs] {
            kubectl.run(command);
        }
        eventually(&format!("{object} is the same on both"), || {
            let (ours, theirs) = (lasting(ours.json(object)), lasting(theirs.json(object)));
            if ours == theirs { Ok(()) } else { Err(format!("{ours}\n{theirs}")) }
        });
    }
    theirs.output("delete namespace demo-created --wait=false", None);
}

#[test]
fn tables_are_printed_as_the_real_server_prints_them() {
    let demo = start();
    let (ours, theirs) = both(&demo, "demo-tables");
    for kubectl in [&ours, &theirs] {
        kubectl.apply(MANIFEST);
        kubectl.run("rollout status deploy/web --timeout=60s");
    }
    let print = |kubectl: &Kubectl, kind: &str| {
        let printed = Printed::parse(&kubectl.run(&format!("get {kind} -o wide")));
        let mut lines = printed.lasting();
        if let Some(address) = printed.titles.iter().position(|title| title == "CLUSTER-IP") {
            lines.iter_mut().for_each(|line| line[address].clear());
        }
        (printed.titles, lines)
    };
    for kind in [
        "deploy",
        "sts",
        "ds",
        "cronjob",
        "svc",
        "pdb",
        "ingress",
        "configmap",
        "netpol",
        "rolebinding",
        "pvc",
    ] {
        eventually(&format!("{kind} is printed alike"), || {
            let (ours, theirs) = (print(&ours, kind), print(&theirs, kind));
            // There may be more nodes in the one than in the other.
            let same = if kind == "ds" { ours.0 == theirs.0 } else { ours == theirs };
            if same { Ok(()) } else { Err(format!("{ours:#?}\n{theirs:#?}")) }
        });
    }
    theirs.output("delete namespace demo-tables --wait=false", None);
}
