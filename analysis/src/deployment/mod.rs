//! When services came to run another version, by what their logs say: what they announce when they start ([`announced`]), fields that
//! hold a version ([`told_by_field`]), and pods that were made from another template.
//!
//! In: what entries say, in any order, with bounded memory. Out: changes in the order of time. A service that says the same version
//! from its first entry to its last was not deployed; one whose instances say two in turn has no one version. Of one change the
//! version tells more than its commit, and that more than the template of its pods.

use std::collections::{BTreeMap, BTreeSet};

use model::deployment::{COMMITS, Deployment};
use model::entry::RowKey;
use model::naming::Naming;

use crate::topology::Services;

mod announced;
pub use announced::{Announced, announced, may_announce};

mod fields;
use fields::is_hash;
pub use fields::{Told, told_by_field};

/// What is said of versions that is kept; beyond it nothing new is learnt.
const MOST_SAID: usize = 100_000;

/// Changes that are told; of more the latest.
const MOST_TOLD: usize = 200;

/// Names that services have for themselves that are kept.
const MOST_OWN: usize = 10_000;

/// A field's version has changed where of so many entries from there on this share has the new one,
const AHEAD: u64 = 20;
const LEAST_SHARE: f64 = 0.8;

/// and so many before it had another; there are as many from there on.
const LEAST_BEFORE: u64 = 10;

/// What changes more often than so many times for each version says something else by it.
const MOST_CHANGES: usize = 2;

/// The same version of the same service again within so much time, and no other in between, is another sign of the same change.
const SAME_NANOS: i64 = 600 * 1_000_000_000;

#[derive(Clone, Default)]
pub struct Gatherer {
    said: BTreeMap<(String, By), Vec<Said>>,
    n_said: usize,
    /// Names that services have for themselves: they are no parts of others.
    own: BTreeSet<String>,
}

/// What a service says a version by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum By {
    /// By its text without values: a service announces what it is made of as well, each by messages of their own.
    Announcement(String),
    Field(String),
    /// The templates of its pods, as their names have it.
    Pods,
}

impl By {
    /// Of two that tell one change by a hash the lesser is told: people know a commit, and an image by what was made of one.
    fn rank(&self) -> u8 {
        match self {
            Self::Field(name) if COMMITS.rank(name).is_some() => 0,
            Self::Announcement(_) => 1,
            Self::Field(_) => 2,
            Self::Pods => 3,
        }
    }
}

/// So many entries, from this one on, that say a version.
#[derive(Clone, Debug)]
struct Said {
    key: RowKey,
    /// What an announcement says of the version before.
    from: String,
    version: String,
    n: u64,
}

impl Gatherer {
    /// A service announced that it starts a version, by a message with this text without values. `service`: whose entry it is.
    pub fn announce(&mut self, service: &str, template: &str, key: RowKey, told: &Announced<'_>) {
        let (from, version) = (told.from.unwrap_or_default().to_owned(), told.version.to_owned());
        let by = By::Announcement(template.to_owned());
        self.take(told.of.unwrap_or(service), by, Said { key, from, version, n: 1 });
    }

    /// So many entries of a service from `key` on have a field that says this.
    pub fn say(&mut self, service: &str, field: &str, key: RowKey, told: Told<'_>, n: u64) {
        let said = |version: &str| Said { key, from: String::new(), version: version.to_owned(), n };
        match told {
            Told::Version(version) => self.take(service, By::Field(field.to_owned()), said(version)),
            Told::Pod(deployment, template) => self.take(deployment, By::Pods, said(template)),
        }
    }

    /// A service calls itself so.
    pub fn call_own(&mut self, service: &str) {
        if self.own.len() < MOST_OWN && !self.own.contains(service) {
            self.own.insert(service.to_owned());
        }
    }

    /// What services are called of which something is said, by their names as they are written.
    fn called(&self, naming: &Naming) -> BTreeMap<&str, String> {
        let mut written: Vec<&str> = self.said.keys().map(|(service, _)| service.as_str()).collect();
        // They are in order.
        written.dedup();
        let called = Services::new(naming, &written, &self.own.iter().map(String::as_str).collect());
        let each = written.iter().zip(&called.of);
        each.map(|(written, &number)| (*written, called.names[number as usize].clone())).collect()
    }

