//! The language of the page, English or Chinese: at first the browser's, then what was chosen here.

use leptos::prelude::*;
use model::language::{is_english, speak};

use crate::actions::Action;
use crate::scope::use_shared;
use crate::{icons, kept};

/// Takes the words that boot.js brought; none are brought for English.
pub fn read_words() {
    speak(document().get_element_by_id("words").and_then(|words| words.text_content()));
}

/// Turns to the other language, which it names in that language.
#[component]
pub fn LanguageButton() -> impl IntoView {
    let (language, name) = if is_english() { ("zh-CN", "中文") } else { ("en", "English") };
    let change = move || {
        kept::write("language", language);
        // All of the page is put up anew. What is not saved yet the browser asks about; the choice then waits for the next time.
        let _ = window().location().reload();
    };
    use_shared().actions.on(move |action| {
        let is_this = action == Action::Language;
        if is_this {
            change();
        }
        is_this
    });
    view! {
        <button class="quiet square" id="language" lang=language aria-label=name title=name on:click=move |_| change()>
            {icons::icon(icons::LANGUAGE)}
        </button>
    }
}
