//! What the terminal was told beside what it shows: texts for the clipboard, titles, bells, and where a frame begins and ends.

/// Everything that was heard so far.
#[derive(Default)]
pub struct Heard {
    /// Texts for the clipboard.
    pub copied: Vec<String>,
    /// The window's title.
    pub title: String,
    /// How often the bell rang.
    pub bells: usize,
    /// How often the terminal was asked for its background's colour.
    pub asked: usize,
    /// Whether a frame has begun and is not whole yet (synchronized update, mode 2026).
    pub drawing: bool,
}

impl vt100::Callbacks for Heard {
    fn copy_to_clipboard(&mut self, _: &mut vt100::Screen, _: &[u8], data: &[u8]) {
        let bytes = aws_smithy_types::base64::decode(String::from_utf8_lossy(data)).unwrap();
        self.copied.push(String::from_utf8(bytes).unwrap());
    }

    fn audible_bell(&mut self, _: &mut vt100::Screen) {
        self.bells += 1;
    }

    fn set_window_title(&mut self, _: &mut vt100::Screen, title: &[u8]) {
        self.title = String::from_utf8_lossy(title).into_owned();
    }

    fn unhandled_osc(&mut self, _: &mut vt100::Screen, parts: &[&[u8]]) {
        self.asked += usize::from(parts == [&b"11"[..], &b"?"[..]]);
    }

    fn unhandled_csi(
        &mut self,
        _: &mut vt100::Screen,
        mark: Option<u8>,
        _: Option<u8>,
        numbers: &[&[u16]],
        letter: char,
    ) {
        if mark == Some(b'?') && numbers.first() == Some(&&[2026][..]) {
            self.drawing = letter == 'h';
        }
    }
}
