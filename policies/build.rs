//! Lists the files of the national policies, so that they are compiled in and nobody keeps a list.

use std::{env, error::Error, fmt::Write, fs, path::Path};

/// The name of the constant, the folder, and how its files' names end.
const FOLDERS: [(&str, &str, &str); 5] = [
    ("PURPOSES", "purposes", ".toml"),
    ("AGENCIES", "agencies", ".toml"),
    ("RULES", "bundle", ".cedar"),
    ("CASES", "bundle/tests", ".json"),
    ("REFUSED", "bundle/tests", ".cedar"),
];

fn main() -> Result<(), Box<dyn Error>> {
    let home = env::var_os("CARGO_MANIFEST_DIR").ok_or("cargo names the package's directory")?;
    let out = env::var_os("OUT_DIR").ok_or("cargo names the directory for what is generated")?;
    let mut code = String::new();
    for (name, folder, ending) in FOLDERS {
        println!("cargo::rerun-if-changed={folder}");
        writeln!(code, "const {name}: &[(&str, &str)] = &[")?;
        for file in files(&Path::new(&home).join(folder), ending)? {
            let path = Path::new(&home).join(folder).join(&file);
            let named = format!("{folder}/{file}");
            writeln!(code, "    ({named:?}, include_str!({path:?})),")?;
        }
        writeln!(code, "];")?;
    }
    fs::write(Path::new(&out).join("embedded.rs"), code)?;
    Ok(())
}

/// The names of the files, in their order. Only rules that must be refused begin with `_`.
fn files(folder: &Path, ending: &str) -> Result<Vec<String>, Box<dyn Error>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        let refused = folder.ends_with("tests") && ending == ".cedar";
        if name.ends_with(ending) && !name.starts_with('.') && name.starts_with('_') == refused {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}
