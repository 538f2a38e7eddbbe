//! The picture beneath what its first bytes say: asked for once it is known to be one, for the room that there is, and
//! again when that changes.

use super::rows::InspectorRow;
use super::{Inspector, inquire};
use crate::app::App;
use crate::app::effect::{PreviewSource, Question};
use crate::app::outbox::Outbox;
use crate::app::requests::Purpose;
use crate::config::{Way, Where};
use crate::domain::Result;
use crate::domain::format::size as shown_size;
use crate::domain::picture::{Graphics, MOST_FETCHED, MOST_READ, Picture, Protocol, Room};

/// Where the picture is.
#[derive(Debug, Default)]
pub(super) struct Canvas {
    /// What it was asked for last: for which room, and in which language besides.
    asked: Option<(Room, Option<Protocol>)>,
    drawn: Drawn,
}

/// What is there of it.
#[derive(Debug, Default)]
enum Drawn {
    /// Nothing: it is none, or nobody wants to see it.
    #[default]
    Nothing,
    /// It is one, and on its way.
    Coming,
    /// This.
    Is(Picture),
    /// It cannot be shown, for this reason.
    Not(String),
}

impl Canvas {
    /// There is nothing to draw.
    pub(super) const EMPTY: Self = Self { asked: None, drawn: Drawn::Nothing };

    /// There is a picture to draw.
    pub(super) const fn blank() -> Self {
        Self { asked: None, drawn: Drawn::Coming }
    }

    /// Whether there is a picture, or will be.
    pub(super) fn is_drawn(&self) -> bool {
        matches!(self.drawn, Drawn::Coming | Drawn::Is(_))
    }

    /// Rows that it takes.
    pub(super) fn len(&self) -> usize {
        match &self.drawn {
            Drawn::Nothing => 0,
            Drawn::Coming | Drawn::Not(_) => 1,
            Drawn::Is(picture) => picture.rows(),
        }
    }

    /// A row of it; a remark as text, which may be longer than a row.
    pub(super) fn row(&self, row: usize) -> std::result::Result<InspectorRow, &str> {
        match &self.drawn {
            Drawn::Nothing | Drawn::Coming => Err("the picture is on its way …"),
            Drawn::Not(why) => Err(why),
            Drawn::Is(picture) => Ok(InspectorRow::Blocks(picture.row(row))),
        }
    }

    /// Takes it over.
    pub(super) fn arrived(&mut self, picture: Result<Picture>) {
        self.drawn = picture.map_or_else(|failure| Drawn::Not(failure.sentence()), Drawn::Is);
    }

    /// Whether it is to be asked for, since there is another room for it. Until it comes the old one stays, as half blocks: it
    /// is not worth being sent to the terminal once more.
    fn moves_to(&mut self, room: Room, protocol: Option<Protocol>) -> bool {
        let moves = !matches!(self.drawn, Drawn::Nothing) && self.asked != Some((room, protocol));
        if moves {
            self.asked = Some((room, protocol));
            self.drawn = match std::mem::take(&mut self.drawn) {
                Drawn::Is(picture) => Drawn::Is(picture.with(None)),
                other => other,
            };
        }
        moves
    }
}

impl App {
    /// Asks for the picture where there is one to draw and its room is another one than before.
    pub(in crate::app) fn draw_picture(&mut self) {
        let Some(room) = self.picture_room() else { return };
        if let Some(inspector) = &mut self.inspector {
            inspector.draw(room, self.images, &mut self.out);
        }
    }

    /// The picture that the terminal itself draws, beneath so many rows of the inspector: where it is whole, and covered by
    /// nothing if that would tear it. Elsewhere half blocks stand in its place.
    pub fn graphics(&self) -> Option<(usize, &Graphics)> {
        let Drawn::Is(picture) = &self.inspector()?.seen.canvas.drawn else { return None };
        let is_covered = self.dialog.is_some() || !self.out.notices.shown().is_empty();
        let graphics = picture.graphics().filter(|graphics| graphics.is_kept() || !is_covered)?;
        self.layout().inspector?;
        Some((self.above_picture()?, graphics))
    }

    /// All that is left beneath the facts where the preview is alone, else half of the inspector: what stands above comes
    /// and goes, and a picture is not fetched anew for that.
    fn picture_room(&self) -> Option<Room> {
        let (columns, rows) = self.inspector_room();
        let inspector = self.inspector()?;
        let rows = if inspector.is_zoomed() { rows.saturating_sub(1 + inspector.seen.facts()) } else { rows / 2 };
        let rows = u16::try_from(rows).unwrap_or(u16::MAX);
        (columns > 0 && rows > 0).then_some(Room { columns, rows })
    }
}

impl Inspector {
    fn draw(&mut self, room: Room, way: Way, out: &mut Outbox) {
        let (protocol, most) = match way {
            Way::Pixels(protocol, place) if self.zoomed || place == Where::Anywhere => (Some(protocol), place.most()),
            _ => (None, 0),
        };
        if !self.seen.canvas.moves_to(room, protocol) {
            return;
        }
        let Some(source) = self.source() else { return };
        self.seen.canvas.drawn = match (way, too_large(&source)) {
            (Way::Not(None), _) => Drawn::Nothing,
            (Way::Not(Some(why)), _) => Drawn::Not(why.into()),
            (_, Some(why)) => Drawn::Not(why),
            (_, None) => {
                let question = Question::Picture { source, room, protocol, most };
                return inquire(Purpose::Picture, question, out);
            }
        };
    }
}

/// Why a picture is not worth its bytes.
fn too_large(source: &PreviewSource) -> Option<String> {
    let (size, most, verb) = match source {
        PreviewSource::File { size, .. } => (*size, MOST_READ, "read"),
        PreviewSource::Object { size, .. } => (*size, MOST_FETCHED, "fetched"),
    };
    (size > most).then(|| format!("it is not drawn: at most {} are {verb} for a preview", shown_size(most)))
}
