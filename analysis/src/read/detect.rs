//! Which formats a file is in, by evidence over a window of its first lines.

use super::continuation::goes_on;
use crate::format::{FormatId, Formats, HeadState};

/// Lines and bytes looked at before the first entry is given out: past any banner, and quick.
pub const WINDOW_LINES: usize = 64;
pub const WINDOW_BYTES: usize = 64 << 10;

/// A format must read one in this many of the lines that begin something; fewer are chance.
const RARELY: usize = 10;

/// The formats in use in these lines, most specific first; empty if there is none.
///
/// Each line votes for the most specific format that reads it and that reads more than a few lines of the window.
pub fn formats_in_use<'a>(
    lines: impl Iterator<Item = &'a [u8]>,
    formats: &Formats,
    state: &mut HeadState,
) -> Vec<FormatId> {
    let mut fits: Vec<Vec<FormatId>> = Vec::new();
    for line in lines.filter(|line| !goes_on(line)) {
        fits.push(formats.fitting_heads(line, state).map(|head| head.format).collect());
    }
    let n_fits = |id: FormatId| fits.iter().filter(|fit| fit.contains(&id)).count();
    let is_frequent = |id: FormatId| n_fits(id) * RARELY >= fits.len();
    let mut in_use: Vec<_> = fits.iter().filter_map(|fit| fit.iter().copied().find(|&id| is_frequent(id))).collect();
    in_use.sort();
    in_use.dedup();
    in_use
}
