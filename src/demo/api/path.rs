//! What a path means.

use percent_encoding::percent_decode_str;

use crate::demo::world::{Failure, Key, Outcome, TypeId, World};

/// What a path leads to.
#[derive(Debug, PartialEq)]
pub(super) enum Path {
    /// A fixed text.
    Plain(&'static str),
    /// `/version`.
    Version,
    /// What is served.
    Discovery(Catalogue),
    /// `/openapi/...`: what is behind it.
    OpenApi(String),
    /// Objects.
    Api(Place),
}

/// Which part of what is served.
#[derive(Debug, PartialEq)]
pub(super) enum Catalogue {
    /// `/api`.
    Core,
    /// `/apis`.
    Groups,
    /// `/apis/GROUP`.
    Group(String),
    /// `/api/v1` and `/apis/GROUP/VERSION`.
    Version(String, String),
}

/// Where objects are.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Place {
    pub(super) group: String,
    pub(super) version: String,
    /// Empty for all namespaces, and for types that have none.
    pub(super) namespace: String,
    pub(super) plural: String,
    pub(super) name: Option<String>,
    pub(super) subresource: Option<String>,
}

impl Path {
    /// Reads a path.
    ///
    /// # Errors
    /// 404 when it leads nowhere.
    pub(super) fn parse(path: &str) -> Outcome<Path> {
        let decode = |part: &str| percent_decode_str(part).decode_utf8_lossy().into_owned();
        let parts: Vec<String> = path.split('/').filter(|part| !part.is_empty()).map(decode).collect();
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        match *parts.as_slice() {
            ["healthz" | "livez" | "readyz", ..] => Ok(Path::Plain("ok")),
            ["version"] => Ok(Path::Version),
            ["openapi", ref rest @ ..] => Ok(Path::OpenApi(rest.join("/"))),
            ["api"] => Ok(Path::Discovery(Catalogue::Core)),
            ["apis"] => Ok(Path::Discovery(Catalogue::Groups)),
            ["apis", group] => Ok(Path::Discovery(Catalogue::Group(group.to_owned()))),
            ["api", version] => Ok(Path::Discovery(Catalogue::Version(String::new(), version.to_owned()))),
            ["apis", group, version] => {
                Ok(Path::Discovery(Catalogue::Version(group.to_owned(), version.to_owned())))
            }
            ["api", version, ref rest @ ..] => Place::parse("", version, rest).map(Path::Api),
            ["apis", group, version, ref rest @ ..] => Place::parse(group, version, rest).map(Path::Api),
            _ => Err(Failure::no_such_path()),
        }
    }
}

impl Place {
    fn parse(group: &str, version: &str, rest: &[&str]) -> Outcome<Place> {
        let (namespace, rest) = match rest {
            // What is behind a namespace are its objects, unless it is a part of the namespace itself.
            ["namespaces", _, "status" | "finalize"] => ("", rest),
            ["namespaces", namespace, plural, rest @ ..] => {
                return Place::of(group, version, namespace, plural, rest);
            }
            _ => ("", rest),
        };
        let (plural, rest) = rest.split_first().ok_or_else(Failure::no_such_path)?;
        Place::of(group, version, namespace, plural, rest)
    }

    fn of(group: &str, version: &str, namespace: &str, plural: &str, rest: &[&str]) -> Outcome<Place> {
        if rest.len() > 2 {
            return Err(Failure::no_such_path());
        }
        let part = |at: usize| rest.get(at).map(|part| (*part).to_owned());
        Ok(Place {
            group: group.to_owned(),
            version: version.to_owned(),
            namespace: namespace.to_owned(),
            plural: plural.to_owned(),
            name: part(0),
            subresource: part(1),
        })
    }

    /// The type of the objects.
    ///
    /// # Errors
    /// 404 when there is no such type, or nothing of it at such a place.
    pub(super) fn find(&self, world: &World) -> Outcome<TypeId> {
        let of =
            world.types.at(&self.group, &self.version, &self.plural).ok_or_else(Failure::no_such_path)?;
        let kind = world.kind(of);
        let placed = if kind.namespaced {
            !self.namespace.is_empty() || self.name.is_none()
        } else {
            self.namespace.is_empty()
        };
        let part = self.subresource.as_deref().is_none_or(|part| kind.has(part));
        if placed && part { Ok(of) } else { Err(Failure::no_such_path()) }
    }

    /// Which object of type `of`.
    pub(super) fn key(&self, of: TypeId) -> Key {
        Key::new(of, &self.namespace, self.name.as_deref().unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(path: &str) -> (String, String, String, String) {
        let Ok(Path::Api(place)) = Path::parse(path) else { panic!("{path} leads to no objects") };
        let or = |part: Option<String>| part.unwrap_or_default();
        (place.namespace, place.plural, or(place.name), or(place.subresource))
    }

    #[test]
    fn paths_lead_to_types_namespaces_objects_and_their_parts() {
        let is = |path: &str, parts: [&str; 4]| {
            let (namespace, plural, name, part) = place(path);
            assert_eq!([&*namespace, &*plural, &*name, &*part], parts, "{path}");
        };
        is("/api/v1/pods", ["", "pods", "", ""]);
        is("/api/v1/namespaces", ["", "namespaces", "", ""]);
        is("/api/v1/namespaces/shop", ["", "namespaces", "shop", ""]);
        is("/api/v1/namespaces/shop/finalize", ["", "namespaces", "shop", "finalize"]);
        is("/api/v1/namespaces/shop/pods/web/log", ["shop", "pods", "web", "log"]);
        is("/apis/apps/v1/namespaces/shop/deployments/web/scale", ["shop", "deployments", "web", "scale"]);
        is("/apis/rbac.authorization.k8s.io/v1/clusterroles/a%3Ab", ["", "clusterroles", "a:b", ""]);
        assert_eq!(Path::parse("/nowhere").map_err(|failure| failure.code), Err(404));
    }
}
