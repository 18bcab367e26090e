//! The fixed list of queries, with words that the files at hand have.

use std::collections::HashMap;
use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use serde_json::{Map, Value, json};

use super::{percentile, rounded};

/// Of each file, from its middle: enough to know how often a word is.
const SAMPLE_BYTES: u64 = 4 << 20;

/// `(name, query)`, the same nine kinds for any files.
pub fn choose(files: &[PathBuf]) -> anyhow::Result<Vec<(&'static str, String)>> {
    let mut text = String::new();
    for file in files {
        text.push_str(&middle_of(file)?);
    }
    let lines: Vec<Vec<&str>> = text.lines().map(|line| words_in(line).collect()).collect();
    ensure!(lines.len() > 100, "the files are too small to measure searches in");

    let mut n_lines_of: HashMap<String, usize> = HashMap::new();
    for line in &lines {
        let mut once: Vec<String> = line.iter().map(|word| word.to_lowercase()).collect();
        once.sort();
        once.dedup();
        for word in once {
            *n_lines_of.entry(word).or_default() += 1;
        }
    }
    // Runs of hexadecimal letters are parts of ids.
    let is_hex = |text: &str| text.chars().all(|c| c.is_ascii_hexdigit());
    let is_word = |text: &str| text.len() >= 4 && text.chars().all(|c| c.is_ascii_alphabetic()) && !is_hex(text);
    let share = |word: &str| n_lines_of.get(&word.to_lowercase()).map_or(0.0, |&n| n as f64 / lines.len() as f64);
    let mut words: Vec<&String> = n_lines_of.keys().filter(|word| is_word(word)).collect();
    words.sort();
    let nearest = |wanted: f64| {
        let distance = |word: &&&String| (share(word).ln() - f64::ln(wanted)).abs();
        words.iter().min_by(|a, b| distance(a).total_cmp(&distance(b))).map(|word| (*word).clone()).context("no words")
    };

    let once = 1.0 / lines.len() as f64;
    let (rare, mid, common) = (nearest(once)?, nearest(0.02)?, nearest(0.4)?);
    let id = lines.iter().flatten().filter(|word| word.len() >= 12 && word.contains(|c: char| c.is_ascii_digit()));
    let id = id.max_by_key(|word| (share(word) < 0.001, word.len())).copied().unwrap_or(&rare);
    let is_telling = |word: &str, most: f64| is_word(word) && share(word) < most;
    let phrase = text.lines().find_map(|line| {
        let mut pairs = line.split(' ').zip(line.split(' ').skip(1));
        let (first, second) = pairs.find(|(first, second)| is_telling(first, 0.1) && is_telling(second, 0.5))?;
        Some(format!("\"{first} {second}\""))
    });
    Ok(vec![
        ("rare_token", rare.clone()),
        ("id", id.to_owned()),
        ("mid_word", mid.clone()),
        ("common_word", common.clone()),
        ("two_words", format!("{mid} {common}")),
        ("phrase", phrase.unwrap_or_else(|| format!("\"{mid}\""))),
        ("prefix", format!("{}*", &mid[..mid.len() - 1])),
        ("regex", format!("/(?i){rare}|{mid}/")),
        ("field", "status>=500".to_owned()),
    ])
}

/// Percentiles of the times that the page took, beside what was asked.
pub fn summarise(queries: &[(&'static str, String)], timed: &Value) -> Value {
    let mut summary = Map::new();
    for (name, query) in queries {
        let times = |what: &str| {
            let list = timed[name][what].as_array().into_iter().flatten();
            let mut times: Vec<f64> = list.filter_map(Value::as_f64).collect();
            times.sort_by(f64::total_cmp);
            times
        };
        let (first_page, count) = (times("firstPage"), times("count"));
        let measured = json!({
            "query": query,
            "n_found": timed[name]["found"],
            "first_page_ms_p50": rounded(percentile(&first_page, 0.5)),
            "first_page_ms_p95": rounded(percentile(&first_page, 0.95)),
            "count_ms_p50": rounded(percentile(&count, 0.5)),
        });
        summary.insert((*name).to_owned(), measured);
    }
    Value::Object(summary)
}

fn middle_of(path: &Path) -> anyhow::Result<String> {
    let mut file = File::open(path).with_context(|| path.display().to_string())?;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(SAMPLE_BYTES) / 2))?;
    let mut bytes = Vec::new();
    file.take(SAMPLE_BYTES).read_to_end(&mut bytes)?;
    // The first and the last line are likely cut.
    let text = String::from_utf8_lossy(&bytes);
    let whole = text.split_once('\n').and_then(|(_, after)| after.rsplit_once('\n'));
    Ok(whole.map_or_else(String::new, |(lines, _)| format!("{lines}\n")))
}

fn words_in(line: &str) -> impl Iterator<Item = &str> {
    line.split(|c: char| !(c.is_alphanumeric() || c == '_')).filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_chosen_by_how_often_they_are() {
        let folder = tempfile::TempDir::new().unwrap();
        let file = folder.path().join("shop.log");
        std::fs::write(&file, crate::logs::shop_log(2000)).unwrap();
        let chosen = choose(&[file]).unwrap();
        let query = |name: &str| chosen.iter().find(|(has, _)| *has == name).map(|(_, query)| query.as_str()).unwrap();
        assert_eq!(query("rare_token"), "bank");
        assert_eq!(query("mid_word"), "bank");
        assert_eq!(query("two_words"), "bank info");
        assert_eq!(query("phrase"), "\"took long\"");
        assert_eq!(chosen.len(), 9);
    }
}
