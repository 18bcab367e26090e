//! How fast one reader makes blocks of files in each format, in the browser: what `cargo bench -p analysis --bench reading`
//! measures natively, on the same lines.

use analysis::sample::typical::{FORMATS, text_of};
use model::time::Zone;
use model::wire;
use serde_json::{Map, Value, json};
use worker::intake::words::{Job, ToReader};
use xtask::serve::{Host, Site};

use super::{rounded, start};
use crate::dendro::OPENED;

const READ: &str = include_str!("reading.js");

/// A file is so many copies of a text of this size: long enough that starting it does not count.
const TEXT_BYTES: usize = 1 << 20;
const N_COPIES: usize = 16;
/// The best of these counts; in the first the browser still compiles.
const N_ROUNDS: usize = 5;
/// More than all blocks together: the reader never waits.
const MUCH: u64 = 1 << 50;

/// Megabytes a second, by format.
pub async fn run() -> anyhow::Result<Map<String, Value>> {
    let folder = tempfile::TempDir::new()?;
    let site = Site::start(&xtask::root().join("dist"), 0, Host::Dendro)?;
    let mut browser = start(&folder.path().join("profile"), &site).await?;
    browser.wait_for(OPENED).await?;
    let job = Job {
        path: "bench.log".into(),
        modified_millis: 0,
        zone: Zone::utc(),
        format: None,
        offset_nanos: 0,
        encoding: None,
        own_formats: Vec::new(),
        position: None,
    };
    let read = wire::encode(&ToReader::Read(Box::new(job)));
    let files = FORMATS.map(|format| {
        let text = String::from_utf8_lossy(&text_of(format, TEXT_BYTES)).into_owned();
        json!({ "name": format, "text": text, "read": read })
    });
    let credit = wire::encode(&ToReader::Credit { n_bytes: MUCH });
    let input = json!({ "copies": N_COPIES, "rounds": N_ROUNDS, "credit": credit, "files": files });
    let timed = browser.run_async(READ, input).await?;
    browser.quit().await?;
    let figures = timed.as_object().into_iter().flatten();
    Ok(figures.map(|(format, figure)| (format.clone(), figure.as_f64().map_or(Value::Null, rounded))).collect())
}
