//! Deleting: grace periods, finalizers, preconditions, and what becomes of what is owned.

use std::sync::Arc;

use serde_json::{Value, json};

use super::failure::{Failure, Outcome};
use super::object::{Key, Object};
use super::types::TypeId;
use super::value::{int, list, set, text};
use super::write::held;
use super::{World, Write};

/// What becomes of the objects that the deleted one owns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Propagation {
    /// They are deleted afterwards.
    Background,
    /// They are deleted before it.
    Foreground,
    /// They stay, without an owner.
    Orphan,
}

/// What must be so for a deletion to happen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Preconditions {
    /// The object's identity.
    pub uid: Option<String>,
    /// The object's version.
    pub version: Option<String>,
}

/// How an object is to be deleted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Deletion {
    /// What becomes of what it owns; `None` for the type's own way.
    pub propagation: Option<Propagation>,
    /// Seconds that a pod has to end by itself; `None` for its own wish.
    pub grace: Option<i64>,
    /// What must be so.
    pub preconditions: Preconditions,
    /// Nothing is changed.
    pub dry_run: bool,
}

/// What came of a deletion.
#[derive(Debug)]
pub enum Deleted {
    /// The object is gone; this is how it was last.
    Gone(Arc<Object>),
    /// The object is going: it waits for its containers, for finalizers or for what it owns.
    Going(Arc<Object>),
}

impl World {
    /// Deletes an object, as a request would.
    ///
    /// # Errors
    /// 404, or 409 when a precondition does not hold.
    pub fn delete(&mut self, key: &Key, how: &Deletion) -> Outcome<Deleted> {
        let kind = self.types.get(key.of);
        let missing = || Failure::not_found(&kind.resource(), &key.name);
        let object = self.get(key).cloned().ok_or_else(missing)?;
        check(&kind.qualified_kind(), &object, &how.preconditions)?;
        let old = object.value();
        let mut new = old.clone();
        let grace = grace(key.of, &old, how.grace);
        match propagation(key.of, how.propagation) {
            Propagation::Background => {}
            Propagation::Foreground => add_finalizer(&mut new, "foregroundDeletion"),
            Propagation::Orphan => add_finalizer(&mut new, "orphan"),
        }
        if grace == 0 && !held(&new) {
            if !how.dry_run {
                self.forget(&object);
            }
            return Ok(Deleted::Gone(object));
        }
        // A pod that is going already can only be hurried.
        let hurried = !object.deleting || grace < int(&old, "/metadata/deletionGracePeriodSeconds");
        if hurried {
            set(&mut new, "/metadata/deletionTimestamp", self.now.plus(grace).rfc3339());
            set(&mut new, "/metadata/deletionGracePeriodSeconds", grace);
            if key.of == TypeId::NAMESPACES {
                set(&mut new, "/status/phase", "Terminating");
            }
        }
        let write = Write { dry_run: how.dry_run };
        if new == old {
            return Ok(Deleted::Going(object));
        }
        Ok(Deleted::Going(self.keep(Some(object), key.of, &new, write)))
    }
}

/// `kind` is qualified by its group.
fn check(kind: &str, object: &Object, wanted: &Preconditions) -> Outcome<()> {
    let pairs = [
        ("UID", &wanted.uid, object.uid.to_string(), "deleted and then recreated"),
        ("ResourceVersion", &wanted.version, object.version.to_string(), "modified"),
    ];
    for (what, wanted, there, perhaps) in pairs {
        if let Some(wanted) = wanted.as_ref().filter(|wanted| **wanted != there) {
            let why = format!(
                "the {what} in the precondition ({wanted}) does not match the {what} in record ({there}). \
                 The object might have been {perhaps}"
            );
            return Err(Failure::conflict(kind, object.name(), &why));
        }
    }
    Ok(())
}

/// Seconds until an object may be taken away. Only pods are given time, and only those that run.
fn grace(of: TypeId, pod: &Value, asked: Option<i64>) -> i64 {
    let ended = matches!(text(pod, "/status/phase"), "Succeeded" | "Failed");
    if of != TypeId::PODS || text(pod, "/spec/nodeName").is_empty() || ended {
        return 0;
    }
    asked.unwrap_or_else(|| {
        pod.pointer("/spec/terminationGracePeriodSeconds").and_then(Value::as_i64).unwrap_or(30)
    })
}

/// Jobs leave their pods behind unless told otherwise: the way of `batch/v1` from its first days.
fn propagation(of: TypeId, asked: Option<Propagation>) -> Propagation {
    let own = if of == TypeId::JOBS { Propagation::Orphan } else { Propagation::Background };
    asked.unwrap_or(own)
}

fn add_finalizer(object: &mut Value, name: &str) {
    let mut all = list(object, "/metadata/finalizers").to_vec();
    if !all.iter().any(|known| known == name) {
        all.push(json!(name));
        set(object, "/metadata/finalizers", all);
    }
}
