//! Who may not do what, and what to ask for: the words of a 403.

use super::{Class, Error};
use crate::resources;

/// What an authorizer's sentence says: `pods is forbidden: User "alice" cannot list resource "pods" in API group ""
/// in the namespace "default"`, or `forbidden: User "alice" cannot get path "/metrics"`.
#[derive(Debug, PartialEq)]
struct Denial<'a> {
    user: &'a str,
    verb: &'a str,
    object: Object<'a>,
}

#[derive(Debug, PartialEq)]
enum Object<'a> {
    Path(&'a str),
    Resource { resource: &'a str, group: &'a str, namespace: Option<&'a str>, name: Option<&'a str> },
}

/// The one line for a 403 whose message is `said`.
pub(super) fn explain(said: &str, doing: &str) -> Error {
    match parse(said) {
        Some(denial) => denial.explain(),
        // Not a matter of who asks: admission, quota, pod security. Its own words say why.
        None => {
            let said = if said.is_empty() { "forbidden" } else { said };
            Error::new(Class::Forbidden, said).while_doing(doing)
        }
    }
}

fn parse(said: &str) -> Option<Denial<'_>> {
    let (head, rest) = said.split_once("forbidden: User \"")?;
    let (user, rest) = rest.split_once("\" cannot ")?;
    let (verb, rest) = rest.split_once(' ')?;
    if let Some(path) = rest.strip_prefix("path \"").and_then(|rest| rest.split_once('"')) {
        return Some(Denial { user, verb, object: Object::Path(path.0) });
    }
    let (resource, rest) = rest.strip_prefix("resource \"")?.split_once('"')?;
    let group =
        rest.strip_prefix(" in API group \"").and_then(|rest| rest.split_once('"')).map_or("", |(g, _)| g);
    let namespace = rest.split_once(" in the namespace \"").and_then(|(_, rest)| rest.split_once('"'));
    let name = head.split_once(" \"").and_then(|(_, name)| name.strip_suffix("\" is "));
    let object = Object::Resource { resource, group, namespace: namespace.map(|(name, _)| name), name };
    Some(Denial { user, verb, object })
}

impl Denial<'_> {
    fn explain(&self) -> Error {
        let (user, verb) = (self.user, self.verb);
        let fail = |message: String| Error::new(Class::Forbidden, message);
        match &self.object {
            // Since 1.36 there is a verb for acting as another at all, and one for each thing that is done so:
            // `impersonate:user-info`, `impersonate-on:user-info:list`.
            object if verb.starts_with("impersonate") => {
                let whom = match object {
                    Object::Resource { name: Some(name), .. } if !verb.starts_with("impersonate-on") => name,
                    _ => "another",
                };
                let kind = if verb.contains("serviceaccount") { "serviceaccounts" } else { "users" };
                fail(format!("acting as {whom} is forbidden for {user}"))
                    .advise(format!("ask for the \"impersonate\" verb on {kind}, or go without --as"))
            }
            Object::Path(path) => fail(format!("{} {path} is forbidden for {user}", gerund(verb)))
                .advise(format!("ask for the \"{verb}\" verb on the path {path}")),
            Object::Resource { resource, group, namespace, name } => {
                let what = full_name(resource, group);
                let place = match namespace {
                    Some(namespace) => format!(" in {namespace}"),
                    None => " in all of the cluster".to_owned(),
                };
                let object = name.map_or_else(|| what.clone(), |name| format!("{what} {name}"));
                fail(format!("{} {object}{place} is forbidden for {user}", gerund(verb)))
                    .advise(self.advice(&what, namespace.is_some()))
            }
        }
    }

    fn advice(&self, what: &str, in_namespace: bool) -> String {
        if self.user == "system:anonymous" {
            return "the server takes you for nobody: check the user of this context".to_owned();
        }
        let ask = format!("ask for the \"{}\" verb on {what}", self.verb);
        match (self.verb, in_namespace) {
            ("list" | "watch", true) => format!("{ask}, or :ns to go elsewhere"),
            ("list" | "watch", false) if lives_in_namespaces(what) => {
                format!("{ask}, or :ns to go to one namespace")
            }
            _ => ask,
        }
    }
}

