//! Discovery: what the server serves, all at once (aggregated) or group by group.

use serde_json::{Value, json};

use super::accept::{self, Taken};
use super::path::Catalogue;
use super::request::Request;
use super::{Answer, Body, document, metrics, review, typed};
use crate::demo::world::{Failure, Type, World};

/// The media type of aggregated discovery.
const AGGREGATED: &str = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

/// What can be done with objects that are kept.
const VERBS: &[&str] = &["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];

/// A resource as discovery shows it.
struct Resource {
    group: String,
    version: String,
    plural: String,
    singular: String,
    kind: String,
    namespaced: bool,
    verbs: &'static [&'static str],
    short: Vec<String>,
    categories: Vec<String>,
    parts: Vec<Part>,
}

/// A subresource: its name, the group, version and kind of what it gives, and its verbs.
struct Part(String, [String; 3], &'static [&'static str]);

impl Resource {
    /// A resource whose objects are not kept.
    fn passing(
        group: &str,
        version: &str,
        [plural, kind]: [&str; 2],
        namespaced: bool,
        verbs: &'static [&'static str],
    ) -> Resource {
        Resource {
            group: group.to_owned(),
            version: version.to_owned(),
            plural: plural.to_owned(),
            singular: kind.to_ascii_lowercase(),
            kind: kind.to_owned(),
            namespaced,
            verbs,
            short: Vec::new(),
            categories: Vec::new(),
            parts: Vec::new(),
        }
    }

    fn kept(of: &Type) -> Resource {
        let all = |names: &[std::borrow::Cow<'static, str>]| names.iter().map(ToString::to_string).collect();
        let mut parts: Vec<Part> = of.subresources.iter().map(|name| part(name, &of.kind)).collect();
        parts.sort_by(|one, other| one.0.cmp(&other.0));
        Resource {
            group: of.group.to_string(),
            version: of.version.to_string(),
            plural: of.plural.to_string(),
            singular: of.singular.to_string(),
            kind: of.kind.to_string(),
            namespaced: of.namespaced,
            verbs: VERBS,
            short: all(&of.short),
            categories: all(&of.categories),
            parts,
        }
    }

    /// As an aggregated document has it.
    fn aggregated(&self) -> Value {
        let none = |kind: &str| json!({"group": "", "version": "", "kind": kind});
        let mut value = json!({
            "resource": self.plural, "responseKind": none(&self.kind),
            "scope": if self.namespaced { "Namespaced" } else { "Cluster" },
            "singularResource": self.singular, "verbs": self.verbs,
        });
        self.add_names(&mut value);
        let part = |Part(name, [group, version, kind], verbs): &Part| {
            json!({
                "subresource": name, "responseKind": {"group": group, "version": version, "kind": kind},
                "verbs": verbs,
            })
        };
        if !self.parts.is_empty() {
            value["subresources"] = self.parts.iter().map(part).collect();
        }
        value
    }

    /// As the list of a group's version has it: a line for itself, and one for each subresource.
    fn listed(&self) -> Vec<Value> {
        let mut value = json!({
            "name": self.plural, "singularName": self.singular, "namespaced": self.namespaced, "kind": self.kind,
            "verbs": self.verbs,
        });
        self.add_names(&mut value);
        let part = |Part(name, [group, version, kind], verbs): &Part| {
            let mut value = json!({
                "name": format!("{}/{name}", self.plural), "singularName": "", "namespaced": self.namespaced,
                "kind": kind, "verbs": verbs,
            });
            if !version.is_empty() {
                value["group"] = json!(group);
                value["version"] = json!(version);
            }
            value
        };
        std::iter::once(value).chain(self.parts.iter().map(part)).collect()
    }

    fn add_names(&self, value: &mut Value) {
        for (field, names) in [("shortNames", &self.short), ("categories", &self.categories)] {
            if !names.is_empty() {
                value[field] = json!(names);
            }
        }
    }
}

fn part(name: &str, kind: &str) -> Part {
    let (group, version, kind, verbs): (_, _, _, &[&str]) = match name {
        "scale" => ("autoscaling", "v1", "Scale", &["get", "patch", "update"]),
        "eviction" => ("policy", "v1", "Eviction", &["create"]),
        "log" => ("", "", kind, &["get"]),
        "finalize" => ("", "", kind, &["update"]),
        _ => ("", "", kind, &["get", "patch", "update"]),
    };
    Part(name.to_owned(), [group, version, kind].map(str::to_owned), verbs)
}

