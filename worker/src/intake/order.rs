//! In which order the files of one drop are read.

use std::cmp::Reverse;
use std::collections::HashMap;

use model::rotation::part_of;
use model::source::FileOffer;

/// The largest first, so that no reader is left alone with a long one at the end. The parts of a rotated log stay together,
/// the oldest first: of entries with equal times those of the older part then come first.
pub fn order_for_reading<T>(offers: &mut [T], offer_of: impl Fn(&T) -> &FileOffer) {
    let mut most_bytes: HashMap<String, u64> = HashMap::new();
    for offer in offers.iter().map(&offer_of) {
        let most = most_bytes.entry(part_of(&offer.path).0).or_default();
        *most = offer.bytes.max(*most);
    }
    offers.sort_by_cached_key(|offer| {
        let (log, age) = part_of(&offer_of(offer).path);
        (Reverse(most_bytes.get(&log).copied()), log, age)
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_logs_come_first_and_the_parts_of_one_by_their_age() {
        let offer = |(path, bytes): (&str, u64)| FileOffer { path: path.to_owned(), bytes, modified_millis: 0 };
        let dropped = [("small.log", 5), ("app.log", 10), ("large.log", 50), ("app.log.1", 90), ("app.log.2.gz", 20)];
        let mut offers = dropped.map(offer);
        order_for_reading(&mut offers, |offer| offer);
        let paths = offers.each_ref().map(|offer| offer.path.as_str());
        assert_eq!(paths, ["app.log.2.gz", "app.log.1", "app.log", "large.log", "small.log"]);
    }
}
