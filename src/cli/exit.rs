//! How a command ends: the exit codes of DESIGN.md section 7 and which failure leads to which, so that scripts can
//! tell wrong usage from work that failed.

use std::process::ExitCode;

use crate::domain::{Failure, FailureKind};

/// The ways to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    /// 0: everything that was asked for is done.
    Done,
    /// 1: something failed or stays parked.
    Failed,
    /// 2: wrong usage or configuration, or a write under a read-only profile; nothing was begun.
    Usage,
    /// 130: interrupted; what was queued is kept.
    Interrupted,
    /// 141, as a program that SIGPIPE ends: whoever read standard output went away before all of an object was written.
    Unread,
}

impl Exit {
    /// The number that the shell sees.
    pub const fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::Interrupted => 130,
            Self::Unread => 141,
        }
    }

    /// `Done` or `Failed`.
    pub const fn failed_if(failed: bool) -> Self {
        if failed { Self::Failed } else { Self::Done }
    }
}

impl From<&Failure> for Exit {
    fn from(failure: &Failure) -> Self {
        match failure.kind {
            // That a profile may not write stands in its configuration, or on the command line.
            FailureKind::Usage | FailureKind::ReadOnly => Self::Usage,
            _ => Self::Failed,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}
