//! Links to files: the project's own CDN host, forced download names, and the tokens of secure delivery.

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};

use super::sign::{hex, hmac_sha256, unhex};
use crate::domain::key::url_value;
use crate::domain::{Failure, FailureKind, Result, Secret};

/// How many digits of the public key's hash name a project's host (Uploadcare docs, "CDN": each project has its own
/// subdomain since 4 September 2025).
const DIGITS: usize = 10;

/// Where a project's files are read.
pub struct Cdn {
    base: String,
    /// The key of secure delivery, where the project has it.
    key: Option<Vec<u8>>,
}

impl Cdn {
    /// By the profile's `cdn_base` (without a slash at the end), else by the project's own host.
    ///
    /// # Errors
    /// `Usage` where the secret is none.
    pub fn new(public_key: &str, base: Option<&str>, secret: Option<&Secret>) -> Result<Self> {
        let zone = if secret.is_some() { "s.ucarecd.net" } else { "ucarecd.net" };
        let base = base.map_or_else(|| format!("https://{}.{zone}", prefix(public_key)), str::to_owned);
        let key = secret.map(|secret| unhex(secret.expose()).filter(|key| !key.is_empty()).ok_or_else(no_secret));
        Ok(Self { base, key: key.transpose()? })
    }

    /// Scheme and host.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// Whether files are read with a token only.
    pub fn is_secure(&self) -> bool {
        self.key.is_some()
    }

    /// The URL of a file, without a token.
    pub fn url(&self, file: &str, download_as: Option<&str>) -> String {
        let base = &self.base;
        match download_as {
            Some(name) => format!("{base}/{file}/-/inline/no/{}", url_value(name)),
            None => format!("{base}/{file}/"),
        }
    }

    /// The URL that works until `end`; the same for ever where the project has no secure delivery.
    pub fn signed_url(&self, file: &str, download_as: Option<&str>, end: DateTime<Utc>) -> String {
        let url = self.url(file, download_as);
        match &self.key {
            // All forms of the file, so that a name behind it does not matter.
            Some(key) => format!("{url}?token={}", token(key, &format!("/{file}/*"), end.timestamp())),
            None => url,
        }
    }
}

fn no_secret() -> Failure {
    Failure::new(FailureKind::Usage, "the secure_delivery_secret is not a row of hexadecimal digits")
        .hint("copy it from the project's settings for secure delivery; it is not the secret API key")
}

/// Lets everything below `acl` be read until `end`, Unix seconds (Uploadcare docs, "Secure delivery"; Akamai EdgeAuth).
fn token(key: &[u8], acl: &str, end: i64) -> String {
    let body = format!("exp={end}~acl={acl}");
    format!("{body}~hmac={}", hex(&hmac_sha256(key, &body)))
}

/// The project's subdomain: the first digits of its public key's SHA-256 as a number to the base 36 (pyuploadcare,
/// `get_cname_prefix`).
fn prefix(public_key: &str) -> String {
    let digits = base36(Sha256::digest(public_key.as_bytes()).into());
    digits.into_iter().rev().take(DIGITS).collect()
}

