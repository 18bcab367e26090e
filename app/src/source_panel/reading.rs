//! Says how a source is to be read: a draft, what it would change, and applying it.

use leptos::prelude::*;
use model::entry::SourceId;
use model::format::{Draft, Tried};
use model::protocol::{Answer, Ask};
use model::source::{Encoding, RAW_FORMAT, ReadAs, Source, Survey, TextChange, TimeChange};
use model::time::format_wall;
use model::{counted, say};
use wasm_bindgen_futures::spawn_local;

use super::choice::{FormatChoice, title_of};
use super::questions::{AskFits, AskTexts, AskTimes};
use super::{facts, offset};
use crate::answer::use_answer;
use crate::entries::visible;
use crate::focus::focus_when_lost;
use crate::format_editor::{AskPreview, TriedLines};
use crate::port::Reply;
use crate::scope::{Shared, use_shared};
use crate::zone_menu::{ZoneChoice, zone_names};
use crate::{wording, zone};

#[component]
pub fn ReadAsForm(
    id: SourceId,
    /// The other parts of its log, and whether those are meant, too.
    others: Memo<Vec<Source>>,
    is_log: bool,
    source: Memo<Option<Source>>,
    surveyed: Memo<Survey>,
    workspace_zone: Memo<String>,
    edit: Callback<Draft>,
) -> impl IntoView {
    let shared = use_shared();
    let now = Memo::new(move |_| source.with(|source| source.as_ref().map(|s| s.read_as.clone()).unwrap_or_default()));
    let before = Memo::new(move |_| source.with(|source| source.as_ref().and_then(|s| s.read_before.clone())));
    let rereading = Memo::new(move |_| source.with(|source| source.as_ref().and_then(|s| s.rereading)));
    let fits = use_answer(shared.port, shared.revision, move || Some(AskFits(id)));
    let offered = Memo::new(move |_| fits.with(|fits| fits.answer.clone().unwrap_or_default()));
    let title_of = move |read_as: &ReadAs| offered.with_untracked(|fits| title_of(fits, read_as));
    let draft = RwSignal::new(now.get_untracked());
    let suggested = shared.offered_offset.get_untracked().filter(|(source, _)| *source == id).map(|(_, offset)| offset);
    shared.offered_offset.set(None);
    // What is said elsewhere, or taken back, is where the draft begins again.
    Effect::new(move |begun: Option<()>| {
        let offset_nanos = suggested.filter(|_| begun.is_none()).unwrap_or(now.with(|now| now.offset_nanos));
        draft.set(ReadAs { offset_nanos, ..now.get() });
    });
    let busy = RwSignal::new(false);
    // The offset in its field is none.
    let unclear = RwSignal::new(false);
    let of_log = RwSignal::new(is_log);
    let n_files = move || counted!(others.with(|others| others.len() as u64 + 1), "file", "files");
    // Of any file that is meant.
    let is_any = move |differs: fn(&ReadAs, &ReadAs) -> bool| {
        draft.with(|draft| {
            let is_other = |other: &Source| differs(draft, &other.read_as);
            now.with(|now| differs(draft, now)) || (of_log.get() && others.with(|others| others.iter().any(is_other)))
        })
    };
    let is_changed = Memo::new(move |_| is_any(|draft, now| draft != now));
    let is_busy = Memo::new(move |_| busy.get() || rereading.get().is_some());
    let meant = move || others.get_untracked().into_iter().filter(move |_| of_log.get_untracked());
    let read = move |parts: Vec<(SourceId, ReadAs)>, read_as: &ReadAs| {
        busy.set(true);
        // The button that was pressed cannot be, for now.
        focus_when_lost(vec!["#source-panel .panel-head button".to_owned()]);
        let words = say!("Read as {}.", facts::said(read_as, &title_of(read_as)));
        read_parts(shared, parts, words, busy);
    };
    let apply = move || {
        let read_as = draft.get_untracked();
        let of_this = (id, now.get_untracked());
        let parts = meant().map(|other| (other.id, other.read_as)).chain([of_this]);
        let changed = parts.filter(|(_, now)| *now != read_as).map(|(part, _)| (part, read_as.clone()));
        read(changed.collect(), &read_as);
    };
    // Each part has its own to go back to. Those that were not changed together with this one stay.
    let take_back = move |before: ReadAs| {
        let now = now.get_untracked();
        let is_like = |other: &Source| other.read_as == now || other.read_before.as_ref() == Some(&before);
        let of_others = meant().filter(is_like).filter_map(|other| other.read_before.map(|before| (other.id, before)));
        read(of_others.chain([(id, before.clone())]).collect(), &before);
    };
    let undo = move || {
        before.get().map(|before| {
            let title = say!("Back to: {}", facts::said(&before, &title_of(&before)));
            view! {
                <button id="undo-read-as" title=title disabled=move || is_busy.get() on:click=move |_| take_back(before.clone())>
                    {say!("Undo the last change")}
                </button>
            }
        })
    };
    let progress = move || {
        rereading.get().map(|(done, total)| {
            let words = say!("Reading again: {} %", wording::percent(done, total));
            view! {
                <progress max=total.max(1).to_string() value=done.to_string() aria-label=say!("Reading again") />
                <p class="aside">{words}" "{say!("Until it is done, everything stays as it was.")}</p>
            }
        })
    };
    view! {
        <section class="read-as">
            <FormatChoice draft surveyed offered edit />
            <FormatTried id draft now />
            <EncodingChoice id draft now surveyed />
            <ClockChoice id draft now workspace_zone unclear />
            {progress}
            <Show when=move || !others.with(Vec::is_empty)>
                <label class="check">
                    <input type="checkbox" id="of-log" prop:checked=move || of_log.get() on:change=move |event| of_log.set(event_target_checked(&event)) />
                    {move || say!("For all {files} of this log", n_files())}
                </label>
            </Show>
            <div class="actions">
                {undo}
                <button class="primary" id="apply-read-as" disabled=move || is_busy.get() || unclear.get() || !is_changed.get()
                    on:click=move |_| apply()>
                    {move || if is_any(is_other_text) { say!("Read again") } else { say!("Apply") }}
                </button>
            </div>
        </section>
    }
}

