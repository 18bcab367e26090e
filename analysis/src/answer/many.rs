//! What is known of a field that has too many values to count each, beside how often it is there: some of them, and about how many
//! there are even where not all entries of a block are looked at.

use crate::fields::sketch::Sketch;

/// Values that are kept to see how they are written.
pub const HANDFUL: usize = 20;

#[derive(Clone, Default)]
pub struct Many {
    /// Of the values that were counted before they were too many.
    pub handful: Vec<String>,
    /// All values of the blocks of which entries were looked at, be it few of them.
    around: Sketch,
    /// Entries of these blocks with a value, and those of them that were looked at.
    n_around: u64,
    n_drawn: u64,
}

impl Many {
    /// Of a block: a sketch of all its values, the entries that have one, and how many of these are looked at.
    pub fn meet(&mut self, registers: &[u8], n_present: u64, n_drawn: u64) {
        self.around.merge(registers);
        self.n_around += n_present;
        self.n_drawn += n_drawn;
    }

    /// About how many values the entries have that were looked at, as if they were drawn by chance from those around them.
    pub fn n_different(&self) -> u64 {
        if self.n_drawn == 0 {
            return 0;
        }
        let n_values = self.around.estimate().clamp(1, self.n_around) as f64;
        let each = self.n_around as f64 / n_values;
        let share = self.n_drawn as f64 / self.n_around as f64;
        (n_values * (1.0 - (1.0 - share).powf(each))).round() as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every so manieth of 1,000 entries in each of 60 blocks, each value in so many entries.
    fn n_different(stride: u64, each: u64) -> f64 {
        let mut many = Many::default();
        for block in 0..60u64 {
            let mut values = Sketch::default();
            (0..1000).for_each(|entry| values.add(format!("id-{}", (block * 1000 + entry) / each).as_bytes()));
            many.meet(values.registers(), 1000, 1000 / stride);
        }
        many.n_different() as f64
    }

    #[test]
    fn a_part_of_the_entries_has_a_part_of_the_values() {
        let is_about = |found: f64, expected: f64| assert!((found / expected - 1.0).abs() < 0.25, "{found} {expected}");
        is_about(n_different(1, 1), 60_000.0);
        is_about(n_different(10, 1), 6000.0);
        is_about(n_different(1, 5), 12_000.0);
        // Of 50 entries with a value each fifth is looked at: nearly every value is met.
        is_about(n_different(5, 50), 1200.0);
        assert_eq!(Many::default().n_different(), 0);
    }
}
