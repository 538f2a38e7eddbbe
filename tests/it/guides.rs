//! The guides' developers: a folder with nothing but the `.env` of one guide and a database made by its SQL, where the
//! commands of README's section about that provider are run as they are written there. Only the endpoint is another one,
//! by `WINDLASS_ENDPOINT`: a bucket that another process serves.

pub mod uploadcare;

use std::path::Path;

use serde_json::Value;

use crate::support::far::Far;
use crate::support::postgres::{Cluster, sql, texts};
use crate::support::program::{Ended, Home};

/// One guide: what README calls it, and what its developer has.
struct Guide {
    /// README's heading.
    heading: &'static str,
    /// The database, named after it.
    database: &'static str,
    /// The profile that the `.env` makes, and its table.
    profile: &'static str,
    table: &'static str,
    /// The type of `file_url`, where the guide has SQL for the table.
    file_url: Option<&'static str>,
    urls: Urls,
}

/// What URLs of files begin with.
enum Urls {
    /// This.
    Base(&'static str),
    /// Endpoint and bucket.
    Endpoint,
    /// There are none, which R2's guide writes in words.
    None,
    /// There are none, which B2's guide leaves out: the bucket is private.
    Private,
}

const R2: Guide = Guide {
    heading: "### Cloudflare R2",
    database: "guide_r2",
    profile: "r2",
    table: "r2_files",
    file_url: Some("TEXT NOT NULL"),
    urls: Urls::Base("https://pub-0123.r2.dev"),
};

const B2: Guide = Guide {
    heading: "### Backblaze B2",
    database: "guide_b2",
    profile: "b2",
    table: "b2_files",
    file_url: Some("TEXT"),
    urls: Urls::Private,
};

const S3: Guide = Guide {
    heading: "### AWS S3",
    database: "guide_s3",
    profile: "s3",
    table: "s3_files",
    file_url: Some("TEXT NOT NULL"),
    urls: Urls::Endpoint,
};

const S3_OR_R2: Guide = Guide {
    heading: "### S3 or R2 with the same code",
    database: "guide_s3_or_r2",
    profile: "r2",
    table: "r2_files",
    file_url: None,
    urls: Urls::None,
};

/// A folder of that guide's, and what runs there.
struct Project {
    home: Home,
    far: Far,
    database: String,
}

impl Project {
    async fn of(guide: &Guide, env: &str) -> Self {
        let (home, far) = (Home::new(), Far::new());
        let database = Cluster::shared().await.database(guide.database).await;
        if let Some(file_url) = guide.file_url {
            let table = guide.table;
            let create = format!(
                "CREATE TABLE IF NOT EXISTS {table} (id SERIAL PRIMARY KEY, object_key TEXT NOT NULL UNIQUE,
                 file_url {file_url}, user_id TEXT NOT NULL, upload_timestamp TIMESTAMPTZ DEFAULT NOW())"
            );
            sql(&database, &create).await;
        }
        let env = ["access_key_id", "secret_access_key", "bucket"]
            .iter()
            .fold(env.to_owned(), |env, field| env.replace(&format!("<{field}>"), far.text(field)));
        home.file(".env", format!("{env}\n# Neon Connection String\nDATABASE_URL={database}\n"));
        Self { home, far, database }
    }

    /// Runs a line as a person types it.
    fn shell(&self, line: &str) -> Ended {
        let program = Path::new(env!("CARGO_BIN_EXE_windlass")).parent().unwrap();
        let path = format!("export PATH='{}:/usr/local/bin:/usr/bin:/bin'", program.display());
        let line = format!("{path} WINDLASS_ENDPOINT='{}'; {line}", self.far.text("endpoint"));
        self.home.start_by("sh", ["-c", &line]).wait()
    }

    /// Runs README's lines, one after the other; answers the key of the upload that somebody else was asked for.
    fn follow(&self, lines: &[String]) -> String {
        self.home.file("photo.png", "a photo");
        self.home.file("scan.png", "a scan");
        let (mut key, mut curl) = (String::new(), String::new());
        for line in lines {
            let line = if line.starts_with("curl ") { curl.clone() } else { line.replace("KEY", &key) };
            let ended = self.shell(&line);
            assert_eq!(ended.code, 0, "{line}\n{}{}", ended.out, ended.err);
            if line.starts_with("windlass request") {
                let said = |name: &str| ended.out.lines().find_map(|line| line.strip_prefix(name)).unwrap().trim();
                key = said("key ").to_owned();
                curl = format!("curl {}", said("curl "));
            }
        }
        key
    }
}

