//! Standard output and standard error of a headless command. One place decides between people's form and JSON, and one
//! place knows that a reader who went away (`windlass ls | head`) is no failure.

use std::io::{self, Write};

use serde::Serialize;

use super::bars::{Bars, Picture};
use super::json;
use super::rows::Job;
use crate::domain::display::display;
use crate::domain::{Failure, FailureKind, Result, io_reason};

/// Something that is printed on a line of its own: its fields are its JSON form.
pub trait Line: Serialize {
    /// The form for people; `None` prints nothing. What comes from outside has been through `display`.
    fn text(&self) -> Option<String>;
}

/// Whom the output is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// People.
    Text,
    /// Programs: one JSON object a line.
    Json,
}

/// Where the output goes.
enum Sink {
    Open(Box<dyn Write + Send>),
    /// The reader went away.
    Gone,
}

/// A command's output.
pub struct Output {
    format: Format,
    sink: Sink,
    /// Progress, where somebody watches.
    bars: Option<Bars>,
}

impl Output {
    /// Standard output.
    pub fn standard(format: Format) -> Self {
        let out = Box::new(io::BufWriter::with_capacity(64 * 1024, io::stdout()));
        let mut output = Self::new(format, out);
        output.bars = if format == Format::Text { Bars::on_terminal() } else { None };
        output
    }

    fn new(format: Format, writer: Box<dyn Write + Send>) -> Self {
        Self { format, sink: Sink::Open(writer), bars: None }
    }

    /// Whom it is for.
    pub fn format(&self) -> Format {
        self.format
    }

    /// Whether nobody reads any more; there is no point in going on printing.
    pub fn is_gone(&self) -> bool {
        matches!(self.sink, Sink::Gone)
    }

    /// Prints one line. It is on its way at the next [`Output::flush`], which comes before anything is waited for.
    ///
    /// # Errors
    /// `Local` or `DiskFull` where standard output cannot be written.
    pub fn print(&mut self, line: &impl Line) -> Result<()> {
        match self.format {
            Format::Json => self.write(|out| json::write_line(out, line)),
            Format::Text => match line.text() {
                Some(text) => self.write(|out| writeln!(out, "{text}")),
                None => Ok(()),
            },
        }
    }

    /// Prints a sentence for people; nothing in JSON.
    ///
    /// # Errors
    /// As [`Output::print`].
    pub fn say(&mut self, text: &str) -> Result<()> {
        match self.format {
            Format::Json => Ok(()),
            Format::Text => self.write(|out| writeln!(out, "{text}")),
        }
    }

    /// Prints bytes as they are: a document, which has only one form.
    ///
    /// # Errors
    /// As [`Output::print`].
    pub fn raw(&mut self, bytes: &[u8]) -> Result<()> {
        self.write(|out| out.write_all(bytes))
    }

    /// Hands everything printed so far to the reader.
    ///
    /// # Errors
    /// As [`Output::print`].
    pub fn flush(&mut self) -> Result<()> {
        self.act(|out| out.flush())
    }

    fn write(&mut self, act: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<()> {
        self.wipe_progress();
        self.act(act)
    }

    fn act(&mut self, act: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<()> {
        let Sink::Open(writer) = &mut self.sink else { return Ok(()) };
        match act(writer.as_mut()) {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                // The buffer would try again when it is dropped; that fails as quietly.
                self.sink = Sink::Gone;
                Ok(())
            }
            Err(error) => {
                // Told once: what is still in the buffer has nowhere to go.
                self.sink = Sink::Gone;
                let what = format!("cannot write to standard output: {}", io_reason(&error));
                Err(Failure::new(FailureKind::Local, what))
            }
        }
    }

    /// One readable line on standard error.
    pub fn problem(&mut self, failure: &Failure) {
        failure.each().for_each(|wrong| self.note(&wrong.sentence()));
    }

    /// A sentence on standard error: what a person should know beside the output.
    pub fn note(&mut self, text: &str) {
        self.wipe_progress();
        self.flush_what_came_before();
        write_error(&format!("windlass: {}\n", display(text)));
    }

    /// What failed: its line, of which people see nothing, and one readable line on standard error.
    ///
    /// # Errors
    /// As [`Output::print`].
    pub fn tell_failed(&mut self, job: &Job) -> Result<()> {
        self.print(job)?;
        self.note(&job.complaint());
        Ok(())
    }

    /// Whether there is anybody to show progress to.
    pub fn shows_progress(&self) -> bool {
        self.bars.is_some()
    }

    /// Shows how far the work is, in place, where standard error is a terminal and people read.
    pub fn progress(&mut self, picture: &Picture<'_>) {
        self.flush_what_came_before();
        if let Some(bars) = &mut self.bars {
            bars.draw(picture);
        }
    }

    /// Both outputs may be one terminal, where lines keep their order.
    fn flush_what_came_before(&mut self) {
        let _fails_again_at_the_next_flush = self.flush();
    }

    fn wipe_progress(&mut self) {
        if let Some(bars) = &mut self.bars {
            bars.clear();
        }
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        self.wipe_progress();
    }
}

/// Writes to standard error; there is nobody to tell when that fails.
pub fn write_error(text: &str) {
    let _nobody_to_tell = io::stderr().write_all(text.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Serialize)]
    struct Named {
        name: &'static str,
    }

    impl Line for Named {
        fn text(&self) -> Option<String> {
            Some(format!("its name is {}", self.name))
        }
    }

    /// Fails as a pipe does whose reader closed it.
    struct Closed;

    impl Write for Closed {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Err(io::ErrorKind::BrokenPipe.into())
        }
    }

    #[test]
    fn a_reader_that_went_away_is_no_failure() {
        for format in [Format::Text, Format::Json] {
            let mut output = Output::new(format, Box::new(Closed));
            assert_eq!(output.print(&Named { name: "x" }), Ok(()));
            assert_eq!(output.flush(), Ok(()));
            assert!(output.is_gone());
        }
    }
}
