//! The console's folder must be there when the program is compiled (empty until the console is
//! built), and a newly built console must be embedded anew.

use std::fs::File;
use std::path::Path;
use std::time::{Duration, SystemTime};

fn main() -> std::io::Result<()> {
    let dist = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../ui/dist"));
    if !dist.exists() {
        std::fs::create_dir_all(dist)?;
        // Made by us, it is not a newer console than the one that is being compiled.
        File::open(dist)?.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(86_400))?;
    }
    println!("cargo:rerun-if-changed={}", dist.display());
    Ok(())
}
