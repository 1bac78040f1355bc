//! Which address a request really comes from.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::str::FromStr;

use axum::extract::ConnectInfo;
use axum::http::Request;
use ipnet::IpNet;
use kernel::Error;
use serde::{Deserialize, Deserializer};

/// An address, or all of a network: `10.0.0.1`, `10.0.0.0/8`, `2001:db8::/32`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network(IpNet);

impl Network {
    /// Whether an address is of it.
    pub fn contains(&self, address: &IpAddr) -> bool {
        self.0.contains(&address.to_canonical())
    }
}

impl FromStr for Network {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let alone = |a: IpAddr| IpNet::from(a.to_canonical());
        let found = text.parse::<IpNet>().ok().or_else(|| text.parse().ok().map(alone));
        found.map(|net| Self(net.trunc())).ok_or_else(|| {
            let message = format!("'{text}' is neither an address nor a network like 10.0.0.0/8");
            Error::invalid("gateway.trusted_proxies", message)
        })
    }
}

impl<'de> Deserialize<'de> for Network {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        text.parse().map_err(|e: Error| serde::de::Error::custom(e.message))
    }
}

/// The peer's address, or the one a trusted proxy vouches for: the right-most forwarded address
/// that is not itself a trusted proxy. A hop that cannot be read ends the search at the peer: what
/// stands left of it, anybody may have written.
pub(super) fn client_address<B>(request: &Request<B>, trusted: &[Network]) -> IpAddr {
    let trusts = |address: &IpAddr| trusted.iter().any(|n| n.contains(address));
    let peer = request
        .extensions()
        .get::<ConnectInfo<SocketAddr>>()
        .map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |c| c.0.ip().to_canonical());
    if !trusts(&peer) {
        return peer;
    }
    let forwarded = request.headers().get_all("x-forwarded-for");
    let hops: Vec<&str> =
        forwarded.iter().flat_map(|v| v.to_str().unwrap_or("?").split(',')).collect();
    for hop in hops.into_iter().rev() {
        match read(hop.trim()) {
            Some(hop) if trusts(&hop) => {}
            Some(hop) => return hop,
            None => return peer,
        }
    }
    peer
}

/// An address, as some proxies write it: in brackets, with a port.
fn read(hop: &str) -> Option<IpAddr> {
    let bare = hop.strip_prefix('[').and_then(|h| h.strip_suffix(']')).unwrap_or(hop);
    let alone = bare.parse::<IpAddr>().ok();
    let found = alone.or_else(|| Some(hop.parse::<SocketAddr>().ok()?.ip()))?;
    Some(found.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(peer: &str, forwarded: &str) -> Request<()> {
        let peer: SocketAddr = format!("{peer}:1").parse().unwrap();
        let mut r = Request::builder().header("x-forwarded-for", forwarded).body(()).unwrap();
        r.extensions_mut().insert(ConnectInfo(peer));
        r
    }

    #[test]
    fn only_trusted_proxies_are_believed() {
        let proxy: Network = "10.0.0.1".parse().unwrap();
        let spoof = from("198.51.100.7", "1.2.3.4");
        assert_eq!(client_address(&spoof, &[proxy]).to_string(), "198.51.100.7");
        let real = from("10.0.0.1", "6.6.6.6, 203.0.113.9, 10.0.0.1");
        assert_eq!(client_address(&real, &[proxy]).to_string(), "203.0.113.9");
        let with_port = from("10.0.0.1", "6.6.6.6, 203.0.113.9:4711");
        assert_eq!(client_address(&with_port, &[proxy]).to_string(), "203.0.113.9");
        let unreadable = from("10.0.0.1", "6.6.6.6, unknown");
        assert_eq!(client_address(&unreadable, &[proxy]).to_string(), "10.0.0.1");
        let mapped = from("[::ffff:10.0.0.1]", "203.0.113.9");
        assert_eq!(client_address(&mapped, &[proxy]).to_string(), "203.0.113.9");
        let six = from("10.0.0.1", "6.6.6.6, [2001:db8::1]");
        assert_eq!(client_address(&six, &[proxy]).to_string(), "2001:db8::1");
        let six = from("10.0.0.1", "6.6.6.6, [2001:db8::1]:4711");
        assert_eq!(client_address(&six, &[proxy]).to_string(), "2001:db8::1");
    }

    #[test]
    fn a_whole_network_of_proxies_is_believed() {
        let pods: Network = "10.1.0.0/16".parse().unwrap();
        let through = from("10.1.7.9", "6.6.6.6, 203.0.113.9, 10.1.2.3");
        assert_eq!(client_address(&through, &[pods]).to_string(), "203.0.113.9");
        let spoof = from("10.2.7.9", "1.2.3.4");
        assert_eq!(client_address(&spoof, &[pods]).to_string(), "10.2.7.9");
        let six: Network = "2001:db8::7/32".parse().unwrap();
        assert!(six.contains(&"2001:db8:9::1".parse().unwrap()), "host bits do not count");
        for wrong in ["10.0.0.0/33", "proxies", "", "10.0.0"] {
            assert!(wrong.parse::<Network>().is_err(), "{wrong}");
        }
    }
}
