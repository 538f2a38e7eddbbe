//! Progress bars on standard error while somebody watches: a line for each transfer that runs, up to eight, and one for
//! all together. They vanish before anything else is printed and leave nothing behind.

use std::io::{self, IsTerminal};

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::terminal_lines::{TerminalLines, size};
use crate::domain::display::{display, fit, fit_end, width};
use crate::domain::format;
use crate::domain::transfer::TransferView;

/// Running transfers that have a line of their own.
const MOST_LINES: usize = 8;

/// Columns of a bar.
const BAR: usize = 16;

/// Columns from which on there is room for bars.
const WIDE: usize = 60;

/// Columns of a running transfer's figures.
const FIGURES: usize = 38;

/// What there is to show.
#[derive(Debug, Default)]
pub struct Picture<'a> {
    /// The transfers that run, in queue order.
    pub running: Vec<&'a TransferView>,
    /// All that were asked for so far.
    pub asked: usize,
    /// How many of them have ended.
    pub ended: usize,
    /// More may be found: every total is "at least".
    pub searching: bool,
    /// Bytes of all whose size is known; 0 where nothing is moved.
    pub bytes: u64,
    /// The sizes of some are not known yet: the total of bytes is "at least".
    pub unmeasured: bool,
    /// Bytes of them that are through.
    pub sent: u64,
    /// Bytes a second.
    pub rate: f64,
    /// Seconds until all is through.
    pub seconds_left: Option<u64>,
    /// Why it stands still: "offline: next try in 12 s".
    pub hold: Option<String>,
}

/// The bars on the terminal.
pub struct Bars {
    all: MultiProgress,
    lines: Vec<ProgressBar>,
    more: Option<ProgressBar>,
    total: ProgressBar,
    wide: bool,
    shown: bool,
}

impl Bars {
    /// Bars on standard error, where that is a terminal which can move its cursor.
    pub fn on_terminal() -> Option<Self> {
        let dumb = std::env::var_os("TERM").is_none_or(|term| term.is_empty() || term == "dumb");
        (io::stderr().is_terminal() && !dumb).then(Self::new)
    }

    fn new() -> Self {
        // Every change is drawn by `draw` alone, once, when all of them are made.
        let all =
            MultiProgress::with_draw_target(ProgressDrawTarget::term_like_with_hz(Box::<TerminalLines>::default(), 1));
        let total = all.add(ProgressBar::no_length());
        Self { all, lines: Vec::new(), more: None, total, wide: false, shown: false }
    }

    /// Draws in place of what was drawn before.
    pub fn draw(&mut self, picture: &Picture<'_>) {
        let (columns, rows) = (usize::from(size().0), usize::from(size().1));
        self.adapt(columns);
        let lines = picture.running.len().min(MOST_LINES).min(rows.saturating_sub(4));
        self.make_room(lines);
        let name = columns.saturating_sub(FIGURES + if self.wide { BAR + 2 } else { 1 });
        for (bar, shown) in self.lines.iter().zip(&picture.running) {
            set(bar, shown.sent, shown.transfer.size.unwrap_or(0));
            bar.set_prefix(padded(&subject(shown), name));
            bar.set_message(figures(shown));
        }
        self.say_more(picture.running.len() - lines);
        match picture.bytes {
            0 => set(&self.total, picture.ended as u64, picture.asked as u64),
            bytes => set(&self.total, picture.sent, bytes),
        }
        let room = columns.saturating_sub(if self.wide { BAR + 2 } else { 1 });
        self.total.set_message(fit(&total(picture), room).into_owned());
        self.total.force_draw();
        self.shown = true;
    }

    /// Takes the bars away, until they are drawn again.
    pub fn clear(&mut self) {
        if std::mem::take(&mut self.shown) {
            let _nobody_to_tell = self.all.clear();
        }
    }

    /// Bars where there is room for them.
    fn adapt(&mut self, columns: usize) {
        let wide = columns >= WIDE;
        if wide != self.wide || self.total.length().is_none() {
            self.wide = wide;
            self.make_room(0);
            self.total.set_style(style(if wide { "{bar:16} {msg}" } else { "{msg}" }));
        }
    }

