//! The one integration test binary: real parts, by theme.

mod config;
mod support;
