//! From the start of the process to its first frame, while everything behind it is silent.

use std::time::Instant;

use super::keys::press_and_watch;
use super::support::peers;
use super::support::program::Home;
use super::support::pty::Person;
use super::support::report::{self, Bound};

/// How often the program is started.
const STARTS: usize = 40;

/// Opens the screen with a bucket and a database that accept connections and never answer, then moves the cursor.
pub fn silent_network() {
    let home = Home::new();
    for number in 0..60 {
        home.file(&super::support::fill::file_name(number), "");
    }
    home.configure(&format!(
        "default_profile = \"bench\"\n[profiles.bench]\nprovider = \"s3\"\nendpoint = \"http://127.0.0.1:{}\"\n\
         region = \"us-east-1\"\naccess_key_id = \"key\"\nsecret_access_key = \"secret\"\nbucket = \"bucket\"\n\
         path_style = true\ndatabase_url = \"postgres://user:secret@127.0.0.1:{}/app\"\n",
        peers::silent(),
        peers::silent(),
    ));
    let (mut first, mut rows, mut keys) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..STARTS {
        let (mut person, started) = open(&home);
        first.push(person.frame(0) - started);
        person.sees("file-00000001");
        rows.push(started.elapsed());
        keys.extend((1..=5).map(|number| press_and_watch(&mut person, "j", number)));
        person.press("q").ended();
    }
    report::times("start to first frame, bucket and database silent", Bound::P95(20.0), first);
    report::times("start to 60 local rows, bucket and database silent", Bound::None, rows);
    report::times("key j to cursor moved, bucket and database silent", Bound::P95(2.0), keys);
}

/// Opens the screen; answers when that began.
pub fn open(home: &Home) -> (Person, Instant) {
    let started = Instant::now();
    (home.screen(120, 36), started)
}
