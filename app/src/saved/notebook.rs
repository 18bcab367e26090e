//! What was kept as a report to read and to send: bookmarks with their entries and notes in the order of their times, and the
//! views; as Markdown, or as one HTML page that needs nothing else.

use std::fmt::Write as _;

use leptos::prelude::*;
use model::entry::Entry;
use model::kept::{Mark, SavedView};
use model::protocol::{Answer, Ask};
use model::time::{Precision, Zone, format_wall};

use super::markdown::{self, Block, Span};
use crate::export::save_text;
use crate::port::Reply;
use crate::scope::Shared;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    Markdown,
    Html,
}

/// Longer entries are cut: a report is read, not searched.
const MOST_RAW_BYTES: usize = 4 << 10;

type Marked = (Mark, Option<Box<Entry>>);

pub fn save_notebook(shared: Shared, form: Form) {
    let on_reply = move |reply| match reply {
        Reply::Done(Ok(Answer::MarkedEntries(marks))) => with_views(shared, form, marks),
        reply => shared.show_failure(reply),
    };
    shared.port.with_value(|port| port.ask(Ask::MarkedEntries, on_reply).forget());
}

fn with_views(shared: Shared, form: Form, marks: Vec<Marked>) {
    let on_reply = move |reply| match reply {
        Reply::Done(Ok(Answer::Views(views))) => {
            let page = window().location().href().unwrap_or_default();
            let page = page.split('#').next().unwrap_or_default();
            let report = Report { marks: &marks, views: &views, zone: &shared.zone.get_untracked(), page };
            match form {
                Form::Markdown => save_text(shared, &report.as_markdown(), "notes.md"),
                Form::Html => save_text(shared, &report.as_html(), "notes.html"),
            }
        }
        reply => shared.show_failure(reply),
    };
    shared.port.with_value(|port| port.ask(Ask::Views, on_reply).forget());
}

struct Report<'a> {
    marks: &'a [Marked],
    views: &'a [SavedView],
    zone: &'a Zone,
    /// The address of Dendro, without its hash: what views are links to.
    page: &'a str,
}

impl Report<'_> {
    fn when(&self, mark: &Mark) -> String {
        match mark.precision {
            Precision::Undated => "no time".to_owned(),
            precision => {
                format!("{} {}", format_wall(mark.time, self.zone, precision.fraction_digits()), self.zone.name)
            }
        }
    }

    fn heading(&self, mark: &Mark) -> String {
        let parts = [self.when(mark), mark.severity.band().name().to_owned(), mark.service.clone()];
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ")
    }

    fn link(&self, view: &SavedView) -> String {
        format!("{}#{}", self.page, view.address.trim_start_matches('#'))
    }

    fn as_markdown(&self) -> String {
        let mut out = "# Notes\n".to_owned();
        let mut write = |text: String| out.push_str(&text);
        for (mark, entry) in self.marks {
            write(format!("\n## {}\n\n", self.heading(mark)));
            if !mark.note.is_empty() {
                write(format!("{}\n\n", mark.note));
            }
            let text = text_of(mark, entry.as_deref());
            // A fence longer than any in the text ends where it is to end.
            let fence = "`".repeat(longest_run(&text, '`').max(2) + 1);
            write(format!("{fence}\n{text}\n{fence}\n\n{}{}\n", code(&mark.place()), away(entry.is_some())));
        }
        if !self.views.is_empty() {
            write("\n## Views\n\n".to_owned());
        }
        for view in self.views {
            write(format!("- [{}]({})\n", view.name.replace(['[', ']', '\n'], " "), self.link(view)));
        }
        out
    }

    fn as_html(&self) -> String {
        let mut body = String::new();
        for (mark, entry) in self.marks {
            let (heading, place) = (escaped(&self.heading(mark)), escaped(&mark.place()));
            let text = escaped(&text_of(mark, entry.as_deref()));
            // Writing to a string does not fail.
            let _ = writeln!(
                body,
                "<section><h2>{heading}</h2>{}<pre>{text}</pre><p class=\"place\"><code>{place}</code>{}</p></section>",
                blocks_as_html(&markdown::parse(&mark.note)),
                away(entry.is_some()),
            );
        }
        if !self.views.is_empty() {
            body.push_str("<section><h2>Views</h2><ul>");
            for view in self.views {
                let _ = write!(body, "<li><a href=\"{}\">{}</a></li>", escaped(&self.link(view)), escaped(&view.name));
            }
            body.push_str("</ul></section>\n");
        }
        format!(
            "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
             <title>Notes</title><style>{STYLE}</style></head><body><main><h1>Notes</h1>\n{body}</main></body></html>\n"
        )
    }
}

