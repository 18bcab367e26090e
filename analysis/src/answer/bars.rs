//! Bars of a field's numbers, with edges that people would choose: of equal widths, or, where most of those would be empty, of
//! equal ratios.
//!
//! Of whole numbers no bar lies between two of them, so that an empty bar means that no entry has such a number.

use model::facet::Bar;

/// About as many as there is room for.
const N_BARS: f64 = 24.0;
/// Numbers that reach further than this beyond their middle are shown by magnitude.
const LARGE_RATIO: f64 = 100.0;
/// Where a decade is cut, from fine to coarse, and up to how many decades so; the first two are Renard series (ISO 3).
const CUTS: [(f64, &[&str]); 4] = [
    (2.5, &["1", "1.25", "1.6", "2", "2.5", "3.15", "4", "5", "6.3", "8"]),
    (5.0, &["1", "1.6", "2.5", "4", "6.3"]),
    (8.0, &["1", "2", "5"]),
    (f64::INFINITY, &["1"]),
];

/// Bars from `min` to `max` over `numbers`, which have `middle` in their middle, with how many entries have each.
pub fn bars(min: f64, max: f64, middle: f64, numbers: &[(f64, u64)]) -> Vec<Bar> {
    let are_whole = numbers.iter().all(|(number, _)| number.fract() == 0.0);
    let by_magnitude = min >= 0.0 && max / middle > LARGE_RATIO;
    let mut edges = match by_magnitude {
        true => {
            let positive = numbers.iter().map(|&(number, _)| number).filter(|&number| number > 0.0);
            let mut edges = by_ratio(positive.fold(max, f64::min), max, are_whole);
            if min == 0.0 {
                edges.insert(0, 0.0);
            }
            edges
        }
        false => by_width(min, max, are_whole),
    };
    if edges.len() < 2 {
        return vec![Bar { from: min, to: max, n_entries: numbers.iter().map(|&(_, n)| n).sum() }];
    }
    // Where rounding, or the largest number there is, left an end outside.
    edges[0] = edges[0].min(min);
    if edges.last().is_some_and(|&last| last < max) {
        edges.push(max);
    }
    let mut bars: Vec<Bar> = edges.windows(2).map(|pair| Bar { from: pair[0], to: pair[1], n_entries: 0 }).collect();
    for &(number, n_entries) in numbers {
        let n_before = edges.partition_point(|&edge| edge <= number);
        let place = n_before.saturating_sub(1).min(bars.len() - 1);
        bars[place].n_entries += n_entries;
    }
    bars
}

/// Multiples of a round number, from one that is not above `min` to one above `max`; none where there is nothing between.
fn by_width(min: f64, max: f64, are_whole: bool) -> Vec<f64> {
    let wanted = (max - min) / N_BARS;
    if wanted <= 0.0 || !wanted.is_normal() {
        return Vec::new();
    }
    let (mut digit, mut power) = (1.0, wanted.log10().floor() as i32);
    if are_whole && wanted <= 1.0 {
        power = 0;
    } else {
        let rest = wanted / 10f64.powi(power);
        let round = [1.0, 2.0, 5.0].into_iter().find(|digit| rest <= digit * (1.0 + 1e-9));
        (digit, power) = round.map_or((1.0, power + 1), |digit| (digit, power));
        if are_whole && power < 0 {
            (digit, power) = (1.0, 0);
        }
    }
    // Multiples of 0.1 as they are written: 0.3, not 0.30000000000000004.
    let multiple = |i: f64| match power {
        0.. => i * digit * 10f64.powi(power),
        _ => i * digit / 10f64.powi(-power),
    };
    let step = multiple(1.0);
    let first = (min / step).floor();
    let mut edges: Vec<f64> = (0..=2 * N_BARS as u32).map(|i| multiple(first + f64::from(i))).collect();
    // So far from zero that steps are less than what numbers can tell apart.
    edges.dedup();
    edges.truncate(edges.partition_point(|&edge| edge <= max) + 1);
    edges
}

