//! Where scenes are played: a home with a shop's files, a bucket and a catalog that hold some of them, all names made up.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime};

use super::looks::Look;
use super::scenes::{Scene, Setting};
use super::support::fill::Served;
use super::support::program::{Ended, Home};
use super::support::pty::Person;

/// Files of the shop, with their sizes in bytes: wide letters, emoji and a very long name among them.
const FILES: [(&str, u64); 14] = [
    ("photos/bench-front.jpg", 1_284_110),
    ("photos/bench-side.jpg", 980_221),
    ("invoices/2026-01.pdf", 88_412),
    ("hero-image.jpg", 2_516_582),
    ("logo.svg", 4_211),
    ("opening-hours.txt", 612),
    ("promo-spring.mp4", 18_874_368),
    ("newsletter-2026-03.html", 30_442),
    ("客户名单与订单汇总表.xlsx", 51_200),
    ("👋 welcome.png", 220_512),
    ("Überraschung für naïve Gäste.txt", 1_024),
    ("a-name-that-is-far-too-long-for-any-column-of-any-pane-on-any-screen-that-people-use-today.tar.gz", 7_340_032),
    (".env.example", 310),
    ("stock-list.json", 1_802),
];

/// Objects of the bucket beside what is uploaded from [`FILES`].
const OBJECTS: [(&str, u64); 16] = [
    ("0b9f4c1e-4a52-4c1f-9a57-2f6b1f4f7a10-avatar.png", 45_100),
    ("7d1c2f3a-98aa-4e0b-8a37-d1b5c6e0a911-contract-signed.pdf", 312_000),
    ("invoices/2025-11.pdf", 81_002),
    ("invoices/2025-12.pdf", 84_950),
    ("invoices/2026-01.pdf", 88_412),
    ("invoices/2026-02.pdf", 90_117),
    ("catalog/2026/spring/garden-bench.jpg", 1_284_110),
    ("catalog/2026/spring/lantern.jpg", 733_020),
    ("catalog/2026/spring/watering-can.jpg", 611_090),
    ("catalog/2026/目录封面.png", 402_118),
    ("catalog/2026/🌷 tulips.jpg", 998_400),
    ("catalog/2026/a-key-that-is-far-too-long-for-any-column-of-any-pane-on-any-screen-that-people-use.jpg", 120_400),
    ("hero-image.jpg", 2_401_007),
    ("team/Zoë & Łukasz.jpg", 655_210),
    ("newsletter/2026-03/index.html", 30_442),
    ("newsletter/2026-03/header.png", 199_004),
];

/// More files and objects, so that lists are full.
const MORE: usize = 24;

/// A text whose preview has colours.
const PRICES: &str = "{\n  \"currency\": \"EUR\",\n  \"valid_from\": \"2026-03-01\",\n  \"items\": [\n    { \"sku\": \"GB-120\", \
    \"name\": \"Garden bench\", \"price\": 189.00, \"in_stock\": true },\n    { \"sku\": \"LN-007\", \"name\": \"Lantern\", \
    \"price\": 24.50, \"in_stock\": true },\n    { \"sku\": \"WC-031\", \"name\": \"Watering can\", \"price\": 17.90, \
    \"in_stock\": false },\n    { \"sku\": \"目-001\", \"name\": \"目录 (printed catalog)\", \"price\": 0, \"in_stock\": true }\n  ]\n}\n";

/// A home that is ready.
pub struct Stage {
    home: Home,
    /// The bucket, while the stage stands.
    _served: Option<Served>,
}

impl Stage {
    /// Makes everything that is there before.
    pub fn set(setting: Setting) -> Self {
        let served = (setting != Setting::Nothing).then(Served::start);
        let stage = Self { home: Home::new(), _served: served };
        stage.fill_folder();
        if let Some(served) = &stage._served {
            stage.fill_bucket(served);
            stage.queue(setting, served);
        }
        stage
    }

    /// The person's own folder: what the pictures show as `~`.
    fn own(&self) -> PathBuf {
        self.home.here()
    }

    fn shop(&self) -> PathBuf {
        self.own().join("shop")
    }

    fn fill_folder(&self) {
        for (number, (name, size)) in FILES.iter().enumerate() {
            self.put(&self.shop().join(name), *size, number);
        }
        for number in 0..MORE {
            let name = format!("scan-2026-{:03}.tiff", number * 7 + 1);
            self.put(&self.shop().join(name), 700_000 + number as u64 * 9_973, number % 20);
        }
        std::fs::write(self.shop().join("price-list.json"), PRICES).unwrap();
    }

    /// A file of that size whose date is the older the higher its number.
    fn put(&self, path: &Path, size: u64, number: usize) {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        let file = std::fs::File::create(path).unwrap();
        file.set_len(size).unwrap();
        file.set_modified(SystemTime::now() - age(number)).unwrap();
    }

    fn fill_bucket(&self, served: &Served) {
        self.configure(&self.profile(served));
        self.run(&["catalog", "migrate"]);
        let objects = self.own().join("objects");
        for (number, (key, size)) in OBJECTS.iter().enumerate() {
            self.put(&objects.join(key), *size, number);
        }
        std::fs::write(objects.join("price-list.json"), PRICES).unwrap();
        sunset().save(objects.join("newsletter/2026-03/header.png")).unwrap();
        for number in 0..MORE {
            self.put(
                &objects.join(format!("orders/2026-{:04}.pdf", 1200 - number)),
                40_000 + number as u64 * 977,
                number,
            );
        }
        self.run(&["upload", objects.to_str().unwrap()]);
        std::fs::remove_dir_all(&objects).unwrap();
        self.spread_dates();
        self.run(&["transfers"]);
    }

