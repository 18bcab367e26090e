//! A file inside an archive, and what comes of it in which order.

use super::packed::Damage;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Inside the archive, without `..` and the like; of an [`super::Unfold`], with the archive's path before it.
    pub path: String,
    /// As the archive stores it; 0 where that is not known before its end.
    pub bytes: u64,
    pub modified_millis: i64,
}

/// Of each member in turn: its beginning, its bytes in any number of pieces, its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part<'a> {
    Begin(Member),
    Bytes(&'a [u8]),
    /// And what is wrong with it, if anything is.
    End(Option<Damage>),
}

pub type TakePart<'t> = dyn FnMut(Part<'_>) + 't;

/// A path as archives have it, without what leads out of the archive.
pub fn clean_path(bytes: &[u8]) -> String {
    let path = String::from_utf8_lossy(bytes).replace('\\', "/");
    let steps = path.split('/').filter(|step| !matches!(*step, "" | "." | "..") && !step.ends_with(':'));
    let path = steps.collect::<Vec<_>>().join("/");
    if path.is_empty() { "unnamed".to_owned() } else { path }
}
