//! What a store can do. A forbidden action is shown disabled, with the reason that stands here.

/// Why an action is not offered, as half a sentence: "R2 has no ...".
pub type Reason = &'static str;

/// One value a store; `Ok(())` where it can, the reason where it cannot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capabilities {
    /// Keys have prefixes that can be browsed.
    pub prefixes: Result<(), Reason>,
    /// Objects can be written, replaced and deleted.
    pub write: Result<(), Reason>,
    /// Links that expire.
    pub presign: Result<(), Reason>,
    /// A URL that needs no signature.
    pub public_url: Result<(), Reason>,
    /// `If-None-Match: *` on a PUT: "only if nothing is there", decided by the server.
    pub conditional_put: Result<(), Reason>,
    /// A delete removes the object for good, rather than hiding its last version.
    pub delete_is_final: bool,
}
