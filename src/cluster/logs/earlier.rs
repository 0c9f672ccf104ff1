//! Earlier lines than the first that were read, for whoever scrolls past the top.
//!
//! The API knows no "before": a longer tail of each log is asked for, and read up to the line that is known. Lines of
//! several sources are put in order; only as far back as all of them were read, so that the next ones come before.

use std::sync::{Arc, Mutex, PoisonError};

use futures_util::StreamExt as _;
use tokio::sync::watch;

use super::request::{self, Begin, Which};
use super::splitter::Splitter;
use super::stamp::SECOND;
use super::stream::{Progress, View, now};
use super::{Lines, LogTuning, Since, Source, SourceId, Stamp};
use crate::cluster::Error;
use crate::cluster::listwatch::{Patience, ask};

/// The fewest lines that are asked of a source.
const LEAST: u64 = 100;
/// How many sources are asked at a time.
const TOGETHER: usize = 10;

/// What the sources of a log have behind them.
#[derive(Debug, Default)]
pub(super) struct Past {
    sources: Mutex<Vec<Arc<PastSource>>>,
}

/// What one source has behind it.
#[derive(Debug)]
pub(super) struct PastSource {
    pub(super) id: SourceId,
    pub(super) source: Arc<Source>,
    pub(super) progress: Arc<Mutex<Progress>>,
    pub(super) view: watch::Receiver<View>,
}

/// Lines of one source from before its first known one, in order.
#[derive(Debug)]
struct Older {
    source: Arc<PastSource>,
    lines: Vec<(Stamp, Vec<u8>)>,
    /// Whether there are no others before these.
    complete: bool,
}

impl Past {
    /// There is another source.
    pub(super) fn add(&self, source: PastSource) {
        self.sources.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::new(source));
    }

    fn sources(&self) -> Vec<Arc<PastSource>> {
        self.sources.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Fetches about `wanted` lines from before the first that are known; tells also whether there are no others.
    pub(super) async fn fetch(
        &self,
        client: &kube::Client,
        tuning: &LogTuning,
        since: Since,
        wanted: u64,
    ) -> (Lines, bool) {
        let sources = self.sources();
        let firsts = sources.iter().filter_map(|source| source.progress().first);
        // A source that was quiet has nothing of what is known, but perhaps something from before.
        let top = firsts.min().unwrap_or_else(|| beginning(since));
        let each = (wanted / sources.len().max(1) as u64).max(LEAST);
        let fetches = sources.into_iter().map(|source| source.older(client, tuning, top, each));
        let all: Vec<Result<Older, Error>> =
            futures_util::stream::iter(fetches).buffer_unordered(TOGETHER).collect().await;
        let failed = all.iter().any(Result::is_err);
        let mut older: Vec<Older> = all.into_iter().flatten().collect();
        let incomplete = older.iter().filter(|older| !older.complete);
        let horizon = incomplete.filter_map(|older| older.lines.first()).map(|(at, _)| *at).max();
        let mut complete = !failed;
        for older in &mut older {
            let cut = older.lines.partition_point(|(at, _)| horizon.is_some_and(|horizon| *at < horizon));
            complete &= older.complete && cut == 0;
            older.lines.drain(..cut);
            older.source.note(&older.lines);
        }
        (in_order(&older), complete)
    }
}

/// Where a log begins that was asked for so, of which nothing has arrived.
fn beginning(since: Since) -> Stamp {
    match since {
        Since::Ago(time) => Stamp(now().0.saturating_sub(i64::try_from(time.as_nanos()).unwrap_or(i64::MAX))),
        // There is nothing at all.
        Since::All | Since::Tail(_) => Stamp(i64::MIN),
    }
}

/// The lines of all in one order. Those of one source keep theirs, even where their times step back.
fn in_order(older: &[Older]) -> Lines {
    let mut order: Vec<(Stamp, usize, usize)> = Vec::new();
    for (of, older) in older.iter().enumerate() {
        let mut latest = Stamp(i64::MIN);
        for (place, (at, _)) in older.lines.iter().enumerate() {
            latest = latest.max(*at);
            order.push((latest, of, place));
        }
    }
    order.sort_unstable();
    let mut lines = Lines::default();
    for (_, of, place) in order {
        let (at, text) = &older[of].lines[place];
        lines.push(older[of].source.id, *at, text);
    }
    lines
}

