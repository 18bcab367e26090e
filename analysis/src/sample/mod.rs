//! Sample logs with a known truth: a small shop of eight services and one incident.
