//! Cuts text into tokens, for the indexes and for queries.
