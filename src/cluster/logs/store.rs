//! The lines that are kept, within a budget of memory.
//!
//! Texts lie one behind the other in segments of some hundred kilobytes, with a line feed behind each, so that a
//! search runs over whole segments. Beside them a line costs 16 bytes: where it ends, when it was written, by whom and
//! how grave it is. When the budget is spent, whole segments go from the front, and their lines are counted.

use std::collections::VecDeque;
use std::ops::Range;

use super::{Level, Lines, SourceId, Stamp};

/// A bounded number of bytes' worth of lines, each with a number of its own that never changes.
#[derive(Debug)]
pub struct LineStore {
    segments: VecDeque<Segment>,
    /// The number of the next line.
    end: u64,
    budget: usize,
    /// What the segments take up, but for the last one, which grows.
    sealed: usize,
    dropped: u64,
    /// Whether the first line is the first of all that were read, so that others can be put before it.
    takes_earlier: bool,
}

/// One line of a [`LineStore`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line<'a> {
    /// Its number.
    pub number: u64,
    /// Whose line, or whom a notice is about.
    pub source: SourceId,
    /// When it was written, as the container runtime says.
    pub at: Stamp,
    /// Its level, if it says one.
    pub level: Option<Level>,
    /// Whether it is a notice: a word of ours in its place among the lines, and not a line of any log.
    pub notice: bool,
    /// Its text; any bytes but `\n`.
    pub text: &'a [u8],
}

/// Lines that follow each other.
#[derive(Debug)]
pub(super) struct Segment {
    first: u64,
    /// Each text has a line feed behind it.
    text: Vec<u8>,
    /// Where each line ends, behind its line feed.
    ends: Vec<u32>,
    times: Vec<Stamp>,
    tags: Vec<Tag>,
}

/// Source, level and sort of a line in four bytes.
#[derive(Debug, Clone, Copy)]
struct Tag(u32);

impl Tag {
    const NOTICE: u32 = 1 << 3;

    fn new(source: SourceId, level: Option<Level>, notice: bool) -> Tag {
        let level = level.map_or(0, |level| level as u32);
        Tag(source.0.min(SourceId::MOST) << 8 | level | if notice { Tag::NOTICE } else { 0 })
    }

    const fn source(self) -> SourceId {
        SourceId(self.0 >> 8)
    }

    const fn level(self) -> Option<Level> {
        Level::of_bits(self.0 & 7)
    }

    const fn is_notice(self) -> bool {
        self.0 & Tag::NOTICE != 0
    }
}

/// What a line costs beside its text: its line feed, and its part of the index.
const LINE: usize = 1 + size_of::<u32>() + size_of::<Stamp>() + size_of::<Tag>();
/// The size of a segment's texts; of a smaller part of a small budget.
const SEGMENT: usize = 256 << 10;
/// A segment has at most one line for so many bytes that it has room for: empty lines are no reason to let its index
/// grow large.
const PER_LINE: usize = 64;

impl LineStore {
    /// The budget unless another is asked for.
    pub const BUDGET: usize = 64 << 20;

    /// The number of the first line that is pushed. Earlier ones that are put in front have smaller numbers.
    pub const ORIGIN: u64 = 1 << 40;

    /// An empty store that takes up at most `budget` bytes, but at least 64 KiB.
    #[must_use]
    pub fn new(budget: usize) -> LineStore {
        LineStore {
            segments: VecDeque::new(),
            end: Self::ORIGIN,
            budget: budget.max(64 << 10),
            sealed: 0,
            dropped: 0,
            takes_earlier: true,
        }
    }

    /// The number of the first line that is kept; [`LineStore::end`] if there is none.
    #[must_use]
    pub fn first(&self) -> u64 {
        self.segments.front().map_or(self.end, |segment| segment.first)
    }

    /// The number of the next line: one more than the last one's.
    #[must_use]
    pub const fn end(&self) -> u64 {
        self.end
    }

    /// How many lines are kept.
    #[must_use]
    pub fn len(&self) -> usize {
        (self.end - self.first()) as usize
    }

