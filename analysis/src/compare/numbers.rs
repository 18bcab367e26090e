//! Two sets of numbers: which is the larger, and whether chance explains it.

use model::compare::{Middle, NumbersSeen};
use model::quantity::Unit;

use super::chance::two_sided;

/// Different numbers with how many entries have each, ascending.
pub type Counted = Vec<(f64, u64)>;

/// Bars that both are drawn over.
const N_BARS: usize = 32;
/// Numbers that reach further than this times their middle are shown by magnitude.
const LARGE_RATIO: f64 = 30.0;

/// Ascending, each number once.
pub fn in_order(mut numbers: Counted) -> Counted {
    numbers.sort_by(|one, other| one.0.total_cmp(&other.0));
    numbers.dedup_by(|later, kept| {
        let is_same = later.0 == kept.0;
        kept.1 += if is_same { later.1 } else { 0 };
        is_same
    });
    numbers
}

/// How far two sets of numbers, neither empty, are apart, and whether that is chance.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Apart {
    /// Cliff's delta (Cliff 1993): how often a number of the first is larger than one of the second, less how often it is
    /// smaller; −1 to 1.
    pub delta: f64,
    /// By the rank-sum test (Mann & Whitney 1947), corrected for ties.
    pub p: f64,
}

impl Apart {
    pub fn of(a: &Counted, b: &Counted) -> Self {
        let (n_a, n_b) = (total(a), total(b));
        // For each number of the first: how many of the second are below it, and how many the same.
        let (mut below, mut place, mut ties) = (0.0, 0, 0.0);
        let mut larger = 0.0;
        let cubed = |n: f64| n * n * n - n;
        for &(number, n) in a {
            while let Some(&(other, n_other)) = b.get(place).filter(|other| other.0 < number) {
                debug_assert!(other < number);
                below += n_other as f64;
                ties += cubed(n_other as f64);
                place += 1;
            }
            let same = b.get(place).filter(|other| other.0 == number).map_or(0.0, |&(_, n)| n as f64);
            let above = n_b - below - same;
            larger += n as f64 * (below - above);
            ties += cubed(n as f64 + same);
            if same > 0.0 {
                below += same;
                place += 1;
            }
        }
        ties += b[place.min(b.len())..].iter().map(|&(_, n)| cubed(n as f64)).sum::<f64>();
        let delta = larger / (n_a * n_b);
        let n = n_a + n_b;
        // U is half of n_a n_b (1 + delta); its variance loses what ties take from it.
        let variance = n_a * n_b / 12.0 * ((n + 1.0) - ties / (n * (n - 1.0)).max(1.0));
        let z = if variance > 0.0 { larger / 2.0 / variance.sqrt() } else { 0.0 };
        Self { delta, p: two_sided(z) }
    }

    /// On the scale of [`super::shares::Shares::effect`]: Cohen's h of how often one is larger, against how often the other is.
    pub fn effect(&self) -> f64 {
        2.0 * self.delta.clamp(-1.0, 1.0).asin()
    }
}

fn total(numbers: &Counted) -> f64 {
    numbers.iter().map(|&(_, n)| n as f64).sum()
}

/// Both over the same bars: of equal ratios where most of equal widths would be empty.
pub fn drawn(unit: Unit, a: &Counted, b: &Counted) -> NumbersSeen {
    let ends = |numbers: &Counted| numbers.first().zip(numbers.last()).map(|(first, last)| (first.0, last.0));
    let (Some((a_min, a_max)), Some((b_min, b_max))) = (ends(a), ends(b)) else { return NumbersSeen::default() };
    let (min, max) = (a_min.min(b_min), a_max.max(b_max));
    let (of_a, of_b) = (middle(a), middle(b));
    let by_magnitude = min > 0.0 && max > LARGE_RATIO * of_a.p50.max(of_b.p50);
    let place = |number: f64| if by_magnitude { number.ln() } else { number };
    let width = (place(max) - place(min)) / N_BARS as f64;
    let edge = |i: usize| match i {
        0 => min,
        N_BARS => max,
        _ if by_magnitude => (place(min) + width * i as f64).exp(),
        _ => min + width * i as f64,
    };
    let mut bars = vec![(0, 0); N_BARS];
    let bar_of = |number: f64| match width > 0.0 {
        true => (((place(number) - place(min)) / width) as usize).min(N_BARS - 1),
        false => 0,
    };
    a.iter().for_each(|&(number, n)| bars[bar_of(number)].0 += n);
    b.iter().for_each(|&(number, n)| bars[bar_of(number)].1 += n);
    NumbersSeen { unit, a: of_a, b: of_b, edges: (0..=N_BARS).map(edge).collect(), bars }
}

