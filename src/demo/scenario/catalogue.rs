//! What runs in the cluster: the applications of the shop and of those who run it, a row each.
//!
//! The rows say what is particular to an application; what all have in common is in [`workload`](super::workload).

use std::borrow::Cow;

use crate::demo::world::{Behaviour, Format, Load, Trouble, Voice};

/// Text that the catalogue has in the program, and invented teams on the heap.
pub(super) type Text = Cow<'static, str>;

/// What keeps an application's pods.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Deployment,
    /// With a claim of so many GiB for each pod.
    StatefulSet {
        gib: u32,
    },
    DaemonSet,
}

/// How an application is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    Nobody,
    Cluster,
    Headless,
    NodePort,
    LoadBalancer,
}

/// An application.
#[derive(Debug, Clone)]
pub(super) struct App {
    pub(super) name: Text,
    pub(super) namespace: Text,
    pub(super) team: Text,
    /// `app.kubernetes.io/component`.
    pub(super) component: &'static str,
    pub(super) shape: Shape,
    pub(super) replicas: usize,
    pub(super) version: [u32; 3],
    /// Days since this version came.
    pub(super) released: f64,
    pub(super) port: u16,
    pub(super) reach: Reach,
    /// Request, in thousandths of a core.
    pub(super) cpu: u32,
    /// Limit, in MiB; three quarters of it are requested.
    pub(super) memory: u32,
    /// Memory that it takes more every minute, in MiB.
    pub(super) leak: f64,
    /// The applications that it calls, as `name.namespace:port`.
    pub(super) calls: &'static [&'static str],
    pub(super) format: Format,
    pub(super) topic: &'static str,
    /// Log lines a minute.
    pub(super) lines: f64,
    pub(super) trouble: Trouble,
    /// Most replicas of its autoscaler, when it has one.
    pub(super) most: Option<usize>,
    /// Where it is on the Internet: a host and a path.
    pub(super) public: Option<(&'static str, &'static str)>,
    /// Whether the tolerations of its pods let it run on the nodes with graphics processors, and nowhere else.
    pub(super) graphics: bool,
    /// Whether it has a password for something.
    pub(super) secret: bool,
    /// A priority class.
    pub(super) priority: Option<&'static str>,
    /// Whether its pods have nothing but what every pod has: of such there may be a hundred thousand.
    pub(super) lean: bool,
}

impl App {
    pub(super) const fn new(name: Text, namespace: Text, team: Text) -> App {
        App {
            name,
            namespace,
            team,
            component: "service",
            shape: Shape::Deployment,
            replicas: 2,
            version: [1, 0, 0],
            released: 21.0,
            port: 8080,
            reach: Reach::Cluster,
            cpu: 100,
            memory: 256,
            leak: 0.0,
            calls: &[],
            format: Format::Json,
            topic: "service",
            lines: 12.0,
            trouble: Trouble::Rare,
            most: None,
            public: None,
            graphics: false,
            secret: false,
            priority: None,
            lean: false,
        }
    }

    const fn shape(mut self, shape: Shape, component: &'static str) -> App {
        self.shape = shape;
        self.component = component;
        self
    }

    const fn version(mut self, version: [u32; 3], released: f64) -> App {
        self.version = version;
        self.released = released;
        self
    }

    const fn runs(mut self, replicas: usize, cpu: u32, memory: u32) -> App {
        self.replicas = replicas;
        self.cpu = cpu;
        self.memory = memory;
        self
    }

    const fn reached(mut self, reach: Reach, port: u16) -> App {
        self.reach = reach;
        self.port = port;
        self
    }

    const fn says(mut self, format: Format, topic: &'static str, lines: f64) -> App {
        self.format = format;
        self.topic = topic;
        self.lines = lines;
        self
    }

    const fn calls(mut self, calls: &'static [&'static str]) -> App {
        self.calls = calls;
        self
    }

    const fn scales(mut self, most: usize) -> App {
        self.most = Some(most);
        self
    }

    const fn public(mut self, host: &'static str, path: &'static str) -> App {
        self.public = Some((host, path));
        self
    }

    const fn secret(mut self) -> App {
        self.secret = true;
        self
    }

    const fn graphics(mut self) -> App {
        self.graphics = true;
        self
    }

    const fn priority(mut self, class: &'static str) -> App {
        self.priority = Some(class);
        self
    }

    /// The image without its version.
    pub(super) fn repository(&self) -> String {
        let place = match &*self.namespace {
            "kube-system" | "ingress" => "cluster",
            "staging" => "shop",
            namespace => namespace,
        };
        format!("registry.example.com/{place}/{}", self.name)
    }

    /// How its containers behave.
    pub(super) fn behaviour(&self) -> Behaviour {
        let voice = Voice {
            format: self.format,
            topic: self.topic,
            per_minute: self.lines,
            trouble: self.trouble,
            last_words: &[],
        };
        let (at_rest, plateau) = (f64::from(self.cpu) * 0.35, f64::from(self.memory) * 0.52);
        let load = Load { cpu_milli: at_rest, swing: 0.8, memory_mib: plateau, leak_mib: self.leak };
        Behaviour { load, voice, ..Behaviour::default() }
    }
}

