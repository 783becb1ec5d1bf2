//! A new entry behind the last one of a map, or item behind the last one of a sequence, laid out as its siblings are.

use super::spell::spell_key;
use super::{Refusal, Splice, hcl, line, lines};
use crate::syntax::{Document, Format, Node, NodeId, NodeKind, ScalarType, Style};

pub(super) fn entry(document: &Document, map: NodeId, keys: &[String], value: &str) -> Result<Vec<Splice>, Refusal> {
    let (key, deeper) = keys.split_first().ok_or(Refusal::Kind)?;
    if document.format == Format::Yaml && is_empty_value(document, map) {
        return below_empty(document, map, &stack(document, keys, value));
    }
    match document.node(map).kind {
        NodeKind::Map => {}
        NodeKind::Alias => return Err(Refusal::Alias),
        _ => return Err(Refusal::Kind),
    }
    if document.entry(map, key).is_some() {
        return Err(Refusal::KeyExists);
    }
    if let Format::Line(flavor) = document.format {
        let flat = deeper.is_empty().then_some(key).ok_or(Refusal::NoPlace)?;
        return line::entry(document, flavor, map, flat, value);
    }
    if document.format == Format::Hcl {
        let flat = deeper.is_empty().then_some(key).ok_or(Refusal::NoPlace)?;
        return hcl::entry(document, map, flat, value);
    }
    let spelled = |key: &String| spell_key(document.format, key);
    if document.format == Format::Toml {
        let path: Vec<String> = keys.iter().map(spelled).collect();
        let entry = format!("{} = {value}", path.join("."));
        let is_flow = document.node(map).style == Style::Flow;
        return if is_flow { flow(document, map, &entry, ['{', '}']) } else { toml(document, map, &entry) };
    }
    if document.node(map).style == Style::Flow {
        let inner = deeper.iter().rev().fold(value.to_owned(), |inner, key| format!("{{{}: {inner}}}", spelled(key)));
        return flow(document, map, &format!("{}: {inner}", spelled(key)), ['{', '}']);
    }
    block(document, map, &stack(document, keys, value))
}

/// Keys on lines of their own, each deeper than the one before, the value behind the last.
fn stack(document: &Document, keys: &[String], value: &str) -> Vec<String> {
    let step = step(document);
    let last = keys.len().saturating_sub(1);
    let line = |(depth, key): (usize, &String)| {
        let value = match value {
            _ if depth != last => String::new(),
            // a block of its own begins on the next line
            block if block.starts_with(['\n', '\r']) => block.to_owned(),
            value => format!(" {value}"),
        };
        format!("{}{}:{value}", " ".repeat(step * depth), spell_key(document.format, key))
    };
    keys.iter().enumerate().map(line).collect()
}

pub(super) fn item(document: &Document, seq: NodeId, value: &str) -> Result<Vec<Splice>, Refusal> {
    match document.node(seq).kind {
        NodeKind::Seq => {}
        NodeKind::Alias => return Err(Refusal::Alias),
        _ => return Err(Refusal::Kind),
    }
    match document.format {
        Format::Yaml | Format::Json | Format::Toml if document.node(seq).style == Style::Flow => {
            flow(document, seq, value, ['[', ']'])
        }
        Format::Yaml => block(document, seq, &[format!("- {value}")]),
        _ => Err(Refusal::NoPlace),
    }
}

/// Whether it is the value of a key behind which nothing stands.
fn is_empty_value(document: &Document, id: NodeId) -> bool {
    let node = document.node(id);
    node.kind == NodeKind::Scalar && node.scalar == ScalarType::Null && node.outer.is_empty() && node.key.is_some()
}

/// On a line of its own below a key without a value, deeper by what the file's other maps are.
fn below_empty(document: &Document, id: NodeId, entry: &[String]) -> Result<Vec<Splice>, Refusal> {
    let text = &*document.text;
    let node = document.node(id);
    let flow = |id: NodeId| document.node(id).style == Style::Flow;
    if std::iter::successors(node.parent, |&id| document.node(id).parent).any(flow) {
        return Err(Refusal::NoPlace);
    }
    let start = node.entry.start as usize;
    let head = &text[lines::start(text, start)..start];
    let indent: String = head.chars().map(|c| if c == '\t' { '\t' } else { ' ' }).collect();
    Ok(vec![below(document, node.entry.end as usize, &format!("{indent}{}", " ".repeat(step(document))), entry)?])
}

/// How much deeper than its key the first map in a map stands; two where there is none.
fn step(document: &Document) -> usize {
    let column = |id: NodeId| {
        let start = document.node(id).entry.start as usize;
        start - lines::start(&document.text, start)
    };
    let maps = document.nodes.iter().filter(|node| {
        let inner = node.kind == NodeKind::Map && node.style == Style::Plain;
        inner && node.key.is_some() && node.parent.is_some()
    });
    let mut steps = maps.filter_map(|node| {
        let start = node.entry.start as usize;
        let outer = start - lines::start(&document.text, start);
        column(node.first_child?).checked_sub(outer).filter(|&step| step > 0)
    });
    steps.next().unwrap_or(2)
}

