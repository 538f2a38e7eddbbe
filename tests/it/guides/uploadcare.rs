//! The developer of the Uploadcare guide: the `.env` of its Python or its JavaScript, which has no secret key, and a database
//! made by its SQL. Only the hosts are others, by the environment: a project of the documented behaviour.

use super::lines_below;
use crate::support::postgres::{Cluster, sql, texts};
use crate::support::program::{Ended, Home};
use crate::support::uploadcare::{PUBLIC_KEY, SECRET_KEY, Uploadcare};

/// The guide's own table (`guides/uploadcare.md`).
pub const TABLE: &str = "CREATE TABLE IF NOT EXISTS uploadcare_files (
    id SERIAL PRIMARY KEY,
    file_id TEXT NOT NULL UNIQUE,
    file_url TEXT NOT NULL,
    user_id TEXT NOT NULL,
    upload_timestamp TIMESTAMPTZ DEFAULT NOW()
);";

/// What the guide's app does with every file.
const INSERT: &str = "INSERT INTO uploadcare_files (file_id, file_url, user_id) VALUES";

/// The guide's folder, and what runs there.
struct Folder {
    home: Home,
    server: Uploadcare,
    database: String,
}

impl Folder {
    async fn of(database: &str, secret: bool) -> Self {
        let (home, server) = (Home::new(), Uploadcare::start().await);
        let database = Cluster::shared().await.database(database).await;
        sql(&database, TABLE).await;
        let secret_key = if secret { format!("UPLOADCARE_SECRET_KEY={SECRET_KEY}\n") } else { String::new() };
        home.file(".env", format!("UPLOADCARE_PUBLIC_KEY={PUBLIC_KEY}\n{secret_key}DATABASE_URL={database}\n"));
        home.file("my-test-image.jpg", "pixels");
        {
            let mut project = server.project();
            project.signed_only = secret;
            project.web.insert("https://example.org/photo.jpg".into(), b"photo"[..].into());
        }
        Self { home, server, database }
    }

    /// Runs a line as a person types it.
    fn shell(&self, line: &str) -> Ended {
        let program = std::path::Path::new(env!("CARGO_BIN_EXE_windlass")).parent().unwrap();
        let (path, url) = (program.display(), &self.server.url);
        let exported = format!("PATH='{path}:/usr/bin:/bin' WINDLASS_UPLOAD_BASE={url} WINDLASS_API_BASE={url}");
        let line = format!("export {exported} WINDLASS_CDN_BASE={url}/cdn; {line}");
        self.home.start_by("sh", ["-c", &line]).wait()
    }

    /// Runs README's lines one after the other, with the id that the upload has printed; answers it, and the lines that were
    /// refused with the sentence.
    fn follow(&self, lines: &[String]) -> (String, Vec<(String, String)>) {
        let (mut id, mut refused) = (String::new(), Vec::new());
        for line in lines {
            let ended = self.shell(&line.replace("ID", &id));
            if ended.code != 0 {
                refused.push((line.clone(), ended.sentence().to_owned()));
            }
            if let Some((_, uploaded)) = ended.out.split_once("my-test-image.jpg as ") {
                id = uploaded.split(',').next().unwrap().to_owned();
            }
        }
        (id, refused)
    }

    /// A file and its row, as the guide's app makes them.
    async fn app_uploads(&self, name: &str) -> String {
        let id = uuid::Uuid::new_v4().to_string();
        self.server.project().add(id.clone(), name, "text/plain", b"of the app"[..].into(), true);
        sql(&self.database, &format!("{INSERT} ('{id}', '{}/cdn/{id}/', 'user_123')", self.server.url)).await;
        id
    }

    async fn recorded(&self) -> Vec<Vec<String>> {
        texts(&self.database, "SELECT file_id, file_url, user_id FROM uploadcare_files ORDER BY id").await
    }

