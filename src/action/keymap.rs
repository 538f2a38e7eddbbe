//! Which action a sequence of keys names in a place: the table's keys, or those with the lines of a file of the user's own
//! laid over them (`rebound`).

use super::rebound::collide;
use super::{Action, Entry, Key, Place, Region, TABLE, parse_keys};

/// One sequence of keys bound to an action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binding {
    /// Where.
    pub region: Region,
    /// The keys, one after the other.
    pub keys: Vec<Key>,
    /// What they name.
    pub action: Action,
}

/// What keys pressed so far mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resolved {
    /// They name this action.
    Action(Action),
    /// More keys may follow.
    Prefix,
    /// Nothing begins with them.
    Nothing,
}

/// All bindings in force, in table order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keymap {
    bindings: Vec<Binding>,
}

impl Default for Keymap {
    fn default() -> Self {
        Self { bindings: TABLE.iter().flat_map(default_bindings).collect() }
    }
}

fn default_bindings(entry: &'static Entry) -> impl Iterator<Item = Binding> {
    entry.keys.iter().filter_map(|keys| parse_keys(keys)).map(|keys| Binding {
        region: entry.context.into(),
        keys,
        action: entry.action,
    })
}

impl Keymap {
    /// What these keys mean in that place.
    pub fn resolve(&self, place: Place, keys: &[Key]) -> Resolved {
        let mut resolved = Resolved::Nothing;
        for binding in self.bindings.iter().filter(|binding| binding.region.holds(place)) {
            if binding.keys == keys {
                return Resolved::Action(binding.action);
            }
            if binding.keys.starts_with(keys) {
                resolved = Resolved::Prefix;
            }
        }
        resolved
    }

    /// The bindings that work in a place and begin with these keys, in table order.
    pub fn continuing<'a>(&'a self, place: Place, keys: &'a [Key]) -> impl Iterator<Item = &'a Binding> {
        self.bindings
            .iter()
            .filter(move |binding| binding.region.holds(place) && binding.keys.len() > keys.len())
            .filter(move |binding| binding.keys.starts_with(keys))
    }

    /// The first action, in whatever place, that exactly these keys name.
    pub fn anywhere(&self, keys: &[Key]) -> Option<Action> {
        self.bindings.iter().find(|binding| binding.keys == keys).map(|binding| binding.action)
    }

    /// The sequences bound to an action, in whatever place.
    pub fn keys_of(&self, action: Action) -> impl Iterator<Item = &[Key]> {
        self.bindings.iter().filter(move |binding| binding.action == action).map(|binding| binding.keys.as_slice())
    }

    /// The sequences bound to an action in a place.
    pub fn keys_in(&self, place: Place, action: Action) -> impl Iterator<Item = &[Key]> {
        let here = move |binding: &&Binding| binding.action == action && binding.region.holds(place);
        self.bindings.iter().filter(here).map(|binding| binding.keys.as_slice())
    }

    /// An action's keys in whatever place, as README shows them: `j ↓`.
    pub fn label(&self, action: Action) -> String {
        let labels: Vec<String> = self.keys_of(action).map(super::keys_label).collect();
        labels.join(" ")
    }

    /// An action's keys in a place, as help shows them.
    pub fn label_in(&self, place: Place, action: Action) -> String {
        let labels: Vec<String> = self.keys_in(place, action).map(super::keys_label).collect();
        labels.join(" ")
    }

    /// An action's first keys in a place, for the hint line.
    pub fn short_label(&self, place: Place, action: Action) -> Option<String> {
        self.keys_in(place, action).next().map(super::keys_label)
    }

    /// A sentence in which `{upload}` stands for that action's first key: in the place, else in another one, else the name
    /// that the palette knows it by.
    pub fn filled(&self, place: Place, sentence: &str) -> String {
        let mut pieces = sentence.split('{');
        let mut text = pieces.next().unwrap_or_default().to_owned();
        for piece in pieces {
            let named = piece.split_once('}').and_then(|(name, rest)| Some((Action::named(name)?, rest)));
            match named {
                Some((action, rest)) => text.extend([self.word(place, action).as_str(), rest]),
                None => text.extend(["{", piece]),
            }
        }
        text
    }

