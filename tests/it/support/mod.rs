//! What the tests stand on: servers, databases and the real program in a real terminal.

pub mod bucket;
pub mod canned;
pub mod far;
pub mod faulty;
pub mod front;
pub mod graphics;
pub mod heard;
pub mod home;
pub mod http;
pub mod hung_disk;
pub mod mouse;
pub mod pgbouncer;
pub mod postgres;
pub mod program;
pub mod pty;
pub mod rogue;
pub mod servers;
pub mod small_disk;
pub mod tls;
pub mod uploadcare;
