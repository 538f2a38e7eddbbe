//! Which records of a catalog a question asks for.

use crate::domain::{Narrow, Sort};

/// Which records, and in which order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WantedRecords {
    /// Only this user's; `None` is everyone's.
    pub user_id: Option<String>,
    /// Only keys that begin with it.
    pub prefix: Option<String>,
    /// The order.
    pub order: Sort,
    /// Only keys that have this in them; empty is nothing asked.
    pub search: String,
    /// Only those of this type, size and age.
    pub narrow: Narrow,
}
