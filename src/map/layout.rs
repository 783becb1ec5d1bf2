//! Where everything stands: callers on the left, what is called last on the right, few lines that cross.
//!
//! ```text
//! stack ──longest path──► layers ──barycentre──► order in each ──heights──► boxes and lines
//! ```
//!
//! A call over several layers passes through a slot of each layer between, so its line goes beside the boxes and not
//! behind them. What nobody calls and calls nobody stands in rows below.

use super::drawing::{LINE, Row, rows};
use super::model::{Role, Stack};

/// Width of a box.
pub(super) const WIDTH: f64 = 248.0;
/// Between two layers, for lines.
const GAP: f64 = 72.0;
/// Between two boxes of a layer.
const SPACE: f64 = 22.0;
/// What a passing line takes.
const PASS: f64 = 14.0;
/// Around the picture.
pub(super) const MARGIN: f64 = 16.0;
/// Inside a box.
pub(super) const PADDING: f64 = 9.0;
/// Sweeps that reduce crossings; the best order of all is taken.
const SWEEPS: usize = 12;

/// A box with its lines of text.
#[derive(Debug, Clone)]
pub(super) struct Box {
    /// Index of the node.
    pub(super) node: usize,
    /// Left edge.
    pub(super) x: f64,
    /// Upper edge.
    pub(super) y: f64,
    /// Width.
    pub(super) width: f64,
    /// Height.
    pub(super) height: f64,
    /// What is written in it.
    pub(super) rows: Vec<Row>,
}

/// A line from a row of the caller to what is called.
#[derive(Debug, Clone)]
pub(super) struct Wire {
    pub(super) edge: usize,
    pub(super) points: Vec<(f64, f64)>,
}

