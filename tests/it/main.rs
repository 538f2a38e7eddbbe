//! The one integration test binary: real parts, by theme.

mod catalog;
mod support;
