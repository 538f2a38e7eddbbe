//! The dialog about the bucket in force: asked for, filled as answers come, and what is wished of the bucket from there.

use std::sync::Arc;

use super::App;
use super::dialog::bucket::{Asked, BucketWish, Hidden, Sibling};
use super::dialog::{BucketDialog, Command, Confirm, Dialog, Prompt, PromptFor};
use super::effect::{CorsChange, Effect, RequestId, Walk};
use super::layout::scroll_columns;
use super::message::{BucketFacts, Counted};
use super::notices::Level;
use super::requests::Purpose;
use crate::config::Profile;
use crate::domain::display::{display, wrap};
use crate::domain::transfer::OnConflict;
use crate::domain::{Capabilities, CorsRule, HomeFolder, Result, format};

/// Columns of the names on the left, with the gap behind them.
pub const NAMES: u16 = 10;

/// How a row feels, for its colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// It is so.
    Plain,
    /// It is of little weight.
    Quiet,
    /// Something to know.
    Note,
    /// It does not work.
    Bad,
}

/// One row of the dialog, fit for display.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FactRow {
    /// What it tells; empty where the row goes on with the one above.
    pub name: &'static str,
    /// A piece of the text.
    pub text: String,
    /// How it feels.
    pub tone: Tone,
}

impl App {
    /// Opens the dialog and asks for what is in it.
    pub(super) fn show_bucket(&mut self) {
        let Some(profile) = self.remote.profile().cloned() else { return };
        let prefix = self.remote.prefix().to_owned();
        let (facts, cors) = (profile.name.clone(), profile.name.clone());
        let dialog = BucketDialog::new(profile, prefix, self.siblings());
        self.out.ask(Purpose::BucketFacts, |request| Effect::BucketFacts { request, profile: facts });
        // Rules that are being changed come with the answer to that.
        if !self.out.requests.is_open(&Purpose::SetCors { profile: cors.clone() }) {
            self.out.ask(Purpose::Cors, |request| Effect::Cors { request, profile: cors });
        }
        self.out.open(Dialog::Bucket(dialog));
    }

    /// The buckets of the profile in force.
    fn siblings(&self) -> Vec<Sibling> {
        let name = &self.remote.slot().name;
        let base = name.split_once('/').map_or(name.as_str(), |(base, _)| base);
        let is_of = |slot: &str| slot == base || slot.strip_prefix(base).is_some_and(|rest| rest.starts_with('/'));
        let slots = self.profiles.iter().filter(|slot| is_of(&slot.name));
        let bucket = |profile: &Arc<Profile>| profile.bucket().to_owned();
        slots
            .filter_map(|slot| {
                Some(Sibling { slot: slot.name.clone(), bucket: slot.profile.as_ref().ok().map(bucket)? })
            })
            .collect()
    }

    fn bucket_dialog(&mut self) -> Option<&mut BucketDialog> {
        let dialogs = self.dialog.iter_mut().chain(self.opening.waiting()).chain(&mut self.out.dialogs);
        let mut of_bucket =
            dialogs.filter_map(|dialog| if let Dialog::Bucket(dialog) = dialog { Some(dialog) } else { None });
        of_bucket.next()
    }

    /// Where the bucket is and what it can do.
    pub(super) fn facts_arrived(&mut self, facts: Result<Box<BucketFacts>>) {
        if let Some(dialog) = self.bucket_dialog() {
            dialog.facts = asked(facts.map(|facts| *facts));
        }
    }

    /// Its CORS rules, read.
    pub(super) fn cors_arrived(&mut self, rules: Result<Vec<CorsRule>>) {
        if let Some(dialog) = self.bucket_dialog() {
            dialog.cors = asked(rules);
        }
    }

