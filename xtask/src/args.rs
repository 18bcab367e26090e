//! Reads the words after a verb; each is asked for once, and what nobody asked for is an error.

use std::path::PathBuf;
use std::str::FromStr;

use anyhow::{Context, bail};

pub struct Args {
    words: Vec<String>,
}

impl Args {
    pub fn new(words: Vec<String>) -> Self {
        Self { words }
    }

    /// Whether `name` ("--dev") is there.
    pub fn flag(&mut self, name: &str) -> bool {
        let n_before = self.words.len();
        self.words.retain(|word| word != name);
        self.words.len() < n_before
    }

    /// The word after `name` ("--port 8080"), or none.
    pub fn value<T: FromStr>(&mut self, name: &str) -> anyhow::Result<Option<T>> {
        let Some(at) = self.words.iter().position(|word| word == name) else { return Ok(None) };
        if at + 1 == self.words.len() {
            bail!("{name} wants a value");
        }
        let word = self.words.remove(at + 1);
        self.words.remove(at);
        let value = word.parse().ok().with_context(|| format!("{name} cannot be \"{word}\""))?;
        Ok(Some(value))
    }

    /// All words after `name` up to the next option: "--files a.log b.log".
    pub fn values(&mut self, name: &str) -> Vec<PathBuf> {
        let Some(at) = self.words.iter().position(|word| word == name) else { return Vec::new() };
        let end = (at + 1..self.words.len()).find(|&i| self.words[i].starts_with("--")).unwrap_or(self.words.len());
        self.words.drain(at..end).skip(1).map(PathBuf::from).collect()
    }

    /// The words that are not options, once all options have been asked for.
    pub fn rest(self) -> anyhow::Result<Vec<String>> {
        match self.words.iter().find(|word| word.starts_with("--")) {
            Some(option) => bail!("there is no option {option}"),
            None => Ok(self.words),
        }
    }

    /// Says that nothing more was expected.
    pub fn finish(self) -> anyhow::Result<()> {
        match self.rest()?.first() {
            Some(word) => bail!("\"{word}\" was not expected here"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args(line: &str) -> Args {
        Args::new(line.split_whitespace().map(str::to_owned).collect())
    }

    #[test]
    fn options_are_read_in_any_order() {
        let mut args = args("--files a.log b.log --port 80 --dev");
        assert!(args.flag("--dev"));
        assert_eq!(args.value::<u16>("--port").unwrap(), Some(80));
        assert_eq!(args.values("--files"), [PathBuf::from("a.log"), PathBuf::from("b.log")]);
        args.finish().unwrap();
    }

    #[test]
    fn what_nobody_asked_for_is_named() {
        assert_eq!(args("--prot 80").finish().unwrap_err().to_string(), "there is no option --prot");
        assert_eq!(args("now").finish().unwrap_err().to_string(), "\"now\" was not expected here");
        assert_eq!(args("--port x").value::<u16>("--port").unwrap_err().to_string(), "--port cannot be \"x\"");
        assert_eq!(args("--port").value::<u16>("--port").unwrap_err().to_string(), "--port wants a value");
    }
}
