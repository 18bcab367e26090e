//! What one opened entry says of calls: where it stands in which trace, from when to when, whom it names.

use model::entry::Value;
use model::severity::Severity;
use model::topology::NodeKind;
use serde_json::Value as Json;

use super::duration::{duration_of, last_part};
use super::names::target_of;
use crate::format::Parsed;
use crate::quick_hash::hash_of;
use crate::red::route_of;

/// Tells the kinds of messages of a service apart: its first words without those that have digits.
pub fn operation_of(message: &str) -> u64 {
    /// Further words are mostly values.
    const MOST_WORDS: usize = 10;
    /// They mostly have no more.
    const MOST_BYTES: usize = 128;
    let words = message
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty() && !word.bytes().any(|byte| byte.is_ascii_digit()));
    let mut joined = String::with_capacity(message.len().min(MOST_BYTES));
    for word in words.take(MOST_WORDS) {
        joined.push_str(word);
        joined.push(' ');
    }
    hash_of(joined.as_bytes())
}

/// A data point of a metric, as `formats/metric.toml` reads it.
pub fn is_point(parsed: &Parsed) -> bool {
    parsed.fields.iter().any(|field| field.name == "metric.kind")
}

/// A span, as `formats/span.toml` reads it.
pub fn is_span(parsed: &Parsed) -> bool {
    parsed.fields.iter().any(|field| field.name == "span.kind")
}

/// When what an entry tells of began and ended.
pub fn extent_of(parsed: &Parsed, time: i64) -> (i64, i64) {
    extent(is_span(parsed), time, duration_of(&parsed.fields).unwrap_or(0))
}

/// The same of what took so long: a span has the time of its beginning, any other entry is written at the end.
pub fn extent(is_span: bool, time: i64, duration: i64) -> (i64, i64) {
    match is_span {
        true => (time, time.saturating_add(duration)),
        false => (time.saturating_sub(duration), time),
    }
}

/// A longer name is a text.
const MOST_NAME_CHARS: usize = 120;

/// What is called so, where there is room for one line: the beginning of the first.
pub fn name_of(text: &str) -> &str {
    let line = text.lines().next().unwrap_or_default();
    let end = line.char_indices().nth(MOST_NAME_CHARS).map_or(line.len(), |(at, _)| at);
    &line[..end]
}

/// Fields of which the name ends so hold what a service calls itself (OpenTelemetry).
pub const OWN_NAME: &str = "service.name";

/// Whether its service is what that calls itself: no pod, no file, no word of a line.
pub fn says_own_name(parsed: &Parsed) -> bool {
    // Spans and points have no other.
    parsed.service_rule.ends_with(OWN_NAME)
        || parsed.fields.iter().any(|field| matches!(&*field.name, "span.kind" | "metric.kind"))
}

/// Trace and span of each span that a span goes on with, as `signals::line` writes its links.
pub fn links_of(parsed: &Parsed) -> Vec<(String, String)> {
    let links = parsed.fields.iter().find(|field| field.name == "links").map(|field| &field.value);
    let Some(Value::Json(text)) = links else { return Vec::new() };
    let Ok(Json::Array(links)) = serde_json::from_str(text) else { return Vec::new() };
    let ids = |link: &Json| {
        let id = |name: &str| link[name].as_str().filter(|id| !id.is_empty()).map(str::to_owned);
        Some((id("trace_id")?, id("span_id")?))
    };
    links.iter().filter_map(ids).collect()
}

pub fn is_error(severity: Severity) -> bool {
    severity >= Severity::ERROR
}

/// Fields by these names, or names that end so behind a dot, hold what HTTP answered; the surest first.
const HTTP_STATUS: [&str; 6] =
    ["status_code", "statuscode", "http_status", "status", "response_code", "response_status"];

/// Whether a field of this name holds what HTTP answered.
pub fn is_http_status(name: &str) -> bool {
    place_of_status(name).is_some()
}

fn place_of_status(name: &str) -> Option<usize> {
    let last = last_part(name);
    HTTP_STATUS.iter().position(|known| last.eq_ignore_ascii_case(known))
}

