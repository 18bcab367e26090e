//! The groups, the most unusual first, each with what is odd about it. A click goes to the entries; "back" comes back.

use model::language::told;
use std::sync::Arc;

use leptos::prelude::*;
use model::group::{GroupDifference, Groups, OddGroup, Sort};
use model::query::{Change, Expr, value_term, with_condition};
use model::scope::View;
use model::{counted, say};

use crate::entries::visible;
use crate::scope::{Shared, Visit, use_shared};
use crate::wording;

/// Groups that are shown before more is asked for.
const SHOWN: usize = 30;

#[component]
pub fn List(found: Memo<Option<Arc<Groups>>>) -> impl IntoView {
    let n_odd = Memo::new(move |_| found.with(|found| found.as_ref().map_or(0, |found| found.odd.len())));
    let is_long = RwSignal::new(false);
    let cards = move || {
        let n_shown = if is_long.get() { usize::MAX } else { SHOWN };
        let found = found.get()?;
        found.field.as_ref()?;
        let card =
            |group: &OddGroup| view! { <Card found=found.clone() group=group.clone() n_groups=found.n_groups /> };
        Some(found.odd.iter().take(n_shown).map(card).collect_view())
    };
    view! {
        <ol class="cards">{cards}</ol>
        <Show when=move || { n_odd.get() > SHOWN }>
            <button class="small quiet" aria-expanded=move || is_long.get().to_string()
                on:click=move |_| is_long.update(|is_long| *is_long = !*is_long)>
                {move || if is_long.get() { say!("Less").to_owned() } else { say!("{} more", n_odd.get() - SHOWN) }}
            </button>
        </Show>
    }
}

#[component]
fn Card(found: Arc<Groups>, group: OddGroup, n_groups: u64) -> impl IntoView {
    let shared = use_shared();
    let of = found.entries_of(&group.id);
    let band = group.gravest.name();
    let facts = move || {
        let entries = counted!(group.n_entries, "entry", "entries");
        match group.time {
            None => entries,
            Some(time) if group.n_entries == 1 => {
                format!("{entries}, {}", shared.zone.with(|zone| wording::moment(time.start, zone, 0)))
            }
            Some(time) => {
                let span = shared.zone.with(|zone| wording::span(time, zone));
                say!("{entries} in {}, {span}", entries, wording::duration(time.end.0 - time.start.0), span)
            }
        }
    };
    let n_more = u64::from(group.n_services) - group.services.len() as u64;
    let services = visible(&group.services.join(", ")).into_owned()
        + &if n_more > 0 { format!(" +{n_more}") } else { String::new() };
    let alike = (group.n_alike > 0).then(|| {
        let n_hidden = group.n_alike - group.alike.len() as u64;
        let chip = |id: &String| {
            let of = found.entries_of(id);
            view! { <button class="chip" title=say!("Show its entries") on:click=move |_| show(shared, of.clone())>{visible(id).into_owned()}</button> }
        };
        view! {
            <p class="facts alike">
                <span>{say!("{} of exactly the same messages:", counted!(group.n_alike, "other", "others"))}</span>
                {group.alike.iter().map(chip).collect_view()}
                {(n_hidden > 0).then(|| say!("and {} more", wording::count(n_hidden)))}
            </p>
        }
    });
    let row = |difference: &GroupDifference| {
        let sort = difference.sort();
        // What is missing is shown by those who have it.
        let (query, hint) = match (sort, difference.template()) {
            (Sort::Missing, Some(template)) => {
                (value_term("template", &template.id), say!("Show the entries of others with it"))
            }
            (Sort::Order, _) | (_, None) => (of.clone(), say!("Show the entries of the group")),
            (_, Some(template)) => (
                Expr::and(vec![of.clone(), value_term("template", &template.id)]),
                say!("Show these entries of the group"),
            ),
        };
        view! {
            <li>
                <button class="evidence quiet" title=hint on:click=move |_| show(shared, query.clone())>
                    <span class=format!("kind {}", sort.name())>{told(sort.name())}</span>
                    <span class="phrase">{visible(&difference.phrase(n_groups)).into_owned()}</span>
                </button>
            </li>
        }
    };
    let voters: Vec<_> = group.voters.iter().map(|voter| view! { <span>{voter.sentence()}</span> }).collect();
    let voters = (!voters.is_empty()).then(|| view! { <p class="facts voters">{voters}</p> });
    let for_title = of.clone();
    view! {
        <li class="incident odd-group" data-id=group.id.clone() data-entries=group.n_entries>
            <div class="head">
                <span class="score" title=say!("How unlike the others: 0 is like all, each further 1 is about e times rarer")>{format!("{:.1}", group.score)}</span>
                <span class=format!("sev sev-{band}") title=say!("its gravest entry: {band}", band)>{group.gravest.letter().to_string()}</span>
                <button class="title quiet" title=say!("Show its entries") on:click=move |_| show(shared, for_title.clone())><code>{visible(&group.id).into_owned()}</code></button>
            </div>
            <p class="facts"><span>{facts}</span><span>{services}</span></p>
            {group.is_cut.then(|| view! {
                <p class="facts cut">{say!("The logs begin or end in it: what is missing may just not be here.")}</p>
            })}
            <ol class="odd-list">{group.differences.iter().map(row).collect_view()}</ol>
            {voters}
            {alike}
        </li>
    }
}

fn show(shared: Shared, of: Expr) {
    let query = shared.query.with_untracked(|query| with_condition(query, &of, Change::Include));
    shared.change(Visit::New, |scope| {
        scope.filter.query = query;
        scope.view = View::Entries;
    });
}
