//! `cargo xtask templates FILE`: the template of each line, as CSV `LineId,EventId,EventTemplate`.
//!
//! The same code as in the browser. An entry of several lines has one template, which all of them get. On standard error: what
//! was found, and the memory it took.

use std::fs;
use std::io::{BufWriter, Write};

use analysis::block::{Block, Columns};
use analysis::format::Formats;
use analysis::import::Importer;
use analysis::read::Context;
use analysis::template::{BlockShapes, Miner};
use anyhow::Context as _;
use model::time::{Nanos, Zone};

use crate::args::Args;

/// Read at a time.
const SLICE_BYTES: usize = 1 << 20;

pub fn run(args: Args) -> anyhow::Result<()> {
    let paths = args.rest()?;
    let [path] = &paths[..] else { anyhow::bail!("which file?") };
    let bytes = fs::read(path).with_context(|| format!("cannot read {path}"))?;
    write_templates(path, &bytes, &mut BufWriter::new(std::io::stdout().lock()))?;
    Ok(())
}

fn write_templates(path: &str, bytes: &[u8], out: &mut impl Write) -> std::io::Result<()> {
    let formats = Formats::builtin();
    let context = Context { path: path.to_owned(), modified: Nanos(0), zone: Zone::utc() };
    let mut importer = Importer::new(&formats, context);
    let mut mined = Mined::default();
    let mut blocks = Vec::new();
    for slice in bytes.chunks(SLICE_BYTES) {
        importer.push(slice, &mut blocks);
        blocks.drain(..).for_each(|block| mined.push(&block, &formats));
    }
    importer.finish(&mut blocks);
    blocks.drain(..).for_each(|block| mined.push(&block, &formats));
    mined.write(out)
}

/// What was mined from the blocks so far, an element an entry.
#[derive(Default)]
struct Mined {
    miner: Miner,
    shapes: Vec<u32>,
    n_lines: Vec<u32>,
}

impl Mined {
    fn push(&mut self, block: &Block, formats: &Formats) {
        let columns = Columns::decode(&block.columns, formats).expect("the block was just built");
        let shapes = BlockShapes::decode(&block.shapes).expect("the block was just built");
        let numbers = self.miner.merge_block(&shapes);
        self.shapes.extend(shapes.of_entry.iter().map(|&shape| numbers[usize::from(shape)]));
        self.n_lines.extend((0..columns.len()).map(|entry| columns.shape(entry).n_lines));
    }

    fn write(&self, out: &mut impl Write) -> std::io::Result<()> {
        let templates = self.miner.templates();
        writeln!(out, "LineId,EventId,EventTemplate")?;
        let mut n_before = 0;
        for (&shape, &n_lines) in self.shapes.iter().zip(&self.n_lines) {
            let template = &templates.list[templates.of_shape[shape as usize] as usize];
            for line in n_before + 1..=n_before + n_lines {
                writeln!(out, "{line},{},\"{}\"", template.id, template.text.replace('"', "\"\""))?;
            }
            n_before += n_lines;
        }
        let (n_shapes, kilobytes) = (self.miner.n_shapes(), self.miner.memory_bytes() >> 10);
        eprintln!(
            "{} entries, {n_shapes} shapes in {kilobytes} KiB, {} templates",
            self.shapes.len(),
            templates.list.len()
        );
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_gets_the_template_of_its_entry() {
        let log =
            "2026-11-20 10:23:45 ERROR lost order 7\n\tat a.B(C.java:1)\n2026-11-20 10:23:46 ERROR lost order 8\n";
        let mut out = Vec::new();
        write_templates("app.log", log.as_bytes(), &mut out).unwrap();
        let out = String::from_utf8(out).unwrap();
        let rows: Vec<Vec<&str>> = out.lines().skip(1).map(|line| line.split(',').collect()).collect();
        assert_eq!(rows.iter().map(|row| row[0]).collect::<Vec<_>>(), ["1", "2", "3"]);
        assert!(rows.iter().all(|row| row[1] == rows[0][1] && row[2] == "\"lost order <*>\""), "{out}");
    }
}
