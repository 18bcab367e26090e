//! What the entries of the scope are made from: templates with their counts, and one of them looked at closely.

mod detail;

mod following;
pub use following::{follow_patterns, followed};

mod list;

mod note;

mod order;

mod text;
pub use text::template_text;

mod titles;
pub use titles::{called, has_ids, titled, use_titles};

mod tree;

use std::collections::BTreeSet;
use std::sync::Arc;

use leptos::prelude::*;
use model::language::told;
use model::protocol::{Answer, Ask, TemplateAsk, TemplatesAsk};
use model::query::{Change, Expr, parse, value_term, with_condition, without_condition};
use model::scope::{Filter, View};
use model::template::{Novelty, TemplateDetail, TemplateId, TemplateList};
use model::{counted, say};

use self::detail::Detail;
use self::list::{List, Shown};
use self::note::Note;
use self::order::{ORDERS, Sorting, listed};
use self::tree::{Row, branches, rows};
use crate::answer::{Question, Remote, State, use_answer};
use crate::focus::focus_first;
use crate::scope::{Shared, Visit, use_shared};
use crate::wording;

/// A sparkline has so many points.
const N_SPANS: u32 = 40;

impl Question for TemplatesAsk {
    type Answer = Arc<TemplateList>;
    fn ask(&self) -> Ask {
        Ask::Templates(self.clone())
    }
    fn read(answer: Answer) -> Option<Arc<TemplateList>> {
        if let Answer::Templates(list) = answer { Some(Arc::from(list)) } else { None }
    }
}

impl Question for TemplateAsk {
    type Answer = Arc<TemplateDetail>;
    fn ask(&self) -> Ask {
        Ask::Template(self.clone())
    }
    fn read(answer: Answer) -> Option<Arc<TemplateDetail>> {
        if let Answer::Template(detail) = answer { Some(Arc::from(detail)) } else { None }
    }
}

