//! Configuration files that are mounted where the image does not look, and that nothing else in the description names.

use super::blocks::BlockReader;
use super::container::image_parts;
use super::fragment::{Fault, Reading, Setting};
use super::recognise::file_name;
use super::site::Place;
use super::view::ViewId;
use super::{Text, settle};
use crate::knowledge::{UnreadMount, glob};
use crate::model::{Confidence, Why, Written};

/// The fault of a file that is mounted for nobody.
pub(crate) const MOUNT_NOT_READ: &str = "mount-not-read";

impl BlockReader<'_, '_> {
    /// The repository of the container's image; none where it is built here, or cannot be told.
    pub(super) fn repository(&self, place: Place<'_>) -> Option<String> {
        if place.site.build.iter().any(|pattern| place.view.one(place.at, pattern).is_some()) {
            return None;
        }
        let image = place.view.one(place.at, &place.site.image).and_then(|at| place.view.text(at))?;
        // `postgres:${VERSION}` is an image of that name
        let image = match settle(self.context, self.source.path, self.interpolation, image) {
            Text::Written(text) | Text::Filled(text) => text,
            Text::Open => image.split_once(":$")?.0.to_string(),
        };
        (!image.contains('$')).then(|| image_parts(&image).0.to_string())
    }

    /// Mounted files that the image does not read where they are.
    pub(super) fn unread_mounts(&self, place: Place<'_>) -> Vec<Setting> {
        let (view, site) = (place.view, place.site);
        let Some(at) = site.mounts.as_ref().and_then(|pattern| view.one(place.at, pattern)) else { return Vec::new() };
        let Some(repository) = self.repository(place).filter(|_| !site.unread.is_empty()) else { return Vec::new() };
        let told_elsewhere = site.ports.iter().flat_map(|ports| &ports.elsewhere);
        let own_start = site.entrypoint.iter().chain(told_elsewhere).any(|it| view.one(place.at, it).is_some());
        let mounts = place.mounts();
        let targets: Vec<&str> = mounts.iter().filter_map(|mount| mount.target.as_deref()).collect();
        // a mount that cannot be read may be one that takes part
        if own_start || targets.len() < mounts.len() {
            return Vec::new();
        }
        let knows = |row: &&UnreadMount| {
            row.images.iter().any(|pattern| glob(pattern, &repository))
                && !targets.iter().any(|target| row.unless.iter().any(|pattern| glob(pattern, target)))
                && self.starts(place, row)
        };
        let mut settings = Vec::new();
        for row in site.unread.iter().filter(knows) {
            for (&item, mount) in view.children(at).iter().zip(&mounts) {
                let (Some(source), Some(target)) = (&mount.source, &mount.target) else { continue };
                let is_file =
                    source.starts_with(['.', '/', '~', '$']) && row.files.iter().any(|name| name == file_name(target));
                if is_file
                    && !target.contains('$')
                    && !row.read.iter().any(|pattern| glob(pattern, target))
                    && !self.is_named(place, at, target)
                {
                    settings.extend(self.unread(place, row, item, target));
                }
            }
        }
        settings
    }

    /// Whether the container starts the image's own program, as far as its command says.
    fn starts(&self, place: Place<'_>, row: &UnreadMount) -> bool {
        if place.view.one(place.at, &place.site.arguments).is_none() {
            return true;
        }
        let Some(arguments) = place.arguments() else { return false };
        let Some(first) = arguments.words().next() else { return true };
        let first = arguments.document.scalar(first);
        first.starts_with('-') || row.programs.iter().any(|program| program == file_name(first))
    }

    /// Whether something of the description besides its mounts names the file, or a folder around it.
    fn is_named(&self, place: Place<'_>, mounts: ViewId, target: &str) -> bool {
        let mut work = vec![place.at];
        while let Some(id) = work.pop() {
            if id == mounts {
                continue;
            }
            work.extend(place.view.children(id));
            let Some(text) = place.view.text(id) else { continue };
            let path = text.rsplit('=').next().unwrap_or(text).trim_end_matches('/');
            let around = path.len() > 1 && path.starts_with('/') && target.starts_with(path);
            if around || text.contains(file_name(target)) {
                return true;
            }
        }
        false
    }

    fn unread(&self, place: Place<'_>, row: &UnreadMount, item: ViewId, target: &str) -> Option<Setting> {
        let entry = place.view.get(item);
        let node = self.source.document.node(entry.entry.or(entry.value)?);
        let location = self.source.locate(node.content);
        let mut fault = Fault::new(MOUNT_NOT_READ, row.detail.as_str()).cure(row.cure.replace("{target}", target));
        // variables that are not seen may name it
        let files = |pattern| place.view.one(place.at, pattern).is_some();
        fault.confidence = match place.site.variable_files.iter().any(files) {
            true => Confidence::Medium,
            false => Confidence::High,
        };
        Some(Setting {
            attribute: None,
            reading: Reading { set: false, ..Reading::unknown(Why::NotSet) }.with(fault),
            written: Written::new(location, location, file_name(target)).shared(entry.shared),
            text: target.into(),
            needs: Vec::new(),
        })
    }
}
