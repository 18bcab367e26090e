//! The little Markdown of notes: read into parts, drawn as elements. What it does not know stays the text it is.
//!
//! Paragraphs keep their lines; headings begin with `#`, `##` or `###` and a space, lists with `-`, `*` or `1.`, quotes with `>`; a fence of three backticks holds lines as they are.
//! What stands below a list's item, as far in as its text or further, is in the item.
//! A table has `|` between its cells and a line of dashes below its head, where `--:` has a column end at the right and `:-:` stand in the middle.
//! Within a line: `code`, **strong**, *emphasis*, ~~struck~~, [links](https://…), bare addresses, #tags.

use std::iter::Peekable;

use leptos::prelude::*;
use model::kept::tag_bytes;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// Its lines.
    Paragraph(Vec<Vec<Span>>),
    List {
        is_numbered: bool,
        items: Vec<Item>,
    },
    Code(String),
    /// What somebody else said.
    Quote(Vec<Block>),
    /// As many cells in each row as in the head, and as many sides.
    Table {
        sides: Vec<Side>,
        head: Vec<Vec<Span>>,
        rows: Vec<Vec<Vec<Span>>>,
    },
    /// Of the first, second or third level.
    Heading(u8, Vec<Span>),
}

/// One of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    pub line: Vec<Span>,
    /// What stands below it, further in: a list of its own, say.
    pub inside: Vec<Block>,
}

/// Where the cells of a column stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    Start,
    Middle,
    End,
}

impl Side {
    /// As `text-align` has it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Middle => "center",
            Self::End => "end",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Span {
    Text(String),
    Code(String),
    Strong(Vec<Span>),
    Emphasis(Vec<Span>),
    Struck(Vec<Span>),
    /// Nobody follows it but the reader.
    Link {
        text: String,
        address: String,
    },
    /// Without its `#`.
    Tag(String),
}

/// Quotes and lists in each other are read so far: nobody writes more.
const MOST_DEPTH: usize = 8;

pub fn parse(note: &str) -> Vec<Block> {
    parse_lines(&note.lines().collect::<Vec<_>>(), MOST_DEPTH)
}

/// `depth`: how many quotes and lists may still be in each other.
fn parse_lines(lines: &[&str], depth: usize) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut lines = lines.iter().copied().peekable();
    while let Some(line) = lines.next() {
        if line.trim_start().starts_with("```") {
            let inside: Vec<&str> = lines.by_ref().take_while(|line| !line.trim_start().starts_with("```")).collect();
            blocks.push(Block::Code(inside.join("\n")));
        } else if let Some(first) = quoted(line).filter(|_| depth > 0) {
            let mut inside = vec![first];
            while let Some(more) = lines.peek().and_then(|next| quoted(next)) {
                inside.push(more);
                lines.next();
            }
            blocks.push(Block::Quote(parse_lines(&inside, depth - 1)));
        } else if let Some(sides) = lines.peek().and_then(|next| rule(next)).filter(|n| cells(line).len() == n.len()) {
            lines.next();
            let row = |line: &str| {
                let mut row: Vec<Vec<Span>> = cells(line).iter().map(|cell| spans(cell)).collect();
                row.resize(sides.len(), Vec::new());
                row
            };
            let mut rows = Vec::new();
            while let Some(line) = lines.next_if(|line| line.contains('|')) {
                rows.push(row(line));
            }
            let head = row(line);
            blocks.push(Block::Table { sides, head, rows });
        } else if let Some((level, title)) = heading(line) {
            blocks.push(Block::Heading(level, spans(title)));
        } else if let Some((is_numbered, column, text)) = list_item(line) {
            let inside = match depth {
                0 => Vec::new(),
                depth => parse_lines(&of_item(&mut lines, column), depth - 1),
            };
            let item = Item { line: spans(text), inside };
            match blocks.last_mut() {
                Some(Block::List { is_numbered: before, items }) if *before == is_numbered => items.push(item),
                _ => blocks.push(Block::List { is_numbered, items: vec![item] }),
            }
        } else if line.trim().is_empty() {
            // What follows is another paragraph, or another list.
            if blocks.last() != Some(&Block::Paragraph(Vec::new())) {
                blocks.push(Block::Paragraph(Vec::new()));
            }
        } else {
            match blocks.last_mut() {
                Some(Block::Paragraph(lines)) => lines.push(spans(line)),
                _ => blocks.push(Block::Paragraph(vec![spans(line)])),
            }
        }
    }
    blocks.retain(|block| *block != Block::Paragraph(Vec::new()));
    blocks
}