/// Another format or encoding makes other entries.
fn is_other_text(draft: &ReadAs, now: &ReadAs) -> bool {
    (&draft.format, draft.encoding) != (&now.format, now.encoding)
}

/// What the bytes are taken for, with the first lines that would read otherwise.
#[component]
fn EncodingChoice(id: SourceId, draft: RwSignal<ReadAs>, now: Memo<ReadAs>, surveyed: Memo<Survey>) -> impl IntoView {
    let shared = use_shared();
    let chosen = Memo::new(move |_| draft.with(|draft| draft.encoding));
    let choose = move |event| {
        let name = event_target_value(&event);
        let encoding = Encoding::ALL.into_iter().find(|encoding| encoding.name() == name);
        draft.update(|draft| draft.encoding = encoding);
    };
    let option = move |encoding: Encoding| {
        let is_chosen = move || chosen.get() == Some(encoding);
        view! { <option value=encoding.name() prop:selected=is_chosen>{encoding.name()}</option> }
    };
    let preview = use_answer(shared.port, shared.revision, move || {
        let encoding = chosen.get();
        (encoding != now.with(|now| now.encoding)).then_some(AskTexts { source: id, encoding })
    });
    let changes = move || preview.with(|preview| preview.answer.clone()).map(texts);
    view! {
        <h3><label for="source-encoding">{say!("Encoding of its text")}</label></h3>
        <select id="source-encoding" on:change=choose>
            <option value="" prop:selected=move || chosen.get().is_none()>
                {move || match chosen.get() {
                    None => say!("By evidence ({})", surveyed.with(|survey| survey.encoding.clone())),
                    Some(_) => say!("By evidence").to_owned(),
                }}
            </option>
            {Encoding::ALL.map(option)}
        </select>
        <div aria-live="polite">{changes}</div>
    }
}

