//! What a store of the S3 family is opened with: a plain value, made from a profile or, for the local bucket, by the
//! services; nothing in it comes from the user's AWS environment.

use std::path::PathBuf;

use chrono::{DateTime, Utc};

use crate::config::FieldNames;
use crate::config::profile::Profile;
use crate::domain::{Provider, Secret};
use crate::storage::http::Patience;

use super::credentials::AwsProfile;

/// What a store is opened with.
#[derive(Debug, Clone)]
pub struct S3Config {
    /// `s3`, `r2`, `b2` or `local`.
    pub provider: Provider,
    /// Endpoint URL; `None` is the provider's own.
    pub endpoint: Option<String>,
    /// The endpoint that presigned links name instead: the local bucket's link address.
    pub link_endpoint: Option<String>,
    /// Region; `None` lets the endpoint and the quirks decide.
    pub region: Option<String>,
    /// Path-style addressing, where given.
    pub path_style: Option<bool>,
    /// Access key id.
    pub access_key_id: String,
    /// Secret access key.
    pub secret_access_key: Secret,
    /// Session token of temporary credentials.
    pub session_token: Option<Secret>,
    /// When temporary credentials end, UTC; links end with them.
    pub credentials_end: Option<DateTime<Utc>>,
    /// The profile of `~/.aws` that gives credentials instead.
    pub aws_profile: Option<AwsProfile>,
    /// Bucket.
    pub bucket: String,
    /// R2's account.
    pub account_id: Option<String>,
    /// R2's jurisdiction.
    pub jurisdiction: Option<String>,
    /// PEM file of an own certificate authority, trusted besides the system's.
    pub ca_file: Option<PathBuf>,
    /// Where objects can be read without a signature.
    pub public_base_url: Option<String>,
    /// What the profile's fields are called, for sentences.
    pub names: FieldNames,
    /// How long to wait for what.
    pub patience: Patience,
}

impl S3Config {
    /// The least that any service needs; everything else as the provider has it.
    pub fn new(
        provider: Provider,
        bucket: impl Into<String>,
        access_key_id: impl Into<String>,
        secret_access_key: impl Into<String>,
    ) -> Self {
        Self {
            provider,
            endpoint: None,
            link_endpoint: None,
            region: None,
            path_style: None,
            access_key_id: access_key_id.into(),
            secret_access_key: Secret::new(secret_access_key),
            session_token: None,
            credentials_end: None,
            aws_profile: None,
            bucket: bucket.into(),
            account_id: None,
            jurisdiction: None,
            ca_file: None,
            public_base_url: None,
            names: FieldNames::Keys,
            patience: Patience::default(),
        }
    }
}

impl S3Config {
    /// The same with the region that the AWS profile names, where nothing else tells one.
    #[must_use]
    pub async fn with_region_of_aws_profile(self) -> Self {
        match &self.aws_profile {
            Some(profile) if self.region.is_none() => Self { region: profile.region().await, ..self },
            _ => self,
        }
    }
}

impl From<&Profile> for S3Config {
    fn from(profile: &Profile) -> Self {
        Self {
            endpoint: profile.endpoint.clone(),
            region: profile.region.clone(),
            path_style: profile.path_style,
            session_token: profile.session_token.clone(),
            account_id: profile.account_id.clone(),
            jurisdiction: profile.jurisdiction.clone(),
            ca_file: profile.ca_file.clone(),
            public_base_url: profile.public_base_url.clone(),
            names: profile.names.clone(),
            aws_profile: profile
                .aws_profile
                .as_ref()
                .map(|name| AwsProfile::new(name, profile.ca_file.clone(), Patience::default())),
            ..Self::new(
                profile.provider,
                profile.bucket(),
                profile.access_key_id.clone(),
                profile.secret_access_key.as_ref().map_or("", Secret::expose),
            )
        }
    }
}
