//! What the list shows in which order and under which folder, how far all of it is, and which files are parts of one log.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use model::entry::SourceId;
use model::rotation::{Age, part_of};
use model::source::{Source, SourceState};

use super::ById;
use super::item::state_name;

/// A file's place in a log that was rotated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// From 1, the oldest.
    pub nth: usize,
    pub n_parts: usize,
    /// The path of the newest part, which names the log.
    pub log: String,
}

/// Of the logs that are here in several parts, each file's place.
pub fn parts_of_logs(sources: &ById) -> BTreeMap<SourceId, Part> {
    let mut logs: BTreeMap<String, Vec<(Age, SourceId)>> = BTreeMap::new();
    for source in sources.values() {
        let (log, age) = part_of(&source.path);
        logs.entry(log).or_default().push((age, source.id));
    }
    let mut parts = BTreeMap::new();
    for (log, mut files) in logs {
        files.sort();
        let n_parts = files.len();
        // The same file twice is no rotation.
        if n_parts < 2 || files.iter().all(|(age, _)| *age == files[0].0) {
            continue;
        }
        for (nth, (_, id)) in (1..).zip(files) {
            parts.insert(id, Part { nth, n_parts, log: log.clone() });
        }
    }
    parts
}

/// All parts of a log, from the oldest.
pub fn files_of_log<'s>(log: &str, parts: &BTreeMap<SourceId, Part>, sources: &'s ById) -> Vec<&'s Source> {
    let mut of_log: Vec<_> = parts.iter().filter(|(_, part)| part.log == log).collect();
    of_log.sort_by_key(|(_, part)| part.nth);
    of_log.into_iter().filter_map(|(id, _)| sources.get(id)).collect()
}

/// How many logs these files are: all parts of one that was rotated are one.
pub fn n_logs(ids: &mut dyn Iterator<Item = &SourceId>, parts: &BTreeMap<SourceId, Part>) -> usize {
    let mut rotated = BTreeSet::new();
    // Of a log that was met only the first file counts.
    ids.filter(|id| parts.get(id).is_none_or(|part| rotated.insert(&*part.log))).count()
}

/// Those being read first, then those that wait for something, the rest by path; the parts of a rotated log from its oldest.
pub fn in_order(sources: &ById) -> Vec<SourceId> {
    let mut ordered: Vec<&Source> = sources.values().collect();
    ordered.sort_by_cached_key(|source| (place(&source.state), part_of(&source.path), &source.path, source.id));
    ordered.iter().map(|source| source.id).collect()
}

const AT_REST: u8 = 3;

fn place(state: &SourceState) -> u8 {
    match state {
        SourceState::Reading => 0,
        SourceState::Waiting => 1,
        SourceState::Paused | SourceState::Interrupted => 2,
        _ => AT_REST,
    }
}

/// From so many sources on, they are shown in less room, under their folders, and can be searched.
const MANY: usize = 10;

