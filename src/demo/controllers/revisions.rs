//! ControllerRevisions: the templates that a StatefulSet or a DaemonSet has had, by number.

use std::sync::Arc;

use serde_json::{Value, json};

use super::pods;
use crate::demo::world::naming::template_hash;
use crate::demo::world::value::{int, remove, set};
use crate::demo::world::{Deletion, Object, TypeId, World, Write};

/// How many names are tried for a revision.
const MOST_COLLISIONS: usize = 4;

/// A template that an owner has, or had.
#[derive(Debug, Clone)]
pub(super) struct Revision {
    /// Its name, as the status of StatefulSets gives it.
    pub(super) name: String,
    /// What its pods are labelled with, by DaemonSets.
    pub(super) hash: String,
    /// How many came before it, and itself.
    pub(super) number: i64,
    /// The template.
    pub(super) template: Value,
    object: Arc<Object>,
}

impl Revision {
    fn of(object: &Arc<Object>) -> Revision {
        let value = object.value();
        let mut template = value.pointer("/data/spec/template").cloned().unwrap_or_default();
        remove(&mut template, "/$patch");
        let hash = object.name().rsplit('-').next().unwrap_or_default().to_owned();
        Revision {
            name: object.name().to_owned(),
            hash,
            number: int(&value, "/revision"),
            template,
            object: object.clone(),
        }
    }
}

/// All revisions of `owner`, oldest first. The last one is that of its template now; it is made if there is none. `label`
/// names the hash.
pub(super) fn sync(world: &mut World, owner: &Object, value: &Value, label: &str) -> Vec<Revision> {
    let mut all = known(world, owner);
    let template = &value["spec"]["template"];
    let newest = all.last().map_or(0, |revision| revision.number);
    match all.iter().position(|revision| revision.template == *template) {
        Some(at) if at + 1 == all.len() => return all,
        Some(at) => {
            let again = all.remove(at);
            let object = world.modify(&again.object.key, |value| set(value, "/revision", newest + 1));
            all.extend(object.as_ref().map(Revision::of));
        }
        None => all.extend(create(world, owner, value, label, newest + 1).as_ref().map(Revision::of)),
    }
    all
}

fn known(world: &World, owner: &Object) -> Vec<Revision> {
    let objects = pods::owned(world, owner.uid, TypeId::CONTROLLER_REVISIONS);
    let mut all: Vec<Revision> = objects.iter().map(Revision::of).collect();
    all.sort_by_key(|revision| revision.number);
    all
}

/// Makes a revision. Another owner of the same name may have one with the same hash, which is made different then.
fn create(world: &mut World, owner: &Object, value: &Value, label: &str, number: i64) -> Option<Arc<Object>> {
    let mut template = value["spec"]["template"].clone();
    let mut revision = json!({
        "metadata": {
            "labels": template["metadata"]["labels"],
            "ownerReferences": [pods::controlled_by(world, owner)],
        },
        "revision": number,
    });
    if let Some(annotations) = value.pointer("/metadata/annotations") {
        set(&mut revision, "/metadata/annotations", annotations.clone());
    }
    let collisions = int(value, "/status/collisionCount");
    let hashes: Vec<String> =
        (collisions..).map(|n| template_hash(&template, n)).take(MOST_COLLISIONS).collect();
    template["$patch"] = json!("replace");
    set(&mut revision, "/data/spec/template", template);
    for hash in hashes {
        set(&mut revision, "/metadata/name", format!("{}-{hash}", owner.name()));
        set(&mut revision, &format!("/metadata/labels/{}", label.replace('/', "~1")), hash);
        let of = TypeId::CONTROLLER_REVISIONS;
        match world.create(of, owner.namespace(), revision.clone(), Write::default()) {
            Err(failure) if failure.code == 409 => {}
            created => return created.ok(),
        }
    }
    None
}

/// Deletes the oldest revisions that no pod has when there are more than the history is to have.
pub(super) fn clean_up(
    world: &mut World,
    value: &Value,
    all: &[Revision],
    lives: impl Fn(&Revision) -> bool,
) {
    let limit = int(value, "/spec/revisionHistoryLimit").max(0) as usize;
    let unused: Vec<&Revision> = all.iter().rev().skip(1).rev().filter(|revision| !lives(revision)).collect();
    for revision in &unused[..unused.len().saturating_sub(limit)] {
        // Someone may have deleted it meanwhile.
        let _ = world.delete(&revision.object.key, &Deletion::default());
    }
}