/// Everything that is served, ordered by group as the server orders them and by plural.
fn all(world: &World) -> Vec<Resource> {
    let passing = review::RESOURCES.iter().map(|(group, version, plural, kind)| {
        Resource::passing(group, version, [plural, kind], false, &["create"])
    });
    let metrics =
        [("nodes", "NodeMetrics", false), ("pods", "PodMetrics", true)].map(|(plural, kind, namespaced)| {
            Resource::passing(metrics::GROUP, metrics::VERSION, [plural, kind], namespaced, &["get", "list"])
        });
    let kept = world.types.served().map(|(_, of)| Resource::kept(of));
    let mut all: Vec<Resource> = kept.chain(passing).chain(metrics).collect();
    all.sort_by(|one, other| {
        (&one.group, &one.version, &one.plural).cmp(&(&other.group, &other.version, &other.plural))
    });
    all
}

/// The groups that `all` is of, each with its versions; `all` is sorted by them.
fn groups(all: &[Resource]) -> Vec<(&str, Vec<&str>)> {
    let mut groups: Vec<(&str, Vec<&str>)> = Vec::new();
    for resource in all.iter().filter(|resource| !resource.group.is_empty()) {
        match groups.last_mut() {
            Some((group, versions)) if *group == resource.group => {
                if versions.last() != Some(&&*resource.version) {
                    versions.push(&resource.version);
                }
            }
            _ => groups.push((&resource.group, vec![&resource.version])),
        }
    }
    groups
}

/// Answers a request for a part of the catalogue.
pub(super) fn answer(world: &World, what: Catalogue, request: &Request) -> Answer {
    let all = all(world);
    let aggregated = accept::first(&request.accept)? == Taken::Discovery;
    match what {
        Catalogue::Core if aggregated => Ok(aggregate(&[("", vec!["v1"])], &all)),
        Catalogue::Groups if aggregated => Ok(aggregate(&groups(&all), &all)),
        Catalogue::Core => Ok(document(
            200,
            &json!({"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": []}),
        )),
        Catalogue::Groups => {
            let groups: Vec<Value> =
                groups(&all).iter().map(|(name, versions)| group(name, versions)).collect();
            Ok(document(200, &json!({"kind": "APIGroupList", "apiVersion": "v1", "groups": groups})))
        }
        Catalogue::Group(name) => {
            let groups = groups(&all);
            let (name, versions) =
                groups.iter().find(|(known, _)| *known == name).ok_or_else(Failure::no_such_path)?;
            let mut group = group(name, versions);
            group["kind"] = json!("APIGroup");
            group["apiVersion"] = json!("v1");
            Ok(document(200, &group))
        }
        Catalogue::Version(group, version) => {
            let inside = |resource: &&Resource| resource.group == group && resource.version == version;
            let resources: Vec<Value> = all.iter().filter(inside).flat_map(Resource::listed).collect();
            if resources.is_empty() {
                return Err(Failure::no_such_path());
            }
            let name = if group.is_empty() { version } else { format!("{group}/{version}") };
            Ok(document(
                200,
                &json!({"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": name, "resources": resources}),
            ))
        }
    }
}

fn group(name: &str, versions: &[&str]) -> Value {
    let version = |version: &&str| json!({"groupVersion": format!("{name}/{version}"), "version": version});
    let versions: Vec<Value> = versions.iter().map(version).collect();
    json!({"name": name, "preferredVersion": versions[0], "versions": versions})
}

fn aggregate(groups: &[(&str, Vec<&str>)], all: &[Resource]) -> super::Response<Body> {
    let group = |(name, versions): &(&str, Vec<&str>)| {
        let version = |version: &&str| {
            let inside = |resource: &&Resource| resource.group == *name && resource.version == **version;
            let resources: Vec<Value> = all.iter().filter(inside).map(Resource::aggregated).collect();
            json!({"version": version, "resources": resources, "freshness": "Current"})
        };
        let versions: Vec<Value> = versions.iter().map(version).collect();
        let metadata = if name.is_empty() { json!({}) } else { json!({"name": name}) };
        json!({"metadata": metadata, "versions": versions})
    };
    let items: Vec<Value> = groups.iter().map(group).collect();
    let document = json!({
        "kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2", "metadata": {}, "items": items,
    });
    typed(200, AGGREGATED, Body::Whole(document.to_string().into()))
}