/// A big-endian number in base 36, its last digit first.
fn base36(mut number: [u8; 32]) -> Vec<char> {
    let mut digits = Vec::new();
    while number.iter().any(|byte| *byte != 0) {
        let mut rest = 0_u32;
        for byte in &mut number {
            let value = rest * 256 + u32::from(*byte);
            *byte = (value / 36).to_le_bytes()[0];
            rest = value % 36;
        }
        digits.extend(char::from_digit(rest, 36));
    }
    digits
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "52da3bfc-7cd8-4861-8b05-126fef7a6994";
    /// Published for `sectest.ucarecdn.com` alone ("well known", Uploadcare docs, "Secure delivery").
    const SECRET: &str = "73636b61519adede42191efe1e73f02a67c7b692e3765f90c250c230be095211";

    fn cdn(base: Option<&str>, secret: Option<&str>) -> Cdn {
        Cdn::new("demopublickey", base, secret.map(Secret::new).as_ref()).unwrap()
    }

    // pyuploadcare tests/functional/settings/test_subdomains.py, uploadcare-js-api-clients packages/cname-prefix,
    // uploadcare-ruby spec/uploadcare/cname_generator_spec.rb.
    #[test]
    fn a_project_has_its_published_subdomain() {
        for (key, expected) in [
            ("demopublickey", "1s4oyld5dc"),
            ("anotherkey", "4073mye3t0"),
            ("c8c237984266090ff9b8", "127mbvwq3b"),
            ("3e6ba70c0670de3bef7a", "u51bthcx6t"),
            ("823a5ae6eb3afa5b353f", "ggiwfssv31"),
        ] {
            assert_eq!(prefix(key), expected);
        }
    }

    // pyuploadcare tests/functional/test_secure_url.py, and its recordings of answers of the real CDN (2015971200).
    #[test]
    fn tokens_are_those_published() {
        let key = unhex(SECRET).unwrap();
        const REAL: &str = "/1bd27101-6f40-460a-9358-d44c282e9d16/";
        let (exact, below) = (format!("/{FILE}/"), format!("/{FILE}/*"));
        let (resized, any) = (format!("/{FILE}/-/resize/640x/other/transformations/"), format!("{REAL}*"));
        let group = "/3b278cee-47bd-4276-8d7d-9cde5902b18c%7e1/nth/0/";
        for (acl, end, hmac) in [
            (&*exact, 1633997100, "81852547d9dbd9eefd24bee2cada6eab02244b9013533bc8511511923098df72"),
            (&below, 1633997100, "b2c7526a29d0588b121aa78bc2b2c9399bfb6e1cad3d95397efed722fdbc5a78"),
            (&resized, 1633997100, "a3ae2b3e3adfcb5d41ca753598e19d17264ac87d2b0b828ccdac5136e63f2f1a"),
            (REAL, 2015971200, "0e466b666443108e92a8b8255b95f7473073c8ea14aa074de5647d092c683e1f"),
            (group, 2015971200, "9df9a86460fab102dd0ecb4a36980a1f932b6ce5cf4bdc0307906451fcf8978e"),
            (&any, 2015971200, "4f953bf9b238c59a90bd12972afd5d6fb5ec5377709f2d6b1f493d10cc08abda"),
        ] {
            assert_eq!(token(&key, acl, end), format!("exp={end}~acl={acl}~hmac={hmac}"));
        }
    }

    #[test]
    fn a_link_names_the_projects_host_and_the_wanted_file_name() {
        assert_eq!(cdn(None, None).url(FILE, None), format!("https://1s4oyld5dc.ucarecd.net/{FILE}/"));
        let own = cdn(Some("https://ucarecdn.com"), None);
        assert_eq!(
            own.url(FILE, Some("a b/ü?.png")),
            format!("https://ucarecdn.com/{FILE}/-/inline/no/a%20b%2F%C3%BC%3F.png")
        );
    }

    #[test]
    fn secure_delivery_signs_every_form_of_the_file() {
        let secure = cdn(Some("https://cdn.yourdomain.com"), Some(SECRET));
        let end = DateTime::from_timestamp(1633997100, 0).unwrap();
        let hmac = "b2c7526a29d0588b121aa78bc2b2c9399bfb6e1cad3d95397efed722fdbc5a78";
        assert_eq!(
            secure.signed_url(FILE, None, end),
            format!("https://cdn.yourdomain.com/{FILE}/?token=exp=1633997100~acl=/{FILE}/*~hmac={hmac}")
        );
        assert_eq!(cdn(None, Some(SECRET)).base(), "https://1s4oyld5dc.s.ucarecd.net");
        let wrong = Cdn::new("k", None, Some(&Secret::new("not hexadecimal"))).err().unwrap();
        assert_eq!(wrong.kind, FailureKind::Usage);
    }
}
