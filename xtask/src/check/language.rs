//! Every text of the page goes through the catalogue, and the catalogue has each of them, in each language, and no other.
//!
//! A text is a literal in `say!`, `key!` or `counted!`. On the page one that goes through none of them is found by where it
//! stands: a child of an element, or an attribute that is read to people. What the data thread finishes in English
//! (`model::language::retold`) is found by its look: a sentence.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::process::Command;

use anyhow::{Context, bail};
use model::language::{pairs, shown_values};

use super::literals::{Literal, literals, without_tests};
use crate::command;
use crate::root;

/// Names that are the same in every language.
const NAMES: [&str; 8] = ["Dendro", "SQL", "SVG", "PNG", "CSV", "JSON", "TOML", "Ctrl+Enter"];
/// Attributes that are read to people.
const READ_OUT: [&str; 6] = ["title", "aria-label", "aria-description", "aria-valuetext", "placeholder", "alt"];
/// Elements whose text is not language.
const CODE: [&str; 2] = ["<code>", "<kbd>"];
/// Whoever writes a format reads what is wrong with it in the words of its keys, which are English.
const FOR_WRITERS_OF_FORMATS: &str = "analysis/src/format/load";
/// Where a text stands in the sources: `path:line`.
type Place = String;

#[derive(Default)]
struct Found {
    /// Texts that go through the catalogue.
    texts: BTreeMap<String, Place>,
    /// Literals of the data thread and titles of formats: a translation may be of any of them.
    finished: BTreeSet<String>,
    problems: Vec<String>,
}

pub fn check() -> anyhow::Result<()> {
    let listed =
        command::read(Command::new("git").current_dir(root()).args(["ls-files", "-co", "--exclude-standard"]))?;
    let mut found = Found::default();
    for path in listed.lines().filter(|path| path.starts_with("analysis/formats/") && path.ends_with(".toml")) {
        let Ok(format) = fs::read_to_string(root().join(path)) else { continue };
        // Most titles are names; those that are words may be told.
        let title = format.lines().find_map(|line| line.strip_prefix("title = \"")?.strip_suffix('"'));
        found.finished.extend(title.map(str::to_owned));
    }
    for path in listed.lines().filter(|path| path.ends_with(".rs")) {
        let crates = ["app/src/", "model/src/", "analysis/src/", "worker/src/"];
        if crates.iter().any(|folder| path.starts_with(folder)) {
            // Listed, but deleted and not yet committed.
            let Ok(text) = fs::read_to_string(root().join(path)) else { continue };
            read(path, &text, &mut found);
        }
    }
    let page = fs::read_to_string(root().join("index.html"))?;
    read_page(&page, &mut found);
    read_script(&fs::read_to_string(root().join("static/boot.js"))?, &mut found);
    let folder = root().join("static/languages");
    for entry in fs::read_dir(&folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        let name = format!("static/languages/{}", path.file_name().unwrap_or_default().to_string_lossy());
        let problems = compare(&name, &fs::read_to_string(&path)?, &found);
        found.problems.extend(problems);
    }
    match found.problems.is_empty() {
        true => Ok(()),
        false => bail!("{}", found.problems.join("\n")),
    }
}

fn read(path: &str, text: &str, found: &mut Found) {
    // Texts of tests are in files of their own, or at the end of one.
    if path.ends_with("tests.rs")
        || path.contains("/tests/")
        || path.ends_with("/language.rs") && path.starts_with("model/")
    {
        return;
    }
    let code = without_tests(text);
    let all = literals(code);
    let is_of_page = path.starts_with("app/");
    let is_of_data_thread = path.starts_with("analysis/") || path.starts_with("worker/");
    for (at, literal) in all.iter().enumerate() {
        let before = code[..literal.start].trim_end();
        let place = || format!("{path}:{}", code[..literal.start].matches('\n').count() + 1);
        if ["say!(", "key!("].iter().any(|call| before.ends_with(call)) {
            found.texts.entry(literal.value.clone()).or_insert_with(place);
        } else if let Some(form) = form_of_count(code, &all, at) {
            if form == Form::Many {
                found.texts.entry(format!("{{}} {}", literal.value)).or_insert_with(place);
            }
        } else if is_of_page && is_text_of_page(code, literal) && !NAMES.contains(&&*literal.value) {
            found.problems.push(format!("{}: “{}” does not go through say!", place(), literal.value));
        } else if is_of_data_thread {
            if is_sentence(&literal.value) && !path.starts_with(FOR_WRITERS_OF_FORMATS) && !path.contains("/sample/") {
                found.texts.entry(literal.value.clone()).or_insert_with(place);
            }
            found.finished.insert(literal.value.clone());
        }
    }
}

