//! What is particular to SQLite catalogs: they make themselves, are private, and are shared.

use std::os::unix::fs::PermissionsExt;

use windlass::catalog::Catalog;
use windlass::domain::Provider;

use super::{all, new, pages_of, sqlite};

#[tokio::test]
async fn the_first_use_makes_a_private_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data/catalogs/c.sqlite");
    let catalog = sqlite(Provider::Local, &path);
    assert!(!path.exists());
    assert_eq!(catalog.page(&pages_of(5)).await.unwrap().records, []);
    catalog.record(&[new("k", 1)]).await.unwrap();
    for name in ["c.sqlite", "c.sqlite-wal", "c.sqlite-shm"] {
        let rights = std::fs::metadata(path.with_file_name(name)).unwrap().permissions().mode();
        assert_eq!(rights & 0o077, 0, "{name}");
    }
    assert_eq!(all(&sqlite(Provider::Local, &path), pages_of(5)).await.len(), 1);
}
