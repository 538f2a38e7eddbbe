//! Files that may not be read, and folders that may not be written. The tests may run as root, whom no right stops; then
//! the program runs as a root who is none to the file's owner: in a user namespace that does not know him.

use std::os::unix::fs::{PermissionsExt, chown};
use std::path::Path;
use std::process::Command;

use crate::support::program::{Ended, Home};

/// Somebody whom the namespace does not know.
const STRANGER: u32 = 12_345;

#[test]
fn a_file_that_may_not_be_read_is_named_and_the_others_go_up() {
    let home = Home::new();
    home.file("open.txt", "open");
    let secret = home.file("secret.txt", "secret");
    let ended = without_rights(&home, &secret, 0o000, &["upload", "secret.txt", "open.txt"]).with(1);
    assert!(ended.err.contains("secret.txt: permission denied; make it readable for you, then retry"), "{}", ended.err);
    let listed = home.run(["ls", "--json"]).with(0).json();
    assert_eq!(listed.len(), 1);
    assert!(listed[0]["key"].as_str().unwrap().ends_with("open.txt"), "{listed:?}");
}

#[test]
fn a_folder_that_may_not_be_written_is_named() {
    let home = Home::new();
    home.file("a.txt", "a");
    home.run(["upload", "a.txt", "--key", "a.txt"]).with(0);
    let locked = home.here().join("locked");
    std::fs::create_dir(&locked).unwrap();
    let ended = without_rights(&home, &locked, 0o555, &["download", "a.txt", "--to", "locked"]).with(1);
    assert!(ended.err.contains("cannot write ") && ended.err.contains("/locked/a.txt"), "{}", ended.err);
    let helps = format!("permission denied; make {} writable for you", locked.display());
    assert!(ended.err.contains(&helps), "{}", ended.err);
}

/// Runs the program as somebody who has no more rights to a path than its mode gives.
fn without_rights(home: &Home, path: &Path, mode: u32, arguments: &[&str]) -> Ended {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    let program = home.command(arguments);
    let mut command = Command::new(program.get_program());
    if chown(path, Some(STRANGER), Some(STRANGER)).is_ok() {
        command = Command::new("unshare");
        command.args(["--user", "--map-root-user"]).arg(program.get_program());
    }
    command.args(program.get_args()).current_dir(home.here()).env_clear();
    command.envs(program.get_envs().filter_map(|(name, value)| Some((name, value?))));
    command.env("PATH", std::env::var_os("PATH").unwrap());
    Ended::of(command.output().unwrap())
}
