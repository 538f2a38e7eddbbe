//! MIME types as headers carry them and the catalog keeps them.

use super::display::display;
use super::{Failure, FailureKind, Result};

/// What stands before the `/` of a type (IANA's registry of media types).
pub const KINDS: [&str; 10] =
    ["application", "audio", "font", "haptics", "image", "message", "model", "multipart", "text", "video"];

/// A type without its parameters: `text/html` of `text/html; charset=utf-8`.
pub fn essence(mime: &str) -> &str {
    mime.split(';').next().unwrap_or(mime).trim()
}

/// The type that a file's name suggests, else `application/octet-stream`.
pub fn of_name(name: &str) -> String {
    let guessed = mime_guess::from_path(name).first();
    guessed.map_or_else(|| "application/octet-stream".into(), |mime| mime.essence_str().into())
}

/// The type that what is behind a file's last dot suggests, where it does. Nothing is allocated: 100,000 names are asked.
pub fn of_extension(extension: &[u8]) -> Option<&'static str> {
    std::str::from_utf8(extension).ok().and_then(|extension| mime_guess::from_ext(extension).first_raw())
}

/// The type, or first half of one, that somebody means who types `image`, `image/*`, `image/png` or `png`.
///
/// # Errors
/// `Usage` for anything else.
pub fn meant(text: &str) -> Result<String> {
    let lower = text.to_lowercase();
    // `image/*`, as browsers write it, is all of that kind.
    if let Some(kind) = lower.strip_suffix("/*").filter(|kind| *kind != "*" && check(&lower).is_ok()) {
        return Ok(kind.to_owned());
    }
    if KINDS.contains(&lower.as_str()) || check(&lower).is_ok() {
        return Ok(lower);
    }
    let named = of_extension(lower.trim_start_matches('.').as_bytes()).map(|mime| essence(mime).to_owned());
    let wrong = || Failure::new(FailureKind::Usage, format!("\"{}\" is no type", display(text)));
    named.ok_or_else(|| wrong().hint("one looks like image, image/png or png"))
}

/// `type/subtype` in visible ASCII: what a header takes and the catalog stores.
///
/// # Errors
/// `Usage` for anything else.
pub fn check(text: &str) -> Result<()> {
    let is_token =
        |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_graphic() && b != b'/' && b != b';');
    match text.split_once('/') {
        Some((kind, subtype)) if is_token(kind) && is_token(subtype) => Ok(()),
        _ => Err(Failure::new(FailureKind::Usage, "this is no MIME type").hint("one looks like image/png")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_suggests_a_type() {
        assert_eq!([of_name("a.html"), of_name("a.png")], ["text/html", "image/png"]);
        assert_eq!(of_name("noext"), "application/octet-stream");
    }

    #[test]
    fn a_type_is_meant_by_its_kind_or_by_what_ends_a_name() {
        for (typed, means) in [
            ("Image", "image"),
            ("Image/*", "image"),
            ("png", "image/png"),
            (".pdf", "application/pdf"),
            ("a/b+c", "a/b+c"),
        ] {
            assert_eq!(meant(typed).unwrap(), means);
        }
        assert!(meant("nosuch").is_err() && meant("").is_err());
        assert_eq!((of_extension(b"JPG"), of_extension(b""), of_extension(b"\xff")), (Some("image/jpeg"), None, None));
    }

    #[test]
    fn a_type_is_one_header_value() {
        assert!(check("image/png").is_ok() && check("application/vnd.a+json").is_ok());
        for wrong in ["png", "image/", "/png", "a/b/c", "image/png\r\nx: y", "text/plain; charset=utf-8", "a/b;c=d"] {
            assert!(check(wrong).is_err(), "{wrong}");
        }
        assert_eq!(essence("text/html ; charset=utf-8"), "text/html");
    }
}
