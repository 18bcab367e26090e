//! Who caused an incident: suspects, the first of them the most likely, and why.

use serde::{Deserialize, Serialize};

use crate::incident::{Detector, Incident};
use crate::time::Nanos;

/// Ranks who may have caused what was found, by who calls whom among all entries. Streams nothing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BlameAsk {
    pub signs: Vec<Sign>,
}

/// Something unusual of a service.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sign {
    pub service: String,
    pub onset: Nanos,
    /// In standard deviations of chance.
    pub strength: f64,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Suspects {
    /// The most likely first.
    pub suspects: Vec<Suspect>,
    /// Pairs of services that call each other, among all entries.
    pub n_edges: u32,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Suspect {
    pub service: String,
    /// Of all the blame: 0 to 1.
    pub share: f32,
    /// Reasons, half a sentence each.
    pub why: Vec<String>,
}

impl BlameAsk {
    /// What an incident has to say of services.
    pub fn of(incident: &Incident) -> Self {
        let of_service = incident.evidence.iter().filter(|evidence| {
            // What all messages look like together is of no service.
            !evidence.service.is_empty() && evidence.detector != Detector::Windows
        });
        let sign = |evidence: &crate::incident::Evidence| Sign {
            service: evidence.service.clone(),
            onset: evidence.time.start,
            strength: evidence.strength,
        };
        Self { signs: of_service.map(sign).collect() }
    }
}