/// What HTTP answered, as the field of the surest name has it: its own before `upstream.status`.
pub fn http_status(parsed: &Parsed) -> Option<i64> {
    let statuses = parsed.fields.iter().filter_map(|field| {
        let place = place_of_status(&field.name)?;
        let status: i64 = match &field.value {
            Value::Int(number) => *number,
            Value::Text(text) => text.parse().ok()?,
            _ => return None,
        };
        let name = field.name.strip_prefix("attributes.").unwrap_or(&field.name);
        let is_of_other = name.contains('.') && !name.starts_with("http.");
        (100..600).contains(&status).then_some((is_of_other, place, status))
    });
    statuses.min_by_key(|&(is_of_other, place, _)| (is_of_other, place)).map(|(.., status)| status)
}

/// Who is on the other side of what an entry tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Other<'p> {
    pub host: &'p str,
    pub kind: NodeKind,
    /// The other side called.
    pub is_caller: bool,
    /// It counts only if it is known to be a service: words of a text may be anything.
    pub must_be_known: bool,
}

/// Names of fields that name the side that is called, joined with the words before them or not.
const CALLED: [&str; 17] = [
    "peer_service",
    "peer.service",
    "upstream_host",
    "upstream_addr",
    "upstream_service",
    "upstream_cluster",
    "target_service",
    "target_host",
    "destination_service",
    "remote_service",
    "server.address",
    "net.peer.name",
    "downstream_service",
    "callee",
    "backend_name",
    "db.host",
    "jdbc_url",
];
/// The same where what is not written as an address may be anything: a module (`target=hyper`), a town (`destination=Berlin`).
const MAY_BE_CALLED: [&str; 5] = ["peer", "upstream", "target", "destination", "backend"];
const CALLER: [&str; 6] =
    ["caller_service", "source_service", "client_service", "from_service", "caller_app", "x-caller"];
const ADDRESSES: [&str; 8] =
    ["url", "uri", "endpoint", "request_url", "target_url", "http.url", "url.full", "rpc.address"];

/// Whom the fields and the text of an entry name.
pub fn others(parsed: &Parsed) -> Vec<Other<'_>> {
    let mut found = Vec::new();
    for field in &parsed.fields {
        let Value::Text(value) = &field.value else { continue };
        let name = field.name.strip_prefix("attributes.").unwrap_or(&field.name);
        let is = |names: &[&str]| names.iter().any(|wanted| name.eq_ignore_ascii_case(wanted));
        let (is_caller, may_be_called) = (is(&CALLER), is(&MAY_BE_CALLED));
        if is_caller || may_be_called || is(&CALLED) || is(&ADDRESSES) && value.contains("://") {
            found.extend(target_of(value).map(|target| Other {
                host: target.host,
                kind: target.kind,
                is_caller,
                must_be_known: may_be_called && !is_written_as_address(value, target.host),
            }));
        }
    }
    if found.is_empty() {
        in_text(parsed, &mut found);
    }
    found
}

/// With a scheme, a port, or dots as names of hosts have them: no word, no version, no class.
fn is_written_as_address(value: &str, host: &str) -> bool {
    let is_name = || {
        host.rsplit_once('.').is_some_and(|(_, end)| {
            let has = |is: fn(&u8) -> bool| end.bytes().any(|byte| is(&byte));
            // `OrderService` is no end of a host's name.
            has(u8::is_ascii_lowercase) != has(u8::is_ascii_uppercase)
        })
    };
    value.contains("://") || has_port(value.trim()) || is_number_of_host(host) || is_name()
}

fn is_number_of_host(host: &str) -> bool {
    host.parse::<std::net::IpAddr>().is_ok()
}

