//! The incidents, the most important first, each with what moved first. A click goes to the entries; "back" comes back.

use model::language::told;
use std::collections::BTreeMap;
use std::sync::Arc;

use leptos::prelude::*;
use model::alike::{Alike, alike};
use model::incident::{Evidence, Incident, Incidents};
use model::query::{Change, Expr, value_term, with_condition};
use model::scope::View;
use model::time::{TimeRange, format_wall};
use model::verdict::Verdict;
use model::{counted, say};

use super::judged::{self, Judged};
use super::listed;
use super::suspects::Suspects;
use crate::compare::{compare_two, compare_with_before};
use crate::scope::{Shared, Visit, use_shared};
use crate::wording;

/// Evidence that is shown before more is asked for.
const SHOWN: usize = 8;

/// Scores from here on are grave, and worth a look.
const GRAVE: u8 = 60;
const NOTABLE: u8 = 25;

/// `hovered`: the time of the one under the pointer.
#[component]
pub fn List(
    found: Signal<Option<Arc<Incidents>>>,
    within: Memo<Option<TimeRange>>,
    hovered: RwSignal<Option<TimeRange>>,
) -> impl IntoView {
    let parts = Memo::new(move |_| {
        let of = |found: &Arc<Incidents>| listed(found, within.get()).cloned().collect::<Vec<Incident>>();
        let incidents: Vec<Incident> = found.with(|found| found.as_ref().map(of).unwrap_or_default());
        incidents.into_iter().partition::<Vec<_>, _>(|incident| incident.verdict != Some(Verdict::Expected))
    });
    // Whose suspects are asked for; what is found later of the same time leaves them open.
    let looked_into = RwSignal::new(None::<TimeRange>);
    let likenesses = move |incident: &Incident| {
        found.with_untracked(|found| {
            let all = found.as_ref().map(|found| found.incidents.as_slice()).unwrap_or_default();
            let place = all.iter().position(|other| other == incident).unwrap_or(all.len());
            alike(all, place).into_iter().map(|alike| (all[alike.place].clone(), alike)).collect::<Vec<_>>()
        })
    };
    let named = Memo::new(move |_| {
        found.with(|found| found.as_ref().map(|found| Named(found.aliases.clone())).unwrap_or_default())
    });
    let cards = move |incidents: Vec<Incident>| {
        let card = |(at, incident): (usize, Incident)| {
            let alike = likenesses(&incident);
            view! { <Card at incident alike looked_into named hovered /> }
        };
        incidents.into_iter().enumerate().map(card).collect_view()
    };
    let n_expected = Memo::new(move |_| parts.with(|(_, expected)| expected.len()));
    // Where one has just folded something away, the list stays as open as it was.
    let is_open = RwSignal::new(false);
    view! {
        <ol class="cards">{move || cards(parts.get().0)}</ol>
        <Show when=move || n_expected.get() != 0>
            <button class="small quiet" id="expected" aria-expanded=move || is_open.get().to_string()
                on:click=move |_| is_open.update(|is_open| *is_open = !*is_open)>
                {move || say!("Expected ({})", n_expected.get())}
            </button>
            <Show when=move || is_open.get()><ol class="cards">{move || cards(parts.get().1)}</ol></Show>
        </Show>
    }
}