    /// Whether none is kept.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.first() == self.end
    }

    /// How many lines were dropped from the front.
    #[must_use]
    pub const fn dropped(&self) -> u64 {
        self.dropped
    }

    /// How many bytes it takes up, the index included.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.sealed + self.segments.back().map_or(0, Segment::size)
    }

    /// How many bytes it may take up.
    #[must_use]
    pub const fn budget(&self) -> usize {
        self.budget
    }

    /// Whether earlier lines can be put in front: not once some were dropped there, or did not fit, for there would be
    /// a hole.
    #[must_use]
    pub const fn takes_earlier(&self) -> bool {
        self.takes_earlier
    }

    /// Forgets all lines. Numbers go on.
    pub fn clear(&mut self) {
        self.segments.clear();
        (self.sealed, self.dropped, self.takes_earlier) = (0, 0, false);
    }

    /// Adds a line at the end, and drops what no longer fits from the front; answers its number. A text of more than
    /// a quarter of the budget is cut there, and at a line feed, of which it should have none.
    pub fn push(&mut self, source: SourceId, at: Stamp, text: &[u8]) -> u64 {
        self.append(Tag::new(source, super::parse::level(text), false), at, text)
    }

    /// Adds a notice at the end, as [`LineStore::push`] adds a line.
    pub fn push_notice(&mut self, source: SourceId, at: Stamp, level: Level, text: &str) -> u64 {
        self.append(Tag::new(source, Some(level), true), at, text.as_bytes())
    }

    /// Puts earlier lines in front, of which the last ones are taken as far as the budget allows; answers how many.
    /// None are taken where [`LineStore::takes_earlier`] says so.
    pub fn prepend(&mut self, lines: &Lines) -> usize {
        if !self.takes_earlier {
            return 0;
        }
        // Later lines grow a segment of their own: what is put in front has just the room that it needs.
        if self.segments.is_empty() {
            self.grow(self.segment_bytes());
        }
        // Less what the last segment may still grow by, and what segments take up by themselves.
        let room = self.budget.saturating_sub(self.bytes() + self.index_bytes());
        let mut room = room - room / 64;
        let fits = lines.iter().rev().take_while(|line| {
            let cost = line.text.len() + LINE;
            let fits = cost <= room;
            room = room.saturating_sub(cost);
            fits
        });
        let taken = fits.count();
        self.takes_earlier = taken == lines.len();
        let first = self.first();
        let (segment_bytes, most) = (self.segment_bytes(), self.longest());
        let mut segments: Vec<Segment> = Vec::new();
        let last_ones = lines.iter().skip(lines.len() - taken);
        for (number, line) in (first - taken as u64..).zip(last_ones) {
            let text = kept(line.text, most);
            if segments.last().is_none_or(|last| !last.has_room(text, segment_bytes)) {
                segments.push(Segment::new(number, 0));
            }
            let segment = segments.last_mut().expect("one was just made");
            segment.push(Tag::new(line.source, super::parse::level(text), false), line.at, text);
        }
        for mut segment in segments.into_iter().rev() {
            segment.seal();
            self.sealed += segment.size();
            self.segments.push_front(segment);
        }
        taken
    }

    /// The line with this number, if it is kept.
    #[must_use]
    pub fn get(&self, number: u64) -> Option<Line<'_>> {
        let segment = self.segments.get(self.segment_of(number)?)?;
        segment.line((number - segment.first) as usize)
    }

    /// Those of these lines that are kept, in order.
    pub fn lines(&self, numbers: Range<u64>) -> impl DoubleEndedIterator<Item = Line<'_>> {
        (numbers.start.max(self.first())..numbers.end.min(self.end)).filter_map(|number| self.get(number))
    }

    /// The number of the first line that was written at `at` or later, as far as lines are in order.
    #[must_use]
    pub fn at_time(&self, at: Stamp) -> u64 {
        let (mut low, mut high) = (self.first(), self.end);
        while low < high {
            let middle = low + (high - low) / 2;
            if self.get(middle).is_some_and(|line| line.at < at) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }

    /// The place of the segment that has the line with this number.
    pub(super) fn segment_of(&self, number: u64) -> Option<usize> {
        if number < self.first() || number >= self.end {
            return None;
        }
        Some(self.segments.partition_point(|segment| segment.first <= number) - 1)
    }

    /// The segment in this place.
    pub(super) fn segment(&self, place: usize) -> &Segment {
        &self.segments[place]
    }

    fn append(&mut self, tag: Tag, at: Stamp, text: &[u8]) -> u64 {
        let text = kept(text, self.longest());
        let bytes = self.segment_bytes();
        if self.segments.back().is_none_or(|last| !last.has_room(text, bytes)) {
            self.grow(bytes.max(text.len() + 1));
        }
        let segment = self.segments.back_mut().expect("one was just made");
        segment.push(tag, at, text);
        let number = self.end;
        self.end += 1;
        number
    }

    /// Begins another segment with room for so many bytes, and drops what no longer fits.
    fn grow(&mut self, bytes: usize) {
        if let Some(last) = self.segments.back_mut() {
            last.seal();
            self.sealed += last.size();
        }
        self.segments.push_back(Segment::new(self.end, bytes));
        while self.bytes() + self.index_bytes() > self.budget && self.segments.len() > 1 {
            let Some(gone) = self.segments.pop_front() else { break };
            self.sealed -= gone.size();
            self.dropped += gone.ends.len() as u64;
            self.takes_earlier = false;
        }
    }

    /// How large segments are: small enough that one is a small part of the budget.
    fn segment_bytes(&self) -> usize {
        SEGMENT.min(self.budget / 16)
    }

    /// How large the index of a segment grows.
    fn index_bytes(&self) -> usize {
        (LINE - 1) * (self.segment_bytes() / PER_LINE).next_power_of_two()
    }

    const fn longest(&self) -> usize {
        self.budget / 4
    }
}

