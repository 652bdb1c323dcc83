//! The command that shows a finding again, in words that a shell reads as they are meant.

/// A command line up to the name of the scenario, which comes last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replay {
    text: String,
    again: Again,
}

/// What is done again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Again {
    /// A scenario is carried out.
    Run,
    /// A scenario is carried out that has a file of its own.
    File,
    /// A transcript is judged; it is what a scenario is named after.
    Judge,
}

impl Replay {
    const RUN: &str = "bitscheck run";

    /// A command line without any options so far.
    #[must_use]
    pub fn new(again: Again) -> Self {
        let command = match again {
            Again::Run | Again::File => Self::RUN,
            Again::Judge => "bitscheck judge",
        };
        Self { text: command.to_owned(), again }
    }

    /// Adds a word, in quotes if it needs them.
    #[must_use]
    pub fn word(mut self, word: &str) -> Self {
        self.text.push(' ');
        if word.is_empty() || !word.chars().all(is_plain) {
            self.text.push_str(&quoted(word));
        } else {
            self.text.push_str(word);
        }
        self
    }

    /// Adds an option and its value.
    #[must_use]
    pub fn option(self, name: &str, value: &str) -> Self {
        self.word(name).word(value)
    }

    /// Adds an option and its value, if it has one.
    #[must_use]
    pub fn option_if(self, name: &str, value: Option<impl ToString>) -> Self {
        match value {
            Some(value) => self.option(name, &value.to_string()),
            None => self,
        }
    }

    /// The whole command for a scenario of this name.
    #[must_use]
    pub fn with(&self, scenario: &str) -> String {
        match self.again {
            // In quotes although few names need them: whoever writes a pattern instead will.
            Again::Run => format!("{} --select {}", self.text, quoted(scenario)),
            Again::File => {
                let options = self.text.strip_prefix(Self::RUN).unwrap_or_default();
                format!("{}{options}", Self::new(Again::File).word(scenario).text)
            }
            Again::Judge => self.clone().word(scenario).text,
        }
    }
}

/// Whether a character means nothing to any shell, wherever it stands.
fn is_plain(character: char) -> bool {
    character.is_ascii_alphanumeric() || "-_./:=,@%+".contains(character)
}

/// A word in single quotes; a quote in it has to stand outside of them.
fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_stands_before_the_target() {
        let replay = Replay::new(Again::File).word("http://h/").option("--x", "1");
        assert_eq!(replay.with("a b.yaml"), "bitscheck run 'a b.yaml' http://h/ --x 1");
    }

    #[test]
    fn only_what_a_shell_would_read_otherwise_is_quoted() {
        let replay = Replay::new(Again::Run).word("http://h:80/a-b/").option("--x", "a b");
        let replay = replay.option("--y", "$HOME").option("--z", "it's").word("");
        assert_eq!(
            replay.with("a/b"),
            r"bitscheck run http://h:80/a-b/ --x 'a b' --y '$HOME' --z 'it'\''s' '' --select 'a/b'"
        );
    }

    #[test]
    fn what_is_not_given_is_not_told() {
        let replay = Replay::new(Again::Judge).option_if("--a", None::<u8>);
        assert_eq!(replay.option_if("--b", Some(2)).with("s.txt"), "bitscheck judge --b 2 s.txt");
    }
}
