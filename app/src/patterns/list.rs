//! The list of templates, or the tree of them: any number of rows, of which only those in sight exist on the page.

use std::collections::BTreeSet;
use std::sync::Arc;

use leptos::ev;
use leptos::html::Div;
use leptos::prelude::*;
use model::counted;
use model::language::told;
use model::query::Change;
use model::say;
use model::severity::{BANDS, Band};
use model::template::{Novelty, TemplateCount, TemplateId, TemplateList, TemplateNote};
use model::time::{NANOS_PER_SECOND, TimeRange, format_wall};

use super::order::{Sorting, usual};
use super::text::template_text;
use super::tree::{Branch, Row};
use super::{leave_out, narrow, show_entries};
use crate::entries::visible;
use crate::measured::use_size;
use crate::nothing::{NothingFound, finds_nothing};
use crate::scope::{Shared, use_shared};
use crate::{compare, wording};

/// The style sheet says the same.
const ROW_PIXELS: f64 = 28.0;
/// Rows on the page beyond each edge.
const MARGIN_ROWS: usize = 12;
/// Height of a sparkline in its own units.
const SPARK_HEIGHT: f64 = 12.0;

/// What is shown, and how.
#[derive(Clone, Copy)]
pub struct Shown {
    pub list: RwSignal<Arc<TemplateList>>,
    pub branches: Memo<Arc<Vec<Branch>>>,
    pub rows: Memo<Arc<Vec<Row>>>,
    pub is_tree: RwSignal<bool>,
    /// Families that are open.
    pub open: RwSignal<BTreeSet<TemplateId>>,
}

impl Shown {
    /// What a row stands for.
    fn at(self, row: usize) -> Option<(Row, TemplateCount)> {
        let row = self.rows.with(|rows| rows.get(row).copied())?;
        let template = match row {
            Row::Pattern { place, .. } => self.list.with(|list| list.templates.get(place).cloned()),
            Row::Family { branch, .. } => {
                self.branches.with(|branches| branches.get(branch).map(|branch| branch.sum.clone()))
            }
        };
        Some((row, template?))
    }

    /// The row of a pattern or, where it has none, of its family; of a family.
    fn row_of(self, at: At) -> Option<usize> {
        self.list.with(|list| {
            self.branches.with(|branches| {
                let family_of = |id: TemplateId| list.templates.iter().find(|of| of.id == id).map(|of| of.family);
                let is_family = |row: &Row, of: Option<TemplateId>| match *row {
                    Row::Family { branch, .. } => {
                        branches.get(branch).is_some_and(|branch| Some(branch.sum.family) == of)
                    }
                    Row::Pattern { .. } => false,
                };
                let is_pattern = |row: &Row, id: TemplateId| match *row {
                    Row::Pattern { place, .. } => list.templates.get(place).is_some_and(|template| template.id == id),
                    Row::Family { .. } => false,
                };
                self.rows.with(|rows| match at {
                    At::Family(id) => rows.iter().position(|row| is_family(row, Some(id))),
                    At::Pattern(id) => {
                        let own = rows.iter().position(|row| is_pattern(row, id));
                        own.or_else(|| rows.iter().position(|row| is_family(row, family_of(id))))
                    }
                })
            })
        })
    }

    /// The pattern below this one or, of the last, above it.
    pub fn beside(self, id: TemplateId) -> Option<TemplateId> {
        let row = self.row_of(At::Pattern(id))?;
        let pattern = |row: usize| match self.at(row)? {
            (Row::Pattern { .. }, template) => Some(template.id).filter(|other| *other != id),
            (Row::Family { .. }, _) => None,
        };
        pattern(row + 1).or_else(|| pattern(row.checked_sub(1)?))
    }

