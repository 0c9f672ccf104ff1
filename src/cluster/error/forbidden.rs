//! Who may not do what, and what to ask for: the words of a 403.

use super::{Class, Error};

/// What an authorizer's sentence says: `pods is forbidden: User "alice" cannot list resource "pods" in API group ""
/// in the namespace "default"`.
#[derive(Debug, PartialEq)]
struct Denial<'a> {
    user: &'a str,
    verb: &'a str,
    resource: &'a str,
    group: &'a str,
    namespace: Option<&'a str>,
    /// The name of the object, when it is about one.
    name: Option<&'a str>,
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
    let (head, rest) = said.split_once(" is forbidden: User \"")?;
    let (user, rest) = rest.split_once("\" cannot ")?;
    let (verb, rest) = rest.split_once(' ')?;
    let (resource, rest) = rest.strip_prefix("resource \"")?.split_once('"')?;
    let group =
        rest.strip_prefix(" in API group \"").and_then(|rest| rest.split_once('"')).map_or("", |(g, _)| g);
    let namespace = rest.split_once(" in the namespace \"").and_then(|(_, rest)| rest.split_once('"'));
    let name = head.split_once(" \"").and_then(|(_, name)| name.strip_suffix('"'));
    Some(Denial { user, verb, resource, group, namespace: namespace.map(|(name, _)| name), name })
}

impl Denial<'_> {
    fn explain(&self) -> Error {
        let what = self.what();
        if self.verb == "impersonate" {
            let name = self.name.unwrap_or("another");
            return Error::new(
                Class::Forbidden,
                format!("acting as {name} ({}) is forbidden for {}", self.resource, self.user),
            )
            .advise(format!("ask for the \"impersonate\" verb on {what}, or go without --as"));
        }
        let place = match self.namespace {
            Some(namespace) => format!(" in {namespace}"),
            None => " in all of the cluster".to_owned(),
        };
        let object = self.name.map_or_else(|| what.clone(), |name| format!("{what} {name}"));
        let message = format!("{} {object}{place} is forbidden for {}", gerund(self.verb), self.user);
        Error::new(Class::Forbidden, message).advise(self.advice(&what))
    }

    /// The resource as people write it: `pods`, `pods/exec`, `deployments.apps`.
    fn what(&self) -> String {
        match (self.group, self.resource.split_once('/')) {
            ("", _) => self.resource.to_owned(),
            (group, Some((resource, sub))) => format!("{resource}.{group}/{sub}"),
            (group, None) => format!("{}.{group}", self.resource),
        }
    }

    fn advice(&self, what: &str) -> String {
        if self.user == "system:anonymous" {
            return "the server takes you for nobody: check the user of this context".to_owned();
        }
        let ask = format!("ask for the \"{}\" verb on {what}", self.verb);
        match (self.verb, self.namespace) {
            ("list" | "watch", Some(_)) => format!("{ask}, or :ns to go elsewhere"),
            ("list" | "watch", None) => format!("{ask}, or :ns to go to one namespace"),
            _ => ask,
        }
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
                "pods \"web-0\" is forbidden: User \"bob\" cannot create resource \"pods/exec\" in API group \"\" in \
                 the namespace \"prod\""
            ),
            "creating pods/exec web-0 in prod is forbidden for bob; ask for the \"create\" verb on pods/exec"
        );
    }

    #[test]
    fn it_tells_impersonation_and_nobody_apart() {
        assert_eq!(
            line(
                "users \"alice\" is forbidden: User \"bob\" cannot impersonate resource \"users\" in API group \"\" at \
                 the cluster scope"
            ),
            "acting as alice (users) is forbidden for bob; ask for the \"impersonate\" verb on users, or go without \
             --as"
        );
        assert!(
            line(
                "nodes is forbidden: User \"system:anonymous\" cannot list resource \"nodes\" in API group \"\" at \
                 the cluster scope"
            )
            .ends_with("the server takes you for nobody: check the user of this context")
        );
    }

    #[test]
    fn what_is_not_about_rights_keeps_its_own_words() {
        let said = "pods \"web\" is forbidden: exceeded quota: compute, requested: pods=1, used: pods=9, limited: pods=9";
        assert_eq!(line(said), format!("listing things: {said}"));
        assert_eq!(line(""), "listing things: forbidden");
    }
}
