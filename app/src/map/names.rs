//! What entries call a service, by which rule each name is its own, and the ways to say otherwise.

use leptos::prelude::*;
use model::language::retold;
use model::naming::{OF_POD, OF_SET, SAID, SAME_KEY};
use model::say;
use model::topology::{Alias, Node};

use super::Chosen;
use super::before::Before;
use crate::names::{UndoNames, forget, join, part};
use crate::scope::use_shared;

/// `others`: services that it may be the same as.
#[component]
pub fn Names(
    node: Node,
    others: Vec<String>,
    chosen: RwSignal<Option<Chosen>>,
    before: StoredValue<Before>,
) -> impl IntoView {
    let shared = use_shared();
    let name = StoredValue::new(node.name.clone());
    let own = StoredValue::new(names_of_its_own(&node));
    let alias = move |Alias { name, rule }: Alias| {
        let title = say!("{} is a service of its own", name);
        let written = name.clone();
        view! {
            <li>
                <span><code>{name}</code><span class="aside">{format!(" {}", retold(&rule))}</span></span>
                <Show when=move || shared.owns.get()>
                    <button class="small quiet" data-does="part" title=title.clone() aria-label=title.clone()
                        on:click={let written = written.clone(); move |_| part(shared, &written)}>{say!("Part")}</button>
                </Show>
            </li>
        }
    };
    let (parts, aliases): (Vec<Alias>, Vec<Alias>) = node.aliases.into_iter().partition(is_instance);
    let (has_parts, has_aliases) = (!parts.is_empty(), !aliases.is_empty());
    let parts = parts.into_iter().map(alias).collect_view();
    let aliases = aliases.into_iter().map(alias).collect_view();
    let is_apart = Memo::new(move |_| {
        shared.names.now.with(|naming| name.with_value(|name| naming.of(name) == Some(name.as_str())))
    });
    let choose = move |event| {
        let service = event_target_value(&event);
        if !service.is_empty() {
            own.with_value(|own| join(shared, own.iter().map(String::as_str), &service));
            let (was, is) = (name.with_value(|name| Chosen::Node(name.clone())), Chosen::Node(service));
            before.update_value(|before| before.leave(was, is.clone()));
            chosen.set(Some(is));
        }
    };
    let has_others = !others.is_empty();
    let options = move || {
        others.iter().map(|other| view! { <option value=other.clone()>{other.clone()}</option> }).collect_view()
    };
    view! {
        {has_parts.then(|| view! { <h3>{say!("Its pods and replicas")}</h3><ul class="map-list" id="map-card-pods">{parts}</ul> })}
        {has_aliases.then(|| view! { <h3>{say!("Also named")}</h3><ul class="map-list" id="map-card-names">{aliases}</ul> })}
        <Show when=move || shared.owns.get()>
            <p class="names">
                {has_others.then(|| view! {
                    <select class="small" id="map-join" aria-label=say!("Another name of the same service") on:change=choose>
                        <option value="" selected=true>{say!("Is the same as…")}</option>
                        {options.clone()()}
                    </select>
                })}
                <Show when=move || is_apart.get()>
                    <button class="small quiet" id="map-forget-name" on:click=move |_| name.with_value(|name| forget(shared, name))>
                        {say!("Let the rules decide on its name")}
                    </button>
                </Show>
                <UndoNames />
            </p>
        </Show>
    }
}

/// It is one of several that do the same, and no other name of all of them.
fn is_instance(alias: &Alias) -> bool {
    [OF_POD, OF_SET].iter().any(|rule| alias.rule.contains(rule))
}

/// Those that rules for parts of a service leave: what is said of them is said of pods and replicas as well.
fn names_of_its_own(node: &Node) -> Vec<String> {
    let others = node.aliases.iter().filter(|alias| [SAID, SAME_KEY].contains(&&*alias.rule));
    let mut names: Vec<String> = others.map(|alias| alias.name.clone()).collect();
    names.push(node.name.clone());
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::topology::NodeKind;

    #[test]
    fn what_is_said_of_a_service_is_said_of_its_names_and_not_of_each_pod() {
        let alias = |name: &str, rule: &str| Alias { name: name.to_owned(), rule: rule.to_owned() };
        let node = Node {
            name: "payment".to_owned(),
            kind: NodeKind::Service,
            aliases: vec![
                alias("payment-5c67c48447-fj8b7", OF_POD),
                alias("payment-svc", SAME_KEY),
                alias("till", SAID),
            ],
            n_entries: 1,
            n_errors: 0,
            named_by: Vec::new(),
        };
        assert_eq!(names_of_its_own(&node), ["payment-svc", "till", "payment"]);
        assert_eq!(node.aliases.iter().map(is_instance).collect::<Vec<_>>(), [true, false, false]);
    }
}
