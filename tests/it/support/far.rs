//! A bucket that another process serves: `windlass local serve` in a home of its own, so that to the program under test
//! it is an S3 endpoint like any other.

use serde_json::Value;

use super::program::{Home, Running};

/// Another process's bucket; it ends with the test.
pub struct Far {
    /// The process.
    pub serving: Running,
    _home: Home,
    access: Value,
}

impl Far {
    /// Serves one.
    pub fn new() -> Self {
        let home = Home::new();
        let mut serving = home.start(["local", "serve", "--json"]);
        let access = serde_json::from_str(&serving.line()).unwrap();
        Self { serving, _home: home, access }
    }

    /// A field of what `local serve` printed.
    pub fn text(&self, field: &str) -> &str {
        self.access[field].as_str().unwrap()
    }

    /// A configuration whose profile `far` is this bucket; lines may be replaced or added.
    pub fn profile(&self, replaced: &[(&str, &str)]) -> String {
        let mut lines = vec![
            ("provider", "s3"),
            ("endpoint", self.text("endpoint")),
            ("region", self.text("region")),
            ("access_key_id", self.text("access_key_id")),
            ("secret_access_key", self.text("secret_access_key")),
            ("bucket", self.text("bucket")),
        ];
        for (name, value) in replaced {
            lines.retain(|(known, _)| known != name);
            lines.push((name, value));
        }
        let lines: Vec<String> = lines.iter().map(|(name, value)| format!("{name} = \"{value}\"")).collect();
        format!("default_profile = \"far\"\n[profiles.far]\n{}\n", lines.join("\n"))
    }
}
