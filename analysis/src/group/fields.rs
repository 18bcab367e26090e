//! Which fields look like ids that entries share: by how their values are written and how often each comes back.
//!
//! A field of words is no id (a level, a service), nor is one of measured numbers; a field of numbers is one only where its
//! name says so. An id that every entry has another of groups nothing, and what comes again and again throughout the logs (the codes of
//! products) is a catalogue.

use model::facet::{Distinct, Facet, FieldKind};
use model::group::{GroupField, is_written, names_trace};

/// Fewer groups have nothing to be compared with.
const FEWEST_GROUPS: u64 = 8;

/// Entries of a group, on the average. Fewer are no groups; groups of more are halves of a log, such as the lines of a thread.
const FEWEST_ENTRIES: f64 = 1.5;
const USUAL_ENTRIES: f64 = 1000.0;

/// So many values of letters alone, equally many and so many, are ids.
const ALIKE_VALUES: usize = 12;
const SHORTEST_LETTERS: usize = 6;

/// Fields that say something else, whatever their values look like.
const OTHERS: [&str; 8] = ["level", "service", "source", "format", "message", "template", "time", "timestamp"];

/// Fields that could be grouped by, the one that suits best first: groups of a usual size before large ones, then the one
/// that most entries have, then the one of most groups. `recurring`: those whose values come throughout the logs.
pub fn fields_to_group_by(facets: &[Facet], recurring: &[&str]) -> Vec<GroupField> {
    let is_catalogue = |facet: &Facet| recurring.contains(&facet.name.as_str()) && !is_named_id(&facet.name);
    let ids = facets.iter().filter(|facet| looks_like_id(facet) && !is_catalogue(facet));
    let mut found: Vec<GroupField> = ids.map(field).collect();
    found.retain(is_worth_grouping);
    sort_by_use(&mut found);
    // What other programs call the id of a trace is put together with the first.
    let mut has_trace = false;
    found.retain(|field| !names_trace(&field.name) || !std::mem::replace(&mut has_trace, true));
    found
}

pub(super) fn is_worth_grouping(field: &GroupField) -> bool {
    field.n_groups >= FEWEST_GROUPS && entries_each(field) >= FEWEST_ENTRIES
}

/// Fields go before what is only found in texts.
pub(super) fn sort_by_use(found: &mut [GroupField]) {
    found.sort_by(|a, b| {
        let is_large = |field: &GroupField| entries_each(field) > USUAL_ENTRIES;
        let by_size = is_large(a).cmp(&is_large(b)).then(is_written(&a.name).cmp(&is_written(&b.name)));
        by_size.then(b.n_entries.cmp(&a.n_entries)).then(b.n_groups.cmp(&a.n_groups)).then_with(|| a.name.cmp(&b.name))
    });
}

fn field(facet: &Facet) -> GroupField {
    let (Distinct::Exactly(n_groups) | Distinct::About(n_groups) | Distinct::MoreThan(n_groups)) = facet.distinct;
    let is_exact = matches!(facet.distinct, Distinct::Exactly(_));
    GroupField { name: facet.name.clone(), n_groups, is_exact, n_entries: facet.n_present }
}

fn entries_each(field: &GroupField) -> f64 {
    field.n_entries as f64 / field.n_groups.max(1) as f64
}

fn looks_like_id(facet: &Facet) -> bool {
    if OTHERS.iter().any(|name| facet.name.eq_ignore_ascii_case(name)) {
        return false;
    }
    let is_named = is_named_id(&facet.name);
    match facet.kind {
        FieldKind::Bool => false,
        FieldKind::Number => is_named && facet.top.iter().all(|value| value.value.bytes().all(|b| b.is_ascii_digit())),
        FieldKind::Text | FieldKind::Mixed => {
            let n_written_so = facet.top.iter().filter(|value| is_written_like_id(&value.value)).count();
            2 * n_written_so > facet.top.len()
                || is_named && facet.top.iter().all(|value| is_one_word(&value.value))
                || are_letters_of_one_length(facet)
        }
    }
}

/// `trace_id`, `requestId`, `order.id`, `pid`.
fn is_named_id(name: &str) -> bool {
    let last = name.rsplit(['.', '_', '-', ' ', ':']).next().unwrap_or(name);
    let small = last.to_ascii_lowercase();
    matches!(small.as_str(), "id" | "pid" | "tid" | "uid" | "guid" | "uuid")
        || last.ends_with("Id")
        || last.ends_with("ID")
}

/// One word with digits that is no path, no time, no address of a page and no number.
fn is_written_like_id(value: &str) -> bool {
    let is_number = || model::quantity::Quantity::read(value).is_some();
    let n_colons = value.bytes().filter(|&byte| byte == b':').count();
    is_one_word(value)
        && value.bytes().any(|byte| byte.is_ascii_digit())
        && !value.contains(['/', '\\', '?', '='])
        && n_colons < 2
        && !is_number()
        // Whole numbers of many digits and of hexadecimal letters are read as numbers by nobody else.
        || value.len() >= 16 && value.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// `kxqvbtzw`, `mfdpwqha`: that names are all equally long, and as many as these, is no chance.
fn are_letters_of_one_length(facet: &Facet) -> bool {
    let Some(first) = facet.top.first() else { return false };
    let is_so = |value: &str| {
        value.len() == first.value.len()
            && (value.bytes().all(|byte| byte.is_ascii_lowercase())
                || value.bytes().all(|byte| byte.is_ascii_uppercase()))
    };
    facet.top.len() >= ALIKE_VALUES
        && first.value.len() >= SHORTEST_LETTERS
        && facet.top.iter().all(|value| is_so(&value.value))
}

fn is_one_word(value: &str) -> bool {
    !value.is_empty() && value.len() <= 128 && !value.contains(char::is_whitespace)
}
