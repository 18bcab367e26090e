//! Log formats: TOML data with samples, one loader, one reader.
//!
//! A format does two things: its *head* (time, severity, service: what every entry needs while it is taken in, no
//! allocation) and its *parse* (message, fields: only for entries somebody looks at).

use std::ops::Range;

use model::entry::Field;
use model::severity::Severity;
use model::time::{Nanos, Precision};

/// Index into [`Formats`]; stable only within one build, so stored data uses the name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FormatId(pub u16);

/// No format: the entry is its raw text.
pub const RAW: FormatId = FormatId(0);

/// What taking an entry in needs to know of it; ranges are bytes of the entry's text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// `None`: the entry has no stamp of its own.
    pub time: Option<Nanos>,
    pub precision: Precision,
    /// The stamp named no zone, the workspace's was used.
    pub naive: bool,
    pub severity: Severity,
    /// Where the stamp stands, empty if there is none. Words do not look inside it.
    pub stamp: Range<u32>,
    /// Where the service's name stands, if the entry names it.
    pub service: Option<Range<u32>>,
    pub format: FormatId,
}

/// An entry opened up.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Parsed {
    pub message: String,
    pub severity_text: String,
    pub service: Option<String>,
    /// The well-known ones (time, level, message) left out, the others in their order, trace and span ids included.
    pub fields: Vec<Field>,
    pub trace_id: Option<String>,
    pub span_id: Option<String>,
}

/// All known formats, compiled.
pub struct Formats {}

impl Formats {
    /// The formats that ship with Dendro.
    pub fn builtin() -> Self {
        unimplemented!()
    }

    pub fn name(&self, _id: FormatId) -> &str {
        unimplemented!()
    }

    /// [`RAW`] for a name that is not known (stored by another build).
    pub fn id(&self, _name: &str) -> FormatId {
        unimplemented!()
    }

    /// Opens an entry's text (without its line end) up. Never fails: what the format does not read is message.
    pub fn parse(&self, _id: FormatId, _text: &str) -> Parsed {
        unimplemented!()
    }
}
