//! From what people type to the pods that are meant: `web-0`, `deploy/web`, `node/worker-1`.
//!
//! On screen a row already knows its pods; this is for the command line.

use serde::Deserialize;

use crate::cluster::listwatch::{Patience, Target as Path, Tuning, ask};
use crate::cluster::{Class, Error};
use crate::resources::wire::{LabelSelector, Pairs, nullable};
use crate::resources::{Selection, Symbol, default_kind, find};

/// What logs are asked of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// The pod of this name.
    Pod(String),
    /// The pods on the node of this name, in all namespaces unless one is asked for.
    Node(String),
    /// The pods of a workload, a service or a job.
    Owner(&'static Owner, String),
    /// The pods with these labels, in the syntax of the API.
    Labels(String),
}

/// A kind of object that chooses pods by their labels.
#[derive(Debug, PartialEq, Eq)]
pub struct Owner {
    /// The names that people type.
    names: &'static [&'static str],
    /// The path before the namespace.
    root: &'static [&'static str],
    plural: &'static str,
    /// Whether its selector is a plain map of labels.
    plain: bool,
}

const APPS: &[&str] = &["apis", "apps", "v1"];
const CORE: &[&str] = &["api", "v1"];
const BATCH: &[&str] = &["apis", "batch", "v1"];

static OWNERS: [Owner; 7] = [
    Owner {
        names: &["deployments", "deployment", "deploy"],
        root: APPS,
        plural: "deployments",
        plain: false,
    },
    Owner { names: &["replicasets", "replicaset", "rs"], root: APPS, plural: "replicasets", plain: false },
    Owner {
        names: &["statefulsets", "statefulset", "sts"],
        root: APPS,
        plural: "statefulsets",
        plain: false,
    },
    Owner { names: &["daemonsets", "daemonset", "ds"], root: APPS, plural: "daemonsets", plain: false },
    Owner { names: &["jobs", "job"], root: BATCH, plural: "jobs", plain: false },
    Owner { names: &["services", "service", "svc"], root: CORE, plural: "services", plain: true },
    Owner {
        names: &["replicationcontrollers", "replicationcontroller", "rc"],
        root: CORE,
        plural: "replicationcontrollers",
        plain: true,
    },
];

#[derive(Debug, Default, Deserialize)]
#[serde(bound(deserialize = "S: Deserialize<'de> + Default"))]
struct Chooser<S> {
    #[serde(default, deserialize_with = "nullable")]
    spec: ChooserSpec<S>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(bound(deserialize = "S: Deserialize<'de> + Default"))]
struct ChooserSpec<S> {
    #[serde(default, deserialize_with = "nullable")]
    selector: S,
}

impl Target {
    /// Reads `name`, `pod/name` or `kind/name`.
    ///
    /// # Errors
    /// When it names no kind that has logs, or no object.
    pub fn parse(text: &str) -> Result<Target, Error> {
        let wrong = |message: String| Error::new(Class::Config, message);
        let Some((kind, name)) = text.split_once('/') else { return Ok(Target::Pod(text.to_owned())) };
        if name.is_empty() {
            return Err(wrong(format!("\"{text}\" names no object")));
        }
        let lower = kind.to_ascii_lowercase();
        if let Some(owner) = OWNERS.iter().find(|owner| owner.names.contains(&&*lower)) {
            return Ok(Target::Owner(owner, name.to_owned()));
        }
        match find(kind).map(|kind| kind.plural) {
            Some("pods") => Ok(Target::Pod(name.to_owned())),
            Some("nodes") => Ok(Target::Node(name.to_owned())),
            _ => Err(wrong(format!("\"{kind}\" has no logs"))
                .advise("there are pod/, deploy/, rs/, sts/, ds/, job/, svc/, rc/ and node/")),
        }
    }

