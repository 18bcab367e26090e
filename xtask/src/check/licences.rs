//! Licences of everything Dendro is built with: only such as let anyone use and pass on the whole.

use std::collections::BTreeMap;
use std::process::Command;

use anyhow::{Context, bail};
use serde_json::Value;

use crate::command;
use crate::root;

/// SPDX names of permissive licences.
const PERMISSIVE: [&str; 15] = [
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
    "bzip2-1.0.6",
];

/// Prints how many packages come under which licence.
pub fn check() -> anyhow::Result<()> {
    let mut cargo = Command::new("cargo");
    let text = command::read(cargo.current_dir(root()).args(["metadata", "--format-version", "1", "--locked"]))?;
    let metadata: Value = serde_json::from_str(&text).context("cargo metadata is not JSON")?;
    let mut n_by_licence = BTreeMap::new();
    let mut problems = Vec::new();
    for package in metadata["packages"].as_array().into_iter().flatten() {
        let licence = package["license"].as_str().unwrap_or("none given");
        *n_by_licence.entry(licence).or_insert(0) += 1;
        if !is_permissive(licence) {
            problems.push(format!("{} {}: {licence}", package["name"], package["version"]));
        }
    }
    for (licence, n_packages) in &n_by_licence {
        eprintln!("{n_packages:4}  {licence}");
    }
    match problems.is_empty() {
        true => Ok(()),
        false => bail!("not permissive, or not known to be:\n{}", problems.join("\n")),
    }
}

/// Whether one may choose so that all that binds is permissive: "(MIT OR GPL-2.0) AND Zlib".
fn is_permissive(expression: &str) -> bool {
    // Old manifests write "MIT/Apache-2.0" for OR.
    let expression = expression.replace('/', " OR ");
    let expression = expression.trim();
    if let Some((left, right)) = split_outside_parentheses(expression, " OR ") {
        return is_permissive(left) || is_permissive(right);
    }
    if let Some((left, right)) = split_outside_parentheses(expression, " AND ") {
        return is_permissive(left) && is_permissive(right);
    }
    match expression.strip_prefix('(').and_then(|inner| inner.strip_suffix(')')) {
        Some(inner) => is_permissive(inner),
        None => PERMISSIVE.contains(&expression),
    }
}

fn split_outside_parentheses<'t>(text: &'t str, separator: &str) -> Option<(&'t str, &'t str)> {
    text.match_indices(separator)
        .map(|(at, _)| (&text[..at], &text[at + separator.len()..]))
        .find(|(left, _)| left.matches('(').count() == left.matches(')').count())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_permissive_choice_is_enough_but_every_part_needs_one() {
        for permissive in ["MIT", "MIT/Apache-2.0", "GPL-2.0 OR MIT", "(MIT OR GPL-2.0) AND Unicode-3.0"] {
            assert!(is_permissive(permissive), "{permissive}");
        }
        for binding in ["GPL-3.0", "MIT AND GPL-3.0", "(MIT OR GPL-2.0) AND GPL-3.0", "none given", ""] {
            assert!(!is_permissive(binding), "{binding}");
        }
    }
}
