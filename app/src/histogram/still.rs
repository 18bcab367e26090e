//! The timeline as a picture that stands elsewhere: in the notebook, and in what is saved of it.

use model::lanes::{Drawn, Lanes, LanesAsk, Split};
use model::protocol::{Histogram, HistogramAsk};
use model::scope::Filter;
use model::time::{Nanos, TimeRange, Zone};

use super::lanes::{self, Around, Frame, bars};
use super::question;

/// Of the bars, on a page to read.
const WIDTH: f64 = 800.0;

/// Bars, or lanes where the timeline is split, of what a filter finds.
pub enum Asked {
    Bars(HistogramAsk),
    Lanes(LanesAsk),
}

pub fn ask(filter: &Filter, split: &Split, zone: &Zone) -> Asked {
    let bars = question::asked_of_width(filter, zone, WIDTH);
    match split {
        Split::None => Asked::Bars(bars),
        split => Asked::Lanes(lanes::asked(bars, split, matches!(split, Split::Heat(_)))),
    }
}

/// A picture that needs no style sheet.
pub fn of_bars(histogram: &Histogram, filter: &Filter, zone: &Zone) -> String {
    let range = question::shown_range(filter, histogram);
    bars::svg(histogram, &Frame { range, width: WIDTH, is_log: false }, zone, &Around::default()).0
}

pub fn of_lanes(lanes: &Lanes, split: &Split, filter: &Filter, zone: &Zone) -> String {
    let end = Nanos(lanes.start.0.saturating_add(lanes.width_nanos.saturating_mul(lanes.n_buckets.into())));
    let found = TimeRange { start: lanes.start, end };
    let range = filter
        .range
        .map_or(found, |zoomed| TimeRange { start: zoomed.start.max(found.start), end: zoomed.end.min(found.end) });
    let is_log = matches!(lanes.drawn, Drawn::Heat(_));
    let around = Around::bare(split, lanes);
    lanes::svg(lanes, &Frame { range, width: WIDTH, is_log }, zone, &around).0
}
