//! Fields that hold the version of what wrote the entry.

use super::announced::{image, is_version};

/// By their names, or by the last parts of these: `service.version`, `labels.app_version`.
const VERSIONS: [&str; 8] = [
    "service.version",
    "service_version",
    "serviceversion",
    "app.version",
    "app_version",
    "appversion",
    "release.version",
    "build.version",
];

/// The same by this name alone: behind others it is the version of something else (`http.version`).
const VERSION: [&str; 3] = ["version", "release", "app_release"];

const IMAGES: [&str; 5] = ["image", "container_image", "container.image", "image_name", "container.image.name"];

/// The version that the field of an entry says of its service.
pub fn version_in_field<'v>(name: &str, value: &'v str) -> Option<&'v str> {
    let name = name.to_ascii_lowercase();
    let ends_with =
        |known: &&str| name.strip_suffix(*known).is_some_and(|before| before.is_empty() || before.ends_with('.'));
    if IMAGES.iter().any(&ends_with) {
        return image(value).map(|(_, tag)| tag);
    }
    let is_version_of_service = VERSIONS.iter().any(ends_with);
    if !is_version_of_service && !VERSION.contains(&name.as_str()) {
        return None;
    }
    let bare = value.strip_prefix(['v', 'V']).unwrap_or(value);
    // What is called the service's version is one, be it the hash of a commit.
    let is_hash =
        is_version_of_service && (7..=40).contains(&value.len()) && value.bytes().all(|b| b.is_ascii_hexdigit());
    (is_version(bare, 2) || is_hash).then_some(bare)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_of_the_service_is_known_by_its_fields_name() {
        assert_eq!(version_in_field("service.version", "v2.3.1"), Some("2.3.1"));
        assert_eq!(version_in_field("resource.service.version", "9fceb02d0ae5"), Some("9fceb02d0ae5"));
        assert_eq!(version_in_field("version", "2.3"), Some("2.3"));
        assert_eq!(version_in_field("kubernetes.container_image", "repo/cart:7.1"), Some("7.1"));
        for (name, value) in [("http.version", "1.1"), ("version", "1"), ("version", "HTTP/1.1"), ("image", "cat.png")]
        {
            assert_eq!(version_in_field(name, value), None, "{name}");
        }
    }
}
