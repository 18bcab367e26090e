//! `cargo fuzz run trial`; the claim is in `tests/src/claims.rs`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| tests::claims::trial(bytes));
