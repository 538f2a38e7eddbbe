//! What a bucket's CORS rules are asked to do: come back as they were set, others' among them, go, and decide what a page's
//! browser is told.

use std::sync::Arc;

use windlass::domain::CorsRule;
use windlass::storage::ObjectStore;
use windlass::storage::cors::{Allowed, allow};

use super::{HOUR, Outcome, Served, curl};

const PAGE: &str = "https://app.example.org";

pub async fn cors_rules(on: Arc<Served>) -> Outcome {
    on.store.set_cors(&[]).await.unwrap();
    let Allowed { rules, is_new } = allow(&on.store, &[PAGE.into(), "http://localhost:3000".into()]).await.unwrap();
    assert!(is_new);
    assert_eq!(rules, [on.store.cors_guide().rule(vec![PAGE.into(), "http://localhost:3000".into()])]);
    assert_eq!(on.store.cors().await.unwrap(), rules);
    assert!(!allow(&on.store, &[PAGE.into()]).await.unwrap().is_new);
    Outcome::Works
}

pub async fn named_rule(on: Arc<Served>) -> Outcome {
    let methods = vec!["GET".to_owned(), "HEAD".into()];
    let theirs =
        CorsRule { id: Some("of terraform".into()), origins: vec!["*".into()], methods, ..CorsRule::default() };
    on.store.set_cors(std::slice::from_ref(&theirs)).await.unwrap();
    allow(&on.store, &[PAGE.into()]).await.unwrap();
    let rules = on.store.cors().await.unwrap();
    assert_eq!((rules.len(), &rules[0]), (2, &theirs));
    Outcome::Works
}

pub async fn no_cors_rules(on: Arc<Served>) -> Outcome {
    allow(&on.store, &[PAGE.into()]).await.unwrap();
    on.store.set_cors(&[]).await.unwrap();
    assert_eq!(on.store.cors().await.unwrap(), []);
    Outcome::Works
}

pub async fn preflight(on: Arc<Served>) -> Outcome {
    allow(&on.store, &[PAGE.into()]).await.unwrap();
    let link = on.store.upload_link("cors/up", "image/png", None, HOUR).await.unwrap();
    let asks = |origin: &str| {
        let headers = ["Access-Control-Request-Method: PUT", "Access-Control-Request-Headers: content-type"];
        let origin = format!("Origin: {origin}");
        let all = ["-X", "OPTIONS", "-H", headers[0], "-H", headers[1], "-H", &origin];
        all.map(str::to_owned)
    };
    let (status, text) = curl(&on, link.url.expose(), &asks(PAGE)).await;
    assert!(status == 200 && text.contains(&format!("access-control-allow-origin: {PAGE}")), "{status} {text}");
    let (_, text) = curl(&on, link.url.expose(), &asks("https://evil.example")).await;
    assert!(!text.contains("access-control-allow-origin: "), "{text}");
    on.store.set_cors(&[]).await.unwrap();
    Outcome::Works
}
