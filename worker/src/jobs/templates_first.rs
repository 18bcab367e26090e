//! A job that needs templates waits until those of all blocks there are when it begins are found, some work in each step.
//!
//! Blocks that come while it waits are not waited for: while files are read quickly it would never begin.

use model::lanes::Split;
use model::protocol::{Ask, Failure, Near};
use model::query::{asked_fields, variable_place};

use super::{Job, STEP_BYTES, Step};
use crate::store::{Slot, Store};

/// Taking the shapes of a block in costs about as much as scanning this much text.
const MERGING_BYTES: u64 = 16 << 10;

pub struct TemplatesFirst {
    job: Box<dyn Job>,
    /// How many blocks there were at the first step.
    n_blocks: Option<Slot>,
}

impl TemplatesFirst {
    pub fn new(job: Box<dyn Job>) -> Self {
        Self { job, n_blocks: None }
    }
}

impl Job for TemplatesFirst {
    fn step(&mut self, store: &mut Store) -> Result<Step, Failure> {
        let blocks = &mut store.blocks;
        let n_blocks = *self.n_blocks.get_or_insert(blocks.directory().blocks().len());
        let mut work = 0;
        while !blocks.are_templates_found(n_blocks) {
            work += MERGING_BYTES + blocks.find_some_templates(n_blocks)?;
            if work >= STEP_BYTES {
                let n_done = blocks.n_with_shapes_merged().min(n_blocks);
                return Ok(Step::More { done: n_done as u64, total: n_blocks as u64, so_far: None });
            }
        }
        // The job looks at blocks that came since as well: their shapes are numbered now.
        blocks.templates()?;
        self.job.step(store)
    }
}

/// Whether what is asked for cannot be told without templates.
pub fn needs_templates(ask: &Ask) -> bool {
    let is_split = |split: &Split| match split {
        Split::Lanes(field) | Split::Heat(field) => is_of_template(field),
        Split::None => false,
    };
    match ask {
        Ask::Templates(_)
        | Ask::Template(_)
        | Ask::TemplateTitles(_)
        | Ask::Groups(_)
        | Ask::Incidents(_)
        | Ask::Compare(_) => true,
        Ask::Page(ask) => {
            let form = &ask.form;
            form.columns.iter().chain([&form.colour]).any(|name| is_of_template(name)) || names(&ask.filter.query)
        }
        Ask::Export(ask) => ask.columns.iter().any(|name| is_of_template(name)) || names(&ask.filter.query),
        Ask::Lanes(ask) => is_split(&ask.split) || names(&ask.filter.query),
        // Its stages may name them.
        Ask::Table(ask) => may_name(&ask.filter.query),
        Ask::Context(ask) => matches!(&ask.near, Near::Found(query) if names(query)),
        Ask::Count(ask) => names(&ask.filter.query),
        Ask::Histogram(ask) => names(&ask.filter.query),
        Ask::Step(ask) => names(&ask.filter.query),
        Ask::Keeps(ask) => names(&ask.filter.query),
        Ask::Chosen(ask) | Ask::MarkChosen { chosen: ask, .. } => names(&ask.filter.query),
        Ask::PreviewDisguise(ask) => names(&ask.filter.query),
        Ask::Facets(ask) => names(&ask.filter.query),
        Ask::Topology(ask) => names(&ask.filter.query),
        Ask::Red(ask) => names(&ask.filter.query),
        Ask::Resources(ask) => names(&ask.filter.query),
        Ask::Drift(ask) => names(&ask.filter.query),
        Ask::Requests(ask) => names(&ask.filter.query),
        Ask::Follow(query) => names(query),
        _ => false,
    }
}

/// Whether a filter asks for templates or their values.
fn names(query: &str) -> bool {
    may_name(query) && asked_fields(query).iter().any(|name| is_of_template(name))
}

fn may_name(query: &str) -> bool {
    let query = query.to_ascii_lowercase();
    query.contains("template") || query.contains("var")
}

/// Whether an entry's value under this name is of its template, so that the shapes of all blocks are needed.
pub fn is_of_template(name: &str) -> bool {
    name.eq_ignore_ascii_case("template") || variable_place(name).is_some()
}
