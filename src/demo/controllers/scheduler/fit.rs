//! Whether a pod fits on a node, and what is said when it fits on none.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::Value;

use crate::demo::world::value::{list, text};
use crate::demo::world::{Amount, NodeFacts, Object, Selector, Taint};

const UNWANTED: &str = "node(s) didn't match Pod's node affinity/selector";
const NO_VICTIMS: &str = "No preemption victims found for incoming pod";
const NOT_HELPFUL: &str = "Preemption is not helpful for scheduling";

/// What a pod wants of a node.
pub(in super::super) struct Wants {
    requests: Amount,
    selector: Selector,
    /// Of these at least one must hold; none are asked for when there are none.
    terms: Vec<Term>,
    tolerations: Vec<Value>,
}

/// A term of a node affinity.
struct Term {
    labels: Selector,
    /// The names that it allows, where it says so.
    names: Option<Vec<String>>,
}

impl Wants {
    pub(in super::super) fn of(pod: &Value, requests: Amount) -> Wants {
        let empty = serde_json::Map::new();
        let affinity = "/spec/affinity/nodeAffinity/requiredDuringSchedulingIgnoredDuringExecution";
        let terms = list(pod, &format!("{affinity}/nodeSelectorTerms"));
        Wants {
            requests,
            selector: Selector::of_labels(
                crate::demo::world::value::map(pod, "/spec/nodeSelector").unwrap_or(&empty),
            ),
            terms: terms.iter().map(Term::of).collect(),
            tolerations: list(pod, "/spec/tolerations").to_vec(),
        }
    }

    /// The one node that the pod may run on, if it may run on one only.
    pub(super) fn only_node(&self) -> Option<&str> {
        match (&*self.terms, self.terms.first().and_then(|term| term.names.as_deref())) {
            ([_], Some([name])) => Some(name),
            _ => None,
        }
    }

    /// How much is left on a node where `used` is in use, in tenths of a thousandth; or why the pod does not fit there.
    pub(super) fn fits(&self, node: &Object, used: Amount) -> Result<i64, Reasons> {
        let facts = node.node().expect("only nodes are asked");
        self.may_be_on(node, facts)?;
        let free = facts.allocatable.minus(used).minus(self.requests);
        let mut reasons = Reasons { said: Vec::new(), resolvable: true };
        let pairs = [
            ("Too many pods", free.pods, 1, facts.allocatable.pods),
            ("Insufficient cpu", free.cpu_milli, self.requests.cpu_milli, facts.allocatable.cpu_milli),
            ("Insufficient memory", free.memory, self.requests.memory, facts.allocatable.memory),
        ];
        for (reason, left, wanted, there) in pairs {
            if left < 0 && wanted > 0 {
                reasons.said.push(reason);
                reasons.resolvable &= wanted <= there;
            }
        }
        if reasons.said.is_empty() { Ok(score(free, facts.allocatable)) } else { Err(reasons) }
    }

    /// Whether the pod may run on a node, whatever is left there.
    pub(in super::super) fn may_run_on(&self, node: &Object) -> bool {
        node.node().is_some_and(|facts| self.may_be_on(node, facts).is_ok())
    }

    fn may_be_on(&self, node: &Object, facts: &NodeFacts) -> Result<(), Reasons> {
        let never = |reason| Err(Reasons { said: vec![reason], resolvable: false });
        let cordon = Taint {
            key: "node.kubernetes.io/unschedulable".to_owned(),
            value: String::new(),
            effect: "NoSchedule".to_owned(),
            added: None,
        };
        if facts.unschedulable && !self.tolerates(&cordon) {
            return never("node(s) were unschedulable");
        }
        let hard = |taint: &&Taint| taint.effect != "PreferNoSchedule";
        if facts.taints.iter().filter(hard).any(|taint| !self.tolerates(taint)) {
            return never("node(s) had untolerated taint(s)");
        }
        let affine = self.terms.is_empty() || self.terms.iter().any(|term| term.holds(node));
        if !affine || !self.selector.matches(node) {
            return never(UNWANTED);
        }
        Ok(())
    }

