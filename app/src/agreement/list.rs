//! The disagreements of one kind: what, how often, the fix, and entries of each side.

use leptos::prelude::*;
use model::drift::{ClockOffset, Drift, DriftKind, Side};
use model::language::retold;
use model::meaning::Meaning;
use model::say;
use model::source::Source;

use super::mapping::TakeIn;
use crate::map::shown_by;
use crate::names::part;
use crate::scope::use_shared;
use crate::source_panel::offset;
use crate::wording;

/// Files of one clock that are led to, as of one that is rotated.
const MOST_CLOCKS: usize = 12;

#[component]
pub fn Kind(kind: DriftKind, drifts: Vec<Drift>) -> impl IntoView {
    let (is_well, n_drifts) = (drifts.is_empty(), drifts.len());
    view! {
        <section class="drift-kind" class:well=is_well data-kind=kind.name() data-n=n_drifts>
            <h2>{kind.title()}</h2>
            <p class="facts">{kind.sentence()}{is_well.then(|| format!(" {}", say!("Nothing found.")))}</p>
            {drifts.into_iter().map(|drift| view! { <Found drift /> }).collect_view()}
        </section>
    }
}

#[component]
fn Found(drift: Drift) -> impl IntoView {
    let is_open = RwSignal::new(false);
    let sides = drift.sides.clone();
    let has_mends = !drift.mends.is_empty();
    let often = say!("{} of {}", wording::count(drift.n), wording::count(drift.of));
    view! {
        <article class="drift">
            <p class="what">{retold(&drift.what)}<span class="n">{often}</span></p>
            <p class="fix"><b>{say!("Fix:")}" "</b>{retold(&drift.fix)}</p>
            {has_mends.then(|| view! { <Mended drift=drift.clone() /> })}
            {(drift.kind == DriftKind::Names).then(|| view! { <Parted drift=drift.clone() /> })}
            {drift.offset.clone().map(|offset| view! { <PutRight offset /> })}
            // Entries are fetched when somebody wants to see them.
            <details on:toggle=move |event| is_open.set(event_target::<web_sys::Element>(&event).has_attribute("open"))>
                <summary>{say!("Entries of each side")}</summary>
                <div class="sides">
                    {move || is_open.get().then(|| sides.iter().map(side).collect_view())}
                </div>
            </details>
        </article>
    }
}

/// Whether the mapping table makes one of it, and a way to have it so.
#[component]
fn Mended(drift: Drift) -> impl IntoView {
    let shared = use_shared();
    let table = shared.mapping.table.now;
    let rows: Vec<Meaning> = drift.mends.iter().map(|mend| mend.meaning.clone()).collect();
    let names = |rows: &[&Meaning]| rows.iter().map(|row| &*row.name).collect::<Vec<_>>().join(", ");
    let covered = Memo::new(move |_| table.with(|table| drift.covered_by(table).map(|rows| names(&rows))));
    let all = rows.clone();
    // Its names are mapped, its words are not.
    let half = Memo::new(move |_| {
        let found = table.with(|table| {
            let rows: Option<Vec<&Meaning>> = all.iter().map(|row| table.covering(row)).collect();
            rows.map(|rows| names(&rows))
        });
        found.filter(|_| covered.with(Option::is_none))
    });
    let is_open = Memo::new(move |_| covered.with(Option::is_none) && half.with(Option::is_none));
    let rows = StoredValue::new(rows);
    view! {
        <p class="mended" data-covered=move || covered.with(Option::is_some).to_string()>
            {move || covered.get().map(|names| say!("✓ Queries are not affected: the mapping table has {names}.", names))}
            {move || half.get().map(|names| say!("The mapping table has {names}, but not yet which words say the same.", names))}
            <Show when=move || is_open.get() && shared.owns.get()>
                <TakeIn rows=rows.get_value() />" "{say!("so that a query finds all of it, until it is fixed.")}
            </Show>
        </p>
    }
}

/// Names that are taken for one service may be of several.
#[component]
fn Parted(drift: Drift) -> impl IntoView {
    let shared = use_shared();
    let service = drift.services.first().cloned().unwrap_or_default();
    let others: Vec<String> = drift.sides.into_iter().map(|side| side.name).filter(|name| *name != service).collect();
    let button = move |name: &String| {
        let words = say!("{} is another service", name);
        let name = name.clone();
        view! { <button class="small" data-does="part" on:click=move |_| part(shared, &name)>{words}</button>" " }
    };
    view! { <Show when=move || shared.owns.get()><p class="mended">{others.iter().map(button).collect_view()}</p></Show> }
}

/// Leads to how the sources of a wrong clock are read, with the offset filled in.
#[component]
fn PutRight(offset: ClockOffset) -> impl IntoView {
    let shared = use_shared();
    let ClockOffset { offset_nanos, sources, shared: of_several } = offset;
    let button = move |source: &Source| {
        let (id, sum) = (source.id, source.read_as.offset_nanos.saturating_add(offset_nanos));
        let name = source.path.rsplit('/').next().unwrap_or(&source.path).to_owned();
        let title = say!("Shows what {} would change in {path}", offset::write(sum), source.path);
        view! {
            <button class="small" data-does="put-right" title=title on:click=move |_| shared.offered_offset.set(Some((id, sum)))>
                {say!("Put the clock of {name} right…", name)}
            </button>
        }
    };
    let buttons = move || {
        shared.sources.with(|known| {
            let known = known.answer.iter().flatten();
            known.filter(|source| sources.contains(&source.id)).take(MOST_CLOCKS).map(button).collect_view()
        })
    };
    let has_none = !of_several.is_empty();
    let why_not = move || {
        let names = shared.sources.with(|known| {
            let of_several = known.answer.iter().flatten().filter(|source| of_several.contains(&source.id));
            let names: Vec<&str> = of_several.map(|source| &*source.path).take(MOST_CLOCKS).collect();
            names.join(", ")
        });
        say!(
            "No offset is offered: it would move all entries of a file, and these have entries of other services as well: {names}",
            names
        )
    };
    view! {
        <Show when=move || shared.owns.get()><p class="mended">{buttons.clone()}</p></Show>
        {has_none.then(|| view! { <p class="mended" data-does="say-why">{why_not}</p> })}
    }
}

fn side(side: &Side) -> impl IntoView + use<> {
    let shared = use_shared();
    let entries: Vec<_> = side.examples.iter().map(|&key| shown_by(shared, key)).collect();
    view! {
        <div>
            <h4>{retold(&side.name)}</h4>
            <ul class="evidence">{entries}</ul>
        </div>
    }
}
