//! What fields and labels cost: how many different values they have, and what is saved where nobody writes them.

use leptos::prelude::*;
use model::cardinality::{Cardinality, FieldCost, Growth, LabelCost};
use model::query::{Change, Expr, Test, name_of_own, with_condition};
use model::say;
use model::scope::View;

use crate::scope::{Shared, Visit, use_shared};
use crate::wording;

#[component]
pub fn Costs(cardinality: Cardinality) -> impl IntoView {
    let shared = use_shared();
    let Cardinality { fields, labels, text_bytes } = cardinality;
    let (has_fields, has_labels) = (!fields.is_empty(), !labels.is_empty());
    let rows = fields.into_iter().map(|cost| field(shared, cost, text_bytes)).collect_view();
    let labels = labels.into_iter().map(label).collect_view();
    view! {
        <section class="drift-kind costs">
            <h2>{say!("Cardinality")}</h2>
            <p class="facts">
                {say!("Fields with many different values, and labels that multiply the time series of a metric. An endless one has new values as long as there are new entries.")}
                {(!has_fields && !has_labels).then(|| format!(" {}", say!("Nothing of note.")))}
            </p>
            {has_fields.then(|| view! {
                <table>
                    <thead><tr>
                        <th scope="col">{say!("Field")}</th><th scope="col" class="n">{say!("Values")}</th><th scope="col">{say!("Growth")}</th>
                        <th scope="col" class="n">{say!("Entries")}</th><th scope="col" class="n" title=say!("Name and values as text, and their share of all messages and fields")>{say!("Takes")}</th>
                    </tr></thead>
                    <tbody>{rows}</tbody>
                </table>
            })}
            {has_labels.then(|| view! {
                <table>
                    <thead><tr>
                        <th scope="col">{say!("Metric")}</th><th scope="col">{say!("Label")}</th><th scope="col" class="n">{say!("Values")}</th>
                        <th scope="col">{say!("Growth")}</th>
                        <th scope="col" class="n">{say!("Series")}</th><th scope="col" class="n">{say!("Without it")}</th>
                    </tr></thead>
                    <tbody>{labels}</tbody>
                </table>
            })}
        </section>
    }
}

fn field(shared: Shared, cost: FieldCost, text_bytes: u64) -> impl IntoView {
    let has_it = Expr::Field { name: name_of_own(&cost.name).to_string(), test: Test::Exists };
    let query = with_condition("", &has_it, Change::Include);
    let show = move |_| {
        shared.change(Visit::New, |scope| {
            scope.filter.query.clone_from(&query);
            scope.view = View::Result;
        });
    };
    let takes = format!("{} · {}", wording::bytes(cost.bytes), wording::share(cost.bytes, text_bytes));
    view! {
        <tr>
            <th scope="row"><button class="small quiet" title=say!("Show the entries that have it") on:click=show>{cost.name}</button></th>
            <td class="n">{about(cost.n_values)}</td>
            <td class:bad={cost.growth == Some(Growth::Endless)}>{Growth::words(cost.growth)}</td>
            <td class="n">{wording::count(cost.n_entries)}</td>
            <td class="n">{takes}</td>
        </tr>
    }
}

fn label(cost: LabelCost) -> impl IntoView {
    view! {
        <tr>
            <th scope="row">{cost.metric}</th>
            <td>{cost.label}</td>
            <td class="n">{about(cost.n_values)}</td>
            <td class:bad={cost.growth == Some(Growth::Endless)}>{Growth::words(cost.growth)}</td>
            <td class="n">{about(cost.n_series)}</td>
            <td class="n">{about(cost.n_without)}</td>
        </tr>
    }
}

/// An estimate in two digits: more of them would say too much.
fn about(n: u64) -> String {
    let magnitude = 10u64.pow(n.checked_ilog10().unwrap_or(0).saturating_sub(1));
    match n {
        0..100 => n.to_string(),
        n => format!("~{}", wording::count((n + magnitude / 2) / magnitude * magnitude)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn estimates_have_two_digits() {
        assert_eq!([0, 7, 99, 104, 105, 18_764].map(about), ["0", "7", "99", "~100", "~110", "~19,000"]);
    }
}
