//! The store keeps what it is told, and tells what it keeps.