pub fn are_many(sources: &ById) -> bool {
    sources.len() >= MANY
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Row {
    /// Of the sources below it, which are in one folder or archive; they are shown unless it is turned.
    Head(Arc<str>),
    /// A log that was rotated, in the place of its parts; they are shown below it when it is turned, or one of them is not whole.
    Log(Arc<str>),
    Source(SourceId),
}

/// The sources whose path, formats or state have all of `words` in them, whatever their case.
pub fn wanted(sources: &ById, words: &str) -> Vec<SourceId> {
    let words: Vec<String> = words.split_whitespace().map(str::to_lowercase).collect();
    let has_all = |id: &SourceId| {
        let Some(source) = sources.get(id) else { return false };
        let text = format!("{} {} {}", source.path, source.formats.join(" "), state_name(&source.state)).to_lowercase();
        words.iter().all(|word| text.contains(word))
    };
    let mut ids = in_order(sources);
    ids.retain(has_all);
    ids
}

/// Rows of the list: what is not read to its end comes first as it is, the rest under its folder where there are many, and
/// the parts of a rotated log under that.
pub fn rows(sources: &ById, ids: &[SourceId], parts: &BTreeMap<SourceId, Part>, turned: &BTreeSet<Row>) -> Vec<Row> {
    let is_grouped = are_many(sources);
    let mut rows = Vec::new();
    let mut by_folder: BTreeMap<&str, Vec<SourceId>> = BTreeMap::new();
    for &id in ids {
        let Some(source) = sources.get(&id) else { continue };
        match place(&source.state) == AT_REST {
            true => by_folder.entry(if is_grouped { folder_of(&source.path) } else { "" }).or_default().push(id),
            false => rows.push(Row::Source(id)),
        }
    }
    // One folder that holds everything says nothing.
    let has_heads = by_folder.len() > 1;
    for (folder, ids) in by_folder {
        let head = Row::Head(folder.into());
        let is_open = !has_heads || !turned.contains(&head);
        rows.extend(has_heads.then_some(head));
        let log_of = |id: &SourceId| parts.get(id).map(|part| &*part.log);
        for files in ids.chunk_by(|a, b| log_of(a).is_some() && log_of(a) == log_of(b)).filter(|_| is_open) {
            let log = log_of(&files[0]).filter(|_| files.len() > 1).map(|log| Row::Log(log.into()));
            let is_shown =
                log.as_ref().is_none_or(|log| turned.contains(log) || !files.iter().all(|id| is_whole(&sources[id])));
            rows.extend(log);
            rows.extend(files.iter().filter(|_| is_shown).map(|&id| Row::Source(id)));
        }
    }
    rows
}

/// What became of a file need not be said: all of it is here.
pub fn is_whole(source: &Source) -> bool {
    matches!(source.state, SourceState::Complete | SourceState::Excerpt)
}

/// How many of the sources that are at rest are in each folder, and how many entries.
pub fn sums_of_folders(sources: &ById, ids: &[SourceId]) -> BTreeMap<Arc<str>, (usize, u64)> {
    let mut sums: BTreeMap<Arc<str>, (usize, u64)> = BTreeMap::new();
    for source in ids.iter().filter_map(|id| sources.get(id)).filter(|source| place(&source.state) == AT_REST) {
        let (n_sources, n_entries) = sums.entry(folder_of(&source.path).into()).or_default();
        *n_sources += 1;
        *n_entries += source.n_entries;
    }
    sums
}

/// Empty for what is in none.
fn folder_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

pub fn is_active(state: &SourceState) -> bool {
    matches!(state, SourceState::Reading | SourceState::Waiting)
}

/// The source and, of an archive, the files in it.
pub fn with_members(sources: &ById, id: SourceId) -> impl Iterator<Item = &Source> {
    sources.get(&id).into_iter().chain(sources.values().filter(move |source| source.archive == Some(id)))
}

/// Sources that are read now or, since reading last began, were; none when reading is over. What is read of an archive's
/// files is read of the archive.
pub fn under_way(sources: &ById, before: BTreeSet<SourceId>) -> BTreeSet<SourceId> {
    let active: BTreeSet<SourceId> = sources
        .values()
        .filter(|source| is_active(&source.state) && source.archive.is_none())
        .map(|source| source.id)
        .collect();
    if active.is_empty() { active } else { &active | &before }
}

/// Bytes read and to be read, if there are any.
pub fn progress(sources: &ById, batch: &BTreeSet<SourceId>) -> Option<(u64, u64)> {
    let of_batch = batch.iter().filter_map(|id| sources.get(id));
    let sum = of_batch.fold((0, 0), |(done, total), source| (done + source.read_bytes, total + source.file_bytes));
    (!batch.is_empty()).then_some(sum)
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::source::ReadAs;

    fn source(id: u32, path: &str, state: SourceState, read_bytes: u64) -> (SourceId, Source) {
        let id = SourceId(id);
        let source = Source {
            archive: None,
            id,
            path: path.to_owned(),
            file_bytes: 100,
            read_bytes,
            text_bytes: 0,
            n_entries: 0,
            n_lines: 0,
            formats: Vec::new(),
            range: None,
            n_saved: 0,
            bytes_per_second: 0,
            state,
            read_as: ReadAs::default(),
            read_before: None,
            rereading: None,
        };
        (id, source)
    }

    #[test]
    fn parts_of_a_rotated_log_are_counted_from_the_oldest() {
        let sources = ById::from([
            source(1, "app.log", SourceState::Complete, 100),
            source(2, "app.log.1.gz", SourceState::Complete, 100),
            source(3, "other.log", SourceState::Complete, 100),
        ]);
        let part = |nth| Part { nth, n_parts: 2, log: "app.log".to_owned() };
        assert_eq!(parts_of_logs(&sources), BTreeMap::from([(SourceId(1), part(2)), (SourceId(2), part(1))]));
        assert_eq!(in_order(&sources), [SourceId(2), SourceId(1), SourceId(3)]);
        let parts = parts_of_logs(&sources);
        let files = files_of_log("app.log", &parts, &sources);
        assert_eq!(files.iter().map(|file| &*file.path).collect::<Vec<_>>(), ["app.log.1.gz", "app.log"]);
        assert_eq!((n_logs(&mut sources.keys(), &parts), n_logs(&mut [SourceId(2)].iter(), &parts)), (2, 1));
        let log = Row::Log("app.log".into());
        let [one, two, other] = [2, 1, 3].map(|id| Row::Source(SourceId(id)));
        let ids = in_order(&sources);
        assert_eq!(rows(&sources, &ids, &parts, &BTreeSet::new()), [log.clone(), other.clone()]);
        assert_eq!(rows(&sources, &ids, &parts, &BTreeSet::from([log.clone()])), [log, one, two, other]);
    }

    fn folders(n: u32) -> ById {
        let path = |id| format!("{}/{id:02}.log", if id % 2 == 0 { "web" } else { "db" });
        (0..n).map(|id| source(id, &path(id), SourceState::Complete, 100)).collect()
    }

    #[test]
    fn many_sources_stand_under_their_folders_which_fold() {
        let mut sources = folders(10);
        sources.extend([source(10, "web/10.log", SourceState::Reading, 10)]);
        let ids = in_order(&sources);
        let shown = rows(&sources, &ids, &parts_of_logs(&sources), &BTreeSet::from([Row::Head("db".into())]));
        let of_web = [0, 2, 4, 6, 8].map(|id| Row::Source(SourceId(id)));
        let expected = [Row::Source(SourceId(10)), Row::Head("db".into()), Row::Head("web".into())];
        assert_eq!(shown, [&expected[..], &of_web].concat());
        assert_eq!(sums_of_folders(&sources, &ids)["web"], (5, 0));
    }

    #[test]
    fn few_sources_and_those_of_one_folder_have_no_heads() {
        let few = folders(9);
        let shown = |sources: &ById| rows(sources, &in_order(sources), &BTreeMap::new(), &BTreeSet::new());
        assert!(shown(&few).iter().all(|row| matches!(row, Row::Source(_))));
        let of_one: ById = (0..20).map(|id| source(id, &format!("web/{id}.log"), SourceState::Complete, 100)).collect();
        assert_eq!(shown(&of_one).len(), 20);
    }

    #[test]
    fn sources_are_found_by_words_of_their_path_and_state() {
        let mut sources = folders(4);
        sources.extend([source(4, "web/core.bin", SourceState::Skipped { reason: "binary".to_owned() }, 0)]);
        assert_eq!(wanted(&sources, "WEB .log"), [SourceId(0), SourceId(2)]);
        assert_eq!(wanted(&sources, "skipped"), [SourceId(4)]);
        assert_eq!(wanted(&sources, " ").len(), 5);
    }

    #[test]
    fn what_is_being_read_comes_first_and_the_rest_by_path() {
        let sources = ById::from([
            source(1, "z", SourceState::Complete, 100),
            source(2, "a", SourceState::Complete, 100),
            source(3, "y", SourceState::Waiting, 0),
            source(4, "x", SourceState::Reading, 10),
        ]);
        assert_eq!(in_order(&sources), [4, 3, 2, 1].map(SourceId));
    }

    #[test]
    fn the_overall_progress_does_not_go_back_when_a_file_is_done() {
        let mut sources = ById::from([
            source(1, "old", SourceState::Complete, 100),
            source(2, "a", SourceState::Reading, 90),
            source(3, "b", SourceState::Waiting, 0),
        ]);
        let batch = under_way(&sources, BTreeSet::new());
        assert_eq!(progress(&sources, &batch), Some((90, 200)));
        sources.extend([source(2, "a", SourceState::Complete, 100), source(3, "b", SourceState::Reading, 0)]);
        let batch = under_way(&sources, batch);
        assert_eq!(progress(&sources, &batch), Some((100, 200)));
        sources.extend([source(3, "b", SourceState::Complete, 100)]);
        assert_eq!(progress(&sources, &under_way(&sources, batch)), None);
    }
}
