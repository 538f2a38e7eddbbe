//! Lines for a POSIX shell that do with curl what a link is for. What they hold is quoted, so that no key, name or URL
//! can be more than a word; `--path-as-is` keeps what was signed from being folded (`a/../b`).

use std::path::Path;

use super::{SecretUrl, key};

/// A line that saves the object under its name, or under `download` where its name is no file's.
pub fn curl_to_read(key: &str, url: &SecretUrl) -> SecretUrl {
    let name = key::name(key);
    let safe = !name.ends_with('/') && key::local_path(Path::new(""), name).is_ok();
    let file = quoted(if safe { name } else { "download" });
    SecretUrl::new(format!("curl -fL --path-as-is -o {file} {}", quoted(url.expose())))
}

/// A line that uploads the file of that name by a presigned PUT, with the headers that were signed. curl sends the size
/// by itself. `-g` takes the name as it is (curl reads `{a,b}` as two files), and a server's refusal is shown.
pub fn curl_to_upload(name: &str, url: &SecretUrl, headers: &[(String, String)]) -> SecretUrl {
    // A name that begins with `-` or is one would be standard input.
    let file = if name.starts_with('-') { format!("./{name}") } else { name.to_owned() };
    let mut line = format!("curl -g --fail-with-body --path-as-is -T {}", quoted(&file));
    for (name, value) in headers.iter().filter(|(name, _)| !name.eq_ignore_ascii_case("content-length")) {
        line.push_str(&format!(" -H {}", quoted(&format!("{name}: {value}"))));
    }
    SecretUrl::new(format!("{line} {}", quoted(url.expose())))
}

/// A text as one word of a shell.
pub fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(key: &str, url: &str) -> String {
        curl_to_read(key, &SecretUrl::new(url)).expose().to_owned()
    }

    #[test]
    fn a_line_survives_any_key() {
        assert_eq!(read("a/b c.png", "http://x/?s=1"), "curl -fL --path-as-is -o 'b c.png' 'http://x/?s=1'");
        assert_eq!(read("a/it's", "u"), r"curl -fL --path-as-is -o 'it'\''s' 'u'");
        assert_eq!(read("a/..", "u"), "curl -fL --path-as-is -o 'download' 'u'");
    }

    #[test]
    fn a_line_to_upload_sends_what_was_signed() {
        let headers = [("content-length".into(), "5".into()), ("content-type".into(), "image/png".into())];
        let line = |name: &str| curl_to_upload(name, &SecretUrl::new("http://x/k?s=1"), &headers).expose().to_owned();
        let rest = "-H 'content-type: image/png' 'http://x/k?s=1'";
        assert_eq!(line("a b.png"), format!("curl -g --fail-with-body --path-as-is -T 'a b.png' {rest}"));
        assert_eq!(line("it's"), format!(r"curl -g --fail-with-body --path-as-is -T 'it'\''s' {rest}"));
        assert_eq!(line("-"), format!("curl -g --fail-with-body --path-as-is -T './-' {rest}"));
    }
}
