//! Pictures of the screen, made from runs of the real program in a real terminal, against a real bucket and a real
//! catalog: each scene at four sizes in four looks, as SVG and as text, in `pictures` of the build's `tmp` folder.
//! `cargo test --bench pictures [-- NAME]…`; with `WINDLASS_WRITE_ASSETS=1` README's pictures go to `assets`, too.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a picture that cannot be made is best told where it went wrong"
)]

#[path = "pictures/looks.rs"]
mod looks;
#[path = "pictures/scenes.rs"]
mod scenes;
#[path = "pictures/stage.rs"]
mod stage;
mod support;
#[path = "pictures/svg.rs"]
mod svg;

use std::path::{Path, PathBuf};

use looks::Look;
use scenes::{SCENES, Scene};
use stage::Stage;

/// Columns and rows of the pictures.
const SIZES: [(u16, u16); 4] = [(160, 48), (120, 36), (80, 24), (40, 10)];

/// How README's pictures look.
const IN_README: (Look, (u16, u16)) = (Look::Dark, (120, 36));

fn main() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pictures");
    std::fs::create_dir_all(&folder).unwrap();
    for scene in SCENES.iter().filter(|scene| support::wanted(scene.name)) {
        let stage = Stage::set(scene.setting);
        for look in Look::ALL {
            for size in SIZES {
                take(scene, &stage, look, size, &folder);
            }
        }
        println!("{}", scene.name);
    }
    println!("they are in {}", folder.display());
}

/// Plays the scene and keeps what the screen shows at its end.
fn take(scene: &Scene, stage: &Stage, look: Look, size: (u16, u16), folder: &Path) {
    let person = stage.play(scene, look, size);
    let name = format!("{}-{}x{}-{}", scene.name, size.0, size.1, look.name());
    let text = person.whole_rows().join("\n");
    let picture = person.look(|screen| svg::picture(screen, look));
    std::fs::write(folder.join(format!("{name}.txt")), &text).unwrap();
    std::fs::write(folder.join(format!("{name}.svg")), &picture).unwrap();
    let wanted = std::env::var_os("WINDLASS_WRITE_ASSETS").is_some();
    if wanted && scene.in_readme && (look, size) == IN_README {
        assert!(!stage.is_private(&text), "{name} shows a path or the name of this machine, or a signed URL");
        std::fs::write(assets().join(format!("{}.svg", scene.name)), picture).unwrap();
    }
}

fn assets() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("assets")
}
