//! Writes a line in the format of its service: combined access log, JSON, logfmt, a Java layout, RFC 5424 syslog.

use model::severity::{Band, Severity};
use model::time::{Civil, NANOS_PER_SECOND, Nanos};

use super::drift;
use super::line::{Line, Span, Value};
use super::messages::{Message, Service};
use super::random::scramble;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Combined,
    Json,
    Logfmt,
    /// `YYYY-MM-DD HH:MM:SS,mmm LEVEL [thread] logger - message`, with stack traces.
    Java,
    /// RFC 5424.
    Syslog,
}

impl Format {
    pub fn of(service: Service) -> Self {
        match service {
            Service::Gateway => Self::Combined,
            Service::Storefront | Service::Cart => Self::Json,
            Service::Checkout | Service::Inventory => Self::Logfmt,
            Service::Payment | Service::Shipping => Self::Java,
            Service::Notifier => Self::Syslog,
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Combined => "combined access log",
            Self::Json => "JSON lines",
            Self::Logfmt => "logfmt",
            Self::Java => "plain text",
            Self::Syslog => "syslog RFC 5424",
        }
    }
}

/// Appends the line with its line feed.
pub fn write_line(out: &mut Vec<u8>, line: &Line) {
    write_named(out, line, line.kind.message().service.name());
    out.push(b'\n');
}

/// The same, as it is where the services do not agree.
pub fn write_drifted(out: &mut Vec<u8>, line: Line) {
    let line = drift::planted(line);
    write_named(out, &line, drift::service_name(&line));
    out.extend_from_slice(drift::suffix(line.kind).as_bytes());
    out.push(b'\n');
}

fn write_named(out: &mut Vec<u8>, line: &Line, service: &str) {
    let message = line.kind.message();
    match Format::of(message.service) {
        Format::Combined => write_combined(out, line),
        Format::Json => write_json(out, line, message, service),
        Format::Logfmt => write_logfmt(out, line, message, service),
        Format::Java => write_java(out, line, message),
        Format::Syslog => write_syslog(out, line, message),
    }
}

const USER_AGENTS: [&str; 5] = [
    "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Firefox/140.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 19_1) Mobile/15E148",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/142.0",
    "ShopApp/7.3 (Android 16)",
    "ShopApp/7.2 (iOS 19.1)",
];
const PROBE_AGENT: &str = "kube-probe/1.33";

/// `100.64.3.9 - - [20/Nov/2026:10:23:45 +0000] "GET /health HTTP/1.1" 200 2311 "-" "kube-probe/1.33"`
fn write_combined(out: &mut Vec<u8>, line: &Line) {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let [client, method, path, status, bytes] = line.values;
    let civil = Civil::from_utc(Nanos(line.at));
    write_value(out, line.span, client);
    out.extend_from_slice(b" - - [");
    write_padded(out, civil.day.into(), 2);
    out.push(b'/');
    out.extend_from_slice(MONTHS[usize::from(civil.month) - 1].as_bytes());
    out.push(b'/');
    write_padded(out, civil.year as u64, 4);
    out.push(b':');
    write_clock(out, &civil);
    out.extend_from_slice(b" +0000] \"");
    write_value(out, line.span, method);
    out.push(b' ');
    write_value(out, line.span, path);
    out.extend_from_slice(b" HTTP/1.1\" ");
    write_value(out, line.span, status);
    out.push(b' ');
    write_value(out, line.span, bytes);
    let mixed = scramble(line.span.trace ^ 0xA9E27);
    let is_probe = matches!(path, Value::Text("/health"));
    let has_referer = !is_probe && mixed & 1 == 0;
    out.extend_from_slice(if has_referer { b" \"https://shop.example/\" \"" } else { b" \"-\" \"" });
    let agent = if is_probe { PROBE_AGENT } else { USER_AGENTS[(mixed >> 8) as usize % USER_AGENTS.len()] };
    out.extend_from_slice(agent.as_bytes());
    out.push(b'"');
}

fn write_json(out: &mut Vec<u8>, line: &Line, message: &Message, service: &str) {
    out.extend_from_slice(b"{\"time\":\"");
    write_rfc3339(out, line.at, 3);
    out.extend_from_slice(b"\",\"level\":\"");
    out.extend_from_slice(message.severity.band().name().as_bytes());
    out.extend_from_slice(b"\",\"service\":\"");
    out.extend_from_slice(service.as_bytes());
    if line.span.trace != 0 {
        out.extend_from_slice(b"\",\"trace_id\":\"");
        write_trace_id(out, line.span);
        if line.values.iter().any(|value| matches!(value, Value::ParentSpan)) {
            out.extend_from_slice(b"\",\"span_id\":\"");
            write_span_id(out, line.span.trace, line.span.own);
        }
    }
    out.extend_from_slice(b"\",\"msg\":\"");
    let n_used = write_template(out, line, message.template);
    out.push(b'"');
    for (name, &value) in message.fields.iter().zip(&line.values[n_used..]) {
        out.extend_from_slice(b",\"");
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(b"\":");
        let is_number = matches!(value, Value::Int(_) | Value::Millis(_) | Value::Cents(_));
        if !is_number {
            out.push(b'"');
        }
        write_value(out, line.span, value);
        if !is_number {
            out.push(b'"');
        }
    }
    out.push(b'}');
}

