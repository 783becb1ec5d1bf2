//! Versions from build files, lock files and base images: text in, packages with their versions out, and from them the
//! versions of products ([`crate::knowledge::Pins`] says which package is which product's).
//!
//! One file per ecosystem reads its formats, in one pass and as far as the text alone is certain. What stands there with
//! a range, or with a variable that is not known, has no version, and hides the one of a directory further up.

mod gems;
mod go;
mod gradle;
mod helm;
mod json;
mod maven;
mod npm;
mod nuget;
mod python;
mod xml;

use std::borrow::Cow;
use std::collections::HashMap;

use super::container::{base_image, image_parts};
use super::recognise::{directory, file_name};
use crate::knowledge::{Ecosystem, Knowledge, glob};
use crate::model::Name;
use crate::syntax::Span;

/// A package as a file names it.
#[derive(Debug)]
pub(crate) struct Package<'t> {
    ecosystem: Ecosystem,
    name: Cow<'t, str>,
    /// As written, without what means "exactly"; anything that is no version stands for one that is not known.
    version: Cow<'t, str>,
    /// Where the version is written.
    span: Span,
    /// The folder below the file's own for which it holds.
    folder: &'t str,
}

impl<'t> Package<'t> {
    fn new(
        ecosystem: Ecosystem,
        name: impl Into<Cow<'t, str>>,
        version: impl Into<Cow<'t, str>>,
        span: Span,
    ) -> Package<'t> {
        Package { ecosystem, name: name.into(), version: version.into(), span, folder: "" }
    }
}

/// A product's version, as one file says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pinned {
    /// The directory at and below which it holds.
    pub directory: Box<str>,
    /// The product.
    pub product: Name,
    /// The version; none where the file says one that cannot be told from it.
    pub version: Option<Name>,
    /// Where it is written in the file.
    pub span: Span,
}

/// A kind of file that names packages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Pom,
    GradleScript,
    GradleProperties,
    GradleCatalog,
    GemfileLock,
    PackageLock,
    YarnLock,
    PnpmLock,
    Requirements,
    PythonLock,
    PipfileLock,
    GoMod,
    NugetProject,
    NugetLock,
    HelmChart,
    Dockerfile,
}

impl Kind {
    fn of(path: &str) -> Option<Kind> {
        let name = file_name(path);
        Some(match name {
            "pom.xml" => Kind::Pom,
            "build.gradle" | "build.gradle.kts" | "settings.gradle" | "settings.gradle.kts" => Kind::GradleScript,
            "gradle.properties" => Kind::GradleProperties,
            "libs.versions.toml" => Kind::GradleCatalog,
            "Gemfile.lock" | "gems.locked" => Kind::GemfileLock,
            "package-lock.json" | "npm-shrinkwrap.json" => Kind::PackageLock,
            "yarn.lock" => Kind::YarnLock,
            "pnpm-lock.yaml" => Kind::PnpmLock,
            "uv.lock" | "poetry.lock" => Kind::PythonLock,
            "Pipfile.lock" => Kind::PipfileLock,
            "go.mod" => Kind::GoMod,
            "Directory.Packages.props" | "Directory.Build.props" => Kind::NugetProject,
            "packages.lock.json" => Kind::NugetLock,
            "Chart.yaml" | "Chart.lock" => Kind::HelmChart,
            "Dockerfile" | "Containerfile" => Kind::Dockerfile,
            _ if name.starts_with("Dockerfile.") => Kind::Dockerfile,
            _ if name.starts_with("requirements") && name.ends_with(".txt") => Kind::Requirements,
            _ if [".csproj", ".fsproj", ".vbproj"].iter().any(|end| name.ends_with(end)) => Kind::NugetProject,
            _ => return None,
        })
    }

    /// Whose names stand in it.
    fn ecosystems(self) -> &'static [Ecosystem] {
        match self {
            Kind::Pom => &[Ecosystem::Maven],
            Kind::GradleScript | Kind::GradleProperties | Kind::GradleCatalog => {
                &[Ecosystem::Maven, Ecosystem::GradlePlugin]
            }
            Kind::GemfileLock => &[Ecosystem::Gem],
            Kind::PackageLock | Kind::YarnLock | Kind::PnpmLock => &[Ecosystem::Npm],
            Kind::Requirements | Kind::PythonLock | Kind::PipfileLock => &[Ecosystem::Pypi],
            Kind::GoMod => &[Ecosystem::Go],
            Kind::NugetProject | Kind::NugetLock => &[Ecosystem::Nuget],
            Kind::HelmChart => &[Ecosystem::HelmApp, Ecosystem::HelmChart],
            Kind::Dockerfile => &[],
        }
    }
}

/// Folders beside a build whose files speak for the folder around them.
pub const BUILD_FOLDERS: [&str; 1] = ["gradle"];

/// Whether a file of that name may say what version of a product is used.
pub fn names_versions(knowledge: &Knowledge, path: &str) -> bool {
    Kind::of(path).is_some_and(|kind| kind == Kind::Dockerfile || knowledge.pins.reads(kind.ecosystems()))
}

