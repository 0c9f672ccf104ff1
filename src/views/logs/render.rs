//! Draws the lines in sight. Costs what is in sight, however many and however long the lines are.

use std::ops::Range;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::line::{Paint, Painted};
use super::scroll::{Placed, Room};
use super::times::{Times, is_another_day};
use super::{Logs, Look};
use crate::cluster::Link;
use crate::cluster::logs::Line;
use crate::resources::Time;
use crate::ui::Role;
use crate::ui::text::{fit_end, grouped, printable, wrap};
use crate::views::Learned;

/// Cells in front of everything: the highlighted line's mark, or a marked line's.
const GUTTER: usize = 1;
/// Cells of text without which what stands before it has to go.
const LEAST_TEXT: usize = 24;
/// The widest that the name of a source gets, in cells.
const WIDEST_LABEL: usize = 28;

/// What stands where in a row.
#[derive(Debug, Clone, Copy)]
struct Columns {
    times: Times,
    dated: bool,
    time: usize,
    label: usize,
    text: usize,
    room: Room,
}

impl Columns {
    /// Where the text begins, counted from the left edge.
    fn text_at(&self) -> usize {
        let gap = |cells: usize| if cells > 0 { cells + 1 } else { 0 };
        GUTTER + gap(self.time) + gap(self.label)
    }
}

impl Logs {
    pub(super) fn draw(&self, area: Rect, buf: &mut Buffer, look: Look<'_>) -> Learned {
        let columns = self.columns(area, look);
        let window = self.window(columns.room);
        let mut next_change: Option<Time> = None;
        let mut y = area.y;
        for placed in &window {
            let Some(line) = self.log.store().get(placed.number) else { continue };
            let rows = (placed.rows - placed.skip).min(usize::from(area.bottom().saturating_sub(y))) as u16;
            let block = Rect { y, height: rows, ..area };
            self.draw_line(block, buf, look, &line, *placed, columns);
            let change = columns.times.next_change(line.at, look.now);
            next_change = [next_change, change].into_iter().flatten().min();
            y += rows;
        }
        if window.is_empty() {
            self.draw_nothing(area, buf, look);
        }
        Learned { next_change, rows: columns.room.rows, columns: columns.text, ..Learned::default() }
    }

    fn columns(&self, area: Rect, look: Look<'_>) -> Columns {
        let room = Room { rows: usize::from(area.height), columns: 0 };
        // The earliest of all lines: the first one need not be, where earlier ones of some containers were read.
        let dated = is_another_day(self.log.histogram().buckets().0, look);
        let label = if self.sources && self.labels.are_needed() { self.labels.width } else { 0 };
        let label = label.min(WIDEST_LABEL).min(usize::from(area.width) / 3);
        let mut columns =
            Columns { times: self.times, dated, time: self.times.width(dated), label, text: 0, room };
        let least = usize::from(area.width).saturating_sub(LEAST_TEXT);
        if columns.text_at() > least {
            columns.label = 0;
        }
        if columns.text_at() > least {
            (columns.times, columns.time) = (Times::Off, 0);
        }
        columns.text = usize::from(area.width).saturating_sub(columns.text_at());
        columns.room.columns = columns.text;
        columns
    }

    fn draw_line(
        &self,
        block: Rect,
        buf: &mut Buffer,
        look: Look<'_>,
        line: &Line<'_>,
        placed: Placed,
        columns: Columns,
    ) {
        let is_around = self.around > 0 && !self.shown().passes(line.number);
        let (most_rows, text) = (columns.room.most_rows(), columns.text);
        let most = if self.wrap { text * most_rows } else { self.column + text + 1 };
        let painted = Painted::of(line, self.raw, most);
        let found = self.found(line, &painted);
        if placed.skip == 0 {
            self.draw_front(block, buf, look, line, columns);
        }
        let x = block.x + columns.text_at() as u16;
        let mut draw = |y: u16, gap: usize, part: Range<usize>| {
            let mut x = x + gap as u16;
            for (run, style) in pieces(&painted, &part, &found, is_around, look) {
                let left = usize::from(block.right().saturating_sub(x));
                (x, _) = buf.set_stringn(x, y, &painted.text[run], left, style);
            }
        };
        if self.wrap {
            let rows = painted.rows(text.max(1), most_rows);
            for (row, y) in rows.into_iter().skip(placed.skip).zip(block.y..block.bottom()) {
                draw(y, 0, row);
            }
        } else {
            let (gap, part) = painted.part(self.column, text);
            draw(block.y, gap, part);
        }
        let is_longer = if self.wrap { painted.is_cut } else { painted.cells > self.column + text };
        if is_longer && block.height > 0 && block.width > 0 {
            buf.set_stringn(block.right() - 1, block.bottom() - 1, "…", 1, look.theme.style(Role::Dim));
        }
        self.draw_gutter(block, buf, look, line.number);
    }

