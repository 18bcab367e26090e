//! How fast bytes become entries with heads, detection included, for each format: `cargo bench -p analysis --bench reading [-- NAME]`.
//!
//! Criterion's figures, on one core: `all formats` and `ten formats` read (what the many cost is the ratio of the two), `blocks` makes
//! what is kept as well: the work of a reader in the browser. `cargo xtask bench reading` puts both beside each other.

use std::hint::black_box;
use std::time::Duration;

use analysis::format::Formats;
use analysis::import::Importer;
use analysis::read::{Context, Reader};
use analysis::sample::typical::{FORMATS, TEXT_BYTES, text_of};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use model::time::{Nanos, Zone};

const SLICE_BYTES: usize = 256 << 10;

/// Ten formats that most logs are in: what all the others cost shows against these.
const FEW: [&str; 10] =
    ["json", "logfmt", "syslog", "syslog-5424", "access", "timestamp", "timestamp-inside", "java", "cri", "csv"];

fn context() -> Context {
    let zone = Zone {
        name: "Europe/Berlin".into(),
        first_offset: 3600,
        changes: vec![(Nanos(1_774_746_000_000_000_000), 7200), (Nanos(1_792_890_000_000_000_000), 3600)],
    };
    Context { path: "bench.log".into(), modified: Nanos(1_798_718_400_000_000_000), zone }
}

/// The number of entries and of those with a time, so that nothing is left out of the work.
fn read(formats: &Formats, text: &[u8]) -> (u64, u64) {
    let mut reader = Reader::new(formats, context());
    let (mut n_entries, mut n_dated) = (0, 0);
    let mut take = |reader: &mut Reader| {
        while let Some(record) = reader.next_record() {
            n_entries += 1;
            n_dated += u64::from(record.head.time.is_some());
        }
    };
    for slice in text.chunks(SLICE_BYTES) {
        reader.push(slice);
        take(&mut reader);
    }
    reader.finish();
    take(&mut reader);
    (n_entries, n_dated)
}

fn make_blocks(formats: &Formats, text: &[u8]) -> usize {
    let mut blocks = Vec::new();
    let mut importer = Importer::new(formats, context());
    for slice in text.chunks(SLICE_BYTES) {
        importer.push(slice, &mut blocks);
    }
    importer.finish(&mut blocks);
    blocks.len()
}

fn reading(criterion: &mut Criterion) {
    let (all, few) = (Formats::builtin(), Formats::builtin_of(&FEW));
    criterion.bench_function("formats made ready", |bench| bench.iter(|| black_box(Formats::builtin())));
    for format in FORMATS {
        let text = text_of(format, TEXT_BYTES);
        let n_lines = text.iter().filter(|&&byte| byte == b'\n').count() as u64;
        let mut group = criterion.benchmark_group(format);
        group.throughput(Throughput::ElementsAndBytes { elements: n_lines, bytes: text.len() as u64 });
        group.bench_function("all formats", |bench| bench.iter(|| black_box(read(&all, &text))));
        group.bench_function("ten formats", |bench| bench.iter(|| black_box(read(&few, &text))));
        group.bench_function("blocks", |bench| bench.iter(|| black_box(make_blocks(&all, &text))));
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default().warm_up_time(Duration::from_millis(500)).measurement_time(Duration::from_secs(2));
    targets = reading
}
criterion_main!(benches);