/// Whether a file of that name holds versions and no configuration: it needs no parsing beyond [`pinned`].
pub fn only_versions(path: &str) -> bool {
    Kind::of(path).is_some_and(|kind| !matches!(kind, Kind::GradleProperties | Kind::Dockerfile))
}

/// The properties of Gradle builds, by directory.
#[derive(Debug, Default)]
pub struct BuildProperties(HashMap<Box<str>, HashMap<Box<str>, Box<str>>>);

impl BuildProperties {
    /// Reads the file at `path` if it holds such properties.
    pub fn read(&mut self, path: &str, text: &str) {
        if Kind::of(path) == Some(Kind::GradleProperties) {
            let all = gradle::properties(text).map(|(name, value, _)| (name.into(), value.into()));
            self.0.insert(directory(path).into(), all.collect());
        }
    }

    /// Whether it does.
    pub fn concerns(path: &str) -> bool {
        Kind::of(path) == Some(Kind::GradleProperties)
    }

    /// The value for a build in `place` or further up.
    fn get(&self, place: &str, name: &str) -> Option<String> {
        let mut at = place;
        loop {
            if let Some(value) = self.0.get(at).and_then(|properties| properties.get(name)) {
                return Some(value.to_string());
            }
            if at.is_empty() {
                return None;
            }
            at = directory(at);
        }
    }
}

/// What the file at `path` says of products' versions.
pub fn pinned(knowledge: &Knowledge, properties: &BuildProperties, path: &str, text: &str) -> Vec<Pinned> {
    let Some(kind) = Kind::of(path) else { return Vec::new() };
    let mut place = directory(path);
    let packages = match kind {
        Kind::Pom => maven::packages(text),
        Kind::GradleScript => gradle::script(text, &|name| properties.get(place, name)),
        Kind::GradleProperties => gradle::properties(text)
            .map(|(name, value, span)| Package::new(Ecosystem::Maven, format!("${{{name}}}"), value, span))
            .collect(),
        Kind::GradleCatalog => {
            if BUILD_FOLDERS.contains(&file_name(place)) {
                place = directory(place);
            }
            gradle::catalog(text)
        }
        Kind::GemfileLock => gems::packages(text),
        Kind::PackageLock => npm::package_lock(text),
        Kind::YarnLock => npm::yarn(text),
        Kind::PnpmLock => npm::pnpm(text),
        Kind::Requirements => python::requirements(text),
        Kind::PythonLock => python::lock(text),
        Kind::PipfileLock => python::pipfile(text),
        Kind::GoMod => go::packages(text),
        Kind::NugetProject => nuget::project(text),
        Kind::NugetLock => nuget::lock(text),
        Kind::HelmChart => helm::packages(text),
        Kind::Dockerfile => return images(knowledge, place, text),
    };
    let products = Products::of(knowledge, kind.ecosystems());
    let mut pinned = Vec::new();
    for package in &packages {
        let version = exact(&package.version);
        for product in products.of_package(package.ecosystem, &package.name) {
            pinned.push(Pinned {
                directory: below(place, package.folder),
                product: product.clone(),
                version: version.map(Name::from),
                span: package.span,
            });
        }
    }
    pinned
}

/// The images that a Dockerfile starts from: products that run in them, and rows for images.
fn images(knowledge: &Knowledge, place: &str, text: &str) -> Vec<Pinned> {
    let products = Products::of(knowledge, &[Ecosystem::Image]);
    let mut pinned = Vec::new();
    let mut pin = |product: &Name, version: &str, span| {
        pinned.push(Pinned { directory: place.into(), product: product.clone(), version: Some(version.into()), span });
    };
    for (image, span) in from_lines(text) {
        let (repository, tag) = image_parts(image);
        if let Some((product, version)) = base_image(knowledge, repository, tag) {
            pin(&product, version, span);
            continue;
        }
        let Some(tag) = tag.filter(|tag| crate::knowledge::Version::parse(tag).is_some()) else { continue };
        for product in products.of_package(Ecosystem::Image, repository) {
            pin(product, tag, span);
        }
    }
    pinned
}

/// The images after `FROM`.
fn from_lines(text: &str) -> impl Iterator<Item = (&str, Span)> {
    lines(text).filter_map(|(start, line)| {
        let mut words = line.split_whitespace();
        words.next().filter(|word| word.eq_ignore_ascii_case("FROM"))?;
        let image = words.find(|word| !word.starts_with("--"))?;
        let at = start + line.find(image).unwrap_or(0);
        Some((image, Span::new(at, at + image.len())))
    })
}

/// The products of packages of some ecosystems.
struct Products<'k> {
    named: HashMap<Cow<'k, str>, Vec<(Ecosystem, &'k Name)>>,
    globs: Vec<(Ecosystem, Cow<'k, str>, &'k Name)>,
}

