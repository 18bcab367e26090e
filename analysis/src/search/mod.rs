//! Which entries of a block a query finds, and which blocks to look at.
