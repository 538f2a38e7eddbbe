//! Who is logged in: the name that records are written under where a profile has no `user_id`.

use std::path::Path;

/// The login name: of the environment, else of the passwd entry of whoever runs this (cron, containers), else a number. Reads
/// a small file, so that it may block.
pub fn login() -> String {
    let name = |variable| std::env::var(variable).ok().filter(|name| !name.is_empty());
    name("LOGNAME").or_else(|| name("USER")).unwrap_or_else(|| of_user(rustix::process::getuid().as_raw()))
}

fn of_user(id: u32) -> String {
    // Who is not in the file, or where it cannot be read, is told apart by the number.
    let entries = std::fs::read(Path::new("/etc/passwd")).unwrap_or_default();
    name_in(&String::from_utf8_lossy(&entries), id).map_or_else(|| format!("uid-{id}"), str::to_owned)
}

/// The name in the first entry with that number; passwd(5): `name:password:UID:…`.
fn name_in(entries: &str, id: u32) -> Option<&str> {
    entries.lines().find_map(|line| {
        let mut fields = line.split(':');
        let (name, number) = (fields.next()?, fields.nth(1)?);
        (number.parse() == Ok(id) && !name.is_empty()).then_some(name)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_has_the_name_of_the_entry_with_the_number() {
        let entries = "# local\nroot:x:0:0:root:/root:/bin/bash\n\nodd\n:x:7::\nme:x:1000:1000:,,,:/home/me:/bin/sh\n";
        assert_eq!([0, 1000, 7, 4].map(|id| name_in(entries, id)), [Some("root"), Some("me"), None, None]);
    }
}
