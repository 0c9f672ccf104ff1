//! An object as the simulated cluster keeps it: its JSON as bytes, and beside it the few facts that lists, watches and
//! controllers look things up by. A hundred thousand pods fit in memory that way, and a list is a copy of bytes.

use std::fmt;
use std::sync::Arc;

use serde_json::Value;

use super::facts::Facts;
use super::types::{Type, TypeId};
use super::value::{list, text};
use crate::resources::{Interner, Symbol};

/// The identity of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Uid(pub u128);

impl Uid {
    /// Reads the usual text form; `None` when it is anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Uid> {
        let digits: String = text.split('-').collect();
        (digits.len() == 32).then(|| u128::from_str_radix(&digits, 16).ok().map(Uid)).flatten()
    }
}

impl fmt::Display for Uid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hex = format!("{:032x}", self.0);
        write!(f, "{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
    }
}

/// Which object: its type, namespace (empty for types that have none) and name.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key {
    /// Its type.
    pub of: TypeId,
    /// Its namespace.
    pub namespace: Symbol,
    /// Its name.
    pub name: Symbol,
}

impl Key {
    /// The key of this name.
    #[must_use]
    pub fn new(of: TypeId, namespace: &str, name: &str) -> Key {
        Key { of, namespace: namespace.into(), name: name.into() }
    }
}

/// An owner of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Owner {
    /// Who.
    pub uid: Uid,
    /// Whether it is the controller.
    pub controller: bool,
}

/// A version of an object. It never changes; a change makes another one.
pub struct Object {
    /// Which object.
    pub key: Key,
    /// Its identity.
    pub uid: Uid,
    /// Its resource version.
    pub version: u64,
    /// Its labels, by key.
    pub labels: Arc<[(Symbol, Symbol)]>,
    /// Its owners.
    pub owners: Box<[Owner]>,
    /// Whether its deletion was asked for.
    pub deleting: bool,
    /// The values of its type's [`selectable`](Type::selectable) fields.
    pub fields: Box<[Symbol]>,
    pub(super) facts: Facts,
    json: Box<[u8]>,
}

impl fmt::Debug for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Object")
            .field("key", &self.key)
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

impl Object {
    /// Keeps `value`, whose metadata is complete.
    pub(super) fn new(
        of: TypeId,
        kind: &Type,
        value: &Value,
        version: u64,
        strings: &mut Interner,
    ) -> Object {
        let owner = |owner: &Value| {
            let controller = super::value::flag(owner, "/controller");
            Uid::parse(text(owner, "/uid")).map(|uid| Owner { uid, controller })
        };
        let key = Key {
            of,
            namespace: strings.intern(text(value, "/metadata/namespace")),
            name: text(value, "/metadata/name").into(),
        };
        Object {
            key,
            uid: Uid::parse(text(value, "/metadata/uid")).unwrap_or(Uid(0)),
            version,
            labels: labels(value, strings),
            owners: list(value, "/metadata/ownerReferences").iter().filter_map(owner).collect(),
            deleting: !text(value, "/metadata/deletionTimestamp").is_empty(),
            fields: kind.selectable.iter().map(|at| selectable(value, at, strings)).collect(),
            facts: Facts::of(of, value, strings),
            json: written(value),
        }
    }

    /// The whole object.
    #[must_use]
    pub fn value(&self) -> Value {
        serde_json::from_slice(&self.json).unwrap_or_default()
    }

    /// The whole object, as JSON.
    #[must_use]
    pub fn json(&self) -> &[u8] {
        &self.json
    }

    /// Its namespace; empty for types that have none.
    #[must_use]
    pub fn namespace(&self) -> &str {
        &self.key.namespace
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.key.name
    }

    /// The value of the label `key`.
    #[must_use]
    pub fn label(&self, key: &str) -> Option<&str> {
        let at = self.labels.binary_search_by(|(known, _)| (**known).cmp(key)).ok()?;
        Some(&self.labels[at].1)
    }

    /// The owner that controls it.
    #[must_use]
    pub fn controller(&self) -> Option<Uid> {
        self.owners.iter().find(|owner| owner.controller).map(|owner| owner.uid)
    }
}

/// An object as JSON: first its kind and version, as the API writes it.
fn written(value: &Value) -> Box<[u8]> {
    let first = ["kind", "apiVersion"];
    let fields = value.as_object().into_iter().flatten();
    let (mut head, mut rest) = (Vec::new(), Vec::new());
    for (name, value) in fields {
        let part = if first.contains(&&**name) { &mut head } else { &mut rest };
        part.push((name, value));
    }
    head.reverse();
    let mut out = vec![b'{'];
    for (name, value) in head.into_iter().chain(rest) {
        if out.len() > 1 {
            out.push(b',');
        }
        // Neither a text nor a value can fail to be written to memory.
        drop(serde_json::to_writer(&mut out, name));
        out.push(b':');
        drop(serde_json::to_writer(&mut out, value));
    }
    out.push(b'}');
    out.into()
}

fn labels(value: &Value, strings: &mut Interner) -> Arc<[(Symbol, Symbol)]> {
    let Some(labels) = super::value::map(value, "/metadata/labels") else { return Arc::default() };
    let mut labels: Vec<(Symbol, Symbol)> = labels
        .iter()
        .map(|(key, value)| (strings.intern(key), strings.intern(value.as_str().unwrap_or_default())))
        .collect();
    labels.sort();
    labels.into()
}

fn selectable(value: &Value, pointer: &str, strings: &mut Interner) -> Symbol {
    match super::value::get(value, pointer) {
        Some(Value::String(text)) => strings.intern(text),
        Some(Value::Bool(true)) => strings.intern("true"),
        Some(Value::Number(number)) => strings.intern(&number.to_string()),
        _ if pointer == "/spec/unschedulable" => strings.intern("false"),
        _ => strings.intern(""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uid_is_written_as_it_is_read() {
        let text = "01234567-89ab-4def-8123-456789abcdef";
        assert_eq!(Uid::parse(text).map(|uid| uid.to_string()).as_deref(), Some(text));
        assert_eq!(Uid::parse("x"), None);
    }
}
