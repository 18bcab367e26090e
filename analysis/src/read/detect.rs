//! Which formats a file is in, by evidence over a window of its first lines.

use std::ops::Range;

use model::time::Nanos;

use super::continuation::{goes_on, is_in_dump};
use crate::colour::plain;
use crate::format::list;
use crate::format::opening::Taken;
use crate::format::{FormatId, Formats, HeadState};

/// Lines and bytes looked at before the first entry is given out: past any banner, and quick.
pub const WINDOW_LINES: usize = 64;
pub const WINDOW_BYTES: usize = 64 << 10;

/// A format that finds no time in a line, or finds it behind words, must read one in this many of the lines that begin
/// something; fewer are chance.
const RARELY: usize = 10;
/// The last resort must be the only one for one in this many.
const OFTEN: usize = 3;

/// The objects of a line that is a [list] of them, else the line.
pub fn items(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(line);
    let mut from = list::first_item(line);
    std::iter::from_fn(move || {
        let text = rest?;
        let end = from.and_then(|from| list::item_end(text, from)).unwrap_or(text.len());
        from = Some(0);
        rest = (end < text.len()).then(|| &text[end..]);
        Some(&text[..end])
    })
}

/// The formats in use in these lines, most specific first; empty if there is none.
///
/// Each line votes for the most specific format that reads it and that is not there by chance. Of lines that name columns
/// the first is in use; the reader goes on to the next where it comes.
pub fn formats_in_use<'a>(
    lines: impl Iterator<Item = &'a [u8]>,
    formats: &Formats,
    state: &mut HeadState,
) -> Vec<FormatId> {
    let plain_lines: Vec<_> = lines.map(|line| (plain(line), line)).collect();
    let lines: Vec<&[u8]> =
        plain_lines.iter().map(|(plain, line)| plain.as_ref().map_or(*line, |plain| &plain.text)).collect();
    let mut in_use: Vec<FormatId> = Vec::new();
    let mut columns: Option<FormatId> = match lines.iter().position(|line| !line.is_empty()) {
        Some(first) => formats.header_in_first_line(lines[first], &lines[first + 1..]),
        None => None,
    };
    in_use.extend(columns);
    let mut fits: Vec<Vec<(FormatId, bool)>> = Vec::new();
    let mut is_in_crash = false;
    let mut at = 0;
    while at < lines.len() {
        let line = lines[at];
        if let Some(header) = formats.header(line) {
            columns = Some(header);
            if !in_use.iter().any(|&known| formats.replaces(header, known)) {
                in_use.push(header);
            }
            at += 1;
            continue;
        }
        if let Some((fit, n_lines)) = spanning_fit(&lines[at..], formats, state) {
            // An object without a time behind an entry that takes lines with it is the body of that.
            let is_body = !fit.1
                && fits.last().and_then(|before| before.first()).is_some_and(|(id, has_time)| {
                    *has_time && formats.joins_lines(*id) && !formats.is_last_resort(*id)
                });
            if !is_body {
                fits.push(vec![fit]);
            }
            at += n_lines;
            continue;
        }
        at += 1;
        let is_of_array = line.trim_ascii_start().first() == Some(&b'{')
            && fits.iter().all(|fit| fit.first().is_none_or(|(id, _)| formats.is_object(*id)));
        if goes_on(line) && !is_of_array || columns.is_some_and(|columns| formats.head(columns, line, state).is_some())
        {
            continue;
        }
        // The stacks behind a crash say nothing of the file.
        if is_in_crash && is_in_dump(line) {
            continue;
        }
        let heads: Vec<_> = formats.fitting_heads(line, state).collect();
        is_in_crash = heads.iter().any(|head| formats.breaks_in(head.format));
        let heads = heads.into_iter().filter(|head| !formats.breaks_in(head.format));
        fits.push(heads.map(|head| (head.format, head.time.is_some())).collect());
    }
    let n_fits = |wanted: FormatId| fits.iter().flatten().filter(|(id, _)| *id == wanted).count();
    let is_vote = |(id, has_time): &(FormatId, bool)| {
        *has_time && !formats.needs_inside(*id) || n_fits(*id) * RARELY >= fits.len()
    };
    let mut votes: Vec<FormatId> =
        fits.iter().filter_map(|fit| fit.iter().copied().find(is_vote)).map(|(id, _)| id).collect();
    let n_last_resort = votes.iter().filter(|&&id| formats.is_last_resort(id)).count();
    if n_last_resort * OFTEN < fits.len() {
        votes.retain(|&id| !formats.is_last_resort(id));
    }
    votes.extend(in_use);
    votes.sort_by_key(|&id| formats.specificity(id));
    votes.dedup();
    votes
}

/// The first time in these lines of which the stamp says the year, so that those before it without a year are close to it.
pub fn first_dated<'a>(
    mut lines: impl Iterator<Item = &'a [u8]>,
    formats: &Formats,
    in_use: &[FormatId],
    state: &mut HeadState,
) -> Option<Nanos> {
    lines.find_map(|line| {
        let plain = plain(line);
        let head = formats.first_head(in_use, plain.as_ref().map_or(line, |plain| &plain.text), state)?;
        head.time.filter(|_| state.clock.is_dated(head.time))
    })
}

/// Whether these lines show that dates like `03/11/2026` begin with the day; where none of them does, what is likely. `None`:
/// there are no such dates.
pub fn day_first<'a>(
    mut lines: impl Iterator<Item = &'a [u8]>,
    formats: &Formats,
    in_use: &[FormatId],
    state: &mut HeadState,
) -> Option<bool> {
    let mut either = Vec::new();
    let shown = lines.find_map(|line| {
        let plain = plain(line);
        let line = plain.as_ref().map_or(line, |plain| &plain.text);
        // Most lines have no such date, and need no look at their heads.
        memchr::memchr2(b'/', b'-', line)?;
        let head = formats.first_head(in_use, line, state)?;
        let part = |range: &Range<u32>| line.get(range.start as usize..range.end as usize);
        let mut stamp = part(&head.stamp)?.to_vec();
        if let Some(date) = head.date.as_ref().and_then(part) {
            stamp = [date, &stamp].join(&b' ');
        }
        either.extend(state.clock.either_of(&stamp));
        Formats::shows_day_first(&stamp)
    });
    shown.or_else(|| state.clock.guess_day_first(&either))
}

/// The format, whether it has a time, and the number of lines of an entry that its first line shows to go on. One that goes
/// on behind the window counts for what is in it.
fn spanning_fit(lines: &[&[u8]], formats: &Formats, state: &mut HeadState) -> Option<((FormatId, bool), usize)> {
    formats.fitting_openings(lines[0]).find_map(|(id, mut opening)| {
        let mut n_lines = 1;
        for line in &lines[1..] {
            match opening.take(line) {
                Taken::Inside => n_lines += 1,
                Taken::Last => {
                    n_lines += 1;
                    break;
                }
                Taken::No => break,
            }
        }
        let text = lines[..n_lines].join(&b'\n');
        let head = formats.head(id, &text, state)?;
        Some(((id, head.time.is_some()), n_lines))
    })
}
