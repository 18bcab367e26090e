//! Looks for incidents among all entries as soon as all is read, though nobody asked: the tab says how many there are.

use std::sync::Arc;
use std::time::Duration;

use leptos::leptos_dom::helpers::TimeoutHandle;
use leptos::prelude::*;
use model::entry::SourceId;
use model::protocol::{Answer, Ask, IncidentsAsk, Revision};
use model::scope::View;
use model::source::{ReadAs, Source, SourceState};
use model::time::TimeRange;
use model::{counted, say};

use super::times_of;
use crate::answer::{Question, Remote, State, use_answer};
use crate::scope::Shared;
use crate::tabs::Badge;

/// So long nothing is to change before it is looked for: of several files dropped one after the other, all are read by then.
const REST: Duration = Duration::from_secs(1);
/// Where the answer was none yet, or without numbers, each next try waits twice as long, up to so many times.
const MOST_DOUBLED: u32 = 3;

/// The entries that are looked at, as far as a change of them may change what is found.
#[derive(Clone, Debug, PartialEq)]
struct About {
    sources: Vec<Known>,
    n_verdicts: u64,
}

#[derive(Clone, Debug, PartialEq)]
struct Known {
    id: SourceId,
    n_entries: u64,
    range: Option<TimeRange>,
    formats: Vec<String>,
    read_as: ReadAs,
}

impl Known {
    fn of(source: &Source) -> Self {
        let Source { id, n_entries, range, formats, read_as, .. } = source.clone();
        Self { id, n_entries, range, formats, read_as }
    }
}

/// A question of its own for each time that it is to be asked.
#[derive(Clone, Debug, PartialEq)]
struct Unasked {
    about: Arc<About>,
    revision: Revision,
    /// How often it was asked of the same before.
    n_before: u32,
}

#[derive(Clone, Debug, PartialEq)]
struct Told {
    times: Vec<TimeRange>,
    has_numbers: bool,
}

impl Question for Unasked {
    type Answer = Told;
    fn ask(&self) -> Ask {
        Ask::Incidents(IncidentsAsk { is_unasked: true, ..IncidentsAsk::default() })
    }
    fn read(answer: Answer) -> Option<Told> {
        let Answer::Incidents(found) = answer else { return None };
        Some(Told { times: times_of(&found), has_numbers: found.has_numbers })
    }
}

/// What there is to look at; `None` while some of it is being read.
fn at_rest(sources: &[Source], n_verdicts: u64) -> Option<About> {
    let is_at_rest = |source: &Source| {
        !matches!(source.state, SourceState::Waiting | SourceState::Reading) && source.rereading.is_none()
    };
    let sources = sources.iter().all(is_at_rest).then(|| sources.iter().map(Known::of).collect())?;
    Some(About { sources, n_verdicts })
}

/// Whether there is more than there was: files were dropped, or have grown.
fn has_more(now: &About, before: &About) -> bool {
    now.sources.iter().any(|source| {
        let earlier = before.sources.iter().find(|earlier| earlier.id == source.id);
        source.n_entries > earlier.map_or(0, |earlier| earlier.n_entries)
    })
}

/// Whether it is worth asking, and what then.
///
/// `last`: what was asked last. `may_tell_more`: its answer did not come, or looked at no numbers yet.
fn next(last: Option<&Unasked>, about: &Arc<About>, may_tell_more: bool, revision: Revision) -> Option<Unasked> {
    let n_before = match last {
        Some(last) if last.about != *about => 0,
        Some(last) if may_tell_more && last.revision != revision => last.n_before + 1,
        Some(_) => return None,
        None => 0,
    };
    Some(Unasked { about: about.clone(), revision, n_before })
}

