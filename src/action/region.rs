//! A set of places. A key of the user's own may hold in fewer places than the action works in, so that a binding needs
//! more than one of the contexts that there are words for.

use super::{Context, Place};

/// Some of the four places, or none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Region(u8);

impl Region {
    /// No place.
    pub const NONE: Self = Self(0);

    /// Whether the place belongs to it.
    pub const fn holds(self, place: Place) -> bool {
        self.0 & bit(place) != 0
    }

    /// What belongs to both.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// What does not belong to the other.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Whether there is no place in it.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// How many places there are in it.
    pub const fn count(self) -> u32 {
        self.0.count_ones()
    }
}

impl From<Context> for Region {
    fn from(context: Context) -> Self {
        let held = Place::ALL.into_iter().filter(|place| context.holds(*place));
        Self(held.fold(0, |bits, place| bits | bit(place)))
    }
}

const fn bit(place: Place) -> u8 {
    match place {
        Place::Local => 1,
        Place::Catalog => 2,
        Place::Bucket => 4,
        Place::Transfers => 8,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_is_what_its_context_holds() {
        for context in Context::ALL {
            for place in Place::ALL {
                assert_eq!(Region::from(context).holds(place), context.holds(place), "{context:?} {place:?}");
            }
        }
        let both = Region::from(Context::Files).and(Context::Remote.into());
        assert!(both.holds(Place::Bucket) && both.count() == 2);
        assert!(Region::from(Context::Catalog).without(Context::Remote.into()).is_empty());
    }
}
