//! Makes of `formats/*.toml` and of `resources.toml` what ships: JSON texts without samples and comments, several times as quick to load.
//! Adding a format is adding a file.

#![allow(clippy::disallowed_methods, reason = "runs on the developer's machine, not in a browser")]

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{env, fs};

use serde_json::{Value, json};

fn main() {
    println!("cargo::rerun-if-changed=formats");
    println!("cargo::rerun-if-changed=resources.toml");
    let package = PathBuf::from(env::var("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    write("resources.json", &rules_of(&package.join("resources.toml")).to_string());
    let folder = package.join("formats");
    let mut paths: Vec<_> = fs::read_dir(folder)
        .expect("the folder is in the repository")
        .map(|file| file.expect("readable").path())
        .collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
    paths.sort();
    let (vocabulary, formats): (Vec<_>, Vec<_>) = paths.into_iter().partition(|path| path.ends_with("vocabulary.toml"));
    let shipped = json!({
        "vocabulary": table_of(&vocabulary[0]),
        "formats": formats.iter().map(|path| table_of(path)).collect::<Vec<_>>(),
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

fn table_of(path: &Path) -> Value {
    let mut table = read(path);
    table.remove("sample");
    serde_json::to_value(table).expect("tables have names")
}

fn rules_of(path: &Path) -> Value {
    let mut table = read(path);
    for rule in table["rule"].as_array_mut().expect("rules are a list") {
        let rule = rule.as_table_mut().expect("a rule is a table");
        rule.remove("points");
        rule.remove("amount");
    }
    serde_json::to_value(table).expect("tables have names")
}

fn read(path: &Path) -> toml::Table {
    let text = fs::read_to_string(path).expect("readable");
    toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn write(name: &str, text: &str) {
    let folder = env::var("OUT_DIR").expect("cargo sets it");
    fs::write(Path::new(&folder).join(name), text).expect("the build folder is writable");
}
