//! The scenes: what is there before, and the keys that lead to what the picture shows.

/// What is there before the screen opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Setting {
    /// Nothing at all: the first run.
    Nothing,
    /// A shop's folder and bucket.
    Shop,
    /// The same, with uploads that go on slowly.
    Busy,
    /// The same, with uploads to a bucket that nobody answers for.
    Offline,
    /// The same, with uploads that failed.
    Failed,
}

/// A picture's story.
#[derive(Debug)]
pub struct Scene {
    /// Its name, and that of its files.
    pub name: &'static str,
    /// What is there before.
    pub setting: Setting,
    /// Keys, in the notation of the tests; between two groups the screen comes to rest.
    pub keys: &'static [&'static str],
    /// Whether README shows it.
    pub in_readme: bool,
}

const fn scene(name: &'static str, setting: Setting, keys: &'static [&'static str]) -> Scene {
    Scene { name, setting, keys, in_readme: false }
}

const fn shown(name: &'static str, setting: Setting, keys: &'static [&'static str]) -> Scene {
    Scene { name, setting, keys, in_readme: true }
}

/// All of them.
pub const SCENES: &[Scene] = &[
    scene("first-run", Setting::Nothing, &["2"]),
    shown("panes", Setting::Shop, &["jj<Space><Space>", "2jj<Space><Space>j<Space>"]),
    scene("bucket", Setting::Shop, &["2v", "jj<Enter>", "<Enter>"]),
    scene("folders", Setting::Shop, &["2f", "/catalog<Enter>", "<Enter>", "j<Enter>"]),
    shown("filter", Setting::Shop, &["2/invoice", "<Enter>j"]),
    shown("palette", Setting::Shop, &["2:", "link"]),
    scene("help", Setting::Shop, &["2?"]),
    scene("help-search", Setting::Shop, &["2?", "/mark"]),
    shown("inspector", Setting::Shop, &["2/price", "<Enter>", "i"]),
    scene("inspector-zoom", Setting::Shop, &["2/price", "<Enter>", "iz"]),
    scene("inspector-picture", Setting::Shop, &["2/header", "<Enter>", "i"]),
    scene("inspector-picture-zoom", Setting::Shop, &["2/header", "<Enter>", "iz"]),
    scene("link-for", Setting::Shop, &["2jj", "yL"]),
    scene("link", Setting::Shop, &["2/lant", "<Enter>", "yp"]),
    scene("conflict", Setting::Shop, &["1/price", "<Enter>", "u", "<Enter>"]),
    scene("delete", Setting::Shop, &["2<Space><Space><Space>", "D"]),
    scene("request", Setting::Shop, &["2yP"]),
    scene("profiles", Setting::Shop, &["P"]),
    scene("profile-form", Setting::Shop, &["P", "n"]),
    scene("doctor", Setting::Shop, &["C"]),
    scene("about-bucket", Setting::Shop, &["B"]),
    scene("messages", Setting::Shop, &["2jjyk", "jyk", "!"]),
    shown("transfers-busy", Setting::Busy, &["3"]),
    scene("transfers-details", Setting::Busy, &["3", "<Enter>"]),
    scene("transfers-offline", Setting::Offline, &["3"]),
    scene("transfers-failed", Setting::Failed, &["3"]),
    scene("transfers-reason", Setting::Failed, &["3", "<Enter>"]),
];