    fn take(&mut self, service: &str, by: By, said: Said) {
        if self.n_said == MOST_SAID {
            return;
        }
        self.n_said += 1;
        self.said.entry((service.to_owned(), by)).or_default().push(said);
    }

    /// `naming`: what the user says of names of services.
    pub fn deployments(&self, naming: &Naming) -> Vec<Deployment> {
        let called = self.called(naming);
        let mut by_sign: BTreeMap<(&str, &By), Vec<&Said>> = BTreeMap::new();
        for ((service, by), said) in &self.said {
            by_sign.entry((&called[service.as_str()], by)).or_default().extend(said);
        }
        let mut found: Vec<(Deployment, &By)> = Vec::new();
        let mut first_said: BTreeMap<(&str, &str), i64> = BTreeMap::new();
        for ((service, by), mut said) in by_sign {
            said.sort_by(|a, b| a.key.cmp(&b.key).then_with(|| a.version.cmp(&b.version)));
            let changes = match by {
                By::Announcement(_) => starts(&said),
                By::Field(_) => changes(&said),
                By::Pods => firsts(&said),
            };
            let versions: BTreeSet<&str> = said.iter().map(|said| said.version.as_str()).collect();
            if changes.len() > MOST_CHANGES * versions.len() {
                continue;
            }
            for said in said {
                let first = first_said.entry((service, said.version.as_str())).or_insert(i64::MAX);
                *first = said.key.time.0.min(*first);
            }
            let deployment = |(from, said): (&str, &Said)| Deployment {
                key: said.key,
                service: service.to_owned(),
                from: if said.from.is_empty() { from.to_owned() } else { said.from.clone() },
                to: said.version.clone(),
            };
            found.extend(changes.into_iter().map(|change| (deployment(change), by)));
        }
        // A message that comes late with what was said long before tells of no change.
        found.retain(|(found, by)| {
            let first = first_said[&(found.service.as_str(), found.to.as_str())];
            **by == By::Pods || !found.from.is_empty() || found.key.time.0.saturating_sub(first) <= SAME_NANOS
        });
        // What is called by its version needs no other name, nor by that of a commit the digest of an image or a template of pods.
        let is_version = |(found, by): &(Deployment, &By)| **by != By::Pods && !is_hash(&found.to);
        let (mut told, mut others): (Vec<_>, Vec<_>) = found.into_iter().partition(is_version);
        others.sort_by(|(a, by_a), (b, by_b)| (by_a.rank(), a.key, &a.to).cmp(&(by_b.rank(), b.key, &b.to)));
        for (one, by) in others {
            let is_same = |(other, other_by): &(Deployment, &By)| {
                *other_by != by
                    && other.service == one.service
                    && other.key.time.0.abs_diff(one.key.time.0) <= SAME_NANOS.unsigned_abs()
            };
            if !told.iter().any(is_same) {
                told.push((one, by));
            }
        }
        let mut found: Vec<Deployment> = told.into_iter().map(|(found, _)| found).collect();
        // Of two signs of one change the one that knows what was before is told; with another version in between they are two.
        found.sort_by(|a, b| (&a.service, a.key, &a.to).cmp(&(&b.service, b.key, &b.to)));
        found.dedup_by(|later, kept| {
            let is_same = (&later.service, &later.to) == (&kept.service, &kept.to)
                && later.key.time.0.saturating_sub(kept.key.time.0) <= SAME_NANOS;
            if is_same && kept.from.is_empty() {
                kept.from = std::mem::take(&mut later.from);
            }
            is_same
        });
        found.sort_by(|a, b| a.key.cmp(&b.key).then_with(|| a.service.cmp(&b.service)));
        found.drain(..found.len().saturating_sub(MOST_TOLD));
        found
    }
}

/// Announcements of another version than the one before, each with that one; the first is one as well.
fn starts<'s>(said: &[&'s Said]) -> Vec<(&'s str, &'s Said)> {
    let mut before = "";
    let mut found = Vec::new();
    for said in said {
        if said.version != before {
            found.push((before, *said));
            before = &said.version;
        }
    }
    found
}

