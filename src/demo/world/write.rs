//! Creating and updating: what the API server does to an object between a request and etcd.

use std::sync::Arc;

use serde_json::{Value, json};

use super::defaults;
use super::failure::{Failure, FieldError, Outcome};
use super::object::{Key, Object};
use super::types::TypeId;
use super::validate;
use super::value::{int, list, remove, set, text};
use super::{Change, World};

/// How a change is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Write {
    /// Nothing is changed; the answer is what would be.
    pub dry_run: bool,
}

/// Which part of an object an update may change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Everything but the status, where that is a part of its own.
    Main,
    /// The status alone.
    Status,
    /// What is said about a pod's containers: what they may use, and ephemeral ones.
    Containers,
}

/// The metadata that the server alone decides about.
const SERVERS: &[&str] = &[
    "/metadata/uid",
    "/metadata/creationTimestamp",
    "/metadata/deletionTimestamp",
    "/metadata/deletionGracePeriodSeconds",
    "/metadata/selfLink",
    "/metadata/generation",
];

impl World {
    /// Creates an object in a namespace (empty for types that have none), as a request would.
    ///
    /// # Errors
    /// 400, 404 for its namespace, 409 when there is one of this name, 422.
    pub fn create(
        &mut self,
        of: TypeId,
        namespace: &str,
        mut value: Value,
        write: Write,
    ) -> Outcome<Arc<Object>> {
        let kind = self.types.get(of).clone();
        if !value.is_object() {
            return Err(Failure::bad_request("the body is not an object"));
        }
        self.place(of, namespace, &mut value)?;
        for field in SERVERS {
            remove(&mut value, field);
        }
        remove(&mut value, "/metadata/resourceVersion");
        if kind.has("status") && of != TypeId::NODES {
            remove(&mut value, "/status");
            // Built-in types have a status from the beginning, with nothing in it.
            if !kind.custom {
                set(&mut value, "/status", Value::Object(serde_json::Map::new()));
            }
        }
        self.name(&mut value);
        let key = Key::new(of, namespace, text(&value, "/metadata/name"));
        if kind.namespaced {
            self.admit_to_namespace(of, namespace, &key.name)?;
        }
        if self.get(&key).is_some() {
            return Err(Failure::already_exists(&kind.resource(), &key.name));
        }
        let uid = self.chance.uid();
        set(&mut value, "/metadata/uid", uid.to_string());
        set(&mut value, "/metadata/creationTimestamp", self.now.rfc3339());
        if kind.counts_generations() {
            set(&mut value, "/metadata/generation", 1);
        }
        defaults::apply(self, of, &mut value);
        let errors = validate::object(of, &value);
        if !errors.is_empty() {
            return Err(Failure::invalid(&kind.qualified_kind(), &key.name, &errors));
        }
        Ok(self.keep(None, of, &value, write))
    }

    /// Puts an object there as it is, status included, completing only what every object has and the defaults of its
    /// type. For scenarios, which make a cluster that has been running for long.
    pub fn insert(&mut self, of: TypeId, mut value: Value) -> Arc<Object> {
        let kind = self.types.get(of);
        let (api_version, counts, kind) =
            (kind.api_version(), kind.counts_generations(), kind.kind.to_string());
        set(&mut value, "/apiVersion", api_version);
        set(&mut value, "/kind", kind);
        if text(&value, "/metadata/uid").is_empty() {
            let uid = self.chance.uid();
            set(&mut value, "/metadata/uid", uid.to_string());
        }
        if text(&value, "/metadata/creationTimestamp").is_empty() {
            set(&mut value, "/metadata/creationTimestamp", self.now.rfc3339());
        }
        if counts && int(&value, "/metadata/generation") == 0 {
            set(&mut value, "/metadata/generation", 1);
        }
        defaults::apply(self, of, &mut value);
        let key = Key::new(of, text(&value, "/metadata/namespace"), text(&value, "/metadata/name"));
        let before = self.get(&key).cloned();
        self.keep(before, of, &value, Write::default())
    }

