//! Messages with which something starts a version: `inventory 2.14.0 started`, `Starting shop v1.2.3`, `pulled image "repo/cart:7.1"`.

/// One of these is in a message that tells of a start, in any case.
const STARTS: [&str; 20] = [
    "start",
    "started",
    "starting",
    "boot",
    "booted",
    "booting",
    "launched",
    "launching",
    "deployed",
    "deploying",
    "deploy",
    "upgraded",
    "upgrading",
    "updated",
    "released",
    "rollout",
    "running",
    "initialized",
    "image",
    "listening",
];

/// What runs a program has a version too; it stands behind these.
const RUNTIMES: [&str; 12] =
    ["java", "jdk", "openjdk", "python", "node", "nodejs", "go", "golang", "ruby", "php", "kernel", "using"];

/// With one of these shortly before it a version is not the service's, but that of what it runs on,
const BENEATH: [&str; 7] = ["on", "using", "with", "under", "via", "by", "against"];

/// or of a part of it.
const PARTS: [&str; 10] =
    ["embedded", "bundled", "plugin", "driver", "schema", "migration", "protocol", "library", "tls", "ssl"];

/// So many words before.
const BEFORE: usize = 3;

/// Longer messages are no announcements.
const MOST_BYTES: usize = 600;

/// Whether messages with this text in them, whatever their values, may announce a version; to be asked of a template or a shape.
pub fn may_announce(text: &str) -> bool {
    text.len() <= MOST_BYTES && text.split(|c: char| !c.is_ascii_alphanumeric()).any(is_start)
}

/// Of what a message announces the start, if it names that (an image), and which version.
pub fn announced(message: &str) -> Option<(Option<&str>, &str)> {
    let line = message.lines().next()?;
    if !may_announce(line) {
        return None;
    }
    let words: Vec<&str> = line.split_ascii_whitespace().map(bare).filter(|word| !word.is_empty()).collect();
    for (at, word) in words.iter().enumerate() {
        let before = at.checked_sub(1).map_or("", |before| words[before]);
        if before.eq_ignore_ascii_case("image")
            && let Some((name, tag)) = image(word)
        {
            return Some((Some(name), tag));
        }
        let is_named = is_one_of(&["version", "release", "build"], before);
        // `on Linux 5.15.0`, but `started on version 2.14.0`.
        let is_beneath = !is_named && at >= 2 && is_one_of(&BENEATH, words[at - 2]);
        let is_of_part = words[at.saturating_sub(BEFORE)..at].iter().any(|word| is_one_of(&PARTS, word));
        let is_of_other = is_one_of(&RUNTIMES, before) || is_beneath || is_of_part;
        let version = word.strip_prefix(['v', 'V']).filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
        let is_marked = is_named || version.is_some();
        let version = version.unwrap_or(word);
        if !is_of_other && is_version(version, if is_marked { 2 } else { 3 }) && (is_marked || !is_date(version)) {
            return Some((None, version));
        }
    }
    None
}

/// The name and the tag of `registry:5000/team/cart:7.1.0`; what a digest alone tells is left out.
pub fn image(text: &str) -> Option<(&str, &str)> {
    let text = text.split('@').next()?;
    let (path, tag) = text.rsplit_once(':')?;
    let name = path.rsplit('/').next().filter(|name| !name.is_empty())?;
    let is_tag = !tag.is_empty() && !tag.contains('/') && tag.len() <= 64 && tag != "latest";
    // `localhost:8080` is an address.
    let is_port = !path.contains('/') && tag.bytes().all(|byte| byte.is_ascii_digit());
    (is_tag && !is_port).then_some((name, tag))
}

/// Numbers with dots between them, at least so many, and what may follow: `2.14.0`, `7.1-rc1`.
pub fn is_version(text: &str, n_parts: usize) -> bool {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (numbers, rest) = text.split_at(end);
    let parts: Vec<&str> = numbers.split('.').collect();
    let is_address = parts.len() == 4 && rest.is_empty() && parts.iter().all(|part| part.parse::<u8>().is_ok());
    parts.len() >= n_parts
        && parts.iter().all(|part| !part.is_empty() && part.len() <= 8)
        && (rest.is_empty() || rest.starts_with(['-', '+', '_']) && rest.len() <= 40)
        && !is_address
}

/// `2026.11.20`: nothing but a day.
fn is_date(text: &str) -> bool {
    let parts: Vec<Option<u16>> = text.split('.').map(|part| part.parse().ok()).collect();
    matches!(parts[..], [Some(1970..=2099), Some(1..=12), Some(1..=31)])
}

fn is_start(word: &str) -> bool {
    is_one_of(&STARTS, word)
}

fn is_one_of(known: &[&str], word: &str) -> bool {
    known.iter().any(|known| word.eq_ignore_ascii_case(known))
}

/// Without quotes, brackets and what ends a sentence.
fn bare(word: &str) -> &str {
    word.trim_matches(|c: char| matches!(c, '"' | '\'' | '(' | ')' | '[' | ']' | ',' | ';' | '!' | '.' | ':' | '`'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_starts_says_its_version() {
        for (message, version) in [
            ("inventory 2.14.0 started, listening on port 9090", "2.14.0"),
            ("Starting ShopApplication v1.2 using Java 17.0.2 with PID 7", "1.2"),
            ("Starting nginx version 1.25.3.", "1.25.3"),
            ("deployed release 2026.11.20-rc1", "2026.11.20-rc1"),
            ("deployed release 2026.11.20", "2026.11.20"),
            ("started on version 2.14.0 with TLS 1.2", "2.14.0"),
        ] {
            assert_eq!(announced(message), Some((None, version)), "{message}");
        }
        assert_eq!(
            announced("Successfully pulled image \"registry:5000/team/cart:7.1.0\" in 3s"),
            Some((Some("cart"), "7.1.0"))
        );
    }

    #[test]
    fn addresses_durations_days_parts_and_what_runs_a_program_are_no_versions() {
        for message in [
            "started listening on 10.0.0.1",
            "Started ShopApplication in 2.345 seconds",
            "Starting ShopApplication using Java 17.0.2 on host",
            "request of 2.14.0 served",
            "running image localhost:8080",
            "starting job 17",
            "Running on Linux 5.15.0-91-generic",
            "Starting embedded Postgres 15.2.1",
            "Flyway updated schema to version 1.12",
            "job started at 2026.11.20",
        ] {
            assert_eq!(announced(message), None, "{message}");
        }
    }
}
