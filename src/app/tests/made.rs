//! What the stage is furnished with: profiles, files, records and transfers, each the same wherever a test asks for it.

use std::path::PathBuf;
use std::sync::Arc;

use chrono::DateTime;

use crate::config::{CatalogConfig, FieldNames, Profile, ProfileSlot, ProfileSource};
use crate::domain::transfer::{ProfileIdentity, TransferView};
use crate::domain::{
    Capabilities, FileEntry, FileKind, Listed, ObjectInfo, Provider, Record, Transfer, TransferId, TransferKind,
    TransferState,
};

/// A store that can do everything.
pub(super) fn able() -> Capabilities {
    Capabilities {
        prefixes: Ok(()),
        write: Ok(()),
        presign: Ok(()),
        public_url: Ok(()),
        upload_link: Ok(()),
        list: Ok(()),
        delete: Ok(()),
        overwrite: Ok(()),
        from_url: Ok(()),
        cors: Ok(()),
        versions: Ok(()),
        conditional_put: Ok(()),
        delete_is_final: Ok(()),
        names_itself: false,
        finds_uploads: true,
        streams: Ok(()),
        lists_parts: true,
    }
}

pub(super) fn profile(name: &str) -> Profile {
    Profile {
        name: name.into(),
        source: ProfileSource::File("/etc/windlass.toml".into()),
        names: FieldNames::Keys,
        provider: Provider::R2,
        account_id: None,
        jurisdiction: None,
        access_key_id: "id".into(),
        secret_access_key: None,
        session_token: None,
        buckets: vec![format!("{name}-bucket")],
        in_use: 0,
        aws_profile: None,
        endpoint: None,
        region: None,
        path_style: None,
        ca_file: None,
        public_base_url: None,
        catalog: CatalogConfig::Sqlite("/tmp/catalog".into()),
        user_id: Some("user_1".into()),
        key_template: "{uuid}-{name}".into(),
        link_expiry: 3600,
        read_only: false,
        read_only_now: false,
        jobs: None,
        rate: 0,
        commands: Vec::new(),
        uploadcare: None,
    }
}

/// What that profile is for the queue.
pub(super) fn identity(name: &str) -> Arc<ProfileIdentity> {
    profile(name).identity().into()
}

pub(super) fn slot(name: &str) -> ProfileSlot {
    slot_of(profile(name))
}

pub(super) fn slot_of(profile: Profile) -> ProfileSlot {
    ProfileSlot {
        name: profile.name.clone(),
        source: profile.source.clone(),
        provider: Some(profile.provider),
        profile: Ok(Arc::new(profile)),
    }
}

pub(super) fn file(name: &str, size: u64) -> FileEntry {
    FileEntry { name: name.into(), kind: FileKind::File, size: Some(size), modified: None, problem: None }
}

pub(super) fn folder(name: &str) -> FileEntry {
    FileEntry { name: name.into(), kind: FileKind::Folder, size: None, modified: None, problem: None }
}

/// A record; a greater number is older.
pub(super) fn record(key: &str, number: usize) -> Record {
    Record {
        id: 1_000_000 - number as i64,
        key: key.into(),
        url: None,
        user_id: "user_1".into(),
        uploaded_at: DateTime::from_timestamp(1_700_000_000 - 3600 * number as i64, 0),
        bucket: None,
        size: Some(100),
        content_type: Some("image/png".into()),
        etag: None,
        checksum: None,
        verified_at: None,
    }
}

pub(super) fn listed(key: &str) -> Listed {
    if key.ends_with('/') {
        return Listed::Prefix(key.into());
    }
    Listed::Object(ObjectInfo { key: key.into(), name: None, size: 5, modified: None, etag: None, content_type: None })
}

/// A transfer of the profile `prod`.
pub(in crate::app) fn transfer(number: u128, kind: TransferKind, state: TransferState, key: &str) -> TransferView {
    let transfer = Transfer {
        id: TransferId(uuid::Uuid::from_u128(number)),
        state,
        path: Some(PathBuf::from("/home/me").join(key).into()),
        size: Some(100),
        ..Transfer::new(kind, identity("prod"), key, DateTime::UNIX_EPOCH)
    };
    let transfer = Arc::new(transfer);
    TransferView { transfer, sent: 0, rate: 0.0, next_try_in: None, elsewhere: false, held: false }
}