/// Keeps `shared.incidents_of_all`, and says when files that were dropped have some.
pub fn look_unasked(shared: Shared) {
    let about = Memo::new(move |_| {
        let (has_dated, n_verdicts) = shared.status.with(|status| {
            status.answer.as_ref().map_or((false, 0), |status| (status.range.is_some(), status.n_verdicts))
        });
        let about = shared.sources.with(|sources| at_rest(sources.answer.as_ref()?, n_verdicts))?;
        Some((Arc::new(about), has_dated))
    });
    let wanted = RwSignal::new(None::<Unasked>);
    // What changes is told by the question itself.
    let same_revision = RwSignal::new(Revision::default());
    let answer = use_answer(shared.port, same_revision, move || wanted.get());
    let may_tell_more = Memo::new(move |_| answer.with(may_tell_more));
    let waiting = StoredValue::new_local(None::<(Unasked, TimeoutHandle)>);
    Effect::new(move || {
        let (revision, may_tell_more) = (shared.revision.get(), may_tell_more.get());
        let due = about
            .get()
            .filter(|(_, has_dated)| *has_dated)
            .and_then(|(about, _)| wanted.with_untracked(|last| next(last.as_ref(), &about, may_tell_more, revision)));
        waiting.update_value(|pending| {
            // What is asked for the first time need not wait until all is saved as well.
            let goes_on = |(before, _): &(Unasked, TimeoutHandle)| {
                due.as_ref().is_some_and(|due| due.n_before == 0 && before.n_before == 0 && before.about == due.about)
            };
            if pending.as_ref().is_some_and(goes_on) {
                return;
            }
            if let Some((_, earlier)) = pending.take() {
                earlier.clear();
            }
            let Some(due) = due else { return };
            let rest = REST * (1_u32 << due.n_before.min(MOST_DOUBLED));
            let ask = due.clone();
            let ask = move || {
                waiting.set_value(None);
                wanted.set(Some(ask));
            };
            *pending = set_timeout_with_handle(ask, rest).ok().map(|handle| (due, handle));
        });
    });
    Effect::new(move || match about.get() {
        // What is read goes first, and is asked about when it is all there.
        None => wanted.set(None),
        // Where all entries went away, nothing is to be found in them.
        Some((_, false)) => {
            wanted.set(None);
            shared.incidents_of_all.set(Vec::new());
            shared.incidents.set(None);
        }
        Some((_, true)) => {}
    });
    // Who opens the page again was told of what is in it.
    let known = StoredValue::new(None::<Arc<About>>);
    let is_news = StoredValue::new(false);
    Effect::new(move || {
        let Some((about, _)) = about.get() else { return };
        if known.with_value(|known| known.as_ref().is_some_and(|known| has_more(&about, known))) {
            is_news.set_value(true);
        }
        known.set_value(Some(about));
    });
    Effect::new(move || {
        let told = answer.with(|answer| answer.answer.clone().filter(|_| answer.state == State::Final));
        let Some(Told { times, has_numbers }) = told else { return };
        let n_found = times.len();
        let is_new = shared.incidents_of_all.with_untracked(|before| *before != times);
        if is_new {
            shared.incidents_of_all.set(times);
            // What the view found before is found by it again when it is looked at.
            if shared.view.get_untracked() != View::Incidents {
                shared.incidents.set(None);
            }
        }
        if is_news.get_value() && n_found > 0 {
            shared.said.set(say!("{} found; see Incidents (3)", counted!(n_found as u64, "incident", "incidents")));
        }
        // Numbers may still bring the first.
        if has_numbers || n_found > 0 {
            is_news.set_value(false);
        }
    });
}

fn may_tell_more(answer: &Remote<Told>) -> bool {
    match &answer.state {
        State::Final => answer.answer.as_ref().is_some_and(|told| !told.has_numbers),
        State::Failed(_) => true,
        State::Idle | State::Asked | State::Partial { .. } => false,
    }
}

/// How many there are among all entries, for the tab of their view.
pub fn badge(shared: Shared) -> Badge<View> {
    let n = Memo::new(move |_| shared.incidents_of_all.with(Vec::len));
    Badge { panel: View::Incidents, n: n.into(), words: |n| say!("Incidents: {n} found in all entries", n) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(id: u32, n_entries: u64) -> Known {
        Known { id: SourceId(id), n_entries, range: None, formats: Vec::new(), read_as: ReadAs::default() }
    }

    fn about(sources: Vec<Known>) -> Arc<About> {
        Arc::new(About { sources, n_verdicts: 0 })
    }

    #[test]
    fn the_same_is_asked_again_only_where_there_may_be_more_to_tell() {
        let logs = about(vec![source(1, 100)]);
        let first = next(None, &logs, false, Revision(1)).unwrap();
        assert_eq!(next(Some(&first), &logs, false, Revision(2)), None);
        assert_eq!(next(Some(&first), &logs, true, Revision(1)), None);
        let again = next(Some(&first), &logs, true, Revision(2)).unwrap();
        assert_eq!((first.n_before, again.n_before), (0, 1));
        let more = about(vec![source(1, 100), source(2, 5)]);
        assert_eq!(next(Some(&again), &more, false, Revision(2)).unwrap().n_before, 0);
    }

    #[test]
    fn a_clock_put_right_is_asked_about_but_is_no_news() {
        let logs = about(vec![source(1, 100)]);
        let read_as = ReadAs { offset_nanos: 5, ..ReadAs::default() };
        let put_right = about(vec![Known { read_as, ..source(1, 100) }]);
        let first = next(None, &logs, false, Revision(1)).unwrap();
        assert!(next(Some(&first), &put_right, false, Revision(2)).is_some());
        assert!(!has_more(&put_right, &logs));
        assert!(has_more(&about(vec![source(1, 101)]), &logs));
        assert!(has_more(&about(vec![source(1, 100), source(2, 1)]), &logs));
        assert!(!has_more(&about(Vec::new()), &logs));
    }
}
