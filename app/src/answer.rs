//! Asks the data thread and keeps the answer up to date.

use std::cell::RefCell;
use std::rc::Rc;

use leptos::prelude::*;
use model::protocol::{Answer, Ask, Failure, Revision};

use crate::port::{Pending, Port, Reply};

/// A view's question, and how its answer is told from others.
pub trait Question: Clone + PartialEq + Send + Sync + 'static {
    type Answer: Clone + PartialEq + Send + Sync + 'static;

    fn ask(&self) -> Ask;

    /// `None` for an answer to another question.
    fn read(answer: Answer) -> Option<Self::Answer>;

    /// Whether it is the question before, at most moved on with the end of the data: then it is asked once more, not anew.
    fn goes_on(&self, before: &Self) -> bool {
        self == before
    }
}

/// The last answer, and whether it is the answer to what is asked now.
#[derive(Clone, Debug, PartialEq)]
pub struct Remote<A> {
    /// Stays while the next one is awaited.
    pub answer: Option<A>,
    pub state: State,
}

#[derive(Clone, Debug, PartialEq)]
pub enum State {
    /// Nothing is asked.
    Idle,
    /// The first part of the answer is awaited: `answer` is that of the question before.
    Asked,
    /// `answer` is a part of the answer.
    Partial {
        done: u64,
        total: u64,
    },
    Final,
    Failed(Failure),
}

impl<A> Remote<A> {
    /// What is on screen answers another question than the one that is asked now.
    pub fn is_stale(&self) -> bool {
        matches!(self.state, State::Asked | State::Failed(_))
    }
}

impl<A> Default for Remote<A> {
    fn default() -> Self {
        Self { answer: None, state: State::Idle }
    }
}

struct UnderWay<Q> {
    question: Q,
    /// The workspace changed meanwhile: ask once more when this one is answered.
    outdated: bool,
    /// Cancels when dropped.
    _pending: Pending,
}

/// The answer to `question`, asked again when the question or the workspace changes.
///
/// A new question cancels the one under way. A new revision does not, nor does one that [goes on](Question::goes_on): during
/// an import a long answer would never end.
pub fn use_answer<Q: Question>(
    port: StoredValue<Port, LocalStorage>,
    revision: RwSignal<Revision>,
    question: impl Fn() -> Option<Q> + Send + Sync + 'static,
) -> Signal<Remote<Q::Answer>> {
    let question = Memo::new(move |_| question());
    let remote = RwSignal::new(Remote::default());
    let once_more = Trigger::new();
    let under_way: Rc<RefCell<Option<UnderWay<Q>>>> = Rc::default();
    // The answer on screen is not the new question's, but stays for the same question asked once more.
    let asked_last: RefCell<Option<Q>> = RefCell::default();

    Effect::new(move || {
        revision.track();
        once_more.track();
        let Some(question) = question.get() else {
            under_way.take();
            asked_last.take();
            remote.set(Remote::default());
            return;
        };
        if let Some(current) = under_way.borrow_mut().as_mut()
            && question.goes_on(&current.question)
        {
            current.outdated = true;
            return;
        }
        under_way.take();
        let is_new = asked_last.borrow_mut().replace(question.clone()).is_none_or(|last| !question.goes_on(&last));
        if is_new {
            remote.update(|remote| remote.state = State::Asked);
        }
        // Held by the effect alone, so that what is no longer there to be answered is cancelled.
        let finished = Rc::downgrade(&under_way);
        let pending = port.with_value(|port| {
            port.ask(question.ask(), move |reply| {
                let is_final = matches!(reply, Reply::Done(_));
                take_in::<Q>(remote, reply);
                let finished = || finished.upgrade()?.take();
                if is_final && finished().is_some_and(|done| done.outdated) {
                    once_more.notify();
                }
            })
        });
        under_way.replace(Some(UnderWay { question, outdated: false, _pending: pending }));
    });
    remote.into()
}

fn take_in<Q: Question>(remote: RwSignal<Remote<Q::Answer>>, reply: Reply) {
    let (answer, state) = match reply {
        Reply::Progress { done, total, so_far } => (so_far.and_then(Q::read), State::Partial { done, total }),
        Reply::Done(Ok(answer)) => (Q::read(answer), State::Final),
        Reply::Done(Err(failure)) => (None, State::Failed(failure)),
    };
    // A progress report without a part of the answer leaves the one before on screen.
    if answer.is_none() && matches!(state, State::Partial { .. }) {
        return;
    }
    remote.update(|remote| {
        if answer.is_some() {
            remote.answer = answer;
        }
        remote.state = state;
    });
}
