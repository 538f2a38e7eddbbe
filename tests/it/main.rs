//! The one integration test binary: real parts, by theme.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "clippy.toml allows them in tests, but only sees functions marked as such, not the helpers beside them"
)]

mod catalog;
mod config;
mod files;
mod screen;
mod support;