    fn turn(self, family: TemplateId) {
        self.open.update(|open| {
            if !open.remove(&family) {
                open.insert(family);
            }
        });
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    Pattern(TemplateId),
    Family(TemplateId),
}

#[component]
pub fn List(shown: Shown, chosen: RwSignal<Option<TemplateId>>, sorting: RwSignal<Sorting>) -> impl IntoView {
    let shared = use_shared();
    let Shown { list, is_tree, .. } = shown;
    let rows = NodeRef::<Div>::new();
    let size = use_size(rows);
    let first_pixel = RwSignal::new(0.0);
    let n_rows = move || shown.rows.with(|rows| rows.len());
    let finds_nothing = finds_nothing(shared);
    let visible = Memo::new(move |_| {
        let first = (first_pixel.get() / ROW_PIXELS) as usize;
        let n_visible = (size.get().1 / ROW_PIXELS) as usize + 1;
        first.saturating_sub(MARGIN_ROWS)..(first + n_visible + MARGIN_ROWS).min(n_rows())
    });
    let family = RwSignal::new(None::<TemplateId>);
    let cursor = Memo::new(move |_| {
        let at = chosen.get().map(At::Pattern).or(family.get().map(At::Family))?;
        shown.row_of(at)
    });
    let choose = move |row: usize| {
        let at = untrack(|| shown.at(row));
        let is_family = |&(row, _): &&(Row, TemplateCount)| matches!(row, Row::Family { .. });
        family.set(at.as_ref().filter(is_family).map(|(_, sum)| sum.family));
        chosen.set(at.as_ref().filter(|at| !is_family(at)).map(|(_, template)| template.id));
        let Some(rows) = rows.get_untracked() else { return };
        // The heads stay in sight above the rows.
        let (top, height) = (f64::from(rows.scroll_top()), size.get_untracked().1 - ROW_PIXELS);
        let row_top = row as f64 * ROW_PIXELS;
        if row_top < top || row_top + ROW_PIXELS > top + height {
            let to = if row_top < top { row_top } else { row_top + ROW_PIXELS - height };
            rows.set_scroll_top(to.max(0.0) as i32);
        }
    };
    let on_key = move |event: ev::KeyboardEvent| {
        let n_rows = untrack(n_rows);
        if n_rows == 0 || event.ctrl_key() || event.meta_key() || event.alt_key() {
            return;
        }
        let page = ((size.get_untracked().1 / ROW_PIXELS) as usize).max(2) - 1;
        let from = cursor.get_untracked();
        let id = chosen.get_untracked();
        let turn = |is_open: bool| {
            let row = from.and_then(|row| untrack(|| shown.at(row)));
            match row {
                Some((Row::Family { is_open: was_open, .. }, sum)) if was_open != is_open => shown.turn(sum.family),
                Some((Row::Family { .. }, _)) if is_open => choose(from.map_or(0, |row| row + 1)),
                Some((Row::Pattern { is_inside: true, .. }, template)) if !is_open => {
                    let above = untrack(|| shown.row_of(At::Family(template.family)));
                    above.into_iter().for_each(choose);
                }
                _ => {}
            }
        };
        match (event.key().as_str(), id) {
            ("ArrowRight", _) if is_tree.get_untracked() => turn(true),
            ("ArrowLeft", _) if is_tree.get_untracked() => turn(false),
            ("Enter", None) => family.get_untracked().into_iter().for_each(|family| shown.turn(family)),
            ("ArrowDown" | "j", _) => choose(from.map_or(0, |row| row + 1).min(n_rows - 1)),
            ("ArrowUp" | "k", _) => choose(from.map_or(0, |row| row.saturating_sub(1))),
            ("PageDown" | " ", _) => choose(from.map_or(0, |row| row + page).min(n_rows - 1)),
            ("PageUp", _) => choose(from.map_or(0, |row| row.saturating_sub(page))),
            ("Home" | "g", _) => choose(0),
            ("End" | "G", _) => choose(n_rows - 1),
            ("Enter", Some(id)) => show_entries(shared, id),
            ("+", Some(id)) => narrow(shared, id, Change::Include),
            ("-", Some(id)) => leave_out(shared, shown, chosen, id),
            ("Escape", Some(_)) => chosen.set(None),
            _ => return,
        }
        event.prevent_default();
        event.stop_propagation();
    };
    let on_scroll = move |_| {
        if let Some(rows) = rows.get_untracked() {
            first_pixel.set(f64::from(rows.scroll_top()));
        }
    };
    let row = move |row: usize| {
        let at = Memo::new(move |_| shown.at(row));
        let class = move || {
            let band = at.with(|at| at.as_ref().and_then(|(_, template)| usual(template))).unwrap_or_default();
            format!("pattern sev-{}", band.name())
        };
        let cells = move || {
            let largest = shown.branches.with(|branches| branches.iter().map(|branch| branch.sum.n_entries).max());
            let largest = largest.or_else(|| list.with(|list| list.templates.first().map(|first| first.n_entries)));
            let n_entries = list.with(|list| list.n_entries);
            let n_inside = |branch: usize| {
                shown.branches.with(|branches| branches.get(branch).map_or(0, |branch| branch.places.len() as u64))
            };
            at.get().map(|(row, template)| {
                let mark = match row {
                    Row::Family { branch, is_open } => Some((is_open, n_inside(branch))),
                    Row::Pattern { .. } => None,
                };
                cells(shared, &template, mark, largest.unwrap_or(1).max(1), n_entries)
            })
        };
        let family_at = move || {
            at.with(|at| match at {
                Some((Row::Family { is_open, .. }, _)) => Some(is_open.to_string()),
                _ => None,
            })
        };
        let is_inside = move || at.with(|at| matches!(at, Some((Row::Pattern { is_inside: true, .. }, _))));
        let level = move || is_tree.get().then(|| if is_inside() { "2" } else { "1" });
        let pick = move |_| {
            if let Some((Row::Family { .. }, sum)) = at.get_untracked() {
                shown.turn(sum.family);
            }
            choose(row);
        };
        view! {
            <div role="row" class=class id=row_id(row) aria-rowindex=(row + 2).to_string()
                class:gone=move || at.with(|at| at.as_ref().is_some_and(|(_, t)| t.novelty == Novelty::Gone))
                class:inside=is_inside prop:ariaLevel=level aria-expanded=family_at
                aria-selected=move || (cursor.get() == Some(row)).to_string() on:click=pick>
                {cells}
            </div>
        }
    };
    // A click on the head of a column goes through its orders; what the list is in the order of has a mark.
    let head = move |class: &'static str, name: &'static str, orders: &'static [Sorting]| {
        let at = move || orders.iter().position(|order| *order == sorting.get());
        let next = move || orders[at().map_or(0, |at| (at + 1) % orders.len())];
        let direction = move || at().map(|_| if sorting.get().is_rising() { "ascending" } else { "descending" });
        let mark = move || at().map(|_| if sorting.get().is_rising() { "▴" } else { "▾" });
        view! {
            <span role="columnheader" class=class aria-sort=direction>
                <button class="quiet" tabindex="-1" title=move || told(next().name()) on:click=move |_| sorting.set(next())>
                    <span class=if class.is_empty() { "unseen" } else { "" }>{name}</span><span aria-hidden="true">{mark}</span>
                </button>
            </span>
        }
    };
    let active = move || cursor.get().filter(|row| visible.with(|visible| visible.contains(row))).map(row_id);
    view! {
        <div id="pattern-rows" role=move || if is_tree.get() { "treegrid" } else { "grid" } tabindex="0" aria-label=say!("Patterns") node_ref=rows
            aria-rowcount=move || (n_rows() + 1).to_string() aria-activedescendant=active
            on:scroll=on_scroll on:keydown=on_key>
            <div class="pattern columns" role="row" aria-rowindex="1">
                {head("number", say!("Entries"), &[Sorting::MostFrequent, Sorting::Rarest])}
                {head("", say!("Level"), &[Sorting::MostSevere])}
                <span role="columnheader">{say!("Pattern")}</span>
                <span role="columnheader" class="wide more">{say!("Services")}</span>
                {head("wide", say!("First and last"), &[Sorting::Newest])}
                {head("spark", say!("Over time"), &[Sorting::Rising, Sorting::Falling])}
            </div>
            <div role="rowgroup" style:height=move || format!("{}px", n_rows() as f64 * ROW_PIXELS)>
                <div role="presentation" style:transform=move || format!("translateY({}px)", visible.with(|visible| visible.start) as f64 * ROW_PIXELS)>
                    <For each=move || visible.get() key=|row| *row let:place>{row(place)}</For>
                </div>
            </div>
        </div>
        <Show when=move || n_rows() == 0 && !list.with(|list| list.templates.is_empty())>
            <p class="nothing">{say!("No pattern has these words.")}</p>
        </Show>
        <Show when=move || finds_nothing.get() && list.with(|list| list.templates.is_empty())><NothingFound shared /></Show>
    }
}

