//! Level words of queries: which severities `level:warn` or `level>=notice` speak of.

use crate::severity::{Band, Severity};

use super::Comparison;

/// A run of severities with a name: a band ("error": 17–20), a step of it ("critical": 18), or a plain number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Levels {
    pub lowest: Severity,
    pub highest: Severity,
}

/// Field names that mean the entry's severity.
pub fn is_level_name(field: &str) -> bool {
    ["level", "severity"].iter().any(|name| field.eq_ignore_ascii_case(name))
}

const BAND_WORDS: &[(&str, Band)] = &[
    ("none", Band::Unspecified),
    ("trace", Band::Trace),
    ("debug", Band::Debug),
    ("info", Band::Info),
    ("warn", Band::Warn),
    ("error", Band::Error),
    ("fatal", Band::Fatal),
    ("warning", Band::Warn),
    ("err", Band::Error),
    ("information", Band::Info),
    ("informational", Band::Info),
    ("verbose", Band::Trace),
    ("finest", Band::Trace),
    ("finer", Band::Debug),
    ("fine", Band::Debug),
    ("config", Band::Debug),
    ("debug1", Band::Debug),
    ("debug2", Band::Debug),
    ("debug3", Band::Debug),
    ("debug4", Band::Debug),
    ("debug5", Band::Debug),
    ("severe", Band::Error),
    ("panic", Band::Fatal),
    ("emergency", Band::Fatal),
    ("emerg", Band::Fatal),
    ("t", Band::Trace),
    ("d", Band::Debug),
    ("i", Band::Info),
    ("w", Band::Warn),
    ("e", Band::Error),
    ("f", Band::Fatal),
];

const STEP_WORDS: &[(&str, Severity)] = &[
    ("notice", Severity::INFO2),
    ("critical", Severity::ERROR2),
    ("crit", Severity::ERROR2),
    ("alert", Severity::ERROR3),
];

/// The highest SeverityNumber of OpenTelemetry.
const HIGHEST: u8 = 24;

impl Levels {
    /// Reads "warn", "WARNING", "critical" or a severity number.
    pub fn read(word: &str) -> Option<Self> {
        if let Ok(number) = word.parse::<u8>() {
            let severity = Severity(number);
            return (number <= HIGHEST).then_some(Self { lowest: severity, highest: severity });
        }
        if let Some(&(_, severity)) = STEP_WORDS.iter().find(|(name, _)| word.eq_ignore_ascii_case(name)) {
            return Some(Self { lowest: severity, highest: severity });
        }
        let &(_, band) = BAND_WORDS.iter().find(|(name, _)| word.eq_ignore_ascii_case(name))?;
        Some(Self { lowest: band.lowest(), highest: band.highest() })
    }

    pub fn contain(self, severity: Severity) -> bool {
        self.lowest <= severity && severity <= self.highest
    }

    /// `level > warn` is above the whole band of warnings; entries without a level are below nothing and above nothing.
    pub fn compare(self, severity: Severity, comparison: Comparison) -> bool {
        if severity == Severity::UNSPECIFIED {
            return false;
        }
        match comparison {
            Comparison::Less => severity < self.lowest,
            Comparison::LessOrEqual => severity <= self.highest,
            Comparison::Greater => severity > self.highest,
            Comparison::GreaterOrEqual => severity >= self.lowest,
            Comparison::NotEqual => !self.contain(severity),
        }
    }
}

/// The words for levels that begin with `start`, those of one meaning once: the first, which is the one that is mostly written.
pub(super) fn words_from(start: &str) -> Vec<&'static str> {
    let start = start.to_ascii_lowercase();
    let words = BAND_WORDS.iter().map(|&(name, _)| name).chain(STEP_WORDS.iter().map(|&(name, _)| name));
    let mut found: Vec<(&str, Option<Levels>)> = Vec::new();
    for word in words.filter(|word| word.starts_with(&start)) {
        let levels = Levels::read(word);
        if !found.iter().any(|(_, known)| *known == levels) {
            found.push((word, levels));
        }
    }
    found.into_iter().map(|(word, _)| word).collect()
}

/// The level word that `word` was probably meant to be.
pub(super) fn suggestion(word: &str) -> Option<&'static str> {
    let word = word.to_ascii_lowercase();
    let words = BAND_WORDS.iter().map(|&(name, _)| name).chain(STEP_WORDS.iter().map(|&(name, _)| name));
    words
        .filter(|name| name.len() > 2)
        .map(|name| (edit_distance(&word, name), name))
        .filter(|&(distance, _)| distance <= 2)
        .min_by_key(|&(distance, _)| distance)
        .map(|(_, name)| name)
}

/// Levenshtein distance in bytes; more than any real one where the lengths differ too much to matter.
fn edit_distance(a: &str, b: &str) -> usize {
    if a.len().abs_diff(b.len()) > 2 {
        return usize::MAX;
    }
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.bytes().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.bytes().enumerate() {
            let substituted = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_band_name_is_all_of_its_band_and_a_step_only_itself() {
        let error = Levels::read("Error").unwrap();
        assert!(error.contain(Severity::ERROR) && error.contain(Severity::ERROR3) && !error.contain(Severity::FATAL));
        let critical = Levels::read("critical").unwrap();
        assert!(critical.contain(Severity::ERROR2) && !critical.contain(Severity::ERROR));
        assert_eq!(Levels::read("DEBUG5"), Levels::read("debug"));
        assert_eq!(Levels::read("Finest"), Levels::read("trace"));
        assert_eq!(Levels::read("25"), None);
        assert_eq!(Levels::read("eror"), None);
    }

    #[test]
    fn comparisons_take_a_band_as_one_step() {
        let warn = Levels::read("warn").unwrap();
        assert!(!warn.compare(Severity(14), Comparison::Greater));
        assert!(warn.compare(Severity::ERROR, Comparison::Greater));
        assert!(warn.compare(Severity(16), Comparison::LessOrEqual));
        assert!(!warn.compare(Severity::UNSPECIFIED, Comparison::Less));
    }

    #[test]
    fn a_misspelt_level_has_a_suggestion() {
        assert_eq!(suggestion("eror"), Some("error"));
        assert_eq!(suggestion("WARNNING"), Some("warning"));
        assert_eq!(suggestion("checkout"), None);
    }
}
