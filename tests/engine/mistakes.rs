//! Panics in our own code: of the code of a kind, and anywhere else in a watch.

use kittiwake::cluster::listwatch::Tuning;
use kittiwake::cluster::{Class, Link};
use kittiwake::resources::{Decode, Health, Interner, Kind, Meta, Read, Resource, Row, Selection, find};

use crate::rig::{Rig, at, pod};
use crate::table::Table;

type Rows = Vec<Box<dyn Row>>;

/// All objects of a kind like pods, decoded so.
fn decoded_by(plural: &'static str, decode: Decode) -> Rig {
    let kind = Box::leak(Box::new(Kind { plural, decode, ..*find("pods").unwrap() }));
    Rig::open(Selection::all(kind, None), Tuning::default(), 64)
}

fn is_odd(object: &[u8]) -> bool {
    object.windows(5).any(|part| part == b"\"odd\"")
}

fn as_pod(object: &[u8], interner: &mut Interner, rows: &mut Rows) -> Result<(), serde_json::Error> {
    (find("pods").unwrap().decode)(object, interner, rows)
}

/// Fails over what is called `odd`, when its row is made already.
fn panics(object: &[u8], interner: &mut Interner, rows: &mut Rows) -> Result<(), serde_json::Error> {
    as_pod(object, interner, rows)?;
    assert!(!is_odd(object), "this pod\nis odd");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_panic_over_an_object_is_told_of_it_and_the_watch_goes_on() {
    let mut rig = decoded_by("pods", panics);
    let flow = rig.settled("7", &[pod("a", ""), pod("b", "odd"), pod("c", "")]).await;
    rig.table.until_rows(&["a", "c"]).await;
    let told = (1, "pod default/b cannot be read: a mistake in kw: this pod is odd".to_owned());
    assert_eq!(rig.table.undecodable, Some(told));
    flow.event("MODIFIED", &at("8", pod("b", "one"))).await;
    rig.table.until_rows(&["a", "b", "c"]).await;
    rig.table.until(|table| table.undecodable.as_ref().is_some_and(|(count, _)| *count == 0)).await;
    flow.event("DELETED", &at("9", pod("b", "odd"))).await;
    rig.table.until_rows(&["a", "c"]).await;
    assert!(rig.table.is_live() && rig.table.faults.is_empty());
}

/// A row that cannot be asked who it is.
#[derive(Debug, PartialEq)]
struct Nobody;

impl Resource for Nobody {
    const CELLS: &'static [Read<Nobody>] = &[];

    fn meta(&self) -> &Meta {
        panic!("nobody");
    }

    fn health(&self) -> Health {
        Health::Idle
    }
}

fn nobody(object: &[u8], interner: &mut Interner, rows: &mut Rows) -> Result<(), serde_json::Error> {
    if is_odd(object) {
        rows.push(Box::new(Nobody));
        return Ok(());
    }
    as_pod(object, interner, rows)
}

#[tokio::test(start_paused = true)]
async fn a_panic_anywhere_else_is_told_keeps_the_rows_and_a_person_can_begin_again() {
    // Objects of several rows: the engine itself asks these who they are.
    let mut rig = decoded_by("parts", nobody);
    let flow = rig.settled("7", &[pod("a", "")]).await;
    flow.event("ADDED", &at("8", pod("odd", ""))).await;
    assert_eq!(rig.table.until_faults(1).await, (Class::Internal, "a mistake in kw: nobody"));
    assert!(matches!(rig.table.link, Link::Refused(_)));
    rig.table.until_rows(&["a"]).await;
    rig.silence().await;
    rig.handle.as_ref().unwrap().retry_now();
    let _flow = rig.settled("9", &[pod("b", "")]).await;
    rig.table.until(Table::is_live).await;
    rig.table.until_rows(&["b"]).await;
}
