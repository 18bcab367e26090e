//! From the bytes of log files to the answers the page gets, natively: reading, blocks, store, searches, jobs.

mod workspace;

mod golden;

mod search;

mod sql;

mod keep;

mod protocol;