fn row_id(row: usize) -> String {
    format!("pattern-{row}")
}

/// `family`: whether it is open, and how many patterns it has.
fn cells(
    shared: Shared,
    template: &TemplateCount,
    family: Option<(bool, u64)>,
    largest: u64,
    n_entries: u64,
) -> impl IntoView + use<> {
    let band = usual(template);
    let share = template.n_entries as f64 / largest as f64 * 100.0;
    let part = compare::share(template.n_entries, n_entries);
    let hint = say!("{part} of the entries", part);
    // Of one that is gone only the last is known.
    let is_counted = |band: &&Band| template.bands[**band as usize] > 0 && template.novelty != Novelty::Gone;
    let levels = BANDS.iter().rev().filter(is_counted);
    let levels: Vec<String> =
        levels.map(|&band| format!("{} {}", wording::count(template.bands[band as usize]), band.name())).collect();
    let novelty = match template.novelty {
        Novelty::Known => None,
        Novelty::New => Some((say!("new"), say!("Not there before this time"))),
        Novelty::Gone => Some((say!("gone"), say!("There before this time, and not in it"))),
    };
    let novelty = novelty.map(|(word, title)| view! { <span class="novelty" title=title>{word}</span> });
    let family = family.map(|(is_open, n)| {
        let mark = if is_open { "▾" } else { "▸" };
        view! { <span class="family"><span aria-hidden="true">{mark}</span>{counted!(n, "pattern", "patterns")}</span> }
    });
    let TemplateNote { name, words } = &template.note;
    let title = [name, words, &template.text].into_iter().filter(|part| !part.is_empty());
    let title = title.map(String::as_str).collect::<Vec<_>>().join("\n");
    let name = (!template.note.is_empty()).then(|| {
        let name = if name.is_empty() { say!("noted").to_owned() } else { visible(name).into_owned() };
        view! { <b class="pattern-name">{name}</b> }
    });
    view! {
        <span role="gridcell" class="number bar-behind" style=("--share", format!("{share:.1}%")) title=hint>
            {wording::count(template.n_entries)}<span class="part">{part}</span>
        </span>
        <span role="gridcell" class="sev" title=levels.join(", ")>
            {band.map(|band| band.letter().to_string())}<span class="unseen">{band.map(Band::name)}</span>
        </span>
        <span role="gridcell" class="text" title=title>{family}{novelty}{name}{template_text(template)}</span>
        <span role="gridcell" class="wide more" title=services(template, usize::MAX)>{services(template, 2)}</span>
        <span role="gridcell" class="wide times" title=times(shared, template)>{without_years(&times(shared, template))}</span>
        <span role="gridcell" class="spark">{sparkline(&template.spans)}{trend(template)}</span>
    }
}

