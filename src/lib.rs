//! Windlass: a terminal file manager for files in object storage that are catalogued in Postgres.
//!
//! ARCHITECTURE.md has the map; start at [`domain`] for the words, [`storage`] and [`catalog`] for the two sides that have
//! to agree.

pub mod action;
pub mod app;
pub mod catalog;
pub mod cli;
pub mod config;
pub mod doctor;
pub mod domain;
pub mod files;
pub mod preview;
pub mod runtime;
pub mod services;
pub mod storage;
pub mod terminal;
pub mod transfer;
pub mod ui;
