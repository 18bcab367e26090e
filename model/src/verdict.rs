//! What the user thinks of findings: a kind of finding that is expected, or one that was a real incident.

use serde::{Deserialize, Serialize};

use crate::incident::{Evidence, Incident};
use crate::severity::Band;

/// What a finding is about, in whatever file and at whatever time: by this it is known again.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct FindingKind {
    pub service: String,
    /// Id of the template; empty where it is about none.
    pub template: String,
    /// The field, or the source.
    pub subject: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Verdict {
    /// It is known and no news.
    Expected,
    /// It was trouble indeed.
    Confirmed,
}

impl Evidence {
    pub fn kind(&self) -> FindingKind {
        let template = self.template.as_ref().map(|template| template.id.clone()).unwrap_or_default();
        FindingKind { service: self.service.clone(), template, subject: self.subject.clone() }
    }
}

impl Incident {
    /// The kinds of what was found, each once.
    pub fn kinds(&self) -> Vec<FindingKind> {
        let mut kinds: Vec<FindingKind> = self.evidence.iter().map(Evidence::kind).collect();
        kinds.sort();
        kinds.dedup();
        kinds
    }

    /// What was thought of such incidents. It is confirmed where its headline is; expected only where its headline, and all
    /// in it that is an error or worse, is: what hides behind something expected is not folded away with it.
    pub fn judge(&self, verdict: impl Fn(&FindingKind) -> Option<Verdict>) -> Option<Verdict> {
        let headline = verdict(&self.evidence.get(self.headline)?.kind())?;
        let is_expected = |evidence: &Evidence| verdict(&evidence.kind()) == Some(Verdict::Expected);
        let mut grave = self.evidence.iter().filter(|evidence| evidence.band >= Band::Error);
        (headline == Verdict::Confirmed || grave.all(is_expected)).then_some(headline)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::incident::{Detector, TemplateName};
    use crate::quantity::Unit;
    use crate::time::{Nanos, TimeRange};

    fn evidence(service: &str, band: Band) -> Evidence {
        Evidence {
            detector: Detector::Burst,
            service: service.to_owned(),
            template: Some(TemplateName { id: "1".to_owned(), text: "took long".to_owned() }),
            subject: String::new(),
            outcome: String::new(),
            band,
            time: TimeRange { start: Nanos(0), end: Nanos(1) },
            seen: 48.0,
            usual: 0.0,
            unit: Unit::Plain,
            strength: 13.0,
            voters: Vec::new(),
            aspects: Vec::new(),
        }
    }

    fn judged(verdicts: &[(&str, Verdict)]) -> Option<Verdict> {
        let evidence =
            vec![evidence("backup", Band::Info), evidence("cart", Band::Warn), evidence("bank", Band::Error)];
        let time = evidence[0].time;
        let incident = Incident {
            score: 50,
            time,
            services: Vec::new(),
            evidence,
            n_more: 0,
            headline: 0,
            after: None,
            then: None,
            verdict: None,
        };
        incident
            .judge(|kind| verdicts.iter().find(|(service, _)| *service == kind.service).map(|(_, verdict)| *verdict))
    }

    #[test]
    fn an_error_nobody_expected_is_not_folded_away_with_what_was() {
        use Verdict::{Confirmed, Expected};
        assert_eq!(judged(&[("backup", Expected), ("cart", Expected), ("bank", Expected)]), Some(Expected));
        assert_eq!(judged(&[("backup", Expected), ("bank", Expected)]), Some(Expected), "a warning may be another");
        assert_eq!(judged(&[("backup", Expected), ("cart", Expected)]), None);
        assert_eq!(judged(&[("bank", Expected)]), None, "the headline is another");
        assert_eq!(judged(&[("backup", Confirmed)]), Some(Confirmed));
        assert_eq!(judged(&[]), None);
    }
}
