//! Lanes and heat maps as a file: an SVG that needs no style sheet, with names and the axis of times.

use std::fmt::Write as _;

use model::lanes::{Drawn, Lanes};
use model::time::Zone;

use super::picture::{Frame, HEAT_PIXELS, LANE_PIXELS, Outline};
use crate::histogram::axis::time_ticks;
use crate::histogram::picture::share;

/// Room for names, and for the times below.
const NAMES_PIXELS: f64 = 150.0;
const AXIS_PIXELS: f64 = 22.0;
const TICK_PIXELS: f64 = 110.0;
/// The label of a tick, of which no half is drawn.
const LABEL_PIXELS: f64 = 34.0;

/// The picture and its size.
pub fn svg(lanes: &Lanes, outlines: &[Outline], frame: &Frame, zone: &Zone) -> (String, (f32, f32)) {
    svg_of_height(height(lanes), lanes, outlines, frame, zone)
}

/// The same of a picture so high, where it is not that of the page.
pub fn svg_of_height(
    inner: f64,
    lanes: &Lanes,
    outlines: &[Outline],
    frame: &Frame,
    zone: &Zone,
) -> (String, (f32, f32)) {
    let names: Vec<(f64, String)> = match &lanes.drawn {
        Drawn::Lanes(drawn) => {
            let name = |(row, lane): (usize, &model::lanes::Lane)| {
                (LANE_PIXELS * (row as f64 + 0.85), super::name_and_scale(lane, drawn))
            };
            drawn.iter().enumerate().map(name).collect()
        }
        Drawn::Heat(heat) => {
            let end = |edge: Option<&f64>| edge.map(|&edge| super::amount(edge, heat)).unwrap_or_default();
            vec![(12.0, end(heat.edges.last())), (HEAT_PIXELS, end(heat.edges.first()))]
        }
    };
    let (width, height) = (NAMES_PIXELS + frame.width, inner + AXIS_PIXELS);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" width=\"{width:.0}\" height=\"{height:.0}\" \
         font-family=\"system-ui, sans-serif\" font-size=\"11\">\n<rect width=\"100%\" height=\"100%\" fill=\"#fbfaf8\"/>\n"
    );
    // Writing to a text does not fail.
    for (y, name) in names {
        let cut: String = name.chars().take(24).collect();
        let _ = writeln!(out, "<text x=\"4\" y=\"{y:.0}\" fill=\"#1d2422\">{}</text>", escaped(&cut));
    }
    let _ = writeln!(out, "<g transform=\"translate({NAMES_PIXELS:.0} 0)\">");
    for Outline { look, path } in outlines {
        let _ = writeln!(out, "<path d=\"{path}\" {}/>", paint(look));
    }
    for tick in time_ticks(frame.range, zone, (frame.width / TICK_PIXELS).max(1.0) as usize) {
        let x = share(frame.range, tick.at) * frame.width;
        if x > frame.width - LABEL_PIXELS {
            continue;
        }
        let _ = writeln!(
            out,
            "<path d=\"M{x:.1} {inner:.1}v4\" stroke=\"#565f5b\"/><text x=\"{:.1}\" y=\"{:.1}\" fill=\"#565f5b\">{}</text>",
            x + 3.0,
            inner + 14.0,
            escaped(&tick.label)
        );
    }
    let _ = writeln!(out, "<path d=\"M0 {inner:.1}H{:.1}\" stroke=\"#565f5b\"/>\n</g>\n</svg>", frame.width);
    (out, (width as f32, height as f32))
}

/// Of the picture itself.
pub fn height(lanes: &Lanes) -> f64 {
    match &lanes.drawn {
        Drawn::Lanes(drawn) => LANE_PIXELS * drawn.len() as f64,
        Drawn::Heat(_) => HEAT_PIXELS,
    }
}

/// The light theme's colours.
fn paint(look: &str) -> String {
    let fill = match look {
        "sev-fatal" => "#7d1d5e",
        "sev-error" => "#cf4327",
        "sev-warn" => "#e6a817",
        "sev-info" => "#3b86bf",
        "sev-debug" => "#8fb0bd",
        "p50" => return "fill=\"none\" stroke=\"#1d2422\" stroke-width=\"1.5\"".to_owned(),
        "p95" => return "fill=\"none\" stroke=\"#1d2422\" stroke-dasharray=\"4 2\"".to_owned(),
        "p99" => return "fill=\"none\" stroke=\"#1d2422\" stroke-dasharray=\"1 3\"".to_owned(),
        look => {
            let shade = look.strip_prefix("shade-").and_then(|shade| shade.parse::<u32>().ok());
            return match shade {
                Some(shade) => format!("fill=\"#cf4327\" fill-opacity=\"{:.2}\"", f64::from(shade + 1) * 0.15),
                None => "fill=\"#b9b6af\"".to_owned(),
            };
        }
    };
    format!("fill=\"{fill}\"")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::lanes::Lane;
    use model::time::{NANOS_PER_SECOND, Nanos, TimeRange};

    #[test]
    fn the_file_has_names_times_and_colours_of_its_own() {
        let lane = Lane { title: "a<b".to_owned(), n_entries: 1, ..Lane::default() };
        let lanes = Lanes { drawn: Drawn::Lanes(vec![lane]), ..Lanes::default() };
        let range = TimeRange { start: Nanos(0), end: Nanos(3600 * NANOS_PER_SECOND) };
        let outline = Outline { look: "sev-error".to_owned(), path: "M0 0z".to_owned() };
        let frame = Frame { range, width: 400.0, is_log: false };
        let (svg, size) = svg(&lanes, &[outline], &frame, &Zone::utc());
        assert!(svg.contains(">a&lt;b<") && svg.contains("fill=\"#cf4327\"") && svg.contains(">00:30<"), "{svg}");
        assert_eq!(size, (550.0, 58.0));
        assert!(!svg.contains("class="));
    }
}
