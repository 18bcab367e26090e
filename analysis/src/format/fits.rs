//! Counts which formats read how many of a file's lines: what the user is told when choosing another.

use model::time::{Nanos, Zone};

use super::clock::Clock;
use super::{FormatId, Formats, HeadState};
use crate::colour::plain;
use crate::read::goes_on;

pub struct Fits<'f> {
    formats: &'f Formats,
    state: HeadState,
    /// Lines that begin something.
    n_lines: u64,
    /// By [`FormatId`].
    n_read: Vec<u64>,
}

impl<'f> Fits<'f> {
    pub fn new(formats: &'f Formats) -> Self {
        // The instant is of no interest here, only whether there is one.
        let clock = Clock::new(Zone::utc(), Nanos(i64::MAX / 2));
        Self { formats, state: HeadState::new(clock), n_lines: 0, n_read: vec![0; formats.list.len()] }
    }

    /// Tries all formats. Lines that look as if they went on with another are not counted.
    pub fn add_line(&mut self, line: &[u8]) {
        let plain = plain(line);
        let line = plain.as_ref().map_or(line, |plain| &plain.text);
        if line.is_empty() || goes_on(line) {
            return;
        }
        self.n_lines += 1;
        let formats = self.formats;
        let heads = formats.fitting_heads(line, &mut self.state);
        let mut ids: Vec<FormatId> = heads.map(|head| formats.base(head.format)).collect();
        ids.sort_unstable();
        ids.dedup();
        ids.into_iter().for_each(|id| self.n_read[usize::from(id.0)] += 1);
    }

    pub fn n_lines(&self) -> u64 {
        self.n_lines
    }

    /// Every format with the number of lines it reads, those that read most first; of as many the more specific.
    pub fn by_number(&self) -> Vec<(FormatId, u64)> {
        let ids = (1..self.n_read.len() as u16).map(FormatId);
        let mut all: Vec<_> = ids.map(|id| (id, self.n_read[usize::from(id.0)])).collect();
        all.sort_by_key(|&(id, n_read)| (std::cmp::Reverse(n_read), id));
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_counts_for_every_format_that_reads_it() {
        let formats = Formats::builtin();
        let mut fits = Fits::new(&formats);
        for line in ["2026-11-20 10:00:00 INFO a", "  at b", "{\"msg\":\"x\"}", "nothing", ""] {
            fits.add_line(line.as_bytes());
        }
        assert_eq!(fits.n_lines(), 3);
        let n_read = |name: &str| fits.by_number().iter().find(|(id, _)| formats.name(*id) == name).unwrap().1;
        assert_eq!((n_read("timestamp"), n_read("json"), n_read("access")), (1, 1, 0));
        assert!(fits.by_number().is_sorted_by_key(|&(_, n)| std::cmp::Reverse(n)));
    }
}