/// The lines of the first block of shell commands below a heading of README, without their remarks.
pub fn lines_below(heading: &str) -> Vec<String> {
    let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap();
    let section = readme.split(&format!("\n{heading}\n")).nth(1).unwrap_or_else(|| panic!("README has no {heading}"));
    let block = section.split("```sh\n").nth(1).unwrap().split("```").next().unwrap();
    block.lines().map(|line| line.split(" #").next().unwrap().trim().to_owned()).collect()
}

async fn story(guide: &Guide, env: &str) {
    let lines = lines_below(guide.heading);
    for needed in ["catalog migrate", "ls", "upload", "link", "request", "record", "rm"] {
        assert!(
            lines.iter().any(|line| line.starts_with(&format!("windlass {needed}"))),
            "{}: {needed}",
            guide.heading
        );
    }
    let project = Project::of(guide, env).await;
    let profiles = project.shell("windlass profiles --json").with(0).json();
    let made = profiles.iter().find(|profile| profile["name"] == guide.profile).unwrap();
    assert_eq!(made["problem"], Value::Null);
    assert!(made["source"].as_str().unwrap().ends_with("/.env"), "{made}");

    let key = project.follow(&lines);
    let rows = texts(&project.database, &format!("SELECT object_key, file_url, user_id FROM {}", guide.table)).await;
    let endpoint = format!("{}/{}", project.far.text("endpoint"), project.far.text("bucket"));
    let url = match guide.urls {
        Urls::Base(base) => format!("{base}/{key}"),
        Urls::Endpoint => format!("{endpoint}/{key}"),
        Urls::None => "URL not available".into(),
        Urls::Private => "NULL".into(),
    };
    assert_eq!(rows, [[key.as_str(), &url, "tester"]], "the upload that was asked for; the other one was deleted");
    let listed = project.shell("windlass ls --bucket --json").with(0).json();
    assert_eq!(listed.iter().map(|row| &row["key"]).collect::<Vec<_>>(), [key.as_str()]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_folder_of_the_r2_guide_is_at_work_at_once() {
    let env = "R2_ACCOUNT_ID=0123456789abcdef0123456789abcdef\nR2_ACCESS_KEY_ID=<access_key_id>\n\
               R2_SECRET_ACCESS_KEY=<secret_access_key>\nR2_BUCKET_NAME=<bucket> # my-neon-app-files\n\
               R2_PUBLIC_BASE_URL=https://pub-0123.r2.dev # Your R2 bucket public URL\n";
    story(&R2, env).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_folder_of_the_b2_guide_is_at_work_at_once() {
    let env = "B2_APPLICATION_KEY_ID=<access_key_id>\nB2_APPLICATION_KEY=<secret_access_key>\n\
               B2_BUCKET_NAME=<bucket>\nB2_ENDPOINT_URL=https://s3.us-west-004.backblazeb2.com\n";
    story(&B2, env).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_folder_of_the_s3_guide_is_at_work_at_once() {
    let env = "AWS_ACCESS_KEY_ID=<access_key_id>\nAWS_SECRET_ACCESS_KEY=<secret_access_key>\n\
               AWS_REGION=us-east-1 # e.g., us-east-1\nS3_BUCKET_NAME=<bucket>\n";
    story(&S3, env).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_folder_of_the_s3_or_r2_tutorial_is_at_work_at_once() {
    let env = "S3_ACCESS_KEY_ID=<access_key_id>\nS3_SECRET_ACCESS_KEY=<secret_access_key>\nS3_BUCKET=<bucket>\n\
               S3_REGION=auto                                  # R2 uses \"auto\"; S3 uses e.g. \"us-east-1\"\n\
               S3_ENDPOINT=https://0123456789abcdef0123456789abcdef.r2.cloudflarestorage.com  # R2 only; omit for S3\n";
    story(&S3_OR_R2, env).await;
}
