//! Which action a sequence of keys names in a place. Built from the table now; a file of the user's own will be laid
//! over it without anything else changing.

use super::{Action, Context, Entry, Key, Place, TABLE, parse_keys};

/// One sequence of keys bound to an action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binding {
    /// Where.
    pub context: Context,
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

/// All bindings in force.
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
        context: entry.context,
        keys,
        action: entry.action,
    })
}

impl Keymap {
    /// What these keys mean in that place.
    pub fn resolve(&self, place: Place, keys: &[Key]) -> Resolved {
        let mut resolved = Resolved::Nothing;
        for binding in self.bindings.iter().filter(|binding| binding.context.holds(place)) {
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
            .filter(move |binding| binding.context.holds(place) && binding.keys.len() > keys.len())
            .filter(move |binding| binding.keys.starts_with(keys))
    }

    /// The first action, in whatever place, that exactly these keys name.
    pub fn anywhere(&self, keys: &[Key]) -> Option<Action> {
        self.bindings.iter().find(|binding| binding.keys == keys).map(|binding| binding.action)
    }

    /// The sequences bound to an action.
    pub fn keys_of(&self, action: Action) -> impl Iterator<Item = &[Key]> {
        self.bindings.iter().filter(move |binding| binding.action == action).map(|binding| binding.keys.as_slice())
    }

    /// An action's keys as help shows them: `j ↓`.
    pub fn label(&self, action: Action) -> String {
        let labels: Vec<String> = self.keys_of(action).map(super::keys_label).collect();
        labels.join(" ")
    }

    /// An action's first keys, for the hint line.
    pub fn short_label(&self, action: Action) -> Option<String> {
        self.keys_of(action).next().map(super::keys_label)
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
        assert_eq!(resolve(Place::Local, "y"), Resolved::Nothing);
    }

    #[test]
    fn the_same_key_may_mean_different_things_in_different_places() {
        assert_eq!(resolve(Place::Local, "."), Resolved::Action(Action::HiddenFiles));
        assert_eq!(resolve(Place::Transfers, "r"), Resolved::Action(Action::Retry));
        assert_eq!(resolve(Place::Local, "r"), Resolved::Nothing);
    }
}