    /// The CORS rules of a profile's bucket, changed: shown where it is still that one, and said in any case.
    pub(super) fn cors_changed(&mut self, profile: &str, rules: Result<Vec<CorsRule>>) {
        match &rules {
            Ok(rules) => {
                let said = match rules.len() {
                    0 => format!("{profile}: the bucket has no CORS rules any more"),
                    1 => format!("{profile}: the bucket has 1 CORS rule now"),
                    several => format!("{profile}: the bucket has {several} CORS rules now"),
                };
                self.out.say(Level::Info, said);
            }
            Err(failure) => self.out.fail(failure),
        }
        if let Some(dialog) = self.bucket_dialog().filter(|dialog| dialog.profile.name == profile) {
            dialog.cors = asked(rules);
        }
    }

    /// More of what is hidden was counted.
    pub(super) fn hidden_counted(&mut self, request: RequestId, counted: &Result<Counted>, ended: bool) {
        let Some(dialog) = self.bucket_dialog().filter(|dialog| dialog.counting == Some(request)) else { return };
        dialog.hidden = match counted {
            Ok(counted) if ended => Hidden::All(*counted),
            Ok(counted) => Hidden::AtLeast(*counted),
            Err(failure) => Hidden::BrokeOff(dialog.hidden.counted(), failure.clone()),
        };
    }

    /// Does what is wished of the bucket of a profile.
    pub(super) fn wish_of_bucket(&mut self, profile: &Arc<Profile>, wish: BucketWish) {
        match wish {
            BucketWish::AskOrigin => self.ask_origin(profile.clone()),
            BucketWish::Allow(origin) => self.change_cors(&profile.name, CorsChange::Allow(origin)),
            BucketWish::AskClear => self.ask_clear(profile.clone()),
            BucketWish::Clear => self.change_cors(&profile.name, CorsChange::Clear),
            BucketWish::Count => self.count_hidden(profile.name.clone()),
            BucketWish::AskPurge { prefix, hidden, whole } => self.ask_purge(profile, prefix, hidden, whole),
        }
    }

    fn ask_origin(&mut self, profile: Arc<Profile>) {
        let (name, bucket) = (&profile.name, profile.bucket());
        self.out.open(Dialog::Prompt(Prompt {
            title: "Let pages of an origin read and upload".into(),
            lines: vec![
                format!("by the CORS rules of bucket {bucket} (profile {name}); other rules stay"),
                "scheme and host, perhaps a port: https://example.org, http://localhost:3000".into(),
            ],
            label: "origin",
            input: tui_input::Input::default(),
            remark: None,
            purpose: PromptFor::Origin { profile },
        }));
    }

    /// The rules are shown as soon as they are changed.
    fn change_cors(&mut self, profile: &str, change: CorsChange) {
        let (purpose, profile) = (Purpose::SetCors { profile: profile.to_owned() }, profile.to_owned());
        self.out.ask(purpose, |request| Effect::SetCors { request, profile, change });
        self.show_bucket();
    }

    fn ask_clear(&mut self, profile: Arc<Profile>) {
        let lines = vec![
            format!("of bucket {}", profile.bucket()),
            format!("profile {} ({})", profile.name, profile.source.label()),
            "Browsers then keep every page from uploading there. Rules that others have set go too.".into(),
        ];
        let command = Command::Bucket { profile, wish: BucketWish::Clear };
        self.out.open(Dialog::Confirm(Confirm::danger("Remove all CORS rules?".into(), lines, "remove", command)));
    }

    fn count_hidden(&mut self, profile: String) {
        let Some(dialog) = self.bucket_dialog() else { return };
        let (prefix, before) = (dialog.prefix.clone(), dialog.counting.take());
        if let Some(before) = before.filter(|before| self.out.requests.close(*before).is_some()) {
            self.out.push(Effect::Cancel(before));
        }
        self.out.ask(Purpose::Count, |request| Effect::CountHidden { request, profile, prefix });
        let counting = self.out.requests.newest();
        if let Some(dialog) = self.bucket_dialog() {
            (dialog.counting, dialog.hidden) = (Some(counting), Hidden::AtLeast(Counted::default()));
        }
    }

