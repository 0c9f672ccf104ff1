//! Keys to screens: the whole application, fed by hand, drawn on a buffer.

mod harness;
mod moving;
mod navigating;
mod saying;