fn write_logfmt(out: &mut Vec<u8>, line: &Line, message: &Message, service: &str) {
    out.extend_from_slice(b"time=");
    write_rfc3339(out, line.at, 6);
    out.extend_from_slice(b" level=");
    out.extend_from_slice(message.severity.band().name().as_bytes());
    out.extend_from_slice(b" service=");
    out.extend_from_slice(service.as_bytes());
    out.extend_from_slice(b" msg=\"");
    let n_used = write_template(out, line, message.template);
    out.push(b'"');
    for (name, &value) in message.fields.iter().zip(&line.values[n_used..]) {
        out.push(b' ');
        out.extend_from_slice(name.as_bytes());
        out.push(b'=');
        let needs_quotes = matches!(value, Value::Text(text) if text.contains([' ', '=']));
        if needs_quotes {
            out.push(b'"');
        }
        write_value(out, line.span, value);
        if needs_quotes {
            out.push(b'"');
        }
    }
    if line.span.trace != 0 {
        out.extend_from_slice(b" trace_id=");
        write_trace_id(out, line.span);
        out.extend_from_slice(b" span_id=");
        write_span_id(out, line.span.trace, line.span.own);
    }
}

fn write_java(out: &mut Vec<u8>, line: &Line, message: &Message) {
    let civil = Civil::from_utc(Nanos(line.at));
    write_date(out, &civil);
    out.push(b' ');
    write_clock(out, &civil);
    out.push(b',');
    write_padded(out, u64::from(civil.nanos / 1_000_000), 3);
    out.extend_from_slice(match message.severity.band() {
        Band::Debug => b" DEBUG [",
        Band::Warn => b" WARN  [",
        Band::Error => b" ERROR [",
        _ => b" INFO  [",
    });
    out.extend_from_slice(if message.service == Service::Payment { b"exec-" } else { b"poll-" });
    write_padded(out, 1 + line.span.trace % 8, 1);
    out.extend_from_slice(b"] ");
    out.extend_from_slice(message.logger.as_bytes());
    out.extend_from_slice(b" - ");
    write_template(out, line, message.template);
    if line.span.trace != 0 {
        out.extend_from_slice(b" trace_id=");
        write_trace_id(out, line.span);
    }
    for frame in message.stack {
        out.push(b'\n');
        out.extend_from_slice(frame.as_bytes());
    }
}

/// `<134>1 2026-11-20T10:23:45.123456Z notifier-1 notifier 812 MAILSENT [shop@32473 trace_id="…"] mail …`
fn write_syslog(out: &mut Vec<u8>, line: &Line, message: &Message) {
    /// local0
    const FACILITY: u64 = 16;
    let level = match message.severity {
        Severity::WARN => 4,
        Severity::ERROR => 3,
        _ => 6,
    };
    out.push(b'<');
    write_int(out, FACILITY * 8 + level);
    out.extend_from_slice(b">1 ");
    write_rfc3339(out, line.at, 6);
    out.extend_from_slice(b" notifier-1 notifier 812 ");
    out.extend_from_slice(message.logger.as_bytes());
    if line.span.trace == 0 {
        out.extend_from_slice(b" - ");
    } else {
        out.extend_from_slice(b" [shop@32473 trace_id=\"");
        write_trace_id(out, line.span);
        out.extend_from_slice(b"\"] ");
    }
    write_template(out, line, message.template);
}

/// Returns how many values the template took.
fn write_template(out: &mut Vec<u8>, line: &Line, template: &str) -> usize {
    let mut n_used = 0;
    for (at, piece) in template.split("<*>").enumerate() {
        if at > 0 {
            write_value(out, line.span, line.values[n_used]);
            n_used += 1;
        }
        out.extend_from_slice(piece.as_bytes());
    }
    n_used
}