    fn row(&self, id: &str, user: &str) -> Vec<String> {
        vec![id.to_owned(), format!("{}/cdn/{id}/", self.server.url), user.to_owned()]
    }
}

fn readme() -> Vec<String> {
    let lines = lines_below("### Uploadcare");
    for needed in ["catalog migrate", "ls", "upload", "link", "upload https://", "record", "rm"] {
        assert!(lines.iter().any(|line| line.starts_with(&format!("windlass {needed}"))), "{needed}");
    }
    lines
}

#[tokio::test(flavor = "multi_thread")]
async fn the_folder_of_the_uploadcare_guide_is_at_work_at_once() {
    let folder = Folder::of("guide_uploadcare", true).await;
    let app = folder.app_uploads("app.txt").await;
    let profiles = folder.shell("windlass profiles --json").with(0).json();
    assert_eq!((&profiles[0]["name"], &profiles[0]["problem"]), (&"uploadcare".into(), &serde_json::Value::Null));

    let (id, refused) = folder.follow(&readme());
    assert_eq!(refused, [], "every line of README works");
    assert_eq!(folder.home.read(format!("pics/{id}")), b"pixels");
    let fetched = {
        let project = folder.server.project();
        let kept: Vec<_> = project.kept().iter().map(|file| (file.name.clone(), file.uuid.clone())).collect();
        assert_eq!(kept.iter().map(|file| &*file.0).collect::<Vec<_>>(), ["app.txt", "photo.jpg"]);
        kept[1].1.clone()
    };
    assert_eq!(folder.recorded().await, [folder.row(&app, "user_123"), folder.row(&fetched, "tester")]);

    // The app's own way goes on beside it, before and after the table was migrated.
    let second = folder.app_uploads("second.txt").await;
    let listed = folder.shell("windlass ls --json").with(0).json();
    let keys: Vec<&str> = listed.iter().map(|row| row["key"].as_str().unwrap()).collect();
    assert_eq!(keys, [&*second, &fetched, &app]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_program_has_put_up_is_recorded_and_a_request_is_refused_with_the_reason() {
    let folder = Folder::of("guide_uploadcare_record", true).await;
    folder.shell("windlass catalog migrate").with(0);
    let id = uuid::Uuid::new_v4().to_string();
    folder.server.project().add(id.clone(), "a.png", "image/png", b"pixels"[..].into(), false);
    let recorded = folder.shell(&format!("windlass record {id} --json")).with(0).json().remove(0);
    assert_eq!((&recorded["success"], &recorded["objectKey"]), (&true.into(), &id.clone().into()));
    assert_eq!(folder.recorded().await, [folder.row(&id, "tester")]);
    assert_eq!(folder.server.project().kept().len(), 1, "what has a record is kept");
    let missing = folder.shell(&format!("windlass record {}", uuid::Uuid::new_v4()));
    assert!(missing.code == 1 && missing.err.contains("there is no object"), "{}", missing.err);
    let request = folder.shell("windlass request a.png --type image/png");
    assert_ne!(request.code, 0);
    assert!(request.err.contains("Uploadcare has no presigned PUT"), "{}", request.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_env_of_the_guides_javascript_has_no_secret_key_and_all_but_deleting_works() {
    let folder = Folder::of("guide_uploadcare_js", false).await;
    let app = folder.app_uploads("app.txt").await;
    let (id, refused) = folder.follow(&readme());
    let reason = "the profile has no secret_key (UPLOADCARE_SECRET_KEY)".to_owned();
    assert_eq!(refused, [("windlass rm ID --yes".to_owned(), reason)]);
    let ids: Vec<String> = folder.server.project().kept().iter().map(|file| file.uuid.clone()).collect();
    assert_eq!((ids.len(), &ids[0], &ids[1]), (3, &app, &id));
    let rows = [folder.row(&app, "user_123"), folder.row(&id, "tester"), folder.row(&ids[2], "tester")];
    assert_eq!(folder.recorded().await, rows);
}
