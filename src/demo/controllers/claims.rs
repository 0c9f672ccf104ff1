//! PersistentVolumeClaims: a volume for each, at once, where its storage class is known.

use std::sync::Arc;

use serde_json::{Value, json};

use super::events;
use crate::demo::world::value::{list, remove, set, text};
use crate::demo::world::{Change, ControllerId, Deletion, Key, Object, TypeId, World, Write};

/// The source of its events.
pub(super) const NAME: &str = "persistentvolume-controller";

/// The finalizer of a claim that a pod may use.
const PROTECTED: &str = "kubernetes.io/pvc-protection";

/// A claim; all that wait when a storage class comes; those that are going when a pod is gone; a volume whose claim is gone.
pub(super) fn routes(world: &World, change: &Change, keys: &mut Vec<Key>) {
    let object = change.object();
    match object.key.of {
        TypeId::CLAIMS => keys.push(object.key.clone()),
        TypeId::STORAGE_CLASSES if change.is_new() => {
            keys.extend(world.store.all(TypeId::CLAIMS, "").map(|claim| claim.key.clone()));
        }
        TypeId::PODS if change.is_end() => {
            let claims = world.store.all(TypeId::CLAIMS, object.namespace());
            keys.extend(claims.filter(|claim| claim.deleting).map(|claim| claim.key.clone()));
        }
        _ => {}
    }
    if object.key.of == TypeId::CLAIMS && change.is_end() {
        keys.push(volume_of(object));
    }
}

/// The volume that is made for a claim.
fn volume_of(claim: &Object) -> Key {
    Key::new(TypeId::VOLUMES, "", &format!("pvc-{}", claim.uid))
}

/// Binds a claim, lets one go that nobody uses, or reclaims a volume.
pub(super) fn reconcile(world: &mut World, _: ControllerId, key: &Key) {
    let Some(object) = world.get(key).cloned() else { return };
    let value = object.value();
    if key.of == TypeId::VOLUMES {
        return reclaim(world, key, &value);
    }
    if object.deleting {
        if !is_used(world, &object) {
            world.modify(key, |claim| protect(claim, false));
        }
        return;
    }
    if text(&value, "/status/phase") == "Bound" {
        return;
    }
    world.modify(key, |claim| {
        protect(claim, true);
        if text(claim, "/status/phase").is_empty() {
            set(claim, "/status/phase", "Pending");
        }
    });
    match class(world, &value) {
        Ok(class) => bind(world, &object, &value, &class),
        Err((reason, why)) if reason == "FailedBinding" => events::normal(world, NAME, &object, reason, &why),
        Err((reason, why)) => events::warning(world, NAME, &object, reason, &why),
    }
}

/// Whether a pod uses a claim.
fn is_used(world: &World, claim: &Object) -> bool {
    let uses = |pod: &Arc<Object>| {
        let value = pod.value();
        let mut volumes = list(&value, "/spec/volumes").iter();
        volumes.any(|volume| text(volume, "/persistentVolumeClaim/claimName") == claim.name())
    };
    let mut pods = world.store.all(TypeId::PODS, claim.namespace());
    pods.any(|pod| !super::pods::facts(pod).ended() && uses(pod))
}

fn protect(claim: &mut Value, protected: bool) {
    let mut all = list(claim, "/metadata/finalizers").to_vec();
    all.retain(|name| name != PROTECTED);
    if protected {
        all.push(json!(PROTECTED));
    }
    set(claim, "/metadata/finalizers", all);
}

/// The storage class of a claim, or why there is none.
fn class(world: &World, claim: &Value) -> Result<Arc<Object>, (&'static str, String)> {
    let name = text(claim, "/spec/storageClassName");
    if !name.is_empty() {
        let found = world.get(&Key::new(TypeId::STORAGE_CLASSES, "", name)).cloned();
        return found.ok_or_else(|| {
            ("ProvisioningFailed", format!("storageclass.storage.k8s.io \"{name}\" not found"))
        });
    }
    let is_default = |class: &&Arc<Object>| {
        text(&class.value(), "/metadata/annotations/storageclass.kubernetes.io~1is-default-class") == "true"
    };
    let found = world.store.all(TypeId::STORAGE_CLASSES, "").find(is_default).cloned();
    let why = "no persistent volumes available for this claim and no storage class is set";
    found.ok_or_else(|| ("FailedBinding", why.to_owned()))
}

