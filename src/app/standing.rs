//! One level of what keys make by their slashes, whichever view shows it: the prefix that somebody stands in, the ways from
//! there, and where they have been.

mod sought;

use sought::Seeing;
pub(crate) use sought::{Seen, Sought};

use super::history::{History, Spot};
use crate::domain::key;

/// A way to another standing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Route {
    /// Into a prefix.
    Into(String),
    /// To the prefix above, the cursor on the one that was left.
    Up,
    /// To the place before.
    Back,
    /// To the place gone back from.
    Forward,
    /// To a prefix, or to where a key is with the cursor on it.
    To(String),
    /// To the prefix of a letter.
    Letter(char),
}

/// What is under the cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Under<'a> {
    /// The row `..`.
    Parent,
    /// A prefix.
    Folder(&'a str),
    /// An object, or its record.
    File(&'a str),
}

impl Under<'_> {
    /// Where it leads when it is opened: a file only where it was searched for, to where it is.
    pub(crate) fn route(self, searched_for: bool) -> Option<Route> {
        match self {
            Self::Parent => Some(Route::Up),
            Self::Folder(prefix) => Some(Route::Into(prefix.to_owned())),
            Self::File(key) => searched_for.then(|| Route::To(key.to_owned())),
        }
    }
}

/// The row that the cursor is to be put on.
#[derive(Debug, Default, PartialEq, Eq)]
enum Aim {
    /// None.
    #[default]
    Nothing,
    /// The one of this name.
    Row(Vec<u8>, Reach),
    /// None any more: this one had not come when somebody moved on just now.
    Left(Vec<u8>),
    /// One that is not there, or too far down.
    Missed,
}

/// Where that row is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reach {
    /// In the first page alone: later the cursor is where it was moved to.
    FirstPage,
    /// In every page until it comes; none is there yet.
    EveryPage,
    /// In those that follow: the first did not have it.
    Further,
}

/// Where somebody stands.
#[derive(Debug, Default)]
pub(crate) struct Standing {
    prefix: String,
    history: History<String>,
    aim: Aim,
    /// What was typed to go to.
    sought: Sought,
}

impl Standing {
    /// The prefix, `/` at its end unless it is empty.
    pub(crate) fn prefix(&self) -> &str {
        &self.prefix
    }

    /// What was visited and what has a letter.
    pub(crate) fn history(&self) -> &History<String> {
        &self.history
    }

    /// A key below the prefix.
    pub(crate) fn name_of<'a>(&self, key: &'a str) -> &'a str {
        key.strip_prefix(self.prefix.as_str()).unwrap_or(key)
    }

    /// Stands in a prefix, as if it had always been there.
    pub(crate) fn stand(&mut self, prefix: String) {
        (self.prefix, self.aim, self.sought) = (prefix, Aim::Nothing, Sought::Nothing);
    }

    /// Stands where a key is, the cursor to be put on it; the way back does not lead to where it stood before.
    pub(crate) fn visit(&mut self, key: &str) {
        let Spot { place, cursor } = where_it_lies(key);
        self.stand(place);
        self.aim = cursor.map_or(Aim::Nothing, |name| Aim::Row(name, Reach::EveryPage));
    }

    /// Goes a way, from the key or prefix under the cursor; whether there is one.
    pub(crate) fn go(&mut self, way: Route, from: Option<&str>) -> bool {
        if matches!((&way, &self.aim), (Route::Into(to), Aim::Left(_)) if from == Some(to)) {
            // The row that is opened is the one that is meant.
            self.aim = Aim::Nothing;
        }
        let here = Spot { place: self.prefix.clone(), cursor: self.meant(from) };
        let to = match way {
            Route::Back => self.history.back(here),
            Route::Forward => self.history.forward(here),
            way => self.target(way).inspect(|_| self.history.leave(here)),
        };
        self.sought = Sought::Nothing;
        let Some(spot) = to else { return false };
        self.prefix = spot.place;
        self.aim = spot.cursor.map_or(Aim::Nothing, |name| Aim::Row(name, Reach::EveryPage));
        true
    }

    /// The name of the row that somebody means here: the one under the cursor, or that it was still to be put on.
    fn meant(&self, from: Option<&str>) -> Option<Vec<u8>> {
        match &self.aim {
            Aim::Row(name, _) | Aim::Left(name) => Some(name.clone()),
            Aim::Nothing | Aim::Missed => from.map(|key| self.name_of(key).as_bytes().to_vec()),
        }
    }

    fn target(&self, way: Route) -> Option<Spot<String>> {
        match way {
            Route::Into(prefix) => Some(Spot { place: prefix, cursor: None }),
            Route::Up if self.prefix.is_empty() => None,
            Route::Up => Some(split(&self.prefix, key::parent(&self.prefix).len())),
            Route::To(key) => Some(where_it_lies(&key)),
            Route::Letter(letter) => Some(Spot { place: self.history.bookmark(letter)?.clone(), cursor: None }),
            Route::Back | Route::Forward => None,
        }
    }

    /// Gives a prefix a letter.
    pub(crate) fn set_bookmark(&mut self, letter: char, prefix: String) {
        self.history.set_bookmark(letter, prefix);
    }

    /// Whether pages are to be read until the row comes that somebody asked for.
    pub(crate) fn looks_on(&self) -> bool {
        matches!(self.aim, Aim::Row(_, Reach::Further))
    }

    /// Whether the cursor could not be put on the row that somebody went to.
    pub(crate) fn is_missed(&self) -> bool {
        self.aim == Aim::Missed
    }

    /// Somebody moved on: pages are not read any more for the row that was asked for; whether they would have been.
    pub(crate) fn look_no_further(&mut self) -> bool {
        match std::mem::take(&mut self.aim) {
            Aim::Row(name, Reach::EveryPage) => self.aim = Aim::Row(name, Reach::FirstPage),
            Aim::Row(name, Reach::Further) => (self.aim, self.sought) = (Aim::Left(name), Sought::Nothing),
            aim @ Aim::Row(_, Reach::FirstPage) => {
                self.aim = aim;
                return false;
            }
            Aim::Nothing | Aim::Left(_) | Aim::Missed => return false,
        }
        true
    }

    /// Puts the cursor where it is to be, once a page is there; `go_to` says whether there is a row of that name. Answers the
    /// name of one that is gone, for the cursor to be put near it, where rows come by name; of what was typed it is said.
    pub(crate) fn find(&mut self, seen: Seen<'_>, mut go_to: impl FnMut(&[u8]) -> bool) -> Option<Vec<u8>> {
        let Some((name, reach)) = self.take_row() else {
            self.sought.answered(seen.level());
            return None;
        };
        // A name that was typed may be that of a prefix.
        let prefix = [&name[..], b"/"].concat();
        if go_to(&name) || go_to(&prefix) || folder_of(&name).is_some_and(&mut go_to) {
            self.sought.answered(Seeing::Found);
            return None;
        }
        match (seen.row(&prefix), reach) {
            (Seeing::Awaited, Reach::FirstPage) => self.sought.answered(Seeing::Found),
            (Seeing::Awaited, _) => self.aim = Aim::Row(name, Reach::Further),
            (seeing, reach) => {
                self.aim = if reach == Reach::FirstPage { Aim::Nothing } else { Aim::Missed };
                let was_typed = self.sought != Sought::Nothing;
                self.sought.answered(seeing);
                return seen.last.filter(|_| !was_typed).map(|_| name);
            }
        }
        None
    }

    fn take_row(&mut self) -> Option<(Vec<u8>, Reach)> {
        match std::mem::take(&mut self.aim) {
            Aim::Row(name, reach) => Some((name, reach)),
            aim => {
                self.aim = aim;
                None
            }
        }
    }
}

