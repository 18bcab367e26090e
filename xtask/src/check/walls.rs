//! The walls of ARCHITECTURE.md: which crate must not come to depend on what.

use std::process::Command;

use anyhow::bail;

use crate::command;
use crate::root;

/// The crates that users get.
pub const PRODUCT: [&str; 4] = ["model", "analysis", "worker", "app"];

const SQLITE: [&str; 4] = ["rusqlite", "libsqlite3-sys", "sqlite-wasm-rs", "rsqlite-vfs"];
const BROWSER: [&str; 5] = ["web-sys", "js-sys", "wasm-bindgen", "wasm-bindgen-futures", "gloo"];
const NATIVE: &str = "x86_64-unknown-linux-gnu";
const WASM: &str = "wasm32-unknown-unknown";

struct Wall {
    of: &'static str,
    targets: &'static [&'static str],
    banned: &'static [&'static [&'static str]],
}

const WALLS: [Wall; 3] = [
    Wall { of: "app", targets: &[WASM, NATIVE], banned: &[&["analysis", "worker"], &SQLITE] },
    Wall { of: "analysis", targets: &[WASM, NATIVE], banned: &[&["worker", "app"], &SQLITE, &BROWSER] },
    Wall { of: "worker", targets: &[NATIVE], banned: &[&["app"], &BROWSER] },
];

/// All that `model` may name: everything may depend on it.
const MODEL_NEEDS: [&str; 2] = ["serde", "postcard"];

pub fn check() -> anyhow::Result<()> {
    let mut problems = Vec::new();
    for wall in &WALLS {
        for target in wall.targets {
            let needed = needed_by(wall.of, target, None)?;
            for name in wall.banned.iter().copied().flatten().filter(|name| needed.iter().any(|has| has == **name)) {
                problems.push(format!("{} depends on {name} ({target})", wall.of));
            }
        }
    }
    for name in needed_by("model", WASM, Some(1))? {
        if !MODEL_NEEDS.contains(&name.as_str()) {
            problems.push(format!("model depends on {name}, and may only on {}", MODEL_NEEDS.join(" and ")));
        }
    }
    match problems.is_empty() {
        true => Ok(()),
        false => bail!("{}", problems.join("\n")),
    }
}

/// Names of the packages that `package` is built with; `depth` 1 for those it names itself.
fn needed_by(package: &str, target: &str, depth: Option<u32>) -> anyhow::Result<Vec<String>> {
    let mut tree = Command::new("cargo");
    tree.current_dir(root()).args(["tree", "--edges", "normal", "--prefix", "none", "--no-dedupe", "--format", "{p}"]);
    tree.args(["--package", package, "--target", target]);
    if let Some(depth) = depth {
        tree.args(["--depth", &depth.to_string()]);
    }
    let text = command::read(&mut tree)?;
    // The first line is the package itself.
    let mut names: Vec<String> =
        text.lines().skip(1).filter_map(|line| Some(line.split(' ').next()?.to_owned())).collect();
    names.sort();
    names.dedup();
    Ok(names)
}
