//! `cargo xtask incidents PATH…`: what is unusual in log files and goes together, as one JSON object.
//!
//! The same code as in the browser. `moved_first` of an incident is its evidence in the order in which it began, `suspects` who may have
//! caused it, the most likely first.

use std::path::Path;

use analysis::anomaly::{Key, Look, Names, Sampler, Tally, choose_windows, each_measure, windows_of};
use analysis::blame::suspects;
use analysis::block::{Block, Columns, decode_text};
use analysis::fields::{self, BlockFields};
use analysis::format::Formats;
use analysis::ids::id_hash;
use analysis::numbered::Numbered;
use analysis::template::{BlockShapes, Miner, SourceMiner, Template, Templates, ValueReader};
use analysis::topology::Gatherer;
use model::blame::{BlameAsk, Suspects};
use model::entry::SourceId;
use model::incident::{Evidence, Incident, TemplateName, Windows};
use model::query::variable_name;
use model::severity::Band;
use model::time::{Nanos, Zone};
use serde_json::{Value, json};

use crate::args::Args;
use crate::parse::read_path;
use crate::topology::each_sighting_of;

/// `--window SECONDS` instead of the width that suits the logs.
pub fn run(mut args: Args) -> anyhow::Result<()> {
    let window: Option<i64> = args.value("--window")?;
    let paths = args.rest()?;
    anyhow::ensure!(!paths.is_empty(), "which files or folders?");
    let formats = Formats::builtin();
    let mut gathered = Gathered::new(&formats);
    for path in paths {
        read_path(Path::new(&path), &formats, &Zone::utc(), &mut |step, blocks| {
            blocks.drain(..).for_each(|block| gathered.take(step.path, &block));
            Ok(())
        })?;
    }
    let found = gathered.find(window);
    println!("{:#}", found.json());
    Ok(())
}

/// All entries, as little of each as is needed.
struct Gathered<'f> {
    formats: &'f Formats,
    paths: Vec<String>,
    services: Numbered,
    fields: Numbered,
    all: Miner,
    entries: Vec<Entry>,
    /// Of each entry, what the id of its request hashes to.
    ids: Vec<Option<u64>>,
    measures: Vec<Measure>,
    /// To read the values in messages from, when the templates are found.
    opened: Vec<Opened>,
    calls: Gatherer,
}

struct Opened {
    /// Of its first entry.
    first: usize,
    columns: Columns,
    text: Vec<u8>,
    of_entry: Vec<u16>,
    /// Of its shapes among all.
    numbers: Vec<u32>,
}

struct Entry {
    time: Nanos,
    source: u32,
    service: u32,
    band: Band,
    shape: u32,
}

struct Measure {
    entry: usize,
    field: u32,
    number: f64,
}

impl<'f> Gathered<'f> {
    fn new(formats: &'f Formats) -> Self {
        Self {
            formats,
            paths: Vec::new(),
            services: Numbered::new("(other services)"),
            fields: Numbered::new("(other fields)"),
            all: Miner::default(),
            entries: Vec::new(),
            ids: Vec::new(),
            measures: Vec::new(),
            opened: Vec::new(),
            calls: Gatherer::default(),
        }
    }

