//! A template's text as it is drawn: what stays, and a pill for each value.

use leptos::prelude::*;
use model::say;
use model::template::{Kind, TemplateCount, WILDCARD};

/// The texts between the values, and the values by what they look like (`None`: the text itself may have the sign in it).
fn parts(text: &str, kinds: &[Kind]) -> Vec<(String, Option<Kind>)> {
    let texts: Vec<&str> = text.split(WILDCARD).collect();
    let is_known = texts.len() == kinds.len() + 1;
    let kind_at = |place: usize| if is_known { kinds.get(place).copied() } else { Some(Kind::Text) };
    let n_values = texts.len() - 1;
    let part = |(place, text): (usize, &str)| (text.to_owned(), (place < n_values).then(|| kind_at(place)).flatten());
    texts.into_iter().enumerate().map(part).collect()
}

pub fn template_text(template: &TemplateCount) -> impl IntoView + use<> {
    let part = |(text, kind): (String, Option<Kind>)| {
        let pill = kind.map(|kind| {
            // Read aloud and copied as the sign; seen as what it is.
            view! { <span class="value-pill" title=say!("varies: {}", kind.name())>{kind.name()}</span> }
        });
        view! { {text}{pill} }
    };
    parts(&template.text, &template.kinds).into_iter().map(part).collect_view()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_value_is_shown_by_its_kind() {
        let shown = parts("took <*> of <*>", &[Kind::Duration, Kind::Id]);
        let expected = [("took ", Some(Kind::Duration)), (" of ", Some(Kind::Id)), ("", None)]
            .map(|(text, kind)| (text.to_owned(), kind));
        assert_eq!(shown, expected);
        assert_eq!(parts("a <*> b", &[]).len(), 2);
        assert_eq!(parts("plain", &[]), [("plain".to_owned(), None)]);
    }
}
