//! How pictures are shown: what `images` may say, and what comes of it in a terminal of which only the environment is known.

/// `images`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Images {
    /// As the terminal can.
    #[default]
    Auto,
    /// As half blocks.
    Blocks,
    /// Not at all.
    None,
}

/// The way in which pictures are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Way {
    /// As half blocks, two pixels a cell.
    #[default]
    Blocks,
    /// Not at all, and why where nobody asked for that.
    Not(Option<&'static str>),
}

impl Images {
    /// The way in a terminal of that environment: blocks are no plain characters, and pictures are nothing but colour.
    pub fn way(self, ascii: bool, variable: impl Fn(&str) -> Option<String>) -> Way {
        match self {
            Self::None => Way::Not(None),
            _ if variable("NO_COLOR").is_some_and(|value| !value.is_empty()) => {
                Way::Not(Some("it is not drawn without colours, and NO_COLOR is set"))
            }
            _ if ascii => Way::Not(Some("it is not drawn with plain characters (ascii = true)")),
            Self::Auto | Self::Blocks => Way::Blocks,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn way(images: Images, ascii: bool, environment: &[(&str, &str)]) -> Way {
        images.way(ascii, |name| environment.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn without_colours_or_with_plain_characters_there_are_no_pictures_and_it_is_said() {
        assert_eq!(way(Images::Auto, false, &[("NO_COLOR", "")]), Way::Blocks);
        assert!(matches!(way(Images::Auto, false, &[("NO_COLOR", "1")]), Way::Not(Some(_))));
        assert!(matches!(way(Images::Blocks, true, &[]), Way::Not(Some(_))));
        assert_eq!(way(Images::None, true, &[("NO_COLOR", "1")]), Way::Not(None));
    }
}
