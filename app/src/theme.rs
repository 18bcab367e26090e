//! Light, dark, or as the system says.

use leptos::prelude::*;
use model::say;

use crate::actions::Action;
use crate::scope::use_shared;
use crate::{icons, kept};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Theme {
    System,
    Light,
    Dark,
}

impl Theme {
    fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    fn in_words(self) -> &'static str {
        match self {
            Self::System => say!("system"),
            Self::Light => say!("light"),
            Self::Dark => say!("dark"),
        }
    }

    fn next(self) -> Self {
        match self {
            Self::System => Self::Light,
            Self::Light => Self::Dark,
            Self::Dark => Self::System,
        }
    }

    fn strokes(self) -> &'static str {
        match self {
            Self::System => icons::HALF,
            Self::Light => icons::SUN,
            Self::Dark => icons::MOON,
        }
    }
}

/// The theme in use, and whether the page is dark: canvases redraw when it changes.
#[derive(Clone, Copy)]
pub struct Themed {
    pub theme: RwSignal<Theme>,
    pub dark: Signal<bool>,
}

pub fn provide_theme() -> Themed {
    let theme = RwSignal::new(match kept::read("theme").as_deref() {
        Some("light") => Theme::Light,
        Some("dark") => Theme::Dark,
        _ => Theme::System,
    });
    let system_dark = RwSignal::new(false);
    if let Ok(Some(query)) = window().match_media("(prefers-color-scheme: dark)") {
        system_dark.set(query.matches());
        let current = query.clone();
        let listener =
            wasm_bindgen::closure::Closure::<dyn Fn()>::new(move || system_dark.set(current.matches())).into_js_value();
        query.set_onchange(Some(&listener.into()));
    }
    // Written to the page before the signal's readers redraw with the page's new colours.
    let dark = Memo::new(move |_| {
        let theme = theme.get();
        if let Some(root) = document().document_element() {
            let _ = root.set_attribute("data-theme", theme.name());
        }
        match theme {
            Theme::System => system_dark.get(),
            Theme::Light => false,
            Theme::Dark => true,
        }
    });
    let themed = Themed { theme, dark: dark.into() };
    provide_context(themed);
    themed
}

#[component]
pub fn ThemeButton() -> impl IntoView {
    let Themed { theme, .. } = expect_context();
    let change = move || {
        theme.update(|theme| *theme = theme.next());
        kept::write("theme", theme.get_untracked().name());
    };
    use_shared().actions.on(move |action| {
        let is_this = action == Action::Theme;
        if is_this {
            change();
        }
        is_this
    });
    let label = move || say!("Theme: {}. Change to {}.", theme.get().in_words(), theme.get().next().in_words());
    view! {
        <button class="quiet square" id="theme" on:click=move |_| change() aria-label=label title=label>
            {move || icons::icon(theme.get().strokes())}
        </button>
    }
}
