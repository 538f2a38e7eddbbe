//! What a form says.

use std::collections::BTreeMap;

use bytes::Bytes;
use memchr::memmem;

use super::Ask;

/// Fields and the files among them.
#[derive(Default)]
pub struct Form {
    pub fields: Vec<(String, String)>,
    /// Field, file name, MIME type, bytes.
    pub files: Vec<(String, String, String, Bytes)>,
}

impl Form {
    /// A request's, in either encoding.
    pub fn of(ask: &Ask) -> Self {
        let content_type = ask.header("content-type");
        match content_type.split_once("boundary=") {
            Some((_, boundary)) => parts(&ask.body, boundary),
            None => Self { fields: decoded(&ask.body), files: Vec::new() },
        }
    }

    pub fn get(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|field| field.0 == name).map(|field| &*field.1)
    }

    pub fn metadata(&self) -> BTreeMap<String, String> {
        let key = |name: &str| name.strip_prefix("metadata[")?.strip_suffix(']').map(str::to_owned);
        self.fields.iter().filter_map(|(name, value)| Some((key(name)?, value.clone()))).collect()
    }
}

fn parts(body: &Bytes, boundary: &str) -> Form {
    let mut form = Form::default();
    let delimiter = format!("--{boundary}");
    let starts: Vec<usize> = memmem::find_iter(body, delimiter.as_bytes()).collect();
    for pair in starts.windows(2) {
        // Between the line of this delimiter and the line end before the next.
        let part = body.slice(pair[0] + delimiter.len() + 2..pair[1] - 2);
        let end = memmem::find(&part, b"\r\n\r\n").unwrap();
        let head = std::str::from_utf8(&part[..end]).unwrap();
        let value = part.slice(end + 4..);
        let named = |name: &str| head.split_once(&format!("{name}=\""))?.1.split_once('"').map(|found| found.0.into());
        let field: String = named(" name").unwrap();
        match named("filename") {
            Some(name) => {
                let mime = head.split_once("Content-Type: ").unwrap().1.lines().next().unwrap();
                form.files.push((field, name, mime.into(), value));
            }
            None => form.fields.push((field, String::from_utf8(value.to_vec()).unwrap())),
        }
    }
    form
}

/// `application/x-www-form-urlencoded`.
pub fn decoded(text: &[u8]) -> Vec<(String, String)> {
    let text = std::str::from_utf8(text).unwrap();
    let plain = |text: &str| percent_encoding::percent_decode_str(text).decode_utf8().unwrap().into_owned();
    text.split('&').filter_map(|pair| pair.split_once('=')).map(|(name, value)| (plain(name), plain(value))).collect()
}
