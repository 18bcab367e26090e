//! The pages of the notebook: what was kept, and texts of the user's own between them, in an order of the user's own.
//!
//! Until somebody moves something, pages stand in the order of their times. From then on each stays where it was put, and what is kept
//! later comes behind what is next before it in time; where nothing is, before what is next after it, so that a text at the top stays there.

use serde::{Deserialize, Serialize};

use crate::kept::MarkId;

/// What stands on a page.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Page {
    /// A saved view, by its name.
    View(String),
    Mark(MarkId),
    /// A text of the user's, by its number in [`Notebook::texts`].
    Text(u32),
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notebook {
    /// The order that was chosen; empty: none was. What is kept no longer has its place too: it may be put back.
    pub order: Vec<Page>,
    /// Markdown, by number.
    pub texts: Vec<(u32, String)>,
    /// Views and bookmarks that are kept, and are not to be read here.
    pub left_out: Vec<Page>,
}

impl Notebook {
    /// What is to be read in which order. `by_time`: the views and bookmarks there are, in the order of their times.
    pub fn arranged(&self, by_time: &[Page]) -> Vec<Page> {
        let is_there = |page: &Page| match page {
            Page::Text(id) => self.text(*id).is_some(),
            page => by_time.contains(page),
        };
        let mut pages: Vec<Page> = self.order.iter().filter(|page| is_there(page)).cloned().collect();
        put_between(&mut pages, by_time);
        pages.retain(|page| !self.left_out.contains(page));
        pages
    }

    pub fn text(&self, id: u32) -> Option<&str> {
        self.texts.iter().find(|(known, _)| *known == id).map(|(_, text)| text.as_str())
    }

    /// With a new, empty text at a place among these pages, and its number.
    pub fn with_text_at(&self, arranged: &[Page], place: usize) -> (Self, u32) {
        let id = self.texts.iter().map(|(id, _)| id + 1).max().unwrap_or(1);
        let mut next = self.clone();
        next.texts.push((id, String::new()));
        let mut order = arranged.to_vec();
        order.insert(place.min(arranged.len()), Page::Text(id));
        next.take_order(order);
        (next, id)
    }

    pub fn with_text(&self, id: u32, text: String) -> Self {
        let mut next = self.clone();
        next.texts.iter_mut().filter(|(known, _)| *known == id).for_each(|(_, known)| text.clone_into(known));
        next
    }

    /// With a page so many places further, or back; it stops at the ends.
    pub fn moved(&self, arranged: &[Page], page: &Page, by: isize) -> Self {
        let mut order = arranged.to_vec();
        if let Some(from) = order.iter().position(|other| other == page) {
            let to = from.saturating_add_signed(by).min(order.len() - 1);
            let page = order.remove(from);
            order.insert(to, page);
        }
        let mut next = self.clone();
        next.take_order(order);
        next
    }

    /// Without a page: a text is gone, what was kept is only left out here.
    pub fn without(&self, arranged: &[Page], page: &Page) -> Self {
        let mut next = self.clone();
        match page {
            Page::Text(id) => next.texts.retain(|(known, _)| known != id),
            page if next.left_out.contains(page) => {}
            page => next.left_out.push(page.clone()),
        }
        // What is left out comes back to where it was.
        if !next.order.is_empty() {
            next.take_order(arranged.to_vec());
        }
        next
    }

    /// Pages that are not among these keep the place they have: behind the page that they stood behind. They are left out, or
    /// what they show is not there, or not yet known.
    fn take_order(&mut self, mut order: Vec<Page>) {
        put_between(&mut order, &self.order);
        order.retain(|page| if let Page::Text(id) = page { self.text(*id).is_some() } else { true });
        self.order = order;
    }

    /// With all that was left out.
    pub fn with_all(&self) -> Self {
        Self { left_out: Vec::new(), ..self.clone() }
    }

    /// A view has another name. The place of one that had it before is none any more.
    pub fn renamed(&self, before: &str, name: &str) -> Self {
        let mut next = self.clone();
        let (before, now) = (Page::View(before.to_owned()), Page::View(name.to_owned()));
        if before == now {
            return next;
        }
        for pages in [&mut next.order, &mut next.left_out] {
            pages.retain(|page| *page != now);
            pages.iter_mut().filter(|page| **page == before).for_each(|page| now.clone_into(page));
        }
        next
    }
}