/// The first line of a note as bare text.
pub fn first_line(note: &str) -> Option<String> {
    first_of(&parse(note))
}

fn first_of(blocks: &[Block]) -> Option<String> {
    Some(match blocks.first()? {
        Block::Paragraph(lines) => bare(lines.first()?),
        Block::Heading(_, title) => bare(title),
        Block::List { items, .. } => bare(&items.first()?.line),
        Block::Code(text) => text.lines().next()?.to_owned(),
        Block::Quote(inside) => first_of(inside)?,
        Block::Table { head, .. } => head.iter().map(|cell| bare(cell)).collect::<Vec<_>>().join(" | "),
    })
}

fn bare(spans: &[Span]) -> String {
    let text = |span: &Span| match span {
        Span::Text(text) | Span::Code(text) | Span::Link { text, .. } => text.clone(),
        Span::Strong(inside) | Span::Emphasis(inside) | Span::Struck(inside) => bare(inside),
        Span::Tag(tag) => format!("#{tag}"),
    };
    spans.iter().map(text).collect()
}

/// The cells of a table's row; one where nothing parts them.
fn cells(line: &str) -> Vec<String> {
    let line = line.trim();
    let line = line.strip_prefix('|').unwrap_or(line);
    let (mut cells, mut is_escaped) = (vec![String::new()], false);
    for c in line.chars() {
        let cell = cells.last_mut().expect("there is one from the beginning");
        match c {
            // `\|` is no border.
            '|' if is_escaped => {
                cell.pop();
                cell.push(c);
            }
            '|' => cells.push(String::new()),
            c => cell.push(c),
        }
        is_escaped = c == '\\';
    }
    if cells.len() > 1 && cells.last().is_some_and(|last| last.trim().is_empty()) {
        cells.pop();
    }
    cells.into_iter().map(|cell| cell.trim().to_owned()).collect()
}

/// The columns of a table whose head stands above this line; `None`: it is no rule of dashes.
fn rule(line: &str) -> Option<Vec<Side>> {
    let side = |cell: &String| {
        let dashes = cell.trim_start_matches(':').trim_end_matches(':');
        let is_rule = !dashes.is_empty() && dashes.bytes().all(|byte| byte == b'-');
        is_rule.then(|| match (cell.starts_with(':'), cell.ends_with(':')) {
            (true, true) => Side::Middle,
            (false, true) => Side::End,
            (_, false) => Side::Start,
        })
    };
    cells(line).iter().map(side).collect::<Option<_>>().filter(|_| line.contains('|'))
}

/// The line without the mark of a quote.
fn quoted(line: &str) -> Option<&str> {
    let inside = line.trim_start().strip_prefix('>')?;
    Some(inside.strip_prefix(' ').unwrap_or(inside))
}

/// Its level and its text.
fn heading(line: &str) -> Option<(u8, &str)> {
    let (marks, title) = line.split_once(' ')?;
    let level = ["#", "##", "###"].iter().position(|known| *known == marks)? as u8 + 1;
    Some((level, title.trim())).filter(|(_, title)| !title.is_empty())
}

/// Whether it is numbered, the column that its text begins at, and its text.
fn list_item(line: &str) -> Option<(bool, usize, &str)> {
    let marked = line.trim_start();
    let room = line[..line.len() - marked.len()].chars().fold(0, column_behind);
    if let Some(text) = marked.strip_prefix("- ").or_else(|| marked.strip_prefix("* ")) {
        return Some((false, room + 2, text));
    }
    let (number, text) = marked.split_once(". ")?;
    let is_number = number.len() <= 3 && !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
    is_number.then_some((true, room + number.len() + 2, text))
}

/// A tab reaches to the next fourth column.
fn column_behind(column: usize, room: char) -> usize {
    if room == '\t' { column / 4 * 4 + 4 } else { column + 1 }
}

/// Takes the lines that follow an item and belong to it, without the room before them: those that begin at the column of its
/// text or further in, and empty ones before such.
fn of_item<'n>(lines: &mut Peekable<impl Iterator<Item = &'n str> + Clone>, column: usize) -> Vec<&'n str> {
    let mut inside = Vec::new();
    loop {
        let mut ahead = lines.clone();
        let mut n_empty = 0;
        while ahead.next_if(|line| line.trim().is_empty()).is_some() {
            n_empty += 1;
        }
        let Some(line) = ahead.next().and_then(|line| further_in(line, column)) else { return inside };
        inside.resize(inside.len() + n_empty, "");
        inside.push(line);
        *lines = ahead;
    }
}

