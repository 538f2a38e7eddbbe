//! Settings that are not particular to a profile, with their defaults (DESIGN.md section 7).

use super::images::Images;

/// How text reaches the user's clipboard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ClipboardChoice {
    /// tmux's buffer in tmux, OSC 52 over SSH, else the desktop's.
    #[default]
    Auto,
    /// OSC 52.
    Terminal,
    /// The desktop's.
    System,
    /// `tmux load-buffer -w`.
    Tmux,
}

/// What uploading a folder does with symbolic links.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Symlinks {
    /// Send what they point to.
    #[default]
    Follow,
    /// Leave them out.
    Skip,
    /// Refuse the upload.
    Refuse,
}

/// How the end of long work is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Notify {
    /// The terminal's bell.
    #[default]
    Bell,
    /// An OSC 9 notification.
    Osc9,
    /// Not at all.
    None,
}

/// `[transfers]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransferSettings {
    /// Large transfers at once, of each profile that says nothing itself; small ones go beside them.
    pub jobs: usize,
    /// `--jobs` was given: it counts for every profile, whatever theirs say.
    pub jobs_for_all: bool,
    /// Bytes a second of all profiles together, 0 for none.
    pub rate: u64,
    /// Symbolic links.
    pub symlinks: Symlinks,
    /// Write markers for empty folders.
    pub empty_folders: bool,
    /// The end of long work.
    pub notify: Notify,
    /// Seconds that finished transfers stay listed.
    pub keep_done: u64,
}

impl Default for TransferSettings {
    fn default() -> Self {
        Self {
            jobs: 8,
            jobs_for_all: false,
            rate: 0,
            symlinks: Symlinks::Follow,
            empty_folders: false,
            notify: Notify::Bell,
            keep_done: 7 * 86_400,
        }
    }
}

/// Everything outside `[profiles]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// `clipboard`.
    pub clipboard: ClipboardChoice,
    /// `mouse`.
    pub mouse: bool,
    /// `theme`: `auto`, `dark`, `light` or a file.
    pub theme: String,
    /// `ascii`.
    pub ascii: bool,
    /// `images`.
    pub images: Images,
    /// `env_files`: whether a `.env` here or in a parent makes profiles.
    pub env_files: bool,
    /// `[transfers]`.
    pub transfers: TransferSettings,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            clipboard: ClipboardChoice::Auto,
            mouse: true,
            theme: "auto".into(),
            ascii: false,
            images: Images::Auto,
            env_files: true,
            transfers: TransferSettings::default(),
        }
    }
}
