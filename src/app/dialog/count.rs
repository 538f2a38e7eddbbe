//! How far the counting is of what a question is about: it goes on while the question stands, and the sentence that tells it
//! changes with it.

use crate::app::message::Counted;
use crate::domain::{Failure, Result, format};

/// How far the counting is.
#[derive(Debug, Clone, PartialEq)]
pub enum Count {
    /// Nothing has come yet.
    Begun,
    /// So much so far.
    AtLeast(Counted),
    /// This is all.
    All(Counted),
    /// So much, before it failed.
    BrokeOff(Counted, Failure),
}

impl Count {
    /// What was counted so far.
    pub(crate) fn so_far(&self) -> Counted {
        match self {
            Self::Begun => Counted::default(),
            Self::AtLeast(counted) | Self::All(counted) | Self::BrokeOff(counted, _) => *counted,
        }
    }

    /// With more that was counted, or all of it.
    pub(crate) fn with(&self, counted: &Result<Counted>, ended: bool) -> Self {
        match counted {
            Ok(counted) if ended => Self::All(*counted),
            Ok(counted) => Self::AtLeast(*counted),
            Err(failure) => Self::BrokeOff(self.so_far(), failure.clone()),
        }
    }

    /// How much it is, with what is known beside it: "12 files, 4.0 MiB".
    pub(crate) fn amount(&self, beside: Counted, noun: &str) -> String {
        let Counted { objects, bytes, hidden, recorded } = self.so_far() + beside;
        let plural = if objects == 1 { "" } else { "s" };
        let among = if hidden > 0 { format!(", {} of them hidden", format::count(hidden)) } else { String::new() };
        let known = match recorded {
            0 => String::new(),
            all if all == objects => ", recorded already".into(),
            some => format!(", {} of them recorded already", format::count(some)),
        };
        let amount = format!("{} {noun}{plural}, {}{among}{known}", format::count(objects), format::size(bytes));
        match self {
            Self::Begun => "counting what is there…".into(),
            Self::AtLeast(_) => format!("at least {amount}, counting…"),
            Self::All(_) => amount,
            Self::BrokeOff(_, failure) => format!("at least {amount}; counting broke off: {}", failure.sentence()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::FailureKind;

    #[test]
    fn the_sentence_follows_the_counting() {
        let of = |objects, bytes| Counted { objects, bytes, hidden: 0, recorded: 0 };
        let beside = of(1, 1024);
        let begun = Count::Begun;
        assert_eq!(begun.amount(beside, "file"), "counting what is there…");
        let some = begun.with(&Ok(of(1, 1024)), false);
        assert_eq!(some.amount(beside, "file"), "at least 2 files, 2.0 KiB, counting…");
        assert_eq!(some.with(&Ok(of(0, 0)), true).amount(beside, "file"), "1 file, 1.0 KiB");
        let hidden = Count::All(Counted { hidden: 2, ..of(4, 1024) });
        assert_eq!(hidden.amount(Counted::default(), "file"), "4 files, 1.0 KiB, 2 of them hidden");
        let known = |recorded| Count::All(Counted { recorded, ..of(4, 1024) }).amount(Counted::default(), "object");
        assert_eq!(known(3), "4 objects, 1.0 KiB, 3 of them recorded already");
        assert_eq!(known(4), "4 objects, 1.0 KiB, recorded already");
        let broken = some.with(&Err(Failure::new(FailureKind::Denied, "no")), true);
        assert_eq!(broken.amount(Counted::default(), "object"), "at least 1 object, 1.0 KiB; counting broke off: no");
    }
}
