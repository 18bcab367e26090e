//! Lanes and heat maps as outlines: what an SVG needs, on the page and in a file. Pure.

use std::fmt::Write as _;

use model::lanes::{Heat, Lane, Lanes};
use model::severity::{BANDS, Band};
use model::time::{Nanos, TimeRange};

use crate::histogram::picture::share;

/// A lane: its name, and its bars below that. The style sheet says the same.
pub const LANE_PIXELS: f64 = 36.0;
const NAME_PIXELS: f64 = 14.0;
pub const HEAT_PIXELS: f64 = 144.0;
/// Between lanes.
const GAP_PIXELS: f64 = 4.0;
/// However few its entries, a bar that has some can be seen.
const LEAST_PIXELS: f64 = 1.5;
/// Shades of a heat map.
pub const N_SHADES: usize = 6;

/// Everything of one look.
#[derive(Clone, Debug, PartialEq)]
pub struct Outline {
    /// As the style sheet names it.
    pub look: String,
    pub path: String,
}

/// Where the buckets lie.
#[derive(Clone, Copy, Debug)]
pub struct Frame {
    pub range: TimeRange,
    pub width: f64,
    pub is_log: bool,
}

impl Frame {
    /// Left and right of a bucket; `None` outside.
    fn place(&self, lanes: &Lanes, bucket: usize) -> Option<(f64, f64)> {
        let begin = |bucket: usize| {
            let time = lanes.start.0.saturating_add(lanes.width_nanos.saturating_mul(bucket as i64));
            (share(self.range, Nanos(time)) * self.width).clamp(0.0, self.width)
        };
        let (left, right) = (begin(bucket), begin(bucket + 1));
        // Bars stand apart where there is room for it.
        let right = if right - left > 3.0 { right - 1.0 } else { right };
        (left < right).then_some((left, right))
    }
}

/// Bars of each lane, one below the other, all on one scale; the gravest at the bottom. All others together may be many more: then they
/// have a [scale of their own](has_own_scale), so that the values are not flat beside them.
pub fn lane_outlines(lanes: &Lanes, drawn: &[Lane], frame: &Frame) -> Vec<Outline> {
    outlines_of_height(LANE_PIXELS, NAME_PIXELS, lanes, drawn, frame)
}

/// The same in lanes so high, of which so much is left free at the top.
pub fn outlines_of_height(
    lane_pixels: f64,
    free_pixels: f64,
    lanes: &Lanes,
    drawn: &[Lane],
    frame: &Frame,
) -> Vec<Outline> {
    let tallest_of_values = tallest_of_values(drawn);
    let full = lane_pixels - free_pixels - GAP_PIXELS;
    let height = |n: f64, tallest: f64| {
        let share = if frame.is_log { n.ln_1p() / tallest.ln_1p() } else { n / tallest };
        (share * full).max(LEAST_PIXELS)
    };
    let mut paths = vec![String::new(); BANDS.len()];
    for (row, lane) in drawn.iter().enumerate() {
        let base = lane_pixels * (row + 1) as f64;
        let tallest = if has_own_scale(lane, drawn) { tallest(lane) } else { tallest_of_values };
        for (bucket, counts) in lane.buckets.iter().enumerate() {
            let n_entries = total(counts);
            let Some((left, right)) = frame.place(lanes, bucket).filter(|_| n_entries > 0.0) else { continue };
            let (mut bottom, mut pixels_left, mut n_left) = (base, height(n_entries, tallest), n_entries);
            for band in BANDS.into_iter().rev().filter(|&band| counts[band as usize] > 0) {
                let n = f64::from(counts[band as usize]);
                let fair = pixels_left * n / n_left;
                // A single error among thousands still shows.
                let pixels = if band >= Band::Warn { fair.max(LEAST_PIXELS).min(pixels_left) } else { fair };
                rectangle(&mut paths[band as usize], left, bottom - pixels, right, bottom);
                (bottom, pixels_left, n_left) = (bottom - pixels, pixels_left - pixels, n_left - n);
            }
        }
    }
    let outlines = BANDS.into_iter().zip(paths).filter(|(_, path)| !path.is_empty());
    outlines.map(|(band, path)| Outline { look: format!("sev-{}", band.name()), path }).collect()
}

