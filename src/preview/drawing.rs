//! A picture's bytes become the few pixels that a room on the screen has, and those become an answer that the screen reads.
//! Pure; decoding may take memory, time or fail altogether, hence it is done in a process of its own ([`super::child`]).

use std::io::Cursor;

use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageReader, Limits, Rgb, RgbImage};

use super::graphics;
use crate::domain::picture::{Picture, Pixels, Room};
use crate::domain::{Failure, FailureKind, Result};

/// Bytes that a decoded picture may take: 64 million pixels of the usual sort.
const MOST_DECODED: u64 = 256 << 20;

/// What shines through a picture: a grey on which both light and dark lines are seen.
const BEHIND: u16 = 128;

/// The first byte of an answer with a picture, and of one that says why there is none.
const PICTURE: u8 = b'P';
const FAILED: u8 = b'F';

/// Decodes a picture and makes it as small as the room.
///
/// # Errors
/// `Unsupported` for more pixels than are decoded; `Integrity` for what is no picture or a broken one.
pub(super) fn draw(bytes: &[u8], room: Room, pixels: Option<Pixels>) -> Result<Picture> {
    let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().map_err(|error| broken(&error))?;
    let mut limits = Limits::default();
    limits.max_alloc = Some(MOST_DECODED);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(|error| broken(&error))?;
    let (width, height) = decoder.dimensions();
    if decoder.total_bytes() > MOST_DECODED {
        let what = format!("{width} x {height} pixels are more than are decoded for a preview");
        return Err(Failure::new(FailureKind::Unsupported, what));
    }
    // A camera that was held upright says so beside the pixels; a picture that does not say it lies as it is.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let whole = DynamicImage::from_decoder(decoder).map_err(|error| broken(&error))?;
    let graphics = pixels.and_then(|pixels| {
        graphics::fitting(|most| shrunk(&whole, orientation, most), graphics::most(room, pixels), pixels)
    });
    let blocks = shrunk(&whole, orientation, room.pixels());
    let picture = Picture::new(blocks.width(), blocks.height(), &blocks).ok_or_else(|| broken(&"it has no pixels"))?;
    Ok(picture.with(graphics))
}

/// No larger than that, standing as it was taken, over grey.
fn shrunk(whole: &DynamicImage, orientation: Orientation, (wide, high): (u32, u32)) -> RgbImage {
    let (wide, high) = if is_turned(orientation) { (high, wide) } else { (wide, high) };
    let fits = whole.width() <= wide && whole.height() <= high;
    let mut small = if fits { whole.clone() } else { whole.thumbnail(wide, high) };
    small.apply_orientation(orientation);
    let rgba = small.to_rgba8();
    RgbImage::from_fn(rgba.width(), rgba.height(), |x, y| Rgb(over_grey(rgba.get_pixel(x, y).0)))
}

const fn is_turned(orientation: Orientation) -> bool {
    use Orientation::{Rotate90, Rotate90FlipH, Rotate270, Rotate270FlipH};
    matches!(orientation, Rotate90 | Rotate270 | Rotate90FlipH | Rotate270FlipH)
}

/// A pixel as it looks before the grey.
fn over_grey([red, green, blue, alpha]: [u8; 4]) -> [u8; 3] {
    let alpha = u16::from(alpha);
    let mixed = |part: u8| (u16::from(part) * alpha + BEHIND * (255 - alpha)) / 255;
    [red, green, blue].map(|part| u8::try_from(mixed(part)).unwrap_or(u8::MAX))
}

fn broken(why: &dyn std::fmt::Display) -> Failure {
    Failure::new(FailureKind::Integrity, format!("the picture cannot be decoded: {why}"))
}

/// The answer that brings a picture, or says why there is none.
pub(super) fn written(drawn: &Result<Picture>) -> Vec<u8> {
    match drawn {
        Ok(picture) => {
            let (width, height) = picture.size();
            let graphics = picture.graphics().map(graphics::written).unwrap_or_default();
            [&[PICTURE], &width.to_le_bytes()[..], &height.to_le_bytes(), picture.rgb(), &graphics].concat()
        }
        Err(failure) => [&[FAILED], failure.what.as_bytes()].concat(),
    }
}

