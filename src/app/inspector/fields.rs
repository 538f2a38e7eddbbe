//! Everything known about a key, a field a row: what record and bucket say, once where they agree and twice where they
//! differ, since that is what the catalog promises and somebody has to see.

use super::{Inspector, Known, Subject};
use crate::action::Action;
use crate::app::App;
use crate::domain::media_type::essence;
use crate::domain::{Checksum, Failure, ObjectInfo, Record, format};
use chrono::{DateTime, Utc};

/// How a field is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tone {
    /// As it is.
    #[default]
    Plain,
    /// Read second: what is not known, what is on its way.
    Quiet,
    /// As it should be.
    Good,
    /// Record and bucket disagree.
    Differs,
    /// It could not be had.
    Failed,
}

/// One fact with its name; raw, fit for display once it is drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// What it tells.
    pub name: &'static str,
    /// As it is shown.
    pub text: String,
    /// How it is meant.
    pub tone: Tone,
    /// What is copied of it; `None` where there is nothing to copy.
    pub value: Option<String>,
}

impl Field {
    /// A value that is shown as it is.
    pub(super) fn plain(name: &'static str, value: impl Into<String>) -> Self {
        let value = value.into();
        Self { name, text: value.clone(), tone: Tone::Plain, value: Some(value) }
    }

    /// A remark that nobody copies.
    pub(super) fn remark(name: &'static str, text: impl Into<String>, tone: Tone) -> Self {
        Self { name, text: text.into(), tone, value: None }
    }

    /// Bytes.
    pub(super) fn size(bytes: u64) -> Self {
        let text = match bytes {
            0..1024 => format::size(bytes),
            _ => format!("{} ({} bytes)", format::size(bytes), format::count(bytes)),
        };
        Self { name: "size", text, tone: Tone::Plain, value: Some(bytes.to_string()) }
    }

    /// A moment: shown in local time, copied as RFC 3339.
    pub(super) fn moment(name: &'static str, then: DateTime<Utc>) -> Self {
        Self { name, text: format::moment(then), tone: Tone::Plain, value: Some(then.to_rfc3339()) }
    }

    fn says(self, whose: &str) -> Self {
        Self { text: format!("{} {whose}", self.text), ..self }
    }

    fn toned(self, tone: Tone) -> Self {
        Self { tone, ..self }
    }
}

impl App {
    /// Everything known about what is inspected.
    pub fn fields(&self) -> Vec<Field> {
        let Some(inspector) = self.inspector() else { return Vec::new() };
        let mut fields = inspector.fields();
        let links = [(Action::CopyLink, "copies one that expires"), (Action::CopyPublicUrl, "the public URL")];
        let offered = links.into_iter().filter(|(action, _)| self.disabled(*action).is_none());
        let keys = offered.filter_map(|(action, what)| {
            let key = self.keymap.short_label(self.place(), action)?;
            Some(format!("{key} {what}"))
        });
        let keys: Vec<String> = keys.collect();
        if matches!(inspector.subject(), Some(Subject::Object { .. })) && !keys.is_empty() {
            fields.push(Field::remark("links", keys.join(", "), Tone::Quiet));
        }
        fields
    }
}

impl Inspector {
    fn fields(&self) -> Vec<Field> {
        match &self.subject {
            Some(Subject::Object { key, name, .. }) => self.of_object(key, name.as_deref()),
            Some(Subject::File(path)) => self.of_file(path),
            Some(Subject::Prefix(prefix)) => {
                let about = "a prefix: what its keys begin with; open it to see them";
                vec![Field::plain("prefix", prefix), Field::remark("kind", about, Tone::Quiet)]
            }
            None => vec![Field::remark("", "nothing under the cursor", Tone::Quiet)],
        }
    }

    fn of_object(&self, key: &str, name: Option<&str>) -> Vec<Field> {
        let object = self.object.get().and_then(Option::as_ref);
        let (record, info) = (self.record.get().and_then(Option::as_ref), object.map(|(info, _)| info));
        let mut fields = vec![Field::plain("key", key)];
        let name = name.or_else(|| info.and_then(|info| info.name.as_deref()));
        fields.extend(name.map(|name| Field::plain("name", name)));
        fields.extend(self.state());
        if self.record.get().is_some() || object.is_some() {
            Sides { record, object }.compare().into_iter().for_each(|compared| fields.extend(compared.fields));
            fields.extend(record.into_iter().flat_map(of_record));
        }
        fields
    }

