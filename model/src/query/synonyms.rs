//! Names that fields have in other logs for the same: who asks for `took` may mean `duration_ms`.

use crate::quantity::unit_of_name;

/// Each row says one thing, as OpenTelemetry, ECS, and the logs of well-known servers and libraries call it; words in small letters.
/// A name is meant that ends so: `http.response.status_code`.
const ALIKE: [&[&str]; 9] = [
    // How long it took.
    &[
        "duration",
        "dur",
        "latency",
        "elapsed",
        "elapsed_time",
        "took",
        "taken",
        "time_taken",
        "response_time",
        "request_time",
        "processing_time",
        "execution_time",
        "total_time",
        "runtime",
        "rt",
    ],
    // How it ended.
    &["status", "status_code", "response_code", "return_code"],
    // Who.
    &["user", "username", "user_name", "user_id", "uid", "usr", "login", "account"],
    // From where.
    &[
        "client",
        "client_ip",
        "clientip",
        "client_address",
        "remote_addr",
        "remote_address",
        "remote_ip",
        "remote_host",
        "source_ip",
        "src_ip",
        "c_ip",
        "peer_ip",
        "ip",
    ],
    // On which machine.
    &["host", "hostname", "host_name", "node", "node_name", "machine", "computer"],
    // What was asked for.
    &["path", "url", "uri", "url_path", "url_full", "request_uri", "uri_stem", "route", "endpoint"],
    &["method", "verb"],
    // What went wrong.
    &["error", "err", "error_message", "exception", "exception_message", "exc"],
    &["thread", "thread_name", "thread_id", "tid"],
];

/// What queries call what every entry has, and what logs write for it. It is in no field of that name: who asks for `msg` means
/// `message`.
const OF_EVERY_ENTRY: [(&str, &[&str]); 4] = [
    ("message", &["msg", "@message", "@msg", "@m", "log.message", "log.msg", "body", "messagetext", "message_text"]),
    (
        "time",
        &[
            "@timestamp",
            "timestamp",
            "ts",
            "@time",
            "@t",
            "datetime",
            "date",
            "asctime",
            "time_stamp",
            "event.time",
            "event_time",
            "log.time",
            "log.timestamp",
            "timegenerated",
        ],
    ),
    (
        "level",
        &[
            "log.level",
            "lvl",
            "levelname",
            "loglevel",
            "log_level",
            "@level",
            "@l",
            "level_name",
            "level.name",
            "severity_text",
            "severitytext",
        ],
    ),
    ("service", &["service.name", "service_name", "servicename"]),
];

/// What every entry has and another name is written for in logs.
///
/// ```
/// use model::query::name_of_every;
/// assert_eq!(name_of_every("@timestamp"), Some("time"));
/// assert_eq!(name_of_every("took"), None);
/// ```
pub fn name_of_every(name: &str) -> Option<&'static str> {
    let is_said = |(_, written): &&(&str, &[&str])| written.iter().any(|word| word.eq_ignore_ascii_case(name));
    OF_EVERY_ENTRY.iter().find(is_said).map(|(own, _)| *own)
}

/// Those of the names that say what `name` says, in their order.
///
/// ```
/// use model::query::alike_names;
/// assert_eq!(alike_names("took", ["path", "duration_ms", "http.response_time"]), ["duration_ms", "http.response_time"]);
/// ```
pub fn alike_names<'n>(name: &str, names: impl IntoIterator<Item = &'n str>) -> Vec<&'n str> {
    let Some(meant) = row_of(name) else { return Vec::new() };
    names.into_iter().filter(|other| row_of(other) == Some(meant)).collect()
}

fn row_of(name: &str) -> Option<usize> {
    let written = words_of(name).join("_");
    let ends_so =
        |known: &&str| written.strip_suffix(*known).is_some_and(|front| front.is_empty() || front.ends_with('_'));
    ALIKE.iter().position(|row| row.iter().any(ends_so))
}

/// The words of a name in small letters, without the unit at its end: `elapsedMs` and `elapsed_ms` are one.
fn words_of(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before = None;
    for c in name.chars() {
        let is_apart = matches!(c, '.' | '_' | '-' | ' ' | '/');
        let begins = c.is_uppercase() && before.is_some_and(|before: char| before.is_lowercase());
        if is_apart || begins {
            words.push(String::new());
        }
        if !is_apart && let Some(word) = words.last_mut() {
            word.extend(c.to_lowercase());
        }
        before = Some(c);
    }
    words.retain(|word| !word.is_empty());
    if words.len() > 1 && words.last().is_some_and(|last| unit_of_name(last).is_some()) {
        words.pop();
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::with_field_renamed;

    #[test]
    fn what_a_log_calls_what_every_entry_has_is_asked_for_by_its_own_name() {
        for (asked, meant) in [
            ("msg:order", "message:order"),
            ("@timestamp>now-1h", "time>now-1h"),
            ("a ts>=2026-11-19", "a time>=2026-11-19"),
            ("log.level:error", "level:error"),
            ("LevelName:warn", "level:warn"),
        ] {
            let name = asked.rsplit(' ').next().and_then(|term| term.split([':', '>']).next()).unwrap();
            let own = name_of_every(name).unwrap();
            assert_eq!(with_field_renamed(asked, name, own), meant);
        }
        for own in ["message", "time", "level", "messages", "user"] {
            assert_eq!(name_of_every(own), None, "{own}");
        }
    }

    #[test]
    fn a_name_that_another_log_has_for_the_same_is_recognised() {
        let alike = |name: &str, other: &str| !alike_names(name, [other]).is_empty();
        for (name, other) in [
            ("took", "duration_ms"),
            ("latency", "event.duration"),
            ("rt", "upstream_response_time"),
            ("elapsed", "elapsedMs"),
            ("status", "http.response.status_code"),
            ("statusCode", "sc-status"),
            ("user", "enduser.user_name"),
            ("ip", "net.peer.ip"),
            ("host", "k8s.node.name"),
            ("url", "cs-uri-stem"),
        ] {
            assert!(alike(name, other) && alike(other, name), "{name} {other}");
        }
        for (name, other) in [
            ("took", "book"),
            ("status", "thermostatus"),
            ("size", "duration"),
            ("time", "duration"),
            ("status", "duration_ms"),
        ] {
            assert!(!alike(name, other), "{name} {other}");
        }
    }
}
