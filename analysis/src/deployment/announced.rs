//! Messages with which something starts a version: `inventory 2.14.0 started`, `Starting shop v1.2.3`, `pulled image "repo/cart:7.1"`,
//! `库存服务 2.14.0 已启动`, `Scaled up replica set cart-5c67c48447 to 1`, `upgraded glibc (2.38-1 -> 2.39-1)`.

use crate::topology::names::replica_set;

/// One of these is in a message that tells of a start, in any case: in English,
const STARTS: &[&str] = &[
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
    "upgrade",
    "upgraded",
    "upgrading",
    "updated",
    "released",
    "rollout",
    "running",
    "initialized",
    "image",
    "listening",
    "replica",
];

/// in German, French, Spanish, Portuguese, Italian, Dutch, Polish and Russian,
const STARTS_ELSEWHERE: &[&str] = &[
    "gestartet",
    "startet",
    "starte",
    "neustart",
    "bereitgestellt",
    "aktualisiert",
    "démarré",
    "démarrée",
    "démarrage",
    "redémarré",
    "déployé",
    "déployée",
    "lancé",
    "iniciado",
    "iniciada",
    "iniciando",
    "arrancado",
    "desplegado",
    "actualizado",
    "implantado",
    "implantada",
    "atualizado",
    "avviato",
    "avviata",
    "avvio",
    "distribuito",
    "gestart",
    "bijgewerkt",
    "uruchomiono",
    "uruchomiony",
    "wdrożono",
    "запущен",
    "запущена",
    "запуск",
    "запускается",
    "развёрнут",
    "обновлён",
];

/// and in Chinese, Japanese and Korean, which put no spaces between words.
const STARTS_WITHIN: &[&str] =
    &["启动", "部署", "发布", "上线", "起動", "開始", "デプロイ", "リリース", "시작", "배포"];

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

/// Between a version and the one that takes its place;
const ARROWS: [&str; 3] = ["->", "→", "=>"];

/// but with this word between them two numbers may be anything: a price changes so too.
const TO: &str = "to";

/// A version follows these.
const MARKS: [&str; 3] = ["version", "release", "build"];

/// Longer messages are no announcements.
const MOST_BYTES: usize = 600;

/// What a message announces the start of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Announced<'m> {
    /// Where the message names it; else what wrote it.
    pub of: Option<&'m str>,
    /// What ran before, where the message says that.
    pub from: Option<&'m str>,
    pub version: &'m str,
}

/// Whether messages with this text in them, whatever their values, may announce a version; to be asked of a template or a shape.
pub fn may_announce(text: &str) -> bool {
    text.len() <= MOST_BYTES
        && (text.split(|c: char| !c.is_alphanumeric()).any(is_start)
            || !text.is_ascii() && STARTS_WITHIN.iter().any(|word| text.contains(word)))
}

pub fn announced(message: &str) -> Option<Announced<'_>> {
    let line = message.lines().next()?;
    if !may_announce(line) {
        return None;
    }
    let words: Vec<&str> =
        line.split(|c: char| c.is_whitespace() || is_unspaced(c)).map(bare).filter(|word| !word.is_empty()).collect();
    for (at, word) in words.iter().enumerate() {
        let before = at.checked_sub(1).map_or("", |before| words[before]);
        if before.eq_ignore_ascii_case("image")
            && let Some((name, tag)) = image(word)
        {
            return Some(Announced { of: Some(name), from: None, version: tag });
        }
        // `Scaled up replica set cart-5c67c48447`: one that is scaled down is of the version before.
        if at >= 2
            && is_one_of(&["replica"], words[at - 2])
            && words[..at - 2].iter().any(|word| is_one_of(&["up", "created"], word))
            && let Some((deployment, template)) = replica_set(word)
        {
            return Some(Announced { of: Some(deployment), from: None, version: template });
        }
        let is_named = is_one_of(&MARKS, before);
        if let Some((from, to)) = replaced(&words[at..], is_named) {
            // `cart from version 1.2.0 to 1.3.0`
            let is_name = |word: &&&str| !is_one_of(&MARKS, word) && !word.eq_ignore_ascii_case("from");
            let name = words[..at].iter().rev().find(is_name).copied().unwrap_or_default();
            // `nginx:amd64 1.26.0-1 1.26.2-1`
            let name = name.split(':').next().filter(|name| !name.is_empty() && !is_start(name));
            return Some(Announced { of: name, from: Some(from), version: to });
        }
        // `on Linux 5.15.0`, but `started on version 2.14.0`.
        let is_beneath = !is_named && at >= 2 && is_one_of(&BENEATH, words[at - 2]);
        let is_of_part = words[at.saturating_sub(BEFORE)..at].iter().any(|word| is_one_of(&PARTS, word));
        let is_of_other = is_one_of(&RUNTIMES, before) || is_beneath || is_of_part;
        let version = unmarked(word);
        let is_marked = is_named || version.len() < word.len();
        if !is_of_other && is_version(version, if is_marked { 2 } else { 3 }) && (is_marked || !is_date(version)) {
            return Some(Announced { of: None, from: None, version });
        }
    }
    None
}

