//! Chooses the format a source is read in: those found in it first, then those that read its lines, then all others.

use leptos::prelude::*;
use model::format::Draft;
use model::say;
use model::source::{Fits, FormatFit, RAW_FORMAT, ReadAs, Survey, TIME_FORMATS};

use crate::wording;

/// All formats, each with the lines it would read. What is typed narrows the list.
#[component]
pub fn FormatChoice(
    draft: RwSignal<ReadAs>,
    surveyed: Memo<Survey>,
    offered: Memo<Fits>,
    edit: Callback<Draft>,
) -> impl IntoView {
    let typed = RwSignal::new(String::new());
    let chosen = Memo::new(move |_| draft.with(|draft| draft.format.clone().unwrap_or_default()));
    let found = move || surveyed.with(|survey| survey.formats.first().map(|share| share.title.clone()));
    let groups = Memo::new(move |_| {
        typed.with(|typed| {
            surveyed.with(|survey| offered.with(|fits| chosen.with(|now| grouped(fits, survey, typed, now))))
        })
    });
    let option = move |fit: FormatFit| {
        let name = fit.name.clone();
        let is_chosen = move || chosen.with(|chosen| *chosen == name);
        let n_lines = offered.with_untracked(|fits| fits.n_lines);
        let title = offered.with_untracked(|fits| told_apart(fits, &fit));
        let text = match fit.n_read {
            0 => title,
            n => say!("{} — reads {} of {} lines", title, wording::count(n), wording::count(n_lines)),
        };
        view! { <option value=fit.name prop:selected=is_chosen>{text}</option> }
    };
    let options = move || {
        let group = |(label, fits): (&'static str, Vec<FormatFit>)| {
            view! { <optgroup label=label>{fits.into_iter().map(option).collect_view()}</optgroup> }
        };
        groups.get().into_iter().map(group).collect_view()
    };
    let choose = move |event| {
        let name = event_target_value(&event);
        draft.update(|draft| draft.format = (!name.is_empty()).then_some(name));
    };
    let reads = move || offered.with(|fits| chosen.with(|chosen| reads(fits, chosen)));
    // What is edited is the chosen format; where none is, the one that read most.
    let subject = move || match chosen.get() {
        chosen if !chosen.is_empty() => chosen,
        _ => surveyed.with(|survey| survey.formats.first().map(|share| share.name.clone()).unwrap_or_default()),
    };
    let is_list = move || typed.with(|typed| !typed.trim().is_empty());
    let on_edit = move |_| {
        let name = outer_of(&subject()).to_owned();
        edit.run(if is_to_copy(&name) { Draft::CopyOf(name) } else { Draft::FromNothing });
    };
    view! {
        <h3><label for="source-format">{say!("Read it as")}</label></h3>
        <div class="choices formats">
            <input type="search" id="format-filter" placeholder=say!("Find a format") aria-label=say!("Find a format") autocomplete="off"
                spellcheck="false" aria-controls="source-format"
                prop:value=move || typed.get() on:input=move |event| typed.set(event_target_value(&event)) />
            <button id="edit-format" on:click=on_edit>
                {move || match outer_of(&subject()) {
                    name if !is_to_copy(name) => say!("Write a format for it…"),
                    name if offered.with(|fits| fits.formats.iter().any(|fit| fit.name == name && fit.is_own)) => say!("Edit it…"),
                    _ => say!("Edit a copy…"),
                }}
            </button>
        </div>
        <select id="source-format" size=move || if is_list() { "8" } else { "1" } on:change=choose>
            <Show when=move || !is_list()>
                <option value="" prop:selected=move || chosen.with(String::is_empty)>
                    {move || found().map_or(say!("By evidence").to_owned(), |found| say!("By evidence ({found})", found))}
                </option>
                <option value=RAW_FORMAT prop:selected=move || chosen.with(|chosen| chosen == RAW_FORMAT)>
                    {say!("Plain text — each line an entry")}
                </option>
            </Show>
            {options}
        </select>
        <p class="aside" role="status">{reads}</p>
    }
}

/// Whether a copy of the format has anything to go on from: one that finds a time by itself has no pattern.
fn is_to_copy(name: &str) -> bool {
    !name.is_empty() && name != RAW_FORMAT && !TIME_FORMATS.contains(&name)
}

/// The format around another: that of the lines as they are.
fn outer_of(name: &str) -> &str {
    name.split('/').next().unwrap_or(name)
}

/// Its title, with its name where others have the same title.
fn told_apart(fits: &Fits, fit: &FormatFit) -> String {
    let is_alone = fits.formats.iter().filter(|other| other.title == fit.title).count() < 2;
    if is_alone { fit.title.clone() } else { format!("{} ({})", fit.title, fit.name) }
}