/// The median and what 95 % are not above, by the nearest rank.
fn middle(numbers: &Counted) -> Middle {
    let n: u64 = numbers.iter().map(|&(_, n)| n).sum();
    let at = |percent: u64| {
        let rank = (u128::from(n) * u128::from(percent)).div_ceil(100) as u64;
        let mut n_passed = 0;
        let found = numbers.iter().find(|&&(_, n)| {
            n_passed += n;
            n_passed >= rank
        });
        found.map_or(0.0, |&(number, _)| number)
    };
    Middle { n, p50: at(50), p95: at(95) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn counted(numbers: &[i32]) -> Counted {
        in_order(numbers.iter().map(|&number| (f64::from(number), 1)).collect())
    }

    #[test]
    fn numbers_that_never_meet_are_as_far_apart_as_can_be() {
        let apart = Apart::of(&counted(&[7, 8, 9]), &counted(&[1, 2, 2, 3]));
        assert_eq!(apart.delta, 1.0);
        assert!((apart.effect() - std::f64::consts::PI).abs() < 1e-12);
        assert_eq!(Apart::of(&counted(&[5, 5]), &counted(&[5, 5, 5])), Apart { delta: 0.0, p: 1.0 });
    }

    #[test]
    fn the_rank_sum_without_ties() {
        // Only 14 and 15 are larger than some of the other: than seven of them each.
        let a = counted(&[1, 2, 3, 4, 5, 6, 14, 15]);
        let b = counted(&[7, 8, 9, 10, 11, 12, 13, 16, 17]);
        let apart = Apart::of(&a, &b);
        let u = 72.0 * (1.0 + apart.delta) / 2.0;
        assert!((u - 14.0).abs() < 1e-9);
        let z: f64 = (u - 36.0) / (72.0 * 18.0 / 12.0f64).sqrt();
        assert!((apart.p - two_sided(z)).abs() < 1e-12);
    }

    #[test]
    fn bars_hold_every_number_once_and_reach_over_magnitudes_where_the_numbers_do() {
        let seen = drawn(Unit::Plain, &counted(&[1, 2, 3, 4]), &counted(&[10_000, 2]));
        assert_eq!(seen.bars.iter().fold((0, 0), |sum, bar| (sum.0 + bar.0, sum.1 + bar.1)), (4, 2));
        assert!(seen.edges.windows(2).all(|pair| pair[0] < pair[1]), "{:?}", seen.edges);
        assert!(seen.edges[1] < 2.0 && seen.bars[N_BARS - 1] == (0, 1));
        assert_eq!((seen.a.p50, seen.a.p95, seen.b.p50), (2.0, 4.0, 2.0));
        assert_eq!(drawn(Unit::Plain, &counted(&[5]), &counted(&[5])).bars[0], (1, 1));
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

        #[test]
        fn delta_is_what_comparing_all_pairs_gives(
            a in proptest::collection::vec(-9i32..9, 1..40), b in proptest::collection::vec(-9i32..9, 1..40),
        ) {
            let pairs = a.iter().flat_map(|one| b.iter().map(move |other| (one - other).signum()));
            let naive = f64::from(pairs.sum::<i32>()) / (a.len() * b.len()) as f64;
            let apart = Apart::of(&counted(&a), &counted(&b));
            prop_assert!((apart.delta - naive).abs() < 1e-12);
            // Ties by their definition: groups of equal numbers among both.
            let all: Vec<i32> = a.iter().chain(&b).copied().collect();
            let n = all.len() as f64;
            let ties: f64 = (-9..9).map(|number| all.iter().filter(|&&other| other == number).count() as f64).map(|t| t * t * t - t).sum();
            let variance = (a.len() * b.len()) as f64 / 12.0 * (n + 1.0 - ties / (n * (n - 1.0)));
            let z = if variance > 1e-9 { naive * (a.len() * b.len()) as f64 / 2.0 / variance.sqrt() } else { 0.0 };
            prop_assert!((apart.p - two_sided(z)).abs() < 1e-9, "{} {}", apart.p, two_sided(z));
            let turned = Apart::of(&counted(&b), &counted(&a));
            prop_assert!((turned.delta + apart.delta).abs() < 1e-12 && (turned.p - apart.p).abs() < 1e-12);
        }
    }
}
