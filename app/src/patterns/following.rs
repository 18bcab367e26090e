//! Keeps the query asking for the patterns it was written for: the id of one changes when other files show that a word of it is a value.
//!
//! A view that was saved, a link, and the query in sight while files come in are followed alike.

use std::time::Duration;

use leptos::prelude::*;
use model::protocol::{Answer, Ask};
use model::query::asked_fields;
use model::say;
use model::template::Followed;

use crate::address;
use crate::answer::{Question, State, use_answer};
use crate::scope::{Shared, Visit};

/// How soon it is looked again whether somebody still types.
const LOOK_AGAIN: Duration = Duration::from_millis(500);

#[derive(Clone, Debug, PartialEq)]
struct Follow(String);

impl Question for Follow {
    type Answer = Followed;
    fn ask(&self) -> Ask {
        Ask::Follow(self.0.clone())
    }
    fn read(answer: Answer) -> Option<Followed> {
        if let Answer::Followed(followed) = answer { Some(followed) } else { None }
    }
}

/// Puts the ids that patterns have now into the query.
pub fn follow_patterns(shared: Shared) {
    let answer = use_answer(shared.port, shared.revision, move || {
        let query = shared.query.get();
        names_pattern(&query).then_some(Follow(query))
    });
    let looked_again = Trigger::new();
    Effect::new(move || {
        looked_again.track();
        let followed = answer.with(|answer| answer.answer.clone().filter(|_| answer.state == State::Final));
        let Some(Followed { query: asked, now: Some(now) }) = followed else { return };
        if shared.query.get_untracked() != asked {
            return;
        }
        // What is being written is not written anew under the caret.
        if address::is_typing() {
            set_timeout(move || looked_again.notify(), LOOK_AGAIN);
            return;
        }
        // Nobody wrote these stages anew: what is in sight stays so.
        shared.scope.update(|scope| scope.filter.query = now);
        address::write(&shared.scope.get_untracked(), Visit::Same);
        shared.said.set(say!("The pattern has become more general: the query asks for what it is now.").to_owned());
    });
}

/// A query with the ids that its patterns have now; `None` as long as these are the ones it has.
pub fn followed(shared: Shared, query: impl Fn() -> String + Send + Sync + 'static) -> Memo<Option<String>> {
    let answer = use_answer(shared.port, shared.revision, move || {
        let query = query();
        names_pattern(&query).then_some(Follow(query))
    });
    Memo::new(move |_| {
        answer.with(|answer| {
            let followed = answer.answer.as_ref().filter(|_| answer.state == State::Final)?;
            followed.now.clone()
        })
    })
}

fn names_pattern(query: &str) -> bool {
    asked_fields(query).iter().any(|name| name.eq_ignore_ascii_case("template"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_queries_that_name_a_pattern_are_followed() {
        let named = ["template:0c7d5e2f9a14", "a (-Template==0c7d5e2f9a14 OR b)"].map(names_pattern);
        let others = ["template", "a | count by template", ""].map(names_pattern);
        assert_eq!((named, others), ([true; 2], [false; 3]));
    }
}
