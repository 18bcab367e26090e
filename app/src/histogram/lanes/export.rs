//! Lanes and heat maps as a file: an SVG that needs no style sheet, with names, the axis of times, and what it shows in words.

use std::fmt::Write as _;

use leptos::prelude::*;
use model::deployment::Deployment;
use model::lanes::{Drawn, Lanes, Split};
use model::time::{Nanos, TimeRange, Zone};
use model::{counted, say};

use super::picture::{Frame, HEAT_PIXELS, LANE_PIXELS, N_SHADES, Outline, ticks};
use crate::histogram::axis::time_ticks;
use crate::histogram::overlay::place;
use crate::histogram::picture::share;
use crate::incidents::bands;
use crate::scope::Shared;
use crate::wording;

/// Room for names, and for the times below.
const NAMES_PIXELS: f64 = 150.0;
const AXIS_PIXELS: f64 = 22.0;
/// Two lines: which times of what, and what the colours stand for.
const FOOT_PIXELS: f64 = 36.0;
/// As many as there is room for.
const NAME_CHARS: usize = 24;
const TICK_PIXELS: f64 = 110.0;
/// The label of a tick, of which no half is drawn.
const LABEL_PIXELS: f64 = 34.0;

const INCIDENT_PAINT: &str = "fill=\"#cf4327\" fill-opacity=\"0.14\"";
const GAP_PAINT: &str = "fill=\"#565f5b\" fill-opacity=\"0.14\"";
const DEPLOYMENT_PAINT: &str = "fill=\"#565f5b\"";

/// What the picture is of, and what lies over it.
#[derive(Default)]
pub struct Around {
    /// `by service`; empty where its names say all.
    pub what: String,
    /// By which it is drawn.
    pub field: String,
    pub incidents: Vec<TimeRange>,
    pub gaps: Vec<TimeRange>,
    pub deployments: Vec<Nanos>,
}

impl Around {
    /// Nothing lies over it.
    pub fn bare(split: &Split, lanes: &Lanes) -> Self {
        Self { what: super::summary(lanes, split), field: super::field_of(split).to_owned(), ..Self::default() }
    }

    /// As it is on the page.
    pub fn seen(shared: Shared, split: &Split, lanes: &Lanes) -> Self {
        let of_all = || shared.incidents_of_all.get_untracked();
        let times = |found: &Vec<Deployment>| found.iter().map(|found| found.key.time).collect();
        Self {
            incidents: shared.incidents.get_untracked().unwrap_or_else(of_all),
            gaps: shared.gaps.get_untracked(),
            deployments: shared.deployments.with_untracked(times),
            ..Self::bare(split, lanes)
        }
    }
}

/// The picture and its size.
pub fn svg(lanes: &Lanes, outlines: &[Outline], frame: &Frame, zone: &Zone, around: &Around) -> (String, (f32, f32)) {
    svg_of_height(height(lanes), lanes, outlines, frame, zone, around)
}

/// The same of a picture so high, where it is not that of the page.
pub fn svg_of_height(
    inner: f64,
    lanes: &Lanes,
    outlines: &[Outline],
    frame: &Frame,
    zone: &Zone,
    around: &Around,
) -> (String, (f32, f32)) {
    let names: Vec<(f64, String)> = match &lanes.drawn {
        Drawn::Lanes(drawn) => {
            let name = |(row, lane): (usize, &model::lanes::Lane)| {
                let n_entries = format!(" {}", wording::count(lane.n_entries));
                let n_left = NAME_CHARS.saturating_sub(n_entries.chars().count());
                let name: String = super::name_and_scale(lane, drawn).chars().take(n_left).collect();
                (LANE_PIXELS * (row as f64 + 0.85), name + &n_entries)
            };
            drawn.iter().enumerate().map(name).collect()
        }
        Drawn::Heat(heat) => {
            let end =
                |edge: Option<&f64>| edge.map(|&edge| super::amount(edge, heat, &around.field)).unwrap_or_default();
            let ticks =
                ticks(heat).into_iter().map(|(y, number)| (y + 4.0, super::amount(number, heat, &around.field)));
            [(12.0, end(heat.edges.last())), (HEAT_PIXELS, end(heat.edges.first()))].into_iter().chain(ticks).collect()
        }
    };
    let (width, height) = (NAMES_PIXELS + frame.width, inner + AXIS_PIXELS + FOOT_PIXELS);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" width=\"{width:.0}\" height=\"{height:.0}\" \
         font-family=\"system-ui, sans-serif\" font-size=\"11\">\n<rect width=\"100%\" height=\"100%\" fill=\"#fbfaf8\"/>\n"
    );
    // Writing to a text does not fail.
    for (y, name) in names {
        let cut: String = name.chars().take(NAME_CHARS).collect();
        let _ = writeln!(out, "<text x=\"4\" y=\"{y:.0}\" fill=\"#1d2422\">{}</text>", escaped(&cut));
    }
    let _ = writeln!(out, "<g transform=\"translate({NAMES_PIXELS:.0} 0)\">");
    for (from, to) in bands(&around.gaps, frame.range) {
        band(&mut out, (from * frame.width, to * frame.width), inner, GAP_PAINT);
    }
    for (from, to) in bands(&around.incidents, frame.range) {
        band(&mut out, (from * frame.width, to * frame.width), inner, INCIDENT_PAINT);
    }
    for Outline { look, path } in outlines {
        let _ = writeln!(out, "<path d=\"{path}\" {}/>", paint(look));
    }
    for x in around.deployments.iter().filter_map(|&time| place(frame.range, time)) {
        band(&mut out, (x * frame.width, x * frame.width + 1.5), inner, DEPLOYMENT_PAINT);
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
    let _ = writeln!(out, "<path d=\"M0 {inner:.1}H{:.1}\" stroke=\"#565f5b\"/>\n</g>", frame.width);
    let foot = inner + AXIS_PIXELS;
    let shown = [wording::span(frame.range, zone), zone.name.clone(), around.what.clone()];
    let shown: Vec<String> = shown.into_iter().filter(|part| !part.is_empty()).collect();
    let _ =
        writeln!(out, "<text x=\"4\" y=\"{:.1}\" fill=\"#1d2422\">{}</text>", foot + 12.0, escaped(&shown.join(" · ")));
    let mut x = 4.0;
    for (paint, name) in legend(lanes, outlines, frame, around) {
        let _ = writeln!(
            out,
            "<rect x=\"{x:.1}\" y=\"{:.1}\" width=\"10\" height=\"10\" {paint}/><text x=\"{:.1}\" y=\"{:.1}\" fill=\"#565f5b\">{}</text>",
            foot + 20.0,
            x + 14.0,
            foot + 29.0,
            escaped(&name)
        );
        x += 28.0 + name.chars().map(|c| if c.is_ascii() { 6.5 } else { 11.5 }).sum::<f64>();
    }
    out.push_str("</svg>\n");
    (out, (width as f32, height as f32))
}

