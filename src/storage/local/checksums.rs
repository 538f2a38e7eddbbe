//! S3's checksums: which one an upload declares, computing it while the bytes pass, and what a multipart object's is.
//! Every object has exactly one; without a declaration it is CRC-64/NVME of the whole object, as on S3.

use aws_smithy_types::base64;
use crc_fast::CrcAlgorithm;
use s3s::checksum::ChecksumHasher;
use s3s::crypto::Checksum as _;
use s3s::dto::{self, ChecksumType};
use s3s::{S3Result, s3_error};

use crate::domain::Checksum;

/// S3's algorithms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// CRC-32.
    Crc32,
    /// CRC-32C.
    Crc32c,
    /// CRC-64/NVME, the default.
    Crc64Nvme,
    /// SHA-1.
    Sha1,
    /// SHA-256.
    Sha256,
}

impl Algorithm {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Crc32, Self::Crc32c, Self::Crc64Nvme, Self::Sha1, Self::Sha256];

    /// As [`Checksum`] and header names write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Crc32 => "crc32",
            Self::Crc32c => "crc32c",
            Self::Crc64Nvme => "crc64nvme",
            Self::Sha1 => "sha1",
            Self::Sha256 => "sha256",
        }
    }

    /// By its name, in either case.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.name().eq_ignore_ascii_case(name))
    }

    /// The polynomial, for those whose part checksums add up to the whole's.
    const fn crc(self) -> Option<CrcAlgorithm> {
        match self {
            Self::Crc32 => Some(CrcAlgorithm::Crc32IsoHdlc),
            Self::Crc32c => Some(CrcAlgorithm::Crc32Iscsi),
            Self::Crc64Nvme => Some(CrcAlgorithm::Crc64Nvme),
            Self::Sha1 | Self::Sha256 => None,
        }
    }

    fn enable(self, hasher: &mut ChecksumHasher) {
        match self {
            Self::Crc32 => hasher.crc32 = Some(s3s::crypto::Crc32::new()),
            Self::Crc32c => hasher.crc32c = Some(s3s::crypto::Crc32c::new()),
            Self::Crc64Nvme => hasher.crc64nvme = Some(s3s::crypto::Crc64Nvme::new()),
            Self::Sha1 => hasher.sha1 = Some(s3s::crypto::Sha1::new()),
            Self::Sha256 => hasher.sha256 = Some(s3s::crypto::Sha256::new()),
        }
    }
}

/// The five fields that S3's messages have for checksums.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fields {
    /// CRC-32.
    pub crc32: Option<String>,
    /// CRC-32C.
    pub crc32c: Option<String>,
    /// CRC-64/NVME.
    pub crc64nvme: Option<String>,
    /// SHA-1.
    pub sha1: Option<String>,
    /// SHA-256.
    pub sha256: Option<String>,
}

/// Reads the five fields of a message.
macro_rules! checksum_fields {
    ($message:expr) => {
        $crate::storage::local::checksums::Fields {
            crc32: $message.checksum_crc32.clone(),
            crc32c: $message.checksum_crc32c.clone(),
            crc64nvme: $message.checksum_crc64nvme.clone(),
            sha1: $message.checksum_sha1.clone(),
            sha256: $message.checksum_sha256.clone(),
        }
    };
}
/// Writes a checksum into the five fields of a message.
macro_rules! set_checksum {
    ($message:expr, $checksum:expr) => {{
        let fields = $crate::storage::local::checksums::Fields::of($checksum);
        $message.checksum_crc32 = fields.crc32;
        $message.checksum_crc32c = fields.crc32c;
        $message.checksum_crc64nvme = fields.crc64nvme;
        $message.checksum_sha1 = fields.sha1;
        $message.checksum_sha256 = fields.sha256;
    }};
}
pub(super) use {checksum_fields, set_checksum};

impl Fields {
    /// The fields that tell one checksum.
    pub fn of(checksum: &Checksum) -> Self {
        let mut fields = Self::default();
        if let Some(algorithm) = Algorithm::named(&checksum.algorithm) {
            *fields.field(algorithm) = Some(checksum.value.clone());
        }
        fields
    }

    fn field(&mut self, algorithm: Algorithm) -> &mut Option<String> {
        match algorithm {
            Algorithm::Crc32 => &mut self.crc32,
            Algorithm::Crc32c => &mut self.crc32c,
            Algorithm::Crc64Nvme => &mut self.crc64nvme,
            Algorithm::Sha1 => &mut self.sha1,
            Algorithm::Sha256 => &mut self.sha256,
        }
    }

