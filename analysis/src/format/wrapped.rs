//! What a program wrote over several lines, where each of them stands behind a head of its own: containers and syslog keep
//! stack traces so.

use std::borrow::Cow;

use model::time::Nanos;

use super::made::Layout;
use super::{FieldSlots, FormatId, Formats, HeadState, object};

/// Where a line comes from, as far as it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Origin {
    /// What stands before the program's text, or beside it in an object, without the stamp: container, stream, process.
    front: Vec<u8>,
    pub time: Option<Nanos>,
}

impl Origin {
    pub fn is_same(&self, other: &Self) -> bool {
        self.front == other.front
    }
}

impl Formats {
    /// The format of the heads around each line that a program wrote, the inner one included where a line is of it: of
    /// `kubectl/cri/json` it is `kubectl/cri`.
    pub(crate) fn wrapping(&self, id: FormatId) -> Option<FormatId> {
        match self.made.get(id).map(|made| &made.layout) {
            Some(Layout::Inside { outer, inner }) => {
                let outer = self.wrapping(*outer).filter(|wrapping| wrapping == outer)?;
                match self.wrapping(*inner) {
                    Some(deeper) => self.inside(outer, deeper),
                    None => Some(outer),
                }
            }
            Some(Layout::Columns { .. }) => None,
            None => self.format(id).wraps_lines.then_some(id),
        }
    }

    /// Where a line with heads of `wrapping` comes from.
    pub(crate) fn origin(&self, wrapping: FormatId, line: &[u8], state: &mut HeadState) -> Option<Origin> {
        let head = self.head(wrapping, line, state)?;
        let stamp = head.stamp.start as usize..head.stamp.end as usize;
        if self.is_object(wrapping) {
            let front = object::besides_message(line, &stamp, &self.format(wrapping).vocabulary);
            return Some(Origin { front, time: head.time });
        }
        let line = std::str::from_utf8(line).ok()?;
        // Escapes hide where it stands; then nothing but the format tells.
        let front = match self.said(wrapping, line, &mut FieldSlots::default()) {
            Cow::Borrowed(said) => (said.as_ptr() as usize).checked_sub(line.as_ptr() as usize)?,
            Cow::Owned(_) => 0,
        };
        // What is indented is said without that where a head has no place for the message.
        let mut front = line.get(..front)?.trim_end().as_bytes().to_vec();
        if stamp.end <= front.len() {
            front.drain(stamp);
        }
        Some(Origin { front, time: head.time })
    }

    /// Whether what the program wrote is an object, which has all of its entry in it.
    pub(crate) fn wraps_object(&self, id: FormatId) -> bool {
        match self.made.get(id).map(|made| &made.layout) {
            Some(Layout::Inside { inner, .. }) => {
                self.wraps_object(*inner) || self.is_object(*inner) && !self.format(*inner).wraps_lines
            }
            _ => false,
        }
    }

    /// What the program wrote, where each line of the entry is an object around a line of it.
    pub(super) fn unwrapped_objects(&self, id: FormatId, text: &str) -> Option<String> {
        let format = self.format(id);
        if !format.wraps_lines || !text.contains('\n') {
            return None;
        }
        let mut message = String::new();
        for line in text.split('\n') {
            if !line.starts_with('{') {
                return None;
            }
            // With its line end, without which it is a part of one.
            match object::said(line, &format.vocabulary) {
                Some(said) => message.push_str(&said),
                None => message.push_str(&object::parse(line, &format.vocabulary).message),
            }
        }
        Some(message)
    }
}
