//! Uploadcare's three signatures: of REST requests, of uploads and of links. Pure, and held against the published figures.

use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::{Digest, Sha256};

use crate::storage::proof;

/// Bytes of a block of SHA-1 and SHA-256; a longer key counts by its hash (RFC 2104, section 2).
const BLOCK: usize = 64;

/// What a REST request is signed for.
#[derive(Debug, Clone, Copy)]
pub struct Signed<'a> {
    /// `GET`, `PUT`, …
    pub method: &'a str,
    /// Path and query as they are sent.
    pub target: &'a str,
    /// The `Content-Type` header.
    pub content_type: &'a str,
    /// The `Date` header.
    pub date: &'a str,
    /// The body.
    pub body: &'a [u8],
}

/// The `Authorization` header of a REST request (REST API reference, "Uploadcare.Signed").
pub fn authorization(public_key: &str, secret_key: &str, request: &Signed<'_>) -> String {
    let Signed { method, target, content_type, date, body } = request;
    let md5 = proof::md5_tag_of(body);
    let mut mac = Hmac::<Sha1>::new(&padded::<Sha1>(secret_key.as_bytes()).into());
    mac.update(format!("{method}\n{md5}\n{content_type}\n{date}\n{target}").as_bytes());
    format!("Uploadcare {public_key}:{}", hex(&mac.finalize().into_bytes()))
}

/// A time as the `Date` header wants it.
pub fn date(time: DateTime<Utc>) -> String {
    time.format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// The `signature` of an upload that ends at `expire`, Unix seconds (Upload API reference, "Signed uploads").
pub fn upload(secret_key: &str, expire: i64) -> String {
    hex(&hmac_sha256(secret_key.as_bytes(), &expire.to_string()))
}

/// HMAC-SHA256 of a text.
pub fn hmac_sha256(key: &[u8], text: &str) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new(&padded::<Sha256>(key).into());
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().into()
}

/// A key as long as a block.
fn padded<D: Digest>(key: &[u8]) -> [u8; BLOCK] {
    let mut block = [0; BLOCK];
    if key.len() <= BLOCK {
        block[..key.len()].copy_from_slice(key);
    } else {
        let hashed = D::digest(key);
        block[..hashed.len()].copy_from_slice(&hashed);
    }
    block
}

/// In lower case.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The bytes of a text of hexadecimal digits; `None` where it is something else.
pub fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u32>> = text.chars().map(|digit| digit.to_digit(16)).collect();
    let digits = digits.filter(|digits| digits.len() % 2 == 0)?;
    Some(digits.chunks(2).map(|pair| (pair[0] * 16 + pair[1]).to_le_bytes()[0]).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    // Published figures: uploadcare-go ucare/auth_test.go, uploadcare-js-api-clients packages/signed-uploads, pyuploadcare
    // tests/functional/api and its cassettes.
    #[test]
    fn uploads_are_signed_as_published() {
        for (secret, expire, signature) in [
            ("project_secret_key", 1454903856, "d39a461d41f607338abffee5f31da4d4e46535651c87346e76906bf75c064d47"),
            ("YOUR_SECRET_KEY", 1678361640, "93b69d086a487fbdfc36172b96a5d7f5afa7cb209e43e5f25890bc037e638584"),
            ("demosecretkey", 1698364860, "bf659caf5e081da589634770a84494fdb310d117be6f3f7b8e9842abf2997695"),
            ("demosecretkey", 60, "7d2e71d1843788a02d0c7fe6f5d71edf657363a369112e78d4f37ace3f884b00"),
            ("demosecretkey", 1632470819, "50af003e37631a54ec45a10ff21a57e8d8b1b73432597592a877a8c5bfee4eec"),
            ("demosecretkey", 1664928854, "10fadd69d3a3609ec0bc9c97325b4855543068ee5f3857138ac107283f20cc10"),
        ] {
            assert_eq!(upload(secret, expire), signature, "{expire}");
        }
    }

    // uploadcare-go ucare/auth_test.go; the others were computed with pyuploadcare 6.3.0.
    #[test]
    fn requests_are_signed_as_published() {
        let json = "application/json";
        let published = Signed {
            method: "GET",
            target: "/files/?limit=1&stored=true",
            content_type: json,
            date: "Mon, 05 Nov 2018 13:14:41 GMT",
            body: b"",
        };
        let expected = "Uploadcare testpk:3cbc4d2cf91f80c1ba162b926f8a975e8bec7995";
        assert_eq!(authorization("testpk", "demoprivatekey", &published), expected);

        const FILE: &str = "a55d6b25-d03c-4038-9838-6e06bb7df598";
        let (file, metadata) = (format!("/files/{FILE}/"), format!("/files/{FILE}/metadata/-:45az_/"));
        let one = r#"["21975c81-7f57-4c7a-aef9-acfe28779f78"]"#;
        let two = r#"["21975c81-7f57-4c7a-aef9-acfe28779f78","cbaf2d73-5169-4b2b-a543-496cf2813dff"]"#;
        let from = "/files/?from=2022-09-28T15%3A53%3A36.082137%2B00%3A00&limit=2&offset=0";
        let newest = "/files/?limit=2&ordering=-datetime_uploaded&stored=true";
        let gone = "/files/b3e96adb-74c3-4319-9f6e-526d10845329/storage/";
        let date = "Fri, 20 Nov 2026 08:23:26 GMT";
        for (method, target, date, body, signature) in [
            ("GET", newest, date, "", "3f505685dd8513c9ccc090be13b703dec3bd687b"),
            ("GET", from, date, "", "c227d3d760ea9355f1c04827fe50382637caac47"),
            ("GET", &file, date, "", "d02ac433e58ff7387dea7e1c18c7c7e90591e04b"),
            ("PUT", "/files/storage/", date, two, "e66ba4644442b63055356f501db758ac2b48fc57"),
            ("DELETE", "/files/storage/", date, one, "9e9e94d49556bec3f25a0c27e01c6601d3e7ca3a"),
            ("PUT", &metadata, date, "\"any string up to 512\"", "d65c1985bd8f8184be59a97f7d096f5c132a11e7"),
            ("DELETE", gone, date, "", "ff8e120686edf35572c66d1fcf539afbe851f71c"),
            ("GET", "/project/", "Fri, 20 Nov 2026, 08:23:26 GMT", "", "05c53cb0549923cd00b0f463115e7b212a44ec3d"),
        ] {
            let request = Signed { method, target, content_type: json, date, body: body.as_bytes() };
            let expected = format!("Uploadcare demopublickey:{signature}");
            assert_eq!(authorization("demopublickey", "demosecretkey", &request), expected, "{method} {target}");
        }
    }

    #[test]
    fn a_long_key_counts_by_its_hash() {
        // RFC 4231, test case 6: a key of 131 bytes.
        let mac = hmac_sha256(&[0xaa; 131], "Test Using Larger Than Block-Size Key - Hash Key First");
        assert_eq!(hex(&mac), "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
    }

    #[test]
    fn dates_are_those_of_http() {
        let time = DateTime::from_timestamp(1_541_423_681, 0).unwrap();
        assert_eq!(date(time), "Mon, 05 Nov 2018 13:14:41 GMT");
    }

    #[test]
    fn hexadecimal_digits_come_in_pairs() {
        assert_eq!(unhex("00fF1a"), Some(vec![0, 255, 26]));
        assert_eq!(unhex("abc"), None);
        assert_eq!(unhex("zz"), None);
        assert_eq!(hex(&[0, 255, 26]), "00ff1a");
    }
}
