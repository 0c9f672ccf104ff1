//! What views share: colours, keys, the layout of columns, text that is typed. Knows no kind and no verb.

pub mod ansi;
pub mod chord;
pub mod filter;
pub mod grid;
pub mod input;
pub mod keymap;
pub mod text;
pub mod theme;

pub use chord::Chord;
pub use input::Input;
pub use keymap::{Command, Keymap, Scope};
pub use theme::{Depth, Role, Theme};
