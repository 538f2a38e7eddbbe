//! The user's terminal and desk, as far as they are not drawn on: the way to the clipboard, which may be on another
//! machine than Windlass, and whether what is typed is seen.

mod attention;
pub mod clipboard;
mod desktop;
pub mod echo;
mod osc52;

pub use attention::attention;
pub use clipboard::{Clipboard, ClipboardPath, Copied, Outcome};
