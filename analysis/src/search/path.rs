//! Paths of sources, as a query names them: exactly, with `*` for anything, folders included.

use model::query::{Expr, Test};

use crate::fold::fold;

/// A path with stars, case ignored.
pub struct PathPattern {
    /// Folded, what stands between the stars; one more than there are stars.
    parts: Vec<String>,
}

impl PathPattern {
    pub fn new(pattern: &str) -> Self {
        Self { parts: fold(pattern).split('*').map(str::to_owned).collect() }
    }

    /// What a test of `source` asks for, if that is a path.
    pub fn of_test(test: &Test) -> Option<Self> {
        match test {
            Test::Is(path) => Some(Self::new(path)),
            Test::StartsWith(head) => Some(Self::new(&format!("{head}*"))),
            Test::Equals(_) | Test::Exists | Test::Matches(_) | Test::Within(_) | Test::Compare(..) => None,
        }
    }

    pub fn matches(&self, path: &str) -> bool {
        let path = fold(path);
        let [head, middle @ .., tail] = self.parts.as_slice() else { return path == self.parts[0] };
        let Some(mut rest) = path.strip_prefix(head.as_str()).and_then(|rest| rest.strip_suffix(tail.as_str())) else {
            return false;
        };
        // The first place of each part leaves the most to the others.
        for part in middle {
            let Some((_, after)) = rest.split_once(part.as_str()) else { return false };
            rest = after;
        }
        true
    }
}

/// What there is to say of paths in a query that no source has, as sentences.
pub fn unknown_paths(expr: &Expr, paths: &[&str]) -> Vec<String> {
    match expr {
        Expr::And(exprs) | Expr::Or(exprs) => exprs.iter().flat_map(|expr| unknown_paths(expr, paths)).collect(),
        Expr::Not(expr) => unknown_paths(expr, paths),
        Expr::Field { name, test: Test::Is(path) } if name.eq_ignore_ascii_case("source") => {
            let is_known = |pattern: &str| paths.iter().any(|path| PathPattern::new(pattern).matches(path));
            let in_a_folder = format!("*/{path}");
            match (is_known(path), is_known(&in_a_folder)) {
                (true, _) => Vec::new(),
                (_, true) => vec![format!("No source is just “{path}”: source:{in_a_folder} looks in every folder.")],
                _ => vec![format!("No source is called “{path}”.")],
            }
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_that_no_source_has_is_named() {
        let problems = |query: &str| unknown_paths(&model::query::parse(query).0, &["web/app.log", "db.log"]);
        assert_eq!(problems("error -source:DB.log OR source:web/*"), [""; 0]);
        assert_eq!(problems("source:x.log"), ["No source is called “x.log”."]);
        assert_eq!(
            problems("(error source:app.log)"),
            ["No source is just “app.log”: source:*/app.log looks in every folder."]
        );
    }

    fn check(pattern: &str, found: &[&str], not_found: &[&str]) {
        let pattern_of = PathPattern::new(pattern);
        for path in found {
            assert!(pattern_of.matches(path), "{pattern} is {path}");
        }
        for path in not_found {
            assert!(!pattern_of.matches(path), "{pattern} is not {path}");
        }
    }

    #[test]
    fn a_path_is_meant_as_a_whole() {
        check("app.log", &["app.log", "App.LOG"], &["web/app.log", "app.log.1", "app"]);
        check("web/app.log", &["web/app.log"], &["old/web/app.log"]);
    }

    #[test]
    fn a_star_stands_for_anything() {
        check("*/app.log", &["web/app.log", "a/b/app.log"], &["app.log", "web/myapp.log"]);
        check("web/*", &["web/app.log", "web/a/b.log"], &["web", "old/web/app.log"]);
        check("*app*.log", &["app.log", "web/app-2.log"], &["app.txt"]);
        check("a*b*a", &["aba", "axbya"], &["aa", "ab", "ba", "axa"]);
        check("*", &["", "a"], &[]);
    }
}