/// Whether objects of this resource live in namespaces, as most do.
fn lives_in_namespaces(resource: &str) -> bool {
    resources::find(resource).is_none_or(|kind| kind.namespaced)
}

/// The resource as people write it: `pods`, `pods/exec`, `deployments.apps`.
fn full_name(resource: &str, group: &str) -> String {
    match (group, resource.split_once('/')) {
        ("", _) => resource.to_owned(),
        (group, Some((resource, sub))) => format!("{resource}.{group}/{sub}"),
        (group, None) => format!("{resource}.{group}"),
    }
}

fn gerund(verb: &str) -> String {
    match verb {
        "get" => "getting".to_owned(),
        "deletecollection" => "deleting all".to_owned(),
        // list, watch, create, update, patch, delete, approve, sign, escalate, bind ...
        _ => format!("{}ing", verb.strip_suffix('e').unwrap_or(verb)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(said: &str) -> String {
        explain(said, "listing things").to_string()
    }

    #[test]
    fn it_says_who_may_not_do_what_where_and_what_to_ask_for() {
        assert_eq!(
            line(
                "secrets is forbidden: User \"alice\" cannot list resource \"secrets\" in API group \"\" in the \
                 namespace \"kube-system\""
            ),
            "listing secrets in kube-system is forbidden for alice; ask for the \"list\" verb on secrets, or :ns to \
             go elsewhere"
        );
        assert_eq!(
            line(
                "deployments.apps is forbidden: User \"bob\" cannot list resource \"deployments\" in API group \
                 \"apps\" at the cluster scope: RBAC: clusterrole \"x\" not found"
            ),
            "listing deployments.apps in all of the cluster is forbidden for bob; ask for the \"list\" verb on \
             deployments.apps, or :ns to go to one namespace"
        );
        assert_eq!(
            line(
                "nodes is forbidden: User \"bob\" cannot list resource \"nodes\" in API group \"\" at the cluster scope"
            ),
            "listing nodes in all of the cluster is forbidden for bob; ask for the \"list\" verb on nodes"
        );
        assert_eq!(
            line(
                "pods \"web-0\" is forbidden: User \"bob\" cannot create resource \"pods/exec\" in API group \"\" in \
                 the namespace \"prod\""
            ),
            "creating pods/exec web-0 in prod is forbidden for bob; ask for the \"create\" verb on pods/exec"
        );
    }

    #[test]
    fn it_tells_impersonation_and_nobody_apart() {
        let end = "ask for the \"impersonate\" verb on users, or go without --as";
        for (said, start) in [
            (
                "users \"alice\" is forbidden: User \"bob\" cannot impersonate resource \"users\" in API group \"\" at \
                 the cluster scope",
                "acting as alice is forbidden for bob; ",
            ),
            (
                "secrets is forbidden: User \"bob\" cannot impersonate-on:user-info:list resource \"secrets\" in API \
                 group \"\" in the namespace \"kube-system\"",
                "acting as another is forbidden for bob; ",
            ),
            (
                "forbidden: User \"bob\" cannot impersonate-on:user-info:get path \"/version\"",
                "acting as another is forbidden for bob; ",
            ),
        ] {
            assert_eq!(line(said), format!("{start}{end}"));
        }
        assert!(
            line(
                "nodes is forbidden: User \"system:anonymous\" cannot list resource \"nodes\" in API group \"\" at \
                 the cluster scope"
            )
            .ends_with("the server takes you for nobody: check the user of this context")
        );
    }

    #[test]
    fn a_path_is_named() {
        assert_eq!(
            line("forbidden: User \"viewer\" cannot get path \"/metrics\""),
            "getting /metrics is forbidden for viewer; ask for the \"get\" verb on the path /metrics"
        );
    }

    #[test]
    fn what_is_not_about_rights_keeps_its_own_words() {
        let said = "pods \"web\" is forbidden: exceeded quota: compute, requested: pods=1, used: pods=9, limited: pods=9";
        assert_eq!(line(said), format!("listing things: {said}"));
        assert_eq!(line(""), "listing things: forbidden");
    }
}
