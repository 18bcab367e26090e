//! The notebook as a report: Markdown, or one HTML page that needs nothing else.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use model::entry::Entry;
use model::kept::{Mark, MarkId, SavedView};
use model::lanes::{Drawn, Lane, Lanes};
use model::notebook::{Notebook, Page};
use model::scope::Scope;
use model::table::{Picture, Table};
use model::time::{Precision, Zone, format_wall};
use model::written::{longest_run, markdown_code, markdown_text};

use super::markup::{blocks_as_html, escaped};
use super::section::{MOST_ROWS, asked_of, is_statement};
use super::shown::{Picture as Drawing, Shown, as_address};
use super::{Found, Marked};
use crate::map;
use crate::results::{Still, export, shown, still_bars};
use crate::saved::markdown;
use crate::wording;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    Markdown,
    Html,
}

/// Longer entries are cut: a report is read, not searched.
const MOST_RAW_BYTES: usize = 4 << 10;
/// Characters of a course in Markdown.
const MOST_SPARKS: usize = 60;

pub struct Report<'a> {
    /// In this order.
    pub arranged: &'a [Page],
    /// With the texts among them.
    pub pages: &'a Notebook,
    pub views: &'a [SavedView],
    pub marked: &'a [Marked],
    /// By the views' names.
    pub found: &'a BTreeMap<String, Found>,
    pub zone: &'a Zone,
    /// The address of Dendro, without its hash: what views are links to.
    pub page: &'a str,
    /// Of some files only an excerpt is here.
    pub is_of_excerpts: bool,
}

