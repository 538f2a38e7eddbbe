//! Uploadcare, as somebody meets it who followed the guide: the real program in a folder with the guide's `.env`, against a
//! project of the documented behaviour.

mod blind;
mod doctor;
mod errors;
mod fetched;
mod links;
mod listed;
mod parts;
mod screen;
mod twice;

use serde_json::Value;

use crate::guides::uploadcare::TABLE;
use crate::support::postgres::{Cluster, sql, texts};
use crate::support::program::{Ended, Home};
use crate::support::uploadcare::{Ask, Fault, Uploadcare};

/// A folder with the guide's `.env`, and the project that it names.
struct Project {
    home: Home,
    server: Uploadcare,
}

impl Project {
    /// With a secret key or without one; its records are in SQLite.
    async fn new(secret: bool) -> Self {
        let (home, server) = (Home::new(), Uploadcare::start().await);
        home.file(".env", server.env(secret));
        server.project().signed_only = secret;
        Self { home, server }
    }

    /// Runs a command that has to succeed; answers its lines of JSON.
    fn run(&self, arguments: &[&str]) -> Vec<Value> {
        let ended = self.try_run(arguments);
        assert_eq!(ended.code, 0, "{arguments:?}: {}{}", ended.out, ended.err);
        ended.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    fn try_run(&self, arguments: &[&str]) -> Ended {
        self.home.run(arguments.iter().copied().chain(["--json"]))
    }

    /// Uploads a file of these bytes; answers its id.
    fn upload(&self, name: &str, bytes: &[u8]) -> String {
        self.home.file(name, bytes);
        let lines = self.run(&["upload", name]);
        let last = lines.last().unwrap();
        assert_eq!(last["state"], "done", "{last}");
        last["key"].as_str().unwrap().to_owned()
    }

    /// Uploads `a.txt` and is killed at the first request that begins so, before it is answered; what follows is.
    async fn killed_at(&self, method: &'static str, path: &'static str) {
        self.home.file("a.txt", "text");
        let is_where = move |ask: &Ask| ask.method == method && ask.target.starts_with(path);
        self.server.faults(move |ask| is_where(ask).then_some(Fault::Hang));
        let running = self.home.start(["upload", "a.txt", "--json"]);
        self.server.has_asked(method, path, 1).await;
        running.signal("KILL");
        running.wait();
        self.server.faults(|_| None);
    }

    fn files(&self) -> usize {
        self.server.project().there().len()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_guides_env_and_its_table_are_all_that_is_needed() {
    let project = Project::new(true).await;
    let database = Cluster::shared().await.database("uploadcare_guide").await;
    sql(&database, TABLE).await;
    project.home.file(".env", format!("{}DATABASE_URL={database}\n", project.server.env(true)));
    project.run(&["catalog", "migrate"]);

    let id = project.upload("my-test-image.jpg", b"pixels");
    let (url, kept) = (format!("{}/cdn/{id}/", project.server.url), project.server.project().kept().len());
    assert_eq!(kept, 1, "it is kept for longer than a day");
    let rows = texts(&database, "SELECT file_id, file_url, user_id FROM uploadcare_files").await;
    assert_eq!(rows, [[id.clone(), url.clone(), "tester".into()]]);
    {
        let stored = project.server.project();
        let file = stored.there()[0];
        assert_eq!((&*file.name, &*file.mime, &*file.bytes), ("my-test-image.jpg", "image/jpeg", &b"pixels"[..]));
        assert_eq!(file.metadata.len(), 2, "{:?}", file.metadata);
    }
    let listed = project.run(&["ls"]);
    assert_eq!((listed.len(), &listed[0]["key"], &listed[0]["url"]), (1, &id.clone().into(), &url.clone().into()));
    let link = &project.run(&["link", &id])[0];
    assert_eq!((&link["url"], &link["kind"], &link["expires_at"]), (&url.into(), &"cdn".into(), &Value::Null));

    project.run(&["download", &id, "--to", "down"]);
    assert_eq!(project.home.read(format!("down/{id}")), b"pixels");
    project.run(&["rm", &id, "--yes"]);
    assert_eq!(project.files(), 0);
    assert!(texts(&database, "SELECT file_id FROM uploadcare_files").await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_secret_key_files_go_up_and_the_rest_is_refused_with_the_reason() {
    let project = Project::new(false).await;
    let id = project.upload("a.txt", b"text");
    assert_eq!(project.server.project().kept().len(), 1, "nobody could keep it later");
    assert_eq!(project.run(&["ls"])[0]["key"], id);
    for (arguments, reason) in [
        (&["ls", "--bucket"][..], "the profile has no secret_key"),
        (&["rm", &id, "--yes"], "the profile has no secret_key"),
        (&["upload", "a.txt", "--to", "pics"], "Uploadcare has no folders"),
        (&["upload", "a.txt", "--on-conflict", "overwrite"], "every upload to Uploadcare is a file of its own"),
        (&["upload", "a.txt", "--on-conflict", "skip"], "every upload to Uploadcare is a file of its own"),
        (&["link", "a.txt"], "files go by their ids here, which windlass ls shows"),
        (&["request", "a.txt", "--type", "text/plain"], "Uploadcare has no presigned PUT; its uploads are forms"),
        (&["link", &id, "--expires", "1h"], "links to Uploadcare's CDN do not expire"),
    ] {
        let ended = project.try_run(arguments);
        assert_ne!(ended.code, 0, "{arguments:?}");
        assert!(ended.err.contains(reason), "{arguments:?}: {}", ended.err);
    }
    assert_eq!(project.files(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_waits_until_uploadcare_has_finished_with_the_file() {
    let project = Project::new(true).await;
    project.server.project().looks_until_ready = 2;
    project.upload("a.txt", b"text");
    assert_eq!(project.server.count("GET", "/files/"), 3);
    assert_eq!(project.server.project().kept().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_goes_up_by_the_names_of_its_files_however_odd() {
    let project = Project::new(true).await;
    let names = ["a;b=c.txt", "grüße 🌊.txt", "one.txt", "two words.txt"];
    names.iter().for_each(|name| drop(project.home.file(&format!("site/deep/{name}"), name)));
    project.home.file("site/one.txt", "the other");
    assert_eq!(project.run(&["upload", "site"]).len(), 5);
    let mut stored: Vec<String> = project.server.project().kept().iter().map(|file| file.name.clone()).collect();
    stored.sort();
    let mut expected = [&names[..], &["one.txt"]].concat();
    expected.sort_unstable();
    assert_eq!(stored, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_from_standard_input_goes_up_under_its_name() {
    let project = Project::new(true).await;
    let (reader, mut writer) = std::io::pipe().unwrap();
    std::io::Write::write_all(&mut writer, b"piped").unwrap();
    drop(writer);
    let ended = project.home.start_fed(reader, ["upload", "-", "--key", "log.txt", "--json"]).wait();
    assert_eq!(ended.code, 0, "{}", ended.err);
    let stored = project.server.project();
    assert_eq!((&*stored.kept()[0].name, &*stored.kept()[0].bytes), ("log.txt", &b"piped"[..]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_standard_input_that_is_too_long_is_refused_before_a_byte_is_read_or_as_soon_as_it_shows() {
    let project = Project::new(true).await;
    let path = project.home.file("dump.sql", vec![7; 17 << 20]);
    let redirected = std::fs::File::open(&path).unwrap();
    let mut same = redirected.try_clone().unwrap();
    let ended = project.home.start_fed(redirected, ["upload", "-", "--key", "dump.sql", "--json"]).wait().with(1);
    let sentence = "standard input has 17.0 MiB, and less than 16.0 MiB of it can go up: Uploadcare has to know how large a \
                    large file is; name the file itself instead of -";
    assert_eq!(ended.sentence(), sentence);
    assert_eq!(std::io::Seek::stream_position(&mut same).unwrap(), 0, "nothing of it was read");
    assert!(project.run(&["transfers"]).is_empty());

    let (reader, mut writer) = std::io::pipe().unwrap();
    let writing = std::thread::spawn(move || std::io::Write::write_all(&mut writer, &vec![7; 17 << 20]));
    let ended = project.home.start_fed(reader, ["upload", "-", "--key", "dump.sql", "--json"]).wait().with(1);
    assert!(ended.err.contains("standard input goes up to 16.0 MiB here"), "{}", ended.err);
    assert!(ended.out.contains("the input is longer than the 16777216 bytes"), "{}", ended.out);
    assert!(writing.join().unwrap().is_err(), "the program stopped reading");
    assert_eq!(project.server.asked(), Vec::<String>::new());
}

/// The fake speaks as the real one was recorded to (`py_list_files_v07_trimmed`, `py_multipart_upload`; the latter from
/// before files had `content_info` and `metadata`).
#[tokio::test]
async fn the_fake_describes_files_with_the_recorded_fields() {
    let server = Uploadcare::start().await;
    let mut project = server.project();
    let file = project.add("u".into(), "WhatsApp Image 2023-06-26 at 8.56.32 AM.jpeg", "image/jpeg", "x".into(), true);
    let names = |value: Value| value.as_object().unwrap().keys().cloned().collect::<std::collections::BTreeSet<_>>();
    let recorded = "datetime_removed datetime_stored datetime_uploaded is_image is_ready mime_type original_file_url \
                    original_filename size url uuid variations content_info metadata";
    assert_eq!(names(file.described("")), recorded.split(' ').map(str::to_owned).collect());
    let url = file.described("")["original_file_url"].clone();
    assert_eq!(url, "https://ucarecdn.com/u/WhatsAppImage20230626at85632AM.jpeg");
    let recorded = "size total done uuid file_id original_filename is_image is_stored image_info video_info is_ready \
                    filename mime_type content_info metadata";
    assert_eq!(names(file.info()), recorded.split(' ').map(str::to_owned).collect());
}

/// The recordings hold other people's keys, redacted; only the public demo project's may be in here.
#[test]
fn no_key_but_the_demo_projects_is_in_the_sources() {
    let here = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders = vec![here.join("src/storage/uploadcare"), here.join("tests/it/support/uploadcare")];
    folders.push(here.join("tests/it/uploadcare"));
    let known = ["demopublickey", "anotherkey", "c8c237984266090ff9b8", "3e6ba70c0670de3bef7a", "823a5ae6eb3afa5b353f"];
    for folder in folders {
        for entry in folder.read_dir().unwrap() {
            let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
            let words = text.split(|c: char| !c.is_ascii_alphanumeric());
            // A public key is twenty hexadecimal digits.
            let keys = words.filter(|word| word.len() == 20 && word.bytes().all(|b| b.is_ascii_hexdigit()));
            assert!(keys.clone().all(|key| known.contains(&key)), "{:?}", keys.collect::<Vec<_>>());
        }
    }
}
