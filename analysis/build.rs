//! Lists `formats/*.toml`, so that adding a format is adding a file.

#![allow(clippy::disallowed_methods, reason = "runs on the developer's machine, not in a browser")]

use std::fmt::Write;
use std::path::Path;
use std::{env, fs};

fn main() {
    println!("cargo::rerun-if-changed=formats");
    let folder = Path::new(&env::var("CARGO_MANIFEST_DIR").expect("cargo sets it")).join("formats");
    let mut paths: Vec<_> = fs::read_dir(folder)
        .expect("the folder is in the repository")
        .map(|file| file.expect("readable").path())
        .collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
    paths.sort();
    let mut list = "&[\n".to_owned();
    for path in paths.iter().filter(|path| !path.ends_with("vocabulary.toml")) {
        let name = path.file_name().expect("a file").to_string_lossy();
        writeln!(list, "({name:?}, include_str!({path:?})),").expect("strings grow");
    }
    list.push(']');
    let target = Path::new(&env::var("OUT_DIR").expect("cargo sets it")).join("formats.rs");
    fs::write(target, list).expect("the build folder is writable");
}
