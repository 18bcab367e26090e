//! What an incident is like: others in which the same was found.

use std::collections::BTreeSet;

use crate::incident::Incident;
use crate::verdict::FindingKind;

/// Fewer of all findings of two incidents in common are an accident.
const LEAST_SHARE: f64 = 0.3;

/// Others that are told.
const MOST_ALIKE: usize = 2;

/// Another incident that this one is like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Alike {
    /// Its place in the list.
    pub place: usize,
    /// Kinds of findings that both have, and those that this one has.
    pub n_same: usize,
    pub n_own: usize,
}

/// The incidents that are most like the one in this place, by the share of the kinds of their findings that both have (Jaccard, 1901).
pub fn alike(incidents: &[Incident], place: usize) -> Vec<Alike> {
    let Some(own) = incidents.get(place).map(kinds) else { return Vec::new() };
    let mut found: Vec<(f64, Alike)> = Vec::new();
    for (other, incident) in incidents.iter().enumerate().filter(|(other, _)| *other != place) {
        let theirs = kinds(incident);
        let n_same = own.intersection(&theirs).count();
        let share = n_same as f64 / own.union(&theirs).count().max(1) as f64;
        if share >= LEAST_SHARE {
            found.push((share, Alike { place: other, n_same, n_own: own.len() }));
        }
    }
    found.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.place.cmp(&b.1.place)));
    found.into_iter().map(|(_, alike)| alike).take(MOST_ALIKE).collect()
}

/// What all messages look like together says nothing of what was found.
fn kinds(incident: &Incident) -> BTreeSet<FindingKind> {
    let is_about_something = |kind: &FindingKind| !(kind.service.is_empty() && kind.subject.is_empty());
    incident.kinds().into_iter().filter(is_about_something).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::incident::{Detector, Evidence, TemplateName};
    use crate::quantity::Unit;
    use crate::severity::Band;
    use crate::time::{Nanos, TimeRange};

    fn incident(found: &[(&str, &str)]) -> Incident {
        let time = TimeRange { start: Nanos(0), end: Nanos(1) };
        let evidence = |(service, template): &(&str, &str)| Evidence {
            detector: Detector::Burst,
            service: (*service).to_owned(),
            template: Some(TemplateName { id: (*template).to_owned(), text: String::new() }),
            subject: String::new(),
            outcome: String::new(),
            band: Band::Error,
            time,
            seen: 9.0,
            usual: 0.0,
            unit: Unit::Plain,
            strength: 9.0,
            voters: Vec::new(),
            aspects: Vec::new(),
        };
        Incident {
            score: 50,
            time,
            services: Vec::new(),
            evidence: found.iter().map(evidence).collect(),
            n_more: 0,
            headline: 0,
            after: None,
            then: None,
            verdict: None,
        }
    }

    #[test]
    fn incidents_of_the_same_findings_are_alike() {
        let reset = [("bank", "1"), ("cart", "2"), ("web", "3")];
        let all = [
            incident(&reset),
            incident(&[("mail", "7")]),
            incident(&[("bank", "1"), ("cart", "2"), ("web", "4")]),
            incident(&[("", ""), ("bank", "1")]),
            incident(&reset),
        ];
        let found = alike(&all, 0);
        assert_eq!(found[0], Alike { place: 4, n_same: 3, n_own: 3 });
        assert_eq!(found[1], Alike { place: 2, n_same: 2, n_own: 3 });
        assert_eq!(alike(&all, 1), []);
    }

    #[test]
    fn odd_mixes_of_messages_make_nothing_alike() {
        let all = [incident(&[("", "")]), incident(&[("", "")])];
        assert_eq!(alike(&all, 0), []);
    }
}
