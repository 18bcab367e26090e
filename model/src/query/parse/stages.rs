//! Reads the stages behind the filter. A stage that cannot be read as meant is left out, so that what is being typed does
//! not empty the view.
//!
//! ```text
//! stages  = { "|" stage }
//! stage   = "count" [ "(" name ")" ] [ by ] | "stats" measures [ by ] | "timeline" [ width ] [ measures ] [ by ]
//!         | ( "top" | "rare" ) [ number ] names | "fields" names | "dedup" [ names ] | "sort" [ "-" ] name …
//!         | "extract" [ name ] ( phrase | regex ) | "where" filter | "limit" number
//! measures = measure { "," measure }         measure = what [ "(" name ")" ] [ "as" name ]
//! by       = "by" names                      names   = name { [ "," ] name }
//! ```

use crate::say;

use super::super::pipe::{Aggregate, DEFAULT_TOP, Extraction, Measure, NAME_KEYWORDS, STAGES, SortKey, Stage, WIDTHS};
use super::Parser;
use crate::quantity::{Quantity, Unit};

/// What people from other tools write.
const ALIASES: &[(&str, &str)] = &[("head", "limit"), ("table", "fields"), ("rex", "extract"), ("parse", "extract")];

impl<'q> Parser<'q> {
    pub(super) fn stages(&mut self) -> Vec<Stage> {
        let mut stages = Vec::new();
        while self.is_at_pipe() {
            let pipe = self.at;
            self.at += 1;
            self.skip_space();
            let start = self.at;
            let word = self.stage_word().to_ascii_lowercase();
            self.at += word.len();
            if word.is_empty() && self.is_at_end() {
                self.problem(pipe, pipe + 1, say!("A “|” needs a stage after it: {}.", STAGES.join(", ")));
                continue;
            }
            let n_problems = self.problems.len();
            stages.extend(self.stage(&word, start));
            self.skip_space();
            if !self.is_at_end() {
                let rest = self.at;
                self.skip_to_pipe();
                let end = rest + self.text[rest..self.at].trim_end().len();
                // What follows a stage that was not read has been told of with it.
                if self.problems.len() == n_problems {
                    self.problem(rest, end, say!("This is no part of “{word}”; it is ignored.", word));
                }
            }
        }
        stages
    }

    /// At the end of a stage. Two pipes in a row begin none.
    fn is_at_end(&self) -> bool {
        self.rest().is_empty() || self.rest().starts_with('|') && !self.rest().starts_with("||")
    }

    fn skip_to_pipe(&mut self) {
        while !self.is_at_end() {
            match self.peek() {
                Some('"') => drop(self.quoted()),
                Some('|') => self.at += 2,
                Some(c) => self.at += c.len_utf8(),
                None => {}
            }
        }
    }

