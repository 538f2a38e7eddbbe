//! What can go wrong with a request, and what is known of a request when that is decided.

use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::watch;

use super::wire::Head;

/// A request, as far as its head tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    /// `GET`, `PUT`, ...
    pub method: String,
    /// The bucket; empty where all buckets are asked for.
    pub bucket: String,
    /// The object's key, decoded; empty where the bucket is meant.
    pub key: String,
    /// The number of the part that it carries.
    pub part: Option<u32>,
    /// The multipart upload that it is about.
    pub upload: Option<String>,
    /// The query, as it came.
    pub query: String,
    /// The range that it asks for.
    pub range: Option<String>,
    /// Bytes of its body.
    pub length: u64,
    /// Its headers, by their names in lower case.
    pub headers: Vec<(String, String)>,
}

impl Ask {
    /// Reads a head.
    pub(super) fn of(head: &Head) -> Self {
        let (path, query) = head.target.split_once('?').unwrap_or((&head.target, ""));
        let path = path.trim_start_matches('/');
        let (bucket, key) = path.split_once('/').unwrap_or((path, ""));
        let value = |name: &str| {
            let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
            pairs.filter(|(known, _)| *known == name).map(|(_, value)| decoded(value)).next()
        };
        Self {
            method: head.method.clone(),
            bucket: decoded(bucket),
            key: decoded(key),
            part: value("partNumber").map(|number| number.parse().unwrap()),
            upload: value("uploadId"),
            query: query.to_owned(),
            range: head.header("range"),
            length: head.header("content-length").map_or(0, |length| length.parse().unwrap()),
            headers: head.headers.clone(),
        }
    }

    /// A header, by its name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Whether the query has that name.
    pub fn asks(&self, name: &str) -> bool {
        self.query.split('&').any(|pair| pair.split('=').next() == Some(name))
    }

    /// It puts an object or a part.
    pub fn carries_bytes(&self) -> bool {
        self.method == "PUT" && !self.key.is_empty()
    }

    /// It reads an object.
    pub fn reads(&self) -> bool {
        self.method == "GET" && !self.key.is_empty() && self.upload.is_none()
    }

    /// It begins a multipart upload.
    pub fn begins(&self) -> bool {
        self.method == "POST" && self.upload.is_none() && !self.key.is_empty()
    }

    /// It ends one for good.
    pub fn aborts(&self) -> bool {
        self.method == "DELETE" && self.upload.is_some()
    }

    /// It deletes objects, one or many.
    pub fn deletes(&self) -> bool {
        self.deletes_many() || self.method == "DELETE" && self.upload.is_none()
    }

    /// It deletes many objects.
    pub fn deletes_many(&self) -> bool {
        self.method == "POST" && self.key.is_empty()
    }

    /// It puts a multipart upload together.
    pub fn completes(&self) -> bool {
        self.method == "POST" && self.upload.is_some()
    }
}

fn decoded(text: &str) -> String {
    percent_encoding::percent_decode_str(text).decode_utf8().unwrap().into_owned()
}

/// What goes wrong.
#[derive(Clone)]
pub enum Fault {
    /// Answered 503 SlowDown, unheard by the server.
    SlowDown,
    /// Answered 429, unheard by the server, with so many seconds of `Retry-After`.
    TooMany(Option<u64>),
    /// Answered 403, unheard by the server.
    Denied,
    /// Refused with a status, a code and words, unheard by the server.
    Refuse(&'static str, &'static str, &'static str),
    /// Answered with a status and a body, unheard by the server.
    Say(&'static str, String),
    /// Answered 200 with what this makes of the request's body, unheard by the server.
    Answer(fn(&str) -> String),
    /// The connection is cut in the middle of the request's body; without a body, before the server hears of it.
    CutRequest,
    /// The connection is cut in the middle of the answer's body; without a body, in the middle of its head.
    CutAnswer,
    /// The server does it, and the connection is cut before the answer's first byte.
    LoseAnswer,
    /// The server does it, and its answer has this date.
    Dated(DateTime<Utc>),
    /// The answer comes so much later.
    Stall(Duration),
    /// A bit is flipped in the middle of the request's body.
    FlipUp,
    /// A bit is flipped in the middle of the answer's body.
    FlipDown,
    /// Nothing moves from the middle of the request's body on until the gate is opened; without a body, before the server
    /// hears of it.
    HoldUp(Gate),
    /// Nothing moves from the middle of the answer's body on until the gate is opened.
    HoldDown(Gate),
}

/// Where requests can be made to wait.
#[derive(Clone)]
pub struct Gate {
    waiting: watch::Sender<usize>,
    open: watch::Sender<bool>,
}

impl Gate {
    /// A closed one.
    pub fn closed() -> Self {
        Self { waiting: watch::Sender::new(0), open: watch::Sender::new(false) }
    }

    /// Waits until somebody waits at it.
    pub async fn reached(&self) {
        self.waiting.subscribe().wait_for(|waiting| *waiting > 0).await.unwrap();
    }

    /// Opens it for good.
    pub fn open(&self) {
        self.open.send_replace(true);
    }

    /// Waits until it is open.
    pub(super) async fn pass(&self) {
        self.waiting.send_modify(|waiting| *waiting += 1);
        self.open.subscribe().wait_for(|open| *open).await.unwrap();
    }
}
