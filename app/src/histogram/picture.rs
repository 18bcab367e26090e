//! Draws the histogram: entries over time, stacked by severity. Pure; the same code draws to a canvas and, in tests, to SVG.

use model::protocol::Histogram;
use model::severity::{BANDS, Band, N_BANDS};
use model::time::{Nanos, TimeRange, Zone};
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::axis::{count_ticks, magnitude_ticks, short_count, time_ticks};

/// Room under the bars for the time labels, in CSS pixels.
pub const AXIS_PIXELS: f64 = 20.0;
const FONT_PIXELS: f64 = 11.0;
/// A time label and the air beside it.
const TICK_PIXELS: f64 = 96.0;
/// Between two time labels, at least.
const LABEL_GAP_PIXELS: f64 = 8.0;
const COUNT_TICK_PIXELS: f64 = 34.0;
/// Room over the tallest bar: the count written at its height is not cut.
const HEADROOM_PIXELS: f64 = FONT_PIXELS + 4.0;
/// The same where bars are too low for counts to be written at their heights.
const LOW_HEADROOM_PIXELS: f64 = 1.0;
/// However few its entries, a bar that has some can be seen.
const LEAST_BAR_PIXELS: f64 = 2.0;

#[derive(Clone, Debug, PartialEq)]
pub struct Palette {
    /// By [`model::severity::Band`].
    pub bands: [RGBColor; N_BANDS],
    pub ink: RGBColor,
    pub line: RGBColor,
    pub paper: RGBColor,
}

/// What the picture shows of a histogram.
#[derive(Clone, Debug, PartialEq)]
pub struct Frame {
    pub range: TimeRange,
    /// Device pixels per CSS pixel.
    pub scale: f64,
    /// Heights by magnitude.
    pub is_log: bool,
}

impl Frame {
    /// How high so many entries are, as a share of the tallest bar.
    fn height(&self, n_entries: f64, tallest: f64) -> f64 {
        if self.is_log { n_entries.ln_1p() / tallest.ln_1p() } else { n_entries / tallest }
    }
}

/// Draws all of `area`. Empty buckets stay empty down to the base line: gaps are seen as gaps.
pub fn draw<B: DrawingBackend>(
    area: &DrawingArea<B, plotters::coord::Shift>,
    histogram: &Histogram,
    frame: &Frame,
    zone: &Zone,
    palette: &Palette,
) -> Result<(), DrawingAreaErrorKind<B::ErrorType>> {
    let (width, height) = area.dim_in_pixel();
    let base = f64::from(height) - AXIS_PIXELS * frame.scale;
    if width == 0 || base <= 0.0 {
        return Ok(());
    }
    let tallest = histogram.buckets.iter().map(total).max().unwrap_or(0);
    // No time at all, no axis.
    if frame.range.start < frame.range.end {
        draw_time_axis(area, base, frame, zone, palette)?;
    }
    let base_line = [(0, base.round() as i32), (width as i32, base.round() as i32)];
    area.draw(&PathElement::new(base_line, palette.ink.mix(0.6).stroke_width(hairline(frame))))?;
    if tallest > 0 {
        let has_counts = base >= COUNT_TICK_PIXELS * frame.scale;
        let headroom_pixels = if has_counts { HEADROOM_PIXELS } else { LOW_HEADROOM_PIXELS };
        let headroom = headroom_pixels * frame.scale;
        draw_bars(area, histogram, frame, (base, base - headroom), f64::from(tallest), palette)?;
        // Over the bars: under a tall one neither line nor count could be read.
        if has_counts {
            draw_count_grid(area, tallest, base, frame, palette)?;
        }
    }
    Ok(())
}

/// Where an instant lies, from 0 (left) to 1 (right).
pub fn share(range: TimeRange, time: Nanos) -> f64 {
    let span = (range.end.0 as f64 - range.start.0 as f64).max(1.0);
    (time.0 as f64 - range.start.0 as f64) / span
}

pub fn total(bucket: &[u32; N_BANDS]) -> u32 {
    bucket.iter().fold(0, |sum, &n| sum.saturating_add(n))
}

