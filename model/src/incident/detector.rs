//! Who looks for what is unusual, and by what: each with its name and a sentence.

use serde::{Deserialize, Serialize};

use crate::{key, say};

/// Who found something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Detector {
    New,
    Rare,
    Burst,
    Fewer,
    Vanished,
    Silence,
    Stopped,
    Level,
    Value,
    Windows,
    Regime,
}

impl Detector {
    pub const ALL: [Self; 11] = [
        Self::New,
        Self::Rare,
        Self::Burst,
        Self::Fewer,
        Self::Vanished,
        Self::Silence,
        Self::Stopped,
        Self::Level,
        Self::Value,
        Self::Windows,
        Self::Regime,
    ];

    /// What it looks for, in a sentence.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::New => say!("A message that was never written before."),
            Self::Rare => say!("One of very few messages of its kind, written while other things changed."),
            Self::Burst => say!(
                "More of these messages than usual at this time, by far more than they vary: a robust z-score against a running median and, over days, the time of the day (season)."
            ),
            Self::Fewer => say!(
                "Fewer of these messages than usual at this time, by far more than they vary: a robust z-score against a running median and, over days, the time of the day (season)."
            ),
            Self::Vanished => say!("A message that was written regularly and then no more."),
            Self::Silence => say!("A source that spoke regularly said nothing."),
            Self::Stopped => say!("A service that spoke regularly said nothing more, while others went on to the end."),
            Self::Level => say!(
                "From here on there are more, or fewer, of these than before: a changepoint, where splitting the time in two explains most."
            ),
            Self::Value => say!(
                "This number is higher, or lower, than it usually is: a robust z-score against a running median and, over days, the time of the day (season)."
            ),
            Self::Windows => say!("What was written in this time, taken together, is like no other time."),
            Self::Regime => {
                say!(
                    "From here on nearly all times are of one large cluster (DBSCAN, as on the map), before nearly all of another."
                )
            }
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::New => key!("new"),
            Self::Rare => key!("rare"),
            Self::Burst => key!("burst"),
            Self::Fewer => key!("fewer"),
            Self::Vanished => key!("vanished"),
            Self::Silence => key!("silence"),
            Self::Stopped => key!("stopped"),
            Self::Level => key!("level shift"),
            Self::Value => key!("value shift"),
            Self::Windows => key!("unusual mix"),
            Self::Regime => key!("change of cluster"),
        }
    }
}

/// Which of those that look at a window as a whole say that it is odd.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Voter {
    Residual,
    Isolation,
    Kinds,
    Crowds,
}

impl Voter {
    pub const ALL: [Self; 4] = [Self::Residual, Self::Isolation, Self::Kinds, Self::Crowds];

    pub fn name(self) -> &'static str {
        match self {
            Self::Residual => key!("principal components"),
            Self::Isolation => key!("isolation forest"),
            Self::Kinds => key!("k-means"),
            Self::Crowds => key!("DBSCAN"),
        }
    }

    /// What it looks for, in a sentence.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Residual => say!("What was written in this time does not go together as it does at other times."),
            Self::Isolation => say!("A few random cuts are enough to set this time apart from all others."),
            Self::Kinds => say!("This time is far from each of the few kinds of times there usually are."),
            Self::Crowds => say!("Too few other times are near this one to make a crowd with it."),
        }
    }
}

/// What a window as a whole is compared by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Aspect {
    Messages,
    Severities,
    Services,
    Numbers,
}

impl Aspect {
    pub const ALL: [Self; 4] = [Self::Messages, Self::Severities, Self::Services, Self::Numbers];

    pub fn name(self) -> &'static str {
        match self {
            Self::Messages => key!("messages"),
            Self::Severities => key!("severities"),
            Self::Services => key!("services"),
            Self::Numbers => key!("latencies and other numbers"),
        }
    }

    /// What is compared, in a sentence.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Messages => say!("How many entries there are of each message of each service."),
            Self::Severities => say!("How many entries there are of each severity."),
            Self::Services => say!("How many entries each service writes."),
            Self::Numbers => say!("How far latencies, sizes and other numbers are from what they mostly are."),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_detector_is_explained_in_one_sentence_that_names_how_it_looks() {
        for detector in Detector::ALL {
            let sentence = detector.sentence();
            assert!(sentence.ends_with('.') && !sentence.trim_end_matches('.').contains(". "), "{sentence}");
        }
        let says = |detector: Detector, word: &str| detector.sentence().contains(word);
        assert!([Detector::Burst, Detector::Fewer, Detector::Value].into_iter().all(|one| says(one, "robust z-score")));
        assert!(says(Detector::Level, "changepoint"));
    }
}
