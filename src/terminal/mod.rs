//! The user's terminal and desk, as far as they are not drawn on: the way to the clipboard, which may be on another
//! machine than Windlass.

pub mod clipboard;
mod desktop;
mod osc52;

pub use clipboard::{Clipboard, ClipboardPath, Copied, Outcome};