    /// Records that were not all written a moment ago.
    fn spread_dates(&self) {
        let statement = "UPDATE s3_files SET upload_timestamp = upload_timestamp - 3600000000 * id * id / 9, \
                         file_url = 'https://files.example.org/' || object_key";
        super::support::wait(super::support::fill::sqlite(&self.own().join(".catalog.sqlite"), statement));
        // What has filled the bucket is no part of a picture.
        for name in ["journal.sqlite", "journal.sqlite-wal", "journal.sqlite-shm"] {
            let _not_there = std::fs::remove_file(self.own().join(".local/state/windlass").join(name));
        }
    }

    fn profile(&self, served: &Served) -> String {
        let profile = served.profile(&format!(
            "database_url = \"sqlite:{}\"\nuser_id = \"ada\"\nkey_template = \"{{name}}\"\n\
             public_base_url = \"https://files.example.org\"",
            self.own().join(".catalog.sqlite").display()
        ));
        profile.replace("\"bench\"", "\"shop\"").replace("[profiles.bench]", "[profiles.shop]")
    }

    fn configure(&self, toml: &str) {
        let folder = self.own().join(".config/windlass");
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join("config.toml");
        std::fs::write(&path, toml).unwrap();
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
    }

    fn queue(&self, setting: Setting, served: &Served) {
        let uploads = ["promo-spring.mp4", "hero-image.jpg", "客户名单与订单汇总表.xlsx", "logo.svg", "👋 welcome.png"];
        let upload = |more: &[&str]| {
            let mut arguments = vec!["upload", "--to", "media/", "--on-conflict", "overwrite", "--detach"];
            arguments.extend(more);
            self.run(&arguments);
        };
        let profile = self.profile(served);
        match setting {
            Setting::Nothing | Setting::Shop => {}
            Setting::Busy => {
                self.configure(&format!("{profile}rate = \"200K\"\njobs = 2\n"));
                upload(&uploads);
            }
            Setting::Offline => {
                let away = profile.lines().map(|line| match line.strip_prefix("endpoint") {
                    Some(_) => "endpoint = \"https://objects.shop.invalid\"".to_owned(),
                    None => line.to_owned(),
                });
                self.configure(&away.collect::<Vec<_>>().join("\n"));
                upload(&uploads);
            }
            Setting::Failed => {
                upload(&uploads);
                std::fs::remove_file(self.shop().join("hero-image.jpg")).unwrap();
                std::fs::write(self.shop().join("logo.svg"), "<svg/>").unwrap();
            }
        }
    }

    /// The environment in which everything of a picture runs.
    fn variables(&self) -> Vec<(&'static str, String)> {
        let at = |name: &str| self.own().join(name).display().to_string();
        vec![
            ("HOME", self.own().display().to_string()),
            ("XDG_CONFIG_HOME", at(".config")),
            ("XDG_STATE_HOME", at(".local/state")),
            ("XDG_DATA_HOME", at(".local/share")),
            ("USER", "ada".into()),
        ]
    }

    fn run(&self, arguments: &[&str]) -> Ended {
        let mut command: Command = self.home.command(arguments);
        command.envs(self.variables()).current_dir(self.shop());
        Ended::of(command.output().unwrap()).with(0)
    }

    /// Plays the scene to its end.
    pub fn play(&self, scene: &Scene, look: Look, (width, height): (u16, u16)) -> Person {
        // Where the last one stood is no part of this one.
        let _not_there = std::fs::remove_file(self.own().join(".local/state/windlass/screen.toml"));
        let own = self.variables();
        let mut variables: Vec<(&str, &str)> = own.iter().map(|(name, value)| (*name, value.as_str())).collect();
        variables.extend(look.variables());
        let program = ["sh", "-c", "cd shop && exec \"$0\"", env!("CARGO_BIN_EXE_windlass")];
        let mut person = self.home.in_terminal(&program, &variables, width, height);
        person.frame(0);
        rest(&person);
        for keys in scene.keys {
            person.press(keys);
            rest(&person);
        }
        person
    }

    /// Whether a screen shows what no picture may: a path of this machine, its name, or a signed URL.
    pub fn is_private(&self, text: &str) -> bool {
        let home = self.home.path().display().to_string();
        let machine = std::fs::read_to_string("/etc/hostname").unwrap_or_default();
        let named = text.split(|letter: char| !letter.is_alphanumeric()).any(|word| word == machine.trim());
        named || [home.as_str(), "X-Amz-Signature="].iter().any(|secret| text.contains(secret))
    }
}

/// A picture that is seen to be one in few colours, too: a sun over the sea.
fn sunset() -> image::RgbImage {
    image::RgbImage::from_fn(480, 270, |x, y| {
        let from_sun = x.abs_diff(330).pow(2) + y.abs_diff(150).pow(2);
        let shade = |from: u32, to: u32| u8::try_from(from + (to.saturating_sub(from)) * y / 270).unwrap_or(u8::MAX);
        match y {
            180.. if (y / 6 + x / 40) % 3 == 0 => image::Rgb([230, 150, 90]),
            180.. => image::Rgb([20, shade(40, 70), shade(90, 140)]),
            _ if from_sun < 48 * 48 => image::Rgb([255, 214, 92]),
            _ => image::Rgb([shade(90, 250), shade(60, 150), shade(110, 120)]),
        }
    })
}

fn age(number: usize) -> Duration {
    Duration::from_secs((number as u64 + 1).pow(3) * 2_000)
}

/// Waits until the screen has not changed for a while; what moves all the time is taken as it is after two seconds.
fn rest(person: &Person) {
    let mut frames = person.frames();
    for _ in 0..8 {
        std::thread::sleep(Duration::from_millis(250));
        if person.frames() == frames {
            return;
        }
        frames = person.frames();
    }
}
