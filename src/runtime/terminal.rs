//! The terminal while Windlass has it: taken over, given back, and written to one whole frame at a time. Giving it back
//! is a free function that may run twice, because a panic, a signal and the normal end all have to do it.

use std::cell::RefCell;
use std::io::{self, Write};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::domain::picture::Graphics;
use crossterm::event::{DisableBracketedPaste, EnableBracketedPaste};
use crossterm::style::{Print, ResetColor};
use crossterm::terminal::{
    BeginSynchronizedUpdate, EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen, SetTitle,
    disable_raw_mode, enable_raw_mode,
};
use crossterm::{cursor, queue};
use ratatui::backend::CrosstermBackend;
use ratatui::layout::Size;
use ratatui::{Frame, Terminal};
use rustix::process::{Signal, kill_current_process_group};
use tokio::signal::unix::Signal as Arrivals;

/// Whether the screen has the terminal; says what [`give_back`] still has to do.
static HELD: AtomicBool = AtomicBool::new(false);

/// Buttons, drags and the wheel, with SGR coordinates. Not crossterm's own command: that one reports every movement too,
/// which would wake the loop for nothing.
const MOUSE_ON: &str = "\x1b[?1000h\x1b[?1002h\x1b[?1006h";
const MOUSE_OFF: &str = "\x1b[?1006l\x1b[?1002l\x1b[?1000l";

/// The window title is kept on the terminal's own stack meanwhile (xterm, XTWINOPS 22 and 23).
const PUSH_TITLE: &str = "\x1b[22;0t";
const POP_TITLE: &str = "\x1b[23;0t";

/// Asks for the background's colour (xterm, OSC 11). Ended by a bell, so that the answer is, too: `ESC \\` comes as a key of
/// its own where a line tears it apart.
const ASK_BACKGROUND: &str = "\x1b]11;?\x07";

/// Bytes of room for a frame that are kept for the next one; only a picture takes more.
const KEPT: usize = 256 * 1024;

/// How long a stop by `^z` may take to happen. Where nobody could wake us again (no shell above us) the system does not
/// stop us at all, and the screen comes back after this.
const STOPS_WITHIN: Duration = Duration::from_millis(100);

/// The terminal in the screen's hands; dropping it gives it back.
pub struct Screen {
    terminal: Terminal<CrosstermBackend<FrameBytes>>,
    bytes: FrameBytes,
    wishes: Wishes,
    title: String,
    /// The picture of ours that the terminal keeps, by its number and what it was sent.
    kept: Option<(u32, Arc<str>)>,
}

/// What the terminal is to do beside showing the screen.
#[derive(Debug, Clone, Copy)]
pub struct Wishes {
    /// Buttons and wheel are ours.
    pub mouse: bool,
    /// It is to say how bright its background is.
    pub background: bool,
}

impl Screen {
    /// Takes the terminal over: raw mode, alternate screen, bracketed paste, and what is wished for.
    ///
    /// # Errors
    /// What the terminal answers, such as a standard output that is none.
    pub fn take(wishes: Wishes) -> io::Result<Self> {
        let bytes = FrameBytes::default();
        let screen = Self {
            terminal: Terminal::new(CrosstermBackend::new(bytes.clone()))?,
            bytes,
            wishes,
            title: String::new(),
            kept: None,
        };
        take_over(wishes)?;
        Ok(screen)
    }

    /// Draws one frame and hands it to the terminal as one write, shown at once where the terminal can
    /// (synchronized output).
    ///
    /// # Errors
    /// What the terminal answers; a closed one is gone for good.
    pub fn draw(&mut self, view: impl FnOnce(&mut Frame)) -> io::Result<()> {
        queue!(self.bytes, BeginSynchronizedUpdate)?;
        self.terminal.draw(view)?;
        queue!(self.bytes, EndSynchronizedUpdate)?;
        self.bytes.hand_over()
    }

