//! The conformance table: every operation against the local bucket over http and TLS, against two servers that we did not
//! write, and against fronts that refuse what R2 and B2 refuse. It is kept in `TABLE.md`; a cell that is no longer true
//! fails the test. `WINDLASS_WRITE_TABLE=1` writes it anew.

use std::fmt::Write;
use std::path::Path;
use std::sync::Arc;

use futures::future::join_all;
use windlass::storage::local::LocalBucket;
use windlass::storage::s3::S3Config;

use super::local::{config, serve_tls};
use super::operations::{ALL, Outcome, Served};
use crate::support::front::{Front, Right};
use crate::support::servers::Foreign;
use crate::support::tls::Tls;

const COLUMNS: [&str; 6] = ["local, http", "local, TLS", "moto", "rclone", "R2 front", "B2 front"];

const SIGNATURES: &str = "moto checks no signatures";
const BEGIN: &str =
    "rclone's answer to CreateMultipartUpload is named otherwise than S3's, which the SDK does not take";

const NO_RULES: &str = "rclone has no CORS rules, and takes the question for one about the bucket";

/// What a server that we did not write gets wrong: (server, operation, what). Anything else that fails is our failure, and
/// what is named here and works is named wrongly.
const WRONG: &[(&str, &str, &str)] = &[
    ("moto", "presigned write of another type is refused", SIGNATURES),
    ("moto", "presigned write of another size is refused", SIGNATURES),
    ("moto", "a changed link is refused", SIGNATURES),
    ("moto", "an expired link is refused", SIGNATURES),
    ("moto", "a wrong secret is refused", SIGNATURES),
    ("moto", "keys with line ends and escapes", "moto does not find a key with a line end again"),
    ("moto", "list parts", "moto's answer to ListParts is named otherwise than S3's, which the SDK does not take"),
    ("rclone", "put only where nothing is", "rclone overwrites in spite of If-None-Match"),
    ("rclone", "get, bound to an entity tag", "rclone does not heed If-Match"),
    ("rclone", "keys with //, .., a leading or closing /", "rclone's keys are paths of a disk"),
    ("rclone", "upload in parts", BEGIN),
    ("rclone", "parts of unequal size", BEGIN),
    ("rclone", "list parts", BEGIN),
    ("rclone", "list and end unfinished uploads", BEGIN),
    ("rclone", "list and purge versions", "rclone has no versions (501)"),
    ("rclone", "set and read CORS rules", NO_RULES),
    ("rclone", "a rule's name stays", NO_RULES),
    ("rclone", "remove CORS rules", NO_RULES),
    ("rclone", "a page's browser is told what the rules allow", NO_RULES),
    ("moto", "a page's browser is told what the rules allow", "moto tells every page's browser that it may"),
];

/// One cell.
async fn cell(server: &'static str, name: &'static str, served: Arc<Served>) -> String {
    let operation = ALL.iter().find(|(known, _)| *known == name).unwrap().1;
    let wrong = WRONG.iter().find(|(at, what, _)| (*at, *what) == (server, name));
    match (tokio::spawn(operation(served)).await, wrong) {
        (Ok(Outcome::Works), None) => "works".into(),
        (Ok(Outcome::Unsupported(reason)), None) => format!("unsupported: {reason}"),
        (Err(_), Some((_, _, why))) => format!("no: {why}"),
        (Ok(outcome), Some(_)) => panic!("{server}: {name} is named wrongly, it comes to {outcome:?}"),
        (Err(failed), None) => panic!("{server}: {name}: {failed}"),
    }
}

async fn column(server: &'static str, config: S3Config) -> Vec<Result<String, String>> {
    let served = Arc::new(Served::new(config));
    let mut cells = Vec::new();
    for (name, _) in ALL {
        // A panic fails this cell alone, so that one run shows all that is wrong.
        let cell = tokio::spawn(cell(server, name, served.clone())).await;
        cells.push(cell.map_err(|failed| format!("{server}: {name}: {failed}")));
    }
    cells
}

fn written(columns: &[Vec<Result<String, String>>]) -> String {
    let mut text = String::from(
        "# What works against which server\n\nWritten by `tests/it/store/table.rs`, which fails where it is no longer true. \
         \"unsupported\" is what Windlass says beforehand;\n\"no\" is what the server gets wrong.\n\n",
    );
    writeln!(text, "| operation | {} |\n|---{}|", COLUMNS.join(" | "), "|---".repeat(COLUMNS.len())).unwrap();
    for (row, (name, _)) in ALL.iter().enumerate() {
        let cells: Vec<&str> = columns.iter().map(|cells| cells[row].as_deref().unwrap_or("fails")).collect();
        writeln!(text, "| {name} | {} |", cells.join(" | ")).unwrap();
    }
    text
}

#[tokio::test]
async fn the_conformance_table_is_true() {
    let folder = tempfile::tempdir().unwrap();
    let http = LocalBucket::open(&folder.path().join("http")).await.unwrap().serve_private().await.unwrap();
    let bucket = LocalBucket::open(&folder.path().join("tls")).await.unwrap();
    let tls = serve_tls(&bucket, &Tls::new(), folder.path()).await;
    let (moto, rclone) = tokio::join!(Foreign::moto(), Foreign::rclone());
    let (r2, b2) = tokio::join!(Front::r2(Right::Admin), Front::b2(Right::Admin));
    let configs = [config(&http.access), tls, moto.config(), rclone.config(), r2.config(), b2.config()];
    let columns = COLUMNS.into_iter().zip(configs).map(|(server, config)| column(server, config));
    let columns = join_all(columns).await;

    let table = written(&columns);
    println!("{table}");
    let failed: Vec<&String> = columns.iter().flatten().filter_map(|cell| cell.as_ref().err()).collect();
    assert!(failed.is_empty(), "{failed:#?}");
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/store/TABLE.md");
    if std::env::var_os("WINDLASS_WRITE_TABLE").is_some() {
        std::fs::write(&kept, &table).unwrap();
    }
    let kept = std::fs::read_to_string(kept).unwrap_or_default();
    assert_eq!(kept, table, "WINDLASS_WRITE_TABLE=1 writes it anew");
}
