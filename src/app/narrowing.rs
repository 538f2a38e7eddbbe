//! Narrowing a list to files of a type, a size or an age: by a line of the palette, or by a key that asks.

use super::dialog::{Dialog, Prompt, PromptFor};
use super::notices::Level;
use super::{App, Pane};
use crate::domain::{Narrow, NarrowBy, format};

impl App {
    /// Asks what to narrow the list to.
    pub(super) fn ask_narrow(&mut self, by: NarrowBy) {
        let narrow = self.narrowing().clone();
        let (title, label, example) = match by {
            NarrowBy::Type => ("Only files of a type", "type", "image, image/png or png; nothing typed: every type"),
            NarrowBy::Larger => {
                ("Only files of a size or larger", "at least", "512K, 10M, 2G; nothing typed: every size")
            }
            NarrowBy::Smaller => {
                ("Only files of a size or smaller", "at most", "512K, 10M, 2G; nothing typed: every size")
            }
            NarrowBy::Since => {
                ("Only files of an age or newer", "since", "2d, 12h, 2026-11-19; nothing typed: every age")
            }
        };
        let known = narrow.media_type.clone().filter(|_| by == NarrowBy::Type);
        let now = (!narrow.is_none()).then(|| format!("now: {}", narrow.words()));
        let question = Prompt {
            title: title.into(),
            lines: [Some(example.to_owned()), now].into_iter().flatten().collect(),
            label,
            input: known.unwrap_or_default().into(),
            remark: None,
            purpose: PromptFor::Narrow { by, narrow, now: self.out.now },
        };
        self.out.open(Dialog::Prompt(question));
    }

    /// Narrows the list, and says what that leaves out.
    pub(super) fn narrow(&mut self, narrow: Narrow) {
        self.put_narrow(narrow);
        let (narrow, left_out) = (self.list().narrow(), self.list().left_out());
        if narrow.is_none() {
            return;
        }
        let why = match left_out.unknown {
            0 => String::new(),
            unknown => format!(", {} of them because that is not known of them", format::count(unknown)),
        };
        let folders = if self.list().folders() > 0 { "; folders stay" } else { "" };
        let text = format!("{}: {} left out{why}{folders}", narrow.words(), format::count(left_out.all));
        self.out.say(Level::Info, text);
    }

    fn put_narrow(&mut self, narrow: Narrow) {
        match self.focus {
            Pane::Local => self.browser.narrow(narrow),
            Pane::Remote => self.remote.narrow(narrow, &mut self.out),
            Pane::Transfers => {}
        }
    }

    /// Shows every type, size and age again; whether any was left out.
    pub(super) fn widen(&mut self) -> bool {
        if self.narrowing().is_none() {
            return false;
        }
        self.note_narrow();
        self.put_narrow(Narrow::default());
        true
    }
}
