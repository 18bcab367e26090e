//! Deployments: when a service came to run another version; and what fields are called that tell of a service itself.

use serde::{Deserialize, Serialize};

use crate::entry::RowKey;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deployment {
    /// The entry that says so.
    pub key: RowKey,
    pub service: String,
    /// Empty where the logs do not say what ran before.
    pub from: String,
    pub to: String,
}

/// Names of fields that say the same, the most exact first, in lower case.
pub struct FieldNames {
    /// By themselves, or as the last parts of a name: `resource.service.version`.
    joined: &'static [&'static str],
    /// By themselves alone: behind others they are of something else (`http.version`, `http.host`).
    bare: &'static [&'static str],
}

/// The version of a service,
pub const VERSIONS: FieldNames = FieldNames {
    joined: &[
        "service.version",
        "service_version",
        "serviceversion",
        "app.version",
        "app_version",
        "appversion",
        "app.kubernetes.io/version",
        "app_kubernetes_io/version",
        "app_kubernetes_io_version",
        "dd.version",
        "release.version",
        "build.version",
        "build_version",
        "image.tag",
        "image_tag",
        "image.tags",
    ],
    bare: &["version", "release", "app_release"],
};

/// the commit it was built from,
pub const COMMITS: FieldNames = FieldNames {
    joined: &[
        "git.commit.sha",
        "git.commit.id",
        "git_commit_sha",
        "git.commit",
        "git_commit",
        "git.sha",
        "git_sha",
        "commit.sha",
        "commit_sha",
        "vcs.revision",
        "vcs_revision",
        "vcs.ref.head.revision",
        "build.commit",
        "build_commit",
    ],
    bare: &["commit", "revision"],
};

/// the image it runs,
pub const IMAGES: FieldNames =
    FieldNames { joined: &["image", "container_image", "container.image", "image_name", "image.name"], bare: &[] };

/// and which of its instances wrote an entry.
pub const INSTANCES: FieldNames = FieldNames {
    joined: &[
        "service.instance.id",
        "service_instance_id",
        "k8s.pod.name",
        "k8s_pod_name",
        "kubernetes.pod.name",
        "pod_name",
        "host.name",
        "container.name",
    ],
    bare: &["pod", "instance", "hostname", "host_name", "host"],
};

impl FieldNames {
    /// Which of the names it is; `None`: the field tells of something else.
    pub fn rank(&self, field: &str) -> Option<usize> {
        let field = field.to_ascii_lowercase();
        let ends_with =
            |known: &&str| field.strip_suffix(*known).is_some_and(|before| before.is_empty() || before.ends_with('.'));
        let as_bare = || Some(self.joined.len() + self.bare.iter().position(|known| *known == field)?);
        self.joined.iter().position(ends_with).or_else(as_bare)
    }

    /// Whether a field of this rank can be about nothing else.
    pub fn is_exact(&self, rank: usize) -> bool {
        rank < self.joined.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_of_a_protocol_is_none_of_the_service() {
        for other in ["http.version", "tls.version", "ecs.version", "os.release", "my_app_versions"] {
            assert_eq!(VERSIONS.rank(other), None, "{other}");
        }
        for other in ["http.host", "url.host", "aws.instance", "trapod_name"] {
            assert_eq!(INSTANCES.rank(other), None, "{other}");
        }
        for (better, other) in [("resource.service.version", "Version"), ("labels.app_version", "release")] {
            assert!(VERSIONS.rank(better).is_some() && VERSIONS.rank(better) < VERSIONS.rank(other), "{better}");
        }
        assert!(INSTANCES.rank("resource.k8s.pod.name").is_some() && INSTANCES.rank("host").is_some());
    }
}
