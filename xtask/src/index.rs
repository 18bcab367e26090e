//! Reads `index.html`: plain HTML with Trunk's `<link data-trunk …>` marks, one to a line, that say what the page is made of.

use anyhow::{Context, bail};

#[derive(Debug, PartialEq, Eq)]
pub enum Piece {
    /// Goes into the page as it stands, line end included.
    Html(String),
    /// The page's own wasm module.
    App,
    /// The data thread's wasm module: built, but started by script.
    Worker,
    /// A style sheet, by path in the repository.
    Style(String),
    /// A file or folder that is copied beside the page, by path in the repository.
    Copy(String),
}

pub fn read(html: &str) -> anyhow::Result<Vec<Piece>> {
    html.split_inclusive('\n').map(read_line).collect()
}

fn read_line(line: &str) -> anyhow::Result<Piece> {
    let tag = line.trim();
    if !tag.starts_with("<link data-trunk ") {
        return Ok(Piece::Html(line.to_owned()));
    }
    let href = || attribute(tag, "href").with_context(|| format!("no href in {tag}")).map(str::to_owned);
    match attribute(tag, "rel") {
        Some("rust") if attribute(tag, "data-type") == Some("worker") => Ok(Piece::Worker),
        Some("rust") => Ok(Piece::App),
        Some("css") => Ok(Piece::Style(href()?)),
        Some("copy-file" | "copy-dir") => Ok(Piece::Copy(href()?)),
        _ => bail!("index.html: no rule for {tag}"),
    }
}

fn attribute<'t>(tag: &'t str, name: &str) -> Option<&'t str> {
    let (_, after) = tag.split_once(&format!(" {name}=\""))?;
    after.split_once('"').map(|(value, _)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_told_from_plain_html() {
        let html = r#"<head>
  <link data-trunk rel="rust" href="app/Cargo.toml" />
  <link data-trunk rel="rust" href="worker/Cargo.toml" data-type="worker" />
  <link data-trunk rel="css" href="static/style.css" />
  <link data-trunk rel="copy-dir" href="static/icons" />
"#;
        assert_eq!(
            read(html).unwrap(),
            [
                Piece::Html("<head>\n".into()),
                Piece::App,
                Piece::Worker,
                Piece::Style("static/style.css".into()),
                Piece::Copy("static/icons".into()),
            ]
        );
    }

    #[test]
    fn an_unknown_mark_is_an_error_not_a_hole_in_the_page() {
        let error = read(r#"<link data-trunk rel="sass" href="a.scss" />"#).unwrap_err().to_string();
        assert!(error.contains("sass"), "{error}");
    }
}
