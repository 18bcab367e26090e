//! Families of templates whose words are mostly the same.
//!
//! One pass over the templates, those of few words first (leader clustering: Hartigan, Clustering Algorithms, 1975): each joins the
//! leader it is most like, or leads a family itself. Likeness is the share of words that two have in common (Dice, 1945); values do
//! not count. Only leaders that share a word are compared, so that thousands of templates take milliseconds.

use super::text::{Template, WILDCARD};
use crate::quick_hash::QuickMap;

/// At least so much of their words two templates of a family have in common: with one of three words apart, two of four.
const LEAST_LIKENESS: f64 = 0.6;

/// A word of so many leaders tells them apart no more.
const MOST_LEADERS: usize = 400;

/// The index of the family's leader for each template. `templates`: sorted by text.
pub fn families(templates: &[Template]) -> Vec<u32> {
    let mut numbers: QuickMap<&str, u32> = QuickMap::default();
    let mut leaders: Vec<Leader> = Vec::new();
    // Leaders by each of their words.
    let mut having: Vec<Vec<u32>> = Vec::new();
    let mut n_shared: Vec<u32> = Vec::new();
    let numbered = |template| words_of(template, &mut numbers, &mut having);
    let words: Vec<Vec<u32>> = templates.iter().map(|template| template.text.as_str()).map(numbered).collect();
    let mut order: Vec<usize> = (0..templates.len()).collect();
    order.sort_by_key(|&at| words[at].len());
    let mut family = vec![0; templates.len()];
    for at in order {
        let words = &words[at];
        let mut touched: Vec<u32> = Vec::new();
        for &word in words.iter().filter(|&&word| having[word as usize].len() <= MOST_LEADERS) {
            for &leader in &having[word as usize] {
                if n_shared[leader as usize] == 0 {
                    touched.push(leader);
                }
                n_shared[leader as usize] += 1;
            }
        }
        let likeness = |leader: u32| {
            let n_both = (words.len() + leaders[leader as usize].n_words) as f64;
            2.0 * f64::from(n_shared[leader as usize]) / n_both
        };
        let alike = touched.iter().copied().filter(|&leader| likeness(leader) >= LEAST_LIKENESS);
        let nearest = alike.max_by(|&a, &b| likeness(a).total_cmp(&likeness(b)).then(b.cmp(&a)));
        touched.iter().for_each(|&leader| n_shared[leader as usize] = 0);
        family[at] = match nearest {
            Some(leader) => leaders[leader as usize].template,
            None => {
                words.iter().for_each(|&word| having[word as usize].push(leaders.len() as u32));
                leaders.push(Leader { template: at as u32, n_words: words.len() });
                n_shared.push(0);
                at as u32
            }
        };
    }
    family
}

struct Leader {
    /// Index into the templates.
    template: u32,
    n_words: usize,
}

/// Each word once, by number; a word with a value in it is one without it: `eth<*>` is like `eth`.
fn words_of<'t>(text: &'t str, numbers: &mut QuickMap<&'t str, u32>, having: &mut Vec<Vec<u32>>) -> Vec<u32> {
    let parts = text.split_whitespace().flat_map(|word| word.split(WILDCARD));
    let parts = parts.map(|part| part.trim_matches(|c: char| !c.is_alphanumeric())).filter(|part| !part.is_empty());
    let mut words: Vec<u32> = parts
        .map(|part| {
            *numbers.entry(part).or_insert_with(|| {
                having.push(Vec::new());
                having.len() as u32 - 1
            })
        })
        .collect();
    words.sort_unstable();
    words.dedup();
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::template::Miner;

    fn check(messages: &[&str], expected: &[(&str, &str)]) {
        let mut miner = Miner::default();
        messages.iter().for_each(|message| {
            miner.push(message);
        });
        let found = miner.templates();
        let families = families(&found.list);
        let text = |at: u32| found.list[at as usize].text.as_str();
        let found: Vec<_> = families.iter().zip(&found.list).map(|(&of, own)| (own.text.as_str(), text(of))).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn templates_that_differ_in_a_word_are_of_one_family() {
        check(
            &[
                "user 7 logged in from web",
                "user 7 logged out from web",
                "cache is warm",
                "user 7 logged in from app now",
            ],
            &[
                ("cache is warm", "cache is warm"),
                ("user <*> logged in from app now", "user <*> logged in from web"),
                ("user <*> logged in from web", "user <*> logged in from web"),
                ("user <*> logged out from web", "user <*> logged in from web"),
            ],
        );
    }

    #[test]
    fn thousands_of_templates_are_grouped_whatever_their_order() {
        let message = |n: usize| {
            let letters =
                |n: usize| -> String { (0..4).map(|at| (b'a' + (n >> (at * 4) & 15) as u8) as char).collect() };
            format!("{} failed while {} was reading the table", letters(n), letters(n * 31 % 4096))
        };
        let texts: Vec<String> = (0..2000).map(message).collect();
        let template = |text: &String| Template::new(text.as_bytes(), std::iter::empty());
        let mut templates: Vec<Template> = texts.iter().map(template).collect();
        templates.sort_by(|a, b| a.text.cmp(&b.text));
        let found = families(&templates);
        assert!(found.iter().all(|&leader| leader == found[0]), "all differ in names only");
    }
}
