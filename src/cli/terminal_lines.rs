//! Standard error as the progress bars draw on it: every picture is one write, and the cursor is left at the beginning of
//! its last line. What the terminal echoes in between, a ^C for one, then stays within the picture and goes with it.

use std::io;
use std::sync::{Mutex, PoisonError};

use indicatif::TermLike;

use super::output::write_error;

/// Collects a picture until it is whole.
#[derive(Debug, Default)]
pub struct TerminalLines(Mutex<String>);

impl TerminalLines {
    fn add(&self, text: &str) -> io::Result<()> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push_str(text);
        Ok(())
    }

    fn go(&self, by: usize, direction: char) -> io::Result<()> {
        if by > 0 { self.add(&format!("\x1b[{by}{direction}")) } else { Ok(()) }
    }
}

/// Columns and rows of the terminal.
pub fn size() -> (u16, u16) {
    match rustix::termios::tcgetwinsize(io::stderr()) {
        Ok(size) if size.ws_col > 0 && size.ws_row > 0 => (size.ws_col, size.ws_row),
        _ => (80, 24),
    }
}

impl TermLike for TerminalLines {
    fn width(&self) -> u16 {
        size().0
    }

    fn height(&self) -> u16 {
        size().1
    }

    fn move_cursor_up(&self, n: usize) -> io::Result<()> {
        self.go(n, 'A')
    }

    fn move_cursor_down(&self, n: usize) -> io::Result<()> {
        self.go(n, 'B')
    }

    fn move_cursor_right(&self, n: usize) -> io::Result<()> {
        self.go(n, 'C')
    }

    fn move_cursor_left(&self, n: usize) -> io::Result<()> {
        self.go(n, 'D')
    }

    fn write_line(&self, text: &str) -> io::Result<()> {
        self.add(text)?;
        self.add("\r\n")
    }

    fn write_str(&self, text: &str) -> io::Result<()> {
        self.add(text)
    }

    fn clear_line(&self) -> io::Result<()> {
        self.add("\r\x1b[2K")
    }

    fn flush(&self) -> io::Result<()> {
        let mut picture = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        // At the end of a full line an echo would begin a new one, and the bars would be looked for in the wrong place.
        picture.push('\r');
        write_error(&picture);
        Ok(())
    }
}
