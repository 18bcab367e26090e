//! A node of the map: its outline, which says what is known of it, and its texts, which come once they can be read.

use std::sync::Arc;

use leptos::prelude::*;
use model::language::told;
use model::topology::Node;

use super::drawing::{Drawing, Then};
use super::{Chosen, draw};
use crate::scope::use_shared;

/// How texts of nodes are written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lettering {
    /// Characters of its name that a node has room for.
    pub name_chars: usize,
    /// By how much texts are larger than the map has them.
    pub scale: f32,
}

impl Default for Lettering {
    fn default() -> Self {
        Self { name_chars: draw::MOST_CHARS, scale: 1.0 }
    }
}

/// What nodes look like depends on.
#[derive(Clone, Copy)]
pub struct Looks {
    pub chosen: RwSignal<Option<Chosen>>,
    /// Services that the query asks for.
    pub services: Memo<Vec<String>>,
    pub then: Memo<Option<Arc<Then>>>,
    /// `None`: there are no texts yet.
    pub lettering: RwSignal<Option<Lettering>>,
    pub has_texts: Memo<bool>,
    /// They can be seen.
    pub is_near: Memo<bool>,
}

#[derive(Clone, PartialEq)]
struct Known {
    /// Of its outline.
    class: String,
    is_chosen: bool,
    /// What makes its colour stronger: its share of the blame.
    strength: Option<String>,
    /// The line below its name.
    label: String,
}

pub fn node(drawing: &Arc<Drawing>, at: usize, looks: Looks) -> impl IntoView + use<> {
    let shared = use_shared();
    let node = &drawing.topology.nodes[at];
    let place = drawing.topology.layout.places.get(at).copied().unwrap_or_default();
    let kind = node.kind.name();
    let of_map = drawing.clone();
    let known = Memo::new(move |_| {
        let node = &of_map.topology.nodes[at];
        let is_chosen = looks.services.with(|services| draw::names(node).iter().any(|name| is_among(services, name)));
        let is_shown = looks.chosen.with(|chosen| matches!(chosen, Some(Chosen::Node(name)) if *name == node.name));
        let blame = shared
            .suspects
            .with(|suspects| suspects.iter().find(|(name, _)| is_named(node, name)).map(|(_, share)| share.min(1.0)));
        // The window may be of another map for a moment, until this one is gone.
        let has_errors = |called: &[(u64, u64)]| called.get(at).is_some_and(|called| called.1 != 0);
        let (is_bad, is_silent, label) = looks.then.with(|then| match then {
            Some(then) => {
                let is_silent = then.is_silent.get(at).copied().unwrap_or_default();
                (has_errors(&then.called), is_silent, then.labels.get(at).cloned().unwrap_or_default())
            }
            None => (has_errors(&of_map.called), false, of_map.labels[at].clone()),
        });
        let mut class = format!("node {kind}");
        let marks = [("chosen", is_chosen), ("shown", is_shown), ("bad", is_bad), ("silent", is_silent)];
        for (mark, _) in marks.into_iter().chain([("suspect", blame.is_some())]).filter(|(_, is_so)| *is_so) {
            class.push(' ');
            class.push_str(mark);
        }
        // More of the blame is a stronger colour, from a tenth of it on.
        let strength = blame.map(|share| format!("{:.0}%", 15.0 + 85.0 * share));
        Known { class, is_chosen, strength, label }
    });
    let (name, whole) = (node.name.clone(), node.name.clone());
    // From afar nobody sees its texts, which name it otherwise.
    let label = move || {
        let is_named = looks.has_texts.get() && looks.is_near.get();
        (!is_named).then(|| known.with(|known| format!("{whole} {}", known.label).trim_end().to_owned()))
    };
    let of_texts = node.name.clone();
    view! {
        <g class=move || known.with(|known| known.class.clone()) style:--blame=move || known.with(|known| known.strength.clone())
            transform=format!("translate({:.0} {:.0})", place.x, place.y) role="button" aria-label=label
            aria-pressed=move || known.with(|known| known.is_chosen).to_string() tabindex="0" aria-description=told(kind) data-node=name>
            <path class="outline" d=draw::outline(node.kind) />
            {move || looks.has_texts.get().then(|| texts(of_texts.clone(), known, looks.lettering))}
        </g>
    }
}

/// Suspects are named as all entries have it, the map as those of the search do.
fn is_named(node: &Node, name: &str) -> bool {
    node.name == name || node.aliases.iter().any(|alias| alias.name == name)
}

fn is_among(services: &[String], name: &str) -> bool {
    services.iter().any(|service| service == name)
}

fn texts(name: String, known: Memo<Known>, lettering: RwSignal<Option<Lettering>>) -> impl IntoView {
    let lettering = move || lettering.get().unwrap_or_default();
    let lines = Memo::new(move |_| draw::name_lines(&name, lettering().name_chars));
    let has_two = Memo::new(move |_| lines.with(|lines| lines.len() > 1));
    // Where nodes are drawn in their own size or larger, texts are as large as the map has them.
    let (of_name, of_figures) = (move || lettering().scale.max(14.0 / 11.0) * 11.0, move || lettering().scale * 11.0);
    let line = move |(nth, text): (usize, String)| {
        let squeezed = draw::squeezed(&text, of_name() * draw::BOLD);
        let dy = if nth == 0 { "0" } else { "1.05em" };
        view! { <tspan x=draw::NODE_WIDTH / 2.0 dy=dy textLength=squeezed lengthAdjust="spacingAndGlyphs">{text}</tspan> }
    };
    let label = move || known.with(|known| known.label.clone());
    view! {
        <text class="name" class:two=move || has_two.get() y=move || if has_two.get() { "16" } else { "23" } text-anchor="middle">
            {move || lines.get().into_iter().enumerate().map(line).collect_view()}
        </text>
        <text class="figures" x=draw::NODE_WIDTH / 2.0 y=move || if has_two.get() { "47" } else { "41" } text-anchor="middle"
            textLength=move || known.with(|known| draw::squeezed(&known.label, of_figures())) lengthAdjust="spacingAndGlyphs">{label}</text>
    }
}
