//! Differences in words and figures.

use model::compare::{Comparison, Difference, Seen, Subject};
use model::language::told;
use model::query::variable_name;
use model::scope::Filter;
use model::template::WILDCARD;
use model::time::{Nanos, TimeRange, Zone};
use model::{counted, key, say};

use crate::wording;

/// Cohen (1988) calls effects from here on large, medium and small.
const SIZES: [(f64, &str); 3] = [(0.8, key!("large")), (0.5, key!("medium")), (0.2, key!("small"))];

/// Where one share is this much the other, how many times says more than the distance.
const MANY_TIMES: f64 = 1.5;

/// Which entries a filter is for.
pub fn described(filter: &Filter, zone: &Zone) -> String {
    let query = match filter.query.trim() {
        "" | "*" => say!("all entries").to_owned(),
        query => query.to_owned(),
    };
    match filter.range {
        Some(range) => format!("{query}, {}", when(range, zone)),
        None => query,
    }
}

/// "14:02 – 14:09", "before 14:02", "from 14:02"
pub fn when(range: TimeRange, zone: &Zone) -> String {
    let clock = |time: Nanos| wording::moment(time, zone, 0);
    match (range.start.0, range.end.0) {
        (i64::MIN, i64::MAX) => say!("any time").to_owned(),
        (i64::MIN, _) => say!("before {}", clock(range.end)),
        (_, i64::MAX) => say!("from {}", clock(range.start)),
        _ => wording::span(range, zone),
    }
}

/// What is compared, in a few words: for those who do not see the row.
pub fn subject(subject: &Subject) -> String {
    match subject {
        Subject::Template(template) => say!("pattern ‘{}’", template.text.replace("<*>", "…")),
        Subject::Value { field, value } if value.is_empty() => say!("{field} is empty", field),
        Subject::Value { field, value } => format!("{field} = {value}"),
        Subject::Present { field } => say!("{field} is there", field),
        Subject::Absent { field } => say!("{field} is not there", field),
        Subject::Numbers { field } => field.clone(),
        Subject::Measure { template, place } => say!("pattern ‘{}’", with_place(&template.text, *place)),
    }
}

/// A pattern's text in which one place, counted from 0, has its name: `served … in ‹var2› ms`.
pub fn with_place(text: &str, place: u32) -> String {
    let between = text.split(WILDCARD).enumerate();
    let words = between.map(|(at, text)| match at {
        0 => text.to_owned(),
        _ if at - 1 == place as usize => format!("‹{}›{text}", variable_name(at - 1)),
        _ => format!("…{text}"),
    });
    words.collect()
}

/// "12.3 %", of what is there never nothing, and never all before it is.
pub fn share(part: u64, whole: u64) -> String {
    let percent = part as f64 / whole.max(1) as f64 * 100.0;
    match percent {
        _ if part == 0 => "0 %".to_owned(),
        _ if part >= whole => "100 %".to_owned(),
        ..0.001 => "< 0.001 %".to_owned(),
        ..0.1 => format!("{percent:.3} %"),
        ..1.0 => format!("{percent:.2} %"),
        99.9.. => "> 99.9 %".to_owned(),
        _ => format!("{percent:.1} %"),
    }
}

/// How much more, or less, A has of it.
pub fn how_much(difference: &Difference, comparison: &Comparison) -> String {
    let (a, b) = match &difference.seen {
        Seen::Share { a: 0, .. } => return say!("only in B").to_owned(),
        Seen::Share { b: 0, .. } => return say!("only in A").to_owned(),
        Seen::Share { a, b } => (*a as f64 / comparison.n_a as f64, *b as f64 / comparison.n_b as f64),
        Seen::Numbers(seen) => {
            return times(seen.a.p50, seen.b.p50, |factor, is_more| match is_more {
                true => say!("median {factor} as high", factor),
                false => say!("median {factor} as low", factor),
            });
        }
    };
    let points = say!("{}{:.0} points", if a > b { "+" } else { "−" }, (a - b).abs() * 100.0);
    // Of what most entries have, the rest tells more: 99 % and 50 % are not twice as often.
    match a.max(b) / a.min(b) >= MANY_TIMES && a.max(b) < 0.9 {
        true => times(a, b, |factor, is_more| match is_more {
            true => say!("{factor} as often", factor),
            false => say!("{factor} as rare", factor),
        }),
        false => points,
    }
}

