//! From the bytes of an object to what happens to its rows.

use std::collections::{HashMap, HashSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use rustc_hash::FxBuildHasher;
use serde::Deserialize;

use super::fault;
use crate::cluster::error::mistake;
use crate::cluster::{Delta, Error};
use crate::resources::wire::Str;
use crate::resources::{Interner, Kind, Row, RowId};

/// Decodes the objects of one watch.
pub(super) struct Objects {
    kind: &'static Kind,
    interner: Interner,
    rows: Vec<Box<dyn Row>>,
    /// For kinds that are parts of other objects (containers): the rows that each object has.
    parts: Option<HashMap<RowId, Vec<RowId>, FxBuildHasher>>,
    unread: Unread,
}

/// The objects that could not be decoded.
#[derive(Default)]
struct Unread {
    objects: HashSet<RowId, FxBuildHasher>,
    latest: Option<Arc<Error>>,
    changed: bool,
}

/// What is read of every object besides its rows.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Head<'a> {
    #[serde(borrow)]
    metadata: HeadMeta<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct HeadMeta<'a> {
    #[serde(borrow)]
    name: Str<'a>,
    #[serde(borrow)]
    namespace: Str<'a>,
    #[serde(borrow)]
    uid: Str<'a>,
    #[serde(borrow)]
    resource_version: Str<'a>,
}

impl<'a> Head<'a> {
    /// Reads it off an object.
    ///
    /// # Errors
    /// When the bytes are not an object of the API.
    pub(super) fn read(object: &'a [u8]) -> Result<Head<'a>, Error> {
        serde_json::from_slice(object).map_err(|_| fault::not_an_object(object))
    }

    /// The version of the object, or for a bookmark the version that the watch has come to.
    pub(super) fn version(&self) -> &str {
        &self.metadata.resource_version
    }

    fn id(&self) -> RowId {
        let meta = &self.metadata;
        if meta.uid.is_empty() {
            RowId::of_name(&meta.namespace, &meta.name)
        } else {
            RowId::of_uid(&meta.uid)
        }
    }
}

impl Objects {
    /// A decoder for objects of `kind`.
    pub(super) fn new(kind: &'static Kind) -> Objects {
        Objects {
            kind,
            interner: Interner::default(),
            rows: Vec::new(),
            parts: (kind.path != kind.plural).then(HashMap::default),
            unread: Unread::default(),
        }
    }

    /// Forgets what is known of objects: a full list follows.
    pub(super) fn restart(&mut self) {
        if let Some(parts) = &mut self.parts {
            parts.clear();
        }
        self.unread = Unread::default();
    }

    /// The object is there and looks like this.
    ///
    /// # Errors
    /// When the bytes are no object at all. An object that cannot be decoded is not an error here: see
    /// [`Objects::report`].
    pub(super) fn upsert(&mut self, object: &[u8], deltas: &mut Vec<Delta>) -> Result<(), Error> {
        if let Err(cause) = self.decode(object) {
            let head = Head::read(object)?;
            self.unread.add(self.kind, &head, &cause);
            return Ok(());
        }
        if self.parts.is_some() || !self.unread.objects.is_empty() {
            let id = Head::read(object)?.id();
            self.unread.remove(id);
            self.drop_parts(id, deltas);
        }
        deltas.extend(self.rows.drain(..).map(Delta::Upsert));
        Ok(())
    }

    /// Makes the rows of an object. A mistake in the code of its kind is the trouble of this object alone: what was
    /// half done is thrown away, and the next object finds everything as it was.
    fn decode(&mut self, object: &[u8]) -> Result<(), String> {
        self.rows.clear();
        let decoding = || (self.kind.decode)(object, &mut self.interner, &mut self.rows);
        match catch_unwind(AssertUnwindSafe(decoding)) {
            Ok(decoded) => decoded.map_err(|cause| cause.to_string()),
            Err(panic) => Err(format!("a mistake in kw: {}", mistake::words(&*panic))),
        }
    }

    /// Deletes the parts that the object had and has no longer, and remembers those that it has.
    fn drop_parts(&mut self, object: RowId, deltas: &mut Vec<Delta>) {
        let Some(parts) = &mut self.parts else { return };
        let now: Vec<RowId> = self.rows.iter().map(|row| row.meta().id).collect();
        let before = parts.get(&object).map_or(&[][..], Vec::as_slice);
        deltas.extend(before.iter().filter(|id| !now.contains(id)).map(|id| Delta::Delete(*id)));
        parts.insert(object, now);
    }

    /// The object is gone; `object` is how it looked last.
    pub(super) fn delete(&mut self, object: &[u8], head: &Head<'_>, deltas: &mut Vec<Delta>) {
        let id = head.id();
        self.unread.remove(id);
        if let Some(parts) = &mut self.parts {
            deltas.extend(parts.remove(&id).unwrap_or_default().into_iter().map(Delta::Delete));
            return;
        }
        match self.decode(object) {
            Ok(()) => deltas.extend(self.rows.drain(..).map(|row| Delta::Delete(row.meta().id))),
            Err(_) => deltas.push(Delta::Delete(id)),
        }
    }

    /// Says how many objects cannot be decoded, if that has changed.
    pub(super) fn report(&mut self, deltas: &mut Vec<Delta>) {
        if let (true, Some(error)) = (self.unread.changed, &self.unread.latest) {
            deltas.push(Delta::Undecodable { count: self.unread.objects.len(), error: error.clone() });
            self.unread.changed = false;
        }
    }
}

impl Unread {
    fn add(&mut self, kind: &Kind, head: &Head<'_>, cause: &str) {
        if self.objects.insert(head.id()) {
            let place = if head.metadata.namespace.is_empty() { "" } else { "/" };
            let (kind, meta) = (kind.singular, &head.metadata);
            let name = format!("{}{place}{}", &*meta.namespace, &*meta.name);
            self.latest = Some(Arc::new(fault::protocol(format!("{kind} {name} cannot be read: {cause}"))));
            self.changed = true;
        }
    }

    fn remove(&mut self, object: RowId) {
        self.changed |= self.objects.remove(&object);
    }
}
