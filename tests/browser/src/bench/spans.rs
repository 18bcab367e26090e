//! What a user waits for with very many spans, services and patterns: files that are made for it, the same every time.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

use anyhow::Context;
use model::protocol::{Ask, AskId, ToWorker};
use model::topology::{Arrow, LayoutAsk, Picture};
use model::wire;
use serde_json::{Map, Value, json};
use xtask::serve::{Host, Site};

use super::{LONGEST_IMPORT, rounded, start};
use crate::dendro::OPENED;

/// Opens the views one after the other, and times them.
const TIME_SPANS: &str = include_str!("spans.js");

/// Of a usual trace.
const SPANS_EACH: u64 = 20;
const N_SERVICES: u64 = 500;
/// Services that a service calls: edges are so many times the services.
const N_CALLED: u64 = 6;
const SPANS_OF_LONG: u64 = 10_000;
const LONG_TRACE: &str = "11111111111111111111111111111111";
/// In two files: a source has so many shapes before its templates become coarser.
const PATTERNS_EACH: usize = 5_000;
/// Far from the numbers of the page's own asks.
const PING: u64 = 1 << 32;
const LAYOUT: u64 = PING + 1;

/// One fresh profile: about so many spans are dropped, then logs of 10,000 patterns; then each view is opened.
pub async fn run(n_spans: u64) -> anyhow::Result<Map<String, Value>> {
    let folder = tempfile::TempDir::new()?;
    let spans = folder.path().join("spans.jsonl");
    let n_spans = write_spans(&spans, n_spans)?;
    let logs: Vec<PathBuf> = ["a", "b"].map(|name| folder.path().join(format!("patterns-{name}.log"))).into();
    for (path, salt) in logs.iter().zip(0..) {
        write_patterns(path, salt)?;
    }
    let site = Site::start(&xtask::root().join("dist"), 0, Host::Dendro)?;
    let mut browser = start(&folder.path().join("profile"), &site).await?;
    browser.wait_for(OPENED).await?;

    let mut result = Map::new();
    browser.drop_files(&[&spans]).await?;
    browser.wait_long_for("bench.saved", LONGEST_IMPORT).await?;
    let millis = browser.run("return bench.saved - bench.dropped;", Value::Null).await?;
    let millis = millis.as_f64().context("it was not saved")?;
    result.insert("spans".into(), n_spans.into());
    result.insert("spans_bytes".into(), std::fs::metadata(&spans)?.len().into());
    result.insert("spans_saved_ms".into(), rounded(millis));
    result.insert("spans_per_s".into(), rounded(n_spans as f64 / millis * 1000.0));
    let logs: Vec<&Path> = logs.iter().map(PathBuf::as_path).collect();
    browser.drop_files(&logs).await?;
    browser.wait_long_for("bench.saved", LONGEST_IMPORT).await?;

    let ping = wire::encode(&ToWorker::Ask { id: AskId(PING), ask: Ask::Sources });
    let layout = wire::encode(&ToWorker::Ask { id: AskId(LAYOUT), ask: Ask::Layout(all_calls()) });
    // What a log is called is a service too.
    let asks = json!({
        "trace": LONG_TRACE, "services": N_SERVICES + logs.len() as u64,
        "ping": ping, "pingId": PING, "layout": layout, "layoutId": LAYOUT,
    });
    let timed = browser.run_async(TIME_SPANS, asks).await?;
    for (name, figure) in timed.as_object().context("nothing was timed")? {
        result.insert(name.clone(), figure.as_f64().map_or(Value::Null, rounded));
    }
    browser.quit().await?;
    Ok(result)
}

/// OTLP as JSON, a trace in each line; the last one is long. Gives how many spans there are.
fn write_spans(path: &Path, n_spans: u64) -> anyhow::Result<u64> {
    let mut file = BufWriter::new(File::create(path)?);
    let n_traces = n_spans / SPANS_EACH;
    for trace in 0..n_traces {
        file.write_all(trace_line(&format!("{:032x}", trace + 2), trace, SPANS_EACH, "call").as_bytes())?;
    }
    file.write_all(trace_line(LONG_TRACE, n_traces, SPANS_OF_LONG, "long").as_bytes())?;
    file.flush()?;
    Ok(n_traces * SPANS_EACH + SPANS_OF_LONG)
}

