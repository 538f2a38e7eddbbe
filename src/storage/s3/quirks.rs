//! What is particular to a provider of the S3 family: one [`Quirks`] value each, and nothing about a provider anywhere
//! else, so that a new service is one more value here. Sources are the providers' API references, named where they matter.

mod providers;

use crate::config::FieldNames;
use crate::domain::capability::Reason;
use crate::domain::{CorsGuide, Provider};
use crate::storage::PartRules;
use providers::{AWS, B2, COMPATIBLE, LOCAL, R2};

/// Everything in which one service of the family differs from another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quirks {
    /// The service as a sentence names it.
    pub title: &'static str,
    /// The region that requests are signed for when neither profile nor endpoint tells one.
    pub default_region: &'static str,
    /// `ENDPOINT/BUCKET/KEY` rather than `BUCKET.ENDPOINT/KEY`, where the profile does not say.
    pub path_style: bool,
    /// Part rules.
    pub part_rules: PartRules,
    /// What proves that a single PUT arrived.
    pub single_proof: Proof,
    /// What proves that a multipart upload was put together.
    pub multipart_proof: Proof,
    /// Whether `If-None-Match: *` works on PutObject, or why not.
    pub conditional_put: Result<(), Reason>,
    /// Whether `If-None-Match: *` may be sent with CompleteMultipartUpload.
    pub conditional_finish: bool,
    /// The checksum of requests that must have one: DeleteObjects and PutBucketCors.
    pub required_sum: RequiredSum,
    /// Attempts that the client makes before it hands the trouble to the queue.
    pub attempts: u32,
    /// Statuses that are tried again beside those that the SDK tries again: 500, 502, 503 and 504.
    pub retried: &'static [u16],
    /// Whether two keys that differ only in Unicode's normal form name one object, so that keys are made in one form.
    pub normalises_keys: bool,
    /// What an access key id looks like.
    pub key_shape: KeyShape,
    /// What to do about refusals, in the words of the provider's own pages.
    pub hints: Hints,
    /// A delete removes the object for good; else what it does, as a sentence without its full stop.
    pub delete_is_final: Result<(), Reason>,
    /// The form of `file_url`.
    pub file_url: FileUrl,
    /// Whether the guide keeps no URL of files in a private bucket.
    pub private_has_no_url: bool,
    /// Whether a public bucket's objects can be read at `file_url` without a signature, or why not.
    pub public_read: Result<(), Reason>,
    /// Whether older versions can be listed and removed.
    pub versions: Result<(), Reason>,
    /// Whether PutBucketCors works, or where to go instead.
    pub cors: Result<(), Reason>,
    /// The CORS rule of the provider's guide.
    pub cors_guide: CorsGuide,
}

/// What shows that the bytes arrived as they were sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// The service checks and stores a CRC-64/NVME of the whole object.
    Crc64Nvme,
    /// The same where its answer shows that it does; nobody knows beforehand. Else as `EntityTagIfItMatches`, and the MD5
    /// is computed only then.
    Crc64NvmeIfEchoed,
    /// The entity tag is the MD5 (multipart: the MD5 of the parts' MD5s and their number); another one is an error.
    EntityTag,
    /// The same, but services of this kind are known to make up others: a match proves, a mismatch says nothing.
    EntityTagIfItMatches,
}

/// How a request proves its body where S3 demands that it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequiredSum {
    /// `x-amz-checksum-crc32`, as the SDK sends it.
    Crc32,
    /// `Content-MD5`, which every service knows since 2006.
    Md5,
}

/// What an access key id looks like, where that tells a wrong sort of key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyShape {
    /// It tells nothing.
    Any,
    /// 32 hexadecimal digits.
    R2,
    /// 25 characters; the 12 hexadecimal digits of an account are its master key.
    B2,
}

/// What to do about refusals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hints {
    /// Something may not be read or looked up.
    pub read: &'static str,
    /// Something else may not be done.
    pub write: &'static str,
    /// There is no such bucket.
    pub bucket: Look,
    /// There is no such host, or one that does not do TLS under this name, where that has a cause of its own.
    pub host: Option<Look>,
}

/// What to check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// Fields of the profile.
    pub fields: &'static [&'static str],
    /// And what else, behind their names.
    pub and: &'static str,
    /// The same where variables make the profile.
    pub and_of_variables: &'static str,
}

