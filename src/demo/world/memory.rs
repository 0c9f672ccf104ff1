//! What controllers remember that no object says: which images a node has, what a kubelet is in the middle of.

use std::collections::HashMap;

use super::object::Uid;
use super::time::Moment;
use crate::resources::Symbol;

/// The memory of all controllers. Nothing in it outlives what it is about.
#[derive(Debug, Default)]
pub struct Memory {
    /// Of pods whose containers are on their way somewhere.
    pub pods: HashMap<Uid, PodMemory>,
    /// When the images of a node are there, by node and image.
    pub images: HashMap<(Symbol, Symbol), Moment>,
    /// Since when a node's kubelet is silent.
    pub silent: HashMap<Uid, Moment>,
    /// How many nodes were given a network for their pods.
    pub networks: usize,
    /// How many replicas an autoscaler wanted, and when.
    pub wanted: HashMap<Uid, Vec<(Moment, i64)>>,
}

/// What a kubelet remembers of a pod.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PodMemory {
    /// Whether its containers have been told to end.
    pub killing: bool,
    /// Its containers, by name.
    pub containers: HashMap<String, ContainerMemory>,
}

/// What a kubelet remembers of a container.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ContainerMemory {
    /// Since when its image is being pulled, and until when.
    pub pulling: Option<(Moment, Moment)>,
    /// How often in a row its image could not be pulled.
    pub refused: u32,
    /// When its image could not be pulled last.
    pub refused_at: Moment,
    /// How often in a row it ended soon; `None` when nobody counted.
    pub ended: Option<u32>,
    /// When its next probe is told to have failed.
    pub probe: Option<Moment>,
}

impl Memory {
    /// Most images that are known to be somewhere. All are pulled again once there were more.
    const MOST_IMAGES: usize = 100_000;

    /// Takes note of an image that a node has, or will have at this moment.
    pub fn note_image(&mut self, node: Symbol, image: Symbol, there: Moment) {
        if self.images.len() >= Self::MOST_IMAGES {
            self.images.clear();
        }
        self.images.entry((node, image)).or_insert(there);
    }

    /// Forgets what concerns an object that is gone.
    pub(super) fn forget(&mut self, uid: Uid) {
        self.pods.remove(&uid);
        self.wanted.remove(&uid);
        self.silent.remove(&uid);
    }
}