#[component]
pub fn Patterns() -> impl IntoView {
    let shared = use_shared();
    let in_sight = move || shared.view.get() == View::Patterns;
    let filter = Memo::new(move |_| Filter { order: Default::default(), ..shared.filter.get() });
    let answer = use_answer(shared.port, shared.revision, move || {
        in_sight().then(|| TemplatesAsk { filter: filter.get(), n_spans: N_SPANS })
    });
    // What was last in sight is there again at once when one comes back.
    let list = RwSignal::new(Arc::<TemplateList>::default());
    Effect::new(move || {
        if let Some(answer) = answer.with(|answer| answer.answer.clone()) {
            list.set(answer);
        }
    });
    let wanted = RwSignal::new(String::new());
    let sorting = RwSignal::new(Sorting::default());
    let places =
        Memo::new(move |_| list.with(|list| wanted.with(|wanted| listed(&list.templates, wanted, sorting.get()))));
    // Where one looks for some of them.
    let n_listed = Memo::new(move |_| {
        let is_there = |list: &TemplateList, place: usize| {
            list.templates.get(place).is_some_and(|template| template.novelty != Novelty::Gone)
        };
        let n_there = |list: &Arc<TemplateList>| {
            places.with(|places| places.iter().filter(|&&place| is_there(list, place)).count() as u64)
        };
        wanted.with(|wanted| !wanted.trim().is_empty()).then(|| list.with(n_there))
    });
    let is_tree = RwSignal::new(false);
    let branches = Memo::new(move |_| {
        let is_tree = is_tree.get();
        Arc::new(list.with(|list| {
            places.with(|places| if is_tree { branches(&list.templates, places, sorting.get()) } else { Vec::new() })
        }))
    });
    let open = RwSignal::new(BTreeSet::new());
    let rows = Memo::new(move |_| {
        Arc::new(match is_tree.get() {
            true => branches.with(|branches| open.with(|open| rows(branches, open))),
            false => {
                places.with(|places| places.iter().map(|&place| Row::Pattern { place, is_inside: false }).collect())
            }
        })
    });
    let shown = Shown { list, branches, rows, is_tree, open };
    let chosen = RwSignal::new(None::<TemplateId>);
    let detail = use_answer(shared.port, shared.revision, move || {
        let id = chosen.get().filter(|_| in_sight())?;
        Some(TemplateAsk { filter: filter.get(), id })
    });
    // One that was asked for elsewhere.
    Effect::new(move || {
        if let Some(id) = shared.wanted_pattern.get() {
            chosen.set(Some(id));
            shared.wanted_pattern.set(None);
        }
    });
    let template = Memo::new(move |_| {
        let id = chosen.get()?;
        list.with(|list| list.templates.iter().find(|template| template.id == id).cloned())
    });
    // Stays while one types, also where an answer so far does not have the template yet.
    let noted = Memo::new(move |before: Option<&Option<TemplateId>>| {
        let chosen = chosen.get();
        let is_there = template.with(Option::is_some) || before.is_some_and(|before| *before == chosen);
        chosen.filter(|_| is_there)
    });
    let is_stale = Memo::new(move |_| answer.with(Remote::is_stale));
    view! {
        <section id="patterns" aria-label=say!("Patterns") class:stale=move || is_stale.get() aria-busy=move || is_stale.get().to_string()
            data-complete=move || answer.with(|answer| answer.state == State::Final).to_string()>
            <div class="result-head">
                <input id="find-pattern" type="search" autocomplete="off" spellcheck="false" placeholder=say!("Find a pattern")
                    aria-label=say!("Find a pattern") prop:value=move || wanted.get()
                    on:input=move |event| wanted.set(event_target_value(&event)) />
                <select class="small" id="sort-patterns" aria-label=say!("Order of the patterns")
                    on:change=move |event| sorting.set(Sorting::named(&event_target_value(&event)))>
                    {ORDERS.iter().map(|&(order, name)| view! {
                        <option value=name selected=move || sorting.get() == order>{told(name)}</option>
                    }).collect_view()}
                </select>
                <button class="small" id="pattern-tree" title=say!("Patterns of mostly the same words together")
                    aria-pressed=move || is_tree.get().to_string() on:click=move |_| is_tree.update(|is_tree| *is_tree = !*is_tree)>
                    {say!("Tree")}
                </button>
                <span class="summary" role="status">{move || summary(&list.get(), n_listed.get(), &answer.get().state)}</span>
            </div>
            {move || general(list.with(|list| list.n_general)).map(|words| view! { <p class="aside">{words}</p> })}
            <List shown chosen sorting />
            {move || noted.get().map(|id| {
                let known = untrack(|| template.get()).map(|template| template.note).unwrap_or_default();
                view! { <Note id known /> }
            })}
            {move || template.get().map(|template| view! { <Detail template detail shown chosen /> })}
        </section>
    }
}

/// `57 patterns in 1,204 entries, 3 new`, and whether that is all. `n_listed`: those that are looked for, where some are.
fn summary(list: &TemplateList, n_listed: Option<u64>, state: &State) -> String {
    let count = |novelty: Novelty| list.templates.iter().filter(|template| template.novelty == novelty).count() as u64;
    let n_gone = count(Novelty::Gone);
    let n_there = list.templates.len() as u64 - n_gone;
    let patterns = counted!(n_there, "pattern", "patterns");
    let patterns = match n_listed {
        Some(n_listed) => say!("{} of {}", wording::count(n_listed), patterns),
        None => patterns,
    };
    let mut parts = vec![say!("{} in {}", patterns, counted!(list.n_entries, "entry", "entries"))];
    if list.has_before {
        parts.push(say!("{} new", wording::count(count(Novelty::New))));
    }
    if n_gone > 0 {
        parts.push(say!("{} gone", wording::count(n_gone)));
    }
    match state {
        State::Final => parts.join(", "),
        State::Partial { done, total } => {
            say!("{} so far, counting… {} %", parts.join(", "), wording::percent(*done, *total))
        }
        State::Idle | State::Asked => say!("counting…").to_owned(),
        State::Failed(failure) => failure.to_string(),
    }
}

