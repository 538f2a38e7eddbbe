//! What stays of the fields where they would leave the preview no room: the few that matter most, a row each. All of them
//! are a key away.

use super::rows::InspectorRow;
use super::{Field, Inspector, Known, NAMES, Subject, Tone};
use crate::domain::display::{display, fit, fit_middle, width, wrap};

/// Rows that the preview has at least beside all the fields.
pub(super) const LEAST: usize = 10;

/// From so many rows on, three of them are fields.
const THREE_FROM: usize = 8;

/// What stands between the facts of one row.
const BETWEEN: &str = " · ";

/// How much of the fields is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Facts {
    /// All, where the preview has room beside them.
    #[default]
    AsFits,
    /// All, of whatever the cursor comes to: somebody asked for them.
    All,
}

impl Inspector {
    /// Whether what is seen of the bytes stands alone: where there are none, all that is known stands there.
    pub fn is_preview_alone(&self) -> bool {
        self.zoomed && self.has_bytes()
    }

    /// Whether there are bytes to see, as far as is known.
    pub(super) fn has_bytes(&self) -> bool {
        match &self.subject {
            Some(Subject::File(_)) => match &self.file {
                Known::Unasked | Known::Asked => true,
                Known::Is(facts) => facts.size.is_some(),
                Known::Failed(_) => false,
            },
            Some(Subject::Object { .. }) => match &self.object {
                Known::Unasked | Known::Asked => true,
                Known::Is(object) => object.is_some(),
                Known::Failed(_) => false,
            },
            Some(Subject::Prefix(_)) | None => false,
        }
    }
}

/// The fields that matter most, on a screen of so many rows.
pub(super) fn folded(fields: &[Field], columns: u16, rows: usize) -> Vec<InspectorRow> {
    let most = if rows < THREE_FROM { 2 } else { 3 };
    let room = usize::from(columns.saturating_sub(NAMES)).max(1);
    let is_trouble = |field: &&Field| matches!(field.tone, Tone::Differs | Tone::Failed);
    let wrong = fields.iter().find(is_trouble);
    let right = fields.iter().find(|field| field.name == "state" && !is_trouble(field)).cloned();
    // What is wrong is not cut where there is room for a second row of it.
    let wrong =
        wrong.into_iter().flat_map(|field| if most < 3 { vec![row(field, room)] } else { two_rows(field, room) });
    let others = in_one(fields, room).into_iter().chain(right).map(|field| row(&field, room));
    let first = fields.first().map(|field| row(field, room));
    first.into_iter().chain(wrong).chain(others).take(most).collect()
}

/// How large it is, of what type, and since when: as much of that as there is room for.
fn in_one(fields: &[Field], room: usize) -> Option<Field> {
    let named = |name: &&str| fields.iter().find(|field| field.name == *name);
    let mut parts = ["size", "type", "modified"].iter().filter_map(named).map(|field| before_brackets(&field.text));
    let first = parts.next()?.to_owned();
    let text = parts.fold(first, |text, part| {
        let longer = format!("{text}{BETWEEN}{part}");
        if width(&display(&longer)) <= room { longer } else { text }
    });
    Some(Field::remark("size", text, Tone::Plain))
}

/// A size without its bytes one by one.
fn before_brackets(text: &str) -> &str {
    text.split_once(" (").map_or(text, |(before, _)| before)
}

/// A field on one row: what it begins with and how it ends.
fn row(field: &Field, room: usize) -> InspectorRow {
    let text = fit_middle(&display(&field.text), room).into_owned();
    InspectorRow::Field { name: field.name, text, tone: field.tone }
}

/// A field on two rows where it needs them.
fn two_rows(field: &Field, room: usize) -> Vec<InspectorRow> {
    let shown = display(&field.text);
    let mut pieces = wrap(&shown, u16::try_from(room).unwrap_or(u16::MAX)).into_iter();
    let first = pieces.next().unwrap_or_default();
    let rest = fit(&pieces.collect::<Vec<_>>().join(" "), room).into_owned();
    let row = |name, text| InspectorRow::Field { name, text, tone: field.tone };
    let second = (!rest.is_empty()).then(|| row("", rest));
    std::iter::once(row(field.name, first)).chain(second).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(fields: &[Field], rows: usize) -> Vec<String> {
        let text = |row| match row {
            InspectorRow::Field { name, text, .. } => format!("{name}: {text}"),
            _ => String::new(),
        };
        folded(fields, 30, rows).into_iter().map(text).collect()
    }

    #[test]
    fn the_key_the_size_and_the_state_stay_and_trouble_comes_before_size() {
        let field = |name, text: &str, tone| Field { tone, ..Field::plain(name, text) };
        let mut fields = vec![
            field("key", "a/very/long/key/of/a/file.txt", Tone::Plain),
            field("state", "they agree", Tone::Good),
            field("size", "1.2 KiB (1,229 bytes)", Tone::Plain),
            field("etag", "x", Tone::Plain),
            field("type", "text/css", Tone::Plain),
            field("modified", "2026-11-21 08:50:00 +0000", Tone::Plain),
        ];
        let (key, size) = ("key: a/very/lon…a/file.txt", "size: 1.2 KiB · text/css");
        assert_eq!(shown(&fields, 20), [key, size, "state: they agree"]);
        assert_eq!(shown(&fields, 6), [key, size]);
        fields[1] = field("state", "they differ", Tone::Differs);
        assert_eq!(shown(&fields, 20), [key, "state: they differ", size]);
        assert_eq!(shown(&fields, 6), [key, "state: they differ"]);
        assert_eq!(shown(&[], 6), [""; 0]);
        fields[1] = field("state", "record and object differ: size, etag", Tone::Differs);
        assert_eq!(shown(&fields, 20), [key, "state: record and object", ": differ: size, etag"]);
        assert_eq!(shown(&fields, 6), [key, "state: record and…size, etag"]);
    }
}
