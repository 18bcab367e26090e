//! The format files that ship with Dendro, as the build left them: without samples and comments, quick to load.

use serde::Deserialize;

use super::load::Spec;
use super::vocabulary;

/// What the build made of `formats/`.
pub const DATA: &str = include_str!(concat!(env!("OUT_DIR"), "/formats.json"));

/// Name and text of the files.
#[cfg(test)]
pub const TEXTS: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/formats.rs"));

#[derive(Deserialize)]
pub struct Shipped {
    pub vocabulary: vocabulary::File,
    pub formats: Vec<Spec>,
}

impl Shipped {
    pub fn load() -> Self {
        serde_json::from_str(DATA).expect("the shipped formats are tested")
    }

    /// These formats instead of the shipped ones, with the words that all share.
    pub fn but_only(self, formats: Vec<Spec>) -> Self {
        Self { formats, ..self }
    }

    /// The shipped formats and these, which replace those of their names.
    pub fn and(mut self, own: Vec<Spec>) -> Self {
        self.formats.retain(|shipped| own.iter().all(|own| own.name != shipped.name));
        self.formats.extend(own);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_build_made_is_what_the_files_say() {
        let mut files: Vec<_> = TEXTS.iter().map(|(_, text)| Spec::read(text).unwrap().without_samples()).collect();
        let mut shipped = Shipped::load().formats;
        files.sort_by(|a, b| a.name.cmp(&b.name));
        shipped.sort_by(|a, b| a.name.cmp(&b.name));
        assert_eq!(format!("{shipped:#?}"), format!("{files:#?}"));
    }
}
