//! The index against a plain sorted list.

use proptest::prelude::*;

use super::*;

/// What is done to an index of numbers that are in the order of the numbers.
#[derive(Debug, Clone)]
enum Step {
    Insert(u32, bool),
    Remove(usize),
    Show(usize, bool),
    ShowAll(u32),
    Keep(u32),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => (0u32..200, any::<bool>()).prop_map(|(slot, shown)| Step::Insert(slot, shown)),
        5 => (0usize..200).prop_map(Step::Remove),
        4 => (0usize..200, any::<bool>()).prop_map(|(at, shown)| Step::Show(at, shown)),
        1 => (1u32..4).prop_map(Step::ShowAll),
        1 => (2u32..9).prop_map(Step::Keep),
    ]
}

fn find(index: &Index, slot: u32) -> Result<Position, Position> {
    index.find(|other| other.cmp(&slot))
}

fn take(index: &mut Index, model: &mut Vec<(u32, bool)>, step: &Step) {
    match *step {
        Step::Insert(slot, shown) => {
            if let Err(at) = model.binary_search_by_key(&slot, |(slot, _)| *slot) {
                model.insert(at, (slot, shown));
                let position = index.insert(slot, shown, |other| other.cmp(&slot));
                assert_eq!(Ok(position), find(index, slot));
            }
        }
        Step::Remove(at) if at < model.len() => {
            let position = find(index, model.remove(at).0).unwrap();
            index.remove(position);
        }
        Step::Show(at, shown) if at < model.len() => {
            model[at].1 = shown;
            let position = find(index, model[at].0).unwrap();
            index.show(position, shown);
        }
        Step::Remove(_) | Step::Show(..) => {}
        Step::ShowAll(modulo) => {
            model.iter_mut().for_each(|(slot, shown)| *shown = *slot % modulo == 0);
            index.show_all(|slot| slot % modulo == 0);
        }
        Step::Keep(modulo) => {
            model.retain(|(slot, _)| slot % modulo != 0);
            index.rebuild(|slot| slot % modulo != 0, |slot| slot);
        }
    }
}

fn check(index: &Index, model: &[(u32, bool)]) {
    assert!(index.chunks.iter().all(|chunk| !chunk.is_empty() && chunk.len() <= FULL));
    assert_eq!(index.iter().collect::<Vec<_>>(), model.iter().map(|(slot, _)| *slot).collect::<Vec<_>>());
    let shown: Vec<u32> = model.iter().filter(|(_, shown)| *shown).map(|(slot, _)| *slot).collect();
    for start in 0..shown.len() + 2 {
        assert_eq!(index.shown_at(start), shown.get(start).copied());
        let rest = shown.get(start..).unwrap_or_default();
        assert_eq!(index.shown_from(start).collect::<Vec<_>>(), rest);
    }
    for (slot, _) in model {
        let position = find(index, *slot).unwrap();
        assert_eq!(index.rank(position), shown.iter().filter(|other| *other < slot).count());
        assert!(index.is_in_place(position, |other| other.cmp(slot)));
    }
}

proptest! {
    #[test]
    fn an_index_is_a_sorted_list(
        sorted in proptest::collection::btree_set(0u32..200, 0..60),
        steps in proptest::collection::vec(step(), 0..200),
    ) {
        let mut model: Vec<(u32, bool)> = sorted.iter().map(|slot| (*slot, slot % 2 == 0)).collect();
        let mut index = Index::from_sorted(sorted.into_iter(), |slot| slot % 2 == 0);
        check(&index, &model);
        for step in &steps {
            take(&mut index, &mut model, step);
            check(&index, &model);
        }
    }

    #[test]
    fn an_entry_is_in_place_only_between_its_neighbours(
        sorted in proptest::collection::btree_set(0u32..100, 1..60), at in 0usize..60, value in 0u32..100,
    ) {
        let sorted: Vec<u32> = sorted.into_iter().collect();
        let index = Index::from_sorted(sorted.iter().map(|slot| slot * 2), |_| true);
        let at = at % sorted.len();
        let position = find(&index, sorted[at] * 2).unwrap();
        let value = value * 2 + 1;
        let right = (at == 0 || sorted[at - 1] * 2 < value)
            && sorted.get(at + 1).is_none_or(|after| value < after * 2);
        prop_assert_eq!(index.is_in_place(position, |other| other.cmp(&value)), right);
    }
}

#[test]
fn slots_that_arrive_in_order_fill_their_chunks() {
    let mut index = Index::default();
    for slot in 0..10 * FULL as u32 {
        index.insert(slot, true, |other| other.cmp(&slot));
    }
    assert_eq!(index.chunks.len(), 10);
}

#[test]
fn a_shrunk_index_has_few_chunks() {
    let mut index = Index::from_sorted(0..100 * FULL as u32, |_| true);
    for slot in (0..100 * FULL as u32).filter(|slot| slot % 16 != 0) {
        let position = find(&index, slot).unwrap();
        index.remove(position);
    }
    assert!(index.chunks.len() <= 100 / 4, "{} chunks", index.chunks.len());
}
