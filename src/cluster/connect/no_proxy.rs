//! `NO_PROXY`: which servers the environment's proxies are not for.

use std::net::IpAddr;

use http::Uri;

use super::connector::port;

/// Whether `NO_PROXY` excepts the server from the environment's proxies. The rules are those of Go's `httpproxy`:
/// this machine is always excepted; entries are `*`, addresses, networks, names with the names under them, and names
/// that begin with a dot for only those under it; each but a network may carry a port.
pub(super) fn excepts(server: &Uri, no_proxy: &str) -> bool {
    let host =
        server.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']').to_ascii_lowercase();
    let address: Option<IpAddr> = host.parse().ok();
    if host == "localhost" || address.is_some_and(|address| address.to_canonical().is_loopback()) {
        return true;
    }
    let port = port(server);
    no_proxy.split(',').any(|entry| matches(&entry.trim().to_ascii_lowercase(), &host, address, port))
}

fn matches(entry: &str, host: &str, address: Option<IpAddr>, port: u16) -> bool {
    if entry == "*" {
        return true;
    }
    if let Some((network, bits)) = network_of(entry) {
        return address.is_some_and(|address| contains(network, bits, address));
    }
    let (name, wanted) = split_port(entry);
    if name.is_empty() || wanted.is_some_and(|wanted| wanted != port) {
        return false;
    }
    match (name.parse::<IpAddr>(), address) {
        (Ok(entry), Some(address)) => entry.to_canonical() == address.to_canonical(),
        (Ok(_), None) | (Err(_), Some(_)) => false,
        (Err(_), None) => {
            let name = name.strip_prefix('*').filter(|rest| rest.starts_with('.')).unwrap_or(name);
            let under = host.strip_suffix(name.strip_prefix('.').unwrap_or(name));
            match (under, name.starts_with('.')) {
                (Some(""), dotted) => !dotted,
                (Some(rest), _) => rest.ends_with('.'),
                (None, _) => false,
            }
        }
    }
}

/// The entry without its port, and the port.
fn split_port(entry: &str) -> (&str, Option<u16>) {
    if let Some((address, port)) = entry.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        return (address, port.strip_prefix(':').and_then(|port| port.parse().ok()));
    }
    match entry.rsplit_once(':') {
        // More than one colon without brackets is an IPv6 address.
        Some((name, port)) if !name.contains(':') => (name, Some(port.parse().unwrap_or(0))),
        _ => (entry, None),
    }
}

fn network_of(entry: &str) -> Option<(IpAddr, u8)> {
    let (address, bits) = entry.split_once('/')?;
    let address: IpAddr = address.parse().ok()?;
    let bits: u8 = bits.parse().ok()?;
    let most = if address.is_ipv4() { 32 } else { 128 };
    (bits <= most).then_some((address, bits))
}

fn contains(network: IpAddr, bits: u8, address: IpAddr) -> bool {
    match (network, address.to_canonical()) {
        (IpAddr::V4(network), IpAddr::V4(address)) => {
            let mask = u32::MAX.checked_shl(32 - u32::from(bits)).unwrap_or(0);
            network.to_bits() & mask == address.to_bits() & mask
        }
        (IpAddr::V6(network), IpAddr::V6(address)) => {
            let mask = u128::MAX.checked_shl(128 - u32::from(bits)).unwrap_or(0);
            network.to_bits() & mask == address.to_bits() & mask
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rules_are_those_of_go() {
        let name = "https://api.prod.example.com:6443";
        let address = "https://10.1.2.3:6443";
        let six = "https://[fd00::1:2]:6443";
        for (server, list, expected) in [
            (name, "", false),
            (name, "*", true),
            (name, "other, EXAMPLE.com ", true),
            (name, "api.prod.example.com", true),
            (name, ".example.com", true),
            (name, "*.example.com", true),
            (name, ".api.prod.example.com", false),
            (name, "ample.com", false),
            (name, "example.com:6443", true),
            (name, "example.com:443", false),
            (name, "example.com:https", false),
            (name, ",,:6443", false),
            (name, "10.0.0.0/8", false),
            (address, "10.0.0.0/8", true),
            (address, "10.2.0.0/16", false),
            (address, "0.0.0.0/0", true),
            (address, "10.1.2.3", true),
            (address, "10.1.2.3:6443", true),
            (address, "10.1.2.3:443", false),
            (address, "2.3", false),
            (six, "fd00::/16", true),
            (six, "fd00::1:2", true),
            (six, "[fd00::1:2]:6443", true),
            (six, "[fd00::1:2]:1", false),
            (six, "10.0.0.0/8", false),
            ("https://localhost:6443", "", true),
            ("https://127.9.9.9:6443", "", true),
            ("https://[::1]:6443", "", true),
            ("https://example.com", "example.com:443", true),
            ("http://example.com", "example.com:80", true),
        ] {
            assert_eq!(excepts(&server.parse().unwrap(), list), expected, "{server} and {list:?}");
        }
    }
}
