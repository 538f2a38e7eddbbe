//! Loads the configuration: defaults, then the file, then flags. It reads one file and asks the environment, nothing
//! else: no command is run and nothing is connected, because the first frame waits for this.

use std::path::{Path, PathBuf};

use super::document::{self, Document};
use super::env_file::EnvFile;
use super::exposed::exposed;
use super::force::{Decided, Force};
use super::guides::{self, Described};
use super::images::Images;
use super::mistakes::Mistakes;
use super::reader::{Env, Reader};
use super::resolve::{self, Context};
use super::settings::{ClipboardChoice, Notify, Settings, Symlinks, TransferSettings};
use super::{Config, Places, ProfileSlot, ProfileSource, keymap, theme};
use crate::domain::picture::Protocol;
use crate::domain::{Failure, FailureKind, Result};

const CLIPBOARDS: &[(&str, ClipboardChoice)] = &[
    ("auto", ClipboardChoice::Auto),
    ("terminal", ClipboardChoice::Terminal),
    ("system", ClipboardChoice::System),
    ("tmux", ClipboardChoice::Tmux),
];

const IMAGES: &[(&str, Images)] = &[
    ("auto", Images::Auto),
    ("kitty", Images::In(Protocol::Kitty)),
    ("iterm2", Images::In(Protocol::Iterm2)),
    ("sixel", Images::In(Protocol::Sixel)),
    ("blocks", Images::Blocks),
    ("none", Images::None),
];

const SYMLINKS: &[(&str, Symlinks)] =
    &[("follow", Symlinks::Follow), ("skip", Symlinks::Skip), ("refuse", Symlinks::Refuse)];

const NOTIFICATIONS: &[(&str, Notify)] = &[("bell", Notify::Bell), ("osc9", Notify::Osc9), ("none", Notify::None)];

/// The most transfers at once that make sense on one machine.
const MOST_JOBS: u64 = 256;

/// What the command line says about the configuration.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Flags {
    /// `--profile`.
    pub profile: Option<String>,
    /// `--config`; it must be there, unlike the default file.
    pub config: Option<PathBuf>,
    /// `--read-only`.
    pub read_only: bool,
    /// Where a `.env` is looked for, and in the folders above; `None` looks nowhere.
    pub folder: Option<PathBuf>,
}

/// Everything that is configured. A profile that cannot be used does not stop the others: its slot says why.
///
/// # Errors
/// `Usage` in one sentence for each mistake: a file that cannot be read or is no TOML, outside of profiles an unknown key and a
/// value of the wrong shape, a setting that means nothing, a profile that was asked for and does not exist; beside mistakes of
/// the file stand those of its profiles and of the files of keys and colours, which stop nothing by themselves. What only
/// `default_profile` names, or cannot name, stops what needs it and nothing else.
pub fn load(flags: &Flags, env: Env<'_>, places: Places) -> Result<Config> {
    load_and(flags, env, places, |force| force.decide())
}

