//! Networks of internet addresses as CIDR writes them (RFC 4632, RFC 4291): `10.0.0.0/8`, `fe80::/10`.

use std::fmt::{Display, Formatter, Result};
use std::net::IpAddr;

use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Network {
    address: IpAddr,
    /// How many bits from the left are the same in all of it.
    n_bits: u8,
}

impl Network {
    /// Reads an address and the length of its prefix; `None` for an address alone.
    pub fn read(text: &str) -> Option<Self> {
        let (address, n_bits) = text.split_once('/')?;
        let address: IpAddr = address.parse().ok()?;
        let is_number = !n_bits.is_empty() && n_bits.bytes().all(|byte| byte.is_ascii_digit());
        let n_bits = is_number.then(|| n_bits.parse().ok())??;
        (n_bits <= width(address)).then_some(Self { address, n_bits })
    }

    /// Whether a value is an address in this network, with a port or without, or a network inside it.
    ///
    /// ```
    /// use model::network::Network;
    /// let network = Network::read("10.0.0.0/8").expect("a network");
    /// assert!(network.holds("10.3.7.1:8080") && network.holds("::ffff:10.0.0.1") && network.holds("10.3.0.0/16"));
    /// assert!(!network.holds("11.0.0.1") && !network.holds("10.0"));
    /// ```
    pub fn holds(&self, value: &str) -> bool {
        let Some(inner) = Self::read(value).or_else(|| address_of(value).map(Self::of_one)) else { return false };
        let (whole, inner) = (self.canonical(), inner.canonical());
        whole.address.is_ipv4() == inner.address.is_ipv4()
            && inner.n_bits >= whole.n_bits
            && bits(whole.address).checked_shr(u32::from(width(whole.address) - whole.n_bits)).unwrap_or(0)
                == bits(inner.address).checked_shr(u32::from(width(inner.address) - whole.n_bits)).unwrap_or(0)
    }

    fn of_one(address: IpAddr) -> Self {
        Self { address, n_bits: width(address) }
    }

    /// An IPv4 network in the place that IPv6 has for those (`::ffff:0:0/96`) is an IPv4 network.
    fn canonical(self) -> Self {
        const MAPPED_BITS: u8 = 96;
        match self.address.to_canonical() {
            address if address.is_ipv4() && self.address.is_ipv6() && self.n_bits >= MAPPED_BITS => {
                Self { address, n_bits: self.n_bits - MAPPED_BITS }
            }
            _ => self,
        }
    }
}

impl Display for Network {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        write!(f, "{}/{}", self.address, self.n_bits)
    }
}

/// Bits of an address.
fn width(address: IpAddr) -> u8 {
    if address.is_ipv4() { 32 } else { 128 }
}

fn bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u128::from(address.to_bits()),
        IpAddr::V6(address) => address.to_bits(),
    }
}

/// `10.0.3.7`, `10.0.3.7:443`, `::1`, `[::1]`, `[::1]:443`, `fe80::1%eth0`.
fn address_of(value: &str) -> Option<IpAddr> {
    let value = value.trim();
    if let Some(bracketed) = value.strip_prefix('[') {
        let (address, _) = bracketed.split_once(']')?;
        return address_of(address).filter(IpAddr::is_ipv6);
    }
    let without_zone = value.split_once('%').map_or(value, |(address, _)| address);
    let with_port = || value.rsplit_once(':').filter(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit()));
    without_zone.parse().ok().or_else(|| with_port()?.0.parse().ok().filter(IpAddr::is_ipv4))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(network: &str, value: &str) -> bool {
        Network::read(network).expect(network).holds(value)
    }

    #[test]
    fn a_network_is_an_address_and_the_length_of_its_prefix() {
        for text in ["10.0.0.0/8", "0.0.0.0/0", "::/0", "fe80::/10", "10.1.2.3/32"] {
            assert_eq!(Network::read(text).map(|network| network.to_string()).as_deref(), Some(text));
        }
        for text in ["10.0.0.0", "10.0/8", "10.0.0.0/33", "::/129", "10.0.0.0/", "10.0.0.0/+8", "api/v2", "1/2"] {
            assert_eq!(Network::read(text), None, "{text}");
        }
    }

    #[test]
    fn its_ends_are_inside_and_their_neighbours_are_not() {
        assert!(holds("192.168.4.0/22", "192.168.4.0") && holds("192.168.4.0/22", "192.168.7.255"));
        assert!(!holds("192.168.4.0/22", "192.168.3.255") && !holds("192.168.4.0/22", "192.168.8.0"));
        assert!(holds("0.0.0.0/0", "255.255.255.255") && !holds("0.0.0.0/0", "::1"));
        assert!(holds("::/0", "::1") && holds("2001:db8::/32", "[2001:db8:ffff::1]:443"));
        assert!(holds("10.1.2.3/32", "10.1.2.3") && !holds("10.1.2.3/32", "10.1.2.2"));
        assert!(holds("fe80::/10", "fe80::1%eth0") && holds("::ffff:10.0.0.0/104", "10.9.9.9"));
    }

    #[test]
    fn what_is_no_address_is_in_no_network() {
        for value in ["", "10", "10.0.0.1.5", "10.0.0.1:http", "shop", "[10.0.0.1]", "10.0.0.0/4"] {
            assert!(!holds("10.0.0.0/8", value), "{value}");
        }
    }
}
