//! Lays out the folder `dist/`: plain files with relative addresses, for any static host, under a sub-path too.
//!
//! Modules and styles carry their digest in their name. What has a fixed name (`index.html`, `boot.js`,
//! `worker_loader.js`, `service-worker.js`, the manifest) is fetched anew by the service worker when any of it changes.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use sha2::{Digest, Sha256};

use crate::args::Args;
use crate::build::{self, Built, Kind, Module, short_hex};
use crate::index::{self, Piece};
use crate::split::SCRIPT;
use crate::tools::{self, Install};
use crate::{headers, root, sizes};

/// `cargo xtask dist [--dev] [--no-install]`
pub fn run(mut args: Args) -> anyhow::Result<()> {
    let (kind, install) = build_options(&mut args);
    args.finish()?;
    let folder = make(kind, install)?;
    println!("{}", folder.display());
    if kind == Kind::Release {
        sizes::print(&folder)?;
    }
    Ok(())
}

/// The options of every verb that builds.
pub fn build_options(args: &mut Args) -> (Kind, Install) {
    let kind = if args.flag("--dev") { Kind::Development } else { Kind::Release };
    (kind, tools::install_option(args))
}

/// Builds and lays out; answers the folder.
pub fn make(kind: Kind, install: Install) -> anyhow::Result<PathBuf> {
    let clang = tools::for_build(install)?;
    let built = build::build(kind, &clang)?;
    let folder = root().join("dist");
    lay_out(&built, kind, &folder)?;
    Ok(folder)
}

fn lay_out(built: &Built, kind: Kind, folder: &Path) -> anyhow::Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    fs::create_dir_all(folder)?;

    let app = write_module(folder, &built.app)?;
    let worker = write_module(folder, &built.worker)?;
    let loader = fs::read_to_string(root().join("static/worker_loader.js"))?;
    let loader = replace_once(&loader, "./worker.js", &format!("./{}", worker.js))?;
    let loader = replace_once(&loader, "./worker_bg.wasm", &format!("./{}", worker.wasm))?;
    fs::write(folder.join("worker_loader.js"), loader)?;

    let html = fs::read_to_string(root().join("index.html"))?;
    let mut page = String::new();
    for piece in index::read(&html)? {
        match piece {
            Piece::Html(line) => {
                page.push_str(&line);
                if line.contains("<meta charset") {
                    let policy = headers::META_POLICY;
                    page.push_str(&format!("    <meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">\n"));
                }
            }
            Piece::App => page.push_str(&app_links(&app, kind)),
            Piece::Worker => {}
            Piece::Style(path) => {
                let name = write_hashed(folder, "style", "css", &fs::read(root().join(path))?)?;
                page.push_str(&format!("    <link rel=\"stylesheet\" href=\"./{name}\">\n"));
            }
            Piece::Copy(path) => {
                let from = root().join(&path);
                let name = from.file_name().with_context(|| format!("index.html: \"{path}\" names no file"))?;
                copy(&from, &folder.join(name))?;
            }
        }
    }
    fs::write(folder.join("index.html"), page)?;
    if kind == Kind::Release {
        let service_worker = fs::read_to_string(root().join("static/service-worker.js"))?;
        fs::write(folder.join("service-worker.js"), service_worker_for(&service_worker, folder)?)?;
    }
    Ok(())
}

struct Names {
    js: String,
    wasm: String,
    /// The script that fetches late parts.
    parts: Option<String>,
}

fn write_module(folder: &Path, module: &Module) -> anyhow::Result<Names> {
    for (path, bytes) in &module.snippets {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap_or(folder))?;
        fs::write(path, bytes)?;
    }
    let wasm = write_hashed(folder, module.name, "wasm", &module.wasm)?;
    let Some(late) = &module.late else {
        let js = write_hashed(folder, module.name, "js", module.js.as_bytes())?;
        return Ok(Names { js, wasm, parts: None });
    };
    // Two scripts that import each other cannot both be named after what is in them: one digest names both.
    let digest = short_hex(&Sha256::digest(format!("{wasm}{}{}", module.js, late.script)));
    let (js, parts) = (format!("{}-{digest}.js", module.name), format!("{}-parts-{digest}.js", module.name));
    let mut script = replace_once(&late.script, &format!("\"./{}.js\"", module.name), &format!("\"./{js}\""))?;
    for (name, wasm) in &late.parts {
        let stem = format!("late-{}", name.trim_start_matches("split_").trim_end_matches(".wasm"));
        let hashed = write_hashed(folder, &stem, "wasm", wasm)?;
        script = replace_once(&script, &format!("\"./{name}\""), &format!("\"./{hashed}\""))?;
    }
    fs::write(folder.join(&parts), script)?;
    // The bindings import the script once for each part, and hand it to the module under its old name.
    let imports = module.js.replace(&format!("from \"./{SCRIPT}\""), &format!("from \"./{parts}\""));
    ensure!(imports != module.js, "the bindings were to import {SCRIPT}");
    fs::write(folder.join(&js), imports)?;
    Ok(Names { js, wasm, parts: Some(parts) })
}

