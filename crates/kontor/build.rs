//! The console's folder must be there when the program is compiled (empty until the console is
//! built), and a newly built console must be embedded anew.

fn main() -> std::io::Result<()> {
    let dist = concat!(env!("CARGO_MANIFEST_DIR"), "/../../ui/dist");
    std::fs::create_dir_all(dist)?;
    println!("cargo:rerun-if-changed={dist}");
    Ok(())
}