const OF_EXCERPTS: &str = "Of some files only an excerpt is here: all numbers are of that.";

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
        // What is kept of a view beside its scope is nobody else's.
        format!("{}#{}", self.page, Scope::from_hash(&view.address).to_hash().trim_start_matches('#'))
    }

    /// What is asked for, as it is written, and when and of how many entries it was.
    fn facts(&self, view: &SavedView) -> (Option<String>, String) {
        let scope = Scope::from_hash(&view.address);
        let range =
            scope.filter.range.map(|range| format!("{} {}", wording::logged_span(range, self.zone), self.zone.name));
        let time = range.unwrap_or_else(|| "all of the time".to_owned());
        let facts = match self.found.get(&view.name) {
            // Which entries a statement looked at nobody knows.
            Some(Ok(shown)) if !is_statement(&scope) => {
                let n_entries = shown.n_entries();
                let entries = if n_entries == 1 { "entry" } else { "entries" };
                format!("{time} · {} {entries}", wording::count(n_entries))
            }
            _ => time,
        };
        (asked_of(&scope), facts)
    }

    /// The table that is shown of a view: its first rows, where it is not a chart, and how many follow, in words.
    fn rows(&self, view: &SavedView, table: &Table) -> Option<(Table, String)> {
        let rows = table.rows.iter().take(MOST_ROWS).cloned().collect();
        let first = Table { rows, ..table.clone() };
        let is_cut = !table.complete && is_statement(&Scope::from_hash(&view.address));
        let more = match table.n_rows.saturating_sub(MOST_ROWS as u64) {
            0 => String::new(),
            n_more if is_cut => format!("more than {} rows more", wording::count(n_more)),
            n_more => format!("{} rows more", wording::count(n_more)),
        };
        (table.picture != Picture::Lines).then_some((first, more))
    }

    fn view(&self, name: &str) -> Option<&SavedView> {
        self.views.iter().find(|view| view.name == name)
    }

    fn mark(&self, id: MarkId) -> Option<&Marked> {
        self.marked.iter().find(|(mark, _)| mark.id == id)
    }

    pub fn as_markdown(&self) -> String {
        let mut out = "# Notebook\n".to_owned();
        if self.is_of_excerpts {
            out += &format!("\n{OF_EXCERPTS}\n");
        }
        for page in self.arranged {
            out += &match page {
                Page::View(name) => self.view(name).map(|view| self.view_as_markdown(view)),
                Page::Mark(id) => self.mark(*id).map(|marked| self.mark_as_markdown(marked)),
                Page::Text(id) => self.pages.text(*id).map(|text| format!("\n{text}\n")),
            }
            .unwrap_or_default();
        }
        out
    }

    fn view_as_markdown(&self, view: &SavedView) -> String {
        let mut out = format!("\n## {}\n\n", markdown_text(&view.name));
        if !view.note.is_empty() {
            out += &format!("{}\n\n", view.note);
        }
        let (asked, facts) = self.facts(view);
        let asked = asked.map(|asked| format!("{} · ", markdown_code(&asked))).unwrap_or_default();
        out += &format!("{asked}{facts} · [open it]({})\n", self.link(view));
        match self.found.get(&view.name) {
            Some(Ok(Shown::Table(table))) => {
                if let Some(still) = Still::of(table, self.zone).filter(|_| table.picture == Picture::Lines) {
                    out += &format!("\n{} {}\n\n", wording::logged_span(still.range, self.zone), self.zone.name);
                    for series in &still.series {
                        out += &format!("- `{}` {}\n", sparks(&series.amounts), markdown_code(&series.name));
                    }
                }
                if let Some((first, more)) = self.rows(view, table) {
                    out += &format!(
                        "\n{}",
                        export::markdown(&first, 0..first.rows.len(), |place, cell| shown(
                            &first.columns[place],
                            cell,
                            self.zone
                        ))
                    );
                    if !more.is_empty() {
                        out += &format!("\n({more})\n");
                    }
                }
            }
            Some(Ok(Shown::Bars(histogram))) if !histogram.buckets.is_empty() => {
                let amounts = |bucket: &[u32]| bucket.iter().map(|&n| f64::from(n)).sum();
                let amounts: Vec<f64> = histogram.buckets.iter().map(|bucket| amounts(bucket)).collect();
                out += &format!("\n- `{}` entries over time\n", sparks(&amounts));
            }
            Some(Ok(Shown::Lanes(lanes))) => out += &lanes_as_markdown(lanes),
            Some(Ok(Shown::Map(topology))) => out += &format!("\n```mermaid\n{}```\n", map::mermaid(topology)),
            Some(Err(sentence)) => out += &format!("\n{}\n", markdown_text(sentence)),
            Some(Ok(Shown::Bars(_))) | None => {}
        }
        out
    }

    fn mark_as_markdown(&self, (mark, entry): &Marked) -> String {
        let mut out = format!("\n## {}\n\n", markdown_text(&self.heading(mark)));
        if !mark.note.is_empty() {
            out += &format!("{}\n\n", mark.note);
        }
        let text = text_of(mark, entry.as_deref());
        // A fence longer than any in the text ends where it is to end.
        let fence = "`".repeat(longest_run(&text, '`').max(2) + 1);
        out + &format!("{fence}\n{text}\n{fence}\n\n{}{}\n", markdown_code(&mark.place()), away(entry.is_some()))
    }

    pub fn as_html(&self) -> String {
        let mut body = if self.is_of_excerpts { format!("<p>{OF_EXCERPTS}</p>\n") } else { String::new() };
        for page in self.arranged {
            body += &match page {
                Page::View(name) => self.view(name).map(|view| self.view_as_html(view)),
                Page::Mark(id) => self.mark(*id).map(|marked| self.mark_as_html(marked)),
                Page::Text(id) => self
                    .pages
                    .text(*id)
                    .map(|text| format!("<section>{}</section>\n", blocks_as_html(&markdown::parse(text)))),
            }
            .unwrap_or_default();
        }
        format!(
            "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
             <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; style-src 'unsafe-inline'\">\
             <title>Notebook</title><style>{STYLE}</style></head><body><main><h1>Notebook</h1>\n{body}</main></body></html>\n"
        )
    }

    fn view_as_html(&self, view: &SavedView) -> String {
        let (asked, facts) = self.facts(view);
        let asked = asked.map(|asked| format!("<code>{}</code> · ", escaped(&asked))).unwrap_or_default();
        let shown = match self.found.get(&view.name) {
            Some(Ok(Shown::Table(table))) => match self.rows(view, table) {
                Some((first, more)) if table.picture == Picture::Bars => self.bars_as_html(&first, &more),
                Some((first, more)) => self.table_as_html(&first, &more),
                None => Still::of(table, self.zone).map(|still| self.chart_as_html(&still)).unwrap_or_default(),
            },
            Some(Ok(shown)) => {
                let picture = shown.picture(&Scope::from_hash(&view.address), self.zone);
                picture.map(|picture| picture_as_html(&picture)).unwrap_or_default()
            }
            Some(Err(sentence)) => format!("<p>{}</p>", escaped(sentence)),
            None => String::new(),
        };
        format!(
            "<section><h2>{}</h2>{}{shown}<p class=\"place\">{asked}{} · <a href=\"{}\">open it</a></p></section>\n",
            escaped(&view.name),
            blocks_as_html(&markdown::parse(&view.note)),
            escaped(&facts),
            escaped(&self.link(view)),
        )
    }

    fn chart_as_html(&self, still: &Still) -> String {
        let shape = if still.is_stacked { "area" } else { "line" };
        let (mut paths, mut legend) = (String::new(), String::new());
        for series in &still.series {
            let class = escaped(&series.class);
            // Writing to a string does not fail.
            let _ = write!(paths, "<path class=\"{class} {shape}\" d=\"{}\"/>", series.path);
            let _ = write!(legend, "<li class=\"{class}\"><span></span>{}</li>", escaped(&series.name));
        }
        let (top, range) = (escaped(&still.top), escaped(&wording::logged_span(still.range, self.zone)));
        format!(
            "<figure><p class=\"top\">{top}</p><svg viewBox=\"0 0 1000 1000\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"over time\">\
             {paths}</svg><figcaption><span>{range} {}</span><ul>{legend}</ul></figcaption></figure>",
            escaped(&self.zone.name)
        )
    }

    fn table_as_html(&self, table: &Table, more: &str) -> String {
        let heads: String = table.columns.iter().map(|column| format!("<th>{}</th>", escaped(&column.name))).collect();
        let mut rows = String::new();
        for row in &table.rows {
            let cells = table.columns.iter().zip(&row.cells);
            let cells: String =
                cells.map(|(column, cell)| format!("<td>{}</td>", escaped(&shown(column, cell, self.zone)))).collect();
            let _ = write!(rows, "<tr>{cells}</tr>");
        }
        let more = rows_more(more);
        format!("<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>{more}")
    }

    /// A row's name, its bar, its number.
    fn bars_as_html(&self, table: &Table, more: &str) -> String {
        let mut rows = String::new();
        for bar in still_bars(table, self.zone) {
            let (class, name, value) = (escaped(&bar.class), escaped(&bar.name), escaped(&bar.value));
            // Writing to a string does not fail.
            let _ = write!(
                rows,
                "<tr><th>{name}</th><td class=\"{class}\"><span style=\"width:{:.1}%\"></span></td><td>{value}</td></tr>",
                bar.share * 100.0
            );
        }
        format!("<figure><table class=\"bars\"><tbody>{rows}</tbody></table>{}</figure>", rows_more(more))
    }

    fn mark_as_html(&self, (mark, entry): &Marked) -> String {
        format!(
            "<section><h2>{}</h2>{}<pre>{}</pre><p class=\"place\"><code>{}</code>{}</p></section>\n",
            escaped(&self.heading(mark)),
            blocks_as_html(&markdown::parse(&mark.note)),
            escaped(&text_of(mark, entry.as_deref())),
            escaped(&mark.place()),
            away(entry.is_some()),
        )
    }
}

