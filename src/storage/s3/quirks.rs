//! What is particular to a provider of the S3 family: one [`Quirks`] value each, and nothing about a provider anywhere
//! else, so that a new service is one more value here. Sources are the providers' API references, named where they matter.

use crate::domain::Provider;
use crate::domain::capability::Reason;
use crate::storage::PartRules;

const MIB: u64 = 1024 * 1024;
const GIB: u64 = 1024 * MIB;

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
    /// Attempts that the client makes before it hands the trouble to the queue.
    pub attempts: u32,
    /// A delete removes the object for good, rather than hiding its last version.
    pub delete_is_final: bool,
    /// The form of `file_url`.
    pub file_url: FileUrl,
    /// Whether PutBucketCors works, or where to go instead.
    pub cors: Result<(), Reason>,
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

/// S3's own rules; the others differ in little (S3 user guide, "Amazon S3 multipart upload limits").
const S3_PARTS: PartRules = PartRules {
    min_part: 5 * MIB,
    max_part: 5 * GIB,
    max_parts: 10_000,
    parallel: 4,
    multipart_from: 16 * MIB,
    equal_parts: false,
};

/// AWS S3 itself.
const AWS: Quirks = Quirks {
    title: "S3",
    default_region: "us-east-1",
    path_style: false,
    part_rules: S3_PARTS,
    single_proof: Proof::Crc64Nvme,
    multipart_proof: Proof::Crc64Nvme,
    conditional_put: Ok(()),
    conditional_finish: true,
    attempts: 5,
    delete_is_final: true,
    file_url: FileUrl::VirtualHosted,
    cors: Ok(()),
};

/// Any other service behind an endpoint: nothing is taken for granted that S3 of 2015 did not have, but a checksum of today
/// is tried, because MD5 costs fifty times as much.
const COMPATIBLE: Quirks = Quirks {
    title: "the S3-compatible service",
    path_style: true,
    single_proof: Proof::Crc64NvmeIfEchoed,
    multipart_proof: Proof::Crc64NvmeIfEchoed,
    conditional_finish: false,
    file_url: FileUrl::EndpointPath,
    ..AWS
};

/// Cloudflare R2: region `auto`; parts up to 5 GiB less 5 MiB, all but the last of one size; multipart entity tags are
/// documented as MD5 of MD5s since June 2023, which not every client found true; `If-None-Match` is documented for
/// PutObject alone.
const R2: Quirks = Quirks {
    title: "R2",
    default_region: "auto",
    path_style: true,
    part_rules: PartRules { max_part: 5 * GIB - 5 * MIB, equal_parts: true, ..S3_PARTS },
    single_proof: Proof::EntityTag,
    multipart_proof: Proof::EntityTagIfItMatches,
    conditional_finish: false,
    file_url: FileUrl::PublicBase("URL not available"),
    ..AWS
};

/// Backblaze B2: answers "not now" by design, so more attempts; wants many uploads at once; a delete by name hides.
const B2: Quirks = Quirks {
    title: "B2",
    path_style: true,
    part_rules: PartRules { parallel: 8, ..S3_PARTS },
    single_proof: Proof::EntityTag,
    multipart_proof: Proof::EntityTag,
    conditional_put: Err("B2 has no conditional PUT: what is there is looked up first, which is not atomic"),
    conditional_finish: false,
    attempts: 9,
    delete_is_final: false,
    file_url: FileUrl::EndpointPath,
    ..AWS
};

/// The bucket that comes with Windlass.
const LOCAL: Quirks =
    Quirks { title: "the local bucket", path_style: true, file_url: FileUrl::EndpointPath, attempts: 3, ..AWS };

impl Quirks {
    /// What proves that a part arrived: the service's own checksum if the whole is to have one, else the entity tag as
    /// with a single PUT.
    pub fn part_proof(&self) -> Proof {
        match self.multipart_proof {
            crc @ (Proof::Crc64Nvme | Proof::Crc64NvmeIfEchoed) => crc,
            _ => self.single_proof,
        }
    }

    /// The quirks of a profile's service. A profile of provider `s3` is AWS without an endpoint or at one of AWS's hosts.
    pub fn of(provider: Provider, endpoint_host: Option<&str>) -> Self {
        match (provider, endpoint_host) {
            (Provider::R2, _) => R2,
            (Provider::B2, _) => B2,
            (Provider::Local, _) => LOCAL,
            (_, None) => AWS,
            (_, Some(host)) if is_aws(host) => AWS,
            (_, Some(host)) if host.ends_with(".r2.cloudflarestorage.com") => R2,
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
        assert_eq!(Quirks::of(Provider::R2, Some("127.0.0.1")), R2, "a front of an R2 profile keeps its quirks");
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
    fn services_that_are_known_not_to_check_a_crc_are_sent_none() {
        for proof in [R2.single_proof, R2.multipart_proof, B2.single_proof, B2.multipart_proof] {
            assert!(matches!(proof, Proof::EntityTag | Proof::EntityTagIfItMatches), "{proof:?}");
        }
        assert_eq!(COMPATIBLE.part_proof(), Proof::Crc64NvmeIfEchoed, "it is asked");
    }
}
