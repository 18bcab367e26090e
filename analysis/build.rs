//! Makes of `formats/*.toml` what ships: one JSON text without samples and comments, several times as quick to load. Adding
//! a format is adding a file.

#![allow(clippy::disallowed_methods, reason = "runs on the developer's machine, not in a browser")]

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{env, fs};

use serde_json::{Value, json};

fn main() {
    println!("cargo::rerun-if-changed=formats");
    let folder = Path::new(&env::var("CARGO_MANIFEST_DIR").expect("cargo sets it")).join("formats");
    let mut paths: Vec<_> = fs::read_dir(folder)
        .expect("the folder is in the repository")
        .map(|file| file.expect("readable").path())
        .collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
    paths.sort();
    let (vocabulary, formats): (Vec<_>, Vec<_>) = paths.into_iter().partition(|path| path.ends_with("vocabulary.toml"));
    let shipped = json!({
        "vocabulary": table_of(&vocabulary[0]),
        "formats": formats.iter().map(table_of).collect::<Vec<_>>(),
    });
    write("formats.json", &shipped.to_string());

    // The samples are for the tests.
    let mut list = "&[\n".to_owned();
    for path in formats {
        let name = path.file_name().expect("a file").to_string_lossy();
        writeln!(list, "({name:?}, include_str!({path:?})),").expect("strings grow");
    }
    list.push(']');
    write("formats.rs", &list);
}

fn table_of(path: &PathBuf) -> Value {
    let text = fs::read_to_string(path).expect("readable");
    let mut table: toml::Table = toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    table.remove("sample");
    serde_json::to_value(table).expect("tables have names")
}

fn write(name: &str, text: &str) {
    let folder = env::var("OUT_DIR").expect("cargo sets it");
    fs::write(Path::new(&folder).join(name), text).expect("the build folder is writable");
}
