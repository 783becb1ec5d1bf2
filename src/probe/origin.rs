//! The line of a repository's file that a running value comes from: findings are shown there.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::analysis::{File, Status};
use crate::model::{Finding, Location, Related};
use crate::syntax::{self, Document, Format, LineFlavor, decode};
use crate::workspace::walk::walk;
use crate::workspace::{Checked, read_file, root};

/// Moves the findings of `snapshots` (paths as they were checked) to the line of a file below `cwd`, where the server
/// names a file and line for the value, and a file of that name has the parameter on that line. What is in force is
/// shown beside it.
pub fn point_at_files(checked: &mut Checked, cwd: &Path) {
    let mut places = Places { cwd, candidates: None, found: Vec::new() };
    let snapshots: Vec<(u32, Document)> = (0u32..)
        .zip(&checked.outcome.files)
        .filter_map(|(index, file)| Some((index, syntax::parse(file.text.as_deref()?, Format::Json))))
        .collect();
    for finding in &mut checked.outcome.findings {
        let Some((_, document)) = snapshots.iter().find(|(file, _)| *file == finding.primary.file) else { continue };
        let Some((source, parameter)) = source(document, finding.primary) else { continue };
        let Some(place) = places.place(&source, &parameter, &mut checked.outcome.files) else { continue };
        let in_force = std::mem::replace(&mut finding.primary, place);
        let message = "this is in force".to_owned();
        finding.related.insert(0, Related { location: in_force, message });
    }
    checked.outcome.findings.sort_by_key(|finding: &Finding| (finding.primary.file, finding.primary.start));
}

/// Where the value comes from that a place of a snapshot is about, and the parameter it is of.
fn source(document: &Document, place: Location) -> Option<(String, String)> {
    let root = *document.roots.first()?;
    let holds = |id: &syntax::NodeId| {
        let entry = document.node(*id).entry;
        entry.start <= place.start && place.end <= entry.end
    };
    let text = |map, key: &str| document.entry(map, key).map(|node| document.scalar(node).to_owned());
    if let Some(settings) = document.entry(root, "settings")
        && let Some(setting) = document.children(settings).find(holds)
    {
        let parameter = document.key(setting)?.to_owned();
        let source = text(document.entry(root, "sources")?, &parameter)?;
        return Some((source, parameter));
    }
    let drift = document.entry(root, "drift")?;
    let one = document.children(drift).find(holds)?;
    Some((text(one, "place")?, text(one, "parameter")?))
}

/// The files that were looked at.
struct Places<'a> {
    cwd: &'a Path,
    candidates: Option<Vec<PathBuf>>,
    /// Path, and its index among the files of the run.
    found: Vec<(PathBuf, u32, Document)>,
}

impl Places<'_> {
    /// The place of a parameter on `file:line`, in the file below the directory whose path ends most like that one.
    fn place(&mut self, source: &str, parameter: &str, files: &mut Vec<File>) -> Option<Location> {
        let (path, line) = source.rsplit_once(':')?;
        let (path, line): (&Path, usize) = (Path::new(path), line.parse().ok()?);
        let cwd = self.cwd;
        let all = self.candidates.get_or_insert_with(|| {
            walk(cwd, &[PathBuf::from(".")], &|path| path.extension().is_some_and(|end| end == "conf"))
                .files
                .into_keys()
                .collect()
        });
        let alike = |candidate: &Path| {
            candidate.components().rev().zip(path.components().rev()).take_while(|(a, b)| a == b).count()
        };
        let mut of_name: Vec<PathBuf> = all.iter().filter(|candidate| alike(candidate) > 0).cloned().collect();
        of_name.sort_by_key(|candidate| (std::cmp::Reverse(alike(candidate)), candidate.clone()));
        of_name.into_iter().find_map(|candidate| self.on_line(&candidate, line, parameter, files))
    }

    fn on_line(&mut self, path: &Path, line: usize, parameter: &str, files: &mut Vec<File>) -> Option<Location> {
        let known = self.found.iter().position(|(known, ..)| known == path);
        let index = match known {
            Some(index) => index,
            None => {
                let bytes = read_file(self.cwd, path).ok()?;
                let document = syntax::parse(decode::decode(&bytes).ok()?, Format::Line(LineFlavor::PostgresConf));
                self.found.push((path.to_path_buf(), u32::MAX, document));
                self.found.len() - 1
            }
        };
        let (_, file, document) = &mut self.found[index];
        let lines = document.line_index();
        let whole = *document.roots.first()?;
        let is_it = |id: &syntax::NodeId| {
            document.key(*id).is_some_and(|key| key.eq_ignore_ascii_case(parameter))
                && lines.position(&document.text, document.node(*id).entry.start).0 == line
        };
        let entry = document.children(whole).find(is_it).map(|id| document.node(id).entry)?;
        if *file == u32::MAX {
            let shown = path.strip_prefix(root(self.cwd)).unwrap_or(path);
            *file = u32::try_from(files.len()).ok()?;
            files.push(File {
                path: shown.to_string_lossy().replace('\\', "/").into(),
                status: Status::Recognised(Vec::new()),
                format: Some(document.format),
                text: Some(Arc::from(&*document.text)),
                secrets: document.secrets.clone(),
            });
        }
        Some(Location { file: *file, start: entry.start, end: entry.end })
    }
}
