//! A second process: this program again, told by a line what to do.

use std::{
    env,
    io::{BufRead as _, BufReader, Lines, Write as _},
    process::{ChildStdin, ChildStdout, Command, Stdio},
};

use serde::Serialize;

/// The word that makes the program somebody's child.
pub const CHILD: &str = "--child";

/// A running child.
#[derive(Debug)]
pub struct Child {
    process: std::process::Child,
    questions: Option<ChildStdin>,
    answers: Lines<BufReader<ChildStdout>>,
}

impl Child {
    /// Starts one and waits until it is ready.
    pub fn start(arguments: &[&str]) -> Self {
        let program = env::current_exe().unwrap_or_else(|error| panic!("{error}"));
        let mut process = Command::new(program)
            .arg(CHILD)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("a child: {error}"));
        let (questions, answers) = (process.stdin.take(), process.stdout.take());
        let answers = answers.unwrap_or_else(|| panic!("a child's answers"));
        let mut child = Self {
            process,
            questions,
            answers: BufReader::new(answers).lines(),
        };
        assert_eq!(child.answer().as_deref(), Some("ready"));
        child
    }

    /// Tells it what to do.
    pub fn ask(&mut self, what: &impl Serialize) {
        let line = serde_json::to_string(what).unwrap_or_else(|error| panic!("{error}"));
        let told = self.questions.as_mut().map(|to| writeln!(to, "{line}"));
        assert!(matches!(told, Some(Ok(()))), "the child is told");
    }

    /// Waits for its next line; `None` when it is gone.
    pub fn answer(&mut self) -> Option<String> {
        self.answers.next().and_then(Result::ok)
    }

    /// Ends it as a power cut would, and returns what it had said before.
    pub fn kill(mut self) -> Vec<String> {
        self.process
            .kill()
            .unwrap_or_else(|error| panic!("{error}"));
        let said = self.answers.by_ref().map_while(Result::ok).collect();
        self.process
            .wait()
            .unwrap_or_else(|error| panic!("{error}"));
        said
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        // It ends with its input; where it was killed there is nothing to wait for.
        self.questions = None;
        let _ = self.process.wait();
    }
}

/// Says a line to the parent.
pub fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    let said = writeln!(out, "{line}").and_then(|()| out.flush());
    said.unwrap_or_else(|error| panic!("{error}"));
}