impl Look {
    const fn at(fields: &'static [&'static str], and: &'static str) -> Self {
        Self { fields, and, and_of_variables: and }
    }

    /// As a hint for a profile whose fields have these names.
    pub fn hint(&self, names: &FieldNames) -> String {
        let and = if names.are_variables() { self.and_of_variables } else { self.and };
        format!("check {}{and}", names.list(self.fields))
    }
}

/// How the guide writes `file_url` (DESIGN.md section 5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileUrl {
    /// `https://BUCKET.s3.REGION.amazonaws.com/KEY`.
    VirtualHosted,
    /// `ENDPOINT/BUCKET/KEY`.
    EndpointPath,
    /// `PUBLIC_BASE/KEY`, or this text where there is no base.
    PublicBase(&'static str),
}

impl Quirks {
    /// What proves that a part arrived: the service's own checksum if the whole is to have one, else the entity tag as
    /// with a single PUT.
    pub fn part_proof(&self) -> Proof {
        match self.multipart_proof {
            crc @ (Proof::Crc64Nvme | Proof::Crc64NvmeIfEchoed) => crc,
            _ => self.single_proof,
        }
    }

    /// What is wrong with an access key id that the service does not take, as far as its looks tell.
    pub fn key_hint(&self, key_id: &str, names: &FieldNames) -> String {
        let digits = key_id.bytes().all(|byte| byte.is_ascii_hexdigit());
        let look = |and| format!("check {}{and}", names.credentials(&["access_key_id"]));
        match self.key_shape {
            KeyShape::B2 if key_id.len() == 12 && digits => {
                "this is the account's master key, which B2's S3 API does not take; make an application key for the bucket"
                    .into()
            }
            KeyShape::B2 => look("; it is the application key's keyID, of 25 characters"),
            KeyShape::R2 if key_id.len() != 32 || !digits => {
                "R2's access key ids have 32 characters; take the Access Key ID of the API token, not the token itself"
                    .into()
            }
            KeyShape::R2 => look(", and that its API token is of this account and still valid"),
            KeyShape::Any => look(""),
        }
    }

    /// The same where the profile names the endpoint itself: nothing else makes a host's name then.
    #[must_use]
    pub fn behind_an_endpoint(self) -> Self {
        let host = self.hints.host.filter(|look| look.fields.contains(&"endpoint"));
        Self { hints: Hints { host, ..self.hints }, ..self }
    }

    /// The quirks of a profile's service. A profile of provider `s3` is AWS without an endpoint or at one of AWS's hosts.
    pub fn of(provider: Provider, endpoint_host: Option<&str>) -> Self {
        match (provider, endpoint_host) {
            (Provider::R2, Some(host)) if !is_r2(host) => Quirks { default_region: COMPATIBLE.default_region, ..R2 },
            (Provider::R2, _) => R2,
            (Provider::B2, _) => B2,
            (Provider::Local, _) => LOCAL,
            (_, None) => AWS,
            (_, Some(host)) if is_aws(host) => AWS,
            (_, Some(host)) if is_r2(host) => R2,
            (_, Some(host)) if host.ends_with(".backblazeb2.com") => B2,
            (_, Some(_)) => COMPATIBLE,
        }
    }

    /// The region that an endpoint's host tells: `s3.us-west-004.backblazeb2.com`, `s3.eu-central-1.amazonaws.com`.
    pub fn region_of_host(host: &str) -> Option<&str> {
        let rest = host.strip_prefix("s3.").or_else(|| host.strip_prefix("s3-"))?;
        let region = [".backblazeb2.com", ".amazonaws.com", ".amazonaws.com.cn"]
            .iter()
            .find_map(|domain| rest.strip_suffix(domain))?
            .trim_start_matches("dualstack.");
        (!region.is_empty() && !region.contains('.')).then_some(region)
    }

