//! Draws the rows in sight. Costs what is in sight, whatever there is.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::cluster::Link;
use crate::resources::{Align, Cell, Header, Row, Time};
use crate::ui::Role;
use crate::ui::grid::{GAP, Want, layout};
use crate::ui::text::{fit, fit_end, printable, width, wrap};
use crate::views::{Learned, Look};

use super::{Shown, SortBy, Table};

/// Cells in front of the first column: the marker of the highlighted row, the shape of its health.
const GUTTER: u16 = 5;

const NAMESPACE: Header = Header::text("NAMESPACE", 1).least(12);

/// A cell as it is drawn.
struct Drawn {
    text: String,
    role: Option<Role>,
}

impl Table {
    pub(super) fn draw(&self, area: Rect, buf: &mut Buffer, look: Look<'_>) -> Learned {
        let rows = usize::from(area.height.saturating_sub(1));
        let columns = self.columns();
        let top = self.cursor.top.min(self.store.shown().saturating_sub(1));
        let in_sight: Vec<&dyn Row> = self.store.window(top, rows).collect();
        let mut next_change: Option<Time> = None;
        let cells: Vec<Vec<Drawn>> = in_sight
            .iter()
            .map(|row| {
                columns.iter().map(|column| draw_cell(*row, *column, look.now, &mut next_change)).collect()
            })
            .collect();
        let titles: Vec<String> = columns.iter().map(|column| self.title(*column)).collect();
        let widths = self.measure(&titles, &cells, &columns);
        let laid_out = layout(&self.wants(&columns, &widths), area.width.saturating_sub(GUTTER + 1));
        let learned = Learned { next_change, rows, widths, ..Learned::default() };

        let places = places(&columns, &laid_out, area.x + GUTTER, self);
        self.draw_titles(area, buf, look, &places, &titles);
        for ((row, cells), y) in in_sight.iter().zip(&cells).zip(area.y + 1..area.bottom()) {
            let line = Rect { y, height: 1, ..area };
            self.draw_row(line, buf, look, *row, cells, &places);
        }
        if in_sight.is_empty() {
            self.draw_nothing(area, buf, look);
        }
        learned
    }

    fn header(&self, column: Shown) -> &Header {
        match column {
            Shown::Namespace => &NAMESPACE,
            Shown::Column(at) => &self.kind().headers[at],
        }
    }

    fn title(&self, column: Shown) -> String {
        let title = self.header(column).title;
        let by = match column {
            Shown::Namespace => SortBy::Namespace,
            Shown::Column(at) => SortBy::Column(at),
        };
        match self.order() {
            Some((sorted, descending)) if sorted == by => {
                format!("{title}{}", if descending { "↓" } else { "↑" })
            }
            _ => title.to_owned(),
        }
    }

    /// The widest each column has been, so that columns do not jump while rows pass.
    fn measure(&self, titles: &[String], cells: &[Vec<Drawn>], columns: &[Shown]) -> Vec<u16> {
        let before = if self.widths.len() == columns.len() { self.widths.as_slice() } else { &[] };
        let widest = |at: usize| {
            let cells = cells.iter().map(|row| width(&row[at].text)).max().unwrap_or(0);
            let now = cells.max(width(&titles[at])).min(usize::from(u16::MAX)) as u16;
            now.max(before.get(at).copied().unwrap_or(0))
        };
        (0..columns.len()).map(widest).collect()
    }

    fn wants(&self, columns: &[Shown], widths: &[u16]) -> Vec<Want> {
        let want = |(column, width): (&Shown, &u16)| {
            let header = self.header(*column);
            Want { width: *width, least: header.least, priority: header.priority }
        };
        columns.iter().zip(widths).map(want).collect()
    }

    fn draw_titles(&self, area: Rect, buf: &mut Buffer, look: Look<'_>, places: &[Place], titles: &[String]) {
        for (place, title) in places.iter().zip(titles).filter(|(place, _)| place.width > 0) {
            place.draw(area.y, buf, title, look.theme.style(Role::Header));
        }
    }

