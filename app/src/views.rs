//! The views of the scope, one table of them: a row there makes a tab, a key and a panel.

use leptos::prelude::*;
use model::compare::Against;
use model::language::told;
use model::scope::View;
use model::{key, say};

use crate::actions::Action;
use crate::agreement::{Agreement, focus_agreement};
use crate::all_views::AllViews;
use crate::compare::{Compare, compare_after_selected, compare_with, focus_compare};
use crate::entries::{Entries, focus_entries};
use crate::groups::{Groups, focus_groups};
use crate::incidents::{Incidents, badge, focus_incidents};
use crate::late::{late, late_part};
use crate::map::{Map, focus_map};
use crate::notebook::{Notebook, focus_notebook};
use crate::patterns::{Patterns, focus_patterns};
use crate::red::{Signals, focus_signals};
use crate::requests::{RequestList, focus_requests};
use crate::results::{Results, focus_results};
use crate::scope::{Shared, use_shared};
use crate::sql::{Sql, focus_sql};
use crate::tabs::{Tab, Tabs};
use crate::trace::{Request, focus_request, step_along};

struct Panel {
    tab: Tab<View>,
    key: &'static str,
    draw: fn() -> AnyView,
    /// Puts the keyboard into it; `false` where there is nothing to put it into yet.
    focus: fn() -> bool,
}

/// Panels of one key take turns.
const PANELS: &[Panel] = &[
    Panel {
        tab: Tab {
            panel: View::Result,
            id: "tab-result",
            title: key!("Result"),
            hint: key!("What the query makes of the entries (1)"),
        },
        key: "1",
        draw: || late_part(results()).into_any(),
        focus: focus_results,
    },
    Panel {
        tab: Tab {
            panel: View::Entries,
            id: "tab-entries",
            title: key!("Entries"),
            hint: key!("The entries, one by one (1)"),
        },
        key: "1",
        draw: || late_part(entries()).into_any(),
        focus: focus_entries,
    },
    Panel {
        tab: Tab {
            panel: View::Patterns,
            id: "tab-patterns",
            title: key!("Patterns"),
            hint: key!("What the entries are made from (2)"),
        },
        key: "2",
        draw: || late_part(patterns()).into_any(),
        focus: focus_patterns,
    },
    Panel {
        tab: Tab {
            panel: View::Incidents,
            id: "tab-incidents",
            title: key!("Incidents"),
            hint: key!("What is unusual, what goes with it, what moved first (3)"),
        },
        key: "3",
        draw: || late_part(incidents()).into_any(),
        focus: focus_incidents,
    },
    Panel {
        tab: Tab {
            panel: View::Groups,
            id: "tab-groups",
            title: key!("Groups"),
            hint: key!("Which requests or sessions are unlike the others (3)"),
        },
        key: "3",
        draw: || late_part(groups()).into_any(),
        focus: focus_groups,
    },
    Panel {
        tab: Tab { panel: View::Map, id: "tab-map", title: key!("Map"), hint: key!("Which service calls which (4)") },
        key: "4",
        draw: || late_part(map()).into_any(),
        focus: focus_map,
    },
    Panel {
        tab: Tab {
            panel: View::Signals,
            id: "tab-signals",
            title: key!("Routes"),
            hint: key!("Rate, errors and duration of services and routes (4)"),
        },
        key: "4",
        draw: || late_part(signals()).into_any(),
        focus: focus_signals,
    },
    Panel {
        tab: Tab {
            panel: View::Trace,
            id: "tab-trace",
            title: key!("Request"),
            hint: key!("The request of the selected entry (5)"),
        },
        key: "5",
        draw: || late_part(request()).into_any(),
        focus: focus_request,
    },
    Panel {
        tab: Tab {
            panel: View::Requests,
            id: "tab-requests",
            title: key!("Requests"),
            hint: key!("How long requests took; the slowest, failed and unusual ones (5)"),
        },
        key: "5",
        draw: || late_part(requests()).into_any(),
        focus: focus_requests,
    },
    Panel {
        tab: Tab {
            panel: View::Agreement,
            id: "tab-agreement",
            title: key!("Agreement"),
            hint: key!("Where logs, traces and metrics contradict each other (6)"),
        },
        key: "6",
        draw: || late_part(agreement()).into_any(),
        focus: focus_agreement,
    },
    Panel {
        tab: Tab {
            panel: View::Compare,
            id: "tab-compare",
            title: key!("Compare"),
            hint: key!("What differs from the rest, or from before (7)"),
        },
        key: "7",
        draw: || late_part(compare()).into_any(),
        focus: focus_compare,
    },
    Panel {
        tab: Tab {
            panel: View::Sql,
            id: "tab-sql",
            title: "SQL",
            hint: key!("A statement of SQL over the entries (8)"),
        },
        key: "8",
        draw: || late_part(sql()).into_any(),
        focus: focus_sql,
    },
    Panel {
        tab: Tab {
            panel: View::Notebook,
            id: "tab-notebook",
            title: key!("Notebook"),
            hint: key!("What you kept, on one page to read and to send (9)"),
        },
        key: "9",
        draw: || late_part(notebook()).into_any(),
        focus: focus_notebook,
    },
];

