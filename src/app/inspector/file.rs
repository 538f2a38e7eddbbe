//! What the disk says about a file, a field a row.

use std::path::Path;

use super::{Field, Inspector, Known, Tone};
use crate::domain::display::display_bytes;
use crate::domain::{FileFacts, FileKind, LinkTarget};

impl Inspector {
    /// Everything known about a local file.
    pub(super) fn of_file(&self, path: &Path) -> Vec<Field> {
        let mut fields = vec![Field::plain("path", path.to_string_lossy())];
        match &self.file {
            Known::Unasked | Known::Asked => fields.push(Field::remark("state", "asking …", Tone::Quiet)),
            Known::Failed(failure) => fields.push(Field::remark("state", failure.sentence(), Tone::Failed)),
            Known::Is(facts) => fields.extend(of(facts)),
        }
        fields
    }
}

fn of(facts: &FileFacts) -> Vec<Field> {
    let target = facts.target.as_ref().map(|target| display_bytes(target.as_os_str().as_encoded_bytes()));
    let fields = [
        Some(Field::remark("kind", kind(facts.kind), Tone::Plain)),
        target.map(|target| Field::plain("leads to", target)),
        facts.size.map(Field::size),
        facts.modified.map(|then| Field::moment("modified", then)),
        facts.created.map(|then| Field::moment("created", then)),
        Some(Field::plain("rights", rights(facts.mode))),
        Some(Field::plain("owner", format!("{}:{}", facts.owner, facts.group))),
        Some(facts.names)
            .filter(|names| *names > 1 && facts.size.is_some())
            .map(|names| Field::remark("names", format!("{names} names for the same file"), Tone::Plain)),
    ];
    fields.into_iter().flatten().collect()
}

const fn kind(kind: FileKind) -> &'static str {
    match kind {
        FileKind::Folder => "folder",
        FileKind::File => "file",
        FileKind::Symlink(LinkTarget::Folder) => "link to a folder",
        FileKind::Symlink(LinkTarget::File) => "link to a file",
        FileKind::Symlink(LinkTarget::Missing) => "link that leads nowhere",
        FileKind::Symlink(LinkTarget::Other) | FileKind::Other => "neither file nor folder",
    }
}

/// `rw-r--r-- (644)`.
fn rights(mode: u32) -> String {
    let letter = |bit: u32, letter| if mode >> bit & 1 == 1 { letter } else { '-' };
    let letters: String = (0..9).rev().map(|bit| letter(bit, ['x', 'w', 'r'][(bit % 3) as usize])).collect();
    format!("{letters} ({mode:03o})")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rights_are_written_as_ls_writes_them() {
        assert_eq!([0o644, 0o4755, 0].map(rights), ["rw-r--r-- (644)", "rwxr-xr-x (4755)", "--------- (000)"]);
    }
}
