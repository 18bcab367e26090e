//! Takes the parts that the page declares as late (`app/src/late.rs`) out of its wasm module, into files of their own.
//!
//! Works on what the linker wrote with its relocations, before the JavaScript bindings are made. Each part shares memory and
//! function table with the main module, which fetches it by the script that is written beside it.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow, ensure};
use wasm_split_cli_support::{Options, transform};

/// By this name the bindings import the script that fetches parts, and by that it imports them.
pub const SCRIPT: &str = "parts.js";

/// What is left, and what was taken out.
pub struct Split {
    /// The wasm file to make the bindings of.
    pub main: PathBuf,
    pub script: String,
    /// By the name that the script fetches each by.
    pub parts: Vec<(String, Vec<u8>)>,
}

/// `bindings`: the name of the main module's script.
pub fn split(wasm: &Path, bindings: &str, out: &Path) -> anyhow::Result<Split> {
    let module = fs::read(wasm).with_context(|| wasm.display().to_string())?;
    let (main, script, bindings) = (out.join("main.wasm"), format!("./{SCRIPT}"), format!("./{bindings}"));
    let mut options = Options::new(&module);
    options.output_dir = out;
    options.main_out_path = &main;
    options.link_name = &script;
    options.main_module = &bindings;
    let made = transform(options).map_err(|error| anyhow!("{} could not be split: {error:#}", wasm.display()))?;
    let mut parts = Vec::new();
    for path in made.split_modules {
        let name = path.file_name().context("a part has a name")?.to_string_lossy().into_owned();
        parts.push((name, without_custom_sections(&fs::read(&path)?)?));
    }
    parts.sort();
    Ok(Split { script: fs::read_to_string(out.join(SCRIPT))?, main, parts })
}

/// Names and producers, which nobody reads, are more than a third of a part.
fn without_custom_sections(module: &[u8]) -> anyhow::Result<Vec<u8>> {
    /// Magic number and version (WebAssembly core specification, 5.5.16).
    const PREAMBLE: usize = 8;
    const CUSTOM: u8 = 0;
    let mut kept = module.get(..PREAMBLE).context("a wasm module has a preamble")?.to_vec();
    let mut rest = &module[PREAMBLE..];
    while let Some((&kind, after)) = rest.split_first() {
        let (n_bytes, contents) = leb128(after)?;
        ensure!(n_bytes <= contents.len(), "a section ends behind its module");
        let n_section = rest.len() - contents.len() + n_bytes;
        if kind != CUSTOM {
            kept.extend_from_slice(&rest[..n_section]);
        }
        rest = &rest[n_section..];
    }
    Ok(kept)
}

/// An unsigned number of up to 32 bits (LEB128), and what follows it.
fn leb128(bytes: &[u8]) -> anyhow::Result<(usize, &[u8])> {
    let mut number = 0;
    for (i, &byte) in bytes.iter().take(5).enumerate() {
        number |= usize::from(byte & 0x7f) << (7 * i);
        if byte < 0x80 {
            return Ok((number, &bytes[i + 1..]));
        }
    }
    Err(anyhow!("a number in a wasm module has no end"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_custom_sections_are_left_out() {
        let preamble = b"\0asm\x01\0\0\0";
        let long = [&[0, 0x80 | 2, 1][..], &[7; 130]].concat();
        let module = [&preamble[..], &[1, 2, 8, 9], &long, &[3, 0]].concat();
        assert_eq!(without_custom_sections(&module).unwrap(), [&preamble[..], &[1, 2, 8, 9, 3, 0]].concat());
        assert!(without_custom_sections(&[&preamble[..], &[1, 5, 8]].concat()).is_err());
    }
}
