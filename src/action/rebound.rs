//! The user's own keys laid over the table's: a line sets an action's keys in the places of its section, and a key that
//! it names is taken from every other action there. What two lines cannot both have is told, and the later one gives way.

use super::keymap::{Binding, Keymap};
use super::{Action, Context, Key, Place, Region, keys_label};

/// A line of `keymap.toml`: an action's keys in a section. Without keys the action has none there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rebound {
    /// The section.
    pub context: Context,
    /// The action; it works in every place of the section.
    pub action: Action,
    /// Its keys there, each a sequence.
    pub keys: Vec<Vec<Key>>,
    /// Where the line stands in its file, counted from 1.
    pub line: usize,
}

/// What is wrong with a line's key: it cannot be had, because an earlier line has it or because it can never be pressed, or
/// it is had at the price of actions that have no other key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clash {
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong, as half a sentence.
    pub what: String,
    /// What became of it, and what helps.
    pub hint: &'static str,
}

/// What is told of a key that a line cannot have.
const PASSED_OVER: &str = "that key is passed over; choose another one";

/// Of how many hidden actions the names are told.
const SHOWN: usize = 3;

/// What is told of a key that hides what begins with it.
const HIDES: &str = "give them keys of their own, or [] to do without";

impl Keymap {
    /// The default keys with these lines, in the order of their file, laid over them.
    #[must_use]
    pub fn with(lines: &[Rebound]) -> (Self, Vec<Clash>) {
        let mut clashes = Vec::new();
        let mut taken: Vec<Taken> = Vec::new();
        let mut keymap = Self::default();
        for line in lines {
            let region = region(line, lines);
            keymap.unbind(line.action, region);
            for keys in &line.keys {
                match refusal(line, keys, region, &taken) {
                    Some(what) => clashes.push(Clash { line: line.line, what, hint: PASSED_OVER }),
                    None => taken.push(Taken {
                        line: line.line,
                        binding: Binding { region, keys: keys.clone(), action: line.action },
                    }),
                }
            }
        }
        let before = keymap.clone();
        for taken in &taken {
            keymap.lay(taken.binding.clone());
        }
        clashes.extend(taken.iter().filter_map(|taken| hiding(taken, &before, &keymap)));
        clashes.sort_by_key(|clash| clash.line);
        (keymap, clashes)
    }
}

/// A key that a line has got.
struct Taken {
    line: usize,
    binding: Binding,
}

/// Where a line holds: in its section, but for what a narrower section says of the same action, or a later one of the same size.
fn region(line: &Rebound, lines: &[Rebound]) -> Region {
    let own = Region::from(line.context);
    let nearer = |other: &&Rebound| {
        let size = Region::from(other.context).count();
        other.action == line.action && (size < own.count() || (size == own.count() && other.line > line.line))
    };
    lines.iter().filter(nearer).fold(own, |region, other| region.without(other.context.into()))
}

/// Why a line cannot have these keys.
fn refusal(line: &Rebound, keys: &[Key], region: Region, taken: &[Taken]) -> Option<String> {
    let shown = keys_label(keys);
    let quits = Key::parse("ctrl-c");
    if line.action != Action::Interrupt && keys.first() == quits.as_ref() {
        return Some(format!(
            "{shown} always quits when it is pressed twice, so that `{}` cannot have it",
            line.action.name()
        ));
    }
    let other = taken.iter().find(|other| {
        let same = other.binding.action == line.action && other.binding.keys == keys;
        !same && !other.binding.region.and(region).is_empty() && collide(&other.binding.keys, keys)
    })?;
    let (theirs, name) = (keys_label(&other.binding.keys), other.binding.action.name());
    Some(match other.binding.keys == keys {
        true => format!("{shown} is `{name}` already, by line {}", other.line),
        false if keys.len() < other.binding.keys.len() => {
            format!("{shown} would hide {theirs}, which is `{name}` by line {}", other.line)
        }
        false => format!("{shown} is hidden by {theirs}, which is `{name}` by line {}", other.line),
    })
}

/// What is told of a key that other actions' sequences begin with, where it leaves them none: whoever binds `y` seldom
/// means to do without `yl`.
fn hiding(taken: &Taken, before: &Keymap, now: &Keymap) -> Option<Clash> {
    let Taken { line, binding } = taken;
    let mut left: Vec<Action> = Vec::new();
    for place in Place::ALL.into_iter().filter(|place| binding.region.holds(*place)) {
        let bare = before.continuing(place, &binding.keys).map(|hidden| hidden.action);
        left.extend(bare.filter(|action| now.keys_in(place, *action).next().is_none()));
    }
    let mut names: Vec<String> = Vec::new();
    for name in left.into_iter().map(|action| format!("`{}`", action.name())) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let more = names.len().saturating_sub(SHOWN);
    let shown = names.get(..names.len().min(SHOWN)).unwrap_or_default().join(", ");
    let more = if more == 0 { String::new() } else { format!(" and {more} more") };
    let what = format!("{} hides the keys of {shown}{more}, which have no others there", keys_label(&binding.keys));
    (!names.is_empty()).then_some(Clash { line: *line, what, hint: HIDES })
}

