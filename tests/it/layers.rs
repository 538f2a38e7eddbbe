//! Holds the house together: which module may use which (DESIGN.md section 4), what the application must not know, that
//! every file says what it is for, and that README speaks of every command and flag that there is.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use clap::CommandFactory;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

const BASE: &[&str] = &["domain", "action"];
const CORE: &[&str] = &["domain", "action", "config", "files", "preview", "storage", "catalog", "terminal"];

/// What each top module may use of the crate besides itself.
fn allowed(module: &str) -> Option<Vec<&'static str>> {
    let with = |base: &[&'static str], more: &[&'static str]| Some([base, more].concat());
    match module {
        "domain" => with(&[], &[]),
        "action" => with(&["domain"], &[]),
        "config" => with(BASE, &[]),
        "preview" => with(&["domain"], &[]),
        "files" | "storage" | "catalog" | "terminal" => with(BASE, &["config"]),
        "transfer" => with(CORE, &[]),
        "drift" => with(CORE, &["transfer"]),
        "services" => with(CORE, &["transfer", "drift"]),
        "doctor" | "cli" => with(CORE, &["transfer", "drift", "services", "doctor"]),
        "app" => with(BASE, &["config"]),
        "ui" => with(BASE, &["config", "app"]),
        "runtime" => with(CORE, &["transfer", "drift", "services", "doctor", "app", "ui"]),
        _ => None,
    }
}

/// Every source file with its path below `src`.
fn sources() -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut folders = vec![Path::new(ROOT).join("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push((name_of(&path), fs::read_to_string(&path).unwrap()));
            }
        }
    }
    found.sort();
    found
}

fn name_of(path: &Path) -> String {
    path.strip_prefix(Path::new(ROOT).join("src")).unwrap().to_str().unwrap().to_owned()
}

fn top_module(name: &str) -> &str {
    name.split('/').next().unwrap().trim_end_matches(".rs")
}