    fn draw_row(
        &self,
        line: Rect,
        buf: &mut Buffer,
        look: Look<'_>,
        row: &dyn Row,
        cells: &[Drawn],
        at: &[Place],
    ) {
        let style = |role| look.theme.style(role);
        let (health, highlighted) = (row.health(), Some(row.meta().id) == self.cursor.id);
        let base = style(if health == crate::resources::Health::Idle { Role::Idle } else { Role::Text });
        if line.width > 3 {
            buf.set_stringn(line.x + 3, line.y, health.glyph(), 1, style(Role::from(health)));
        }
        for (place, cell) in at.iter().zip(cells).filter(|(place, _)| place.width > 0) {
            place.draw(line.y, buf, &cell.text, cell.role.map_or(base, style));
        }
        if highlighted {
            buf.set_style(line, style(Role::Selected));
            buf.set_stringn(
                line.x + 1,
                line.y,
                "▌",
                usize::from(line.width.saturating_sub(1)),
                style(Role::Selected),
            );
        }
    }

    /// Says why there are no rows.
    fn draw_nothing(&self, area: Rect, buf: &mut Buffer, look: Look<'_>) {
        let kind = self.kind().plural;
        let place = match &self.selection.namespace {
            Some(namespace) if self.of.is_none() => format!(" in {namespace}"),
            _ => String::new(),
        };
        let filtered = !self.store.is_empty();
        let text = match &self.link {
            _ if filtered && self.unhealthy => format!("no unhealthy {kind}{place} · esc shows all"),
            _ if filtered => format!("none of {} {kind} matches · esc clears the filter", self.store.len()),
            Link::Refused(error) => format!("✗ {error}"),
            Link::Interrupted { error, .. } => format!("↻ {error}"),
            Link::Live if self.store.is_synced() && self.is_root() && self.selection.namespace.is_some() => {
                format!("no {kind}{place} · 0 shows all namespaces")
            }
            Link::Polled { error, .. } => format!("no {kind}{place} · not live: {error}"),
            Link::Live if self.store.is_synced() => format!("no {kind}{place}"),
            Link::Live | Link::Connecting => "connecting …".to_owned(),
        };
        let inner =
            Rect { x: area.x + GUTTER.min(area.width), width: area.width.saturating_sub(GUTTER + 1), ..area };
        let wrapped = wrap(&printable(&text), usize::from(inner.width).max(1));
        for (line, y) in wrapped.iter().zip(inner.y + 2..inner.bottom()) {
            buf.set_stringn(inner.x, y, line, usize::from(inner.width), look.theme.style(Role::Dim));
        }
    }
}

/// Where a column stands.
struct Place {
    x: u16,
    width: u16,
    align: Align,
    keeps_end: bool,
}

impl Place {
    fn draw(&self, y: u16, buf: &mut Buffer, text: &str, style: ratatui::style::Style) {
        let room = usize::from(self.width);
        let text = if self.keeps_end { fit_end(text, room) } else { fit(text, room) };
        let indent = match self.align {
            Align::Left => 0,
            Align::Right => room - width(&text),
        };
        buf.set_stringn(self.x + indent as u16, y, &text, room, style);
    }
}

fn places(columns: &[Shown], widths: &[u16], mut x: u16, table: &Table) -> Vec<Place> {
    let place = |(column, width): (&Shown, &u16)| {
        let Header { align, keeps_end, .. } = *table.header(*column);
        let place = Place { x, width: *width, align, keeps_end };
        x += if *width > 0 { width + GAP } else { 0 };
        place
    };
    columns.iter().zip(widths).map(place).collect()
}

fn draw_cell(row: &dyn Row, column: Shown, now: Time, next_change: &mut Option<Time>) -> Drawn {
    let cell = match column {
        Shown::Namespace => Cell::text(&row.meta().namespace),
        Shown::Column(at) => row.cell(at),
    };
    if let Some(time) = cell.ticking() {
        let next = time.next_change(now);
        *next_change = Some(next_change.map_or(next, |earliest| earliest.min(next)));
    }
    let mut text = String::new();
    cell.write(now, &mut text);
    let role = match cell {
        Cell::None => Some(Role::Dim),
        Cell::Status(_, health) => Some(Role::from(health)),
        _ => None,
    };
    if let std::borrow::Cow::Owned(clean) = printable(&text) {
        text = clean;
    }
    Drawn { text, role }
}
