//! Draws a picture of a program in a terminal: `picture OUT.svg COLSxROWS STEPS -- COMMAND ARGUMENT...`
//!
//! STEPS are separated by `;`: `wait:TEXT` waits until the screen has the text, `keys:TEXT` presses keys (`\r` is enter,
//! `\e` escape, `\z` ctrl-z). The picture is what stands on the screen after the last step.

#![allow(clippy::unwrap_used, reason = "a tool of ours: a panic is the report")]

#[path = "../tests/support/pty.rs"]
mod pty;

use std::fmt::Write as _;
use std::path::Path;

use pty::Pty;

/// Cells are this large, in the picture's units.
const CELL: (f32, f32) = (8.4, 18.0);
const MARGIN: f32 = 12.0;
const FOREGROUND: &str = "#c5cdd6";
const BACKGROUND: &str = "#12181f";

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [out, size, steps, _, command, rest @ ..] = args.as_slice() else {
        panic!("picture OUT.svg COLSxROWS STEPS -- COMMAND ARGUMENT...");
    };
    let (cols, rows) = size.split_once('x').expect("a size as 120x30");
    let rest: Vec<&str> = rest.iter().map(String::as_str).collect();
    let home = std::env::var("HOME").unwrap_or_default();
    let env = [("COLORTERM", "truecolor"), ("HOME", &*home)];
    let mut pty = Pty::start(Path::new(command), &rest, &env, (cols.parse().unwrap(), rows.parse().unwrap()));
    for step in steps.split(';') {
        match step.split_once(':') {
            Some(("wait", text)) => drop(pty.wait_for(text)),
            Some(("keys", text)) => pty.send(&unescape(text)),
            _ => panic!("{step}: not a step"),
        }
    }
    std::fs::write(out, pty.with_screen(svg)).expect("the picture is written");
}

fn unescape(text: &str) -> String {
    text.replace("\\r", "\r").replace("\\e", "\u{1b}").replace("\\z", "\u{1a}")
}

/// The screen as an SVG: runs of cells that look the same are one piece of text.
fn svg(screen: &vt100::Screen) -> String {
    let (rows, cols) = screen.size();
    let (width, height) = (f32::from(cols) * CELL.0 + 2.0 * MARGIN, f32::from(rows) * CELL.1 + 2.0 * MARGIN);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" \
         font-family=\"ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace\" font-size=\"14\">\n\
         <rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"{BACKGROUND}\"/>\n"
    );
    for row in 0..rows {
        let mut col = 0;
        while col < cols {
            let looks = Looks::of(screen, row, col);
            let begun = col;
            let mut text = String::new();
            while col < cols && Looks::of(screen, row, col) == looks {
                let cell = screen.cell(row, col).unwrap();
                if !cell.is_wide_continuation() {
                    text.push_str(if cell.has_contents() { cell.contents() } else { " " });
                }
                col += 1;
            }
            piece(&mut out, row, begun, col - begun, &text, &looks);
        }
    }
    out.push_str("</svg>\n");
    out
}

/// How a cell looks.
#[derive(PartialEq)]
struct Looks {
    fg: String,
    bg: Option<String>,
    bold: bool,
    dim: bool,
    underline: bool,
}

impl Looks {
    fn of(screen: &vt100::Screen, row: u16, col: u16) -> Looks {
        let cell = screen.cell(row, col).unwrap();
        let (mut fg, mut bg) = (colour(cell.fgcolor()), colour(cell.bgcolor()));
        if cell.inverse() {
            (fg, bg) = (bg.or(Some(BACKGROUND.to_owned())), fg.or(Some(FOREGROUND.to_owned())));
        }
        Looks {
            fg: fg.unwrap_or_else(|| FOREGROUND.to_owned()),
            bg,
            bold: cell.bold(),
            dim: cell.dim(),
            underline: cell.underline(),
        }
    }
}

fn piece(out: &mut String, row: u16, col: u16, cells: u16, text: &str, looks: &Looks) {
    let (x, y) = (MARGIN + f32::from(col) * CELL.0, MARGIN + f32::from(row) * CELL.1);
    let width = f32::from(cells) * CELL.0;
    if let Some(bg) = &looks.bg {
        let _ = writeln!(
            out,
            "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{}\" fill=\"{bg}\"/>",
            CELL.1
        );
    }
    if text.trim().is_empty() {
        return;
    }
    let bold = if looks.bold { " font-weight=\"bold\"" } else { "" };
    let dim = if looks.dim { " opacity=\"0.6\"" } else { "" };
    let underline = if looks.underline { " text-decoration=\"underline\"" } else { "" };
    let escaped = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let _ = writeln!(
        out,
        "<text x=\"{x:.1}\" y=\"{:.1}\" fill=\"{}\" textLength=\"{width:.1}\" lengthAdjust=\"spacingAndGlyphs\" \
         xml:space=\"preserve\"{bold}{dim}{underline}>{escaped}</text>",
        y + 13.5,
        looks.fg
    );
}

/// A colour as SVG writes it; `None` is the terminal's own.
fn colour(colour: vt100::Color) -> Option<String> {
    /// The sixteen colours as xterm has them.
    const NAMED: [&str; 16] = [
        "#000000", "#cd3131", "#0dbc79", "#e5e510", "#2472c8", "#bc3fbc", "#11a8cd", "#e5e5e5", "#666666",
        "#f14c4c", "#23d18b", "#f5f543", "#3b8eea", "#d670d6", "#29b8db", "#ffffff",
    ];
    match colour {
        vt100::Color::Default => None,
        vt100::Color::Rgb(r, g, b) => Some(format!("#{r:02x}{g:02x}{b:02x}")),
        vt100::Color::Idx(at @ 0..16) => Some(NAMED[usize::from(at)].to_owned()),
        vt100::Color::Idx(at @ 16..232) => {
            let step = |n: u8| if n == 0 { 0 } else { 55 + 40 * n };
            let at = at - 16;
            Some(format!("#{:02x}{:02x}{:02x}", step(at / 36), step(at / 6 % 6), step(at % 6)))
        }
        vt100::Color::Idx(at) => {
            let level = 8 + 10 * (at - 232);
            Some(format!("#{level:02x}{level:02x}{level:02x}"))
        }
    }
}
