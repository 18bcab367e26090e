//! Anonymising what is saved as a file: what gets pseudonyms, and what that would change.

use leptos::prelude::*;
use model::disguise::{Disguise, DisguisePreview, Replaced, Trait};
use model::protocol::{Answer, Ask, DisguiseAsk};
use model::{counted, say};

use crate::answer::{Question, use_answer};
use crate::scope::use_shared;
use crate::wording;

/// Instants and most counts have no more.
const MOST_DIGITS: u8 = 12;
/// No number in a log has more.
const MOST_CHOSEN_DIGITS: u8 = 40;

impl Question for DisguiseAsk {
    type Answer = DisguisePreview;
    fn ask(&self) -> Ask {
        Ask::PreviewDisguise(self.clone())
    }
    fn read(answer: Answer) -> Option<DisguisePreview> {
        if let Answer::Disguised(preview) = answer { Some(preview) } else { None }
    }
}

/// `is_open`: somebody looks at it; until then nothing is asked.
#[component]
pub fn DisguiseChoice(chosen: RwSignal<Option<Disguise>>, is_open: RwSignal<bool>) -> impl IntoView {
    let shared = use_shared();
    let last = RwSignal::new(Disguise { traits: Trait::ALL.to_vec(), most_digits: MOST_DIGITS });
    let preview = use_answer(shared.port, shared.revision, move || {
        let disguise = chosen.get().filter(|_| is_open.get())?;
        Some(DisguiseAsk { filter: shared.filter.get(), disguise })
    });
    let turn = move |event| chosen.set(event_target_checked(&event).then(|| last.get_untracked()));
    let change = move |change: &dyn Fn(&mut Disguise)| {
        last.update(|last| change(last));
        chosen.set(Some(last.get_untracked()));
    };
    let choice = move |what: Trait| {
        let has = move || last.with(|last| last.traits.contains(&what));
        let turn = move |event| {
            let is_on = event_target_checked(&event);
            change(&|disguise| {
                disguise.traits.retain(|other| *other != what);
                if is_on {
                    disguise.traits.push(what);
                    disguise.traits.sort();
                }
            });
        };
        let digits = (what == Trait::Number).then(|| {
            let on_input = move |event| {
                if let Some(most) = digits_in(&event_target_value(&event)) {
                    change(&|disguise| disguise.most_digits = most);
                }
            };
            // What is no number of digits is not taken: the field says what holds.
            let on_change = move |event: leptos::ev::Event| {
                let input = event_target::<web_sys::HtmlInputElement>(&event);
                input.set_value(&last.with_untracked(|last| last.most_digits.to_string()));
            };
            view! {
                <input type="number" min="1" max=MOST_CHOSEN_DIGITS.to_string() aria-label=say!("Digits")
                    prop:value=move || last.with(|last| last.most_digits.to_string()) on:input=on_input on:change=on_change />
            }
        });
        view! {
            <li><label><input type="checkbox" data-trait=what.name() prop:checked=has on:change=turn />{what.in_words()}</label>{digits}</li>
        }
    };
    view! {
        <h3>{say!("Anonymise")}</h3>
        <label class="check">
            <input type="checkbox" id="disguise" prop:checked=move || chosen.with(Option::is_some) on:change=turn />
            {say!("Pseudonyms in place of what tells who and where")}
        </label>
        <Show when=move || chosen.with(Option::is_some)>
            <ul class="traits" aria-label=say!("What gets pseudonyms")>{Trait::ALL.map(choice)}</ul>
            <p class="aside">{say!("Rows and chosen entries that are copied get them, too. Single entries, pictures, reports and the notebook stay as they are.")}</p>
            <Show when=move || !shared.owns.get()>
                <p class="aside">{say!("This tab only reads: pseudonyms that it gives first are forgotten with it, and the tab that may write may give them to others.")}</p>
            </Show>
            <button class="small" popovertarget="pseudonyms">{say!("Pseudonyms that were given…")}</button>
            <div id="disguise-preview" role="status">{move || preview.with(|preview| preview.answer.as_ref().map(found))}</div>
        </Show>
    }
}

/// `None`: none that a number can have.
fn digits_in(text: &str) -> Option<u8> {
    text.trim().parse().ok().filter(|n_digits| (1..=MOST_CHOSEN_DIGITS).contains(n_digits))
}

fn found(preview: &DisguisePreview) -> impl IntoView + use<> {
    let n_entries = counted!(preview.n_entries, "entry", "entries");
    let words = match preview.found.is_empty() {
        true => say!("Nothing of that is in the first {n_entries}.", n_entries),
        false => {
            say!("In the first {n_entries}; the same value gets the same pseudonym in all that is saved:", n_entries)
        }
    };
    let row = |replaced: &Replaced| {
        let examples = replaced
            .examples
            .iter()
            .map(|(from, to)| view! { <li><s>{from.clone()}</s>" "<ins>{to.clone()}</ins></li> });
        view! {
            <tr><th scope="row">{replaced.what.name()}</th><td class="n">{wording::count(replaced.n_values)}</td><td><ul>{examples.collect_view()}</ul></td></tr>
        }
    };
    view! {
        <p class="aside">{words}</p>
        <table><tbody>{preview.found.iter().map(row).collect_view()}</tbody></table>
        <p class="aside">{say!("What its form does not tell, such as a name in a sentence, stays. Look at the file before you give it away.")}</p>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_of_digits_is_one_that_a_number_can_have() {
        assert_eq!(["1", " 12", "40"].map(digits_in), [Some(1), Some(12), Some(40)]);
        assert_eq!(["0", "-3", "41", "300", "", "x"].map(digits_in), [None; 6]);
    }
}
