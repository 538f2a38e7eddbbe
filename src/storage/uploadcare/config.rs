//! What an Uploadcare store is opened with: a plain value, made from a profile.

use std::path::PathBuf;

use crate::config::FieldNames;
use crate::config::profile::Profile;
use crate::domain::Secret;
use crate::storage::http::Patience;

/// What a store is opened with.
#[derive(Debug, Clone)]
pub struct UploadcareSetup {
    /// The project's public key.
    pub public_key: String,
    /// What the profile's fields are called, for sentences.
    pub names: FieldNames,
    /// The project's secret key.
    pub secret_key: Option<Secret>,
    /// Where uploads go; `None` is Uploadcare's own.
    pub upload_base: Option<String>,
    /// Where the REST API is; `None` is Uploadcare's own.
    pub api_base: Option<String>,
    /// Where files are read; `None` is the project's own host.
    pub cdn_base: Option<String>,
    /// What secure delivery signs with.
    pub secure_delivery_secret: Option<Secret>,
    /// PEM file of an own certificate authority, trusted besides the system's.
    pub ca_file: Option<PathBuf>,
    /// Where the links of unfinished uploads are kept.
    pub sessions: PathBuf,
    /// How long to wait for what.
    pub patience: Patience,
}

impl UploadcareSetup {
    /// As a profile says; unfinished uploads are remembered in the folder `sessions`.
    pub fn of(profile: &Profile, sessions: PathBuf) -> Self {
        let own = profile.uploadcare.clone().unwrap_or_default();
        Self {
            public_key: profile.access_key_id.clone(),
            names: profile.names.clone(),
            secret_key: profile.secret_access_key.clone(),
            upload_base: own.upload_base,
            api_base: own.api_base,
            cdn_base: own.cdn_base,
            secure_delivery_secret: own.secure_delivery_secret,
            ca_file: profile.ca_file.clone(),
            sessions,
            patience: Patience::default(),
        }
    }
}