#[component]
fn Card(
    at: usize,
    incident: Incident,
    alike: Vec<(Incident, Alike)>,
    looked_into: RwSignal<Option<TimeRange>>,
    named: Memo<Named>,
    hovered: RwSignal<Option<TimeRange>>,
) -> impl IntoView {
    let shared = use_shared();
    let time = incident.time;
    let for_title = incident.clone();
    let for_suspects = incident.clone();
    let title = move || shared.zone.with(|zone| for_title.title(zone));
    let is_chosen = move || shared.filter.with(|filter| filter.range == Some(time));
    let weight = match incident.score {
        GRAVE.. => "grave",
        NOTABLE.. => "notable",
        _ => "slight",
    };
    let n_hidden = incident.evidence.len().saturating_sub(SHOWN);
    let (has_hidden, has_more) = (n_hidden > 0, incident.n_more > 0);
    let is_long = RwSignal::new(false);
    let services = incident.services.clone();
    let (kinds, verdict) = (incident.kinds(), incident.verdict);
    let judge = move |word: &'static str, hint: &'static str, wanted: Verdict| {
        let kinds = kinds.clone();
        let is_so = verdict == Some(wanted);
        let judge = move |_| {
            let now = (!is_so).then_some(wanted);
            judged::judge(shared, Judged { kinds: kinds.clone(), before: verdict, now, is_taken_back: false })
        };
        view! { <button class="small quiet" title=hint aria-pressed=is_so.to_string() on:click=judge>{word}</button> }
    };
    let judge = StoredValue::new(judge);
    let verdicts = move || {
        judge.with_value(|judge| {
            (
                judge(
                    say!("Expected"),
                    say!("Known, and no news: such incidents are folded away from now on"),
                    Verdict::Expected,
                ),
                judge(
                    say!("Confirmed"),
                    say!("It was trouble indeed: such incidents are marked from now on"),
                    Verdict::Confirmed,
                ),
            )
        })
    };
    let is_first = incident.told(usize::MAX).iter().all(|(_, after, _)| after.is_none_or(|after| after >= 0));
    let for_rows = incident.clone();
    let rows = move || {
        let most = if is_long.get() { usize::MAX } else { SHOWN };
        let row = |(evidence, after, is_named): (&Evidence, Option<i64>, bool)| {
            let after = after.map_or_else(String::new, |after| distance(after, is_first));
            view! { <Row evidence=evidence.clone() after is_named named /> }
        };
        for_rows.told(most).into_iter().map(row).collect_view()
    };
    let like = move |(other, alike): (Incident, Alike)| {
        let from = other.time;
        let when = move || shared.zone.with(|zone| wording::moment(from.start, zone, 0));
        let same = say!("{} of {} kinds of findings are the same", alike.n_same, alike.n_own);
        let title = move || {
            let title = shared.zone.with(|zone| other.title(zone));
            say!("{title}. A click shows what differs between the two.", title)
        };
        view! {
            <button class="chip" title=title on:click=move |_| compare_two(shared, time, from)>{when}" · "{same}</button>
        }
    };
    let likenesses = (!alike.is_empty()).then(|| {
        view! { <p class="facts alike">{say!("Like")}" "{alike.into_iter().map(like).collect_view()}</p> }
    });
    view! {
        <li class="incident" data-score=incident.score aria-current=move || is_chosen().to_string()
            on:pointerenter=move |_| hovered.set(Some(time)) on:pointerleave=move |_| hovered.set(None)>
            <div class="head">
                <span class=format!("score {weight}") title=say!("How much changed, how strongly and how gravely: 0 to 100")>{incident.score}</span>
                {(verdict == Some(Verdict::Confirmed)).then(|| view! { <span class="confirmed">{say!("confirmed")}</span> })}
                <button class="title quiet" title=say!("Show the entries of this time") on:click=move |_| show(shared, String::new(), time)>{title}</button>
            </div>
            <p class="facts">
                {move || shared.zone.with(|zone| wording::span(time, zone))}
                {services.into_iter().map(|service| {
                    let query = named.with_untracked(|named| with_condition("", &named.is_of(&service), Change::Include));
                    let hint = say!("Show the entries of {service} in this time", service);
                    view! { <button class="chip" title=hint on:click=move |_| show(shared, query.clone(), time)>{service}</button> }
                }).collect_view()}
                <button class="small quiet compare-before" title=say!("What differs in this time from all that was before it")
                    on:click=move |_| compare_with_before(shared, time)>{say!("Compare with before")}</button>
                <Show when=move || shared.owns.get()>{verdicts}</Show>
            </p>
            {likenesses}
            <details open=at == 0>
                <summary>{say!("What happened")}</summary>
                <ol class="evidence-list">{rows}</ol>
                <Show when=move || has_hidden>
                    <button class="small quiet" aria-expanded=move || is_long.get().to_string()
                        on:click=move |_| is_long.update(|is_long| *is_long = !*is_long)>
                        {move || if is_long.get() { say!("Less").to_owned() } else { say!("{n_hidden} more", n_hidden) }}
                    </button>
                </Show>
                <Show when=move || has_more>
                    <p class="facts">{say!("and {} of less weight", counted!(incident.n_more.into(), "finding", "findings"))}</p>
                </Show>
            </details>
            <Suspects incident=for_suspects looked_into named />
        </li>
    }
}