fn load_and(
    flags: &Flags,
    env: Env<'_>,
    places: Places,
    decide: impl Fn(&Force<'_>) -> Result<Decided>,
) -> Result<Config> {
    let file = file(flags, &places)?;
    let text = read(&file, flags.config.is_some())?;
    let (document, mut mistakes) = document::read(&file, text.as_deref().unwrap_or_default());
    let top = Reader { file: &file, section: &document.top, env };
    let context = Context { file: &file, env, places: &places, read_only: flags.read_only };
    let settings = settings(&document, env, &mut mistakes);
    all_mistakes(&document, &settings.theme, context, document.all(mistakes))?;
    let (env_file, mut warnings) = env_file(flags, &settings);
    let Found { slots: profiles, warnings: odd, shadowed } = profiles(&document, env_file.as_ref(), context);
    warnings.extend(odd);
    warnings.extend(exposed(&document));
    let force = Force { flags, top: &top, profiles: &profiles, shadowed: &shadowed };
    let Decided { in_force, undecided, absent } = decide(&force)?;
    warnings.extend(elsewhere(&profiles, &in_force, env_file.as_ref(), env));
    let (read_only, flags) = (flags.read_only, flags.clone());
    let env_file = env_file.map(|file| file.path().to_owned());
    Ok(Config { settings, profiles, in_force, undecided, absent, warnings, file, env_file, places, read_only, flags })
}

/// The configuration as it stands in its file and in the environment now, with nothing new but its profiles, the name of its
/// theme, and what is odd about it: what else was read at the start is in force already, also a profile that is gone.
///
/// # Errors
/// As for [`load`], but for profiles that do not exist.
pub fn read_again(config: &Config, env: Env<'_>) -> Result<Config> {
    let found = load_and(&config.flags, env, config.places.clone(), |force| Ok(force.unasked()))?;
    let settings = Settings { theme: found.settings.theme, ..config.settings.clone() };
    let absent = found.absent.filter(|_| found.in_force == config.in_force);
    let Config { profiles, warnings, env_file, .. } = found;
    Ok(Config { settings, profiles, absent, warnings, env_file, ..config.clone() })
}

/// What stops everything, with all that can be told beside it: whoever mends the file hears of its profiles, too, and of the
/// files of keys and colours.
fn all_mistakes(document: &Document, theme: &str, context: Context<'_>, mut mistakes: Mistakes) -> Result<()> {
    if mistakes.is_empty() {
        return Ok(());
    }
    for profile in &document.profiles {
        if document.has_whole(profile) {
            let broken = resolve::slot(profile, context).0.profile.err();
            broken.into_iter().for_each(|failure| mistakes.note(failure));
        } else {
            document.certainly_wrong(profile).for_each(|mistake| mistakes.note(mistake.clone()));
        }
    }
    let keys = keymap::mistakes(&keymap::beside(&document.file));
    let colours = theme::mistakes(theme, &document.file);
    mistakes.or(()).map_err(|failure| failure.beside(keys).beside(colours))
}

/// The project's `.env`, and what is wrong with it.
fn env_file(flags: &Flags, settings: &Settings) -> (Option<EnvFile>, Vec<Failure>) {
    let Some(folder) = flags.folder.as_deref().filter(|_| settings.env_files) else { return (None, Vec::new()) };
    match EnvFile::nearest(folder) {
        Ok(Some(mut file)) => {
            let warnings = std::mem::take(&mut file.warnings);
            (Some(file), warnings)
        }
        Ok(None) => (None, Vec::new()),
        Err(warning) => (None, vec![warning]),
    }
}

/// A warning where the profile in force is the exported environment's and a `.env` here, which makes none, has another
/// database.
fn elsewhere(slots: &[ProfileSlot], in_force: &str, file: Option<&EnvFile>, env: Env<'_>) -> Option<Failure> {
    let exported = |slot: &ProfileSlot| slot.name == in_force && slot.source == ProfileSource::Environment;
    let of_file = |slot: &ProfileSlot| matches!(slot.source, ProfileSource::EnvFile(_));
    if !slots.iter().any(exported) || slots.iter().any(of_file) {
        return None;
    }
    guides::database_not_used(file?, in_force, env)
}

/// The file's absolute path, because relative paths in it start beside it, whatever folder Windlass is in later.
fn file(flags: &Flags, places: &Places) -> Result<PathBuf> {
    let file = flags.config.clone().unwrap_or_else(|| places.config_file());
    std::path::absolute(&file)
        .map_err(|error| Failure { kind: FailureKind::Usage, ..Failure::io("find", &file, &error) })
}

/// The file's text; `None` where a file that need not be there is not.
pub(super) fn read(file: &Path, must_exist: bool) -> Result<Option<String>> {
    let bytes = match std::fs::read(file) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && !must_exist => return Ok(None),
        Err(error) => return Err(Failure { kind: FailureKind::Usage, ..Failure::io("read", file, &error) }),
    };
    String::from_utf8(bytes).map(Some).map_err(|error| {
        let good = error.as_bytes().iter().take(error.utf8_error().valid_up_to());
        let line = 1 + good.filter(|byte| **byte == b'\n').count();
        document::fault(file, line, "this is not UTF-8 text").hint("save the file as UTF-8")
    })
}

fn settings(document: &Document, env: Env<'_>, mistakes: &mut Mistakes) -> Settings {
    let top = Reader { file: &document.file, section: &document.top, env };
    let defaults = Settings::default();
    Settings {
        clipboard: mistakes.or_default(top.choice("clipboard", CLIPBOARDS)).unwrap_or_default(),
        mouse: top.switch("mouse").unwrap_or(defaults.mouse),
        theme: mistakes.or_default(theme(&top)).unwrap_or(defaults.theme),
        ascii: top.switch("ascii").unwrap_or(defaults.ascii),
        images: mistakes.or_default(top.choice("images", IMAGES)).unwrap_or_default(),
        env_files: top.switch("env_files").unwrap_or(defaults.env_files),
        transfers: transfers(&Reader { section: &document.transfers, ..top }, mistakes),
    }
}