impl PastSource {
    fn progress(&self) -> Progress {
        *self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The lines from before the first known one, about `wanted` of them; from before `top` if none is known.
    async fn older(
        self: Arc<Self>,
        client: &kube::Client,
        tuning: &LogTuning,
        top: Stamp,
        wanted: u64,
    ) -> Result<Older, Error> {
        let progress = self.progress();
        let known = Progress { first: progress.first.or(Some(top)), ..progress };
        let restarts = self.view.borrow().state.restarts;
        let which = match restarts - progress.run {
            _ if progress.first.is_none() || restarts == progress.run => Which::Current,
            1 => Which::Previous,
            // Of a run before the previous one there is nothing left.
            _ => return Ok(Older { source: self, lines: Vec::new(), complete: true }),
        };
        let mut lines = self.before(client, tuning, which, known, known.lines + wanted).await?;
        let mut complete = false;
        if (lines.len() as u64) < wanted.div_ceil(2) {
            // There are no others, or many have come in at the other end meanwhile.
            let more = self.before(client, tuning, which, known, (known.lines + wanted) * 2).await?;
            complete = more.len() <= lines.len();
            lines = more;
        }
        Ok(Older { source: self, lines, complete })
    }

    /// The lines before the first known one, of so many last lines.
    async fn before(
        &self,
        client: &kube::Client,
        tuning: &LogTuning,
        which: Which,
        known: Progress,
        tail: u64,
    ) -> Result<Vec<(Stamp, Vec<u8>)>, Error> {
        let doing = format!("reading earlier lines of {}", self.source);
        let request = request::log(&self.source, which, Begin::Tail(tail), false);
        let mut answer = ask(client, request, Patience::of(&tuning.watch), &doing).await?;
        let mut splitter = Splitter::new(tuning.line_bytes);
        let first = known.first.unwrap_or_default();
        let (mut lines, mut passed) = (Vec::new(), false);
        let take = |piece: &[u8]| {
            splitter.push(piece, |line| match line.at {
                Some(at) if at.0 <= first.0.saturating_add(SECOND) => lines.push((at, line.text.to_vec())),
                Some(_) => passed = true,
                None => {}
            });
            !passed
        };
        answer.read(take).await.map_err(|error| error.while_doing(&doing))?;
        lines.truncate(place_of(&lines, first, known.at_first));
        Ok(lines)
    }

    /// Notes that these lines stand before those that were known.
    fn note(&self, lines: &[(Stamp, Vec<u8>)]) {
        let Some((first, _)) = lines.first() else { return };
        let mut progress = self.progress.lock().unwrap_or_else(PoisonError::into_inner);
        let equal = lines.iter().take_while(|(at, _)| at == first).count();
        let all_equal = equal == lines.len() && progress.first == Some(*first);
        progress.at_first = equal + if all_equal { progress.at_first } else { 0 };
        progress.first = Some(*first);
        progress.lines += lines.len() as u64;
    }
}

/// The place of the first known line, which was written at `first`, and so many behind it at the same time.
fn place_of(lines: &[(Stamp, Vec<u8>)], first: Stamp, equal: usize) -> usize {
    let mut places =
        lines.iter().enumerate().rev().filter(|(_, (at, _))| *at == first).map(|(place, _)| place);
    let known = equal.checked_sub(1).and_then(|before| places.nth(before));
    known.unwrap_or_else(|| lines.iter().position(|(at, _)| *at >= first).unwrap_or(lines.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_known_line_is_found_among_lines_of_the_same_time() {
        let lines: Vec<(Stamp, Vec<u8>)> = [1, 5, 5, 3, 5, 6].map(|at| (Stamp(at), Vec::new())).into();
        assert_eq!(place_of(&lines, Stamp(5), 1), 4);
        assert_eq!(place_of(&lines, Stamp(5), 2), 2);
        assert_eq!(place_of(&lines, Stamp(5), 3), 1);
        assert_eq!(place_of(&lines, Stamp(5), 0), 1, "nothing is known: what is earlier");
        assert_eq!(place_of(&lines, Stamp(9), 1), 6, "the known line is not there: what is earlier");
    }
}
