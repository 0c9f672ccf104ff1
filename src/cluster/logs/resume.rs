//! Where one container's log was read to, so that reading goes on there: no line missing, none twice.
//!
//! The API can begin at a second, not at a line: what is asked for again overlaps with what was read. The lines of a
//! container's log have their order, but their times need not be in order (two streams are written to one file), and
//! many can have the same time. So the latest lines are remembered by time and content, and each of them is
//! recognized once when it comes again. What is older than all of them was read; what is none of them is new. If the
//! very last one does not come again before the first new line, the log has lost what was between: it was rotated.

use std::collections::{HashMap, VecDeque};
use std::hash::Hasher as _;

use rustc_hash::{FxBuildHasher, FxHasher};

use super::Stamp;
use super::stamp::SECOND;

/// How many lines are remembered: far more than writers overtake each other by.
const REMEMBERED: usize = 256;
/// The most that are remembered when all have the time of the last one.
const MOST: usize = 1 << 16;

/// A line may have an earlier time than those before it by so much, in nanoseconds.
const OVERTAKEN: i64 = SECOND / 10;

/// A line by its time and content.
type Key = (Stamp, u64);

/// What is known of the lines that were read of one run of a container.
#[derive(Debug, Default)]
pub(super) struct Resume {
    /// The latest lines in the order of the log.
    latest: VecDeque<Key>,
    /// The latest time of a line that is no longer remembered.
    forgotten: Option<Stamp>,
    /// How many lines were new.
    pub(super) lines: u64,
    /// While lines come again.
    again: Option<Again>,
}

/// The lines that come again.
#[derive(Debug)]
struct Again {
    /// How often each is still to come.
    expected: HashMap<Key, u32, FxBuildHasher>,
    /// Whether any has come.
    any: bool,
    /// The latest of their times.
    newest: Stamp,
}

/// What a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It was not read before.
    New,
    /// It was.
    Known,
    /// It is new, and lines between it and the last one, of this time, may be missing.
    NewBehindGap(Stamp),
}

impl Resume {
    /// The second to ask from; `None` if no line was read.
    pub(super) fn since(&self) -> Option<Stamp> {
        let earliest = self.latest.iter().map(|(at, _)| *at).min()?;
        Some(Stamp((earliest.0 - OVERTAKEN).div_euclid(SECOND) * SECOND))
    }

    /// When the last line was written.
    pub(super) fn last(&self) -> Option<Stamp> {
        self.latest.back().map(|(at, _)| *at)
    }

    /// The log is read again, from [`Resume::since`] on.
    pub(super) fn reopened(&mut self) {
        self.again = None;
        let Some(newest) = self.latest.iter().map(|(at, _)| *at).max() else { return };
        let mut expected: HashMap<Key, u32, FxBuildHasher> = HashMap::default();
        for key in &self.latest {
            *expected.entry(*key).or_default() += 1;
        }
        self.again = Some(Again { expected, any: false, newest });
    }

    /// Takes the next line of the log.
    pub(super) fn take(&mut self, at: Stamp, text: &[u8]) -> Verdict {
        let key = (at, hash(text));
        let verdict = if self.again.is_some() { self.judge(key) } else { Verdict::New };
        if verdict != Verdict::Known {
            self.remember(key);
            self.lines += 1;
        }
        verdict
    }

    /// Judges a line that may have come again.
    fn judge(&mut self, key: Key) -> Verdict {
        let Some(again) = &mut self.again else { return Verdict::New };
        if let Some(times) = again.expected.get_mut(&key) {
            *times -= 1;
            again.any = true;
            if *times == 0 {
                again.expected.remove(&key);
                if again.expected.is_empty() {
                    // What comes now stands behind the last line.
                    self.again = None;
                }
            }
            return Verdict::Known;
        }
        // What stands before all that is remembered is older; or the log has lost all that is remembered, and then
        // later times tell what is new.
        let before_all = !again.any && key.0 <= again.newest;
        if before_all || self.forgotten.is_some_and(|forgotten| key.0 <= forgotten) {
            return Verdict::Known;
        }
        // Where times step back, what was not read may stand before what was; a later time stands behind it.
        if key.0 <= again.newest {
            return Verdict::New;
        }
        let last_came = self.latest.back().is_none_or(|last| !again.expected.contains_key(last));
        self.again = None;
        match self.last() {
            Some(last) if !last_came => Verdict::NewBehindGap(last),
            _ => Verdict::New,
        }
    }

    fn remember(&mut self, key: Key) {
        self.latest.push_back(key);
        while self.latest.len() > REMEMBERED {
            // Those of the last line's time are told apart by nothing else.
            if self.latest.front().is_some_and(|(at, _)| *at == key.0) && self.latest.len() <= MOST {
                break;
            }
            if let Some((at, _)) = self.latest.pop_front() {
                self.forgotten = self.forgotten.max(Some(at));
            }
        }
    }
}

