//! What a visitor downloads, after brotli.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use crate::dist::files;

/// Prints one JSON object: brotli bytes by file, of the first paint (page, styles, `boot.js`, app), of the page with all its
/// late parts, and of everything.
pub fn print(folder: &Path) -> anyhow::Result<()> {
    let mut by_file = serde_json::Map::new();
    let (mut first_paint, mut page, mut all) = (0, 0, 0);
    for path in files(folder)? {
        let n_bytes = brotli_bytes(&fs::read(folder.join(&path))?)?;
        all += n_bytes;
        if is_first_paint(&path) {
            first_paint += n_bytes;
        }
        if is_first_paint(&path) || path.starts_with("late-") {
            page += n_bytes;
        }
        by_file.insert(path, n_bytes.into());
    }
    let sizes = serde_json::json!({
        "first_paint_brotli": first_paint, "page_brotli": page, "all_brotli": all, "files_brotli": by_file,
    });
    println!("{sizes:#}");
    Ok(())
}

fn is_first_paint(path: &str) -> bool {
    let starts = ["index.html", "boot.js", "style-", "app-"];
    starts.iter().any(|start| path.starts_with(start))
}

fn brotli_bytes(bytes: &[u8]) -> anyhow::Result<usize> {
    /// The strongest setting, which static hosts use for files they compress once.
    const QUALITY: u32 = 11;
    const WINDOW_BITS: u32 = 22;
    let mut writer = brotli::CompressorWriter::new(Vec::new(), 1 << 16, QUALITY, WINDOW_BITS);
    writer.write_all(bytes)?;
    Ok(writer.into_inner().len())
}
