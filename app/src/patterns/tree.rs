//! The patterns as a tree: those with mostly the same words are a family that opens, its counts summed.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use model::template::{Novelty, TemplateCount, TemplateId, TemplateNote, WILDCARD};

use super::order::Sorting;

/// What stands for words that not all of a family have.
const OTHERS: &str = "…";
/// Services of a family that are named.
const SERVICES_NAMED: usize = 4;

/// A pattern that is like no other, or several that are alike.
#[derive(Clone, Debug, PartialEq)]
pub struct Branch {
    /// All of them together; their words where there are several.
    pub sum: TemplateCount,
    /// Places in the list.
    pub places: Vec<usize>,
}

/// One row on the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Row {
    Pattern {
        place: usize,
        is_inside: bool,
    },
    /// By its place among the branches.
    Family {
        branch: usize,
        is_open: bool,
    },
}

/// The branches of these places, which stand in the order `sorting` gives them: the first of each says where it stands.
pub fn branches(templates: &[TemplateCount], places: &[usize], sorting: Sorting) -> Vec<Branch> {
    let mut known: BTreeMap<TemplateId, usize> = BTreeMap::new();
    let mut members: Vec<Vec<usize>> = Vec::new();
    for &place in places {
        let at = *known.entry(templates[place].family).or_insert(members.len());
        if at == members.len() {
            members.push(Vec::new());
        }
        members[at].push(place);
    }
    let mut branches: Vec<Branch> =
        members.into_iter().map(|places| Branch { sum: sum(templates, &places), places }).collect();
    match sorting {
        Sorting::MostFrequent => branches.sort_by_key(|branch| Reverse(branch.sum.n_entries)),
        Sorting::Rarest => branches.sort_by_key(|branch| branch.sum.n_entries),
        Sorting::Newest | Sorting::MostSevere | Sorting::Rising | Sorting::Falling => {}
    }
    branches
}

/// The rows that are seen when these families are open.
pub fn rows(branches: &[Branch], open: &BTreeSet<TemplateId>) -> Vec<Row> {
    let mut rows = Vec::new();
    for (at, branch) in branches.iter().enumerate() {
        if let [place] = branch.places[..] {
            rows.push(Row::Pattern { place, is_inside: false });
            continue;
        }
        let is_open = open.contains(&branch.sum.family);
        rows.push(Row::Family { branch: at, is_open });
        if is_open {
            rows.extend(branch.places.iter().map(|&place| Row::Pattern { place, is_inside: true }));
        }
    }
    rows
}

fn sum(templates: &[TemplateCount], places: &[usize]) -> TemplateCount {
    let mut sum = templates[places[0]].clone();
    if places.len() == 1 {
        return sum;
    }
    let mut services: BTreeMap<&str, u64> = BTreeMap::new();
    let mut n_services = 0;
    for &place in places {
        let of_one = &templates[place];
        n_services = n_services.max(of_one.n_services);
        of_one.services.iter().for_each(|(name, n)| *services.entry(name).or_default() += n);
    }
    for &place in &places[1..] {
        let other = &templates[place];
        sum.n_entries += other.n_entries;
        sum.bands.iter_mut().zip(other.bands).for_each(|(own, other)| *own += other);
        sum.first = sum.first.into_iter().chain(other.first).min();
        sum.last = sum.last.max(other.last);
        if sum.spans.is_empty() {
            sum.spans.clone_from(&other.spans);
        } else {
            sum.spans.iter_mut().zip(&other.spans).for_each(|(own, other)| *own += other);
        }
        if sum.novelty != other.novelty {
            sum.novelty = Novelty::Known;
        }
    }
    // Of each pattern a few services are known by name: of all together there are at least as many.
    sum.n_services = n_services.max(services.len() as u32);
    sum.services = services.into_iter().map(|(name, n)| (name.to_owned(), n)).collect();
    sum.services.sort_by_key(|(_, n)| Reverse(*n));
    sum.services.truncate(SERVICES_NAMED);
    sum.text = words_of_all(places.iter().map(|&place| templates[place].text.as_str()));
    sum.kinds = Vec::new();
    sum.note = TemplateNote::default();
    sum
}

/// The words of the first text that stand in all of them.
fn words_of_all<'t>(mut texts: impl Iterator<Item = &'t str>) -> String {
    let Some(first) = texts.next() else { return String::new() };
    let is_word = |word: &&str| !word.contains(WILDCARD);
    let mut shared: BTreeSet<&str> = first.split_whitespace().filter(is_word).collect();
    for text in texts {
        let others: BTreeSet<&str> = text.split_whitespace().collect();
        shared.retain(|word| others.contains(word));
    }
    let mut words: Vec<&str> =
        first.split_whitespace().map(|word| if shared.contains(word) { word } else { OTHERS }).collect();
    words.dedup_by(|word, before| *word == OTHERS && *before == OTHERS);
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use model::severity::N_BANDS;
    use model::time::Nanos;

    use super::*;

    fn template(id: u64, family: u64, text: &str, n_entries: u64) -> TemplateCount {
        TemplateCount {
            id: TemplateId(id),
            family: TemplateId(family),
            text: text.to_owned(),
            n_entries,
            bands: [n_entries; N_BANDS],
            services: vec![("cart".to_owned(), n_entries)],
            n_services: 1,
            first: Some(Nanos(id as i64)),
            last: Some(Nanos(id as i64)),
            spans: vec![n_entries as u32],
            ..TemplateCount::default()
        }
    }

    fn all() -> Vec<TemplateCount> {
        vec![
            template(1, 1, "cache is warm", 50),
            template(2, 2, "user <*> logged in from web", 30),
            template(3, 2, "user <*> logged out from <*>", 25),
        ]
    }

    #[test]
    fn a_family_has_the_sums_and_the_words_of_its_patterns() {
        let branches = branches(&all(), &[0, 1, 2], Sorting::MostFrequent);
        let family = &branches[0];
        assert_eq!((family.sum.n_entries, family.sum.text.as_str()), (55, "user … logged … from …"));
        assert_eq!((family.sum.first, family.sum.last), (Some(Nanos(2)), Some(Nanos(3))));
        assert_eq!((family.sum.spans.as_slice(), family.sum.services[0].1), ([55].as_slice(), 55));
        assert_eq!(branches[1].sum, all()[0]);
    }

    #[test]
    fn a_family_shows_its_patterns_when_it_is_open() {
        let branches = branches(&all(), &[0, 1, 2], Sorting::Rarest);
        let alone = Row::Pattern { place: 0, is_inside: false };
        let closed = rows(&branches, &BTreeSet::new());
        assert_eq!(closed, [alone, Row::Family { branch: 1, is_open: false }]);
        let open = rows(&branches, &BTreeSet::from([TemplateId(2)]));
        let inside = [1, 2].map(|place| Row::Pattern { place, is_inside: true });
        assert_eq!(open, [vec![alone, Row::Family { branch: 1, is_open: true }], inside.to_vec()].concat());
    }
}
