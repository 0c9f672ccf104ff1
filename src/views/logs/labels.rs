//! Short names that tell the sources of a log apart.

use std::collections::BTreeSet;

use crate::cluster::logs::{Source, SourceEntry, SourceId};
use crate::ui::text::width;

/// What stands before each line to say whose it is.
#[derive(Debug, Default)]
pub(super) struct Labels {
    names: Vec<String>,
    /// How wide the widest is, in cells.
    pub(super) width: usize,
    /// How many pods there are.
    pub(super) pods: usize,
}

impl Labels {
    pub(super) fn of(sources: &[SourceEntry]) -> Labels {
        let pods: BTreeSet<(&str, &str)> =
            sources.iter().map(|entry| (&*entry.source.namespace, &*entry.source.pod)).collect();
        let common = common_start(pods.iter().map(|(_, pod)| *pod));
        let name = |source: &Source| {
            let pod = &source.pod[if pods.len() > 1 { common } else { source.pod.len() }..];
            match (pod.is_empty(), source.one_of_many) {
                (false, false) => pod.to_owned(),
                (false, true) => format!("{pod}/{}", source.container),
                (true, _) => source.container.to_string(),
            }
        };
        let names: Vec<String> = sources.iter().map(|entry| name(&entry.source)).collect();
        let width = names.iter().map(|name| width(name)).max().unwrap_or(0);
        Labels { width, pods: pods.len(), names }
    }

    pub(super) fn name(&self, id: SourceId) -> &str {
        self.names.get(id.0 as usize).map_or("", String::as_str)
    }

    /// Whether there is more than one to tell apart.
    pub(super) fn are_needed(&self) -> bool {
        self.names.len() > 1
    }
}

/// How long the part is that all names begin with, up to a dash: what the pods of one workload share.
fn common_start<'a>(mut names: impl Iterator<Item = &'a str>) -> usize {
    let Some(first) = names.next() else { return 0 };
    let same = |a: &str, b: &str| a.bytes().zip(b.bytes()).take_while(|(a, b)| a == b).count();
    let common = names.fold(first.len(), |common, name| common.min(same(first, name)));
    first[..common].rfind('-').map_or(0, |dash| dash + 1)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::cluster::logs::{Role, SourceState};

    fn names(sources: &[(&str, &str, bool)]) -> Vec<String> {
        let entry = |(pod, container, one_of_many): &(&str, &str, bool)| SourceEntry {
            source: Arc::new(Source {
                namespace: "shop".into(),
                pod: (*pod).into(),
                container: (*container).into(),
                role: Role::App,
                one_of_many: *one_of_many,
            }),
            state: SourceState::Live,
            lines: 0,
        };
        Labels::of(&sources.iter().map(entry).collect::<Vec<_>>()).names
    }

    #[test]
    fn what_all_pods_share_is_left_out() {
        assert_eq!(
            names(&[("api-7df9c-r2m9x", "app", false), ("api-66b47-2q6h2", "app", false)]),
            ["7df9c-r2m9x", "66b47-2q6h2"]
        );
        assert_eq!(
            names(&[("api-7df9c-r2m9x", "app", false), ("api-7df9c-rx", "app", false)]),
            ["r2m9x", "rx"]
        );
        assert_eq!(names(&[("api-1", "app", true), ("web-1", "proxy", true)]), ["api-1/app", "web-1/proxy"]);
        assert_eq!(names(&[("api-1", "app", true), ("api-1", "proxy", true)]), ["app", "proxy"]);
    }
}
