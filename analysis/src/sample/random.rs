//! Chance that comes out the same everywhere: only integer and basic floating-point operations, no libm.

/// SplitMix64 (Steele, Lea & Flood, 2014).
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        scramble(self.0)
    }

    /// Uniform in `0..n`; `n` is far below 2³², so the bias does not matter.
    pub fn below(&mut self, n: u32) -> u32 {
        (((self.bits() >> 32) * u64::from(n)) >> 32) as u32
    }

    /// Uniform in [0, 1).
    pub fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// Exponentially distributed with mean 1.
    pub fn exponential(&mut self) -> f64 {
        -natural_log(1.0 - self.unit())
    }

    /// Like a measured latency: never below 0.6 × `typical`, mean close to it, one in a hundred several times as long.
    pub fn latency(&mut self, typical: f64) -> f64 {
        let stretch = if self.below(100) == 0 { 2.0 + 2.0 * self.exponential() } else { 1.0 };
        typical * (0.6 + 0.4 * self.exponential()) * stretch
    }

    /// Index below `n`; low ones far more often, as with products people look at.
    pub fn popular(&mut self, n: u32) -> u32 {
        let unit = self.unit();
        (unit * unit * unit * f64::from(n)) as u32
    }
}

/// SplitMix64's finaliser: also makes ids out of counters.
pub fn scramble(x: u64) -> u64 {
    let x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    x ^ (x >> 31)
}

/// ln(x) for 0 < x ≤ 1: the exponent's share plus the artanh series of the mantissa, good to 1e-9.
fn natural_log(x: f64) -> f64 {
    let bits = x.max(f64::MIN_POSITIVE).to_bits();
    let exponent = ((bits >> 52) as i64 - 1023) as f64;
    let mantissa = f64::from_bits((bits & ((1 << 52) - 1)) | (1023 << 52));
    let s = (mantissa - 1.0) / (mantissa + 1.0);
    let s2 = s * s;
    let mut sum = 0.0;
    for odd in [17.0, 15.0, 13.0, 11.0, 9.0, 7.0, 5.0, 3.0, 1.0] {
        sum = sum * s2 + 1.0 / odd;
    }
    exponent * std::f64::consts::LN_2 + 2.0 * s * sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_logarithm_is_the_logarithm() {
        for x in [1.0, 0.999, 0.5, 0.3, 1e-3, 1e-12, f64::MIN_POSITIVE] {
            assert!((natural_log(x) - f64::ln(x)).abs() < 1e-8, "{x}");
        }
    }

    #[test]
    fn waits_have_the_mean_they_claim() {
        let mut random = Random::new(1);
        let mean = (0..100_000).map(|_| random.exponential()).sum::<f64>() / 100_000.0;
        assert!((0.98..1.02).contains(&mean), "{mean}");
    }
}
