//! From scores to votes: how far a score is from the middle of all, in standard deviations that a few odd ones do not stretch.

use crate::robust::{median, quantile, spread};

/// A vote says more than this many robust standard deviations.
pub const VOTE: f64 = 4.0;

/// From this score on something is odd.
pub fn limit(scores: &[f64]) -> f64 {
    let (middle, chance) = usual(scores);
    middle + VOTE * chance
}

/// The middle of the scores, and how much chance moves them about it.
pub fn usual(scores: &[f64]) -> (f64, f64) {
    let middle = median(scores.to_vec());
    let differences: Vec<f64> = scores.iter().map(|score| score - middle).collect();
    let of_most = quantile(differences.iter().map(|difference| difference.abs()).collect(), 0.9) / 1.645;
    (middle, spread(&differences).max(of_most).max(1e-9))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_large_scores_do_not_raise_the_limit() {
        let mut scores: Vec<f64> = (0..100).map(|n| f64::from(n % 10)).collect();
        let before = limit(&scores);
        scores.extend([1e6; 5]);
        assert!(before > 9.0 && limit(&scores) < 1.5 * before, "{before}, {}", limit(&scores));
    }
}
