//! Which words are people: values under the names that programs have for those they serve, and the first half of mail addresses.

/// What stands behind `=`, and behind `:` where that is sure: a word, or several in quotes, those of JSON in a text as well.
macro_rules! value {
    () => {
        r#"(?:"([^"\\]{2,80})"|'([^'\\]{2,80})'|\\+"([^"\\]{2,80})\\+"|\\*["']?([\w.@+-]+(?:\\\w[\w.@+-]*)*))"#
    };
}

/// What stands behind a name for somebody that is seldom said of anything else: `user=ann`, `"customer_id": "u0817"`, `remoteUser: ann`,
/// `invalid user 'ann'`.
pub(super) const BEHIND_A_NAME: &str = concat!(
    r"(?:(?:(?i:(?:\b|_)(?:(?:end)?user|login|usr|uid)|\b(?:invalid|for) user)|[a-z](?:User|Customer|Client|Account|Member|Owner|Login))",
    r"(?i:[_.-]?(?:name|id|uuid|nr|number|key|ref|code|login))?",
    r"|(?i:(?:\b|_)(?:customer|client|account|member|subscriber|patient|employee|guest|visitor|buyer|seller|sender|recipient",
    r"|author|actor|assignee|owner|principal)[_.-]?(?:name|id|uuid|nr|number|key|ref|code|login)))",
    r#"(?:\\*["']?\s*(?:[=:]=?|!=)\s*"#,
    value!(),
    r"|\s+'([\w.@+-]+(?:\\\w[\w.@+-]*)*))",
);

/// What stands behind a name for somebody that is a word of sentences, too: `customer=u0817`, `"customer": "u0817"`, `owner: "Ann Lee"`, but
/// not `could not receive data from client: Connection reset by peer`.
pub(super) const BEHIND_A_WORD: &str = concat!(
    r"(?i:(?:\b|_)(?:customer|client|account|member|subscriber|patient|employee|guest|visitor|buyer|seller|sender|recipient",
    r"|author|actor|assignee|owner|principal))",
    r#"(?:(?:\\*["']\s*(?:[=:]=?|!=)\s*|\s*(?:[=:]=|!?=)\s*|\s*:)"#,
    value!(),
    r#"|\s*:\s+(?:"([^"\\]{2,80})"|'([^'\\]{2,80})'|\\+"([^"\\]{2,80})\\+"|\\*["']([\w.@+-]+(?:\\\w[\w.@+-]*)*))"#,
    r"|\s+'([\w.@+-]+(?:\\\w[\w.@+-]*)*))",
);

/// What programs write where there is nobody, and what is no name in any language of theirs.
const NOBODY: [&str; 7] = ["null", "none", "nil", "undefined", "true", "false", "anonymous"];

pub(super) fn is_nobody(value: &str) -> bool {
    !value.contains(char::is_alphanumeric) || NOBODY.iter().any(|nobody| value.eq_ignore_ascii_case(nobody))
}

/// Mailboxes of a task, not of a person (RFC 2142 and what is usual beside it), and words that say something else in logs.
const OF_TASKS: [&str; 66] = [
    "abuse",
    "account",
    "accounts",
    "admin",
    "alert",
    "alerts",
    "apache",
    "api",
    "billing",
    "bounce",
    "bounces",
    "contact",
    "daemon",
    "debug",
    "default",
    "deploy",
    "error",
    "errors",
    "fatal",
    "feedback",
    "ftp",
    "git",
    "hello",
    "help",
    "hostmaster",
    "info",
    "jenkins",
    "jobs",
    "legal",
    "list",
    "mail",
    "mailer-daemon",
    "marketing",
    "mysql",
    "news",
    "nginx",
    "no-reply",
    "nobody",
    "noc",
    "noreply",
    "office",
    "order",
    "orders",
    "payment",
    "payments",
    "postgres",
    "postmaster",
    "press",
    "privacy",
    "root",
    "runner",
    "sales",
    "security",
    "service",
    "shop",
    "support",
    "system",
    "team",
    "test",
    "ubuntu",
    "user",
    "warn",
    "warning",
    "webmaster",
    "www",
    "www-data",
];

/// Fewer characters are a word of something else, too often.
const LEAST_CHARS: usize = 3;
/// Of digits alone: fewer count something.
const LEAST_DIGITS: usize = 6;

/// The name before the `@`, without what somebody added to sort mail by (`ann+shop@…`); `None` where it is nobody's.
pub(super) fn person_of_mail(mail: &str) -> Option<&str> {
    let (name, _) = mail.split_once('@')?;
    let name = name.split_once('+').map_or(name, |(name, _)| name);
    let least = if name.bytes().all(|byte| byte.is_ascii_digit()) { LEAST_DIGITS } else { LEAST_CHARS };
    let is_of_task = OF_TASKS.iter().any(|task| name.eq_ignore_ascii_case(task));
    (name.chars().count() >= least && !is_of_task).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_address_is_of_a_person_or_of_a_task() {
        for (mail, person) in [
            ("u085810@example.org", Some("u085810")),
            ("ann.lee+shop@example.org", Some("ann.lee")),
            ("Info@example.org", None),
            ("git@github.com", None),
            ("www-data@web.example.org", None),
            ("al@example.org", None),
            ("1234@example.org", None),
            ("812345@example.org", Some("812345")),
        ] {
            assert_eq!(person_of_mail(mail), person, "{mail}");
        }
    }
}
