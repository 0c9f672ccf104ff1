//! Colours by role. Views name roles; `themes/*.yaml` say what a role looks like.

use std::collections::BTreeMap;

use ratatui::style::{Color, Modifier, Style};
use serde::Deserialize;

use crate::resources::Health;
use crate::yaml;

/// What a piece of the screen is, as far as its looks go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Ordinary text.
    Text,
    /// What matters less: hints, separators, absent values.
    Dim,
    /// Where I am.
    Title,
    /// Column titles.
    Header,
    /// The row that keys act on.
    Selected,
    /// Keys in hints and help; what is being typed.
    Key,
    /// Something failed.
    Failing,
    /// Something is on its way.
    Progressing,
    /// Something is as it should be.
    Healthy,
    /// Something is at rest.
    Idle,
    /// The word for the level of a line that tells of an error, or of worse.
    LevelError,
    /// The word for the level of a warning.
    LevelWarn,
    /// The word for the level of an ordinary line.
    LevelInfo,
    /// The word for the level of what matters to developers.
    LevelDebug,
    /// What a filter or a search finds.
    Found,
    /// One of those that write into one log; neighbours differ.
    Source0,
    /// Another.
    Source1,
    /// Another.
    Source2,
    /// Another.
    Source3,
    /// Another.
    Source4,
    /// Another.
    Source5,
}

impl Role {
    const ALL: [Role; 21] = [
        Role::Text,
        Role::Dim,
        Role::Title,
        Role::Header,
        Role::Selected,
        Role::Key,
        Role::Failing,
        Role::Progressing,
        Role::Healthy,
        Role::Idle,
        Role::LevelError,
        Role::LevelWarn,
        Role::LevelInfo,
        Role::LevelDebug,
        Role::Found,
        Role::Source0,
        Role::Source1,
        Role::Source2,
        Role::Source3,
        Role::Source4,
        Role::Source5,
    ];

    /// The role for the name of the source with this number.
    #[must_use]
    pub const fn of_source(number: u32) -> Role {
        const SOURCES: [Role; 6] =
            [Role::Source0, Role::Source1, Role::Source2, Role::Source3, Role::Source4, Role::Source5];
        SOURCES[number as usize % SOURCES.len()]
    }
}

impl From<Health> for Role {
    fn from(health: Health) -> Role {
        match health {
            Health::Failing => Role::Failing,
            Health::Progressing => Role::Progressing,
            Health::Healthy => Role::Healthy,
            Health::Idle => Role::Idle,
        }
    }
}

/// How many colours a terminal shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// None: `NO_COLOR`, or a terminal that says it is dumb.
    None,
    /// The 256 of xterm; colours outside are brought to the nearest.
    Indexed,
    /// 24 bits.
    True,
}

impl Depth {
    /// Reads it off the environment's `NO_COLOR` (<https://no-color.org>), `COLORTERM` and `TERM`.
    #[must_use]
    pub fn of(no_color: Option<&str>, colorterm: Option<&str>, term: Option<&str>) -> Depth {
        match (no_color, colorterm, term) {
            (Some(set), ..) if !set.is_empty() => Depth::None,
            (.., Some("dumb")) => Depth::None,
            (_, Some("truecolor" | "24bit"), _) => Depth::True,
            _ => Depth::Indexed,
        }
    }
}

/// A style for every role.
#[derive(Debug, Clone, PartialEq)]
pub struct Theme {
    /// Its name, as given to `--theme`.
    pub name: &'static str,
    depth: Depth,
    styles: [Style; Role::ALL.len()],
}

/// The themes in the binary: name and text. The first is the default.
static BUILT_IN: &[(&str, &str)] = &[
    ("terminal", include_str!("../../themes/terminal.yaml")),
    ("dusk", include_str!("../../themes/dusk.yaml")),
    ("dawn", include_str!("../../themes/dawn.yaml")),
    ("plain", include_str!("../../themes/plain.yaml")),
];

