//! The middle and the spread of numbers, so that a few odd ones among them do not move either.

/// The spread of differences from a middle: as a standard deviation if they were normal (1.4826 × the median of the absolute
/// differences, Hampel 1974).
pub fn spread(differences: &[f64]) -> f64 {
    1.4826 * median(differences.iter().map(|difference| difference.abs()).collect())
}

pub fn median(values: Vec<f64>) -> f64 {
    quantile(values, 0.5)
}

/// `share`: in [0, 1]. Of no values, 0.
pub fn quantile(mut values: Vec<f64>, share: f64) -> f64 {
    if values.is_empty() {
        return 0.0;
    }
    let at = (share * values.len() as f64) as usize;
    let at = at.min(values.len() - 1);
    *values.select_nth_unstable_by(at, f64::total_cmp).1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_odd_numbers_move_neither_middle_nor_spread() {
        let differences: Vec<f64> = (-50..=50).map(f64::from).collect();
        let mut with_odd = differences.clone();
        with_odd.extend([1e9; 3]);
        assert_eq!((median(differences.clone()), median(with_odd.clone())), (0.0, 2.0));
        assert!((spread(&with_odd) / spread(&differences) - 1.0).abs() < 0.1);
        assert_eq!((quantile(differences.clone(), 0.0), quantile(differences, 1.0)), (-50.0, 50.0));
        assert_eq!((median(Vec::new()), spread(&[])), (0.0, 0.0));
    }
}
