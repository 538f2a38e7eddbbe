//! How large a picture is, out of its first bytes, without decoding it.

use super::bytes::{slice, u16_be, u16_le, u32_be, u32_le};
use super::kind::Picture;

/// Its size in pixels, where the first bytes tell it.
pub(super) fn facts(picture: Picture, bytes: &[u8]) -> Vec<(String, String)> {
    let size = match picture {
        Picture::Png => u32_be(bytes, 16).zip(u32_be(bytes, 20)),
        Picture::Gif => u16_le(bytes, 6).zip(u16_le(bytes, 8)).map(|(w, h)| (w.into(), h.into())),
        Picture::Jpeg => jpeg(bytes),
        Picture::Webp => webp(bytes),
    };
    size.map(|(width, height)| ("pixels".to_owned(), format!("{width} x {height}"))).into_iter().collect()
}

/// A JPEG is a row of segments, of which the frame's header has the size (ITU T.81, B.2.2).
fn jpeg(bytes: &[u8]) -> Option<(u32, u32)> {
    let mut at = 2;
    loop {
        let [0xff, marker] = *slice(bytes, at, 2)? else { return None };
        let is_frame = matches!(marker, 0xc0..=0xcf) && !matches!(marker, 0xc4 | 0xc8 | 0xcc);
        if is_frame {
            return Some((u16_be(bytes, at + 7)?.into(), u16_be(bytes, at + 5)?.into()));
        }
        // Bytes that fill up stand before a marker.
        at += if marker == 0xff { 1 } else { 2 + usize::from(u16_be(bytes, at + 2)?) };
    }
}

/// The three forms of WebP (RFC 9649, 2.5 to 2.7).
fn webp(bytes: &[u8]) -> Option<(u32, u32)> {
    match slice(bytes, 12, 4)? {
        b"VP8X" => {
            let three = |at| u32_le(bytes, at).map(|number| (number & 0xff_ffff) + 1);
            three(24).zip(
                u16_le(bytes, 27).zip(bytes.get(29)).map(|(low, high)| u32::from(low) + (u32::from(*high) << 16) + 1),
            )
        }
        b"VP8L" => u32_le(bytes, 21).map(|bits| ((bits & 0x3fff) + 1, ((bits >> 14) & 0x3fff) + 1)),
        b"VP8 " => u16_le(bytes, 26).zip(u16_le(bytes, 28)).map(|(w, h)| ((w & 0x3fff).into(), (h & 0x3fff).into())),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pixels(picture: Picture, bytes: &[u8]) -> String {
        facts(picture, bytes).into_iter().map(|(_, size)| size).collect()
    }

    #[test]
    fn every_picture_tells_its_size() {
        let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x07\x80\0\0\x04\x38";
        assert_eq!(pixels(Picture::Png, png), "1920 x 1080");
        assert_eq!(pixels(Picture::Gif, b"GIF89a\x10\0\x20\0"), "16 x 32");
        let jpeg = b"\xff\xd8\xff\xe0\0\x04ab\xff\xff\xc2\0\x11\x08\x01\0\x02\0";
        assert_eq!(pixels(Picture::Jpeg, jpeg), "512 x 256");
        let vp8x = b"RIFF....WEBPVP8X\x0a\0\0\0\0\0\0\0\x7f\x07\0\x37\x04\0";
        assert_eq!(pixels(Picture::Webp, vp8x), "1920 x 1080");
        let vp8 = b"RIFF....WEBPVP8 ....\0\0\0\x9d\x01\x2a\x40\x01\xf0\0";
        assert_eq!(pixels(Picture::Webp, vp8), "320 x 240");
    }

    #[test]
    fn a_picture_that_ends_too_early_has_no_size() {
        for picture in [Picture::Png, Picture::Jpeg, Picture::Gif, Picture::Webp] {
            assert_eq!(facts(picture, b"\xff\xd8\xff\xe0"), []);
        }
    }
}
