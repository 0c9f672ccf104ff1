//! The log in sight: what it says, and what is wanted of it beyond itself.

use super::{App, Effect, Level};
use crate::cluster::logs::{LogBatch, LogRequest, Since};
use crate::ui::text::grouped;
use crate::views::{Extent, Logs};

impl App {
    /// The log in sight.
    fn log(&self) -> Option<&Logs> {
        self.views.iter().rev().find_map(|view| view.as_logs())
    }

    /// Asks for some screenfuls from before the first line of the log in sight.
    pub(super) fn earlier_log(&self) -> Vec<Effect> {
        let id = self.log().and_then(Logs::id);
        id.map(|id| Effect::EarlierLogs(id, Since::LINES)).into_iter().collect()
    }

    /// Takes what a log says.
    pub(super) fn receive_log(&mut self, batch: LogBatch) -> Vec<Effect> {
        let place = self.views.iter().position(|view| view.as_logs().and_then(Logs::id) == Some(batch.id));
        let Some(place) = place else {
            // It was closed while this was on its way.
            return Vec::new();
        };
        let in_sight = self.views[place + 1..].iter().all(|view| view.is_overlay());
        let told = self.views[place].as_logs_mut().map(|log| log.receive(batch.events)).unwrap_or_default();
        if let Some(say) = told.say {
            self.messages.say(self.now, Level::Info, say);
            self.show_soon();
        }
        if told.visible && in_sight {
            self.show_calmly();
        }
        Vec::new()
    }

    /// There is time to go on with what could not be done at once.
    pub(super) fn work(&mut self) -> Vec<Effect> {
        let visible = self.views.iter_mut().fold(false, |visible, view| view.work() | visible);
        if visible {
            self.show_calmly();
        }
        Vec::new()
    }

    /// What is on screen is no longer so; it was not so for long before, either.
    fn show_calmly(&mut self) {
        self.calm |= !self.dirty;
        self.dirty = true;
    }

    /// Reads the log in sight anew. The request may have been chosen from a list, which goes.
    pub(super) fn reopen_log(&mut self, request: LogRequest) -> Vec<Effect> {
        let mut effects = self.close_overlays();
        if let Some(log) = self.views.last_mut().and_then(|view| view.as_logs_mut()) {
            effects.extend(log.reopen(request).map(Effect::CloseLogs));
        }
        effects.extend(self.feed());
        effects
    }

    pub(super) fn save_log(&mut self, extent: Extent) -> Vec<Effect> {
        let mut effects = self.close_overlays();
        if let Some(log) = self.log() {
            let (text, lines) = log.text(extent);
            let what = format!("{} {}", grouped(lines), if lines == 1 { "line" } else { "lines" });
            effects.push(Effect::Save { name: self.file_name(log), text, what });
        }
        effects
    }

    pub(super) fn page_log(&mut self) -> Vec<Effect> {
        self.log().map(|log| Effect::Page(log.text(Extent::Shown).0)).into_iter().collect()
    }

    pub(super) fn copy(&mut self, text: String) -> Vec<Effect> {
        let lines = text.lines().count();
        let lines = if lines == 1 { "the line".to_owned() } else { format!("{} lines", grouped(lines)) };
        self.messages.say(self.now, Level::Info, format!("copied {lines}"));
        vec![Effect::Copy(text)]
    }

    /// Whose log it is and when it was saved: `checkout-20261124T143107Z.log`.
    fn file_name(&self, log: &Logs) -> String {
        let safe = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '-' | '.') { c } else { '-' };
        let of: String = log.of().chars().map(safe).collect();
        let at = jiff::Timestamp::from_second(self.now.0).unwrap_or_default();
        format!("{of}-{}.log", at.strftime("%Y%m%dT%H%M%SZ"))
    }

    /// Takes away what lies over the view in sight.
    fn close_overlays(&mut self) -> Vec<Effect> {
        let mut effects = Vec::new();
        while self.views.len() > 1 && self.views.last().is_some_and(|view| view.is_overlay()) {
            effects.extend(self.pop());
        }
        effects
    }
}