/// What is kept of a text.
fn kept(text: &[u8], most: usize) -> &[u8] {
    let end = memchr::memchr(b'\n', text).unwrap_or(text.len());
    &text[..end.min(most)]
}

impl Segment {
    fn new(first: u64, bytes: usize) -> Segment {
        Segment {
            first,
            text: Vec::with_capacity(bytes),
            ends: Vec::new(),
            times: Vec::new(),
            tags: Vec::new(),
        }
    }

    fn has_room(&self, text: &[u8], bytes: usize) -> bool {
        self.text.len() + text.len() < bytes && self.ends.len() < bytes / PER_LINE
    }

    fn push(&mut self, tag: Tag, at: Stamp, text: &[u8]) {
        self.text.extend_from_slice(text);
        self.text.push(b'\n');
        // A segment is smaller than a budget of memory that anybody gives, and lines are cut to a part of it.
        self.ends.push(self.text.len() as u32);
        self.times.push(at);
        self.tags.push(tag);
    }

    /// Gives back the room that is not used: no line is added any more.
    fn seal(&mut self) {
        self.text.shrink_to_fit();
        self.ends.shrink_to_fit();
        self.times.shrink_to_fit();
        self.tags.shrink_to_fit();
    }

    /// The bytes that it takes up.
    fn size(&self) -> usize {
        let index = self.ends.capacity() * size_of::<u32>()
            + self.times.capacity() * size_of::<Stamp>()
            + self.tags.capacity() * size_of::<Tag>();
        self.text.capacity() + index + size_of::<Segment>()
    }

    /// The number of its first line.
    pub(super) const fn first(&self) -> u64 {
        self.first
    }

    /// How many lines it has.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// All its texts, each with a line feed behind it.
    pub(super) fn text(&self) -> &[u8] {
        &self.text
    }

    /// The place in [`Segment::text`] at which a line begins, or behind the last one.
    pub(super) fn start(&self, place: usize) -> usize {
        place.checked_sub(1).map_or(0, |before| self.ends[before] as usize)
    }

    /// The line that has this place of [`Segment::text`].
    pub(super) fn line_at(&self, offset: usize) -> usize {
        self.ends.partition_point(|end| *end as usize <= offset)
    }

    /// Its line in this place, counted from its first.
    pub(super) fn line(&self, place: usize) -> Option<Line<'_>> {
        let (end, tag) = (*self.ends.get(place)? as usize, self.tags[place]);
        Some(Line {
            number: self.first + place as u64,
            source: tag.source(),
            at: self.times[place],
            level: tag.level(),
            notice: tag.is_notice(),
            text: &self.text[self.start(place)..end - 1],
        })
    }
}

#[cfg(test)]
mod tests;
