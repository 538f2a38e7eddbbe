//! Credentials of a profile of `~/.aws` (static keys, session tokens, assumed roles, SSO, `credential_process`), found the
//! way AWS's own tools find them. Never by the SDK's default chain, whose end asks a metadata service and waits for it.

use std::error::Error;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use aws_config::meta::region::ProvideRegion;
use aws_config::profile::{ProfileFileCredentialsProvider, ProfileFileRegionProvider};
use aws_config::provider_config::ProviderConfig;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, Result as Provided, future};
use aws_sdk_s3::config::timeout::TimeoutConfig;
use aws_sdk_s3::config::{Credentials, Region};
use chrono::{DateTime, Utc};
use tokio::sync::Mutex;

use crate::domain::display::display;
use crate::domain::{Failure, FailureKind, Result};

use crate::storage::http::{Connections, Patience, Target};

/// How long a profile may take: somebody may have to touch a key or type a code for its `credential_process`.
const PATIENCE: Duration = Duration::from_secs(60);

/// How long before their end credentials are renewed, unless they live for less than twice that.
const EARLY: Duration = Duration::from_secs(60);

/// AWS's own services, which give credentials.
const AWS: Target = Target { encrypted: true, loopback: false };

/// Where roles are assumed if the profile names no region: AWS answers there for every account.
const ANY_REGION: &str = "us-east-1";

/// What credentials come from that are none of the source's own: an address that only answers within AWS, and is waited
/// for everywhere else.
const METADATA: &str = "Ec2InstanceMetadata";

/// A profile of `~/.aws`, with its credentials once they were asked for. Clones share them.
#[derive(Clone)]
pub struct AwsProfile(Arc<Inner>);

struct Inner {
    name: String,
    ca_file: Option<PathBuf>,
    patience: Patience,
    held: Mutex<Option<Held>>,
}

/// Credentials, and when to ask for new ones.
#[derive(Clone)]
struct Held {
    credentials: Credentials,
    renewed_at: Option<SystemTime>,
}

impl AwsProfile {
    /// The profile of that name; nothing is read yet.
    pub fn new(name: &str, ca_file: Option<PathBuf>, patience: Patience) -> Self {
        Self(Arc::new(Inner { name: name.to_owned(), ca_file, patience, held: Mutex::default() }))
    }

    /// The region that it names, itself or by the profile that it is based on.
    pub async fn region(&self) -> Option<String> {
        let provider = ProfileFileRegionProvider::builder()
            .configure(&ProviderConfig::without_region())
            .profile_name(self.0.name.clone())
            .build();
        provider.region().await.map(|region| region.as_ref().to_owned())
    }

    /// Credentials that are good now. Whoever asks while they are being fetched waits for the same ones.
    ///
    /// # Errors
    /// `Usage` where there is no such profile; `Credentials`, with what to do, where it has none to give.
    pub async fn credentials(&self) -> Result<Credentials> {
        let mut held = self.0.held.lock().await;
        let now = SystemTime::now();
        if let Some(held) = held.as_ref().filter(|held| held.renewed_at.is_none_or(|end| now < end)) {
            return Ok(held.credentials.clone());
        }
        let loading = tokio::time::timeout(PATIENCE, self.load()).await;
        let credentials = loading.unwrap_or_else(|_elapsed| {
            let why = format!("did not answer within {} s", PATIENCE.as_secs());
            Err(self.failure(FailureKind::Credentials, &why).hint(self.by_hand()))
        })?;
        let renewed_at = credentials.expiry().map(|end| renewal(now, end));
        *held = Some(Held { credentials: credentials.clone(), renewed_at });
        Ok(credentials)
    }

    /// When they end, UTC; `None` never ends.
    ///
    /// # Errors
    /// Why there are none.
    pub async fn end(&self) -> Result<Option<DateTime<Utc>>> {
        Ok(self.credentials().await?.expiry().map(DateTime::from))
    }

