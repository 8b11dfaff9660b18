//! `motlan log reindex`: makes what is made of the access log anew, from the log alone.

use crate::{
    cli::{
        place::{Installation, Place},
        style::{GOOD, paint},
    },
    consents::{Followed, follow, store::SledConsents},
    index::{Entries, rebuild},
    random::{self, SystemRandomness},
    seals::Seals,
};
use anstream::{eprintln, println};
use anyhow::{Context, bail, ensure};
use clap::Args;
use motlan_access_log::{
    keys::LogKeys,
    log::{AccessLog, OpenError, TileLog},
};
use motlan_policies::consent::ConsentStore;
use std::{
    io::{self, IsTerminal},
    process::ExitCode,
    sync::Arc,
    time::Instant,
};

#[derive(Debug, Args)]
pub(in crate::cli) struct Reindex {
    #[command(flatten)]
    place: Place,
}

impl Reindex {
    pub(super) fn run(&self) -> anyhow::Result<ExitCode> {
        let place = self.place.installation()?;
        let log = open_log(&place)?;
        // What a crash kept from being published is published first, so that nothing is missed.
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        runtime
            .block_on(log.published(log.tree_size()))
            .context("the last entries cannot be published")?;

        let shows_progress = io::stderr().is_terminal();
        let started = Instant::now();
        let mut progress = |done, total| {
            if shows_progress {
                anstream::eprint!("\r{done} of {total} entries");
            }
        };
        let (directory, origin) = (&place.index.directory, &place.access_log.origin);
        let published = Entries {
            tiles: log.tiles(),
            details: place.details()?,
        };
        let key = place.index_key()?;
        let indexed = rebuild(directory, &key, origin, &published, &mut progress);
        if shows_progress {
            eprintln!();
        }
        let entries = indexed.context("the index cannot be made anew")?;
        let followed = runtime.block_on(consents(&place, published))?;
        log.shutdown()
            .context("the access log could not be closed in order")?;
        println!(
            "{} {entries} entries indexed in {:.1} s: `{}` is made anew from the access log",
            paint(GOOD, "✓"),
            started.elapsed().as_secs_f64(),
            directory.display()
        );
        println!(
            "{} {} changes of consents followed: `{}` is made anew from the access log",
            paint(GOOD, "✓"),
            followed.changes,
            place.consents.directory.display()
        );
        Ok(ExitCode::SUCCESS)
    }
}

/// Makes consents and seals anew from the log. The log has been published whole.
async fn consents(place: &Installation, published: Entries) -> anyhow::Result<Followed> {
    let directory = &place.consents.directory;
    // A store that cannot even be opened goes as a whole: the log has everything that was in it.
    let catalogue = place.catalogue()?;
    let store = SledConsents::open(directory, Arc::clone(&catalogue)).or_else(|_| {
        std::fs::remove_dir_all(directory).map_err(anyhow::Error::from)?;
        SledConsents::open(directory, Arc::clone(&catalogue)).map_err(anyhow::Error::from)
    })?;
    store.clear().await?;
    let (origin, size) = (&place.access_log.origin, published.tiles.tree_size());
    let followed = follow(&store, &catalogue, published, origin, size).await;
    let followed = followed.context("the consents cannot be made anew")?;
    Seals::forget(directory).context("the seals cannot be made anew")?;
    Ok(followed)
}

/// Opens a log that exists and that nobody else writes.
pub(super) fn open_log(place: &Installation) -> anyhow::Result<TileLog> {
    let config = &place.access_log;
    ensure!(
        config.directory.join("checkpoint").exists() && config.keys_directory.is_dir(),
        "there is no access log in `{}`, or its keys are not in `{}`",
        config.directory.display(),
        config.keys_directory.display()
    );
    let random = SystemRandomness::default();
    let new_secret = move || random::bytes(&random);
    let keys = LogKeys::open_or_create(&config.keys_directory, &config.origin, new_secret)?;
    match TileLog::open(config.options(keys.signer)) {
        Err(OpenError::InUse { path }) => bail!(
            "a gateway runs on the access log in `{}`; stop it first",
            path.display()
        ),
        opened => opened.context("the access log cannot be opened"),
    }
}
