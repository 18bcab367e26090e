//! The page.

pub mod port;

fn main() {}