/// Two versions at the beginning of these words, of which the second takes the place of the first. `is_named`: before them is said
/// that the first is a version.
fn replaced<'m>(words: &[&'m str], is_named: bool) -> Option<(&'m str, &'m str)> {
    let (first, rest) = words.split_first()?;
    let is_marked = |word: &str| unmarked(word).len() < word.len();
    let (second, is_said) = match rest {
        [arrow, second, ..] if is_one_of(&ARROWS, arrow) => (second, true),
        [to, mark, second, ..] if is_one_of(&[TO], to) && is_one_of(&MARKS, mark) => (second, true),
        [to, second, ..] if is_one_of(&[TO], to) => (second, is_named || is_marked(first) && is_marked(second)),
        [second, ..] => (second, false),
        [] => return None,
    };
    let (from, to) = (unmarked(first), unmarked(second));
    // Two numbers that follow each other may be anything.
    let n_parts = if is_said { 2 } else { 3 };
    (from != to && is_version(from, n_parts) && is_version(to, n_parts) && !is_date(from)).then_some((from, to))
}

/// Without the letter that says that it is a version.
fn unmarked(word: &str) -> &str {
    word.strip_prefix(['v', 'V']).filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit())).unwrap_or(word)
}

/// The name and the tag of `registry:5000/team/cart:7.1.0`; where there is no other, the beginning of its digest.
pub fn image(text: &str) -> Option<(&str, &str)> {
    let (text, digest) = text.split_once('@').map_or((text, None), |(text, digest)| (text, Some(digest)));
    let name = |path: &'_ str| path.rfind('/').map_or(0, |at| at + 1);
    if let Some((path, tag)) = text.rsplit_once(':') {
        let name = &path[name(path)..];
        let is_tag = !tag.is_empty() && !tag.contains('/') && tag.len() <= 64 && tag != "latest";
        // `localhost:8080` is an address.
        let is_port = !path.contains('/') && tag.bytes().all(|byte| byte.is_ascii_digit());
        if is_tag && !is_port && !name.is_empty() {
            return Some((name, tag));
        }
    }
    let digest = digest?.strip_prefix("sha256:")?;
    let name = text[name(text)..].split(':').next().filter(|name| !name.is_empty())?;
    Some((name, digest.get(..DIGEST_DIGITS)?))
}

/// Of a digest as many digits as tell it from others.
const DIGEST_DIGITS: usize = 12;

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
    is_one_of(STARTS, word)
        || is_one_of(STARTS_ELSEWHERE, word)
        || !word.is_ascii() && STARTS_ELSEWHERE.contains(&word.to_lowercase().as_str())
}

/// Of scripts that put no spaces between words.
fn is_unspaced(c: char) -> bool {
    matches!(c, '\u{3000}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}' | '\u{ff00}'..='\u{ffef}')
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
            assert_eq!(announced(message), Some(Announced { of: None, from: None, version }), "{message}");
        }
    }

    #[test]
    fn what_another_names_is_told_of_that() {
        for (message, of, version) in [
            ("Successfully pulled image \"registry:5000/team/cart:7.1.0\" in 3s", "cart", "7.1.0"),
            ("Scaled up replica set cart-5c67c48447 to 1", "cart", "5c67c48447"),
            ("Scaled up replica set cart-5c67c48447 from 0 to 1", "cart", "5c67c48447"),
            ("Created new replica set \"cart-5c67c48447\"", "cart", "5c67c48447"),
        ] {
            assert_eq!(announced(message), Some(Announced { of: Some(of), from: None, version }), "{message}");
        }
        for message in ["upgraded nginx (1.26.0-1 -> 1.26.2-1)", "upgrade nginx:amd64 1.26.0-1 1.26.2-1"] {
            let told = Announced { of: Some("nginx"), from: Some("1.26.0-1"), version: "1.26.2-1" };
            assert_eq!(announced(message), Some(told), "{message}");
        }
    }

    #[test]
    fn what_another_version_takes_the_place_of_is_named_before_both() {
        for (message, of, from, version) in [
            ("upgraded cart from v1.2.0 to v1.3.0", Some("cart"), "1.2.0", "1.3.0"),
            ("upgraded cart from v1.2 to v1.3", Some("cart"), "1.2", "1.3"),
            ("upgraded cart from version 1.2 to version 1.3", Some("cart"), "1.2", "1.3"),
            ("updated version 1.2.0 to 1.3.0", None, "1.2.0", "1.3.0"),
        ] {
            assert_eq!(announced(message), Some(Announced { of, from: Some(from), version }), "{message}");
        }
    }

    #[test]
    fn a_start_is_told_in_other_languages() {
        for message in [
            "Dienst Lager 2.14.0 gestartet",
            "service stock v2.14.0 démarré",
            "Inventario 2.14.0 iniciado",
            "Сервис склада 2.14.0 запущен",
            "库存服务 2.14.0 已启动",
            "库存服务版本2.14.0启动完成",
            "在庫サービス 2.14.0 を起動しました",
            "재고 서비스 2.14.0 시작",
        ] {
            assert_eq!(announced(message), Some(Announced { of: None, from: None, version: "2.14.0" }), "{message}");
        }
    }

    #[test]
    fn addresses_durations_days_parts_what_is_removed_and_what_runs_a_program_are_no_versions() {
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
            "updated price from 19.99 to 24.99",
            "Scaled down replica set cart-5c67c48447 to 0 from 1",
        ] {
            assert_eq!(announced(message), None, "{message}");
        }
    }
}
