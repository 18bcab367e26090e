//! Compiles the page and the data thread to WebAssembly, with the JavaScript that binds them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context;
use sha2::{Digest, Sha256};
use wasm_bindgen_cli_support::Bindgen;

use crate::split::{self, Split};
use crate::tools::Clang;
use crate::{command, root};

/// Fast to build, or what users get.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Development,
    Release,
}

/// One wasm module and its bindings, as file contents.
pub struct Module {
    /// "app" or "worker".
    pub name: &'static str,
    pub js: String,
    pub wasm: Vec<u8>,
    /// Further scripts that `js` imports, by path relative to it.
    pub snippets: Vec<(String, Vec<u8>)>,
    /// What is fetched when first needed.
    pub late: Option<Late>,
}

/// The late parts of a module, and the script that fetches them.
pub struct Late {
    pub script: String,
    pub parts: Vec<(String, Vec<u8>)>,
}

pub struct Built {
    pub app: Module,
    pub worker: Module,
}

pub fn build(kind: Kind, clang: &Clang) -> anyhow::Result<Built> {
    let build_id = build_id(kind)?;
    // The page is built for size, the data thread for speed.
    let (page, data) = match kind {
        Kind::Development => ("dev", "dev"),
        Kind::Release => ("page", "release"),
    };
    let split: &[&str] = match kind {
        Kind::Development => &[],
        // Parts are told apart by the relocations that the linker leaves in.
        Kind::Release => &["--features", "split", "--", "-Clink-args=--emit-relocs"],
    };
    // Of two profiles neither waits for the other, and each ends with minutes on one core.
    std::thread::scope(|scope| {
        let worker = scope.spawn(|| compile("worker", data, &build_id, clang, &[]));
        compile("app", page, &build_id, clang, split)?;
        worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })?;
    Ok(Built { app: bind("app", page, kind)?, worker: bind("worker", data, kind)? })
}

/// Names the sources that page and data thread are built from, so that each can tell whether the other is of its kind.
///
/// Development builds share one name: it would cost a rebuild of both whenever one changes.
fn build_id(kind: Kind) -> anyhow::Result<String> {
    if kind == Kind::Development {
        return Ok("dev".to_owned());
    }
    let mut digest = Sha256::new();
    let mut folders: Vec<PathBuf> = ["model", "analysis", "worker", "app"].map(|name| root().join(name)).into();
    let mut files = vec![root().join("Cargo.lock"), root().join("Cargo.toml")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files.sort();
    for file in files {
        digest.update(file.strip_prefix(root())?.to_string_lossy().as_bytes());
        digest.update(fs::read(&file)?);
    }
    Ok(short_hex(&digest.finalize()))
}

/// Enough of a digest to tell builds apart in a file name.
pub fn short_hex(digest: &[u8]) -> String {
    digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

fn compile(package: &str, profile: &str, build_id: &str, clang: &Clang, more: &[&str]) -> anyhow::Result<()> {
    let mut cargo = Command::new("cargo");
    cargo.current_dir(root()).env("DENDRO_BUILD", build_id);
    cargo.args(["rustc", "--package", package, "--profile", profile]);
    cargo.args(["--target", "wasm32-unknown-unknown"]).args(more);
    command::run(with_clang(&mut cargo, clang))
}

/// Lets cargo compile SQLite for wasm.
pub fn with_clang<'c>(cargo: &'c mut Command, clang: &Clang) -> &'c mut Command {
    cargo
        .env("CC_wasm32_unknown_unknown", &clang.compiler)
        .env("AR_wasm32_unknown_unknown", &clang.archiver)
        .env("CFLAGS_wasm32_unknown_unknown", "-mbulk-memory -msimd128")
}

fn bind(name: &'static str, profile: &str, kind: Kind) -> anyhow::Result<Module> {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from);
    let folder = match profile {
        "dev" => "debug",
        other => other,
    };
    let wasm = target.join("wasm32-unknown-unknown").join(folder).join(format!("{name}.wasm"));
    let out = target.join("bound").join(profile).join(name);
    if out.exists() {
        fs::remove_dir_all(&out)?;
    }
    let split = match (name, kind) {
        ("app", Kind::Release) => {
            fs::create_dir_all(&out)?;
            Some(split::split(&wasm, "app.js", &out)?)
        }
        _ => None,
    };
    Bindgen::new()
        .input_path(split.as_ref().map_or(&wasm, |split| &split.main))
        // Late parts ask the main module for what it has under the linker's names.
        .keep_lld_exports(split.is_some())
        .out_name(name)
        .web(true)?
        .typescript(false)
        .keep_debug(kind == Kind::Development)
        .remove_name_section(kind == Kind::Release)
        .remove_producers_section(true)
        .omit_default_module_path(true)
        .generate(&out)
        .with_context(|| format!("the JavaScript bindings of {} could not be made", wasm.display()))?;
    let mut snippets = Vec::new();
    read_snippets(&out, &out.join("snippets"), &mut snippets)?;
    Ok(Module {
        name,
        js: fs::read_to_string(out.join(format!("{name}.js")))?,
        wasm: fs::read(out.join(format!("{name}_bg.wasm")))?,
        snippets,
        late: split.map(|Split { script, parts, .. }| Late { script, parts }),
    })
}

fn read_snippets(base: &Path, folder: &Path, snippets: &mut Vec<(String, Vec<u8>)>) -> anyhow::Result<()> {
    if !folder.exists() {
        return Ok(());
    }
    let mut paths: Vec<PathBuf> =
        fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<anyhow::Result<_>>()?;
    paths.sort();
    for path in paths {
        if path.is_dir() {
            read_snippets(base, &path, snippets)?;
        } else {
            let name = path.strip_prefix(base)?.to_string_lossy().into_owned();
            snippets.push((name, fs::read(&path)?));
        }
    }
    Ok(())
}
