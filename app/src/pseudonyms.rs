//! What stands behind the pseudonyms that were given: looked for, copied, forgotten. It is in no file, and stays in this browser.

use leptos::html::Div;
use leptos::prelude::*;
use model::disguise::{Given, PseudonymList, PseudonymsAsk, Trait};
use model::protocol::{Answer, Ask, Failure};
use model::{counted, say};

use crate::actions::Action;
use crate::details::copy;
use crate::icons;
use crate::port::{Pending, Reply};
use crate::scope::use_shared;
use crate::wording;

/// More are found by searching.
const MOST_SHOWN: u32 = 500;

#[component]
pub fn Pseudonyms() -> impl IntoView {
    let shared = use_shared();
    let dialog = NodeRef::<Div>::new();
    let (words, what) = (RwSignal::new(String::new()), RwSignal::new(None::<Trait>));
    let list = RwSignal::new(None::<PseudonymList>);
    let is_sure = RwSignal::new(false);
    // The one that was forgotten last, as long as that can be taken back: until the list is closed.
    let forgotten = RwSignal::new(None::<Given>);
    let pending = StoredValue::new_local(None::<Pending>);
    let look = move || {
        let ask = PseudonymsAsk { what: what.get_untracked(), words: words.get_untracked(), n_most: MOST_SHOWN };
        let on_reply = move |reply: Reply| match reply {
            Reply::Progress { .. } => {}
            Reply::Done(Ok(Answer::Pseudonyms(found))) => list.set(Some(found)),
            reply => shared.show_failure(reply),
        };
        let ask = Ask::Pseudonyms(ask);
        pending.set_value(Some(shared.port.with_value(|port| port.ask(ask, on_reply))));
    };
    // What nobody looks at is not asked for, and not kept on the page.
    let on_toggle = move |_| {
        is_sure.set(false);
        forgotten.set(None);
        match dialog.get_untracked().is_some_and(|dialog| dialog.matches(":popover-open").unwrap_or_default()) {
            true => look(),
            false => list.set(None),
        }
    };
    shared.actions.on(move |action| {
        let is_this = action == Action::Pseudonyms;
        if is_this && let Some(dialog) = dialog.get_untracked() {
            // Refused only where it is open already.
            let _ = dialog.show_popover();
        }
        is_this
    });
    let choose = move |event| {
        let name = event_target_value(&event);
        what.set(Trait::ALL.into_iter().find(|what| what.name() == name));
        look();
    };
    let forget = move |which: Option<Given>| {
        is_sure.set(false);
        let words = match &which {
            Some(given) => say!("What {} stands for is forgotten.", given.name),
            None => say!("What all pseudonyms stand for is forgotten.").to_owned(),
        };
        let one = which.clone();
        let on_reply = move |reply: Reply| match reply {
            Reply::Progress { .. } => {}
            Reply::Done(Ok(_)) => {
                shared.said.set(words.clone());
                forgotten.set(one.clone());
                look();
            }
            reply => shared.show_failure(reply),
        };
        shared.port.with_value(|port| port.ask(Ask::ForgetPseudonyms { which }, on_reply).forget());
    };
    let remember = move |given: Given| {
        forgotten.set(None);
        let name = given.name.clone();
        let on_reply = move |reply: Reply| match reply {
            Reply::Progress { .. } => {}
            Reply::Done(Ok(_)) => {
                shared.said.set(say!("What {} stands for is known again.", name));
                look();
            }
            Reply::Done(Err(Failure::Gone)) => {
                shared.said.set(say!("What {} stood for was met again and has another pseudonym.", name));
            }
            reply => shared.show_failure(reply),
        };
        shared.port.with_value(|port| port.ask(Ask::RememberPseudonym(given), on_reply).forget());
    };
    let copy_shown = move |_| {
        let text = list.with_untracked(|list| list.as_ref().map(|list| as_text(&list.given)));
        copy(shared, text.unwrap_or_default(), say!("Pseudonyms"));
    };
    let row = move |given: Given| {
        let (value, name) = (given.value.clone(), given.name.clone());
        let (of_copy, of_forget) =
            (say!("Copy what {name} stands for", name), say!("Forget what {name} stands for", name));
        let copy_value = move |_| copy(shared, value.clone(), say!("Original"));
        view! {
            <tr>
                <td class="aside">{given.what.name()}</td>
                <td><code>{given.value.clone()}</code></td>
                <td><code>{given.name.clone()}</code></td>
                <td class="of-row">
                    <button class="quiet square" title=of_copy.clone() aria-label=of_copy on:click=copy_value>{icons::icon(icons::COPY)}</button>
                    {shared.owns.get().then(|| view! {
                        <button class="quiet square" title=of_forget.clone() aria-label=of_forget on:click=move |_| forget(Some(given.clone()))>
                            {icons::icon(icons::TRASH)}
                        </button>
                    })}
                </td>
            </tr>
        }
    };
    let count = |list: &PseudonymList| {
        let found = counted!(list.n_found, "pseudonym", "pseudonyms");
        match (list.n_all, list.given.len() as u64) {
            (0, _) => {
                say!("None is known. They are given when something is saved with pseudonyms, or looked at before.")
                    .to_owned()
            }
            (_, n_shown) if n_shown < list.n_found => {
                say!("{found}, the first {} shown", found, wording::count(n_shown))
            }
            _ => found,
        }
    };
    let has_any = move || list.with(|list| list.as_ref().is_some_and(|list| list.n_all > 0));
    let has_found = move || list.with(|list| list.as_ref().is_some_and(|list| !list.given.is_empty()));
    view! {
        <div popover="auto" id="pseudonyms" role="dialog" aria-labelledby="pseudonyms-title" node_ref=dialog on:toggle=on_toggle>
            <div class="panel-head">
                <h2 id="pseudonyms-title">{say!("Pseudonyms that were given")}</h2>
                <button class="quiet square" popovertarget="pseudonyms" popovertargetaction="hide" aria-label=say!("Close") title=say!("Close (Esc)")>
                    {icons::icon(icons::CLOSE)}
                </button>
            </div>
            <p class="aside">{say!("What they stand for is kept in this browser alone, and goes with the workspace.")}</p>
            <div class="choices">
                <input type="search" id="pseudonym-words" autofocus autocomplete="off" spellcheck="false" placeholder=say!("Original or pseudonym")
                    aria-label=say!("Original or pseudonym") prop:value=move || words.get()
                    on:input=move |event| { words.set(event_target_value(&event)); look(); } />
                <select id="pseudonym-kind" aria-label=say!("Kind") on:change=choose>
                    <option value="">{say!("All kinds")}</option>
                    {Trait::ALL.map(|what| view! { <option value=what.name()>{what.name()}</option> })}
                </select>
                <button id="copy-pseudonyms" disabled=move || !has_found() on:click=copy_shown>{say!("Copy the list")}</button>
            </div>
            {move || forgotten.get().map(|given| {
                let words = say!("What {} stands for is forgotten.", given.name);
                view! {
                    <p class="undo">
                        <span>{words}</span>
                        <button class="small" id="remember-pseudonym" on:click=move |_| remember(given.clone())>{say!("Undo")}</button>
                    </p>
                }
            })}
            <p role="status">{move || list.with(|list| list.as_ref().map(count))}</p>
            <Show when=has_found>
                <div class="scrolled-table"><table>
                    <thead><tr><th scope="col">{say!("Kind")}</th><th scope="col">{say!("Original")}</th><th scope="col">{say!("Pseudonym")}</th><td></td></tr></thead>
                    <tbody>{move || list.with(|list| list.iter().flat_map(|list| list.given.clone()).map(row).collect_view())}</tbody>
                </table></div>
            </Show>
            <Show when=move || has_any() && shared.owns.get()>
                <div class="actions">
                    {move || match is_sure.get() {
                        false => view! { <button id="forget-pseudonyms" on:click=move |_| is_sure.set(true)>{say!("Forget all…")}</button> }.into_any(),
                        true => view! {
                            <span class="aside">{say!("What was saved stays as it is; nobody can tell any more whom it speaks of, and who is met again gets another pseudonym.")}</span>
                            <button class="danger" id="forget-for-good" on:click=move |_| forget(None)>{say!("Forget all")}</button>
                        }.into_any(),
                    }}
                </div>
            </Show>
        </div>
    }
}

/// Rows for a spreadsheet.
fn as_text(given: &[Given]) -> String {
    let plain = |text: &str| text.replace(['\t', '\n', '\r'], " ");
    let row = |given: &Given| format!("{}\t{}\t{}\n", given.what.name(), plain(&given.value), given.name);
    given.iter().map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_copied_a_row_each() {
        let given =
            |value: &str, name: &str| Given { what: Trait::User, value: value.to_owned(), name: name.to_owned() };
        assert_eq!(
            as_text(&[given("ann", "user-1"), given("a\tb", "user-2")]),
            "user\tann\tuser-1\nuser\ta b\tuser-2\n"
        );
    }
}