/// Reads an answer, which may end anywhere.
///
/// # Errors
/// What the answer says; where it says nothing, that whoever decoded it gave up.
pub fn read(answer: &[u8]) -> Result<Picture> {
    let picture = || {
        let (width, rest) = answer.strip_prefix(&[PICTURE])?.split_first_chunk()?;
        let (height, rest) = rest.split_first_chunk()?;
        let (width, height) = (u32::from_le_bytes(*width), u32::from_le_bytes(*height));
        let (rgb, rest) = rest.split_at_checked(usize::try_from(width.checked_mul(height)?.checked_mul(3)?).ok()?)?;
        Some(Picture::new(width, height, rgb)?.with(graphics::read(rest)))
    };
    match answer.strip_prefix(&[FAILED]) {
        Some(why) => Err(Failure::new(FailureKind::Unsupported, String::from_utf8_lossy(why))),
        None => picture().ok_or_else(|| broken(&"it takes too much memory or time, or is broken")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::picture::Protocol;
    use image::{ImageFormat, Rgba, RgbaImage};

    const ROOM: Room = Room { columns: 40, rows: 10 };

    /// Half red, half transparent.
    fn picture(width: u32, height: u32) -> DynamicImage {
        let pixel = |x, _| if x < width / 2 { Rgba([255, 0, 0, 255]) } else { Rgba([0, 0, 0, 0]) };
        RgbaImage::from_fn(width, height, pixel).into()
    }

    fn encoded(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        picture.write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    #[test]
    fn every_format_is_made_as_small_as_its_room_and_keeps_its_shape() {
        for format in [ImageFormat::Png, ImageFormat::Gif, ImageFormat::WebP] {
            let drawn = draw(&encoded(&picture(400, 100), format), ROOM, None).unwrap();
            assert_eq!(drawn.size(), (40, 10), "{format:?}");
            let row = drawn.row(2);
            assert_eq!((row[5], row[35]), (([255, 0, 0], Some([255, 0, 0])), ([128; 3], Some([128; 3]))), "{format:?}");
        }
        let jpeg = encoded(&DynamicImage::ImageRgb8(picture(100, 400).to_rgb8()), ImageFormat::Jpeg);
        assert_eq!(draw(&jpeg, ROOM, None).unwrap().size(), (5, 20));
    }

    #[test]
    fn a_small_picture_is_not_made_larger() {
        assert_eq!(draw(&encoded(&picture(6, 3), ImageFormat::Png), ROOM, None).unwrap().size(), (6, 3));
    }

    #[test]
    fn a_picture_that_was_taken_upright_stands_upright() {
        let drawn = shrunk(&picture(400, 100), Orientation::Rotate90, ROOM.pixels());
        assert_eq!(drawn.dimensions(), (5, 20));
        assert_eq!((drawn.get_pixel(0, 0).0, drawn.get_pixel(0, 18).0), ([255, 0, 0], [128; 3]));
    }

    #[test]
    fn a_broken_picture_and_one_of_too_many_pixels_say_so() {
        let whole = encoded(&picture(400, 100), ImageFormat::Png);
        let why = |bytes: &[u8]| draw(bytes, ROOM, None).unwrap_err().what;
        assert!(why(&whole[..60]).starts_with("the picture cannot be decoded: "));
        assert!(why(b"text").starts_with("the picture cannot be decoded: "));
        assert!(why(b"").starts_with("the picture cannot be decoded: "));
    }

    #[test]
    fn an_answer_is_read_as_it_was_written_and_one_that_ends_early_is_none() {
        let drawn = draw(&encoded(&picture(6, 3), ImageFormat::Png), ROOM, None);
        let pixels = Some(Pixels { protocol: Protocol::Kitty, cell: (10, 20), most: 1 << 20 });
        let with_graphics = draw(&encoded(&picture(60, 30), ImageFormat::Png), ROOM, pixels);
        assert!(with_graphics.as_ref().unwrap().graphics().is_some());
        assert_eq!(read(&written(&with_graphics)), with_graphics);
        let answer = written(&drawn);
        assert_eq!(read(&answer), drawn);
        for length in 0..answer.len() {
            assert!(read(&answer[..length]).is_err());
        }
        let failed = draw(b"text", ROOM, None);
        assert_eq!(read(&written(&failed)).unwrap_err().what, failed.unwrap_err().what);
    }
}
