//! What may stand behind an action's name in the palette, and shorter names for what is typed often.

use super::Action;
use crate::domain::NarrowBy;

/// What an action takes; without one it asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Argument {
    /// The name of a profile.
    Profile,
    /// A length of time.
    Expiry,
    /// A folder, or a prefix of the bucket.
    Place,
    /// The path of a file to write.
    File,
    /// Transfers at once, and bytes a second.
    Limits,
    /// A type, a size or an age.
    Narrow(NarrowBy),
    /// Any text.
    Text,
    /// What `theme` in `config.toml` may say.
    Theme,
}

impl Argument {
    /// As the palette shows what is wanted.
    pub const fn shape(self) -> &'static str {
        match self {
            Self::Profile => "NAME",
            Self::Expiry => "5m, 24h",
            Self::Place | Self::File => "PATH",
            Self::Limits => "8 10M",
            Self::Narrow(NarrowBy::Type) => "image",
            Self::Narrow(NarrowBy::Larger) => "10M",
            Self::Narrow(NarrowBy::Smaller) => "1K",
            Self::Narrow(NarrowBy::Since) => "2d",
            Self::Text => "TEXT",
            Self::Theme => "light",
        }
    }
}

/// Other names that the palette understands.
pub const ALIASES: [(&str, Action); 10] = [
    ("profile", Action::Profiles),
    ("link", Action::CopyLinkFor),
    ("cd", Action::Open),
    ("find", Action::Filter),
    ("search", Action::Filter),
    ("q", Action::Quit),
    ("type", Action::NarrowType),
    ("larger", Action::NarrowLarger),
    ("smaller", Action::NarrowSmaller),
    ("since", Action::NarrowSince),
];

impl Action {
    /// What may stand behind its name.
    pub const fn argument(self) -> Option<Argument> {
        match self {
            Self::Profiles => Some(Argument::Profile),
            Self::CopyLinkFor => Some(Argument::Expiry),
            Self::Open => Some(Argument::Place),
            Self::SaveAs => Some(Argument::File),
            Self::Limits => Some(Argument::Limits),
            Self::Filter => Some(Argument::Text),
            action => match action.narrows_by() {
                Some(by) => Some(Argument::Narrow(by)),
                None => None,
            },
        }
    }

    /// What it narrows a list by.
    pub const fn narrows_by(self) -> Option<NarrowBy> {
        match self {
            Self::NarrowType => Some(NarrowBy::Type),
            Self::NarrowLarger => Some(NarrowBy::Larger),
            Self::NarrowSmaller => Some(NarrowBy::Smaller),
            Self::NarrowSince => Some(NarrowBy::Since),
            _ => None,
        }
    }

    /// The action of that name or alias.
    pub fn called(name: &str) -> Option<Self> {
        let alias = || ALIASES.iter().find(|(alias, _)| *alias == name).map(|(_, action)| *action);
        Self::named(name).or_else(alias)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alias_is_no_actions_name_and_stands_for_one_that_is_there() {
        for (alias, action) in ALIASES {
            assert_eq!(Action::named(alias), None, "{alias}");
            assert_eq!(Action::called(alias), Some(action));
        }
        assert_eq!(Action::called("upload"), Some(Action::Upload));
        assert_eq!(Action::called("uplaod"), None);
    }
}
