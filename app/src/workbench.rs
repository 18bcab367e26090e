//! What one works with once there are logs: sources, timeline, entries and details.
//!
//! It is put up before it is needed, piece by piece and out of sight, so that a drop of files only has to reveal it.

use leptos::prelude::*;

use crate::details::Details;
use crate::entries::Entries;
use crate::histogram::Timeline;
use crate::pieces::{Piece, Pieces};
use crate::scope::use_shared;
use crate::sources::Sources;
use crate::stage::Stage;

#[component]
pub fn Workbench(pieces: Pieces, sources_shown: RwSignal<bool>) -> impl IntoView {
    let shared = use_shared();
    let has = move |piece| move || pieces.has(piece);
    let shows_sources = move || pieces.has(Piece::Sources) && sources_shown.get();
    view! {
        <div class="work" hidden=move || shared.stage.get() != Stage::Workbench>
            <Show when=shows_sources><Sources shown=sources_shown /></Show>
            <main>
                <Show when=has(Piece::Timeline)><Timeline /></Show>
                <div class="split">
                    <Show when=has(Piece::Entries)><Entries /></Show>
                    <Show when=move || shared.details_open.get()><Details /></Show>
                </div>
            </main>
        </div>
    }
}
