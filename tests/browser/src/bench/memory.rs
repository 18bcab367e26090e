//! The memory of a tab: what its processes have for themselves, as the kernel counts it.

use std::collections::HashMap;
use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{JoinHandle, sleep, spawn};
use std::time::Duration;

/// Short against the time that a batch of log text stays in memory.
const INTERVAL: Duration = Duration::from_millis(100);

/// Looks at the renderer processes of a browser until it is stopped.
pub struct Watch {
    done: Arc<AtomicBool>,
    thread: JoinHandle<u64>,
}

impl Watch {
    /// `browser`: process id of the browser itself.
    pub fn start(browser: u64) -> Self {
        let done = Arc::new(AtomicBool::new(false));
        let seen = done.clone();
        let thread = spawn(move || {
            let mut peak = 0;
            while !seen.load(Ordering::Relaxed) {
                peak = peak.max(renderer_bytes(browser));
                sleep(INTERVAL);
            }
            peak
        });
        Self { done, thread }
    }

    /// The most that was seen, in bytes.
    pub fn stop(self) -> u64 {
        self.done.store(true, Ordering::Relaxed);
        self.thread.join().expect("looking at memory does not panic")
    }
}

/// Proportional set size of all renderers below `browser`; 0 where there is no `/proc`.
fn renderer_bytes(browser: u64) -> u64 {
    let parents: HashMap<u64, u64> = processes().filter_map(|pid| Some((pid, parent_of(pid)?))).collect();
    let is_below = |pid: u64| {
        std::iter::successors(parents.get(&pid).copied(), |pid| parents.get(pid).copied()).any(|above| above == browser)
    };
    parents.keys().copied().filter(|&pid| is_below(pid) && is_renderer(pid)).filter_map(own_bytes).sum()
}

fn processes() -> impl Iterator<Item = u64> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok())
}

fn parent_of(pid: u64) -> Option<u64> {
    // "1234 (name with spaces) S 1 …": the parent is the second word after the name.
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()
}

fn is_renderer(pid: u64) -> bool {
    fs::read(format!("/proc/{pid}/cmdline")).is_ok_and(|line| {
        let line = String::from_utf8_lossy(&line).into_owned();
        line.contains("--type=renderer") && !line.contains("--extension-process")
    })
}

fn own_bytes(pid: u64) -> Option<u64> {
    let rollup = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).ok()?;
    let kilobytes = rollup.lines().find_map(|line| line.strip_prefix("Pss:"))?;
    Some(kilobytes.trim().trim_end_matches(" kB").trim().parse::<u64>().ok()? << 10)
}