    fn ask_purge(&mut self, of: &Profile, prefix: String, hidden: Counted, whole: bool) {
        let profile = of.identity().into();
        let least = if whole { "" } else { "at least " };
        let beneath = if prefix.is_empty() { String::new() } else { format!(", beneath {prefix}") };
        let lines = vec![
            format!("{least}{}, in bucket {}{beneath}", amount(hidden), of.bucket()),
            format!("profile {} ({})", of.name, of.source.label()),
            "What is seen stays, with its records. This cannot be undone.".into(),
        ];
        let title = format!("Purge {least}{}?", versions(hidden.objects));
        let what =
            if prefix.is_empty() { "what is hidden".to_owned() } else { format!("what is hidden beneath {prefix}") };
        let command = Command::Walk { profile, walk: Walk::Purge { prefix }, on_conflict: OnConflict::Refuse, what };
        self.out.open(Dialog::Confirm(Confirm::danger(title, lines, "purge", command)));
    }

    /// The rows of that dialog on this screen.
    pub fn bucket_rows(&self, dialog: &BucketDialog) -> Vec<FactRow> {
        let columns = scroll_columns(self.size).saturating_sub(NAMES);
        let mut rows = Rows { home: &self.home, columns, rows: Vec::new() };
        place(dialog, &mut rows);
        rows.gap();
        cors(dialog, &mut rows);
        rows.gap();
        buckets(dialog, &mut rows);
        hidden(dialog, &mut rows);
        if let Asked::Known(facts) = &dialog.facts {
            rows.gap();
            abilities(&facts.capabilities, &mut rows);
        }
        rows.rows
    }
}

fn asked<T>(answer: Result<T>) -> Asked<T> {
    answer.map_or_else(Asked::Failed, Asked::Known)
}

/// "12 hidden versions".
fn versions(count: u64) -> String {
    let noun = if count == 1 { "hidden version" } else { "hidden versions" };
    format!("{} {noun}", format::count(count))
}

fn amount(hidden: Counted) -> String {
    format!("{}, {}", versions(hidden.objects), format::size(hidden.bytes))
}

/// Rows as they are put together.
struct Rows<'a> {
    home: &'a HomeFolder,
    columns: u16,
    rows: Vec<FactRow>,
}

impl Rows<'_> {
    /// A name and its text, wrapped.
    fn add(&mut self, name: &'static str, text: &str, tone: Tone) {
        let pieces = wrap(&self.home.shorten(&display(text)), self.columns);
        let names = std::iter::once(name).chain(std::iter::repeat(""));
        self.rows.extend(names.zip(pieces).map(|(name, text)| FactRow { name, text, tone }));
    }

    fn gap(&mut self) {
        self.rows.push(FactRow { name: "", text: String::new(), tone: Tone::Plain });
    }
}

fn place(dialog: &BucketDialog, rows: &mut Rows) {
    let profile = &dialog.profile;
    let read_only = if profile.read_only { " · read-only" } else { "" };
    let of = format!("{} · {} · {}{read_only}", profile.name, profile.provider.title(), profile.source.label());
    rows.add("profile", &of, Tone::Plain);
    match &dialog.facts {
        Asked::Waiting => rows.add("endpoint", "…", Tone::Quiet),
        Asked::Failed(failure) => rows.add("endpoint", &failure.sentence(), Tone::Bad),
        Asked::Known(facts) => {
            let at = &facts.address;
            let known = [("endpoint", &at.endpoint), ("region", &at.region), ("public", &at.public)];
            for (name, text) in known.into_iter().filter_map(|(name, text)| Some((name, text.as_ref()?))) {
                rows.add(name, text, Tone::Plain);
            }
            if let (None, Err(reason)) = (&at.public, facts.capabilities.public_url) {
                rows.add("public", &format!("no URL: {reason}"), Tone::Quiet);
            }
        }
    }
}

