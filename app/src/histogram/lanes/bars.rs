//! The bars of the timeline as a file: one lane of all entries, drawn as high as on paper.

use leptos::prelude::*;
use model::lanes::{Drawn, Lane, Lanes, Split};
use model::protocol::Histogram;
use model::say;
use model::time::Zone;

use super::export::{self, Around};
use super::picture::{Frame, outlines_of_height};
use crate::histogram::picture::total;
use crate::map::save;
use crate::scope::Shared;

/// As high as the timeline is on a large screen.
const BARS_PIXELS: f64 = 160.0;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Svg,
    Png,
}

pub fn save(shared: Shared, histogram: &Histogram, frame: &Frame, kind: Kind) {
    let around = Around::seen(shared, &Split::None, &Lanes::default());
    let (svg, size) = shared.zone.with_untracked(|zone| svg(histogram, frame, zone, &around));
    match kind {
        Kind::Svg => save::text(shared, "timeline.svg", "image/svg+xml", &svg),
        Kind::Png => save::png(shared, "timeline.png", &svg, size),
    }
}

/// The picture and its size.
pub fn svg(histogram: &Histogram, frame: &Frame, zone: &Zone, around: &Around) -> (String, (f32, f32)) {
    let lane = Lane {
        value: None,
        title: say!("all entries").to_owned(),
        n_entries: histogram.buckets.iter().map(|bucket| u64::from(total(bucket))).sum(),
        buckets: histogram.buckets.clone(),
        ..Lane::default()
    };
    let lanes = Lanes {
        start: histogram.start,
        width_nanos: histogram.width_nanos,
        n_buckets: histogram.buckets.len() as u32,
        drawn: Drawn::default(),
        n_without: 0,
        complete: histogram.complete,
    };
    let outlines = outlines_of_height(BARS_PIXELS, 0.0, &lanes, std::slice::from_ref(&lane), frame);
    let lanes = Lanes { drawn: Drawn::Lanes(vec![lane]), ..lanes };
    export::svg_of_height(BARS_PIXELS, &lanes, &outlines, frame, zone, around)
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::time::{NANOS_PER_SECOND, Nanos, TimeRange};

    #[test]
    fn the_file_has_the_bars_and_their_times() {
        let histogram = Histogram {
            start: Nanos(0),
            width_nanos: 1800 * NANOS_PER_SECOND,
            buckets: vec![[0, 0, 0, 9, 0, 0, 0], [0, 0, 0, 0, 0, 9, 0]],
            ..Histogram::default()
        };
        let range = TimeRange { start: Nanos(0), end: Nanos(3600 * NANOS_PER_SECOND) };
        let frame = Frame { range, width: 400.0, is_log: false };
        let (svg, size) = svg(&histogram, &frame, &Zone::utc(), &Around::default());
        assert!(svg.contains(">all entries 18<") && svg.contains("#cf4327") && svg.contains("#3b86bf"), "{svg}");
        assert!(svg.contains(">00:30<"), "{svg}");
        assert_eq!(size.1, 218.0);
    }
}
