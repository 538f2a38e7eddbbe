//! What is printed from the table: README's table of keys, and the keymap file with every default in it. Tests hold
//! that the files in the repository are what these functions print.

use super::{Context, Entry, Group, Keymap, TABLE};

/// README's table of keys: one row an action, grouped as help is.
pub fn keys_table_markdown() -> String {
    let keymap = Keymap::default();
    let mut text = String::from("| keys | in | action |\n|---|---|---|\n");
    for group in Group::ALL {
        for entry in TABLE.iter().filter(|entry| entry.group == group) {
            let keys: Vec<String> =
                keymap.keys_of(entry.action).map(|keys| format!("`{}`", super::keys_label(keys))).collect();
            text.push_str(&format!("| {} | {} | {} |\n", keys.join(" "), entry.context.title(), entry.about));
        }
    }
    text
}

/// `keymap.toml` with every default: a section a context, a line an action.
pub fn keymap_toml() -> String {
    let mut text = String::from(
        "# Every action of Windlass and its default keys, by the place where they work.\n\
         # Several keys may name one action; a sequence is written with spaces (\"g g\"); [] takes a key away.\n",
    );
    for context in Context::ALL {
        text.push_str(&format!("\n[{}]\n", context.name()));
        for entry in TABLE.iter().filter(|entry| entry.context == context) {
            text.push_str(&line(entry));
        }
    }
    text
}

fn line(entry: &Entry) -> String {
    let keys: Vec<String> = entry.keys.iter().map(|keys| format!("\"{keys}\"")).collect();
    let setting = format!("{} = [{}]", entry.name, keys.join(", "));
    format!("{setting:<44} # {}\n", entry.about)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::action::Action;

    #[test]
    fn the_keymap_file_in_assets_is_what_the_table_says() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/keymap.toml");
        if std::env::var_os("WINDLASS_WRITE_ASSETS").is_some() {
            std::fs::write(path, keymap_toml()).unwrap();
        }
        assert_eq!(std::fs::read_to_string(path).unwrap(), keymap_toml(), "run it with WINDLASS_WRITE_ASSETS=1");
    }

    #[test]
    fn the_keymap_file_is_toml_and_names_every_action() {
        let file: toml::Table = keymap_toml().parse().unwrap();
        let named: usize = file.values().filter_map(|section| section.as_table()).map(|section| section.len()).sum();
        assert_eq!(named, TABLE.len());
    }

    #[test]
    fn names_are_kebab_case_and_no_action_is_there_twice() {
        for (index, entry) in TABLE.iter().enumerate() {
            assert!(entry.name.chars().all(|c| c.is_ascii_lowercase() || c == '-'), "{}", entry.name);
            assert_eq!(Action::named(entry.name), Some(entry.action));
            assert_eq!(TABLE.iter().position(|other| other.action == entry.action), Some(index), "{}", entry.name);
            assert!(!entry.about.is_empty() && !entry.short.is_empty(), "{}", entry.name);
        }
    }

    #[test]
    fn the_readme_table_has_a_row_for_every_action() {
        assert_eq!(keys_table_markdown().lines().count(), TABLE.len() + 2);
        assert!(keys_table_markdown().contains("| `gg` `Home` | lists | the first row |"));
    }
}
