//! Notes as HTML: nothing in them becomes a part of the page but what their Markdown says.

use crate::saved::markdown::{Block, Item, Side, Span};

/// The parts of a note.
pub fn blocks_as_html(blocks: &[Block]) -> String {
    let block = |block: &Block| match block {
        Block::Paragraph(lines) => {
            let lines: Vec<String> = lines.iter().map(|line| spans_as_html(line)).collect();
            format!("<p>{}</p>", lines.join("<br>"))
        }
        Block::List { is_numbered, items } => {
            let name = if *is_numbered { "ol" } else { "ul" };
            let item = |item: &Item| format!("<li>{}{}</li>", spans_as_html(&item.line), blocks_as_html(&item.inside));
            let items: String = items.iter().map(item).collect();
            format!("<{name}>{items}</{name}>")
        }
        Block::Quote(inside) => format!("<blockquote>{}</blockquote>", blocks_as_html(inside)),
        Block::Table { sides, head, rows } => {
            let row = |name: &str, cells: &[Vec<Span>]| {
                let cell = |(cell, side): (&Vec<Span>, &Side)| {
                    format!("<{name} style=\"text-align:{}\">{}</{name}>", side.name(), spans_as_html(cell))
                };
                format!("<tr>{}</tr>", cells.iter().zip(sides).map(cell).collect::<String>())
            };
            let rows: String = rows.iter().map(|cells| row("td", cells)).collect();
            format!("<table><thead>{}</thead><tbody>{rows}</tbody></table>", row("th", head))
        }
        Block::Code(text) => format!("<pre>{}</pre>", escaped(text)),
        // The page has a title, and each view one below it.
        Block::Heading(level, title) => format!("<h{0}>{1}</h{0}>", level + 1, spans_as_html(title)),
    };
    blocks.iter().map(block).collect()
}

fn spans_as_html(spans: &[Span]) -> String {
    let span = |span: &Span| match span {
        Span::Text(text) => escaped(text),
        Span::Code(text) => format!("<code>{}</code>", escaped(text)),
        Span::Strong(inside) => format!("<strong>{}</strong>", spans_as_html(inside)),
        Span::Emphasis(inside) => format!("<em>{}</em>", spans_as_html(inside)),
        Span::Struck(inside) => format!("<s>{}</s>", spans_as_html(inside)),
        Span::Link { text, address } => {
            format!("<a href=\"{}\" rel=\"noopener noreferrer\">{}</a>", escaped(address), escaped(text))
        }
        Span::Tag(tag) => format!("<span class=\"tag\">#{}</span>", escaped(tag)),
    };
    spans.iter().map(span).collect()
}

pub fn escaped(text: &str) -> String {
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
