//! Which address a request really comes from.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::extract::ConnectInfo;
use axum::http::Request;

/// The peer's address, or the one a trusted proxy vouches for: the right-most forwarded address
/// that is not itself a trusted proxy.
pub(super) fn client_address<B>(request: &Request<B>, trusted: &[IpAddr]) -> IpAddr {
    let peer = request
        .extensions()
        .get::<ConnectInfo<SocketAddr>>()
        .map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |c| c.0.ip());
    if !trusted.contains(&peer) {
        return peer;
    }
    let forwarded = request.headers().get_all("x-forwarded-for");
    let hops: Vec<IpAddr> = forwarded
        .iter()
        .filter_map(|v| v.to_str().ok())
        .flat_map(|v| v.split(','))
        .filter_map(|hop| hop.trim().parse().ok())
        .collect();
    hops.iter().rev().find(|hop| !trusted.contains(hop)).copied().unwrap_or(peer)
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
    }
}