/// `↗ 2.3×`, where there is more than chance to it; `↗` where there is none in one half.
fn trend(template: &TemplateCount) -> Option<impl IntoView + use<>> {
    let times = template.trend()?;
    let (mark, class, factor) = if times > 1.0 { ("↗", "rising", times) } else { ("↘", "falling", 1.0 / times) };
    let factor = if factor < 10.0 { format!("{factor:.1}×") } else { format!("{}×", wording::count(factor as u64)) };
    // Nothing is no part of anything.
    let (factor, words) = match (template.n_of_halves(), times > 1.0) {
        ((0, _), _) => (String::new(), say!("only in the second half of the time").to_owned()),
        ((_, 0), _) => (String::new(), say!("only in the first half of the time").to_owned()),
        (_, true) => {
            let words = say!("{factor} as many in the second half of the time as in the first", factor);
            (factor, words)
        }
        (_, false) => {
            let words = say!("{factor} as many in the first half of the time as in the second", factor);
            (factor, words)
        }
    };
    Some(view! { <span class=format!("trend {class}") title=words>{mark}" "{factor}</span> })
}

/// `cart, bank +2`
fn services(template: &TemplateCount, n_named: usize) -> String {
    let named: Vec<&str> = template.services.iter().take(n_named).map(|(name, _)| name.as_str()).collect();
    match template.n_services as usize - named.len() {
        0 => named.join(", "),
        n_more => format!("{} +{n_more}", named.join(", ")),
    }
}

/// `2026-11-20 10:02:11 – 10:48:00`, or one time where it is the same to the second.
pub fn times(shared: Shared, template: &TemplateCount) -> String {
    let (Some(first), Some(last)) = (template.first, template.last) else { return "–".to_owned() };
    shared.zone.with(|zone| match last.0 - first.0 < NANOS_PER_SECOND {
        true => format_wall(first, zone, 0),
        false => wording::logged_span(TimeRange { start: first, end: last }, zone),
    })
}

/// What the timeline tells need not stand in every row: `11-20 10:02:11 – 10:48:00`.
fn without_years(times: &str) -> String {
    let without_year = |time: &str| match time.split_once('-') {
        Some((year, rest)) if year.len() == 4 && rest.contains('-') => rest.to_owned(),
        _ => time.to_owned(),
    };
    times.split(" – ").map(without_year).collect::<Vec<_>>().join(" – ")
}

/// Entries over time: the tallest bar fills the height, however many it stands for.
pub fn sparkline(spans: &[u32]) -> impl IntoView + use<> {
    let most = spans.iter().copied().max().unwrap_or_default().max(1);
    let mut path = String::new();
    for (place, &n) in spans.iter().enumerate().filter(|(_, n)| **n > 0) {
        // What is rare is seen, too.
        let height = (f64::from(n) / f64::from(most) * SPARK_HEIGHT).max(1.0);
        path.push_str(&format!("M{place} {SPARK_HEIGHT}v-{height:.1}h.8V{SPARK_HEIGHT}z"));
    }
    let view_box = format!("0 0 {} {SPARK_HEIGHT}", spans.len().max(1));
    view! {
        <svg class="sparkline" viewBox=view_box preserveAspectRatio="none" aria-hidden="true"><path d=path /></svg>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_tell_days_without_their_years() {
        assert_eq!(without_years("2026-11-20 10:02:11 – 10:48:00"), "11-20 10:02:11 – 10:48:00");
        assert_eq!(without_years("2026-12-31 10:02:11 – 2027-01-01 00:00:02"), "12-31 10:02:11 – 01-01 00:00:02");
        assert_eq!(without_years("–"), "–");
    }
}
