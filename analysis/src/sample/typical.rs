//! Typical lines of the formats that most logs are in: what reading is measured with.

/// So many of the formats take turns in a mixed file.
const MIXED: usize = 8;

/// The first eight are the most common ones.
pub const FORMATS: [&str; 13] = [
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

/// What is measured with: long enough that finding the formats, which takes its time once a file, does not count.
pub const TEXT_BYTES: usize = 8 << 20;

/// At least so many bytes of entries of one of [`FORMATS`].
pub fn text_of(format: &str, n_bytes: usize) -> Vec<u8> {
    let mut text = String::with_capacity(n_bytes + 4096);
    for n in 0.. {
        if text.len() >= n_bytes {
            break;
        }
        text += &entry(format, n);
        text.push('\n');
    }
    text.into_bytes()
}

/// `n` varies what varies in logs.
fn entry(format: &str, n: usize) -> String {
    let (minute, second, milli) = (n / 6000 % 60, n / 100 % 60, n * 10 % 1000);
    let clock = format!("10:{minute:02}:{second:02}");
    let level = ["INFO", "INFO", "DEBUG", "INFO", "WARN", "INFO", "ERROR"][n % 7];
    let lower = level.to_lowercase();
    let (trace, id) =
        ((n as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15), (n as u64).wrapping_mul(2_654_435_761) % 1_000_003);
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
