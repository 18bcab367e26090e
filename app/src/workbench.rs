//! What one works with once there are logs: sidebar, timeline, entries and details.
//!
//! It is put up before it is needed, piece by piece and out of sight, so that a drop of files only has to reveal it.

use std::time::Duration;

use leptos::prelude::*;

use crate::details::{self, Details};
use crate::edge::Size;
use crate::histogram::Timeline;
use crate::incidents::look_unasked;
use crate::late::late;
use crate::patterns::follow_patterns;
use crate::pieces::{Piece, Pieces};
use crate::saved;
use crate::scope::use_shared;
use crate::sidebar::{Side, Sidebar};
use crate::stage::Stage;
use crate::views::Views;

late! { in workbench: fn workbench(pieces: Pieces, side: Side) { view! { <Workbench pieces side /> } } }

#[component]
fn Workbench(pieces: Pieces, side: Side) -> impl IntoView {
    let shared = use_shared();
    // All pieces are in the file that has just come, and one task for all of them would be felt.
    set_timeout(move || pieces.begin(), Duration::ZERO);
    saved::answer_actions(shared);
    details::keep_selected(shared);
    look_unasked(shared);
    follow_patterns(shared);
    let has = move |piece| move || pieces.has(piece);
    let shows_side = move || pieces.has(Piece::Sidebar) && side.is_shown.get();
    // The sidebar gives way to it.
    let details_width = Size::remembered("details");
    view! {
        <div class="work" hidden=move || shared.stage.get() != Stage::Workbench style=("--details", move || details_width.css())>
            <Show when=shows_side><Sidebar side /></Show>
            <main>
                <Show when=has(Piece::Timeline)><Timeline /></Show>
                <div class="split">
                    <Show when=has(Piece::Entries)><Views /></Show>
                    <Show when=move || shared.details_open.get()><Details width=details_width /></Show>
                </div>
            </main>
        </div>
    }
}
