//! The store against a plain list that is sorted and filtered anew each time.

use std::borrow::Cow;
use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::cluster::Delta;
use crate::resources::{Cell, Health, Meta, Read, Resource, Symbol, Time};

/// A row of no real kind, with a column of each type.
#[derive(Debug, Clone, PartialEq)]
struct Thing {
    meta: Meta,
    text: String,
    number: i64,
    last: Option<Time>,
    health: Health,
}

const COLUMNS: usize = 6;

impl Resource for Thing {
    const CELLS: &'static [Read<Self>] = &[
        |thing| Cell::text(&thing.meta.name),
        |thing| Cell::Status(Cow::Borrowed(&thing.text), thing.health),
        |thing| Cell::Int(thing.number),
        |thing| if thing.number == 2 { Cell::None } else { Cell::Ratio(thing.number, 3) },
        |thing| Cell::Age(thing.meta.created),
        |thing| Cell::Restarts(thing.number, thing.last),
    ];

    fn meta(&self) -> &Meta {
        &self.meta
    }

    fn health(&self) -> Health {
        self.health
    }
}

fn thing(uid: u32, namespace: &str, name: &str) -> Thing {
    let id = RowId::of_uid(&uid.to_string());
    let meta = Meta { id, namespace: Symbol::from(namespace), name: Box::from(name), created: None };
    Thing { meta, text: String::new(), number: 0, last: None, health: Health::Healthy }
}

fn things() -> impl Strategy<Value = Thing> {
    let place = (0u32..60, "(a|a-b|b)", "[ab]{0,9}");
    let values =
        ("(Running|Completed|CrashLoopBackOff|CrashLoopBackOn|)", -2i64..4, 0i64..4, 0i64..3, 0usize..4);
    (place, values).prop_map(|((uid, namespace, name), (text, number, created, last, health))| {
        let mut thing = thing(uid, &namespace, &name);
        thing.meta.created = (created > 0).then_some(Time(created));
        thing.last = (last > 0).then_some(Time(last));
        Thing { text, number, health: Health::ALL[health], ..thing }
    })
}

#[derive(Debug, Clone)]
enum Step {
    Upsert(Thing),
    Again(usize),
    Delete(u32),
    Relist,
    Synced,
    Order(Order),
    Filter(Option<i64>),
}

fn orders() -> impl Strategy<Value = Order> {
    let sort = prop_oneof![Just(Sort::Natural), Just(Sort::Namespace), (0..COLUMNS).prop_map(Sort::Column)];
    (sort, any::<bool>()).prop_map(|(sort, descending)| Order { sort, descending })
}

fn steps() -> impl Strategy<Value = Step> {
    prop_oneof![
        20 => things().prop_map(Step::Upsert),
        4 => (0usize..60).prop_map(Step::Again),
        6 => (0u32..60).prop_map(Step::Delete),
        1 => Just(Step::Relist),
        2 => Just(Step::Synced),
        2 => orders().prop_map(Step::Order),
        1 => proptest::option::of(-2i64..4).prop_map(Step::Filter),
    ]
}

/// What the store should be.
struct Model {
    /// The rows, and whether each was mentioned since the last full list began.
    rows: BTreeMap<RowId, (Thing, bool)>,
    relisting: bool,
    order: Order,
    least: Option<i64>,
}

impl Model {
    fn shown(&self) -> Vec<&Thing> {
        let passes = |thing: &&Thing| self.least.is_none_or(|least| thing.number >= least);
        let mut shown: Vec<&Thing> = self.rows.values().map(|(thing, _)| thing).filter(passes).collect();
        shown.sort_by(|a, b| self.order.compare(*a, *b));
        shown
    }

    fn rank(&self, id: RowId) -> Option<usize> {
        self.shown().iter().position(|thing| thing.meta.id == id)
    }

    fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for (thing, _) in self.rows.values() {
            counts.add(thing.health, self.least.is_none_or(|least| thing.number >= least));
        }
        counts
    }

    /// Does the same to the model and to the store; the change must be what the model says.
    fn take(&mut self, store: &mut Store, step: Step) {
        match step {
            Step::Upsert(thing) => self.apply(store, thing.meta.id, Some(thing)),
            Step::Again(nth) => {
                if let Some((thing, _)) = self.rows.values().nth(nth) {
                    let thing = thing.clone();
                    self.apply(store, thing.meta.id, Some(thing));
                }
            }
            Step::Delete(uid) => self.apply(store, RowId::of_uid(&uid.to_string()), None),
            Step::Relist => {
                self.rows.values_mut().for_each(|(_, seen)| *seen = false);
                self.relisting = true;
                assert!(store.apply(Delta::Relist).is_none());
            }
            Step::Synced => {
                let (before, was_synced) = (self.rows.len(), store.is_synced());
                if std::mem::take(&mut self.relisting) {
                    self.rows.retain(|_, (_, seen)| *seen);
                }
                let change = store.apply(Delta::Synced);
                assert_eq!(change.many, before != self.rows.len() || !was_synced);
            }
            Step::Order(order) => {
                self.order = order;
                store.set_order(order);
            }
            Step::Filter(least) => {
                self.least = least;
                store.set_filter(least.map(at_least));
            }
        }
    }

    fn apply(&mut self, store: &mut Store, id: RowId, thing: Option<Thing>) {
        let (before, counts) = (self.rank(id), self.counts());
        let same = self.rows.get(&id).map(|(old, _)| old) == thing.as_ref();
        let delta = match &thing {
            Some(thing) => Delta::Upsert(Box::new(thing.clone())),
            None => Delta::Delete(id),
        };
        match thing {
            Some(thing) => self.rows.insert(id, (thing, true)),
            None => self.rows.remove(&id),
        };
        let expected = if same {
            Change::NONE
        } else {
            Change { rows: true, before, after: self.rank(id), counts: counts != self.counts(), many: false }
        };
        assert_eq!(store.apply(delta), expected);
    }

    fn check(&self, store: &Store) {
        let name = |row: &dyn Row| (row.meta().namespace.clone(), row.meta().name.clone(), row.meta().id);
        let shown: Vec<_> = self.shown().iter().map(|thing| name(*thing)).collect();
        assert_eq!(
            (store.len(), store.shown(), store.counts()),
            (self.rows.len(), shown.len(), &self.counts())
        );
        assert_eq!(store.window(0, usize::MAX).map(name).collect::<Vec<_>>(), shown);
        let middle: Vec<_> = store.window(shown.len() / 2, 3).map(name).collect();
        assert_eq!(middle, shown.iter().skip(shown.len() / 2).take(3).cloned().collect::<Vec<_>>());
        for (id, (thing, _)) in &self.rows {
            assert!(store.get(*id).unwrap().same(thing));
            let rank = shown.iter().position(|(_, _, other)| other == id);
            assert_eq!(store.rank(*id), rank);
            assert!(rank.is_none_or(|rank| store.row(rank).unwrap().meta().id == *id));
        }
        assert!(store.row(shown.len()).is_none());
    }
}

fn at_least(least: i64) -> Predicate {
    Box::new(move |row| matches!(row.cell(2), Cell::Int(number) if number >= least))
}

proptest! {
    #[test]
    fn a_store_is_its_rows_sorted_and_filtered(
        order in orders(), steps in proptest::collection::vec(steps(), 0..150),
    ) {
        let mut model = Model { rows: BTreeMap::new(), relisting: false, order, least: None };
        let mut store = Store::new(order);
        for step in steps {
            model.take(&mut store, step);
            model.check(&store);
        }
    }

    #[test]
    fn sorting_all_rows_at_once_agrees_with_comparing_them(
        things in proptest::collection::vec((things(), "(abcdefgabcdefgabcdefg)?[ab\0]{0,9}"), 0..300), order in orders(),
    ) {
        let mut store = Store::new(Order::default());
        for (uid, (mut thing, name)) in things.into_iter().enumerate() {
            thing.meta.id = RowId::of_uid(&uid.to_string());
            thing.meta.name = name.into();
            let _ = store.apply(Delta::Upsert(Box::new(thing)));
        }
        store.set_order(order);
        let rows: Vec<&dyn Row> = store.window(0, usize::MAX).collect();
        prop_assert!(rows.is_sorted_by(|a, b| order.compare(*a, *b).is_lt()));
    }
}

fn upsert(store: &mut Store, thing: Thing) -> Change {
    store.apply(Delta::Upsert(Box::new(thing)))
}

fn names(store: &Store) -> Vec<&str> {
    store.window(0, usize::MAX).map(|row| &*row.meta().name).collect()
}

#[test]
fn rows_stay_through_a_relist_until_it_is_complete() {
    let mut store = Store::new(Order::default());
    let _ = upsert(&mut store, thing(1, "a", "kept"));
    let _ = upsert(&mut store, thing(2, "a", "gone"));
    let _ = store.apply(Delta::Relist);
    let _ = upsert(&mut store, thing(1, "a", "kept"));
    let _ = upsert(&mut store, thing(3, "a", "new"));
    assert_eq!(names(&store), ["gone", "kept", "new"]);
    assert!(store.apply(Delta::Synced).many);
    assert_eq!(names(&store), ["kept", "new"]);
}

