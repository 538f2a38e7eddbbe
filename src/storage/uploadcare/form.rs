//! The two ways in which the Upload API takes fields: a form with a file (RFC 7578), and plain fields.

use bytes::Bytes;
use uuid::Uuid;

use crate::domain::key::url_value;

/// Fields, by name.
pub type Fields = Vec<(String, String)>;

/// A form around a file.
pub struct Form {
    /// The `Content-Type` header.
    pub content_type: String,
    /// What stands before the file's bytes.
    pub head: Bytes,
    /// What stands behind them.
    pub tail: Bytes,
}

/// A form with those fields and one file, whose field is called `field`.
pub fn with_file(fields: &Fields, field: &str, name: &str, content_type: &str) -> Form {
    let boundary = format!("windlass-{}", Uuid::new_v4().simple());
    let mut head = String::new();
    for (name, value) in fields {
        let value = value.replace(['\r', '\n'], " ");
        head.push_str(&format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"));
    }
    head.push_str(&format!(
        "--{boundary}\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"{}\"\r\n\
         Content-Type: {content_type}\r\n\r\n",
        quoted(name)
    ));
    Form {
        content_type: format!("multipart/form-data; boundary={boundary}"),
        head: head.into(),
        tail: format!("\r\n--{boundary}--\r\n").into(),
    }
}

/// What a quoted name cannot hold, as browsers write it (HTML standard, "multipart/form-data encoding algorithm").
fn quoted(name: &str) -> String {
    name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A")
}

/// Fields as `application/x-www-form-urlencoded`.
pub fn encoded(fields: &Fields) -> Bytes {
    let pairs: Vec<String> =
        fields.iter().map(|(name, value)| format!("{}={}", url_value(name), url_value(value))).collect();
    pairs.join("&").into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_what_the_standard_says() {
        let fields = vec![("metadata[a]".into(), "1".into())];
        let form = with_file(&fields, "file", "say \"hi\"\r\n.txt", "text/plain");
        let boundary = form.content_type.strip_prefix("multipart/form-data; boundary=").unwrap();
        let expected = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"metadata[a]\"\r\n\r\n1\r\n\
             --{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"say %22hi%22%0D%0A.txt\"\r\n\
             Content-Type: text/plain\r\n\r\n"
        );
        assert_eq!(form.head, expected);
        assert_eq!(form.tail, format!("\r\n--{boundary}--\r\n"));
    }

    #[test]
    fn fields_are_percent_encoded() {
        let fields = vec![("metadata[a]".into(), "x & y".into()), ("size".into(), "1".into())];
        assert_eq!(encoded(&fields), "metadata%5Ba%5D=x%20%26%20y&size=1");
    }
}
