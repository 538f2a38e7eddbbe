//! The user's home folder: `~` in what is typed and in what is shown.

use std::path::{Path, PathBuf};

use super::display::{display, display_path};

/// The home folder, where there is one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HomeFolder {
    path: Option<PathBuf>,
    shown: Option<String>,
}

impl HomeFolder {
    /// The folder that the variable `HOME` names. The top of all folders may be typed as `~`, but is shown as what it is.
    pub fn new(variable: Option<&str>) -> Self {
        let shown = variable.map(|path| path.trim_end_matches('/')).filter(|path| !path.is_empty());
        Self { path: variable.map(PathBuf::from), shown: shown.map(|path| display(path).into_owned()) }
    }

    /// The folder.
    pub fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// A path, fit for display, with the home folder as `~`.
    pub fn show(&self, path: &Path) -> String {
        self.shorten_path(&display_path(path))
    }

    /// The same for a path that is fit for display.
    pub fn shorten_path(&self, shown: &str) -> String {
        match self.shown.as_deref().and_then(|home| shown.strip_prefix(home)) {
            Some(rest) if rest.is_empty() || rest.starts_with('/') => format!("~{rest}"),
            _ => shown.to_owned(),
        }
    }

    /// The same for a sentence in which paths stand.
    pub fn shorten(&self, sentence: &str) -> String {
        sentence.split_inclusive([' ', '(']).map(|word| self.shorten_path(word)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_below_home_are_short_wherever_they_stand() {
        let home = HomeFolder::new(Some("/home/me/"));
        assert_eq!(home.show(Path::new("/home/me")), "~");
        assert_eq!(home.shorten_path("/home/me/site"), "~/site");
        assert_eq!(home.shorten_path("/home/melanie"), "/home/melanie");
        assert_eq!(home.shorten("cannot read /home/me/a: no (/home/me/b)"), "cannot read ~/a: no (~/b)");
    }

    #[test]
    fn without_a_home_of_ones_own_nothing_is_short() {
        for home in [HomeFolder::default(), HomeFolder::new(None), HomeFolder::new(Some("/"))] {
            assert_eq!(home.shorten("in /etc/x"), "in /etc/x");
        }
        assert_eq!(HomeFolder::new(Some("/")).path(), Some(Path::new("/")), "it can be typed");
    }
}