/// Into `{…}` or `[…]`.
fn flow(document: &Document, map: NodeId, entry: &str, marks: [char; 2]) -> Result<Vec<Splice>, Refusal> {
    let text = &*document.text;
    let content = document.node(map).content;
    if !content.slice(text).starts_with(marks[0]) || !content.slice(text).ends_with(marks[1]) {
        return Err(Refusal::NoPlace); // a single pair in a list, without braces
    }
    let Some(last) = document.node(map).last_child else {
        return Ok(vec![Splice::insert(content.start as usize + 1, entry)]);
    };
    let last = document.node(last).entry;
    let (last_start, last_end) = (last.start as usize, last.end as usize);
    let (comma, after) = match comma_behind(document, last_end) {
        Some(comma) => (true, comma + 1),
        None => (false, last_end),
    };
    let line_end = lines::end(text, after);
    let rest = text[after..line_end].trim_matches([' ', '\t']);
    let comment = document.comments.iter().any(|comment| {
        let span = comment.span;
        span.start as usize >= after && span.end as usize <= line_end && span.slice(text) == rest
    });
    // On lines of their own, the new one gets a line too, behind the comment of the last.
    if lines::begins(text, last_start) && (rest.is_empty() || comment) {
        let indent = &text[lines::start(text, last_start)..last_start];
        let line_break = lines::break_near(text, after);
        let tail = if comma { "," } else { "" };
        let mut splices = vec![Splice::insert(line_end, format!("{line_break}{indent}{entry}{tail}"))];
        if !comma {
            splices.insert(0, Splice::insert(last_end, ","));
        }
        return Ok(splices);
    }
    Ok(vec![Splice::insert(last_end, format!(", {entry}"))])
}

/// The comma behind `from`, past blanks, line breaks and comments.
pub(super) fn comma_behind(document: &Document, from: usize) -> Option<usize> {
    let bytes = document.text.as_bytes();
    let mut comments = document.comments.iter().map(|comment| comment.span).filter(|span| span.start as usize >= from);
    let mut comment = comments.next();
    let mut at = from;
    loop {
        match bytes.get(at)? {
            b',' => return Some(at),
            b' ' | b'\t' | b'\n' | b'\r' => at += 1,
            _ if comment.is_some_and(|span| span.start as usize == at) => {
                at = comment.map_or(at, |span| span.end as usize);
                comment = comments.next();
            }
            _ => return None,
        }
    }
}

/// Into a YAML block map.
fn block(document: &Document, map: NodeId, entry: &[String]) -> Result<Vec<Splice>, Refusal> {
    let node = document.node(map);
    let (Some(first), Some(last)) = (node.first_child, node.last_child) else { return Err(Refusal::NoPlace) };
    let first = document.node(first).entry.start as usize;
    let head = &document.text[lines::start(&document.text, first)..first];
    // A compact map (`- a: 1`) continues below its first key.
    let indent: String = head.chars().map(|c| if c == '\t' { '\t' } else { ' ' }).collect();
    Ok(vec![below(document, document.node(last).entry.end as usize, &indent, entry)?])
}

/// Into a TOML table with a header, or the top of the file.
fn toml(document: &Document, map: NodeId, entry: &str) -> Result<Vec<Splice>, Refusal> {
    let text = &*document.text;
    let node = document.node(map);
    let is_header = |id: NodeId| document.node(id).entry.slice(text).starts_with('[');
    let pairs = document.children(map).map(|child| (child, document.node(child).entry));
    let last = if node.parent.is_none() {
        pairs.filter(|&(child, _)| !is_header(child)).map(|(_, entry)| entry).max_by_key(|entry| entry.end)
    } else {
        // An implicit table has no lines of its own to add to.
        let explicit = match node.key {
            Some(key) => {
                text[document.node(key).content.end as usize..].trim_start_matches([' ', '\t']).starts_with(']')
            }
            None => true,
        };
        if !is_header(map) || !explicit {
            return Err(Refusal::NoPlace);
        }
        let own = pairs.map(|(_, entry)| entry).filter(|entry| node.content.contains(*entry));
        Some(own.max_by_key(|entry| entry.end).unwrap_or(node.content))
    };
    let last = last.ok_or(Refusal::NoPlace)?;
    let start = last.start as usize;
    let indent = if lines::begins(text, start) { &text[lines::start(text, start)..start] } else { "" };
    Ok(vec![below(document, last.end as usize, indent, &[entry.to_owned()])?])
}

/// Lines behind the one that `end` stands on.
fn below(document: &Document, end: usize, indent: &str, entry: &[String]) -> Result<Splice, Refusal> {
    let text = &*document.text;
    let line_break = lines::break_near(text, end);
    let line_end = lines::end(text, end);
    let own_break = lines::break_at(text, line_end);
    // a line break behind a block scalar that has none would become a part of it, to some readers, and so would blanks
    // at the end that are no longer behind it
    let is_block = |node: &Node| matches!(node.style, Style::Literal | Style::Folded) && !node.content.is_empty();
    let at_end = |node: &Node| text[node.content.end as usize..].trim_matches([' ', '\t', '\n', '\r']).is_empty();
    let open = !text.ends_with(['\n', '\r']);
    let is_last = || document.nodes.iter().any(|node| is_block(node) && at_end(node));
    if open && document.format == Format::Yaml && is_last() {
        return Err(Refusal::NoPlace);
    }
    let entry = entry.join(&format!("{line_break}{indent}"));
    if own_break.is_empty() {
        Ok(Splice::insert(line_end, format!("{line_break}{indent}{entry}")))
    } else {
        Ok(Splice::insert(line_end + own_break.len(), format!("{indent}{entry}{line_break}")))
    }
}
