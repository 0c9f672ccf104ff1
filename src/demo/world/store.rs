//! The objects of the cluster, and what happened to them lately: what etcd is to a real API server.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::ops::Bound;
use std::sync::Arc;

use super::facts::Amount;
use super::failure::{Failure, Outcome};
use super::object::{Key, Object, Uid};
use super::selector::Selector;
use super::types::TypeId;
use crate::resources::{Interner, Symbol};

/// What happened to an object.
#[derive(Debug, Clone)]
pub struct Change {
    /// The version of the world that this made.
    pub version: u64,
    /// How the object was before; `None` when it is new.
    pub before: Option<Arc<Object>>,
    /// How it is now; `None` when it is gone.
    pub after: Option<Arc<Object>>,
}

impl Change {
    /// The object as it is, or as it was last.
    ///
    /// # Panics
    /// Never: one of the two is always there.
    #[must_use]
    pub fn object(&self) -> &Arc<Object> {
        self.after.as_ref().or(self.before.as_ref()).expect("a change is of something")
    }
}

/// One page of a list.
#[derive(Debug)]
pub struct Page {
    /// The objects, in the order of namespace and name.
    pub items: Vec<Arc<Object>>,
    /// The version at which this was so.
    pub version: u64,
    /// Where the next page begins, and how many objects are left for it.
    pub rest: Option<(String, usize)>,
}

/// The rest of a list that somebody reads in pages.
#[derive(Debug)]
struct Snapshot {
    id: usize,
    version: u64,
    items: Vec<Arc<Object>>,
}

/// The pods of one node, or those that have none.
#[derive(Debug, Default)]
pub struct Tenants {
    /// Which.
    pub pods: BTreeSet<Key>,
    /// What those that have not ended request together.
    pub requests: Amount,
}

/// The objects.
#[derive(Debug)]
pub struct Store {
    /// By type, then by `namespace/name`: the order in which etcd has them.
    objects: BTreeMap<TypeId, BTreeMap<String, Arc<Object>>>,
    by_uid: HashMap<Uid, Key>,
    by_owner: HashMap<Uid, BTreeMap<Key, Arc<Object>>>,
    by_node: HashMap<Symbol, Tenants>,
    nobody: Tenants,
    version: u64,
    history: VecDeque<Change>,
    /// The oldest version from which everything that followed is remembered.
    remembered_since: u64,
    /// How many changes are remembered.
    memory: usize,
    snapshots: VecDeque<Snapshot>,
    next_snapshot: usize,
    pub(super) strings: Interner,
}

impl Store {
    /// Most lists that can be in the middle of being read at once; the oldest is forgotten first.
    const SNAPSHOTS: usize = 32;

    /// An empty store that remembers the last `memory` changes.
    #[must_use]
    pub fn new(memory: usize) -> Store {
        Store {
            objects: BTreeMap::new(),
            by_uid: HashMap::new(),
            by_owner: HashMap::new(),
            by_node: HashMap::new(),
            nobody: Tenants::default(),
            version: 1,
            history: VecDeque::new(),
            remembered_since: 1,
            memory,
            snapshots: VecDeque::new(),
            next_snapshot: 0,
            strings: Interner::default(),
        }
    }

    /// The version of the world.
    #[must_use]
    pub const fn version(&self) -> u64 {
        self.version
    }

    /// The object.
    #[must_use]
    pub fn get(&self, key: &Key) -> Option<&Arc<Object>> {
        self.objects.get(&key.of)?.get(&path(&key.namespace, &key.name))
    }

    /// The object with this identity.
    #[must_use]
    pub fn by_uid(&self, uid: Uid) -> Option<&Arc<Object>> {
        self.by_uid.get(&uid).and_then(|key| self.get(key))
    }

    /// The objects that name `owner` as an owner, in the order of their keys.
    pub fn owned_by(&self, owner: Uid) -> impl Iterator<Item = &Arc<Object>> {
        self.by_owner.get(&owner).into_iter().flat_map(BTreeMap::values)
    }

    /// The pods that are bound to a node; to none for an empty name.
    #[must_use]
    pub fn on_node(&self, node: &str) -> &Tenants {
        self.by_node.get(node).unwrap_or(&self.nobody)
    }

    /// The objects of a type in one namespace, or in all of them for an empty one.
    pub fn all(&self, of: TypeId, namespace: &str) -> impl Iterator<Item = &Arc<Object>> {
        let within = if namespace.is_empty() {
            (Bound::Unbounded, Bound::Unbounded)
        } else {
            // `0` is the character after `/`.
            (Bound::Included(format!("{namespace}/")), Bound::Excluded(format!("{namespace}0")))
        };
        self.objects
            .get(&of)
            .into_iter()
            .flat_map(move |all| all.range(within.clone()).map(|(_, object)| object))
    }

    /// How many objects of a type there are.
    #[must_use]
    pub fn count(&self, of: TypeId) -> usize {
        self.objects.get(&of).map_or(0, BTreeMap::len)
    }

