//! The shop at work: a discrete-event simulation of requests on their way through the services.
//!
//! A visitor's request is played through to its end as soon as it arrives; the lines this writes lie in a queue until
//! their time comes. Work that waits for something (a message in a queue, a visitor who tries again) is a task in the same
//! queue. So lines come out in the order of time, and memory holds only what is under way.

mod chores;

mod stock;

mod visits;

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use model::time::NANOS_PER_SECOND;

use self::visits::{N_CLIENTS, N_CUSTOMERS};
use super::incident::{self, Incident, daily_rhythm};
use super::line::{Line, N_VALUES, Span, Value};
use super::messages::Kind;
use super::random::Random;

#[derive(Clone, Copy, Debug)]
enum Task {
    Line(Line),
    /// A message in the queue `orders` reaches shipping.
    Ship {
        order: u32,
        sku: u32,
        attempt: u32,
        span: Span,
    },
    /// A message reaches the notifier.
    Mail {
        order: u32,
        customer: u32,
        attempt: u32,
        span: Span,
    },
    /// A visitor whose checkout failed tries again.
    CheckoutAgain {
        client: u32,
        customer: u32,
        cart: u64,
    },
}

/// Lines a request writes on average, until enough were seen to know.
const EXPECTED_LINES: f64 = 3.4;

pub struct Shop {
    random: Random,
    incident: Incident,
    n_wanted: u64,
    n_made: u64,
    n_arrivals: u64,
    /// Rhythm-weighted time: of all the logs, and what is left of it.
    whole_rhythm: f64,
    left_rhythm: f64,
    next_arrival: i64,
    n_orders: u32,
    /// Orders that shipping has yet to pack.
    n_backlog: u64,
    /// Times of tasks; the second number keeps equal times in order of making, the third is the slot.
    queue: BinaryHeap<Reverse<(i64, u64, u32)>>,
    slots: Vec<Task>,
    free_slots: Vec<u32>,
    n_tasks: u64,
}

impl Shop {
    pub fn new(n_lines: u64, happens: bool, start: i64, end: i64, mut random: Random) -> Self {
        let incident = Incident::new(happens, start, end, &mut random);
        let whole_rhythm = (end - start) as f64 * incident::daily_mean();
        let mut shop = Self {
            random,
            incident,
            // The rhythm of none is as good as that of one.
            n_wanted: n_lines.max(1),
            n_made: 0,
            n_arrivals: 0,
            whole_rhythm,
            left_rhythm: whole_rhythm,
            next_arrival: start,
            n_orders: 0,
            n_backlog: 0,
            queue: BinaryHeap::new(),
            slots: Vec::new(),
            free_slots: Vec::new(),
            n_tasks: 0,
        };
        shop.schedule_next_arrival(start);
        shop.roll_out_releases(start);
        shop
    }

    pub fn incident(&self) -> &Incident {
        &self.incident
    }

    /// The next line in the order of time; there is always one.
    pub fn next_line(&mut self) -> Line {
        loop {
            let next_task = self.queue.peek().map_or(i64::MAX, |&Reverse((at, ..))| at);
            if self.next_arrival <= next_task {
                let at = self.next_arrival;
                self.arrive(at);
                self.schedule_next_arrival(at);
                continue;
            }
            let Reverse((at, _, slot)) = self.queue.pop().expect("a task is earlier than the next arrival");
            self.free_slots.push(slot);
            match self.slots[slot as usize] {
                Task::Line(line) => return line,
                Task::Ship { order, sku, attempt, span } => self.ship(at, order, sku, attempt, span),
                Task::Mail { order, customer, attempt, span } => self.mail(at, order, customer, attempt, span),
                Task::CheckoutAgain { client, customer, cart } => self.check_out(at, client, customer, cart),
            }
        }
    }

    /// Chooses the time of the next request so that the lines wanted are written by the end, at the rhythm of the day.
    fn schedule_next_arrival(&mut self, now: i64) {
        /// Arrivals that the expectation counts for beside those that were seen.
        const PRIOR: f64 = 200.0;
        /// Longer waits are drawn anew from there on, at that hour's rate.
        const LOOK_AGAIN: f64 = 600.0 * NANOS_PER_SECOND as f64;
        let lines_each = (EXPECTED_LINES * PRIOR + self.n_made as f64) / (PRIOR + self.n_arrivals as f64);
        let usual = self.n_wanted as f64 / lines_each / self.whole_rhythm;
        let n_left = self.n_wanted.saturating_sub(self.n_made) as f64;
        let mut at = now;
        loop {
            let rhythm = daily_rhythm(at);
            let needed = n_left / lines_each / self.left_rhythm.max(1.0);
            let rate = needed.clamp(0.5 * usual, 2.0 * usual) * rhythm;
            let wait = self.random.exponential() / rate;
            let step = if wait > LOOK_AGAIN { LOOK_AGAIN } else { wait };
            self.left_rhythm -= step * rhythm;
            at += step as i64 + 1;
            if wait <= LOOK_AGAIN {
                break;
            }
        }
        self.next_arrival = at;
    }

    fn schedule(&mut self, at: i64, task: Task) {
        let slot = match self.free_slots.pop() {
            Some(slot) => {
                self.slots[slot as usize] = task;
                slot
            }
            None => {
                self.slots.push(task);
                self.slots.len() as u32 - 1
            }
        };
        self.n_tasks += 1;
        self.queue.push(Reverse((at, self.n_tasks, slot)));
    }

    fn log<const N: usize>(&mut self, at: i64, kind: Kind, span: Span, given: [Value; N]) {
        let mut values = [Value::None; N_VALUES];
        values[..N].copy_from_slice(&given);
        self.n_made += 1;
        self.schedule(at, Task::Line(Line { at, kind, span, values }));
    }

    fn new_trace(&mut self) -> Span {
        Span { trace: self.random.bits(), own: 1, parent: 0 }
    }

    fn arrive(&mut self, at: i64) {
        self.n_arrivals += 1;
        let client = self.random.below(N_CLIENTS);
        match self.random.below(1000) {
            0..280 => self.fetch_asset(at, client),
            280..600 => self.browse(at, client),
            600..670 => self.search(at, client),
            670..740 => self.fill_cart(at, client),
            740..785 => {
                let (customer, cart) = (self.random.below(N_CUSTOMERS), self.random.bits());
                self.check_out(at, client, customer, cart);
            }
            785..830 => self.keep_house(at),
            _ => self.probe(at, client),
        }
    }
}
