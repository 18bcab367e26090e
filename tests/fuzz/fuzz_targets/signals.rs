//! `cargo fuzz run signals`; the claim is in `tests/src/claims.rs`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| tests::claims::signals(bytes));
