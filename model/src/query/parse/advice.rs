//! What is said of text that reads otherwise than its writer may have meant.

use std::net::IpAddr;

use crate::network::Network;
use crate::say;

use super::super::level::{Levels, is_level_name, suggestion};
use super::super::time::{WrittenTime, is_time_name};
use super::field::leading_name;
use super::{Comparison, Expr, Parser, Test, bare_len};
use crate::quantity::Quantity;

/// What people write who mean a keyword.
const NEAR_KEYWORDS: &[(&str, &str)] = &[("and", "AND"), ("or", "OR"), ("not", "NOT"), ("&&", "AND"), ("||", "OR")];

impl Parser<'_> {
    /// Whether `text` can be a value of this field. What cannot is left out, so that half a word does not empty the view.
    pub(super) fn check_value(&mut self, name: &str, text: &str, start: usize) -> bool {
        let message = if is_level_name(name) && Levels::read(text).is_none() {
            match suggestion(text) {
                Some(meant) => say!("“{text}” is no level; it is left out. Did you mean {meant}?", text, meant),
                None => {
                    say!(
                        "“{text}” is no level; it is left out. Levels are trace, debug, info, warn, error, fatal.",
                        text
                    )
                }
            }
        } else if is_time_name(name) && WrittenTime::read(text).is_none() {
            say!(
                "“{text}” is no time; it is left out. Times are 2026-11-19, 2026-11-19T13:00, now-15m; \
                 a field of that name is .{name}.",
                text,
                name
            )
        } else {
            return true;
        };
        self.problem(start, self.at, message);
        false
    }

    /// Whether the field's values can be asked for by how they begin or look. Times cannot.
    pub(super) fn check_pattern(&mut self, name: &str, start: usize) -> bool {
        if is_time_name(name) {
            let message = say!(
                "Times are compared; this is left out. {name}:2026-11-19 is all of that day, \
                 and a field of that name is .{name}.",
                name
            );
            self.problem(start, self.at, message);
        }
        !is_time_name(name)
    }

    /// A clock that stands apart from its date is a word of its own.
    pub(super) fn hint_at_clock(&mut self, name: &str, date: &str, start: usize) {
        let clock = self.rest().trim_start();
        let at = self.text.len() - clock.len();
        let end = at + bare_len(clock);
        let clock = &self.text[at..end];
        let joint = format!("{date}T{clock}");
        if is_time_name(name) && at > self.at && WrittenTime::read(&joint).is_some() {
            let message = say!("“{clock}” is searched as a word. Write {joint} if you mean that time.", clock, joint);
            self.problem(start, end, message);
        }
    }

    /// Other query languages ask so whether there is a field.
    pub(super) fn hint_at_existence(&mut self, name: &str, text: &str, start: usize) {
        let is_asked = ["has", "exists", "_exists_"].iter().any(|known| name.eq_ignore_ascii_case(known));
        if is_asked && leading_name(text) == Some(text) {
            let message = say!(
                "To find entries that have the field {text}, write {text}:* (this looks in a field “{name}”).",
                text,
                name
            );
            self.problem(start, self.at, message);
        }
    }

    /// “More” and “less” mean the alphabet where a value is no number.
    pub(super) fn hint_at_text_order(&mut self, name: &str, comparison: Comparison, text: &str, start: usize) {
        let is_ranked = is_level_name(name) || is_time_name(name);
        if comparison != Comparison::NotEqual && !is_ranked && !reads_as_number(text) {
            let message = say!("“{text}” is no number; values are compared with it by the alphabet.", text);
            self.problem(start, self.at, message);
        }
    }

    /// Other languages take values beside each other for alternatives; here all of them must be there.
    pub(super) fn hint_at_several_values(&mut self, name: &str, start: usize, values: Option<&Expr>) {
        let says_so = |text: &str| text.split_whitespace().any(|word| word.eq_ignore_ascii_case("and"));
        if !name.eq_ignore_ascii_case("message")
            && values.is_some_and(wants_several_values)
            && !says_so(&self.text[start..self.at])
        {
            let message =
                say!("All of these must be in {name}. Write OR between them where one of them is enough.", name);
            self.problem(start, self.at, message);
        }
    }

    /// `"a b"~2`: how far apart words are cannot be asked for.
    pub(super) fn leave_out_distance(&mut self) {
        let after = self.rest().strip_prefix('~').unwrap_or_default();
        let n_digits = after.bytes().take_while(u8::is_ascii_digit).count();
        if n_digits > 0 {
            let start = self.at;
            self.at += 1 + n_digits;
            self.problem(start, self.at, say!("Words in quotes stand beside each other; their distance is left out."));
        }
    }

    /// Other languages have `?` for any character, `~` for words that are alike; here they are text, and so is what is no network.
    pub(super) fn hint_at_signs(&mut self, name: &str, text: &str, start: usize) {
        let message = if let Some(head) = fuzzy_head(text) {
            say!("“~” is searched as it stands; values that begin so are {name}:{head}*.", name, head)
        } else if text.contains('?') && !text.contains(['/', '=', '&', ':']) {
            let instead = text.replace('?', "*");
            say!("“?” is searched as it stands; * stands for any characters: {name}:{instead}", name, instead)
        } else if is_nearly_network(text) {
            say!(
                "“{text}” is no network; it is searched as text. Networks have up to 32 bits, those of IPv6 128.",
                text
            )
        } else {
            return;
        };
        self.problem(start, self.at, message);
    }

    pub(super) fn hint_at_signs_of_word(&mut self, word: &str, start: usize) {
        let message = if let Some(head) = fuzzy_head(word) {
            say!("“~” is searched as it stands; words that begin so are {head}*.", head)
        } else if Network::read(word).is_some() {
            say!("“{word}” is searched as text; its addresses are found in a field: client:{word}", word)
        } else {
            return;
        };
        self.problem(start, self.at, message);
    }

    pub(super) fn hint_at_quoted_network(&mut self, text: &str, start: usize) {
        if Network::read(text).is_some() {
            let message = say!("In quotes “{text}” is text; without them it is all addresses in that network.", text);
            self.problem(start, self.at, message);
        }
    }

    /// SQL asks so for one of several values.
    fn hint_at_list(&mut self, word: &str, start: usize) {
        let stands_before_list = word.eq_ignore_ascii_case("in") && self.rest().trim_start().starts_with('(');
        if stands_before_list || word.starts_with("IN(") {
            let message = say!("“IN” is searched as text; one of several values is status:(404 OR 503).");
            self.problem(start, self.at, message);
        }
    }

    pub(super) fn hint_at_keywords(&mut self, word: &str, start: usize, has_left: bool) {
        if has_left {
            self.hint_at_list(word, start);
        }
        let Some(&(_, keyword)) = NEAR_KEYWORDS.iter().find(|(near, _)| word.eq_ignore_ascii_case(near)) else {
            return;
        };
        let has_right = !self.rest().trim_start().is_empty() && !self.rest().trim_start().starts_with(')');
        if has_right && (has_left || keyword == "NOT") {
            let message =
                say!("“{word}” is searched as text; write {keyword} if you mean the operator.", word, keyword);
            self.problem(start, self.at, message);
        }
    }
}