/// A stack laid out.
#[derive(Debug, Clone)]
pub(super) struct Layout {
    /// The boxes, layer by layer.
    pub(super) boxes: Vec<Box>,
    pub(super) wires: Vec<Wire>,
    /// Of the whole.
    pub(super) width: f64,
    /// Of the whole.
    pub(super) height: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Slot {
    Node(usize),
    /// An edge passes.
    Pass(usize),
}

/// The layers of a stack, from callers to what is called last, each from top to bottom; and what has no calls.
pub(super) fn layers(stack: &Stack) -> (Vec<Vec<usize>>, Vec<usize>) {
    let (slots, alone) = order(stack);
    let node = |slot: &Slot| match slot {
        Slot::Node(node) => Some(*node),
        Slot::Pass(_) => None,
    };
    (slots.iter().map(|layer| layer.iter().filter_map(node).collect()).collect(), alone)
}

/// The layer of each node that has calls.
fn ranks(stack: &Stack) -> Vec<Option<usize>> {
    let count = stack.nodes.len();
    let mut out: Vec<Vec<usize>> = vec![Vec::new(); count];
    let mut has_calls = vec![false; count];
    let mut callers = vec![0usize; count];
    for edge in &stack.edges {
        out[edge.from].push(edge.to);
        callers[edge.to] += 1;
        has_calls[edge.from] = true;
        has_calls[edge.to] = true;
    }
    // calls that close a circle do not count: found by a walk that keeps its own stack
    let mut state = vec![0u8; count];
    let mut forward: Vec<Vec<usize>> = vec![Vec::new(); count];
    let mut finished = Vec::new();
    let mut starts: Vec<usize> = (0..count).collect();
    starts.sort_by_key(|&node| (callers[node] > 0, stack.nodes[node].role, node));
    for start in starts {
        if state[start] != 0 {
            continue;
        }
        state[start] = 1;
        let mut walk = vec![(start, 0)];
        while let Some((node, next)) = walk.pop() {
            let Some(&to) = out[node].get(next) else {
                state[node] = 2;
                finished.push(node);
                continue;
            };
            walk.push((node, next + 1));
            if state[to] != 1 {
                forward[node].push(to);
            }
            if state[to] == 0 {
                state[to] = 1;
                walk.push((to, 0));
            }
        }
    }
    let mut rank = vec![0usize; count];
    for &node in finished.iter().rev() {
        for &to in &forward[node] {
            rank[to] = rank[to].max(rank[node] + 1);
        }
    }
    let last = rank.iter().copied().max().unwrap_or(0);
    for node in 0..count {
        // servers end the picture
        if stack.nodes[node].role == Role::Server && out[node].is_empty() {
            rank[node] = last;
        }
    }
    rank.into_iter().zip(has_calls).map(|(rank, has)| has.then_some(rank)).collect()
}

fn order(stack: &Stack) -> (Vec<Vec<Slot>>, Vec<usize>) {
    let ranks = ranks(stack);
    let alone = (0..ranks.len()).filter(|&node| ranks[node].is_none()).collect();
    let depth = ranks.iter().flatten().max().map_or(0, |most| most + 1);
    let mut layers: Vec<Vec<Slot>> = vec![Vec::new(); depth];
    for (node, rank) in ranks.iter().enumerate() {
        if let Some(rank) = rank {
            layers[*rank].push(Slot::Node(node));
        }
    }
    for (index, edge) in stack.edges.iter().enumerate() {
        if let (Some(from), Some(to)) = (ranks[edge.from], ranks[edge.to]) {
            for layer in layers.iter_mut().take(to).skip(from + 1) {
                layer.push(Slot::Pass(index));
            }
        }
    }
    let mut best = (crossings(stack, &layers), layers.clone());
    for sweep in 0..SWEEPS {
        let down = sweep % 2 == 0;
        for step in 1..depth {
            let (fixed, moved) = if down { (step - 1, step) } else { (depth - step, depth - step - 1) };
            let weights: Vec<f64> = layers[moved]
                .iter()
                .enumerate()
                .map(|(at, slot)| barycentre(stack, *slot, &layers[fixed], down).unwrap_or(at as f64))
                .collect();
            let mut sorted: Vec<(f64, Slot)> = weights.into_iter().zip(layers[moved].iter().copied()).collect();
            sorted.sort_by(|a, b| a.0.total_cmp(&b.0)); // stable
            layers[moved] = sorted.into_iter().map(|(_, slot)| slot).collect();
        }
        let crossed = crossings(stack, &layers);
        if crossed < best.0 {
            best = (crossed, layers.clone());
        }
    }
    (best.1, alone)
}

/// Whether an edge comes out of a slot, or goes into it.
fn touches(stack: &Stack, slot: Slot, edge: usize, comes_out: bool) -> bool {
    match slot {
        Slot::Pass(passing) => passing == edge,
        Slot::Node(node) => node == if comes_out { stack.edges[edge].from } else { stack.edges[edge].to },
    }
}

/// The middle of a slot's neighbours in the layer before it (`before`) or behind it.
fn barycentre(stack: &Stack, slot: Slot, neighbours: &[Slot], before: bool) -> Option<f64> {
    let (mut sum, mut count) = (0.0, 0.0);
    for edge in 0..stack.edges.len() {
        if touches(stack, slot, edge, !before) {
            for (at, neighbour) in neighbours.iter().enumerate() {
                if touches(stack, *neighbour, edge, before) {
                    sum += at as f64;
                    count += 1.0;
                }
            }
        }
    }
    (count > 0.0).then(|| sum / count)
}

fn crossings(stack: &Stack, layers: &[Vec<Slot>]) -> usize {
    let mut crossed = 0;
    for pair in layers.windows(2) {
        let [left, right] = pair else { continue };
        let mut lines = Vec::new();
        for edge in 0..stack.edges.len() {
            let from = left.iter().position(|slot| touches(stack, *slot, edge, true));
            let to = right.iter().position(|slot| touches(stack, *slot, edge, false));
            lines.extend(from.zip(to));
        }
        for (at, a) in lines.iter().enumerate() {
            crossed += lines[at + 1..].iter().filter(|b| (a.0 < b.0 && a.1 > b.1) || (a.0 > b.0 && a.1 < b.1)).count();
        }
    }
    crossed
}

impl Layout {
    /// Lays a stack out.
    pub(super) fn of(stack: &Stack) -> Layout {
        let (layers, alone) = order(stack);
        let text: Vec<Vec<Row>> = (0..stack.nodes.len()).map(|node| rows(stack, node, true)).collect();
        let height_of = |slot: &Slot| match slot {
            Slot::Node(node) => height(&text[*node]),
            Slot::Pass(_) => PASS,
        };
        let heights: Vec<f64> =
            layers.iter().map(|layer| layer.iter().map(|slot| height_of(slot) + SPACE).sum::<f64>() - SPACE).collect();
        let tallest = heights.iter().copied().fold(0.0, f64::max);
        let mut boxes = Vec::new();
        let mut passes: Vec<(usize, usize, f64, f64)> = Vec::new();
        for (rank, layer) in layers.iter().enumerate() {
            let x = MARGIN + rank as f64 * (WIDTH + GAP);
            let mut y = MARGIN + (tallest - heights[rank]) / 2.0;
            for slot in layer {
                match slot {
                    Slot::Node(node) => {
                        let rows = text[*node].clone();
                        boxes.push(Box { node: *node, x, y, width: WIDTH, height: height(&rows), rows });
                    }
                    Slot::Pass(edge) => passes.push((*edge, rank, x, y + PASS / 2.0)),
                }
                y += height_of(slot) + SPACE;
            }
        }
        let columns = layers.len().clamp(4, 8);
        let mut top = MARGIN + if layers.is_empty() { 0.0 } else { tallest + 2.0 * SPACE };
        for row in alone.chunks(columns) {
            for (column, &node) in row.iter().enumerate() {
                let x = MARGIN + column as f64 * (WIDTH + GAP);
                let rows = text[node].clone();
                boxes.push(Box { node, x, y: top, width: WIDTH, height: height(&rows), rows });
            }
            top += row.iter().map(|&node| height(&text[node])).fold(0.0, f64::max) + SPACE;
        }
        let wires = wires(stack, &boxes, &passes);
        let right = boxes.iter().map(|it| it.x + it.width).fold(WIDTH, f64::max);
        let bottom = boxes.iter().map(|it| it.y + it.height).fold(0.0, f64::max);
        Layout { boxes, wires, width: right + MARGIN, height: bottom + MARGIN }
    }
}

fn height(rows: &[Row]) -> f64 {
    rows.len() as f64 * LINE + 2.0 * PADDING
}

fn wires(stack: &Stack, boxes: &[Box], passes: &[(usize, usize, f64, f64)]) -> Vec<Wire> {
    let mut wires = Vec::new();
    // lines into one box end one below the other, in the order in which they come
    let mut into: Vec<Vec<(f64, usize)>> = vec![Vec::new(); stack.nodes.len()];
    let port = |edge: usize| {
        let from = boxes.iter().find(|it| it.node == stack.edges[edge].from)?;
        let row = from.rows.iter().position(|row| row.port == Some(edge))?;
        Some((from.x + from.width, from.y + PADDING + (row as f64 + 0.5) * LINE))
    };
    for (index, edge) in stack.edges.iter().enumerate() {
        let last = passes.iter().rfind(|pass| pass.0 == index).map(|pass| pass.3);
        let y = last.or_else(|| port(index).map(|port| port.1)).unwrap_or(0.0);
        into[edge.to].push((y, index));
    }
    into.iter_mut().for_each(|lines| lines.sort_by(|a, b| a.0.total_cmp(&b.0)));
    for (index, edge) in stack.edges.iter().enumerate() {
        let (Some(start), Some(to)) = (port(index), boxes.iter().find(|it| it.node == edge.to)) else { continue };
        let lines = &into[edge.to];
        let at = lines.iter().position(|line| line.1 == index).unwrap_or(0);
        let y = to.y + to.height * (at as f64 + 1.0) / (lines.len() as f64 + 1.0);
        let mut points = vec![start];
        for pass in passes.iter().filter(|pass| pass.0 == index) {
            points.extend([(pass.2, pass.3), (pass.2 + WIDTH, pass.3)]);
        }
        points.push((to.x, y));
        wires.push(Wire { edge: index, points });
    }
    wires
}
