//! Files that may not be read. The tests may run as root, whom no right stops; then the program runs as a root who is
//! none to the file's owner: in a user namespace that does not know him.

use std::os::unix::fs::{PermissionsExt, chown};
use std::process::Command;

use crate::support::program::{Ended, Home};

/// Somebody whom the namespace does not know.
const STRANGER: u32 = 12_345;

#[test]
fn a_file_that_may_not_be_read_is_named_and_the_others_go_up() {
    let home = Home::new();
    home.file("open.txt", "open");
    let secret = home.file("secret.txt", "secret");
    std::fs::set_permissions(&secret, std::fs::Permissions::from_mode(0o000)).unwrap();
    let program = home.command(["upload", "secret.txt", "open.txt"]);
    let mut command = Command::new(program.get_program());
    if chown(&secret, Some(STRANGER), Some(STRANGER)).is_ok() {
        command = Command::new("unshare");
        command.args(["--user", "--map-root-user"]).arg(program.get_program());
    }
    command.args(program.get_args()).current_dir(home.here()).env_clear();
    command.envs(program.get_envs().filter_map(|(name, value)| Some((name, value?))));
    command.env("PATH", std::env::var_os("PATH").unwrap());
    let ended = Ended::of(command.output().unwrap()).with(1);
    assert!(ended.err.contains("secret.txt: permission denied"), "{}", ended.err);
    let listed = home.run(["ls", "--json"]).with(0).json();
    assert_eq!(listed.len(), 1);
    assert!(listed[0]["key"].as_str().unwrap().ends_with("open.txt"), "{listed:?}");
}
