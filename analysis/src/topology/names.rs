//! What services are called: `ts-user-service-687d654649-f8jtd`, `payment-svc-v2` and `http://payment:8443` name a service
//! that has another name too. Each rule has a name that is shown beside what it renamed; what the user says of a name goes before them.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use model::naming::{Naming, OF_LOG, OF_POD, OF_SET};
use model::topology::NodeKind;

use crate::numbered::Numbered;
use crate::quick_hash::QuickMap;

/// A name, and the rules that made it of another, in their order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named<'n> {
    pub name: &'n str,
    pub rules: Vec<&'static str>,
}

/// The service that a source or an entry names.
pub fn service_of(written: &str) -> Named<'_> {
    service_unless(written, |_| false)
}

/// The same, where some names are known to be a service's own: those stay as they are, and so does what a rule makes one of them.
pub fn service_unless(written: &str, is_own: impl Fn(&str) -> bool) -> Named<'_> {
    let mut named = Named { name: written.trim(), rules: Vec::new() };
    for (rule, strip) in RULES {
        if is_own(named.name) {
            break;
        }
        if let Some(name) = strip(named.name).filter(|name| name.len() > 1) {
            named.name = name;
            named.rules.push(rule);
        }
    }
    named
}

type Strip = fn(&str) -> Option<&str>;

/// Those of parts of a service.
const RULES: &[(&str, Strip)] = &[(OF_POD, of_pod), (OF_LOG, of_log_kind), (OF_SET, of_numbered)];

fn of_pod(name: &str) -> Option<&str> {
    pod(name).map(|(deployment, _)| deployment)
}

/// The deployment of `cart-5c67c48447-fj8b7`, and the hash of its pod template, which changes with each rollout. Behind that are five
/// characters of the pod's own; Kubernetes gives neither vowels.
pub fn pod(name: &str) -> Option<(&str, &str)> {
    let (rest, own) = name.rsplit_once('-')?;
    let (deployment, template) = rest.rsplit_once('-')?;
    let is_own = own.len() == 5 && own.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'z'));
    (is_own && (has_no_vowels(own) && is_template(template) || is_hex_hash(template))).then_some((deployment, template))
}

/// The same in the name of a file, which may end in a word and a number as well: `web-1-error.log`, `app-20251120-check.log`.
pub fn pod_of_path(path: &str) -> Option<(&str, &str)> {
    let is_of_pod = |name: &str| {
        let (rest, own) = name.rsplit_once('-').unwrap_or_default();
        let template = rest.rsplit_once('-').map_or("", |(_, template)| template);
        // A day is no template, nor is the number of a file what a pod has of its own.
        let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        is_template(template) && has_no_vowels(own) && !is_number(own) && !is_number(template)
    };
    path.split(['/', '_', '.']).filter(|name| is_of_pod(name)).find_map(pod)
}

/// The same of the set of its pods: `cart-5c67c48447`.
pub fn replica_set(name: &str) -> Option<(&str, &str)> {
    let (deployment, template) = name.rsplit_once('-')?;
    (is_template(template) && !deployment.is_empty()).then_some((deployment, template))
}

const TEMPLATE_CHARS: RangeInclusive<usize> = 6..=10;

fn is_template(hash: &str) -> bool {
    TEMPLATE_CHARS.contains(&hash.len())
        && hash.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_lowercase())
        && hash.bytes().any(|byte| byte.is_ascii_digit())
        && has_no_vowels(hash)
}

fn has_no_vowels(text: &str) -> bool {
    !text.bytes().any(|byte| matches!(byte, b'a' | b'e' | b'i' | b'o' | b'u'))
}

fn is_hex_hash(text: &str) -> bool {
    TEMPLATE_CHARS.contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_hexdigit())
        && text.bytes().any(|byte| byte.is_ascii_digit())
}

/// `gateway-access.log` is of the gateway.
fn of_log_kind(name: &str) -> Option<&str> {
    ["access", "error", "errors", "audit", "stdout", "stderr", "app", "server"].iter().find_map(|kind| {
        let rest = name.strip_suffix(kind)?;
        rest.strip_suffix(['-', '_', '.'])
    })
}

/// `web-3` of a stateful set.
fn of_numbered(name: &str) -> Option<&str> {
    let (set, number) = name.rsplit_once('-')?;
    (number.len() <= 3 && number.bytes().all(|byte| byte.is_ascii_digit())).then_some(set)
}

