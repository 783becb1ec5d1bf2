//! What a carrier does to the settings of the product that it carries: refuses some, drops some, replaces some, or brings
//! them too late.

use super::blocks::{BlockReader, Frame};
use super::fragment::{Fault, Reading, Setting};
use super::view::View;
use super::{memory_share, parameter, quoted, throwaway};
use crate::knowledge::{Carried, Consequence, Version, glob};
use crate::model::{Effective, Name, Value, Why};
use crate::syntax::NodeId;

impl BlockReader<'_, '_> {
    /// Whether a setting takes effect when the product starts, which is only told to read its files.
    fn awaits_start(&self, frame: &Frame, site: &Carried, name: &str) -> bool {
        !site.reloaded_unless.is_empty()
            && !throwaway::said_by(&site.reloaded_unless, self.source.path)
            && self.table.parameters.as_ref().is_some_and(|set| parameter::at_start(set, name, frame.version.as_ref()))
    }

    /// What the carrier makes of settings that the product would accept as they are.
    pub(super) fn carry(
        &self,
        view: &View<'_>,
        frame: &Frame,
        site: &Carried,
        name: &str,
        node: NodeId,
        settings: &mut [Setting],
    ) {
        let refused = |consequence: Consequence, detail: &str, cure: Option<&Name>| {
            let (code, set) = match consequence {
                Consequence::Ignored => ("ignored", false),
                _ => ("rejected", true),
            };
            let fault = Fault::new(code, detail).by(&site.title);
            let fault = match cure {
                Some(cure) => fault.cure(&**cure),
                None => fault,
            };
            Reading { set, ..Reading::unknown(Why::NotSet) }.with(fault)
        };
        let text = self.source.document.scalar(node);
        let withheld = site.withheld.iter().find(|list| {
            list.names.iter().any(|pattern| glob(pattern, name))
                && (list.values.is_empty() || list.values.iter().any(|value| value.eq_ignore_ascii_case(text)))
        });
        let reading = if site.filled_in.iter().any(|pattern| glob(pattern, text)) {
            let variable = site.memory_variable.as_ref();
            let beyond = variable.and_then(|it| memory_share::beyond(it, name, text, frame.version.as_ref()));
            let unknown = Reading { set: true, ..Reading::unknown(Why::Interpolated) };
            Some(beyond.into_iter().fold(unknown, Reading::with))
        } else if let Some(list) = withheld {
            Some(refused(list.consequence, &list.detail, list.cure.as_ref()))
        } else if !site.only.is_empty() && !site.only.iter().any(|only| **only == *name) {
            Some(refused(Consequence::Error, "it is not among those that are passed on", None))
        } else if let Some(reading) =
            site.unitless.then(|| unitless(site, name, text, frame.version.as_ref())).flatten()
        {
            Some(reading)
        } else if let Some(when) = self
            .table
            .parameters
            .as_ref()
            .filter(|_| site.sessions)
            .and_then(|set| parameter::not_by_sessions(set, name, frame.version.as_ref()))
        {
            let detail = format!("it takes effect {when}, for all sessions alike");
            Some(refused(Consequence::Error, &detail, Some(&"set it for the server: ALTER SYSTEM, or its file".into())))
        } else if self.awaits_start(frame, site, name) {
            let detail = "the server is only told to read its files again, and takes this when it starts";
            let fault = Fault::new("waiting", detail).cure("restart the server after the script");
            settings.first().map(|setting| setting.reading.clone().with(fault))
        } else if let Some(least) = site.least.iter().find(|least| *least.name == *name) {
            let below = |value: &Value| {
                let bound = self.value_of(frame, &site.kind, name, &least.value)?;
                value.compare(&bound).filter(|order| order.is_lt())
            };
            settings.first().and_then(|setting| match &setting.reading.effective {
                Effective::Known(value) => below(value).map(|_| {
                    let otherwise = self.value_of(frame, &site.kind, name, &least.otherwise);
                    let effective = otherwise.map_or(Effective::Unknown(Why::OutOfSight), Effective::Known);
                    let detail = format!("below {} {} puts {} in its place", least.value, site.title, least.otherwise);
                    let fault = Fault::new("reset", detail)
                        .becomes(&*least.otherwise)
                        .cure(format!("write {} or more", least.value));
                    Reading { effective, ..setting.reading.clone() }.with(fault)
                }),
                _ => None,
            })
        } else {
            None
        };
        if site.own_names {
            settings.iter_mut().for_each(|setting| setting.reading.faults.retain(|fault| fault.code != "unknown"));
        }
        if site.unitless {
            for fault in settings.iter_mut().flat_map(|setting| &mut setting.reading.faults) {
                if let Some(cure) =
                    parameter::meant_without_unit(name, text).filter(|_| fault.code == "suspicious-unit")
                {
                    fault.cure = Some(cure);
                }
            }
        }
        // an attribute under its common name and in its namespace is one setting: one of the two tells of it
        let last = settings.len().saturating_sub(1);
        for (index, setting) in settings.iter_mut().enumerate() {
            if let Some(reading) = &reading {
                let faults = if index == last { reading.faults.clone() } else { Vec::new() };
                setting.reading = Reading { faults, ..reading.clone() };
            }
            if index == last && site.texts && reading.is_none() {
                let unquoted = quoted::fault(view, node, text, &site.title);
                unquoted.into_iter().for_each(|fault| setting.reading.faults = vec![fault]);
            }
        }
    }
}

/// What a carrier that knows no units makes of a text that is no number.
fn unitless(site: &Carried, name: &str, text: &str, version: Option<&Version>) -> Option<Reading> {
    let unknown = Reading { set: true, ..Reading::unknown(Why::Interpolated) };
    let number = parameter::in_own_unit(name, text, version)?;
    Some(match number {
        parameter::OwnUnit::Number => return None,
        parameter::OwnUnit::Converted(number) => unknown.with(
            Fault::new("rejected", "it takes a number in the parameter's own unit, without a unit behind it")
                .by(&site.title)
                .cure(format!("write {number}"))
                .instead(number),
        ),
        parameter::OwnUnit::Other => unknown,
    })
}
