//! The frame around a view: two lines above that say where I am, whether what I see is true and what there is, and one
//! below with keys, a message or what is being typed.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;

use super::Look;
use crate::resources::Time;
use crate::ui::text::{fit, printable, width};
use crate::ui::{Command, Role, Scope};

/// What the lines above say.
#[derive(Debug)]
pub struct Header<'a> {
    /// Where I am, outermost first.
    pub trail: &'a [String],
    /// Server version and user, as far as known.
    pub about: &'a [String],
    /// What the view in sight has to say.
    pub head: &'a Head,
}

/// What a view says above itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Whether what is shown is so.
    pub badge: Badge,
    /// What there is, in pieces.
    pub counts: Vec<(String, Role)>,
    /// The view's settings: filter, sort order.
    pub settings: String,
    /// When it says something else by itself.
    pub next_change: Option<Time>,
}

/// A short statement with a shape and a role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Badge {
    /// Its role, which gives the colour.
    pub role: Role,
    /// Its text, with the shape in front.
    pub text: String,
}

/// What the last line says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Footer<'a> {
    /// The keys of a scope that do something now.
    Hints {
        /// Which keys.
        scope: Scope,
        /// What would do nothing now, and is left out.
        idle: Vec<Command>,
    },
    /// A message.
    Message(Role, &'a str),
    /// Text being typed, with what stands before it, where its cursor is, and a note.
    Typing {
        /// What stands before the text.
        prompt: &'a str,
        /// The text.
        text: &'a str,
        /// The column of the cursor within the text.
        column: usize,
        /// What is wrong with it, or what it finds.
        note: Result<String, String>,
    },
}

/// Draws the two lines above.
pub fn header(area: Rect, buf: &mut Buffer, look: Look<'_>, header: &Header<'_>) {
    let style = |role| look.theme.style(role);
    if area.height > 0 {
        let line = Rect { height: 1, ..area };
        let mut right: Vec<(String, Style)> =
            vec![(header.head.badge.text.clone(), style(header.head.badge.role))];
        right.extend(header.about.iter().map(|about| (format!(" · {about}"), style(Role::Dim))));
        // Where I am matters more than who I am.
        let whole = width(&header.trail.join(SEPARATOR));
        while right.len() > 1 && whole + total(&right) + 4 > usize::from(area.width) {
            right.pop();
        }
        let trail = crumbs(header.trail, usize::from(area.width).saturating_sub(total(&right) + 4));
        two_sided(line, buf, &[(trail, style(Role::Title))], &right);
    }
    if area.height > 1 {
        let line = Rect { y: area.y + 1, height: 1, ..area };
        let counts = header.head.counts.iter().map(|(text, role)| (text.clone(), style(*role)));
        let settings = [(header.head.settings.clone(), style(Role::Key))];
        two_sided(line, buf, &counts.collect::<Vec<_>>(), &settings);
    }
}

/// Stands between the steps of the way here.
const SEPARATOR: &str = " ▸ ";

/// The way here in at most `room` cells, as far as that goes: steps between the first and the last two are left out.
fn crumbs(trail: &[String], room: usize) -> String {
    let whole = trail.join(SEPARATOR);
    let Some(([first], rest)) = trail.split_at_checked(1) else { return whole };
    let from = |left_out: usize| match left_out {
        0 => whole.clone(),
        _ => format!("{first}{SEPARATOR}…{SEPARATOR}{}", rest[left_out..].join(SEPARATOR)),
    };
    let most = rest.len().saturating_sub(2);
    (0..=most).map(from).find(|line| width(line) <= room).unwrap_or_else(|| from(most))
}

/// How many cells some pieces of text take.
fn total(parts: &[(String, Style)]) -> usize {
    parts.iter().map(|(text, _)| width(text)).sum()
}