/// Whether an entry must have two values of one field at once.
fn wants_several_values(expr: &Expr) -> bool {
    let is_value = |part: &&Expr| matches!(part, Expr::Field { test: Test::Is(_), .. });
    match expr {
        Expr::And(parts) => parts.iter().filter(is_value).count() > 1,
        Expr::Or(parts) => parts.iter().any(wants_several_values),
        _ => false,
    }
}

/// `roam` of `roam~` and of `roam~2`.
fn fuzzy_head(text: &str) -> Option<&str> {
    let (head, distance) = text.rsplit_once('~')?;
    let is_distance = distance.len() < 2 && distance.bytes().all(|byte| byte.is_ascii_digit());
    (is_distance && !head.is_empty() && head.chars().all(char::is_alphanumeric)).then_some(head)
}

/// `10.0.0.0/40`
fn is_nearly_network(text: &str) -> bool {
    let Some((address, n_bits)) = text.split_once('/') else { return false };
    let is_number = !n_bits.is_empty() && n_bits.bytes().all(|byte| byte.is_ascii_digit());
    is_number && address.parse::<IpAddr>().is_ok() && Network::read(text).is_none()
}

/// As a whole, with a unit or without: not `5x0`.
fn reads_as_number(text: &str) -> bool {
    let is_plain = || text.bytes().any(|byte| byte.is_ascii_digit()) && text.parse::<f64>().is_ok();
    is_plain() || Quantity::read(text).is_some()
}