/// The line from this column on; `None` where it begins before that.
fn further_in(line: &str, column: usize) -> Option<&str> {
    let mut at = 0;
    for (place, c) in line.char_indices() {
        if at >= column {
            return Some(&line[place..]);
        }
        if !matches!(c, ' ' | '\t') {
            return None;
        }
        at = column_behind(at, c);
    }
    None
}

/// One line. Every character of it that is no mark of its own is in some part.
fn spans(line: &str) -> Vec<Span> {
    let (mut spans, mut text) = (Vec::new(), String::new());
    let mut rest = line;
    while let Some(first) = rest.chars().next() {
        let before = text.chars().next_back();
        match span(rest, before) {
            Some((span, n_bytes)) => {
                if !text.is_empty() {
                    spans.push(Span::Text(std::mem::take(&mut text)));
                }
                spans.push(span);
                rest = &rest[n_bytes..];
            }
            None => {
                text.push(first);
                rest = &rest[first.len_utf8()..];
            }
        }
    }
    if !text.is_empty() {
        spans.push(Span::Text(text));
    }
    spans
}

/// The part that `rest` begins with, and its length; `before`: the character of the text right before it.
fn span(rest: &str, before: Option<char>) -> Option<(Span, usize)> {
    let is_word_start = before.is_none_or(|c| !c.is_alphanumeric() && c != '_');
    if let Some(inside) = between(rest, "`") {
        return Some((Span::Code(inside.to_owned()), inside.len() + 2));
    }
    if let Some(inside) = between(rest, "**") {
        return Some((Span::Strong(spans(inside)), inside.len() + 4));
    }
    if let Some(inside) = between(rest, "~~") {
        return Some((Span::Struck(spans(inside)), inside.len() + 4));
    }
    if let Some(inside) = between(rest, "*").or_else(|| between(rest, "_").filter(|_| is_word_start)) {
        return Some((Span::Emphasis(spans(inside)), inside.len() + 2));
    }
    if let Some((text, address)) = rest.strip_prefix('[').and_then(|rest| rest.split_once("](")) {
        let (address, _) = address.split_once(')')?;
        let is_link = is_address(address) && !text.is_empty() && !text.contains(['[', ']']);
        let link = Span::Link { text: text.to_owned(), address: address.to_owned() };
        return is_link.then_some((link, text.len() + address.len() + 4));
    }
    if is_word_start && is_address(rest) {
        let end = rest.find(|c: char| c.is_whitespace() || "<>\"'`)".contains(c)).unwrap_or(rest.len());
        let address = rest[..end].trim_end_matches(['.', ',', ';', ':', '!', '?']);
        return Some((Span::Link { text: address.to_owned(), address: address.to_owned() }, address.len()));
    }
    let begins_tag = before.is_none_or(|c| c.is_whitespace() || "([,;".contains(c));
    let n_bytes = tag_bytes(rest.strip_prefix('#').filter(|_| begins_tag)?);
    (n_bytes > 0).then(|| (Span::Tag(rest[1..=n_bytes].to_owned()), n_bytes + 1))
}

/// What stands between a mark that `rest` begins with and the same mark again; not empty, and tight at both ends.
fn between<'a>(rest: &'a str, mark: &str) -> Option<&'a str> {
    let inside = rest.strip_prefix(mark)?;
    let inside = &inside[..inside.find(mark)?];
    let is_tight =
        !inside.is_empty() && !inside.starts_with(char::is_whitespace) && !inside.ends_with(char::is_whitespace);
    is_tight.then_some(inside)
}

/// Of the kinds that lead to a page; anything else (`javascript:`) is text.
fn is_address(text: &str) -> bool {
    ["https://", "http://"].iter().any(|kind| text.len() > kind.len() && text.starts_with(kind))
}

pub fn draw(blocks: &[Block]) -> AnyView {
    blocks.iter().map(draw_block).collect_view().into_any()
}