#[component]
fn Row(evidence: Evidence, after: String, is_named: bool, named: Memo<Named>) -> impl IntoView {
    let shared = use_shared();
    let time = evidence.time;
    let clock = move || {
        let shown = shared.zone.with(|zone| format_wall(time.start, zone, 0));
        shown.split(' ').next_back().unwrap_or_default().to_owned()
    };
    let query = named.with_untracked(|named| query_of(&evidence, named));
    let band = evidence.band.name();
    let mut why = say!("{} {:.0} standard deviations from usual.", evidence.detector.sentence(), evidence.strength);
    for aspect in &evidence.aspects {
        why += &format!("\n{}: {}", told(aspect.name()), aspect.sentence());
    }
    for voter in &evidence.voters {
        why += &format!("\n{}: {}", told(voter.name()), voter.sentence());
    }
    let voters: Vec<&str> = evidence.voters.iter().map(|voter| told(voter.name())).collect();
    let voters = if voters.is_empty() { String::new() } else { format!(" ({})", voters.join(", ")) };
    let in_title = is_named.then(|| format!(" · {}", say!("named in the title")));
    view! {
        <li>
            <button class="evidence quiet" class:names=is_named title=why on:click=move |_| show(shared, query.clone(), time)>
                <span class="clock">{clock}</span>
                <span class="after">{after}</span>
                <span class="kind">{told(evidence.detector.name())}</span>
                <span class=format!("sev sev-{band}") aria-hidden="true">{evidence.band.letter().to_string()}</span>
                <span class="phrase">{evidence.phrase()}{voters}{in_title}</span>
            </button>
        </li>
    }
}

/// How long after the first that the title names something began. `is_first`: nothing began before that.
fn distance(after: i64, is_first: bool) -> String {
    match after {
        0 if is_first => say!("first").to_owned(),
        ..0 => format!("−{}", wording::duration(after.saturating_neg())),
        _ => format!("+{}", wording::duration(after)),
    }
}

/// As what entries are written to be of a service, where that is not its name alone.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Named(BTreeMap<String, Vec<String>>);

impl Named {
    /// What the entries of a service have in common.
    pub fn is_of(&self, service: &str) -> Expr {
        match self.0.get(service) {
            Some(written) => Expr::or(written.iter().map(|name| value_term("service", name))),
            None => value_term("service", service),
        }
    }
}

/// The query for the entries that an evidence is about.
fn query_of(evidence: &Evidence, named: &Named) -> String {
    let service = (!evidence.service.is_empty()).then(|| named.is_of(&evidence.service));
    let template = evidence.template.as_ref().map(|template| value_term("template", &template.id));
    let source =
        (evidence.service.is_empty() && !evidence.subject.is_empty()).then(|| value_term("source", &evidence.subject));
    // Requests that failed have the words of those that did not.
    let level = (!evidence.outcome.is_empty()).then(|| value_term("level", evidence.band.name()));
    let conditions: Vec<Expr> = [service, template, level, source].into_iter().flatten().collect();
    if conditions.is_empty() { String::new() } else { with_condition("", &Expr::and(conditions), Change::Include) }
}

pub fn show(shared: Shared, query: String, time: TimeRange) {
    shared.change(Visit::New, |scope| {
        scope.filter.query = query;
        scope.filter.range = Some(time);
        scope.view = View::Result;
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::incident::{Detector, TemplateName};
    use model::quantity::Unit;
    use model::severity::Band;
    use model::time::Nanos;

    #[test]
    fn what_was_before_is_no_time_later() {
        let seconds = |n: i64| n * 1_000_000_000;
        assert_eq!(distance(0, true), "first");
        assert_eq!(distance(seconds(9), true), "+9 s");
        assert_eq!(distance(seconds(-90), false), "−1 min 30 s");
        assert_ne!(distance(0, false), "first");
    }

    #[test]
    fn evidence_leads_to_the_messages_it_is_about() {
        let evidence = Evidence {
            detector: Detector::Burst,
            service: "payment".to_owned(),
            template: Some(TemplateName { id: "0c7d5e2f9a14".to_owned(), text: "connection reset".to_owned() }),
            subject: String::new(),
            outcome: String::new(),
            band: Band::Error,
            time: TimeRange { start: Nanos(0), end: Nanos(1) },
            seen: 48.0,
            usual: 0.0,
            unit: Unit::Plain,
            strength: 9.0,
            voters: Vec::new(),
            aspects: Vec::new(),
        };
        let plain = Named::default();
        assert_eq!(query_of(&evidence, &plain), "service==payment template==0c7d5e2f9a14");
        let several = Named(BTreeMap::from([("payment".to_owned(), vec!["payment".to_owned(), "till".to_owned()])]));
        assert_eq!(query_of(&evidence, &several), "(service==payment OR service==till) template==0c7d5e2f9a14");
        let failed = Evidence { outcome: "503".to_owned(), ..evidence.clone() };
        assert_eq!(query_of(&failed, &plain), "service==payment template==0c7d5e2f9a14 level:error");
        let silent = Evidence { service: String::new(), template: None, subject: "web/app.log".to_owned(), ..evidence };
        assert_eq!(query_of(&silent, &plain), "source==web/app.log");
    }
}