/// Lines as they read now and as they would.
fn texts(changes: Vec<TextChange>) -> AnyView {
    if changes.is_empty() {
        return view! { <p class="aside">{say!("No line would read otherwise.")}</p> }.into_any();
    }
    let row = |change: TextChange| {
        view! {
            <tr>
                <td class="line">{wording::count(change.line)}</td>
                <td><code>{visible(&change.before).into_owned()}</code></td>
                <td class="after"><code>{visible(&change.after).into_owned()}</code></td>
            </tr>
        }
    };
    view! {
        <table class="changes" id="text-changes">
            <caption>{say!("The first lines that would read otherwise")}</caption>
            <thead><tr><th scope="col">{say!("Line")}</th><th scope="col">{say!("Now")}</th><th scope="col">{say!("Then")}</th></tr></thead>
            <tbody>{changes.into_iter().map(row).collect_view()}</tbody>
        </table>
    }
    .into_any()
}

/// What another format would read, before it is applied.
#[component]
fn FormatTried(id: SourceId, draft: RwSignal<ReadAs>, now: Memo<ReadAs>) -> impl IntoView {
    let shared = use_shared();
    let other = Memo::new(move |_| {
        let name = draft.with(|draft| draft.format.clone())?;
        (name != RAW_FORMAT && now.with(|now| now.format.as_ref() != Some(&name))).then_some(name)
    });
    let tried = use_answer(shared.port, shared.revision, move || {
        other.get().map(|name| AskPreview { source: id, tried: Tried::Known(name) })
    });
    let preview = Memo::new(move |_| tried.with(|tried| tried.answer.clone()));
    view! {
        <Show when=move || other.with(Option::is_some)>
            <TriedLines preview is_stale=Memo::new(|_| false) />
        </Show>
    }
}

/// Reads each part of a log as it is to be; `words` are said when the last is.
fn read_parts(shared: Shared, mut parts: Vec<(SourceId, ReadAs)>, words: String, busy: RwSignal<bool>) {
    let last = parts.pop();
    for (part, read_as) in parts {
        ask_to_read(shared, part, read_as, |_| ());
    }
    match last {
        Some((part, read_as)) => read_otherwise(shared, part, read_as, words, busy),
        None => busy.set(false),
    }
}

/// Reads one source as it is to be, and says so then.
pub fn read_otherwise(shared: Shared, source: SourceId, read_as: ReadAs, words: String, busy: RwSignal<bool>) {
    let ended = move |is_read: bool| {
        // The panel may be closed by now.
        busy.try_set(false);
        if is_read {
            shared.said.set(words.clone());
        }
    };
    ask_to_read(shared, source, read_as, ended);
}

/// What is selected stays so, whatever entry its line is in then. `ended`: it is read, or cannot be.
fn ask_to_read(shared: Shared, source: SourceId, read_as: ReadAs, ended: impl Fn(bool) + 'static) {
    let selected = shared.scope.with_untracked(|scope| scope.selected);
    let on_reply = move |reply| match reply {
        Reply::Progress { .. } => {}
        Reply::Done(Ok(Answer::Reread(moved))) => {
            if moved.is_some() {
                shared.select(moved);
            }
            ended(true);
        }
        reply => {
            shared.show_failure(reply);
            ended(false);
        }
    };
    let ask = Ask::SetReadAs { source, read_as: Box::new(read_as), selected };
    shared.port.with_value(|port| port.ask(ask, on_reply).forget());
}

