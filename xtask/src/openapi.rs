//! `cargo xtask openapi`: writes the document that the gateway serves into the repository, where
//! reviewers see it change.

use crate::shell::{cargo, output, root};
use anyhow::Context;

pub(crate) fn run() -> anyhow::Result<()> {
    let document = output(cargo().args([
        "run",
        "--quiet",
        "--package",
        "motlan-gateway",
        "--",
        "openapi",
    ]))?;
    let path = root().join("docs/openapi.json");
    std::fs::write(&path, document)
        .with_context(|| format!("cannot write `{}`", path.display()))?;
    eprintln!("wrote {}", path.display());
    Ok(())
}
