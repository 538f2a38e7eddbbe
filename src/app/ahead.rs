//! Marks for a list that is on its way. Who opens a folder and marks at once means what is in the folder: such a mark waits
//! for the first rows, and the steps behind it with it, since it is by them that a range is drawn. Steps alone move in what is
//! shown, and what works on rows says that they are not there yet. Where the list does not come, nothing is marked.

use super::notices::Level;
use super::undo::Spot;
use super::{App, Pane};
use crate::action::{Action, Group};

/// What waits.
#[derive(Debug)]
pub(super) struct Ahead {
    pane: Pane,
    /// The list that it is for.
    spot: Spot,
    actions: Vec<Action>,
}

impl App {
    /// Keeps an action for the list that is on its way, or says why it cannot be done yet; whether either was so.
    pub(super) fn put_off(&mut self, action: Action) -> bool {
        let Some(spot) = self.coming() else { return false };
        let waits = self.ahead.as_mut().filter(|ahead| ahead.spot == spot);
        match (waits, action) {
            (Some(ahead), action) if is_mark(action) || is_step(action) => ahead.actions.push(action),
            (None, action) if is_mark(action) => {
                self.ahead = Some(Ahead { pane: self.focus, spot, actions: vec![action] });
            }
            (Some(_), action) if matches!(action.entry().group, Group::Files | Group::Links) => {
                let text = format!("{}: your marks wait for what is still being read", action.entry().short);
                self.out.say(Level::Refusal, text);
            }
            _ => return false,
        }
        true
    }

    /// The list that is to take the place of the focused pane's, once its first rows are there.
    fn coming(&self) -> Option<Spot> {
        match self.focus {
            Pane::Local => {
                let to = self.browser.going().filter(|to| *to != self.browser.folder())?;
                let mut spot = self.spot();
                to.clone_into(&mut spot.folder);
                Some(spot)
            }
            Pane::Remote => self.remote.is_coming().then(|| self.spot()),
            Pane::Transfers => None,
        }
    }

    /// Somebody moved on from a row that was asked for: what was to be marked from there on is not.
    pub(super) fn move_on(&mut self) {
        if self.remote.move_on() {
            self.ahead = self.ahead.take().filter(|ahead| ahead.pane != Pane::Remote);
        }
    }

    /// A list has an answer: does what waited for it, if it is there.
    pub(super) fn catch_up(&mut self) {
        let Some(ahead) = self.ahead.take() else { return };
        let focus = std::mem::replace(&mut self.focus, ahead.pane);
        if self.coming().is_some_and(|spot| spot == ahead.spot) {
            self.ahead = Some(ahead);
        } else if self.spot() == ahead.spot && !(ahead.pane == Pane::Remote && self.remote.is_elsewhere()) {
            ahead.actions.into_iter().for_each(|action| self.perform(action));
        }
        self.focus = focus;
    }
}

fn is_mark(action: Action) -> bool {
    matches!(action, Action::Mark | Action::MarkRange | Action::MarkAll)
}

fn is_step(action: Action) -> bool {
    use Action::{First, HalfPageDown, HalfPageUp, Last, MoveDown, MoveUp, PageDown, PageUp};
    matches!(action, MoveDown | MoveUp | First | Last | HalfPageDown | HalfPageUp | PageDown | PageUp)
}