    /// What to press for an action: in the place, else in another one, else its name in the palette.
    pub fn word(&self, place: Place, action: Action) -> String {
        let elsewhere = || self.keys_of(action).next().map(super::keys_label);
        self.short_label(place, action).or_else(elsewhere).unwrap_or_else(|| format!(":{}", action.name()))
    }

    /// Takes an action's keys away in these places.
    pub(super) fn unbind(&mut self, action: Action, region: Region) {
        self.keep(|binding| if binding.action == action { region } else { Region::NONE });
    }

    /// Binds keys, behind those that the action has, and takes from the others what they would collide with.
    pub(super) fn lay(&mut self, binding: Binding) {
        self.keep(|other| {
            let theirs = other.action != binding.action && collide(&other.keys, &binding.keys);
            if theirs { binding.region } else { Region::NONE }
        });
        let rank = |action: Action| TABLE.iter().position(|entry| entry.action == action);
        let behind = self.bindings.partition_point(|other| rank(other.action) <= rank(binding.action));
        self.bindings.insert(behind, binding);
    }

    /// Takes from every binding the places that are said of it.
    fn keep(&mut self, lost: impl Fn(&Binding) -> Region) {
        for binding in &mut self.bindings {
            binding.region = binding.region.without(lost(binding));
        }
        self.bindings.retain(|binding| !binding.region.is_empty());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve(place: Place, keys: &str) -> Resolved {
        Keymap::default().resolve(place, &parse_keys(keys).unwrap())
    }

    #[test]
    fn every_default_key_can_be_read() {
        for entry in TABLE {
            assert_eq!(Keymap::default().keys_of(entry.action).count(), entry.keys.len(), "{}", entry.name);
        }
    }

    #[test]
    fn no_place_has_a_key_twice_or_a_key_that_hides_a_sequence() {
        let keymap = Keymap::default();
        for place in Place::ALL {
            let here: Vec<&Binding> = keymap.continuing(place, &[]).collect();
            for (index, one) in here.iter().enumerate() {
                for other in &here[index + 1..] {
                    let clash = one.keys.starts_with(&other.keys) || other.keys.starts_with(&one.keys);
                    assert!(!clash, "{place:?}: {:?} and {:?}", one.action, other.action);
                }
            }
        }
    }

    #[test]
    fn a_sequence_is_a_prefix_until_it_is_whole() {
        assert_eq!(resolve(Place::Catalog, "y"), Resolved::Prefix);
        assert_eq!(resolve(Place::Catalog, "y l"), Resolved::Action(Action::CopyLink));
        assert_eq!(resolve(Place::Catalog, "y x"), Resolved::Nothing);
        assert_eq!(resolve(Place::Local, "y k"), Resolved::Nothing);
    }

    #[test]
    fn a_sentence_names_the_key_in_force() {
        let mut keymap = Keymap::default();
        let said = |keymap: &Keymap| keymap.filled(Place::Catalog, "{refresh} reads, {upload} uploads {what}");
        assert_eq!(said(&keymap), "R reads, u uploads {what}");
        keymap.unbind(Action::Refresh, Region::from(crate::action::Context::All));
        assert_eq!(said(&keymap), ":refresh reads, u uploads {what}");
    }

    #[test]
    fn the_same_key_may_mean_different_things_in_different_places() {
        assert_eq!(resolve(Place::Local, "."), Resolved::Action(Action::HiddenFiles));
        assert_eq!(resolve(Place::Transfers, "r"), Resolved::Action(Action::Retry));
        assert_eq!(resolve(Place::Local, "r"), Resolved::Nothing);
    }
}