    /// Replaces a part of an object, as a request would: the versions and identities that `value` names must be
    /// those that are there.
    ///
    /// # Errors
    /// 400, 404, 409, 422.
    pub fn update(&mut self, key: &Key, value: Value, part: Part, write: Write) -> Outcome<Arc<Object>> {
        let kind = self.types.get(key.of).clone();
        let before = self.get(key).cloned().ok_or_else(|| Failure::not_found(&kind.resource(), &key.name))?;
        let mut value = value;
        set(&mut value, "/apiVersion", kind.api_version());
        set(&mut value, "/kind", kind.kind.to_string());
        self.place(key.of, &key.namespace, &mut value)?;
        if text(&value, "/metadata/name") != &*key.name {
            let (said, name) = (text(&value, "/metadata/name"), &key.name);
            let message =
                format!("the name of the object ({said}) does not match the name on the URL ({name})");
            return Err(Failure::bad_request(message));
        }
        check_versions(&kind.resource(), &value, &before)?;
        if kind.custom && text(&value, "/metadata/resourceVersion").is_empty() {
            let why = "must be specified for an update";
            let error = FieldError::invalid("metadata.resourceVersion", &json!(0), why);
            return Err(Failure::invalid(&kind.qualified_kind(), &key.name, &[error]));
        }
        let old = before.value();
        let mut new = match part {
            Part::Main | Part::Containers => {
                carry_over(&old, &mut value, kind.has("status"));
                value
            }
            Part::Status => {
                let mut new = old.clone();
                set(&mut new, "/status", value["status"].take());
                new
            }
        };
        defaults::apply(self, key.of, &mut new);
        let mut errors = validate::object(key.of, &new);
        errors.extend(validate::change(key.of, &old, &new));
        if key.of == TypeId::PODS && part == Part::Main {
            errors.extend(validate::pod_change(&old, &new));
        }
        if !errors.is_empty() {
            return Err(Failure::invalid(&kind.qualified_kind(), &key.name, &errors));
        }
        Ok(self.replace(&before, &old, new, write))
    }

    /// Changes an object, if it is there: how controllers do it. Nothing happens when `change` changes nothing.
    pub fn modify(&mut self, key: &Key, change: impl FnOnce(&mut Value)) -> Option<Arc<Object>> {
        let before = self.get(key).cloned()?;
        let old = before.value();
        let mut new = old.clone();
        change(&mut new);
        if new["spec"] != old["spec"] {
            defaults::apply(self, key.of, &mut new);
        }
        Some(self.replace(&before, &old, new, Write::default()))
    }

    /// Writes the status of an object that was read as `known`, where it is another.
    pub fn report(&mut self, key: &Key, known: &Value, status: Value) {
        if known["status"] != status {
            self.modify(key, |value| value["status"] = status);
        }
    }

    /// Puts `new` in the place of `old`, counting the generation, unless they are the same. An object that waited for
    /// its last finalizer is gone then.
    fn replace(&mut self, before: &Arc<Object>, old: &Value, mut new: Value, write: Write) -> Arc<Object> {
        let of = before.key.of;
        if old.pointer("/metadata/generation").is_some() && wants_other(of, old, &new) {
            set(&mut new, "/metadata/generation", int(old, "/metadata/generation") + 1);
        }
        if new == *old {
            return before.clone();
        }
        let let_go = before.deleting && !held(&new) && int(&new, "/metadata/deletionGracePeriodSeconds") == 0;
        if let_go && !write.dry_run {
            self.forget(before);
            return before.clone();
        }
        self.keep(Some(before.clone()), of, &new, write)
    }

    /// Takes an object out of the world, whatever stands against it.
    pub fn forget(&mut self, object: &Arc<Object>) {
        let change = self.store.commit(Some(object.clone()), None);
        self.memory.forget(object.uid);
        self.fresh.push(change);
    }

    /// Stores a value as the object's new version, or only makes the object of a dry run.
    pub(super) fn keep(
        &mut self,
        before: Option<Arc<Object>>,
        of: TypeId,
        value: &Value,
        write: Write,
    ) -> Arc<Object> {
        let version = self.store.version() + 1;
        let mut value = value.clone();
        let said = if write.dry_run { self.store.version() } else { version };
        set(&mut value, "/metadata/resourceVersion", said.to_string());
        let object = Object::new(of, self.types.get(of), &value, said, &mut self.store.strings);
        if write.dry_run {
            return Arc::new(object);
        }
        let change = self.store.commit(before, Some(object));
        let object = change.object().clone();
        self.fresh.push(change);
        object
    }

