//! How many connections each address has.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, PoisonError};

use access::gateway::Network;

/// The addresses that have connections now.
#[derive(Clone)]
pub(super) struct Addresses {
    most: usize,
    /// Not counted: many clients stand behind them.
    shared: Arc<[Network]>,
    counts: Arc<Mutex<HashMap<IpAddr, usize>>>,
}

/// A place among those of one address, given back when this is dropped.
pub(super) struct Place(Option<(Addresses, IpAddr)>);

impl Addresses {
    pub(super) fn new(most: usize, shared: Vec<Network>) -> Self {
        Self { most, shared: shared.into(), counts: Arc::default() }
    }

    /// A place for one more connection from there; `None` when it has as many as it may. Clients
    /// on this machine, and those behind the house's proxies, are counted nowhere.
    pub(super) fn enter(&self, from: IpAddr) -> Option<Place> {
        let from = from.to_canonical();
        if from.is_loopback() || self.shared.iter().any(|n| n.contains(&from)) {
            return Some(Place(None));
        }
        let network = network(from);
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(network).or_default();
        if *count >= self.most {
            return None;
        }
        *count += 1;
        drop(counts);
        Some(Place(Some((self.clone(), network))))
    }
}

/// An IPv6 customer has a whole /64.
fn network(of: IpAddr) -> IpAddr {
    match of {
        IpAddr::V4(_) => of,
        IpAddr::V6(a) => Ipv6Addr::from_bits(a.to_bits() & (u128::MAX << 64)).into(),
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let Some((addresses, network)) = self.0.take() else { return };
        let mut counts = addresses.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&network) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&network);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_so_many_places_and_gives_them_back() {
        let proxy: Network = "192.0.2.9".parse().unwrap();
        let addresses = Addresses::new(2, vec![proxy]);
        let enter = |text: &str| addresses.enter(text.parse().unwrap());
        let held = [enter("2001:db8::1"), enter("2001:db8::2")];
        assert!(held.iter().all(Option::is_some));
        assert!(enter("2001:db8::3").is_none(), "one network");
        let other = enter("2001:db8:0:1::1");
        assert!(other.is_some());
        drop(held);
        assert!(enter("2001:db8::3").is_some());
        for _ in 0..5 {
            std::mem::forget(enter("192.0.2.9").unwrap());
            std::mem::forget(enter("127.0.0.1").unwrap());
        }
        drop(other);
        assert!(addresses.counts.lock().unwrap().is_empty(), "nothing is kept of who is gone");
    }
}
