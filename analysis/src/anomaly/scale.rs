//! Logarithms of numbers, made so that they exist for 0 and for negative ones too: latencies and sizes vary by factors.
//!
//! ln(1 + x) is one only where x is well above 1: of seconds 0.02 and 0.2 it is nearly the same. So numbers are counted in parts
//! small enough for what is typical of them. Which those are shows when all are there; until then each logarithm is kept.

/// Parts of one that numbers are counted in.
const SCALES: [f64; 3] = [1.0, 1e3, 1e6];

/// The logarithms of some numbers, in parts of each size.
#[derive(Clone, Copy, Debug, Default)]
pub struct Logs {
    n: u32,
    /// Of the sizes of the numbers.
    size: f64,
    has_parts: bool,
    sums: [Sums; SCALES.len()],
}

#[derive(Clone, Copy, Debug, Default)]
pub struct Sums {
    pub sum: f64,
    pub sum_of_squares: f64,
}

impl Logs {
    pub fn add(&mut self, number: f64) {
        self.n += 1;
        self.size += number.abs();
        self.has_parts |= number.fract() != 0.0;
        for (sums, scale) in self.sums.iter_mut().zip(SCALES) {
            let log = log_of(number, scale);
            sums.sum += log;
            sums.sum_of_squares += log * log;
        }
    }

    pub fn join(&mut self, other: Self) {
        self.n += other.n;
        self.size += other.size;
        self.has_parts |= other.has_parts;
        for (sums, more) in self.sums.iter_mut().zip(other.sums) {
            sums.sum += more.sum;
            sums.sum_of_squares += more.sum_of_squares;
        }
    }

    pub fn n(&self) -> u32 {
        self.n
    }

    /// With parts of this size.
    pub fn sums(&self, scale: f64) -> Sums {
        SCALES.iter().position(|known| *known == scale).map_or_else(Sums::default, |place| self.sums[place])
    }
}

/// The largest parts of which what is typical is at least one. What is counted in whole ones stays so: between none and one there is
/// nothing.
pub fn scale_for<'l>(all: impl Iterator<Item = &'l Logs> + Clone) -> f64 {
    if !all.clone().any(|logs| logs.has_parts) {
        return SCALES[0];
    }
    let n: f64 = all.clone().map(|logs| f64::from(logs.n)).sum();
    let typical = all.map(|logs| logs.size).sum::<f64>() / n.max(1.0);
    let fits = SCALES.into_iter().find(|scale| typical * scale >= 1.0);
    fits.unwrap_or(SCALES[SCALES.len() - 1])
}

/// The logarithm of a number in parts of 1 / `scale`.
pub fn log_of(number: f64, scale: f64) -> f64 {
    number.signum() * (1.0 + number.abs() * scale).ln()
}

/// The number of which this is the logarithm.
pub fn number_of(log: f64, scale: f64) -> f64 {
    log.signum() * (log.abs().exp() - 1.0) / scale
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logarithms_are_undone() {
        for (number, scale) in
            [0.0, 1.0, -3.5, 1e9, 0.02].into_iter().flat_map(|number| SCALES.map(|scale| (number, scale)))
        {
            assert!((number_of(log_of(number, scale), scale) - number).abs() < 1e-6 * (1.0 + number.abs()), "{number}");
        }
    }

    #[test]
    fn parts_are_as_small_as_what_is_typical_asks_for() {
        let scale = |numbers: &[f64]| {
            let mut logs = Logs::default();
            numbers.iter().for_each(|&number| logs.add(number));
            scale_for([logs].iter())
        };
        assert_eq!(scale(&[0.0, 1.0, 0.0, 0.0]), 1.0);
        assert_eq!(scale(&[3.5, 7.0]), 1.0);
        assert_eq!(scale(&[0.02, 0.2, 0.0]), 1e3);
        assert_eq!(scale(&[2e-5, 3e-5]), 1e6);
        assert_eq!(scale(&[]), 1.0);
    }
}
