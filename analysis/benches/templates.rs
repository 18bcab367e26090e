//! How fast messages are mined for templates: `cargo bench -p analysis --bench templates [-- NAME]`.
//!
//! Criterion's figures, on one core, in messages a second: `mined` takes them in, `found` finds the templates of all of them. The first
//! set is easy, of the others each message has words that no other has, in one way or another: there miners that keep what they saw
//! explode. drain3 (in Python) takes 165,000 lines a second on easy sets, 4,600 on one where its clusters explode. What memory is left
//! behind is printed before each set. `LOGS="FILE…"` measures the lines of files as well, their headers included.

use std::hint::black_box;
use std::time::Duration;

use analysis::template::Miner;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

const N_MESSAGES: usize = 100_000;

type Message = fn(usize) -> String;

const SETS: [(&str, Message); 9] = [
    ("easy", easy),
    ("fresh in shifting places", fresh_in_shifting_places),
    ("fresh in between", fresh_in_between),
    ("fresh at the beginning", fresh_at_the_beginning),
    ("fresh of any length", fresh_of_any_length),
    ("few letters", few_letters),
    ("pairs in any order", pairs_in_any_order),
    ("lists of names", lists_of_names),
    ("glued together", glued_together),
];

fn easy(n: usize) -> String {
    let bits = scramble(n);
    let (id, milli) = (bits % 1_000_003, bits / 7 % 1000);
    match n % 10 {
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
    }
}

/// Three of the words of a sentence are others each time.
fn fresh_in_shifting_places(n: usize) -> String {
    let mut words = words(n);
    (0..3).for_each(|i| words[scramble(n + i) % 12] = fresh(n * 3 + i));
    words.join(" ")
}

/// Four words more stand somewhere in it.
fn fresh_in_between(n: usize) -> String {
    let mut words = words(n);
    (0..4).for_each(|i| words.insert(scramble(n + i) % 12, fresh(n * 4 + i)));
    words.join(" ")
}

/// The first words are others each time: a tree that begins with them has as many branches as messages.
fn fresh_at_the_beginning(n: usize) -> String {
    let n_fresh = 1 + scramble(n) % 3;
    let fresh: Vec<String> = (0..n_fresh).map(|i| fresh(n * 3 + i)).collect();
    format!("{} {}", fresh.join(" "), words(n).join(" "))
}

fn fresh_of_any_length(n: usize) -> String {
    (0..1 + scramble(n) % 23).map(|i| fresh(n * 23 + i)).collect::<Vec<_>>().join(" ")
}

fn few_letters(n: usize) -> String {
    (0..8).map(|i| fresh(n * 8 + i)[..2].to_owned()).collect::<Vec<_>>().join(" ")
}

/// Some of many pairs, in no order, some with a name for a value.
fn pairs_in_any_order(n: usize) -> String {
    let pair = |i: usize| {
        let bits = scramble(n * 7 + i);
        let key = bits % 40;
        if key.is_multiple_of(3) { format!("key{key}={}", fresh(bits)) } else { format!("key{key}={}", bits % 1000) }
    };
    format!("request done {}", (0..3 + n % 5).map(pair).collect::<Vec<_>>().join(" "))
}

/// A sentence with a list of names that are others each time, as many as happen to be.
fn lists_of_names(n: usize) -> String {
    let names: Vec<String> = (0..1 + scramble(n) % 9).map(|i| fresh(n * 9 + i)).collect();
    format!("members of the group are now [{}] and {} is its leader", names.join(", "), names[0])
}

/// Names that are put together from others, without a space between.
fn glued_together(n: usize) -> String {
    let [a, b, c] = [0, 1, 2].map(|i| fresh(n * 3 + i));
    match n % 3 {
        0 => format!("org.{a}.{b}.{c} was loaded from {c}.jar!/{a}/{b}"),
        1 => format!("cannot open {a}::{b}<{c}> for {b}"),
        _ => format!("{a}-{b}_{c}: no such thing as {a}/{c}"),
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

fn mine(messages: &[String]) -> Miner {
    let mut miner = Miner::default();
    for message in messages {
        black_box(miner.push(message));
    }
    miner
}

fn measure(criterion: &mut Criterion, name: &str, messages: &[String]) {
    let miner = mine(messages);
    let n_templates = miner.templates().list.len();
    println!(
        "{name}: {n_templates} templates of {} messages, {} shapes in {} KiB",
        messages.len(),
        miner.n_shapes(),
        miner.memory_bytes() >> 10
    );
    let mut group = criterion.benchmark_group(name);
    group.throughput(Throughput::Elements(messages.len() as u64));
    group.bench_function("mined", |bench| bench.iter_with_large_drop(|| mine(messages)));
    group.bench_function("found", |bench| bench.iter(|| black_box(miner.templates())));
    group.finish();
}

fn templates(criterion: &mut Criterion) {
    for (name, message) in SETS {
        measure(criterion, name, &(0..N_MESSAGES).map(message).collect::<Vec<_>>());
    }
    let files = std::env::var("LOGS").unwrap_or_default();
    for file in files.split_whitespace() {
        let text = std::fs::read(file).unwrap_or_else(|error| panic!("{file}: {error}"));
        let lines: Vec<String> = String::from_utf8_lossy(&text).lines().map(str::to_owned).collect();
        measure(criterion, file, &lines);
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(3));
    targets = templates
}
criterion_main!(benches);
