//! What the kinds that make pods from a template have in common.

use serde::Deserialize;

use super::pods::PODS;
use super::wire::{Condition, LabelSelector, ObjectMeta, Str, joined, nullable};
use super::{Cell, Interner, Meta, Selection, Symbol};

/// What tables show of the containers in a pod template.
#[derive(Debug, PartialEq)]
pub(super) struct Images {
    /// Names of the containers, with commas between.
    pub(super) containers: Symbol,
    /// Their images, with commas between.
    pub(super) images: Symbol,
}

/// How a workload chooses its pods.
#[derive(Debug, PartialEq)]
pub(super) enum PodSelector {
    /// In the syntax of the API; empty when it was left out or has no requirements.
    Labels(Box<str>),
    /// It has an operator or a combination that the API does not know.
    Invalid,
}

impl PodSelector {
    /// What a row keeps of the selector.
    fn of(selector: Option<&LabelSelector<'_>>) -> PodSelector {
        let text = selector.map_or_else(|| Some(String::new()), LabelSelector::to_text);
        text.map_or(PodSelector::Invalid, |text| PodSelector::Labels(text.into()))
    }

    /// Its value in a table. The API server's printers do not agree on what to write when there is nothing to.
    pub(super) fn cell<'a>(&'a self, empty: Cell<'a>, invalid: &'static str) -> Cell<'a> {
        match self {
            PodSelector::Labels(text) if text.is_empty() => empty,
            PodSelector::Labels(text) => Cell::verbatim(text),
            PodSelector::Invalid => Cell::verbatim(invalid),
        }
    }

    /// The pods that a workload with this selector owns; `None` when it selects none (for the controllers an empty
    /// selector selects nothing, for the API it would select everything).
    pub(super) fn pods(&self, workload: &Meta) -> Option<Selection> {
        match self {
            PodSelector::Labels(text) if !text.is_empty() => {
                let pods = Selection::all(&PODS, Some(workload.namespace.clone()));
                Some(Selection { labels: text.to_string(), ..pods })
            }
            PodSelector::Labels(_) | PodSelector::Invalid => None,
        }
    }
}

/// A workload as the API server sends it, as far as the rows of any of its kinds need it.
#[derive(Debug, Deserialize)]
pub(super) struct Wire<'a> {
    #[serde(borrow)]
    pub(super) metadata: ObjectMeta<'a>,
    #[serde(borrow, default, deserialize_with = "nullable")]
    pub(super) spec: Spec<'a>,
    #[serde(borrow, default, deserialize_with = "nullable")]
    pub(super) status: Status<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Spec<'a> {
    replicas: Option<i32>,
    #[serde(deserialize_with = "nullable")]
    pub(super) paused: bool,
    #[serde(borrow)]
    selector: Option<LabelSelector<'a>>,
    #[serde(borrow, deserialize_with = "nullable")]
    template: Template<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Status<'a> {
    #[serde(deserialize_with = "nullable")]
    observed_generation: i64,
    #[serde(deserialize_with = "nullable")]
    pub(super) replicas: i32,
    #[serde(deserialize_with = "nullable")]
    pub(super) ready_replicas: i32,
    #[serde(deserialize_with = "nullable")]
    pub(super) updated_replicas: i32,
    #[serde(deserialize_with = "nullable")]
    pub(super) available_replicas: i32,
    #[serde(borrow, deserialize_with = "nullable")]
    pub(super) conditions: Vec<Condition<'a>>,
}

impl Wire<'_> {
    /// How many pods are wanted: one, where the spec does not say.
    pub(super) fn desired(&self) -> i32 {
        self.spec.replicas.unwrap_or(1)
    }

    /// Whether its status is not that of its spec: a change is not yet acted on, or it is being deleted.
    pub(super) fn is_in_transition(&self) -> bool {
        self.metadata.is_deleted() || self.status.observed_generation < self.metadata.generation
    }
}

impl Spec<'_> {
    /// What a row keeps of the selector.
    pub(super) fn selector(&self) -> PodSelector {
        PodSelector::of(self.selector.as_ref())
    }

    /// What a row keeps of the pod template.
    pub(super) fn images(&self, interner: &mut Interner) -> Images {
        let containers = &self.template.spec.containers;
        Images {
            containers: joined(containers.iter().map(|c| &*c.name), interner),
            images: joined(containers.iter().map(|c| &*c.image), interner),
        }
    }
}

/// A pod template.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Template<'a> {
    #[serde(borrow, deserialize_with = "nullable")]
    spec: TemplateSpec<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct TemplateSpec<'a> {
    #[serde(borrow, deserialize_with = "nullable")]
    containers: Vec<Declared<'a>>,
}

/// A container as the template declares it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Declared<'a> {
    #[serde(borrow)]
    name: Str<'a>,
    #[serde(borrow)]
    image: Str<'a>,
}
