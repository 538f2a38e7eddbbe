//! What the tests stand on: servers, databases and the real program in a real terminal.

pub mod postgres;
pub mod pty;
