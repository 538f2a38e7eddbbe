//! What bytes are, by what they begin with.

/// What is known of bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A zip archive, or what is one inside: documents, books, Java's programs.
    Zip,
    /// A tar archive.
    Tar,
    /// Something packed by gzip.
    Gzip,
    /// Something packed by zstd.
    Zstd,
    /// A PDF document.
    Pdf,
    /// A picture.
    Picture(Picture),
    /// Something with a name and nothing more.
    Named(&'static str),
    /// Nothing that is known: text, or bytes.
    Unknown,
}

/// Pictures whose size stands in their first bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Picture {
    Png,
    Jpeg,
    Gif,
    Webp,
}

impl Kind {
    /// What it is called; empty where nothing is known.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Zip => "zip archive",
            Self::Tar => "tar archive",
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
            Self::Pdf => "PDF document",
            Self::Picture(Picture::Png) => "PNG picture",
            Self::Picture(Picture::Jpeg) => "JPEG picture",
            Self::Picture(Picture::Gif) => "GIF picture",
            Self::Picture(Picture::Webp) => "WebP picture",
            Self::Named(name) => name,
            Self::Unknown => "",
        }
    }
}

/// What stands at which place of what.
const MARKS: [(usize, &[u8], Kind); 27] = [
    (0, b"PK\x03\x04", Kind::Zip),
    (0, b"PK\x05\x06", Kind::Zip),
    (257, b"ustar", Kind::Tar),
    (0, b"\x1f\x8b", Kind::Gzip),
    (0, b"\x28\xb5\x2f\xfd", Kind::Zstd),
    (0, b"%PDF-", Kind::Pdf),
    (0, b"\x89PNG\r\n\x1a\n", Kind::Picture(Picture::Png)),
    (0, b"\xff\xd8\xff", Kind::Picture(Picture::Jpeg)),
    (0, b"GIF87a", Kind::Picture(Picture::Gif)),
    (0, b"GIF89a", Kind::Picture(Picture::Gif)),
    (8, b"WEBP", Kind::Picture(Picture::Webp)),
    (0, b"\xfd7zXZ\0", Kind::Named("xz")),
    (0, b"BZh", Kind::Named("bzip2")),
    (0, b"7z\xbc\xaf\x27\x1c", Kind::Named("7z archive")),
    (0, b"\x7fELF", Kind::Named("ELF program")),
    (0, b"\0asm", Kind::Named("WebAssembly")),
    (0, b"SQLite format 3\0", Kind::Named("SQLite database")),
    (4, b"ftyp", Kind::Named("MP4 or QuickTime")),
    (0, b"\x1a\x45\xdf\xa3", Kind::Named("Matroska or WebM")),
    (0, b"OggS", Kind::Named("Ogg")),
    (0, b"ID3", Kind::Named("MP3")),
    (0, b"fLaC", Kind::Named("FLAC")),
    (8, b"WAVE", Kind::Named("WAV")),
    (0, b"wOFF", Kind::Named("WOFF font")),
    (0, b"wOF2", Kind::Named("WOFF2 font")),
    (0, b"PAR1", Kind::Named("Parquet")),
    (0, b"II*\0", Kind::Named("TIFF picture")),
];

/// What these first bytes are.
pub(super) fn of(bytes: &[u8]) -> Kind {
    let stands = |(at, mark, _): &&(usize, &[u8], Kind)| bytes.get(*at..).is_some_and(|rest| rest.starts_with(mark));
    MARKS.iter().find(stands).map_or(Kind::Unknown, |(_, _, kind)| *kind)
}
