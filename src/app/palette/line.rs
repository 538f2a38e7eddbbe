//! A line of the palette: an action's name, and what may stand behind it. What a line says is checked before anything is
//! done, so that a mistake leaves it there to be mended.

use std::path::{Component, Path, PathBuf};

use crate::action::{Action, Argument};
use crate::app::dialog::{Command, LimitsDialog};
use crate::app::effect::Wanted;
use crate::app::{App, Pane};
use crate::domain::display::display;
use crate::domain::transfer::Limits;
use crate::domain::{Failure, FailureKind, Result, link};

/// What wears a theme; no action, because the word alone opens the files that keep one.
pub(super) const THEME: &str = "theme";

/// The themes that are there without a file, and what each is.
pub(super) const BUILT_IN: [(&str, &str); 3] = [
    ("auto", "by the terminal's background, until you quit"),
    ("dark", "at once, until you quit"),
    ("light", "at once, until you quit"),
];

/// A name that something may stand behind, and what does.
pub(super) struct Line<'a> {
    /// As it is typed: the name or an alias.
    pub(super) name: &'a str,
    /// What it names.
    pub(super) argument: Argument,
    /// What stands behind the blank so far.
    pub(super) rest: &'a str,
}

impl<'a> Line<'a> {
    /// A text whose first word names an action that takes something, or is `theme`, and a blank.
    pub(super) fn read(text: &'a str) -> Option<Self> {
        let (name, rest) = text.split_once(' ')?;
        let argument = if name == THEME { Argument::Theme } else { Action::called(name)?.argument()? };
        Some(Self { name, argument, rest: rest.trim_start() })
    }
}

impl App {
    /// What a line leads to.
    pub(super) fn line_command(&self, line: &str) -> Result<Command> {
        let (name, rest) = line.trim().split_once(' ').unwrap_or((line.trim(), ""));
        if name == THEME {
            return theme_line(rest.trim());
        }
        let action = Action::called(name).ok_or_else(|| {
            let what = format!("there is no action \"{}\"", display(name));
            usage(&what, &self.with_keys("{help} shows what works here, and its keys"))
        })?;
        if let Some(reason) = self.reason_here(action) {
            return Err(Failure::new(FailureKind::Usage, format!("{}: {reason}", action.entry().short)));
        }
        match (rest.trim(), action.argument()) {
            ("", _) => Ok(Command::Run(action)),
            (rest, Some(argument)) => self.with_argument(argument, rest),
            (_, None) => Err(usage(&format!("{name} takes nothing behind it"), "leave it out")),
        }
    }

    fn with_argument(&self, argument: Argument, rest: &str) -> Result<Command> {
        match argument {
            Argument::Profile => self.profile_line(rest),
            Argument::Expiry => {
                let wanted = Wanted::Presigned(link::expiry(rest)?);
                let (profile, keys) = self.chosen_keys().ok_or_else(nothing_chosen)?;
                Ok(Command::Links { profile, keys, wanted })
            }
            Argument::Place => Ok(self.place_line(rest)?),
            Argument::File => {
                let (profile, object) = self.one_object().ok_or_else(nothing_chosen)?;
                let path = crate::app::dialog::prompt::checked_path(self.browser.folder(), rest)?;
                Ok(Command::SaveAs { profile, object, path })
            }
            Argument::Limits => {
                let profile = self.profile_of_limits().ok_or_else(nothing_chosen)?;
                let limits = limits_line(rest, self.limits_of(&profile))?;
                Ok(Command::SetLimits { profile, limits })
            }
            Argument::Narrow(by) => Ok(Command::Narrow(self.narrowing().and(by, rest, self.now())?)),
            Argument::Text => Ok(Command::Filter(rest.to_owned())),
            Argument::Theme => theme_line(rest),
        }
    }

    fn profile_line(&self, name: &str) -> Result<Command> {
        if self.profiles.iter().any(|slot| slot.name == name) {
            return Ok(Command::Switch(name.to_owned()));
        }
        let names: Vec<&str> = self.profiles.iter().map(|slot| slot.name.as_str()).collect();
        let what = format!("there is no profile \"{}\"", display(name));
        Err(usage(&what, &format!("the profiles are: {}", names.join(", "))))
    }

    /// Whether what has the focus shows prefixes.
    pub(super) fn has_prefixes(&self) -> bool {
        self.focus == Pane::Remote && self.remote.standing().is_some()
    }

    /// A folder below or above the local one, or a prefix: from the bucket's top where it begins with `/`.
    fn place_line(&self, text: &str) -> Result<Command> {
        if self.has_prefixes() {
            let below = match text.strip_prefix('/') {
                Some(absolute) => absolute.to_owned(),
                None => format!("{}{text}", self.remote.prefix()),
            };
            let slash = if below.is_empty() || below.ends_with('/') { "" } else { "/" };
            return Ok(Command::GoToPrefix(format!("{below}{slash}")));
        }
        if text.starts_with('~') {
            return Err(usage("\"~\" is not taken for the home folder here", "type the whole path"));
        }
        Ok(Command::GoToFolder(normal(&self.browser.folder().join(text))))
    }
}

/// Limits, of which the second stays as it is in force where the first stands alone.
fn limits_line(text: &str, in_force: Limits) -> Result<Limits> {
    let Some((jobs, rate)) = text.split_once(' ') else {
        let limits = LimitsDialog::read(text, "0").map_err(|(_, failure)| failure)?;
        return Ok(Limits { rate: in_force.rate, ..limits });
    };
    LimitsDialog::read(jobs, rate.trim()).map_err(|(_, failure)| failure)
}

/// A theme that is built in, or the path of one; what is no theme is told as it is of the setting.
fn theme_line(theme: &str) -> Result<Command> {
    if BUILT_IN.iter().any(|(name, _)| *name == theme) || theme.contains(['/', '\\', '.']) {
        return Ok(Command::Wear(theme.to_owned()));
    }
    let what = format!("there is no theme \"{}\"", display(theme));
    Err(usage(&what, "type auto, dark, light, or the path of a file like ./mine.toml"))
}

/// A path without `.` and `..`, as somebody means it who types one.
pub(super) fn normal(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => {
                // Above the top is the top.
                let _at_the_top = normal.pop();
            }
            Component::CurDir => {}
            part => normal.push(part),
        }
    }
    normal
}

fn nothing_chosen() -> Failure {
    usage("there is nothing under the cursor", "choose something first")
}

fn usage(what: &str, hint: &str) -> Failure {
    Failure::new(FailureKind::Usage, what).hint(hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_meant_without_its_dots() {
        for (typed, meant) in [("/a/b/../c", "/a/c"), ("/a/./b/", "/a/b"), ("/../..", "/")] {
            assert_eq!(normal(Path::new(typed)), Path::new(meant));
        }
    }
}
