//! The request that an entry tells of, as a curl command.

use super::Entry;

/// What is asked for, as HTTP servers, proxies and OpenTelemetry call it: the words of a name, or the last of them behind others
/// (`attributes.http.request.method`, `ClientRequestMethod`, `cs-method`). One word alone says so only where it is the whole name:
/// `payment_method` is no method of HTTP.
const METHODS: [&str; 6] = ["method", "verb", "http_method", "request_method", "req_method", "cs_method"];
/// Those that have all of the address come first.
const TARGETS: [&str; 19] = [
    "url_full",
    "url_original",
    "http_url",
    "request_url",
    "req_url",
    "url",
    "http_target",
    "request_uri",
    "request_target",
    "uri",
    "path",
    "target",
    "url_path",
    "http_path",
    "request_path",
    "http_uri",
    "uri_stem",
    "uri_path",
    "req_path",
];
const QUERIES: [&str; 2] = ["url_query", "uri_query"];
/// Never the host that the log was written on, which `host` is.
const HOSTS: [&str; 9] = [
    "http_host",
    "request_host",
    "host_header",
    "cs_host",
    "authority",
    "http_authority",
    "url_domain",
    "vhost",
    "server_address",
];
const SCHEMES: [&str; 5] = ["scheme", "url_scheme", "http_scheme", "request_scheme", "cs_protocol"];

/// The request that the entry tells of, to be made again; `None` where it tells of none.
pub fn entry_as_curl(entry: &Entry) -> Option<String> {
    let named = |names: &[&str]| {
        let value = |name: &&str| {
            let field = entry.fields.iter().find(|field| is_called(&field.name, name))?;
            Some(field.value.to_string()).filter(|value| !matches!(value.as_str(), "" | "-"))
        };
        names.iter().find_map(value)
    };
    let method = named(&METHODS)?;
    let is_method = !method.is_empty() && method.bytes().all(|byte| byte.is_ascii_alphabetic());
    let mut target = named(&TARGETS)?;
    if !target.starts_with('/') && !target.contains("://") {
        return None;
    }
    if !target.contains('?')
        && let Some(query) = named(&QUERIES)
    {
        target += &format!("?{}", query.trim_start_matches('?'));
    }
    let scheme = named(&SCHEMES).map(|scheme| scheme.to_ascii_lowercase());
    let scheme = scheme.filter(|scheme| matches!(scheme.as_str(), "http" | "https"));
    let url = match (target.contains("://"), named(&HOSTS)) {
        (true, _) => shell_word(&target),
        // Without a scheme curl asks as it asks where none is typed.
        (false, Some(host)) => {
            let scheme = scheme.map(|scheme| format!("{scheme}://")).unwrap_or_default();
            let is_said = |port: &String| !host.contains(':') && !matches!(port.as_str(), "80" | "443");
            let port = named(&["server_port"]).filter(is_said).map(|port| format!(":{port}")).unwrap_or_default();
            shell_word(&format!("{scheme}{host}{port}{target}"))
        }
        // The shell is asked for what the entry does not say.
        (false, None) => format!("\"$HOST\"{}", shell_word(&target)),
    };
    is_method.then(|| format!("curl -X {} {url}", method.to_uppercase()))
}

/// Whether a field's name is `name`, or ends so where that has several words.
fn is_called(field: &str, name: &str) -> bool {
    let written = words_of(field);
    let written = written.strip_prefix("attributes_").unwrap_or(&written);
    let ends_so = || written.strip_suffix(name).is_some_and(|front| front.ends_with('_'));
    written == name || name.contains('_') && ends_so()
}

/// Its words in small letters, with one line between each: `cs(Host)` and `csHost` are `cs_host`.
fn words_of(name: &str) -> String {
    let mut words = String::with_capacity(name.len());
    let mut is_small = false;
    for c in name.chars() {
        let begins = !c.is_alphanumeric() || c.is_uppercase() && is_small;
        if begins && !words.is_empty() && !words.ends_with('_') {
            words.push('_');
        }
        if c.is_alphanumeric() {
            words.extend(c.to_lowercase());
        }
        is_small = c.is_lowercase();
    }
    words.truncate(words.trim_end_matches('_').len());
    words
}

