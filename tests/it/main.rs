//! The one integration test binary: real parts, by theme.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "clippy.toml allows them in tests, but only sees functions marked as such, not the helpers beside them"
)]

mod aws_profile;
mod buckets;
mod cancelled;
mod catalog;
mod cli;
mod config;
mod cors;
mod disk;
mod doctor;
mod download;
mod drawing;
mod edits;
mod files;
mod guides;
mod holds;
mod hung;
mod layers;
mod local_bucket;
mod neon;
mod newcomer;
mod orphans;
mod outage;
mod profiles;
mod queue;
mod refused;
mod requests;
mod rights;
mod screen;
mod store;
mod story;
mod support;
mod tidied;
mod torture;
mod uploadcare;
mod uploads;
