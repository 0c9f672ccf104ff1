//! The whole screen: the frame around the view in sight, the view, and what lies over it.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::{App, Level, Stage};
use crate::resources::Time;
use crate::ui::Role;
use crate::views::{Badge, Footer, Header, Learned, Look, footer, header};

/// The smallest screen that anything is drawn on, in cells.
const SMALLEST: (u16, u16) = (20, 4);

impl App {
    /// Draws everything; answers what the view with the keyboard learned, for [`App::drawn`].
    #[must_use]
    pub fn render(&self, area: Rect, buf: &mut Buffer) -> Learned {
        let now = self.tempo.there(self.now);
        let look = Look { theme: &self.theme, keymap: &self.keymap, now, zone: &self.zone };
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

        let base = self.views.iter().rposition(|view| !view.is_overlay()).unwrap_or(0);
        let mut learned = Learned { next_change: self.draw_header(head, buf, look), ..Learned::default() };
        for view in &self.views[base..] {
            let of_view = view.render(body, buf, look);
            let change = of_view.next_change.and_then(|change| self.tempo.here(change));
            let earlier = [learned.next_change, change].into_iter().flatten().min();
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

    /// Draws the lines above; answers when they say something else by themselves.
    fn draw_header(&self, area: Rect, buf: &mut Buffer, look: Look<'_>) -> Option<Time> {
        // A cell is left free at both ends.
        let room = usize::from(area.width.saturating_sub(2));
        // How long a connection has been down is told in our time, whatever the cluster's does.
        let ours = Look { now: self.now, ..look };
        let mut head = self.views.iter().rev().find_map(|view| view.head(room, ours))?;
        if let Some(badge) = self.not_connected_badge() {
            head.badge = badge;
            let lasts = matches!(self.session.stage, Stage::Failed { .. });
            head.next_change = lasts.then_some(Time(self.now.0 + 1));
        }
        let mut about: Vec<String> = self.session.version.iter().cloned().collect();
        about.extend(Some(self.session.user.clone()).filter(|user| !user.is_empty()));
        about.extend(self.session.cluster().map(|cluster| format!("cluster {cluster}")));
        if self.session.insecure {
            about.push("certificate not checked".to_owned());
        }
        header(area, buf, look, &Header { trail: &self.trail(), about: &about, head: &head });
        head.next_change
    }

    /// What is to be said instead of the view's badge while there is no connection.
    fn not_connected_badge(&self) -> Option<Badge> {
        let (role, text) = match &self.session.stage {
            Stage::Connected => return None,
            Stage::Connecting => (Role::Progressing, "◌ connecting".into()),
            Stage::Failed { error, since } => {
                // The part of an error that fits: the sort of it. The whole of it stands in the middle of the table.
                let lasted = since.age(self.now);
                (Role::Failing, format!("✗ not connected for {lasted}: {}", error.class.name()))
            }
        };
        Some(Badge { role, text })
    }
}