/// Where a field comes to hold another version, with the one before.
fn changes<'s>(said: &[&'s Said]) -> Vec<(&'s str, &'s Said)> {
    let Some(first) = said.first() else { return Vec::new() };
    let (mut now, mut n_before) = (first.version.as_str(), 0);
    let mut found = Vec::new();
    for (at, one) in said.iter().enumerate() {
        if one.version != now && n_before >= LEAST_BEFORE && is_from_here_on(&said[at..]) {
            found.push((now, *one));
            (now, n_before) = (one.version.as_str(), 0);
        }
        n_before += one.n;
    }
    found
}

/// Where templates of pods are first seen, each with the one that most pods had before, and where one comes back for good. Pods of two
/// go side by side for a while.
fn firsts<'s>(said: &[&'s Said]) -> Vec<(&'s str, &'s Said)> {
    let mut seen: BTreeMap<&str, u64> = BTreeMap::new();
    let (mut found, mut returns) = (Vec::new(), Vec::new());
    let (mut now, mut n_now) = ("", 0);
    for (at, one) in said.iter().enumerate() {
        let is_first = !seen.contains_key(one.version.as_str());
        let most = seen.iter().max_by_key(|(_, n)| **n);
        if let Some((from, _)) = most.filter(|(_, n)| is_first && **n >= LEAST_BEFORE) {
            found.push((*from, *one));
        }
        if one.version == now {
            n_now += one.n;
        } else {
            if !is_first && n_now >= AHEAD {
                returns.push((now, at));
            }
            (now, n_now) = (one.version.as_str(), one.n);
        }
        *seen.entry(&one.version).or_default() += one.n;
    }
    // Templates that take turns are side by side.
    if returns.len() < seen.len() {
        let is_over = |&(left, at): &(&str, usize)| said[at..].iter().all(|later| later.version != left);
        found.extend(returns.into_iter().filter(is_over).map(|(left, at)| (left, said[at])));
    }
    found
}

