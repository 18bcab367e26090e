//! Which words are machines: values under the names that programs have for one, and dotted names that end as those of hosts do.

use std::ops::Range;

use super::known::is_number;
use super::people::is_nobody;

/// What programs call a machine; each row of names as in `model::query::alike_names`.
macro_rules! machine {
    () => {
        concat!(
            r"(?:(?i:(?:\b|_)(?:v?host|node|machine|computer|server|instance))|[a-z](?:Host|Node|Machine|Computer|Server|Instance))",
            r"(?i:[_.-]?(?:name|id|addr(?:ess)?))?",
        )
    };
}

macro_rules! value {
    () => {
        r"(\w(?:[\w.-]*\w)?)"
    };
}

/// What stands behind `=` or in quotes: `host=web-1`, `"server": "db-7"`, `node.name = mars`.
pub(super) const BEHIND_A_NAME: &str = concat!(
    machine!(),
    r#"(?:\\*["']\s*(?:[=:]=?|!=)\s*\\*["']?|\s*(?:[=:]=|!?=)\s*\\*["']?|\s*:\s*\\*["'])"#,
    value!(),
);

/// What stands behind a colon, or in a sentence, where it has the form of a host's name: `hostname: web01`, `node:db-7`, `on host web01`,
/// but not `server: 3 items`.
pub(super) const BEHIND_A_COLON: &str = concat!(
    r"(?:(?i:(?:\b|_)(?:host|host[_.-]?name|(?:node|server|machine|computer|instance)[_.-]?name))\s*:\s+|",
    machine!(),
    r":|(?i:\b(?:at|on|from|to) host\s+))",
    value!(),
);

/// `db-7.corp.internal`, `shop.example.com`.
pub(super) const DOTTED: &str = concat!(
    r"(?i)\b[a-z0-9_-]*[a-z0-9](?:\.[a-z0-9_-]*[a-z0-9])*\.(?:internal|intranet|localdomain|local|lan|corp|arpa|com|org|net|edu|gov|io",
    r"|dev|cloud|eu|de|uk|fr|nl|ch|jp|cn|ru|br|ca|au)\b",
);

/// Names end so in networks of one's own, and little else does.
const PRIVATE_ENDINGS: [&str; 6] = ["internal", "intranet", "localdomain", "local", "lan", "corp"];

/// One name before them is enough to be a host's; before others it may be a library's or a file's (`socket.io`, `java.net`).
const USUAL_ENDINGS: [&str; 2] = ["com", "org"];

/// Packages of programs begin so: `com.example.net`.
const PACKAGES: [&str; 10] = ["com", "org", "net", "io", "java", "javax", "jdk", "sun", "system", "github"];

/// Names of labels, the same in every cluster.
const OF_EVERYBODY: [&str; 2] = ["kubernetes.io", "k8s.io"];

/// What such a pattern alone cannot tell.
pub(super) fn is_host(pattern: &str, text: &str, range: Range<usize>) -> bool {
    let (value, before, after) = (&text[range.clone()], &text[..range.start], &text[range.end..]);
    match pattern {
        BEHIND_A_NAME => is_value(value, after),
        BEHIND_A_COLON => is_value(value, after) && has_form(value),
        DOTTED => is_dotted_host(value, before, after),
        _ => true,
    }
}

/// Whether a field of that name may say so in a word that stands for other things in its entry, too.
pub(super) fn may_be_a_word(name: &str, value: &str) -> bool {
    let last = name.rsplit(['.', '_', '-']).next().unwrap_or(name);
    let is_sure = last.to_ascii_lowercase().contains("host") || last.eq_ignore_ascii_case("name");
    let is_of_machine =
        || ["node", "machine", "computer", "server", "instance"].iter().any(|word| last.eq_ignore_ascii_case(word));
    !is_sure && is_of_machine() && value.chars().all(char::is_alphabetic)
}

fn is_value(value: &str, after: &str) -> bool {
    let is_product = || {
        let version = after.strip_prefix('/').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
        version && value.chars().all(char::is_alphabetic)
    };
    !is_number(value) && !is_nobody(value) && !after.starts_with("://") && !after.starts_with('=') && !is_product()
}

/// Letters first, and a digit among them, but no version.
fn has_form(value: &str) -> bool {
    let mut chars = value.chars();
    let first = chars.next();
    let is_version =
        first.is_some_and(|c| c.eq_ignore_ascii_case(&'v')) && chars.all(|c| c.is_ascii_digit() || c == '.');
    first.is_some_and(char::is_alphabetic) && !is_version && value.contains(|c: char| c.is_ascii_digit())
}

fn is_dotted_host(value: &str, before: &str, after: &str) -> bool {
    let labels: Vec<&str> = value.split('.').collect();
    let (Some(first), Some(last)) = (labels.first(), labels.last()) else { return false };
    let is_one_of = |word: &str, list: &[&str]| list.iter().any(|known| word.eq_ignore_ascii_case(known));
    let goes_on = after.starts_with(['-', '(', '='])
        || after.strip_prefix('.').is_some_and(|rest| rest.starts_with(|c: char| c.is_alphanumeric() || c == '_'));
    // `System.Net` is a name of a program.
    let is_title =
        last.starts_with(|c: char| c.is_ascii_uppercase()) && last.contains(|c: char| c.is_ascii_lowercase());
    let is_private = is_one_of(last, &PRIVATE_ENDINGS);
    let is_long = labels.len() > 2 || is_one_of(last, &USUAL_ENDINGS);
    let small = value.to_ascii_lowercase();
    !before.ends_with(['.', '$'])
        && !goes_on
        && !is_title
        && (is_private || is_long)
        && !is_one_of(first, &PACKAGES)
        && !OF_EVERYBODY.iter().any(|known| small.ends_with(known))
}