    fn take(&mut self, path: &str, block: &Block) {
        if self.paths.last().is_none_or(|last| last != path) {
            self.paths.push(path.to_owned());
        }
        // Without times there is nothing to compare.
        if block.undated {
            return;
        }
        let name = path.rsplit('/').next().unwrap_or(path);
        let of_file = name.split('.').find(|part| !part.is_empty()).unwrap_or(name);
        let columns = Columns::decode(&block.columns, self.formats).expect("the block was just built");
        let text = decode_text(&block.text, block.text_bytes).expect("the block was just built");
        let shapes = BlockShapes::decode(&block.shapes).expect("the block was just built");
        let numbers = self.all.merge_block(&shapes);
        let first = self.entries.len();
        for (at, &shape) in shapes.of_entry.iter().enumerate() {
            let named = Some(columns.service(at)).filter(|name| !name.is_empty());
            self.entries.push(Entry {
                time: columns.times[at],
                source: self.paths.len() as u32 - 1,
                service: self.services.number(named.unwrap_or(of_file)),
                band: columns.severity(at).band(),
                shape: numbers[usize::from(shape)],
            });
        }
        let made = BlockFields::open(fields::make(&columns, &text, self.formats)).expect("they were just made");
        let each = &mut |name: &str, at: usize, number: f64| {
            self.measures.push(Measure { entry: first + at, field: self.fields.number(name), number });
        };
        each_measure(&made, &columns, each).expect("they were just made");
        let (source, calls) = (SourceId(self.paths.len() as u32), &mut self.calls);
        let ids = &mut self.ids;
        each_sighting_of(path, source, block, &columns, &text, self.formats, &mut |seen| {
            ids.push(id_hash(seen.parsed));
            calls.push(seen);
        });
        self.opened.push(Opened { first, columns, text, of_entry: shapes.of_entry.clone(), numbers });
    }

    /// Numbers that stand in messages alone.
    fn read_values(&mut self, templates: &Templates) {
        let mut sampler = Sampler::new(&templates.list);
        let (mut miner, mut source) = (SourceMiner::default(), None);
        for block in &self.opened {
            let own = self.entries[block.first].source;
            if source.replace(own) != Some(own) {
                miner = SourceMiner::default();
            }
            // How its lines begin shows in a source's first blocks.
            miner.shapes(self.formats, &block.columns, &block.text);
            let place_of = |shape: u32| templates.of_shape[shape as usize];
            let of_shape: Vec<&Template> =
                block.numbers.iter().map(|&shape| &templates.list[place_of(shape) as usize]).collect();
            let of_block = (&block.columns, &block.text[..]);
            let reader = ValueReader::new(self.formats, of_block, &miner, (&block.of_entry, &of_shape));
            for at in 0..block.of_entry.len() {
                let entry = block.first + at;
                let template = place_of(self.entries[entry].shape);
                if sampler.wants(template) {
                    reader.with_values(at, |_, values| {
                        sampler.each_measure(template, values, &mut |place, number| {
                            let field = self.fields.number(&variable_name(place));
                            self.measures.push(Measure { entry, field, number });
                        });
                    });
                }
            }
        }
    }

    fn find(&mut self, window_seconds: Option<i64>) -> Found {
        let templates = self.all.templates();
        self.read_values(&templates);
        let times = self.entries.iter().map(|entry| entry.time);
        let Some((first, last)) = times.clone().min().zip(times.max()) else { return Found::default() };
        let windows = match window_seconds {
            Some(seconds) => windows_of(first, last, seconds * 1_000_000_000),
            None => choose_windows(first, last, self.entries.len() as u64),
        };
        let key = |entry: &Entry| Key {
            service: entry.service,
            template: templates.of_shape[entry.shape as usize],
            band: entry.band,
        };
        let mut tally = Tally::new(windows);
        for entry in &self.entries {
            tally.add(entry.source, key(entry), entry.time);
        }
        for measure in &self.measures {
            let entry = &self.entries[measure.entry];
            tally.add_number(key(entry), measure.field, entry.time, measure.number);
        }
        let name = |template: &analysis::template::Template| TemplateName {
            id: template.id.to_string(),
            text: template.text.to_string(),
        };
        let names = Names {
            services: &self.services.names,
            templates: &templates.list.iter().map(name).collect::<Vec<_>>(),
            fields: &self.fields.names,
            sources: &self.paths,
        };
        let mut findings = Look::begin(tally.finish()).finish();
        for (entry, &id) in self.entries.iter().zip(&self.ids) {
            let (key, window) = (key(entry), windows.of(entry.time));
            if findings.links.asks_for(key, window) {
                findings.links.add(key, window, id);
            }
        }
        let incidents = findings.incidents(&names);
        let topology = self.calls.topology();
        let blamed = incidents.iter().map(|incident| suspects(&BlameAsk::of(incident).signs, &topology));
        Found { windows, suspects: blamed.collect(), incidents }
    }
}

