//! What is said of text that reads otherwise than its writer may have meant.

use super::super::level::{Levels, is_level_name, suggestion};
use super::field::leading_name;
use super::{Comparison, Parser};

/// What people write who mean a keyword.
const NEAR_KEYWORDS: &[(&str, &str)] = &[("and", "AND"), ("or", "OR"), ("not", "NOT"), ("&&", "AND"), ("||", "OR")];

impl Parser<'_> {
    pub(super) fn check_stars(&mut self, text: &str, start: usize) {
        if let Some(offset) = text.find('*') {
            let at = start + offset;
            self.problem(at, at + 1, "“*” stands for more only at the end of a word; here it is the character.");
        }
    }

    /// Whether `text` can be a value of this field. What cannot is left out, so that half a word does not empty the view.
    pub(super) fn check_level(&mut self, name: &str, text: &str, start: usize) -> bool {
        if !is_level_name(name) || Levels::read(text).is_some() {
            return true;
        }
        let known = "trace, debug, info, warn, error, fatal";
        let message = match suggestion(text) {
            Some(meant) => format!("“{text}” is no level; it is left out. Did you mean {meant}?"),
            None => format!("“{text}” is no level; it is left out. Levels are {known}."),
        };
        self.problem(start, self.at, message);
        false
    }

    /// Other query languages ask so whether there is a field.
    pub(super) fn hint_at_existence(&mut self, name: &str, text: &str, start: usize) {
        let is_asked = ["has", "exists", "_exists_"].iter().any(|known| name.eq_ignore_ascii_case(known));
        if is_asked && leading_name(text) == Some(text) {
            let message =
                format!("To find entries that have the field {text}, write {text}:* (this looks in a field “{name}”).");
            self.problem(start, self.at, message);
        }
    }

    /// “More” and “less” mean the alphabet where a value is no number.
    pub(super) fn hint_at_text_order(&mut self, name: &str, comparison: Comparison, text: &str, start: usize) {
        let reads_as_number = text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.'));
        if comparison != Comparison::NotEqual && !reads_as_number && !is_level_name(name) {
            let message = format!("“{text}” is no number; values are compared with it by the alphabet.");
            self.problem(start, self.at, message);
        }
    }

    pub(super) fn hint_at_keywords(&mut self, word: &str, start: usize, has_left: bool) {
        let Some(&(_, keyword)) = NEAR_KEYWORDS.iter().find(|(near, _)| word.eq_ignore_ascii_case(near)) else {
            return;
        };
        let has_right = !self.rest().trim_start().is_empty() && !self.rest().trim_start().starts_with(')');
        if has_right && (has_left || keyword == "NOT") {
            let message = format!("“{word}” is searched as text; write {keyword} if you mean the operator.");
            self.problem(start, self.at, message);
        }
    }
}
