//! How likely chance makes what was seen.

/// Below this many a factorial is multiplied out; Stirling's series is exact to 12 digits from here on.
const MULTIPLIED: u64 = 32;

/// The logarithm of n!.
pub fn ln_factorial(n: u64) -> f64 {
    if n < MULTIPLIED {
        return (2..=n).map(|factor| factor as f64).product::<f64>().ln();
    }
    let x = n as f64;
    let series = 1.0 / (12.0 * x) - 1.0 / (360.0 * x.powi(3)) + 1.0 / (1260.0 * x.powi(5));
    x * x.ln() - x + 0.5 * (std::f64::consts::TAU * x).ln() + series
}

/// The logarithm of how many ways there are to choose `k` of `n`.
pub fn ln_choose(n: u64, k: u64) -> f64 {
    ln_factorial(n) - ln_factorial(k) - ln_factorial(n - k)
}

/// How likely a normal number is at least this far from 0, on either side: `erfc(z / √2)`.
///
/// By the power series near 0 and the continued fraction beyond (Abramowitz & Stegun 1964, 7.1.5 and 7.1.14); 0 where it is
/// less than the smallest number.
pub fn two_sided(z: f64) -> f64 {
    let x = z.abs() / std::f64::consts::SQRT_2;
    if x < 2.0 {
        let (mut term, mut sum) = (x, x);
        for n in 1..60 {
            term *= -x * x / f64::from(n);
            sum += term / f64::from(2 * n + 1);
        }
        return (1.0 - std::f64::consts::FRAC_2_SQRT_PI * sum).clamp(0.0, 1.0);
    }
    let fraction = (1..80).rev().fold(0.0, |rest, n| f64::from(n) / 2.0 / (x + rest));
    (-x * x).exp() * std::f64::consts::FRAC_2_SQRT_PI / 2.0 / (x + fraction)
}

/// The false discovery rate at which each of these would be among what is found (Benjamini & Hochberg 1995), in their order.
pub fn corrected(p: &[f64]) -> Vec<f64> {
    let mut by_p: Vec<usize> = (0..p.len()).collect();
    by_p.sort_by(|&one, &other| p[one].total_cmp(&p[other]));
    let mut rates = vec![1.0; p.len()];
    let mut least = 1.0f64;
    for (place, &at) in by_p.iter().enumerate().rev() {
        least = least.min(p[at] * p.len() as f64 / (place + 1) as f64);
        rates[at] = least;
    }
    rates
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn known_probabilities_of_a_normal_number() {
        for (z, p) in [
            (0.0, 1.0),
            (1.0, 0.317_310_507_863),
            (1.959_963_984_540, 0.05),
            (3.0, 0.002_699_796_063),
            (6.0, 1.973_175_29e-9),
        ] {
            assert!((two_sided(z) / p - 1.0).abs() < 1e-8, "{z}: {}", two_sided(z));
        }
        assert_eq!(two_sided(100.0), 0.0);
        assert_eq!(two_sided(-3.0), two_sided(3.0));
    }

    #[test]
    fn a_factorial_is_the_same_multiplied_or_by_its_series() {
        let multiplied = |n: u64| (2..=n).map(|factor| (factor as f64).ln()).sum::<f64>();
        for n in [0, 1, 5, 31, 32, 33, 100, 5000] {
            assert!((ln_factorial(n) - multiplied(n)).abs() < 1e-9 * (1.0 + multiplied(n)), "{n}");
        }
        assert!((ln_choose(52, 5).exp() - 2_598_960.0).abs() < 1e-3);
    }

    #[test]
    fn the_rates_of_a_textbook_example() {
        let rates = corrected(&[0.01, 0.04, 0.03, 0.005]);
        let wanted = [0.02, 0.04, 0.04, 0.02];
        assert!(rates.iter().zip(wanted).all(|(rate, wanted)| (rate - wanted).abs() < 1e-12), "{rates:?}");
        assert!(corrected(&[]).is_empty());
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

        #[test]
        fn a_rate_is_what_its_definition_says(p in proptest::collection::vec(0.0..1.0f64, 1..40)) {
            let rates = corrected(&p);
            for (at, rate) in rates.iter().enumerate() {
                // The least of all thresholds at or above this p, each with as many below it.
                let naive = p.iter().filter(|&&other| other >= p[at]).map(|&other| {
                    other * p.len() as f64 / p.iter().filter(|&&below| below <= other).count() as f64
                });
                let naive = naive.fold(1.0f64, f64::min);
                prop_assert!((rate - naive).abs() < 1e-12, "{rate} {naive}");
            }
        }
    }
}
