//! Chance chooses what happens in the cluster and what goes wrong; in the end the table shows what is so.

use std::collections::BTreeMap;

use kittiwake::cluster::listwatch::{Paging, Tuning};
use kittiwake::resources::{Selection, find};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::Value;

use crate::rig::{Asked, Flow, Rig, at, bookmark, event, list, pod, status};
use crate::table::Table;

/// A change in the cluster: of which pod, and whether it is there afterwards.
type Change = (u8, bool);

/// What a server does with one request.
#[derive(Debug, Clone)]
enum Deed {
    /// Resets the connection.
    Reset,
    /// Refuses it with this status.
    Refuse(u16),
    /// Answers, and breaks or ends after this many bytes.
    Cut { after: usize, broken: bool },
    /// Answers a list; a watch ends with an event that says that the version is too old.
    Expire,
    /// Answers what is asked, and ends a watch well after some changes.
    Serve(Vec<Change>),
}

fn changes() -> impl Strategy<Value = Vec<Change>> {
    vec((0u8..6, any::<bool>()), 0..6)
}

fn deed() -> impl Strategy<Value = Deed> {
    prop_oneof![
        Just(Deed::Reset),
        prop::sample::select(vec![401, 410, 429, 500, 503]).prop_map(Deed::Refuse),
        (0usize..2000, any::<bool>()).prop_map(|(after, broken)| Deed::Cut { after, broken }),
        Just(Deed::Expire),
        changes().prop_map(Deed::Serve),
        changes().prop_map(Deed::Serve),
    ]
}

fn paging() -> impl Strategy<Value = Paging> {
    let pages = (1u32..3, 1u32..4).prop_map(|(first, rest)| Paging::Pages { first, rest });
    prop_oneof![Just(Paging::Streamed), pages]
}

/// The cluster: what is there, and all that ever happened.
#[derive(Default)]
struct Cluster {
    /// The version of each pod, which it also shows as its node.
    pods: BTreeMap<String, u64>,
    log: Vec<(u64, String)>,
    /// What was there at each version that a list was given for.
    lists: BTreeMap<u64, Vec<Value>>,
    version: u64,
}

impl Cluster {
    fn change(&mut self, (pod_number, stays): Change) {
        let name = format!("pod-{pod_number}");
        self.version += 1;
        let version = self.version;
        let object = at(&version.to_string(), pod(&name, &format!("v{version}")));
        let kind = match (self.pods.contains_key(&name), stays) {
            (false, false) => return,
            (true, false) => "DELETED",
            (true, true) => "MODIFIED",
            (false, true) => "ADDED",
        };
        if stays {
            self.pods.insert(name, version)
        } else {
            self.pods.remove(&name)
        };
        self.log.push((version, event(kind, &object)));
    }

    /// The page that is asked for.
    fn page(&mut self, asked: &Asked) -> String {
        let (version, from): (u64, usize) = match asked.query("continue") {
            Some(token) => {
                token.split_once('.').map(|(v, n)| (v.parse().unwrap(), n.parse().unwrap())).unwrap()
            }
            None => (self.version, 0),
        };
        let now = self.pods.iter().map(|(name, v)| at(&v.to_string(), pod(name, &format!("v{v}"))));
        let all = self.lists.entry(version).or_insert_with(|| now.collect());
        let limit = asked.query("limit").map_or(usize::MAX, |limit| limit.parse().unwrap());
        let end = all.len().min(from.saturating_add(limit));
        let token = if end < all.len() { format!("{version}.{end}") } else { String::new() };
        list(&version.to_string(), &token, &all[from.min(end)..end])
    }

    /// What happened after `version`, as a watch tells it.
    fn after(&self, version: u64) -> String {
        self.log.iter().filter(|(at, _)| *at > version).map(|(_, event)| event.as_str()).collect()
    }

    async fn serve(&mut self, asked: Asked, deed: Deed) {
        match deed {
            Deed::Reset => drop(asked),
            Deed::Refuse(code) => asked.refuse(code, "no").await,
            Deed::Cut { after, broken } => {
                let text = if asked.is_watch() { self.after(version_of(&asked)) } else { self.page(&asked) };
                let flow = asked.ok();
                flow.send(&text.as_bytes()[..after.min(text.len())]).await;
                if broken {
                    flow.cut().await;
                }
            }
            Deed::Expire if asked.is_watch() => {
                let text = self.after(version_of(&asked));
                let flow = asked.ok();
                flow.send(text).await;
                flow.event("ERROR", &status(410, "too old")).await;
            }
            Deed::Serve(changes) if asked.is_watch() => {
                self.watch(asked, &changes).await;
            }
            Deed::Expire | Deed::Serve(_) => {
                let page = self.page(&asked);
                if let Deed::Serve(changes) = deed {
                    changes.into_iter().for_each(|change| self.change(change));
                }
                asked.ok().send(page).await;
            }
        }
    }

    /// Serves a watch while these changes happen, a bookmark behind each.
    async fn watch(&mut self, asked: Asked, changes: &[Change]) -> Flow {
        let mut told = version_of(&asked);
        let flow = asked.ok();
        flow.send(self.after(told)).await;
        for change in changes {
            told = self.version;
            self.change(*change);
            flow.send(self.after(told)).await;
            flow.event("BOOKMARK", &bookmark(&self.version.to_string())).await;
        }
        flow
    }
}

fn version_of(asked: &Asked) -> u64 {
    asked.query("resourceVersion").unwrap().parse().unwrap()
}

async fn run(paging: Paging, before: Vec<Change>, deeds: Vec<Deed>) {
    let mut cluster = Cluster { version: 1, ..Cluster::default() };
    before.into_iter().for_each(|change| cluster.change(change));
    let mut rig =
        Rig::open(Selection::all(find("pods").unwrap(), None), Tuning { paging, ..Tuning::default() }, 4096);
    rig.table.strict = true;
    for deed in deeds {
        let asked = rig.asked().await;
        cluster.serve(asked, deed).await;
    }
    let mut asked = rig.asked().await;
    while !asked.is_watch() {
        let page = cluster.page(&asked);
        asked.ok().send(page).await;
        asked = rig.asked().await;
    }
    let _flow = cluster.watch(asked, &[(0, true), (1, false)]).await;
    let expected: BTreeMap<String, String> =
        cluster.pods.iter().map(|(name, version)| (name.clone(), format!("v{version}"))).collect();
    rig.table.until(|table| Table::is_live(table) && table.rows == expected).await;
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn whatever_goes_wrong_the_table_comes_to_show_what_is_so(
        paging in paging(),
        before in changes(),
        deeds in vec(deed(), 0..12),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(run(paging, before, deeds));
    }
}