    /// A page of at most `limit` objects (all for 0), from the beginning.
    #[must_use]
    pub fn list(&mut self, of: TypeId, namespace: &str, selector: &Selector, limit: usize) -> Page {
        let mut items: Vec<Arc<Object>> = match selector.name() {
            Some(name) if !namespace.is_empty() => {
                let one = self.get(&Key::new(of, namespace, name));
                one.filter(|object| selector.matches(object)).into_iter().cloned().collect()
            }
            _ => self.all(of, namespace).filter(|object| selector.matches(object)).cloned().collect(),
        };
        let version = self.version;
        if limit == 0 || items.len() <= limit {
            return Page { items, version, rest: None };
        }
        let rest = items.split_off(limit);
        Page { items, version, rest: Some(self.keep(version, rest)) }
    }

    /// A further page of a list, which is as it was when the list began. A token can be used again.
    ///
    /// # Errors
    /// 410 when the list is not remembered, 400 when the token was never ours.
    pub fn list_on(&self, token: &str, limit: usize) -> Outcome<Page> {
        let number = |text: &str| text.parse::<usize>().ok();
        let place = token.split_once('.').and_then(|(id, at)| Some((number(id)?, number(at)?)));
        let (id, at) =
            place.ok_or_else(|| Failure::bad_request("invalid continue token: continue key is not valid"))?;
        let kept = self.snapshots.iter().find(|kept| kept.id == id).ok_or_else(|| {
            Failure::expired(
                "The provided continue parameter is too old to display a consistent list result. You must start a \
                 new list without the continue parameter.",
            )
        })?;
        let left = &kept.items[at.min(kept.items.len())..];
        let items = left[..if limit == 0 { left.len() } else { limit.min(left.len()) }].to_vec();
        let rest = (items.len() < left.len())
            .then(|| (format!("{id}.{}", at + items.len()), left.len() - items.len()));
        Ok(Page { items, version: kept.version, rest })
    }

    fn keep(&mut self, version: u64, items: Vec<Arc<Object>>) -> (String, usize) {
        self.next_snapshot += 1;
        let (id, left) = (self.next_snapshot, items.len());
        if self.snapshots.len() == Self::SNAPSHOTS {
            self.snapshots.pop_front();
        }
        self.snapshots.push_back(Snapshot { id, version, items });
        (format!("{id}.0"), left)
    }

    /// What happened after `version`, oldest first.
    ///
    /// # Errors
    /// 410 when part of it is forgotten.
    pub fn after(&self, version: u64) -> Outcome<impl Iterator<Item = &Change>> {
        if version < self.remembered_since {
            let (asked, since) = (version, self.remembered_since);
            return Err(Failure::expired(format!("too old resource version: {asked} ({since})")));
        }
        let first = self.history.partition_point(|change| change.version <= version);
        Ok(self.history.range(first..))
    }

    /// Forgets everything that happened so far, as etcd does when it is compacted. Half-read lists are forgotten too.
    pub fn compact(&mut self) {
        self.history.clear();
        self.snapshots.clear();
        self.remembered_since = self.version;
    }

    /// Takes note of a change whose version is the one after the latest. Answers what is remembered of it.
    pub(super) fn commit(&mut self, before: Option<Arc<Object>>, after: Option<Object>) -> Change {
        self.version += 1;
        let after = after.map(Arc::new);
        if let Some(before) = &before {
            self.forget_links(before);
            if after.is_none() {
                self.objects
                    .entry(before.key.of)
                    .or_default()
                    .remove(&path(before.namespace(), before.name()));
                self.by_uid.remove(&before.uid);
            }
        }
        if let Some(after) = &after {
            let of_type = self.objects.entry(after.key.of).or_default();
            of_type.insert(path(after.namespace(), after.name()), after.clone());
            self.by_uid.insert(after.uid, after.key.clone());
            for owner in &after.owners {
                self.by_owner.entry(owner.uid).or_default().insert(after.key.clone(), after.clone());
            }
            if let Some(pod) = after.pod() {
                let tenants = self.by_node.entry(pod.node.clone()).or_default();
                tenants.pods.insert(after.key.clone());
                if !pod.ended() {
                    tenants.requests = tenants.requests.plus(pod.requests);
                }
            }
        }
        let change = Change { version: self.version, before, after };
        if self.history.len() == self.memory {
            self.remembered_since = self.history.pop_front().map_or(self.version, |oldest| oldest.version);
        }
        self.history.push_back(change.clone());
        change
    }

    fn forget_links(&mut self, object: &Object) {
        self.forget_tenant(object);
        for owner in &object.owners {
            let Some(owned) = self.by_owner.get_mut(&owner.uid) else { continue };
            owned.remove(&object.key);
            if owned.is_empty() {
                self.by_owner.remove(&owner.uid);
            }
        }
    }

    fn forget_tenant(&mut self, object: &Object) {
        let Some(pod) = object.pod() else { return };
        let Some(tenants) = self.by_node.get_mut(&pod.node) else { return };
        tenants.pods.remove(&object.key);
        if !pod.ended() {
            tenants.requests = tenants.requests.minus(pod.requests);
        }
        if tenants.pods.is_empty() {
            self.by_node.remove(&pod.node);
        }
    }
}

/// Where an object is among those of its type.
fn path(namespace: &str, name: &str) -> String {
    if namespace.is_empty() { name.to_owned() } else { format!("{namespace}/{name}") }
}