/// One of those that a service calls.
fn called_by(service: u64, nth: u64) -> u64 {
    (service * 7 + 1 + nth % N_CALLED) % N_SERVICES
}

/// Every service, and whom each calls.
fn all_calls() -> LayoutAsk {
    let arrow =
        |from: u64, nth: u64| Arrow { from: from as u32, to: called_by(from, nth) as u32, calls: 1, n_errors: 0 };
    let arrows = (0..N_SERVICES).flat_map(|from| (0..N_CALLED).map(move |nth| arrow(from, nth)));
    LayoutAsk {
        n_nodes: N_SERVICES as u32,
        arrows: arrows.filter(|arrow| arrow.from != arrow.to).collect(),
        picture: Picture::Layers,
    }
}

/// Each span calls those at twice its place; who calls whom is one of [`N_CALLED`] for each service.
fn trace_line(id: &str, number: u64, n_spans: u64, name: &str) -> String {
    const START: u64 = 1_790_000_000_000_000_000;
    let begin = START + number * 3_000_000;
    let mut services: Vec<u64> = Vec::with_capacity(n_spans as usize);
    let mut line = String::from("{\"resourceSpans\":[");
    for span in 0..n_spans {
        let parent = (span > 0).then(|| (span - 1) / 2);
        let service = match parent {
            None => number % N_SERVICES,
            Some(parent) => called_by(services[parent as usize], number + span),
        };
        services.push(service);
        let (from, took) = (begin + span * 10_000, (n_spans - span) * 20_000);
        let parent =
            parent.map_or(String::new(), |parent| format!("\"parentSpanId\":\"{:016x}\",", span_id(number, parent)));
        let status = if (number + span).is_multiple_of(211) { 2 } else { 1 };
        let comma = if span > 0 { "," } else { "" };
        let _ = write!(
            line,
            "{comma}{{\"resource\":{{\"attributes\":[{{\"key\":\"service.name\",\"value\":{{\"stringValue\":\"{}\"}}}}]}},\
             \"scopeSpans\":[{{\"scope\":{{\"name\":\"bench\"}},\"spans\":[{{\"traceId\":\"{id}\",\"spanId\":\"{:016x}\",{parent}\
             \"name\":\"{name} {}\",\"kind\":2,\"startTimeUnixNano\":\"{from}\",\"endTimeUnixNano\":\"{}\",\
             \"attributes\":[{{\"key\":\"http.request.method\",\"value\":{{\"stringValue\":\"GET\"}}}},\
             {{\"key\":\"http.response.status_code\",\"value\":{{\"intValue\":\"200\"}}}}],\"status\":{{\"code\":{status}}}}}]}}]}}",
            word(service as usize),
            span_id(number, span),
            span % 8,
            from + took,
        );
    }
    line + "]}\n"
}

fn span_id(trace: u64, span: u64) -> u64 {
    ((trace + 1) << 16) | (span + 1)
}

/// Lines of as many patterns, ten of each: words that differ in two places at least are no values.
fn write_patterns(path: &Path, salt: usize) -> anyhow::Result<()> {
    let mut file = BufWriter::new(File::create(path)?);
    for line in 0..PATTERNS_EACH * 10 {
        let (pattern, minute, second) = (line % PATTERNS_EACH, line / 600 % 60, line / 10 % 60);
        let [a, b, c] = [3, 5, 11].map(|step| word((pattern * step + salt * 7919) % 17_576));
        writeln!(file, "2026-11-20T10:{minute:02}:{second:02}Z INFO worker {a} has {b} of {c} after {line} ms")?;
    }
    Ok(file.flush()?)
}

/// A word of letters for each number up to 26³.
fn word(number: usize) -> String {
    let letter = |place: usize| char::from(b'a' + (number / 26_usize.pow(place as u32) % 26) as u8);
    format!("{}o{}i{}u", letter(0), letter(1), letter(2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_is_otlp_with_a_parent_for_every_span_but_the_first() {
        let line: Value = serde_json::from_str(&trace_line(LONG_TRACE, 3, 5, "long")).unwrap();
        let spans = line["resourceSpans"].as_array().unwrap();
        let span = |at: usize| &spans[at]["scopeSpans"][0]["spans"][0];
        assert_eq!(spans.len(), 5);
        assert_eq!(span(0)["parentSpanId"], Value::Null);
        assert_eq!(span(4)["parentSpanId"], span(1)["spanId"]);
    }
}