/// Why some patterns say less than their messages have in common.
fn general(n_general: u32) -> Option<String> {
    let patterns = counted!(n_general.into(), "pattern", "patterns");
    (n_general > 0).then(|| {
        say!("There are too many different messages that were written only a few times. Standing for several of them, so that none is left out: {patterns}.", patterns)
    })
}

/// Entries made from this template.
fn is_made_from(id: TemplateId) -> Expr {
    value_term("template", &id.to_string())
}

fn narrow(shared: Shared, id: TemplateId, change: Change) {
    shared.narrow(&is_made_from(id), change);
}

/// Leaves a template out; the one beside it is looked at then, and the keyboard is in the list.
fn leave_out(shared: Shared, shown: Shown, chosen: RwSignal<Option<TemplateId>>, id: TemplateId) {
    let beside = untrack(|| shown.beside(id));
    narrow(shared, id, Change::Exclude);
    chosen.set(beside);
    focus_patterns();
}

fn isolate(shared: Shared, id: TemplateId) {
    let query = shared.query.with_untracked(|query| isolated(query, id));
    shared.set_query(query, Visit::New);
}

/// The search, but of all templates for this one alone: what it said of others is taken away.
fn isolated(query: &str, id: TemplateId) -> String {
    let terms = match parse(query).0 {
        Expr::And(terms) => terms,
        one => vec![one],
    };
    let others: Vec<Expr> = terms.into_iter().filter(is_about_templates).collect();
    let rest = if others.is_empty() { query.to_owned() } else { without_condition(query, &Expr::and(others)) };
    with_condition(&rest, &is_made_from(id), Change::Include)
}

fn is_about_templates(term: &Expr) -> bool {
    match term {
        Expr::Not(inner) => is_about_templates(inner),
        Expr::Or(parts) => parts.iter().all(is_about_templates),
        Expr::Field { name, .. } => name.eq_ignore_ascii_case("template"),
        _ => false,
    }
}

/// Goes to the template's entries; "back" comes back to the patterns.
fn show_entries(shared: Shared, id: TemplateId) {
    let query = shared.query.with_untracked(|query| with_condition(query, &is_made_from(id), Change::Include));
    shared.change(Visit::New, |scope| {
        scope.filter.query = query;
        scope.view = View::Entries;
    });
}

/// Puts the keyboard into the list, if it is there.
pub fn focus_patterns() -> bool {
    focus_first(&["#pattern-rows"])
}

#[cfg(test)]
mod tests {
    use model::template::TemplateCount;

    use super::*;

    #[test]
    fn a_template_is_isolated_from_other_templates_and_the_search_stays() {
        let id = TemplateId(0x0c7d_5e2f_9a14 << 16);
        let check = |query: &str, expected: &str| assert_eq!(isolated(query, id), expected, "{query}");
        check("", "template==0c7d5e2f9a14");
        check("cart level>=warn", "cart level>=warn template==0c7d5e2f9a14");
        check("cart -template==0000000000aa -template==0000000000bb", "cart template==0c7d5e2f9a14");
        check("(template==0000000000aa OR template==0000000000bb)", "template==0c7d5e2f9a14");
        check("cart -template==0c7d5e2f9a14 | count by service", "cart template==0c7d5e2f9a14 | count by service");
    }

    #[test]
    fn what_is_looked_for_is_told_of_all() {
        let templates = vec![TemplateCount::default(); 5];
        let list = TemplateList { templates, n_entries: 1204, ..TemplateList::default() };
        assert_eq!(summary(&list, Some(2), &State::Final), "2 of 5 patterns in 1,204 entries");
    }

    #[test]
    fn counts_that_may_still_grow_say_so() {
        let list = TemplateList { n_entries: 1204, has_before: true, ..TemplateList::default() };
        assert_eq!(summary(&list, None, &State::Final), "0 patterns in 1,204 entries, 0 new");
        let partial = State::Partial { done: 1, total: 4 };
        assert!(summary(&list, None, &partial).ends_with("so far, counting… 25 %"));
    }
}