/// What two names of one service have in common: `payment`, `payment-service`, `payment-svc-v2`, `PaymentService`.
pub fn key_of(name: &str) -> String {
    let mut key: String = name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    let version = name.rsplit(['-', '_', '.']).next().unwrap_or_default();
    if let Some(digits) = version.strip_prefix(['v', 'V'])
        && !digits.is_empty()
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && version.len() < name.len()
    {
        key.truncate(key.len() - version.len());
    }
    for role in ["service", "svc"] {
        if let Some(rest) = key.strip_suffix(role).filter(|rest| rest.len() > 1) {
            key.truncate(rest.len());
        }
    }
    key
}

/// The same where the user may have said whose name it is.
pub fn key_among(naming: &Naming, name: &str) -> String {
    // No other key has a space.
    let apart = |name: &str| format!(" {name}");
    match naming.of(name) {
        Some(service) if service == name || naming.of(service) == Some(service) => apart(service),
        Some(service) => key_of(service),
        None => key_of(name),
    }
}

/// Where a call goes: the host of a URL, a JDBC address or `host:port`, and what is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Target<'t> {
    pub host: &'t str,
    pub kind: NodeKind,
}

/// Reads `https://user@host:port/path`, `jdbc:postgresql://host/db`, `grpc://host`, `host:port` and `host`.
pub fn target_of(written: &str) -> Option<Target<'_>> {
    let text = written.trim().trim_matches(['"', '\'']);
    let text = text.strip_prefix("jdbc:").unwrap_or(text);
    let (scheme, rest) = text.split_once("://").unwrap_or(("", text));
    if scheme.is_empty() && text.starts_with('/') || text.contains(char::is_whitespace) {
        return None;
    }
    let authority = rest.split(['/', '?', '#', ';', ',']).next()?;
    let authority = authority.rsplit('@').next()?;
    let (host, port) = match authority.strip_prefix('[').and_then(|inside| inside.split_once(']')) {
        Some((host, behind)) => (host, behind.trim_start_matches(':')),
        None => authority.split_once(':').unwrap_or((authority, "")),
    };
    let is_host = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | ':');
    let is_port = port.len() <= 5 && port.bytes().all(|byte| byte.is_ascii_digit());
    let has_letter = host.bytes().any(|byte| byte.is_ascii_alphabetic());
    if host.is_empty() || host.len() > 128 || !host.chars().all(is_host) || !is_port {
        return None;
    }
    if !has_letter && !is_address(host) || matches!(host, "localhost" | "127.0.0.1" | "0.0.0.0" | "::1") {
        return None;
    }
    Some(Target { host, kind: kind_of(scheme, host, port) })
}

fn kind_of(scheme: &str, host: &str, port: &str) -> NodeKind {
    const DATABASES: [&str; 14] = [
        "postgresql",
        "postgres",
        "mysql",
        "mariadb",
        "mongodb",
        "mongodb+srv",
        "redis",
        "rediss",
        "sqlserver",
        "oracle",
        "cassandra",
        "clickhouse",
        "memcached",
        "couchdb",
    ];
    const QUEUES: [&str; 7] = ["amqp", "amqps", "kafka", "nats", "mqtt", "pulsar", "stomp"];
    const DATABASE_PORTS: [&str; 9] = ["5432", "3306", "6379", "27017", "1433", "1521", "9042", "11211", "5984"];
    const QUEUE_PORTS: [&str; 5] = ["5672", "9092", "4222", "1883", "6650"];
    if DATABASES.contains(&scheme) || DATABASE_PORTS.contains(&port) {
        NodeKind::Database
    } else if QUEUES.contains(&scheme) || QUEUE_PORTS.contains(&port) {
        NodeKind::Queue
    } else if is_address(host) || is_of_somebody_else(host) {
        NodeKind::Host
    } else {
        NodeKind::Service
    }
}

fn is_address(host: &str) -> bool {
    host.contains(':') || host.contains('.') && host.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
}

/// A name of the public internet: inside a cluster names have no dot, or end as clusters say.
fn is_of_somebody_else(host: &str) -> bool {
    host.contains('.') && !INNER.iter().any(|end| host.ends_with(end))
}