const STYLE: &str = ":root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;margin:2rem}main{max-width:60rem;margin:auto}\
                     h2{font-size:1.05rem;margin-top:2.2rem}pre{padding:.7rem;border:1px solid #8886;border-radius:6px;white-space:pre-wrap;\
                     overflow-wrap:anywhere;font-size:.88rem}.place{font-size:.85rem;opacity:.75}.tag{border:1px solid #8886;border-radius:1em;padding:0 .5em}";

fn text_of(mark: &Mark, entry: Option<&Entry>) -> String {
    let Some(entry) = entry else { return mark.text.clone() };
    let raw = entry.raw.trim_end();
    match raw.char_indices().map(|(at, _)| at).find(|&at| at >= MOST_RAW_BYTES) {
        Some(end) => format!("{}\n…", &raw[..end]),
        None => raw.to_owned(),
    }
}

fn away(is_here: bool) -> String {
    if is_here { String::new() } else { " (its file is not in the workspace)".to_owned() }
}

fn code(text: &str) -> String {
    let ticks = "`".repeat(longest_run(text, '`') + 1);
    format!("{ticks}{text}{ticks}")
}

fn longest_run(text: &str, of: char) -> usize {
    text.split(|c| c != of).map(str::len).max().unwrap_or_default()
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            other => out.push(other),
        }
    }
    out
}

fn blocks_as_html(blocks: &[Block]) -> String {
    let block = |block: &Block| match block {
        Block::Paragraph(lines) => {
            let lines: Vec<String> = lines.iter().map(|line| spans_as_html(line)).collect();
            format!("<p>{}</p>", lines.join("<br>"))
        }
        Block::List { is_numbered, items } => {
            let name = if *is_numbered { "ol" } else { "ul" };
            let items: String = items.iter().map(|item| format!("<li>{}</li>", spans_as_html(item))).collect();
            format!("<{name}>{items}</{name}>")
        }
        Block::Code(text) => format!("<pre>{}</pre>", escaped(text)),
    };
    blocks.iter().map(block).collect()
}

fn spans_as_html(spans: &[Span]) -> String {
    let span = |span: &Span| match span {
        Span::Text(text) => escaped(text),
        Span::Code(text) => format!("<code>{}</code>", escaped(text)),
        Span::Strong(inside) => format!("<strong>{}</strong>", spans_as_html(inside)),
        Span::Emphasis(inside) => format!("<em>{}</em>", spans_as_html(inside)),
        Span::Link { text, address } => {
            format!("<a href=\"{}\" rel=\"noopener noreferrer\">{}</a>", escaped(address), escaped(text))
        }
        Span::Tag(tag) => format!("<span class=\"tag\">#{}</span>", escaped(tag)),
    };
    spans.iter().map(span).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::kept::{Anchor, MarkId};
    use model::severity::Severity;
    use model::time::Nanos;

    fn marks() -> Vec<Marked> {
        let anchor =
            Anchor { path: "web/app.log".into(), file_bytes: 0, fingerprint: 0, copy: 0, line: 16, line_hash: 0 };
        let mark = Mark {
            id: MarkId(1),
            anchor,
            note: "the **first** <one> #cause".into(),
            time: Nanos(1_795_176_000_123_000_000),
            precision: Precision::Milli,
            severity: Severity::ERROR,
            service: "cart".into(),
            text: "it said ```x``` & <b>".into(),
            key: None,
        };
        vec![(mark, None)]
    }

    #[test]
    fn notes_are_a_report_in_markdown() {
        let views = [SavedView { name: "Slow [ones]".into(), address: "#q=took%3E1s".into() }];
        let report = Report { marks: &marks(), views: &views, zone: &Zone::utc(), page: "https://d.example/" };
        expect_test::expect![[r"
            # Notes

            ## 2026-11-20 12:00:00.123 UTC · error · cart

            the **first** <one> #cause

            ````
            it said ```x``` & <b>
            ````

            `web/app.log:17` (its file is not in the workspace)

            ## Views

            - [Slow  ones ](https://d.example/#q=took%3E1s)
        "]]
        .assert_eq(&report.as_markdown());
    }

    #[test]
    fn nothing_in_a_log_or_a_note_becomes_a_part_of_the_page() {
        let report = Report { marks: &marks(), views: &[], zone: &Zone::utc(), page: "" };
        let html = report.as_html();
        assert!(html.contains("<pre>it said ```x``` &amp; &lt;b&gt;</pre>"), "{html}");
        assert!(html.contains("the <strong>first</strong> &lt;one&gt; <span class=\"tag\">#cause</span>"), "{html}");
        assert!(!html.contains("<b>") && !html.contains("<one>"));
    }
}
