//! How fast bytes become entries with heads, detection included, for each format: `cargo bench -p analysis --bench reading [-- FORMAT…]`.
//!
//! Prints one JSON object: milliseconds until the formats are ready; of each format, with all formats and in turn with ten,
//! megabytes and lines a second on one core, the best of many runs. What the many formats cost is the ratio of the two.

use std::time::Instant;

use analysis::format::Formats;
use analysis::read::{Context, Reader};
use model::time::{Nanos, Zone};

/// Small, so that a run ends before the machine gives the core to something else, and read often.
const TEXT_BYTES: usize = 1 << 20;
const SLICE_BYTES: usize = 256 << 10;
const N_RUNS: usize = 100;

/// One entry of each format; `n` varies what varies in logs.
fn entry(format: &str, n: usize) -> String {
    let (minute, second, milli) = (n / 6000 % 60, n / 100 % 60, n * 10 % 1000);
    let clock = format!("10:{minute:02}:{second:02}");
    let level = ["INFO", "INFO", "DEBUG", "INFO", "WARN", "INFO", "ERROR"][n % 7];
    let lower = level.to_lowercase();
    let (trace, id) = (n.wrapping_mul(0x9E37_79B9_7F4A_7C15), n.wrapping_mul(2_654_435_761) % 1_000_003);
    match format {
        "json" => format!(
            r#"{{"timestamp":"2026-11-20T{clock}.{milli:03}Z","level":"{lower}","service":"checkout","trace_id":"{trace:032x}","message":"order {id} took {milli} ms","http":{{"method":"POST","path":"/orders/{id}","status":200}}}}"#
        ),
        "json without service" => format!(
            r#"{{"level":30,"time":1763633{second:02}5{milli:03},"pid":7,"hostname":"web-1","reqId":"{trace:016x}","msg":"order {id} took {milli} ms","res":{{"statusCode":200}}}}"#
        ),
        "logfmt" => format!(
            r#"time=2026-11-20T{clock}.{milli:03}Z level={lower} msg="order {id} took {milli} ms" service=checkout trace_id={trace:032x} path=/orders/{id} status=200"#
        ),
        "syslog" => format!(
            "Nov 20 {clock} web-1 checkout[4711]: order {id} took {milli} ms trace={trace:016x} path=/orders/{id} status=200"
        ),
        "syslog-5424" => format!(
            "<165>1 2026-11-20T{clock}.{milli:03}Z web-1 checkout 4711 ID47 [order@32473 id=\"{id}\"] order {id} took {milli} ms trace={trace:016x}"
        ),
        "access" => format!(
            r#"10.0.{}.{} - - [20/Nov/2026:{clock} +0000] "GET /orders/{id}?t={trace:016x} HTTP/1.1" 200 {milli} "https://shop.example/" "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36""#,
            n % 251,
            n % 241
        ),
        "timestamp" => format!(
            "2026-11-20 {clock},{milli:03} {level} [pool-{}] shop.Checkout - order {id} took {milli} ms trace={trace:016x} path=/orders/{id}",
            n % 16
        ),
        "timestamp in a zone" => format!(
            "2026-11-20T{clock}.{milli:03}+01:00 {level} shop::checkout: order {id} took {milli} ms trace={trace:016x} path=/orders/{id}"
        ),
        "json in cri" => format!(
            r#"2026-11-20T{clock}.{milli:03}456789Z stdout F {{"ts":"2026-11-20T{clock}.{milli:03}Z","level":"{lower}","service":"checkout","msg":"order {id} took {milli} ms","trace_id":"{trace:032x}"}}"#
        ),
        "csv" => format!(
            "{}2026-11-20T{clock}.{milli:03}Z,{lower},checkout,\"order {id}, took {milli} ms\",{trace:032x},200",
            if n == 0 { "time,level,service,message,trace,status\n" } else { "" }
        ),
        // Lines of other formats in turn, as in a folder that was put together or the output of many containers.
        "mixed" => entry(FORMATS[n % MIXED], n),
        "stack traces" => format!(
            "2026-11-20 {clock},{milli:03} ERROR [pool-1] shop.Checkout - order {id} failed\njava.lang.IllegalStateException: no stock {trace:016x}\n{}Caused by: java.io.IOException: closed\n\t... 12 more",
            "\tat shop.checkout.Cart.take(Cart.java:123)\n".repeat(8)
        ),
        _ => format!(
            "order {id} took {milli} ms, trace {trace:016x}, path /orders/{id}, and nothing that reads as a time or a level anywhere"
        ),
    }
}

