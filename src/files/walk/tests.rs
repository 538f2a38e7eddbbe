//! Walks through real folders: what is found, what is named because it cannot be sent, and that huge and deep trees are
//! walked to their end. Links, sockets and names that are no text are made for it.

use super::*;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;

/// Everything that a walk finds.
#[derive(Default)]
struct All {
    files: Vec<String>,
    empty: Vec<String>,
    failures: Vec<String>,
    batches: usize,
}

async fn all(path: &Path, symlinks: Symlinks) -> All {
    let mut walk = Walk::through(vec![path.to_owned()], symlinks);
    let mut all = All::default();
    while let Some(batch) = walk.next().await {
        assert!((1..=BATCH).contains(&batch.len()));
        all.files.extend(batch.files.into_iter().map(|file| file.name));
        all.empty.extend(batch.empty_folders.into_iter().map(|folder| folder.name));
        all.failures.extend(batch.failures.iter().map(Failure::sentence));
        all.batches += 1;
    }
    all
}

fn tree() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("a/b")).unwrap();
    fs::write(folder.path().join("a/b/deep.txt"), "x").unwrap();
    fs::write(folder.path().join("top.txt"), "x").unwrap();
    symlink("top.txt", folder.path().join("link.txt")).unwrap();
    folder
}

#[tokio::test]
async fn a_folder_gives_its_files_with_their_paths_from_there() {
    let folder = tree();
    let found = all(folder.path(), Symlinks::Follow).await;
    assert_eq!(found.files, ["a/b/deep.txt", "link.txt", "top.txt"]);
    assert!(found.failures.is_empty() && found.empty.is_empty(), "{:?}", found.failures);
}

#[tokio::test]
async fn a_file_gives_itself() {
    let folder = tree();
    assert_eq!(all(&folder.path().join("a/b/deep.txt"), Symlinks::Follow).await.files, ["deep.txt"]);
}

#[tokio::test]
async fn an_unfinished_download_is_not_sent_unless_it_is_named() {
    let folder = tree();
    let part = folder.path().join("a/film.mp4.windlass-part");
    fs::write(&part, "x").unwrap();
    let found = all(folder.path(), Symlinks::Follow).await;
    assert_eq!(found.files, ["a/b/deep.txt", "link.txt", "top.txt"]);
    assert!(found.failures[0].contains("film.mp4.windlass-part is an unfinished download"), "{:?}", found.failures);
    assert_eq!(all(&part, Symlinks::Follow).await.files, ["film.mp4.windlass-part"]);
}

#[tokio::test]
async fn links_are_left_out_or_refused_as_set() {
    let folder = tree();
    assert_eq!(all(folder.path(), Symlinks::Skip).await.files, ["a/b/deep.txt", "top.txt"]);
    let found = all(folder.path(), Symlinks::Refuse).await;
    assert_eq!(found.files, ["a/b/deep.txt", "top.txt"]);
    assert!(found.failures[0].contains("link.txt is a symbolic link"), "{:?}", found.failures);
}

#[tokio::test]
async fn a_link_to_a_folder_above_is_noticed() {
    let folder = tree();
    symlink("..", folder.path().join("a/up")).unwrap();
    symlink("own", folder.path().join("own")).unwrap();
    let found = all(folder.path(), Symlinks::Follow).await;
    assert_eq!(found.files, ["a/b/deep.txt", "link.txt", "top.txt"]);
    assert!(found.failures[0].contains("a/up leads back"), "{:?}", found.failures);
    assert!(found.failures[1].contains("cannot follow the link"), "{:?}", found.failures);
}

#[tokio::test]
async fn a_link_that_is_named_and_leads_above_itself_is_noticed_too() {
    let folder = tree();
    symlink(".", folder.path().join("loop")).unwrap();
    symlink("..", folder.path().join("a/up")).unwrap();
    symlink("a", folder.path().join("beside")).unwrap();
    for name in ["loop", "loop/", "a/up"] {
        let found = all(&folder.path().join(name), Symlinks::Follow).await;
        assert_eq!((found.files, found.empty), (Vec::<String>::new(), Vec::new()), "{name}");
        assert!(found.failures[0].contains("leads back to a folder above it"), "{name}: {:?}", found.failures);
    }
    // What leads beside the folder in which it is named so leads nowhere above where it lies.
    symlink("b", folder.path().join("a/current")).unwrap();
    assert_eq!(all(&folder.path().join("a/b/../current"), Symlinks::Follow).await.files, ["deep.txt"]);
    let through = folder.path().join("beside/up");
    assert!(all(&through, Symlinks::Follow).await.failures[0].contains("leads back to a folder above it"));
    assert_eq!(all(&folder.path().join("beside/b"), Symlinks::Follow).await.files, ["deep.txt"]);
    assert_eq!(all(&folder.path().join("loop/a/b"), Symlinks::Follow).await.files, ["deep.txt"]);
}