    /// Whether both sides are there, and what they differ in.
    fn state(&self) -> Vec<Field> {
        let (record, object) = (&self.record, &self.object);
        let failed = |name, failure: &Failure| Field::remark(name, failure.sentence(), Tone::Failed);
        let (text, tone) = match (record, object) {
            (Known::Is(Some(record)), Known::Is(Some(object))) => agreement(record, object),
            (Known::Is(Some(_)), Known::Is(None)) => ("no object: the record alone is there".into(), Tone::Differs),
            (Known::Is(None), Known::Is(Some(_))) => ("no record: the object alone is there".into(), Tone::Differs),
            (Known::Is(None), Known::Is(None)) => ("neither record nor object is there".into(), Tone::Differs),
            (Known::Failed(one), Known::Failed(other)) => return vec![failed("record", one), failed("object", other)],
            (Known::Failed(failure), _) => return vec![failed("record", failure)],
            (_, Known::Failed(failure)) => return vec![failed("object", failure)],
            _ => ("asking …".into(), Tone::Quiet),
        };
        vec![Field::remark("state", text, tone)]
    }
}

/// What record and object disagree on, in a sentence.
fn agreement(record: &Record, object: &(ObjectInfo, Option<Checksum>)) -> (String, Tone) {
    let compared = Sides { record: Some(record), object: Some(object) }.compare();
    let differ: Vec<_> = compared.iter().filter(|one| one.same == Some(false)).map(|one| one.name).collect();
    if !differ.is_empty() {
        return (format!("record and object differ: {}", differ.join(", ")), Tone::Differs);
    }
    match compared.iter().any(|one| one.same.is_some()) {
        true => ("record and object agree".into(), Tone::Good),
        false => ("the record knows nothing to compare".into(), Tone::Quiet),
    }
}

/// What the two sides know, each where it is there.
struct Sides<'a> {
    record: Option<&'a Record>,
    object: Option<&'a (ObjectInfo, Option<Checksum>)>,
}

/// One fact that both sides may know.
struct Compared {
    name: &'static str,
    /// Whether they agree; `None` where one of them does not know.
    same: Option<bool>,
    fields: Vec<Field>,
}

impl Sides<'_> {
    fn compare(&self) -> [Compared; 4] {
        let (record, object) = (self.record, self.object);
        let info = object.map(|(info, _)| info);
        let (ours, theirs) =
            (record.and_then(|record| record.checksum.as_ref()), object.and_then(|(_, sum)| sum.as_ref()));
        // Checksums of two algorithms say nothing about each other.
        let comparable = ours.zip(theirs).is_none_or(|(ours, theirs)| ours.algorithm == theirs.algorithm);
        let text = |name: &'static str| move |value: &String| Field::plain(name, value);
        [
            compared(
                "size",
                record.and_then(|record| record.size),
                info.map(|info| info.size),
                |one, other| one == other,
                |size| Field::size(*size),
            ),
            compared(
                "type",
                record.and_then(|record| record.content_type.clone()),
                info.and_then(|info| info.content_type.clone()),
                |one, other| essence(one) == essence(other),
                text("type"),
            ),
            compared(
                "etag",
                record.and_then(|record| record.etag.clone()),
                info.and_then(|info| info.etag.clone()),
                |one, other| one == other,
                text("etag"),
            ),
            Compared {
                same: ours.zip(theirs).filter(|_| comparable).map(|(ours, theirs)| ours == theirs),
                ..compared(
                    "checksum",
                    ours.map(Checksum::to_string),
                    theirs.map(Checksum::to_string),
                    |one, other| one == other,
                    text("checksum"),
                )
            },
        ]
        .map(|compared| self.dated(compared))
    }

    /// Puts the object's time behind its size, where there is one.
    fn dated(&self, mut compared: Compared) -> Compared {
        let modified = self.object.and_then(|(info, _)| info.modified).filter(|_| compared.name == "type");
        compared.fields.extend(modified.map(|then| Field::moment("modified", then)));
        compared
    }
}

fn compared<T: PartialEq>(
    name: &'static str,
    record: Option<T>,
    object: Option<T>,
    agree: impl Fn(&T, &T) -> bool,
    field: impl Fn(&T) -> Field,
) -> Compared {
    let same = record.as_ref().zip(object.as_ref()).map(|(record, object)| agree(record, object));
    let fields = match (&record, &object) {
        (Some(record), Some(object)) if same == Some(false) => vec![
            field(record).says("in the record").toned(Tone::Differs),
            field(object).says("in the bucket").toned(Tone::Differs),
        ],
        (_, Some(one)) | (Some(one), None) => vec![field(one)],
        (None, None) => vec![Field::remark(name, "not known", Tone::Quiet)],
    };
    Compared { name, same, fields }
}

/// What the record alone knows.
fn of_record(record: &Record) -> Vec<Field> {
    let text = |name: &'static str, value: &Option<String>| value.as_ref().map(|value| Field::plain(name, value));
    let moment = |name, then: Option<DateTime<Utc>>| then.map(|then| Field::moment(name, then));
    let fields = [
        moment("uploaded", record.uploaded_at),
        Some(Field::plain("user", &record.user_id)),
        text("bucket", &record.bucket),
        text("file_url", &record.url),
        moment("verified", record.verified_at),
        Some(Field::plain("id", record.id.to_string())),
    ];
    fields.into_iter().flatten().collect()
}
