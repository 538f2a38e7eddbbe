//! What is written is read back, what somebody writes is left alone, and nothing stays that nobody keeps.

use super::*;
use std::os::unix::fs::PermissionsExt;

fn part(folder: &tempfile::TempDir) -> PartFile {
    PartFile::make(&folder.path().join("new/f.windlass-part")).unwrap()
}

#[test]
fn long_names_lose_their_end_to_the_suffix() {
    let part = path_of(Path::new(&format!("/a/{}", "x".repeat(255))));
    assert_eq!(part.file_name().unwrap().len(), 255);
    assert!(part.to_str().unwrap().ends_with("x.windlass-part"));
}

#[test]
fn a_folder_that_has_gone_is_this_disks_trouble_and_no_object_that_is_not_there() {
    let folder = tempfile::tempdir().unwrap();
    let open = File::open(folder.path()).unwrap();
    std::fs::remove_dir(folder.path()).unwrap();
    let gone = PathBuf::from(format!("/proc/self/fd/{}", std::os::fd::AsRawFd::as_raw_fd(&open)));
    for name in ["f", "new/f"] {
        let failure = PartFile::make(&path_of(&gone.join(name))).unwrap_err();
        assert_eq!(failure.kind, FailureKind::Local, "{failure}");
    }
}

#[test]
fn pieces_land_where_they_belong_and_are_read_back() {
    let folder = tempfile::tempdir().unwrap();
    let part = part(&folder);
    part.write(4, &[Bytes::from_static(b"45"), Bytes::new(), Bytes::from_static(b"6789")]).unwrap();
    part.write(0, &[Bytes::from_static(b"0123")]).unwrap();
    assert_eq!(std::fs::read(part.path()).unwrap(), b"0123456789");
    assert_eq!(part.checksum(4, 3).unwrap(), Some(proof::crc64nvme(b"456")));
    assert_eq!(part.checksum(8, 3).unwrap(), None);
    assert_eq!(part.md5(10).unwrap(), Some(proof::md5_checksum_of(b"0123456789")));
}

#[test]
fn more_pieces_than_one_call_takes_are_written_too() {
    let folder = tempfile::tempdir().unwrap();
    let part = part(&folder);
    let pieces: Vec<Bytes> = (0..3000_u32).map(|number| Bytes::from(number.to_be_bytes().to_vec())).collect();
    part.write(0, &pieces).unwrap();
    assert_eq!(std::fs::read(part.path()).unwrap(), pieces.concat());
}

#[test]
fn one_that_is_being_written_is_left_alone_and_another_s_gives_way() {
    let folder = tempfile::tempdir().unwrap();
    let first = part(&folder);
    let path = first.path().to_path_buf();
    assert_eq!(PartFile::make(&path).unwrap_err().kind, FailureKind::Busy);
    let facts = first.facts().clone();
    first.keep();
    drop(first);
    assert!(PartFile::known(&path, &facts).unwrap().is_some());
    let second = PartFile::make(&path).unwrap();
    assert_ne!(*second.facts(), facts);
    drop(second);
    assert!(PartFile::known(&path, &facts).unwrap().is_none());
}

#[test]
fn a_new_one_that_nobody_keeps_goes_with_its_last_holder() {
    let folder = tempfile::tempdir().unwrap();
    let dropped = part(&folder);
    let (path, clone) = (dropped.path().to_path_buf(), dropped.clone());
    drop(dropped);
    assert!(path.exists());
    drop(clone);
    assert!(!path.exists());
    let kept = part(&folder);
    let facts = kept.facts().clone();
    kept.keep();
    drop(kept);
    drop(PartFile::known(&path, &facts).unwrap().unwrap());
    assert!(path.exists(), "one that is opened again was kept before");
}

#[test]
fn what_was_made_later_and_is_not_written_is_told_from_what_was_there() {
    let folder = tempfile::tempdir().unwrap();
    let part = part(&folder);
    let (path, made) = (part.path().to_path_buf(), part.facts().modified.unwrap());
    part.keep();
    assert!(PartFile::made_since(&path, made).is_none(), "it is being written");
    drop(part);
    assert!(PartFile::made_since(&path, made).is_some());
    assert!(PartFile::made_since(&path, made + chrono::TimeDelta::microseconds(1)).is_none());
}

#[test]
fn a_full_disk_says_so() {
    let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
    let facts = SourceFacts::identity_of(&full.metadata().unwrap());
    let part = PartFile(Arc::new(Open { file: full, path: "/dev/full".into(), facts, kept: true.into() }));
    assert_eq!(part.write(0, &[Bytes::from_static(b"x")]).unwrap_err().kind, FailureKind::DiskFull);
}

#[test]
fn a_new_file_is_not_writable_for_others() {
    let folder = tempfile::tempdir().unwrap();
    let mode = part(&folder).file().metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o133, 0, "{mode:o}");
}