/// `http://cart/items`, `jdbc:…`, and `cart:8080` where such a service is known. Hosts of the internet are named in texts for many
/// reasons (`see https://docs.…`): unless a call is told of, they must be known as well.
fn in_text<'p>(parsed: &'p Parsed, found: &mut Vec<Other<'p>>) {
    /// A page of text has no more calls to tell.
    const MOST_BYTES: usize = 2000;
    let (mut before, mut before_that) = ("", "");
    for word in beginning(&parsed.message, MOST_BYTES)
        .split([' ', ',', '(', ')', '[', ']', '<', '>', '"', '\'', '=', '\n', '\t'])
    {
        if word.is_empty() {
            continue;
        }
        let is_url = word.contains("://");
        let is_socket = !is_url && has_port(word);
        if (is_url || is_socket) && !is_own(before) {
            let is_caller =
                matches!(before.to_ascii_lowercase().as_str(), "from" | "by" | "client" | "caller" | "source");
            let target = target_of(word.trim_end_matches(['.', ':', ';']));
            // `Main.java:57` looks like the socket of somebody else.
            let target = target.filter(|target| is_url || target.kind != NodeKind::Host);
            found.extend(target.map(|target| Other {
                host: target.host,
                kind: target.kind,
                is_caller,
                must_be_known: target.kind != NodeKind::Host
                    || !is_number_of_host(target.host) && !is_call(before_that, before) && !tells_of_call(parsed),
            }));
        }
        (before_that, before) = (before, word);
    }
}

/// Whether the words before an address say that it is called: `GET https://…`, `request to https://…`.
fn is_call(before_that: &str, before: &str) -> bool {
    const METHODS: [&str; 7] = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];
    const VERBS: [&str; 16] = [
        "call",
        "calling",
        "called",
        "request",
        "requesting",
        "requested",
        "fetch",
        "fetching",
        "fetched",
        "connect",
        "connecting",
        "connected",
        "connection",
        "posting",
        "sending",
        "sent",
    ];
    let is = |word: &str, words: &[&str]| words.iter().any(|wanted| word.eq_ignore_ascii_case(wanted));
    let verb = if is(before, &["to", "with"]) { before_that } else { before };
    METHODS.contains(&before) || is(verb.trim_end_matches(':'), &VERBS)
}

/// How long it took or how it ended, and of no request that the service itself answers: addresses in that are of whoever sent it.
fn tells_of_call(parsed: &Parsed) -> bool {
    method_and_path(parsed).is_none() && (duration_of(&parsed.fields).is_some() || http_status(parsed).is_some())
}

fn beginning(text: &str, most_bytes: usize) -> &str {
    let end = (0..=most_bytes.min(text.len())).rev().find(|&at| text.is_char_boundary(at));
    &text[..end.unwrap_or(0)]
}

/// What a service says of itself: `listening on cart:8080`.
fn is_own(word_before: &str) -> bool {
    matches!(
        word_before.to_ascii_lowercase().as_str(),
        "on" | "host" | "listening" | "bind" | "bound" | "address" | "self"
    )
}

fn has_port(word: &str) -> bool {
    word.split_once(':').is_some_and(|(host, port)| {
        let port = port.split('/').next().unwrap_or_default().trim_end_matches(['.', ';', ':']);
        host.bytes().any(|byte| byte.is_ascii_alphabetic())
            && (2..=5).contains(&port.len())
            && port.bytes().all(|byte| byte.is_ascii_digit())
    })
}

/// A topic or queue that an entry reads from or writes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Topic<'p> {
    pub name: &'p str,
    pub is_read: bool,
}

const TOPICS: [&str; 6] =
    ["topic", "queue", "exchange", "routing_key", "messaging.destination", "messaging.destination.name"];
const WRITES: [&str; 12] = [
    "publish",
    "published",
    "publishing",
    "sent",
    "sending",
    "send",
    "produced",
    "producing",
    "enqueued",
    "enqueue",
    "emitted",
    "dispatched",
];
const READS: [&str; 11] = [
    "receive",
    "received",
    "receiving",
    "consume",
    "consumed",
    "consuming",
    "polled",
    "poll",
    "dequeued",
    "handling",
    "fetched",
];

