//! The stack as a picture: who calls whom, with what pool, timeout and retries, and where that hurts.
//!
//! ```text
//! resources + links + findings ──model──► Map ──layout──► layers, boxes, lines ──► terminal | svg | html
//!                                          └──────────────────────────────────────► json | dot | mermaid
//! ```
//!
//! A [`Map`] has one [`Stack`] for each deploy unit, and one for files that belong to none. Its nodes are what runs
//! (a service, a proxy, a pooler, a server) and hosts that are only named; its edges are calls. Every figure says where
//! it comes from and where it stands; what is not known but decides is there as `?`, with the reason. All words are
//! redacted when the model is made: no writer can print a secret.
//!
//! What a caller knows of a call is written in its own box, one row for each call, and the line begins at that row. So
//! no label stands on a line, and none can lie over another.

mod drawing;
mod figures;
mod gather;
mod graph;
mod html;
mod json;
mod layout;
mod marks;
mod model;
mod svg;
mod terminal;

pub use model::{Edge, Figure, Map, Mark, Node, Role, Spot, Stack};

/// How a map is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For people at a terminal.
    Terminal,
    /// For programs.
    Json,
    /// For Graphviz.
    Dot,
    /// For Markdown that draws.
    Mermaid,
    /// A picture.
    Svg,
    /// A page with the picture, and the same as a list.
    Html,
}

/// What a writer needs beside the map.
pub struct Options<'a> {
    /// Columns of the terminal.
    pub width: usize,
    /// The address of a file, from where the text will be read.
    pub address: &'a dyn Fn(&str) -> String,
}

/// Writes in one format. The text ends with a line end.
pub fn render(map: &Map, format: Format, options: &Options<'_>) -> String {
    match format {
        Format::Terminal => terminal::render(map, options),
        Format::Json => json::render(map),
        Format::Dot => graph::dot(map),
        Format::Mermaid => graph::mermaid(map),
        Format::Svg => svg::render(map, options),
        Format::Html => html::page(map, options),
    }
}

/// The rules and elements of the map's page, for a page that holds more than the map; `None` where nothing is drawn.
pub fn embedded(map: &Map, options: &Options<'_>) -> Option<(String, String)> {
    (!map.stacks.is_empty()).then(|| (html::style(), html::body(map, options)))
}
