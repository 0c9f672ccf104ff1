//! Images that cannot be pulled.

use super::{app, ask, deploy, release};
use crate::demo::scenario::{Scenario, Scene};
use crate::demo::world::{Behaviour, Image, World};

pub(super) const IMAGE_PULL: Scenario = Scenario {
    name: "image-pull",
    title: "images that cannot be pulled",
    look_for: "pods of reviews and loyalty in shop wait for images: :ev shop says why",
    pods: None,
    prepare,
    scenes: &[
        Scene { at: -420, act: |world| release(world, "reviews", TYPO, "sort by helpfulness") },
        Scene { at: -180, act: loyalty },
    ],
};

const TYPO: &str = "registry.example.com/shop/revievs:2.4.0";
const PRIVATE: &str = "registry.partner.example.net/loyalty/points:1.0.2";

fn prepare(world: &mut World) {
    let good = app("reviews").behaviour();
    world.behaviours.set(TYPO, Behaviour { image: Image::Missing, ..good.clone() });
    world.behaviours.set(PRIVATE, Behaviour { image: Image::Denied, ..good });
}

/// Somebody deploys what a partner made, without the password for the partner's registry.
fn loyalty(world: &mut World) {
    deploy(world, "shop", "loyalty", PRIVATE, 2, |template| ask(template, "100m", "128Mi"));
}