fn shell_word(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entry::{Field, RowKey, Value};
    use crate::severity::Severity;

    fn curl(fields: &[(&str, &str)]) -> Option<String> {
        let field =
            |&(name, value): &(&str, &str)| Field { name: name.to_owned(), value: Value::Text(value.to_owned()) };
        entry_as_curl(&Entry {
            key: RowKey::default(),
            first_line: 1,
            last_line: 1,
            precision: Default::default(),
            naive: false,
            inferred: Default::default(),
            reading: Default::default(),
            severity: Severity::INFO,
            severity_text: String::new(),
            service: String::new(),
            service_rule: String::new(),
            format: String::new(),
            message: String::new(),
            fields: fields.iter().map(field).collect(),
            trace_id: None,
            span_id: None,
            request: None,
            id_flaw: None,
            zone: Default::default(),
            message_highlights: Vec::new(),
            raw_highlights: Vec::new(),
            raw: String::new(),
            part: Default::default(),
            raw_bytes: 0,
        })
    }

    #[test]
    fn a_request_can_be_made_again() {
        let requests: [(&[(&str, &str)], &str); 10] = [
            (&[("http.method", "get"), ("path", "/it's")], r#"curl -X GET "$HOST"'/it'\''s'"#),
            (
                &[("method", "get"), ("http.host", "shop.example"), ("path", "/a?b=1")],
                "curl -X GET 'shop.example/a?b=1'",
            ),
            (&[("method", "GET"), ("url", "http://a/b")], "curl -X GET 'http://a/b'"),
            // The host that the log was written on.
            (&[("host", "lb1"), ("method", "GET"), ("path", "/a")], r#"curl -X GET "$HOST"'/a'"#),
            (
                &[("attributes.http.request.method", "POST"), ("attributes.url.full", "https://a.example/b?c=d")],
                "curl -X POST 'https://a.example/b?c=d'",
            ),
            (
                &[
                    ("attributes.http.request.method", "GET"),
                    ("attributes.server.address", "cart"),
                    ("attributes.server.port", "8080"),
                    ("attributes.url.path", "/b"),
                    ("attributes.url.query", "c=d"),
                    ("attributes.url.scheme", "http"),
                ],
                "curl -X GET 'http://cart:8080/b?c=d'",
            ),
            (
                &[("request.method", "PUT"), ("request.host", "a.example"), ("request.uri", "/b")],
                "curl -X PUT 'a.example/b'",
            ),
            (
                &[
                    ("ClientRequestMethod", "GET"),
                    ("ClientRequestHost", "a.example"),
                    ("ClientRequestURI", "/b"),
                    ("ClientRequestScheme", "https"),
                ],
                "curl -X GET 'https://a.example/b'",
            ),
            (
                &[
                    ("cs-method", "GET"),
                    ("cs(Host)", "d1.example"),
                    ("cs-uri-stem", "/b"),
                    ("cs-uri-query", "-"),
                    ("cs-protocol", "https"),
                ],
                "curl -X GET 'https://d1.example/b'",
            ),
            (&[("http.request.method", "GET"), ("http.request.url", "http://a/b")], "curl -X GET 'http://a/b'"),
        ];
        for (fields, expected) in requests {
            assert_eq!(curl(fields).as_deref(), Some(expected), "{fields:?}");
        }
    }

    #[test]
    fn what_is_no_request_of_http_is_not_made() {
        let others: [&[(&str, &str)]; 5] = [
            &[("method", "; rm"), ("path", "/")],
            &[("method", "GET")],
            &[("payment_method", "card"), ("path", "/a")],
            &[("method", "GET"), ("log.file.path", "/var/log/a.log")],
            &[("method", "open"), ("path", "C:\\x")],
        ];
        for fields in others {
            assert_eq!(curl(fields), None, "{fields:?}");
        }
    }
}