impl<'k> Products<'k> {
    fn of(knowledge: &'k Knowledge, ecosystems: &[Ecosystem]) -> Products<'k> {
        let mut products = Products { named: HashMap::new(), globs: Vec::new() };
        for row in knowledge.pins.pin.iter().filter(|row| ecosystems.contains(&row.ecosystem)) {
            let Some(product) = &row.product else { continue };
            for name in &row.packages {
                let name = normal(row.ecosystem, name);
                if name.contains('*') {
                    products.globs.push((row.ecosystem, name, product));
                } else {
                    products.named.entry(name).or_default().push((row.ecosystem, product));
                }
            }
        }
        products
    }

    fn of_package(&self, ecosystem: Ecosystem, name: &str) -> Vec<&'k Name> {
        let name = normal(ecosystem, name);
        let named = self.named.get(&name).into_iter().flatten();
        let mut products: Vec<&'k Name> =
            named.filter(|(of, _)| *of == ecosystem).map(|(_, product)| *product).collect();
        let fits = |(of, pattern, _): &&(Ecosystem, Cow<'k, str>, &Name)| *of == ecosystem && glob(pattern, &name);
        products.extend(self.globs.iter().filter(fits).map(|(_, _, product)| *product));
        products
    }
}

/// The one spelling of a name, where an ecosystem takes several for the same.
fn normal(ecosystem: Ecosystem, name: &str) -> Cow<'_, str> {
    match ecosystem {
        Ecosystem::Nuget if name.contains(|c: char| c.is_ascii_uppercase()) => name.to_ascii_lowercase().into(),
        // PEP 503: lower case, one `-` for any run of `-`, `_` and `.`
        Ecosystem::Pypi if name.contains(|c: char| c.is_ascii_uppercase() || matches!(c, '-' | '_' | '.')) => {
            let mut normal = String::with_capacity(name.len());
            for c in name.chars() {
                match c {
                    '-' | '_' | '.' if normal.ends_with('-') => {}
                    '-' | '_' | '.' => normal.push('-'),
                    c => normal.push(c.to_ascii_lowercase()),
                }
            }
            normal.into()
        }
        _ => name.into(),
    }
}

/// Words that may stand behind the numbers of a release, in any ecosystem. Any other makes it a preview.
const RELEASE_WORDS: [&str; 6] = ["RELEASE", "Final", "GA", "SR", "jre", "post"];

/// The numbers of an exact version; `None` for a range, a preview, a variable.
fn exact(version: &str) -> Option<&str> {
    let version = version.trim();
    let version = version.strip_prefix('v').unwrap_or(version);
    let end = version.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(version.len());
    let (numbers, rest) = version.split_at(end);
    let is_release = |rest: &str| RELEASE_WORDS.iter().any(|word| rest.starts_with(word));
    let (numbers, released) = match numbers.strip_suffix('.') {
        Some(numbers) => (numbers, is_release(rest)),
        // a `+` begins what tells two builds of one version apart
        None => (numbers, rest.is_empty() || rest.starts_with('+') || rest.strip_prefix('-').is_some_and(is_release)),
    };
    let parts = numbers.split('.').all(|part| !part.is_empty() && part.len() < 10);
    (parts && released && numbers.len() <= 40).then_some(numbers)
}

/// `text` with its `${name}`, `$name` and `$(name)` replaced, again where a value has some of its own; `None` where one
/// is not known.
fn substitute<'t>(text: &'t str, lookup: &dyn Fn(&str) -> Option<Cow<'t, str>>) -> Option<Cow<'t, str>> {
    let mut text = Cow::Borrowed(text);
    for _ in 0..8 {
        let Some(at) = text.find('$') else { return Some(text) };
        let rest = &text[at + 1..];
        let (name, used) = match rest.as_bytes().first()? {
            b'{' => rest[1..].find('}').map(|end| (&rest[1..=end], end + 2))?,
            b'(' => rest[1..].find(')').map(|end| (&rest[1..=end], end + 2))?,
            _ => {
                let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
                (&rest[..end], end)
            }
        };
        // `rootProject.ext.name` is `name` in a Gradle build; a Maven property is known by its whole name
        let value = lookup(name).or_else(|| lookup(name.rsplit('.').next()?))?;
        if text.len() + value.len() > 400 {
            return None;
        }
        text = Cow::Owned(format!("{}{value}{}", &text[..at], &rest[used..]));
    }
    None
}

/// A directory below another.
fn below(place: &str, folder: &str) -> Box<str> {
    match (place, folder) {
        (place, "") => place.into(),
        ("", folder) => folder.into(),
        (place, folder) => format!("{place}/{folder}").into(),
    }
}

/// The lines of a text without their ends, each with the place where it begins.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut offset = 0;
    text.split_inclusive('\n').map(move |line| {
        let start = offset;
        offset += line.len();
        (start, line.trim_end_matches(['\n', '\r']))
    })
}

#[cfg(test)]
mod tests;
