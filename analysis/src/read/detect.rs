//! Which formats a file is in, by evidence over a window of its first lines.

use super::continuation::goes_on;
use crate::colour::plain;
use crate::format::{FormatId, Formats, HeadState};

/// Lines and bytes looked at before the first entry is given out: past any banner, and quick.
pub const WINDOW_LINES: usize = 64;
pub const WINDOW_BYTES: usize = 64 << 10;

/// A format that finds no time in a line must read one in this many of the lines that begin something; fewer are chance.
const RARELY: usize = 10;
/// The last resort must be the only one for one in this many.
const OFTEN: usize = 3;

/// The formats in use in these lines, most specific first; empty if there is none.
///
/// Each line votes for the most specific format that reads it and that is not there by chance.
pub fn formats_in_use<'a>(
    lines: impl Iterator<Item = &'a [u8]>,
    formats: &Formats,
    state: &mut HeadState,
) -> Vec<FormatId> {
    let mut fits: Vec<Vec<(FormatId, bool)>> = Vec::new();
    for line in lines {
        let plain = plain(line);
        let line = plain.as_ref().map_or(line, |plain| &plain.text);
        if goes_on(line) {
            continue;
        }
        fits.push(formats.fitting_heads(line, state).map(|head| (head.format, head.time.is_some())).collect());
    }
    let n_fits = |wanted: FormatId| fits.iter().flatten().filter(|(id, _)| *id == wanted).count();
    let mut votes: Vec<FormatId> = fits
        .iter()
        .filter_map(|fit| fit.iter().find(|(id, has_time)| *has_time || n_fits(*id) * RARELY >= fits.len()))
        .map(|&(id, _)| id)
        .collect();
    let n_last_resort = votes.iter().filter(|&&id| formats.is_last_resort(id)).count();
    if n_last_resort * OFTEN < fits.len() {
        votes.retain(|&id| !formats.is_last_resort(id));
    }
    votes.sort();
    votes.dedup();
    votes
}
