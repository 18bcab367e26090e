//! Whether one filter finds nothing that another does not, told by their forms alone.

use super::Expr;

impl Expr {
    /// Whatever this finds, the other finds, too. `false` where their forms do not tell: a query that is typed on is told.
    pub fn narrows(&self, other: &Self) -> bool {
        if *other == Self::All || self == other {
            return true;
        }
        match (self, other) {
            (_, Self::And(others)) => others.iter().all(|other| self.narrows(other)),
            (Self::Or(parts), _) => parts.iter().all(|part| part.narrows(other)),
            (Self::And(parts), _) if parts.iter().any(|part| part.narrows(other)) => true,
            (_, Self::Or(others)) => others.iter().any(|other| self.narrows(other)),
            (Self::Word(longer) | Self::Prefix(longer), Self::Prefix(shorter)) => {
                shorter.ends_with(char::is_alphanumeric) && longer.starts_with(shorter)
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::parse;

    #[track_caller]
    fn narrows(query: &str, other: &str) -> bool {
        parse(query).0.narrows(&parse(other).0)
    }

    #[test]
    fn what_is_typed_on_finds_less() {
        assert!(narrows("timeo*", "time*") && narrows("timeout", "time*") && narrows("level:error", ""));
        assert!(narrows("level:error time*", "level:error") && !narrows("a c*", "a b*"));
        assert!(narrows("level:error timeo*", "level:error time*") && narrows("a", "a OR b"));
        assert!(narrows("a OR b", "c OR b OR a") && narrows("(a OR b) c", "a OR b"));
    }

    #[test]
    fn what_the_forms_do_not_tell_is_not_said() {
        assert!(!narrows("time*", "timeo*") && !narrows("times", "time") && !narrows("a OR b", "a"));
        assert!(!narrows("", "a") && !narrows("-a", "-b") && !narrows("-(a b)", "-a"));
    }
}
