//! What the editor asks the data thread.

use model::entry::SourceId;
use model::format::{FormatPreview, OwnFormat, Tried};
use model::protocol::{Answer, Ask};

use crate::answer::Question;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AskOwnFormats;

impl Question for AskOwnFormats {
    type Answer = Vec<OwnFormat>;

    fn ask(&self) -> Ask {
        Ask::OwnFormats
    }

    fn read(answer: Answer) -> Option<Vec<OwnFormat>> {
        if let Answer::OwnFormats(own) = answer { Some(own) } else { None }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AskPreview {
    pub source: SourceId,
    pub tried: Tried,
}

impl Question for AskPreview {
    type Answer = FormatPreview;

    fn ask(&self) -> Ask {
        Ask::PreviewFormat { source: self.source, tried: self.tried.clone() }
    }

    fn read(answer: Answer) -> Option<FormatPreview> {
        if let Answer::FormatPreview(preview) = answer { Some(*preview) } else { None }
    }
}