fn write_hashed(folder: &Path, stem: &str, end: &str, bytes: &[u8]) -> anyhow::Result<String> {
    let name = format!("{stem}-{}.{end}", short_hex(&Sha256::digest(bytes)));
    fs::write(folder.join(&name), bytes)?;
    Ok(name)
}

/// What `boot.js` starts the page from: the same links that Trunk writes, and the script of the late parts.
fn app_links(app: &Names, kind: Kind) -> String {
    let service_worker = match kind {
        Kind::Development => "",
        Kind::Release => " data-service-worker=\"./service-worker.js\"",
    };
    let Names { js, wasm, parts } = app;
    let parts = parts.as_ref().map(|parts| format!("    <link rel=\"modulepreload\" href=\"./{parts}\">\n"));
    [
        format!("    <link rel=\"modulepreload\" href=\"./{js}\">\n"),
        parts.unwrap_or_default(),
        format!("    <link rel=\"preload\" href=\"./{wasm}\" as=\"fetch\" type=\"application/wasm\" crossorigin>\n"),
        format!("    <script type=\"module\" src=\"./boot.js\"{service_worker}></script>\n"),
    ]
    .concat()
}

fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    if !from.is_dir() {
        fs::copy(from, to).with_context(|| format!("could not copy {}", from.display()))?;
        return Ok(());
    }
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        copy(&entry.path(), &to.join(entry.file_name()))?;
    }
    Ok(())
}

/// Writes into the service worker what it keeps: every file of `folder` with its digest, and the headers it adds.
fn service_worker_for(text: &str, folder: &Path) -> anyhow::Result<String> {
    let shell: Vec<(String, String)> = files(folder)?
        .into_iter()
        .map(|path| {
            let digest = Sha256::digest(fs::read(folder.join(&path))?);
            // The page is kept under the address that people open; some hosts redirect "index.html" to it.
            let address = if path == "index.html" { "./".to_owned() } else { format!("./{path}") };
            Ok((address, format!("sha256-{}", base64(&digest))))
        })
        .collect::<anyhow::Result<_>>()?;
    let shell = serde_json::to_string(&shell)?;
    let headers = serde_json::to_string(&headers::COMMON)?;
    // The version covers the worker's own text too: a change of its habits alone is an update as well.
    let version = short_hex(&Sha256::digest(format!("{text}{shell}{headers}")));

    let text = replace_once(text, "const VERSION = 'development';", &format!("const VERSION = '{version}';"))?;
    let text = replace_once(&text, "const SHELL = [];", &format!("const SHELL = {shell};"))?;
    replace_once(&text, "const HEADERS = [];", &format!("const HEADERS = {headers};"))
}

/// Paths of all files below `folder`, relative to it, sorted.
pub fn files(folder: &Path) -> anyhow::Result<Vec<String>> {
    let mut paths = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(inside) = folders.pop() {
        for entry in fs::read_dir(&inside)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                paths.push(path.strip_prefix(folder)?.to_string_lossy().into_owned());
            }
        }
    }
    paths.sort();
    Ok(paths)
}

fn replace_once(text: &str, from: &str, to: &str) -> anyhow::Result<String> {
    let n_found = text.matches(from).count();
    ensure!(n_found == 1, "`{from}` was to be found once in a script, not {n_found} times");
    Ok(text.replace(from, to))
}

/// Standard base64 with padding (RFC 4648), as subresource integrity wants it.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let bits = three.iter().fold(0_u32, |bits, &byte| bits << 8 | u32::from(byte)) << (8 * (3 - three.len()));
        for digit in 0..4 {
            match digit <= three.len() {
                true => text.push(char::from(DIGITS[(bits >> (18 - 6 * digit) & 63) as usize])),
                false => text.push('='),
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_agrees_with_the_examples_of_rfc_4648() {
        for (plain, coded) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")] {
            assert_eq!(base64(plain.as_bytes()), coded);
        }
    }

    #[test]
    fn a_script_that_lost_its_mark_stops_the_build() {
        assert!(replace_once("const SHELL = [1];", "const SHELL = [];", "").is_err());
        assert_eq!(replace_once("a b", "b", "c").unwrap(), "a c");
    }
}