    /// The one checksum that the fields tell.
    ///
    /// # Errors
    /// `InvalidRequest` for more than one.
    pub fn declared(mut self) -> S3Result<Option<(Algorithm, String)>> {
        let mut found = Algorithm::ALL.into_iter().filter_map(|one| Some((one, self.field(one).take()?)));
        let first = found.next();
        if found.next().is_some() {
            return Err(s3_error!(InvalidRequest, "expecting a single x-amz-checksum- header"));
        }
        Ok(first)
    }
}

impl From<dto::Checksum> for Fields {
    fn from(all: dto::Checksum) -> Self {
        checksum_fields!(all)
    }
}

/// Computes some checksums of the bytes that pass.
#[derive(Default)]
pub struct Computing(ChecksumHasher);

impl Computing {
    /// Of these algorithms.
    pub fn new(algorithms: impl IntoIterator<Item = Algorithm>) -> Self {
        let mut hasher = ChecksumHasher::default();
        algorithms.into_iter().for_each(|one| one.enable(&mut hasher));
        Self(hasher)
    }

    /// Takes the next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// What they came to.
    pub fn finish(self) -> Computed {
        Computed(self.0.finalize().into())
    }
}

/// Computed checksums.
#[derive(Debug, Clone)]
pub struct Computed(Fields);

impl Computed {
    /// The checksum of an algorithm that was asked for.
    pub fn get(&self, algorithm: Algorithm) -> Option<Checksum> {
        let value = self.0.clone().field(algorithm).take()?;
        Some(Checksum { algorithm: algorithm.name().to_owned(), value })
    }

    /// Compares with what the client declared.
    ///
    /// # Errors
    /// `BadDigest` where they differ.
    pub fn check(&self, algorithm: Algorithm, declared: &str) -> S3Result<()> {
        match self.get(algorithm) {
            Some(computed) if computed.value == declared => Ok(()),
            _ => Err(bad_digest(algorithm)),
        }
    }
}

/// The answer to bytes that are not the declared ones.
pub fn bad_digest(algorithm: Algorithm) -> s3s::S3Error {
    let name = algorithm.name().to_ascii_uppercase();
    s3_error!(BadDigest, "The {name} you specified did not match the calculated checksum.")
}

/// How a multipart object's checksum comes from its parts'.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Composition {
    /// It is that of all bytes, as if they had come at once.
    FullObject,
    /// It is that of the parts' checksums, with their count behind.
    Composite,
}

/// What a multipart upload keeps about checksums.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan {
    /// Of its parts and of the whole.
    pub algorithm: Algorithm,
    /// How the whole's comes about.
    pub composition: Composition,
}

impl Plan {
    /// What CreateMultipartUpload asks for (S3 API reference, "Checking object integrity").
    ///
    /// # Errors
    /// `InvalidRequest` for an unknown algorithm or one that cannot be composed that way.
    pub fn asked(algorithm: Option<&str>, kind: Option<&ChecksumType>) -> S3Result<Self> {
        let algorithm = match algorithm {
            Some(name) => {
                Algorithm::named(name).ok_or_else(|| s3_error!(InvalidRequest, "unknown checksum algorithm"))?
            }
            None => Algorithm::Crc64Nvme,
        };
        let composition = match kind.map(ChecksumType::as_str) {
            Some(ChecksumType::FULL_OBJECT) => Composition::FullObject,
            Some(ChecksumType::COMPOSITE) => Composition::Composite,
            Some(_) => return Err(s3_error!(InvalidRequest, "unknown checksum type")),
            None if algorithm == Algorithm::Crc64Nvme => Composition::FullObject,
            None => Composition::Composite,
        };
        let possible = match composition {
            Composition::FullObject => algorithm.crc().is_some(),
            Composition::Composite => algorithm != Algorithm::Crc64Nvme,
        };
        if possible {
            Ok(Self { algorithm, composition })
        } else {
            Err(s3_error!(InvalidRequest, "this checksum type cannot be used with this checksum algorithm"))
        }
    }

    /// The whole's checksum from those of its parts, given with their sizes in bytes, in order.
    ///
    /// # Errors
    /// `InternalError` for part checksums that the index should not hold.
    pub fn compose(self, parts: &[(Checksum, u64)]) -> S3Result<Checksum> {
        let broken = || s3_error!(InternalError, "a part's checksum in the index is damaged");
        let value = match (self.composition, self.algorithm.crc()) {
            (Composition::FullObject, Some(crc)) => full(self.algorithm, crc, parts).ok_or_else(broken)?,
            _ => composite(self.algorithm, parts).ok_or_else(broken)?,
        };
        Ok(Checksum { algorithm: self.algorithm.name().to_owned(), value })
    }
}