fn draw_block(block: &Block) -> AnyView {
    match block {
        Block::Paragraph(lines) => {
            let line =
                |(at, line): (usize, &Vec<Span>)| view! { {(at > 0).then(|| view! { <br /> })}{draw_spans(line)} };
            view! { <p>{lines.iter().enumerate().map(line).collect_view()}</p> }.into_any()
        }
        Block::List { is_numbered, items } => {
            let item = |item: &Item| view! { <li>{draw_spans(&item.line)}{draw(&item.inside)}</li> };
            let items = items.iter().map(item).collect_view();
            match is_numbered {
                true => view! { <ol>{items}</ol> }.into_any(),
                false => view! { <ul>{items}</ul> }.into_any(),
            }
        }
        Block::Code(text) => view! { <pre>{text.clone()}</pre> }.into_any(),
        Block::Quote(inside) => view! { <blockquote>{draw(inside)}</blockquote> }.into_any(),
        Block::Table { sides, head, rows } => {
            let head = head
                .iter()
                .zip(sides)
                .map(|(cell, side)| view! { <th scope="col" style:text-align=side.name()>{draw_spans(cell)}</th> });
            let head = head.collect_view();
            let row = |row: &Vec<Vec<Span>>| {
                let cells = row
                    .iter()
                    .zip(sides)
                    .map(|(cell, side)| view! { <td style:text-align=side.name()>{draw_spans(cell)}</td> })
                    .collect_view();
                view! { <tr>{cells}</tr> }
            };
            let rows = rows.iter().map(row).collect_view();
            view! { <div class="table-of-note"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div> }.into_any()
        }
        Block::Heading(1, title) => view! { <h2>{draw_spans(title)}</h2> }.into_any(),
        Block::Heading(2, title) => view! { <h3>{draw_spans(title)}</h3> }.into_any(),
        Block::Heading(_, title) => view! { <h4>{draw_spans(title)}</h4> }.into_any(),
    }
}

fn draw_spans(spans: &[Span]) -> AnyView {
    spans.iter().map(draw_span).collect_view().into_any()
}

