//! Drives the built product (`dist/`) in a real browser, for tests and measurements.

pub mod chromium;

pub mod dendro;

pub mod stage;

pub mod logs;

pub mod axe;
pub mod bench;
