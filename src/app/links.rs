//! Links and other texts that name objects: asked for, shown whole, copied, and never claimed to be where they are not.

use chrono::{DateTime, Utc};

use super::App;
use super::dialog::{Copies, Dialog, LinkDialog};
use super::effect::{Effect, Wanted};
use super::message::LinkText;
use super::notices::Level;
use super::requests::Purpose;
use crate::domain::{Result, SecretUrl, format, joined};

/// The local bucket is answered for by the program itself.
const SERVED_HERE: &str = "works here only, while Windlass runs with this profile, or windlass local serve";

impl App {
    /// The keys chosen, and whose they are.
    pub(super) fn chosen_keys(&self) -> Option<(String, Vec<String>)> {
        let profile = self.remote.profile()?.name.clone();
        let keys = self.remote.chosen_keys();
        (!keys.is_empty()).then_some((profile, keys))
    }

    /// The profile's own expiry, in seconds.
    pub(super) fn expiry(&self) -> u64 {
        self.remote.profile().map_or(3600, |profile| profile.link_expiry)
    }

    /// Asks for texts that name what is chosen; `None` is a link with the profile's expiry.
    pub(super) fn link(&mut self, wanted: Option<Wanted>) {
        let wanted = wanted.unwrap_or(Wanted::Presigned(self.expiry()));
        if let Some((profile, keys)) = self.chosen_keys() {
            self.ask_links(profile, keys, wanted);
        }
    }

    pub(super) fn ask_links(&mut self, profile: String, keys: Vec<String>, wanted: Wanted) {
        self.out.ask(Purpose::Links { wanted }, |request| Effect::Link { request, profile, keys, wanted });
    }

    /// Shows and copies what was asked for.
    pub(super) fn links_arrived(&mut self, wanted: Wanted, links: Result<Vec<LinkText>>) {
        let links = match links {
            Ok(links) => links,
            Err(failure) => return self.out.fail(&failure),
        };
        let good_for = self.good_for(wanted, &links);
        let note = self.link_note().filter(|_| wanted != Wanted::Uri);
        let (noun, copies) = (wanted.noun(), Copies::All);
        let dialog = LinkDialog { noun, copies, links, good_for, note, said: None, offset: 0 };
        self.copy(dialog.text(), None);
        self.out.open(Dialog::Link(dialog));
    }

    /// Under what condition links of the profile in force work, where there is one.
    pub(super) fn link_note(&self) -> Option<&'static str> {
        let served = self.remote.profile().is_some_and(|profile| profile.is_served_here());
        served.then_some(SERVED_HERE)
    }

    /// The same of the profile of that name.
    pub(super) fn link_note_of(&self, name: &str) -> Option<&'static str> {
        let slot = self.profiles.iter().find(|slot| slot.name == name);
        let served = slot.and_then(|slot| slot.profile.as_ref().ok()).is_some_and(|profile| profile.is_served_here());
        served.then_some(SERVED_HERE)
    }

    /// How long links are really good: what ends first counts, and where that is sooner than asked, why is said.
    fn good_for(&self, wanted: Wanted, links: &[LinkText]) -> Option<String> {
        let ends = links.iter().filter_map(|link| link.expires_at).min()?;
        let asked = match wanted {
            Wanted::Presigned(asked) | Wanted::Curl(asked) => Some(asked),
            Wanted::Public | Wanted::Uri => None,
        };
        Some(self.good_until(ends, asked))
    }

    /// How long something is really good that was asked for so many seconds.
    pub(super) fn good_until(&self, ends: DateTime<Utc>, asked: Option<u64>) -> String {
        let left = u64::try_from((ends - self.out.now).num_seconds()).unwrap_or(0);
        let until = format!("good for {}, until {}", format::span(round(left)), format::moment(ends));
        match asked {
            Some(asked) if left + 60 < asked => {
                format!("{until}; {} was asked for, but the credentials end sooner", format::span(asked))
            }
            _ => until,
        }
    }

    pub(super) fn copy(&mut self, text: SecretUrl, what: Option<String>) {
        self.out.ask(Purpose::Copy { what }, |request| Effect::Copy { request, text });
    }

    pub(super) fn copy_again(&mut self) {
        let Some(Dialog::Link(dialog)) = &mut self.dialog else { return };
        dialog.said = None;
        let text = dialog.text();
        self.copy(text, None);
    }

    /// Copies the chosen keys; they are on the screen already.
    pub(super) fn copy_keys(&mut self) {
        let Some((_, keys)) = self.chosen_keys() else { return };
        let what = match keys.as_slice() {
            [key] => format!("key {key}"),
            keys => format!("{} keys", keys.len()),
        };
        self.copy(SecretUrl::new(keys.join("\n")), Some(what));
    }

    /// Says what really happened to a text that was to be copied.
    pub(super) fn copied(&mut self, what: Option<String>, said: Result<String>) {
        let (said, failed) = match said {
            Ok(said) => (said, false),
            Err(failure) => (failure.sentence(), true),
        };
        if let (None, Some(Dialog::Link(dialog))) = (&what, &mut self.dialog) {
            // Where the texts differ, it is said which of them went.
            let which = match dialog.copies {
                Copies::All => None,
                Copies::One(0) => Some("line"),
                Copies::One(_) => Some("URL"),
            };
            dialog.said = Some(match which.filter(|_| !failed) {
                Some(which) => format!("{which} {said}"),
                None => said,
            });
            return;
        }
        let level = if failed { Level::Error } else { Level::Info };
        let what = what.unwrap_or_else(|| "link".into());
        self.out.say(level, joined(&what, &said));
    }
}

/// Seconds to the nearest minute where there are several, so that "1 h" does not read "59 min 59 s".
fn round(seconds: u64) -> u64 {
    if seconds < 120 { seconds } else { (seconds + 30) / 60 * 60 }
}
