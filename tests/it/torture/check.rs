//! What must be true once a batch is done, however it came about: bucket, catalog, disk and journal agree, and nothing is
//! left over anywhere.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

use super::batch::Batch;
use crate::support::postgres::texts;
use crate::support::rogue::BUCKET;

impl Batch {
    /// Everything is as it was asked for.
    pub async fn is_done(&self) {
        self.the_journal_says_so();
        self.objects_are_their_sources().await;
        self.downloads_are_their_objects();
        self.records_are_there_once().await;
        self.nothing_is_left_over().await;
    }

    fn the_journal_says_so(&self) {
        let transfers = self.transfers();
        let (done, other): (Vec<_>, Vec<_>) = transfers.iter().partition(|line| line["state"] == "done");
        let cancelled = other.iter().filter(|line| line["state"] == "cancelled").count();
        assert_eq!((done.len(), cancelled, other.len()), (self.transfers, self.cancelled, cancelled), "{other:#?}");
    }

    async fn objects_are_their_sources(&self) {
        let client = self.rogue.direct();
        for (key, path) in &self.sent {
            let mut body = client.get_object().bucket(BUCKET).key(key).send().await.unwrap().body;
            let mut source = std::fs::File::open(path).unwrap();
            let mut expected = Vec::new();
            while let Some(bytes) = body.next().await {
                let bytes = bytes.unwrap();
                expected.resize(bytes.len(), 0);
                source.read_exact(&mut expected).unwrap_or_else(|error| panic!("{key} is longer: {error}"));
                assert!(expected == bytes, "{key} is not what was sent");
            }
            assert_eq!(source.read(&mut [0]).unwrap(), 0, "{key} is shorter than its source");
        }
    }

    fn downloads_are_their_objects(&self) {
        for (key, bytes) in &self.fetched {
            assert!(self.home.read(Path::new("got").join(key)) == *bytes, "{key} did not arrive as it is");
        }
    }

    async fn records_are_there_once(&self) {
        let rows = texts(&self.url, "SELECT object_key, size_bytes::text FROM s3_files").await;
        let mut found = BTreeMap::new();
        for row in rows {
            let [key, size] = <[String; 2]>::try_from(row).unwrap();
            assert_eq!(found.insert(key.clone(), size), None, "{key} has two records");
        }
        let size = |path: &Path| std::fs::metadata(path).unwrap().len().to_string();
        let expected: BTreeMap<_, _> = self.sent.iter().map(|(key, path)| (key.clone(), size(path))).collect();
        assert_eq!(found, expected);
    }

    async fn nothing_is_left_over(&self) {
        let client = self.rogue.direct();
        let open = client.list_multipart_uploads().bucket(BUCKET).send().await.unwrap();
        assert!(open.uploads().is_empty(), "left in the bucket: {:?}", open.uploads());
        let listed = client.list_objects_v2().bucket(BUCKET).send().await.unwrap();
        let mut there: Vec<&str> = listed.contents().iter().map(|object| object.key().unwrap()).collect();
        let sent = self.sent.iter().map(|(key, _)| key.as_str());
        let mut expected: Vec<&str> = sent.chain(self.fetched.iter().map(|(key, _)| key.as_str())).collect();
        expected.sort_unstable();
        there.sort_unstable();
        assert_eq!(there, expected);
        assert_eq!(part_files(&self.home.here()), Vec::<String>::new());
    }
}

/// Unfinished downloads beneath a folder.
pub fn part_files(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_dir() {
            found.extend(part_files(&entry.path()));
        } else if entry.file_name().to_string_lossy().contains(".windlass-part") {
            found.push(entry.path().display().to_string());
        }
    }
    found
}
