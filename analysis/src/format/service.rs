//! What a name of a service names, and what it is without the marks of a replica.

use std::ops::Range;

use model::key;

use super::vocabulary::Role;

/// What names the service; of several names of an entry the last of these is the best.
///
/// The pod before its container, as OpenTelemetry has it: containers are called `server` and `istio-proxy`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ServiceIs {
    /// A container of docker compose: `web_1`, `shop-web-1`, `/shop-web-1`.
    Container,
    /// A pod of Kubernetes: `web-6d4cf56db6-x2x8p`, `db-0`.
    Pod,
    #[default]
    Name,
}

impl ServiceIs {
    /// What fields of this role name, if it is a service.
    pub fn of_role(role: Role) -> Option<Self> {
        match role {
            Role::Service => Some(Self::Name),
            Role::Pod => Some(Self::Pod),
            Role::Container => Some(Self::Container),
            _ => None,
        }
    }

    /// Whether a field of such a name says it: a number is that of a job or a place.
    pub fn is_told_by(value: &[u8]) -> bool {
        !value.iter().all(u8::is_ascii_digit)
    }

    /// Where a pattern found the name, as words of a sentence.
    pub fn rule(self) -> &'static str {
        match self {
            Self::Name => key!("the name in front of the message"),
            Self::Container => key!("the container's name, without its number"),
            Self::Pod => key!("the pod's name, without its replica"),
        }
    }

    /// The same of a field.
    pub fn rule_of_field(self, name: &str) -> String {
        match self {
            Self::Name => format!("the field {name}"),
            Self::Container => format!("the container in the field {name}, without its number"),
            Self::Pod => format!("the pod in the field {name}, without its replica"),
        }
    }

    /// Where in the name the service stands: without what tells one replica from another.
    pub fn within(self, name: &[u8]) -> Range<usize> {
        let without = |end: usize, is_mark: &dyn Fn(&[u8]) -> bool| {
            let at = name[..end].iter().rposition(|byte| matches!(byte, b'-' | b'_'))?;
            (at > 0 && is_mark(&name[at + 1..end])).then_some(at)
        };
        let is_number = |mark: &[u8]| !mark.is_empty() && mark.len() <= 4 && mark.iter().all(u8::is_ascii_digit);
        // Kubernetes leaves vowels out of the names it makes, so that they are no words.
        let is_made_up = |mark: &[u8]| mark.iter().all(|byte| b"bcdfghjklmnpqrstvwxz2456789".contains(byte));
        let is_pod = |mark: &[u8]| mark.len() == 5 && is_made_up(mark);
        let is_hash = |mark: &[u8]| {
            (6..=10).contains(&mark.len())
                && mark.iter().all(u8::is_ascii_alphanumeric)
                && mark.iter().any(u8::is_ascii_digit)
        };
        let all = name.len();
        match self {
            Self::Name => 0..all,
            Self::Container => usize::from(name.starts_with(b"/"))..without(all, &is_number).unwrap_or(all),
            Self::Pod => match without(all, &is_pod) {
                Some(end) => 0..without(end, &is_hash).unwrap_or(end),
                None => 0..without(all, &is_number).unwrap_or(all),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replicas_have_the_name_of_their_service() {
        for (is, name, expected) in [
            (ServiceIs::Container, "web_1", "web"),
            (ServiceIs::Container, "/shop-web-1", "shop-web"),
            (ServiceIs::Container, "postgres", "postgres"),
            (ServiceIs::Container, "_1", "_1"),
            (ServiceIs::Pod, "web-6d4cf56db6-x2x8p", "web"),
            (ServiceIs::Pod, "node-exporter-x2x8p", "node-exporter"),
            (ServiceIs::Pod, "db-0", "db"),
            (ServiceIs::Pod, "cart", "cart"),
            (ServiceIs::Name, "web-1", "web-1"),
        ] {
            assert_eq!(&name[is.within(name.as_bytes())], expected, "{name}");
        }
    }
}
