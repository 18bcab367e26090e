//! A small fuzzer for stable Rust: changes known inputs at random and looks whether a claim still holds.
//!
//! Not guided by coverage as cargo-fuzz is; it finds what is shallow, everywhere and in seconds.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use crate::claims::Claim;

/// Texts that parsers treat in a special way.
const TOKENS: &[&[u8]] = &[
    b"\n",
    b"\r\n",
    b"\"",
    b"\\",
    b"/",
    b"(",
    b")",
    b"{",
    b"}",
    b"[",
    b"]",
    b":",
    b"=",
    b">=",
    b"*",
    b"-",
    b"%",
    b"\t",
    b"\0",
    b"\xff",
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    b"\xfe\xff",
    b"\x1f\x8b\x08\x00",
    b"\xe2\x80\xa8",
    b"\xc3\xa4",
    b"AND ",
    b" OR ",
    b"NOT ",
    b"level:",
    b"\"time\":",
    b"time=",
    b"msg=",
    b"2026-11-20T10:23:45.123Z",
    b"2026-11-20 10:23:45,123 ",
    b"Nov 20 10:23:45 ",
    b"[20/Nov/2026:10:23:45 +0000]",
    b"<134>1 ",
    b"1795132800",
    b"99999999999999999999",
    b"ERROR ",
    b"    at x.y(Z.java:1)\n",
    b"name = \"x\"\n",
    b"line = '(?<time>.*)'\n",
    b"[[sample]]\n",
];

/// Inputs longer than this are cut: many short runs find more than few long ones.
const MAX_BYTES: usize = 4 << 10;

/// SplitMix64, as anywhere a reproducible choice is enough.
struct Random(u64);

impl Random {
    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let x = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        x ^ (x >> 31)
    }

    fn below(&mut self, n: usize) -> usize {
        (self.bits() % n.max(1) as u64) as usize
    }
}

/// An input for which a claim does not hold.
#[derive(Debug)]
pub struct Broken {
    pub input: Vec<u8>,
}

/// Tries `claim` on the seeds and on changes of them for `time` (at least `n_least` of these). Returns how many it tried.
pub fn try_to_break(claim: Claim, seeds: &[Vec<u8>], seed: u64, n_least: u64, time: Duration) -> Result<u64, Broken> {
    let begin = Instant::now();
    for input in seeds {
        hold(claim, input)?;
    }
    let mut random = Random(seed);
    let mut n_tried = 0;
    while n_tried < n_least || begin.elapsed() < time {
        let mut input = seeds[random.below(seeds.len())].clone();
        for _ in 0..=random.below(6) {
            change(&mut input, seeds, &mut random);
        }
        input.truncate(MAX_BYTES);
        hold(claim, &input)?;
        n_tried += 1;
    }
    Ok(n_tried)
}

/// Whether the claim holds for one input. The panic's own message goes to standard error.
pub fn hold(claim: Claim, input: &[u8]) -> Result<(), Broken> {
    catch_unwind(AssertUnwindSafe(|| claim(input))).map_err(|_| Broken { input: input.to_vec() })
}

fn change(input: &mut Vec<u8>, seeds: &[Vec<u8>], random: &mut Random) {
    let at = random.below(input.len() + 1);
    match random.below(7) {
        0 if at < input.len() => input[at] ^= 1 << random.below(8),
        1 if at < input.len() => input[at] = random.bits() as u8,
        2 => {
            let token = TOKENS[random.below(TOKENS.len())];
            input.splice(at..at, token.iter().copied());
        }
        3 => {
            let end = (at + random.below(16)).min(input.len());
            input.drain(at..end);
        }
        4 => {
            let end = (at + random.below(64)).min(input.len());
            let copy = input[at..end].to_vec();
            let to = random.below(input.len() + 1);
            input.splice(to..to, copy);
        }
        5 => {
            let other = &seeds[random.below(seeds.len())];
            let from = random.below(other.len() + 1);
            let end = (from + random.below(200)).min(other.len());
            input.splice(at..at, other[from..end].iter().copied());
        }
        _ => input.truncate(at.max(1)),
    }
}
