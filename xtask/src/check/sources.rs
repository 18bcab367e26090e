//! Habits of the sources that no compiler knows: what a file opens with, and what stays out of the product.

use std::fs;
use std::process::Command;

use anyhow::bail;

use super::walls::PRODUCT;
use crate::command;
use crate::root;

/// What has no meaning in a browser, or would compile and fail there: time and randomness come in as arguments.
const NOT_IN_THE_PRODUCT: [&str; 5] = ["std::fs", "std::thread", "std::process", "Instant::now", "SystemTime::now"];
/// Where the data thread may name the browser.
const BROWSER_FOLDER: &str = "worker/src/browser";
const BROWSER_CRATES: [&str; 4] = ["web_sys", "js_sys", "wasm_bindgen", "gloo"];
/// In two halves, so that this file does not find itself.
const UNFINISHED: [(&str, &str); 5] =
    [("TO", "DO"), ("FIX", "ME"), ("XX", "X:"), ("todo", "!("), ("unimplemented", "!(")];

pub fn check() -> anyhow::Result<()> {
    let listed =
        command::read(Command::new("git").current_dir(root()).args(["ls-files", "-co", "--exclude-standard"]))?;
    let mut problems = Vec::new();
    for path in listed.lines() {
        let Some((_, end)) = path.rsplit_once('.') else { continue };
        // Files of others keep their habits.
        if !matches!(end, "rs" | "js" | "css" | "html" | "toml" | "md") || path.contains("/vendor/") {
            continue;
        }
        // Listed, but deleted and not yet committed.
        let Ok(text) = fs::read_to_string(root().join(path)) else { continue };
        problems.extend(problems_in(path, &text));
    }
    match problems.is_empty() {
        true => Ok(()),
        false => bail!("{}", problems.join("\n")),
    }
}

fn problems_in(path: &str, text: &str) -> Vec<String> {
    let mut problems = Vec::new();
    let is_rust = path.ends_with(".rs");
    if is_rust && !text.starts_with("//! ") {
        problems.push(format!("{path}: opens with `//! ` and what the file is"));
    }
    let in_product = is_rust && PRODUCT.iter().any(|name| path.starts_with(&format!("{name}/src/")));
    let is_test = path.ends_with("/tests.rs") || path.contains("/tests/");
    let may_name_browser = !path.starts_with("worker/") || path.starts_with(BROWSER_FOLDER);
    let mut in_tests = is_test;
    for (line, number) in text.lines().zip(1..) {
        let mut problem = |sentence: String| problems.push(format!("{path}:{number}: {sentence}"));
        for (head, tail) in UNFINISHED {
            let word = format!("{head}{tail}");
            if line.contains(&word) {
                problem(format!("{word} means that something is unfinished"));
            }
        }
        // Tests come last in a file.
        in_tests |= line.starts_with("#[cfg(test)]");
        let code = line.split("//").next().unwrap_or(line);
        if !in_product || in_tests {
            continue;
        }
        for name in NOT_IN_THE_PRODUCT.into_iter().filter(|name| names(code, name)) {
            problem(format!("{name} does not work in a browser"));
        }
        for name in BROWSER_CRATES.into_iter().filter(|name| !may_name_browser && code.contains(&format!("{name}::"))) {
            problem(format!("{name} belongs in {BROWSER_FOLDER}"));
        }
    }
    problems
}

/// Whether a line names `path`, also as one of several: `use std::{fmt, fs}` names `std::fs`.
fn names(code: &str, path: &str) -> bool {
    let among_others = || {
        let (parent, name) = path.rsplit_once("::")?;
        let (_, group) = code.split_once(&format!("{parent}::{{"))?;
        Some(group.split([',', '{', '}', ';', ':', ' ']).any(|part| part == name))
    };
    code.contains(path) || among_others().unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_opens_by_saying_what_it_is() {
        assert_eq!(problems_in("xtask/src/a.rs", "//! Reads a.\n"), [""; 0]);
        assert_eq!(problems_in("xtask/src/a.rs", "use b;\n").len(), 1);
        assert_eq!(problems_in("static/a.js", "import b;\n"), [""; 0]);
    }

    #[test]
    fn files_are_read_only_by_developers_and_tests() {
        let reads = "//! A.\nlet text = std::fs::read(path);\n";
        assert_eq!(problems_in("worker/src/a.rs", reads), ["worker/src/a.rs:2: std::fs does not work in a browser"]);
        assert_eq!(problems_in("xtask/src/a.rs", reads), [""; 0]);
        assert_eq!(problems_in("worker/src/a.rs", "//! A.\n#[cfg(test)]\nuse std::fs;\n"), [""; 0]);
        assert_eq!(problems_in("worker/src/a.rs", "//! A.\n// Not std::fs.\n"), [""; 0]);
        assert_eq!(problems_in("worker/src/a.rs", "//! A.\nuse std::{fmt, fs};\n").len(), 1);
        assert_eq!(problems_in("worker/src/a.rs", "//! A.\nuse std::{fmt, fs::File};\n").len(), 1);
        assert_eq!(problems_in("worker/src/a.rs", "//! A.\nuse std::{fmt, offs};\n"), [""; 0]);
    }

    #[test]
    fn the_browser_stays_in_its_folder() {
        let names = "//! A.\nuse web_sys::File;\n";
        assert_eq!(problems_in("worker/src/store/a.rs", names).len(), 1);
        assert_eq!(problems_in("worker/src/browser/a.rs", names), [""; 0]);
        assert_eq!(problems_in("app/src/a.rs", names), [""; 0]);
    }

    #[test]
    fn unfinished_work_is_found() {
        let (head, tail) = UNFINISHED[0];
        assert_eq!(problems_in("a.md", &format!("{head}{tail} later")).len(), 1);
    }
}
