//! A checksum of a whole object, as the catalog stores it and stores compare it: `ALGORITHM:BASE64`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A named checksum; equal only to one of the same algorithm.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checksum {
    /// Lower-case name, such as `crc64nvme` or `md5`.
    pub algorithm: String,
    /// Base64 of the big-endian bytes, as the S3 API writes it.
    pub value: String,
}

impl Checksum {
    /// CRC-64/NVME, the S3 API's full-object checksum.
    pub fn crc64nvme(value: impl Into<String>) -> Self {
        Self { algorithm: "crc64nvme".into(), value: value.into() }
    }

    /// MD5, which unencrypted single PUTs have as their entity tag.
    pub fn md5(value: impl Into<String>) -> Self {
        Self { algorithm: "md5".into(), value: value.into() }
    }
}

impl fmt::Display for Checksum {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{}", self.algorithm, self.value)
    }
}

impl FromStr for Checksum {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (algorithm, value) = text.split_once(':').ok_or(())?;
        Ok(Self { algorithm: algorithm.into(), value: value.into() })
    }
}
