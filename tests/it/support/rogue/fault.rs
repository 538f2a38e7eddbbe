//! What can go wrong with a request, and what is known of a request when that is decided.

use std::time::Duration;

use tokio::sync::watch;

use super::wire::Head;

/// A request, as far as its head tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    /// `GET`, `PUT`, ...
    pub method: String,
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
}

impl Ask {
    /// Reads a head.
    pub(super) fn of(head: &Head) -> Self {
        let (path, query) = head.target.split_once('?').unwrap_or((&head.target, ""));
        let key = path.trim_start_matches('/').split_once('/').map_or("", |(_bucket, key)| key);
        let value = |name: &str| {
            let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
            pairs.filter(|(known, _)| *known == name).map(|(_, value)| decoded(value)).next()
        };
        Self {
            method: head.method.clone(),
            key: decoded(key),
            part: value("partNumber").map(|number| number.parse().unwrap()),
            upload: value("uploadId"),
            query: query.to_owned(),
            range: head.header("range"),
            length: head.header("content-length").map_or(0, |length| length.parse().unwrap()),
        }
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
    /// Answered 200 with what this makes of the request's body, unheard by the server.
    Answer(fn(&str) -> String),
    /// The connection is cut in the middle of the request's body; without a body, before the server hears of it.
    CutRequest,
    /// The connection is cut in the middle of the answer's body; without a body, in the middle of its head.
    CutAnswer,
    /// The server does it, and the connection is cut before the answer's first byte.
    LoseAnswer,
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
