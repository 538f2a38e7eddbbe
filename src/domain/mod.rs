//! Plain values that every layer speaks: objects, records, transfers, links and failures. Nothing here does IO, knows a
//! clock or names a provider's library, so that every other layer, the screen included, may use all of it.

pub mod capability;
pub mod checksum;
pub mod clash;
pub mod cors;
pub mod display;
pub mod failure;
pub mod file;
pub mod finding;
pub mod format;
pub mod home;
pub mod key;
pub mod link;
pub mod media_type;
pub mod met;
pub mod narrow;
pub mod object;
pub mod order;
pub mod picture;
pub mod preview;
pub mod provider;
pub mod record;
pub mod row_security;
pub mod shell;
pub mod transfer;

pub use capability::{Address, Capabilities};
pub use checksum::Checksum;
pub use cors::{CorsGuide, CorsNotation, CorsRule, CorsWish};
pub use failure::{Failure, Kind as FailureKind, Result, io_reason, joined};
pub use file::{FileEntry, FileFacts, FileKind, LinkTarget};
pub use home::HomeFolder;
pub use link::{Link, LinkKind, Secret, SecretUrl};
pub use narrow::{Narrow, NarrowBy};
pub use object::{ListPage, Listed, ObjectInfo, Version, VersionPage};
pub use order::{Sort, SortBy};
pub use provider::Provider;
pub use record::{CursorValue, NewRecord, Origin, Record, RecordCursor, RecordPage, ShelfPage, Shelved};
pub use row_security::RowSecurity;
pub use transfer::{Transfer, TransferId, TransferKind, TransferState};
