//! The values: one [`Quirks`] for each service of the family, with what its pages say where that is not obvious.

use super::{FileUrl, Hints, KeyShape, Look, Proof, Quirks, RequiredSum};
use crate::domain::{CorsGuide, CorsNotation};
use crate::storage::PartRules;

const MIB: u64 = 1024 * 1024;
const GIB: u64 = 1024 * MIB;

const HINTS: Hints = Hints {
    read: "give it the right to read and to list; without the latter a missing object looks the same",
    write: "give it the right at the provider, or use another key",
    bucket: Look::at(&["bucket"], ", and the account that its endpoint stands for"),
    host: None,
};

/// R2, "API tokens": permissions and the buckets that they are for; "Data location": an endpoint of a jurisdiction sees
/// the buckets of that jurisdiction alone.
const R2_HINTS: Hints = Hints {
    read: "give the API token Object Read for this bucket (R2, Manage API tokens)",
    write: "give the API token Object Read & Write for this bucket (R2, Manage API tokens)",
    bucket: Look {
        fields: &["bucket", "account_id"],
        and: "; a bucket of a jurisdiction needs jurisdiction = \"eu\" or its like",
        and_of_variables: "; a bucket of a jurisdiction has an endpoint of its own (https://ID.eu.r2.cloudflarestorage.com)",
    },
    host: Some(Look {
        fields: &["account_id", "jurisdiction"],
        and: ", which make this name, and whether this machine is online",
        and_of_variables: ", which makes this name, and whether this machine is online",
    }),
};

/// B2, "S3-Compatible App Keys": a key is for one bucket or for all, and reads, writes or both.
const B2_HINTS: Hints = Hints {
    read: "use an application key that may read in this bucket; many are for one bucket alone",
    write: "use an application key that may write in this bucket (Read and Write); many are for one bucket alone",
    bucket: Look::at(&["bucket"], ", and that the endpoint is the one on the bucket's page: a region has only its own"),
    host: Some(Look::at(&["endpoint"], " (https://s3.REGION.backblazeb2.com), and whether this machine is online")),
};

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
pub const AWS: Quirks = Quirks {
    title: "S3",
    default_region: "us-east-1",
    path_style: false,
    part_rules: S3_PARTS,
    single_proof: Proof::Crc64Nvme,
    multipart_proof: Proof::Crc64Nvme,
    conditional_put: Ok(()),
    conditional_finish: true,
    required_sum: RequiredSum::Crc32,
    attempts: 5,
    retried: &[429],
    normalises_keys: false,
    key_shape: KeyShape::Any,
    hints: HINTS,
    delete_is_final: Ok(()),
    file_url: FileUrl::VirtualHosted,
    private_has_no_url: false,
    public_read: Ok(()),
    versions: Ok(()),
    cors: Ok(()),
    cors_guide: CorsGuide::S3,
};

/// The guide's rule has no headers, with which a page cannot say what it uploads: the one that a presigned PUT needs is
/// added. A change takes up to 30 seconds (R2, "Configure CORS").
const R2_CORS: CorsGuide = CorsGuide {
    methods: &["PUT", "GET"],
    headers: &["content-type"],
    max_age: None,
    page: "the Cloudflare dashboard: R2 > the bucket > Settings > CORS Policy",
    delay: Some("R2 may take 30 seconds until it follows"),
    ..CorsGuide::S3
};

/// The tutorial's headers; rules that were made on the page are of another kind, and each kind is changed where it was made
/// (B2, "Cross-Origin Resource Sharing Rules").
const B2_CORS: CorsGuide = CorsGuide {
    exposed: &["ETag"],
    max_age: Some(3600),
    page: "the Backblaze web console: Buckets > the bucket > CORS Rules",
    notation: CorsNotation::B2,
    ..CorsGuide::S3
};

/// Any other service behind an endpoint: nothing is taken for granted that S3 of 2015 did not have, but a checksum of today
/// is tried, because MD5 costs fifty times as much.
pub const COMPATIBLE: Quirks = Quirks {
    title: "the S3-compatible service",
    path_style: true,
    single_proof: Proof::Crc64NvmeIfEchoed,
    multipart_proof: Proof::Crc64NvmeIfEchoed,
    conditional_finish: false,
    required_sum: RequiredSum::Md5,
    file_url: FileUrl::EndpointPath,
    cors_guide: CorsGuide { page: "the service's own console", ..CorsGuide::S3 },
    ..AWS
};

/// Cloudflare R2: region `auto`; parts up to 5 GiB less 5 MiB, all but the last of one size; multipart entity tags are
/// documented as MD5 of MD5s since June 2023, which not every client found true; `If-None-Match` is documented for
/// PutObject alone. PutBucketCors takes no `x-amz-checksum-*` ("S3 API compatibility"); keys are one in NFC ("Unicode
/// interoperability"); more than one write a second of a key is answered 429 ("Limits").
pub const R2: Quirks = Quirks {
    title: "R2",
    default_region: "auto",
    path_style: true,
    part_rules: PartRules { max_part: 5 * GIB - 5 * MIB, equal_parts: true, ..S3_PARTS },
    single_proof: Proof::EntityTag,
    multipart_proof: Proof::EntityTagIfItMatches,
    conditional_finish: false,
    required_sum: RequiredSum::Md5,
    normalises_keys: true,
    key_shape: KeyShape::R2,
    hints: R2_HINTS,
    file_url: FileUrl::PublicBase("URL not available"),
    versions: Err("R2 keeps no older versions"),
    public_read: Err("R2 has public URLs only beneath a public_base_url"),
    cors_guide: R2_CORS,
    ..AWS
};

/// Backblaze B2: answers "not now" by design, so more attempts; wants many uploads at once; a delete by name hides.
pub const B2: Quirks = Quirks {
    title: "B2",
    path_style: true,
    part_rules: PartRules { parallel: 8, ..S3_PARTS },
    single_proof: Proof::EntityTag,
    multipart_proof: Proof::EntityTag,
    conditional_put: Err("B2 has no conditional PUT: what is there is looked up first, which is not atomic"),
    conditional_finish: false,
    required_sum: RequiredSum::Md5,
    attempts: 9,
    retried: &[408, 429],
    key_shape: KeyShape::B2,
    hints: B2_HINTS,
    delete_is_final: Err("B2 hides the file; its versions stay, and are billed, until they are purged"),
    file_url: FileUrl::EndpointPath,
    private_has_no_url: true,
    cors_guide: B2_CORS,
    ..AWS
};

/// The bucket that comes with Windlass.
pub const LOCAL: Quirks = Quirks {
    title: "the local bucket",
    path_style: true,
    attempts: 3,
    file_url: FileUrl::EndpointPath,
    versions: Err("the local bucket keeps no older versions"),
    public_read: Err("the local bucket has no URL without a signature"),
    ..AWS
};