fn draw_bars<B: DrawingBackend>(
    area: &DrawingArea<B, plotters::coord::Shift>,
    histogram: &Histogram,
    frame: &Frame,
    (base, full): (f64, f64),
    tallest: f64,
    palette: &Palette,
) -> Result<(), DrawingAreaErrorKind<B::ErrorType>> {
    let width = f64::from(area.dim_in_pixel().0);
    let x = |time: i64| (share(frame.range, Nanos(time)) * width).round() as i32;
    for (i, bucket) in histogram.buckets.iter().enumerate() {
        let n_entries = total(bucket);
        if n_entries == 0 {
            continue;
        }
        let start = histogram.start.0.saturating_add(histogram.width_nanos.saturating_mul(i as i64));
        let (left, right) = (x(start).max(0), x(start.saturating_add(histogram.width_nanos)).min(width as i32));
        if right < 0 || left > width as i32 {
            continue;
        }
        // Bars stand apart where there is room for it.
        let right =
            if right - left > (3.0 * frame.scale) as i32 { right - frame.scale as i32 } else { right.max(left + 1) };
        let least = LEAST_BAR_PIXELS * frame.scale;
        let height = (frame.height(f64::from(n_entries), tallest) * full).max(least);
        // The gravest at the bottom: their heights compare across bars.
        let (mut bottom, mut pixels_left, mut n_left) = (base, height, f64::from(n_entries));
        for band in BANDS.into_iter().rev() {
            let n_band = f64::from(bucket[band as usize]);
            if n_band == 0.0 {
                continue;
            }
            let fair = pixels_left * n_band / n_left;
            // A single error among thousands still shows; what it gets too much the others lack.
            let pixels = if band >= Band::Warn { fair.max(least).min(pixels_left) } else { fair };
            let top = bottom - pixels;
            let corners = [(left, top.round() as i32), (right, bottom.round() as i32)];
            area.draw(&Rectangle::new(corners, palette.bands[band as usize].filled()))?;
            (bottom, pixels_left, n_left) = (top, pixels_left - pixels, n_left - n_band);
        }
    }
    Ok(())
}

fn draw_count_grid<B: DrawingBackend>(
    area: &DrawingArea<B, plotters::coord::Shift>,
    tallest: u32,
    base: f64,
    frame: &Frame,
    palette: &Palette,
) -> Result<(), DrawingAreaErrorKind<B::ErrorType>> {
    let width = area.dim_in_pixel().0 as i32;
    let headroom = HEADROOM_PIXELS * frame.scale;
    let max_ticks = (base / (COUNT_TICK_PIXELS * frame.scale)) as u32;
    let ticks = if frame.is_log { magnitude_ticks(tallest) } else { count_ticks(tallest, max_ticks) };
    for count in ticks {
        let y = (base - (base - headroom) * frame.height(f64::from(count), f64::from(tallest))).round() as i32;
        area.draw(&PathElement::new([(0, y), (width, y)], palette.line.mix(0.7).stroke_width(hairline(frame))))?;
        let label = short_count(count);
        let pad = (2.0 * frame.scale) as i32;
        let (right, top) = (text_pixels(&label, frame) as i32 + 2 * pad, y - (FONT_PIXELS * frame.scale) as i32 - pad);
        area.draw(&Rectangle::new([(0, top), (right, y)], palette.paper.mix(0.85).filled()))?;
        let style = text_style(frame, palette, HPos::Left, VPos::Bottom);
        area.draw(&Text::new(label, (pad, y - frame.scale as i32), style))?;
    }
    Ok(())
}

fn draw_time_axis<B: DrawingBackend>(
    area: &DrawingArea<B, plotters::coord::Shift>,
    base: f64,
    frame: &Frame,
    zone: &Zone,
    palette: &Palette,
) -> Result<(), DrawingAreaErrorKind<B::ErrorType>> {
    let width = f64::from(area.dim_in_pixel().0);
    let max_ticks = (width / (TICK_PIXELS * frame.scale)).max(1.0) as usize;
    let base_line = base.round() as i32;
    let mut free_from = 0.0;
    for tick in time_ticks(frame.range, zone, max_ticks) {
        let x = (share(frame.range, tick.at) * width).round() as i32;
        let length = (4.0 * frame.scale) as i32;
        let strength = if tick.is_major { 1.0 } else { 0.6 };
        let mark = palette.ink.mix(strength).stroke_width(hairline(frame));
        area.draw(&PathElement::new([(x, base_line), (x, base_line + length)], mark))?;
        // Labels begin at their tick, so that the first one is not cut; one that would be cut at the end, or stand on the one
        // before it, is left out.
        let end = f64::from(x) + text_pixels(&tick.label, frame);
        if end < width && f64::from(x) >= free_from {
            free_from = end + LABEL_GAP_PIXELS * frame.scale;
            let style = text_style(frame, palette, HPos::Left, VPos::Top);
            let at = (x + (3.0 * frame.scale) as i32, base_line + (4.0 * frame.scale) as i32);
            area.draw(&Text::new(tick.label, at, style))?;
        }
    }
    Ok(())
}

/// About as wide as the text becomes: digits of most fonts are 0.62 of their height.
fn text_pixels(text: &str, frame: &Frame) -> f64 {
    text.len() as f64 * FONT_PIXELS * 0.62 * frame.scale
}

