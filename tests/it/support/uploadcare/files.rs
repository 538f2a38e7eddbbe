//! What a project holds, and how it describes a file.

use std::collections::{BTreeMap, HashMap};

use bytes::Bytes;
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde_json::{Value, json};

/// The project.
pub struct Project {
    /// The server's own URL.
    pub url: String,
    /// Whether it takes signed uploads only.
    pub signed_only: bool,
    /// The largest file, in bytes.
    pub limit: u64,
    /// The secret of secure delivery, hexadecimal.
    pub secure: Option<String>,
    /// How many uploads are broken off before their last byte has come.
    pub breaks_off: usize,
    /// Whether its CDN heeds ranges.
    pub ranges: bool,
    /// How often a new file is looked at before it is ready.
    pub looks_until_ready: u32,
    /// Its files, in the order in which they came; what was removed stays.
    pub files: Vec<File>,
    /// What it can fetch, by URL.
    pub web: HashMap<String, Bytes>,
    /// Multipart uploads that were begun.
    pub uploads: HashMap<String, Upload>,
}

/// A file.
#[derive(Debug, Clone)]
pub struct File {
    pub uuid: String,
    pub name: String,
    pub mime: String,
    pub bytes: Bytes,
    pub uploaded: DateTime<Utc>,
    pub stored: Option<DateTime<Utc>>,
    pub removed: Option<DateTime<Utc>>,
    pub metadata: BTreeMap<String, String>,
    /// How often it is looked at before it is ready.
    pub looks_left: u32,
}

/// A multipart upload.
pub struct Upload {
    pub name: String,
    pub mime: String,
    pub size: u64,
    pub part_size: u64,
    pub stores: bool,
    pub metadata: BTreeMap<String, String>,
    /// Parts that arrived, by number, each as often as it came.
    pub parts: BTreeMap<u32, Vec<Bytes>>,
    pub complete: bool,
}

impl Project {
    /// An empty one.
    pub fn new(url: &str) -> Self {
        Self {
            url: url.into(),
            signed_only: true,
            limit: 1 << 30,
            secure: None,
            breaks_off: 0,
            ranges: true,
            looks_until_ready: 0,
            files: Vec::new(),
            web: HashMap::new(),
            uploads: HashMap::new(),
        }
    }

    /// Those that are there.
    pub fn there(&self) -> Vec<&File> {
        self.files.iter().filter(|file| file.removed.is_none()).collect()
    }

    /// Those that are kept for longer than a day.
    pub fn kept(&self) -> Vec<&File> {
        self.files.iter().filter(|file| file.removed.is_none() && file.stored.is_some()).collect()
    }

    /// By id.
    pub fn file(&mut self, uuid: &str) -> Option<&mut File> {
        self.files.iter_mut().find(|file| file.uuid == uuid)
    }

    /// A file comes in; every one a moment later than the last.
    pub fn add(&mut self, uuid: String, name: &str, mime: &str, bytes: Bytes, stores: bool) -> &mut File {
        let after = |last: &File| last.uploaded + TimeDelta::microseconds(1);
        let uploaded = self.files.last().map_or(Utc::now(), |last| Utc::now().max(after(last)));
        self.files.push(File {
            uuid,
            name: name.into(),
            mime: mime.into(),
            bytes,
            uploaded,
            stored: stores.then_some(uploaded),
            removed: None,
            metadata: BTreeMap::new(),
            looks_left: self.looks_until_ready,
        });
        self.files.last_mut().unwrap()
    }
}

impl File {
    /// As the REST API describes it: names and order of `py_list_files_v07_trimmed`, a file that is not ready as in
    /// `py_file_convert_video`, a removed one as in `py_file_delete`.
    pub fn described(&self, url: &str) -> Value {
        let ready = self.looks_left == 0;
        let cdn = format!("https://ucarecdn.com/{}/{}", self.uuid, sanitised(&self.name));
        json!({
            "datetime_removed": self.removed.map(written),
            "datetime_stored": self.stored.filter(|_| self.removed.is_none()).map(written),
            "datetime_uploaded": written(self.uploaded),
            "is_image": ready.then(|| self.mime.starts_with("image/")),
            "is_ready": ready,
            "mime_type": if ready { &*self.mime } else { "" },
            "original_file_url": (ready && self.removed.is_none()).then_some(cdn),
            "original_filename": self.name,
            "size": if ready { self.bytes.len() } else { 0 },
            "url": format!("{url}/files/{}/", self.uuid),
            "uuid": self.uuid,
            "variations": null,
            "content_info": ready.then(|| json!({"mime": {"mime": self.mime}})),
            "metadata": self.metadata,
        })
    }

    /// As the Upload API does: `rb_base_then_info_2026`.
    pub fn info(&self) -> Value {
        let size = self.bytes.len();
        json!({
            "size": size, "total": size, "done": size, "uuid": self.uuid, "file_id": self.uuid,
            "original_filename": self.name, "is_image": self.mime.starts_with("image/"),
            "is_stored": self.stored.is_some(), "image_info": null, "video_info": null, "content_info": null,
            "is_ready": self.looks_left == 0, "filename": sanitised(&self.name), "mime_type": self.mime,
            "metadata": self.metadata,
        })
    }

    /// It has been looked at once more.
    pub fn looked_at(&mut self) {
        self.looks_left = self.looks_left.saturating_sub(1);
    }
}

/// With six digits of a second, as recorded.
pub fn written(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Micros, true)
}

/// What a file is called on the CDN: fitted to 316 recorded pairs.
fn sanitised(name: &str) -> String {
    let (stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
    let clean = |text: &str| text.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '_').collect::<String>();
    let stem = Some(clean(stem)).filter(|stem| !stem.is_empty()).unwrap_or_else(|| "noroot".into());
    if extension.is_empty() { stem } else { format!("{stem}.{}", clean(extension)) }
}
