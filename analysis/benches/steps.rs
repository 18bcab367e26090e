//! How long the longest step takes of what the data thread works out in steps, with as much as it ever holds: `cargo bench -p analysis
//! --bench steps`. Prints one JSON object: milliseconds in all, of the longest step, and how many steps there were.

use std::time::Instant;

use analysis::anomaly::{Key, Look, Names, Tally};
use analysis::group::{Entry, Grouping, Ordering, Ranked};
use analysis::outlier::Scoring;
use analysis::template::{Finding, Miner, families};
use analysis::topology::Services;
use model::incident::{TemplateName, Windows};
use model::naming::Naming;
use model::severity::Band;
use model::time::Nanos;

/// Times steps, the longest of them too.
#[derive(Default)]
struct Clock {
    steps: Vec<f64>,
}

impl Clock {
    fn time<T>(&mut self, step: impl FnOnce() -> T) -> T {
        let start = Instant::now();
        let done = step();
        self.steps.push(start.elapsed().as_secs_f64() * 1000.0);
        done
    }

    fn told(&self, name: &str) -> String {
        let (all, longest) = (self.steps.iter().sum::<f64>(), self.steps.iter().copied().fold(0.0, f64::max));
        format!(r#""{name}":{{"ms":{all:.1},"longest_ms":{longest:.1},"steps":{}}}"#, self.steps.len())
    }
}

fn main() {
    let told = [templates(), tree(), incidents(), groups()];
    println!("{{{}}}", told.join(",\n "));
}

/// SplitMix64.
struct Random(u64);

impl Random {
    fn below(&mut self, n: u32) -> u32 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let x = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((((x ^ (x >> 31)) >> 32) * u64::from(n)) >> 32) as u32
    }
}

/// Ten thousand messages that differ in several words, each written often.
fn miner() -> Miner {
    let word = |n: usize| -> String {
        [n % 26, n / 26 % 26, n / 676 % 26].iter().flat_map(|letter| [char::from(b'a' + *letter as u8), 'o']).collect()
    };
    let mut miner = Miner::default();
    for n in (0..50_000).map(|n| n % 10_000) {
        miner.push(&format!("worker {} has {} of {} after {n} ms", word(n * 3), word(n * 5), word(n * 11)));
    }
    miner
}

fn templates() -> String {
    let (miner, mut clock) = (miner(), Clock::default());
    let mut finding = clock.time(|| Finding::begin(&miner));
    while clock.time(|| finding.step(&miner)) {}
    assert_eq!(finding.finish().list.len(), 10_000);
    clock.told("10,000 templates")
}

fn tree() -> String {
    let (templates, mut clock) = (miner().templates(), Clock::default());
    clock.time(|| families(&templates.list));
    clock.told("families of 10,000 templates")
}

/// A thousand services of ten messages each over 480 windows; each tenth has a burst of one of them, and all windows have some.
fn incidents() -> String {
    const N_WINDOWS: i64 = 480;
    const WIDTH: i64 = 180_000_000_000;
    let windows = Windows { start: Nanos(0), width_nanos: WIDTH, n: N_WINDOWS as u32 };
    let mut random = Random(7);
    let mut tally = Tally::new(windows);
    for service in 0..1000 {
        for template in 0..10 {
            let key = Key { service, template: service * 10 + template, band: Band::Info };
            for window in 0..N_WINDOWS {
                let burst =
                    if template == 0 && service % 2 == 0 && window / 4 == i64::from(service % 120) { 60 } else { 0 };
                for _ in 0..random.below(3) + burst {
                    tally.add(service, key, Nanos(window * WIDTH + i64::from(random.below(1 << 30))));
                }
            }
        }
    }
    let mut clock = Clock::default();
    let mut look = clock.time(|| Look::begin(tally.finish()));
    while clock.time(|| look.step()) {}
    let mut findings = clock.time(|| look.finish());
    let name = |n: u32| TemplateName { id: n.to_string(), text: format!("message {n}") };
    let (templates, services): (Vec<TemplateName>, Vec<String>) =
        ((0..10_000).map(name).collect(), (0..1000).map(|n| format!("service-{n}")).collect());
    let written: Vec<&str> = services.iter().map(String::as_str).collect();
    // Each is a service of its own, whatever its name looks like.
    let called = Services::new(&Naming::default(), &written, &written.iter().copied().collect());
    let names = Names { services: &called, templates: &templates, fields: &[], sources: &services };
    while clock.time(|| findings.step(&names)) {}
    clock.time(|| findings.incidents(&names));
    clock.told("incidents of 1,000 services")
}

/// 200,000 groups of twenty entries.
fn groups() -> String {
    let (mut random, mut grouping) = (Random(9), Grouping::default());
    for n in 0..200_000 {
        let group = grouping.group(&format!("request-{n}"));
        let kind = random.below(400);
        for at in 0..20 {
            let shape = if random.below(50) == 0 { random.below(400) } else { (kind + at) % 400 };
            let time = Some(Nanos(i64::from(n) * 1000 + i64::from(at)));
            grouping.add(group, Entry { time, shape, band: Band::Info, service: 0 });
        }
    }
    let of_shape: Vec<u32> = (0..400).collect();
    let mut clock = Clock::default();
    let mut ordering = Ordering::begin(&mut grouping);
    while clock.time(|| ordering.step(&of_shape)) {}
    let mut scoring = clock.time(|| Scoring::begin(ordering.take_events()));
    while clock.time(|| scoring.step()) {}
    let scored = clock.time(|| scoring.finish());
    let mut miner = Miner::default();
    miner.push("request served");
    let templates = miner.templates().list;
    let templates: Vec<_> = templates.iter().cycle().take(400).cloned().collect();
    let ranked = Ranked { grouping: &grouping, scored: &scored, templates: &templates, services: &["shop".to_owned()] };
    clock.time(|| ranked.odd());
    clock.told("200,000 groups")
}
