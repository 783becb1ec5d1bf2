//! What a proxy takes of the body of a request, and what the program behind it would take.
//!
//! ```text
//! location / { client_max_body_size 10m; proxy_pass http://orders:8080; }
//! orders: spring.servlet.multipart.max-request-size: 100MB        the proxy refuses what orders would take
//! ```
//!
//! Of several routes to a program the one that takes most counts: the others may be meant to take less.

use std::collections::BTreeMap;

use super::Residents;
use super::demand::derived;
use super::groups::Pass;
use crate::model::{Effective, Model, ResourceId, Value, Written};

/// Derives what the program behind each of `passes` takes.
pub(super) fn derive(model: &mut Model, residents: &Residents, passes: &[Pass]) {
    let mut routes: BTreeMap<(usize, usize), Vec<ResourceId>> = BTreeMap::new();
    for pass in passes {
        routes.entry((pass.from, pass.to)).or_default().push(pass.route);
    }
    for ((_, to), routes) in routes {
        let programs: Vec<ResourceId> = residents.kind(model, to, "program").collect();
        let [program] = programs.as_slice() else { continue };
        let Some(taken) = model.get(*program).attribute("max_body").cloned() else { continue };
        let (Effective::Known(Value::Size(most)), Some(place)) = (&taken.effective, taken.written.first()) else {
            continue;
        };
        // without a limit, or with one that is not known, there is a way to it
        let limit = |route: ResourceId| match model.get(route).value("max_body") {
            Some(Value::Size(limit)) => Some((*limit, route)),
            _ => None,
        };
        let limits: Option<Vec<_>> = routes.iter().map(|&route| limit(route)).collect();
        let Some((_, route)) = limits.and_then(|limits| limits.into_iter().max_by_key(|&(limit, _)| limit)) else {
            continue;
        };
        let name = &model.containers[to].name;
        let text = format!("{name} up to {} ({})", Value::Size(*most), place.key);
        let written = vec![Written { key: text.as_str().into(), ..place.clone() }];
        let confidence = taken.confidence.min(model.get(*program).confidence);
        let route = model.get_mut(route);
        for (name, value) in [
            ("callee_max_body", taken.effective.clone()),
            ("callee_max_body_from", Effective::Known(Value::text(&text))),
        ] {
            route.attributes.insert(name.into(), derived(value, written.clone(), confidence));
        }
    }
}