    /// Reads the files anew: whoever was told to log in has changed them.
    async fn load(&self) -> Result<Credentials> {
        let region = self.region().await.unwrap_or_else(|| ANY_REGION.to_owned());
        let limits = TimeoutConfig::builder()
            .connect_timeout(self.0.patience.connect)
            .operation_attempt_timeout(self.0.patience.answer)
            .build();
        let settings = ProviderConfig::without_region()
            .with_region(Some(Region::new(region)))
            .with_timeout_config(limits)
            .with_http_client(Connections::new(self.0.ca_file.as_deref(), &self.0.patience, AWS)?);
        let provider = ProfileFileCredentialsProvider::builder()
            .configure(&settings)
            .profile_name(self.0.name.clone())
            .with_custom_provider(METADATA, Refused)
            .build();
        let provided = provider.provide_credentials().await;
        provided.map_err(|error| self.why(&error))
    }

    fn why(&self, error: &CredentialsError) -> Failure {
        let said = chain(error);
        let text = said.join(": ");
        let name = display(&self.0.name);
        if matches!(error, CredentialsError::CredentialsNotLoaded(_)) {
            return self
                .failure(
                    FailureKind::Usage,
                    "is not in ~/.aws/config or ~/.aws/credentials, or has no credentials there",
                )
                .hint("aws configure list-profiles names those that are there");
        }
        if text.to_lowercase().contains("sso") || text.contains("UnauthorizedException") {
            return self
                .failure(FailureKind::Credentials, "has no SSO session that is still good")
                .hint(format!("run: aws sso login --profile {name}"));
        }
        let why = format!("gives no credentials: {}", display(last_line(&said)));
        self.failure(FailureKind::Credentials, &why).hint(self.by_hand())
    }

    fn by_hand(&self) -> String {
        format!("try it by hand: aws sts get-caller-identity --profile {}", display(&self.0.name))
    }

    fn failure(&self, kind: FailureKind, why: &str) -> Failure {
        Failure::new(kind, format!("the AWS profile \"{}\" {why}", display(&self.0.name)))
    }
}

/// What was said last: the innermost error, and of a command's complaint its last line.
fn last_line(said: &[String]) -> &str {
    let innermost = said.last().map_or("", String::as_str).trim_end();
    innermost.lines().last().unwrap_or(innermost).trim_start_matches("Stderr: ")
}

/// The error and what it wraps, in words.
fn chain(error: &(dyn Error + 'static)) -> Vec<String> {
    let mut said = Vec::new();
    let mut next = Some(error);
    while let Some(error) = next {
        said.push(error.to_string());
        next = error.source();
    }
    said
}

/// When credentials that end then are asked for again.
fn renewal(now: SystemTime, end: SystemTime) -> SystemTime {
    let life = end.duration_since(now).unwrap_or_default();
    end.checked_sub(EARLY.min(life / 2)).unwrap_or(end)
}

impl ProvideCredentials for AwsProfile {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(async { self.credentials().await.map_err(CredentialsError::provider_error) })
    }
}

impl fmt::Debug for AwsProfile {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_tuple("AwsProfile").field(&self.0.name).finish()
    }
}

/// Stands where the metadata service would be asked.
#[derive(Debug)]
struct Refused;

impl ProvideCredentials for Refused {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        let refused: Provided = Err(CredentialsError::invalid_configuration(
            "credential_source = Ec2InstanceMetadata asks a service of AWS's own machines, which Windlass does not",
        ));
        future::ProvideCredentials::ready(refused)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_renewed_before_they_end_but_never_at_every_request() {
        let now = SystemTime::UNIX_EPOCH;
        let at = |seconds| renewal(now, now + Duration::from_secs(seconds));
        assert_eq!((at(3600), at(40)), (now + Duration::from_secs(3540), now + Duration::from_secs(20)));
        assert_eq!(at(0), now);
    }

    #[test]
    fn of_a_commands_complaint_the_last_line_is_told() {
        let said = ["outer".to_owned(), "exited with code 1. Stderr: first\nno card in the reader\n".to_owned()];
        assert_eq!(last_line(&said), "no card in the reader");
        assert_eq!(last_line(&["Stderr: alone".to_owned()]), "alone");
    }
}