const fn app(name: &'static str, namespace: &'static str, team: &'static str) -> App {
    App::new(Cow::Borrowed(name), Cow::Borrowed(namespace), Cow::Borrowed(team))
}

const DEPLOYMENT: Shape = Shape::Deployment;
const DAEMON: Shape = Shape::DaemonSet;
const fn stateful(gib: u32) -> Shape {
    Shape::StatefulSet { gib }
}

/// The applications of a calm cluster.
pub(super) static APPS: &[App] = &[
    // The shop.
    app("storefront", "shop", "web")
        .shape(DEPLOYMENT, "frontend")
        .version([5, 21, 0], 0.8)
        .runs(4, 250, 512)
        .calls(&["catalogue.shop:8080", "cart.shop:8080", "search.search:8080", "accounts.shop:8080"])
        .says(Format::Colour, "storefront", 60.0)
        .scales(10)
        .public("shop.example.com", "/"),
    app("checkout", "shop", "basket")
        .version([2, 14, 3], 6.2)
        .runs(4, 200, 384)
        .calls(&["cart.shop:8080", "payments.payments:8080", "orders.shop:8080", "pricing.shop:8080"])
        .says(Format::Json, "checkout", 40.0)
        .scales(8)
        .public("shop.example.com", "/checkout")
        .secret()
        .priority("customer-facing"),
    app("cart", "shop", "basket")
        .version([3, 2, 1], 12.5)
        .runs(3, 150, 256)
        .calls(&["cart-cache.shop:6379", "pricing.shop:8080"])
        .says(Format::Json, "cart", 50.0)
        .scales(6)
        .priority("customer-facing"),
    app("cart-cache", "shop", "basket")
        .shape(stateful(8), "cache")
        .version([8, 2, 0], 61.0)
        .runs(3, 100, 512)
        .reached(Reach::Headless, 6379)
        .says(Format::Bare, "cache", 2.0),
    app("catalogue", "shop", "products")
        .version([4, 9, 0], 2.9)
        .runs(3, 200, 512)
        .calls(&["catalogue-db.shop:5432", "images.platform:8080"])
        .says(Format::Logfmt, "catalogue", 35.0)
        .scales(6)
        .secret(),
    app("catalogue-db", "shop", "products")
        .shape(stateful(50), "database")
        .version([17, 4, 0], 118.0)
        .runs(2, 500, 2048)
        .reached(Reach::Headless, 5432)
        .says(Format::Bare, "database", 6.0)
        .secret(),
    app("pricing", "shop", "products")
        .version([1, 31, 2], 9.1)
        .runs(2, 150, 256)
        .calls(&["feature-flags.platform:8080"])
        .says(Format::Logfmt, "pricing", 30.0),
    app("inventory", "shop", "warehouse")
        .version([2, 6, 4], 27.0)
        .runs(3, 150, 384)
        .calls(&["catalogue-db.shop:5432", "queue.platform:5672"])
        .says(Format::Plain, "inventory", 20.0)
        .secret(),
    app("orders", "shop", "basket")
        .version([6, 0, 2], 15.7)
        .runs(3, 200, 512)
        .calls(&["orders-db.shop:5432", "queue.platform:5672", "inventory.shop:8080"])
        .says(Format::Json, "orders", 25.0)
        .secret()
        .priority("customer-facing"),
    app("orders-db", "shop", "basket")
        .shape(stateful(100), "database")
        .version([17, 4, 0], 96.0)
        .runs(3, 500, 2048)
        .reached(Reach::Headless, 5432)
        .says(Format::Bare, "database", 8.0)
        .secret(),
    app("shipping", "shop", "warehouse")
        .version([1, 12, 0], 44.0)
        .calls(&["orders.shop:8080", "queue.platform:5672"])
        .says(Format::Plain, "shipping", 10.0),
    app("recommendations", "shop", "discovery")
        .version([3, 40, 1], 1.6)
        .runs(3, 300, 768)
        .calls(&["embeddings.search:8080", "feature-flags.platform:8080"])
        .says(Format::Logfmt, "recommendations", 20.0)
        .scales(6),
    app("reviews", "shop", "products")
        .version([2, 3, 9], 71.0)
        .calls(&["catalogue-db.shop:5432"])
        .says(Format::Plain, "reviews", 8.0)
        .secret(),
    app("accounts", "shop", "identity")
        .version([7, 1, 5], 18.3)
        .runs(3, 150, 384)
        .calls(&["orders-db.shop:5432", "mailer.platform:8080"])
        .says(Format::Json, "accounts", 18.0)
        .public("accounts.example.com", "/")
        .secret(),
    app("notifications", "shop", "identity")
        .shape(DEPLOYMENT, "worker")
        .version([1, 19, 0], 33.0)
        .reached(Reach::Nobody, 8080)
        .calls(&["queue.platform:5672", "mailer.platform:8080"])
        .says(Format::Json, "worker", 24.0),
    app("wishlist", "shop", "basket")
        .version([0, 9, 3], 52.0)
        .runs(1, 50, 128)
        .calls(&["orders-db.shop:5432"])
        .says(Format::Logfmt, "wishlist", 4.0),
    // Payments.
    app("payments", "payments", "payments")
        .version([4, 3, 0], 20.4)
        .runs(3, 200, 512)
        .calls(&["ledger.payments:8080", "fraud.payments:8080", "payments-db.payments:5432"])
        .says(Format::Json, "payments", 30.0)
        .secret()
        .priority("customer-facing"),
    app("fraud", "payments", "risk")
        .version([2, 22, 0], 3.3)
        .runs(2, 300, 1024)
        .calls(&["feature-flags.platform:8080"])
        .says(Format::Json, "fraud", 16.0)
        .scales(5),
    app("ledger", "payments", "payments")
        .version([3, 0, 7], 88.0)
        .runs(2, 200, 512)
        .calls(&["payments-db.payments:5432"])
        .says(Format::Plain, "ledger", 12.0)
        .secret(),
    app("invoices", "payments", "payments")
        .shape(DEPLOYMENT, "worker")
        .version([1, 7, 1], 39.0)
        .calls(&["ledger.payments:8080", "mailer.platform:8080"])
        .says(Format::Plain, "worker", 6.0),
    app("payments-db", "payments", "payments")
        .shape(stateful(100), "database")
        .version([17, 4, 0], 104.0)
        .runs(3, 500, 2048)
        .reached(Reach::Headless, 5432)
        .says(Format::Bare, "database", 6.0)
        .secret(),
    // Search.
    app("search", "search", "discovery")
        .version([8, 4, 2], 4.4)
        .runs(4, 300, 768)
        .calls(&["index.search:9200", "suggest.search:8080"])
        .says(Format::Json, "search", 70.0)
        .scales(12)
        .public("shop.example.com", "/search"),
    app("suggest", "search", "discovery")
        .version([2, 0, 11], 29.0)
        .runs(2, 150, 512)
        .calls(&["index.search:9200"])
        .says(Format::Logfmt, "search", 40.0),
    app("indexer", "search", "discovery")
        .shape(DEPLOYMENT, "worker")
        .version([3, 5, 0], 13.0)
        .reached(Reach::Nobody, 8080)
        .calls(&["index.search:9200", "queue.platform:5672", "catalogue.shop:8080"])
        .says(Format::Plain, "indexer", 20.0),
    app("embeddings", "search", "discovery")
        .version([0, 14, 0], 5.0)
        .runs(1, 2000, 8192)
        .says(Format::Plain, "embeddings", 6.0)
        .graphics(),
    app("index", "search", "discovery")
        .shape(stateful(200), "database")
        .version([9, 1, 3], 47.0)
        .runs(3, 1000, 4096)
        .reached(Reach::Headless, 9200)
        .says(Format::Plain, "index", 6.0),
    // What all teams share.
    app("gateway", "platform", "platform")
        .version([3, 8, 1], 10.5)
        .runs(3, 250, 256)
        .reached(Reach::NodePort, 8080)
        .calls(&["storefront.shop:8080", "accounts.shop:8080"])
        .says(Format::Json, "gateway", 90.0)
        .priority("customer-facing"),
    app("feature-flags", "platform", "platform")
        .version([1, 4, 0], 57.0)
        .says(Format::Logfmt, "flags", 8.0)
        .public("flags.example.com", "/"),
    app("images", "platform", "platform").version([2, 2, 0], 24.0).runs(3, 400, 1024).says(
        Format::Logfmt,
        "images",
        25.0,
    ),
    app("mailer", "platform", "platform")
        .version([1, 1, 8], 150.0)
        .says(Format::Plain, "mailer", 5.0)
        .secret(),
    app("queue", "platform", "platform")
        .shape(stateful(20), "queue")
        .version([4, 1, 2], 66.0)
        .runs(3, 300, 1024)
        .reached(Reach::Headless, 5672)
        .says(Format::Plain, "queue", 5.0)
        .secret(),
    app("certificates", "platform", "platform")
        .shape(DEPLOYMENT, "operator")
        .version([1, 18, 2], 74.0)
        .runs(1, 50, 128)
        .reached(Reach::Nobody, 8080)
        .says(Format::Klog, "operator", 3.0),
    app("backups", "platform", "platform")
        .shape(DEPLOYMENT, "operator")
        .version([0, 8, 0], 35.0)
        .runs(1, 50, 128)
        .reached(Reach::Nobody, 8080)
        .says(Format::Klog, "operator", 2.0),
    // Who watches.
    app("metrics", "monitoring", "observability")
        .shape(stateful(150), "database")
        .version([3, 5, 0], 31.0)
        .runs(2, 500, 4096)
        .reached(Reach::Headless, 9090)
        .says(Format::Logfmt, "metrics", 4.0),
    app("alerts", "monitoring", "observability")
        .version([0, 28, 1], 80.0)
        .runs(2, 50, 128)
        .reached(Reach::Cluster, 9093)
        .says(Format::Logfmt, "alerts", 2.0),
    app("dashboards", "monitoring", "observability")
        .version([12, 0, 2], 17.0)
        .runs(1, 100, 512)
        .reached(Reach::Cluster, 3000)
        .says(Format::Logfmt, "dashboards", 6.0)
        .public("dashboards.example.com", "/"),
    app("node-exporter", "monitoring", "observability")
        .shape(DAEMON, "agent")
        .version([1, 9, 1], 92.0)
        .runs(0, 25, 64)
        .reached(Reach::Headless, 9100)
        .says(Format::Logfmt, "agent", 0.5),
    app("log-shipper", "monitoring", "observability")
        .shape(DAEMON, "agent")
        .version([4, 0, 3], 22.0)
        .runs(0, 100, 256)
        .reached(Reach::Nobody, 2020)
        .says(Format::Plain, "shipper", 4.0),
    // The door.
    app("ingress-controller", "ingress", "platform")
        .shape(DEPLOYMENT, "controller")
        .version([1, 13, 3], 40.0)
        .runs(3, 300, 512)
        .reached(Reach::LoadBalancer, 8443)
        .says(Format::Bare, "access", 180.0)
        .priority("system-cluster-critical"),
    // The cluster itself.
    app("coredns", "kube-system", "platform")
        .shape(DEPLOYMENT, "dns")
        .version([1, 13, 1], 110.0)
        .runs(2, 100, 170)
        .reached(Reach::Cluster, 53)
        .says(Format::Bare, "dns", 8.0)
        .priority("system-cluster-critical"),
    app("metrics-server", "kube-system", "platform")
        .shape(DEPLOYMENT, "metrics")
        .version([0, 8, 0], 110.0)
        .runs(2, 100, 200)
        .reached(Reach::Cluster, 10250)
        .says(Format::Klog, "metrics-server", 2.0)
        .priority("system-cluster-critical"),
    app("csi-controller", "kube-system", "platform")
        .shape(DEPLOYMENT, "storage")
        .version([2, 5, 1], 83.0)
        .runs(2, 50, 128)
        .reached(Reach::Nobody, 9808)
        .says(Format::Klog, "storage", 2.0)
        .priority("system-cluster-critical"),
    app("kube-proxy", "kube-system", "platform")
        .shape(DAEMON, "network")
        .version([1, 37, 0], 48.0)
        .runs(0, 100, 128)
        .reached(Reach::Nobody, 10249)
        .says(Format::Klog, "proxy", 1.0)
        .priority("system-node-critical"),
    app("network-agent", "kube-system", "platform")
        .shape(DAEMON, "network")
        .version([1, 18, 0], 70.0)
        .runs(0, 100, 256)
        .reached(Reach::Nobody, 9879)
        .says(Format::Logfmt, "network", 2.0)
        .priority("system-node-critical"),
    app("csi-node", "kube-system", "platform")
        .shape(DAEMON, "storage")
        .version([2, 5, 1], 83.0)
        .runs(0, 25, 64)
        .reached(Reach::Nobody, 9808)
        .says(Format::Klog, "storage", 0.5)
        .priority("system-node-critical"),
];

/// The applications of the shop that have a copy for trying things out, in namespace `staging`.
pub(super) static STAGED: &[&str] =
    &["storefront", "checkout", "cart", "catalogue", "pricing", "orders", "accounts", "reviews", "shipping"];