#[derive(Default)]
struct Found {
    windows: Windows,
    incidents: Vec<Incident>,
    /// Of each incident.
    suspects: Vec<Suspects>,
}

impl Found {
    fn json(&self) -> Value {
        json!({
            "window_seconds": self.windows.width_nanos as f64 / 1e9,
            "windows": self.windows.n,
            "incidents": self.incidents.iter().zip(&self.suspects).map(json_of).collect::<Vec<_>>(),
        })
    }
}

fn json_of((incident, suspects): (&Incident, &Suspects)) -> Value {
    let suspect = |suspect: &model::blame::Suspect| json!({ "service": suspect.service, "share": suspect.share, "why": suspect.why });
    json!({
        "score": incident.score,
        "title": incident.title(&Zone::utc()),
        "start_ns": incident.time.start.0,
        "end_ns": incident.time.end.0,
        "services": incident.services,
        "suspects": suspects.suspects.iter().map(suspect).collect::<Vec<_>>(),
        "moved_first": incident.evidence.iter().map(json_of_evidence).collect::<Vec<_>>(),
        "more": incident.n_more,
    })
}

fn json_of_evidence(evidence: &Evidence) -> Value {
    json!({
        "time_ns": evidence.time.start.0,
        "end_ns": evidence.time.end.0,
        "what": evidence.phrase(),
        "detector": evidence.detector.name(),
        "service": evidence.service,
        "template": evidence.template.as_ref().map(|template| &template.text),
        "template_id": evidence.template.as_ref().map(|template| &template.id),
        "severity": evidence.band.name(),
        "seen": evidence.seen,
        "usual": evidence.usual,
        "strength": evidence.strength,
    })
}

#[cfg(test)]
mod tests {
    use analysis::import::Importer;
    use analysis::read::Context;
    use analysis::sample::{DEFAULT_END, Samples};
    use model::incident::Detector;

    use super::*;

    /// What is found in the sample logs.
    fn found(samples: Samples) -> Found {
        gathered(samples, &Formats::builtin()).find(None)
    }

