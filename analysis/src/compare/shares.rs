//! Two shares: how far apart they are, and whether chance explains it.

use super::chance::{ln_choose, two_sided};

/// So many of each set have something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shares {
    pub a: u64,
    pub n_a: u64,
    pub b: u64,
    pub n_b: u64,
}

/// With fewer expected than this in a cell of the table the likelihood ratio is not distributed as χ² (Cochran 1954).
const FEW_EXPECTED: f64 = 5.0;

impl Shares {
    /// Cohen's h (Cohen 1988): the distance of the shares after `2 asin √`, which makes it as easy to see anywhere on the scale.
    /// Above 0 where `a`'s share is the larger, at most π.
    pub fn effect(&self) -> f64 {
        let angle = |k: u64, n: u64| 2.0 * (k as f64 / n.max(1) as f64).sqrt().asin();
        angle(self.a, self.n_a) - angle(self.b, self.n_b)
    }

    /// How likely chance makes shares this far apart: by the likelihood ratio G (Dunning 1993), exactly (Fisher 1934) where
    /// little is expected.
    pub fn p(&self) -> f64 {
        let (k, n) = ((self.a + self.b) as f64, (self.n_a + self.n_b) as f64);
        let expected = |part: f64, size: u64| part * size as f64 / n;
        let cells = [
            (self.a, expected(k, self.n_a)),
            (self.b, expected(k, self.n_b)),
            (self.n_a - self.a, expected(n - k, self.n_a)),
            (self.n_b - self.b, expected(n - k, self.n_b)),
        ];
        if cells.iter().any(|&(_, expected)| expected < FEW_EXPECTED) {
            return self.exactly();
        }
        let term =
            |&(seen, expected): &(u64, f64)| if seen == 0 { 0.0 } else { seen as f64 * (seen as f64 / expected).ln() };
        let g = 2.0 * cells.iter().map(term).sum::<f64>();
        two_sided(g.max(0.0).sqrt())
    }

    /// Fisher's exact test: how likely a table with the same sums is this one or a rarer one. Cost: the least of the sums.
    fn exactly(&self) -> f64 {
        let k = self.a + self.b;
        let (least, most) = (k.saturating_sub(self.n_b), k.min(self.n_a));
        let own = self.ln_likelihood(self.a);
        // Rounding must not tell apart what is equally likely.
        let limit = own + 1e-7;
        let mut ln_p = self.ln_likelihood(least);
        let mut sum = 0.0;
        for x in least..=most {
            if ln_p <= limit {
                sum += ln_p.exp();
            }
            let up = (self.n_a - x) as f64 * (k - x) as f64;
            let down = (x + 1) as f64 * (self.n_b + x + 1 - k) as f64;
            ln_p += (up / down).ln();
        }
        sum.min(1.0)
    }

    /// Of `x` of those that have it being in the first set.
    fn ln_likelihood(&self, x: u64) -> f64 {
        let k = self.a + self.b;
        ln_choose(self.n_a, x) + ln_choose(self.n_b, k - x) - ln_choose(self.n_a + self.n_b, k)
    }

    /// Whether as many, spread in some way over the two sets, could have a p of at most `limit`. What cannot be told from chance
    /// however it is spread is not tested, and makes no other test less certain (Tarone 1990).
    pub fn can_tell(&self, limit: f64) -> bool {
        let n = self.n_a + self.n_b;
        let k = self.a + self.b;
        // Those that have it, or those that have not, all in the smaller set, or as many as it holds.
        let (few, small) = (k.min(n - k), self.n_a.min(self.n_b));
        let mut least = 1.0;
        for i in 0..few.min(small) {
            least *= (few.max(small) - i) as f64 / (n - i) as f64;
            if least <= limit {
                return true;
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shares(a: u64, n_a: u64, b: u64, n_b: u64) -> Shares {
        Shares { a, n_a, b, n_b }
    }

    #[test]
    fn all_against_none_is_the_largest_and_equal_shares_are_no_difference() {
        assert!((shares(7, 7, 0, 9).effect() - std::f64::consts::PI).abs() < 1e-12);
        assert_eq!(shares(5, 50, 10, 100).effect(), 0.0);
        assert!(shares(1, 100, 50, 100).effect() < -1.0);
        assert_eq!(shares(5, 50, 10, 100).p(), 1.0);
    }

    #[test]
    fn the_lady_tasting_tea() {
        // Fisher 1935: three of four cups told right has p = 0.486, all four 0.029.
        assert!((shares(3, 4, 1, 4).p() - 34.0 / 70.0).abs() < 1e-9);
        assert!((shares(4, 4, 0, 4).p() - 2.0 / 70.0).abs() < 1e-9);
        assert!(shares(2, 4, 2, 4).can_tell(1.0 / 69.0) && !shares(4, 4, 0, 4).can_tell(1.0 / 71.0));
    }

    #[test]
    fn one_entry_among_many_could_be_chance_and_three_in_a_small_set_are_not() {
        assert!(shares(1, 1000, 0, 9000).p() > 0.05);
        assert!(shares(3, 100, 0, 1_000_000).p() < 1e-9);
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

        #[test]
        fn the_exact_test_is_what_counting_all_tables_gives(n_a in 1u64..12, n_b in 1u64..12, a in 0u64..12, b in 0u64..12) {
            let table = shares(a.min(n_a), n_a, b.min(n_b), n_b);
            let k = table.a + table.b;
            let ways = |n: u64, k: u64| (0..k).fold(1.0, |ways, i| ways * (n - i) as f64 / (i + 1) as f64);
            let likelihood = |x: u64| ways(n_a, x) * ways(n_b, k - x) / ways(n_a + n_b, k);
            let all = (0..=k).filter(|&x| x <= n_a && k - x <= n_b).map(likelihood);
            let naive: f64 = all.filter(|&p| p <= likelihood(table.a) * (1.0 + 1e-7)).sum();
            prop_assert!((table.exactly() - naive).abs() < 1e-9, "{} {naive}", table.exactly());
            let least = (0..=k).filter(|&x| x <= n_a && k - x <= n_b).map(likelihood).fold(1.0, f64::min);
            prop_assert!(!table.can_tell(least * 0.999) && (least > 0.999 || table.can_tell(least * 1.001)));
        }

        #[test]
        fn exchanging_the_sets_turns_the_sign_and_nothing_else(n_a in 1u64..5000, n_b in 1u64..5000, a in 0.0..1.0f64, b in 0.0..1.0f64) {
            let part = |share: f64, n: u64| (share * n as f64) as u64;
            let one = shares(part(a, n_a), n_a, part(b, n_b), n_b);
            let other = shares(one.b, n_b, one.a, n_a);
            prop_assert!((one.effect() + other.effect()).abs() < 1e-12);
            prop_assert!((one.p() - other.p()).abs() < 1e-7);
            prop_assert!((0.0..=1.0).contains(&one.p()));
        }
    }
}
