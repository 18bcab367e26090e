//! Makes field columns, and shapes that are lacking, while there is nothing else to do: no question that somebody waits for,
//! nothing being read. What is looked for unasked has its steps in between.

use model::protocol::Role;

use super::super::scope;
use super::{Data, State};

/// One turn's time: a question that comes meanwhile hardly waits.
const TURN_MILLIS: f64 = 4.0;

impl Data {
    pub(super) fn make_fields(&self) {
        let mut guard = self.state.borrow_mut();
        let state = &mut *guard;
        let deadline = scope::now_millis() + TURN_MILLIS;
        while may_make_fields(state) && scope::now_millis() < deadline {
            let Some(engine) = &mut state.engine else { return };
            let store = engine.store_mut();
            let made = if store.lacks_shapes() { store.make_shapes() } else { store.make_fields() };
            match made {
                Ok(Some(text_bytes)) => state.pace.inserted(text_bytes, scope::now_millis()),
                Ok(None) => return,
                Err(failure) => return self.stop_reading_after(state, failure),
            }
        }
    }
}

/// Whether columns are lacking, and this is the time to make them.
pub(super) fn may_make_fields(state: &State) -> bool {
    let is_at_rest =
        state.roster.is_idle() && state.heard.is_empty() && state.held.is_empty() && state.sampler.is_none();
    let may_write = state.role == Role::Owner && state.trouble().is_none() && state.pace.may_insert();
    let lacks_fields = |engine: &crate::engine::Engine| {
        !engine.is_closing()
            && !engine.is_waited_for()
            && (engine.store().lacks_fields() || engine.store().lacks_shapes())
    };
    is_at_rest && may_write && state.engine.as_ref().is_some_and(lacks_fields)
}