/// Whether the bars of a lane are on another scale than those of the values: that of all others, where it has taller ones.
pub fn has_own_scale(lane: &Lane, drawn: &[Lane]) -> bool {
    lane.value.is_none() && tallest(lane) > tallest_of_values(drawn)
}

fn tallest_of_values(drawn: &[Lane]) -> f64 {
    drawn.iter().filter(|lane| lane.value.is_some()).map(tallest).fold(0.0, f64::max)
}

fn tallest(lane: &Lane) -> f64 {
    lane.buckets.iter().map(|bucket| total(bucket)).fold(0.0, f64::max)
}

fn total(bucket: &[u32]) -> f64 {
    bucket.iter().map(|&n| f64::from(n)).sum()
}

/// Cells by how many entries they have, and a line for each percentile.
pub fn heat_outlines(lanes: &Lanes, heat: &Heat, frame: &Frame) -> Vec<Outline> {
    let n_rows = heat.edges.len().saturating_sub(1);
    if n_rows == 0 {
        return Vec::new();
    }
    let most = heat.cells.iter().flatten().copied().max().unwrap_or(0).max(1);
    let mut shades = vec![String::new(); N_SHADES];
    let row_pixels = HEAT_PIXELS / n_rows as f64;
    for (bucket, cells) in heat.cells.iter().enumerate() {
        let Some((left, right)) = frame.place(lanes, bucket) else { continue };
        for (row, &n) in cells.iter().enumerate().filter(|(_, n)| **n > 0) {
            // By magnitude: what is rare is what one looks for.
            let shade = f64::from(n).ln_1p() / f64::from(most).ln_1p() * N_SHADES as f64;
            let path = &mut shades[(shade.ceil() as usize).clamp(1, N_SHADES) - 1];
            let bottom = HEAT_PIXELS - row_pixels * row as f64;
            rectangle(path, left, bottom - row_pixels, right, bottom);
        }
    }
    let shades = shades.into_iter().enumerate().filter(|(_, path)| !path.is_empty());
    let mut outlines: Vec<Outline> =
        shades.map(|(shade, path)| Outline { look: format!("shade-{shade}"), path }).collect();
    for (line, look) in ["p50", "p95", "p99"].into_iter().enumerate() {
        let mut path = String::new();
        let mut was_there = false;
        for (bucket, percentiles) in heat.percentiles.iter().enumerate() {
            let Some(((left, right), numbers)) = frame.place(lanes, bucket).zip(*percentiles) else {
                was_there = false;
                continue;
            };
            let y = height_of(heat, numbers[line], frame.is_log);
            // Writing to a text does not fail.
            let _ = write!(path, "{}{left:.1} {y:.1}H{right:.1}", if was_there { 'L' } else { 'M' });
            was_there = true;
        }
        outlines.push(Outline { look: look.to_owned(), path });
    }
    outlines
}

/// Numbers between the ends of the axis, each with how far from the top it lies.
pub fn ticks(heat: &Heat) -> Vec<(f64, f64)> {
    let n_rows = heat.edges.len().saturating_sub(1);
    let quarters = (1..4).filter(|_| n_rows >= 4).map(|quarter| n_rows * quarter / 4);
    quarters.map(|row| (HEAT_PIXELS * (1.0 - row as f64 / n_rows as f64), heat.edges[row])).collect()
}

/// How far from the top a number lies.
pub fn height_of(heat: &Heat, number: f64, is_log: bool) -> f64 {
    let (Some(&low), Some(&high)) = (heat.edges.first(), heat.edges.last()) else { return 0.0 };
    let share = match is_log && low > 0.0 {
        true => (number.max(low) / low).ln() / (high / low).ln(),
        false => (number - low) / (high - low),
    };
    HEAT_PIXELS * (1.0 - share.clamp(0.0, 1.0))
}

