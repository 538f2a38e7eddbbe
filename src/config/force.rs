//! Which profile is in force at start, by the order of DESIGN.md section 7.

use super::document::Value;
use super::load::Flags;
use super::reader::Reader;
use super::{ProfileSlot, ProfileSource, keys, profile};
use crate::domain::display::display;
use crate::domain::{Failure, FailureKind, Result};

/// What decides.
pub struct Force<'a> {
    /// What the command line says.
    pub flags: &'a Flags,
    /// The top of the file.
    pub top: &'a Reader<'a>,
    /// Every profile there is.
    pub profiles: &'a [ProfileSlot],
    /// Configured profiles whose names a whole set of a `.env` here would have.
    pub shadowed: &'a [String],
}

/// What was decided.
#[derive(Default)]
pub struct Decided {
    /// The profile's name.
    pub in_force: String,
    /// All that it could be, where a `.env` here describes several.
    pub undecided: Vec<String>,
    /// Why there is none of that name, where only `default_profile` says so, or does not say which.
    pub absent: Option<Failure>,
}

impl Force<'_> {
    /// Decides.
    ///
    /// # Errors
    /// `Usage` where what was asked for just now is not there.
    pub fn decide(&self) -> Result<Decided> {
        self.asked().map_or_else(|| Ok(self.unasked()), |(name, asked_by)| self.known(&name, asked_by).map(one))
    }

    /// Decides by what the files say, whatever was asked for.
    pub fn unasked(&self) -> Decided {
        let mut here = self.from(|source| matches!(source, ProfileSource::EnvFile(_)), true);
        here.extend(self.shadowed.iter().filter(|name| !here.contains(name)).cloned().collect::<Vec<_>>());
        if let Some(first) = here.first() {
            let (in_force, several) = (first.clone(), here.len() > 1);
            return Decided { undecided: if several { here } else { Vec::new() }, ..one(in_force) };
        }
        // Who stands in a project whose `.env` lacks a variable is told which, rather than shown another bucket.
        if let Some(broken) = self.from(|source| matches!(source, ProfileSource::EnvFile(_)), false).into_iter().next()
        {
            return one(broken);
        }
        match self.top.text("default_profile") {
            Ok(Some(name)) => return self.by_default(name),
            Ok(None) => {}
            Err(failure) => return self.unreadable(failure),
        }
        let exported = self.from(|source| *source == ProfileSource::Environment, true);
        one(exported.into_iter().next().unwrap_or_else(|| "local".into()))
    }

    /// A name that cannot be made out, as with a variable that is not set, is in force as it was written, without a profile.
    fn unreadable(&self, failure: Failure) -> Decided {
        let written = match self.top.section.entries.get("default_profile").map(|entry| &entry.value) {
            Some(Value::Text(text)) => text.clone(),
            _ => String::new(),
        };
        let way = format!("choose one of {} with --profile", self.names());
        let hint = failure.hint.as_ref().map_or_else(|| way.clone(), |hint| format!("{hint}, or {way}"));
        Decided { absent: Some(failure.hint(hint)), ..one(written) }
    }

    /// What was asked for in so many words, and by what.
    fn asked(&self) -> Option<(String, &'static str)> {
        let by_flag = self.flags.profile.clone().map(|name| (name, "--profile asks for"));
        let variable = || (self.top.env)("WINDLASS_PROFILE").filter(|name| !name.is_empty());
        by_flag.or_else(|| variable().map(|name| (name, "WINDLASS_PROFILE asks for")))
    }

    fn from(&self, source: impl Fn(&ProfileSource) -> bool, usable: bool) -> Vec<String> {
        let fits = |slot: &&ProfileSlot| source(&slot.source) && slot.profile.is_ok() == usable;
        self.profiles.iter().filter(fits).map(|slot| slot.name.clone()).collect()
    }

    /// The file's word stays in force where it names nothing, so that whoever mistyped it works in no other bucket.
    fn by_default(&self, name: String) -> Decided {
        let Some(slot) = profile::find(self.profiles, &name) else {
            let what = format!("names \"{}\", and there is no profile of that name", display(&name));
            let hint = format!("{}write one of {} there, or choose with --profile", self.near(&name), self.names());
            let absent = self.top.fault("default_profile", &what).hint(hint);
            return Decided { absent: Some(absent), ..one(name) };
        };
        one(slot.name.clone())
    }

    fn known(&self, name: &str, asked_by: &str) -> Result<String> {
        if let Some(slot) = profile::find(self.profiles, name) {
            return Ok(slot.name.clone());
        }
        let what = format!("there is no profile \"{}\", which {asked_by}", display(name));
        let hint = format!("{}the profiles are: {}", self.near(name), self.names());
        Err(Failure::new(FailureKind::Usage, what).hint(hint))
    }

    /// The profile that was probably meant, as a question.
    fn near(&self, name: &str) -> String {
        let near = keys::nearest(name, self.profiles.iter().map(|slot| slot.name.as_str()));
        near.map_or_else(String::new, |near| format!("did you mean \"{near}\"? "))
    }

    fn names(&self) -> String {
        self.profiles.iter().map(|slot| slot.name.as_str()).collect::<Vec<_>>().join(", ")
    }
}

fn one(in_force: String) -> Decided {
    Decided { in_force, ..Decided::default() }
}