    fn stage_word(&self) -> &'q str {
        let rest = self.rest();
        &rest[..rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len())]
    }

    fn stage(&mut self, word: &str, start: usize) -> Option<Stage> {
        let word = ALIASES.iter().find(|(alias, _)| *alias == word).map_or(word, |(_, stage)| stage);
        let end = self.at;
        Some(match word {
            "count" => {
                let field = self.argument().unwrap_or_default();
                Stage::Stats { measures: vec![Measure { field, ..Measure::count() }], by: self.by() }
            }
            "stats" => {
                let measures = self.measures();
                let by = self.by();
                if measures.is_empty() {
                    self.problem(start, end, say!("“stats” needs a measure, as in stats avg(duration), p95 by path."));
                    return None;
                }
                Stage::Stats { measures, by }
            }
            "timeline" => {
                let width_nanos = self.width();
                let mut measures = self.measures();
                if measures.is_empty() {
                    measures.push(Measure::count());
                }
                Stage::Timeline { width_nanos, measures, by: self.by() }
            }
            "top" | "rare" => {
                let before = self.limit_option().or_else(|| self.number());
                let by = self.by_or_names();
                let n = before.or_else(|| self.limit_option()).unwrap_or(DEFAULT_TOP);
                if by.is_empty() {
                    self.problem(start, end, say!("“{word}” needs a field, as in {word} 20 path.", word));
                    return None;
                }
                if word == "top" { Stage::Top { n, by } } else { Stage::Rare { n, by } }
            }
            "fields" => {
                let names = self.names();
                if names.is_empty() && self.peek() == Some('-') {
                    let message = say!("“fields” names the columns that stay; “-” takes none away. It is left out.");
                    self.problem(start, end, message);
                    return None;
                }
                if names.is_empty() {
                    self.problem(start, end, say!("“fields” needs names, as in fields path, status."));
                    return None;
                }
                Stage::Fields { names }
            }
            "sort" => {
                let by = self.sort_keys();
                if by.is_empty() {
                    self.problem(start, end, say!("“sort” needs a column, as in sort -count."));
                    return None;
                }
                Stage::Sort { by }
            }
            "dedup" => {
                self.skip_space();
                let place = self.at;
                if self.number().is_some_and(|n| n != 1) {
                    let message = say!("“dedup” keeps one row of each value; this number is ignored.");
                    self.problem(place, self.at, message);
                    self.skip_comma();
                }
                Stage::Dedup { by: self.by_or_names() }
            }
            "extract" => return self.extract(start, end),
            "where" => {
                let n_before = self.at;
                let may_call = std::mem::replace(&mut self.may_call, true);
                let condition = self.whole();
                self.may_call = may_call;
                if self.text[n_before..self.at].trim().is_empty() {
                    self.problem(start, end, say!("“where” needs a condition, as in where count>10."));
                    return None;
                }
                Stage::Where(condition)
            }
            "limit" => {
                let Some(n) = self.number() else {
                    self.problem(start, end, say!("“limit” needs a number, as in limit 20."));
                    return None;
                };
                Stage::Limit(n)
            }
            _ => {
                self.unknown_stage(start);
                return None;
            }
        })
    }

    fn unknown_stage(&mut self, start: usize) {
        self.at = start;
        self.skip_to_pipe();
        let text = self.text[start..self.at].trim_end();
        let word = text.split(char::is_whitespace).next().unwrap_or_default();
        let meant = STAGES.iter().find(|stage| {
            let common = stage.bytes().zip(word.bytes()).take_while(|(a, b)| a.eq_ignore_ascii_case(b)).count();
            common >= 2
        });
        let message = match meant {
            Some(meant) => say!("“{word}” is no stage; it is left out. Did you mean {meant}?", word, meant),
            None => say!("“{word}” is no stage; it is left out. Stages are {}.", word, STAGES.join(", ")),
        };
        // At least one character: there is something that is no stage.
        self.problem(start, start + word.len(), message);
    }

    /// The word, if it stands here by itself; it is passed then.
    fn takes_word(&mut self, word: &str) -> bool {
        self.skip_space();
        let is_here = self.stage_word().eq_ignore_ascii_case(word)
            && self.rest()[word.len()..]
                .chars()
                .next()
                .is_none_or(|c| c.is_whitespace() || matches!(c, ',' | '|' | '"'));
        if is_here {
            self.at += word.len();
        }
        is_here
    }

    fn by(&mut self) -> Vec<String> {
        self.skip_space();
        let start = self.at;
        if !self.takes_word("by") {
            return Vec::new();
        }
        let names = self.names();
        if names.is_empty() {
            self.problem(start, start + 2, say!("“by” needs a field, as in by service, level."));
        }
        names
    }

    fn by_or_names(&mut self) -> Vec<String> {
        let names = self.names();
        if names.is_empty() { self.by() } else { names }
    }

    fn names(&mut self) -> Vec<String> {
        let mut names = Vec::new();
        while let Some(name) = self.name() {
            if !names.contains(&name) {
                names.push(name);
            }
            self.skip_comma();
        }
        names
    }

    fn skip_comma(&mut self) {
        self.skip_space();
        if self.peek() == Some(',') {
            self.at += 1;
        }
    }

    /// The name that stands here, bare or in quotes.
    fn name(&mut self) -> Option<String> {
        self.skip_space();
        if self.peek() == Some('"') {
            let name = self.quoted();
            return (!name.is_empty()).then_some(name);
        }
        let rest = self.rest();
        let is_end = |c: char| c.is_whitespace() || matches!(c, ',' | '|' | '"' | '(' | ')');
        let mut end = rest.find(is_end).unwrap_or(rest.len());
        let is_keyword = NAME_KEYWORDS.iter().any(|keyword| rest[..end].eq_ignore_ascii_case(keyword));
        // `limit=5` and `-user` are options of other languages; names like that take quotes.
        let is_option = rest.starts_with('-') || rest[..end].contains('=');
        if end == 0 || is_keyword || is_option {
            return None;
        }
        if Aggregate::read(&rest[..end]).is_some()
            && let Some(called) = rest[end..].strip_prefix('(')
            && let Some(close) = called.find(')')
            && !called[..close].contains(is_end)
        {
            end += 1 + close + 1;
        }
        self.at += end;
        Some(rest[..end].to_owned())
    }

    fn number(&mut self) -> Option<u32> {
        self.skip_space();
        let rest = self.rest();
        let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let stands_alone = rest[end..].chars().next().is_none_or(|c| c.is_whitespace() || c == '|' || c == ',');
        let number = rest[..end].parse().ok().filter(|_| stands_alone)?;
        self.at += end;
        Some(number)
    }

    /// `limit=5`, as Splunk has it.
    fn limit_option(&mut self) -> Option<u32> {
        const OPTION: &str = "limit=";
        self.skip_space();
        let start = self.at;
        let is_here = self.rest().get(..OPTION.len()).is_some_and(|text| text.eq_ignore_ascii_case(OPTION));
        if !is_here {
            return None;
        }
        self.at += OPTION.len();
        let number = self.number();
        if number.is_none() {
            self.at = start;
        }
        number
    }

    fn width(&mut self) -> Option<i64> {
        self.skip_space();
        let rest = self.rest();
        if !rest.starts_with(|c: char| c.is_ascii_digit()) {
            return None;
        }
        let (start, end) = (self.at, rest.find(|c: char| c.is_whitespace() || c == '|').unwrap_or(rest.len()));
        self.at += end;
        let width = read_width(&rest[..end]).filter(|&nanos| nanos > 0);
        if width.is_none() {
            self.problem(start, self.at, say!("A timeline's width is a span of time: 30s, 1m, 1h, 1d."));
        }
        width
    }

    fn measures(&mut self) -> Vec<Measure> {
        let mut measures: Vec<Measure> = Vec::new();
        loop {
            self.skip_space();
            let start = self.at;
            if matches!(self.stage_word().to_ascii_lowercase().as_str(), "by" | "as") {
                return measures;
            }
            let rest = self.rest();
            let is_end = |c: char| c.is_whitespace() || matches!(c, ',' | '|' | '"' | '(' | ')');
            let word = &rest[..rest.find(is_end).unwrap_or(rest.len())];
            if word.is_empty() {
                return measures;
            }
            let Some(what) = Aggregate::read(word) else {
                let known = "count, distinct, sum, avg, min, max, p50, p95, p99";
                self.problem(
                    start,
                    start + word.len(),
                    say!("“{word}” is no measure. Measures are {known}.", word, known),
                );
                return measures;
            };
            self.at += word.len();
            let field = self.argument();
            // `avg(took), p50, p95`: the field of the one before.
            let field = match (field, what) {
                (Some(field), _) => field,
                (None, Aggregate::Count) => String::new(),
                (None, _) => measures.last().map(|before| before.field.clone()).unwrap_or_default(),
            };
            if field.is_empty() && what != Aggregate::Count {
                self.problem(start, self.at, say!("“{word}” needs a field, as in {word}(duration).", word));
            } else {
                let alias = if self.takes_word("as") { self.name() } else { None };
                measures.push(Measure { what, field, alias });
            }
            self.skip_comma();
        }
    }

    /// `(name)` right here; `(*)` names none.
    fn argument(&mut self) -> Option<String> {
        if self.peek() != Some('(') {
            return None;
        }
        let open = self.at;
        self.at += 1;
        self.skip_space();
        let after_star = self.rest().strip_prefix('*').map(str::trim_start);
        let name = if after_star.is_some_and(|after| after.starts_with(')')) {
            self.at += 1;
            None
        } else {
            self.name()
        };
        self.skip_space();
        if self.peek() == Some(')') {
            self.at += 1;
        } else {
            self.problem(open, open + 1, say!("This “(” is not closed; a “)” is assumed."));
        }
        name
    }

    fn sort_keys(&mut self) -> Vec<SortKey> {
        let mut keys = Vec::new();
        self.skip_space();
        // As KQL and SQL have it.
        self.takes_word("by");
        loop {
            self.skip_space();
            let is_descending = self.peek() == Some('-');
            if is_descending || self.peek() == Some('+') {
                self.at += 1;
            }
            let Some(name) = self.name() else { return keys };
            let is_descending = self.takes_word("desc") || is_descending && !self.takes_word("asc");
            if !is_descending {
                self.takes_word("asc");
            }
            keys.push(SortKey { name, is_descending });
            self.skip_comma();
        }
    }

    fn extract(&mut self, start: usize, end: usize) -> Option<Stage> {
        self.skip_space();
        let mut from = None;
        if !matches!(self.peek(), Some('"' | '/')) {
            from = self.name();
            self.skip_space();
        }
        let place = self.at;
        let mut template = (self.peek() == Some('"')).then(|| self.quoted());
        if from.is_none() && template.is_some() {
            self.skip_space();
            if matches!(self.peek(), Some('"' | '/')) {
                from = template.take().filter(|name| !name.is_empty());
                template = (self.peek() == Some('"')).then(|| self.quoted());
            }
        }
        let (pattern, has_names) = match template {
            Some(template) => {
                let has_names = template.find('{').is_some_and(|open| template[open..].contains('}'));
                (Extraction::Template(template), has_names)
            }
            None => {
                let Some(pattern) = self.regex() else {
                    let message =
                        say!("“extract” needs a pattern: extract \"took {ms} ms\" or extract /took (?<ms>\\d+)/.");
                    self.problem(start, end, message);
                    return None;
                };
                let pattern = pattern?;
                let has_names = pattern.contains("(?<") || pattern.contains("(?P<");
                (Extraction::Regex(pattern), has_names)
            }
        };
        if !has_names {
            let message =
                say!("Nothing in this pattern has a name: write {name} in a text, (?<name>…) in an expression.");
            let end = place + self.text[place..self.at].trim_end().len();
            self.problem(place, end, message);
            return None;
        }
        Some(Stage::Extract { from, pattern })
    }
}

/// `1m`, `30s`, `1.5h`, `1h30m`, in nanoseconds.
pub fn read_width(text: &str) -> Option<i64> {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let factor = WIDTHS.iter().find(|(unit, _)| *unit == &text[digits..]).map(|&(_, factor)| factor);
    if let (Ok(number), Some(factor)) = (text[..digits].parse::<i64>(), factor) {
        return number.checked_mul(factor);
    }
    let quantity = Quantity::read(text).filter(|quantity| quantity.unit == Unit::Seconds)?;
    let nanos = (quantity.amount * 1e9).round();
    (nanos < i64::MAX as f64).then_some(nanos as i64)
}

#[cfg(test)]
mod tests;
