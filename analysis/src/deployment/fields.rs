//! Fields that hold the version of what wrote the entry, or from which it shows that another one runs.

use model::deployment::{COMMITS, IMAGES, INSTANCES, VERSIONS};

use super::announced::{image, is_version};
use crate::topology::names::pod;

/// What a field says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told<'v> {
    /// The version of the entry's service.
    Version(&'v str),
    /// The deployment that the entry's pod is of, and the hash of the template it was made from.
    Pod(&'v str, &'v str),
}

pub fn told_by_field<'v>(name: &str, value: &'v str) -> Option<Told<'v>> {
    if INSTANCES.rank(name).is_some()
        && let Some((deployment, template)) = pod(value)
    {
        return Some(Told::Pod(deployment, template));
    }
    version_in_field(name, value).map(Told::Version)
}

fn version_in_field<'v>(name: &str, value: &'v str) -> Option<&'v str> {
    if IMAGES.rank(name).is_some() {
        return image(value).map(|(_, tag)| tag);
    }
    if COMMITS.rank(name).is_some() {
        return is_hash(value).then_some(value);
    }
    let rank = VERSIONS.rank(name)?;
    let bare = value.strip_prefix(['v', 'V']).unwrap_or(value);
    // What is called the service's version is one, be it the hash of a commit.
    (is_version(bare, 2) || VERSIONS.is_exact(rank) && is_hash(value)).then_some(bare)
}

/// The hash of a commit, whole or its beginning.
pub(super) fn is_hash(value: &str) -> bool {
    (7..=40).contains(&value.len()) && value.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_of_the_service_is_known_by_its_fields_name() {
        for (name, value, version) in [
            ("service.version", "v2.3.1", "2.3.1"),
            ("resource.service.version", "9fceb02d0ae5", "9fceb02d0ae5"),
            ("version", "2.3", "2.3"),
            ("kubernetes.container_image", "repo/cart:7.1", "7.1"),
            ("container.image.name", "repo/cart@sha256:9fceb02d0ae598e95dc970b74767f19372d61af8", "9fceb02d0ae5"),
            ("container.image.tag", "7.1", "7.1"),
            ("git.commit.sha", "9fceb02", "9fceb02"),
            ("kubernetes.labels.app_kubernetes_io/version", "2.3.1", "2.3.1"),
        ] {
            assert_eq!(told_by_field(name, value), Some(Told::Version(version)), "{name}");
        }
        for (name, value) in [
            ("http.version", "1.1"),
            ("version", "1"),
            ("version", "HTTP/1.1"),
            ("version", "9fceb02d0ae5"),
            ("image", "cat.png"),
            ("commit", "ok"),
        ] {
            assert_eq!(told_by_field(name, value), None, "{name}");
        }
    }

    #[test]
    fn a_pod_says_which_template_it_was_made_from() {
        let told = told_by_field("kubernetes.pod_name", "cart-5c67c48447-fj8b7");
        assert_eq!(told, Some(Told::Pod("cart", "5c67c48447")));
        assert_eq!(told_by_field("host", "web-3"), None);
        assert_eq!(told_by_field("order", "cart-5c67c48447-fj8b7"), None);
    }
}