/// Round numbers of nearly equal ratios, from one that is not above `low` to one above `high`.
fn by_ratio(low: f64, high: f64, are_whole: bool) -> Vec<f64> {
    let (first, last) = (low.log10().floor() as i32, high.log10().floor() as i32 + 1);
    let n_decades = (high / low).log10();
    let cuts = CUTS.iter().find(|(most, _)| n_decades <= *most).map_or(&["1"][..], |(_, cuts)| cuts);
    let by = ((f64::from(last - first) / N_BARS).ceil() as usize).max(1);
    // As they are written, so that edges have no digits that nobody chose.
    let at = |cut: &str, power: i32| format!("{cut}e{power}").parse::<f64>().unwrap_or(f64::INFINITY);
    let mut edges: Vec<f64> = (first..last + by as i32)
        .step_by(by)
        .flat_map(|power| cuts.iter().map(move |cut| at(cut, power)))
        .map(|edge| if are_whole { edge.ceil() } else { edge })
        .filter(|edge| edge.is_finite())
        .collect();
    edges.dedup();
    let n_below = edges.partition_point(|&edge| edge <= low).saturating_sub(1);
    edges.drain(..n_below);
    edges.truncate(edges.partition_point(|&edge| edge <= high) + 1);
    edges
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};
    use proptest::prelude::*;

    fn drawn(middle: f64, numbers: &[f64]) -> Vec<Bar> {
        let (min, max) =
            (numbers.iter().copied().fold(middle, f64::min), numbers.iter().copied().fold(middle, f64::max));
        bars(min, max, middle, &numbers.iter().map(|&number| (number, 1)).collect::<Vec<_>>())
    }

    fn check(middle: f64, numbers: &[f64], expected: Expect) {
        let bars = drawn(middle, numbers);
        let shown: Vec<String> = bars.iter().map(|bar| format!("{}–{}:{}", bar.from, bar.to, bar.n_entries)).collect();
        expected.assert_eq(&shown.join(" "));
    }

    #[test]
    fn no_bar_lies_between_two_whole_numbers() {
        check(2.0, &[1.0, 2.0, 2.0, 6.0], expect!["1–2:1 2–3:2 3–4:0 4–5:0 5–6:0 6–7:1"]);
        check(
            2.0,
            &[1.0, 3.0, 900.0],
            expect![
                "1–2:1 2–3:0 3–4:1 4–7:0 7–10:0 10–16:0 16–25:0 25–40:0 40–63:0 63–100:0 100–160:0 160–250:0 250–400:0 400–630:0 630–1000:1"
            ],
        );
    }

    #[test]
    fn edges_are_round_numbers() {
        check(
            0.5,
            &[0.13, 0.5, 0.91],
            expect![
                "0.1–0.15:1 0.15–0.2:0 0.2–0.25:0 0.25–0.3:0 0.3–0.35:0 0.35–0.4:0 0.4–0.45:0 0.45–0.5:0 0.5–0.55:1 0.55–0.6:0 0.6–0.65:0 0.65–0.7:0 0.7–0.75:0 0.75–0.8:0 0.8–0.85:0 0.85–0.9:0 0.9–0.95:1"
            ],
        );
        check(
            12_000.0,
            &[484.0, 12_000.0, 31_996.0],
            expect![
                "0–2000:1 2000–4000:0 4000–6000:0 6000–8000:0 8000–10000:0 10000–12000:0 12000–14000:1 14000–16000:0 16000–18000:0 18000–20000:0 20000–22000:0 22000–24000:0 24000–26000:0 26000–28000:0 28000–30000:0 30000–32000:1"
            ],
        );
        check(
            -3.0,
            &[-7.5, -3.0, 2.0],
            expect![
                "-7.5–-7:1 -7–-6.5:0 -6.5–-6:0 -6–-5.5:0 -5.5–-5:0 -5–-4.5:0 -4.5–-4:0 -4–-3.5:0 -3.5–-3:0 -3–-2.5:1 -2.5–-2:0 -2–-1.5:0 -1.5–-1:0 -1–-0.5:0 -0.5–0:0 0–0.5:0 0.5–1:0 1–1.5:0 1.5–2:0 2–2.5:1"
            ],
        );
    }

    #[test]
    fn zeros_have_a_bar_of_their_own_where_numbers_reach_over_magnitudes() {
        check(
            0.01,
            &[0.0, 0.012, 0.013, 1.9],
            expect![
                "0–0.01:1 0.01–0.0125:1 0.0125–0.016:1 0.016–0.02:0 0.02–0.025:0 0.025–0.0315:0 0.0315–0.04:0 0.04–0.05:0 0.05–0.063:0 0.063–0.08:0 0.08–0.1:0 0.1–0.125:0 0.125–0.16:0 0.16–0.2:0 0.2–0.25:0 0.25–0.315:0 0.315–0.4:0 0.4–0.5:0 0.5–0.63:0 0.63–0.8:0 0.8–1:0 1–1.25:0 1.25–1.6:0 1.6–2:1"
            ],
        );
    }

    #[test]
    fn one_number_is_one_bar() {
        check(5.0, &[5.0, 5.0], expect!["5–5:2"]);
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn every_number_is_in_the_bar_whose_filter_finds_it(numbers in prop::collection::vec(prop_oneof![any::<f64>().prop_filter("finite", |n| n.is_finite()), (0..1000i32).prop_map(f64::from), -1.0..1.0f64], 1..40), middle in 0..40usize) {
            let bars = drawn(numbers[middle.min(numbers.len() - 1)], &numbers);
            prop_assert!(bars.len() <= 60, "{} bars", bars.len());
            prop_assert!(bars.windows(2).all(|pair| pair[0].to == pair[1].from && pair[0].from < pair[0].to));
            let last = bars.len() - 1;
            for (place, bar) in bars.iter().enumerate() {
                let is_in = |number: &&f64| bar.from <= **number && (**number < bar.to || place == last && **number <= bar.to);
                prop_assert_eq!(bar.n_entries, numbers.iter().filter(is_in).count() as u64, "{:?} of {:?}", bar, bars);
            }
        }
    }
}
