//! What the panel asks the data thread.

use model::entry::SourceId;
use model::protocol::{Answer, Ask};
use model::source::{Encoding, Fits, ReadAs, Survey, TextChange, TimesPreview};

use crate::answer::Question;

/// Of the parts of a log together, or of one source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AskSurvey(pub Vec<SourceId>);

impl Question for AskSurvey {
    type Answer = Survey;

    fn ask(&self) -> Ask {
        Ask::Survey(self.0.clone())
    }

    fn read(answer: Answer) -> Option<Survey> {
        if let Answer::Survey(survey) = answer { Some(survey) } else { None }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AskFits(pub SourceId);

impl Question for AskFits {
    type Answer = Fits;

    fn ask(&self) -> Ask {
        Ask::Fits(self.0)
    }

    fn read(answer: Answer) -> Option<Fits> {
        if let Answer::Fits(fits) = answer { Some(fits) } else { None }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AskTimes {
    pub source: SourceId,
    pub read_as: ReadAs,
}

impl Question for AskTimes {
    type Answer = TimesPreview;

    fn ask(&self) -> Ask {
        Ask::PreviewTimes { source: self.source, read_as: Box::new(self.read_as.clone()) }
    }

    fn read(answer: Answer) -> Option<TimesPreview> {
        if let Answer::Times(preview) = answer { Some(preview) } else { None }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AskTexts {
    pub source: SourceId,
    pub encoding: Option<Encoding>,
}

impl Question for AskTexts {
    type Answer = Vec<TextChange>;

    fn ask(&self) -> Ask {
        Ask::PreviewEncoding { source: self.source, encoding: self.encoding }
    }

    fn read(answer: Answer) -> Option<Vec<TextChange>> {
        if let Answer::Texts(changes) = answer { Some(changes) } else { None }
    }
}
