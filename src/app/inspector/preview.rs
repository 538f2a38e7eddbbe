//! What has been seen of the bytes so far: a few windows of text or bytes, one behind the other, or facts.

use super::folding::LEAST;
use super::picture::Canvas;
use super::{Inspector, Subject};
use crate::app::effect::PreviewSource;
use crate::domain::preview::{Lines, Next, Preview};
use crate::domain::{Failure, Result, key};

/// Windows that are kept: with 64 KiB each, what is read by scrolling is never much.
const MOST: usize = 4;

/// What was seen.
#[derive(Debug, Default)]
pub(super) struct Seen {
    pub(super) shown: Shown,
    /// Where it goes on.
    next: Option<Next>,
    windows: usize,
    is_reading: bool,
    /// Why it could not be read on; what was read before stays.
    trouble: Option<Failure>,
    /// The picture that the bytes are.
    pub(super) canvas: Canvas,
}

/// What there is to show.
#[derive(Debug, Default)]
pub(super) enum Shown {
    /// Nothing: it was not asked for, or it has no bytes that could be shown.
    #[default]
    Nothing,
    /// The first window is on its way.
    Reading,
    /// Lines of text, and what it is.
    Text(String, Lines),
    /// Bytes, and what they are.
    Hex(String, Vec<u8>),
    /// Facts, and what they are about.
    Facts(String, Vec<(String, String)>),
    /// It could not be read.
    Failed(Failure),
}

impl Seen {
    /// Nothing.
    pub(super) const NOTHING: Self =
        Self { shown: Shown::Nothing, next: None, windows: 0, is_reading: false, trouble: None, canvas: Canvas::EMPTY };

    /// Whether there is more to read.
    pub(super) fn goes_on(&self) -> bool {
        self.next.is_some()
    }

    /// How many facts are shown.
    pub(super) fn facts(&self) -> usize {
        if let Shown::Facts(_, facts) = &self.shown { facts.len() } else { 0 }
    }

    /// How many of so many rows are to be left for it: few for text, which goes on anyway, and all of a picture.
    pub(super) fn wanted(&self, rows: usize) -> usize {
        match &self.shown {
            Shown::Facts(_, facts) if self.canvas.is_drawn() => 1 + facts.len() + rows / 2,
            Shown::Nothing | Shown::Reading => LEAST,
            Shown::Failed(_) => 2,
            Shown::Text(_, lines) => LEAST.min(1 + lines.len()),
            Shown::Hex(_, bytes) => LEAST.min(1 + bytes.len() / 8),
            Shown::Facts(_, facts) => LEAST.min(1 + facts.len()),
        }
    }

    /// The first window is on its way.
    pub(super) fn begin(&mut self) {
        *self = Self { shown: Shown::Reading, is_reading: true, ..Self::default() };
    }

    /// Where to read on, if somebody is near the end of what there is; it is on its way then.
    pub(super) fn wants(&mut self, near: bool) -> Option<Next> {
        let next = self.next.filter(|_| near && !self.is_reading && self.windows < MOST)?;
        self.is_reading = true;
        Some(next)
    }

    /// What stands behind the last row.
    pub(super) fn end(&self) -> Option<String> {
        match (&self.trouble, self.next) {
            (Some(trouble), _) => Some(trouble.sentence()),
            (None, Some(_)) if self.is_reading => Some("reading on …".into()),
            (None, Some(_)) if self.windows >= MOST => Some("the first 256 KiB; there is more".into()),
            (None, Some(_)) => Some("…".into()),
            (None, None) => None,
        }
    }

    /// Takes over a window.
    pub(super) fn arrived(&mut self, preview: Result<Preview>) {
        self.is_reading = false;
        self.windows += 1;
        match (preview, &mut self.shown) {
            (Ok(Preview::Text { lines: more, next, .. }), Shown::Text(_, lines)) => {
                lines.append(&more);
                self.next = next;
            }
            (Ok(Preview::Hex { bytes: more, next, .. }), Shown::Hex(_, bytes)) => {
                bytes.extend(more);
                self.next = next;
            }
            (Ok(Preview::Text { what, lines, next }), shown) => (*shown, self.next) = (Shown::Text(what, lines), next),
            (Ok(Preview::Hex { what, bytes, next }), shown) => (*shown, self.next) = (Shown::Hex(what, bytes), next),
            (Ok(Preview::Facts { what, facts }), shown) => (*shown, self.next) = (Shown::Facts(what, facts), None),
            (Ok(Preview::Picture { what, facts }), shown) => {
                (*shown, self.next, self.canvas) = (Shown::Facts(what, facts), None, Canvas::blank());
            }
            (Err(failure), Shown::Reading) => self.shown = Shown::Failed(failure),
            (Err(failure), _) => (self.trouble, self.next) = (Some(failure), None),
        }
    }
}

impl Inspector {
    /// Whose bytes can be shown: of a file or an object that is there.
    pub(super) fn source(&self) -> Option<PreviewSource> {
        match self.subject.as_ref()? {
            Subject::File(path) => {
                let size = self.file.get()?.size?;
                Some(PreviewSource::File { path: path.clone(), size })
            }
            Subject::Object { profile, key, name, .. } => {
                let (info, _) = self.object.get()?.as_ref()?;
                let name = name.as_ref().or(info.name.as_ref()).map_or_else(|| key::name(key), String::as_str);
                Some(PreviewSource::Object {
                    profile: profile.clone(),
                    key: key.clone(),
                    name: name.to_owned(),
                    etag: info.etag.clone(),
                    size: info.size,
                })
            }
            Subject::Prefix(_) => None,
        }
    }
}
