//! Lines of several sources, arriving in any way.

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::cluster::logs::Lines;
use crate::cluster::logs::outlet::Room;

const WINDOW: Duration = Duration::from_millis(250);

async fn lines(room: &Room, id: u32, times: &[i64]) -> Item {
    let mut lines = Lines::default();
    times.iter().for_each(|at| lines.push(SourceId(id), Stamp(*at), at.to_string().as_bytes()));
    Item::Lines(SourceId(id), Held::now(lines, room).await)
}

/// The lines of some events: whose, and when.
fn told(events: Option<Vec<LogEvent>>) -> Vec<(u32, i64)> {
    let mut told = Vec::new();
    for event in events.into_iter().flatten() {
        match event {
            LogEvent::Lines(lines) => {
                told.extend(lines.iter().map(|line| {
                    assert_eq!(line.text, line.at.0.to_string().as_bytes());
                    (line.source.0, line.at.0)
                }));
            }
            LogEvent::Notice(id, _) => told.push((id.0, -1)),
            _ => {}
        }
    }
    told
}

fn emitted(merge: &mut Merge) -> Vec<(u32, i64)> {
    merge.emit(Instant::now());
    told(merge.batch())
}

#[tokio::test(start_paused = true)]
async fn the_earliest_line_goes_first_once_all_have_one() {
    let (mut merge, room) = (Merge::new(WINDOW, 1 << 20), Room::new(1 << 20));
    for id in [1, 2] {
        merge.take(Item::Open(SourceId(id)));
    }
    merge.take(lines(&room, 1, &[10, 30, 50]).await);
    assert_eq!(emitted(&mut merge), []);
    merge.take(lines(&room, 2, &[20, 40]).await);
    assert_eq!(emitted(&mut merge), [(1, 10), (2, 20), (1, 30), (2, 40)]);
    merge.take(Item::Close(SourceId(2)));
    assert_eq!(emitted(&mut merge), [(1, 50)]);
    merge.take(lines(&room, 1, &[60]).await);
    assert_eq!(emitted(&mut merge), [(1, 60)]);
    assert!(merge.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_quiet_source_holds_up_the_others_for_no_longer_than_the_window() {
    let (mut merge, room) = (Merge::new(WINDOW, 1 << 20), Room::new(1 << 20));
    for id in [1, 2, 3] {
        merge.take(Item::Open(SourceId(id)));
    }
    merge.take(lines(&room, 1, &[10, 30]).await);
    tokio::time::advance(WINDOW / 2).await;
    merge.take(lines(&room, 2, &[5, 20, 99]).await);
    tokio::time::advance(WINDOW / 4).await;
    assert_eq!(emitted(&mut merge), []);
    tokio::time::advance(WINDOW / 4).await;
    // What is older than the line that waited is let out with it.
    assert_eq!(emitted(&mut merge), [(2, 5), (1, 10), (2, 20), (1, 30)]);
    assert_eq!(merge.due(), Some(Instant::now() + WINDOW / 2));
    tokio::time::advance(WINDOW / 2).await;
    assert_eq!(emitted(&mut merge), [(2, 99)]);
}

#[tokio::test(start_paused = true)]
async fn much_that_is_held_back_goes_at_once() {
    let (mut merge, room) = (Merge::new(WINDOW, 100), Room::new(1 << 20));
    merge.take(Item::Open(SourceId(1)));
    merge.take(Item::Open(SourceId(2)));
    merge.take(lines(&room, 1, &(100..160).collect::<Vec<i64>>()).await);
    let gone = emitted(&mut merge);
    assert_eq!(gone.len(), 60);
}

#[tokio::test(start_paused = true)]
async fn a_notice_keeps_its_place_among_the_lines_of_its_source() {
    let (mut merge, room) = (Merge::new(WINDOW, 1 << 20), Room::new(1 << 20));
    merge.take(Item::Open(SourceId(1)));
    merge.take(Item::Open(SourceId(2)));
    merge.take(lines(&room, 1, &[10]).await);
    merge.take(Item::Notice(SourceId(1), Notice::Restarted(1)));
    merge.take(Item::Close(SourceId(1)));
    assert_eq!(emitted(&mut merge), []);
    merge.take(lines(&room, 2, &[20]).await);
    assert_eq!(emitted(&mut merge), [(1, 10), (1, -1), (2, 20)]);
    merge.take(Item::Notice(SourceId(1), Notice::Restarted(2)));
    assert_eq!(emitted(&mut merge), [(1, -1)]);
}

/// What happens to a merge: a source opens or closes, lines arrive with steps in time, time passes.
#[derive(Debug, Clone)]
enum Op {
    Open(u32),
    Close(u32),
    Lines(u32, Vec<i64>),
    Wait(u64),
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        2 => (0u32..4).prop_map(Op::Open),
        1 => (0u32..4).prop_map(Op::Close),
        6 => (0u32..4, vec(-2i64..20, 1..20)).prop_map(|(id, steps)| Op::Lines(id, steps)),
        3 => (0u64..200).prop_map(Op::Wait),
    ]
}

proptest! {
    #[test]
    fn nothing_is_lost_and_each_source_keeps_its_order(ops in vec(op(), 1..60), limit in prop_oneof![Just(50usize), Just(1 << 20)]) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let (mut merge, room) = (Merge::new(WINDOW, limit), Room::new(1 << 20));
            let (mut clocks, mut sent, mut gone) = ([0i64; 4], vec![Vec::new(); 4], Vec::new());
            for op in ops {
                match op {
                    Op::Open(id) => merge.take(Item::Open(SourceId(id))),
                    Op::Close(id) => merge.take(Item::Close(SourceId(id))),
                    Op::Wait(millis) => tokio::time::advance(Duration::from_millis(millis)).await,
                    Op::Lines(id, steps) => {
                        let clock = &mut clocks[id as usize];
                        let step = |step: i64| { *clock += step; *clock };
                        let times: Vec<i64> = steps.into_iter().map(step).collect();
                        sent[id as usize].extend(times.iter().copied());
                        merge.take(lines(&room, id, &times).await);
                    }
                }
                gone.extend(emitted(&mut merge));
                // What has waited for the window is gone.
                assert!(merge.due().is_none_or(|due| due > Instant::now()));
                let open = merge.sources.values().filter(|queue| queue.open && queue.waiting.is_empty()).count();
                assert_eq!(merge.awaited, open);
            }
            tokio::time::advance(WINDOW).await;
            gone.extend(emitted(&mut merge));
            assert!(merge.is_empty() && merge.held == 0);
            for (id, sent) in sent.iter().enumerate() {
                let ours: Vec<i64> = gone.iter().filter(|(of, _)| *of == id as u32).map(|(_, at)| *at).collect();
                assert_eq!(&ours, sent);
            }
        });
    }
}
