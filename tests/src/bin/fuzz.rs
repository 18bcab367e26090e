//! `fuzz [SECONDS] [TARGET…]`: tries for so long to break each claim, or those named. A breaking input is kept in `tests/fuzz/corpus`.

use std::fs;
use std::hash::{BuildHasher, RandomState};
use std::process::ExitCode;
use std::time::Duration;

use tests::claims::CLAIMS;
use tests::mutate::try_to_break;
use tests::seeds::{root, seeds};

const DEFAULT_SECONDS: u64 = 5;

fn main() -> ExitCode {
    let seconds = std::env::args().nth(1).and_then(|word| word.parse().ok()).unwrap_or(DEFAULT_SECONDS);
    // The only source of chance in the standard library.
    let seed = RandomState::new().hash_one(0);
    let wanted: Vec<String> = std::env::args().skip(2).collect();
    let mut all_hold = true;
    for (name, claim) in CLAIMS {
        if !wanted.is_empty() && !wanted.iter().any(|wanted| wanted == name) {
            continue;
        }
        match try_to_break(claim, &seeds(name), seed, 1, Duration::from_secs(seconds)) {
            Ok(n_tried) => println!("{name}: {n_tried} inputs, all well"),
            Err(broken) => {
                all_hold = false;
                let folder = root().join("fuzz/corpus").join(name);
                let path = folder.join(format!("broken-{seed:016x}"));
                let kept = fs::create_dir_all(&folder).and_then(|()| fs::write(&path, &broken.input));
                println!("{name}: BROKEN by {:?}", String::from_utf8_lossy(&broken.input));
                match kept {
                    Ok(()) => println!("  kept as {}", path.display()),
                    Err(error) => println!("  could not be kept: {error}"),
                }
            }
        }
    }
    if all_hold { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
