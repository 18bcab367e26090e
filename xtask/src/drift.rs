//! `cargo xtask drift PATH…`: where the signals in files and folders do not agree, as one JSON object.
//!
//! The same code as in the browser.

use analysis::drift::Gatherer;
use analysis::format::Formats;
use model::cardinality::Growth;
use model::drift::{Drift, DriftReport};
use serde_json::{Value, json};

use crate::args::Args;
use crate::topology::each_sighting;

pub fn run(args: Args) -> anyhow::Result<()> {
    let paths = args.rest()?;
    anyhow::ensure!(!paths.is_empty(), "which files or folders?");
    let formats = Formats::builtin();
    let mut gatherer = Gatherer::default();
    let names = each_sighting(&paths, &formats, &mut |seen| gatherer.push(seen))?;
    println!("{:#}", json_of(&gatherer.report(), &names));
    Ok(())
}

/// `paths`: of the sources, by their number less one.
fn json_of(report: &DriftReport, paths: &[String]) -> Value {
    let drift = |drift: &Drift| {
        let sides = drift.sides.iter().map(|side| {
            let examples = side.examples.iter().map(|key| {
                let path = paths.get(key.source.0 as usize - 1).map_or("", |path| path);
                json!({ "file": path, "entry": key.entry, "time_ns": key.time.0 })
            });
            json!({ "name": side.name, "examples": examples.collect::<Vec<_>>() })
        });
        json!({
            "kind": drift.kind.name(),
            "services": drift.services,
            "what": drift.what,
            "fix": drift.fix,
            "n": drift.n,
            "of": drift.of,
            "sides": sides.collect::<Vec<_>>(),
        })
    };
    let services = report.services.iter().map(|service| {
        json!({ "service": service.service, "score": service.score, "drifts": service.n_drifts, "entries": service.n_entries })
    });
    let fields = report.cardinality.fields.iter().map(|cost| {
        json!({
            "field": cost.name,
            "values": cost.n_values,
            "growth": Growth::words(cost.growth),
            "entries": cost.n_entries,
            "bytes": cost.bytes,
        })
    });
    let labels = report.cardinality.labels.iter().map(|cost| {
        json!({
            "metric": cost.metric,
            "label": cost.label,
            "values": cost.n_values,
            "growth": Growth::words(cost.growth),
            "series": cost.n_series,
            "series_without": cost.n_without,
        })
    });
    let cardinality = json!({ "fields": fields.collect::<Vec<_>>(), "labels": labels.collect::<Vec<_>>() });
    json!({
        "drifts": report.drifts.iter().map(drift).collect::<Vec<_>>(),
        "services": services.collect::<Vec<_>>(),
        "entries": report.looked_at.n_entries,
        "spans": report.looked_at.n_spans,
        "points": report.looked_at.n_points,
        "requests": report.looked_at.n_requests,
        "cardinality": cardinality,
    })
}

#[cfg(test)]
mod tests {
    use analysis::block::{Columns, decode_text};
    use analysis::import::Importer;
    use analysis::read::Context;
    use analysis::sample::{DEFAULT_END, Samples};
    use model::entry::SourceId;
    use model::time::Zone;

    use super::*;
    use crate::topology::each_sighting_of;

    /// The report of sample logs.
    fn report(mut samples: Samples) -> DriftReport {
        let formats = Formats::builtin();
        let mut files = vec![Vec::new(); Samples::paths().len()];
        while let Some((file, bytes)) = samples.next_chunk() {
            files[file].extend(bytes);
        }
        let mut gatherer = Gatherer::default();
        for (number, (path, bytes)) in Samples::paths().into_iter().zip(files).enumerate() {
            let context = Context { path: path.to_owned(), modified: DEFAULT_END, zone: Zone::utc() };
            let (mut importer, mut blocks) = (Importer::new(&formats, context), Vec::new());
            importer.push(&bytes, &mut blocks);
            importer.finish(&mut blocks);
            let source = SourceId(number as u32 + 1);
            for block in &blocks {
                let columns = Columns::decode(&block.columns, &formats).unwrap();
                let text = decode_text(&block.text, block.text_bytes).unwrap();
                each_sighting_of(path, source, block, &columns, &text, &formats, &mut |seen| gatherer.push(seen));
            }
        }
        gatherer.report()
    }

    #[test]
    fn every_drift_that_was_planted_is_found_and_no_other() {
        for seed in [1, 2, 3] {
            let samples = Samples::of_quiet_day(20_000, seed).with_drift();
            let truth = samples.truth().drifts;
            let report = report(samples);
            for planted in truth {
                let is_it = |drift: &&Drift| {
                    drift.kind.name() == planted.kind && drift.services.iter().any(|service| service == planted.service)
                };
                assert!(report.drifts.iter().any(|drift| is_it(&drift)), "{seed}: {planted:?} in {:#?}", report.drifts);
            }
            assert_eq!(report.drifts.len(), truth.len(), "{seed}: {:#?}", report.drifts);
        }
    }

    #[test]
    fn where_all_agrees_nothing_is_found() {
        for seed in [1, 2, 3] {
            for samples in [Samples::of_quiet_day(20_000, seed), Samples::new(20_000, seed)] {
                let report = report(samples);
                assert_eq!(report.drifts, [], "{seed}");
                assert!(report.looked_at.n_requests > 500, "{:?}", report.looked_at);
                assert!(report.services.iter().all(|service| service.score == 100), "{:?}", report.services);
            }
        }
    }
}
