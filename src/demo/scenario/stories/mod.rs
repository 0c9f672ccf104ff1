//! The stories, a file each: what somebody does in a calm cluster, or what is different in it.

mod bad_rollout;
mod image_pull;
mod node_down;
mod noisy;
mod out_of_memory;
mod pending;

use serde_json::{Value, json};

use super::Scenario;
use super::app::App;
use super::catalogue::APPS;
use crate::demo::world::value::set;
use crate::demo::world::{Key, TypeId, World, Write};

/// A cluster in which nothing happens that should not.
const CALM: Scenario = Scenario {
    name: "calm",
    title: "a shop on a good day",
    look_for: "nothing is wrong: look around, :deploy shop, enter, esc; ? has the keys",
    pods: None,
    prepare: |_| (),
    scenes: &[],
};

/// The same with more of everything.
const BIG: Scenario = Scenario {
    name: "big",
    title: "a hundred thousand pods",
    look_for: "a hundred thousand pods: filter them (/), sort them (S), open one",
    pods: Some(100_000),
    prepare: |_| (),
    scenes: &[],
};

/// All scenarios.
#[must_use]
pub fn all() -> &'static [Scenario] {
    const ALL: &[Scenario] = &[
        CALM,
        bad_rollout::BAD_ROLLOUT,
        node_down::NODE_DOWN,
        out_of_memory::OUT_OF_MEMORY,
        pending::PENDING,
        image_pull::IMAGE_PULL,
        noisy::NOISY,
        BIG,
    ];
    ALL
}

/// The application of this name.
fn app(name: &str) -> &'static App {
    APPS.iter().find(|app| app.name == name).expect("stories are about applications of the catalogue")
}

/// Somebody releases a version of an application, as a pipeline does.
fn release(world: &mut World, name: &str, image: &str, cause: &str) {
    let key = Key::new(TypeId::DEPLOYMENTS, &app(name).namespace, name);
    let version = image.rsplit(':').next().unwrap_or_default();
    world.modify(&key, |deployment: &mut Value| {
        let cause = format!("release {name} {version}: {cause}");
        set(deployment, "/metadata/annotations/kubernetes.io~1change-cause", cause);
        set(deployment, "/spec/template/metadata/labels/app.kubernetes.io~1version", version);
        set(deployment, "/spec/template/spec/containers/0/image", image);
    });
}

/// Somebody deploys something new, as `kubectl apply` does. `adapt` makes of the template what is particular to it.
fn deploy(
    world: &mut World,
    namespace: &str,
    name: &str,
    image: &str,
    replicas: u32,
    adapt: impl FnOnce(&mut Value),
) {
    let labels = json!({"app.kubernetes.io/name": name, "app.kubernetes.io/part-of": namespace});
    let mut template = json!({
        "metadata": {"labels": labels},
        "spec": {"containers": [{"name": name, "image": image}]},
    });
    adapt(&mut template);
    let deployment = json!({
        "metadata": {"name": name, "labels": labels},
        "spec": {"replicas": replicas, "selector": {"matchLabels": labels}, "template": template},
    });
    // Somebody may have deleted the namespace meanwhile.
    let _ = world.create(TypeId::DEPLOYMENTS, namespace, deployment, Write::default());
}

/// What the first container of a template asks for.
fn ask(template: &mut Value, cpu: &str, memory: &str) {
    let resources = json!({"requests": {"cpu": cpu, "memory": memory}, "limits": {"memory": memory}});
    set(template, "/spec/containers/0/resources", resources);
}
