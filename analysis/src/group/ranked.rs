//! The oddest groups, each with what is odd about it. Groups of the same messages are told once.

use model::group::{GroupDifference, OddGroup, Sort};
use model::incident::TemplateName;
use model::time::{Nanos, TimeRange};

use super::Grouping;
use super::grouping::Group;
use crate::outlier::order::Step;
use crate::outlier::{Difference, Scored};
use crate::template::Template;

/// Kinds of groups that are told, and how many are looked at for these.
const MOST_TOLD: usize = 200;
const MOST_LOOKED_AT: usize = 1_000;
/// Of each so many differences, others of the same messages, services.
const MOST_DIFFERENCES: usize = 6;
const MOST_ALIKE: usize = 6;
const MOST_SERVICES: usize = 4;

/// A step that one in so few groups takes is no news beside what is different in counts.
const LEAST_BITS_OF_STEP: f64 = 3.0;

pub struct Ranked<'g> {
    pub grouping: &'g Grouping,
    pub scored: &'g Scored,
    pub templates: &'g [Template],
    pub services: &'g [String],
}

impl Ranked<'_> {
    /// The most unusual first, those that are cut last. Groups that differ in nothing are not told.
    pub fn odd(&self) -> Vec<OddGroup> {
        let score = |group: u32| self.scored.scores[group as usize];
        let id = |group: u32| &self.grouping.groups[group as usize].id;
        let cut_at = self.grouping.cut_at();
        let is_at_edge = |group: u32| {
            let times = self.grouping.groups[group as usize].times.zip(cut_at);
            times.is_some_and(|((first, last), (begin, end))| first < begin || last >= end)
        };
        // The oddest of each kind stands for it, one that is whole if there is any; of those alike the one whose id comes first.
        let oddest = |members: &Vec<u32>| {
            let rank = |group: u32| (!is_at_edge(group), score(group));
            let best = |&a: &u32, &b: &u32| {
                let (a_rank, b_rank) = (rank(a), rank(b));
                a_rank.0.cmp(&b_rank.0).then(a_rank.1.total_cmp(&b_rank.1)).then_with(|| id(b).cmp(id(a)))
            };
            members.iter().copied().max_by(best)
        };
        let mut kinds: Vec<(usize, u32)> =
            self.scored.members.iter().map(oddest).enumerate().filter_map(known).collect();
        kinds.sort_by(|&(_, a), &(_, b)| score(b).total_cmp(&score(a)).then_with(|| id(a).cmp(id(b))));
        let told = kinds.into_iter().take(MOST_LOOKED_AT).map(|(kind, group)| {
            let odd = self.told(kind, group);
            OddGroup { is_cut: is_at_edge(group) && odd.differences.iter().all(is_absence), ..odd }
        });
        let mut told: Vec<OddGroup> = told.filter(|odd| !odd.differences.is_empty()).take(MOST_TOLD).collect();
        told.sort_by_key(|odd| odd.is_cut);
        told
    }

    fn told(&self, kind: usize, number: u32) -> OddGroup {
        let group = &self.grouping.groups[number as usize];
        let mut services = group.services.clone();
        let name = |service: u32| &self.services[service as usize];
        services.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| name(a.0).cmp(name(b.0))));
        let services: Vec<String> =
            services.iter().map(|&(service, _)| name(service).clone()).filter(|name| !name.is_empty()).collect();
        let members = &self.scored.members[kind];
        let mut alike: Vec<&str> = members
            .iter()
            .filter(|&&other| other != number)
            .map(|&other| &*self.grouping.groups[other as usize].id)
            .collect();
        let n_alike = alike.len() as u64;
        if alike.len() > MOST_ALIKE {
            alike.select_nth_unstable(MOST_ALIKE);
            alike.truncate(MOST_ALIKE);
        }
        alike.sort_unstable();
        OddGroup {
            id: group.id.to_string(),
            score: self.scored.scores[number as usize] as f32,
            n_entries: group.n_entries,
            gravest: group.gravest,
            time: time_of(group),
            is_cut: false,
            n_services: services.len() as u32,
            services: services.into_iter().take(MOST_SERVICES).collect(),
            differences: self.differences(kind, number),
            voters: self.scored.voters(kind),
            alike: alike.into_iter().map(str::to_owned).collect(),
            n_alike,
        }
    }

    fn differences(&self, kind: usize, group: u32) -> Vec<GroupDifference> {
        let of_counts = self.scored.differences(kind);
        // Where a message is new, or missing, its neighbours follow it as they seldom do: that is no news.
        let is_news = |step: &Step| {
            let is_about = |column: u32| of_counts.iter().any(|difference| difference.column == column);
            step.bits >= LEAST_BITS_OF_STEP && !step.from.is_some_and(is_about) && !step.to.is_some_and(is_about)
        };
        let step = self.scored.oddest_step(group as usize, is_news).map(|step| self.step(&step));
        let n_counts = MOST_DIFFERENCES - usize::from(step.is_some());
        of_counts.iter().take(n_counts).map(|difference| self.count(difference)).chain(step).collect()
    }

    fn count(&self, difference: &Difference) -> GroupDifference {
        let norms = self.scored.norms();
        let (first, last, n_usual) = norms.usual(difference.column);
        GroupDifference::Count {
            template: self.name(difference.column),
            n: difference.count as u64,
            usual: (first, last),
            n_groups: norms.n_with(difference.column, difference.count),
            n_usual,
        }
    }

    fn step(&self, step: &Step) -> GroupDifference {
        GroupDifference::Step {
            from: step.from.map(|template| self.name(template)),
            to: step.to.map(|template| self.name(template)),
            n_from: u64::from(step.n_from),
            n_groups: u64::from(step.n_groups),
        }
    }

    fn name(&self, template: u32) -> TemplateName {
        let template = &self.templates[template as usize];
        TemplateName { id: template.id.to_string(), text: template.text.clone() }
    }
}

/// Something that others have, or a step that leads nowhere.
fn is_absence(difference: &GroupDifference) -> bool {
    match difference {
        GroupDifference::Count { .. } => matches!(difference.sort(), Sort::Missing | Sort::Fewer),
        GroupDifference::Step { from, to, .. } => from.is_none() || to.is_none(),
    }
}

fn known((kind, group): (usize, Option<u32>)) -> Option<(usize, u32)> {
    Some((kind, group?))
}

fn time_of(group: &Group) -> Option<TimeRange> {
    let (first, last) = group.times?;
    Some(TimeRange { start: first, end: Nanos(last.0.saturating_add(1)) })
}