#[derive(PartialEq, Eq)]
enum Form {
    One,
    Many,
}

/// Which of the two forms of a `counted!` a literal is: its last two arguments are.
fn form_of_count(code: &str, all: &[Literal], at: usize) -> Option<Form> {
    let ends =
        |literal: &Literal| code[literal.end..].trim_start().trim_start_matches(',').trim_start().starts_with(')');
    let follows = |literal: &Literal| code[literal.end..].trim_start().starts_with(',');
    let (first, second, form) = match (ends(&all[at]), at) {
        (true, 1..) => (&all[at - 1], &all[at], Form::Many),
        (false, _) if follows(&all[at]) => (&all[at], all.get(at + 1)?, Form::One),
        _ => return None,
    };
    let between = code[first.end..second.start].trim();
    let line_start = code[..first.start].rfind("counted!(")?;
    // Nothing but the number between the name of the macro and its first form.
    let number = &code[line_start..first.start];
    let is_open = number.matches('(').count() == number.matches(')').count() + 1;
    (between == "," && ends(second) && is_open && !number.contains(';')).then_some(form)
}

/// A child of an element, or an attribute that is read out; with a word in it.
fn is_text_of_page(code: &str, literal: &Literal) -> bool {
    let has_word = literal.value.split(|c: char| !c.is_alphabetic()).any(|word| word.len() > 1);
    let (before, after) = (code[..literal.start].trim_end(), code[literal.end..].trim_start());
    let is_attribute = READ_OUT.iter().any(|name| code[..literal.start].ends_with(&format!(" {name}=")));
    let ends_tag = before.ends_with('>') && !before.ends_with("=>") && !before.ends_with("->");
    let is_child = (ends_tag || before.ends_with('}')) && after.starts_with(['<', '{', '}']);
    let is_code = CODE.iter().any(|tag| before.ends_with(tag)) || literal.value.starts_with("SELECT ");
    has_word && !is_code && (is_attribute || is_child)
}

/// `The file is damaged.`, `{name} is called with an id and writes none.`
fn is_sentence(text: &str) -> bool {
    /// Shorter ones are names and parts of formats.
    const LEAST_WORDS: usize = 4;
    let n_words = text.split(' ').filter(|word| word.chars().any(char::is_alphabetic)).count();
    let begins = text.starts_with(|c: char| c.is_uppercase() || matches!(c, '“' | '{'));
    begins && text.ends_with('.') && n_words >= LEAST_WORDS && !text.contains('\n')
}

/// What `index.html` shows until the program is there.
fn read_page(html: &str, found: &mut Found) {
    let Some(start) = html.find("id=\"opening\"") else { return };
    let end = html.find("<noscript>").unwrap_or(html.len());
    for piece in html[start..end].split('<').filter_map(|tag| tag.split_once('>')) {
        let text = piece.1.trim();
        if !text.is_empty() && !NAMES.contains(&text) && !piece.0.starts_with("!--") {
            found.texts.entry(text.to_owned()).or_insert_with(|| "index.html".to_owned());
        }
    }
}

fn read_script(script: &str, found: &mut Found) {
    for after in script.split("told('").skip(1) {
        let text = after.split('\'').next().unwrap_or_default();
        found.texts.entry(text.to_owned()).or_insert_with(|| "static/boot.js".to_owned());
    }
}