pub fn topic_of(parsed: &Parsed) -> Option<Topic<'_>> {
    /// What is done is said first.
    const MOST_BYTES: usize = 300;
    let message = &parsed.message;
    let lower = beginning(message, MOST_BYTES).to_ascii_lowercase();
    let mut words = lower.split(|c: char| !c.is_ascii_alphabetic());
    let is_read = words.find_map(|word| match word {
        _ if READS.contains(&word) => Some(true),
        _ if WRITES.contains(&word) => Some(false),
        _ => None,
    })?;
    let in_fields = parsed.fields.iter().find_map(|field| match &field.value {
        Value::Text(value) if TOPICS.iter().any(|topic| field.name.eq_ignore_ascii_case(topic)) => Some(&**value),
        _ => None,
    });
    let name = in_fields.or_else(|| {
        [" topic ", " queue ", " exchange "].iter().find_map(|word| {
            let at = lower.find(word)? + word.len();
            let rest = message[at..].trim_start_matches(['\'', '"', '`', '[', ':', '=']);
            let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/')));
            Some(rest[..end.unwrap_or(rest.len())].trim_end_matches('.')).filter(|name| name.len() > 1)
        })
    })?;
    Some(Topic { name, is_read })
}

/// The request line that an entry tells of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestLine {
    /// Of method and path.
    pub hash: u64,
    /// Its path says no more than a route: many requests have it.
    pub is_route: bool,
}

pub fn request_line_of(parsed: &Parsed) -> Option<RequestLine> {
    let (method, path) = method_and_path(parsed)?;
    let is_route = !path.bytes().any(|byte| byte.is_ascii_digit());
    Some(RequestLine { hash: hash_of(format!("{method} {path}").as_bytes()), is_route })
}

/// The route of a request that an entry tells of: a hash of it and the method.
pub fn route_line_of(parsed: &Parsed) -> Option<u64> {
    let (method, path) = method_and_path(parsed)?;
    Some(hash_of(format!("{method} {}", route_of(path)).as_bytes()))
}