#[tokio::test]
async fn a_folder_that_two_links_lead_to_is_no_loop() {
    let folder = tree();
    symlink("a", folder.path().join("c")).unwrap();
    let found = all(folder.path(), Symlinks::Follow).await;
    assert_eq!(found.files, ["a/b/deep.txt", "c/b/deep.txt", "link.txt", "top.txt"]);
    assert!(found.failures.is_empty(), "{:?}", found.failures);
}

#[tokio::test]
async fn empty_folders_are_named_and_folders_of_left_out_links_with_them() {
    let folder = tree();
    fs::create_dir_all(folder.path().join("e/inner")).unwrap();
    fs::create_dir(folder.path().join("links")).unwrap();
    symlink("../top.txt", folder.path().join("links/one")).unwrap();
    assert_eq!(all(folder.path(), Symlinks::Follow).await.empty, ["e/inner"]);
    assert_eq!(all(folder.path(), Symlinks::Skip).await.empty, ["e/inner", "links"]);
    assert_eq!(all(&folder.path().join("e/inner"), Symlinks::Skip).await.empty, [""]);
    let refused = all(folder.path(), Symlinks::Refuse).await;
    assert_eq!(refused.empty, ["e/inner"], "the link was told of: its folder is not empty");
}

#[tokio::test]
async fn names_that_are_no_text_and_special_files_are_named_and_the_rest_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(std::ffi::OsStr::from_bytes(b"a\xff")), "x").unwrap();
    fs::write(folder.path().join("b"), "x").unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(folder.path().join("c")).unwrap();
    let found = all(folder.path(), Symlinks::Follow).await;
    assert_eq!(found.files, ["b"]);
    assert!(found.failures[0].contains("a\\xFF"), "{:?}", found.failures);
    assert!(found.failures[1].ends_with("c is no regular file"), "{:?}", found.failures);
}

#[tokio::test]
async fn a_path_that_is_not_there_is_named() {
    let found = all(Path::new("/nowhere/at all"), Symlinks::Follow).await;
    assert_eq!(found.failures, ["cannot read /nowhere/at all: no such file or directory"]);
}

#[tokio::test]
async fn a_folder_of_more_names_than_are_held_at_once_gives_each_once() {
    let folder = tempfile::tempdir().unwrap();
    for number in 0..NAMES + 7 {
        fs::write(folder.path().join(format!("{number:06}")), "").unwrap();
    }
    let mut found = all(folder.path(), Symlinks::Follow).await;
    assert!(found.files[..NAMES].is_sorted() && found.files[NAMES..].is_sorted());
    found.files.sort_unstable();
    found.files.dedup();
    assert_eq!(found.files.len(), NAMES + 7);
    assert!(found.batches > NAMES / BATCH, "{}", found.batches);
}

#[tokio::test]
async fn a_very_deep_tree_is_walked_to_its_end() {
    let folder = tempfile::tempdir().unwrap();
    let mut deep = folder.path().to_owned();
    while deep.as_os_str().len() < 2_000 {
        deep.push("d");
    }
    fs::create_dir_all(&deep).unwrap();
    fs::write(deep.join("f"), "x").unwrap();
    let found = all(folder.path(), Symlinks::Follow).await;
    assert!(found.files.len() == 1 && found.files[0].ends_with("d/d/f"), "{:?}", found.failures);
}

#[tokio::test]
async fn a_walk_that_nobody_follows_ends() {
    let folder = tempfile::tempdir().unwrap();
    for number in 0..BATCH * (AHEAD + 2) {
        fs::write(folder.path().join(number.to_string()), "").unwrap();
    }
    let mut walk = Walk::through(vec![folder.path().to_owned()], Symlinks::Follow);
    assert!(walk.next().await.is_some());
    let walking = walk.walking.take().unwrap();
    drop(walk);
    walking.await.unwrap();
}
