//! IP addresses as rows keep them.

use std::net::Ipv4Addr;

use super::Cell;

/// An IP address in its shortest form in memory, written as the server wrote it.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Address {
    /// What most are: four bytes.
    V4(Ipv4Addr),
    /// Anything else (IPv6, `None` of a headless service), empty when there is none.
    Text(Box<str>),
}

impl Address {
    /// Keeps this text.
    pub(super) fn parse(text: &str) -> Address {
        text.parse().map_or_else(|_| Address::Text(Box::from(text)), Address::V4)
    }

    /// Its value in a table.
    pub(super) fn cell(&self) -> Cell<'_> {
        match self {
            Address::V4(ip) => Cell::Ip(*ip),
            Address::Text(text) => Cell::text(text),
        }
    }
}