/// Zone and clock offset, with the first lines they would move.
#[component]
fn ClockChoice(
    id: SourceId,
    draft: RwSignal<ReadAs>,
    now: Memo<ReadAs>,
    workspace_zone: Memo<String>,
    unclear: RwSignal<bool>,
) -> impl IntoView {
    let shared = use_shared();
    let is_own = Memo::new(move |_| draft.with(|draft| draft.zone.is_some()));
    let chosen = Memo::new(move |_| {
        draft.with(|draft| draft.zone.as_ref().map(|zone| zone.name.clone())).unwrap_or_else(|| workspace_zone.get())
    });
    let choose = move |name: String| {
        spawn_local(async move {
            if let Some(zone) = zone::find(&name).await {
                draft.try_update(|draft| draft.zone = Some(zone));
            }
        });
    };
    let written = RwSignal::new(String::new());
    let write_offset = move || written.set(draft.with_untracked(|draft| offset::write(draft.offset_nanos)));
    Effect::new(move || {
        // What is being typed stays as it is typed.
        let offset_nanos = draft.with(|draft| draft.offset_nanos);
        if written.with_untracked(|written| offset::parse(written)) != Some(offset_nanos) {
            unclear.set(false);
            write_offset();
        }
    });
    let take_offset = move |event| {
        written.set(event_target_value(&event));
        let offset_nanos = written.with_untracked(|written| offset::parse(written));
        unclear.set(offset_nanos.is_none());
        if let Some(offset_nanos) = offset_nanos {
            draft.update(|draft| draft.offset_nanos = offset_nanos);
        }
    };
    let preview = use_answer(shared.port, shared.revision, move || {
        let (draft, now) = (draft.get(), now.get());
        let moves = draft.zone != now.zone || draft.offset_nanos != now.offset_nanos;
        moves.then_some(AskTimes { source: id, read_as: draft })
    });
    let changes = move || {
        // An offset that cannot be read moves nothing.
        if unclear.get() {
            return None;
        }
        preview.with(|preview| preview.answer.as_ref().map(|preview| preview.changes.clone())).map(|changes| {
            match changes.is_empty() {
                true => view! { <p class="aside">{say!("No line would have another time.")}</p> }.into_any(),
                false => view! { <Changes changes /> }.into_any(),
            }
        })
    };
    view! {
        <ZoneChoice id="source-zone" list="source-zone-names" title=say!("Zone of times that name none") chosen choose />
        <Show when=move || is_own.get()>
            <button class="small" id="workspace-zone" on:click=move |_| draft.update(|draft| draft.zone = None)>
                {move || say!("As the workspace ({})", workspace_zone.get())}
            </button>
        </Show>
        {zone_names("source-zone-names")}
        <h3><label for="source-offset">{say!("Clock offset, added to every time")}</label></h3>
        <div class="choices">
            <input id="source-offset" type="text" autocomplete="off" spellcheck="false" placeholder="+1.5 s, -2 h"
                prop:value=move || written.get() on:input=take_offset
                on:change=move |_| if !unclear.get_untracked() { write_offset() } />
        </div>
        <Show when=move || unclear.get()>
            <p class="bad" role="alert">{say!("Write it like +1.5 s, -2 h or 1 min 30 s.")}</p>
        </Show>
        <div aria-live="polite">{changes}</div>
    }
}

#[component]
fn Changes(changes: Vec<TimeChange>) -> impl IntoView {
    let shared = use_shared();
    let row = |change: TimeChange| {
        let moved_by = change.after.0.saturating_sub(change.before.0);
        let digits = change.precision.moved_by(moved_by).fraction_digits();
        let at = move |time| move || shared.zone.with(|zone| format_wall(time, zone, digits));
        view! {
            <tr>
                <td class="line">{wording::count(change.line)}</td>
                <td>{at(change.before)}</td>
                <td class="after">{at(change.after)}</td>
                <td><code>{change.text}</code></td>
            </tr>
        }
    };
    view! {
        <table class="changes" id="time-changes">
            <caption>{move || shared.zone.with(|zone| say!("The first lines that change, in {}", zone.name))}</caption>
            <thead><tr><th scope="col">{say!("Line")}</th><th scope="col">{say!("Now")}</th><th scope="col">{say!("Then")}</th><th scope="col">{say!("Text")}</th></tr></thead>
            <tbody>{changes.into_iter().map(row).collect_view()}</tbody>
        </table>
    }
}