fn cors(dialog: &BucketDialog, rows: &mut Rows) {
    if let Asked::Known(BucketFacts { capabilities: Capabilities { cors: Err(reason), .. }, .. }) = &dialog.facts {
        return rows.add("CORS", reason, Tone::Quiet);
    }
    match &dialog.cors {
        Asked::Waiting => rows.add("CORS", "…", Tone::Quiet),
        Asked::Known(rules) if rules.is_empty() => {
            rows.add("CORS", "no rules: browsers keep every page from uploading; a allows one", Tone::Note);
        }
        Asked::Known(rules) => {
            for (name, rule) in std::iter::once("CORS").chain(std::iter::repeat("")).zip(rules) {
                rows.add(name, &rule.origins.join("  "), Tone::Plain);
                rows.add("", &terms(rule), Tone::Quiet);
            }
        }
        Asked::Failed(failure) => {
            rows.add("CORS", &failure.what, Tone::Bad);
            failure.hint.iter().for_each(|hint| rows.add("", hint, Tone::Note));
        }
    }
}

/// What a rule grants, in a line.
fn terms(rule: &CorsRule) -> String {
    let mut terms = vec![rule.methods.join(" ")];
    for (verb, words) in [("sends", &rule.headers), ("reads", &rule.exposed)] {
        if !words.is_empty() {
            terms.push(format!("{verb} {}", words.join(" ")));
        }
    }
    terms.extend(rule.max_age.map(|seconds| format!("remembered for {}", format::span(seconds.into()))));
    terms.join(" · ")
}

fn buckets(dialog: &BucketDialog, rows: &mut Rows) {
    let names = std::iter::once("buckets").chain(std::iter::repeat(""));
    if dialog.buckets.len() > 1 {
        for ((number, sibling), name) in (1..).zip(&dialog.buckets).zip(names) {
            let here = sibling.slot == dialog.profile.name;
            let (dot, tone) = if here { ("●", Tone::Plain) } else { (" ", Tone::Quiet) };
            let digit = if number < 10 { number.to_string() } else { " ".into() };
            rows.add(name, &format!("{digit} {dot} {}", sibling.bucket), tone);
        }
        rows.gap();
    }
}

fn hidden(dialog: &BucketDialog, rows: &mut Rows) {
    let reason = match &dialog.facts {
        Asked::Known(facts) => facts.capabilities.versions.err(),
        Asked::Waiting | Asked::Failed(_) => None,
    };
    let beneath = if dialog.prefix.is_empty() { String::new() } else { format!(" beneath {}", dialog.prefix) };
    let (text, tone) = match (&dialog.hidden, reason) {
        (_, Some(reason)) => (reason.to_owned(), Tone::Quiet),
        (Hidden::Unasked, _) => (format!("older and deleted versions{beneath}: v counts them"), Tone::Quiet),
        (Hidden::AtLeast(counted), _) => (format!("at least {}{beneath}, counting…", amount(*counted)), Tone::Plain),
        (Hidden::All(Counted { objects: 0, .. }), _) => (format!("nothing{beneath}"), Tone::Plain),
        (Hidden::All(counted), _) => (format!("{}{beneath}: D purges them", amount(*counted)), Tone::Note),
        (Hidden::BrokeOff(counted, failure), _) => {
            let text = format!("at least {}{beneath}; counting broke off: {}", amount(*counted), failure.sentence());
            (text, Tone::Bad)
        }
    };
    rows.add("hidden", &text, tone);
}

/// What it can do, and what not, with its own reason. What stands above is not repeated.
fn abilities(can: &Capabilities, rows: &mut Rows) {
    let all = [
        ("list", can.list),
        ("write", can.write),
        ("replace", can.overwrite),
        ("delete", can.delete),
        ("signed links", can.presign),
        ("upload requests", can.upload_link),
        ("folders", can.prefixes),
        ("fetch", can.from_url),
    ];
    // That there are folders goes without saying.
    let able = all.iter().filter(|(what, can)| can.is_ok() && *what != "folders");
    let able: Vec<&str> = able.map(|(what, _)| *what).collect();
    rows.add("can", &able.join(" · "), Tone::Plain);
    let unable = all.iter().filter_map(|(what, can)| can.err().map(|reason| format!("{what}: {reason}")));
    for (name, text) in std::iter::once("cannot").chain(std::iter::repeat("")).zip(unable) {
        rows.add(name, &text, Tone::Quiet);
    }
    if let Err(instead) = can.delete_is_final {
        rows.add("a delete", instead, Tone::Note);
    }
}
