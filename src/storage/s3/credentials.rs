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
use aws_credential_types::provider::error::{CredentialsError, TokenError};
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

/// How long it counts that there were none to be had. Many requests ask at once, and each of them would run a command that
/// has just failed, one after the other.
const REFUSED_FOR: Duration = Duration::from_secs(5);

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

/// What there was to be had, and until when that counts.
#[derive(Clone)]
struct Held {
    given: Result<Credentials>,
    until: Option<SystemTime>,
}

impl Held {
    fn new(given: Result<Credentials>, now: SystemTime) -> Self {
        let until = match &given {
            Ok(credentials) => credentials.expiry().map(|end| renewal(now, end)),
            Err(_) => Some(now + REFUSED_FOR),
        };
        Self { given, until }
    }

    fn counts(&self, now: SystemTime) -> bool {
        self.until.is_none_or(|end| now < end)
    }
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
        if let Some(held) = held.as_ref().filter(|held| held.counts(SystemTime::now())) {
            return held.given.clone();
        }
        let loading = tokio::time::timeout(PATIENCE, self.load()).await;
        let given = loading.unwrap_or_else(|_elapsed| {
            let why = format!("did not answer within {} s", PATIENCE.as_secs());
            Err(self.failure(FailureKind::Credentials, &why).hint(self.by_hand()))
        });
        *held = Some(Held::new(given.clone(), SystemTime::now()));
        given
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
        let name = display(&self.0.name);
        if matches!(error, CredentialsError::CredentialsNotLoaded(_)) {
            return self
                .failure(
                    FailureKind::Usage,
                    "is not in ~/.aws/config or ~/.aws/credentials, or has no credentials there",
                )
                .hint("aws configure list-profiles names those that are there");
        }
        if lacks_sso(error) {
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

/// Whether it was SSO that gave nothing, by the types of AWS's library and by what it says of itself. What a command or a
/// service says, and what a profile is called, decides nothing.
fn lacks_sso(error: &CredentialsError) -> bool {
    let CredentialsError::ProviderError(_) = error else { return false };
    let links = || std::iter::successors(error.source(), |&error| error.source());
    let first = links().find(|link| !link.is::<CredentialsError>());
    let own = first.map(ToString::to_string).unwrap_or_default();
    links().any(|link| link.is::<TokenError>())
        || own.ends_with("cached SSO token file")
        || own.starts_with("failed to read `") && own.contains("/.aws/sso/cache/")
        || links().any(|link| link.to_string().starts_with("UnauthorizedException"))
}

/// What was said last: the innermost error, and of a command's complaint its last line.
fn last_line(said: &[String]) -> &str {
    let innermost = said.last().map_or("", String::as_str).trim_end();
    let complaint = innermost.split_once("Stderr: ").map_or(innermost, |(_, complaint)| complaint);
    complaint.lines().last().unwrap_or(innermost)
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
    fn a_refusal_counts_for_some_seconds_and_credentials_until_they_end() {
        let now = SystemTime::UNIX_EPOCH;
        let after = |held: &Held, seconds| held.counts(now + Duration::from_secs(seconds));
        let refused = Held::new(Err(Failure::new(FailureKind::Credentials, "no card")), now);
        assert_eq!((after(&refused, 4), after(&refused, 5)), (true, false));
        let ends = Some(now + Duration::from_secs(3600));
        let given = Held::new(Ok(Credentials::new("k", "s", None, ends, "test")), now);
        assert_eq!((after(&given, 3539), after(&given, 3541)), (true, false));
        let for_ever = Held::new(Ok(Credentials::new("k", "s", None, None, "test")), now);
        assert!(after(&for_ever, 1 << 32));
    }

    #[test]
    fn what_a_command_or_a_service_says_does_not_make_it_sso() {
        for said in [
            "Error retrieving credentials: external process exited with code 1. Stderr: sso: UnauthorizedException, lesson",
            "service error",
            "failed to read `/home/lesso/.aws/token`",
        ] {
            assert!(!lacks_sso(&CredentialsError::provider_error(said)), "{said}");
        }
        assert!(!lacks_sso(&CredentialsError::invalid_configuration("sso-session named `sso` was not found")));
        for said in [
            "missing field `expiresAt` in cached SSO token file",
            "failed to read `/home/me/.aws/sso/cache/0a.json`",
            "UnauthorizedException: Session token not found or invalid",
        ] {
            let wrapped = CredentialsError::provider_error(CredentialsError::provider_error(said));
            assert!(lacks_sso(&wrapped), "{said}");
        }
        assert!(lacks_sso(&CredentialsError::provider_error(TokenError::not_loaded("x"))));
    }

    #[test]
    fn of_a_commands_complaint_the_last_line_is_told() {
        let said = ["outer".to_owned(), "exited with code 1. Stderr: first\nno card in the reader\n".to_owned()];
        assert_eq!(last_line(&said), "no card in the reader");
        for (text, told) in [
            ("exited with code 1. Stderr: alone", "alone"),
            ("exited with code 1. Stderr: ", "exited with code 1. Stderr:"),
            ("no such file", "no such file"),
        ] {
            assert_eq!(last_line(&[text.to_owned()]), told);
        }
    }
}
