//! Small made-up logs whose every number a test can work out.

use std::fmt::Write as _;
use std::io::Write as _;

/// `n` lines, one each second of November 2026 (at most 2.5 million); every tenth is a warning, every hundredth an error.
/// Each has a number of its own: `order-000041`.
pub fn shop_log(n: usize) -> String {
    let mut text = String::with_capacity(n * 110);
    for i in 0..n {
        let (day, hour, minute, second) = (1 + i / 86_400, i / 3600 % 24, i / 60 % 60, i % 60);
        let (level, message) = match i {
            i if i % 100 == 99 => ("ERROR", "payment refused by the bank"),
            i if i % 10 == 9 => ("WARN", "payment took long"),
            _ => ("INFO", "order placed"),
        };
        writeln!(
            text,
            "2026-11-{day:02}T{hour:02}:{minute:02}:{second:02}.000Z {level} checkout - {message} order-{i:06} customer={} total={}.{:02}",
            i * 7919 % 100_003,
            i % 500,
            i % 100
        )
        .expect("a string can be written to");
    }
    text
}

pub fn gzip(text: &str) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(text.as_bytes()).and_then(|()| packed.finish()).expect("a vector can be written to")
}
