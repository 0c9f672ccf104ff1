//! Patches: changes that a client describes instead of sending the whole object.

use std::sync::Arc;

use serde_json::Value;

use super::failure::{Failure, Outcome};
use super::object::{Key, Object};
use super::{Part, World, Write, strategic};

/// A patch.
#[derive(Debug, Clone, PartialEq)]
pub enum Patch {
    /// A list of operations (RFC 6902).
    Json(json_patch::Patch),
    /// Fields to set, and to take away where they are null (RFC 7396).
    Merge(Value),
    /// The same, and lists are merged by the keys that Kubernetes gives their items.
    Strategic(Value),
}

impl Patch {
    /// Changes `value`, an object of this kind.
    ///
    /// # Errors
    /// 400 for a patch that makes no sense, 422 for one that cannot be applied to this object.
    pub fn apply(&self, kind: &str, value: &mut Value) -> Outcome<()> {
        match self {
            Patch::Json(operations) => {
                json_patch::patch(value, &operations.0).map_err(|_| Failure::unprocessable())
            }
            Patch::Merge(changes) => {
                json_patch::merge(value, changes);
                Ok(())
            }
            Patch::Strategic(changes) => strategic::merge(kind, value, changes),
        }
    }
}

impl World {
    /// Patches a part of an object, as a request would.
    ///
    /// # Errors
    /// 400, 404, 409, 422.
    pub fn patch(&mut self, key: &Key, patch: &Patch, part: Part, write: Write) -> Outcome<Arc<Object>> {
        let kind = self.types.get(key.of);
        let before = self.get(key).ok_or_else(|| Failure::not_found(&kind.resource(), &key.name))?;
        let mut value = before.value();
        patch.apply(&kind.kind, &mut value)?;
        self.update(key, value, part, write)
    }
}