/// Of a hit from further down, which was left in the level's place: the folder that it is in.
fn folder_of(name: &[u8]) -> Option<&[u8]> {
    let slash = name.iter().position(|byte| *byte == b'/')?;
    name.get(..=slash).filter(|folder| folder.len() < name.len())
}

/// The prefix that a key is in, the cursor on its name.
fn where_it_lies(key: &str) -> Spot<String> {
    split(key, key.rfind('/').map_or(0, |slash| slash + 1))
}

/// A key's prefix of that length, the cursor on the rest.
fn split(key: &str, length: usize) -> Spot<String> {
    let (place, name) = key.split_at_checked(length).unwrap_or((key, ""));
    Spot { place: place.to_owned(), cursor: (!name.is_empty()).then(|| name.as_bytes().to_vec()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::pages::Tail;

    fn cursor(standing: &mut Standing) -> String {
        let mut asked = Vec::new();
        standing.find(Seen { any: true, tail: &Tail::End, last: None }, |name| {
            asked.push(String::from_utf8_lossy(name).into_owned());
            false
        });
        asked.join(" ")
    }

    #[test]
    fn every_slash_is_a_level_also_where_no_name_is_before_it() {
        let mut standing = Standing::default();
        for prefix in ["a/", "a//", "a//b/"] {
            assert!(standing.go(Route::Into(prefix.into()), None));
        }
        let mut seen = Vec::new();
        while standing.go(Route::Up, None) {
            seen.push((standing.prefix().to_owned(), cursor(&mut standing)));
        }
        let above = [("a//", "b/ b//"), ("a/", "/ //"), ("", "a/ a//")];
        assert_eq!(seen, above.map(|(prefix, on)| (prefix.to_owned(), on.to_owned())));
        assert!(standing.go(Route::Into("/".into()), None) && standing.go(Route::Up, None));
        assert_eq!((standing.prefix(), &*cursor(&mut Standing::default())), ("", ""));
    }

    #[test]
    fn back_and_forward_find_the_row_that_was_left() {
        let mut standing = Standing::default();
        assert!(
            !standing.go(Route::Back, None) && !standing.go(Route::Up, None) && !standing.go(Route::Letter('x'), None)
        );
        assert!(standing.go(Route::To("a/b/hero.png".into()), Some("top.txt")));
        assert_eq!((standing.prefix().to_owned(), &*cursor(&mut standing)), ("a/b/".to_owned(), "hero.png hero.png/"));
        assert!(standing.go(Route::Back, Some("a/b/other.png")));
        assert_eq!((standing.prefix().to_owned(), &*cursor(&mut standing)), (String::new(), "top.txt top.txt/"));
        assert!(standing.go(Route::Forward, Some("top.txt")));
        assert_eq!(
            (standing.prefix().to_owned(), &*cursor(&mut standing)),
            ("a/b/".to_owned(), "other.png other.png/")
        );
    }
}
