//! OpenTelemetry logs as JSON, a batch a line, as its file exporter writes them: a line for each log record.
//!
//! A record keeps its resource and scope around it, so that each line is a batch of one. A line that holds one record, or
//! is no batch, stays as it is.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::Lines;

/// What the first line begins with; spaces may stand in between.
const BEGINNING: [&[u8]; 3] = [b"{", b"\"resourceLogs\"", b":"];

#[derive(Deserialize)]
struct Batch<'a> {
    #[serde(borrow, rename = "resourceLogs")]
    resource_logs: Vec<ResourceLogs<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ResourceLogs<'a> {
    #[serde(borrow)]
    resource: Option<&'a RawValue>,
    #[serde(default)]
    scope_logs: Vec<ScopeLogs<'a>>,
    schema_url: Option<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ScopeLogs<'a> {
    #[serde(borrow)]
    scope: Option<&'a RawValue>,
    #[serde(default)]
    log_records: Vec<&'a RawValue>,
    schema_url: Option<&'a RawValue>,
}

pub fn looks_like_batch(first_bytes: &[u8]) -> bool {
    let mut rest = first_bytes.trim_ascii_start();
    BEGINNING.iter().all(|part| match rest.strip_prefix(*part) {
        Some(behind) => {
            rest = behind.trim_ascii_start();
            true
        }
        None => false,
    })
}

/// `line`: without its line end.
pub(super) fn split_batch(line: &[u8], lines: &mut Lines<'_, '_>) {
    let batch: Option<Batch<'_>> = serde_json::from_slice(line).ok();
    let records = |batch: &Batch<'_>| {
        batch.resource_logs.iter().flat_map(|logs| &logs.scope_logs).map(|logs| logs.log_records.len()).sum::<usize>()
    };
    let Some(batch) = batch.filter(|batch| records(batch) > 1) else {
        lines.text.extend_from_slice(line);
        lines.text.push(b'\n');
        return lines.ended();
    };
    for resource_logs in &batch.resource_logs {
        for scope_logs in &resource_logs.scope_logs {
            for record in &scope_logs.log_records {
                lines.text.extend(b"{\"resourceLogs\":[{");
                put("resource", resource_logs.resource, &mut lines.text);
                put("schemaUrl", resource_logs.schema_url, &mut lines.text);
                lines.text.extend(b"\"scopeLogs\":[{");
                put("scope", scope_logs.scope, &mut lines.text);
                put("schemaUrl", scope_logs.schema_url, &mut lines.text);
                lines.text.extend(b"\"logRecords\":[");
                lines.text.extend(record.get().bytes());
                lines.text.extend(b"]}]}]}\n");
                lines.ended();
            }
        }
    }
}

fn put(name: &str, value: Option<&RawValue>, text: &mut Vec<u8>) {
    if let Some(value) = value {
        text.extend(format!("\"{name}\":{},", value.get()).bytes());
    }
}
