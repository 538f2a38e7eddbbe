//! The kinds of storage that a profile can name.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A profile's kind. What is particular to each is in the store's `Quirks`, never here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Provider {
    /// AWS S3, or any S3-compatible service by its endpoint.
    S3,
    /// Cloudflare R2.
    R2,
    /// Backblaze B2 by its S3-compatible API.
    B2,
    /// Uploadcare.
    Uploadcare,
    /// The bucket that comes with Windlass.
    Local,
}

impl Provider {
    /// As the configuration writes it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::S3 => "s3",
            Self::R2 => "r2",
            Self::B2 => "b2",
            Self::Uploadcare => "uploadcare",
            Self::Local => "local",
        }
    }

    /// As the header shows it.
    pub const fn title(self) -> &'static str {
        match self {
            Self::S3 => "S3",
            Self::R2 => "R2",
            Self::B2 => "B2",
            Self::Uploadcare => "Uploadcare",
            Self::Local => "Local",
        }
    }

    /// The guide's table for this provider (DESIGN.md section 5).
    pub const fn table(self) -> &'static str {
        match self {
            Self::S3 => "s3_files",
            Self::R2 => "r2_files",
            Self::B2 => "b2_files",
            Self::Uploadcare => "uploadcare_files",
            Self::Local => "local_files",
        }
    }

    /// The column that names the file in that table.
    pub const fn key_column(self) -> &'static str {
        match self {
            Self::Uploadcare => "file_id",
            _ => "object_key",
        }
    }
}

impl fmt::Display for Provider {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}
