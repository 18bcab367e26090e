//! The claims of the fuzz targets, on every known input and on a few thousand changes of them; always the same ones.

use std::time::Duration;

use tests::claims::CLAIMS;
use tests::mutate::try_to_break;
use tests::seeds::seeds;

#[test]
fn no_bytes_break_what_reads_them() {
    for (name, claim) in CLAIMS {
        let seeds = seeds(name);
        assert!(!seeds.is_empty(), "{name} has nothing to begin with");
        if let Err(broken) = try_to_break(claim, &seeds, 1, 300, Duration::ZERO) {
            panic!("{name} is broken by {:?}", String::from_utf8_lossy(&broken.input));
        }
    }
}