fn hash(text: &[u8]) -> u64 {
    let mut hasher = FxHasher::default();
    hasher.write(text);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    /// A log: times that mostly grow, with many that are equal and some that step back, and few texts.
    fn log() -> impl Strategy<Value = Vec<(Stamp, u8)>> {
        let step = prop_oneof![4 => Just(0i64), 3 => 1i64..1_000, 1 => 1i64..3 * SECOND, 1 => -50i64..0];
        vec((step, 0u8..3), 1..700).prop_map(|steps| {
            let mut at = 100 * SECOND;
            let step = |(step, text)| {
                at += step;
                (Stamp(at), text)
            };
            steps.into_iter().map(step).collect()
        })
    }

    /// What the server sends when it is asked from this second on.
    fn since(log: &[(Stamp, u8)], since: Option<Stamp>) -> impl Iterator<Item = &(Stamp, u8)> {
        log.iter().filter(move |(at, _)| since.is_none_or(|since| *at >= since))
    }

    proptest! {
        #[test]
        fn every_line_is_new_exactly_once_wherever_reading_is_cut(
            log in log(),
            tail in 0usize..700,
            cuts in vec((0usize..300, 0usize..700), 0..8),
        ) {
            let mut resume = Resume::default();
            let begin = log.len().saturating_sub(tail.max(1)).min(log.len() / 2);
            // A line from before the beginning that is like one behind it, to the nanosecond, cannot be told from it;
            // nor one that is later than all behind it from a new one.
            let (mut log, first) = (log.clone(), log[begin].0);
            log[..begin].iter_mut().for_each(|(at, text)| (*at, *text) = ((*at).min(first), *text + 3));
            let mut read: Vec<(Stamp, u8)> = Vec::new();
            let mut written = begin;
            for (lines, more) in cuts.into_iter().chain([(usize::MAX, usize::MAX)]) {
                written = written.saturating_add(more).min(log.len());
                let from = resume.since();
                // The first time only the last lines are asked for.
                let begin = if from.is_some() { 0 } else { begin };
                resume.reopened();
                for (at, text) in since(&log[begin..written], from).take(lines) {
                    match resume.take(*at, &[*text]) {
                        Verdict::New => read.push((*at, *text)),
                        Verdict::Known => {}
                        gap @ Verdict::NewBehindGap(_) => prop_assert!(false, "{gap:?}"),
                    }
                }
            }
            prop_assert_eq!(&read[..], &log[begin..]);
        }

        #[test]
        fn a_log_that_lost_the_last_line_has_a_gap_and_nothing_twice(log in log(), read in 0usize..700, lost in 0usize..300) {
            let read = 1 + read % log.len();
            let mut resume = Resume::default();
            log[..read].iter().for_each(|(at, text)| assert_eq!(resume.take(*at, &[*text]), Verdict::New));
            let last = resume.last().unwrap();
            // Rotation leaves what is written later.
            let kept: Vec<(Stamp, u8)> = log[(read + lost).min(log.len())..]
                .iter()
                .filter(|(at, _)| log[..read].iter().all(|(before, _)| at > before))
                .copied()
                .collect();
            resume.reopened();
            let verdicts: Vec<Verdict> = kept.iter().map(|(at, text)| resume.take(*at, &[*text])).collect();
            if let [first, rest @ ..] = &verdicts[..] {
                prop_assert_eq!(*first, Verdict::NewBehindGap(last));
                prop_assert!(rest.iter().all(|verdict| *verdict == Verdict::New));
            }
        }
    }

    #[test]
    fn a_line_that_turns_up_among_known_ones_is_new_and_no_gap() {
        let mut resume = Resume::default();
        for (at, text) in [(10, b"a"), (130, b"b"), (100, b"d")] {
            assert_eq!(resume.take(Stamp(at), text), Verdict::New);
        }
        resume.reopened();
        let again = [(10, b"a"), (100, b"c"), (100, b"d"), (140, b"e")];
        let verdicts = again.map(|(at, text)| resume.take(Stamp(at), text));
        assert_eq!(verdicts, [Verdict::Known, Verdict::New, Verdict::Known, Verdict::New]);
    }

    #[test]
    fn it_remembers_all_lines_of_one_moment() {
        let mut resume = Resume::default();
        for text in 0..5_000u32 {
            assert_eq!(resume.take(Stamp(5), &text.to_le_bytes()), Verdict::New);
        }
        resume.reopened();
        let again: Vec<Verdict> =
            (0..5_001u32).map(|text| resume.take(Stamp(5), &text.to_le_bytes())).collect();
        assert!(again[..5_000].iter().all(|verdict| *verdict == Verdict::Known));
        assert_eq!(again[5_000], Verdict::New);
        resume.take(Stamp(6), b"");
        assert!(resume.latest.len() <= REMEMBERED);
    }
}
