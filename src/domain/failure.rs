//! An error that a person can read. Every layer below the screen and the command line answers with this one type, so
//! that a sentence is written once, where the cause is known, and the callers branch on its kind alone.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// What a fallible operation answers.
pub type Result<T, E = Failure> = std::result::Result<T, E>;

/// What sort of trouble it is; callers branch on this and never on the words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The object, record, file or profile is not there.
    NotFound,
    /// The bucket is not there: it is to be made, or its name mended.
    NoBucket,
    /// Something is there already and was not to be replaced.
    Exists,
    /// The source or the object changed while it was worked on.
    Changed,
    /// The key id or secret is wrong, or the session has expired: nothing of this profile can work.
    Credentials,
    /// The credentials are good but this action is not allowed to them.
    Denied,
    /// No profile matches the one that a transfer was queued under; it waits until one does.
    ProfileMissing,
    /// The profile that a transfer was queued under is one of another folder's `.env`, which is still there; it waits until
    /// somebody starts Windlass in that folder.
    ProfileElsewhere,
    /// The profile that a transfer was queued under is there and cannot be used as it is written; it waits until somebody has
    /// mended it.
    ProfileBroken,
    /// The configuration or the arguments are wrong; the command line exits with 2.
    Usage,
    /// The other side cannot be reached: name, route, TLS or a refused connection.
    Offline,
    /// The other side is there and says "not now"; waiting helps.
    Busy,
    /// The catalog is away (asleep, stopped, restarting); waiting helps.
    CatalogAway,
    /// The catalog's table is missing or lacks Windlass's columns; `catalog migrate` helps.
    NeedsMigration,
    /// The catalog answered, and refused.
    CatalogRefused,
    /// A record of another user or bucket holds the key.
    Conflict,
    /// This provider cannot do it.
    Unsupported,
    /// The profile is read-only.
    ReadOnly,
    /// A local file or folder could not be read or written.
    Local,
    /// The disk is full.
    DiskFull,
    /// What arrived is not what was sent.
    Integrity,
    /// Whether it was done cannot be known, and doing it again could do it twice; a person has to look.
    InDoubt,
    /// Somebody cancelled it.
    Cancelled,
    /// A defect of Windlass or an answer nobody expected.
    Internal,
}

/// One readable sentence about what went wrong, and where it helps, one about what to do next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{}", self.sentence())]
pub struct Failure {
    /// What callers branch on.
    pub kind: Kind,
    /// What happened; names the thing. No full stop, no secret, no presigned URL.
    pub what: String,
    /// What to do next.
    pub hint: Option<String>,
    /// How long the other side asked to be left alone.
    #[serde(skip)]
    pub retry_after: Option<Duration>,
    /// What else is wrong, where several things were found at once; each is told for itself.
    #[serde(skip)]
    pub further: Vec<Self>,
    /// The line of the file that is wrong, from 1; the sentence names it, too.
    #[serde(skip)]
    pub line: Option<usize>,
    /// What is wrong is this machine's clock, and nothing in the profile, though its credentials are refused.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub by_clock: bool,
    /// It is certain that nothing answers at that address: no machine of that name, no server on that port. What sleeps is
    /// there.
    #[serde(skip)]
    pub nobody_there: bool,
}

impl Failure {
    /// Whether the other side refuses this profile, its credentials or what they may do.
    pub fn is_refusal(&self) -> bool {
        matches!(self.kind, Kind::Credentials | Kind::Denied)
    }

    /// A failure without a hint.
    pub fn new(kind: Kind, what: impl Into<String>) -> Self {
        let what = what.into();
        Self {
            kind,
            what,
            hint: None,
            retry_after: None,
            further: Vec::new(),
            line: None,
            by_clock: false,
            nobody_there: false,
        }
    }

    /// Adds what to do next.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Adds how long the other side asked to be left alone.
    #[must_use]
    pub fn retry_after(mut self, wait: Option<Duration>) -> Self {
        self.retry_after = wait;
        self
    }

    /// Adds what else is wrong.
    #[must_use]
    pub fn beside(mut self, further: impl IntoIterator<Item = Self>) -> Self {
        self.further.extend(further);
        self
    }

    /// Adds that this machine's clock is to blame.
    #[must_use]
    pub fn by_the_clock(mut self) -> Self {
        self.by_clock = true;
        self
    }

    /// Adds that it is certain that nothing answers at that address.
    #[must_use]
    pub fn nobody_there(mut self) -> Self {
        self.nobody_there = true;
        self
    }

