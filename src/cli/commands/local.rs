//! `windlass local serve`: gives the bucket that comes with Windlass to any other S3 client, until it is stopped.

use std::net::SocketAddr;

use clap::{Args, Subcommand};
use serde::Serialize;

use crate::cli::advice::usage;
use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::output::Line;
use crate::domain::Result;
use crate::domain::display::display;
use crate::storage::local::{LocalAccess, LocalBucket};

/// What to do with the local bucket.
#[derive(Debug, Args)]
pub struct Flags {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve it over the S3 API until Ctrl-C; prints where, and the credentials
    Serve {
        /// Where to listen instead of the remembered port of 127.0.0.1
        #[arg(long, value_name = "HOST:PORT")]
        addr: Option<String>,
    },
}

/// Serves.
pub async fn run(flags: Flags, context: &mut Context) -> Result<Exit> {
    let Command::Serve { addr } = flags.command;
    let address = match &addr {
        Some(text) => Some(resolve(text).await?),
        None => None,
    };
    let bucket = LocalBucket::open(&context.services.config().places.local_bucket()).await?;
    let served = bucket.serve_at(address).await?;
    context.output.print(&Served::from(&served.access))?;
    context.output.flush()?;
    context.interrupted.cancelled().await;
    served.shutdown().await;
    Ok(Exit::Done)
}

async fn resolve(text: &str) -> Result<SocketAddr> {
    let wrong = || usage(format!("--addr {} is no HOST:PORT", display(text)), "it looks like 127.0.0.1:9000");
    let mut found = tokio::net::lookup_host(text).await.map_err(|_no_such_address| wrong())?;
    found.next().ok_or_else(wrong)
}

/// What another S3 client needs to know.
#[derive(Serialize)]
struct Served {
    endpoint: String,
    region: String,
    access_key_id: String,
    secret_access_key: String,
    bucket: String,
}

impl From<&LocalAccess> for Served {
    fn from(access: &LocalAccess) -> Self {
        Self {
            endpoint: access.endpoint.clone(),
            region: access.region.clone(),
            access_key_id: access.access_key_id.clone(),
            secret_access_key: access.secret_access_key.expose().to_owned(),
            bucket: access.bucket.clone(),
        }
    }
}

impl Line for Served {
    fn text(&self) -> Option<String> {
        Some(format!(
            "endpoint           {}\nregion             {}\naccess_key_id      {}\nsecret_access_key  {}\nbucket             {}",
            self.endpoint, self.region, self.access_key_id, self.secret_access_key, self.bucket
        ))
    }
}
