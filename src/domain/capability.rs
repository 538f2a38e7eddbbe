//! What a store can do. A forbidden action is shown disabled, with the reason that stands here.

/// Why an action is not offered, as half a sentence: "R2 has no ...".
pub type Reason = &'static str;

/// Where a store is, for the eyes; what is not known is left out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Address {
    /// The URL that requests go to.
    pub endpoint: Option<String>,
    /// The region that they are signed for.
    pub region: Option<String>,
    /// What URLs begin with that need no signature, if the bucket is public.
    pub public: Option<String>,
}

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
    /// A presigned PUT for somebody else.
    pub upload_link: Result<(), Reason>,
    /// Objects can be listed.
    pub list: Result<(), Reason>,
    /// Objects can be deleted.
    pub delete: Result<(), Reason>,
    /// What is there can be replaced under the same key.
    pub overwrite: Result<(), Reason>,
    /// A file can be fetched by the store from a URL.
    pub from_url: Result<(), Reason>,
    /// The bucket's CORS rules can be read and set.
    pub cors: Result<(), Reason>,
    /// Older versions can be listed and removed.
    pub versions: Result<(), Reason>,
    /// `If-None-Match: *` on a PUT: "only if nothing is there", decided by the server.
    pub conditional_put: Result<(), Reason>,
    /// A delete removes the object for good; else what it does, as a sentence without its full stop.
    pub delete_is_final: Result<(), Reason>,
    /// The store names a file itself, in its answer to the upload; a key is only a file name until then.
    pub names_itself: bool,
    /// An upload whose answer was lost can be looked for; otherwise it is never sent again by itself.
    pub finds_uploads: bool,
    /// An upload in parts can begin before anybody knows how long it gets.
    pub streams: Result<(), Reason>,
    /// The parts that a multipart upload has can be asked for; otherwise only the journal knows them.
    pub lists_parts: bool,
}
