//! What is particular to an application. What all have in common is in [`template`](super::template).

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

/// Where the images of further teams are.
pub(super) const TEAMS: &str = "registry.example.com/teams/";

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

    pub(super) const fn shape(mut self, shape: Shape, component: &'static str) -> App {
        self.shape = shape;
        self.component = component;
        self
    }

    pub(super) const fn version(mut self, version: [u32; 3], released: f64) -> App {
        self.version = version;
        self.released = released;
        self
    }

    pub(super) const fn runs(mut self, replicas: usize, cpu: u32, memory: u32) -> App {
        self.replicas = replicas;
        self.cpu = cpu;
        self.memory = memory;
        self
    }

    pub(super) const fn reached(mut self, reach: Reach, port: u16) -> App {
        self.reach = reach;
        self.port = port;
        self
    }

    pub(super) const fn says(mut self, format: Format, topic: &'static str, lines: f64) -> App {
        self.format = format;
        self.topic = topic;
        self.lines = lines;
        self
    }

    pub(super) const fn calls(mut self, calls: &'static [&'static str]) -> App {
        self.calls = calls;
        self
    }

    pub(super) const fn scales(mut self, most: usize) -> App {
        self.most = Some(most);
        self
    }

    pub(super) const fn public(mut self, host: &'static str, path: &'static str) -> App {
        self.public = Some((host, path));
        self
    }

    pub(super) const fn secret(mut self) -> App {
        self.secret = true;
        self
    }

    pub(super) const fn graphics(mut self) -> App {
        self.graphics = true;
        self
    }

    pub(super) const fn priority(mut self, class: &'static str) -> App {
        self.priority = Some(class);
        self
    }

    /// The version that it had so many releases ago.
    pub(super) const fn version_before(&self, releases: u32) -> [u32; 3] {
        let [major, minor, patch] = self.version;
        match releases {
            0 => self.version,
            _ if minor >= releases => [major, minor - releases, (patch + 3 * releases) % 7],
            _ => [major.saturating_sub(1), 9, releases],
        }
    }

    /// The image without its version.
    pub(super) fn repository(&self) -> String {
        if self.lean {
            return format!("{TEAMS}{}/{}", self.namespace, self.name);
        }
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