fn hairline(frame: &Frame) -> u32 {
    frame.scale.round().max(1.0) as u32
}

fn text_style(frame: &Frame, palette: &Palette, h: HPos, v: VPos) -> TextStyle<'static> {
    ("sans-serif", FONT_PIXELS * frame.scale).into_font().color(&palette.ink).pos(Pos::new(h, v))
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect_file;
    use model::time::NANOS_PER_SECOND;
    use plotters_svg::SVGBackend;

    const START: i64 = 1_795_167_000 * NANOS_PER_SECOND;

    fn palette() -> Palette {
        let grey = |v| RGBColor(v, v, v);
        Palette {
            bands: [
                grey(160),
                grey(200),
                RGBColor(143, 176, 189),
                RGBColor(59, 134, 191),
                RGBColor(230, 168, 23),
                RGBColor(207, 67, 39),
                RGBColor(125, 29, 94),
            ],
            ink: grey(80),
            line: grey(220),
            paper: grey(255),
        }
    }

    fn picture(histogram: &Histogram, size: (u32, u32), scale: f64) -> String {
        drawn(histogram, size, scale, false)
    }

    fn drawn(histogram: &Histogram, size: (u32, u32), scale: f64, is_log: bool) -> String {
        let n = histogram.buckets.len() as i64;
        let end = histogram.start.0 + n.max(1) * histogram.width_nanos;
        let frame = Frame { range: TimeRange { start: histogram.start, end: Nanos(end) }, scale, is_log };
        let mut svg = String::new();
        {
            let area = SVGBackend::with_string(&mut svg, size).into_drawing_area();
            draw(&area, histogram, &frame, &Zone::fixed(3600), &palette()).expect("drawing to a string does not fail");
            area.present().expect("drawing to a string does not fail");
        }
        svg
    }

    fn minutes(buckets: Vec<[u32; N_BANDS]>) -> Histogram {
        Histogram { start: Nanos(START), width_nanos: 60 * NANOS_PER_SECOND, buckets, ..Default::default() }
    }

    #[test]
    fn a_gap_and_a_burst_of_errors() {
        let calm = [0, 0, 20, 80, 2, 0, 0];
        let burst = [0, 0, 25, 90, 40, 60, 1];
        let mut buckets = vec![calm; 12];
        buckets.extend([[0; N_BANDS]; 4]);
        buckets.extend([burst; 3]);
        buckets.extend(vec![calm; 11]);
        expect_file!["golden/gap_and_burst.svg"].assert_eq(&picture(&minutes(buckets), (600, 120), 1.0));
    }

    #[test]
    fn one_error_among_thousands_is_seen() {
        let svg = picture(&minutes(vec![[0, 0, 0, 50_000, 0, 1, 0], [0, 0, 0, 50_000, 0, 0, 0]]), (300, 100), 1.0);
        expect_file!["golden/one_error.svg"].assert_eq(&svg);
    }

    #[test]
    fn by_magnitude_a_bar_of_a_hundredth_is_nearly_half_as_high() {
        let svg = drawn(&minutes(vec![[0, 0, 0, 10_000, 0, 0, 0], [0, 0, 0, 100, 0, 0, 0]]), (300, 100), 1.0, true);
        expect_file!["golden/by_magnitude.svg"].assert_eq(&svg);
    }

    #[test]
    fn bars_of_a_low_picture_are_as_tall_as_it_has_room_for() {
        let svg = picture(&minutes(vec![[0, 0, 0, 3, 0, 0, 0]; 5]), (600, 36), 1.0);
        let heights = svg.lines().filter(|line| line.starts_with("<rect ")).map(|line| {
            let height = line.split("height=\"").nth(1).and_then(|rest| rest.split('"').next());
            height.and_then(|height| height.parse::<u32>().ok()).unwrap_or_default()
        });
        assert_eq!(heights.collect::<Vec<_>>(), [15; 5], "one for each bar, and none behind a count: {svg}");
    }

    #[test]
    fn sharp_screens_get_the_same_picture_with_more_pixels() {
        expect_file!["golden/sharp.svg"].assert_eq(&picture(&minutes(vec![[0, 0, 0, 3, 1, 0, 0]; 5]), (600, 200), 2.0));
    }

    #[test]
    fn nothing_found_leaves_the_axis() {
        let svg = picture(
            &Histogram { width_nanos: 3_600 * NANOS_PER_SECOND, start: Nanos(START), ..Default::default() },
            (300, 100),
            1.0,
        );
        expect_file!["golden/nothing.svg"].assert_eq(&svg);
    }
}