fn write_value(out: &mut Vec<u8>, span: Span, value: Value) {
    match value {
        Value::Int(number) => write_int(out, number),
        Value::Millis(millis) => {
            let tenths = (millis * 10.0) as u64;
            write_int(out, tenths / 10);
            out.push(b'.');
            write_padded(out, tenths % 10, 1);
        }
        Value::Cents(cents) => {
            write_int(out, u64::from(cents / 100));
            out.push(b'.');
            write_padded(out, u64::from(cents % 100), 2);
        }
        Value::Text(text) => out.extend_from_slice(text.as_bytes()),
        Value::Sku(product) => {
            const SHELVES: [&[u8]; 6] = [b"SHOE-", b"LAMP-", b"BIKE-", b"TOOL-", b"COAT-", b"CAFE-"];
            out.extend_from_slice(SHELVES[product as usize % SHELVES.len()]);
            write_padded(out, u64::from(product), 5);
        }
        Value::Order(order) => {
            out.extend_from_slice(b"ord-");
            write_padded(out, 4_000_000 + u64::from(order), 7);
        }
        Value::Customer(customer) => {
            out.push(b'u');
            write_padded(out, u64::from(customer), 6);
        }
        Value::Mailbox(customer) => {
            out.push(b'u');
            write_padded(out, u64::from(customer), 6);
            out.extend_from_slice(b"@mail.example");
        }
        Value::Uuid(seed) => write_uuid(out, seed),
        Value::Client(client) => {
            write_address(out, [100, 64 + (client >> 16) as u8 % 64, (client >> 8) as u8, client as u8])
        }
        Value::Host(host) => {
            write_address(out, [10, 20, 0, 10 + host as u8]);
            out.extend_from_slice(b":6379");
        }
        Value::ProductPath(product) => {
            out.extend_from_slice(b"/products/");
            write_value(out, span, Value::Sku(product));
        }
        Value::CartPath(cart) => {
            out.extend_from_slice(b"/carts/");
            write_uuid(out, cart);
            out.extend_from_slice(b"/items");
        }
        // The line that ends a span names it (write_json) and its parent.
        Value::ParentSpan => write_span_id(out, span.trace, span.parent),
        Value::None => {}
    }
}

fn write_address(out: &mut Vec<u8>, parts: [u8; 4]) {
    for (at, part) in parts.into_iter().enumerate() {
        if at > 0 {
            out.push(b'.');
        }
        write_int(out, part.into());
    }
}

/// W3C trace context: 32 hex digits.
fn write_trace_id(out: &mut Vec<u8>, span: Span) {
    write_hex(out, scramble(span.trace));
    write_hex(out, scramble(span.trace ^ 0x7472_6163_6531));
}

/// 16 hex digits.
fn write_span_id(out: &mut Vec<u8>, trace: u64, span: u32) {
    write_hex(out, scramble(trace.wrapping_add(u64::from(span) << 7 | 1)));
}

/// A random (version 4) UUID.
fn write_uuid(out: &mut Vec<u8>, seed: u64) {
    let high = scramble(seed) & !0xF000 | 0x4000;
    let low = scramble(seed ^ 0x7575_6964) & !(0b11 << 62) | (0b10 << 62);
    let mut digits = [0; 32];
    digits[..16].copy_from_slice(&hex(high));
    digits[16..].copy_from_slice(&hex(low));
    for (at, part) in [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]].iter().enumerate()
    {
        if at > 0 {
            out.push(b'-');
        }
        out.extend_from_slice(part);
    }
}

fn write_hex(out: &mut Vec<u8>, number: u64) {
    out.extend_from_slice(&hex(number));
}

fn hex(number: u64) -> [u8; 16] {
    let mut digits = [0; 16];
    for (at, digit) in digits.iter_mut().enumerate() {
        *digit = b"0123456789abcdef"[(number >> (60 - 4 * at)) as usize & 15];
    }
    digits
}

/// `2026-11-20T10:23:45.123Z`
fn write_rfc3339(out: &mut Vec<u8>, at: i64, n_digits: usize) {
    let civil = Civil::from_utc(Nanos(at));
    write_date(out, &civil);
    out.push(b'T');
    write_clock(out, &civil);
    out.push(b'.');
    let unit = if n_digits == 3 { NANOS_PER_SECOND / 1000 } else { 1000 };
    write_padded(out, u64::from(civil.nanos) / unit as u64, n_digits);
    out.push(b'Z');
}

fn write_date(out: &mut Vec<u8>, civil: &Civil) {
    write_padded(out, civil.year as u64, 4);
    out.push(b'-');
    write_padded(out, civil.month.into(), 2);
    out.push(b'-');
    write_padded(out, civil.day.into(), 2);
}

fn write_clock(out: &mut Vec<u8>, civil: &Civil) {
    write_padded(out, civil.hour.into(), 2);
    out.push(b':');
    write_padded(out, civil.minute.into(), 2);
    out.push(b':');
    write_padded(out, civil.second.into(), 2);
}

fn write_int(out: &mut Vec<u8>, number: u64) {
    write_padded(out, number, 1);
}

/// At least `n_digits`, with leading zeros.
fn write_padded(out: &mut Vec<u8>, mut number: u64, n_digits: usize) {
    let mut digits = [b'0'; 20];
    let mut at = digits.len();
    while number > 0 || digits.len() - at < n_digits {
        at -= 1;
        digits[at] = b'0' + (number % 10) as u8;
        number /= 10;
    }
    out.extend_from_slice(&digits[at..]);
}
