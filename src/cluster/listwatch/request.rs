//! The requests: paths, parameters and headers.

use std::fmt::Write as _;
use std::time::Duration;

use http::header::{ACCEPT, ACCEPT_ENCODING};
use kube::client::Body;

use crate::resources::Selection;

/// JSON, without the part of every object that no row shows. Servers that do not know the parameter ignore it.
const JSON: &str = "application/json;drop=metadata.managedFields";

/// A request for one page of a list, or for all of it.
pub(super) struct Page<'a> {
    /// The most objects to answer with.
    pub(super) limit: Option<u32>,
    /// Where the page before said that this one begins.
    pub(super) token: Option<&'a str>,
}

impl Page<'_> {
    /// The request.
    pub(super) fn request(&self, selection: &Selection) -> http::Request<Body> {
        let mut target = Target::of(selection);
        if let Some(limit) = self.limit {
            target.add("limit", &limit.to_string());
        }
        if let Some(token) = self.token {
            target.add("continue", token);
        }
        target.get("gzip")
    }
}

/// The request for what happens after `version`. The server is asked to end it after `life`.
pub(super) fn watch(selection: &Selection, version: &str, life: Duration) -> http::Request<Body> {
    let mut target = Target::of(selection);
    target.add("watch", "true");
    target.add("allowWatchBookmarks", "true");
    target.add("resourceVersion", version);
    target.add("timeoutSeconds", &life.as_secs().max(1).to_string());
    target.get("identity")
}

/// A path and query under construction.
pub(in crate::cluster) struct Target {
    text: String,
    first: bool,
}

impl Target {
    /// The path of these parts, which may have any characters.
    pub(in crate::cluster) fn of_parts(parts: &[&str]) -> Target {
        let mut text = String::new();
        for part in parts {
            text.push('/');
            escape(part, &mut text);
        }
        Target { text, first: true }
    }

    fn of(selection: &Selection) -> Target {
        let kind = selection.kind;
        let mut text = match kind.group {
            "" => format!("/api/{}", kind.version),
            group => format!("/apis/{group}/{}", kind.version),
        };
        if let Some(namespace) = selection.namespace.as_deref().filter(|_| kind.namespaced) {
            text.push_str("/namespaces/");
            escape(namespace, &mut text);
        }
        text.push('/');
        text.push_str(kind.path);
        let mut target = Target { text, first: true };
        for (name, selector) in [("labelSelector", &selection.labels), ("fieldSelector", &selection.fields)] {
            if !selector.is_empty() {
                target.add(name, selector);
            }
        }
        target
    }

    /// Adds a parameter.
    pub(in crate::cluster) fn add(&mut self, name: &str, value: &str) {
        self.text.push(if self.first { '?' } else { '&' });
        self.first = false;
        self.text.push_str(name);
        self.text.push('=');
        escape(value, &mut self.text);
    }

    fn get(self, encoding: &'static str) -> http::Request<Body> {
        self.accept(JSON, encoding)
    }

    /// The request for a body of this type in this encoding.
    pub(in crate::cluster) fn accept(
        self,
        kind: &'static str,
        encoding: &'static str,
    ) -> http::Request<Body> {
        http::Request::get(self.text)
            .header(ACCEPT, kind)
            .header(ACCEPT_ENCODING, encoding)
            .body(Body::empty())
            .expect("a target of escaped parts is a URI")
    }
}

/// Percent-encodes all but the unreserved characters of RFC 3986.
fn escape(text: &str, out: &mut String) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resources::{Kind, find};

    static DEPLOYMENTS: Kind = Kind {
        group: "apps",
        version: "v1",
        plural: "deployments",
        singular: "deployment",
        short: &[],
        kind: "Deployment",
        namespaced: true,
        listed: true,
        path: "deployments",
        headers: &[],
        sort: None,
        decode: |_, _, _| Ok(()),
    };

    fn first(selection: &Selection) -> String {
        let page = Page { limit: Some(100), token: None };
        page.request(selection).uri().to_string()
    }

    fn pods() -> Selection {
        Selection::all(find("pods").unwrap(), None)
    }

    #[test]
    fn the_core_group_and_the_others_have_their_own_roots() {
        assert_eq!(first(&pods()), "/api/v1/pods?limit=100");
        let here = Selection::all(&DEPLOYMENTS, Some("shop".into()));
        assert_eq!(first(&here), "/apis/apps/v1/namespaces/shop/deployments?limit=100");
    }

    #[test]
    fn selectors_and_tokens_are_escaped() {
        let mut chosen = pods();
        chosen.labels = "app in (a,b),tier!=x".to_owned();
        chosen.fields = "spec.nodeName=n&1".to_owned();
        let page = Page { limit: None, token: Some("ab+/=") };
        let request = page.request(&chosen);
        assert_eq!(
            request.uri().to_string(),
            "/api/v1/pods?labelSelector=app%20in%20%28a%2Cb%29%2Ctier%21%3Dx\
             &fieldSelector=spec.nodeName%3Dn%261&continue=ab%2B%2F%3D"
        );
        assert_eq!(request.headers()[ACCEPT_ENCODING], "gzip");
    }

    #[test]
    fn a_watch_says_from_where_and_for_how_long() {
        let request = watch(&pods(), "17", Duration::from_secs(300));
        assert_eq!(
            request.uri().to_string(),
            "/api/v1/pods?watch=true&allowWatchBookmarks=true&resourceVersion=17&timeoutSeconds=300"
        );
        assert_eq!(request.headers()[ACCEPT_ENCODING], "identity");
    }

    proptest::proptest! {
        #[test]
        fn any_selection_makes_a_request(namespace in ".*", labels in ".*", fields in ".*", token in ".*") {
            let kind = find("pods").unwrap();
            let selection = Selection { kind, namespace: Some(namespace.as_str().into()), labels, fields };
            Page { limit: Some(1), token: Some(&token) }.request(&selection);
        }
    }
}