/// So many of the formats take turns in a mixed file.
const MIXED: usize = 8;

const FORMATS: [&str; 13] = [
    "json",
    "json without service",
    "logfmt",
    "syslog",
    "syslog-5424",
    "access",
    "timestamp",
    "timestamp in a zone",
    "stack traces",
    "raw",
    "json in cri",
    "csv",
    "mixed",
];

fn text_of(format: &str) -> Vec<u8> {
    let mut text = String::with_capacity(TEXT_BYTES + 4096);
    for n in 0.. {
        if text.len() >= TEXT_BYTES {
            break;
        }
        text += &entry(format, n);
        text.push('\n');
    }
    text.into_bytes()
}

/// Reads all of it; returns the number of entries, so that nothing is left out of the work.
fn read_all(formats: &Formats, text: &[u8]) -> (u64, u64) {
    let zone = Zone {
        name: "Europe/Berlin".into(),
        first_offset: 3600,
        changes: vec![(Nanos(1_774_746_000_000_000_000), 7200), (Nanos(1_792_890_000_000_000_000), 3600)],
    };
    let context = Context { path: "bench.log".into(), modified: Nanos(1_798_718_400_000_000_000), zone };
    let mut reader = Reader::new(formats, context);
    let (mut n_entries, mut n_dated) = (0, 0);
    for slice in text.chunks(SLICE_BYTES) {
        reader.push(slice);
        while let Some(record) = reader.next_record() {
            n_entries += 1;
            n_dated += u64::from(record.head.time.is_some());
        }
    }
    reader.finish();
    while let Some(record) = reader.next_record() {
        n_entries += 1;
        n_dated += u64::from(record.head.time.is_some());
    }
    (n_entries, n_dated)
}

/// Ten formats that most logs are in: what all the others cost shows against these.
const FEW: [&str; 10] =
    ["json", "logfmt", "syslog", "syslog-5424", "access", "timestamp", "timestamp-inside", "java", "cri", "csv"];

fn millis_of<T>(work: impl Fn() -> T) -> f64 {
    let once = |_| {
        let start = Instant::now();
        std::hint::black_box(work());
        start.elapsed().as_secs_f64()
    };
    (0..N_RUNS / 10).map(once).fold(f64::INFINITY, f64::min).mul_add(1e5, 0.5).floor() / 100.0
}

fn main() {
    let (all, few) = (Formats::builtin(), Formats::builtin_of(&FEW));
    let mut results = serde_json::Map::new();
    results.insert("formats ready in".into(), serde_json::json!({ "ms": millis_of(Formats::builtin) }));
    let wanted: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    for format in FORMATS.into_iter().filter(|name| wanted.is_empty() || wanted.iter().any(|word| word == name)) {
        let text = text_of(format);
        let (mut best, mut best_of_few) = (f64::INFINITY, f64::INFINITY);
        let mut counts = (0, 0);
        for _ in 0..N_RUNS {
            // In turn, so that both have the same machine.
            for (formats, best) in [(&all, &mut best), (&few, &mut best_of_few)] {
                let start = Instant::now();
                let read = std::hint::black_box(read_all(formats, &text));
                *best = best.min(start.elapsed().as_secs_f64());
                counts = if std::ptr::eq(formats, &all) { read } else { counts };
            }
        }
        let n_lines = text.iter().filter(|&&byte| byte == b'\n').count() as f64;
        results.insert(
            format.into(),
            serde_json::json!({
                "mb_per_s": (text.len() as f64 / 1e6 / best).round(),
                "lines_per_s": (n_lines / best).round(),
                "lines_per_s_with_ten_formats": (n_lines / best_of_few).round(),
                "all_to_ten": (best_of_few / best * 100.0).round() / 100.0,
                "ns_per_entry": (best * 1e9 / counts.0 as f64).round(),
                "entries": counts.0,
                "dated": counts.1,
            }),
        );
    }
    println!("{}", serde_json::to_string_pretty(&results).expect("plain values always encode"));
}
