//! What a saved view shows: the table or chart of its stages or its statement, the map, or, of entries, the timeline.

use std::sync::Arc;

use model::kept::SavedView;
use model::lanes::{Drawn, Lanes};
use model::protocol::{Answer, Ask, Histogram, TableAsk};
use model::query::split;
use model::say;
use model::scope::{Now, Scope, View};
use model::sql::SqlAsk;
use model::table::Table;
use model::time::Zone;
use model::topology::{Topology, TopologyAsk};

use crate::answer::Question;
use crate::histogram::still;
use crate::map;
use crate::scope::{clock_now, placed};

/// What a chart of a day by minute and level needs.
const MAX_ROWS: u32 = 10_000;

/// What is asked for a view.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding(Ask);

impl Finding {
    pub fn of(view: &SavedView, zone: &Zone) -> Self {
        let scope = Scope::from_hash(&view.address);
        let clock = (scope.now == Now::Clock).then(clock_now);
        let mut filter = placed(scope.filter, zone, clock);
        filter.order = Default::default();
        let has_stages = !split(&filter.query).1.is_empty();
        let zone = || zone.clone();
        Self(match scope.view {
            View::Sql if !scope.sql.trim().is_empty() => Ask::Sql(SqlAsk {
                filter,
                text: scope.sql,
                max_rows: MAX_ROWS,
                sort: None,
                zone: zone(),
                may_write: false,
            }),
            View::Map => Ask::Topology(TopologyAsk { filter: map::without_services(&filter) }),
            View::Result if has_stages => Ask::Table(TableAsk { filter, zone: zone(), max_rows: MAX_ROWS }),
            _ => {
                filter.query = split(&filter.query).0.trim_end().to_owned();
                match still::ask(&filter, &scope.split, &zone()) {
                    still::Asked::Bars(ask) => Ask::Histogram(ask),
                    still::Asked::Lanes(ask) => Ask::Lanes(ask),
                }
            }
        })
    }
}

impl Question for Finding {
    type Answer = Shown;
    fn ask(&self) -> Ask {
        self.0.clone()
    }
    fn read(answer: Answer) -> Option<Shown> {
        Some(match answer {
            Answer::Table(table) => Shown::Table(Arc::from(table)),
            Answer::Histogram(histogram) => Shown::Bars(Arc::new(histogram)),
            Answer::Lanes(lanes) => Shown::Lanes(Arc::from(lanes)),
            Answer::Topology(topology) => Shown::Map(Arc::from(topology)),
            _ => return None,
        })
    }
}

#[derive(Clone, Debug, PartialEq)]
pub enum Shown {
    Table(Arc<Table>),
    Bars(Arc<Histogram>),
    Lanes(Arc<Lanes>),
    Map(Arc<Topology>),
}

/// An SVG that needs no style sheet, and what it is of.
pub struct Picture {
    pub svg: String,
    pub title: &'static str,
}

impl Shown {
    /// How many entries it is of.
    pub fn n_entries(&self) -> u64 {
        let all = |bucket: &[u32]| bucket.iter().map(|&n| u64::from(n)).sum::<u64>();
        match self {
            Self::Table(table) => table.n_entries,
            Self::Bars(histogram) => {
                histogram.buckets.iter().map(|bucket| all(bucket)).sum::<u64>() + all(&histogram.undated)
            }
            Self::Lanes(lanes) => match &lanes.drawn {
                Drawn::Lanes(drawn) => drawn.iter().map(|lane| lane.n_entries).sum::<u64>() + lanes.n_without,
                Drawn::Heat(heat) => heat.cells.iter().map(|cells| all(cells)).sum::<u64>() + lanes.n_without,
            },
            Self::Map(topology) => topology.n_entries,
        }
    }

    /// As the view itself would save it; `None`: it is rows, or a chart of them, or there is nothing to draw.
    pub fn picture(&self, scope: &Scope, zone: &Zone) -> Option<Picture> {
        Some(match self {
            Self::Bars(histogram) if !histogram.buckets.is_empty() => Picture {
                svg: still::of_bars(histogram, &scope.filter, zone),
                title: say!("Entries over time, by level"),
            },
            Self::Lanes(lanes) if lanes.n_buckets > 0 => Picture {
                svg: still::of_lanes(lanes, &scope.split, &scope.filter, zone),
                title: say!("The timeline in lanes"),
            },
            Self::Map(topology) if !topology.nodes.is_empty() => {
                Picture { svg: map::svg(topology), title: say!("Service map") }
            }
            _ => return None,
        })
    }
}

/// A picture as an address of its own, which runs nothing that is in it.
pub fn as_address(svg: &str) -> String {
    let mut address = "data:image/svg+xml,".to_owned();
    for character in svg.chars() {
        match character {
            // What would end an attribute or the address, and what is no part of one.
            '%' | '#' | '"' | '<' | '>' | '&' | '\n' | '\r' => address += &format!("%{:02X}", u32::from(character)),
            character => address.push(character),
        }
    }
    address
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(address: &str) -> Ask {
        let view = SavedView { address: address.to_owned(), ..SavedView::default() };
        Finding::of(&view, &Zone::utc()).0
    }

    #[test]
    fn a_view_is_asked_for_what_it_showed() {
        assert!(matches!(asked("#q=error"), Ask::Histogram(_)));
        assert!(matches!(asked("#q=error&lanes=service"), Ask::Lanes(_)));
        assert!(matches!(asked("#q=error+%7C+count+by+path"), Ask::Table(_)));
        assert!(matches!(asked("#q=service:cart&view=map"), Ask::Topology(ask) if ask.filter.query.is_empty()));
        assert!(matches!(asked("#view=sql&sql=SELECT+1"), Ask::Sql(_)));
        let Ask::Histogram(ask) = asked("#q=error+%7C+count&view=entries") else { panic!("no histogram") };
        assert_eq!(ask.filter.query, "error", "entries are looked at, not what the stages make of them");
    }

    #[test]
    fn an_address_of_a_picture_ends_no_attribute() {
        assert_eq!(as_address("<a b=\"#1\">\n5% é"), "data:image/svg+xml,%3Ca b=%22%231%22%3E%0A5%25 é");
    }
}
