//! All formats of a catalogue, in the order in which they are asked.

use std::sync::Arc;

use model::severity::Severity;

use super::candidates::Candidates;
use super::load::Problem;
use super::made::MadeFormats;
use super::shipped::Shipped;
use super::vocabulary::Vocabulary;
use super::{Format, FormatId, Formats, Kind, Opens};

impl Formats {
    pub(super) fn compile(shipped: Shipped) -> Result<Self, Problem> {
        let Shipped { vocabulary, formats: mut specs } = shipped;
        specs.sort_by(|a, b| (b.rank, b.is_own, &a.name).cmp(&(a.rank, a.is_own, &b.name)));
        let shared = Arc::new(Vocabulary::new(&vocabulary));
        let raw = Format {
            name: "raw".to_owned(),
            title: "plain text".to_owned(),
            rank: 0,
            kind: Kind::Raw,
            vocabulary: shared.clone(),
            opens: Opens::Nothing,
            needs_inside: false,
            joins_lines: false,
            wraps_lines: false,
            joins_parts: false,
            severity: Severity::UNSPECIFIED,
            fills_message: false,
            delimits_values: true,
            delimits_messages: true,
            is_own: false,
        };
        let mut list = vec![raw];
        let (mut heads, mut headers) = (Vec::new(), Vec::new());
        let (mut breaking_in, mut around_only) = (Vec::new(), Vec::new());
        for spec in specs {
            let id = FormatId(list.len() as u16);
            let vocabulary = spec.vocabulary(&shared)?;
            let kind = spec.compile(&vocabulary)?;
            if let Kind::Delimited(delimited, _) = &kind {
                headers.extend(delimited.header.iter().map(|header| (header.clone(), id)));
            }
            if spec.breaks_in {
                breaking_in.push(id);
            }
            if spec.needs_inside {
                around_only.push(id);
            }
            // Heads of several lines are found by what their first line looks like.
            if spec.head_lines == 1 {
                heads.extend(spec.heads.iter().map(|head| (id, head.clone())));
            }
            list.push(Format {
                title: spec.title().to_owned(),
                joins_lines: spec.joins_lines(),
                wraps_lines: spec.wraps_lines,
                joins_parts: spec.joins_parts,
                severity: spec.severity(),
                fills_message: spec.fills_message,
                opens: spec.opens,
                needs_inside: spec.needs_inside,
                delimits_values: spec.delimits_values,
                delimits_messages: spec.delimits_messages,
                is_own: spec.is_own,
                name: spec.name,
                rank: spec.rank,
                vocabulary,
                kind,
            });
        }
        let kinds = list.iter().enumerate().map(|(at, format): (usize, &Format)| (FormatId(at as u16), &format.kind));
        let candidates = Candidates::new(kinds, &heads);
        Ok(Self { list, made: MadeFormats::default(), candidates, breaking_in, around_only, headers })
    }
}
