//! What a format would read: lines of the source with their parts marked and named, and where matching stopped.

use leptos::prelude::*;
use model::format::{FormatPreview, LineReading, PreviewLine, Stop};
use model::language::retold;
use model::say;

use crate::wording;

#[component]
pub fn Preview(preview: Memo<Option<FormatPreview>>, is_stale: Memo<bool>) -> impl IntoView {
    let reads = move || match is_stale.get() {
        true => say!("Cannot be tried until what is wrong is put right.").to_owned(),
        false => preview.with(|preview| preview.as_ref().map(reads).unwrap_or_default()),
    };
    view! {
        <p class="reads" id="format-reads" role="status">{reads}</p>
        <TriedLines preview is_stale />
    }
}

/// The lines and what their parts are called.
#[component]
pub fn TriedLines(preview: Memo<Option<FormatPreview>>, is_stale: Memo<bool>) -> impl IntoView {
    let legend = move || {
        preview.with(|preview| {
            let groups = preview.iter().flat_map(|preview| preview.groups.iter().enumerate());
            let entry = |(group, name): (usize, &String)| {
                view! { <li class="part" style:--hue=hue(group)>{name.clone()}</li> }
            };
            groups.map(entry).collect_view()
        })
    };
    let lines = move || {
        preview.with(|preview| {
            let lines = preview.iter().flat_map(|preview| preview.lines.iter().map(|line| (line, &*preview.groups)));
            lines.map(|(line, groups)| shown(line, groups)).collect_view()
        })
    };
    view! {
        <ul class="legend" class:stale=move || is_stale.get() id="format-legend" aria-label=say!("Parts")>{legend}</ul>
        <ol class="tried" class:stale=move || is_stale.get() id="format-lines" tabindex="0" aria-label=say!("Lines of the source")>{lines}</ol>
    }
}

/// `940 of 960 lines looked at begin an entry. Joined to the entry before: 20.`
fn reads(preview: &FormatPreview) -> String {
    let FormatPreview { n_lines, n_read, n_joined, .. } = *preview;
    let [lines, read, joined] = [n_lines, n_read, n_joined].map(wording::count);
    match (n_read, n_joined, n_lines - n_read.saturating_add(n_joined).min(n_lines)) {
        _ if n_lines == 0 => say!("The source has no lines to try it on.").to_owned(),
        (_, 0, 0) => say!("Reads all {} lines looked at.", lines),
        (_, 0, _) => say!("Reads {} of {} lines looked at.", read, lines),
        (_, _, 0) => {
            say!("{} of {} lines looked at begin an entry. Joined to the entry before: {}.", read, lines, joined)
        }
        (_, _, n_others) => say!(
            "{} of {} lines looked at begin an entry. Joined to the entry before: {}. Not read: {}.",
            read,
            lines,
            joined,
            wording::count(n_others)
        ),
    }
}

fn shown(line: &PreviewLine, groups: &[String]) -> impl IntoView + use<> {
    let (state, note) = match &line.reading {
        LineReading::Begins => ("begins", None),
        LineReading::GoesOn => ("goes-on", None),
        LineReading::Joins(stop) => ("joins", Some(why(stop, true))),
        LineReading::Stops(stop) => ("stops", Some(why(stop, false))),
    };
    let text = match &line.reading {
        LineReading::Stops(stop) | LineReading::Joins(stop) => stopped(&line.text, stop).into_any(),
        _ => parts(line, groups).into_any(),
    };
    view! {
        <li data-reading=state>
            <span class="line">{wording::count(line.line)}</span>
            <div>
                <code>{text}</code>
                {note}
            </div>
        </li>
    }
}

fn parts(line: &PreviewLine, groups: &[String]) -> impl IntoView + use<> {
    let mut views = Vec::new();
    let mut last = 0;
    for part in &line.parts {
        let (start, end) = (part.start as usize, part.end as usize);
        views.push(piece(&line.text, last, start).into_any());
        let names: Vec<&str> = part.groups.iter().filter_map(|&at| groups.get(usize::from(at))).map(|s| &**s).collect();
        let (name, text) = (names.join(" › "), piece(&line.text, start, end));
        let group = part.groups.last().map_or(0, |&group| usize::from(group));
        // A gap between parts of a part needs no name.
        let label = names.last().filter(|_| !text.trim().is_empty()).map(|name| (*name).to_owned());
        views.push(
            view! { <ruby class="part" style:--hue=hue(group) title=name>{text}<rt>{label}</rt></ruby> }.into_any(),
        );
        last = end;
    }
    views.push(piece(&line.text, last, line.text.len()).into_any());
    views
}

fn stopped(text: &str, stop: &Stop) -> impl IntoView + use<> {
    let matched = stop.bytes as usize;
    let (read, rest) = (piece(text, 0, matched), piece(text, matched, text.len()));
    view! { <span class="read">{read}</span><span class="unread-part">{rest}</span> }
}

fn why(stop: &Stop, joins: bool) -> impl IntoView + use<> {
    let words = match (stop.reason.is_empty(), stop.bytes, joins) {
        (false, ..) => retold(&stop.reason),
        (true, 0, true) => say!("Goes on with the entry before it. It would begin one with").to_owned(),
        (true, 0, false) => say!("Nothing matches. The first part is").to_owned(),
        (true, ..) => say!("Matches up to here. What follows is not").to_owned(),
    };
    let pattern = (!stop.pattern.is_empty() && stop.reason.is_empty()).then(|| stop.pattern.clone());
    view! { <p class="why">{words}{pattern.map(|pattern| view! { " "<code>{pattern}</code> })}</p> }
}

fn piece(text: &str, start: usize, end: usize) -> String {
    text.get(start..end).unwrap_or_default().to_owned()
}

/// Neighbours differ: the golden angle leads around the circle without coming back near for long.
fn hue(group: usize) -> String {
    format!("{}", (group * 137 + 150) % 360)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_many_lines_are_read_is_said_in_words() {
        let preview = |n_read, n_lines| FormatPreview { n_read, n_lines, ..FormatPreview::default() };
        assert_eq!(reads(&preview(940, 1960)), "Reads 940 of 1,960 lines looked at.");
        assert_eq!(reads(&preview(7, 7)), "Reads all 7 lines looked at.");
        let joined = FormatPreview { n_joined: 20, ..preview(940, 960) };
        assert_eq!(reads(&joined), "940 of 960 lines looked at begin an entry. Joined to the entry before: 20.");
        assert_eq!(reads(&preview(0, 0)), "The source has no lines to try it on.");
    }
}
