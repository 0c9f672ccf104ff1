//! The whole screen: the frame around the view in sight, the view, and what lies over it.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::{App, Level, Stage};
use crate::cluster::{Error, Link};
use crate::resources::Health;
use crate::ui::Role;
use crate::ui::text::grouped;
use crate::views::{Badge, Footer, Header, Learned, Look, SortBy, Table, footer, header};

/// The smallest screen that anything is drawn on, in cells.
const SMALLEST: (u16, u16) = (20, 4);

impl App {
    /// Draws everything; answers what the view with the keyboard learned, for [`App::drawn`].
    #[must_use]
    pub fn render(&self, area: Rect, buf: &mut Buffer) -> Learned {
        let look = Look { theme: &self.theme, keymap: &self.keymap, now: self.tempo.there(self.now) };
        buf.set_style(area, self.theme.style(Role::Text));
        if area.width < SMALLEST.0 || area.height < SMALLEST.1 {
            buf.set_stringn(
                area.x,
                area.y,
                "too small",
                usize::from(area.width),
                self.theme.style(Role::Dim),
            );
            return Learned::default();
        }
        let (above, below) =
            if area.height >= 6 { (2, 1) } else { (area.height.min(1), u16::from(area.height > 2)) };
        let head = Rect { height: above, ..area };
        let body = Rect { y: area.y + above, height: area.height - above - below, ..area };
        let foot = Rect { y: area.bottom() - below, height: below, ..area };

        self.draw_header(head, buf, look);
        let base = self.views.iter().rposition(|view| !view.is_overlay()).unwrap_or(0);
        let mut learned = Learned::default();
        for view in &self.views[base..] {
            let of_view = view.render(body, buf, look);
            let earlier = [learned.next_change, of_view.next_change].into_iter().flatten().min();
            learned = Learned { next_change: earlier, ..of_view };
        }
        if below > 0 {
            learned.cursor = footer(foot, buf, look, &self.last_line());
        }
        learned
    }

    fn last_line(&self) -> Footer<'_> {
        let typing = self.views.last().and_then(|view| view.footer());
        let message = self.messages.current(self.now).map(|message| {
            let role = match message.level {
                Level::Hint | Level::Info => Role::Title,
                Level::Error => Role::Failing,
            };
            Footer::Message(role, &message.text)
        });
        let hints = || {
            let view = self.views.last();
            Footer::Hints {
                scope: view.map_or(crate::ui::Scope::Table, |view| view.scope()),
                idle: view.map_or_else(Vec::new, |view| view.idle()),
            }
        };
        typing.or(message).unwrap_or_else(hints)
    }

    fn draw_header(&self, area: Rect, buf: &mut Buffer, look: Look<'_>) {
        let Some(table) = self.table() else { return };
        let mut about: Vec<String> = self.session.version.iter().cloned().collect();
        about.extend(Some(self.session.user.clone()).filter(|user| !user.is_empty()));
        about.extend(self.session.cluster().map(|cluster| format!("cluster {cluster}")));
        if self.session.insecure {
            about.push("certificate not checked".to_owned());
        }
        let counts = table.store().counts();
        let of_all: Vec<(Health, usize)> =
            Health::ALL.iter().map(|health| (*health, counts.all.of(*health))).collect();
        header(
            area,
            buf,
            look,
            &Header {
                trail: &self.trail(),
                badge: &self.badge(table),
                about: &about,
                total: total(table),
                counts: &of_all,
                settings: settings(table),
            },
        );
    }

    /// Whether what is shown is so.
    fn badge(&self, table: &Table) -> Badge {
        let badge = |role, text: String| Badge { role, text };
        match (&self.session.stage, table.link()) {
            (Stage::Connecting, _) => badge(Role::Progressing, "◌ connecting".into()),
            (Stage::Failed { error, since }, _) => {
                badge(Role::Failing, format!("✗ not connected for {}: {}", since.age(self.now), brief(error)))
            }
            (Stage::Connected, (Link::Connecting | Link::Live, _))
                if !table.store().is_synced() && !table.store().is_empty() =>
            {
                badge(Role::Progressing, format!("◌ syncing {}", grouped(table.store().len())))
            }
            (Stage::Connected, (Link::Connecting, _)) => badge(Role::Progressing, "◌ connecting".into()),
            (Stage::Connected, (Link::Live, _)) if table.undecodable() > 0 => {
                badge(Role::Failing, format!("● live, {} not readable", grouped(table.undecodable())))
            }
            (Stage::Connected, (Link::Live, _)) => badge(Role::Healthy, "● live".into()),
            (Stage::Connected, (Link::Interrupted { error, .. }, since)) => {
                let old = since.unwrap_or(self.now).age(self.now);
                let data =
                    if table.store().is_empty() { "no data".to_owned() } else { format!("data {old} old") };
                badge(Role::Failing, format!("↻ reconnecting, {data}: {}", brief(error)))
            }
            (Stage::Connected, (Link::Polled { error, every_ms }, _)) => {
                let every = every_ms / 1000;
                badge(Role::Progressing, format!("◷ not live, listed every {every}s: {}", brief(error)))
            }
            (Stage::Connected, (Link::Refused(error), _)) => {
                badge(Role::Failing, format!("✗ {}", brief(error)))
            }
        }
    }

    /// Whether the header shows how many seconds something has lasted.
    pub(super) fn counts_seconds(&self) -> bool {
        let failed = matches!(self.session.stage, Stage::Failed { .. });
        failed || self.table().is_some_and(|table| matches!(table.link().0, Link::Interrupted { .. }))
    }
}

/// The part of an error that fits a badge: the sort of it. The whole of it stands in the middle of an empty table.
fn brief(error: &Error) -> &'static str {
    error.class.name()
}

fn total(table: &Table) -> String {
    let (len, kind) = (table.store().len(), table.kind());
    let name = if len == 1 { kind.singular } else { kind.plural };
    format!("{} {name}", grouped(len))
}

fn settings(table: &Table) -> String {
    let mut parts = Vec::new();
    if !table.filter().is_empty() {
        parts.push(format!("/{}", table.filter()));
    }
    if table.only_unhealthy() {
        parts.push("unhealthy only".to_owned());
    }
    if !parts.is_empty() {
        parts.push(format!("{} shown", grouped(table.store().shown())));
    }
    if let Some((by, descending)) = table.order() {
        let title = match by {
            SortBy::Namespace => "namespace".to_owned(),
            SortBy::Column(at) => table.kind().headers[at].title.to_lowercase(),
        };
        parts.push(format!("{}{title}", if descending { "↓" } else { "↑" }));
    }
    parts.join(" · ")
}