    /// Adds which line of a file is wrong.
    #[must_use]
    pub fn on_line(mut self, line: usize) -> Self {
        self.line = Some(line);
        self
    }

    /// This and what else is wrong.
    pub fn each(&self) -> impl Iterator<Item = &Self> {
        std::iter::once(self).chain(&self.further)
    }

    /// A local file's trouble, as a sentence that names the file.
    pub fn io(doing: &str, path: &std::path::Path, error: &std::io::Error) -> Self {
        let what = format!("cannot {doing} {}: {}", super::display::display_path(path), io_reason(error));
        match error.kind() {
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => {
                Self::new(Kind::DiskFull, what).hint("free some space, then retry")
            }
            std::io::ErrorKind::NotFound => Self::new(Kind::NotFound, what),
            std::io::ErrorKind::AlreadyExists => Self::new(Kind::Exists, what),
            _ => Self::new(Kind::Local, what),
        }
    }

    /// The same of what is written here: that its folder has gone says nothing of what was asked for.
    pub fn io_here(doing: &str, path: &std::path::Path, error: &std::io::Error) -> Self {
        let failure = Self::io(doing, path, error);
        if failure.kind == Kind::NotFound { Self { kind: Kind::Local, ..failure } } else { failure }
    }

    /// Whether there is no profile to run under: gone, of another folder, or broken.
    pub const fn lacks_profile(&self) -> bool {
        matches!(self.kind, Kind::ProfileMissing | Kind::ProfileElsewhere | Kind::ProfileBroken)
    }

    /// Whether the same attempt may succeed later without anybody changing anything.
    pub fn is_transient(&self) -> bool {
        self.lacks_profile() || matches!(self.kind, Kind::Offline | Kind::Busy | Kind::CatalogAway)
    }

    /// Whether a transfer that met this stays open: it goes on later by itself, or once somebody has mended its profile.
    pub fn leaves_open(&self) -> bool {
        self.is_transient() || matches!(self.kind, Kind::Credentials | Kind::ReadOnly)
    }

    /// The whole message: what happened, then what to do.
    pub fn sentence(&self) -> String {
        let Some(hint) = &self.hint else { return self.what.clone() };
        // A file and its line before what is wrong with it are no part of the sentence.
        match self.what.split_once(": ").filter(|_| self.line.is_some()) {
            Some((place, wrong)) => format!("{place}: {}", joined(wrong, hint)),
            None => joined(&self.what, hint),
        }
    }
}

/// `this: that`, or with a semicolon where one of them has its own colon: no sentence is a chain of colons.
pub fn joined(this: &str, that: &str) -> String {
    let mark = if this.contains(": ") || that.contains(": ") { ';' } else { ':' };
    format!("{this}{mark} {that}")
}

/// The operating system's reason without its error number.
pub fn io_reason(error: &std::io::Error) -> String {
    let text = error.to_string();
    match text.find(" (os error") {
        Some(end) => text[..end].to_lowercase(),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn an_io_failure_names_the_file_and_hides_the_error_number() {
        let error = std::io::Error::from_raw_os_error(13);
        let failure = Failure::io("read", Path::new("/etc/shadow"), &error);
        assert_eq!(failure.sentence(), "cannot read /etc/shadow: permission denied");
        assert_eq!(failure.kind, Kind::Local);
    }

    #[test]
    fn no_sentence_is_a_chain_of_colons() {
        let said = |what: &str, hint: &str| Failure::new(Kind::Local, what).hint(hint).sentence();
        assert_eq!(said("the disk is full", "free some space"), "the disk is full: free some space");
        assert_eq!(said("cannot write /a: no room", "free some space"), "cannot write /a: no room; free some space");
        assert_eq!(said("there is no table", "run: windlass doctor"), "there is no table; run: windlass doctor");
        let on_line = |what: &str| Failure::new(Kind::Usage, what).hint("write a number").on_line(2).sentence();
        assert_eq!(on_line("/c, line 2: `jobs` is 0"), "/c, line 2: `jobs` is 0: write a number");
        assert_eq!(on_line("/c, line 2: no TOML: odd"), "/c, line 2: no TOML: odd; write a number");
    }

    #[test]
    fn a_full_disk_says_what_to_do() {
        let error = std::io::Error::from_raw_os_error(28);
        assert_eq!(Failure::io("write", Path::new("/x"), &error).kind, Kind::DiskFull);
    }
}