/// The code without its comments and without the tests at its end.
fn code(source: &str) -> String {
    let code = source.split("#[cfg(test)]\nmod tests {").next().unwrap();
    code.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// The top modules of the crate that code names.
fn used(code: &str) -> BTreeSet<String> {
    let mut modules = BTreeSet::new();
    for rest in code.split("crate::").skip(1) {
        match rest.strip_prefix('{') {
            Some(group) => modules.extend(top_names(group)),
            None => modules.extend(word(rest)),
        }
    }
    modules
}

/// The first words of a `{...}` group's members.
fn top_names(group: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let (mut depth, mut member) = (0_u32, String::new());
    for character in group.chars() {
        match character {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => names.extend(word(&std::mem::take(&mut member))),
            _ if depth == 0 => member.push(character),
            _ => {}
        }
    }
    names.extend(word(&member));
    names
}

fn word(text: &str) -> Option<String> {
    let word: String = text.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    (!word.is_empty()).then_some(word)
}

#[test]
fn a_group_of_uses_is_read_member_by_member() {
    let names = used("use crate::{domain::{Failure, Result}, config::Config};\nlet x = crate::ui::view();");
    assert_eq!(names.into_iter().collect::<Vec<_>>(), ["config", "domain", "ui"]);
}

#[test]
fn every_module_uses_only_the_layers_below_it() {
    let mut crossed = Vec::new();
    for (name, source) in sources() {
        let module = top_module(&name);
        if matches!(module, "lib" | "main") {
            continue;
        }
        let Some(may_use) = allowed(module) else { panic!("src/{name}: DESIGN.md section 4 knows no module {module}") };
        for other in used(&code(&source)) {
            let is_module = allowed(&other).is_some();
            if is_module && other != module && !may_use.contains(&other.as_str()) {
                crossed.push(format!("src/{name} uses {other}"));
            }
        }
    }
    assert!(crossed.is_empty(), "against the layers:\n{}", crossed.join("\n"));
}

#[test]
fn the_application_does_no_io_and_knows_no_clock() {
    let forbidden = [
        "tokio",
        "sqlx",
        "aws_",
        "s3s",
        "std::fs",
        "std::net",
        "std::process",
        "std::thread",
        "std::env",
        "Utc::now",
        "Local::now",
        "Instant::now",
        "SystemTime",
        "config::load",
        "config::secrets",
        "config::edit",
    ];
    let mut found = Vec::new();
    let is_app = |name: &str| top_module(name) == "app" && !name.contains("/tests");
    for (name, source) in sources().into_iter().filter(|(name, _)| is_app(name)) {
        let code = code(&source);
        found.extend(forbidden.iter().filter(|word| code.contains(**word)).map(|word| format!("src/{name}: {word}")));
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn providers_and_sql_stay_where_they_belong() {
    let mut found = Vec::new();
    for (name, source) in sources() {
        let (module, code) = (top_module(&name), code(&source));
        let libraries =
            ["aws_sdk_s3", "aws_config::", "aws_credential_types", "aws_smithy_runtime", "aws_smithy_http", "s3s::"];
        if module != "storage" && libraries.iter().any(|library| code.contains(library)) {
            found.push(format!("src/{name} names the provider's library"));
        }
        let may_speak_sql = module == "catalog" || name.starts_with("transfer/journal") || module == "storage";
        if !may_speak_sql && code.contains("sqlx") {
            found.push(format!("src/{name} names the database library"));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn every_file_says_what_it_is_for() {
    let silent: Vec<String> = sources()
        .into_iter()
        .filter(|(name, source)| !source.starts_with("//! ") && !name.contains("tests"))
        .map(|(name, _)| name)
        .collect();
    assert!(silent.is_empty(), "no opening words in: {silent:?}");
}

#[test]
fn the_readme_speaks_of_every_command_and_flag() {
    let readme = fs::read_to_string(Path::new(ROOT).join("README.md")).unwrap();
    let mut unsaid = Vec::new();
    for command in windlass::cli::Arguments::command().get_subcommands() {
        let name = format!("windlass {}", command.get_name());
        if !readme.contains(&name) {
            unsaid.push(name.clone());
        }
        let inner = command.get_subcommands().map(|inner| format!("{name} {}", inner.get_name()));
        unsaid.extend(inner.filter(|inner| !readme.contains(inner.as_str())));
        let flags = command.get_arguments().filter_map(clap::Arg::get_long).filter(|flag| *flag != "help");
        unsaid.extend(flags.map(|flag| format!("--{flag}")).filter(|flag| !readme.contains(flag.as_str())));
    }
    assert!(unsaid.is_empty(), "README.md says nothing of {unsaid:?}");
}

#[test]
fn the_readmes_key_table_is_the_table_of_actions() {
    let readme = fs::read_to_string(Path::new(ROOT).join("README.md")).unwrap();
    let table = windlass::action::keys_table_markdown();
    assert!(readme.contains(&format!("<!-- keys -->\n{}\n<!-- /keys -->", table.trim_end())), "put this in:\n{table}");
}

#[test]
fn the_pictures_of_the_readme_are_there_and_show_nothing_that_is_private() {
    let readme = fs::read_to_string(Path::new(ROOT).join("README.md")).unwrap();
    let shown: Vec<&str> = readme.split("](assets/").skip(1).filter_map(|rest| rest.split(')').next()).collect();
    let pictures: Vec<&&str> = shown.iter().filter(|name| name.ends_with(".svg")).collect();
    assert!(pictures.len() >= 4, "{shown:?}");
    for name in &shown {
        let text = fs::read_to_string(Path::new(ROOT).join("assets").join(name));
        let text = text.unwrap_or_else(|error| panic!("README shows {name}: {error}"));
        let private = ["X-Amz-", "/tmp/", "/home/", "127.0.0.1", "localhost"];
        let told: Vec<&&str> = private.iter().filter(|word| name.ends_with(".svg") && text.contains(**word)).collect();
        assert!(told.is_empty(), "{name} shows {told:?}");
    }
}

#[test]
fn the_architecture_names_every_dependency_and_every_module() {
    let read = |name: &str| fs::read_to_string(Path::new(ROOT).join(name)).unwrap();
    let (architecture, manifest, library) = (read("ARCHITECTURE.md"), read("Cargo.toml"), read("src/lib.rs"));
    let dependencies = manifest.split("dependencies]").skip(1).flat_map(|section| {
        section.lines().skip(1).take_while(|line| !line.starts_with('[')).filter_map(|line| line.split_once(" = "))
    });
    let unsaid: Vec<&str> =
        dependencies.map(|(name, _)| name).filter(|name| !architecture.contains(&format!("`{name}`"))).collect();
    assert!(unsaid.is_empty(), "no reason is given for {unsaid:?}");
    let modules = library.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'));
    let unmapped: Vec<&str> = modules.filter(|name| !architecture.contains(&format!("src/{name}"))).collect();
    assert!(unmapped.is_empty(), "not on the map: {unmapped:?}");
}

#[test]
fn every_command_line_in_the_readme_and_in_help_is_one_that_works() {
    use clap::Parser;
    let readme = fs::read_to_string(Path::new(ROOT).join("README.md")).unwrap();
    let mut texts = vec![readme];
    texts.extend(
        windlass::cli::Arguments::command().get_subcommands_mut().map(|command| command.render_help().to_string()),
    );
    let lines = texts.iter().flat_map(|text| text.lines()).map(str::trim).filter(|line| line.starts_with("windlass "));
    let mut read = 0;
    for line in lines {
        // Help separates a line from what it does by two spaces, README by a #.
        let command = line.split(" #").next().unwrap().split("  ").next().unwrap();
        let command = command.replace(" ID", " 00000000-0000-0000-0000-000000000000");
        let parsed = windlass::cli::Arguments::try_parse_from(command.split_whitespace());
        assert!(parsed.is_ok(), "{line}: {}", parsed.unwrap_err());
        read += 1;
    }
    assert!(read > 30, "only {read} were found");
}