    /// The pods that are meant. `namespace` is where objects are looked for, `asked` the one that was asked for.
    ///
    /// # Errors
    /// When the object cannot be read, or chooses no pods.
    pub async fn pods(
        &self,
        client: &kube::Client,
        namespace: &str,
        everywhere: bool,
        asked: bool,
    ) -> Result<Selection, Error> {
        let here = Some(Symbol::from(namespace));
        let pods = default_kind();
        match self {
            Target::Pod(name) => Ok(Selection::named(pods, here, name)),
            Target::Labels(labels) => {
                let all = Selection::all(pods, here.filter(|_| !everywhere));
                Ok(Selection { labels: labels.clone(), ..all })
            }
            Target::Node(name) => {
                let all = Selection::all(pods, here.filter(|_| asked));
                Ok(Selection { fields: format!("spec.nodeName={name}"), ..all })
            }
            Target::Owner(owner, name) => {
                let labels = owner.labels(client, namespace, name).await?;
                Ok(Selection { labels, ..Selection::all(pods, here) })
            }
        }
    }

    /// What is meant, for messages.
    #[must_use]
    pub fn describe(&self) -> String {
        match self {
            Target::Pod(name) => format!("pod {name}"),
            Target::Node(name) => format!("node {name}"),
            Target::Owner(owner, name) => format!("{} {name}", owner.singular()),
            Target::Labels(labels) => format!("pods with {labels}"),
        }
    }
}

impl Owner {
    /// Its name for one.
    const fn singular(&self) -> &'static str {
        self.names[1]
    }

    /// The labels by which the object of this name chooses its pods.
    async fn labels(&self, client: &kube::Client, namespace: &str, name: &str) -> Result<String, Error> {
        let doing = format!("reading {} {name} in {namespace}", self.singular());
        let parts: Vec<&str> =
            self.root.iter().copied().chain(["namespaces", namespace, self.plural, name]).collect();
        let request = Path::of_parts(&parts).accept("application/json", "identity");
        let mut answer = ask(client, request, Patience::of(&Tuning::default()), &doing).await?;
        let mut body = Vec::new();
        let take = |piece: &[u8]| {
            body.extend_from_slice(piece);
            true
        };
        answer.read(take).await.map_err(|error| error.while_doing(&doing))?;
        self.selector(&body)
            .map_err(|error| Error::new(Class::Protocol, format!("{doing}: {error}")))?
            .filter(|labels| !labels.is_empty())
            .ok_or_else(|| Error::new(Class::NotFound, format!("{} {name} chooses no pods", self.singular())))
    }

    fn selector(&self, body: &[u8]) -> Result<Option<String>, serde_json::Error> {
        Ok(if self.plain {
            let object: Chooser<Pairs<'_>> = serde_json::from_slice(body)?;
            Some(object.spec.selector.to_text())
        } else {
            let object: Chooser<LabelSelector<'_>> = serde_json::from_slice(body)?;
            object.spec.selector.to_text()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_read_as_people_type_them() {
        assert_eq!(Target::parse("web-0").unwrap(), Target::Pod("web-0".to_owned()));
        assert_eq!(Target::parse("po/web-0").unwrap(), Target::Pod("web-0".to_owned()));
        assert_eq!(Target::parse("node/a").unwrap(), Target::Node("a".to_owned()));
        for (text, described) in [
            ("deploy/web", "deployment web"),
            ("Job/x", "job x"),
            ("svc/db", "service db"),
            ("ds/agent", "daemonset agent"),
        ] {
            assert_eq!(Target::parse(text).unwrap().describe(), described);
        }
        for text in ["ns/x", "deploy/", "nothing/x"] {
            assert!(Target::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn selectors_are_read_off_objects() {
        let labels = |kind: &str, body: &str| {
            let Ok(Target::Owner(owner, _)) = Target::parse(kind) else { panic!("{kind}") };
            owner.selector(body.as_bytes()).unwrap()
        };
        let workload = r#"{"spec":{"selector":{"matchLabels":{"b":"2","a":"1"},"matchExpressions":null}}}"#;
        assert_eq!(labels("deploy/x", workload).as_deref(), Some("a=1,b=2"));
        assert_eq!(labels("svc/x", r#"{"spec":{"selector":{"app":"db"}}}"#).as_deref(), Some("app=db"));
        assert_eq!(labels("svc/x", r#"{"spec":{}}"#).as_deref(), Some(""));
    }
}