fn rows_more(more: &str) -> String {
    if more.is_empty() { String::new() } else { format!("<p class=\"place\">{more}</p>") }
}

/// A course for each lane; of a heat map its medians.
fn lanes_as_markdown(lanes: &Lanes) -> String {
    let total = |bucket: &[u32]| bucket.iter().map(|&n| f64::from(n)).sum::<f64>();
    match &lanes.drawn {
        Drawn::Lanes(drawn) => {
            let line = |lane: &Lane| {
                let amounts: Vec<f64> = lane.buckets.iter().map(|bucket| total(bucket)).collect();
                format!(
                    "- `{}` {} ({})\n",
                    sparks(&amounts),
                    markdown_code(&lane.called()),
                    wording::count(lane.n_entries)
                )
            };
            format!("\n{}", drawn.iter().map(line).collect::<String>())
        }
        Drawn::Heat(heat) => {
            let medians: Vec<f64> = heat.percentiles.iter().map(|found| found.map_or(0.0, |[p50, ..]| p50)).collect();
            format!("\n- `{}` p50 over time\n", sparks(&medians))
        }
    }
}

fn picture_as_html(picture: &Drawing) -> String {
    let (address, title) = (as_address(&picture.svg), escaped(picture.title));
    format!("<figure><img src=\"{address}\" alt=\"{title}\"></figure>")
}