    fn gathered(mut samples: Samples, formats: &Formats) -> Gathered<'_> {
        let mut files = vec![Vec::new(); Samples::paths().len()];
        while let Some((file, bytes)) = samples.next_chunk() {
            files[file].extend(bytes);
        }
        let mut gathered = Gathered::new(formats);
        for (path, bytes) in Samples::paths().into_iter().zip(files) {
            let context = Context { path: path.to_owned(), modified: DEFAULT_END, zone: Zone::utc() };
            let (mut importer, mut blocks) = (Importer::new(formats, context), Vec::new());
            importer.push(&bytes, &mut blocks);
            importer.finish(&mut blocks);
            blocks.iter().for_each(|block| gathered.take(path, block));
        }
        gathered
    }

    /// What is found if only these had been written.
    fn found_of(gathered: &mut Gathered<'_>, is_written: impl Fn(&Gathered<'_>, &Entry) -> bool) -> Found {
        // Numbers in messages are read by the places of all entries.
        let templates = gathered.all.templates();
        gathered.read_values(&templates);
        gathered.opened.clear();
        let entries = std::mem::take(&mut gathered.entries);
        let (ids, measures) = (std::mem::take(&mut gathered.ids), std::mem::take(&mut gathered.measures));
        let mut places = Vec::new();
        for (at, entry) in entries.iter().enumerate() {
            places.push(is_written(gathered, entry).then_some(gathered.entries.len()));
            if is_written(gathered, entry) {
                gathered.entries.push(Entry { ..*entry });
                gathered.ids.push(ids[at]);
            }
        }
        let kept = measures.iter().filter_map(|measure| Some(Measure { entry: places[measure.entry]?, ..*measure }));
        gathered.measures = kept.collect();
        let found = gathered.find(None);
        (gathered.entries, gathered.ids, gathered.measures) = (entries, ids, measures);
        found
    }

    /// A share of the day.
    fn at(share: f64) -> Nanos {
        const DAY: f64 = 86_400e9;
        Nanos(DEFAULT_END.0 - (DAY * (1.0 - share)) as i64)
    }

    #[test]
    fn the_incident_of_the_sample_logs_comes_first_and_its_cause_moved_first() {
        for seed in [1, 2, 3] {
            let found = found(Samples::new(20_000, seed));
            let incident = &found.incidents[0];
            assert!(incident.score >= 50, "{seed}: {}", incident.score);
            assert!(incident.title(&Zone::utc()).starts_with("inventory: "), "{}", incident.title(&Zone::utc()));
            let first: Vec<&Evidence> = incident.evidence.iter().take(3).collect();
            let is_cause = |evidence: &&Evidence| {
                let text = evidence.template.as_ref().map_or("", |template| &template.text);
                evidence.service == "inventory" && text.starts_with("applying schema migration")
            };
            assert!(first.iter().any(is_cause), "{seed}: {first:#?}");
            let suspects = &found.suspects[0].suspects;
            assert_eq!(suspects[0].service, "inventory", "{seed}: {suspects:#?}");
            let others = &found.incidents[1..];
            assert!(others.iter().all(|other| other.score < incident.score / 2), "{seed}: {others:#?}");
        }
    }

    #[test]
    fn on_a_quiet_day_next_to_nothing_is_found() {
        for seed in [1, 2, 3] {
            let found = found(Samples::of_quiet_day(20_000, seed));
            assert!(found.incidents.len() <= 2, "{seed}: {:#?}", found.incidents);
            assert!(found.incidents.iter().all(|incident| incident.score < 30), "{seed}: {:#?}", found.incidents);
        }
    }

    #[test]
    fn a_service_that_dies_comes_first_and_no_other_is_blamed() {
        let formats = Formats::builtin();
        let mut gathered = gathered(Samples::of_quiet_day(20_000, 1), &formats);
        for (service, share) in [("payment", 0.5), ("inventory", 0.3), ("storefront", 0.9), ("cart", 0.75)] {
            let is_written = |gathered: &Gathered<'_>, entry: &Entry| {
                entry.time < at(share) || gathered.services.names[entry.service as usize] != service
            };
            let found = found_of(&mut gathered, is_written);
            let title = found.incidents[0].title(&Zone::utc());
            assert!(title.starts_with(&format!("{service}: no entry after ")), "{title}");
            assert!(found.incidents.iter().all(|incident| incident.services == [service]), "{:#?}", found.incidents);
        }
    }

    #[test]
    fn wherever_a_quiet_day_ends_nothing_has_died() {
        let formats = Formats::builtin();
        for seed in [1, 2, 3] {
            let mut gathered = gathered(Samples::of_quiet_day(20_000, seed), &formats);
            for share in [0.23, 0.48, 0.66, 0.85, 0.94] {
                let found = found_of(&mut gathered, |_, entry| entry.time < at(share));
                let told = || found.incidents.iter().flat_map(|incident| &incident.evidence);
                assert!(
                    told().all(|evidence| evidence.detector != Detector::Stopped),
                    "{seed}, {share}: {:#?}",
                    found.incidents
                );
                assert!(
                    found.incidents.iter().all(|incident| incident.score < 30),
                    "{seed}, {share}: {:#?}",
                    found.incidents
                );
            }
        }
    }

    #[test]
    fn the_same_logs_give_the_same_incidents_and_empty_ones_none() {
        let logs = || Samples::new(5000, 9);
        assert_eq!(found(logs()).json(), found(logs()).json());
        assert!(Gathered::new(&Formats::builtin()).find(None).incidents.is_empty());
    }
}
