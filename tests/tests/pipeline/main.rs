//! From the bytes of log files to the answers the page gets, natively: reading, blocks, store, searches, jobs.
#![allow(clippy::unwrap_used, reason = "in tests a panic is the report; clippy knows only #[test] functions as tests")]

mod workspace;

mod golden;

mod search;

mod answers;

mod chosen;

mod columns;

mod context;

mod export;

mod templates;

mod variables;

mod mapping;

mod naming;

mod incidents;

mod deployments;

mod groups;

mod red;

mod requests;

mod lanes;

mod compare;

mod query_guide;

mod sql;

mod console;

mod agreement;

mod topology;

mod keep;

mod marks;

mod growth;

mod case_file;

mod foreign_case;

mod damage;

mod read_as;

mod own_formats;

mod protocol;
mod pseudonyms;