impl Theme {
    /// The names of all themes.
    pub fn names() -> impl Iterator<Item = &'static str> {
        BUILT_IN.iter().map(|(name, _)| *name)
    }

    /// The theme of this name, for a terminal with this many colours.
    ///
    /// # Errors
    /// In one line, when there is no such theme or its text is wrong.
    pub fn load(name: &str, depth: Depth) -> Result<Theme, String> {
        let name = if depth == Depth::None { "plain" } else { name };
        let names = || Theme::names().collect::<Vec<_>>().join(", ");
        let (name, text) = BUILT_IN
            .iter()
            .find(|(known, _)| *known == name)
            .ok_or_else(|| format!("there is no theme \"{name}\"; there are {}", names()))?;
        Theme::parse(name, text, depth)
    }

    /// The style of a role.
    #[must_use]
    pub fn style(&self, role: Role) -> Style {
        self.styles[role as usize]
    }

    /// A style that is not the theme's own, with no more colours than the terminal has.
    #[must_use]
    pub fn foreign(&self, style: Style) -> Style {
        let colour = |colour: Option<Color>| {
            colour.filter(|_| self.depth != Depth::None).map(|colour| self.depth.nearest(colour))
        };
        Style { fg: colour(style.fg), bg: colour(style.bg), ..style }
    }

    fn parse(name: &'static str, text: &str, depth: Depth) -> Result<Theme, String> {
        let file: File = yaml::from_str(text).map_err(|e| format!("theme {name}: {e}"))?;
        let mut styles = [Style::default(); Role::ALL.len()];
        for (role, spec) in &file.roles {
            let colour = |spec: &Option<String>| {
                let spec = spec.as_deref().map(|c| file.palette.get(c).map_or(c, String::as_str));
                spec.map(|c| {
                    c.parse().map_err(|_| format!("theme {name}: {role:?}: \"{c}\" is not a colour"))
                })
                .transpose()
            };
            let mut style = Style::default();
            if let Some(fg) = colour(&spec.fg)? {
                style = style.fg(depth.nearest(fg));
            }
            if let Some(bg) = colour(&spec.bg)? {
                style = style.bg(depth.nearest(bg));
            }
            styles[*role as usize] = style.add_modifier(spec.modifiers());
        }
        if let Some(missing) = Role::ALL.iter().find(|role| !file.roles.contains_key(role)) {
            return Err(format!("theme {name}: the role {missing:?} is missing"));
        }
        Ok(Theme { name, depth, styles })
    }
}

impl Default for Theme {
    /// The default theme. Its text is part of the binary and a test loads it.
    fn default() -> Self {
        Theme::load(BUILT_IN[0].0, Depth::Indexed).unwrap_or(Theme {
            name: "plain",
            depth: Depth::None,
            styles: [Style::default(); Role::ALL.len()],
        })
    }
}

impl Depth {
    fn nearest(self, colour: Color) -> Color {
        match (self, colour) {
            (Depth::Indexed, Color::Rgb(r, g, b)) => Color::Indexed(nearest_indexed(r, g, b)),
            (_, colour) => colour,
        }
    }
}

/// The nearest of xterm's colours 16 to 255: a 6×6×6 cube and 24 greys.
fn nearest_indexed(r: u8, g: u8, b: u8) -> u8 {
    const STEPS: [i32; 6] = [0, 95, 135, 175, 215, 255];
    let (r, g, b) = (i32::from(r), i32::from(g), i32::from(b));
    let step = |v: i32| (0..6usize).min_by_key(|i| (STEPS[*i] - v).abs()).unwrap_or(0);
    let far = |x: i32, y: i32, z: i32| (x - r).pow(2) + (y - g).pow(2) + (z - b).pow(2);
    let (i, j, k) = (step(r), step(g), step(b));
    let grey = ((r + g + b) / 3 - 3).clamp(0, 230) / 10;
    let level = 8 + 10 * grey;
    if far(level, level, level) < far(STEPS[i], STEPS[j], STEPS[k]) {
        232 + grey as u8
    } else {
        (16 + 36 * i + 6 * j + k) as u8
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    /// Names for colours, so that a role can say `fg: sea`.
    #[serde(default)]
    palette: BTreeMap<String, String>,
    roles: BTreeMap<Role, Spec>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Spec {
    fg: Option<String>,
    bg: Option<String>,
    #[serde(default)]
    bold: bool,
    #[serde(default)]
    dim: bool,
    #[serde(default)]
    reverse: bool,
    #[serde(default)]
    underline: bool,
}

impl Spec {
    fn modifiers(&self) -> Modifier {
        let on = |on: bool, modifier: Modifier| if on { modifier } else { Modifier::empty() };
        on(self.bold, Modifier::BOLD)
            | on(self.dim, Modifier::DIM)
            | on(self.reverse, Modifier::REVERSED)
            | on(self.underline, Modifier::UNDERLINED)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_theme_loads_and_styles_every_role() {
        for name in Theme::names() {
            assert_eq!(Theme::load(name, Depth::True).map(|theme| theme.name), Ok(name));
        }
    }

    #[test]
    fn without_colours_a_theme_has_none() {
        let theme = Theme::load("dusk", Depth::of(Some("1"), Some("truecolor"), None)).unwrap();
        for role in Role::ALL {
            assert_eq!((theme.style(role).fg, theme.style(role).bg), (None, None), "{role:?}");
        }
    }

    #[test]
    fn colours_are_brought_to_what_the_terminal_has() {
        assert_eq!(nearest_indexed(255, 0, 0), 196);
        assert_eq!(nearest_indexed(118, 118, 118), 243);
        assert_eq!(nearest_indexed(0, 0, 0), 16);
    }

    #[test]
    fn a_wrong_theme_is_told_in_a_line() {
        let error = Theme::load("neon", Depth::True).unwrap_err();
        assert!(error.contains("terminal, dusk"), "{error}");
        let error = Theme::parse("x", "roles: {text: {fg: blurple}}", Depth::True).unwrap_err();
        assert!(error.contains("blurple"), "{error}");
        let error = Theme::parse("x", "roles: {text: {}}", Depth::True).unwrap_err();
        assert!(error.contains("missing"), "{error}");
    }
}