    /// The time, and whose line it is.
    fn draw_front(&self, block: Rect, buf: &mut Buffer, look: Look<'_>, line: &Line<'_>, columns: Columns) {
        let mut x = block.x + GUTTER as u16;
        if columns.time > 0 {
            let time = columns.times.write(line.at, columns.dated, look);
            buf.set_stringn(x, block.y, time, columns.time, look.theme.style(Role::Dim));
            x += columns.time as u16 + 1;
        }
        // A notice names whom it is about itself.
        if columns.label > 0 && !line.notice {
            // The end of a name tells pods apart.
            let label = fit_end(self.labels.name(line.source), columns.label);
            let role = Role::of_source(line.source.0);
            buf.set_stringn(x, block.y, label, columns.label, look.theme.style(role));
        }
    }

    /// The marks of the highlighted line, of marked ones, and of what passes among what is around it.
    fn draw_gutter(&self, block: Rect, buf: &mut Buffer, look: Look<'_>, number: u64) {
        if block.width == 0 {
            return;
        }
        if self.around > 0 && self.shown().passes(number) {
            buf.set_stringn(block.x, block.y, "•", 1, look.theme.style(Role::Key));
        }
        if self.follow {
            return;
        }
        let at = self.shown().near(self.cursor).unwrap_or(self.cursor);
        let selected = look.theme.style(Role::Selected);
        let marked = self.mark.is_some_and(|mark| (mark.min(at)..=mark.max(at)).contains(&number));
        for y in block.y..block.bottom() {
            if number == at {
                buf.set_style(Rect { y, height: 1, ..block }, selected);
                buf.set_stringn(block.x, y, "▌", 1, selected);
            } else if marked {
                buf.set_stringn(block.x, y, "┃", 1, look.theme.style(Role::Key));
            }
        }
    }

    /// Where the filter and the search find something in a line as it is shown.
    fn found(&self, line: &Line<'_>, painted: &Painted) -> Vec<Range<usize>> {
        let mut found = Vec::new();
        if !line.notice {
            for query in [self.filter.query(), self.search.query()].into_iter().flatten() {
                query.highlights(painted.text.as_bytes(), |place| found.push(place));
            }
        }
        found.sort_by_key(|place| place.start);
        found
    }

    /// Says why there are no lines.
    fn draw_nothing(&self, area: Rect, buf: &mut Buffer, look: Look<'_>) {
        let kept = self.log.store().len();
        let text = match (self.log.pods(), self.log.found()) {
            _ if kept > 0 && self.is_searching() => "looking for lines that match …".to_owned(),
            _ if kept > 0 => format!("none of {} lines matches · esc clears the filter", grouped(kept)),
            (Link::Refused(error), _) => format!("✗ {error}"),
            (Link::Interrupted { error, .. }, _) => format!("↻ {error}"),
            (_, Some(0)) if !self.log.is_over() => {
                "no pods yet; those that appear join by themselves".to_owned()
            }
            _ if self.log.is_over() => "there are no lines".to_owned(),
            (_, Some(_)) => "no lines yet".to_owned(),
            _ => "connecting …".to_owned(),
        };
        let room = usize::from(area.width.saturating_sub(6)).max(1);
        for (line, y) in wrap(&printable(&text), room).iter().zip(area.y + 2..area.bottom()) {
            buf.set_stringn(area.x + 5.min(area.width), y, line, room, look.theme.style(Role::Dim));
        }
    }

    fn is_searching(&self) -> bool {
        !self.filter.is_done(&self.log)
    }
}

/// The pieces of a part of a line, each of one style. What stands only around what passes is dim.
fn pieces(
    painted: &Painted,
    part: &Range<usize>,
    found: &[Range<usize>],
    is_around: bool,
    look: Look<'_>,
) -> Vec<(Range<usize>, Style)> {
    let mut out = Vec::new();
    let found_style = look.theme.style(Role::Found);
    for (run, paint) in painted.runs(part) {
        let style = match paint {
            _ if is_around => look.theme.style(Role::Dim),
            Paint::Role(role) => look.theme.style(role),
            Paint::Foreign(style) => look.theme.style(Role::Text).patch(look.theme.foreign(style)),
        };
        let mut at = run.start;
        for place in found.iter().filter(|place| place.end > run.start && place.start < run.end) {
            let (start, end) = (place.start.max(at), place.end.min(run.end));
            if start >= end {
                continue;
            }
            out.push((at..start, style));
            out.push((start..end, style.patch(found_style)));
            at = end;
        }
        out.push((at..run.end, style));
    }
    out
}
