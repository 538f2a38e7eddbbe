//! What is remembered from one time to the next, taken from the panes and given back to them: the place in each bucket, and
//! the letters of folders and prefixes.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::{App, Effect};
use crate::config::memory::{Memory, Place, name_of};

impl App {
    /// What there is to remember now: only what this run has changed, since another Windlass may know better meanwhile.
    pub fn memory(&self) -> Memory {
        let mut memory = self.memory.clone();
        if let Some(profile) = self.remote.profile() {
            let name = name_of(profile);
            let mut place = self.remote.place();
            let before = self.recalled.buckets.get(&name);
            place.prefixes.retain(|letter, prefix| before.and_then(|old| old.prefixes.get(letter)) != Some(prefix));
            let moved = before.is_none_or(|old| stood(old) != stood(&place));
            if moved || !place.prefixes.is_empty() || memory.buckets.contains_key(&name) {
                memory.buckets.insert(name, place);
            }
        }
        let letters = self.browser.history().bookmarks().iter();
        // A path that is no text cannot be written down.
        let texts = letters.filter_map(|(letter, path)| Some((letter.to_string(), path.to_str()?.to_owned())));
        memory.folders.extend(texts.filter(|(letter, path)| self.recalled.folders.get(letter) != Some(path)));
        memory
    }

    /// Takes over what was remembered, at the start.
    pub(super) fn recall(&mut self, memory: Memory) {
        let folders = letters(&memory.folders).map(|(letter, path)| (letter, PathBuf::from(path)));
        folders.for_each(|(letter, path)| self.browser.set_bookmark(letter, path));
        let place = self.remote.profile().and_then(|profile| memory.buckets.get(&name_of(profile)));
        if let Some(place) = place.cloned() {
            self.remote.stand_again(place, true);
        }
        self.recalled = memory;
    }

    /// Keeps in mind where somebody stands, before they leave for another bucket.
    pub(super) fn note_place(&mut self) {
        self.memory = self.memory();
    }

    /// Writes down what is known now.
    pub(super) fn remember(&mut self) {
        self.note_place();
        self.out.push(Effect::Remember(Box::new(self.memory.clone())));
    }

    /// The place in a bucket that was left earlier, in this run or before it.
    pub(super) fn place_in(&self, name: &str) -> Option<Place> {
        self.memory.buckets.get(name).or_else(|| self.recalled.buckets.get(name)).cloned()
    }
}

/// Where somebody stood, whatever has a letter.
fn stood(place: &Place) -> (bool, &str, Option<&str>) {
    (place.listing, &place.prefix, place.folder.as_deref())
}

/// Letters with their places; what is no letter was not written by Windlass.
pub(super) fn letters(all: &BTreeMap<String, String>) -> impl Iterator<Item = (char, &String)> {
    all.iter().filter_map(|(letter, place)| Some((letter.parse().ok()?, place)))
}
