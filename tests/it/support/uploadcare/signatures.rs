//! Signatures, computed apart from the program's own code.

use hmac::{Hmac, KeyInit, Mac};
use md5::{Digest, Md5};
use sha1::Sha1;
use sha2::Sha256;

use super::{Ask, PUBLIC_KEY, SECRET_KEY};

fn hex(bytes: impl AsRef<[u8]>) -> String {
    bytes.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What a REST request must be authorised with.
pub fn authorization(ask: &Ask) -> String {
    let md5 = hex(Md5::digest(&ask.body));
    let text =
        [&*ask.method, &md5, ask.header("content-type"), ask.header("date"), &ask.target].map(str::to_owned).join("\n");
    let mut mac = Hmac::<Sha1>::new_from_slice(SECRET_KEY.as_bytes()).unwrap();
    mac.update(text.as_bytes());
    format!("Uploadcare {PUBLIC_KEY}:{}", hex(mac.finalize().into_bytes()))
}

/// The signature of an upload.
pub fn upload(expire: &str) -> String {
    sha256(SECRET_KEY.as_bytes(), expire)
}

/// HMAC-SHA256, hexadecimal.
pub fn sha256(key: &[u8], text: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(text.as_bytes());
    hex(mac.finalize().into_bytes())
}

/// An entity tag without its quotes.
pub fn md5(bytes: &[u8]) -> String {
    hex(Md5::digest(bytes))
}
