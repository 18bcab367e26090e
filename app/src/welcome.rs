//! What an empty workspace shows: what this is, how to begin, and what is promised.

use leptos::prelude::*;
use model::protocol::Ask;
use model::say;

use crate::icons;
use crate::intake::Intake;
use crate::scope::use_shared;
use crate::tour::Tour;

/// About 17 MB: a day in a shop of eight services, ready in a second or two.
const N_SAMPLE_ENTRIES: u64 = 100_000;
const SAMPLE_SEED: u64 = 7;

#[component]
pub fn Welcome() -> impl IntoView {
    let shared = use_shared();
    let intake = expect_context::<Intake>();
    let tour = expect_context::<Tour>();
    let try_samples = move |_| {
        shared.tell(Ask::ImportSamples { n_entries: N_SAMPLE_ENTRIES, seed: SAMPLE_SEED });
        tour.begin_if_new();
    };
    view! {
        <main class="welcome">
            <div class="sheet">
                {icons::rings()}
                <h1>{say!("Search your logs and see when it happened")}</h1>
                <p class="lead">
                    {say!("Dendro reads log files right here in the browser: every line searchable in seconds, all files on one timeline.")}
                </p>
                <div class="drop">
                    <strong>{say!("Drop log files or folders anywhere")}</strong>
                    <div class="actions" hidden=move || !shared.owns.get()>
                        <button class="primary" id="open-files" on:click=move |_| intake.pick_files()>
                            {icons::icon(icons::FILES)}
                            {say!("Open files…")}
                        </button>
                        <button id="open-folder" on:click=move |_| intake.pick_folder()>
                            {say!("Open folder…")}
                        </button>
                        <button id="try-samples" on:click=try_samples>
                            {say!("Try it with sample logs")}
                        </button>
                    </div>
                    <p>{say!("Plain or compressed (gz, zst, bz2, xz, lz4), or whole archives (zip, tar): JSON lines, logfmt, syslog, access logs, and any lines that begin with a time. You can paste lines, too.")}</p>
                </div>
                <ul class="promises">
                    <li>
                        <b>{say!("Nothing is uploaded")}</b>
                        {say!("Files are read on this device. The page makes no request to anywhere else.")}
                    </li>
                    <li>
                        <b>{say!("Works offline")}</b>
                        {say!("Once opened it needs no network, and can be installed as an app.")}
                    </li>
                    <li>
                        <b>{say!("Still there tomorrow")}</b>
                        {say!("Logs and their index are kept in this browser until you remove them.")}
                    </li>
                </ul>
            </div>
        </main>
    }
}
