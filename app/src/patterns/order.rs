//! Which templates the list shows, and in which order.

use std::cmp::Reverse;

use model::key;
use model::severity::{BANDS, Band};
use model::template::{TemplateCount, TemplateNote};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sorting {
    #[default]
    MostFrequent,
    Rarest,
    /// Those first seen last.
    Newest,
    MostSevere,
    /// Those of which there are more and more.
    Rising,
    Falling,
}

pub const ORDERS: &[(Sorting, &str)] = &[
    (Sorting::MostFrequent, key!("Most frequent first")),
    (Sorting::Rarest, key!("Rarest first")),
    (Sorting::Newest, key!("Newest first")),
    (Sorting::MostSevere, key!("Most severe first")),
    (Sorting::Rising, key!("Rising first")),
    (Sorting::Falling, key!("Falling first")),
];

impl Sorting {
    pub fn name(self) -> &'static str {
        ORDERS.iter().find(|(order, _)| *order == self).map_or("", |(_, name)| name)
    }

    /// Whether what is least comes first.
    pub fn is_rising(self) -> bool {
        matches!(self, Self::Rarest | Self::Falling)
    }

    /// The usual order for a name that is none.
    pub fn named(name: &str) -> Self {
        ORDERS.iter().find(|(_, known)| *known == name).map(|(order, _)| *order).unwrap_or_default()
    }
}

/// Places of the templates that have all of the wanted words in their text, what the user says of them, or their services, in this order.
pub fn listed(templates: &[TemplateCount], wanted: &str, sorting: Sorting) -> Vec<usize> {
    let wanted = wanted.to_lowercase();
    let words: Vec<&str> = wanted.split_whitespace().collect();
    let is_wanted = |template: &TemplateCount| {
        let text = template.text.to_lowercase();
        let has = |word: &&str| {
            let TemplateNote { name, words } = &template.note;
            let is_said = [name, words].into_iter().any(|said| said.to_lowercase().contains(word));
            text.contains(word)
                || is_said
                || template.services.iter().any(|(name, _)| name.to_lowercase().contains(word))
        };
        words.iter().all(has)
    };
    let mut places: Vec<usize> = (0..templates.len()).filter(|&place| is_wanted(&templates[place])).collect();
    match sorting {
        Sorting::MostFrequent => {}
        Sorting::Rarest => places.sort_by_key(|&place| templates[place].n_entries),
        Sorting::Newest => places.sort_by_key(|&place| Reverse(templates[place].first)),
        Sorting::MostSevere => places.sort_by_key(|&place| Reverse(worst(&templates[place]))),
        Sorting::Rising | Sorting::Falling => {
            let mut ranked: Vec<(f64, usize)> = places.iter().map(|&place| (times(&templates[place]), place)).collect();
            match sorting {
                Sorting::Rising => ranked.sort_by(|a, b| b.0.total_cmp(&a.0)),
                _ => ranked.sort_by(|a, b| a.0.total_cmp(&b.0)),
            }
            places = ranked.into_iter().map(|(_, place)| place).collect();
        }
    }
    places
}

/// How many times as many there are later: as many where there is no trend.
fn times(template: &TemplateCount) -> f64 {
    template.trend().unwrap_or(1.0)
}

/// The severity that most of its entries have; `None` where none is known.
pub fn usual(template: &TemplateCount) -> Option<Band> {
    let known = BANDS.into_iter().filter(|&band| template.bands[band as usize] > 0);
    known.max_by_key(|&band| template.bands[band as usize])
}

/// The worst severity that some of its entries have.
fn worst(template: &TemplateCount) -> Band {
    BANDS.into_iter().rev().find(|&band| template.bands[band as usize] > 0).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use model::severity::N_BANDS;
    use model::time::Nanos;

    use super::*;

    fn template(text: &str, n_entries: u64, worst: Band, first: i64) -> TemplateCount {
        let mut bands = [0; N_BANDS];
        bands[worst as usize] = n_entries;
        TemplateCount {
            text: text.to_owned(),
            n_entries,
            bands,
            services: vec![("Cart".to_owned(), n_entries)],
            n_services: 1,
            first: Some(Nanos(first)),
            last: Some(Nanos(first)),
            ..TemplateCount::default()
        }
    }

    #[test]
    fn a_template_without_entries_has_no_severity() {
        assert_eq!(usual(&template("order <*> lost", 0, Band::Error, 3)), None);
        assert_eq!(usual(&template("order <*> lost", 2, Band::Error, 3)), Some(Band::Error));
    }

    #[test]
    fn a_template_is_found_by_what_the_user_calls_it() {
        let mut named = template("order <*> lost", 5, Band::Error, 3);
        named.note = TemplateNote { name: "The Bug".to_owned(), words: "see #4711".to_owned() };
        let all = [template("retry", 7, Band::Warn, 1), named];
        assert_eq!(listed(&all, "bug order", Sorting::MostFrequent), [1]);
        assert_eq!(listed(&all, "4711", Sorting::MostFrequent), [1]);
    }

    #[test]
    fn templates_are_found_by_any_words_and_stand_in_the_order_that_was_chosen() {
        let all = [
            template("order <*> placed", 90, Band::Info, 2),
            template("order <*> lost", 5, Band::Error, 3),
            template("retry", 7, Band::Warn, 1),
        ];
        assert_eq!(listed(&all, "", Sorting::MostFrequent), [0, 1, 2]);
        assert_eq!(listed(&all, "", Sorting::Rarest), [1, 2, 0]);
        assert_eq!(listed(&all, "", Sorting::Newest), [1, 0, 2]);
        assert_eq!(listed(&all, "", Sorting::MostSevere), [1, 2, 0]);
        let mut rising = all.clone();
        rising[2].spans = (0..40).collect();
        rising[0].spans = (0..40).rev().collect();
        assert_eq!(listed(&rising, "", Sorting::Rising), [2, 1, 0]);
        assert_eq!(listed(&rising, "", Sorting::Falling), [0, 1, 2]);
        assert_eq!(listed(&all, " CART order", Sorting::MostFrequent), [0, 1]);
        assert!(listed(&all, "order retry", Sorting::MostFrequent).is_empty());
    }
}
