//! The table of resources: one a row, how much of it is used, what waits for it and what fails, each over time.

use std::sync::Arc;

use leptos::prelude::*;
use model::language::told;
use model::quantity::Unit;
use model::query::{Change, value_term};
use model::resources::{Counted, Measure, ResourceRow, Resources, Sign};
use model::{counted, key, say};

use super::table::{Further, SHOWN, rate_in_words};
use crate::entries::visible;
use crate::scope::{Shared, use_shared};
use crate::wording;

/// Height of a course in its own units.
const COURSE_HEIGHT: f64 = 18.0;

/// What rows are sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    Service,
    Sign(Sign),
}

const SIGNS: [(Sign, &str, &str); 3] = [
    (
        Sign::Utilisation,
        key!("Utilisation"),
        key!("How much of it was in use, or for how much of the time: the mean, and the highest of the course"),
    ),
    (Sign::Saturation, key!("Saturation"), key!("What had to wait for it, or was refused for want of it")),
    (Sign::Errors, key!("Errors"), key!("How often it failed")),
];

#[component]
pub fn ResourceTable(resources: Memo<Arc<Resources>>, order: RwSignal<By>) -> impl IntoView {
    let shared = use_shared();
    let is_long = RwSignal::new(false);
    let sorted = Memo::new(move |_| {
        let mut rows = resources.with(|resources| resources.rows.clone());
        if let By::Sign(sign) = order.get() {
            rows.sort_by(|a, b| figure(b, sign).total_cmp(&figure(a, sign)));
        }
        rows
    });
    let n_rows = Memo::new(move |_| sorted.with(Vec::len));
    let head = move |by: By, name: &'static str, hint: &'static str| {
        let sort = move || match (order.get() == by, by) {
            (false, _) => "none",
            (true, By::Service) => "ascending",
            (true, By::Sign(_)) => "descending",
        };
        view! {
            <th scope="col" aria-sort=sort>
                <button class="quiet" title=told(hint) on:click=move |_| order.set(by)>{told(name)}</button>
            </th>
        }
    };
    let rows = move || {
        let n_shown = if is_long.get() { usize::MAX } else { SHOWN };
        let resources = resources.get();
        sorted.with(|sorted| sorted.iter().take(n_shown).map(|one| row(shared, one, &resources)).collect_view())
    };
    view! {
        <Show when=move || { n_rows.get() > 0 }>
            <table class="resources">
                <thead><tr>
                    {head(By::Service, key!("Service"), key!("In the order of services and their instances"))}
                    <th scope="col">{say!("Resource")}</th>
                    {SIGNS.map(|(sign, name, hint)| head(By::Sign(sign), name, hint)).into_iter().collect_view()}
                </tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </Show>
        <Further n_rows is_long />
    }
}

fn row(shared: Shared, row: &ResourceRow, resources: &Resources) -> impl IntoView + use<> {
    let service = value_term("service", &row.service);
    let instance = row.instance.clone().map(|(field, value)| {
        let term = value_term(&field, &value);
        view! {
            <button class="quiet instance" title=say!("Show the entries of this instance") on:click=move |_| shared.narrow(&term, Change::Include)>
                {visible(&value).into_owned()}
            </button>
        }
    });
    let cell = |sign: Sign| {
        let measures = row.measures.iter().filter(|measure| measure.sign == sign);
        let measures: Vec<_> = measures.map(|one| measure(shared, one, resources)).collect();
        view! { <td>{measures}</td> }
    };
    view! {
        <tr>
            <td>
                <button class="quiet" title=say!("Show its entries") on:click=move |_| shared.narrow(&service, Change::Include)>{visible(&row.service).into_owned()}</button>
                {instance}
            </td>
            <td>{told(row.resource.name())}" "<span class="part">{visible(&row.part).into_owned()}</span></td>
            {Sign::ALL.map(cell).into_iter().collect_view()}
        </tr>
    }
}

fn measure(shared: Shared, measure: &Measure, resources: &Resources) -> impl IntoView + use<> {
    let told = amount(measure.amount, measure.counted);
    let most = amount(measure.most, measure.counted);
    let aside = match (measure.is_since_start, measure.counted) {
        (true, _) => say!("since its start").to_owned(),
        (false, Counted::InAll) => String::new(),
        (false, _) if most == told => String::new(),
        (false, _) => say!("at most {}", most),
    };
    let term = value_term("message", &measure.metric);
    let formula = resources.rules.get(measure.rule as usize).map(|rule| rule.formula.clone()).unwrap_or_default();
    let hint = say!("{formula}: show the data points", formula);
    let class = match measure.sign {
        Sign::Utilisation => "measure",
        Sign::Saturation => "measure waiting",
        Sign::Errors if measure.amount > 0.0 => "measure bad some",
        Sign::Errors => "measure bad",
    };
    view! {
        <div class=class>
            {course(measure)}
            <span class="amount"><strong>{told}</strong>" "<span class="aside">{aside}</span></span>
            <button class="quiet metric" title=hint on:click=move |_| shared.narrow(&term, Change::Include)>{measure.metric.clone()}</button>
        </div>
    }
}