/// Draws the last line; answers where the cursor belongs while text is typed.
pub fn footer(area: Rect, buf: &mut Buffer, look: Look<'_>, footer: &Footer<'_>) -> Option<Position> {
    let style = |role| look.theme.style(role);
    match footer {
        Footer::Message(role, text) => {
            two_sided(area, buf, &[(printable(text).into_owned(), style(*role))], &[]);
            None
        }
        Footer::Hints { scope, idle } => {
            two_sided(area, buf, &hints(*scope, idle, look, usize::from(area.width)), &[]);
            None
        }
        Footer::Typing { prompt, text, column, note } => {
            let note = match note {
                Ok(note) => (note.clone(), style(Role::Dim)),
                Err(error) => (error.clone(), style(Role::Failing)),
            };
            // A text longer than the line shows its end, where the cursor is.
            let room = usize::from(area.width).saturating_sub(3 + width(prompt));
            let hidden = column.saturating_sub(room);
            let shown: String = printable(text).chars().skip(hidden).collect();
            let typed = [((*prompt).to_owned(), style(Role::Key)), (shown, style(Role::Text))];
            two_sided(area, buf, &typed, &[note]);
            let x = area.x + 1 + (width(prompt) + column - hidden) as u16;
            Some(Position { x: x.min(area.right().saturating_sub(1)), y: area.y })
        }
    }
}

/// The keys of `scope` that have a hint and are not idle, as many as fit; help always does.
fn hints(scope: Scope, idle: &[Command], look: Look<'_>, available: usize) -> Vec<(String, Style)> {
    let help = look.keymap.bindings(scope).find(|binding| binding.command == Command::Help);
    let others = look
        .keymap
        .bindings(scope)
        .filter(|b| !b.hint.is_empty() && b.command != Command::Help && !idle.contains(&b.command));
    let reserved = help.map_or(0, |help| width(help.keys[0]) + width(help.hint) + 3);
    // A cell is left free at both ends of the line.
    let mut used = 2;
    let mut parts = Vec::new();
    let fitting = others.take_while(|binding| {
        used += width(binding.keys[0]) + width(binding.hint) + 3;
        used + reserved <= available
    });
    for binding in fitting.collect::<Vec<_>>().into_iter().chain(help) {
        parts.push((binding.keys[0].to_owned(), look.theme.style(Role::Key)));
        parts.push((format!(" {}  ", binding.hint), look.theme.style(Role::Dim)));
    }
    parts
}

/// Writes `left` from the left and `right` up to the right edge, a cell in from each. Where both do not fit, the left
/// side keeps at least a third of the line and is cut with `…`.
fn two_sided(line: Rect, buf: &mut Buffer, left: &[(String, Style)], right: &[(String, Style)]) {
    let inner = Rect { x: line.x + 1.min(line.width), width: line.width.saturating_sub(2), ..line };
    let room = usize::from(inner.width);
    let (on_left, on_right) = (total(left), total(right));
    let gap = if on_right > 0 { 2 } else { 0 };
    let for_left = if on_left + gap + on_right <= room {
        room - on_right
    } else {
        room.saturating_sub(on_right + gap).max((room / 3).min(on_left))
    };
    spans(inner.x, inner.y, for_left.min(room), buf, left);
    let for_right = room.saturating_sub(for_left.min(on_left) + gap).min(on_right);
    spans(inner.right() - for_right as u16, inner.y, for_right, buf, right);
}

/// Writes pieces of text one after another in at most `room` cells.
pub(super) fn spans(mut x: u16, y: u16, mut room: usize, buf: &mut Buffer, parts: &[(String, Style)]) {
    for (text, style) in parts {
        if room == 0 {
            return;
        }
        let text = fit(text, room);
        (x, _) = buf.set_stringn(x, y, &text, room, *style);
        room -= width(&text).min(room);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_here_keeps_its_beginning_and_its_end() {
        let trail: Vec<String> =
            ["prod", "shop", "deployments", "api", "pods", "api-1", "containers"].map(str::to_owned).to_vec();
        assert_eq!(crumbs(&trail, 80), "prod ▸ shop ▸ deployments ▸ api ▸ pods ▸ api-1 ▸ containers");
        assert_eq!(crumbs(&trail, 45), "prod ▸ … ▸ api ▸ pods ▸ api-1 ▸ containers");
        assert_eq!(crumbs(&trail, 10), "prod ▸ … ▸ api-1 ▸ containers", "and is cut when it is drawn");
        assert_eq!(crumbs(&trail[..2], 3), "prod ▸ shop");
    }
}