const INNER: [&str; 5] = [".svc.cluster.local", ".svc", ".internal", ".local", ".consul"];

/// The service of a host inside: `cart.shop.svc.cluster.local` is `cart`.
pub fn service_of_host(host: &str) -> &str {
    if INNER.iter().any(|end| host.ends_with(end)) { host.split('.').next().unwrap_or(host) } else { host }
}

/// What a service of this name may be called: of several the least is the plainest, so that all views call it the same.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Called {
    /// The user did not say it.
    is_guessed: bool,
    n_bytes: usize,
    name: String,
}

impl Called {
    fn new(naming: &Naming, name: &str) -> Self {
        let said = naming.of(name);
        let service = said.unwrap_or(name);
        Self { is_guessed: said.is_none(), n_bytes: service.len(), name: service.to_owned() }
    }
}

/// The plainest of the names of one service: the one the user gave it, else the shortest, of equally short ones the first in the alphabet.
pub fn plainest<'s>(naming: &Naming, names: impl IntoIterator<Item = &'s str>) -> Option<String> {
    names.into_iter().map(|name| Called::new(naming, name)).min().map(|called| called.name)
}

/// Gives the services that were named one name each, the [plainest].
#[derive(Clone, Debug)]
pub struct Reconciled<'n> {
    naming: &'n Naming,
    by_key: BTreeMap<String, Called>,
}

impl<'n> Reconciled<'n> {
    pub fn new<'s>(naming: &'n Naming, names: impl IntoIterator<Item = &'s str>) -> Self {
        let mut by_key: BTreeMap<String, Called> = BTreeMap::new();
        for name in names {
            let called = Called::new(naming, name);
            let plainest = by_key.entry(key_among(naming, name)).or_insert_with(|| called.clone());
            if called < *plainest {
                *plainest = called;
            }
        }
        Self { naming, by_key }
    }

    pub fn name(&self, named: &str) -> Option<&str> {
        self.by_key.get(&key_among(self.naming, named)).map(|called| called.name.as_str())
    }
}

/// Names that are remembered with the number of their service.
const MOST_WRITTEN: usize = 40_000;
const OTHERS: &str = "(other services)";

/// Services by number, each called by the [plainest] of its names so far.
pub struct Plainest {
    /// By what their names have in common.
    keys: Numbered,
    called: Vec<Called>,
    by_name: QuickMap<String, u32>,
}

impl Default for Plainest {
    fn default() -> Self {
        Self { keys: Numbered::new(OTHERS), called: Vec::new(), by_name: QuickMap::default() }
    }
}

impl Plainest {
    /// `name`: what the rules for parts of a service leave of it.
    pub fn number(&mut self, naming: &Naming, name: &str) -> u32 {
        if let Some(&number) = self.by_name.get(name) {
            return number;
        }
        let number = self.keys.number(&key_among(naming, name));
        let is_of_others = self.keys.names[number as usize] == OTHERS;
        let called = match is_of_others {
            true => Called { is_guessed: true, n_bytes: OTHERS.len(), name: OTHERS.to_owned() },
            false => Called::new(naming, name),
        };
        match self.called.get_mut(number as usize) {
            Some(known) if called < *known => *known = called,
            Some(_) => {}
            None => self.called.push(called),
        }
        if self.by_name.len() < MOST_WRITTEN {
            self.by_name.insert(name.to_owned(), number);
        }
        number
    }