fn bind(world: &mut World, claim: &Object, value: &Value, class: &Object) {
    let settings = class.value();
    let provisioner = text(&settings, "/provisioner").to_owned();
    let key = volume_of(claim);
    let policy = match text(&settings, "/reclaimPolicy") {
        "" => "Delete",
        policy => policy,
    };
    let modes = value.pointer("/spec/accessModes").cloned().unwrap_or(json!(["ReadWriteOnce"]));
    let capacity = json!({"storage": value.pointer("/spec/resources/requests/storage").cloned().unwrap_or(json!("1Gi"))});
    let volume = json!({
        "metadata": {
            "name": &*key.name,
            "annotations": {"pv.kubernetes.io/provisioned-by": provisioner},
            "finalizers": ["kubernetes.io/pv-protection"],
        },
        "spec": {
            "accessModes": modes,
            "capacity": capacity,
            "claimRef": {
                "apiVersion": "v1",
                "kind": "PersistentVolumeClaim",
                "name": claim.name(),
                "namespace": claim.namespace(),
                "uid": claim.uid.to_string(),
            },
            "csi": {"driver": provisioner, "fsType": "ext4", "volumeHandle": &*key.name},
            "persistentVolumeReclaimPolicy": policy,
            "storageClassName": class.name(),
            "volumeMode": "Filesystem",
        },
    });
    // It was made already where a claim is bound again.
    let _ = world.create(TypeId::VOLUMES, "", volume, Write::default());
    world.modify(&key, |volume| set(volume, "/status/phase", "Bound"));
    world.modify(&claim.key, |claim| {
        for annotation in ["pv.kubernetes.io~1bind-completed", "pv.kubernetes.io~1bound-by-controller"] {
            set(claim, &format!("/metadata/annotations/{annotation}"), "yes");
        }
        set(claim, "/metadata/annotations/volume.kubernetes.io~1storage-provisioner", &*provisioner);
        set(claim, "/spec/storageClassName", class.name());
        set(claim, "/spec/volumeName", &*key.name);
        set(claim, "/status", json!({"phase": "Bound", "accessModes": modes, "capacity": capacity}));
    });
    let message = format!("Successfully provisioned volume {}", key.name);
    events::normal(world, &provisioner, claim, "ProvisioningSucceeded", &message);
}

/// A volume goes with its claim, or waits for somebody to see to it.
fn reclaim(world: &mut World, key: &Key, volume: &Value) {
    if text(volume, "/spec/persistentVolumeReclaimPolicy") == "Retain" {
        world.modify(key, |volume| set(volume, "/status/phase", "Released"));
        return;
    }
    world.modify(key, |volume| drop(remove(volume, "/metadata/finalizers")));
    // Someone may have deleted it meanwhile.
    let _ = world.delete(key, &Deletion::default());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::controllers::testing::Cluster;

    fn class(policy: &str) -> Value {
        json!({
            "metadata": {"name": "fast", "annotations": {"storageclass.kubernetes.io/is-default-class": "true"}},
            "provisioner": "disks.example.com",
            "reclaimPolicy": policy,
        })
    }

    fn claim() -> Value {
        let spec = json!({"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "5Gi"}}});
        json!({"metadata": {"name": "data"}, "spec": spec})
    }

    #[test]
    fn a_claim_waits_for_a_class_and_is_bound_to_a_volume_that_goes_with_it() {
        for (policy, volumes) in [("Delete", 0), ("Retain", 1)] {
            let mut cluster = Cluster::of_nodes(1);
            let data = cluster.create(TypeId::CLAIMS, claim());
            cluster.settle();
            assert_eq!(text(&cluster.value(&data.key), "/status/phase"), "Pending");
            assert_eq!(cluster.messages("data", "FailedBinding").len(), 1);
            cluster.create(TypeId::STORAGE_CLASSES, class(policy));
            cluster.settle();
            let value = cluster.value(&data.key);
            assert_eq!(
                (text(&value, "/status/phase"), text(&value, "/status/capacity/storage")),
                ("Bound", "5Gi")
            );
            let volume = Key::new(TypeId::VOLUMES, "", text(&value, "/spec/volumeName"));
            assert_eq!(text(&cluster.value(&volume), "/spec/claimRef/name"), "data");
            cluster.delete(&data.key);
            cluster.settle();
            assert_eq!(
                (cluster.world.get(&data.key).is_some(), cluster.world.store.count(TypeId::VOLUMES)),
                (false, volumes)
            );
        }
    }

    #[test]
    fn a_claim_that_a_pod_uses_goes_after_the_pod() {
        let mut cluster = Cluster::of_nodes(1);
        cluster.create(TypeId::STORAGE_CLASSES, class("Delete"));
        let data = cluster.create(TypeId::CLAIMS, claim());
        let volume = json!({"name": "data", "persistentVolumeClaim": {"claimName": "data"}});
        let spec = json!({"containers": [{"name": "app", "image": "db:1"}], "volumes": [volume]});
        let pod = cluster.create(TypeId::PODS, json!({"metadata": {"name": "db"}, "spec": spec}));
        cluster.pass(20);
        cluster.delete(&data.key);
        cluster.settle();
        assert!(cluster.world.get(&data.key).is_some_and(|claim| claim.deleting));
        cluster.delete(&pod.key);
        cluster.pass(10);
        assert!(cluster.world.get(&data.key).is_none());
    }
}