/// Whether a stored checksum is of the whole object; only composite ones have their parts' count behind a `-`.
pub fn kind_of(checksum: &Checksum) -> ChecksumType {
    let kind = if checksum.value.contains('-') { ChecksumType::COMPOSITE } else { ChecksumType::FULL_OBJECT };
    ChecksumType::from_static(kind)
}

fn full(algorithm: Algorithm, crc: CrcAlgorithm, parts: &[(Checksum, u64)]) -> Option<String> {
    let mut whole: Option<u64> = None;
    for (checksum, size) in parts {
        let part = number(algorithm, checksum)?;
        whole = Some(whole.map_or(part, |before| crc_fast::checksum_combine(crc, before, part, *size)));
    }
    let bytes = whole?.to_be_bytes();
    let width = if algorithm == Algorithm::Crc64Nvme { 8 } else { 4 };
    Some(base64::encode(bytes.get(8 - width..)?))
}

fn composite(algorithm: Algorithm, parts: &[(Checksum, u64)]) -> Option<String> {
    let mut computing = Computing::new([algorithm]);
    for (checksum, _size) in parts {
        computing.update(&raw(algorithm, checksum)?);
    }
    Some(format!("{}-{}", computing.finish().get(algorithm)?.value, parts.len()))
}

fn raw(algorithm: Algorithm, checksum: &Checksum) -> Option<Vec<u8>> {
    (checksum.algorithm == algorithm.name()).then(|| base64::decode(&checksum.value).ok()).flatten()
}

fn number(algorithm: Algorithm, checksum: &Checksum) -> Option<u64> {
    let bytes = raw(algorithm, checksum)?;
    (bytes.len() <= 8).then(|| bytes.iter().fold(0, |sum, byte| (sum << 8) | u64::from(*byte)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(algorithm: Algorithm, bytes: &[u8]) -> Checksum {
        let mut computing = Computing::new([algorithm]);
        computing.update(bytes);
        computing.finish().get(algorithm).unwrap()
    }

    #[test]
    fn checksums_are_those_of_the_published_check_values() {
        // CRC catalogue, "check" column, of "123456789".
        assert_eq!(of(Algorithm::Crc32, b"123456789").value, base64::encode(0xcbf4_3926_u32.to_be_bytes()));
        assert_eq!(of(Algorithm::Crc32c, b"123456789").value, base64::encode(0xe306_9283_u32.to_be_bytes()));
        let nvme = 0xae8b_1486_0a79_9888_u64.to_be_bytes();
        assert_eq!(of(Algorithm::Crc64Nvme, b"123456789").value, base64::encode(nvme));
    }

    #[test]
    fn part_checksums_add_up_to_the_wholes() {
        for algorithm in [Algorithm::Crc32, Algorithm::Crc32c, Algorithm::Crc64Nvme] {
            let plan = Plan { algorithm, composition: Composition::FullObject };
            let parts = [(of(algorithm, b"hello "), 6), (of(algorithm, b"wor"), 3), (of(algorithm, b"ld"), 2)];
            assert_eq!(plan.compose(&parts).unwrap(), of(algorithm, b"hello world"));
        }
    }

    #[test]
    fn a_composite_checksum_counts_its_parts() {
        let plan = Plan { algorithm: Algorithm::Sha256, composition: Composition::Composite };
        let parts = [(of(Algorithm::Sha256, b"a"), 1), (of(Algorithm::Sha256, b"b"), 1)];
        let whole = plan.compose(&parts).unwrap();
        assert!(whole.value.ends_with("-2"));
        assert_eq!(kind_of(&whole).as_str(), ChecksumType::COMPOSITE);
    }

    #[test]
    fn impossible_plans_are_refused() {
        let full = ChecksumType::from_static(ChecksumType::FULL_OBJECT);
        let composite = ChecksumType::from_static(ChecksumType::COMPOSITE);
        assert!(Plan::asked(Some("SHA256"), Some(&full)).is_err());
        assert!(Plan::asked(Some("CRC64NVME"), Some(&composite)).is_err());
        assert!(Plan::asked(Some("MD4"), None).is_err());
        assert_eq!(Plan::asked(None, None).unwrap().composition, Composition::FullObject);
    }

    #[test]
    fn two_declared_checksums_are_one_too_many() {
        let both = Fields { crc32: Some("a".into()), sha1: Some("b".into()), ..Fields::default() };
        assert!(both.declared().is_err());
        assert_eq!(Fields::default().declared().unwrap(), None);
    }
}