/// Puts each of the others that is not among the pages behind what is next before it among the others or, where nothing is, before what
/// is next after it.
fn put_between(pages: &mut Vec<Page>, others: &[Page]) {
    for (place, other) in others.iter().enumerate() {
        if pages.contains(other) {
            continue;
        }
        let place_of = |other: &Page| pages.iter().position(|page| page == other);
        let before = others[..place].iter().rev().find_map(place_of).map(|before| before + 1);
        let after = || others[place..].iter().find_map(place_of);
        let place = before.or_else(after).unwrap_or(pages.len());
        pages.insert(place, other.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view(name: &str) -> Page {
        Page::View(name.to_owned())
    }

    fn mark(id: u32) -> Page {
        Page::Mark(MarkId(id))
    }

    #[test]
    fn pages_stand_in_the_order_of_their_times_until_one_is_moved() {
        let by_time = [view("a"), mark(1), mark(2)];
        let notebook = Notebook::default();
        assert_eq!(notebook.arranged(&by_time), by_time);
        let moved = notebook.moved(&by_time, &mark(2), -1);
        assert_eq!(moved.arranged(&by_time), [view("a"), mark(2), mark(1)]);
        assert_eq!(
            moved.moved(&moved.arranged(&by_time), &mark(1), 5).arranged(&by_time),
            [view("a"), mark(2), mark(1)]
        );
    }

    #[test]
    fn what_is_kept_later_comes_behind_what_is_next_before_it_in_time() {
        let moved = Notebook::default().moved(&[mark(1), mark(3)], &mark(3), -1);
        assert_eq!(moved.arranged(&[mark(1), mark(2), mark(3), mark(4)]), [mark(3), mark(4), mark(1), mark(2)]);
        assert_eq!(moved.arranged(&[mark(3)]), [mark(3)], "the other is kept no longer");
    }

    #[test]
    fn a_text_at_the_top_stays_there_whatever_is_kept_later() {
        let (notebook, id) = Notebook::default().with_text_at(&[], 0);
        let intro = Page::Text(id);
        assert_eq!(notebook.arranged(&[mark(2)]), [intro.clone(), mark(2)]);
        let (notebook, id) = Notebook::default().with_text_at(&[mark(2)], 0);
        assert_eq!(notebook.arranged(&[mark(1), mark(2), mark(3)]), [Page::Text(id), mark(1), mark(2), mark(3)]);
    }

    #[test]
    fn texts_stand_between_and_go_for_good() {
        let (notebook, id) = Notebook::default().with_text_at(&[mark(1), mark(2)], 1);
        let notebook = notebook.with_text(id, "why".to_owned());
        let pages = notebook.arranged(&[mark(1), mark(2)]);
        assert_eq!(pages, [mark(1), Page::Text(id), mark(2)]);
        assert_eq!(notebook.text(id), Some("why"));
        let (two, next) = notebook.with_text_at(&pages, 9);
        assert_eq!(two.arranged(&[mark(1)]), [mark(1), Page::Text(id), Page::Text(next)]);
        assert_eq!(notebook.without(&pages, &Page::Text(id)).arranged(&[mark(1), mark(2)]), [mark(1), mark(2)]);
    }

    #[test]
    fn what_is_not_in_sight_keeps_its_place_when_others_are_moved() {
        let by_time = [mark(1), mark(2), mark(3), view("slow")];
        let moved = Notebook::default().moved(&by_time, &view("slow"), -2);
        let notebook = moved.without(&moved.arranged(&by_time), &mark(2));
        let few = notebook.arranged(&[mark(2), mark(3)]);
        assert_eq!(few, [mark(3)]);
        let (written, id) = notebook.with_text_at(&few, 1);
        let all = written.with_all().arranged(&by_time);
        assert_eq!(all, [mark(1), view("slow"), mark(2), mark(3), Page::Text(id)]);
        let deleted = written.without(&written.arranged(&by_time), &Page::Text(id));
        assert_eq!(deleted.order, all[..4], "a text that is deleted has no place");
    }

    #[test]
    fn what_was_left_out_can_come_back() {
        let by_time = [mark(1), view("slow")];
        let notebook = Notebook::default().without(&by_time, &view("slow"));
        assert_eq!(notebook.arranged(&by_time), [mark(1)]);
        assert_eq!(notebook.with_all().arranged(&by_time), by_time);
        let renamed = notebook.renamed("slow", "very slow");
        assert_eq!(renamed.arranged(&[mark(1), view("very slow")]), [mark(1)]);
    }

    #[test]
    fn a_view_that_gets_the_name_of_one_that_is_gone_stands_in_one_place() {
        let moved = Notebook::default().moved(&[view("a"), mark(1), view("b")], &view("b"), -1);
        let renamed = moved.renamed("a", "b");
        assert_eq!(renamed.arranged(&[mark(1), view("b")]), [view("b"), mark(1)]);
        assert_eq!(moved.renamed("a", "a"), moved);
    }
}
