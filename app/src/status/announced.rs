//! What only screen readers are told: how many entries a search finds, that files are being read, and what came of it.

use std::collections::BTreeSet;
use std::time::Duration;

use leptos::leptos_dom::helpers::TimeoutHandle;
use leptos::prelude::*;
use model::entry::SourceId;
use model::scope::{Filter, View};
use model::source::{Source, SourceState};
use model::{counted, say};

use crate::answer::State;
use crate::scope::use_shared;
use crate::search::found_in_words;

/// Nothing else came for so long: who types on is not interrupted by what the word before finds.
const SETTLED: Duration = Duration::from_millis(700);

/// Files read at one time, of which some may be read through already.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Batch {
    ids: BTreeSet<SourceId>,
    is_under_way: bool,
}

#[component]
pub fn Announced() -> impl IntoView {
    let shared = use_shared();
    let batch = Memo::new(move |before: Option<&Batch>| {
        let before = before.cloned().unwrap_or_default();
        shared.sources.with(|sources| batch_after(before, sources.answer.as_deref().unwrap_or_default()))
    });
    let reading = Memo::new(move |_| {
        shared
            .sources
            .with(|sources| batch.with(|batch| in_words(batch, sources.answer.as_deref().unwrap_or_default())))
    });
    let is_under_way = Memo::new(move |_| batch.with(|batch| batch.is_under_way));
    // A result says itself what it is of.
    let is_told = Memo::new(move |_| {
        let is_narrowed = |filter: &Filter| filter.range.is_some() || !filter.query.trim().is_empty();
        shared.filter.with(is_narrowed) && shared.view.get() != View::Result
    });
    let found = Memo::new(move |before: Option<&Found>| {
        let n_found = shared.counted.with(|counted| match &counted.state {
            State::Final => counted.answer.as_ref().map(|counted| counted.n_entries),
            _ => None,
        });
        let is_asked_anew =
            shared.counted.with(|counted| matches!(counted.state, State::Idle | State::Asked | State::Failed(_)));
        let words = n_found.filter(|_| is_told.get()).map(|n_found| match n_found {
            0 => say!("No entry matches").to_owned(),
            _ => found_in_words(shared),
        });
        let before = before.cloned().filter(|_| !is_asked_anew && is_told.get()).unwrap_or_default();
        found_after(before, words, is_under_way.get())
    });
    let [reading, found] = [settled(move || reading.get()), settled(move || found.with(|found| found.words.clone()))];
    view! {
        <p class="unseen" role="status" id="told-reading">{move || reading.get()}</p>
        <p class="unseen" role="status" id="told-found">{move || found.get()}</p>
    }
}

/// What `words` come to rest at. Those that are empty go at once, so that the same words are heard when they come again.
fn settled(words: impl Fn() -> String + Send + Sync + 'static) -> RwSignal<String> {
    let told = RwSignal::new(String::new());
    let waiting = StoredValue::new_local(None::<TimeoutHandle>);
    let words = Memo::new(move |_| words());
    Effect::new(move || {
        let words = words.get();
        if words.is_empty() {
            told.set(String::new());
        }
        waiting.update_value(|waiting| {
            if let Some(earlier) = waiting.take() {
                earlier.clear();
            }
            if !words.is_empty() {
                *waiting = set_timeout_with_handle(move || told.set(words), SETTLED).ok();
            }
        });
    });
    told
}

/// What is said of a search, and whether files were read when it was counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Found {
    words: String,
    is_while_reading: bool,
}

/// Said once for each search, and once more when all files are read: not with each line that a file grows by.
/// `words`: `None` where nothing is counted yet.
fn found_after(before: Found, words: Option<String>, is_reading: bool) -> Found {
    match words {
        Some(words) if before.words.is_empty() || before.is_while_reading && !is_reading => {
            Found { words, is_while_reading: is_reading }
        }
        _ => before,
    }
}

/// What is read of an archive's files is read of the archive.
fn batch_after(before: Batch, sources: &[Source]) -> Batch {
    let is_read = |source: &&Source| {
        matches!(source.state, SourceState::Reading | SourceState::Waiting) && source.archive.is_none()
    };
    let ids: BTreeSet<SourceId> = sources.iter().filter(is_read).map(|source| source.id).collect();
    match (ids.is_empty(), before.is_under_way) {
        (true, _) => Batch { is_under_way: false, ..before },
        (false, true) => Batch { ids: &ids | &before.ids, is_under_way: true },
        (false, false) => Batch { ids, is_under_way: true },
    }
}

fn in_words(batch: &Batch, sources: &[Source]) -> String {
    let is_of_batch = |source: &&Source| batch.ids.contains(&source.archive.unwrap_or(source.id));
    match (batch.ids.len() as u64, batch.is_under_way) {
        (0, _) => String::new(),
        (n_files, true) => say!("Reading {files}", counted!(n_files, "file", "files")),
        (_, false) => {
            counted!(
                sources.iter().filter(is_of_batch).map(|source| source.n_entries).sum(),
                "entry read",
                "entries read"
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::source::ReadAs;

    fn source(id: u32, archive: Option<u32>, state: SourceState, n_entries: u64) -> Source {
        Source {
            archive: archive.map(SourceId),
            id: SourceId(id),
            path: format!("{id}.log"),
            file_bytes: 100,
            read_bytes: 0,
            text_bytes: 0,
            n_entries,
            n_lines: 0,
            formats: Vec::new(),
            range: None,
            n_saved: 0,
            bytes_per_second: 0,
            state,
            read_as: ReadAs::default(),
            read_before: None,
            rereading: None,
        }
    }

    #[test]
    fn what_is_read_is_told_when_it_begins_and_when_it_is_over() {
        let old = source(1, None, SourceState::Complete, 50);
        let told = |batch: &Batch, sources: &[Source]| in_words(batch, sources);
        let batch = batch_after(Batch::default(), std::slice::from_ref(&old));
        assert_eq!(told(&batch, std::slice::from_ref(&old)), "", "what was here before is no news");
        let sources = [old.clone(), source(2, None, SourceState::Reading, 9), source(3, None, SourceState::Waiting, 0)];
        let batch = batch_after(batch, &sources);
        assert_eq!(told(&batch, &sources), "Reading 2 files");
        let sources = [
            old,
            source(2, None, SourceState::Complete, 6000),
            source(3, None, SourceState::Opened, 0),
            source(4, Some(3), SourceState::Complete, 621),
        ];
        let batch = batch_after(batch, &sources);
        assert_eq!(told(&batch, &sources), "6,621 entries read");
    }

    #[test]
    fn a_count_is_said_once_and_again_when_all_files_are_read() {
        let words = |words: &str| Some(words.to_owned());
        let first = found_after(Found::default(), words("3 matches"), true);
        let more = found_after(first.clone(), words("5 matches"), true);
        assert_eq!(more, first);
        assert_eq!(found_after(more.clone(), None, false), more, "still being counted");
        let last = found_after(more, words("7 matches"), false);
        assert_eq!(last.words, "7 matches");
        assert_eq!(found_after(last.clone(), words("8 matches"), false), last, "a file that grows");
    }
}
