//! Writes a new profile into `config.toml`: what stands there stays as it is, comments too, and the file is at every moment
//! either the old one or the new one, whole, and its owner's alone.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use toml_edit::{Array, DocumentMut, Item, Table, value};

use super::document::{self, Document, Section, Value};
use super::draft::Draft;
use super::places::private_folder;
use crate::domain::display::display_path;
use crate::domain::{Failure, FailureKind, Result};

/// Adds the profile at the end of the file; makes the file where there is none. Blocks: it waits for the disk.
///
/// # Errors
/// `Usage` where the file has a profile of that name or cannot be understood as it is; `Local` or `DiskFull` where it
/// cannot be written. The file is then as it was.
pub fn add_profile(file: &Path, draft: &Draft) -> Result<()> {
    change(file, |file, before| with_profile(file, before, draft))
}

/// Writes which profile opens where nothing else says so; makes the file where there is none. Blocks: it waits for the disk.
///
/// # Errors
/// `Usage` where the file cannot be understood as it is; `Local` or `DiskFull` where it cannot be written. The file is then
/// as it was.
pub fn set_default(file: &Path, name: &str) -> Result<()> {
    change(file, |file, before| with_default(file, before, name))
}

/// Puts what becomes of the text in the file's place.
fn change(file: &Path, changed: impl Fn(&Path, &str) -> Result<String>) -> Result<()> {
    let file = real(file)?;
    // What is refused makes no folder.
    changed(&file, &read(&file)?)?;
    if let Some(folder) = file.parent() {
        private_folder(folder)?;
    }
    let _alone = alone(folder_of(&file));
    let after = changed(&file, &read(&file)?)?;
    replace(&file, &after).map_err(|error| Failure::io("write", &file, &error))
}

/// Keeps every other Windlass from changing the file until it is dropped: of two that read it at once the later would undo
/// what the earlier has written. The folder is locked, because the file itself is another one after each change. Where folders
/// cannot be locked (NFS) nobody is kept out.
fn alone(folder: &Path) -> Option<File> {
    let locked = File::open(folder).and_then(|folder| folder.lock().map(|()| folder));
    locked.inspect_err(|error| tracing::warn!("the configuration's folder cannot be locked: {error}")).ok()
}

fn folder_of(file: &Path) -> &Path {
    file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// The file itself where the name is a link, which is to stay one.
fn real(file: &Path) -> Result<PathBuf> {
    match std::fs::canonicalize(file) {
        Ok(real) => Ok(real),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && !file.is_symlink() => Ok(file.to_path_buf()),
        Err(error) => Err(Failure::io("find", file, &error)),
    }
}

fn read(file: &Path) -> Result<String> {
    match std::fs::read_to_string(file) {
        Ok(text) => Ok(text),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(String::new()),
        Err(error) => Err(Failure::io("read", file, &error)),
    }
}

/// The text with the profile in it, which was read again and found to say what it is to say.
fn with_profile(file: &Path, before: &str, draft: &Draft) -> Result<String> {
    let was = document::parse(file, before)?;
    if section(&was, draft.name()).is_some() {
        let what = format!("{} has a profile \"{}\" already", display_path(file), draft.name());
        return Err(Failure::new(FailureKind::Usage, what).hint("take another name, or edit that one in the file"));
    }
    let mut toml: DocumentMut = before.parse().map_err(|error| spoiled(file, &error))?;
    insert(&mut toml, draft)?;
    let after = with_ends_of(before, &toml.to_string());
    let now = document::parse(file, &after)?;
    let is_whole = section(&now, draft.name()).is_some_and(|section| section.wrong.is_empty());
    if !is_whole || now.profiles.len() != was.profiles.len() + 1 {
        return Err(spoiled(file, &"the new profile is not found in it again"));
    }
    Ok(after)
}

/// The text that names this profile as the default, with the comment beside it.
fn with_default(file: &Path, before: &str, name: &str) -> Result<String> {
    document::parse(file, before)?;
    let mut toml: DocumentMut = before.parse().map_err(|error| spoiled(file, &error))?;
    let mut named = toml_edit::Value::from(name);
    if let Some(there) = toml.get("default_profile").and_then(Item::as_value) {
        *named.decor_mut() = there.decor().clone();
    }
    toml["default_profile"] = Item::Value(named);
    let after = with_ends_of(before, &toml.to_string());
    document::parse(file, &after)?;
    Ok(after)
}

/// The text with lines that end as they did: the editor's parser writes them all in one way.
fn with_ends_of(before: &str, text: &str) -> String {
    let plain = text.replace("\r\n", "\n");
    if before.contains("\r\n") { plain.replace('\n', "\r\n") } else { plain }
}

fn section<'a>(document: &'a Document, name: &str) -> Option<&'a Section> {
    document.profiles.iter().find(|section| section.profile.as_deref() == Some(name))
}

