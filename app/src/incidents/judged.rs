//! The verdict that was given last, the way back from it, and the way there again.

use leptos::prelude::*;
use model::protocol::Ask;
use model::say;
use model::scope::Scope;
use model::verdict::{FindingKind, Verdict};

use crate::focus::focus_when_lost;
use crate::scope::{Shared, use_shared};

/// What was thought of such incidents before, and what is thought of them now.
#[derive(Clone, Debug, PartialEq)]
pub struct Judged {
    pub kinds: Vec<FindingKind>,
    pub before: Option<Verdict>,
    pub now: Option<Verdict>,
    pub is_taken_back: bool,
}

impl Judged {
    /// Taken back, or given again, and the verdict that there is then. `None`: it is so already.
    fn turned(&self, is_taken_back: bool) -> Option<(Self, Option<Verdict>)> {
        let verdict = if is_taken_back { self.before } else { self.now };
        (self.is_taken_back != is_taken_back).then(|| (Self { is_taken_back, ..self.clone() }, verdict))
    }

    fn in_words(&self) -> &'static str {
        match self.now {
            Some(Verdict::Expected) => say!("Such incidents are expected from now on."),
            Some(Verdict::Confirmed) => say!("Such incidents are confirmed from now on."),
            None => say!("Such incidents have no verdict any more."),
        }
    }
}

/// Selecting an entry is no step.
fn is_still(there: &Scope, here: &Scope) -> bool {
    Scope { selected: here.selected, ..there.clone() } == *here
}

pub fn judge(shared: Shared, judged: Judged) {
    shared.tell(Ask::Judge { kinds: judged.kinds.clone(), verdict: judged.now });
    let here = shared.scope.get_untracked();
    shared.judged.set(Some((judged, here)));
    // Its card may be folded away.
    focus_when_lost(vec!["#undo-verdict".to_owned()]);
}

/// As long as nothing else was done since.
fn last(shared: Shared) -> Option<Judged> {
    shared.judged.with(|judged| {
        let (judged, there) = judged.as_ref()?;
        shared.scope.with(|here| is_still(there, here)).then(|| judged.clone())
    })
}

/// `false`: no verdict was the last that was done.
pub fn take_back(shared: Shared) -> bool {
    if !turn(shared, true) {
        return false;
    }
    shared.said.set(say!("The verdict is as it was.").to_owned());
    focus_when_lost(vec!["#incidents .incident .title".to_owned()]);
    true
}

/// `false`: no verdict was the last that was taken back.
pub fn give_again(shared: Shared) -> bool {
    if !turn(shared, false) {
        return false;
    }
    shared.said.set(say!("The verdict is given again.").to_owned());
    focus_when_lost(vec!["#undo-verdict".to_owned()]);
    true
}

fn turn(shared: Shared, is_taken_back: bool) -> bool {
    let turned = untrack(|| last(shared)).and_then(|judged| judged.turned(is_taken_back));
    let Some((judged, verdict)) = turned else { return false };
    shared.tell(Ask::Judge { kinds: judged.kinds.clone(), verdict });
    let here = shared.scope.get_untracked();
    shared.judged.set(Some((judged, here)));
    true
}

#[component]
pub fn UndoVerdict() -> impl IntoView {
    let shared = use_shared();
    let words = Memo::new(move |_| last(shared).filter(|judged| !judged.is_taken_back).map(|judged| judged.in_words()));
    move || {
        words.get().map(|words| {
            view! {
                <p class="undo">
                    <span role="status">{words}</span>
                    <button class="small" id="undo-verdict" on:click=move |_| _ = take_back(shared)>{say!("Undo")}</button>
                </p>
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use model::entry::{RowKey, SourceId};
    use model::time::Nanos;

    use super::*;

    #[test]
    fn a_verdict_is_taken_back_and_given_again_in_turn() {
        let given = Judged { kinds: Vec::new(), before: None, now: Some(Verdict::Expected), is_taken_back: false };
        assert_eq!(given.turned(false), None);
        let (back, verdict) = given.turned(true).unwrap();
        assert_eq!((verdict, back.turned(true)), (None, None));
        assert_eq!(back.turned(false), Some((given, Some(Verdict::Expected))));
    }

    #[test]
    fn a_verdict_is_the_last_that_was_done_until_something_else_is_looked_at() {
        let there = Scope::default();
        let key = RowKey { time: Nanos(1), source: SourceId::default(), entry: 0 };
        assert!(is_still(&there, &Scope { selected: Some(key), ..there.clone() }));
        assert!(!is_still(&there, &Scope { sql: "select 1".to_owned(), ..there.clone() }));
    }
}