/// `auto`, `dark`, `light`, or the path of a theme. A word alone is no path: `ligth` is a slip, and no file beside this one.
fn theme(top: &Reader<'_>) -> Result<Option<String>> {
    let Some(theme) = top.text("theme")? else { return Ok(None) };
    if theme.contains(['/', '\\', '.']) {
        return Ok(Some(top.beside(&theme).to_string_lossy().into_owned()));
    }
    let built_in = top.choice("theme", &[("auto", ()), ("dark", ()), ("light", ())]);
    built_in.map(|_| Some(theme)).map_err(|failure| Failure {
        hint: failure.hint.map(|hint| format!("{hint}, or the path of a file like \"./mine.toml\"")),
        ..failure
    })
}

fn transfers(reader: &Reader<'_>, mistakes: &mut Mistakes) -> TransferSettings {
    let defaults = TransferSettings::default();
    TransferSettings {
        jobs: mistakes.or_default(jobs(reader)).unwrap_or(defaults.jobs),
        jobs_for_all: false,
        rate: mistakes.or_default(reader.size("rate")).unwrap_or(defaults.rate),
        symlinks: mistakes.or_default(reader.choice("symlinks", SYMLINKS)).unwrap_or_default(),
        empty_folders: reader.switch("empty_folders").unwrap_or(defaults.empty_folders),
        notify: mistakes.or_default(reader.choice("notify", NOTIFICATIONS)).unwrap_or_default(),
        keep_done: mistakes.or_default(reader.span("keep_done")).unwrap_or(defaults.keep_done),
    }
}

/// `jobs`, of `[transfers]` or of a profile.
pub(super) fn jobs(reader: &Reader<'_>) -> Result<Option<usize>> {
    match reader.count("jobs") {
        Some(jobs) if jobs == 0 || jobs > MOST_JOBS => {
            Err(reader.fault("jobs", &format!("is {jobs}")).hint(format!("write a number from 1 to {MOST_JOBS}")))
        }
        jobs => Ok(jobs.and_then(|jobs| usize::try_from(jobs).ok())),
    }
}

/// What the profiles came to.
#[derive(Default)]
struct Found {
    slots: Vec<ProfileSlot>,
    warnings: Vec<Failure>,
    /// Configured profiles whose names a whole set of a `.env` here would have.
    shadowed: Vec<String>,
}

/// Every profile: those of the file in its order, those that the environment describes, then the built-in one, unless the
/// file configures it.
fn profiles(document: &Document, env_file: Option<&EnvFile>, context: Context<'_>) -> Found {
    let Found { mut slots, mut warnings, mut shadowed } = Found::default();
    for section in &document.profiles {
        let (slot, odd) = resolve::slot(section, context);
        slots.extend(slot.of_each_bucket());
        warnings.extend(odd);
    }
    for described in guides::described(env_file, context.env) {
        if let Some(first) = slots.iter().find(|slot: &&ProfileSlot| slot.name == described.name) {
            // A part of a set is most likely meant for something else where a whole one has its name.
            if described.section.is_ok() {
                warnings.push(passed_over(&described, first));
                let is_here = matches!(described.source, ProfileSource::EnvFile(_));
                shadowed.extend(is_here.then(|| described.name.to_owned()));
            }
            continue;
        }
        let (slot, odd) = resolve::described(described, context);
        slots.push(slot);
        warnings.extend(odd);
    }
    if !slots.iter().any(|slot| slot.name == "local") {
        slots.push(resolve::built_in_local(context.places, context.read_only));
    }
    Found { slots, warnings, shadowed }
}

/// A profile of the environment that another of its name stands before.
fn passed_over(described: &Described, first: &ProfileSlot) -> Failure {
    let (name, source) = (described.name, described.source.label());
    let what = format!("profile \"{name}\" of {source} is passed over: {} has one of that name", first.source.label());
    Failure::new(FailureKind::Usage, what).hint("rename that one to use both")
}
