//! What stands above a table: whether the rows are what is so, how many are how, the filter and the order.

use super::{SortBy, Table};
use crate::cluster::Link;
use crate::resources::{Health, Time};
use crate::ui::Role;
use crate::ui::text::{grouped, width};
use crate::views::{Badge, Head};

impl Table {
    pub(super) fn describe(&self, room: usize, now: Time) -> Head {
        let settings = self.settings();
        let counts = self.counts(room.saturating_sub(width(&settings) + 2));
        let ticks = matches!(self.link, Link::Interrupted { .. });
        Head { badge: self.badge(now), counts, settings, next_change: ticks.then_some(Time(now.0 + 1)) }
    }

    /// Whether what is shown is so.
    fn badge(&self, now: Time) -> Badge {
        let badge = |role, text: String| Badge { role, text };
        let (len, brief) = (self.store.len(), |error: &crate::cluster::Error| error.class.name());
        match &self.link {
            Link::Connecting | Link::Live if !self.store.is_synced() && len > 0 => {
                badge(Role::Progressing, format!("◌ syncing {}", grouped(len)))
            }
            Link::Connecting => badge(Role::Progressing, "◌ connecting".into()),
            Link::Live if self.undecodable > 0 => {
                badge(Role::Failing, format!("● live, {} not readable", grouped(self.undecodable)))
            }
            Link::Live => badge(Role::Healthy, "● live".into()),
            Link::Interrupted { error, .. } => {
                let old = self.since.unwrap_or(now).age(now);
                let data = if len == 0 { "no data".to_owned() } else { format!("data {old} old") };
                badge(Role::Failing, format!("↻ reconnecting, {data}: {}", brief(error)))
            }
            Link::Polled { error, every_ms } => {
                let every = every_ms / 1000;
                badge(Role::Progressing, format!("◷ not live, listed every {every}s: {}", brief(error)))
            }
            Link::Refused(error) => badge(Role::Failing, format!("✗ {}", brief(error))),
        }
    }

    /// How many there are, and how they are, as far as there is room: a count that is cut would be another number.
    /// What is well can be left out first.
    fn counts(&self, room: usize) -> Vec<(String, Role)> {
        let len = self.store.len();
        let name = if len == 1 { self.kind().singular } else { self.kind().plural };
        let mut counts = vec![(format!("{} {name}", grouped(len)), Role::Text)];
        let all = self.store.counts().all;
        for health in Health::ALL.into_iter().filter(|health| all.of(*health) > 0) {
            let text = format!("   {} {} {}", health.glyph(), grouped(all.of(health)), health.word());
            counts.push((text, Role::from(health)));
        }
        while counts.len() > 2 && counts.iter().map(|(text, _)| width(text)).sum::<usize>() > room {
            counts.pop();
        }
        counts
    }

    fn settings(&self) -> String {
        let mut parts = Vec::new();
        if !self.filter().is_empty() {
            parts.push(format!("/{}", self.filter()));
        }
        if self.unhealthy {
            parts.push("unhealthy only".to_owned());
        }
        if !parts.is_empty() {
            parts.push(format!("{} shown", grouped(self.store.shown())));
        }
        if let Some((by, descending)) = self.order() {
            let title = match by {
                SortBy::Namespace => "namespace".to_owned(),
                SortBy::Column(at) => self.kind().headers[at].title.to_lowercase(),
            };
            parts.push(format!("{}{title}", if descending { "↓" } else { "↑" }));
        }
        parts.join(" · ")
    }
}