fn band(out: &mut String, (left, right): (f64, f64), height: f64, paint: &str) {
    let _ = writeln!(
        out,
        "<rect x=\"{left:.1}\" y=\"0\" width=\"{:.1}\" height=\"{height:.1}\" {paint}/>",
        (right - left).max(1.0)
    );
}

/// Each paint that is in the picture, with what it stands for.
fn legend(lanes: &Lanes, outlines: &[Outline], frame: &Frame, around: &Around) -> Vec<(String, String)> {
    let levels = outlines.iter().filter_map(|outline| Some((paint(&outline.look), outline.look.strip_prefix("sev-")?)));
    let mut legend: Vec<(String, String)> = levels.map(|(paint, level)| (paint, level.to_owned())).collect();
    if let Drawn::Heat(heat) = &lanes.drawn {
        let most = heat.cells.iter().flatten().copied().max().unwrap_or(0);
        let ends = [(0, 1), (N_SHADES - 1, most)].into_iter().filter(|_| most > 0);
        legend.extend(
            ends.map(|(shade, n)| (paint(&format!("shade-{shade}")), counted!(u64::from(n), "number", "numbers"))),
        );
    }
    if !bands(&around.incidents, frame.range).is_empty() {
        legend.push((INCIDENT_PAINT.to_owned(), say!("Incidents").to_owned()));
    }
    if !bands(&around.gaps, frame.range).is_empty() {
        legend.push((GAP_PAINT.to_owned(), say!("Gaps").to_owned()));
    }
    if around.deployments.iter().any(|&time| place(frame.range, time).is_some()) {
        legend.push((DEPLOYMENT_PAINT.to_owned(), say!("Deployments").to_owned()));
    }
    legend
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
    use model::lanes::{Heat, Lane};
    use model::time::NANOS_PER_SECOND;

    #[test]
    fn the_file_has_names_times_and_colours_of_its_own() {
        let lane = Lane { title: "a<b".to_owned(), n_entries: 1, ..Lane::default() };
        let lanes = Lanes { drawn: Drawn::Lanes(vec![lane]), ..Lanes::default() };
        let range = TimeRange { start: Nanos(0), end: Nanos(3600 * NANOS_PER_SECOND) };
        let outline = Outline { look: "sev-error".to_owned(), path: "M0 0z".to_owned() };
        let frame = Frame { range, width: 400.0, is_log: false };
        let around = Around {
            what: "by service".to_owned(),
            incidents: vec![TimeRange { start: Nanos(0), end: Nanos(60 * NANOS_PER_SECOND) }],
            deployments: vec![Nanos(-1)],
            ..Around::default()
        };
        let (svg, size) = svg(&lanes, &[outline], &frame, &Zone::utc(), &around);
        assert!(svg.contains(">a&lt;b 1<") && svg.contains("fill=\"#cf4327\"") && svg.contains(">00:30<"), "{svg}");
        assert!(svg.contains(">1970-01-01 00:00:00 – 01:00:00 · ") && svg.contains("by service"), "{svg}");
        assert!(svg.contains(">error<") && svg.contains(">Incidents<") && !svg.contains(">Deployments<"), "{svg}");
        assert_eq!(size, (550.0, 94.0));
        assert!(!svg.contains("class="));
    }

    #[test]
    fn a_heat_map_says_how_many_numbers_its_shades_stand_for() {
        let heat = Heat { edges: vec![1.0, 10.0], cells: vec![vec![4]], ..Heat::default() };
        let lanes = Lanes { drawn: Drawn::Heat(heat), ..Lanes::default() };
        let frame = Frame { range: TimeRange { start: Nanos(0), end: Nanos(1) }, width: 400.0, is_log: false };
        let (svg, _) = svg(&lanes, &[], &frame, &Zone::utc(), &Around::default());
        assert!(svg.contains(">1 number<") && svg.contains(">4 numbers<"), "{svg}");
    }
}