late! { in workbench: fn entries() { view! { <Entries /> } } }

late! { in views: fn incidents() { view! { <Incidents /> } } }

late! { in views: fn groups() { view! { <Groups /> } } }

late! { in views: fn sql() { view! { <Sql /> } } }

late! { in saved: fn notebook() { view! { <Notebook /> } } }

late! { in views: fn compare() { view! { <Compare /> } } }

late! { in views: fn signals() { view! { <Signals /> } } }

late! { in views: fn request() { view! { <Request /> } } }

late! { in views: fn requests() { view! { <RequestList /> } } }

late! { in views: fn agreement() { view! { <Agreement /> } } }

late! { in views: fn map() { view! { <Map /> } } }

late! { in views: fn results() { view! { <Results /> } } }

late! { in views: fn patterns() { view! { <Patterns /> } } }

/// Only a query with stages has a result, and only a selected entry a request.
fn is_offered(shared: Shared, view: View) -> bool {
    match view {
        View::Result => shared.has_stages.get(),
        View::Trace => view == shared.view.get() || shared.scope.with(|scope| scope.selected.is_some()),
        _ => true,
    }
}

/// The tabs, and the panel of the chosen one. A panel is put up when it is first looked at, and stays, out of sight.
#[component]
pub fn Views() -> impl IntoView {
    let shared = use_shared();
    shared.actions.on(move |action| match action {
        Action::Compare => {
            compare_with(shared, Against::default());
            true
        }
        Action::NextOfRequest | Action::PreviousOfRequest => {
            step_along(shared, action == Action::NextOfRequest);
            true
        }
        Action::After => {
            compare_after_selected(shared);
            true
        }
        _ => false,
    });
    let offered =
        Memo::new(move |_| PANELS.iter().map(|panel| is_offered(shared, panel.tab.panel)).collect::<Vec<_>>());
    let badge = badge(shared);
    let tabs = move || {
        let offered = offered.get();
        let tabs: Vec<_> =
            PANELS.iter().zip(offered).filter(|(_, offered)| *offered).map(|(panel, _)| panel.tab).collect();
        let choose = Callback::new(move |view| shared.turn_to(view));
        (tabs.len() > 1).then(|| {
            view! {
                <div class="panel-head">
                    <Tabs label=say!("Views") tabs chosen=shared.view.into() choose badge />
                    <AllViews />
                </div>
            }
        })
    };
    let panel = |panel: &'static Panel| {
        let view = panel.tab.panel;
        let is_in_sight = Memo::new(move |_| shared.view.get() == view);
        // The entries are what most look at first: they are put up before there are any.
        let is_up = Memo::new(move |was_up| was_up == Some(&true) || view == View::Entries || is_in_sight.get());
        view! {
            <Show when=move || is_up.get()>
                <div class="view" hidden=move || !is_in_sight.get()>{(panel.draw)()}</div>
            </Show>
        }
    };
    view! {
        <div class="views">
            {tabs}
            {PANELS.iter().map(panel).collect_view()}
        </div>
    }
}

/// The views that there are now, with their titles and keys.
pub fn offered(shared: Shared) -> Vec<(View, &'static str, &'static str)> {
    let offered = PANELS.iter().filter(|panel| is_offered(shared, panel.tab.panel));
    offered.map(|panel| (panel.tab.panel, told(panel.tab.title), panel.key)).collect()
}

/// Turns to the panel of a key; where it is in sight, to the next one of the same key. `false`: it is no panel's key.
pub fn turn_by_key(shared: Shared, key: &str) -> bool {
    let of_key =
        || PANELS.iter().map(|panel| (panel.key, panel.tab.panel)).filter(|&(of, _)| of == key).map(|(_, view)| view);
    let in_sight = shared.view.get_untracked();
    let mut offered = of_key().filter(|&view| untrack(|| is_offered(shared, view)));
    let first = offered.next();
    let next = match first {
        Some(first) if first == in_sight => offered.next(),
        first => first,
    };
    if let Some(view) = next {
        shared.turn_to(view);
    }
    of_key().next().is_some()
}

/// Puts the keyboard into what is in sight.
pub fn focus_view(shared: Shared) {
    let in_sight = shared.view.get_untracked();
    let has_focus = PANELS.iter().filter(|panel| panel.tab.panel == in_sight).any(|panel| (panel.focus)());
    if !has_focus {
        focus_entries();
    }
}
