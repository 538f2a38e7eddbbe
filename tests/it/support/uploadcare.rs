//! A project at Uploadcare, as its API references describe it and as recorded answers of the real one look: names, types and
//! order of the fields are those of the recordings. It checks signatures, dates, trailing slashes and fields, counts what
//! arrives, and does wrong what a test tells it to.

mod cdn;
mod files;
mod forms;
mod rest;
mod signatures;
mod uploads;

use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

pub use files::Project;

/// The public demo project's key: the only one in the recordings.
pub const PUBLIC_KEY: &str = "demopublickey";
pub const SECRET_KEY: &str = "demosecretkey";

/// An answer.
pub type Answer = Response<Full<Bytes>>;

/// A request, whole.
pub struct Ask {
    /// `GET`, `PUT`, …
    pub method: String,
    /// Path and query as they came.
    pub target: String,
    /// The headers.
    pub headers: hyper::HeaderMap,
    /// The body.
    pub body: Bytes,
}

/// What goes wrong with a request.
pub enum Fault {
    /// This is said instead, and nothing is done.
    Say(u16, Vec<(&'static str, String)>, String),
    /// It is done, and the connection ends before the answer.
    Lose,
    /// Nothing is done, and no answer ever comes.
    Hang,
}

type Choice = Box<dyn FnMut(&Ask) -> Option<Fault> + Send>;

/// The server; it ends with the test's runtime.
pub struct Uploadcare {
    shared: Arc<Shared>,
    /// `http://127.0.0.1:PORT`.
    pub url: String,
}

struct Shared {
    project: Mutex<Project>,
    choice: Mutex<Choice>,
    /// Requests that have come, faulty ones included.
    asked: watch::Sender<Vec<String>>,
}

impl Uploadcare {
    /// An empty project with a secret key, at a free port.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let shared = Arc::new(Shared {
            project: Mutex::new(Project::new(&url)),
            choice: Mutex::new(Box::new(|_| None)),
            asked: watch::Sender::new(Vec::new()),
        });
        let serving = shared.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(serving.clone().connection(client));
            }
        });
        Self { shared, url }
    }

    /// What it holds.
    pub fn project(&self) -> MutexGuard<'_, Project> {
        self.shared.project.lock().unwrap()
    }

    /// What is to go wrong.
    pub fn faults(&self, choice: impl FnMut(&Ask) -> Option<Fault> + Send + 'static) {
        *self.shared.choice.lock().unwrap() = Box::new(choice);
    }

    /// All that came, as `METHOD /path`.
    pub fn asked(&self) -> Vec<String> {
        self.shared.asked.borrow().clone()
    }

    /// How many requests of that method came to paths that begin so.
    pub fn count(&self, method: &str, path: &str) -> usize {
        let begins = format!("{method} {path}");
        self.asked().iter().filter(|asked| asked.starts_with(&begins)).count()
    }

    /// Returns once so many have come.
    pub async fn has_asked(&self, method: &str, path: &str, times: usize) {
        let begins = format!("{method} {path}");
        let enough = |asked: &Vec<String>| asked.iter().filter(|asked| asked.starts_with(&begins)).count() >= times;
        self.shared.asked.subscribe().wait_for(enough).await.unwrap();
    }

    /// The `.env` of the guide, and where this server is.
    pub fn env(&self, secret: bool) -> String {
        let url = &self.url;
        let secret = if secret { format!("UPLOADCARE_SECRET_KEY={SECRET_KEY}\n") } else { String::new() };
        format!(
            "UPLOADCARE_PUBLIC_KEY={PUBLIC_KEY}\n{secret}WINDLASS_UPLOAD_BASE={url}\nWINDLASS_API_BASE={url}\n\
             WINDLASS_CDN_BASE={url}/cdn\n"
        )
    }
}

impl Shared {
    async fn connection(self: Arc<Self>, client: TcpStream) {
        let service = service_fn(|request| self.clone().serve(request));
        // A client that goes away in the middle is the test's affair.
        let _ended = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(client), service).await;
    }

    async fn serve(self: Arc<Self>, request: Request<Incoming>) -> Result<Answer, Lost> {
        let (parts, body) = request.into_parts();
        if parts.uri.path() == "/base/" && self.breaks_off() {
            return Err(Lost);
        }
        let body = body.collect().await.map_err(|_| Lost)?.to_bytes();
        let target = parts.uri.path_and_query().unwrap().as_str().to_owned();
        let ask = Ask { method: parts.method.to_string(), target, headers: parts.headers, body };
        let fault = (self.choice.lock().unwrap())(&ask);
        let note = format!("{} {}", ask.method, ask.target);
        let answer = match fault {
            Some(Fault::Say(status, headers, body)) => Ok(said(status, &headers, body)),
            Some(Fault::Lose) => {
                self.answer(&ask);
                Err(Lost)
            }
            Some(Fault::Hang) => {
                self.asked.send_modify(|asked| asked.push(note));
                std::future::pending::<Infallible>().await;
                return Err(Lost);
            }
            None => Ok(self.answer(&ask)),
        };
        self.asked.send_modify(|asked| asked.push(note));
        answer
    }

    fn breaks_off(&self) -> bool {
        let left = &mut self.project.lock().unwrap().breaks_off;
        let breaks = *left > 0;
        *left = left.saturating_sub(1);
        breaks
    }

    fn answer(&self, ask: &Ask) -> Answer {
        let project = &mut *self.project.lock().unwrap();
        let path = ask.path();
        if path.starts_with("/cdn/") {
            return cdn::answer(project, ask);
        }
        if path.starts_with("/parts/") {
            return uploads::part(project, ask);
        }
        if !path.ends_with('/') {
            return said(404, &[("content-type", "text/html".into())], "<!DOCTYPE html><title>404</title>");
        }
        match path {
            "/base/" | "/multipart/start/" | "/multipart/complete/" | "/info/" | "/from_url/" | "/from_url/status/" => {
                uploads::answer(project, ask)
            }
            _ => rest::answer(project, ask),
        }
    }
}

impl Ask {
    /// The path alone.
    pub fn path(&self) -> &str {
        self.target.split('?').next().unwrap()
    }

    /// A value of the query, decoded.
    pub fn query(&self, name: &str) -> Option<String> {
        let (_, query) = self.target.split_once('?')?;
        forms::decoded(query.as_bytes()).into_iter().find(|field| field.0 == name).map(|field| field.1)
    }

    /// A header, where it is text.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

/// An answer with those headers.
pub fn said(status: u16, headers: &[(&'static str, String)], body: impl Into<Bytes>) -> Answer {
    let mut answer = Response::builder().status(status);
    for (name, value) in headers {
        answer = answer.header(*name, value);
    }
    answer.body(Full::new(body.into())).unwrap()
}

/// The connection ends without an answer.
#[derive(Debug)]
struct Lost;

impl std::fmt::Display for Lost {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("lost")
    }
}

impl std::error::Error for Lost {}
