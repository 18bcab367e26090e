//! How fast messages are mined for templates: `cargo bench -p analysis --bench templates [-- SET…]`.
//!
//! Prints one JSON object: for each set thousands of messages a second on one core (the best of many runs), how long finding
//! the templates of all of them takes, how many those are, and the memory that was taken. A set named `/path` is the lines of that
//! file, their headers included.

use std::time::Instant;

use analysis::template::Miner;

const N_MESSAGES: usize = 100_000;
const N_RUNS: usize = 12;

/// Message `n` of a set.
fn message(set: &str, n: usize) -> String {
    let bits = scramble(n);
    let (id, milli) = (bits % 1_000_003, bits / 7 % 1000);
    match set {
        "easy" => match n % 10 {
            0 => format!("order {id} took {milli} ms trace={bits:016x} path=/orders/{id} status=200"),
            1 => format!("Received block blk_{bits} of size {id} from /10.251.{}.{}", milli % 256, id % 256),
            2 => format!("connection from 10.0.{}.{}:{} closed after {milli}ms", milli % 256, id % 256, id % 65536),
            3 => "data cache parity error detected, attempting to correct".to_owned(),
            4 => format!("session opened for user {} by (uid=0)", ["ann", "bob", "eve"][n % 3]),
            5 => format!("Progress of TaskAttempt attempt_{bits}_m_000000_0 is : 0.{milli}"),
            6 => format!("generating core.{milli}"),
            7 => format!("Failed to renew lease for [client_{id}] for {milli} seconds. Will retry shortly"),
            8 => format!("GET https://shop.example/orders/{id} 200 {milli} \"curl/8.1\""),
            _ => format!("PacketResponder {} for block blk_{bits} terminating", n % 3),
        },
        "fresh in shifting places" => {
            let mut words = words(n);
            (0..3).for_each(|i| words[scramble(n + i) % 12] = fresh(n * 3 + i));
            words.join(" ")
        }
        "fresh in between" => {
            let mut words = words(n);
            (0..4).for_each(|i| words.insert(scramble(n + i) % 12, fresh(n * 4 + i)));
            words.join(" ")
        }
        "fresh of any length" => (0..1 + bits % 23).map(|i| fresh(n * 23 + i)).collect::<Vec<_>>().join(" "),
        "few letters" => (0..8).map(|i| fresh(n * 8 + i)[..2].to_owned()).collect::<Vec<_>>().join(" "),
        _ => unreachable!("no set is called {set}"),
    }
}

fn words(n: usize) -> Vec<String> {
    let sentence = match n % 3 {
        0 => "the worker could not take the next job from its queue today",
        1 => "no answer from the other side of this line within given time",
        _ => "now all of the parts are at their places and ready again",
    };
    sentence.split(' ').map(str::to_owned).collect()
}

fn fresh(seed: usize) -> String {
    let bits = scramble(seed ^ 0x5EED);
    (0..8).map(|i| char::from(b'a' + (bits >> (i * 7) & 127) as u8 % 26)).collect()
}

/// SplitMix64's finaliser.
fn scramble(n: usize) -> usize {
    let n = (n as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let n = (n ^ n >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    ((n ^ n >> 27) >> 8) as usize
}

fn measure(messages: &[String]) -> String {
    let (mut best, mut best_finding) = (f64::MAX, f64::MAX);
    let mut found = (0, 0);
    for _ in 0..N_RUNS {
        let start = Instant::now();
        let mut miner = Miner::default();
        for message in messages {
            std::hint::black_box(miner.push(message));
        }
        best = best.min(start.elapsed().as_secs_f64());
        let start = Instant::now();
        let n_templates = miner.templates().list.len();
        best_finding = best_finding.min(start.elapsed().as_secs_f64());
        found = (n_templates, miner.memory_bytes() >> 10);
    }
    let per_second = messages.len() as f64 / best / 1000.0;
    let (n_templates, kilobytes) = found;
    format!(
        r#"{{"thousand_per_s":{per_second:.0},"finding_ms":{:.1},"templates":{n_templates},"kib":{kilobytes}}}"#,
        best_finding * 1000.0
    )
}

fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).filter(|arg| !arg.starts_with("--")).collect();
    let all = ["easy", "fresh in shifting places", "fresh in between", "fresh of any length", "few letters"];
    let sets = if wanted.is_empty() { all.map(str::to_owned).to_vec() } else { wanted };
    let results = sets.iter().map(|set| {
        let messages: Vec<String> = match set.strip_prefix('/') {
            Some(_) => {
                let text = std::fs::read(set).unwrap_or_else(|error| panic!("{set}: {error}"));
                String::from_utf8_lossy(&text).lines().map(str::to_owned).collect()
            }
            None => (0..N_MESSAGES).map(|n| message(set, n)).collect(),
        };
        format!("\"{set}\":{}", measure(&messages))
    });
    println!("{{{}}}", results.collect::<Vec<_>>().join(",\n "));
}
