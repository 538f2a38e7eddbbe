//! MIME types as headers carry them and the catalog keeps them.

use super::{Failure, FailureKind, Result};

/// A type without its parameters: `text/html` of `text/html; charset=utf-8`.
pub fn essence(mime: &str) -> &str {
    mime.split(';').next().unwrap_or(mime).trim()
}

/// The type that a file's name suggests, else `application/octet-stream`.
pub fn of_name(name: &str) -> String {
    let guessed = mime_guess::from_path(name).first();
    guessed.map_or_else(|| "application/octet-stream".into(), |mime| mime.essence_str().into())
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
    fn a_type_is_one_header_value() {
        assert!(check("image/png").is_ok() && check("application/vnd.a+json").is_ok());
        for wrong in ["png", "image/", "/png", "a/b/c", "image/png\r\nx: y", "text/plain; charset=utf-8", "a/b;c=d"] {
            assert!(check(wrong).is_err(), "{wrong}");
        }
        assert_eq!(essence("text/html ; charset=utf-8"), "text/html");
    }
}