/// Whether nearly all that follows says the same version as the first.
fn is_from_here_on(said: &[&Said]) -> bool {
    let (mut n, mut n_same) = (0, 0);
    for one in said {
        n += one.n;
        n_same += if one.version == said[0].version { one.n } else { 0 };
        if n >= AHEAD {
            break;
        }
    }
    n >= LEAST_BEFORE && n_same as f64 >= LEAST_SHARE * n as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::time::Nanos;

    fn at(second: i64) -> RowKey {
        RowKey { time: Nanos(second * 1_000_000_000), ..RowKey::default() }
    }

    fn version(version: &str) -> Announced<'_> {
        Announced { of: None, from: None, version }
    }

    fn told(gatherer: &Gatherer) -> Vec<String> {
        let of = |found: &Deployment| {
            format!("{} {} {}→{}", found.key.time.0 / 1_000_000_000, found.service, found.from, found.to)
        };
        gatherer.deployments(&Naming::default()).iter().map(of).collect()
    }

    /// An entry a second that has a version in a field.
    fn field(versions: &[(&str, i64)]) -> Gatherer {
        let mut gatherer = Gatherer::default();
        let mut second = 0;
        for &(version, n) in versions {
            for _ in 0..n {
                gatherer.say("web", "version", at(second), Told::Version(version), 1);
                second += 1;
            }
        }
        gatherer
    }

    #[test]
    fn a_start_of_another_version_is_a_deployment_and_one_of_the_same_is_none() {
        let mut gatherer = Gatherer::default();
        for (second, said) in [(9_000, "2.1.0"), (10, "2.0.0"), (1_000, "2.0.0")] {
            gatherer.announce("cart", "cart starts", at(second), &version(said));
        }
        assert_eq!(told(&gatherer), ["10 cart →2.0.0", "9000 cart 2.0.0→2.1.0"]);
    }

    #[test]
    fn what_a_service_is_made_of_is_not_taken_for_another_version_of_it() {
        let mut gatherer = Gatherer::default();
        for (second, said) in [(10, "2.0.0"), (1_000, "2.0.0"), (9_000, "2.1.0")] {
            gatherer.announce("cart", "cart starts", at(second), &version(said));
            gatherer.announce("cart", "queue starts", at(second + 1), &version("3.8.2"));
        }
        assert_eq!(told(&gatherer), ["10 cart →2.0.0", "11 cart →3.8.2", "9000 cart 2.0.0→2.1.0"]);
    }

    #[test]
    fn announcements_that_take_turns_are_no_deployments() {
        let mut gatherer = Gatherer::default();
        for second in 0..100 {
            gatherer.announce(
                "cart",
                "job starts",
                at(second * 1_000),
                &version(["1.0.0", "2.0.0"][second as usize % 2]),
            );
        }
        assert_eq!(told(&gatherer), [""; 0]);
    }

    #[test]
    fn a_version_that_another_message_told_before_is_not_come_to_anew() {
        let mut gatherer = Gatherer::default();
        gatherer.announce("cart", "cart starts", at(10), &version("2.0.0"));
        gatherer.announce("cart", "still running", at(5_000), &version("2.0.0"));
        assert_eq!(told(&gatherer), ["10 cart →2.0.0"]);
    }

    #[test]
    fn a_version_that_comes_back_soon_is_a_deployment_of_its_own() {
        let mut gatherer = Gatherer::default();
        for (second, said) in [(10, "2.0.0"), (100, "2.1.0"), (200, "2.0.0")] {
            gatherer.announce("cart", "cart starts", at(second), &version(said));
        }
        assert_eq!(told(&gatherer), ["10 cart →2.0.0", "100 cart 2.0.0→2.1.0", "200 cart 2.1.0→2.0.0"]);
    }

    #[test]
    fn of_many_deployments_the_latest_are_told() {
        let mut gatherer = Gatherer::default();
        for build in 0..MOST_TOLD as i64 + 50 {
            gatherer.announce("cart", "cart starts", at(build * 1_000), &version(&format!("1.0.{build}")));
        }
        let told = told(&gatherer);
        assert_eq!((told.len(), told[0].as_str()), (MOST_TOLD, "50000 cart 1.0.49→1.0.50"));
    }

    #[test]
    fn a_field_changes_where_it_stays_changed() {
        assert_eq!(told(&field(&[("1.0", 300)])), [""; 0]);
        assert_eq!(told(&field(&[("1.0", 30), ("1.1", 30), ("1.0", 30)])), ["30 web 1.0→1.1", "60 web 1.1→1.0"]);
        // One of a hundred that says otherwise is no deployment, nor are two that take turns.
        assert_eq!(told(&field(&[("1.0", 99), ("7", 1), ("1.0", 99)])), [""; 0]);
        assert_eq!(told(&field(&[("1.0", 1), ("2.0", 1)].repeat(100))), [""; 0]);
    }

    #[test]
    fn two_signs_of_one_change_are_told_once_with_what_was_before() {
        let mut gatherer = field(&[("1.0", 30), ("1.1", 60)]);
        gatherer.announce("web", "web starts", at(28), &version("1.1"));
        assert_eq!(told(&gatherer), ["28 web 1.0→1.1"]);
    }

    #[test]
    fn pods_of_another_template_are_a_deployment_unless_a_version_tells_it() {
        let pods = |with_version: bool| {
            let mut gatherer = Gatherer::default();
            for second in 0..2_000 {
                // For a minute both are there.
                let is_old = second < 1_000 || second < 1_060 && second % 2 == 0;
                let template = if is_old { "5c67c48447" } else { "7d9f8b6c5d" };
                gatherer.say("sidecar", "pod", at(second), Told::Pod("cart", template), 1);
            }
            if with_version {
                gatherer.announce("cart-service", "cart starts", at(1_002), &version("2.1.0"));
            }
            told(&gatherer)
        };
        assert_eq!(pods(false), ["1001 cart 5c67c48447→7d9f8b6c5d"]);
        assert_eq!(pods(true), ["1002 cart →2.1.0"]);
    }

    #[test]
    fn a_rollout_that_scales_one_set_up_and_the_other_down_is_one_deployment() {
        let mut gatherer = Gatherer::default();
        for (second, message) in [
            (10, "Scaled up replica set cart-7d9f8b6c5d to 1 from 0"),
            (40, "Scaled down replica set cart-5c67c48447 to 0 from 1"),
        ] {
            if let Some(told) = announced(message) {
                gatherer.announce("deployment-controller", "Scaled replica set", at(second), &told);
            }
        }
        assert_eq!(told(&gatherer), ["10 cart →7d9f8b6c5d"]);
    }

    #[test]
    fn pods_of_a_template_that_comes_back_for_good_are_a_deployment() {
        let pods = |templates: &[&str]| {
            let mut gatherer = Gatherer::default();
            for second in 0..templates.len() * 60 {
                let template = templates[second / 60];
                gatherer.say("sidecar", "pod", at(second as i64), Told::Pod("cart", template), 1);
            }
            told(&gatherer)
        };
        let (a, b) = ("5c67c48447", "7d9f8b6c5d");
        assert_eq!(pods(&[a, b, a]), ["60 cart 5c67c48447→7d9f8b6c5d", "120 cart 7d9f8b6c5d→5c67c48447"]);
        assert_eq!(pods(&[a, b, a, b]), ["60 cart 5c67c48447→7d9f8b6c5d"], "they take turns");
    }

    #[test]
    fn a_commit_is_told_unless_a_version_tells_the_same_change() {
        let commits = |mut gatherer: Gatherer| {
            for second in 0..60 {
                let commit = if second < 31 { "9fceb02d0ae5" } else { "1b2e7c4f9a60" };
                gatherer.say("web", "git.commit.sha", at(second), Told::Version(commit), 1);
            }
            told(&gatherer)
        };
        assert_eq!(commits(Gatherer::default()), ["31 web 9fceb02d0ae5→1b2e7c4f9a60"]);
        assert_eq!(commits(field(&[("1.0", 30), ("1.1", 30)])), ["30 web 1.0→1.1"]);
    }

    #[test]
    fn a_commit_and_the_digest_of_its_image_are_one_rollout() {
        let mut gatherer = Gatherer::default();
        for second in 0..120 {
            let (old, new) = (second < 31, second >= 90);
            let commit = if old {
                "9fceb02d0ae5"
            } else if new {
                "77aa0c1d2e3f"
            } else {
                "1b2e7c4f9a60"
            };
            gatherer.say("web", "git.commit.sha", at(second), Told::Version(commit), 1);
            let digest = if second < 33 { "aaaabbbbcccc" } else { "ddddeeeeffff" };
            gatherer.say("web-2", "container.image.id", at(second), Told::Version(digest), 1);
        }
        assert_eq!(told(&gatherer), ["31 web 9fceb02d0ae5→1b2e7c4f9a60", "90 web 1b2e7c4f9a60→77aa0c1d2e3f"]);
    }

    #[test]
    fn a_version_that_comes_with_another_name_is_a_deployment_where_the_names_are_one() {
        let said = |name: &str, own: bool| {
            let mut gatherer = Gatherer::default();
            for second in 0..120 {
                let (service, version) = if second < 60 { ("till", "1.0") } else { (name, "1.1") };
                gatherer.say(service, "version", at(second), Told::Version(version), 1);
            }
            own.then(|| gatherer.call_own(name));
            gatherer
        };
        assert_eq!(told(&said("till-svc-v2", false)), ["60 till 1.0→1.1"]);
        assert_eq!(told(&said("till-2", false)), ["60 till 1.0→1.1"]);
        assert_eq!(told(&said("till-2", true)), [""; 0], "it is no part of a set");
        let mut naming = Naming::default();
        assert_eq!(said("cash", false).deployments(&naming), []);
        naming.join(["till"], "cash");
        assert_eq!(said("cash", false).deployments(&naming).len(), 1);
    }

    #[test]
    fn an_upgrade_is_of_what_it_names() {
        let mut gatherer = Gatherer::default();
        let told_so = Announced { of: Some("nginx"), from: Some("1.26.0-1"), version: "1.26.2-1" };
        gatherer.announce("dpkg", "upgrade", at(10), &told_so);
        assert_eq!(told(&gatherer), ["10 nginx 1.26.0-1→1.26.2-1"]);
    }
}
