//! A change that stays of windows as wholes: before it nearly all are of one large cluster (a crowd, as the map shows them), from it on
//! nearly all of another.
//!
//! That clusters follow each other so in time is told against what chance does to their order by the number of runs (Wald &
//! Wolfowitz 1940). Days and nights come again, and come slowly: they are no such change.

use model::incident::{Detector, N_SLID};
use model::severity::Band;

use super::finding::{Finding, Subject};
use super::tally::Tallied;

/// A cluster is large, and a change stays, from this share of all windows on.
const LARGE_SHARE: usize = 8;

/// Of windows of the two clusters, at most so many of a hundred may be on the other side.
const MOST_STRAY_PERCENT: usize = 5;

/// Of all windows on a side, at least so many of a hundred are of its cluster.
const LEAST_PERCENT: usize = 60;

/// Windows from the last of the one cluster to the first of the other: those that the change cuts are of neither.
const LONGEST_STEP: usize = N_SLID + 1;

/// `clusters`: of windows that slide.
pub fn find(clusters: &[Option<u32>], tallied: &Tallied) -> Option<Finding> {
    let (before, after) = two_largest(clusters)?;
    let is_after = |cluster: u32| match cluster {
        _ if cluster == before => Some(false),
        _ if cluster == after => Some(true),
        _ => None,
    };
    let labelled: Vec<(usize, bool)> =
        clusters.iter().enumerate().filter_map(|(window, of)| Some((window, is_after((*of)?)?))).collect();
    let at = best_split(&labelled)?;
    let (earlier, later) = labelled.split_at(at);
    let (last, start) = (earlier.last()?.0, later.first()?.0);
    let stays = |side: &[(usize, bool)], n_windows: usize, is_later: bool| {
        let n_own = side.iter().filter(|(_, is_after)| *is_after == is_later).count();
        (side.len() - n_own) * 100 <= MOST_STRAY_PERCENT * side.len()
            && n_own * 100 >= LEAST_PERCENT * n_windows
            && n_windows * LARGE_SHARE >= clusters.len()
    };
    let is_change =
        start - last <= LONGEST_STEP && stays(earlier, start, false) && stays(later, clusters.len() - start, true);
    is_change.then(|| Finding {
        detector: Detector::Regime,
        subject: Subject::Everything,
        band: Band::Unspecified,
        windows: start..tallied.n_windows().max(start + 1),
        onset: tallied.windows.begin(start),
        seen: 0.0,
        usual: 0.0,
        strength: too_few_runs(&labelled),
    })
}

/// The two largest clusters, if both are large, that which comes first in time before the other.
fn two_largest(clusters: &[Option<u32>]) -> Option<(u32, u32)> {
    let n_clusters = clusters.iter().flatten().max()? + 1;
    // Of each, how many windows it has and the sum of their places.
    let mut sizes: Vec<(usize, usize, u32)> = (0..n_clusters).map(|cluster| (0, 0, cluster)).collect();
    for (window, cluster) in clusters.iter().enumerate().filter_map(|(window, of)| Some((window, (*of)?))) {
        let size = &mut sizes[cluster as usize];
        *size = (size.0 + 1, size.1 + window, cluster);
    }
    sizes.sort_by(|a, b| b.0.cmp(&a.0).then(a.2.cmp(&b.2)));
    let [one, other, ..] = sizes[..] else { return None };
    if other.0 * LARGE_SHARE < clusters.len() {
        return None;
    }
    let place = |(n, sum, _): (usize, usize, u32)| sum as f64 / n as f64;
    Some(if place(one) <= place(other) { (one.2, other.2) } else { (other.2, one.2) })
}

/// Where most are on the side that is theirs.
fn best_split(labelled: &[(usize, bool)]) -> Option<usize> {
    let mut n_right = labelled.iter().filter(|(_, is_after)| *is_after).count() as i64;
    let mut best = (n_right, 0);
    for (at, (_, is_after)) in labelled.iter().enumerate() {
        n_right += if *is_after { -1 } else { 1 };
        if n_right > best.0 {
            best = (n_right, at + 1);
        }
    }
    Some(best.1).filter(|&at| at > 0 && at < labelled.len())
}

/// By how much there are fewer runs than chance would make, in standard deviations: of windows that have no time in common.
fn too_few_runs(labelled: &[(usize, bool)]) -> f64 {
    let apart: Vec<bool> =
        labelled.iter().filter(|(window, _)| window.is_multiple_of(N_SLID)).map(|(_, is_after)| *is_after).collect();
    let n = apart.len() as f64;
    let n_after = apart.iter().filter(|is_after| **is_after).count() as f64;
    let n_runs = apart.chunk_by(|a, b| a == b).count() as f64;
    let usual = 2.0 * n_after * (n - n_after) / n.max(1.0) + 1.0;
    let chance = ((usual - 1.0) * (usual - 2.0) / (n - 1.0).max(1.0)).max(0.0).sqrt();
    ((usual - n_runs) / chance.max(1.0)).max(0.0)
}

#[cfg(test)]
mod tests {
    use model::incident::Windows;
    use model::time::Nanos;

    use super::*;

    /// Where a change is found, of so many windows of each of these clusters one after the other.
    fn found(clusters: &[(usize, Option<u32>)]) -> Option<usize> {
        let clusters: Vec<Option<u32>> = clusters.iter().flat_map(|&(n, of)| std::iter::repeat_n(of, n)).collect();
        let windows = Windows { start: Nanos(0), width_nanos: 10, n: clusters.len() as u32 + 1 };
        let found = find(&clusters, &Tallied { windows, ..Tallied::default() })?;
        assert_eq!(found.windows.end, windows.n as usize);
        assert!(found.strength > 4.0, "{found:?}");
        Some(found.windows.start)
    }

    #[test]
    fn from_one_large_cluster_to_another_for_good_is_a_change() {
        assert_eq!(found(&[(40, Some(0)), (1, None), (40, Some(1))]), Some(41));
        let with_strays =
            [(20, Some(0)), (3, None), (40, Some(0)), (9, Some(1)), (1, Some(0)), (2, Some(2)), (30, Some(1))];
        assert_eq!(found(&with_strays), Some(63));
    }

    #[test]
    fn what_goes_back_or_comes_slowly_or_is_small_is_none() {
        assert_eq!(found(&[(40, Some(0)), (30, Some(1)), (40, Some(0))]), None);
        assert_eq!(found(&[(40, Some(0)), (12, None), (40, Some(1))]), None);
        assert_eq!(found(&[(90, Some(0)), (6, Some(1))]), None);
        assert_eq!(found(&[(90, Some(0))]), None);
        assert_eq!(found(&[(90, None)]), None);
        let in_turn: Vec<_> = (0..40).map(|n| (3, Some(n % 2))).collect();
        assert_eq!(found(&in_turn), None);
    }
}