const STYLE: &str = ":root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;margin:2rem}main{max-width:60rem;margin:auto}\
    h2{font-size:1.05rem;margin-top:2.2rem}pre{padding:.7rem;border:1px solid #8886;border-radius:6px;white-space:pre-wrap;\
    overflow-wrap:anywhere;font-size:.88rem}.place{font-size:.85rem;opacity:.75}.tag{border:1px solid #8886;border-radius:1em;padding:0 .5em}\
    table{border-collapse:collapse;font-size:.9rem}th,td{text-align:start;padding:.15rem .8rem .15rem 0;border-bottom:1px solid #8884}\
    blockquote{margin:.5rem 0;padding-inline-start:.8rem;border-inline-start:3px solid #8886}figure{margin:1rem 0}svg{width:100%;height:9rem;border-bottom:1px solid #888;display:block}img{max-width:100%;height:auto;border-radius:6px}.top{font-size:.8rem;opacity:.75;margin:0}\
    figcaption{display:flex;flex-wrap:wrap;gap:.2rem 1rem;font-size:.85rem}ul{margin:.3rem 0}figcaption ul{display:flex;flex-wrap:wrap;gap:.2rem 1rem;list-style:none;padding:0;margin:0}\
    figcaption li span{display:inline-block;width:.7em;height:.7em;margin-inline-end:.3em;background:var(--c)}.area{fill:var(--c)}\
    .bars{width:100%}.bars th{font-weight:400;white-space:nowrap;max-width:24rem;overflow:hidden;text-overflow:ellipsis}.bars td:nth-child(2){width:60%}\
    .bars td:last-child{text-align:end;white-space:nowrap}.bars span{display:block;height:.8em;min-width:1px;border-radius:2px;background:var(--c,#1f6b4a)}.bars .cut span{background:linear-gradient(to right,#8d9290 60%,transparent)}\
    .line{fill:none;stroke:var(--c);stroke-width:2;vector-effect:non-scaling-stroke}\
    .sev-none,.series-7{--c:#8d9290}.sev-trace{--c:#b4bab6}.sev-debug{--c:#8fb0bd}.sev-info{--c:#3b86bf}.sev-warn{--c:#e6a817}\
    .sev-error{--c:#cf4327}.sev-fatal{--c:#7d1d5e}.series-0{--c:#23899b}.series-1{--c:#96703c}.series-2{--c:#3a9650}.series-3{--c:#7a5cc4}.series-4{--c:#4a5fa8}\
    .series-5{--c:#a9668c}.series-6{--c:#7d8a2e}";

/// A course in one line: the highest of it is the highest block.
fn sparks(amounts: &[f64]) -> String {
    const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let top = amounts.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
    let columns = amounts.chunks(amounts.len().div_ceil(MOST_SPARKS).max(1));
    let height = |amounts: &[f64]| amounts.iter().copied().fold(0.0, f64::max) / top * (BLOCKS.len() - 1) as f64;
    columns.map(|amounts| BLOCKS[(height(amounts).ceil() as usize).min(BLOCKS.len() - 1)]).collect()
}

