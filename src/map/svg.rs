//! The picture.

use std::fmt::Write as _;

use super::Options;
use super::drawing::{LETTER, LINE, Piece};
use super::layout::{Layout, PADDING};
use super::model::{Map, Role, Spot, Stack};
use super::terminal::title;

/// Height of a stack's title.
const TITLE: f64 = 34.0;

/// Colours and fonts, for light and dark.
pub(super) const STYLE: &str = "\
.trueup-map{--paper:#fff;--box:#f6f8fa;--ink:#1f2328;--quiet:#59636e;--line:#8c959f;--link:#0550ae;--bad:#c4141f;--warn:#8a5a00;--edge:#d1d9e0}
@media(prefers-color-scheme:dark){.trueup-map{--paper:#0d1117;--box:#161b22;--ink:#e6edf3;--quiet:#9198a1;--line:#6e7681;--link:#79c0ff;--bad:#ff7b72;--warn:#e3b341;--edge:#3d444d}}
.trueup-map text{font:12px ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace;fill:var(--ink);white-space:pre}
.trueup-map .name{font-weight:700}.trueup-map .quiet,.trueup-map .default{fill:var(--quiet)}.trueup-map .unknown{fill:var(--warn);font-style:italic}
.trueup-map .call{fill:var(--ink)}.trueup-map .error{fill:var(--bad);font-weight:700}.trueup-map .warning{fill:var(--warn)}
.trueup-map a .written{fill:var(--link)}.trueup-map a:hover text{text-decoration:underline}.trueup-map a:focus-visible text{text-decoration:underline}
.trueup-map .paper{fill:var(--paper)}.trueup-map .box{fill:var(--box);stroke:var(--edge);stroke-width:1}
.trueup-map .box.server{stroke-width:2;stroke:var(--line)}.trueup-map .box.named{fill:none;stroke-dasharray:5 4}.trueup-map .box.bad{stroke:var(--bad);stroke-width:2}
.trueup-map .wire{fill:none;stroke:var(--line);stroke-width:1.4}.trueup-map .wire.bad{stroke:var(--bad);stroke-width:2}
.trueup-map .tip{fill:var(--line)}.trueup-map .tip.bad{fill:var(--bad)}.trueup-map .title{font-weight:700;font-size:14px}
";

/// All stacks, one below the other.
pub(super) fn render(map: &Map, options: &Options<'_>) -> String {
    let layouts: Vec<Layout> = map.stacks.iter().map(Layout::of).collect();
    let width = layouts.iter().map(|layout| layout.width).fold(280.0, f64::max);
    let height = layouts.iter().map(|layout| layout.height + TITLE).sum::<f64>().max(40.0);
    let mut text = open(width, height);
    let _ = writeln!(text, "<style>{STYLE}</style><rect class=\"paper\" width=\"{width}\" height=\"{height}\"/>"); // a string takes any write
    let mut y = 0.0;
    for (stack, layout) in map.stacks.iter().zip(&layouts) {
        let _ = writeln!(text, "<text class=\"title\" x=\"16\" y=\"{}\">{}</text>", y + 24.0, escaped(&title(stack)));
        let _ = writeln!(text, "<g transform=\"translate(0 {})\">", y + TITLE - 10.0);
        drawn(&mut text, stack, layout, options);
        text.push_str("</g>\n");
        y += layout.height + TITLE;
    }
    text + "</svg>\n"
}

/// One stack, for a page that has the style.
pub(super) fn of_stack(stack: &Stack, options: &Options<'_>) -> String {
    let layout = Layout::of(stack);
    let mut text = open(layout.width, layout.height);
    drawn(&mut text, stack, &layout, options);
    text + "</svg>\n"
}

fn open(width: f64, height: f64) -> String {
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"trueup-map\" role=\"img\" aria-label=\"Who calls whom\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\">\n"
    )
}

fn drawn(text: &mut String, stack: &Stack, layout: &Layout, options: &Options<'_>) {
    for wire in &layout.wires {
        let edge = &stack.edges[wire.edge];
        let bad = if edge.marks.iter().any(|mark| mark.across) { " bad" } else { "" };
        let Some((&first, rest)) = wire.points.split_first() else { continue };
        let mut path = format!("M{:.1} {:.1}", first.0, first.1);
        let mut at = first;
        for (index, &point) in rest.iter().enumerate() {
            // the tip is drawn apart
            let end = if index + 1 == rest.len() { (point.0 - 7.0, point.1) } else { point };
            let bend = ((end.0 - at.0).abs() / 2.0).clamp(24.0, 120.0);
            if (at.1 - end.1).abs() < 0.05 && end.0 > at.0 {
                let _ = write!(path, "L{:.1} {:.1}", end.0, end.1);
            } else {
                let _ = write!(
                    path,
                    "C{:.1} {:.1} {:.1} {:.1} {:.1} {:.1}",
                    at.0 + bend,
                    at.1,
                    end.0 - bend,
                    end.1,
                    end.0,
                    end.1
                );
            }
            at = point;
        }
        let (from, to) = (stack.nodes[edge.from].name.as_str(), stack.nodes[edge.to].name.as_str());
        let _ = writeln!(
            text,
            "<path class=\"wire{bad}\" d=\"{path}\"><title>{} → {}</title></path><path class=\"tip{bad}\" d=\"M{:.1} {:.1}l-9 -4.5v9z\"/>",
            escaped(from),
            escaped(to),
            at.0,
            at.1
        );
    }
    for it in &layout.boxes {
        let node = &stack.nodes[it.node];
        let role = match node.role {
            Role::Server => " server",
            Role::Named => " named",
            _ => "",
        };
        let bad = if node.marks.iter().any(|mark| mark.across) { " bad" } else { "" };
        let _ = writeln!(
            text,
            "<g class=\"node\" data-node=\"{}\"><rect class=\"box{role}{bad}\" x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{:.1}\" rx=\"6\"/>",
            escaped(node.name.as_str()),
            it.x,
            it.y,
            it.width,
            it.height
        );
        for (line, row) in it.rows.iter().enumerate() {
            let y = it.y + PADDING + line as f64 * LINE + 12.5;
            let mut x = it.x + PADDING + row.indent as f64 * LETTER;
            for (at, piece) in row.pieces.iter().enumerate() {
                if at > 0 {
                    let _ = write!(text, "<text class=\"quiet\" x=\"{:.1}\" y=\"{y:.1}\">·</text>", x + LETTER);
                    x += 3.0 * LETTER;
                }
                written(text, piece, x, y, options);
                x += piece.text.chars().count() as f64 * LETTER;
            }
        }
        text.push_str("</g>\n");
    }
}

fn written(text: &mut String, piece: &Piece, x: f64, y: f64, options: &Options<'_>) {
    let title =
        if piece.title.is_empty() { String::new() } else { format!("<title>{}</title>", escaped(&piece.title)) };
    // letters of other fonts are as wide as ours: what is measured is what is seen
    let length = piece.text.chars().count() as f64 * LETTER;
    let words = format!(
        "<text class=\"{}\" x=\"{x:.1}\" y=\"{y:.1}\" textLength=\"{length:.1}\" lengthAdjust=\"spacingAndGlyphs\">{}{title}</text>",
        piece.class,
        escaped(&piece.text)
    );
    match &piece.place {
        Some(place) => {
            let _ = write!(text, "<a href=\"{}\">{words}</a>", escaped(&address(place, options)));
        }
        None => text.push_str(&words),
    }
}

/// The address of a line of a file.
pub(super) fn address(place: &Spot, options: &Options<'_>) -> String {
    let path = (options.address)(place.path.as_str());
    format!("{}#L{}", crate::report::percent_encoded(&path), place.line)
}

/// Text of XML and HTML, also within an attribute.
pub(crate) fn escaped(text: &str) -> String {
    let mut written = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => written.push_str("&amp;"),
            '<' => written.push_str("&lt;"),
            '>' => written.push_str("&gt;"),
            '"' => written.push_str("&quot;"),
            '\'' => written.push_str("&#39;"),
            // XML knows no other controls, and these two code points not at all
            c if c.is_control() && c != '\n' => written.push(' '),
            '\u{fffe}' | '\u{ffff}' => written.push(' '),
            c => written.push(c),
        }
    }
    written
}
