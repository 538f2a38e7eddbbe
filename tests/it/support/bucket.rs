//! A local bucket of a test's own, served in process, and the AWS SDK set up for it as Windlass sets it up.

use aws_sdk_s3::Client;
use aws_sdk_s3::config::{
    BehaviorVersion, Credentials, Region, RequestChecksumCalculation, ResponseChecksumValidation,
    StalledStreamProtectionConfig,
};
use tempfile::TempDir;
use windlass::storage::local::{LocalAccess, LocalBucket, ServedBucket};

/// A served bucket in a folder that goes away with it.
pub struct TestBucket {
    /// The bucket, to be served once more or looked into.
    pub bucket: LocalBucket,
    /// The serving.
    pub served: ServedBucket,
    folder: TempDir,
}

impl TestBucket {
    /// A new one.
    pub async fn start() -> Self {
        let folder = TempDir::new().unwrap();
        let bucket = LocalBucket::open(&folder.path().join("local")).await.unwrap();
        let served = bucket.serve_own().await.unwrap();
        Self { bucket, served, folder }
    }

    /// How to reach it.
    pub fn access(&self) -> &LocalAccess {
        &self.served.access
    }

    /// The bucket's folder.
    pub fn folder(&self) -> std::path::PathBuf {
        self.folder.path().join("local")
    }

    /// The bucket, the serving and the folder, to be ended one by one.
    pub fn apart(self) -> (LocalBucket, ServedBucket, TempDir) {
        (self.bucket, self.served, self.folder)
    }

    /// A client.
    pub fn client(&self) -> Client {
        client(self.access())
    }
}

/// A client for an access.
pub fn client(access: &LocalAccess) -> Client {
    client_with(access, RequestChecksumCalculation::WhenRequired)
}

/// A client that sends checksums of its own accord, or not.
pub fn client_with(access: &LocalAccess, checksums: RequestChecksumCalculation) -> Client {
    let credentials =
        Credentials::new(&access.access_key_id, access.secret_access_key.expose(), None, None, "windlass-test");
    let config = aws_sdk_s3::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .endpoint_url(&access.endpoint)
        .region(Region::new(access.region.clone()))
        .credentials_provider(credentials)
        .force_path_style(true)
        .request_checksum_calculation(checksums)
        .response_checksum_validation(ResponseChecksumValidation::WhenRequired)
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .build();
    Client::from_conf(config)
}
