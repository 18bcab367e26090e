//! Pure log science: bytes in, findings out. No I/O, no clock, no SQLite, no browser.

pub mod format;

pub mod read;

pub mod fold;

pub mod colour;

pub mod tokenize;

pub mod values;

pub mod quick_hash;

pub mod numbered;

pub mod frequent;

pub mod block;

pub mod postings;

pub mod container;

pub mod protobuf;

pub mod signals;

pub mod import;

pub mod reread;

pub mod search;

pub mod fields;

pub mod answer;

pub mod lanes;

pub mod template;

pub mod compare;

mod robust;

pub mod outlier;

pub mod group;

pub mod ids;

pub mod topology;

pub mod anomaly;

pub mod deployment;

pub mod cardinality;

pub mod meaning;

pub mod naming;

mod skew;

pub mod drift;

pub mod blame;

pub mod red;

mod scrapes;

pub mod requests;

pub mod resources;

pub mod disguise;

pub mod sample;