/// What the one parser took and the other does not: nothing is written then.
fn spoiled(file: &Path, why: &dyn std::fmt::Display) -> Failure {
    Failure::new(FailureKind::Internal, format!("{} cannot be added to: {why}", display_path(file)))
        .hint("add the profile with an editor")
}

fn insert(toml: &mut DocumentMut, draft: &Draft) -> Result<()> {
    let mut table = Table::new();
    table.insert("provider", value(draft.provider().name()));
    for (key, said) in draft.values()? {
        table.insert(key, written(said));
    }
    if !toml.get("profiles").is_some_and(Item::is_inline_table) {
        table.decor_mut().set_prefix(above(toml));
        table.set_position(Some(isize::MAX));
        toml.set_trailing("");
    }
    let profiles = toml.entry("profiles").or_insert_with(|| Item::Table(implicit()));
    if let Some(profiles) = profiles.as_table_like_mut() {
        profiles.insert(draft.name(), Item::Table(table));
    }
    Ok(())
}

/// What stands between the last key of the file and the new table: the comments at the file's end, and a blank line.
fn above(toml: &DocumentMut) -> String {
    let end = toml.trailing().as_str().unwrap_or_default();
    let unended = if end.is_empty() || end.ends_with('\n') { "" } else { "\n" };
    let gap = if toml.is_empty() && end.is_empty() { "" } else { "\n" };
    format!("{end}{unended}{gap}")
}

/// `[profiles]` itself need not stand in the file.
fn implicit() -> Table {
    let mut table = Table::new();
    table.set_implicit(true);
    table
}

fn written(said: Value) -> Item {
    match said {
        Value::Text(text) => value(text),
        Value::Texts(texts) => value(texts.into_iter().collect::<Array>()),
        Value::Switch(switch) => value(switch),
        // TOML's numbers go to 2^63; none that a key takes comes near it.
        Value::Number(number) => value(i64::try_from(number).unwrap_or(i64::MAX)),
    }
}

/// Puts the text in the file's place by a rename, once all of it is on disk.
fn replace(file: &Path, text: &str) -> std::io::Result<()> {
    let folder = folder_of(file);
    let beside = folder.join(format!(".config.toml.{}", uuid::Uuid::new_v4().simple()));
    let written = write(&beside, text).and_then(|()| std::fs::rename(&beside, file));
    if written.is_err() {
        // What is told is why it was not written; the rest of an attempt is not worth a second sentence.
        let _left = std::fs::remove_file(&beside);
    }
    written?;
    File::open(folder)?.sync_all()
}