    fn tolerates(&self, taint: &Taint) -> bool {
        self.tolerations.iter().any(|toleration| tolerates(toleration, taint))
    }
}

impl Term {
    fn of(term: &Value) -> Term {
        let named = |field: &&Value| text(field, "/key") == "metadata.name";
        let names = list(term, "/matchFields").iter().find(named).map(|field| {
            list(field, "/values").iter().filter_map(Value::as_str).map(str::to_owned).collect()
        });
        Term { labels: Selector::of_value(term), names }
    }

    fn holds(&self, node: &Object) -> bool {
        self.names.as_ref().is_none_or(|names| names.iter().any(|name| name == node.name()))
            && self.labels.matches(node)
    }
}

/// Whether a toleration puts up with a taint.
pub(in super::super) fn tolerates(toleration: &Value, taint: &Taint) -> bool {
    let (key, effect) = (text(toleration, "/key"), text(toleration, "/effect"));
    let any_value = text(toleration, "/operator") == "Exists";
    (effect.is_empty() || effect == taint.effect)
        && (if key.is_empty() { any_value } else { key == taint.key })
        && (any_value || text(toleration, "/value") == taint.value)
}

/// How much of a node is free, of what it has.
fn score(free: Amount, of: Amount) -> i64 {
    let part = |free: i64, of: i64| if of > 0 { 10_000 * free / of } else { 0 };
    part(free.cpu_milli, of.cpu_milli) + part(free.memory, of.memory) + part(free.pods, of.pods)
}

/// Why a pod does not fit on one node.
#[derive(Debug, PartialEq)]
pub(super) struct Reasons {
    said: Vec<&'static str>,
    /// Whether it could help to end other pods there.
    resolvable: bool,
}

/// Why a pod fits on no node.
#[derive(Debug, Default)]
pub(super) struct Refusal {
    nodes: usize,
    counts: BTreeMap<&'static str, usize>,
    resolvable: usize,
    /// What stands against every node.
    general: Option<String>,
}

impl Refusal {
    /// The same stands against all nodes.
    pub(super) fn of_all(nodes: usize, why: &str) -> Refusal {
        Refusal { nodes, general: Some(why.to_owned()), ..Refusal::default() }
    }

    pub(super) fn count(&mut self, reasons: &Reasons) {
        self.nodes += 1;
        self.resolvable += usize::from(reasons.resolvable);
        for reason in &reasons.said {
            *self.counts.entry(reason).or_default() += 1;
        }
    }

    /// So many nodes are not those that the pod wants.
    pub(super) fn count_unwanted(&mut self, nodes: usize) {
        self.nodes += nodes;
        if nodes > 0 {
            *self.counts.entry(UNWANTED).or_default() += nodes;
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let nodes = self.nodes;
        if nodes == 0 {
            return f.write_str("no nodes available to schedule pods");
        }
        if let Some(why) = &self.general {
            return write!(f, "0/{nodes} nodes are available: {why}. not found");
        }
        let reasons = counted(self.counts.iter().map(|(reason, count)| (*reason, *count)));
        let hopes = [(NO_VICTIMS, self.resolvable), (NOT_HELPFUL, nodes - self.resolvable)];
        let hopes = counted(hopes.into_iter().filter(|(_, count)| *count > 0));
        write!(
            f,
            "0/{nodes} nodes are available: {reasons}. preemption: 0/{nodes} nodes are available: {hopes}."
        )
    }
}

/// Reasons with how often they hold, in the order of these texts.
fn counted(reasons: impl Iterator<Item = (&'static str, usize)>) -> String {
    let mut texts: Vec<String> = reasons.map(|(reason, count)| format!("{count} {reason}")).collect();
    texts.sort();
    texts.join(", ")
}