    pub fn name(&self, number: u32) -> &str {
        &self.called[number as usize].name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pods_and_logs_are_of_their_service() {
        for (written, name) in [
            ("ts-user-service-687d654649-f8jtd", "ts-user-service"),
            ("coredns-558bd4d5db-2k8xw", "coredns"),
            ("gateway-access", "gateway"),
            ("web-3", "web"),
            ("order-history", "order-history"),
            ("payment-gateway-adapter", "payment-gateway-adapter"),
            ("billing", "billing"),
        ] {
            assert_eq!(service_of(written).name, name);
        }
        assert_eq!(service_of("cart-0").rules, ["part of a numbered set"]);
    }

    #[test]
    fn a_path_names_a_pod_only_where_it_can_be_nothing_else() {
        for path in ["cart-5c67c48447-fj8b7.log", "shop_cart-5c67c48447-fj8b7_4f3a/cart/0.log"] {
            assert_eq!(pod_of_path(path), Some(("cart", "5c67c48447")), "{path}");
        }
        for path in ["web-1-error.log", "app-20251120-00001.log", "app-20251120-bckpl.log", "app-2025112a-error.log"] {
            assert_eq!(pod_of_path(path), None, "{path}");
        }
        assert_eq!(pod("web-1-error"), None);
        assert_eq!(pod("ts-user-service-687d654649-f8jtd"), Some(("ts-user-service", "687d654649")));
    }

    #[test]
    fn each_rule_does_what_its_example_says() {
        for rule in model::naming::RULES {
            let named = service_of(rule.written);
            match rule.name {
                model::naming::SAME_KEY => assert_eq!(key_of(rule.written), key_of(rule.service)),
                name => assert_eq!((named.name, named.rules), (rule.service, vec![name])),
            }
        }
    }

    #[test]
    fn a_service_that_says_its_name_is_no_part_of_a_set() {
        let own = |written| service_unless(written, |name| name == "shard-003").name;
        assert_eq!(
            ["shard-003", "shard-003-5c67c48447-fj8b7", "shard-4"].map(own),
            ["shard-003", "shard-003", "shard"]
        );
    }

    #[test]
    fn one_service_has_one_key() {
        for name in ["payment", "payment-service", "payment-svc-v2", "PaymentService", "payment_v11"] {
            assert_eq!(key_of(name), "payment", "{name}");
        }
        assert_ne!(key_of("payments"), key_of("payment"));
        assert_eq!(key_of("v2"), "v2");
    }

    #[test]
    fn the_plainest_name_is_taken_however_many_entries_use_another() {
        let naming = Naming::default();
        let names = Reconciled::new(&naming, ["payment-service", "payment", "cart"]);
        assert_eq!(names.name("payment-svc-v2"), Some("payment"));
        assert_eq!(plainest(&naming, ["payment-svc-v2", "payment-service"]).as_deref(), Some("payment-svc-v2"));
        assert_eq!(names.name("shipping"), None);
    }

    #[test]
    fn what_the_user_says_of_a_name_goes_before_the_rules() {
        let mut naming = Naming::default();
        naming.join(["till"], "payment");
        naming.part("payment-v2");
        let names = Reconciled::new(&naming, ["payment-service", "till", "payment-v2", "cart"]);
        for (name, service) in
            [("till", "payment"), ("payment-service", "payment"), ("payment-v2", "payment-v2"), ("cart", "cart")]
        {
            assert_eq!(names.name(name), Some(service), "{name}");
        }
        naming.join(["cart"], "payment-v2");
        assert_eq!(key_among(&naming, "cart"), key_among(&naming, "payment-v2"));
    }

    #[test]
    fn a_service_is_called_by_the_plainest_of_its_names_whichever_came_first() {
        let mut naming = Naming::default();
        naming.join(["cart"], "basket-service");
        for order in [["payment-v2", "payment", "cart"], ["cart", "payment", "payment-v2"]] {
            let mut plainest = Plainest::default();
            let numbers = order.map(|name| plainest.number(&naming, name));
            let mut called = numbers.map(|number| plainest.name(number));
            called.sort_unstable();
            assert_eq!(called, ["basket-service", "payment", "payment"]);
        }
    }

    #[test]
    fn targets_are_told_by_scheme_host_and_port() {
        let check = |written: &str, host: &str, kind| assert_eq!(target_of(written), Some(Target { host, kind }));
        check("inventory:9090", "inventory", NodeKind::Service);
        check("http://cart.shop.svc.cluster.local:80/items?x=1", "cart.shop.svc.cluster.local", NodeKind::Service);
        check("jdbc:postgresql://db-1:5432/shop", "db-1", NodeKind::Database);
        check("amqp://user:word@mq/vhost", "mq", NodeKind::Queue);
        check("https://api.stripe.com/v1", "api.stripe.com", NodeKind::Host);
        check("10.0.3.7:8080", "10.0.3.7", NodeKind::Host);
        check("[2001:db8::1]:443", "2001:db8::1", NodeKind::Host);
        for nothing in ["/charges", "12", "localhost:80", "two words: x", "", "http://"] {
            assert_eq!(target_of(nothing), None, "{nothing}");
        }
    }
}
