//! What the usual way costs: `baseline FILES…` builds a row for each line and an FTS5 index over them with SQLite, natively.
//!
//! As good as that layout allows: external content, a second prepared insert instead of triggers, large transactions, no
//! other index. Time and level are found by simple means. The database is a file, synced at the end. Prints JSON.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::time::Instant;

use flate2::read::MultiGzDecoder;
use model::time::{Civil, Nanos};
use rusqlite::{Connection, params};

/// Rows of one transaction.
const TRANSACTION_ROWS: i64 = 100_000;

const SCHEMA: &str = "
    PRAGMA journal_mode = truncate;
    PRAGMA synchronous = normal;
    PRAGMA cache_size = -65536;
    CREATE TABLE line(id INTEGER PRIMARY KEY, source INTEGER, time INTEGER, level TEXT, text TEXT);
    CREATE VIRTUAL TABLE line_text USING fts5(text, content = 'line', content_rowid = 'id', tokenize = 'unicode61');
";

fn main() {
    // cargo bench adds --bench.
    let paths: Vec<PathBuf> = std::env::args().skip(1).filter(|word| word != "--bench").map(PathBuf::from).collect();
    if paths.is_empty() {
        eprintln!("baseline: name the log files to measure with");
        return;
    }
    let folder = std::env::temp_dir().join(format!("dendro-baseline-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("the folder for temporary files takes one more");
    let measured = build(&paths, &folder.join("lines.db"));
    fs::remove_dir_all(&folder).expect("what was made can be removed");
    match measured {
        Ok(measured) => println!("{measured}"),
        Err(error) => {
            eprintln!("baseline: {error}");
            std::process::exit(1);
        }
    }
}

fn build(paths: &[PathBuf], database: &Path) -> Result<String, Box<dyn std::error::Error>> {
    let begin = Instant::now();
    let connection = Connection::open(database)?;
    connection.execute_batch(SCHEMA)?;
    let (mut n_lines, mut raw_bytes) = (0_i64, 0);
    {
        let mut insert = connection.prepare("INSERT INTO line VALUES (?1, ?2, ?3, ?4, ?5)")?;
        let mut index = connection.prepare("INSERT INTO line_text(rowid, text) VALUES (?1, ?2)")?;
        connection.execute_batch("BEGIN")?;
        for (source, path) in (0_i64..).zip(paths) {
            let mut reader = open(path)?;
            let mut bytes = Vec::new();
            while reader.read_until(b'\n', &mut bytes)? > 0 {
                raw_bytes += bytes.len();
                n_lines += 1;
                let text = String::from_utf8_lossy(bytes.trim_ascii_end());
                insert.execute(params![n_lines, source, time(&text), level(&text), text])?;
                index.execute(params![n_lines, text])?;
                if n_lines % TRANSACTION_ROWS == 0 {
                    connection.execute_batch("COMMIT; BEGIN")?;
                }
                bytes.clear();
            }
        }
        connection.execute_batch("COMMIT")?;
    }
    drop(connection);
    File::open(database)?.sync_all()?;
    let seconds = begin.elapsed().as_secs_f64();
    let measured = serde_json::json!({
        "raw_bytes": raw_bytes,
        "lines": n_lines,
        "seconds": seconds,
        "mb_per_s": raw_bytes as f64 / 1e6 / seconds,
        "db_bytes": fs::metadata(database)?.len(),
    });
    Ok(measured.to_string())
}

fn open(path: &Path) -> std::io::Result<Box<dyn BufRead>> {
    let file = File::open(path)?;
    let is_gzip = path.extension().is_some_and(|ending| ending == "gz");
    let bytes: Box<dyn Read> = if is_gzip { Box::new(MultiGzDecoder::new(file)) } else { Box::new(file) };
    Ok(Box::new(BufReader::with_capacity(1 << 20, bytes)))
}

/// Stamps are looked for in this many bytes.
const HEAD_BYTES: usize = 64;

/// Nanoseconds of `2026-11-20T10:23:45` or `20/Nov/2026:10:23:45` near the start, fraction and zone left out.
fn time(text: &str) -> Option<i64> {
    const MONTHS: [&[u8]; 12] =
        [b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec"];
    let head = &text.as_bytes()[..text.len().min(HEAD_BYTES)];
    let number =
        |bytes: &[u8]| bytes.iter().try_fold(0_i32, |n, b| b.is_ascii_digit().then(|| n * 10 + i32::from(b - b'0')));
    let clock = |bytes: &[u8]| Some((number(&bytes[..2])?, number(&bytes[3..5])?, number(&bytes[6..8])?));
    let date = head.windows(20).find_map(|w| {
        let (year, month, day, clock) = if w[4] == b'-' && w[7] == b'-' && w[13] == b':' {
            (number(&w[..4])?, number(&w[5..7])?, number(&w[8..10])?, clock(&w[11..19])?)
        } else if w[2] == b'/' && w[6] == b'/' && w[11] == b':' {
            let month = MONTHS.iter().position(|name| *name == &w[3..6])? as i32 + 1;
            (number(&w[7..11])?, month, number(&w[..2])?, clock(&w[12..20])?)
        } else {
            return None;
        };
        Some((year, month, day, clock))
    });
    let (year, month, day, (hour, minute, second)) = date?;
    let [month, day, hour, minute, second] = [month, day, hour, minute, second].map(|part| part as u8);
    let Nanos(nanos) = Civil { year, month, day, hour, minute, second, nanos: 0 }.to_utc()?;
    Some(nanos)
}

/// The first level word near the start.
fn level(text: &str) -> Option<&'static str> {
    const LEVELS: [&str; 6] = ["trace", "debug", "info", "warn", "error", "fatal"];
    let head = &text.as_bytes()[..text.len().min(2 * HEAD_BYTES)];
    let words = head.split(|b| !b.is_ascii_alphabetic());
    words
        .filter(|word| (4..=5).contains(&word.len()))
        .find_map(|word| LEVELS.into_iter().find(|level| word.eq_ignore_ascii_case(level.as_bytes())))
}