fn rectangle(path: &mut String, left: f64, top: f64, right: f64, bottom: f64) {
    let _ = write!(path, "M{left:.1} {top:.1}H{right:.1}V{bottom:.1}H{left:.1}z");
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::lanes::Drawn;
    use model::severity::N_BANDS;

    const FRAME: Frame = Frame { range: TimeRange { start: Nanos(0), end: Nanos(20) }, width: 100.0, is_log: false };

    fn lanes() -> Lanes {
        Lanes { start: Nanos(0), width_nanos: 10, n_buckets: 2, drawn: Drawn::default(), n_without: 0, complete: true }
    }

    fn lane(buckets: [[u32; N_BANDS]; 2]) -> Lane {
        Lane { value: Some("a".to_owned()), n_entries: 1, buckets: buckets.into(), ..Lane::default() }
    }

    #[test]
    fn all_lanes_are_on_one_scale_and_one_error_is_seen() {
        let drawn = [lane([[0, 0, 0, 999, 0, 1, 0], [0; N_BANDS]]), lane([[0; N_BANDS], [0, 0, 0, 500, 0, 0, 0]])];
        let outlines = lane_outlines(&lanes(), &drawn, &FRAME);
        let told: Vec<(&str, &str)> = outlines.iter().map(|o| (o.look.as_str(), o.path.as_str())).collect();
        assert_eq!(
            told,
            [
                ("sev-info", "M0.0 18.0H49.0V34.5H0.0zM50.0 63.0H99.0V72.0H50.0z"),
                ("sev-error", "M0.0 34.5H49.0V36.0H0.0z")
            ]
        );
        let log = lane_outlines(&lanes(), &drawn, &Frame { is_log: true, ..FRAME });
        assert!(log[0].path.contains("M50.0 55.8"), "half as many are nearly as high: {}", log[0].path);
    }

    #[test]
    fn the_axis_of_a_heat_map_has_numbers_between_its_ends() {
        let heat = |n_rows: u32| Heat { edges: (0..=n_rows).map(f64::from).collect(), ..Heat::default() };
        assert_eq!(ticks(&heat(24)), [(108.0, 6.0), (72.0, 12.0), (36.0, 18.0)]);
        assert!(ticks(&heat(2)).is_empty());
    }

    #[test]
    fn the_many_others_do_not_make_the_values_flat() {
        let of = |n: u32| lane([[0, 0, 0, n, 0, 0, 0], [0; N_BANDS]]);
        let others = |n: u32| Lane { value: None, ..of(n) };
        let told = |drawn: [Lane; 2]| {
            let path = lane_outlines(&lanes(), &drawn, &FRAME).remove(0).path;
            (path, has_own_scale(&drawn[0], &drawn), has_own_scale(&drawn[1], &drawn))
        };
        let both_full = "M0.0 18.0H49.0V36.0H0.0zM0.0 54.0H49.0V72.0H0.0z";
        assert_eq!(told([of(10), others(500)]), (both_full.to_owned(), false, true));
        let half_of_others = "M0.0 18.0H49.0V36.0H0.0zM0.0 63.0H49.0V72.0H0.0z";
        assert_eq!(told([of(10), others(5)]), (half_of_others.to_owned(), false, false));
    }

    #[test]
    fn a_heat_map_has_a_cell_where_numbers_are_and_lines_that_break_where_there_are_none() {
        let heat = Heat {
            edges: vec![1.0, 10.0, 100.0],
            cells: vec![vec![8, 0], vec![0, 0]],
            percentiles: vec![Some([1.0, 10.0, 100.0]), None],
            ..Heat::default()
        };
        let outlines = heat_outlines(&lanes(), &heat, &Frame { is_log: true, ..FRAME });
        let told: Vec<(&str, &str)> = outlines.iter().map(|o| (o.look.as_str(), o.path.as_str())).collect();
        let expected = [
            ("shade-5", "M0.0 72.0H49.0V144.0H0.0z"),
            ("p50", "M0.0 144.0H49.0"),
            ("p95", "M0.0 72.0H49.0"),
            ("p99", "M0.0 0.0H49.0"),
        ];
        assert_eq!(told, expected);
        assert!(heat_outlines(&lanes(), &Heat::default(), &FRAME).is_empty());
    }
}