fn times(a: f64, b: f64, words: impl Fn(String, bool) -> String) -> String {
    if a <= 0.0 || b <= 0.0 || a == b {
        return if a == b {
            say!("spread otherwise").to_owned()
        } else if a > b {
            say!("higher").to_owned()
        } else {
            say!("lower").to_owned()
        };
    }
    let factor = (a / b).max(b / a);
    let factor = if factor >= 10.0 { format!("{}×", wording::count(factor as u64)) } else { format!("{factor:.1}×") };
    words(factor, a > b)
}

/// For those who want to know how it was measured.
pub fn measured(difference: &Difference, comparison: &Comparison) -> String {
    let size = difference.effect.abs();
    let name = SIZES.iter().find(|(least, _)| size >= *least).map_or(say!("slight"), |(_, name)| told(name));
    let p = match difference.p {
        ..1e-12 => say!("less than a millionth of a millionth").to_owned(),
        p => format!("{p:.1e}"),
    };
    say!(
        "A {name} effect (Cohen's h {:.2}); by chance, among {}, with a probability of {p}.",
        name,
        difference.effect,
        counted!(comparison.n_compared, "comparison", "comparisons"),
        p
    )
}

/// Why there is no difference to be seen.
pub fn nothing(comparison: &Comparison) -> String {
    match (comparison.n_a, comparison.n_b) {
        (0, _) => say!("A has no entries: widen the search or the time.").to_owned(),
        (_, 0) if comparison.n_both > 0 => {
            say!("All entries of B are in A, too, and count as A's: choose another time or search for B, or narrow A.")
                .to_owned()
        }
        (_, 0) => say!("B has no entries: choose another time or search for it.").to_owned(),
        _ if comparison.n_slight > 0 => say!(
            "No difference is large enough to be listed. Too slight, but more than chance: {}.",
            counted!(comparison.n_slight, "difference", "differences")
        ),
        _ => {
            say!("No difference: values, patterns, numbers, and which fields are there, are alike in both.").to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn difference(a: u64, b: u64) -> Difference {
        let subject = Subject::Absent { field: "user".to_owned() };
        Difference { subject, seen: Seen::Share { a, b }, effect: 0.64, p: 1e-30, also: Vec::new() }
    }

    #[test]
    fn how_much_is_told_as_people_say_it() {
        let comparison = Comparison { n_a: 100, n_b: 1000, n_compared: 7, ..Comparison::default() };
        let told = |a, b| how_much(&difference(a, b), &comparison);
        assert_eq!([told(5, 0), told(0, 9)], ["only in A", "only in B"]);
        assert_eq!([told(30, 10), told(1, 400)], ["30× as often", "40× as rare"]);
        assert_eq!([told(99, 500), told(40, 500)], ["+49 points", "−10 points"]);
        assert!(
            measured(&difference(5, 0), &comparison)
                .starts_with("A medium effect (Cohen's h 0.64); by chance, among 7")
        );
    }

    #[test]
    fn the_place_that_is_compared_is_named_in_its_pattern() {
        assert_eq!(with_place("served <*> in <*> ms", 1), "served … in ‹var2› ms");
        assert_eq!(with_place("<*> done", 0), "‹var1› done");
    }

    #[test]
    fn sets_with_slight_differences_only_are_not_called_alike() {
        let of = |n_slight| nothing(&Comparison { n_a: 9, n_b: 9, n_slight, ..Comparison::default() });
        assert!(of(0).starts_with("No difference: "));
        assert!(of(34).ends_with("more than chance: 34 differences."), "{}", of(34));
    }

    #[test]
    fn shares_have_the_digits_that_matter() {
        let shares = [(0, 9), (9, 9), (1, 1_000_000), (1, 10_000), (1, 200), (123, 1000), (99_999, 100_000)];
        let told = shares.map(|(part, whole)| share(part, whole));
        assert_eq!(told, ["0 %", "100 %", "< 0.001 %", "0.010 %", "0.50 %", "12.3 %", "> 99.9 %"]);
    }

    #[test]
    fn a_side_is_told_by_its_search_and_its_time() {
        let range = |start: i64, end: i64| Some(TimeRange { start: Nanos(start), end: Nanos(end) });
        let side = |query: &str, range| {
            described(&Filter { query: query.to_owned(), range, order: Default::default() }, &Zone::utc())
        };
        assert_eq!(side("", None), "all entries");
        assert_eq!(side("cart", range(i64::MIN, 0)), "cart, before 1970-01-01 00:00:00");
        assert_eq!(side("*", range(0, i64::MAX)), "all entries, from 1970-01-01 00:00:00");
    }
}
