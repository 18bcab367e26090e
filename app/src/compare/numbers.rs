//! How a field's numbers are spread in both sets: two histograms over each other.

use leptos::prelude::*;
use model::compare::NumbersSeen;
use model::say;

use crate::wording;

/// Height of the picture in its own units; a bar is one unit wide.
const HEIGHT: f64 = 20.0;

/// A's bars as areas, B's as an outline. Each is drawn by its own share, so that a small set is seen beside a large one.
pub fn picture(seen: &NumbersSeen) -> impl IntoView + use<> {
    let (a, b) = paths(seen);
    let label = say!(
        "A: {} to {} for 50 % and 95 %, B: {} to {}",
        wording::amount(seen.a.p50, seen.unit),
        wording::amount(seen.a.p95, seen.unit),
        wording::amount(seen.b.p50, seen.unit),
        wording::amount(seen.b.p95, seen.unit)
    );
    let ends = [seen.edges.first(), seen.edges.last()].map(|edge| edge.map(|&edge| wording::amount(edge, seen.unit)));
    let [from, to] = ends.map(Option::unwrap_or_default);
    view! {
        <figure class="spread">
            <svg viewBox=format!("0 0 {} {HEIGHT}", seen.bars.len().max(1)) preserveAspectRatio="none" role="img" aria-label=label>
                <path class="of-a" d=a />
                <path class="of-b" d=b />
            </svg>
            <figcaption><span>{from}</span><span>{to}</span></figcaption>
        </figure>
    }
}

fn paths(seen: &NumbersSeen) -> (String, String) {
    let share = |n: u64, of: u64| n as f64 / of.max(1) as f64;
    let shares: Vec<(f64, f64)> = seen.bars.iter().map(|&(a, b)| (share(a, seen.a.n), share(b, seen.b.n))).collect();
    let most = shares.iter().map(|(a, b)| a.max(*b)).fold(f64::MIN_POSITIVE, f64::max);
    let y = |share: f64| match share {
        0.0 => HEIGHT,
        // What is there is seen.
        share => HEIGHT - (share / most * (HEIGHT - 1.0)).max(1.0),
    };
    let (mut a, mut b) = (String::new(), format!("M0 {HEIGHT}"));
    for (at, &(of_a, of_b)) in shares.iter().enumerate() {
        if of_a > 0.0 {
            a.push_str(&format!("M{at} {HEIGHT}V{:.2}h1V{HEIGHT}z", y(of_a)));
        }
        b.push_str(&format!("V{:.2}h1", y(of_b)));
    }
    b.push_str(&format!("V{HEIGHT}"));
    (a, b)
}

#[cfg(test)]
mod tests {
    use model::compare::Middle;

    use super::*;

    #[test]
    fn a_small_set_is_drawn_as_high_as_a_large_one() {
        let middle = |n| Middle { n, p50: 1.0, p95: 2.0 };
        let seen =
            NumbersSeen { a: middle(2), b: middle(2000), bars: vec![(0, 2000), (2, 0)], ..NumbersSeen::default() };
        let (a, b) = paths(&seen);
        assert_eq!(a, "M1 20V1.00h1V20z");
        assert_eq!(b, "M0 20V1.00h1V20.00h1V20");
    }
}