    fn make_room(&mut self, lines: usize) {
        for gone in self.lines.drain(lines.min(self.lines.len())..) {
            self.all.remove(&gone);
        }
        while self.lines.len() < lines {
            let form = if self.wide { "{prefix} {bar:16} {msg}" } else { "{prefix} {msg}" };
            let bar = ProgressBar::no_length().with_style(style(form));
            self.lines.push(self.all.insert(self.lines.len(), bar));
        }
    }

    fn say_more(&mut self, number: usize) {
        if number == 0 {
            self.more.take().into_iter().for_each(|bar| self.all.remove(&bar));
            return;
        }
        let new = || self.all.insert_before(&self.total, ProgressBar::no_length().with_style(style("{msg}")));
        self.more.get_or_insert_with(new).set_message(format!("and {} more", format::count(number as u64)));
    }
}

fn style(template: &str) -> ProgressStyle {
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_never| ProgressStyle::default_bar());
    style.progress_chars("━╸─")
}

fn set(bar: &ProgressBar, position: u64, length: u64) {
    bar.set_length(length.max(1));
    bar.set_position(position.min(length));
}

fn subject(shown: &TransferView) -> String {
    display(&shown.transfer.key).into_owned()
}

fn padded(text: &str, columns: usize) -> String {
    let text = fit_end(text, columns);
    format!("{text}{}", " ".repeat(columns.saturating_sub(width(&text))))
}

/// Percent, bytes, rate and time left of one transfer.
fn figures(shown: &TransferView) -> String {
    let size = shown.transfer.size;
    let percent = size.map_or_else(|| "    ".into(), |size| format!("{:>3}%", percent(shown.sent, size)));
    let size = size.map_or_else(|| "?".into(), format::size);
    let left = shown.seconds_left().map(format::clock).unwrap_or_default();
    format!("{percent} {size:>10} {:>12} {left:>8}", format::rate(shown.rate))
}

fn percent(part: u64, whole: u64) -> u64 {
    if whole == 0 { 100 } else { u64::try_from(u128::from(part.min(whole)) * 100 / u128::from(whole)).unwrap_or(100) }
}

/// The line for all together, the most important first: a narrow terminal cuts its end.
fn total(picture: &Picture<'_>) -> String {
    let at_least = |so: bool| if so { "at least " } else { "" };
    let least = at_least(picture.searching);
    let count = |number: usize| format::count(number as u64);
    let mut text = format!("{} of {least}{} done", count(picture.ended), count(picture.asked));
    if picture.bytes > 0 {
        let least = at_least(picture.searching || picture.unmeasured);
        text.push_str(&format!(", {} of {least}{}", format::size(picture.sent), format::size(picture.bytes)));
    }
    match &picture.hold {
        Some(hold) => text.push_str(&format!(", {}", display(hold))),
        None if picture.bytes > 0 => text.push_str(&format!(", {}", format::rate(picture.rate))),
        None => {}
    }
    if let Some(seconds) = picture.seconds_left.filter(|_| picture.hold.is_none()) {
        text.push_str(&format!(", {} left", format::clock(seconds)));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_total_says_at_least_while_folders_are_read() {
        let mut picture = Picture { asked: 1500, ended: 12, bytes: 1 << 30, sent: 1 << 20, ..Picture::default() };
        picture.searching = true;
        assert_eq!(total(&picture), "12 of at least 1,500 done, 1.0 MiB of at least 1.0 GiB, 0 B/s");
        (picture.searching, picture.unmeasured) = (false, true);
        assert_eq!(total(&picture), "12 of 1,500 done, 1.0 MiB of at least 1.0 GiB, 0 B/s");
        picture.unmeasured = false;
        picture.seconds_left = Some(62);
        picture.rate = 2_097_152.0;
        assert_eq!(total(&picture), "12 of 1,500 done, 1.0 MiB of 1.0 GiB, 2.0 MiB/s, 1:02 left");
    }

    #[test]
    fn a_hold_stands_where_the_rate_would() {
        let hold = Some("offline: next try in 12 s".to_owned());
        let picture = Picture { asked: 2, hold, seconds_left: Some(9), ..Picture::default() };
        assert_eq!(total(&picture), "0 of 2 done, offline: next try in 12 s");
    }

    #[test]
    fn percent_never_overflows_and_an_empty_file_is_whole() {
        assert_eq!((percent(u64::MAX, u64::MAX), percent(1, 3), percent(0, 0)), (100, 33, 100));
    }
}