/// Formats under headings. `typed`: parts of a name or title, all of which are in it; what is chosen stays in the list.
fn grouped(fits: &Fits, survey: &Survey, typed: &str, chosen: &str) -> Vec<(&'static str, Vec<FormatFit>)> {
    let typed = typed.to_lowercase();
    let is_wanted = |fit: &&FormatFit| {
        let text = format!("{} {}", fit.name, fit.title).to_lowercase();
        typed.split_whitespace().all(|part| text.contains(part)) || fit.name == chosen
    };
    let is_found = |fit: &FormatFit| survey.formats.iter().any(|share| outer_of(&share.name) == fit.name);
    let place = |fit: &FormatFit| match fit {
        fit if is_found(fit) => 0,
        fit if fit.is_own => 1,
        fit if fit.n_read > 0 => 2,
        _ => 3,
    };
    let labels = [say!("Found in it"), say!("Your formats"), say!("Formats that read it"), say!("Others")];
    let mut groups: Vec<(&str, Vec<FormatFit>)> = labels.into_iter().map(|label| (label, Vec::new())).collect();
    for fit in fits.formats.iter().filter(is_wanted) {
        groups[place(fit)].1.push(fit.clone());
    }
    // Those that read lines come in the order of how many, as they were counted.
    groups[3].1.sort_by_cached_key(|fit| fit.title.to_lowercase());
    groups.retain(|(_, fits)| !fits.is_empty());
    groups
}

/// What the user sees of the format that `read_as` chooses.
pub fn title_of(fits: &Fits, read_as: &ReadAs) -> String {
    match &read_as.format {
        None => say!("what the evidence says").to_owned(),
        Some(name) if name == RAW_FORMAT => say!("plain text").to_owned(),
        Some(name) => {
            fits.formats.iter().find(|fit| fit.name == *name).map_or(name.clone(), |fit| told_apart(fits, fit))
        }
    }
}

/// Of the lines looked at, those that the chosen format reads.
fn reads(fits: &Fits, chosen: &str) -> String {
    match fits.formats.iter().find(|fit| fit.name == chosen) {
        Some(fit) => say!(
            "Reads {} of {} lines looked at. The others would be joined to the entry before them, or be entries without a time.",
            wording::count(fit.n_read),
            wording::count(fits.n_lines)
        ),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::source::FormatShare;

    fn fit(name: &str, n_read: u64, is_own: bool) -> FormatFit {
        FormatFit { name: name.into(), title: name.to_uppercase(), n_read, is_own }
    }

    #[test]
    fn formats_of_one_title_are_told_apart_by_their_names() {
        let [one, other, third] = [("nginx", "Web"), ("nginx-own", "Web"), ("json", "JSON")]
            .map(|(name, title)| FormatFit { title: title.into(), ..fit(name, 0, false) });
        let fits = Fits { n_lines: 1, formats: vec![one.clone(), other, third.clone()] };
        assert_eq!((told_apart(&fits, &one), told_apart(&fits, &third)), ("Web (nginx)".to_owned(), "JSON".to_owned()));
        let read_as = ReadAs { format: Some("nginx-own".into()), ..ReadAs::default() };
        assert_eq!(title_of(&fits, &read_as), "Web (nginx-own)");
    }

    #[test]
    fn what_was_found_comes_first_and_the_rest_in_the_order_of_the_alphabet() {
        let formats = vec![
            fit("stamp", 9, false),
            fit("json", 8, false),
            fit("zap", 0, false),
            fit("mine", 0, true),
            fit("ant", 0, false),
        ];
        let fits = Fits { n_lines: 10, formats };
        let found = FormatShare { name: "json/zap".into(), title: "JSON".into(), n_lines: 8 };
        let survey = Survey { formats: vec![found], ..Survey::default() };
        let shown = |typed: &str, chosen: &str| -> Vec<String> {
            let line = |(label, fits): (&str, Vec<FormatFit>)| {
                format!("{label}: {}", fits.iter().map(|fit| &*fit.name).collect::<Vec<_>>().join(" "))
            };
            grouped(&fits, &survey, typed, chosen).into_iter().map(line).collect()
        };
        assert_eq!(
            shown("", ""),
            ["Found in it: json", "Your formats: mine", "Formats that read it: stamp", "Others: ant zap"]
        );
        assert_eq!(shown("A n", ""), ["Others: ant"]);
        assert_eq!(shown("nothing", "zap"), ["Others: zap"], "what is chosen stays in sight");
    }
}