    /// Whether the terminal is asked for its background whenever it is taken.
    pub fn asks_background(&self) -> bool {
        self.wishes.background
    }

    /// The window's size.
    pub fn size(&self) -> Size {
        // A terminal that has just gone has no size; the next write says so.
        self.terminal.size().unwrap_or_default()
    }

    /// Names the window, from the next frame on. The text has to be fit for display.
    ///
    /// # Errors
    /// None: it is only collected here.
    pub fn set_title(&mut self, title: &str) -> io::Result<()> {
        if title != self.title && takes_titles() {
            queue!(self.bytes, SetTitle(title))?;
            title.clone_into(&mut self.title);
        }
        Ok(())
    }

    /// Gives a terminal that keeps pictures the one that is shown, with the next frame: once, however often it is drawn and
    /// whatever stands over it. Another one is forgotten.
    ///
    /// # Errors
    /// None: it is only collected here.
    pub fn keep_picture(&mut self, shown: Option<&Graphics>) -> io::Result<()> {
        let wanted = shown.filter(|picture| picture.is_kept());
        let same = |(_, kept): &(u32, Arc<str>)| wanted.is_some_and(|wanted| Arc::ptr_eq(kept, &wanted.kept));
        if self.kept.as_ref().is_some_and(same) {
            return Ok(());
        }
        if let Some((number, _)) = self.kept.take() {
            queue!(self.bytes, Print(forget_picture(number)))?;
        }
        if let Some(picture) = wanted {
            queue!(self.bytes, Print(&picture.kept))?;
            self.kept = Some((picture.number(), picture.kept.clone()));
        }
        Ok(())
    }

    /// Sends a finished control sequence, such as a clipboard text or a bell.
    ///
    /// # Errors
    /// What the terminal answers.
    pub fn send(&mut self, sequence: &[u8]) -> io::Result<()> {
        self.bytes.write_all(sequence)?;
        self.bytes.hand_over()
    }

    /// Takes the mouse, or leaves it to the terminal's own selection.
    ///
    /// # Errors
    /// What the terminal answers.
    pub fn set_mouse(&mut self, on: bool) -> io::Result<()> {
        self.wishes.mouse = on;
        self.send(if on { MOUSE_ON } else { MOUSE_OFF }.as_bytes())
    }

    /// Everything is drawn anew next time, whatever the terminal shows now.
    ///
    /// # Errors
    /// What the terminal answers.
    pub fn forget_frame(&mut self) -> io::Result<()> {
        // Not `Terminal::clear`: that one asks the terminal where its cursor is, and waits for the answer.
        let size = self.terminal.size()?;
        // Whoever had the terminal meanwhile may have cleared it of pictures, too.
        self.kept = None;
        self.terminal.resize(size.into())
    }

    /// Takes the terminal over again after somebody else had it.
    ///
    /// # Errors
    /// What the terminal answers.
    pub fn take_again(&mut self) -> io::Result<()> {
        // Raw mode is switched off first, because crossterm believes it is still on and would leave it.
        disable_raw_mode()?;
        take_over(self.wishes)?;
        let title = std::mem::take(&mut self.title);
        self.set_title(&title)?;
        self.forget_frame()
    }

    /// Gives the terminal back, stops the process group as `^z` does everywhere, and takes the terminal again once
    /// somebody lets us go on.
    ///
    /// # Errors
    /// What the terminal or the system answers.
    pub async fn suspend(&mut self, go_on: &mut Arrivals) -> io::Result<()> {
        give_back();
        kill_current_process_group(Signal::TSTP)?;
        // The time that we are stopped for counts, so a stop of any length ends this wait at once.
        let _either_way = tokio::time::timeout(STOPS_WITHIN, go_on.recv()).await;
        self.take_again()
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        // Nobody is left to tell when a closed terminal cannot be written to.
        let _closed = self.keep_picture(None).and_then(|()| self.bytes.hand_over());
        give_back();
    }
}