fn method_and_path(parsed: &Parsed) -> Option<(&str, &str)> {
    let text = |wanted: &[&str]| {
        parsed.fields.iter().find_map(|field| {
            let Value::Text(value) = &field.value else { return None };
            let last = last_part(&field.name);
            wanted.iter().any(|name| last.eq_ignore_ascii_case(name)).then_some(&**value)
        })
    };
    let method = text(&["method", "http_method", "verb", "request_method"])?;
    let path = text(&["path", "uri", "url", "request_uri", "request_path", "url_path"])?;
    path.starts_with('/').then_some((method, path))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::Formats;

    fn parsed(line: &str) -> Parsed {
        let formats = Formats::builtin_of(&["json", "logfmt"]);
        let id = formats.id(if line.starts_with('{') { "json" } else { "logfmt" });
        formats.parse(id, line)
    }

    #[test]
    fn the_other_side_is_named_by_fields_and_text() {
        let check = |line: &str, host: &str, is_caller: bool| {
            let parsed = parsed(line);
            let found = others(&parsed);
            assert_eq!(
                found.iter().map(|other| (other.host, other.is_caller)).collect::<Vec<_>>(),
                [(host, is_caller)],
                "{line}"
            );
        };
        check("msg=\"call finished\" peer=inventory:9090", "inventory", false);
        check("msg=x url=http://payment:8443/charges", "payment", false);
        check(r#"{"msg":"Call to inventory:9090 Commit finished"}"#, "inventory", false);
        check(r#"{"msg":"request from cart:8080."}"#, "cart", true);
        assert_eq!(others(&parsed(r#"{"msg":"listening on cart:8080, see Main.java:x"}"#)), []);
        assert_eq!(others(&parsed(r#"{"msg":"x","url":"/charges"}"#)), []);
    }

    #[test]
    fn a_word_that_may_be_anything_must_be_known_to_be_a_service() {
        let check = |line: &str, expected: &[(&str, bool)]| {
            let parsed = parsed(line);
            let found: Vec<_> = others(&parsed).iter().map(|other| (other.host, other.must_be_known)).collect();
            assert_eq!(found, expected, "{line}");
        };
        for word in ["hyper", "Berlin", "v1.2.3", "com.shop.OrderService"] {
            check(&format!(r#"{{"msg":"x","target":"{word}"}}"#), &[(word, true)]);
        }
        check(r#"{"msg":"x","target":"shop_api::orders"}"#, &[]);
        for (written, host) in [
            ("stock:9090", "stock"),
            ("grpc://stock", "stock"),
            ("stock.shop.svc.cluster.local", "stock.shop.svc.cluster.local"),
            ("10.0.3.7", "10.0.3.7"),
            ("10.0.3.7:80", "10.0.3.7"),
            ("api.stripe.com", "api.stripe.com"),
        ] {
            check(&format!(r#"{{"msg":"x","upstream":"{written}"}}"#), &[(host, false)]);
        }
        check(r#"{"msg":"x","peer_service":"stock"}"#, &[("stock", false)]);
    }

    #[test]
    fn a_host_of_the_internet_in_a_text_is_called_only_where_a_call_is_told_of() {
        let check = |line: &str, expected: &[(&str, bool)]| {
            let parsed = parsed(line);
            let found: Vec<_> = others(&parsed).iter().map(|other| (other.host, other.must_be_known)).collect();
            assert_eq!(found, expected, "{line}");
        };
        check(r#"{"msg":"deprecated, see https://docs.jboss.org/hibernate for details"}"#, &[("docs.jboss.org", true)]);
        check(
            r#"{"msg":"no <beans xmlns=\"http://www.springframework.org/schema\">"}"#,
            &[("www.springframework.org", true)],
        );
        for told in [
            r#"{"msg":"POST https://api.stripe.com/v1"}"#,
            r#"{"msg":"request to https://api.stripe.com/v1 failed"}"#,
            r#"{"msg":"answer of https://api.stripe.com/v1","duration_ms":7}"#,
            r#"{"msg":"answer of https://api.stripe.com/v1","status":502}"#,
        ] {
            check(told, &[("api.stripe.com", false)]);
        }
        // A request that is answered was sent from there.
        check(
            r#"{"msg":"served, from page https://www.shop.com/start","method":"GET","path":"/a","status":200}"#,
            &[("www.shop.com", true)],
        );
        check(r#"{"msg":"trying http://10.0.3.7:80/x"}"#, &[("10.0.3.7", false)]);
    }

    #[test]
    fn a_field_is_a_status_by_its_last_name_and_its_number() {
        assert!(["status", "http.response.status_code", "http.statusCode"].into_iter().all(is_http_status));
        assert!(!["duration", "status.text", "exit_status_of"].into_iter().any(is_http_status));
        let check = |line: &str, expected: Option<i64>| assert_eq!(http_status(&parsed(line)), expected, "{line}");
        check("msg=x status=503", Some(503));
        check(r#"{"msg":"x","status":"paid","http":{"response":{"status_code":404}}}"#, Some(404));
        check(r#"{"msg":"x","upstream":{"status":502},"status":"200"}"#, Some(200));
        check(r#"{"msg":"x","res":{"statusCode":500}}"#, Some(500));
        check(r#"{"msg":"x","rpc.grpc.status_code":13,"status":7}"#, None);
    }

    #[test]
    fn topics_are_read_or_written() {
        let check = |line: &str, wanted: Option<(&str, bool)>| {
            let parsed = parsed(line);
            assert_eq!(topic_of(&parsed).map(|topic| (topic.name, topic.is_read)), wanted, "{line}");
        };
        check("msg=\"message published\" topic=orders", Some(("orders", false)));
        check(r#"{"msg":"Received order 7 from queue orders, attempt 1"}"#, Some(("orders", true)));
        check(r#"{"msg":"Queue orders is behind"}"#, None);
    }

    #[test]
    fn a_name_is_the_beginning_of_the_first_line() {
        assert_eq!(name_of("GET /cart\nHost: shop"), "GET /cart");
        assert_eq!(name_of(&"ü".repeat(200)), "ü".repeat(MOST_NAME_CHARS));
        assert_eq!(name_of(""), "");
    }

    #[test]
    fn operations_differ_by_words_and_not_by_values() {
        assert_eq!(
            operation_of("Captured payment 7f2e for order 12"),
            operation_of("Captured payment 9a11 for order 4")
        );
        assert_ne!(operation_of("Captured payment"), operation_of("Authorising payment"));
    }
}
