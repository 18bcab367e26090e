//! Tests that cross crates: the native pipeline, goldens and the real browser.
