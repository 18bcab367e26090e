//! How many different values fields and labels have, and what each of them costs.

use crate::say;
use serde::{Deserialize, Serialize};

use crate::written::markdown_text;

/// Counts of more than some thousand different values are estimates, within 6.5 % two times out of three.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Cardinality {
    /// The field with the most different values first.
    pub fields: Vec<FieldCost>,
    /// The label whose loss saves the most time series first.
    pub labels: Vec<LabelCost>,
    /// Of all fields and messages, as text.
    pub text_bytes: u64,
}

/// What a field costs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FieldCost {
    pub name: String,
    /// Different values.
    pub n_values: u64,
    /// `None` where the entries are of too short a time to tell.
    pub growth: Option<Growth>,
    pub n_entries: u64,
    /// Its name and its values, as text: what is saved where nobody writes it.
    pub bytes: u64,
}

/// What a label of a metric costs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LabelCost {
    pub metric: String,
    pub label: String,
    /// Different values.
    pub n_values: u64,
    /// `None` where the points are of too short a time to tell.
    pub growth: Option<Growth>,
    /// Time series of the metric, and how many are left without the label.
    pub n_series: u64,
    pub n_without: u64,
}

/// Whether more entries bring more values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Growth {
    /// Hardly any: all values have been seen.
    Bounded,
    /// Some, fewer and fewer.
    Slow,
    /// As many as there are entries, without an end.
    Endless,
}

impl Growth {
    pub fn words(growth: Option<Self>) -> &'static str {
        match growth {
            Some(Self::Bounded) => say!("bounded"),
            Some(Self::Slow) => say!("slow"),
            Some(Self::Endless) => say!("endless"),
            None => say!("unknown"),
        }
    }
}

impl Cardinality {
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty() && self.labels.is_empty()
    }
}

/// As tables to paste: Markdown.
pub fn markdown(cardinality: &Cardinality) -> String {
    let mut text = String::new();
    if !cardinality.fields.is_empty() {
        text += "\n| field | values | growth | entries | bytes |\n|---|---|---|---|---|\n";
    }
    for field in &cardinality.fields {
        let FieldCost { n_values, n_entries, bytes, .. } = field;
        text += &format!(
            "| {} | {n_values} | {} | {n_entries} | {bytes} |\n",
            markdown_text(&field.name),
            Growth::words(field.growth)
        );
    }
    if !cardinality.labels.is_empty() {
        text += "\n| metric | label | values | growth | series | without it |\n|---|---|---|---|---|---|\n";
    }
    for cost in &cardinality.labels {
        let LabelCost { n_values, n_series, n_without, .. } = cost;
        let growth = Growth::words(cost.growth);
        text += &format!(
            "| {} | {} | {n_values} | {growth} | {n_series} | {n_without} |\n",
            markdown_text(&cost.metric),
            markdown_text(&cost.label)
        );
    }
    text
}
