//! Which address a request really comes from.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::extract::ConnectInfo;
use axum::http::Request;

/// The peer's address, or the one a trusted proxy vouches for: the right-most forwarded address
/// that is not itself a trusted proxy. A hop that cannot be read ends the search at the peer: what
/// stands left of it, anybody may have written.
pub(super) fn client_address<B>(request: &Request<B>, trusted: &[IpAddr]) -> IpAddr {
    let peer = request
        .extensions()
        .get::<ConnectInfo<SocketAddr>>()
        .map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |c| c.0.ip().to_canonical());
    if !trusted.contains(&peer) {
        return peer;
    }
    let forwarded = request.headers().get_all("x-forwarded-for");
    let hops: Vec<&str> =
        forwarded.iter().flat_map(|v| v.to_str().unwrap_or("?").split(',')).collect();
    for hop in hops.into_iter().rev() {
        match read(hop.trim()) {
            Some(hop) if trusted.contains(&hop) => {}
            Some(hop) => return hop,
            None => return peer,
        }
    }
    peer
}

/// An address, as some proxies write it with a port.
fn read(hop: &str) -> Option<IpAddr> {
    let alone = hop.parse::<IpAddr>().ok();
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
        let proxy: IpAddr = "10.0.0.1".parse().unwrap();
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
    }
}
