//! Several openings of one folder: they are one bucket, hand the link address on, and leave each other's files alone.

use windlass::storage::local::LocalBucket;

use super::{BUCKET, get, put};
use crate::support::bucket::{TestBucket, client};

#[tokio::test]
async fn two_openings_of_one_folder_are_one_bucket() {
    let first = TestBucket::start().await;
    let second = LocalBucket::open(&first.folder()).await.unwrap().serve_own().await.unwrap();
    assert_eq!(first.access().secret_access_key, second.access.secret_access_key);
    put(&first.client(), "shared", b"by the first").await;
    assert_eq!(get(&client(&second.access), "shared").await, b"by the first");
    put(&client(&second.access), "shared", b"by the second").await;
    assert_eq!(get(&first.client(), "shared").await, b"by the second");
}

#[tokio::test]
async fn many_may_open_a_new_folder_at_once() {
    let folder = tempfile::TempDir::new().unwrap();
    let path = folder.path().join("new");
    let opened = futures::future::join_all((0..8).map(|_| LocalBucket::open(&path))).await;
    let keys: Vec<_> = opened.into_iter().map(|bucket| bucket.unwrap().access("").secret_access_key).collect();
    assert!(keys.iter().all(|key| key == &keys[0]));
}

#[tokio::test]
async fn both_write_at_once_and_nothing_is_lost() {
    let first = TestBucket::start().await;
    let second = LocalBucket::open(&first.folder()).await.unwrap().serve_own().await.unwrap();
    let clients = [first.client(), client(&second.access)];
    let writes = (0..200).map(|n| {
        let client = &clients[n % 2];
        async move { put(client, &format!("{:03}", n / 4), n.to_string().as_bytes()).await }
    });
    futures::future::join_all(writes).await;
    let listed = clients[0].list_objects_v2().bucket(BUCKET).send().await.unwrap();
    assert_eq!(listed.key_count(), Some(50));
    for object in listed.contents() {
        get(&clients[1], object.key().unwrap()).await;
    }
}

#[tokio::test]
async fn links_point_to_the_one_that_holds_the_address_and_the_next_takes_over() {
    let first = TestBucket::start().await;
    let held = first.bucket.link_address().await.unwrap();
    assert!(held.held);
    let second = LocalBucket::open(&first.folder()).await.unwrap().serve_own().await.unwrap();
    assert_eq!(second.link_address().await.unwrap(), held);
    put(&first.client(), "linked", b"there").await;
    let (bucket, served, folder) = first.apart();
    served.shutdown().await;
    drop(bucket);
    let mut access = second.access.clone();
    access.endpoint = held.endpoint;
    while client(&access).head_bucket().bucket(BUCKET).send().await.is_err() {
        tokio::task::yield_now().await;
    }
    assert_eq!(get(&client(&access), "linked").await, b"there");
    drop(folder);
}

#[tokio::test]
async fn links_point_to_local_serve_while_it_runs() {
    let first = TestBucket::start().await;
    let remembered = first.served.link_address().await.unwrap();
    let other = LocalBucket::open(&first.folder()).await.unwrap();
    let serving = other.serve_at(Some("127.0.0.1:0".parse().unwrap())).await.unwrap();
    let pointed = first.served.link_address().await.unwrap();
    assert_eq!((pointed.endpoint.as_str(), pointed.held), (serving.access.endpoint.as_str(), true));
    serving.shutdown().await;
    assert_eq!(first.served.link_address().await.unwrap(), remembered);
}

#[tokio::test]
async fn an_address_in_use_is_named() {
    let bucket = TestBucket::start().await;
    let taken = bucket.access().endpoint.strip_prefix("http://").unwrap().parse().unwrap();
    let failure = bucket.bucket.serve_at(Some(taken)).await.unwrap_err();
    assert!(failure.sentence().starts_with(&format!("cannot listen at {taken}: address already in use")), "{failure}");
}

#[tokio::test]
async fn a_private_serving_leaves_the_link_address_alone() {
    let folder = tempfile::TempDir::new().unwrap();
    let bucket = LocalBucket::open(folder.path()).await.unwrap();
    let served = bucket.serve_private().await.unwrap();
    assert!(!served.link_address().await.unwrap().held);
    put(&client(&served.access), "k", b"v").await;
}

#[tokio::test]
async fn the_folder_is_private() {
    use std::os::unix::fs::PermissionsExt;
    let bucket = TestBucket::start().await;
    put(&bucket.client(), "k", b"v").await;
    let mut folders = vec![bucket.folder()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let Ok(facts) = path.metadata() else { continue };
            assert_eq!(facts.permissions().mode() & 0o077, 0, "{}", path.display());
            if facts.is_dir() {
                folders.push(path);
            }
        }
    }
}

#[tokio::test]
async fn serving_at_the_remembered_address_does_not_move_it() {
    let folder = tempfile::TempDir::new().unwrap();
    let bucket = LocalBucket::open(folder.path()).await.unwrap();
    let remembered = bucket.link_address().await.unwrap().endpoint;
    let port = remembered.rsplit(':').next().unwrap();
    for host in ["127.0.0.1", "0.0.0.0"] {
        let served = bucket.serve_at(Some(format!("{host}:{port}").parse().unwrap())).await.unwrap();
        assert_eq!(served.access.endpoint, remembered);
        served.shutdown().await;
        assert_eq!(bucket.link_address().await.unwrap().endpoint, remembered);
    }
}

#[tokio::test]
async fn a_stop_lets_what_is_being_answered_end() {
    let bucket = TestBucket::start().await;
    let client = bucket.client();
    put(&client, "long", &vec![5; 20_000_000]).await;
    let got = client.get_object().bucket(BUCKET).key("long").send().await.unwrap();
    let (_bucket, served, _folder) = bucket.apart();
    let (body, ()) = tokio::join!(got.body.collect(), served.shutdown());
    assert_eq!(body.unwrap().to_vec().len(), 20_000_000);
    assert!(client.head_bucket().bucket(BUCKET).send().await.is_err());
}