/// An entry as the report has it.
pub fn text_of(mark: &Mark, entry: Option<&Entry>) -> String {
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    use model::kept::Anchor;
    use model::protocol::Histogram;
    use model::quantity::Unit;
    use model::severity::Severity;
    use model::table::{Cell, Column, ColumnRole, Drill, TableRow};
    use model::time::Nanos;

    const NOON: i64 = 1_795_176_000_000_000_000;

    fn marked() -> Marked {
        let anchor =
            Anchor { path: "web/app.log".into(), file_bytes: 0, fingerprint: 0, copy: 0, line: 16, line_hash: 0 };
        let mark = Mark {
            id: MarkId(1),
            anchor,
            note: "the **first** <one> #cause".into(),
            time: Nanos(NOON + 123_000_000),
            precision: Precision::Milli,
            severity: Severity::ERROR,
            service: "![cart](https://a/b.png)".into(),
            text: "it said ```x``` & <b>".into(),
            key: None,
        };
        (mark, None)
    }

    fn table(picture: Picture, columns: Vec<Column>, rows: Vec<Vec<Cell>>) -> Found {
        let rows: Vec<_> = rows.into_iter().map(|cells| TableRow { cells, entries: Drill::Nowhere }).collect();
        let n_rows = rows.len() as u64;
        Ok(Shown::Table(Arc::new(Table { n_rows, n_entries: 30, picture, columns, rows, ..Table::default() })))
    }

    fn column(name: &str, role: ColumnRole) -> Column {
        Column { name: name.to_owned(), role, unit: Unit::Plain }
    }

    /// A view with a table, one with a chart, one with a picture, a text and a bookmark.
    fn with_report(check: impl FnOnce(&Report)) {
        let view = |name: &str, address: &str, note: &str| SavedView {
            name: name.to_owned(),
            address: address.to_owned(),
            note: note.to_owned(),
        };
        let views = [
            view("Slow <ones>", "#q=took%3E1s+%7C+count+by+path", "all of *them*"),
            view("Errors", "#q=level:error+%7C+timeline+1m+by+level", ""),
            view("All <of> it", "#q=cart", ""),
        ];
        let by_path = [column("path", ColumnRole::Key), column("count", ColumnRole::Measure)];
        let over_time = [
            column("time", ColumnRole::Time { width_nanos: 60_000_000_000 }),
            column("level", ColumnRole::Key),
            column("count", ColumnRole::Measure),
        ];
        let rows = (0..12).map(|row| vec![Cell::Text(format!("/a|{row}<i>")), Cell::Count(30 - row)]).collect();
        let minute = |minute: i64, n| {
            vec![Cell::Time(Nanos(NOON + minute * 60_000_000_000)), Cell::Text("error".into()), Cell::Count(n)]
        };
        let found = BTreeMap::from([
            ("Slow <ones>".to_owned(), table(Picture::Bars, by_path.to_vec(), rows)),
            ("Errors".to_owned(), table(Picture::Lines, over_time.to_vec(), vec![minute(0, 10), minute(1, 20)])),
            (
                "All <of> it".to_owned(),
                Ok(Shown::Bars(Arc::new(Histogram {
                    start: Nanos(NOON),
                    width_nanos: 60_000_000_000,
                    buckets: vec![[0, 0, 0, 4, 0, 1, 0], [0, 0, 0, 2, 0, 0, 0]],
                    ..Histogram::default()
                }))),
            ),
        ]);
        let marked = [marked()];
        let by_time = super::super::by_time(&views, &marked);
        let (pages, id) = Notebook::default().with_text_at(&by_time, 1);
        let pages = pages.with_text(id, "## What we <know>\n- it is the *cart*".to_owned());
        check(&Report {
            arranged: &pages.arranged(&by_time),
            pages: &pages,
            views: &views,
            marked: &marked,
            found: &found,
            zone: &Zone::utc(),
            page: "https://d.example/",
            is_of_excerpts: false,
        });
    }

    #[test]
    fn the_notebook_is_a_report_in_markdown() {
        with_report(|report| {
            expect_test::expect![[r#"
                # Notebook

                ## All \<of> it

                `cart` · all of the time · 7 entries · [open it](https://d.example/#q=cart)

                - `█▄` entries over time

                ## What we <know>
                - it is the *cart*

                ## Errors

                `level:error | timeline 1m by level` · all of the time · 30 entries · [open it](https://d.example/#q=level:error+%7C+timeline+1m+by+level)

                2026-11-20 12:00:00 – 12:02:00 UTC

                - `▅█` `error`

                ## Slow \<ones>

                all of *them*

                `took>1s | count by path` · all of the time · 30 entries · [open it](https://d.example/#q=took%3E1s+%7C+count+by+path)

                | path | count |
                | --- | ---: |
                | /a\|0\<i> | 30 |
                | /a\|1\<i> | 29 |
                | /a\|2\<i> | 28 |
                | /a\|3\<i> | 27 |
                | /a\|4\<i> | 26 |
                | /a\|5\<i> | 25 |
                | /a\|6\<i> | 24 |
                | /a\|7\<i> | 23 |
                | /a\|8\<i> | 22 |
                | /a\|9\<i> | 21 |

                (2 rows more)

                ## 2026-11-20 12:00:00.123 UTC · error · \!\[cart](https://a/b.png)

                the **first** <one> #cause

                ````
                it said ```x``` & <b>
                ````

                `web/app.log:17` (its file is not in the workspace)
            "#]].assert_eq(&report.as_markdown());
        });
    }

    #[test]
    fn rows_of_a_statement_are_of_no_number_of_entries_and_may_go_on() {
        let view =
            SavedView { name: "Rows".to_owned(), address: "#view=sql&sql=SELECT+1".to_owned(), ..SavedView::default() };
        let columns = vec![column("1", ColumnRole::Measure)];
        let facts_of = |complete| {
            let rows = vec![TableRow { cells: vec![Cell::Count(1)], entries: Drill::Nowhere }; 12];
            let table = Table { n_rows: 12, columns: columns.clone(), rows, complete, ..Table::default() };
            let found = BTreeMap::from([("Rows".to_owned(), Ok(Shown::Table(Arc::new(table))))]);
            let report = Report {
                arranged: &[Page::View("Rows".to_owned())],
                pages: &Notebook::default(),
                views: std::slice::from_ref(&view),
                marked: &[],
                found: &found,
                zone: &Zone::utc(),
                page: "https://d.example/",
                is_of_excerpts: false,
            };
            report.as_markdown()
        };
        let (all, cut) = (facts_of(true), facts_of(false));
        assert!(all.contains("`SELECT 1` · all of the time · [open it]") && all.contains("\n(2 rows more)"), "{all}");
        assert!(cut.contains("\n(more than 2 rows more)"), "{cut}");
    }

    #[test]
    fn nothing_in_a_log_or_a_note_becomes_a_part_of_the_page() {
        with_report(|report| {
            let html = report.as_html();
            assert!(html.contains("<pre>it said ```x``` &amp; &lt;b&gt;</pre>"), "{html}");
            assert!(
                html.contains("the <strong>first</strong> &lt;one&gt; <span class=\"tag\">#cause</span>"),
                "{html}"
            );
            let bar = "<th>/a|0&lt;i&gt;</th><td class=\"\"><span style=\"width:100.0%\"></span></td><td>30</td>";
            assert!(html.contains(bar) && html.contains("width:96.7%") && html.contains("2 rows more"), "{html}");
            assert!(html.contains("<path class=\"sev-error area\" d=\"M0.00 1000.00"), "{html}");
            assert!(html.contains("<h3>What we &lt;know&gt;</h3><ul><li>it is the <em>cart</em></li></ul>"), "{html}");
            assert!(
                html.contains("<figure><img src=\"data:image/svg+xml,%3Csvg") && html.contains("%3Eall entries 7%3C"),
                "{html}"
            );
            assert!(["<b>", "<one>", "<i>", "<of>", "<know>", "<text"].iter().all(|tag| !html.contains(tag)), "{html}");
        });
    }
}