/// `73 %`, `3.2`, `12 /s`, `20 ms`, `1,204`.
fn amount(amount: f64, counted: Counted) -> String {
    match counted {
        Counted::Share => match amount * 100.0 {
            0.0 => "0 %".to_owned(),
            percent if percent < 0.1 => "< 0.1 %".to_owned(),
            percent if percent < 10.0 => format!("{percent:.1} %"),
            percent => format!("{percent:.0} %"),
        },
        Counted::AtOnce => wording::amount((amount * 10.0).round() / 10.0, Unit::Plain),
        Counted::PerSecond if amount == 0.0 => "0 /s".to_owned(),
        Counted::PerSecond => rate_in_words(amount),
        Counted::Seconds => wording::amount(amount, Unit::Seconds),
        Counted::InAll => wording::count(amount.round() as u64),
    }
}

/// As high as all of it, where it is known how much that is.
fn course(measure: &Measure) -> impl IntoView + use<> {
    let top = if measure.counted == Counted::Share { measure.most.max(1.0) } else { measure.most };
    let bar = |(at, span): (usize, &Option<f32>)| {
        let share = f64::from((*span)?) / top;
        (share > 0.0)
            .then(|| format!("M{at} {COURSE_HEIGHT}v-{:.1}h1V{COURSE_HEIGHT}z", (COURSE_HEIGHT * share).max(1.0)))
    };
    let bars: String = measure.course.iter().enumerate().filter_map(bar).collect();
    let view_box = format!("0 0 {} {COURSE_HEIGHT}", measure.course.len().max(1));
    let is_over_time = !measure.is_since_start && !measure.course.is_empty();
    is_over_time.then(|| {
        view! { <svg viewBox=view_box preserveAspectRatio="none" aria-hidden="true"><path d=bars /></svg> }
    })
}

/// Rows without it come last.
fn figure(row: &ResourceRow, by: Sign) -> f64 {
    let of_sign = row.measures.iter().filter(|measure| measure.sign == by);
    of_sign.map(|measure| measure.amount).fold(-1.0, f64::max)
}

/// By which rules figures are made of metrics.
#[component]
pub fn ResourceRules(resources: Memo<Arc<Resources>>, is_open: Memo<bool>) -> impl IntoView {
    let name = |sign: Sign| SIGNS.iter().find(|(other, ..)| *other == sign).map(|(_, name, _)| told(name));
    let rows = move || {
        let row = |rule: &model::resources::ResourceRule| {
            view! { <tr><td>{told(rule.resource.name())}</td><td>{name(rule.sign)}</td><td><code>{rule.formula.clone()}</code></td></tr> }
        };
        resources.with(|resources| resources.rules.iter().map(row).collect_view())
    };
    view! {
        <details class="route-rules" open=move || is_open.get()>
            <summary>{say!("Which metrics are read, and how")}</summary>
            <p>{say!("A metric stands for the sum over its series, rate for its growth in a second, increase for its growth. Gauges stand where they stood until the next scrape. Of rules that begin with the same metric the first counts whose metrics are there; where there is no limit, nothing is measured by it. Of one scrape only totals since the process began can be told.")}</p>
            <table class="rules"><tbody>{rows}</tbody></table>
        </details>
    }
}

pub fn nothing(resources: &Resources) -> &'static str {
    match resources.n_points {
        0 => say!(
            "No resources here: no metric among these entries tells of one by a usual name. Drop what node_exporter, cAdvisor, a Prometheus client, Micrometer or OpenTelemetry (system.*, process.*, container.*, k8s.*, jvm.*, db.client.*) says: scrapes of /metrics saved as files, one after the other, or OTLP. The list below has the names."
        ),
        _ => say!(
            "There are metrics of resources, but not what makes a figure of them: a limit to measure by, or a second scrape for what is counted up."
        ),
    }
}

pub fn summary(resources: &Resources) -> String {
    let mut words = say!(
        "{} from {}",
        counted!(resources.rows.len() as u64, "resource", "resources"),
        counted!(resources.n_points, "data point", "data points")
    );
    if resources.n_rows_left_out > 0 {
        words += &say!("; {} used less left out", counted!(resources.n_rows_left_out, "resource", "resources"));
    }
    if resources.n_points_left_out > 0 {
        words += &say!("; {} of metrics left out", counted!(resources.n_points_left_out, "data point", "data points"));
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_told_as_what_they_count() {
        let told = [
            amount(0.734, Counted::Share),
            amount(0.0004, Counted::Share),
            amount(3.24, Counted::AtOnce),
            amount(12.0, Counted::PerSecond),
            amount(0.02, Counted::Seconds),
            amount(1204.0, Counted::InAll),
        ];
        assert_eq!(told, ["73 %", "< 0.1 %", "3.2", "12 /s", "20 ms", "1,204"]);
    }

    #[test]
    fn what_is_left_out_is_told() {
        let resources = Resources { n_points: 1200, n_rows_left_out: 3, n_points_left_out: 2, ..Resources::default() };
        let words =
            "0 resources from 1,200 data points; 3 resources used less left out; 2 data points of metrics left out";
        assert_eq!(summary(&resources), words);
    }
}
