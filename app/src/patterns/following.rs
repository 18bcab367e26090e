//! Keeps the query asking for the patterns it was written for: the id of one changes when other files show that a word of it is a value.
//!
//! A view that was saved, a link, and the query in sight while files come in are followed alike.

use leptos::prelude::*;
use model::protocol::{Answer, Ask};
use model::query::asked_fields;
use model::say;
use model::template::Followed;

use crate::answer::{Question, State, use_answer};
use crate::scope::{Shared, Visit};

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
    let query = Memo::new(move |_| shared.scope.with(|scope| scope.filter.query.clone()));
    let answer = use_answer(shared.port, shared.revision, move || {
        let query = query.get();
        names_pattern(&query).then_some(Follow(query))
    });
    Effect::new(move || {
        let followed = answer.with(|answer| answer.answer.clone().filter(|_| answer.state == State::Final));
        let Some(Followed { query: asked, now: Some(now) }) = followed else { return };
        if query.get_untracked() == asked {
            shared.change(Visit::Same, |scope| scope.filter.query = now);
            shared.said.set(say!("The pattern has become more general: the query asks for what it is now.").to_owned());
        }
    });
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
