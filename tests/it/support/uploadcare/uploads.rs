//! The Upload API: plain text for what it refuses, as recorded.

use chrono::Utc;
use serde_json::{Value, json};
use uuid::Uuid;

use super::files::{Project, Upload};
use super::forms::Form;
use super::{Answer, Ask, PUBLIC_KEY, said, signatures};

const MULTIPART_FROM: u64 = 10_485_760;
const LEAST_PART: u64 = 5_242_880;

pub fn answer(project: &mut Project, ask: &Ask) -> Answer {
    if ask.path() == "/info/" {
        return info(project, ask).unwrap_or_else(|refusal| *refusal);
    }
    if ask.path() == "/from_url/status/" {
        return fetched(project, ask);
    }
    let form = Form::of(ask);
    let answer = match ask.path() {
        "/base/" => base(project, &form),
        "/multipart/start/" => start(project, &form),
        "/from_url/" => fetch(project, &form),
        _ => complete(project, &form),
    };
    answer.unwrap_or_else(|refusal| *refusal)
}

fn refused<T>(status: u16, words: impl Into<String>) -> Result<T, Box<Answer>> {
    Err(Box::new(said(status, &[("content-type", "text/plain; charset=utf-8".into())], words.into())))
}

fn json_answer(value: &Value) -> Answer {
    said(200, &[("content-type", "application/json".into())], value.to_string())
}

fn check_key(form: &Form, name: &str) -> Result<(), Box<Answer>> {
    match form.get(name) {
        None => refused(403, format!("{name} is required.")),
        Some(PUBLIC_KEY) => Ok(()),
        Some(_) => refused(403, format!("{name} is invalid.")),
    }
}

fn check_signature(project: &Project, form: &Form) -> Result<(), Box<Answer>> {
    if !project.signed_only {
        return Ok(());
    }
    let Some(signature) = form.get("signature") else { return refused(400, "`signature` is required.") };
    let Some(expire) = form.get("expire") else { return refused(400, "`expire` is required.") };
    let Ok(end) = expire.parse::<i64>() else { return refused(400, "`expire` must be a UNIX timestamp.") };
    if end < Utc::now().timestamp() {
        return refused(403, "Expired signature.");
    }
    if signature == signatures::upload(expire) { Ok(()) } else { refused(403, "Invalid signature.") }
}

fn check_metadata(form: &Form) -> Result<(), Box<Answer>> {
    let legal = |key: &str| key.len() <= 64 && key.chars().all(|c| c.is_ascii_alphanumeric() || "-_.:".contains(c));
    match form.metadata().iter().all(|(key, value)| legal(key) && (1..=512).contains(&value.chars().count())) {
        true => Ok(()),
        false => refused(400, "Metadata key is forbidden."),
    }
}

fn stores(form: &Form) -> Result<bool, Box<Answer>> {
    match form.get("UPLOADCARE_STORE") {
        Some("0") => Ok(false),
        Some("1") => Ok(true),
        other => refused(400, format!("UPLOADCARE_STORE is {other:?}: say what you mean")),
    }
}

fn base(project: &mut Project, form: &Form) -> Result<Answer, Box<Answer>> {
    check_key(form, "UPLOADCARE_PUB_KEY")?;
    check_signature(project, form)?;
    check_metadata(form)?;
    let stores = stores(form)?;
    if form.files.is_empty() {
        return refused(400, "Request does not contain files.");
    }
    let mut named = serde_json::Map::new();
    for (field, name, mime, bytes) in &form.files {
        if bytes.len() as u64 > project.limit {
            return refused(400, "File is too large.");
        }
        let uuid = Uuid::new_v4().to_string();
        let file = project.add(uuid.clone(), name, mime, bytes.clone(), stores);
        file.metadata = form.metadata();
        named.insert(field.clone(), uuid.into());
    }
    Ok(json_answer(&named.into()))
}

fn start(project: &mut Project, form: &Form) -> Result<Answer, Box<Answer>> {
    check_key(form, "UPLOADCARE_PUB_KEY")?;
    check_signature(project, form)?;
    check_metadata(form)?;
    let needed = |name: &str| form.get(name).map_or_else(|| refused(400, format!("{name} is required.")), Ok);
    let number =
        |name: &str| needed(name)?.parse::<u64>().or_else(|_| refused(400, format!("{name} should be integer.")));
    let (name, mime, size) = (needed("filename")?.to_owned(), needed("content_type")?.to_owned(), number("size")?);
    let part_size = if form.get("part_size").is_some() { number("part_size")? } else { LEAST_PART };
    if size < MULTIPART_FROM {
        let words = "File size can not be less than 10485760 bytes. Please use direct upload instead of multipart.";
        return refused(400, words);
    }
    if size > project.limit {
        return refused(400, "File size exceeds project limit.");
    }
    if part_size < LEAST_PART {
        return refused(400, "Part size is too small.");
    }
    let uuid = Uuid::new_v4().to_string();
    let url = &project.url;
    let part = |number| {
        format!(
            "{url}/parts/{uuid}/file?uploadId=x&partNumber={number}&X-Amz-Expires=86400&X-Amz-SignedHeaders=host\
             &X-Amz-Signature=0"
        )
    };
    let parts: Vec<String> = (1..=size.div_ceil(part_size)).map(part).collect();
    let answer = json_answer(&json!({"uuid": uuid, "parts": parts}));
    let (stores, metadata) = (stores(form)?, form.metadata());
    let upload = Upload { name, mime, size, part_size, stores, metadata, parts: Default::default(), complete: false };
    project.uploads.insert(uuid, upload);
    Ok(answer)
}

