//! `cargo xtask outliers FILE.jsonl`: how unlike the others each group of entries is, as CSV `session,score`.
//!
//! Each line of the file is one group: `{"session": "…", "events": ["template", …]}`; what else it holds is not looked at.

use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};

use analysis::outlier;
use analysis::quick_hash::QuickMap;
use anyhow::Context as _;
use serde::Deserialize;

use crate::args::Args;

#[derive(Deserialize)]
struct Line {
    session: String,
    events: Vec<String>,
}

pub fn run(args: Args) -> anyhow::Result<()> {
    let paths = args.rest()?;
    let [path] = &paths[..] else { anyhow::bail!("which file?") };
    let file = File::open(path).with_context(|| format!("cannot read {path}"))?;
    write_scores(BufReader::new(file), &mut BufWriter::new(std::io::stdout().lock()))
}

fn write_scores(lines: impl BufRead, out: &mut impl Write) -> anyhow::Result<()> {
    let mut numbers: QuickMap<String, u32> = QuickMap::default();
    let (mut names, mut groups) = (Vec::new(), Vec::new());
    for (at, line) in lines.lines().enumerate() {
        let line = line?;
        if line.trim().is_empty() {
            continue;
        }
        let line: Line = serde_json::from_str(&line).with_context(|| format!("line {} is no group", at + 1))?;
        let mut number = |event: String| {
            let next = numbers.len() as u32;
            *numbers.entry(event).or_insert(next)
        };
        groups.push(line.events.into_iter().map(&mut number).collect());
        names.push(line.session);
    }
    writeln!(out, "session,score")?;
    for (name, score) in names.iter().zip(outlier::scores(groups)) {
        writeln!(out, "{},{score:.6}", quoted(name))?;
    }
    out.flush()?;
    Ok(())
}

/// As RFC 4180 has it.
fn quoted(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_group_has_a_score_and_the_odd_one_the_highest() {
        let group =
            |n: usize, last: &str| format!("{{\"session\":\"s,{n}\",\"events\":[\"begin\",\"{last}\"],\"x\":1}}\n");
        let lines: String = (0..20).map(|n| group(n, if n == 7 { "lost" } else { "end" })).collect();
        let mut out = Vec::new();
        write_scores(lines.as_bytes(), &mut out).unwrap();
        let out = String::from_utf8(out).unwrap();
        let rows: Vec<(&str, f64)> = out
            .lines()
            .skip(1)
            .map(|row| row.rsplit_once(',').unwrap())
            .map(|(s, n)| (s, n.parse().unwrap()))
            .collect();
        assert_eq!(rows.len(), 20);
        assert_eq!(rows.iter().max_by(|a, b| a.1.total_cmp(&b.1)).unwrap().0, "\"s,7\"");
    }
}