    /// The provider's own endpoint, where the profile names none; `None` lets the SDK's rules for AWS decide.
    ///
    /// # Errors
    /// What the profile lacks, as half a sentence, and what to write there.
    pub fn endpoint(
        provider: Provider,
        account_id: Option<&str>,
        jurisdiction: Option<&str>,
        region: Option<&str>,
    ) -> Result<Option<String>, (&'static str, &'static str)> {
        match (provider, account_id, region) {
            (Provider::R2, Some(account), _) => Ok(Some(match jurisdiction {
                None | Some("" | "default") => format!("https://{account}.r2.cloudflarestorage.com"),
                Some(place) => format!("https://{account}.{place}.r2.cloudflarestorage.com"),
            })),
            (Provider::R2, None, _) => {
                Err(("it has no account_id", "set account_id to the 32 characters of R2's page"))
            }
            (Provider::B2, _, Some(region)) => Ok(Some(format!("https://s3.{region}.backblazeb2.com"))),
            (Provider::B2, _, None) => Err((
                "it has no endpoint",
                "set endpoint to the one on the bucket's page, https://s3.REGION.backblazeb2.com",
            )),
            (Provider::Local, ..) => Err(("it has no endpoint", "open it through Windlass, which serves it")),
            _ => Ok(None),
        }
    }
}

/// Whether a host is one of R2's own.
fn is_r2(host: &str) -> bool {
    host.ends_with(".r2.cloudflarestorage.com")
}

/// Whether a host is one of AWS's own.
pub fn is_aws(host: &str) -> bool {
    host.ends_with(".amazonaws.com") || host.ends_with(".amazonaws.com.cn")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_endpoints_host_tells_the_service() {
        assert_eq!(Quirks::of(Provider::S3, None), AWS);
        assert_eq!(Quirks::of(Provider::S3, Some("s3.eu-central-1.amazonaws.com")), AWS);
        assert_eq!(Quirks::of(Provider::S3, Some("minio.example.org")), COMPATIBLE);
        assert_eq!(Quirks::of(Provider::S3, Some("abc.eu.r2.cloudflarestorage.com")), R2);
        let front = Quirks { default_region: "us-east-1", ..R2 };
        assert_eq!(Quirks::of(Provider::R2, Some("127.0.0.1")), front, "it keeps the other quirks of R2");
        assert_eq!(Quirks::of(Provider::B2, Some("127.0.0.1")), B2);
    }

    #[test]
    fn the_endpoints_host_tells_the_region() {
        assert_eq!(Quirks::region_of_host("s3.us-west-004.backblazeb2.com"), Some("us-west-004"));
        assert_eq!(Quirks::region_of_host("s3.eu-central-1.amazonaws.com"), Some("eu-central-1"));
        assert_eq!(Quirks::region_of_host("s3.dualstack.eu-west-1.amazonaws.com"), Some("eu-west-1"));
        assert_eq!(Quirks::region_of_host("s3.cn-north-1.amazonaws.com.cn"), Some("cn-north-1"));
        assert_eq!(Quirks::region_of_host("s3.amazonaws.com"), None);
        assert_eq!(Quirks::region_of_host("127.0.0.1"), None);
    }

    #[test]
    fn a_provider_without_an_endpoint_gets_its_own() {
        let r2 = |jurisdiction| Quirks::endpoint(Provider::R2, Some("abc"), jurisdiction, None);
        assert_eq!(r2(None), Ok(Some("https://abc.r2.cloudflarestorage.com".into())));
        assert_eq!(r2(Some("eu")), Ok(Some("https://abc.eu.r2.cloudflarestorage.com".into())));
        assert_eq!(Quirks::endpoint(Provider::S3, None, None, Some("eu-west-1")), Ok(None));
        assert!(Quirks::endpoint(Provider::R2, None, None, None).is_err());
        assert!(Quirks::endpoint(Provider::B2, None, None, None).is_err());
    }

    #[test]
    fn a_key_of_the_wrong_sort_is_told_by_its_looks() {
        let hint = |quirks: Quirks, id| quirks.key_hint(id, &FieldNames::Keys);
        assert!(hint(B2, "0123456789ab").contains("master key"));
        assert!(hint(B2, "0010123456789ab0000000001").contains("keyID"));
        assert!(hint(R2, "v1.0-token_of_forty_characters_or_so_0123").contains("not the token itself"));
        assert!(hint(R2, "0123456789abcdef0123456789abcdef").contains("of this account"));
        assert_eq!(hint(AWS, "0123456789ab"), "check access_key_id in the profile");
    }

    #[test]
    fn services_that_are_known_not_to_check_a_crc_are_sent_none() {
        for proof in [R2.single_proof, R2.multipart_proof, B2.single_proof, B2.multipart_proof] {
            assert!(matches!(proof, Proof::EntityTag | Proof::EntityTagIfItMatches), "{proof:?}");
        }
        assert_eq!(COMPATIBLE.part_proof(), Proof::Crc64NvmeIfEchoed, "it is asked");
    }
}