/// The storage behind the links: another service, which must not see any credentials.
pub fn part(project: &mut Project, ask: &Ask) -> Answer {
    let xml = |status, code: &str| {
        said(status, &[("content-type", "application/xml".into())], format!("<Error><Code>{code}</Code></Error>"))
    };
    if !ask.header("authorization").is_empty() {
        return xml(400, "InvalidArgument");
    }
    assert!(!ask.header("content-type").is_empty(), "a part needs a content type");
    let uuid = ask.path().split('/').nth(2).unwrap();
    let number: u32 = ask.query("partNumber").unwrap().parse().unwrap();
    let Some(upload) = project.uploads.get_mut(uuid).filter(|upload| !upload.complete) else {
        return xml(404, "NoSuchUpload");
    };
    let from = u64::from(number - 1) * upload.part_size;
    let wanted = upload.part_size.min(upload.size - from);
    assert_eq!(ask.body.len() as u64, wanted, "all parts but the last are equal");
    upload.parts.entry(number).or_default().push(ask.body.clone());
    let tag = format!("\"{}\"", signatures::md5(&ask.body));
    said(200, &[("etag", tag), ("x-amz-server-side-encryption", "AES256".into())], "")
}

fn complete(project: &mut Project, form: &Form) -> Result<Answer, Box<Answer>> {
    check_key(form, "UPLOADCARE_PUB_KEY")?;
    let Some(uuid) = form.get("uuid").map(str::to_owned) else { return refused(400, "uuid is required.") };
    let Some(upload) = project.uploads.get_mut(&uuid) else { return refused(404, "File is not found.") };
    if upload.complete {
        return refused(400, "File is already uploaded.");
    }
    let bytes: Vec<u8> = upload.parts.values().filter_map(|sent| sent.last()).flatten().copied().collect();
    if bytes.len() as u64 != upload.size {
        return refused(400, "File size mismatch. Not all parts uploaded?");
    }
    upload.complete = true;
    let (name, mime, stores) = (upload.name.clone(), upload.mime.clone(), upload.stores);
    let metadata = upload.metadata.clone();
    let file = project.add(uuid, &name, &mime, bytes.into(), stores);
    file.metadata = metadata;
    Ok(json_answer(&file.info()))
}

/// Its token is the file's id; the first look comes too early.
fn fetch(project: &mut Project, form: &Form) -> Result<Answer, Box<Answer>> {
    check_key(form, "pub_key")?;
    check_signature(project, form)?;
    let token = Uuid::new_v4().to_string();
    if let Some(bytes) = form.get("source_url").and_then(|url| project.web.get(url).cloned()) {
        let file = project.add(
            token.clone(),
            form.get("filename").unwrap(),
            "text/plain",
            bytes,
            form.get("store") == Some("1"),
        );
        (file.metadata, file.looks_left) = (form.metadata(), 1);
    }
    Ok(json_answer(&json!({"type": "token", "token": token})))
}

fn fetched(project: &mut Project, ask: &Ask) -> Answer {
    let token = ask.query("token").unwrap();
    let Some(file) = project.file(&token) else {
        return json_answer(
            &json!({"status": "error", "error": "Host does not exist.", "error_code": "HostnameNotFoundError"}),
        );
    };
    if file.looks_left > 0 {
        file.looked_at();
        return json_answer(&json!({"status": "progress", "done": 1, "total": "unknown"}));
    }
    let mut answer = file.info();
    answer["status"] = "success".into();
    json_answer(&answer)
}

fn info(project: &mut Project, ask: &Ask) -> Result<Answer, Box<Answer>> {
    let (Some(key), Some(uuid)) = (ask.query("pub_key"), ask.query("file_id")) else {
        return refused(400, "file_id is required.");
    };
    if key != PUBLIC_KEY {
        return refused(403, "pub_key is invalid.");
    }
    let Some(file) = project.file(&uuid).filter(|file| file.removed.is_none()) else {
        return refused(404, "File is not found.");
    };
    let answer = json_answer(&file.info());
    file.looked_at();
    Ok(answer)
}