fn write(beside: &Path, text: &str) -> std::io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(beside)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Provider;
    use std::os::unix::fs::PermissionsExt;

    fn draft(name: &str) -> Draft {
        let mut draft = Draft::new(name, Provider::S3).unwrap();
        for (key, value) in [("access_key_id", "k"), ("secret_access_key", "\"q\\"), ("bucket", "a,b"), ("jobs", "3")] {
            draft.say(key, value).unwrap();
        }
        draft
    }

    fn added(before: &str) -> String {
        with_profile(Path::new("/c/config.toml"), before, &draft("new")).unwrap()
    }

    const NEW: &str = "[profiles.new]\nprovider = \"s3\"\naccess_key_id = \"k\"\nsecret_access_key = '\"q\\'\n\
        buckets = [\"a\", \"b\"]\njobs = 3\n";

    #[test]
    fn a_profile_comes_behind_all_that_is_there_and_changes_none_of_it() {
        assert_eq!(added(""), NEW);
        for before in [
            "# mine\ndefault_profile = \"x\"   # why\n\n[profiles.x]\nprovider = \"local\" # here\n\n[transfers]\njobs = 2\n",
            "[profiles]\n# none yet\n",
            "[profiles.x] # x\nprovider = \"local\"\n# the end\n",
        ] {
            assert_eq!(added(before), format!("{before}\n{NEW}"));
        }
        assert_eq!(added("mouse = true\r\n# odd\r\n"), format!("mouse = true\n# odd\n\n{NEW}").replace('\n', "\r\n"));
        assert_eq!(added("mouse = true # on"), format!("mouse = true # on\n\n{NEW}"));
        assert_eq!(added("# nothing yet"), format!("# nothing yet\n\n{NEW}"));
    }

    #[test]
    fn profiles_in_one_line_get_the_new_one_there() {
        let after = added("# mine\nprofiles = { x = { provider = \"local\" } } # all\n# end\n");
        assert!(after.starts_with("# mine\nprofiles = { x = { provider = \"local\" } , new = {"), "{after}");
        assert!(after.ends_with(" # all\n# end\n"), "{after}");
    }

    #[test]
    fn the_default_is_named_and_nothing_else_changes() {
        let named = |before: &str| with_default(Path::new("/c/config.toml"), before, "new").unwrap();
        assert_eq!(named(""), "default_profile = \"new\"\n");
        assert_eq!(
            named("# mine\ndefault_profile = \"x\"   # why\n\n[profiles.x] # x\nprovider = \"local\"\n# end\n"),
            "# mine\ndefault_profile = \"new\"   # why\n\n[profiles.x] # x\nprovider = \"local\"\n# end\n"
        );
        let added = named("# mine\nmouse = true # on\n\n# x\n[profiles.x]\nprovider = \"local\"\n");
        let wanted =
            "# mine\nmouse = true # on\ndefault_profile = \"new\"\n\n# x\n[profiles.x]\nprovider = \"local\"\n";
        assert_eq!(added, wanted);
        assert!(with_default(Path::new("/c/config.toml"), "buket = 1", "new").is_err());
    }

    #[test]
    fn a_name_that_is_taken_and_a_file_that_is_wrong_are_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("config.toml");
        for (text, why) in [(NEW, "already"), ("buket = 1", "no key"), ("[x", "no TOML")] {
            std::fs::write(&file, text).unwrap();
            assert!(add_profile(&file, &draft("new")).unwrap_err().what.contains(why));
            assert_eq!(std::fs::read_to_string(&file).unwrap(), text);
        }
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside it");
    }

    #[test]
    fn what_is_wrong_inside_another_profile_stays_as_it_is_and_stops_nothing() {
        let wrong = "[profiles.old]\nbukcet = \"b\"\npath_style = \"yes\"\n";
        assert_eq!(added(wrong), format!("{wrong}\n{NEW}"));
        let named = with_default(Path::new("/c/config.toml"), wrong, "new").unwrap();
        assert_eq!(named, format!("default_profile = \"new\"\n{wrong}"));
    }

    #[test]
    fn of_many_that_add_at_once_none_is_lost() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("config.toml");
        let names: Vec<String> = (0..32).map(|number| format!("p{number}")).collect();
        std::thread::scope(|scope| {
            for name in &names {
                scope.spawn(|| add_profile(&file, &draft(name)).unwrap());
            }
        });
        let document = document::parse(&file, &std::fs::read_to_string(&file).unwrap()).unwrap();
        assert!(names.iter().all(|name| section(&document, name).is_some()), "{} of 32", document.profiles.len());
    }

    #[test]
    fn the_file_is_its_owners_alone_and_a_link_to_it_stays_one() {
        let folder = tempfile::tempdir().unwrap();
        let (real, link) = (folder.path().join("real.toml"), folder.path().join("config.toml"));
        std::fs::write(&real, "# mine\n").unwrap();
        std::fs::set_permissions(&real, PermissionsExt::from_mode(0o644)).unwrap();
        std::os::unix::fs::symlink(&real, &link).unwrap();
        add_profile(&link, &draft("new")).unwrap();
        assert!(link.is_symlink());
        assert_eq!(std::fs::metadata(&real).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(std::fs::read_to_string(&real).unwrap(), format!("# mine\n\n{NEW}"));

        let fresh = folder.path().join("a/b/config.toml");
        add_profile(&fresh, &draft("new")).unwrap();
        assert_eq!(std::fs::metadata(&fresh).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(std::fs::metadata(folder.path().join("a")).unwrap().permissions().mode() & 0o777, 0o700);
    }
}