fn draw_span(span: &Span) -> AnyView {
    match span {
        Span::Text(text) => text.clone().into_any(),
        Span::Code(text) => view! { <code>{text.clone()}</code> }.into_any(),
        Span::Strong(inside) => view! { <strong>{draw_spans(inside)}</strong> }.into_any(),
        Span::Emphasis(inside) => view! { <em>{draw_spans(inside)}</em> }.into_any(),
        Span::Struck(inside) => view! { <s>{draw_spans(inside)}</s> }.into_any(),
        Span::Link { text, address } => {
            view! { <a href=address.clone() target="_blank" rel="noopener noreferrer">{text.clone()}</a> }.into_any()
        }
        Span::Tag(tag) => view! { <span class="tag">{format!("#{tag}")}</span> }.into_any(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(note: &str) -> String {
        parse(note).iter().map(block_shown).collect()
    }

    fn block_shown(block: &Block) -> String {
        match block {
            Block::Paragraph(lines) => {
                format!("<p>{}</p>", lines.iter().map(|line| spans_shown(line)).collect::<Vec<_>>().join("<br>"))
            }
            Block::List { is_numbered, items } => {
                let name = if *is_numbered { "ol" } else { "ul" };
                let inside = |item: &Item| item.inside.iter().map(block_shown).collect::<String>();
                let items = items.iter().map(|item| format!("<li>{}{}</li>", spans_shown(&item.line), inside(item)));
                format!("<{name}>{}</{name}>", items.collect::<String>())
            }
            Block::Code(text) => format!("<pre>{text}</pre>"),
            Block::Quote(inside) => format!("<q>{}</q>", inside.iter().map(block_shown).collect::<String>()),
            Block::Table { sides, head, rows } => {
                let cell = |(cell, side): (&Vec<Span>, &Side)| match side {
                    Side::Start => spans_shown(cell),
                    side => format!("{}:{}", side.name(), spans_shown(cell)),
                };
                let row = |row: &Vec<Vec<Span>>| row.iter().zip(sides).map(cell).collect::<Vec<_>>().join("|");
                let rows = rows.iter().map(|cells| format!("<tr>{}", row(cells)));
                format!("<table>{}{}</table>", row(head), rows.collect::<String>())
            }
            Block::Heading(level, title) => format!("<h{level}>{}</h{level}>", spans_shown(title)),
        }
    }

    fn spans_shown(spans: &[Span]) -> String {
        let span = |span: &Span| match span {
            Span::Text(text) => text.clone(),
            Span::Code(text) => format!("<code>{text}</code>"),
            Span::Strong(inside) => format!("<b>{}</b>", spans_shown(inside)),
            Span::Emphasis(inside) => format!("<i>{}</i>", spans_shown(inside)),
            Span::Struck(inside) => format!("<s>{}</s>", spans_shown(inside)),
            Span::Link { text, address } => format!("<a {address}>{text}</a>"),
            Span::Tag(tag) => format!("<tag>{tag}</tag>"),
        };
        spans.iter().map(span).collect()
    }

    #[test]
    fn notes_have_paragraphs_lists_and_code() {
        let note = "First\nline\n\n- one\n- two\n1. uno\n\n```\n- as is\n*so*\n```\nLast";
        let drawn = "<p>First<br>line</p><ul><li>one</li><li>two</li></ul><ol><li>uno</li></ol><pre>- as is\n*so*</pre><p>Last</p>";
        assert_eq!(shown(note), drawn);
    }

    #[test]
    fn what_stands_below_an_item_as_far_in_as_its_text_is_in_it() {
        assert_eq!(
            shown("1. first\n2. second\n   - a\n   - b\n     more\n3. third"),
            "<ol><li>first</li><li>second<ul><li>a</li><li>b<p>more</p></li></ul></li><li>third</li></ol>"
        );
        assert_eq!(
            shown("- a\n\t- b\n\n\t  c\n- d\n\ne"),
            "<ul><li>a<ul><li>b<p>c</p></li></ul></li><li>d</li></ul><p>e</p>"
        );
        // Not far enough.
        assert_eq!(shown("1. a\n  - b"), "<ol><li>a</li></ol><ul><li>b</li></ul>");
        let deep: String = (0..1000).map(|n| format!("{}- x\n", "  ".repeat(n))).collect();
        assert_eq!(shown(&deep).matches("<li>").count(), 1000);
    }

    #[test]
    fn a_table_has_a_rule_below_its_head() {
        let note = "| service | `p95` |\n|---|---:|\n| cart | **1.2 s** |\n| a \\| b |\n| 1 | 2 | 3 |\nlast";
        let drawn =
            "<table>service|end:<code>p95</code><tr>cart|end:<b>1.2 s</b><tr>a | b|end:<tr>1|end:2</table><p>last</p>";
        assert_eq!(shown(note), drawn);
        assert_eq!(shown("a | b\n- | -"), "<table>a|b</table>");
        assert_eq!(shown("a | b | c\n:-: | :- | --:"), "<table>center:a|b|end:c</table>");
        // No rule, one of another number of cells, or a list.
        for text in ["a | b", "a | b\n---", "a | b\n|---|"] {
            assert!(!shown(text).contains("<table>"), "{text}");
        }
        assert_eq!(first_line("| who | when |\n|-|-|\n| a | b |").as_deref(), Some("who | when"));
    }

    #[test]
    fn a_quote_has_its_mark_on_each_line_and_anything_in_it() {
        assert_eq!(
            shown("They said:\n> the ~~cache~~ *db*\n> - is slow\n>> really\nWe looked."),
            "<p>They said:</p><q><p>the <s>cache</s> <i>db</i></p><ul><li>is slow</li></ul><q><p>really</p></q></q><p>We looked.</p>"
        );
        assert_eq!(first_line("> **why** not\n> more").as_deref(), Some("why not"));
        assert_eq!(shown("a > b\n5 ~~ 3"), "<p>a > b<br>5 ~~ 3</p>");
        assert!(shown(&">".repeat(100_000)).starts_with("<q><q>"));
    }

    #[test]
    fn a_heading_begins_with_its_marks_and_a_space() {
        assert_eq!(
            shown("# What *happened*\nFirst\n### then"),
            "<h1>What <i>happened</i></h1><p>First</p><h3>then</h3>"
        );
        assert_eq!(shown("#tag #### no\n# "), "<p><tag>tag</tag> #### no<br># </p>");
    }

    #[test]
    fn within_a_line_there_is_code_strong_emphasis_links_and_tags() {
        assert_eq!(
            shown("**the _db_** is `a*b*c` *slow* #cause see [run book](https://wiki/x_y_z), https://a.b/c."),
            "<p><b>the <i>db</i></b> is <code>a*b*c</code> <i>slow</i> <tag>cause</tag> see \
             <a https://wiki/x_y_z>run book</a>, <a https://a.b/c>https://a.b/c</a>.</p>"
        );
    }

    #[test]
    fn a_list_of_notes_shows_their_first_lines_as_text() {
        assert_eq!(first_line("\nThe **pool** is `empty` #db\nmore").as_deref(), Some("The pool is empty #db"));
        assert_eq!(first_line(" \n"), None);
    }

    #[test]
    fn what_is_no_markdown_stays_as_it_is() {
        for text in
            ["5 * 3 * 2", "snake_case_name", "**", "a # b", "[x](javascript:alert(1))", "<b>&amp;</b>", "http://"]
        {
            assert_eq!(shown(text), format!("<p>{text}</p>"));
        }
    }

    #[test]
    fn any_text_is_a_note() {
        for text in
            ["```", "`", "*a", "[a](", "#", "- ", "1. ", "é**ü**#ß", "[](https://x)", "_", "\u{1F600}*\u{1F600}*"]
        {
            parse(text);
        }
    }
}
