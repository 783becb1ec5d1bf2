//! The options that say which settings apply, and the engine with those settings.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;

use super::Console;
use crate::workspace::{BaselineSource, Engine, Overrides, Problem, Request, Settings, SettingsSource, settings_for};

#[derive(Debug, Clone, Default, Args)]
pub(super) struct ScopeArguments {
    /// Read this settings file, and no other
    #[arg(long, value_name = "FILE", conflicts_with = "isolated")]
    config: Option<PathBuf>,
    /// Read no settings file
    #[arg(long)]
    isolated: bool,
}

impl ScopeArguments {
    pub(super) fn source(&self) -> SettingsSource {
        match &self.config {
            Some(file) => SettingsSource::File(file.clone()),
            None if self.isolated => SettingsSource::Isolated,
            None => SettingsSource::Discovered,
        }
    }

    /// The settings that govern `file`.
    pub(super) fn settings_at(&self, file: &Path, console: &Console<'_>) -> Result<Arc<Settings>, Vec<Problem>> {
        let request = Request {
            cwd: console.cwd.clone(),
            targets: Vec::new(),
            texts: Vec::new(),
            settings: self.source(),
            overrides: Overrides::default(),
            baseline: BaselineSource::Nowhere,
            changed: None,
            fixing: None,
            repairs: false,
            resources: false,
        };
        settings_for(&request, file)
    }

    /// The engine as the settings of the working directory extend it, if they do.
    pub(super) fn engine_here(
        &self,
        engine: &dyn Engine,
        console: &Console<'_>,
    ) -> Result<Option<Box<dyn Engine>>, Vec<Problem>> {
        let anything_here = Path::new("trueup.toml");
        engine.prepare(&*self.settings_at(anything_here, console)?)
    }
}
