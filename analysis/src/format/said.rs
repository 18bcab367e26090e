//! What an entry says, without opening the rest of it: many times faster where only that is wanted, of all entries.

use std::borrow::Cow;

use super::envelope::without_line_end;
use super::freestyle::Place;
use super::made::Layout;
use super::vocabulary::Vocabulary;
use super::{FieldSlots, FormatId, Formats, Kind, freestyle, logfmt, object};
use crate::colour::plain_str;

/// Finds the message of a line of which only stamp and level are known.
type Freestyle = for<'t> fn(&'t str, Place, &Vocabulary) -> &'t str;

impl Formats {
    /// The message that [`Formats::parse`] finds.
    pub fn said<'t>(&self, id: FormatId, text: &'t str, slots: &mut FieldSlots) -> Cow<'t, str> {
        self.said_coloured(id, text, slots, freestyle::said)
    }

    /// The same, but where no more than stamp and level are known without threads and loggers in front of it.
    pub fn said_behind_front<'t>(&self, id: FormatId, text: &'t str, slots: &mut FieldSlots) -> Cow<'t, str> {
        self.said_coloured(id, text, slots, freestyle::said_inside)
    }

    fn said_coloured<'t>(
        &self,
        id: FormatId,
        text: &'t str,
        slots: &mut FieldSlots,
        freestyle: Freestyle,
    ) -> Cow<'t, str> {
        match plain_str(text) {
            Cow::Borrowed(text) => self.said_plain(id, text, slots, freestyle),
            Cow::Owned(text) => self.said_plain(id, &text, slots, freestyle).into_owned().into(),
        }
    }

    fn said_plain<'t>(
        &self,
        id: FormatId,
        text: &'t str,
        slots: &mut FieldSlots,
        freestyle: Freestyle,
    ) -> Cow<'t, str> {
        let format = self.format(id);
        let vocabulary = &*format.vocabulary;
        match self.made.get(id).map(|made| &made.layout) {
            Some(Layout::Columns { .. }) => return self.parse_plain(id, text).message.into(),
            Some(Layout::Inside { outer, inner }) => {
                return match self.said_plain(*outer, text, slots, freestyle::said_inside) {
                    Cow::Borrowed(around) => self.said_plain(*inner, without_line_end(around), slots, freestyle),
                    // Where escapes spelled it, colours may be among them.
                    Cow::Owned(around) => {
                        let around = plain_str(without_line_end(&around)).into_owned();
                        self.said_plain(*inner, &around, slots, freestyle).into_owned().into()
                    }
                };
            }
            None => {}
        }
        let quick = match &format.kind {
            Kind::Raw => Some(text.into()),
            Kind::Json(_) if !format.fills_message => {
                let said = match self.unwrapped_objects(id, text) {
                    Some(message) => Some(message.into()),
                    None => object::said(text, vocabulary),
                };
                if format.wraps_lines { said.map(without_its_line_end) } else { said }
            }
            Kind::Logfmt => Some(logfmt::said(text, vocabulary)),
            Kind::Pattern(pattern) => Some(pattern.said(text, slots)),
            Kind::Freestyle(place) => Some(freestyle(text, *place, vocabulary).into()),
            _ => None,
        };
        quick.unwrap_or_else(|| self.parse_plain(id, text).message.into())
    }
}

fn without_its_line_end(message: Cow<'_, str>) -> Cow<'_, str> {
    match message {
        Cow::Borrowed(message) => without_line_end(message).into(),
        Cow::Owned(mut message) => {
            message.truncate(without_line_end(&message).len());
            message.into()
        }
    }
}
