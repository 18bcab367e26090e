//! Texts of an entry: stack traces with the frames of libraries folded, JSON as a tree whose nodes fold, the rest as it is.

use leptos::prelude::*;
use model::colour::painted;
use model::json::{Node, tree};
use model::stack::{Kind, Run, runs};
use model::{counted, say};

use crate::entries::{marked, visible};
use crate::kept;
use crate::wording;

/// Nodes of one tree that are shown: more would hold the page up.
const MOST_NODES: usize = 1000;

/// Of longer texts the rest is shown when asked for.
const SHOWN_LINES: usize = 40;
/// Nodes above this depth are open at first.
const OPEN_DEPTH: usize = 2;
/// Values of more characters, or of several lines, do not go beside their name.
const BESIDE_CHARS: usize = 160;
/// Under this name it is remembered how the raw text is looked at.
const AS_TREE: &str = "raw-as-tree";

/// Whether a value needs the whole width.
pub fn is_long(value: &str) -> bool {
    value.trim_end().contains('\n') || value.chars().nth(BESIDE_CHARS).is_some()
}

/// A text in its colours, of which only the beginning is shown at first if it is long.
pub fn long_text(id: String, text: String, highlights: Vec<(u32, u32)>) -> AnyView {
    let n_lines = text.lines().count();
    let beginning = (n_lines > SHOWN_LINES).then(|| text.lines().take(SHOWN_LINES).collect::<Vec<_>>().join("\n"));
    // What was looked for is seen, wherever it is.
    let n_shown = beginning.as_ref().map_or(text.len(), String::len);
    let is_all = RwSignal::new(highlights.first().is_some_and(|&(_, end)| end as usize > n_shown));
    let is_cut = beginning.is_some();
    let shown = move || match &beginning {
        Some(beginning) if !is_all.get() => folded(beginning, &highlights),
        _ => folded(&text, &highlights),
    };
    view! {
        <pre id=id.clone() class="trace">{shown}</pre>
        <Show when=move || is_cut && !is_all.get()>
            <button class="small" aria-controls=id.clone() on:click=move |_| is_all.set(true)>
                {say!("Show all {} lines", wording::count(n_lines as u64))}
            </button>
        </Show>
    }
    .into_any()
}

/// Colours are of the whole text, so one that has them is not cut.
fn folded(text: &str, highlights: &[(u32, u32)]) -> AnyView {
    let runs = if painted(text).is_none() { runs(text) } else { Vec::new() };
    match runs.is_empty() {
        true => marked(text, highlights),
        false => runs.into_iter().map(|run| run_of(text, run, highlights)).collect_view().into_any(),
    }
}

/// Frames of libraries behind a button, the program's own marked.
fn run_of(text: &str, run: Run, highlights: &[(u32, u32)]) -> AnyView {
    let (start, end) = (run.range.start as u32, run.range.end as u32);
    let inside = highlights.iter().filter(|(from, to)| *from < end && *to > start);
    let inside: Vec<(u32, u32)> = inside.map(|(from, to)| (from.max(&start) - start, to.min(&end) - start)).collect();
    let lines = text[run.range].to_owned();
    let has_match = !inside.is_empty();
    let shown = marked(&lines, &inside);
    match run.kind {
        Kind::Text => shown,
        Kind::Own => view! { <span class="own">{shown}</span> }.into_any(),
        // One that is alone says as much as the button would.
        Kind::Library if run.n_frames < 2 => view! { <span class="library">{shown}</span> }.into_any(),
        Kind::Library => {
            let is_open = RwSignal::new(has_match);
            let words = counted!(run.n_frames as u64, "frame", "frames");
            view! {
                <button class="quiet small frames" aria-expanded=move || is_open.get().to_string()
                    on:click=move |_| is_open.update(|is_open| *is_open = !*is_open)>
                    {move || if is_open.get() { "▾ " } else { "▸ " }}{say!("{words} of libraries", words)}
                </button>
                <span class="library" hidden=move || !is_open.get()>{shown}</span>
                <span hidden=move || is_open.get()>"\n"</span>
            }
            .into_any()
        }
    }
}

/// The raw text; one that is JSON can be looked at as a tree.
pub fn raw_text(text: String, highlights: Vec<(u32, u32)>) -> AnyView {
    let Some(node) = tree(&text) else { return long_text("raw".to_owned(), text, highlights) };
    let is_tree = RwSignal::new(kept::read(AS_TREE).is_some());
    let turn = move |_| {
        is_tree.update(|is_tree| *is_tree = !*is_tree);
        match is_tree.get_untracked() {
            true => kept::write(AS_TREE, "yes"),
            false => kept::forget(AS_TREE),
        }
    };
    view! {
        <button class="small" id="raw-as-tree" aria-pressed=move || is_tree.get().to_string() on:click=turn>{say!("As a tree")}</button>
        {move || match is_tree.get() {
            true => view! { <div id="raw-tree" class="json">{tree_view(node.clone(), 0)}</div> }.into_any(),
            false => long_text("raw".to_owned(), text.clone(), highlights.clone()),
        }}
    }
    .into_any()
}

/// A value that is an object or a list.
pub fn tree_of(value: &str) -> Option<AnyView> {
    let node = tree(value)?;
    Some(view! { <div class="json">{tree_view(node, OPEN_DEPTH - 1)}</div> }.into_any())
}

fn tree_view(node: Node, depth: usize) -> AnyView {
    view_of(None, node, depth, &mut { MOST_NODES })
}

/// `n_left`: nodes that may still be shown.
fn view_of(name: Option<String>, node: Node, depth: usize, n_left: &mut usize) -> AnyView {
    *n_left -= 1;
    if *n_left == 0 {
        return view! { <div class="aside">{say!("… The rest is in the raw text.")}</div> }.into_any();
    }
    let name = name.map(|name| view! { <span class="key">{visible(&name).into_owned()}</span>": " });
    let (n, words, children): (usize, String, Vec<AnyView>) = match node {
        Node::Leaf(text) => {
            let is_text = text.starts_with('"');
            return view! { <div>{name}<span class:string=is_text>{visible(&text).into_owned()}</span></div> }
                .into_any();
        }
        Node::List(nodes) => {
            let (n, mut nodes) = (nodes.len(), nodes.into_iter());
            let next =
                || (*n_left > 0).then(|| nodes.next()).flatten().map(|node| view_of(None, node, depth + 1, n_left));
            (n, format!("[{n}]"), std::iter::from_fn(next).collect())
        }
        Node::Object(pairs) => {
            let (n, mut pairs) = (pairs.len(), pairs.into_iter());
            let next = || {
                let (name, node) = (*n_left > 0).then(|| pairs.next()).flatten()?;
                Some(view_of(Some(name), node, depth + 1, n_left))
            };
            (n, format!("{{{n}}}"), std::iter::from_fn(next).collect())
        }
    };
    if n == 0 {
        return view! { <div>{name}{words}</div> }.into_any();
    }
    view! { <details open=depth < OPEN_DEPTH><summary>{name}<span class="n">{words}</span></summary><div class="nodes">{children}</div></details> }
        .into_any()
}
