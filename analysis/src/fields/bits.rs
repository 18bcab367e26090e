//! Whole numbers in as many bits as the largest of them takes.

use crate::block::Corrupt;

/// Bits that hold every number up to `largest`; none for zero.
pub fn width_for(largest: u64) -> u32 {
    u64::BITS - largest.leading_zeros()
}

/// Appends the numbers, lowest bits first.
pub fn pack(out: &mut Vec<u8>, numbers: impl Iterator<Item = u64>, width: u32) {
    if width == 0 {
        return;
    }
    let (mut waiting, mut n_waiting) = (0u128, 0);
    for number in numbers {
        waiting |= u128::from(number) << n_waiting;
        n_waiting += width;
        while n_waiting >= 8 {
            out.push(waiting as u8);
            waiting >>= 8;
            n_waiting -= 8;
        }
    }
    if n_waiting > 0 {
        out.push(waiting as u8);
    }
}

/// How many bytes [`pack`] gives.
pub fn packed_bytes(n: usize, width: u32) -> usize {
    (n * width as usize).div_ceil(8)
}

/// Calls `each` with the `n` numbers.
pub fn unpack(bytes: &[u8], n: usize, width: u32, mut each: impl FnMut(u64)) -> Result<(), Corrupt> {
    if width > u64::BITS || bytes.len() < packed_bytes(n, width) {
        return Err(Corrupt);
    }
    if width == 0 {
        (0..n).for_each(|_| each(0));
        return Ok(());
    }
    let mask = u64::MAX >> (u64::BITS - width);
    if width <= 56 {
        // A number that begins anywhere in a byte lies within eight bytes.
        let mut padded = [0; 8];
        for i in 0..n {
            let bit = i * width as usize;
            let (first, shift) = (bit / 8, bit % 8);
            let word = match bytes[first..].first_chunk::<8>() {
                Some(&word) => word,
                None => {
                    padded[..bytes.len() - first].copy_from_slice(&bytes[first..]);
                    padded[bytes.len() - first..].fill(0);
                    padded
                }
            };
            each(u64::from_le_bytes(word) >> shift & mask);
        }
        return Ok(());
    }
    let (mut waiting, mut n_waiting, mut rest) = (0u128, 0, bytes.iter());
    for _ in 0..n {
        while n_waiting < width {
            waiting |= u128::from(*rest.next().ok_or(Corrupt)?) << n_waiting;
            n_waiting += 8;
        }
        each(waiting as u64 & mask);
        waiting >>= width;
        n_waiting -= width;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn numbers_come_back(numbers in proptest::collection::vec(any::<u64>(), 0..50), width in 0..=64u32) {
            let mask = if width == 0 { 0 } else { u64::MAX >> (64 - width) };
            let numbers: Vec<u64> = numbers.iter().map(|number| number & mask).collect();
            let mut bytes = Vec::new();
            pack(&mut bytes, numbers.iter().copied(), width);
            prop_assert_eq!(bytes.len(), packed_bytes(numbers.len(), width));
            let mut back = Vec::new();
            unpack(&bytes, numbers.len(), width, |number| back.push(number)).unwrap();
            prop_assert_eq!(back, numbers);
        }
    }
}
