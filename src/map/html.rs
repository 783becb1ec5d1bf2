//! A page with the picture of each stack and the same as a list, which a narrow window reads better.

use std::fmt::Write as _;

use super::Options;
use super::drawing::{Piece, rows};
use super::layout::layers;
use super::model::{Map, Stack};
use super::svg::{self, address, escaped};
use super::terminal::title;

const STYLE: &str = "\
.trueup-stack{margin:0 0 2rem}.trueup-stack h3{font-size:1rem;margin:0 0 .6rem;overflow-wrap:anywhere}
.trueup-picture{overflow-x:auto;border:1px solid var(--edge);border-radius:8px;background:var(--paper)}.trueup-picture svg{display:block}
.trueup-cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(17rem,100%),1fr));gap:.7rem;list-style:none;padding:0;margin:.6rem 0}
.trueup-cards li{border:1px solid var(--edge);border-radius:8px;background:var(--box);padding:.6rem .75rem;overflow-wrap:anywhere;font:.8125rem/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace}
.trueup-cards li.bad{border-color:var(--bad)}.trueup-cards .name{font-weight:700}.trueup-cards .quiet,.trueup-cards .default{color:var(--quiet)}
.trueup-cards .unknown{color:var(--warn);font-style:italic}.trueup-cards .error{color:var(--bad);font-weight:700}.trueup-cards .warning{color:var(--warn)}
.trueup-cards a{color:inherit;text-decoration-color:var(--line);text-underline-offset:2px}.trueup-cards .row{display:block}.trueup-cards .call{display:block;margin-top:.3rem}
.trueup-list>summary{cursor:pointer;margin:.6rem 0}
";

/// The look of a page; what is embedded takes it from the page around it.
pub(crate) const PAGE: &str = "\
:root{color-scheme:light dark;--paper:#fff;--box:#f6f8fa;--ink:#1f2328;--quiet:#59636e;--line:#8c959f;--link:#0550ae;--bad:#c4141f;--warn:#8a5a00;--edge:#d1d9e0}
@media(prefers-color-scheme:dark){:root{--paper:#0d1117;--box:#161b22;--ink:#e6edf3;--quiet:#9198a1;--line:#6e7681;--link:#79c0ff;--bad:#ff7b72;--warn:#e3b341;--edge:#3d444d}}
body{margin:0 auto;padding:1rem clamp(.75rem,2vw,1.5rem) 3rem;max-width:90rem;background:var(--paper);color:var(--ink);font:1rem/1.5 system-ui,sans-serif}
h1{font-size:1.4rem}h2{font-size:1.15rem;margin-top:2rem}a{color:var(--link)}
";

pub(super) fn style() -> String {
    format!("{PAGE}{}{STYLE}", svg::STYLE)
}

pub(super) fn page(map: &Map, options: &Options<'_>) -> String {
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n<title>The stack</title>\n<style>\n{}</style>\n</head>\n<body>\n<h1>The stack</h1>\n{}</body>\n</html>\n",
        style(),
        body(map, options)
    )
}

pub(super) fn body(map: &Map, options: &Options<'_>) -> String {
    let mut text = String::new();
    if map.stacks.is_empty() {
        text.push_str("<p>Nothing that calls or is called was recognised.</p>\n");
    }
    for stack in &map.stacks {
        let _ = write!(
            text,
            "<section class=\"trueup-stack\">\n<h3>{}</h3>\n<div class=\"trueup-picture\" tabindex=\"0\" role=\"region\" aria-label=\"Picture\">\n{}</div>\n<details class=\"trueup-list\" open>\n<summary>The same as a list</summary>\n{}</details>\n</section>\n",
            escaped(&title(stack)),
            svg::of_stack(stack, options),
            cards(stack, options)
        ); // a string takes any write
    }
    if map.elsewhere > 0 {
        let counted = crate::report::counted(map.elsewhere, "finding");
        let _ = writeln!(text, "<p>{counted} of what is not shown here.</p>");
    }
    text
}

fn cards(stack: &Stack, options: &Options<'_>) -> String {
    let mut text = String::from("<ul class=\"trueup-cards\">\n");
    let (layers, alone) = layers(stack);
    for &node in layers.iter().flatten().chain(&alone) {
        let bad = if stack.nodes[node].marks.iter().any(|mark| mark.across) { " class=\"bad\"" } else { "" };
        let _ = write!(text, "<li{bad}>");
        for row in rows(stack, node, true) {
            let call = if row.port.is_some() { "row call" } else { "row" };
            let _ = write!(text, "<span class=\"{call}\">");
            for (at, piece) in row.pieces.iter().enumerate() {
                if at > 0 {
                    text.push_str(" · ");
                }
                written(&mut text, piece, options);
            }
            text.push_str("</span>");
        }
        text.push_str("</li>\n");
    }
    text + "</ul>\n"
}

fn written(text: &mut String, piece: &Piece, options: &Options<'_>) {
    let (title, words) = (escaped(&piece.title), escaped(&piece.text));
    let _ = match &piece.place {
        Some(place) => {
            let address = escaped(&address(place, options));
            write!(text, "<a class=\"{}\" href=\"{address}\" title=\"{title}\">{words}</a>", piece.class)
        }
        None => write!(text, "<span class=\"{}\" title=\"{title}\">{words}</span>", piece.class),
    };
}