fn compare(name: &str, catalogue: &str, found: &Found) -> Vec<String> {
    let mut problems = Vec::new();
    let mut known = BTreeSet::new();
    for (text, translated) in pairs(catalogue) {
        if !known.insert(text) {
            problems.push(format!("{name}: “{text}” is there twice"));
        }
        if !found.texts.contains_key(text) && !found.finished.contains(text) {
            problems.push(format!("{name}: nobody says “{text}”"));
        }
        if shown_values(text, text) != shown_values(text, translated) {
            problems.push(format!("{name}: “{translated}” does not show the values of “{text}”"));
        }
    }
    let lacking = found.texts.iter().filter(|(text, _)| !known.contains(&***text));
    problems.extend(lacking.map(|(text, place)| format!("{place}: “{text}” is not in {name}")));
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found_in(path: &str, code: &str) -> Found {
        let mut found = Found::default();
        read(path, code, &mut found);
        found
    }

    fn texts(path: &str, code: &str) -> Vec<String> {
        found_in(path, code).texts.into_keys().collect()
    }

    #[test]
    fn texts_are_what_the_macros_are_given() {
        let code = "say!(\"A\"); const B: &str = key!(\"B\"); say!(\n    \"{c}\", c);\ncounted!(n(\"x\"), \"entry\", \"entries\")";
        assert_eq!(texts("app/src/a.rs", code), ["A", "B", "{c}", "{} entries"]);
        assert_eq!(texts("app/src/a.rs", "// say!(\"A\")\n#[cfg(test)]\nmod tests { say!(\"B\") }"), [""; 0]);
    }

    #[test]
    fn a_text_that_goes_through_nothing_is_found() {
        let problems = |code: &str| found_in("app/src/a.rs", code).problems;
        assert_eq!(problems("\n<p>\"No logs\"</p>"), ["app/src/a.rs:2: “No logs” does not go through say!"]);
        assert_eq!(problems("<b title=\"Close\">{x}\" of\"</b>").len(), 2);
        let fine = [
            "<code>\"level:error\"</code>",
            "<b class=\"small\">\", \"</b>",
            "match a { _ => \"No logs\" }",
            "<h1>\"Dendro\"</h1>",
        ];
        for code in fine {
            assert_eq!(problems(code), [""; 0], "{code}");
        }
    }

    #[test]
    fn sentences_of_the_data_thread_are_told_again() {
        let code = "format!(\"The file {how} cannot be read.\"); other(\"a word\")";
        assert_eq!(texts("worker/src/a.rs", code), ["The file {how} cannot be read."]);
        assert_eq!(texts("analysis/src/format/load.rs", code), [""; 0]);
    }

    #[test]
    fn a_catalogue_lacks_nothing_and_has_nothing_else() {
        let found = found_in("app/src/a.rs", "say!(\"{n} of {m}\", n, m); say!(\"A\")");
        let told = |catalogue| compare("zh", catalogue, &found);
        assert_eq!(told("{n} of {m}\n{m} {n}\n\nA\nB\n"), [""; 0]);
        assert_eq!(told("{n} of {m}\n{n}\n\nA\nB\n"), ["zh: “{n}” does not show the values of “{n} of {m}”"]);
        assert_eq!(told("{n} of {m}\n{m} {n}\n"), ["app/src/a.rs:1: “A” is not in zh"]);
        assert_eq!(told("{n} of {m}\n{m} {n}\n\nA\nB\n\nC\nD\n"), ["zh: nobody says “C”"]);
    }

    #[test]
    fn the_page_before_the_program_is_read_too() {
        let mut found = Found::default();
        read_page("<b>Out</b><div id=\"opening\"><h1>In</h1> <p>Dendro</p></div><noscript>No</noscript>", &mut found);
        read_script("told('Failed.')", &mut found);
        assert_eq!(found.texts.into_keys().collect::<Vec<_>>(), ["Failed.", "In"]);
    }
}
