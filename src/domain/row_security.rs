//! Whether the database itself keeps the rows of one user from another (PostgreSQL manual, "Row Security Policies"). Where
//! it does not, `user_id` only filters what is shown, and nothing but Windlass stands between users.

/// What holds for the table and whoever a profile connects as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RowSecurity {
    /// The database has nothing of the kind, or the table is not there.
    Unknown,
    /// The table has no row-level security.
    Off,
    /// The table's policies hold.
    Active,
    /// The table has policies, and they do not hold for this role.
    Bypassed {
        /// The role.
        role: String,
        /// Why, as half a sentence: "it is a superuser".
        why: &'static str,
    },
}