    /// Sets type and namespace, which the path of a request decides.
    fn place(&self, of: TypeId, namespace: &str, value: &mut Value) -> Outcome<()> {
        let kind = self.types.get(of);
        for (field, wanted) in [("/apiVersion", kind.api_version()), ("/kind", kind.kind.to_string())] {
            let said = text(value, field);
            if !said.is_empty() && said != wanted {
                let what = &field[1..];
                let message =
                    format!("the {what} in the data ({said}) does not match the expected {what} ({wanted})");
                return Err(Failure::bad_request(message));
            }
            set(value, field, wanted);
        }
        if !kind.namespaced {
            remove(value, "/metadata/namespace");
            return Ok(());
        }
        let said = text(value, "/metadata/namespace");
        if !said.is_empty() && said != namespace {
            let message =
                "the namespace of the provided object does not match the namespace sent on the request";
            return Err(Failure::bad_request(message));
        }
        set(value, "/metadata/namespace", namespace);
        Ok(())
    }

    /// Makes a name up where one is asked for.
    fn name(&mut self, value: &mut Value) {
        let prefix = text(value, "/metadata/generateName").to_owned();
        if text(value, "/metadata/name").is_empty() && !prefix.is_empty() {
            let suffix = self.chance.suffix(5);
            let kept: String = prefix.chars().take(58).collect();
            set(value, "/metadata/name", format!("{kept}{suffix}"));
        }
    }

    /// Objects are created only in namespaces that are there and stay.
    fn admit_to_namespace(&self, of: TypeId, namespace: &str, name: &str) -> Outcome<()> {
        let found = self.get(&Key::new(TypeId::NAMESPACES, "", namespace));
        let found = found.ok_or_else(|| Failure::not_found("namespaces", namespace))?;
        if found.deleting {
            let why = format!(
                "unable to create new content in namespace {namespace} because it is being terminated"
            );
            let mut failure = Failure::forbidden(&self.types.get(of).resource(), name, &why);
            failure.details["causes"] = json!([{
                "reason": "NamespaceTerminating", "message": format!("namespace {namespace} is being terminated"),
                "field": "metadata.namespace",
            }]);
            return Err(failure);
        }
        Ok(())
    }
}

/// Whether something else is wanted now. That a pod is bound to a node is no wish.
fn wants_other(of: TypeId, old: &Value, new: &Value) -> bool {
    if new["spec"] == old["spec"] {
        return false;
    }
    let but_bound = |object: &Value| {
        let mut spec = object["spec"].clone();
        remove(&mut spec, "/nodeName");
        spec
    };
    of != TypeId::PODS || but_bound(old) != but_bound(new)
}

/// Whether finalizers keep an object.
pub(super) fn held(value: &Value) -> bool {
    !list(value, "/metadata/finalizers").is_empty() || !list(value, "/spec/finalizers").is_empty()
}

/// The version and identity that an update names must be those that are there.
fn check_versions(resource: &str, value: &Value, before: &Object) -> Outcome<()> {
    let uid = text(value, "/metadata/uid");
    if !uid.is_empty() && uid != before.uid.to_string() {
        let there = before.uid;
        let why = format!("Precondition failed: UID in precondition: {uid}, UID in object meta: {there}");
        return Err(Failure::conflict(resource, before.name(), &why));
    }
    let version = text(value, "/metadata/resourceVersion");
    if !version.is_empty() && version != "0" && version != before.version.to_string() {
        let why =
            "the object has been modified; please apply your changes to the latest version and try again";
        return Err(Failure::conflict(resource, before.name(), why));
    }
    Ok(())
}

/// Takes over from `old` what an update cannot change.
fn carry_over(old: &Value, new: &mut Value, has_status: bool) {
    for field in SERVERS {
        match old.pointer(field) {
            Some(kept) => set(new, field, kept.clone()),
            None => drop(remove(new, field)),
        }
    }
    if has_status {
        match old.get("status") {
            Some(status) => set(new, "/status", status.clone()),
            None => drop(remove(new, "/status")),
        }
    }
    // An object without a version of its own, to be compared with one that has.
    if let Some(version) = old.pointer("/metadata/resourceVersion") {
        set(new, "/metadata/resourceVersion", version.clone());
    }
}

/// A change, for who wants to know what it was.
impl Change {
    /// Whether the object is new.
    #[must_use]
    pub fn is_new(&self) -> bool {
        self.before.is_none()
    }

    /// Whether the object is gone.
    #[must_use]
    pub fn is_end(&self) -> bool {
        self.after.is_none()
    }
}