/// Whether one of two sequences is all that can be pressed of the other.
pub(super) fn collide(one: &[Key], other: &[Key]) -> bool {
    one.starts_with(other) || other.starts_with(one)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::action::{Resolved, TABLE, parse_keys};

    /// Lines as `CONTEXT ACTION: KEYS, KEYS`, numbered from 1.
    fn lines(text: &[&str]) -> Vec<Rebound> {
        text.iter().enumerate().map(|(index, line)| read(line, index + 1)).collect()
    }

    fn read(line: &str, number: usize) -> Rebound {
        let (names, keys) = line.split_once(':').unwrap();
        let (context, action) = names.split_once(' ').unwrap();
        Rebound {
            context: Context::named(context).unwrap(),
            action: Action::named(action).unwrap(),
            keys: keys.split(',').filter_map(parse_keys).collect(),
            line: number,
        }
    }

    fn resolve(keymap: &Keymap, place: Place, keys: &str) -> Resolved {
        keymap.resolve(place, &parse_keys(keys).unwrap())
    }

    fn complaints(text: &[&str]) -> Vec<String> {
        Keymap::with(&lines(text)).1.into_iter().map(|clash| format!("{}: {}", clash.line, clash.what)).collect()
    }

    #[test]
    fn a_line_replaces_the_default_keys() {
        let (keymap, clashes) = Keymap::with(&lines(&["local upload: U, ctrl-t u"]));
        assert_eq!(clashes, []);
        assert_eq!(resolve(&keymap, Place::Local, "u"), Resolved::Nothing);
        assert_eq!(resolve(&keymap, Place::Local, "U"), Resolved::Action(Action::Upload));
        assert_eq!(resolve(&keymap, Place::Local, "ctrl-t"), Resolved::Prefix);
        assert_eq!(keymap.label(Action::Upload), "U ^t u");
    }

    #[test]
    fn an_empty_list_unbinds() {
        let (keymap, _) = Keymap::with(&lines(&["remote delete:"]));
        assert_eq!(resolve(&keymap, Place::Catalog, "D"), Resolved::Nothing);
        assert_eq!(keymap.keys_of(Action::Delete).count(), 0);
    }

    #[test]
    fn a_users_key_is_taken_from_the_default_that_has_it_only_where_both_work() {
        let (keymap, clashes) = Keymap::with(&lines(&["local upload: n"]));
        assert_eq!(clashes, []);
        assert_eq!(resolve(&keymap, Place::Local, "n"), Resolved::Action(Action::Upload));
        assert_eq!(resolve(&keymap, Place::Catalog, "n"), Resolved::Action(Action::NextHit));
    }

    #[test]
    fn a_key_that_begins_a_default_sequence_takes_its_place() {
        let (keymap, _) = Keymap::with(&lines(&["local upload: g"]));
        assert_eq!(resolve(&keymap, Place::Local, "g"), Resolved::Action(Action::Upload));
        assert_eq!(resolve(&keymap, Place::Local, "home"), Resolved::Action(Action::First));
        assert_eq!(resolve(&keymap, Place::Catalog, "g g"), Resolved::Action(Action::First));
    }

    #[test]
    fn a_narrower_section_counts_more_whatever_their_order() {
        for order in [["lists move-down: x", "catalog move-down: c"], ["catalog move-down: c", "lists move-down: x"]] {
            let (keymap, clashes) = Keymap::with(&lines(&order));
            assert_eq!(clashes, []);
            assert_eq!(resolve(&keymap, Place::Catalog, "c"), Resolved::Action(Action::MoveDown));
            assert_eq!(resolve(&keymap, Place::Catalog, "x"), Resolved::Nothing);
            assert_eq!(resolve(&keymap, Place::Local, "x"), Resolved::Action(Action::MoveDown));
            assert_eq!(resolve(&keymap, Place::Local, "j"), Resolved::Nothing);
        }
    }

    #[test]
    fn two_lines_with_one_key_clash_and_the_later_gives_way() {
        let text = ["all zoom: x", "local upload: x", "transfers cancel: x"];
        assert_eq!(complaints(&text), ["2: x is `zoom` already, by line 1", "3: x is `zoom` already, by line 1"]);
        let (keymap, _) = Keymap::with(&lines(&text));
        assert_eq!(resolve(&keymap, Place::Local, "x"), Resolved::Action(Action::Zoom));
    }

    #[test]
    fn a_line_that_hides_another_or_is_hidden_is_told() {
        assert_eq!(
            complaints(&["local upload: x x", "all zoom: x"]),
            ["2: x would hide xx, which is `upload` by line 1"]
        );
        assert_eq!(
            complaints(&["all zoom: x", "local upload: x x"]),
            ["2: xx is hidden by x, which is `zoom` by line 1"]
        );
    }

    #[test]
    fn a_key_that_leaves_other_actions_without_one_is_had_and_told() {
        assert_eq!(
            complaints(&["remote save: y"]),
            [
                "1: y hides the keys of `copy-link`, `copy-link-for`, `copy-public-url` and 5 more, which have no others there"
            ]
        );
        assert_eq!(complaints(&["local upload: g", "files jump:", "all edit-kept:", "all discard-kept:"]), [""; 0]);
    }

    #[test]
    fn the_key_that_always_quits_cannot_be_had() {
        let said = complaints(&["all quit: ctrl-c", "all interrupt: ctrl-c"]);
        assert_eq!(said, ["1: ^c always quits when it is pressed twice, so that `quit` cannot have it"]);
    }

    #[test]
    fn lines_in_places_that_do_not_meet_may_have_the_same_key() {
        assert_eq!(complaints(&["local upload: x", "transfers cancel: x", "catalog all-users: x"]), [""; 0]);
    }

    #[test]
    fn every_default_written_out_changes_nothing() {
        let all: Vec<Rebound> = TABLE
            .iter()
            .enumerate()
            .map(|(index, entry)| Rebound {
                context: entry.context,
                action: entry.action,
                keys: entry.keys.iter().filter_map(|keys| parse_keys(keys)).collect(),
                line: index + 1,
            })
            .collect();
        let (keymap, clashes) = Keymap::with(&all);
        assert_eq!((keymap, clashes), (Keymap::default(), Vec::new()));
    }
}
