//! Homes whose records are in PostgreSQL or SQLite, many of them and without objects: for what the screen has the database do.

use std::future::Future;

use crate::catalog::both::{Database, on_both};
use crate::support::program::Home;
use crate::support::pty::Person;

/// A home with its table.
pub struct Table {
    home: Home,
    /// Where its records are.
    pub database: Database,
}

/// 25,000 records of one user, the newest first by number; a few of the oldest are rare, the largest and the only pictures.
const MANY: &str = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 25000) \
    INSERT INTO s3_files (object_key, file_url, user_id, upload_timestamp, size_bytes, content_type) \
    SELECT 'year' || (i % 5) || '/day' || (i % 3) || '/' || i || CASE WHEN i <= 3 THEN '-Rare.png' ELSE '.txt' END, '', 'me', TIME, \
        CASE WHEN i <= 3 THEN 90000000 + i ELSE 1000 END, CASE WHEN i <= 3 THEN 'image/png' ELSE 'text/plain' END FROM n";

impl Table {
    async fn new(database: Database) -> Self {
        let (home, url, time) = match &database {
            Database::Postgres(url) => (Home::new(), url.clone(), "to_timestamp(1700000000 + i)"),
            Database::Sqlite(folder) => {
                let path = folder.path().join("catalogs/c.sqlite");
                (Home::new(), format!("sqlite:{}", path.display()), "(1700000000 + i) * 1000000")
            }
        };
        home.configure(&format!(
            "default_profile = \"far\"\n[profiles.far]\nprovider = \"s3\"\nendpoint = \"http://127.0.0.1:9\"\nregion = \"r\"\n\
             access_key_id = \"id\"\nsecret_access_key = \"secret\"\nbucket = \"b\"\nuser_id = \"me\"\ndatabase_url = \"{url}\"\n"
        ));
        home.run(["catalog", "migrate"]).with(0);
        database.foreign(&MANY.replace("TIME", time)).await;
        if let Database::Postgres(_) = &database {
            database.foreign("ANALYZE s3_files").await;
        }
        Self { home, database }
    }

    /// The screen. Whoever has the table keeps its database, too.
    pub fn screen(&self, width: u16, height: u16) -> Person {
        self.home.screen(width, height)
    }
}

/// Tells the story with a table in each database.
pub async fn with_both<F: Future<Output = ()>>(story: impl Fn(Table) -> F) {
    on_both(|database| async { story(Table::new(database).await).await }).await;
}