/// Deletes a picture and its pixels (kitty's graphics protocol), without an answer.
fn forget_picture(number: u32) -> String {
    format!("\x1b_Ga=d,d=I,i={number},q=2\x1b\\")
}

/// Whether the terminal has a title; one that has none may show what it is sent.
fn takes_titles() -> bool {
    !std::env::var("TERM").is_ok_and(|term| has_no_title(&term))
}

/// The system's own console, and what calls itself dumb.
fn has_no_title(term: &str) -> bool {
    term == "dumb" || term == "linux" || term.starts_with("linux-")
}

fn take_over(wishes: Wishes) -> io::Result<()> {
    if std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty()) {
        // The theme is free of colour then. Left alone, crossterm 0.29 would send resets in the colours' place, and those
        // undo the bold and reversed text that the selection is shown by.
        crossterm::style::force_color_output(true);
    }
    enable_raw_mode()?;
    let was_held = HELD.swap(true, Ordering::SeqCst);
    write_out(&greeting(!was_held && takes_titles(), wishes)?)
}

/// What the terminal is told when it is taken. Where it was never given back (stopped from outside), the user's title is
/// on its stack still, and a second one would stay there for good.
fn greeting(keep_title: bool, wishes: Wishes) -> io::Result<Vec<u8>> {
    let mut out = Vec::new();
    if keep_title {
        queue!(out, Print(PUSH_TITLE))?;
    }
    queue!(out, EnterAlternateScreen, EnableBracketedPaste, cursor::Hide)?;
    if wishes.mouse {
        queue!(out, Print(MOUSE_ON))?;
    }
    if wishes.background {
        queue!(out, Print(ASK_BACKGROUND))?;
    }
    Ok(out)
}

/// Gives the terminal back as it was. Does nothing where the screen does not have it.
pub fn give_back() {
    if HELD.swap(false, Ordering::SeqCst) {
        // Nobody is left to tell when a closed terminal cannot be written to.
        let _closed = write_farewell();
        let _closed = disable_raw_mode();
    }
}

fn write_farewell() -> io::Result<()> {
    let mut out = Vec::new();
    queue!(out, EndSynchronizedUpdate, Print(MOUSE_OFF), DisableBracketedPaste, ResetColor)?;
    queue!(out, LeaveAlternateScreen, cursor::Show)?;
    if takes_titles() {
        queue!(out, Print(POP_TITLE))?;
    }
    write_out(&out)
}

fn write_out(bytes: &[u8]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(bytes)?;
    out.flush()
}

/// Collects what ratatui writes until the frame is whole. What is collected when the terminal is given back is never
/// written, so that no half frame ends up in the user's shell.
#[derive(Clone, Default)]
struct FrameBytes(Rc<RefCell<Vec<u8>>>);

impl FrameBytes {
    fn hand_over(&self) -> io::Result<()> {
        let mut bytes = self.0.borrow_mut();
        let written = if HELD.load(Ordering::SeqCst) { write_out(&bytes) } else { Ok(()) };
        if bytes.capacity() > KEPT {
            *bytes = Vec::new();
        }
        bytes.clear();
        written
    }
}

impl Write for FrameBytes {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    /// ratatui flushes after every cursor command; the frame goes out as a whole instead.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_put_aside_once_however_often_the_terminal_is_taken() {
        let wishes = Wishes { mouse: true, background: true };
        let pushes = |keep| String::from_utf8(greeting(keep, wishes).unwrap()).unwrap().matches(PUSH_TITLE).count();
        assert_eq!((pushes(true), pushes(false)), (1, 0));
    }

    #[test]
    fn a_console_without_a_title_is_sent_none() {
        assert!(has_no_title("dumb") && has_no_title("linux") && has_no_title("linux-16color"));
        assert!(!has_no_title("xterm-256color") && !has_no_title("tmux-256color"));
    }
}
