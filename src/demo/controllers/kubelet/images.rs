//! Images and addresses of a node.

use serde_json::{Value, json};

use super::super::pods;
use super::Sync;
use super::containers::{Sort, field};
use crate::demo::world::naming::scatter;
use crate::demo::world::value::{list, text};
use crate::demo::world::{Image, Key, Object, Uid, World};
use crate::resources::Symbol;

/// Seconds for which a failed pull is told as such, before the kubelet says that it waits for the next.
const TOLD: i64 = 8;

impl Sync<'_> {
    /// Whether the image of a container is there. It is pulled if not.
    pub(super) fn has_image(&mut self, container: &Value, sort: Sort, status: &mut Value) -> bool {
        let image = text(container, "/image");
        let (code, why) = match self.world.behaviours.of(image).image {
            Image::Found { pull_ms } => return self.pull(container, sort, pull_ms),
            Image::Missing => ("NotFound", "not found"),
            Image::Denied => (
                "Unknown",
                "pull access denied, repository does not exist or may require authorization: server message: \
                 insufficient_scope: authorization failed",
            ),
        };
        let full = full_name(image);
        let error = format!(
            "rpc error: code = {code} desc = failed to pull and unpack image \"{full}\": failed to resolve reference \
             \"{full}\": {full}: {why}"
        );
        self.fail_to_pull(container, sort, status, &error);
        false
    }

    fn pull(&mut self, container: &Value, sort: Sort, pull_ms: i64) -> bool {
        let (name, image) = (text(container, "/name"), text(container, "/image"));
        let place: (Symbol, Symbol) = (self.node.clone(), image.into());
        let (now, there) = (self.now(), self.world.memory.images.get(&place).copied());
        let part = field(sort, name);
        if let Some((since, until)) = self.memory_of(name).pulling {
            if now < until {
                self.wait_until(until);
                return false;
            }
            self.memory_of(name).pulling = None;
            let took = now.since(since) as f64 / 1_000.0;
            let bytes = 20_000_000 + scatter(0, &[image]) % 180_000_000;
            let message = format!(
                "Successfully pulled image \"{image}\" in {took}s ({took}s including waiting). Image size: {bytes} bytes."
            );
            self.note(&part, false, "Pulled", message);
            return true;
        }
        let asks = text(container, "/imagePullPolicy") == "Always";
        if !asks && there.is_some_and(|there| there <= now) {
            let message = format!(
                "Container image \"{image}\" already present on machine and can be accessed by the pod"
            );
            self.note(&part, false, "Pulled", message);
            return true;
        }
        self.note(&part, false, "Pulling", format!("Pulling image \"{image}\""));
        let until = match there {
            Some(there) => there.max(now.plus_ms(200 + self.chance(image, 300))),
            None => now.plus_ms(pull_ms * (70 + self.chance(image, 60)) / 100),
        };
        self.world.memory.note_image(place.0, place.1, until);
        self.memory_of(name).pulling = Some((now, until));
        self.wait_until(until);
        false
    }

    fn fail_to_pull(&mut self, container: &Value, sort: Sort, status: &mut Value, error: &str) {
        let (name, image, now) = (text(container, "/name"), text(container, "/image"), self.now());
        let part = field(sort, name);
        let reason = text(status, "/state/waiting/reason").to_owned();
        let failing = matches!(&*reason, "ErrImagePull" | "ImagePullBackOff");
        let memory = self.memory_of(name);
        if failing && memory.refused == 0 {
            // It has been failing for long, but nobody was there to count.
            (memory.refused, memory.refused_at) = (6, now);
        }
        let (times, at) = (memory.refused, memory.refused_at);
        let again = at.plus((10 << times.min(6)).min(300));
        if failing && now < again {
            if reason == "ErrImagePull" && now < at.plus(TOLD) {
                return self.wait_until(at.plus(TOLD));
            }
            if reason == "ErrImagePull" {
                let message = format!("Back-off pulling image \"{image}\"");
                status["state"] = json!({"waiting": {
                    "reason": "ImagePullBackOff",
                    "message": format!("{message}: ErrImagePull: {error}"),
                }});
                self.note(&part, false, "BackOff", message);
                self.note(&part, true, "Failed", "Error: ImagePullBackOff");
            }
            return self.wait_until(again);
        }
        let memory = self.memory_of(name);
        (memory.refused, memory.refused_at) = (times + 1, now);
        self.note(&part, false, "Pulling", format!("Pulling image \"{image}\""));
        self.note(&part, true, "Failed", format!("Failed to pull image \"{image}\": {error}"));
        self.note(&part, true, "Failed", "Error: ErrImagePull");
        status["state"] = json!({"waiting": {"reason": "ErrImagePull", "message": error}});
        self.wait_until(now.plus(TOLD));
    }
}

/// An image with its registry.
pub(super) fn full_name(image: &str) -> String {
    let first = image.split('/').next().unwrap_or_default();
    if !image.contains('/') {
        format!("docker.io/library/{image}")
    } else if first.contains(['.', ':']) || first == "localhost" {
        image.to_owned()
    } else {
        format!("docker.io/{image}")
    }
}

/// An image with its registry and without its tag.
pub(super) fn repository(image: &str) -> String {
    let full = full_name(image);
    let full = full.split('@').next().unwrap_or_default();
    match full.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => name.to_owned(),
        _ => full.to_owned(),
    }
}

/// The address of a node.
pub(super) fn address_of(node: &Object) -> String {
    let value = node.value();
    let inside = |address: &&Value| text(address, "/type") == "InternalIP";
    list(&value, "/status/addresses")
        .iter()
        .find(inside)
        .map_or("", |found| text(found, "/address"))
        .to_owned()
}

/// An address of the node's network that none of its pods has.
pub(super) fn free_address(world: &World, node: &Object, pod: Uid) -> String {
    let value = node.value();
    let network = text(&value, "/spec/podCIDR");
    let begin = match network.rsplit_once('.') {
        Some((begin, _)) => begin.to_owned(),
        None => {
            let number = scatter(world.seed, &[node.name(), "network"]);
            format!("10.{}.{}", 64 + number % 128, number / 128 % 256)
        }
    };
    let taken = |address: &str| {
        let same = |key: &Key| world.get(key).is_some_and(|pod| **pods::address(pod) == *address);
        world.store.on_node(node.name()).pods.iter().any(same)
    };
    let first = scatter(world.seed, &[&pod.to_string(), "address"]) % 250;
    let addresses = (0..250).map(|step| format!("{begin}.{}", (first + step) % 250 + 2));
    addresses.clone().find(|address| !taken(address)).or_else(|| addresses.clone().next()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_have_a_registry_and_a_repository() {
        assert_eq!(full_name("web:1"), "docker.io/library/web:1");
        assert_eq!(full_name("shop/web:1"), "docker.io/shop/web:1");
        assert_eq!(full_name("registry:5000/web"), "registry:5000/web");
        assert_eq!(repository("registry:5000/web"), "registry:5000/web");
        assert_eq!(repository("ghcr.io/shop/web:1@sha256:0"), "ghcr.io/shop/web");
    }
}
