//! `cargo xtask incidents PATH…`: what is unusual in log files and goes together, as one JSON object.
//!
//! The same code as in the browser. `moved_first` of an incident is its evidence in the order in which it began, `suspects` who may have
//! caused it, the most likely first.

use std::collections::BTreeSet;
use std::path::Path;

use analysis::anomaly::{Key, Look, Names, Sampler, Tally, choose_windows, each_measure, is_outcome, windows_of};
use analysis::blame::suspects;
use analysis::block::{Block, Columns, decode_text};
use analysis::fields::{self, BlockFields};
use analysis::format::Formats;
use analysis::ids::id_hash;
use analysis::numbered::Numbered;
use analysis::template::{BlockShapes, Miner, SourceMiner, Template, Templates, ValueReader};
use analysis::topology::{Gatherer, Services, says_own_name, service_of_path};
use model::blame::{BlameAsk, Suspects};
use model::entry::SourceId;
use model::incident::{Evidence, Incident, TemplateName, Windows};
use model::naming::Naming;
use model::quantity::Quantity;
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
    /// As entries name them, and those of them that services have for themselves.
    services: Numbered,
    own: BTreeSet<String>,
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
    quantity: Quantity,
}

impl<'f> Gathered<'f> {
    fn new(formats: &'f Formats) -> Self {
        Self {
            formats,
            paths: Vec::new(),
            services: Numbered::new("(other services)"),
            own: BTreeSet::new(),
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
        let of_file = service_of_path(path).name;
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
                service: self.services.number(named.unwrap_or(&of_file)),
                band: columns.severity(at).band(),
                shape: numbers[usize::from(shape)],
            });
        }
        let made = BlockFields::open(fields::make(&columns, &text, self.formats)).expect("they were just made");
        let each = &mut |name: &str, at: usize, quantity: Quantity| {
            self.measures.push(Measure { entry: first + at, field: self.fields.number(name), quantity });
        };
        each_measure(&made, &columns, &text, each).expect("they were just made");
        let (source, calls) = (SourceId(self.paths.len() as u32), &mut self.calls);
        let (ids, own) = (&mut self.ids, &mut self.own);
        each_sighting_of(path, source, block, &columns, &text, self.formats, &mut |seen| {
            ids.push(id_hash(seen.parsed));
            if says_own_name(seen.parsed) {
                own.insert(seen.service.trim().to_owned());
            }
            calls.push(seen);
        });
        self.opened.push(Opened { first, columns, text, of_entry: shapes.of_entry.clone(), numbers });
    }

    /// Counts numbers that stand in messages alone. `key`: what an entry is counted as, if it is looked at.
    fn read_values(&mut self, templates: &Templates, tally: &mut Tally, key: impl Fn(&Entry) -> Option<Key>) {
        let mut sampler = Sampler::new(&templates.list, tally);
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
                let entry = &self.entries[block.first + at];
                let window = tally.windows.of(entry.time);
                let Some(key) = key(entry).filter(|&key| sampler.wants(key, window)) else { continue };
                reader.with_values(at, |_, values| {
                    sampler.each_measure(key.template, values, &mut |place, quantity| {
                        tally.add_quantity(key, self.fields.number(&variable_name(place)), entry.time, quantity);
                    });
                });
            }
        }
    }

    fn find(&mut self, window_seconds: Option<i64>) -> Found {
        self.find_of(window_seconds, |_| true)
    }

    /// The same if only these had been written.
    fn find_of(&mut self, window_seconds: Option<i64>, is_written: impl Fn(&Entry) -> bool) -> Found {
        let templates = self.all.templates();
        let times = self.entries.iter().filter(|entry| is_written(entry)).map(|entry| entry.time);
        let Some((first, last)) = times.clone().min().zip(times.clone().max()) else { return Found::default() };
        let windows = match window_seconds {
            Some(seconds) => windows_of(first, last, seconds * 1_000_000_000),
            None => choose_windows(first, last, times.count() as u64),
        };
        let key = |entry: &Entry| {
            is_written(entry).then(|| Key {
                service: entry.service,
                template: templates.of_shape[entry.shape as usize],
                band: entry.band,
            })
        };
        let mut tally = Tally::new(windows);
        for (entry, key) in self.entries.iter().filter_map(|entry| Some((entry, key(entry)?))) {
            tally.add(entry.source, key, entry.time);
        }
        let outcomes = (0..).zip(&self.fields.names).filter(|(_, name)| is_outcome(name));
        outcomes.for_each(|(field, _)| tally.tells_apart(field));
        for measure in &self.measures {
            let entry = &self.entries[measure.entry];
            if let Some(key) = key(entry) {
                tally.add_quantity(key, measure.field, entry.time, measure.quantity);
            }
        }
        self.read_values(&templates, &mut tally, key);
        let written: Vec<&str> = self.services.names.iter().map(String::as_str).collect();
        let called = Services::new(&Naming::default(), &written, &self.own.iter().map(String::as_str).collect());
        let service_of = |service: u32| called.of[service as usize];
        let name = |template: &analysis::template::Template| TemplateName {
            id: template.id.to_string(),
            text: template.text.to_string(),
        };
        let names = Names {
            services: &called,
            templates: &templates.list.iter().map(name).collect::<Vec<_>>(),
            fields: &self.fields.names,
            sources: &self.paths,
        };
        let mut findings = Look::begin(tally.finish_as(service_of)).finish();
        for (entry, &id) in self.entries.iter().zip(&self.ids) {
            let Some(key) = key(entry).map(|key| Key { service: service_of(key.service), ..key }) else { continue };
            let window = windows.of(entry.time);
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
            let services = gathered.services.names.clone();
            let is_written = |entry: &Entry| entry.time < at(share) || services[entry.service as usize] != service;
            let found = gathered.find_of(None, is_written);
            let title = found.incidents[0].title(&Zone::utc());
            assert!(title.starts_with(&format!("{service}: no entry after ")), "{title}");
            assert!(found.incidents.iter().all(|incident| incident.services == [service]), "{:#?}", found.incidents);
        }
    }

    #[test]
    fn a_service_that_is_renamed_in_the_middle_of_a_quiet_day_is_no_incident() {
        let formats = Formats::builtin();
        for (service, name) in [("storefront", "storefront-svc-v2"), ("payment", "payment-7d9f8b6c5d-2xk9p")] {
            let mut gathered = gathered(Samples::of_quiet_day(20_000, 1), &formats);
            let (before, after) = (gathered.services.number(service), gathered.services.number(name));
            let is_later = |entry: &&mut Entry| entry.service == before && entry.time >= at(0.5);
            gathered.entries.iter_mut().filter(is_later).for_each(|entry| entry.service = after);
            let found = gathered.find(None);
            assert!(found.incidents.iter().all(|incident| incident.score < 30), "{service}: {:#?}", found.incidents);
        }
    }

    #[test]
    fn wherever_a_quiet_day_ends_nothing_has_died() {
        let formats = Formats::builtin();
        for seed in [1, 2, 3] {
            let mut gathered = gathered(Samples::of_quiet_day(20_000, seed), &formats);
            for share in [0.23, 0.48, 0.66, 0.85, 0.94] {
                let found = gathered.find_of(None, |entry| entry.time < at(share));
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
