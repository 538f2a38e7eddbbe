//! What may stand behind an action's name: profiles, lengths of time, the folders and prefixes in sight.

use super::line::Line;
use super::rows::PaletteRow;
use crate::action::Argument;
use crate::app::{App, BucketRow, LocalRow, Pane};

/// Lengths of time that are offered.
const EXPIRIES: [(&str, &str); 4] =
    [("5m", "five minutes"), ("1h", "an hour"), ("24h", "a day"), ("7d", "a week, the most")];

impl App {
    /// Rows for what may stand behind the name, as far as it is typed.
    pub(super) fn values(&self, line: &Line<'_>) -> Vec<PaletteRow> {
        let known = match line.argument {
            Argument::Profile => self.known_profiles(),
            Argument::Expiry => EXPIRIES.map(|(value, about)| (value.to_owned(), about.to_owned())).to_vec(),
            Argument::Place => self.known_places(),
            Argument::File | Argument::Limits | Argument::Text => Vec::new(),
        };
        let typed = line.rest.to_lowercase();
        let fitting = known.into_iter().filter(|(value, _)| value.to_lowercase().starts_with(&typed));
        let row = |(value, about)| PaletteRow::Value { name: line.name.to_owned(), value, about };
        fitting.map(row).collect()
    }

    fn known_profiles(&self) -> Vec<(String, String)> {
        let about = |slot: &crate::config::ProfileSlot| match &slot.profile {
            Ok(profile) => format!("{} · {}", profile.provider.title(), profile.bucket()),
            Err(failure) => failure.what.clone(),
        };
        self.profiles.iter().map(|slot| (slot.name.clone(), about(slot))).collect()
    }

    /// The folders of the list that has the focus; a name that is no text cannot be typed.
    fn known_places(&self) -> Vec<(String, String)> {
        let (local, bucket) = (&self.browser, self.remote.bucket());
        let names: Vec<String> = match self.focus {
            Pane::Local => (0..local.list().len())
                .filter_map(|position| match local.row(position)? {
                    LocalRow::Entry(entry) if entry.is_folder() => entry.name.to_str().map(|name| format!("{name}/")),
                    _ => None,
                })
                .collect(),
            _ => (0..bucket.list().len())
                .filter_map(|position| match bucket.row(position)? {
                    BucketRow::Entry(row, name) if row.is_prefix() => Some(name.to_owned()),
                    _ => None,
                })
                .collect(),
        };
        names.into_iter().map(|name| (name, String::new())).collect()
    }
}