#[test]
fn a_list_that_begins_again_forgets_what_it_had_mentioned() {
    let mut store = Store::new(Order::default());
    let _ = store.apply(Delta::Relist);
    let _ = upsert(&mut store, thing(1, "a", "of-the-first"));
    let _ = store.apply(Delta::Relist);
    let _ = upsert(&mut store, thing(2, "a", "of-the-second"));
    let _ = store.apply(Delta::Synced);
    assert_eq!(names(&store), ["of-the-second"]);
}

#[test]
fn a_row_deleted_during_a_relist_may_come_again() {
    let mut store = Store::new(Order::default());
    let _ = upsert(&mut store, thing(1, "a", "one"));
    let _ = store.apply(Delta::Relist);
    let _ = upsert(&mut store, thing(1, "a", "one"));
    let _ = store.apply(Delta::Delete(RowId::of_uid("1")));
    let _ = store.apply(Delta::Synced);
    assert!(store.is_empty());
    let _ = upsert(&mut store, thing(1, "a", "one"));
    assert!(store.apply(Delta::Synced).is_none(), "no list had begun");
    assert_eq!(names(&store), ["one"]);
}

#[test]
fn a_batch_tells_only_what_changed() {
    let mut store = Store::new(Order::default());
    let batch = || vec![Delta::Relist, Delta::Upsert(Box::new(thing(1, "a", "one"))), Delta::Synced];
    assert_eq!(store.apply_all(batch()).len(), 2);
    assert!(store.apply_all(batch()).is_empty());
}

#[test]
fn namespaces_come_as_the_server_lists_them_either_way() {
    let mut store = Store::new(Order { sort: Sort::Namespace, descending: true });
    let _ = upsert(&mut store, thing(1, "shop", "a"));
    let _ = upsert(&mut store, thing(2, "shop", "b"));
    let _ = upsert(&mut store, thing(3, "shop-eu", "c"));
    assert_eq!(names(&store), ["a", "b", "c"]);
    store.set_order(Order { sort: Sort::Namespace, descending: false });
    let _ = upsert(&mut store, thing(4, "shop-eu", "d"));
    assert_eq!(names(&store), ["c", "d", "a", "b"]);
}

#[test]
fn rows_are_complete_once_a_list_was() {
    let mut store = Store::new(Order::default());
    assert!(!store.is_synced());
    let _ = store.apply(Delta::Relist);
    assert!(store.apply(Delta::Synced).many, "an empty list is news too");
    assert!(store.is_synced());
    let _ = store.apply(Delta::Relist);
    assert!(store.is_synced());
}

#[test]
fn rows_of_equal_value_stay_in_their_order_when_it_is_turned_round() {
    let order = |descending| Order { sort: Sort::Column(2), descending };
    let mut store = Store::new(order(false));
    for (uid, name, number) in [(1, "a", 0), (2, "b", 5), (3, "c", 0), (4, "d", 5)] {
        let _ = upsert(&mut store, Thing { number, ..thing(uid, "", name) });
    }
    assert_eq!(names(&store), ["a", "c", "b", "d"]);
    store.set_order(order(true));
    assert_eq!(names(&store), ["b", "d", "a", "c"]);
}

#[test]
fn a_row_that_no_longer_passes_the_filter_is_kept_but_not_shown() {
    let mut store = Store::new(Order::default());
    store.set_filter(Some(at_least(1)));
    let _ = upsert(&mut store, Thing { number: 1, ..thing(1, "", "a") });
    let change = upsert(&mut store, Thing { number: 0, ..thing(1, "", "a") });
    assert_eq!((change.before, change.after, change.counts), (Some(0), None, true));
    assert_eq!((store.shown(), store.len(), store.rank(RowId::of_uid("1"))), (0, 1, None));
    assert!(store.get(RowId::of_uid("1")).is_some());
    assert!(upsert(&mut store, Thing { number: -1, ..thing(1, "", "a") }).rows, "it did change, unseen");
}

#[test]
fn memory_goes_when_most_rows_go() {
    let mut store = Store::new(Order { sort: Sort::Column(2), descending: true });
    for uid in 0..5000 {
        let _ = upsert(&mut store, Thing { number: uid.into(), ..thing(uid, "a", "x") });
    }
    for uid in 0..4500 {
        let _ = store.apply(Delta::Delete(RowId::of_uid(&uid.to_string())));
    }
    assert!(store.slots.capacity() < 2500, "room for {}", store.slots.capacity());
    let numbers = store.window(0, usize::MAX).map(|row| row.cell(2));
    let expected = (4500..5000).rev().map(Cell::Int);
    assert!(numbers.eq(expected));
}
